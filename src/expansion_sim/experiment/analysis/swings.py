"""How far an outcome moves from one end of each factor to the other, the other factors taken as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from expansion_sim.experiment.analysis.observations import Missing, NothingVaries, Year, mean_by_row, points_of, varied_factors
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.experiment.analysis.units import short_number
from expansion_sim.experiment.spec import DUMMY

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results

#: Factors with more distinct values are read at the lowest and the highest fifth of their points.
MOST_LEVELS = 8
_SHARE = 0.2


def swings(
    results: Results, outcome: str, year: Year = None, *, against_base: bool = False, level: float = 0.95,
    missing: Missing = "raise",
) -> pd.DataFrame:
    """Mean outcome at the two ends of every factor, less the mean over all points.

    An end is the lowest or highest level of a factor with few levels, the lowest or highest fifth of the points of one with many,
    and for choices the choice with the lowest or highest mean. Intervals are over replications in grids and lists (where all ends
    meet the same other factors and draws) and over points in sampled designs.

    Args:
        results: A sweep's results.
        outcome: Name of the outcome.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        against_base: Take the paired difference from the base point.
        level: Coverage.
        missing: Refuse failed runs, or leave them out.

    Returns:
        One row per factor, widest swing first: factor, low_at, high_at (values, as text), low, low_lower, low_upper, high,
        high_lower, high_upper, swing (high less low).

    Raises:
        InputError: Failed runs, or no factor varies.
    """
    values = responses(results, outcome, year, against_base=against_base, missing=missing)
    points = points_of(results.design).loc[values.index]
    names = [name for name in varied_factors(points) if name != DUMMY]
    if not names:
        raise NothingVaries("no factor varies in this sweep: there is nothing to rank", file=str(results.path))
    if results.experiment.design.kind in ("grid", "list") and values.shape[1] > 1:
        centred: np.ndarray = (values - values.mean()).to_numpy(float)
    else:
        centred = (values.mean(axis=1) - values.mean(axis=1).mean()).to_numpy(float)
    table = pd.DataFrame([_swing(points[name], centred, level) for name in names])
    table = _without_dust(table, float(np.nanmax(np.abs(values.to_numpy(float)))))
    table.insert(0, "factor", names)
    return table.iloc[np.argsort(-table["swing"].abs().to_numpy(), kind="stable")].reset_index(drop=True)


def _without_dust(table: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Numbers that are nothing but rounding of values of this size become zero."""
    numbers = table.select_dtypes(float)
    return table.assign(**numbers.mask(numbers.abs() < 1e-12 * scale, 0.0))


def _swing(column: pd.Series, centred: np.ndarray, level: float) -> dict[str, Any]:
    """One row of the table; ``centred`` has shape (points,) or (points, replications)."""
    told: dict[str, Any] = {}
    for end, (value, at) in zip(("low", "high"), _ends(column, centred), strict=True):
        sample = centred[at] if centred.ndim == 1 else np.nanmean(centred[at], axis=0)
        mean, lower, upper, _ = (float(part[0]) for part in mean_by_row(sample[None, :], level))
        told |= {f"{end}_at": value, end: mean, f"{end}_lower": lower, f"{end}_upper": upper}
    return told | {"swing": told["high"] - told["low"]}


def _ends(column: pd.Series, centred: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Name and points (a mask) of the low and of the high end of a factor."""
    if not pd.api.types.is_numeric_dtype(column) or column.dtype == bool:
        text = column.astype(str)
        by_point = centred if centred.ndim == 1 else np.nanmean(centred, axis=1)
        order = pd.Series(by_point, index=column.index).groupby(text).mean().sort_values().index
        return [(str(choice), (text == choice).to_numpy()) for choice in (order[0], order[-1])]
    numbers = column.to_numpy(float)
    if column.nunique() <= MOST_LEVELS:
        return [(f"{end:g}", numbers == end) for end in (np.nanmin(numbers), np.nanmax(numbers))]
    low, high = np.nanquantile(numbers, [_SHARE, 1 - _SHARE])
    return [(f"up to {short_number(low)}", numbers <= low), (f"{short_number(high)} and more", numbers >= high)]
