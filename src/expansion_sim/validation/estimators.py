"""Weighted estimators of the published statistics: shares, medians, logit, dominance, rank order.

All take plain arrays and weights (0 = not in the frame) and return NaN where nothing can be estimated, so that an empty frame is
reported and never read as zero.
"""

from __future__ import annotations

import math

import numpy as np


def share(condition: np.ndarray, weights: np.ndarray) -> float:
    """Weighted share of firms that meet a condition, in percent.

    Args:
        condition: Booleans, shape (n,).
        weights: Weights, shape (n,).
    """
    total = weights.sum()
    return 100.0 * float(weights[condition].sum() / total) if total > 0 else math.nan


def total(values: np.ndarray, weights: np.ndarray) -> float:
    """Sum of values times weights.

    NumPy's inner product would hand long vectors to as many threads as the linear algebra library likes, and round by their number.
    """
    return float(np.einsum("i,i->", values, weights))


def mean(values: np.ndarray, weights: np.ndarray) -> float:
    """Weighted mean."""
    mass = weights.sum()
    return float(total(values, weights) / mass) if mass > 0 else math.nan


def quantile(values: np.ndarray, weights: np.ndarray, level: float) -> float:
    """Smallest value with at least ``level`` of the weight at or below it.

    Args:
        values: Shape (n,).
        weights: Shape (n,).
        level: Between 0 and 1.
    """
    inside = weights > 0
    if not inside.any():
        return math.nan
    order = np.argsort(values[inside], kind="stable")
    cumulated = np.cumsum(weights[inside][order])
    return float(values[inside][order][np.searchsorted(cumulated, level * cumulated[-1] * (1 - 1e-12))])


def median(values: np.ndarray, weights: np.ndarray) -> float:
    """Weighted median, see :func:`quantile`."""
    return quantile(values, weights, 0.5)


def standardised(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Values less their weighted mean over their weighted standard deviation; zeros where they do not vary."""
    centred = values - mean(values, weights)
    spread = math.sqrt(max(mean(centred * centred, weights), 0.0))
    return centred / spread if spread > 1e-9 else np.zeros_like(centred)


def logit(outcome: np.ndarray, regressors: np.ndarray, weights: np.ndarray, steps: int = 40) -> np.ndarray:
    """Slopes of a weighted logit with a constant, by Newton's method.

    Args:
        outcome: 0/1 or booleans, shape (n,).
        regressors: Shape (n, k), without the constant.
        weights: Shape (n,), scaled to mean one over the firms in the frame.
        steps: Most Newton steps.

    Returns:
        Slopes, shape (k,). A tiny ridge (1e-6 per observation) keeps separated samples finite; NaN when the outcome does not
        vary or the steps do not settle.
    """
    inside = weights > 0
    x = np.vstack([np.ones(int(inside.sum())), regressors[inside].T])  # products by einsum for the reason given in total()
    y, w = outcome[inside].astype(float), weights[inside]
    if not y.size or y.min() == y.max():
        return np.full(regressors.shape[1], np.nan)
    w = w / w.mean()
    beta = np.zeros(len(x))
    beta[0] = math.log(mean(y, w) / (1 - mean(y, w)))
    ridge = np.full(beta.size, 1e-6 * y.size)
    ridge[0] = 0.0
    for _ in range(steps):
        fitted = 1.0 / (1.0 + np.exp(-np.clip(np.einsum("k,kn->n", beta, x), -35, 35)))
        curvature = np.einsum("jn,kn->jk", x * (w * fitted * (1 - fitted)), x) + np.diag(ridge + 1e-12)
        slope = np.einsum("kn,n->k", x, w * (y - fitted)) - ridge * beta
        step = np.linalg.lstsq(curvature, slope, rcond=None)[0]
        step *= min(1.0, 5.0 / max(np.abs(step).max(), 1e-12))
        beta += step
        if np.abs(step).max() < 1e-8:
            return beta[1:]
    return np.full(regressors.shape[1], np.nan)


def dominance_margin(upper: np.ndarray, lower: np.ndarray, upper_weights: np.ndarray, lower_weights: np.ndarray) -> float:
    """How clearly one sample dominates another to the first order, by two one-sided Kolmogorov-Smirnov tests at 5 %.

    The distance in the right direction must exceed the critical value and the distance in the wrong direction must not. Critical
    value: sqrt(-ln(.05) / 2 * (n + m) / (n m)) with effective sizes n = (sum w)^2 / sum w^2.

    Args:
        upper: Values of the sample that should lie higher, shape (n,).
        lower: Values of the other, shape (m,).
        upper_weights: Weights, shape (n,).
        lower_weights: Weights, shape (m,).

    Returns:
        The smaller of the two margins; positive when dominance holds.
    """
    if not (upper_weights.sum() > 0 and lower_weights.sum() > 0):
        return math.nan
    grid = np.unique(np.concatenate([upper[upper_weights > 0], lower[lower_weights > 0]]))
    gap = _distribution(lower, lower_weights, grid) - _distribution(upper, upper_weights, grid)
    n, m = (w.sum() ** 2 / total(w, w) for w in (upper_weights, lower_weights))
    critical = math.sqrt(-math.log(0.05) / 2 * (n + m) / (n * m))
    return float(min(gap.max() - critical, critical - (-gap).max()))


def _distribution(values: np.ndarray, weights: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Weighted empirical distribution function on a grid."""
    order = np.argsort(values)
    cumulated = np.concatenate([[0.0], np.cumsum(weights[order])]) / weights.sum()
    return cumulated[np.searchsorted(values[order], grid, side="right")]


def rank_correlation(values: np.ndarray, ranks: np.ndarray) -> float:
    """Spearman's correlation between values and published ranks (1 = highest), ties at their mean rank.

    Args:
        values: Shape (k,).
        ranks: Published ranks, shape (k,); equal numbers for ties.

    Returns:
        One when the values fall in the published order; NaN when a value is unknown or all are equal.
    """
    if np.isnan(values).any() or np.ptp(values) == 0 or np.ptp(ranks) == 0:
        return math.nan
    return float(np.corrcoef(_mean_ranks(values), _mean_ranks(-ranks))[0, 1])


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1 for the lowest, ties at their mean rank."""
    below = (values[:, None] > values[None, :]).sum(axis=1)
    equal = (values[:, None] == values[None, :]).sum(axis=1)
    return below + (equal + 1) / 2


def least_squares(outcome: np.ndarray, regressors: np.ndarray) -> np.ndarray:
    """Slopes of ordinary least squares; a constant must be among the regressors if wanted.

    Args:
        outcome: Shape (n,).
        regressors: Shape (n, k).
    """
    return np.linalg.lstsq(regressors, outcome, rcond=None)[0]
