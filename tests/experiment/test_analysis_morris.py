"""Morris's elementary effects: a linear model by hand, an interaction, guards."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synthetic_sweep import morris_design, sweep_of

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.morris import morris_indices

pytest.importorskip("SALib")

BOUNDS = {"a": (0.0, 10.0), "b": (-1.0, 1.0), "c": (0.0, 1.0), "dummy": (0.0, 1.0)}


def linear(design: pd.DataFrame, _: np.ndarray) -> np.ndarray:
    return (2.0 * design["a"] - 3.0 * design["b"] + 0.5).to_numpy()


def test_a_linear_model_has_its_slopes_over_the_full_range() -> None:
    found = morris_indices(sweep_of(morris_design(BOUNDS, 10), {"y": linear}), "y")
    table = found.indices.set_index("factor")
    np.testing.assert_allclose(table["mu"], [20.0, -6.0, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(table["mu_star"], [20.0, 6.0, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(table["sigma"], 0.0, atol=1e-12)
    np.testing.assert_allclose(table["mu_star_low"], table["mu_star"], atol=1e-12)
    assert table["above_floor"].tolist() == [True, True, False, False]
    assert found.blocks == 10


def interacting(design: pd.DataFrame, _: np.ndarray) -> np.ndarray:
    return (design["a"] * design["b"] + design["c"]).to_numpy()


def test_interaction_shows_as_spread_of_effects() -> None:
    table = morris_indices(sweep_of(morris_design(BOUNDS, 40), {"y": interacting}), "y").indices.set_index("factor")
    assert table.loc["a", "sigma"] > 3.0
    assert table.loc["c", "sigma"] < 1e-9
    assert table.loc["a", "mu_star_low"] < table.loc["a", "mu_star"] < table.loc["a", "mu_star_high"]


def test_effects_are_those_of_salib() -> None:
    from SALib.analyze import morris

    results = sweep_of(morris_design(BOUNDS, 12), {"y": interacting})
    ours = morris_indices(results, "y").indices
    problem = {"num_vars": 4, "names": list(BOUNDS), "bounds": [list(pair) for pair in BOUNDS.values()]}
    inputs = results.design[list(BOUNDS)].to_numpy()
    theirs = morris.analyze(problem, inputs, results.values("y")[0].to_numpy(), num_levels=4)
    for name in ("mu", "mu_star", "sigma"):
        np.testing.assert_allclose(ours[name], np.asarray(theirs[name], float), atol=1e-9)


def test_noise_shared_inside_a_trajectory_leaves_no_effect() -> None:
    found = morris_indices(sweep_of(morris_design(BOUNDS, 10), {"y": linear}, noise=50.0), "y")
    np.testing.assert_allclose(found.indices["mu_star"], [20.0, 6.0, 0.0, 0.0], atol=1e-9)


def test_failed_runs_are_refused_or_cost_their_trajectory() -> None:
    results = sweep_of(morris_design(BOUNDS, 10), {"y": linear}, failed=(3,))
    with pytest.raises(InputError, match="1 of 50 values"):
        morris_indices(results, "y")
    assert morris_indices(results, "y", missing="drop").dropped == 1


def test_what_is_no_trajectory_is_refused() -> None:
    design = morris_design(BOUNDS, 4)
    design.loc[0, ["a", "b"]] = [3.0, 0.2]
    with pytest.raises(InputError, match="no Morris design"):
        morris_indices(sweep_of(design, {"y": linear}), "y")
