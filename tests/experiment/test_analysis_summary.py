"""Means, bands, probabilities, distributions, paired differences."""

from __future__ import annotations

import warnings

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
    sample_exceedance,
    weighted_ecdf,
    wilson_interval,
    yearly_bands,
    yearly_means,
)
from expansion_sim.experiment.analysis.gaps import gap_words
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.experiment.analysis.summary import mean_table
from expansion_sim.experiment.analysis.swings import swings


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


def test_distribution_over_all_runs_follows_the_weights_of_points_and_leaves_the_base_out(results: SyntheticResults) -> None:
    table = ecdfs(results, "y", weights=pd.Series([3.0, 1.0], index=[1, 2]))
    assert set(table["point"]) == {-1, 1, 2}
    whole, one, two = (table[table["point"] == point].set_index("value")["share"] for point in (-1, 1, 2))
    for value, share in whole.items():
        below = (one[one.index <= value].max(), two[two.index <= value].max())
        assert share == pytest.approx(0.75 * np.nan_to_num(below[0]) + 0.25 * np.nan_to_num(below[1]))


def test_distribution_of_paired_differences_has_none_of_the_shared_luck(results: SyntheticResults) -> None:
    whole = ecdfs(results, "y", against_base=True).query("point == -1")
    assert whole["value"].round(9).unique().tolist() == [10.0, 10.5]
    assert whole.loc[whole["value"] < 10.2, "share"].max() == pytest.approx(0.5)


def sampled(luck: float, replications: int) -> SyntheticResults:
    """Sixty points of which a quarter has 5 and the others 1, with luck of each run's own, twins beside them that have nothing."""
    rate = np.tile([5.0, 1.0, 1.0, 1.0], 15)
    design = design_of(pd.DataFrame({"rate": np.concatenate([rate, np.zeros(60)])}), replications, common=False)
    runs = list(zip(design["point"], design["replication"], strict=True))
    design["paired_with"] = [f"r{point + 60}-{turn}" if point < 60 else "" for point, turn in runs]
    design["seed"] = [1000 * (point % 60) + turn for point, turn in runs]
    own = np.random.default_rng(3).normal(size=len(design)) * luck * (design["point"] < 60)
    return sweep_of(design, {"y": lambda d, _: d["rate"].to_numpy() + own.to_numpy()}, kind="latin_hypercube")


def test_chances_over_a_sample_pool_its_points_and_no_twins() -> None:
    row = sample_exceedance(sampled(0.0, 1), "y", 2.0, against_base=True).iloc[0]
    assert (row["points"], row["runs"], row["above"], row["probability"]) == (60, 60, 15, 0.25)
    np.testing.assert_allclose([row["low"], row["high"]], wilson_interval(15, 60))
    assert sample_exceedance(sampled(0.0, 1), "y", [-1.0, 9.0])["probability"].tolist() == [1.0, 0.0]


def test_replications_of_a_point_count_for_what_they_add() -> None:
    """Without luck four runs of a point are as good as one; where only luck differs they are four."""
    alike = sample_exceedance(sampled(0.0, 4), "y", 2.0).iloc[0]
    assert (alike["runs"], alike["above"]) == (240, 60)
    np.testing.assert_allclose([alike["low"], alike["high"]], wilson_interval(15, 60), atol=1e-3)
    lucky = sample_exceedance(sampled(100.0, 4), "y", 2.0).iloc[0]
    low, high = wilson_interval(lucky["above"], 240)
    assert lucky["high"] - lucky["low"] == pytest.approx(float(high - low), rel=0.15)


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
    with pytest.raises(InputError, match=r"2 of 8 values of 'y'.*point 0, replication 1.*deliberate.*--retry-failed.*--missing drop"):
        means(results, "y")
    assert means(results, "y", missing="drop")["failed"].tolist() == [2, 0]
    gone = sweep_of(design_of(pd.DataFrame({"rate": [0.0]}), 1), {"y": levels}, failed=(0,))
    with pytest.raises(InputError, match=r"no outcome 'y'|no run has a value"):
        means(gone, "y", missing="drop")
    with pytest.raises(InputError, match="missing='ignore' is not known"):
        means(results, "y", missing="ignore")  # type: ignore[arg-type]


def test_points_without_a_finished_run_are_left_out_without_a_word_of_numpy() -> None:
    design = design_of(pd.DataFrame({"rate": [0.0, 1.0, 2.0], "kind": ["x", "y", "z"]}), 2, base=0)
    results = sweep_of(design, {"y": levels}, failed=(2, 3), kind="grid")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(ecdfs(results, "y", missing="drop")["point"]) == {-1, 2}
        assert paired_differences(results, "y", missing="drop")["n"].tolist() == [0, 2]
        assert responses(results, "y", missing="drop").index.tolist() == [2]
        cut = sweep_of(design_of(pd.DataFrame({"rate": [1.0, 2.0, 3.0]}), 2), {"y": levels}, failed=(0, 1, 2), kind="grid")
        assert swings(cut, "y", missing="drop").loc[0, "low_at"] == "2"


def test_gaps_are_told_by_their_cause() -> None:
    results = sweep_of(design_of(pd.DataFrame({"rate": [0.0, 1.0, 2.0]}), 2), {"y": levels}, failed=(0, 1, 2))
    assert gap_words(results.values("y")) == "3 of 6 runs have no value and are left out, point 0 with all runs."
    assert gap_words(results.values("y").loc[[2]]) == ""
    whole = sweep_of(design_of(pd.DataFrame({"rate": [0.0, 1.0]}), 1), {"y": lambda d, _: np.array([1.0, np.nan])})
    with pytest.raises(InputError, match="the runs are whole and hold nothing to take it from"):
        means(whole, "y")


def test_stocks_have_no_sum_over_years_and_flows_only_where_every_year_was_kept() -> None:
    design = design_of(pd.DataFrame({"rate": [1.0, 2.0]}), 1)
    with pytest.raises(InputError, match=r"'y' is no flow \(its unit is 'firms', not one a year\): values of different years do not add up"):
        means(sweep_of(design, {"y": levels}, (2000, 2001)), "y", "total")
    spending = {"cost": lambda d, _: d["rate"].to_numpy()}
    assert means(sweep_of(design, spending, (2000, 2001, 2002)), "cost", "total")["mean"].tolist() == [3.0, 6.0]
    with pytest.raises(InputError, match="no sum of 'cost' over 2000-2006: 2001-2002, 2004 were not kept; keep them all"):
        means(sweep_of(design, spending, (2000, 2003, 2005, 2006)), "cost", "total")
