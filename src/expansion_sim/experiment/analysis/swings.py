"""How far an outcome moves from one end of each factor to the other, the other factors taken as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from expansion_sim.experiment.analysis.gaps import mean_there
from expansion_sim.experiment.analysis.observations import Missing, NothingVaries, Year, mean_by_row, points_of, varied_factors
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.experiment.analysis.units import short_number
from expansion_sim.experiment.spec import DUMMY

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results

#: Factors with more distinct values are read at the lowest and the highest fifth of their points.
MOST_LEVELS = 8
_SHARE = 0.2
#: Fewest points at an end of a sampled design: one alone has no interval, and what it says is luck.
_FEWEST = 2


def swings(
    results: Results, outcome: str, year: Year = None, *, against_base: bool = False, level: float = 0.95,
    missing: Missing = "raise",
) -> pd.DataFrame:
    """Mean outcome at the two ends of every factor, less the mean over all points.

    An end is the lowest or highest level of a factor with few levels, the lowest or highest fifth of the points of one with many,
    and for choices and switches the one with the lowest or highest mean. Intervals are over replications in grids and lists (where all
    ends meet the same other factors and draws; one replication has none) and over points in sampled designs, where factors with an end of
    a single point are left out.

    Args:
        results: A sweep's results.
        outcome: Name of the outcome.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        against_base: Take the paired difference from the base point.
        level: Coverage.
        missing: Refuse failed runs, or leave them out.

    Returns:
        One row per factor, widest swing first: factor, ends (``range`` or ``choice``), low_at, high_at (values, as text), low, low_lower,
        low_upper, high, high_lower, high_upper, swing (high less low).

    Raises:
        InputError: Failed runs, no factor varies, or a sample too small for any end.
    """
    values = responses(results, outcome, year, against_base=against_base, missing=missing)
    points = points_of(results.design).loc[values.index]
    names = [name for name in varied_factors(points) if name != DUMMY]
    if not names:
        raise NothingVaries("no factor varies in this sweep: there is nothing to rank", file=str(results.path))
    array = values.to_numpy(float)
    if results.experiment.design.kind in ("grid", "list"):
        centred = array - mean_there(array)
        told = {name: _swing(_ends(points[name], centred), centred, level) for name in names}
    else:
        centred = mean_there(array, 1) - mean_there(mean_there(array, 1))
        ends = {name: _ends(points[name], centred) for name in names}
        enough = [name for name in names if min(at.sum() for _, at in ends[name]) >= _FEWEST]
        if not enough:
            raise NothingVaries(f"a sample of {len(values)} points is too small for swings: an end has a single point", file=str(results.path))
        told = {name: _swing(ends[name], centred, level) for name in enough}
    table = _without_dust(pd.DataFrame(list(told.values())), float(np.nanmax(np.abs(array))))
    table.insert(0, "factor", list(told))
    table.insert(1, "ends", ["choice" if _is_choice(points[name]) else "range" for name in told])
    return table.iloc[np.argsort(-table["swing"].abs().to_numpy(), kind="stable")].reset_index(drop=True)


def _without_dust(table: pd.DataFrame, scale: float) -> pd.DataFrame:
    """Numbers that are nothing but rounding of values of this size become zero."""
    numbers = table.select_dtypes(float)
    return table.assign(**numbers.mask(numbers.abs() < 1e-12 * scale, 0.0))


def _swing(ends: list[tuple[str, np.ndarray]], centred: np.ndarray, level: float) -> dict[str, Any]:
    """One row of the table; ``centred`` has shape (points,) or (points, replications)."""
    told: dict[str, Any] = {}
    for end, (value, at) in zip(("low", "high"), ends, strict=True):
        sample = centred[at] if centred.ndim == 1 else mean_there(centred[at])
        mean, lower, upper, _ = (float(part[0]) for part in mean_by_row(sample[None, :], level))
        told |= {f"{end}_at": value, end: mean, f"{end}_lower": lower, f"{end}_upper": upper}
    return told | {"swing": told["high"] - told["low"]}


def _is_choice(column: pd.Series) -> bool:
    """Whether a factor's values have no order of their own: names and switches."""
    return not pd.api.types.is_numeric_dtype(column) or column.dtype == bool


def _ends(column: pd.Series, centred: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Name and points (a mask) of the low and of the high end of a factor."""
    if _is_choice(column):
        text = column.astype(str)
        by_point = centred if centred.ndim == 1 else mean_there(centred, 1)
        order = pd.Series(by_point, index=column.index).groupby(text).mean().sort_values().index
        return [(str(choice), (text == choice).to_numpy()) for choice in (order[0], order[-1])]
    numbers = column.to_numpy(float)
    if column.nunique() <= MOST_LEVELS:
        return [(f"{end:g}", numbers == end) for end in (np.nanmin(numbers), np.nanmax(numbers))]
    low, high = np.nanquantile(numbers, [_SHARE, 1 - _SHARE])
    return [(f"up to {short_number(low)}", numbers <= low), (f"{short_number(high)} and more", numbers >= high)]
