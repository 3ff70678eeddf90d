"""The validation report tells every fact, refuses a miss that nothing explains, and says which mechanisms do nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from expansion_sim import load_scenario
from expansion_sim.cli import main
from expansion_sim.codes import DIRECT, MODES
from expansion_sim.documentation import ablations as ablations_module
from expansion_sim.documentation import validation_report
from expansion_sim.documentation.ablations import OUTCOMES, SAME, UNMOVED, ablations, compared
from expansion_sim.documentation.explanations import OTHER, check_misses, explains, group_of, load_explanations, read_explanations
from expansion_sim.documentation.own_evidence import OUTCOMES_OF, own_evidence, unfunded_share
from expansion_sim.documentation.validation_report import Evidence, report_text, write_report
from expansion_sim.errors import InputError
from expansion_sim.figures.ablations import ablation_figure
from expansion_sim.results.frames import TidyRows
from expansion_sim.scenario.spec import Mechanisms
from expansion_sim.validation import load_targets
from expansion_sim.validation.validate import HIT, MISS, NOT_COMPUTED
from expansion_sim.validation.virtual.estimate import COLUMNS as STUDY_COLUMNS

EXPLAINED = read_explanations({
    "groups": {"Manufacturers": ["manufactur"]}, "built_in": {"T218": "fitted to it"},
    "misses": {"T016": {"why": "Too few.", "side": "below"}, "T018": {"why": "Any side."}},
})


def fact(id_: str, verdict: str, reason: str = "", **cells: Any) -> dict[str, Any]:
    """A row of the score table."""
    usual = {
        "id": id_, "statistic": f"Fact {id_}", "lens": "manufacturing SMEs", "period": "2000", "published": "10",
        "unit": "percent", "tolerance": "+-1 pp", "simulated": 9.5, "low": np.nan, "high": np.nan, "verdict": verdict,
        "reason": reason, "readings": "9.5", "deviation": -0.5, "confidence": "high",
    }
    return {**usual, **cells}


def facts(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows)


TABLE = facts(
    fact("T016", MISS, "below; of manufacturers", readings="4.2", deviation=-5.8), fact("T018", HIT, low=9.1, high=9.9),
    fact("T218", HIT), fact("T001", NOT_COMPUTED, "the model does not hold it", lens="all firms", deviation=np.nan),
)


def evidence(**changed: Any) -> Evidence:
    """Small hand-made evidence."""
    moves, idles = dict.fromkeys(OUTCOMES, 1.25), dict.fromkeys(OUTCOMES, 1.0)
    told = "exits 3.1 (without: 4.2)"
    switches = pd.DataFrame([
        {"switch": "band", "mechanism": "waiting", "hits": 1, "lost": ["T018"], "gained": [], **moves, "evidence": told, "remark": ""},
        {"switch": "taste", "mechanism": "taste", "hits": 2, "lost": [], "gained": [], **idles, "evidence": "", "remark": SAME},
    ])
    docked = pd.DataFrame([{"textbook": "Melitz", "quantity": "cut-off", "simulated": 0.3, "closed_form": 0.5, "tolerance": 0.01,
                            "agrees": False}])
    studies = pd.DataFrame([("supplier jobs", "T201", "log employees", 0.1, 0.02, 500, "positive", "0.1", "about 0.2", "agrees", "")],
                           columns=list(STUDY_COLUMNS))
    run = {"scenario": "history", "seed": 7, "scale": 0.01, "replications": 2, "version": "1.0"}
    return Evidence(run, TABLE, EXPLAINED, ["T018"], switches, docked, studies)._replace(**changed)


def section(text: str, title: str) -> str:
    return text.split(f"## {title}", 1)[1].split("\n## ", 1)[0]


def test_every_fact_stands_in_its_section() -> None:
    text = report_text(evidence())
    assert "| T016 |" in section(text, "Misses") and "Too few." in section(text, "Misses")
    assert "| T018 |" in section(text, "All hits") and "9.1 to 9.9" in section(text, "All hits")
    assert "the model does not hold it" in section(text, "What cannot be computed")
    assert "fitted to it" in section(text, "Facts that are no test")
    assert "{{" not in text


def test_score_is_counted_with_and_without_built_in_facts_and_by_group() -> None:
    text = section(report_text(evidence()), "Score")
    assert "2 of 3 computable facts are within their tolerance (67 %); 1 of 4 cannot be computed" in text
    assert "1 of 2 (50 %)" in text
    assert "| Manufacturers | 3 | 2 | 1 | 0 | 67 |" in text
    assert f"| {OTHER} | 1 | 0 | 0 | 1 |  |" in text


def test_ablations_docking_and_studies_are_shown_with_what_fails() -> None:
    text = report_text(evidence())
    assert "| `band` | waiting | 1 | 1: T018 | 0 | 1.25 |" in section(text, "Ablations")
    assert "| exits 3.1 (without: 4.2) |" in section(text, "Ablations")
    assert f"- `taste` {SAME}." in section(text, "Ablations")
    assert "| **no** |" in section(text, "Docking")
    studies = section(text, "Virtual econometrics")
    assert "| supplier jobs | T201 | log employees | 0.1 | 0.02 | 500 | positive | 0.1 | about 0.2 | agrees |" in studies
    assert "--scale 0.01 --replications 2 --seed 7" in text


def test_report_and_figures_are_written(tmp_path: Path) -> None:
    out = tmp_path / "docs" / "validation.md"
    paths = write_report(out, evidence())
    assert paths[-1] == out
    for path in paths[:-1]:
        assert path.read_bytes().startswith(b"\x89PNG")
        assert f"(figures/{path.name})" in out.read_text(encoding="utf-8")


# --- misses need explanations ------------------------------------------------------------------------------------------


def test_explained_misses_pass_and_spare_explanations_are_told() -> None:
    assert check_misses(TABLE, EXPLAINED) == ["T018"]


@pytest.mark.parametrize("row", [
    fact("T020", MISS, "below"),  # nothing explains it
    fact("T016", MISS, "above"),  # explained, but for the other side
    fact("T016", MISS, "above; below is only in the note"),
])
def test_a_miss_without_an_explanation_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=f"1 misses without an explanation: {row['id']}") as told:
        check_misses(facts(row), EXPLAINED)
    assert told.value.file == "explanations.toml"


def test_report_is_not_built_with_an_unexplained_miss(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """The command ends with 2 before the long parts begin and writes nothing."""
    monkeypatch.setattr(validation_report, "simulate", lambda world: SimpleNamespace())
    monkeypatch.setattr(validation_report, "validate", lambda run: facts(fact("T032", MISS, "above")))
    monkeypatch.setattr(validation_report, "ablations", lambda *_: pytest.fail("the long parts began"))
    assert main(["doc", "validation", "--out", str(tmp_path / "validation.md"), "--quiet"]) == 2
    assert "T032" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_explanation_of_a_side_holds_for_that_side_only() -> None:
    assert explains(EXPLAINED.misses["T016"], "below; a note")
    assert not explains(EXPLAINED.misses["T016"], "above")
    assert explains(EXPLAINED.misses["T018"], "above")
    assert not explains(None, "below")


def test_shipped_explanations_name_facts_and_group_them() -> None:
    explained = load_explanations()
    assert all(len(entry.why) > 20 for entry in explained.misses.values())
    lenses = load_targets()["lens"]
    used = {group_of(lens, explained.groups) for lens in lenses}
    assert used == {*explained.groups, OTHER}
    with pytest.raises(InputError, match="T999 is no published fact"):
        read_explanations({"misses": {"T999": {"why": "?"}}})


# --- ablations ---------------------------------------------------------------------------------------------------------


def run_of(factor: float = 1.0) -> Any:
    """A run of two years with every outcome, its numbers times a factor."""
    rows = TidyRows()
    for measure, _, _ in OUTCOMES.values():
        rows.add(measure, np.array([1955, 1956]), factor * np.array([10.0, 20.0]), (), zeros=True)
    return SimpleNamespace(yearly=rows.frame(), replications=2, scenario=load_scenario("history"))


def test_mechanism_that_changes_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against itself a run changes nothing; with every number changed by a thousandth it moves nothing."""
    monkeypatch.setattr(ablations_module, "validate", lambda _: TABLE)
    assert compared(run_of(), TABLE, run_of())["remark"] == SAME
    assert compared(run_of(), TABLE, run_of(1.001))["remark"] == UNMOVED
    found = compared(run_of(), TABLE, run_of(1.1))
    assert found["remark"] == ""
    assert found["firms abroad"] == pytest.approx(1.1)


