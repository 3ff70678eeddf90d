"""Intervals: of means by Student, of ratios by Fieller."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planned import PlannedModel, planned

from expansion_sim import compare
from expansion_sim.comparison.counts import DIMENSIONS
from expansion_sim.comparison.effects import combine, effect
from expansion_sim.comparison.headline import headline, ratio_interval, statistic


def test_fieller_by_hand() -> None:
    """Numerators 2, 4 and denominators 1, 1: the ratio is 3 and its interval that of the mean of 2 and 4."""
    value, low, high = ratio_interval(np.array([[2.0, 4.0]]), np.array([[1.0, 1.0]]))
    assert value[0] == pytest.approx(3.0)
    half = 12.706204736 * np.sqrt(2.0) / np.sqrt(2.0)  # t with one degree of freedom times s / sqrt(n)
    assert (low[0], high[0]) == pytest.approx((3.0 - half, 3.0 + half))


def test_numerator_and_denominator_that_move_together_give_a_sharp_ratio() -> None:
    below = np.array([[4.0, 5.0, 6.0, 5.5]])
    value, low, high = ratio_interval(3.0 * below, below)
    assert (value[0], low[0], high[0]) == pytest.approx((3.0, 3.0, 3.0))


def test_a_denominator_that_may_be_zero_bounds_nothing() -> None:
    value, low, high = ratio_interval(np.array([[1.0, 1.0, 2.0]]), np.array([[-1.0, 2.0, 1.0]]))
    assert value[0] == pytest.approx(2.0)
    assert np.isnan(low[0]) and np.isnan(high[0])
    assert np.isnan(ratio_interval(np.array([[1.0, 2.0]]), np.array([[0.0, 0.0]]))[0][0])


def test_ninety_five_of_a_hundred_intervals_cover_the_ratio() -> None:
    rng = np.random.default_rng(4)
    common = rng.normal(0.0, 0.5, (2000, 8))
    above, below = 6.0 + common + rng.normal(0.0, 1.0, (2000, 8)), 3.0 + common + rng.normal(0.0, 0.5, (2000, 8))
    _, low, high = ratio_interval(above, below)
    assert ((low <= 2.0) & (2.0 <= high)).mean() == pytest.approx(0.95, abs=0.015)


def row(year: int, measure: str, base: float, other: float) -> dict[str, object]:
    return {"year": year, "measure": measure, **dict.fromkeys(DIMENSIONS, ""), "base": base, "other": other}


def test_a_row_missing_in_a_replication_is_zero_there() -> None:
    first = pd.DataFrame([row(2000, "abroad", 4.0, 6.0), row(2001, "abroad", 1.0, 1.0)])
    second = pd.DataFrame([row(2000, "abroad", 2.0, 8.0)])
    table = effect(combine([first, second]), "abroad")
    assert table.loc[2000, ["base", "other", "difference"]].tolist() == [3.0, 7.0, 4.0]
    assert table.loc[2001, ["base", "other", "difference"]].tolist() == [0.5, 0.5, 0.0]
    half = 12.706204736 * np.std([2.0, 6.0], ddof=1) / np.sqrt(2.0)
    assert table.loc[2000, ["low", "high"]].tolist() == pytest.approx([4.0 - half, 4.0 + half])
    assert table.loc[2001, ["low", "high"]].tolist() == [0.0, 0.0]


def test_one_pair_of_runs_has_no_interval() -> None:
    found = compare(planned("without"), planned("with"), model_class=PlannedModel)
    assert found.effects[["low", "high"]].isna().all(axis=None)
    assert found.headline[["low", "high"]].isna().all(axis=None)
    twice = compare(planned("without"), planned("with"), 2, model_class=PlannedModel)
    assert twice.effects[["low", "high"]].notna().all(axis=None)
    known = twice.headline.dropna(subset="value")
    assert np.array_equal(known["low"], known["value"])  # nothing in these worlds is left to luck


def test_bounds_of_a_share_stay_within_0_and_100() -> None:
    def pair(supported: float, deadweight: float) -> pd.DataFrame:
        rows = [("supported", supported), ("deadweight", deadweight)]
        return pd.DataFrame([{"year": 2000, "measure": name, **dict.fromkeys(DIMENSIONS, ""), "base": 0.0, "other": value}
                             for name, value in rows])

    table = headline([pair(10.0, 9.0), pair(11.0, 6.0)], np.array([2000]))
    share = statistic(table, "deadweight among supported firms").loc[2000]
    assert share["value"] == pytest.approx(100.0 * 15.0 / 21.0)
    assert share["low"] >= 0.0 and share["high"] == 100.0
