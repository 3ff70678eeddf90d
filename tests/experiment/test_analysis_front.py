"""Cost against additional firms: the front by hand and how sure it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from synthetic_sweep import design_of, sweep_of

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis import non_dominated, pareto_front


def test_front_by_hand() -> None:
    cost = np.array([1.0, 2.0, 3.0, 2.0, 0.0, 3.0, np.nan])
    gain = np.array([5.0, 6.0, 6.0, 4.0, 0.0, 9.0, 99.0])
    assert non_dominated(cost, gain).tolist() == [True, True, False, False, True, True, False]


def test_equal_points_share_a_place() -> None:
    assert non_dominated(np.array([1.0, 1.0, 1.0]), np.array([2.0, 2.0, 1.0])).tolist() == [True, True, False]


def test_front_agrees_with_the_definition() -> None:
    cost, gain = np.random.default_rng(1).integers(0, 12, (2, 200)).astype(float)
    beaten = (cost[:, None] >= cost) & (gain[:, None] <= gain) & ((cost[:, None] > cost) | (gain[:, None] < gain))
    np.testing.assert_array_equal(non_dominated(cost, gain), ~beaten.any(axis=1))


def test_front_of_a_sweep_is_paired_and_has_intervals() -> None:
    factors = pd.DataFrame({"rate": [0.0, 10.0, 20.0, 30.0], "waste": [0.0, 0.0, 5.0, 0.0]})
    outcomes = {
        "cost": lambda d, _: (d["rate"] + d["waste"]).to_numpy(),
        "firms": lambda d, _: (2 * d["rate"] - 5 * d["waste"]).to_numpy(),
    }
    table = pareto_front(sweep_of(design_of(factors, 5, base=0), outcomes, noise=100.0), "cost", "firms", resamples=50)
    assert table.index.tolist() == [1, 2, 3]
    np.testing.assert_allclose(table["cost"], [10.0, 25.0, 30.0])  # the noise of shared draws cancels
    np.testing.assert_allclose(table["gain"], [20.0, 15.0, 60.0])
    np.testing.assert_allclose(table["gain_high"] - table["gain_low"], 0.0, atol=1e-9)
    assert table["on_front"].tolist() == [True, False, True]
    assert table["on_front_share"].tolist() == [1.0, 0.0, 1.0]


def test_what_costs_and_gains_nothing_is_beaten_by_the_base() -> None:
    factors = pd.DataFrame({"rate": [0.0, 10.0, 20.0, 30.0]})
    outcomes = {"cost": lambda d, _: d["rate"].to_numpy(), "firms": lambda d, _: np.where(d["rate"] > 25.0, 4.0, 0.0)}
    results = sweep_of(design_of(factors, 5, base=0), outcomes)
    table = pareto_front(results, "cost", "firms", resamples=50)
    assert table["on_front"].tolist() == [False, False, True]
    assert table["on_front_share"].tolist() == [0.0, 0.0, 1.0]
    assert pareto_front(results, "cost", "firms", against_base=False, resamples=50)["on_front"].tolist() == [True, False, True]


def test_a_close_call_shows_in_the_share() -> None:
    """Three worlds of rising cost whose gains differ by luck alone: only the cheapest is surely on the front."""
    design = design_of(pd.DataFrame({"rate": [0.0, 1.0, 2.0]}), 20)
    luck = np.random.default_rng(4).normal(size=len(design))
    results = sweep_of(design, {"cost": lambda d, _: d["rate"].to_numpy(), "firms": lambda d, _: luck})
    share = pareto_front(results, "cost", "firms", against_base=False, resamples=200)["on_front_share"]
    assert share[0] == 1.0
    assert share[[1, 2]].between(0.02, 0.98).all()


def test_one_replication_cannot_tell_how_sure_a_place_on_the_front_is() -> None:
    outcomes = {"cost": lambda d, _: d["rate"].to_numpy(), "firms": lambda d, _: d["rate"].to_numpy()}
    table = pareto_front(sweep_of(design_of(pd.DataFrame({"rate": [0.0, 1.0]}), 1, base=0), outcomes), "cost", "firms")
    assert table["on_front"].tolist() == [True] and table["on_front_share"].isna().all()


def test_the_cost_of_a_programme_is_no_sum_of_a_few_years() -> None:
    outcomes = {"cost": lambda d, _: d["rate"].to_numpy(), "firms": lambda d, _: d["rate"].to_numpy()}
    design = design_of(pd.DataFrame({"rate": [0.0, 1.0]}), 2, base=0)
    whole = pareto_front(sweep_of(design, outcomes, tuple(range(1960, 1971))), "cost", "firms", gain_year=1965)
    assert (whole["cost"].tolist(), whole["gain"].tolist()) == ([11.0], [1.0])
    with pytest.raises(InputError, match="over 1960-1970: 1961-1964, 1966-1969 were not kept"):
        pareto_front(sweep_of(design, outcomes, (1960, 1965, 1970)), "cost", "firms")
