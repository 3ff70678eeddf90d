"""Regression Gauss-Newton: the residuals as a local linear function of the parameters, and the best point under it.

Around a point the residuals of many noisy evaluations are regressed on the parameters, g(u) = g0 + G (u - c); the next point
minimises the weighted squares of that line plus the prior's |u|^2 inside a box (scipy.optimize.lsq_linear).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import lsq_linear

_RIDGES = 10.0 ** np.arange(-3.0, 3.1, 0.5)


class Line(NamedTuple):
    """Residuals as a linear function of the parameters around a centre.

    Attributes:
        centre: Shape (d,).
        level: Residuals at the centre, shape (m,).
        slope: G, residuals per unit of each coordinate, shape (m, d).
        noise: Variance that the line leaves, shape (m,).
        errors: Covariance of the errors of one row of the slope where the noise has variance 1, shape (d, d); zero for a slope that is
            known.
    """

    centre: np.ndarray
    level: np.ndarray
    slope: np.ndarray
    noise: np.ndarray
    errors: np.ndarray

    def at(self, u: np.ndarray) -> np.ndarray:
        """Residuals at u, shape (m,)."""
        return self.level + self.slope @ (u - self.centre)


def fit_line(u: np.ndarray, g: np.ndarray, centre: np.ndarray, width: float) -> Line:
    """Weighted ridge regression of residuals on parameters, the ridge chosen by leaving one out.

    Args:
        u: Points, shape (n, d).
        g: Residuals, finite, shape (n, m).
        centre: Where the line is wanted, shape (d,).
        width: Points further off than this, in root mean squares per coordinate, weigh little.
    """
    away = np.sqrt(((u - centre) ** 2).mean(axis=1))
    weights = np.exp(-0.5 * (away / max(width, float(np.quantile(away, 0.25)))) ** 2)
    root = np.sqrt(weights)[:, None]
    mean_u, mean_g = (weights @ u) / weights.sum(), (weights @ g) / weights.sum()
    left, singular, right = np.linalg.svd(root * (u - mean_u), full_matrices=False)
    target = root * (g - mean_g)
    projected = left.T @ target
    ridge = min(_RIDGES, key=lambda value: left_out_errors(left, singular, projected, target, value).mean())
    back = right.T * (singular / (singular**2 + ridge))
    slope = (back @ projected).T
    remaining = target - root * ((u - mean_u) @ slope.T)
    freedom = max(weights.sum() - (singular**2 / (singular**2 + ridge)).sum() - 1.0, 0.1 * weights.sum())
    noise = (remaining**2).sum(axis=0) / freedom
    taken = back @ left.T  # slope from weighted targets, whose noise has the variance of their weights
    return Line(centre, mean_g + slope @ (centre - mean_u), slope, noise, (taken * weights) @ taken.T)


def left_out_errors(
    left: np.ndarray, singular: np.ndarray, projected: np.ndarray, target: np.ndarray, ridge: float,
) -> np.ndarray:
    """Squared error of leaving one point out, relative to the target's variance, shape (m,).

    Args:
        left: Left singular vectors of the centred points, shape (n, k).
        singular: Singular values, shape (k,).
        projected: ``left.T @ target``, shape (k, m).
        target: Centred targets, shape (n, m).
        ridge: Ridge of the regression.
    """
    shrink = singular**2 / (singular**2 + ridge)
    hat = np.clip((left**2) @ shrink, 0.0, 0.99)
    errors = (target - (left * shrink) @ projected) / (1.0 - hat)[:, None]
    return (errors**2).sum(axis=0) / np.maximum((target**2).sum(axis=0), 1e-12)


def best_point(line: Line, variances: np.ndarray, reach: float, limit: float = 2.5) -> np.ndarray:
    """The point that minimises weighted squared residuals of the line plus |u|^2.

    Args:
        line: The line.
        variances: Diagonal of Gamma, shape (m,).
        reach: Longest step per coordinate, as far as the line is trusted.
        limit: Largest coordinate.

    Returns:
        Shape (d,).
    """
    root = 1.0 / np.sqrt(variances)
    d = line.centre.size
    matrix = np.vstack([root[:, None] * line.slope, np.eye(d)])
    target = np.concatenate([-root * (line.level - line.slope @ line.centre), np.zeros(d)])
    low = np.clip(line.centre - reach, -limit, limit - 1e-6)
    high = np.maximum(np.clip(line.centre + reach, -limit, limit), low + 1e-6)
    return lsq_linear(matrix, target, bounds=(low, high)).x
