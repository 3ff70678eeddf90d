"""Which tables a sweep gets, and the commands ``analyse`` and ``plot`` on a real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from synthetic_sweep import design_of, morris_design, saltelli_design, sweep_of

from expansion_sim.cli import main
from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.choosing import default_outcomes
from expansion_sim.experiment.analysis.gaps import LeftOut
from expansion_sim.experiment.analysis.swings import swings
from expansion_sim.experiment.analysis.tables import Question, analyse, question_of, write_tables
from expansion_sim.experiment.analysis.telling import told
from expansion_sim.experiment.results import open_results
from expansion_sim.experiment.sweep import sweep

SPENDING = "programme:*:spending_million_yen"
BOUNDS = {"a": (0.0, 10.0), "dummy": (0.0, 1.0)}
EXPERIMENT = """schema_version = 1
scenario = "history"
model = "tiny_models:TinyModel"
outcomes = ["yearly:abroad", "yearly:parents_abroad_share"]
settings.years.last = 1957
replications = 4
[[factor]]
key = "parameters.attention.base"
values = [0.01, 0.02]
[[factor]]
key = "parameters.attention.decide"
values = [0.2, 0.3]
[design]
kind = "grid"
[pairing]
base = {"parameters.attention.base" = 0.001}
"""


def linear(design: pd.DataFrame, _: np.ndarray) -> np.ndarray:
    return 2.0 * design["a"].to_numpy()


def test_each_design_gets_its_tables() -> None:
    grid = design_of(pd.DataFrame({"a": [0.0, 1.0, 2.0]}), 3, base=0)
    assert list(analyse(sweep_of(grid, {"y": linear}, (2000,), kind="grid"))) == ["means", "bands", "differences", "ecdf", "swings"]
    sampled = sweep_of(design_of(pd.DataFrame({"a": np.arange(40.0)})), {"y": linear}, kind="latin_hypercube")
    assert list(analyse(sampled, Question(thresholds=(60.0,)))) == ["means", "exceedance", "ecdf", "swings", "box", "peels"]
    saltelli = sweep_of(saltelli_design(BOUNDS, 16, second=True), {"y": linear}, kind="saltelli")
    assert list(analyse(saltelli)) == ["means", "sobol", "pairs", "quality"]
    assert list(analyse(sweep_of(morris_design(BOUNDS, 6), {"y": linear}, kind="morris"))) == ["means", "morris", "quality"]


def test_lists_get_no_swings_and_labels_stand_for_their_settings() -> None:
    """The other settings of a list's points differ too: the mean at one end of a factor would be theirs as well."""
    settings = {"label": ["as it was", "no band", "no taste"], "band": [True, False, True], "taste": [True, True, False], "a": [0.0, 1.0, 2.0]}
    results = sweep_of(design_of(pd.DataFrame(settings), 3, base=0), {"y": linear}, (2000,))
    tables = analyse(results)
    assert list(tables) == ["means", "bands", "differences", "ecdf"]
    assert {"band", "taste"} <= set(tables["differences"])
    text = told(tables, results)
    assert "no taste" in text and "distinct" in text
    assert "band " not in text.replace("no band", "")


def test_swings_by_hand() -> None:
    """y = 2a + noise of the seed, b idle: swing of a is 2 (10 - 0), intervals over shared replications have no width."""
    points = pd.DataFrame([(a, b) for a in (0.0, 5.0, 10.0) for b in ("x", "y")], columns=["a", "b"])
    table = swings(sweep_of(design_of(points, 3), {"y": linear}, noise=9.0, kind="grid"), "y").set_index("factor")
    assert table.index.tolist() == ["a", "b"]
    np.testing.assert_allclose(table.loc["a", ["low", "high", "swing"]].astype(float), [-10.0, 10.0, 20.0])
    np.testing.assert_allclose(table.loc["a", ["low_lower", "high_upper"]].astype(float), [-10.0, 10.0])
    assert (table.loc["a", "low_at"], table.loc["a", "high_at"]) == ("0", "10")
    assert table.loc["b", "swing"] == 0.0  # no dust of rounding


def test_sums_over_years() -> None:
    results = sweep_of(design_of(pd.DataFrame({"a": [1.0, 2.0]}), 2), {"y": linear}, (2000, 2001, 2002), kind="grid")
    with pytest.raises(InputError, match="'y' is no flow"):
        analyse(results, Question(year="total"))
    results.units = {"y": "firms a year"}
    assert analyse(results, Question(year="total"))["means"]["mean"].tolist() == [6.0, 12.0]
    with pytest.raises(InputError, match="no year 1999"):
        analyse(results, Question(year=1999))


def test_tables_are_written_whole_and_told(tmp_path: Path) -> None:
    results = sweep_of(design_of(pd.DataFrame({"a": np.arange(40.0)}), 2), {"y": linear}, (2000,), kind="grid")
    tables = analyse(results)
    paths = write_tables(tables, tmp_path / "analysis")
    assert sorted(path.name for path in (tmp_path / "analysis").iterdir()) == sorted(path.name for path in paths)
    assert len(pd.read_csv(tmp_path / "analysis" / "means.csv")) == 40
    text = told(tables, results)
    assert "From one end of each factor to the other" in text
    assert "... 10 more rows in means.csv" in text


