"""Regression, standard errors and sensitivity on linear models worked in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.calibration.inference import draws, infer, ridges, shrunk_covariance, total_variance
from expansion_sim.calibration.regression import Line, best_point, fit_line


def test_one_parameter_one_fact_by_hand() -> None:
    """G = 3, Gamma = 1 + 2 x .5 = 2: information 9 / 2, variance 1 / (4.5 + 1), with no misfit to widen it."""
    gamma = total_variance(np.array([[0.5]]), 1)
    assert gamma[0, 0] == pytest.approx(2.0)
    result = infer(np.array([[3.0]]), np.array([0.1]), gamma)
    assert result.covariance[0, 0] == pytest.approx(1.0 / 5.5)
    assert result.sensitivity[0, 0] == pytest.approx(-1.5 / 5.5)
    assert result.singular[0] == pytest.approx(3.0 / np.sqrt(2.0))
    assert result.informed[0] == pytest.approx(4.5 / 5.5)
    assert (result.j, result.widened) == (pytest.approx(0.005), 1.0)


def test_misfit_widens_the_errors() -> None:
    slope = np.vstack([np.eye(2), np.zeros((8, 2))])
    good = infer(slope, np.full(10, 0.5), np.eye(10))
    bad = infer(slope, np.full(10, 5.0), np.eye(10))
    assert good.widened == 1.0
    assert bad.widened == pytest.approx(250.0 / 9.0)
    assert (np.diag(bad.covariance) > np.diag(good.covariance)).all()
    assert (np.diag(bad.covariance) <= 1.0 + 1e-9).all(), "never less sure than the prior"
    assert bad.p < 1e-10 < 0.5 < good.p


def test_a_direction_the_facts_do_not_see_keeps_its_prior_and_shows_as_a_ridge() -> None:
    """Only the sum of the two coordinates matters: their difference stays at the prior's variance."""
    result = infer(np.full((6, 2), 2.0), np.zeros(6), np.eye(6))
    difference = np.array([1.0, -1.0]) / np.sqrt(2.0)
    assert difference @ result.covariance @ difference == pytest.approx(1.0)
    (pair,) = ridges(result.covariance, ["sunk", "finance"])
    assert pair[:2] == ("sunk", "finance")
    assert pair[2] < -0.9


def test_the_regression_finds_the_slopes_and_the_least_squares_point() -> None:
    rng = np.random.default_rng(5)
    slope, level = rng.normal(size=(12, 3)), rng.normal(size=12)
    u = 0.5 * rng.normal(size=(400, 3))
    line = fit_line(u, u @ slope.T + level + 0.1 * rng.normal(size=(400, 12)), np.zeros(3), width=1.0)
    np.testing.assert_allclose(line.slope, slope, atol=0.05)
    np.testing.assert_allclose(line.level, level, atol=0.03)
    np.testing.assert_allclose(line.noise, 0.01, rtol=0.4)
    exact = Line(np.zeros(3), level, slope, np.ones(12))
    expected = np.linalg.solve(slope.T @ slope + np.eye(3), -slope.T @ level)
    np.testing.assert_allclose(best_point(exact, np.ones(12), reach=5.0), expected, atol=1e-6)
    assert np.abs(best_point(exact, np.ones(12), reach=0.01)).max() <= 0.01 + 1e-9


def test_draws_have_the_covariance_and_stay_in_the_box() -> None:
    covariance = np.array([[0.09, 0.06], [0.06, 0.09]])
    rows = draws(np.array([0.2, -0.1]), covariance, 20_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.cov(rows.T), covariance, atol=0.004)
    assert np.abs(draws(np.zeros(1), np.eye(1) * 100.0, 100, np.random.default_rng(1))).max() <= 2.5


def test_covariance_of_few_runs_is_shrunk_towards_independence() -> None:
    deviations = np.random.default_rng(0).normal(size=(6, 40))
    covariance = shrunk_covariance(deviations - deviations.mean(axis=0), 5)
    assert np.linalg.eigvalsh(covariance).min() > 0.0
    np.testing.assert_allclose(np.diag(covariance), deviations.var(axis=0, ddof=1))