def test_lost_and_gained_facts_are_those_that_change_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    before = facts(fact("T016", MISS), fact("T018", HIT), fact("T020", HIT), fact("T026", NOT_COMPUTED))
    after = facts(fact("T016", HIT), fact("T018", MISS), fact("T020", NOT_COMPUTED), fact("T026", NOT_COMPUTED))
    monkeypatch.setattr(ablations_module, "validate", lambda _: after)
    found = compared(run_of(), before, run_of(1.001))
    assert (found["lost"], found["gained"], found["hits"]) == (["T018", "T020"], ["T016"], 1)
    assert found["remark"] == ""


def test_ablations_switch_one_mechanism_at_a_time_off_with_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def simulated(world: Any, replications: int) -> Any:
        seen.append((world.seed, world.scale, replications, [name for name, on in world.mechanisms if not on]))
        return run_of(1.5)

    monkeypatch.setattr(ablations_module, "simulate", simulated)
    monkeypatch.setattr(ablations_module, "validate", lambda _: TABLE)
    table = ablations("history", ["scale=0.002", "seed=7"], run_of(), TABLE, switches=("attention", "learning"))
    assert seen == [(7, 0.002, 2, ["attention"]), (7, 0.002, 2, ["learning"])]
    assert list(table["switch"]) == ["attention", "learning"]
    assert (table["plants opened"] == 1.5).all()