def test_the_terminal_names_units_and_years_and_cuts_no_outcome_in_two() -> None:
    grid = design_of(pd.DataFrame({"cap_million_yen": np.arange(21.0)}), 2, base=0)
    double: dict[str, Any] = {name: lambda d, _: d["cap_million_yen"].to_numpy() for name in ("y", "z")}
    results = sweep_of(grid, double, (2000, 2001), kind="grid")
    text = told(analyse(results), results)
    assert "each less that of its base" in text and "y: firms, 2001" in text
    assert "cap_million_yen (million yen)" in text and "Intervals cover 95%" in text
    assert "... 20 more rows in differences.csv" in text
    results.units = {"z": "firms a year"}
    assert "z: firms, sum of 2000-2001" in told(analyse(results), results, Question(("z",), "total"))


def test_thresholds_of_paired_designs_are_differences() -> None:
    results = sweep_of(design_of(pd.DataFrame({"a": [5.0, 5.0, 7.0]}), 3, base=0), {"y": linear}, noise=3.0, kind="grid")
    table = analyse(results, Question(thresholds=(2.0,)))["exceedance"]
    assert table["point"].tolist() == [1, 2]
    assert table["probability"].tolist() == [0.0, 1.0]


def test_cases_of_scenario_discovery_are_unlike_each_other() -> None:
    """The points inside a block of Saltelli repeat each other: only their two ends are cases."""
    results = sweep_of(saltelli_design(BOUNDS, 16), {"y": linear}, kind="saltelli")
    box = analyse(results, Question(thresholds=(10.0,)))["box"]
    assert box["factor"].tolist() == ["a"] and box["cases"].tolist() == [32]
    assert 0 <= box["least"][0] < box["low"][0] < box["most"][0] <= 10


STATISTICS = ("q01", "q05", "q10", "q50", "q90", "q99", "mean", "firms")


def many_outcomes(years: tuple[int, ...] = (), kind: str = "grid") -> Any:
    """Two final distributions, a share, spending and firms abroad of three points and a base."""
    names = ["yearly:abroad", SPENDING, *(f"final:{what}:{part}" for what in ("employees", "cash{mode=fdi}") for part in STATISTICS), "share:fdi"]
    answers: dict[str, Any] = {name: (lambda d, _, place=place: place + d["a"].to_numpy()) for place, name in enumerate(names)}
    return sweep_of(design_of(pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]}), 2, base=0), answers, years, kind=kind)


def test_every_named_outcome_is_there_before_any_has_a_second_and_distributions_have_their_mean() -> None:
    assert default_outcomes(many_outcomes()) == ("yearly:abroad", "final:employees:mean", "final:cash{mode=fdi}:mean", "share:fdi")
    assert question_of(many_outcomes(), ["final:employees", "share:fdi"], None, None).outcomes == ("final:employees:mean", "share:fdi")
    assert question_of(many_outcomes(), ["final:employees:q99"], None, None).outcomes == ("final:employees:q99",)


def test_what_is_not_shown_is_said_with_the_way_to_ask_for_it() -> None:
    answers: dict[str, Any] = {f"fact:T{number:03d}": linear for number in range(12)}
    answers["fact:T001"] = lambda d, _: np.full(len(d), np.nan)  # does not occur in these runs
    results = sweep_of(design_of(pd.DataFrame({"a": [1.0, 2.0]}), 2), answers, kind="grid")
    with pytest.warns(LeftOut, match="not shown: fact:T001, fact:T009, fact:T010, fact:T011; ask with --outcome NAME"):
        tables = analyse(results)
    assert tables["means"]["outcome"].unique().tolist() == [f"fact:T{number:03d}" for number in (0, 2, 3, 4, 5, 6, 7, 8)]


def test_a_final_distribution_is_tabled_with_intervals_and_differences() -> None:
    table = analyse(many_outcomes())["distribution"].set_index(["outcome", "point", "quantile"])
    assert table.index.get_level_values("quantile").unique().tolist() == [1, 5, 10, 50, 90, 99]
    assert table.loc[("final:employees", 2, 50), ["mean", "low", "high", "difference"]].tolist() == [7.0, 7.0, 7.0, 2.0]
    assert np.isnan(table.loc[("final:cash{mode=fdi}", 0, 99), "difference"])  # the base


def test_the_year_and_the_outcomes_asked_for_reach_the_front() -> None:
    answers: dict[str, Any] = {
        "yearly:abroad": lambda d, year: d["a"].to_numpy() * (year - 2000), "yearly:jobs": lambda d, _: 7.0 * d["a"].to_numpy(),
        SPENDING: lambda d, _: d["a"].to_numpy(),
    }
    results = sweep_of(design_of(pd.DataFrame({"a": [0.0, 1.0]}), 2, base=0), answers, (2000, 2001, 2002), kind="grid")
    last, earlier, jobs = (analyse(results, asked)["front"] for asked in (
        Question(), Question(year=2001), Question(("yearly:abroad", "yearly:jobs"), 2001)))
    assert (last["gain"].tolist(), earlier["gain"].tolist(), last["cost"].tolist()) == ([2.0], [1.0], [3.0])
    assert jobs["outcome"].tolist() == ["yearly:abroad", "yearly:jobs"] and jobs["gain"].tolist() == [1.0, 7.0]
    assert "gain: yearly:jobs: firms, 2001" in told({"front": jobs}, results, Question(("yearly:jobs",), 2001))


