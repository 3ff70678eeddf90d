"""The directory of a comparison, its figures, and what the command line prints."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from planned import PlannedModel, planned

from expansion_sim import Comparison, compare, load_scenario, open_comparison
from expansion_sim.arguments import GROUPS
from expansion_sim.cli import main
from expansion_sim.comparison.abroad import LABELS
from expansion_sim.comparison.programmes import programmes_differ, same_programmes
from expansion_sim.comparison.text import summary
from expansion_sim.errors import InputError
from expansion_sim.figures import plot_run, policy
from expansion_sim.policy.record import historical_programmes

TINY = ["--scale", "0.001", "--until", "1962"]


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(planned("without"), planned("with"), 2, model_class=PlannedModel)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_saved_and_opened_again(found: Comparison, tmp_path: Path) -> None:
    saved = found.save(tmp_path / "c", csv=True)
    again = open_comparison(tmp_path / "c")
    for name in ("effects", "headline", "firms", "programmes"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name), check_dtype=False, check_categorical=False)
        assert (tmp_path / "c" / f"{name}.csv").is_file()
    assert again.record == json.loads((tmp_path / "c" / "comparison.json").read_text()) == saved.record
    assert set(again.record["files"]) == {
        f"{name}.{kind}" for name in ("effects", "headline", "firms", "programmes") for kind in ("parquet", "csv")
    }
    assert [entry.name for entry in tmp_path.iterdir()] == ["c"]


def test_a_changed_table_and_another_kind_of_directory_are_refused(found: Comparison, tmp_path: Path) -> None:
    found.save(tmp_path / "c")
    (tmp_path / "c" / "firms.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"firms\.parquet: the file is not the one that was written"):
        open_comparison(tmp_path / "c")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text('{"format": "expansion_sim run"}')
    with pytest.raises(InputError, match=r"is not a finished comparison: it has no comparison\.json"):
        open_comparison(tmp_path / "run")
    with pytest.raises(InputError, match="exists and is not a comparison directory"):
        found.save(tmp_path / "run")


def test_the_report_says_which_world_is_the_reference_and_names_a_firm(found: Comparison) -> None:
    text = summary(found, [1957, 1958])
    assert text.startswith("BASE, the reference: without\nOTHER:               with\nDifferences are OTHER minus BASE.")
    lines = {line.split("[")[0].strip(): line.split("]")[-1].split() for line in text.splitlines() if "[" in line}
    assert lines["additional firms"][0::4] == ["90.0", "40.0"]
    # 20 goes in both worlds, 40 and 50 in that year in OTHER only: 90 of 110, all of them for the first time
    assert next(line for line in text.splitlines() if line.startswith("grant")).split()[1:] == ["110", "81.8", "%", "110", "81.8", "%", "210"]
    assert (
        "For example firm 40 (machinery, 5-20 employees, Sumida) is abroad since 1957 in OTHER only: own plant (FDI) in China."
        in text
    )
    with pytest.raises(InputError, match=r"--year 1990 was not compared \(years 1955 to 1958\)"):
        summary(found, [1990])


def test_the_report_says_when_the_support_stands_in_the_reference(found: Comparison) -> None:
    back = compare(planned("with"), planned("without"), model_class=PlannedModel)
    assert "The support is in BASE" in summary(back) and "The support is in BASE" not in summary(found)


def test_figures_of_a_comparison(found: Comparison, tmp_path: Path) -> None:
    paths = plot_run(found, out=tmp_path)
    assert sorted(path.name for path in paths) == ["policy.png", "policy.svg", "policy_groups.png", "policy_groups.svg"]
    with pytest.raises(InputError, match=r"unknown figure 'jobs' \(known: policy, policy-groups\)"):
        plot_run(found, ["jobs"], tmp_path)
    same = compare(planned("with"), planned("with"), model_class=PlannedModel)
    assert plot_run(same, ["policy"], tmp_path / "same")


def test_the_command_compares_saves_and_draws(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "no_support", "history", *TINY, "--replications", "2", "--year", "1960,1962", "--csv"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith(
        "BASE, the reference: No support (no_support)\nOTHER:               History, 1955-2024 (history)\n"
    )
    assert "1960" in told.out.splitlines()[5] and "1962" in told.out.splitlines()[5]
    out = folder / "runs" / "no_support-history"
    assert {"comparison.json", "effects.parquet", "effects.csv", "figures"} <= {entry.name for entry in out.iterdir()}
    assert open_comparison(out).replications == 2
    assert main(["plot", str(out), "--kind", "policy", "--out", "again", "--json"]) == 0
    assert sorted(path.name for path in (folder / "again").iterdir()) == ["policy.png", "policy.svg"]


def test_draws_of_parameters_are_the_replications_that_progress_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "draws.csv").write_text("band.risk\n0.2\n0.25\n", encoding="utf-8")
    assert main(["compare", "no_support", "history", *TINY, "--parameters", "draws.csv", "--no-figures"]) == 0
    assert "replication 2/2" in capsys.readouterr().err


def test_the_report_says_whose_support_and_whose_money_it_counts(found: Comparison) -> None:
    same = compare(planned("with"), planned("with"), model_class=PlannedModel)
    assert "count every programme of OTHER" in summary(same)
    assert "count every programme of OTHER" not in summary(found)  # BASE has none


def test_the_report_tells_firms_by_any_group(found: Comparison) -> None:
    text = summary(found, [1957], by=("host", "district"))
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line}
    assert "Firms abroad by host in 1957 (a firm may use several)" in text and "Firms abroad by district in 1957" in text
    assert "Firms abroad by mode" not in text
    # in China 20 has a plant in both worlds, 40 in OTHER only: in BASE, in OTHER, additional, displaced, supported, deadweight
    assert rows["China"][1:] == ["20.0", "60.0", "40.0", "0", "60.0", "20.0"]
    assert GROUPS == tuple(sorted(LABELS, key=GROUPS.index))


def test_the_report_names_the_users_of_programmes_that_differ(found: Comparison) -> None:
    """A programme that both worlds have on the same terms is not what the policy does."""
    same = replace(found, record={**found.record, "same_programmes": ["grant"]})
    assert "Users of programmes in OTHER" in summary(found) and "Users of programmes" not in summary(same)
    here, there = (load_scenario("history", change).support for change in ({}, {"support.programme.P28.rate_discount_points": 3.0}))
    changed = {p.name for p in historical_programmes() if p.id == "P28"}
    assert set(same_programmes(here, there)) == {p.name for p in historical_programmes()} - changed
    assert same_programmes(here, load_scenario("no_support").support) == []


def test_a_ratio_that_the_pairs_do_not_bound_is_not_quoted() -> None:
    same = compare(planned("with"), planned("with"), 2, model_class=PlannedModel)
    cost = same.headline["statistic"] == "exports per yen"
    same.headline.loc[cost, "value"] = 3.0
    assert "not bounded" in summary(same) and "3.00" not in summary(same)


def test_worlds_with_the_same_programmes_are_not_told_a_cost(tmp_path: Path) -> None:
    """What a weak yen brings has no price in public money: no cost in the table, sales in the figure."""
    small = {"scale": 0.001, "years.first": 1955, "years.last": 1990, "output.surveys": False}
    weak = compare("history", "weak_yen", 2, overrides=small)
    assert not programmes_differ(weak)
    assert "Both worlds have the same programmes" in summary(weak)
    assert "cost per" not in summary(weak) and "exports, difference" in summary(weak)
    titles = [axes.get_title(loc="left") for axes in policy.policy(weak).axes]
    assert any("sales of plants abroad" in title for title in titles) and not any("Money" in title for title in titles), titles


def test_the_command_speaks_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "history", "history", *TINY, "--json", "--quiet", "--no-figures", "--out", "here"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["out"], told["base"], told["other"], told["first"], told["last"]) == (
        "done",
        "here",
        "history",
        "history",
        1955,
        1962,
    )
    additional = next(row for row in told["headline"] if row["statistic"] == "additional firms")
    assert (additional["year"], additional["value"], additional["low"]) == (1962, 0.0, None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["compare", "history"], "expansion-sim: the following arguments are required: OTHER (see expansion-sim compare --help)"),
        (
            ["compare", "histroy", "history"],
            "expansion-sim: histroy: no scenario of this name ships with the package; did you mean 'history'",
        ),
        (
            ["compare", "history", "phase_1_export_led"],
            "expansion-sim: the worlds cannot be paired: the last year is 2024 in BASE and 1969",
        ),
        (
            ["compare", "history", "no_support", "--year", "199x"],
            "expansion-sim: argument --year: '199x' must be years with commas",
        ),
        (["compare", "history", "no_support", "--workers", "0"], "expansion-sim: workers must be 1 or more, got 0"),
        (["compare", "history", "no_support", "--parameters", "gone.csv"], "gone.csv: there is no such file"),
        (["compare", "empty", "history"], "expansion-sim: "),
        (["compare", "history", "no_support", "--out", "occupied"], "expansion-sim: "),
        (
            ["compare", "history", "no_support", "--year", "2030"],
            "expansion-sim: --year 2030 was not compared (years 1955 to 2024)",
        ),
    ],
)
def test_wrong_input_gives_2_and_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    (folder / "empty").mkdir()
    (folder / "occupied").mkdir()
    (folder / "occupied" / "letters.txt").write_text("keep me")
    assert main([*arguments, "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(told)
    assert error.count("\n") == 1
    assert list(folder.glob("runs/*")) == []
    assert (folder / "occupied" / "letters.txt").read_text() == "keep me"
