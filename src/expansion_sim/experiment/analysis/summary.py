"""Means with intervals and quantile bands over the replications of every point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.experiment.analysis.observations import Missing, Year, by_year, mean_by_row, observations
from expansion_sim.experiment.analysis.resampling import bootstrap_means

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results

Method = Literal["t", "bootstrap"]


def means(
    results: Results, outcome: str, year: Year = None, *, level: float = 0.95, method: Method = "t",
    missing: Missing = "raise",
) -> pd.DataFrame:
    """Mean of an outcome at every point, with an interval over replications.

    Args:
        results: A sweep's results.
        outcome: Name of the outcome.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        level: Coverage of the interval.
        method: ``t`` for Student's t, ``bootstrap`` for percentiles of resampled means.
        missing: Refuse failed runs, or leave them out.

    Returns:
        Index point; columns mean, low, high (NaN with one replication), n (replications used), failed.

    Raises:
        InputError: Unknown outcome, year or method, or failed runs.
    """
    return mean_table(observations(results, outcome, year, missing), level, method)


def yearly_means(
    results: Results, outcome: str, *, level: float = 0.95, method: Method = "t", missing: Missing = "raise",
) -> pd.DataFrame:
    """As :func:`means` for every year: index (point, year)."""
    return mean_table(by_year(results, outcome, missing), level, method)


def mean_table(values: pd.DataFrame, level: float = 0.95, method: Method = "t") -> pd.DataFrame:
    """Mean and interval of every row of a table with one column per replication."""
    array = values.to_numpy(float)
    mean, low, high, count = mean_by_row(array, level)
    if method == "bootstrap":
        low, high = _bootstrap_by_row(array, count, level)
    elif method != "t":
        raise InputError(f"no method {method!r} for intervals; {allowed_names(method, ('t', 'bootstrap'))}")
    columns = {"mean": mean, "low": low, "high": high, "n": count, "failed": array.shape[1] - count}
    return pd.DataFrame(columns, index=values.index)


def yearly_bands(
    results: Results, outcome: str, *, levels: tuple[float, ...] = (0.5, 0.9), missing: Missing = "raise",
) -> pd.DataFrame:
    """Median and central bands of single histories, by point and year.

    Args:
        results: A sweep's results.
        outcome: Name of the outcome.
        levels: Shares of replications inside each band.
        missing: Refuse failed runs, or leave them out.

    Returns:
        Index (point, year); columns median, and for each level such as .9 ``low_90`` and ``high_90``, n, failed.
    """
    values = by_year(results, outcome, missing)
    array = values.to_numpy(float)
    shares = [0.5, *(0.5 + side * level / 2 for level in levels for side in (-1, 1))]
    names = ["median", *(f"{side}_{100 * level:g}" for level in levels for side in ("low", "high"))]
    some = np.isfinite(array).any(axis=1)
    bands = np.full((len(shares), len(array)), np.nan)
    bands[:, some] = np.nanquantile(array[some], shares, axis=1)
    count = np.isfinite(array).sum(axis=1)
    columns = dict(zip(names, bands, strict=True)) | {"n": count, "failed": array.shape[1] - count}
    return pd.DataFrame(columns, index=values.index)


def _bootstrap_by_row(array: np.ndarray, count: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Bootstrap intervals of rows that may have lost replications."""
    low, high = np.full(len(array), np.nan), np.full(len(array), np.nan)
    for n in np.unique(count[count > 0]):
        rows = count == n
        kept = array[rows]
        low[rows], high[rows] = bootstrap_means(kept[np.isfinite(kept)].reshape(-1, n), level)
    return low, high
