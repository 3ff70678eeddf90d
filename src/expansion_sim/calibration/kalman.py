"""Ensemble Kalman inversion with adaptive steps, fresh noise and shrunk correlations.

One step moves every member u_i towards the data by the ensemble's own covariances,

    u_i <- u_i - K (g_i + sqrt(a) e_i),   K = C_ug (C_gg + a Gamma)^-1,   e_i ~ N(0, Gamma) anew in every round,

with g the residuals (target zero) and 1/a the step in "time". Steps add up to one, at which an ensemble from the prior has become
one from the posterior of a linear model (Iglesias, Law and Stuart 2013; Iglesias and Yang 2021 for the step). With an ensemble
hardly larger than the number of parameters most entries of C_ug are chance: each correlation r is shrunk by
max(0, 1 - (1 - r^2) / ((n - 1) r^2)), the share of r^2 that chance does not explain.
"""

from __future__ import annotations

import numpy as np


def step_size(residuals: np.ndarray, variances: np.ndarray, done: float, rounds_left: int) -> float:
    """Step in time by the discrepancy of the data, at least what reaches time one in the rounds left.

    Args:
        residuals: Residuals of the ensemble, shape (n, m).
        variances: Diagonal of Gamma, shape (m,).
        done: Time already gone.
        rounds_left: Rounds still to do, this one included.
    """
    misfit = 0.5 * (residuals**2 / variances).sum(axis=1)
    count = residuals.shape[1]
    wanted = max(count / (2.0 * misfit.mean()), np.sqrt(count / (2.0 * max(misfit.var(), 1e-12))))
    return float(min(max(wanted, (1.0 - done) / rounds_left), 1.0 - done))


def completed(residuals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Residuals without gaps: gaps become the mean of the ensemble, which moves nobody.

    Args:
        residuals: Shape (n, m), NaN where missing.

    Returns:
        Residuals of the columns kept, shape (n, k), and which are kept, shape (m,): those at least half the ensemble gives.
    """
    finite = np.isfinite(residuals)
    kept = finite.mean(axis=0) >= 0.5
    chosen, known = residuals[:, kept], finite[:, kept]
    mean = np.where(known, chosen, 0.0).sum(axis=0) / known.sum(axis=0)
    return np.where(known, chosen, mean), kept


def shrunk_cross_covariance(u: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Covariance of parameters and residuals with chance correlations taken out, shape (d, m).

    Args:
        u: Ensemble, shape (n, d).
        g: Residuals, shape (n, m).
    """
    n = u.shape[0]
    du, dg = u - u.mean(axis=0), g - g.mean(axis=0)
    covariance = du.T @ dg / (n - 1)
    scale = np.outer(du.std(axis=0, ddof=1), dg.std(axis=0, ddof=1))
    squared = np.where(scale > 0.0, covariance / np.where(scale > 0.0, scale, 1.0), 0.0) ** 2
    kept = np.maximum(0.0, 1.0 - (1.0 - squared) / ((n - 1) * np.maximum(squared, 1e-12)))
    return covariance * kept


def kalman_step(
    u: np.ndarray, g: np.ndarray, variances: np.ndarray, step: float, rng: np.random.Generator, floor: float = 0.1,
    limit: float = 2.5,
) -> np.ndarray:
    """One step of ensemble Kalman inversion.

    Args:
        u: Ensemble in normal coordinates, shape (n, d).
        g: Residuals, finite, shape (n, m).
        variances: Diagonal of Gamma, shape (m,).
        step: 1/a, above zero.
        rng: Source of the perturbations.
        floor: Least spread of the ensemble in each coordinate, so that it can still move.
        limit: Largest coordinate; further out nothing is left of the prior.

    Returns:
        The moved ensemble, shape (n, d).
    """
    centred = g - g.mean(axis=0)
    inner = centred.T @ centred / (len(u) - 1) + np.diag(variances / step)
    perturbed = g + rng.normal(size=g.shape) * np.sqrt(variances / step)
    moved = u - np.linalg.solve(inner, perturbed.T).T @ shrunk_cross_covariance(u, g).T
    mean, spread = moved.mean(axis=0), moved.std(axis=0, ddof=1)
    widened = mean + (moved - mean) * np.maximum(1.0, floor / np.maximum(spread, 1e-9))
    return np.clip(widened, -limit, limit)
