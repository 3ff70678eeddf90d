"""The whole search on a small choice model: known parameters come back, and intervals say how sure that is."""

from __future__ import annotations

import numpy as np
import pytest
from choice_model import PARAMETERS, PRIOR, recovered

from expansion_sim.calibration.estimate import objective

TRUTHS = 20


@pytest.fixture(scope="module")
def results():
    return [recovered(number) for number in range(TRUTHS)]


def test_ninety_percent_intervals_cover_at_least_eighty_percent_of_twenty_truths(results) -> None:
    inside = []
    for truth, result in results:
        low, high = np.quantile(result.posterior, [0.05, 0.95], axis=0)
        inside.append((low <= truth) & (truth <= high))
    assert np.mean(inside) >= 0.8
    assert np.mean(inside) < 1.0, "intervals that never miss are too wide"


def test_the_truth_is_found_closely(results) -> None:
    errors = [np.abs(result.u - PRIOR.coordinates(truth)) for truth, result in results]
    assert np.mean(errors) < 0.15  # the prior's own mean distance is .8


def test_the_test_of_fit_does_not_reject_a_right_model(results) -> None:
    rejected = [result.inference.p < 0.05 for _, result in results]
    assert np.mean(rejected) <= 0.25
    assert {round(result.inference.freedom) for _, result in results} <= set(range(24 - PARAMETERS, 25))


def test_the_estimate_beats_where_it_started_on_seeds_that_no_choice_has_seen(results) -> None:
    for _, result in results:
        y = np.array([result.before.mean(axis=0), result.after.mean(axis=0)])
        u = np.array([result.problem.prior.shipped(), result.u])
        before, after = objective(result.problem, u, y, np.ones(y.shape[1]))
        assert after < before


def test_the_same_seed_gives_the_same_posterior(results) -> None:
    _, again = recovered(0)
    np.testing.assert_array_equal(again.posterior, results[0][1].posterior)


@pytest.mark.parametrize(("starts", "compete"), [(("shipped",), True), (("prior",), False)])
def test_shipped_values_compete_only_where_a_search_starts_at_them(starts, compete) -> None:
    """A cross-check must not choose values that have seen the facts it predicts."""
    _, result = recovered(0, starts=starts, rounds=1, refinements=1)
    assert ("shipped values" in set(result.candidates["candidate"])) == compete
