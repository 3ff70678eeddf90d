"""Averages and intervals over replications.

Two different questions, two functions: how sure is the *mean* (:func:`mean_interval`, Student's t), and how far do single
histories spread (:func:`quantile_bands`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit


class Interval(NamedTuple):
    """Mean over replications with its confidence interval; every array has the shape of one replication.

    Attributes:
        mean: Mean over replications.
        low: Lower bound, NaN with one replication.
        high: Upper bound, NaN with one replication.
        n: Number of replications.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: int


def mean_interval(values: np.ndarray, level: float = 0.95, axis: int = -1) -> Interval:
    """Student's t interval of the mean over replications.

    Args:
        values: Outcomes; axis ``axis`` runs over replications.
        level: Coverage, between 0 and 1.
        axis: Axis of the replications.

    Returns:
        Mean and bounds ``mean -+ t(n-1) s / sqrt(n)``, without the axis of replications. One replication says nothing
        about spread: its bounds are NaN, not zero width.

    Raises:
        ValueError: No replication, or a level outside (0, 1).
    """
    values = np.asarray(values, dtype=float)
    n = values.shape[axis]
    if n == 0 or not 0.0 < level < 1.0:
        raise ValueError(f"need at least one replication and a level between 0 and 1, got {n} and {level}")
    mean = values.mean(axis=axis)
    if n == 1:
        unknown = np.full_like(mean, np.nan)
        return Interval(mean, unknown, unknown.copy(), 1)
    half = stdtrit(n - 1, 0.5 + level / 2) * values.std(axis=axis, ddof=1) / np.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def quantile_bands(
    values: np.ndarray, levels: tuple[float, ...] = (0.5, 0.9), axis: int = -1,
) -> dict[float, tuple[np.ndarray, np.ndarray]]:
    """Central bands that hold the given shares of replications.

    Args:
        values: Outcomes; axis ``axis`` runs over replications.
        levels: Shares inside each band, such as .9 for the 5 % to 95 % quantiles (linear interpolation).
        axis: Axis of the replications.

    Returns:
        Level -> (low, high), arrays without the axis of replications.
    """
    values = np.asarray(values, dtype=float)
    bands = {}
    for level in levels:
        if not 0.0 < level < 1.0:
            raise ValueError(f"a band's level must lie between 0 and 1, got {level}")
        low, high = np.quantile(values, [0.5 - level / 2, 0.5 + level / 2], axis=axis)
        bands[level] = (low, high)
    return bands


def summarise(series: pd.DataFrame, level: float = 0.95, band: float = 0.9) -> pd.DataFrame:
    """Mean, interval of the mean and quantile band of a table with one column per replication.

    Args:
        series: Rows of any index, one column per replication, as :func:`expansion_sim.results.frames.series` returns.
        level: Coverage of the interval of the mean.
        band: Share of replications inside the band.

    Returns:
        Same index; columns mean, low, high, band_low, median, band_high.
    """
    values = series.to_numpy(float)
    interval = mean_interval(values, level)
    low, high = quantile_bands(values, (band,))[band]
    columns = {"mean": interval.mean, "low": interval.low, "high": interval.high}
    columns |= {"band_low": low, "median": np.median(values, axis=-1), "band_high": high}
    return pd.DataFrame(columns, index=series.index)
