"""The bootstrap, by resampling whole replications or blocks, with draws of our own that repeat.

SALib's own intervals ignore ``seed=0``; ours do not pass through it.
"""

from __future__ import annotations

import numpy as np

RESAMPLES = 1000
_ROWS_AT_ONCE = 1000


def resampled_rows(count: int, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Row numbers of each resample, drawn with replacement: shape (count, resamples)."""
    return np.random.default_rng(seed).integers(count, size=(count, resamples))


def percentile_interval(statistics: np.ndarray, level: float, axis: int = -1) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval (Efron 1979) of resampled statistics along ``axis``."""
    low, high = np.quantile(statistics, [0.5 - level / 2, 0.5 + level / 2], axis=axis)
    return low, high


def bootstrap_means(
    values: np.ndarray, level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval of the mean of each row; the same replications are drawn for all rows.

    Args:
        values: Shape (rows, replications), without gaps.
        level: Coverage.
        resamples: Number of resamples.
        seed: Seed of the resampling.

    Returns:
        low and high, each of shape (rows,); NaN with one replication, which says nothing about spread.
    """
    rows, count = values.shape
    if count < 2:
        return np.full(rows, np.nan), np.full(rows, np.nan)
    times = np.random.default_rng(seed).multinomial(count, np.full(count, 1.0 / count), size=resamples)
    centre = values.mean(axis=1, keepdims=True)  # around the mean, so that large levels lose no digits
    low, high = np.empty(rows), np.empty(rows)
    for first in range(0, rows, _ROWS_AT_ONCE):
        part = slice(first, first + _ROWS_AT_ONCE)
        means = (values[part] - centre[part]) @ (times.T / count)
        low[part], high[part] = percentile_interval(means, level)
    return low + centre[:, 0], high + centre[:, 0]