def test_every_mechanism_has_an_outcome_of_its_own() -> None:
    assert set(OUTCOMES_OF) == set(Mechanisms.model_fields)


def test_own_evidence_tells_an_outcome_with_and_without_the_mechanism() -> None:
    rows, fewer = TidyRows(), TidyRows()
    for table, factor in ((rows, 1.0), (fewer, 2.0)):
        entries = np.zeros((2, len(MODES)))
        entries[:, DIRECT] = factor * np.array([10.0, 20.0])
        table.add("entries", np.array([1955, 1956]), entries, ("mode",), zeros=True)
    base, without = (SimpleNamespace(yearly=table.frame(), scenario=None) for table in (rows, fewer))
    assert own_evidence("band", base, without) == "new direct exporters a year 15 (without: 30)"
    assert own_evidence("unheard of", base, without) == ""


def test_share_of_plans_without_money_is_read_in_tight_and_easy_years() -> None:
    """1990 is among the years of the tightest credit until 2000, 1977 among those of the easiest; one of four plans lacked money in 1990."""
    events = pd.DataFrame({
        "year": [1990] * 4 + [1977], "event": ["unfunded", "enter", "add_host", "enter", "enter"], "mode": "direct", "size_class": "1-4",
        "weight": 1.0,
    })
    scenario = load_scenario("history", ["years.last=2000"])
    run = SimpleNamespace(events=events, scenario=scenario, seed=1)
    assert unfunded_share(True)(run) == 25.0
    assert unfunded_share(False)(run) == 0.0
    assert np.isnan(unfunded_share(True, sizes=("100+",))(run))


def test_figure_of_ablations_shows_every_switch_with_its_counts() -> None:
    figure = ablation_figure(evidence().ablations, "Source: test")
    axes = figure.axes[0]
    assert {label.get_text() for label in axes.get_yticklabels()} == {"band", "taste"}
    assert axes.get_xlabel()
    assert sorted(text.get_text() for text in axes.texts) == ["0", "0", "0", "1"]
