"""The patient rule induction method: a box by hand, a planted box, choices, and the EMA workbench's answer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from prim_reference import ALPHA, COUNT, SEED, STEP, STORED, planted, workbench
from scipy import stats
from synthetic_sweep import design_of, sweep_of

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis import prim
from expansion_sim.experiment.analysis.discovery import discover


def test_ten_cases_by_hand() -> None:
    """One case of ten goes at a time, from the side that holds no hit, until only hits are left."""
    cases = pd.DataFrame({"x": np.arange(1.0, 11.0)})
    interest = np.array([False] * 6 + [True] * 4)
    trajectory = prim.peel(cases, interest, alpha=0.1)
    assert [step.cases for step in trajectory] == [10, 9, 8, 7, 6, 5, 4]
    assert [step.box.low.get("x") for step in trajectory] == [None, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    assert not any(step.box.high for step in trajectory)
    last = trajectory[-1]
    assert (last.hits, last.density, last.coverage, last.mass) == (4, 1.0, 1.0, 0.4)
    p_value = prim.quasi_p_values(last, cases, interest)
    assert p_value == {("x", "low"): pytest.approx(0.4**4)}


def test_a_planted_box_is_found() -> None:
    cases, interest = planted()
    found = prim.choose(prim.peel(cases, interest), 0.95)
    assert set(found.box.low) == {"y"}
    assert set(found.box.high) == {"x"}
    assert found.box.high["x"] == pytest.approx(0.3, abs=0.02)
    assert found.box.low["y"] == pytest.approx(0.6, abs=0.02)
    assert found.density > 0.95
    assert found.coverage > 0.9


def test_density_is_traded_for_coverage() -> None:
    cases, interest = planted()
    trajectory = prim.peel(cases, interest)
    density, coverage = np.array([(step.density, step.coverage) for step in trajectory]).T
    assert (np.diff(density) > 0).all()
    assert (np.diff(coverage) <= 0).all()
    assert prim.choose(trajectory, 0.5).coverage >= prim.choose(trajectory, 0.9).coverage
    assert prim.choose(trajectory, 1.1) == trajectory[-1]  # nothing so dense: the densest


def test_pasting_takes_back_a_peel_too_many() -> None:
    """A box cut too short on one face and too long on another: the short face moves out while that costs no density."""
    cases, interest = planted()
    before = prim.score(prim.Box({"x": 0.2, "y": 0.6}, {"x": 0.4}, {}), cases, interest)
    after = prim.paste(before, cases, interest)
    assert after.box == prim.Box({"y": 0.6}, {"x": 0.4}, {})
    assert after.density > before.density
    assert after.coverage == 1.0 > before.coverage


def test_pasting_keeps_the_density() -> None:
    cases, interest = planted()
    perfect = prim.score(prim.Box({"y": 0.7}, {"x": 0.3}, {}), cases, interest)
    wider = prim.paste(perfect, cases, interest)
    assert wider.density == perfect.density == 1.0
    assert wider.hits > perfect.hits


def test_choices_and_levels_are_restricted_whole() -> None:
    rng = np.random.default_rng(5)
    cases = pd.DataFrame({"world": rng.choice(["a", "b", "c"], 600), "rate": rng.choice([0.0, 25.0, 50.0], 600)})
    interest = ((cases["world"] != "b") & (cases["rate"] > 10.0)).to_numpy()
    found = prim.peel(cases, interest)[-1]
    assert found.box.without == {"world": frozenset({"b"})}
    assert found.box.low == {"rate": 12.5}
    assert found.density == found.coverage == 1.0


def test_quasi_p_values_tell_chance_from_structure() -> None:
    cases, interest = planted(400)
    found = prim.score(prim.Box({"y": 0.6, "z": 0.05}, {"x": 0.3}, {}), cases, interest)
    chances = prim.quasi_p_values(found, cases, interest)
    assert chances["x", "high"] < 1e-6
    assert chances["z", "low"] == pytest.approx(1.0)
    freed = prim.score(prim.Box({"z": 0.05}, {"x": 0.3}, {}), cases, interest)
    assert chances["y", "low"] == pytest.approx(stats.binom.sf(found.hits - 1, found.cases, freed.hits / freed.cases))


@pytest.mark.parametrize(("interest", "told"), [(np.zeros(9, bool), "none of the 9"), (np.ones(9, bool), "all of the 9")])
def test_nothing_to_tell_apart(interest: np.ndarray, told: str) -> None:
    with pytest.raises(InputError, match=told):
        prim.peel(pd.DataFrame({"x": np.arange(9.0)}), interest)


def test_missing_values_are_refused() -> None:
    with pytest.raises(InputError, match="no missing values"):
        prim.peel(pd.DataFrame({"x": [1.0, np.nan]}), np.array([True, False]))


def check_against_workbench(theirs: dict[str, Any], count: int, seed: int) -> None:
    """Same faces, same cases left, peel by peel; the same limits and quasi-p-values at one of them."""
    cases, interest = planted(count, seed)
    ours = prim.peel(cases, interest, alpha=ALPHA)
    assert len(ours) == len(theirs["density"]) > 20
    for name in ("density", "coverage", "mass"):
        np.testing.assert_allclose([getattr(step, name) for step in ours], theirs[name])
    assert [len(step.box.restricted()) for step in ours] == theirs["restricted"]
    step = ours[STEP]
    assert sorted(step.box.restricted()) == sorted(theirs["limits"])
    chances = prim.quasi_p_values(step, cases, interest)
    for at, side in enumerate(("low", "high")):
        for name, limits in theirs["limits"].items():
            assert getattr(step.box, side).get(name, limits[at]) == pytest.approx(limits[at], abs=1e-9)
            assert chances.get((name, side), -1.0) == pytest.approx(theirs["quasi_p"][name][at], rel=1e-6)


def test_peeling_agrees_with_the_stored_answer_of_the_ema_workbench() -> None:
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    assert (stored["alpha"], stored["step"]) == (ALPHA, STEP)
    check_against_workbench(stored, stored["cases"], stored["seed"])


@pytest.mark.parametrize(("count", "seed"), [(COUNT, SEED), (1000, 9), (1500, 4)])
def test_peeling_agrees_with_the_ema_workbench(count: int, seed: int) -> None:
    pytest.importorskip("ema_workbench", reason="not a dependency: it needs a package under the GPL")
    check_against_workbench(workbench(count, seed), count, seed)


def test_discovery_names_the_ranges_of_a_sweep() -> None:
    factors = pd.DataFrame(np.random.default_rng(2).random((500, 3)), columns=["rate", "cap", "quorum"]).assign(dummy=0.5)
    design = design_of(factors, 2)
    results = sweep_of(design, {"abroad": lambda d, _: 100.0 * (d["rate"] > 0.7).to_numpy()}, (1990,), noise=1.0)
    found = discover(results, "abroad", 50.0)
    assert found.box["factor"].tolist() == ["rate"]
    assert found.box.loc[0, "low"] == pytest.approx(0.7, abs=0.03)
    assert np.isnan(found.box.loc[0, "high"])
    assert found.density > 0.8
    assert found.cases == 500
    assert found.base_rate == pytest.approx(0.3, abs=0.05)
    assert discover(results, "abroad", 50.0, below=True).box["factor"].tolist() == ["rate"]
    with pytest.raises(InputError, match="move the threshold"):
        discover(results, "abroad", 1e6)


def test_restrictions_that_may_be_chance_are_dropped() -> None:
    """Of three limits one cuts off what is no rarer outside; it goes, those of the planted box stay."""
    cases, interest = planted(400)
    found = prim.score(prim.Box({"y": 0.6, "z": 0.05}, {"x": 0.3}, {}), cases, interest)
    pruned = prim.prune(found, cases, interest)
    assert pruned.box == prim.Box({"y": 0.6}, {"x": 0.3}, {})
    assert pruned.hits >= found.hits
    assert pruned.cases > found.cases
    assert prim.prune(found, cases, interest, chance=1.0) == found
    assert prim.prune(prim.score(prim.Box({"z": 0.3}, {}, {}), cases, interest), cases, interest).box == prim.EVERYTHING
