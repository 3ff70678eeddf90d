"""Intervals against scipy and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from expansion_sim.results.intervals import mean_interval, quantile_bands, summarise


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_t_interval_agrees_with_scipy(level: float) -> None:
    values = np.random.default_rng(4).normal(3.0, 2.0, 12)
    got = mean_interval(values, level)
    low, high = stats.t.interval(level, 11, loc=values.mean(), scale=stats.sem(values))
    assert (got.mean, got.low, got.high) == pytest.approx((values.mean(), low, high), rel=1e-12)
    assert got.n == 12


def test_t_interval_covers_the_true_mean_as_often_as_it_says() -> None:
    values = np.random.default_rng(1).normal(0.0, 1.0, (4000, 5))
    got = mean_interval(values, 0.9)
    assert np.mean((got.low <= 0) & (got.high >= 0)) == pytest.approx(0.9, abs=0.02)


def test_one_replication_has_no_interval() -> None:
    got = mean_interval(np.array([5.0]))
    assert got.mean == 5.0
    assert np.isnan(got.low) and np.isnan(got.high)


@pytest.mark.parametrize(("values", "level"), [(np.empty(0), 0.95), (np.ones(3), 1.0), (np.ones(3), 0.0)])
def test_senseless_intervals_are_refused(values: np.ndarray, level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        mean_interval(values, level)


def test_bands_hold_the_stated_share() -> None:
    bands = quantile_bands(np.arange(101.0), (0.5, 0.9))
    assert bands[0.5] == (25.0, 75.0)
    assert bands[0.9] == pytest.approx((5.0, 95.0))
    with pytest.raises(ValueError, match="level"):
        quantile_bands(np.arange(3.0), (1.0,))


def test_summary_works_row_by_row() -> None:
    table = pd.DataFrame([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]], index=pd.Index([1990, 1991], name="year"))
    got = summarise(table)
    assert got["mean"].tolist() == got["median"].tolist() == [2.0, 5.0]
    assert got.loc[1991].nunique() == 1
    assert got.loc[1990, "low"] == pytest.approx(2.0 - stats.t.ppf(0.975, 2) / np.sqrt(3))
