"""Studies on small simulated worlds: the panel is the run's, every study reports, and what cannot be run says why."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("statsmodels")

from expansion_sim import ExpansionModel, load_scenario
from expansion_sim.cli import main
from expansion_sim.codes import DIRECT, HOSTS
from expansion_sim.errors import InputError
from expansion_sim.validation.virtual import credit, cutoff, guarantee, spells, study, support
from expansion_sim.validation.virtual.estimate import COLUMNS, NOT_COMPUTED
from expansion_sim.validation.virtual.panel import FIRST, KEPT, LAST, Panel, PanelModel, collect
from expansion_sim.validation.virtual.study import econometrics, worlds

SCALE = "scale=0.001"


@pytest.fixture(scope="module")
def panels() -> tuple[Panel, dict[str, Panel]]:
    plain, others = worlds("history", (SCALE,))
    return collect(plain), {name: collect(other) for name, other in others.items()}


def test_panel_holds_the_firms_of_the_run(panels: tuple[Panel, dict[str, Panel]]) -> None:
    panel, _ = panels
    assert sorted(panel.firms) == list(range(FIRST, LAST + 1))
    model = ExpansionModel(load_scenario("history", (SCALE, f"years.last={FIRST}", "output.surveys=false"))).run()
    firms = model.living()
    for name in KEPT:
        assert np.array_equal(panel.firms[FIRST][name], firms[name])
    plants = sum((firms[column] >> g) & 1 for column in ("plant_hosts", "cluster_hosts") for g in range(len(HOSTS)))
    assert panel.plants[FIRST].sum() == pytest.approx((plants * firms["weight"]).sum())


def test_frame_stacks_years(panels: tuple[Panel, dict[str, Panel]]) -> None:
    frame = panels[0].frame((1990, 1991), ("firm", "debt"))
    assert list(frame.columns) == ["firm", "debt", "year"]
    assert len(frame) == panels[0].firms[1990].size + panels[0].firms[1991].size


def test_every_study_reports_with_its_fact(panels: tuple[Panel, dict[str, Panel]]) -> None:
    panel, others = panels
    found = [estimate for run in study.STUDIES for estimate in run(panel)]
    found += [estimate for name, runs in study.PAIRED.items() for run in runs for estimate in run(panel, others[name])]
    for pooled in study.POOLED:
        rows = pooled.gather(panel, others[pooled.other]) if pooled.other else pooled.gather(panel)
        found += pooled.estimate(study.stacked([rows]))
    facts = {"T175", "T179", "T180", "T201", "T203", "T204", "T205", "T207", "T208", "T210"}
    assert facts <= {estimate.fact for estimate in found}
    for estimate in found:
        assert estimate.published
        assert (estimate.verdict == NOT_COMPUTED) == math.isnan(estimate.estimate)
        assert estimate.note or estimate.verdict != NOT_COMPUTED
    assert any(estimate.verdict != NOT_COMPUTED for estimate in found)


def test_exporters_leave_less_the_longer_they_export(panels: tuple[Panel, dict[str, Panel]]) -> None:
    """The rule's early mismatch must be found; without exporters nothing is estimated."""
    (estimate,) = spells.export_hazard(panels[0])
    assert estimate.estimate < 0.0
    at_home = panels[0]._replace(firms={year: firms[firms["ever"] == 0] for year, firms in panels[0].firms.items()})
    assert spells.export_hazard(at_home)[0].verdict == NOT_COMPUTED


@pytest.mark.parametrize(("name", "first", "after"), [("no fairs", support.FAIR_START, 2012), ("no guarantee", guarantee.COHORTS[0], 2004)])
def test_twin_differs_only_from_its_programme_on(panels: tuple[Panel, dict[str, Panel]], name: str, first: int, after: int) -> None:
    panel, twin = panels[0], panels[1][name]
    for column in set(KEPT) - {"awarded"}:  # its bits are rows of the programmes, which are fewer in the twin
        assert np.array_equal(panel.firms[first - 1][column], twin.firms[first - 1][column]), column
    assert not np.array_equal(panel.firms[after], twin.firms[after])


def test_other_credit_differs_only_from_the_first_crisis_on(panels: tuple[Panel, dict[str, Panel]]) -> None:
    panel, other = panels[0], panels[1]["credit"]
    first = credit.CRISES[0][0]
    assert np.array_equal(panel.firms[first - 1], other.firms[first - 1])
    assert not np.array_equal(panel.firms[first], other.firms[first])


