"""Means, bands, probabilities, distributions, paired differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from synthetic_sweep import SyntheticResults, design_of, sweep_of

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis import (
    ecdfs,
    exceedance,
    means,
    paired_differences,
    weighted_ecdf,
    wilson_interval,
    yearly_bands,
    yearly_means,
)
from expansion_sim.experiment.analysis.summary import mean_table


def levels(design: pd.DataFrame, year: np.ndarray) -> np.ndarray:
    return design["rate"].to_numpy() + (year - 2000)


@pytest.fixture
def results() -> SyntheticResults:
    return sweep_of(design_of(pd.DataFrame({"rate": [0.0, 10.0, 10.5]}), 8, base=0), {"y": levels}, (2000, 2001), noise=1.0)


def test_means_by_hand() -> None:
    table = mean_table(pd.DataFrame([[1.0, 2.0, 3.0], [5.0, np.nan, 7.0], [4.0, np.nan, np.nan], [np.nan] * 3]))
    np.testing.assert_allclose(table["mean"], [2.0, 6.0, 4.0, np.nan])
    half = stats.t.ppf(0.975, 2) / np.sqrt(3)
    np.testing.assert_allclose(table.loc[0, ["low", "high"]].astype(float), [2 - half, 2 + half])
    assert table["n"].tolist() == [3, 2, 1, 0]
    assert table["failed"].tolist() == [0, 1, 2, 3]
    assert table["low"].isna().tolist() == [False, False, True, True]


def test_bootstrap_intervals_are_near_those_of_t_and_repeat() -> None:
    values = pd.DataFrame(1e6 + np.random.default_rng(1).normal(size=(50, 40)))
    t, boot, again = mean_table(values), mean_table(values, method="bootstrap"), mean_table(values, method="bootstrap")
    pd.testing.assert_frame_equal(boot, again)
    width = (boot["high"] - boot["low"]) / (t["high"] - t["low"])
    assert width.between(0.8, 1.1).all()
    assert ((boot["low"] < boot["mean"]) & (boot["mean"] < boot["high"])).all()
    with pytest.raises(InputError, match="did you mean 'bootstrap'"):
        mean_table(values, method="bootstrp")  # type: ignore[arg-type]


def test_last_year_unless_told(results: SyntheticResults) -> None:
    np.testing.assert_allclose(means(results, "y")["mean"] - means(results, "y", 2001)["mean"], 0.0)
    yearly = yearly_means(results, "y")["mean"]
    np.testing.assert_allclose(yearly.xs(2000, level="year"), means(results, "y", 2000)["mean"])
    assert list(yearly.index.names) == ["point", "year"]


def test_bands_hold_their_share(results: SyntheticResults) -> None:
    table = yearly_bands(results, "y", levels=(0.5, 0.9))
    values = results.values("y", 2001).loc[1].to_numpy()
    row = table.loc[(1, 2001)]
    np.testing.assert_allclose(row[["low_90", "low_50", "median", "high_50", "high_90"]].astype(float),
                               np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95]))


def test_wilson_intervals_are_scipys() -> None:
    for successes, trials in ((0, 10), (3, 10), (10, 10), (1, 1)):
        low, high = wilson_interval(successes, trials)
        expected = stats.binomtest(successes, trials).proportion_ci(0.95, "wilson")
        np.testing.assert_allclose([low, high], [expected.low, expected.high], atol=1e-12)
    assert np.isnan(wilson_interval(0, 0)[0])


def test_exceedance_counts_replications(results: SyntheticResults) -> None:
    table = exceedance(results, "y", [-100.0, 6.0, 100.0]).set_index(["threshold", "point"])
    assert table.loc[(6.0, 0), "above"] == 0
    assert table.loc[(6.0, 1), "above"] == 8
    assert table.loc[(-100.0, slice(None)), "probability"].eq(1.0).all()
    assert table.loc[(100.0, slice(None)), "probability"].eq(0.0).all()
    assert table["high"].gt(table["low"]).all()


def test_weighted_distribution_by_hand() -> None:
    table = weighted_ecdf(np.array([3.0, 1.0, 3.0, 2.0]), np.array([1.0, 2.0, 3.0, 2.0]))
    assert table["value"].tolist() == [1.0, 2.0, 3.0]
    np.testing.assert_allclose(table["share"], [0.25, 0.5, 1.0])
    for values, weights in (([1.0, np.nan], None), ([], None), ([1.0], [-1.0]), ([1.0, 2.0], [0.0, 0.0]), ([1.0], [1.0, 2.0])):
        with pytest.raises(InputError):
            weighted_ecdf(np.array(values), None if weights is None else np.array(weights))


def test_distribution_over_all_runs_follows_the_weights_of_points(results: SyntheticResults) -> None:
    table = ecdfs(results, "y", weights=pd.Series([3.0, 1.0, 0.0]))
    whole = table[table["point"] == -1]
    low = whole[whole["value"] < 6.0]["share"].max()
    assert low == pytest.approx(0.75)
    assert set(table["point"]) == {-1, 0, 1, 2}


def test_paired_differences_lose_the_noise_of_shared_draws(results: SyntheticResults) -> None:
    table = paired_differences(results, "y")
    np.testing.assert_allclose(table["mean"], [10.0, 10.5])
    np.testing.assert_allclose(table["high"] - table["low"], 0.0, atol=1e-9)
    assert table["distinct"].all()
    assert table.index.tolist() == [1, 2]
    assert paired_differences(results, "y", base=1).loc[2, "mean"] == pytest.approx(0.5)


def test_pairs_of_their_own() -> None:
    """Every point may have a twin: 0 and 1 are compared with 2 and 3."""
    design = design_of(pd.DataFrame({"rate": [5.0, 6.0, 1.0, 3.0]}), 3)
    runs = zip(design["point"], design["replication"], strict=True)
    design["paired_with"] = [f"r{point + 2}-{k}" if point < 2 else "" for point, k in runs]
    table = paired_differences(sweep_of(design, {"y": levels}, (2000,), noise=9.0), "y")
    np.testing.assert_allclose(table["mean"], [4.0, 3.0])


def test_differences_of_unpaired_points_are_refused() -> None:
    factors = pd.DataFrame({"rate": [0.0, 1.0]})
    unlike = sweep_of(design_of(factors, 3, common=False, base=0), {"y": levels})
    with pytest.raises(InputError, match="does not share the draws of its base, point 0"):
        paired_differences(unlike, "y")
    with pytest.raises(InputError, match="pairs no points"):
        paired_differences(sweep_of(design_of(factors, 3), {"y": levels}), "y")
    with pytest.raises(InputError, match="no point 9"):
        paired_differences(unlike, "y", base=9)


def test_failed_runs_are_refused_or_counted() -> None:
    results = sweep_of(design_of(pd.DataFrame({"rate": [0.0, 1.0]}), 4), {"y": levels}, failed=(1, 2))
    with pytest.raises(InputError, match=r"2 of 8 values of 'y'.*point 0, replication 1"):
        means(results, "y")
    assert means(results, "y", missing="drop")["failed"].tolist() == [2, 0]
    gone = sweep_of(design_of(pd.DataFrame({"rate": [0.0]}), 1), {"y": levels}, failed=(0,))
    with pytest.raises(InputError, match=r"no outcome 'y'|no run has a value"):
        means(gone, "y", missing="drop")
    with pytest.raises(InputError, match="missing='ignore' is not known"):
        means(results, "y", missing="ignore")  # type: ignore[arg-type]
