"""The experiments around a calibration: adopting an estimate, predicting what was not used, moving priors, comparing scales."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import expansion_sim
from expansion_sim.calibration.misfit import build_misfit
from expansion_sim.calibration.prior import GroupedParameter, Prior
from expansion_sim.calibration.readings import column_names
from expansion_sim.calibration.spec import FactsSpec
from expansion_sim.parameters import all_parameters
from expansion_sim.posterior import load_posterior
from expansion_sim.scenario import load_scenario
from expansion_sim.validation import load_targets

EXPERIMENTS, PACKAGE = Path(__file__).parents[2] / "experiments", Path(expansion_sim.__file__).parent


def script(name: str) -> ModuleType:
    """A script of experiments/ as a module."""
    spec = importlib.util.spec_from_file_location(Path(name).stem, EXPERIMENTS / name)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def at_published() -> np.ndarray:
    """Readings in the middle of every tolerance that has one, NaN elsewhere."""
    row = np.full(len(column_names()), np.nan)
    for term in build_misfit(FactsSpec(), load_targets()).terms:
        if term.kind in ("band", "log"):
            row[term.column] = term.middle
    return row


def test_adopting_changes_the_named_values_and_nothing_else() -> None:
    adopt = script("adopt_estimate.py")
    text = (PACKAGE / "parameters.toml").read_text(encoding="utf-8")
    changed = adopt.with_value(text, "sunk.direct", 7.5)
    before, after = tomllib.loads(text), tomllib.loads(changed)
    assert after["sunk"]["direct"].pop("value") == 7.5
    assert before["sunk"]["direct"].pop("value") == all_parameters()["sunk.direct"].value
    assert after == before
    assert [a == b for a, b in zip(text.splitlines(), changed.splitlines(), strict=True)].count(False) == 1
    with pytest.raises(SystemExit, match="stands 0 times"):
        adopt.with_value(text, "sunk.nothing", 1.0)
    rows = (PACKAGE / "behaviour" / "industries.toml").read_text(encoding="utf-8")
    values = tomllib.loads(adopt.with_industry_value(rows, "industry.machinery.local", 0.5))["values"]
    expected = tomllib.loads(rows)["values"]
    expected["local"][1] = 0.5
    assert values == expected


def test_a_recentred_posterior_keeps_its_spread_and_has_its_median_at_the_shipped_values(tmp_path) -> None:
    adopt, known = script("adopt_estimate.py"), all_parameters()
    prior = Prior([
        GroupedParameter("sunk.direct", "g", known["sunk.direct"].value / 3.0, known["sunk.direct"].value * 3.0, True, 1.0),
        GroupedParameter("choice.gain", "g", known["choice.gain"].value - 0.2, known["choice.gain"].value + 0.3, False, 1.0),
    ])
    u = np.array([0.6, -0.5]) + np.random.default_rng(1).multivariate_normal([0.0, 0.0], [[0.1, 0.05], [0.05, 0.2]], 199)
    draws = pd.DataFrame(prior.values(u), columns=prior.names)
    table = pd.DataFrame(prior.parameters, columns=["parameter", "group", "prior_low", "prior_high", "log", "shipped"])
    table["scale"] = np.where(table["log"], "log", "linear")
    shipped = {name: known[name].value for name in prior.names}
    moved = adopt.recentred(draws, table, shipped)
    assert moved.median().to_dict() == pytest.approx(shipped)
    np.testing.assert_allclose(np.cov(prior.coordinates(moved.to_numpy()).T), np.cov(u.T))
    assert draws.median().to_dict() != pytest.approx(shipped, rel=0.05)

    adopt.write_posterior(moved.assign(**{"sunk.direct": moved["sunk.direct"] * 1e6}), tmp_path / "posterior.csv")
    written = load_posterior(tmp_path / "posterior.csv")  # refuses what is outside the declared ranges
    assert (written.rows[:, 0] == known["sunk.direct"].high).all()
    left = adopt.recentred(draws, table, shipped | {"sunk.direct": 100.0 * shipped["sunk.direct"]})  # set outside its prior: no draws of it
    assert list(left) == ["choice.gain"]


def test_the_shipped_posterior_lies_around_the_shipped_values() -> None:
    posterior = load_posterior("posterior")
    known = all_parameters()
    median = dict(zip(posterior.names, np.median(posterior.rows, axis=0), strict=True))
    assert median == pytest.approx({name: known[name].value for name in posterior.names}, rel=0.01, abs=1e-6)


def test_cross_check_scores_only_what_was_not_used_and_a_perfect_model_beats_every_baseline(tmp_path) -> None:
    cross = script("cross_check.py")
    misfit = build_misfit(FactsSpec(), load_targets())
    used = set(build_misfit(FactsSpec(up_to=1999, also=("JFC borrower*",)), load_targets()).facts)
    facts = pd.DataFrame({"id": list(dict.fromkeys(misfit.facts))})
    facts.assign(used=facts["id"].isin(used)).to_csv(tmp_path / "facts.csv", index=False)
    perfect = at_published() * np.exp(0.01 * np.random.default_rng(0).normal(size=(30, 1)))
    pd.DataFrame(perfect, columns=column_names()).to_parquet(tmp_path / "predictive.parquet")
    scores = cross.scores_of(tmp_path)
    assert len(scores) >= 10 and not set(scores["fact"]) & used
    for baseline in ("last value", "AR(1)", "static logit"):
        both = scores[["model", baseline]].dropna()
        assert len(both) and both["model"].mean() < both[baseline].mean()
    assert len(cross.summary_of(scores)) == 2 + 3


def test_priors_of_ours_are_moved_inside_their_ranges() -> None:
    check = script("prior_check.py")
    moves = check.moved_points(load_scenario("history"))
    known = all_parameters()
    assert {known[name].provenance for name, _, _ in moves} == {"A"}
    assert all(known[name].low <= value <= known[name].high for name, _, value in moves)
    assert ("sunk.direct", 2.0, 2.0 * known["sunk.direct"].value) in moves
    misfit = build_misfit(FactsSpec(), load_targets()).scaled_by(np.array([at_published()] * 2))
    base = np.array([at_published()] * 2)
    worse = base.copy()
    worse[:, column_names().index("T018")] *= 3.0
    table = check.table_of([("a", 0.5, 1.0), ("b", 2.0, 1.0)], base, np.array([base, worse]), misfit)
    assert table["parameter"].tolist() == ["b", "a"]
    assert table["score_change"].iloc[0] > 10.0 and table["score_change"].iloc[1] == 0.0
    assert table["hits_change"].tolist() == [-1, 0]


def test_moves_between_scales_are_in_half_widths() -> None:
    full_scale = script("benchmarks/full_scale.py")
    sample = np.array([at_published()] * 3)
    full = sample[:1].copy()
    place = column_names().index("T039")
    full[0, place] += 4.0  # the tolerance is two points
    table = full_scale.compared(sample, full).set_index("reading")
    assert table.loc["T039", "move_in_half_widths"] == pytest.approx(2.0)
    assert table.loc["T039", "sample_within"] and not table.loc["T039", "full_within"]
    assert table["move_in_half_widths"].drop("T039").abs().max() < 1e-9
