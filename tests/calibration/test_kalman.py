"""Kalman steps on a linear model, whose posterior is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.calibration.kalman import completed, kalman_step, shrunk_cross_covariance, step_size


def linear_world(seed: int = 3, d: int = 4, m: int = 10):
    rng = np.random.default_rng(seed)
    slope, truth = rng.normal(size=(m, d)), 0.5 * rng.normal(size=d)
    return rng, slope, slope @ truth + 0.1 * rng.normal(size=m)


def test_steps_to_time_one_give_the_posterior_of_a_linear_model() -> None:
    rng, slope, data = linear_world()
    variances = np.full(len(data), 0.25)
    u, time, left = rng.normal(size=(4000, 4)), 0.0, 5
    while time < 1.0 - 1e-9:
        g = u @ slope.T - data
        step = step_size(g, variances, time, left)
        left -= 1
        u, time = kalman_step(u, g, variances, step, rng, floor=0.0, limit=10.0), time + step
    assert time == pytest.approx(1.0)
    precision = slope.T @ slope / 0.25 + np.eye(4)
    np.testing.assert_allclose(u.mean(axis=0), np.linalg.solve(precision, slope.T @ data / 0.25), atol=0.05)
    np.testing.assert_allclose(np.cov(u.T), np.linalg.inv(precision), atol=0.02)


def test_chance_correlations_are_taken_out_and_real_ones_kept() -> None:
    rng = np.random.default_rng(1)
    u = rng.normal(size=(60, 40))
    g = np.column_stack([u[:, 0] + 0.1 * rng.normal(size=60), rng.normal(size=60)])
    plain = (u - u.mean(axis=0)).T @ (g - g.mean(axis=0)) / 59
    shrunk = shrunk_cross_covariance(u, g)
    assert shrunk[0, 0] == pytest.approx(plain[0, 0], rel=0.02)
    assert np.abs(shrunk[:, 1]).sum() < 0.5 * np.abs(plain[:, 1]).sum()


def test_gaps_move_nobody_and_empty_columns_are_left_out() -> None:
    g = np.array([[1.0, np.nan, np.nan], [3.0, 2.0, np.nan], [np.nan, 4.0, 5.0], [2.0, 6.0, np.nan]])
    filled, kept = completed(g)
    assert kept.tolist() == [True, True, False]
    assert filled[2, 0] == pytest.approx(2.0)
    assert filled[0, 1] == pytest.approx(4.0)


def test_the_ensemble_stays_in_the_box_and_keeps_some_spread() -> None:
    rng = np.random.default_rng(2)
    u = 0.01 * rng.normal(size=(50, 3))
    moved = kalman_step(u, 1e4 * u + 1e3, np.ones(3), 1.0, rng, floor=0.1, limit=2.5)
    assert np.abs(moved).max() <= 2.5
    inner = kalman_step(u, 0.0 * u, np.ones(3), 1.0, rng, floor=0.1)
    assert inner.std(axis=0, ddof=1).min() >= 0.0999


def test_steps_fill_the_time_left() -> None:
    far = np.full((20, 5), 100.0) + np.random.default_rng(0).normal(size=(20, 5))
    assert step_size(far, np.ones(5), 0.0, 4) == pytest.approx(0.25)
    assert step_size(far, np.ones(5), 0.75, 1) == pytest.approx(0.25)
    near = 0.1 * np.random.default_rng(0).normal(size=(20, 5))
    assert step_size(near, np.ones(5), 0.0, 4) == pytest.approx(1.0)
