"""Regression, standard errors and sensitivity on linear models worked in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.calibration.inference import Inference, draws, infer, ridges, shrunk_covariance, total_variance
from expansion_sim.calibration.regression import Line, best_point, fit_line


def known(slope: np.ndarray, residuals: np.ndarray, gamma: np.ndarray) -> Inference:
    """Inference where the slopes are known."""
    m, d = slope.shape
    return infer(slope, residuals, gamma, np.zeros(m), np.zeros((d, d)))


def test_one_parameter_one_fact_by_hand() -> None:
    """G = 3, Gamma = 1 + 2 x .5 = 2: information 9 / 2, variance 1 / (4.5 + 1), with no misfit to widen it."""
    gamma = total_variance(np.array([[0.5]]), 1)
    assert gamma[0, 0] == pytest.approx(2.0)
    result = known(np.array([[3.0]]), np.array([0.1]), gamma)
    assert result.covariance[0, 0] == pytest.approx(1.0 / 5.5)
    assert result.sensitivity[0, 0] == pytest.approx(-1.5 / 5.5)
    assert result.singular[0] == pytest.approx(3.0 / np.sqrt(2.0))
    assert result.informed[0] == pytest.approx(4.5 / 5.5)
    assert (result.j, result.widened) == (pytest.approx(0.005), 1.0)


def test_misfit_widens_the_errors() -> None:
    slope = np.vstack([np.eye(2), np.zeros((8, 2))])
    good = known(slope, np.full(10, 0.5), np.eye(10))
    bad = known(slope, np.full(10, 5.0), np.eye(10))
    assert good.widened == 1.0
    assert bad.widened == pytest.approx(250.0 / 9.0)
    assert (np.diag(bad.covariance) > np.diag(good.covariance)).all()
    assert (np.diag(bad.covariance) <= 1.0 + 1e-9).all(), "never less sure than the prior"
    assert bad.p < 1e-10 < 0.5 < good.p


def test_a_direction_the_facts_do_not_see_keeps_its_prior_and_shows_as_a_ridge() -> None:
    """Only the sum of the two coordinates matters: their difference stays at the prior's variance."""
    result = known(np.full((6, 2), 2.0), np.zeros(6), np.eye(6))
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
    exact = Line(np.zeros(3), level, slope, np.ones(12), np.zeros((3, 3)))
    expected = np.linalg.solve(slope.T @ slope + np.eye(3), -slope.T @ level)
    np.testing.assert_allclose(best_point(exact, np.ones(12), reach=5.0), expected, atol=1e-6)
    assert np.abs(best_point(exact, np.ones(12), reach=0.01)).max() <= 0.01 + 1e-9


def test_the_luck_of_the_slopes_is_taken_off_by_hand() -> None:
    """G = 3, noise .5, Gamma = 2, C = .4: information (9 - .5 x .4) / 2 = 4.4; with C = 30 nothing is left and the prior stays."""
    arguments = np.array([[3.0]]), np.array([0.1]), np.array([[2.0]]), np.array([0.5])
    assert infer(*arguments, np.array([[0.4]])).covariance[0, 0] == pytest.approx(1.0 / 5.4)
    assert infer(*arguments, np.array([[30.0]])).covariance[0, 0] == pytest.approx(1.0)


def test_the_errors_of_slopes_are_those_of_repeated_regressions() -> None:
    rng = np.random.default_rng(8)
    u, slope = 0.5 * rng.normal(size=(60, 2)), rng.normal(size=(40, 2))
    lines = [fit_line(u, u @ slope.T + 0.8 * rng.normal(size=(60, 40)), np.zeros(2), width=1.0) for _ in range(300)]
    found = np.array([line.slope for line in lines])
    deviations = (found - found.mean(axis=0)).reshape(-1, 2)
    told = np.mean([line.noise.mean() * line.errors for line in lines], axis=0)
    np.testing.assert_allclose(told, deviations.T @ deviations / len(deviations), atol=0.1 * told.max())


def test_a_parameter_on_which_noisy_runs_tell_nothing_is_not_said_to_be_known() -> None:
    """A hundred facts that do not move with the second parameter, each time seen through forty noisy runs."""
    rng = np.random.default_rng(4)
    naive, honest = [], []
    for _ in range(30):
        slope = np.column_stack([rng.normal(size=100), np.zeros(100)])
        u = 0.6 * rng.normal(size=(40, 2))
        line = fit_line(u, u @ slope.T + rng.normal(size=(40, 100)), np.zeros(2), width=1.0)
        naive.append(known(line.slope, np.zeros(100), 2.0 * np.eye(100)).informed)
        honest.append(infer(line.slope, np.zeros(100), 2.0 * np.eye(100), line.noise, line.errors).informed)
    assert np.mean(naive, axis=0)[1] > 0.6, "squares of the luck of the slopes look like information"
    assert np.mean(honest, axis=0)[1] < 0.3
    assert np.mean(honest, axis=0)[0] > 0.9


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
