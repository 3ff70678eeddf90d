"""Sobol indices: known functions, guards, the dummy under shared and under separate draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synthetic_sweep import design_of, saltelli_design, sweep_of

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.blocks import Blocks, seed_share
from expansion_sim.experiment.analysis.sobol import SobolIndices, indices_of, sobol_indices

pytest.importorskip("SALib")

A, B = 7.0, 0.1
ISHIGAMI_BOUNDS = {"x1": (-np.pi, np.pi), "x2": (-np.pi, np.pi), "x3": (-np.pi, np.pi)}


def ishigami(design: pd.DataFrame, _: np.ndarray) -> np.ndarray:
    return (np.sin(design["x1"]) + A * np.sin(design["x2"]) ** 2 + B * design["x3"] ** 4 * np.sin(design["x1"])).to_numpy()


def known_ishigami() -> tuple[list[float], list[float], float]:
    """First-order and total indices and the second-order index of x1 and x3 (Ishigami and Homma 1990)."""
    v1 = 0.5 * (1 + B * np.pi**4 / 5) ** 2
    v2, v13 = A**2 / 8, B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    total = v1 + v2 + v13
    return [v1 / total, v2 / total, 0.0], [(v1 + v13) / total, v2 / total, v13 / total], v13 / total


@pytest.fixture(scope="module")
def found() -> SobolIndices:
    return sobol_indices(sweep_of(saltelli_design(ISHIGAMI_BOUNDS, 1024, second=True), {"y": ishigami}), "y", resamples=200)


def test_indices_of_the_ishigami_function(found: SobolIndices) -> None:
    first, total, _ = known_ishigami()
    np.testing.assert_allclose(found.indices["first"], first, atol=0.03)
    np.testing.assert_allclose(found.indices["total"], total, atol=0.03)
    assert found.indices["factor"].tolist() == ["x1", "x2", "x3"]
    assert found.blocks == 1024
    assert found.dropped == 0


def test_second_order_of_the_ishigami_function(found: SobolIndices) -> None:
    pairs = found.pairs.set_index(["factor", "other"])
    assert pairs.loc[("x1", "x3"), "second"] == pytest.approx(known_ishigami()[2], abs=0.05)
    assert abs(pairs.loc[("x1", "x2"), "second"]) < 0.05
    assert (found.pairs["low"] < found.pairs["high"]).all()


def test_intervals_hold_the_truth(found: SobolIndices) -> None:
    first, total, _ = known_ishigami()
    table = found.indices
    assert ((table["first_low"] < first) & (first < table["first_high"])).all()
    assert ((table["total_low"] < total) & (total < table["total_high"])).all()


def test_estimates_are_those_of_salib() -> None:
    from SALib.analyze import sobol

    results = sweep_of(saltelli_design(ISHIGAMI_BOUNDS, 64, second=True), {"y": ishigami})
    ours = sobol_indices(results, "y", resamples=10)
    problem = {"num_vars": 3, "names": list(ISHIGAMI_BOUNDS), "bounds": [list(pair) for pair in ISHIGAMI_BOUNDS.values()]}
    theirs = sobol.analyze(problem, results.values("y")[0].to_numpy(), calc_second_order=True, num_resamples=2)
    np.testing.assert_allclose(ours.indices["first"], theirs["S1"])
    np.testing.assert_allclose(ours.indices["total"], theirs["ST"])
    np.testing.assert_allclose(ours.pairs["second"], theirs["S2"][np.triu_indices(3, 1)])


def test_the_bootstrap_repeats_and_follows_its_seed() -> None:
    results = sweep_of(saltelli_design(ISHIGAMI_BOUNDS, 64), {"y": ishigami})
    once, twice, other = (sobol_indices(results, "y", resamples=50, seed=seed).indices["total_low"] for seed in (0, 0, 1))
    assert once.tolist() == twice.tolist() != other.tolist()


def noisy(common: bool, replications: int = 1) -> SobolIndices:
    """One active factor, one inert one, as much noise as signal."""
    bounds = {"x": (-np.sqrt(3.0), np.sqrt(3.0)), "dummy": (0.0, 1.0)}
    design = saltelli_design(bounds, 512, replications, common=common)
    results = sweep_of(design, {"y": lambda d, _: d["x"].to_numpy()}, noise=1.0)
    return sobol_indices(results, "y", resamples=100, common_draws=common)


def test_the_dummy_is_inert_under_shared_draws_and_not_under_separate_ones() -> None:
    shared, separate = noisy(common=True), noisy(common=False)
    inert = shared.indices.set_index("factor").loc["dummy"]
    assert inert["first"] == inert["total"] == shared.floor == 0.0
    assert separate.indices.set_index("factor").loc["dummy", "total"] == pytest.approx(0.5, abs=0.1)
    assert separate.floor > 0.4
    assert shared.indices["above_floor"].tolist() == [True, False]


def test_the_share_of_variance_due_to_the_seed() -> None:
    assert noisy(common=True, replications=4).seed_share == pytest.approx(0.5, abs=0.05)
    assert np.isnan(noisy(common=True).seed_share)
    assert seed_share(np.array([[1.0, 1.0], [2.0, 2.0]])) == 0.0
    assert seed_share(np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])) == 1.0


def test_separate_draws_are_refused() -> None:
    results = sweep_of(saltelli_design(ISHIGAMI_BOUNDS, 8, common=False), {"y": ishigami})
    with pytest.raises(InputError, match="do not share their draws"):
        sobol_indices(results, "y")


def test_failed_runs_are_refused_or_cost_their_block() -> None:
    results = sweep_of(saltelli_design(ISHIGAMI_BOUNDS, 64), {"y": ishigami}, failed=(7, 8, 100))
    with pytest.raises(InputError, match="3 of 320 values of 'y' are missing"):
        sobol_indices(results, "y")
    kept = sobol_indices(results, "y", missing="drop", resamples=10)
    assert (kept.blocks, kept.dropped) == (62, 2)


def test_nan_is_refused_where_salib_would_call_everything_inert() -> None:
    outputs = np.random.default_rng(1).normal(size=(16, 4))
    outputs[3, 2] = np.nan
    with pytest.raises(InputError, match="not finite"):
        indices_of(Blocks(["a", "b"], np.zeros((16, 4, 2)), outputs, float("nan"), 0), "y")


def test_what_is_no_saltelli_design_is_refused() -> None:
    design = saltelli_design(ISHIGAMI_BOUNDS, 8)
    design.loc[1, "x2"] += 0.1
    with pytest.raises(InputError, match="no Saltelli design"):
        sobol_indices(sweep_of(design, {"y": ishigami}), "y")
    plain = design_of(pd.DataFrame({"x1": [0.0, 1.0], "x2": [0.0, 1.0], "x3": 0.5}))
    with pytest.raises(InputError, match="has no blocks"):
        sobol_indices(sweep_of(plain, {"y": ishigami}), "y")


def test_a_constant_outcome_has_no_indices() -> None:
    results = sweep_of(saltelli_design(ISHIGAMI_BOUNDS, 8), {"y": lambda d, _: np.full(len(d), 5.0)})
    with pytest.raises(InputError, match="the same in every run"):
        sobol_indices(results, "y")


def test_unknown_outcomes_and_years() -> None:
    results = sweep_of(saltelli_design(ISHIGAMI_BOUNDS, 8), {"yearly:abroad": ishigami}, years=(2000, 2001))
    with pytest.raises(InputError, match="did you mean 'yearly:abroad'"):
        sobol_indices(results, "yearly:abraod")
    with pytest.raises(InputError, match="no year 1999; recorded years: 2000-2001"):
        sobol_indices(results, "yearly:abroad", 1999)