def test_a_front_that_cannot_be_summed_is_left_out_and_the_spending_shown_by_the_year() -> None:
    results = many_outcomes((2000, 2002))
    with pytest.warns(LeftOut, match="no front: no sum of .* over 2000-2002: 2001 was not kept"):
        tables = analyse(results)
    assert "front" not in tables and SPENDING in set(tables["differences"]["outcome"])


def test_a_threshold_is_that_of_the_outcomes_named_or_of_the_first() -> None:
    results = many_outcomes()
    tables = analyse(results, Question(thresholds=(1.5,)))
    assert set(tables["exceedance"]["outcome"]) == {"yearly:abroad"}
    assert "Thresholds are for yearly:abroad" in told(tables, results, Question(thresholds=(1.5,)))
    named = Question(("share:fdi", "final:employees:q50"), thresholds=(1.5,))
    assert set(analyse(results, named)["exceedance"]["outcome"]) == {"share:fdi", "final:employees:q50"}


def test_a_sample_has_one_chance_and_one_distribution() -> None:
    results = sweep_of(design_of(pd.DataFrame({"a": np.arange(40.0)})), {"y": linear}, kind="latin_hypercube")
    tables = analyse(results, Question(thresholds=(60.0,)))
    assert tables["exceedance"][["above", "points", "probability"]].to_numpy().tolist() == [[9, 40, 0.225]]
    assert set(tables["ecdf"]["point"]) == {"all"} and tables["ecdf"]["share"].iloc[19] == 0.5
    assert "Probability of more" in told(tables, results)


def test_swings_from_single_points_are_left_out_and_told() -> None:
    few = sweep_of(design_of(pd.DataFrame({"a": np.arange(4.0), "b": [True, False, True, False]})), {"y": linear}, kind="sobol")
    more = sweep_of(design_of(pd.DataFrame({"a": np.arange(8.0)})), {"y": linear}, kind="sobol")
    with pytest.warns(LeftOut, match="no swings of a: the sample is too small"):
        assert analyse(few)["swings"]["factor"].tolist() == ["b"]
    with pytest.warns(LeftOut, match="no swings: a sample of 8 points is too small"):
        assert "swings" not in analyse(more)
    grid = sweep_of(design_of(pd.DataFrame({"a": [0.0, 1.0, 0.0, 1.0], "b": [0.0, 0.0, 1.0, 1.0]})), {"y": linear}, kind="grid")
    assert analyse(grid)["swings"]["low_lower"].isna().all()  # one replication has no interval; other factors are none


def test_wrong_questions() -> None:
    results = sweep_of(design_of(pd.DataFrame({"a": [1.0]})), {"yearly:abroad": linear})
    wrong = (((["yearly:abraod"], None, None), "did you mean 'yearly:abroad'"), ((None, "soon", None), "--year soon"))
    for asked, message in wrong:
        with pytest.raises(InputError, match=message):
            question_of(results, *asked)
    with pytest.raises(InputError, match="--level 2"):
        question_of(results, None, None, None, level=2.0)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real sweep of a tiny model."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "tiny.toml").write_text(EXPERIMENT)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as executor:
        return sweep(folder / "tiny.toml", executor=executor, out=folder / "out").path


def test_analyse_of_a_real_sweep(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", str(swept)]) == 0
    assert "Paired differences from the base" in capsys.readouterr().out
    table = pd.read_csv(swept / "analysis" / "differences.csv")
    values = open_results(swept).values("yearly:parents_abroad_share", 1957)
    rows = table[table["outcome"] == "yearly:parents_abroad_share"].set_index("point")["mean"]
    np.testing.assert_allclose(rows, (values.loc[:3] - values.loc[4]).mean(axis=1))
    np.testing.assert_allclose(rows, [0.009, 0.009, 0.019, 0.019])


def test_analyse_speaks_to_machines(swept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", str(swept), "--json", "--outcome", "yearly:abroad", "--threshold", "0.01"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["status"] == "done"
    assert {row["threshold"] for row in said["exceedance"]} == {0.01}
    assert main(["analyse", str(swept), "--outcome", "abroad"]) == 2
    assert main(["analyse", str(swept.parent)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_plot_finds_out_what_a_directory_is(swept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", str(swept), "--outcome", "yearly:abroad", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "heat_map_abroad.png").exists()
    assert main(["plot", str(swept), "--kind", "heat-mop"]) == 2
    assert "did you mean 'heat-map'" in capsys.readouterr().err
    assert main(["plot", str(tmp_path), "--outcome", "yearly:abroad"]) == 2