def test_worlds_compared_with_themselves_show_no_effect(panels: tuple[Panel, dict[str, Panel]]) -> None:
    panel = panels[0]
    for estimate in support.fairs(study.stacked([support.fair_rows(panel, panel)]))[:1]:
        assert estimate.estimate == pytest.approx(0.0, abs=1e-9)
    assert all(estimate.estimate == 0.0 for estimate in credit.credit_and_exports(panel, panel))
    nobody = guarantee.guarantee(study.stacked([guarantee.guarantee_rows(panel, panel)]))
    assert {estimate.verdict for estimate in nobody} == {NOT_COMPUTED}


def test_replications_are_stacked_with_firms_told_apart() -> None:
    parts = [pd.DataFrame({"firm": [7, 7, 9], "x": [1, 2, 3]}), pd.DataFrame({"firm": [7, 8], "x": [4, 5]})]
    rows = study.stacked(parts)
    assert rows["replication"].tolist() == [0, 0, 0, 1, 1]
    assert rows["firm"].nunique() == 4
    assert rows["firm"][0] == rows["firm"][1] != rows["firm"][3]


def test_pooled_studies_read_every_replication_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []
    monkeypatch.setattr(study, "collect", lambda scenario, seed: seeds.append(seed) or Panel({}, {}, None, pd.DataFrame(), {}, {}, {}))
    monkeypatch.setattr(study, "STUDIES", ())
    monkeypatch.setattr(study, "PAIRED", {})
    gathered = study.Pooled(lambda panel: pd.DataFrame({"firm": [1]}), lambda rows: cutoff.cutoff(rows.head(0), f"{len(rows)} rows"))
    monkeypatch.setattr(study, "POOLED", (gathered,))
    table = econometrics("history", (SCALE, "seed=3", "replications=9"))
    assert set(table["note"]) == {"6 rows"}
    assert len(set(seeds)) == len(seeds) == study.MOST_POOLED
    assert seeds[0] == 3


def test_score_cutoff_reads_recorded_applications(panels: tuple[Panel, dict[str, Panel]]) -> None:
    """Applications with a jump built into what follows: firms above the cut-off are those that later took up the mode."""
    panel = panels[0]._replace(applications=None)
    assert {estimate.note for estimate in cutoff.cutoff(cutoff.cutoff_rows(panel))} == {cutoff.NOT_SCORED}
    later = panel.firms[2012]
    entered = later["since"][:, DIRECT] >= 2010
    assert entered.sum() >= 10
    rng = np.random.default_rng(1)
    score = np.where(entered, rng.uniform(0.01, 0.9, later.size), rng.uniform(-0.9, -0.01, later.size))
    rows = pd.DataFrame({"year": 2010, "firm": later["firm"], "programme": 0, "score": score, "mode": DIRECT, "weight": 1.0})
    entry, jobs, _ = cutoff.cutoff(cutoff.cutoff_rows(panel._replace(applications=rows)))
    assert entry.estimate == pytest.approx(1.0)
    assert math.isfinite(jobs.estimate)


def test_panel_model_notes_scores_when_the_population_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The columns ``score`` and ``scored_by`` are read as soon as they exist; other columns stand in for them here."""
    from expansion_sim.validation.virtual import panel as module

    monkeypatch.setattr(module, "SCORE", "award")
    monkeypatch.setattr(module, "SCORED_BY", "programme")
    model = PanelModel("history", scale=0.002, **{"years.last": 2016, "output.surveys": False, "population.stratified": True})
    model.run()
    rows = pd.concat(model.scored, ignore_index=True)
    assert len(rows) > 0
    assert rows["year"].between(1955, 2016).all()
    assert (rows.groupby(["year", "firm"]).size() == 1).all()


def test_scenario_must_reach_the_last_year() -> None:
    with pytest.raises(InputError, match=f"to {LAST}"):
        econometrics("history", (SCALE, "years.last=2000"))


def test_command_writes_the_table(tmp_path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "STUDIES", (spells.export_hazard,))
    monkeypatch.setattr(study, "PAIRED", {})
    monkeypatch.setattr(study, "POOLED", ())
    assert main(["econometrics", "--scale", "0.001", "--out", str(tmp_path / "table.csv")]) == 0
    assert "hazard of export spells" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "table.csv")
    assert list(table.columns) == list(COLUMNS)
    assert main(["econometrics", "--until", "2000"]) == 2


def test_missing_statsmodels_is_told_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="analysis"):
        econometrics("history", (SCALE,))
