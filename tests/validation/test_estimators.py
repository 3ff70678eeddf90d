"""Estimators against numbers worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from expansion_sim.validation import estimators as e


def test_share_mean_and_empty_frames() -> None:
    weights = np.array([1.0, 3.0, 0.0])
    assert e.share(np.array([True, False, True]), weights) == 25.0
    assert e.mean(np.array([10.0, 2.0, 99.0]), weights) == 4.0
    assert math.isnan(e.share(np.array([True]), np.zeros(1)))
    assert math.isnan(e.median(np.ones(2), np.zeros(2)))


def test_median_is_the_first_value_with_half_of_the_weight() -> None:
    assert e.median(np.array([5.0, 1.0, 3.0]), np.array([1.0, 1.0, 1.0])) == 3.0
    assert e.median(np.array([5.0, 1.0, 3.0]), np.array([10.0, 1.0, 1.0])) == 5.0


def test_logit_on_a_dummy_is_the_log_odds_ratio() -> None:
    """30 of 40 with the dummy, 20 of 60 without: odds 3 and 1/2, ratio 6."""
    x = np.repeat([1.0, 1.0, 0.0, 0.0], [30, 10, 20, 40])
    y = np.repeat([1, 0, 1, 0], [30, 10, 20, 40])
    assert e.logit(y, x[:, None], np.ones(100))[0] == pytest.approx(math.log(6), rel=1e-3)


def test_logit_weights_stand_for_repeated_firms() -> None:
    y, x, counts = np.array([1, 0, 1, 0]), np.array([1.0, 1.0, 0.0, 0.0]), np.array([30.0, 10.0, 20.0, 40.0])
    assert e.logit(y, x[:, None], counts)[0] == pytest.approx(math.log(6), rel=1e-3)


def test_logit_without_variation_is_unknown_and_separation_is_finite() -> None:
    assert math.isnan(e.logit(np.ones(5), np.arange(5.0)[:, None], np.ones(5))[0])
    slope = e.logit(np.array([0, 0, 1, 1]), np.array([[0.0], [0.0], [1.0], [1.0]]), np.ones(4))[0]
    assert np.isfinite(slope) and slope > 5


def test_dominance_of_a_shifted_sample() -> None:
    rng = np.random.default_rng(2)
    low, weights = rng.normal(0, 1, 400), np.ones(400)
    assert e.dominance_margin(low + 1, low, weights, weights) > 0
    assert e.dominance_margin(low, low + 1, weights, weights) < 0
    assert e.dominance_margin(rng.normal(0, 3, 400), low, weights, weights) < 0  # wider, not higher
    assert math.isnan(e.dominance_margin(low[:0], low, weights[:0], weights))


def test_rank_correlation_knows_ties() -> None:
    ranks = np.array([1, 2, 3.5, 3.5])
    assert e.rank_correlation(np.array([30.0, 20.0, 5.0, 5.0]), ranks) == pytest.approx(1.0)
    assert e.rank_correlation(np.array([1.0, 2.0, 3.0, 3.0]), ranks) == pytest.approx(-1.0)
    assert math.isnan(e.rank_correlation(np.array([1.0, np.nan, 3.0, 3.0]), ranks))
