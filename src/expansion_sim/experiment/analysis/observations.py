"""What every analysis reads from a sweep: one outcome by point and replication, and the factors of each point.

Failed runs are refused unless the caller says otherwise: an index computed over holes looks like any other number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.experiment.spec import RESERVED
from expansion_sim.results.intervals import mean_interval

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results

#: A calendar year, ``total`` for the sum over all recorded years (of a flow), or None for the last year.
Year = int | Literal["total"] | None

#: What to do about runs without a value: refuse the analysis, or leave them out.
Missing = Literal["raise", "drop"]

class NothingVaries(InputError):
    """A question that the sweep has no answer to, because what it asks about is the same everywhere."""


def factor_names(design: pd.DataFrame) -> list[str]:
    """The factors of a design table, in its order."""
    return [name for name in design.columns if name not in RESERVED]


def bases_of(design: pd.DataFrame) -> pd.Index:
    """The points that are base worlds: those whose runs other runs are paired with."""
    named = design["run"].isin(design["paired_with"].dropna())
    return pd.Index(sorted(design.loc[named, "point"].unique()), name="point")


def main_points(design: pd.DataFrame) -> pd.Index:
    """The points of the design itself, base worlds left out, ascending."""
    return pd.Index(sorted(design["point"].unique()), name="point").difference(bases_of(design))


def points_of(design: pd.DataFrame) -> pd.DataFrame:
    """Factor values by point: index point, one column per factor."""
    return design.drop_duplicates("point").set_index("point").sort_index()[factor_names(design)]


def varied_factors(points: pd.DataFrame) -> list[str]:
    """The factors that take more than one value."""
    return [name for name in points.columns if points[name].astype(str).nunique() > 1]


def years_of(results: Results, outcome: str) -> list[int]:
    """Years in which an outcome was recorded, ascending; empty for an outcome of a whole run.

    Raises:
        InputError: The sweep has no such outcome.
    """
    table = results.table([known_outcome(results, outcome)], missing="drop")
    return sorted(int(year) for year in table["year"].unique() if year)


def known_outcome(results: Results, outcome: str) -> str:
    """``outcome`` if the sweep recorded it.

    Raises:
        InputError: It did not; the nearest name is given.
    """
    kept = list(outcome_names(results))
    if outcome not in kept:
        near = allowed_names(outcome, kept)
        raise InputError(f"no outcome {outcome!r} in this sweep; {near}".rstrip("; "), file=str(results.path))
    return outcome


def outcome_names(results: Results) -> list[str]:
    """Names of the recorded outcomes, in the order of the experiment."""
    return list(results.outcomes)


def observations(results: Results, outcome: str, year: Year = None, missing: Missing = "raise") -> pd.DataFrame:
    """One outcome of every run.

    Args:
        results: A sweep's results.
        outcome: Name of the outcome.
        year: Calendar year, or ``total`` for the sum over all years; None takes the last recorded one, or the whole run for
            outcomes without years.
        missing: ``drop`` leaves NaN where a run failed; ``raise`` refuses.

    Returns:
        Index point, one column per replication; NaN marks a run that failed, never a value.

    Raises:
        InputError: An unknown outcome or year, or failed runs with ``missing="raise"``.
    """
    years = years_of(results, outcome)
    if year == "total" and years:
        return by_year(results, outcome, missing).groupby("point").sum(min_count=len(years))
    chosen = _known_year(year, years, outcome, str(results.path))
    return accepted(results.values(outcome, chosen), outcome, missing, str(results.path))


def _known_year(year: Year, years: list[int], outcome: str, place: str) -> int | None:
    """The year to read; None for an outcome of the whole run."""
    if year is None or not years:
        if isinstance(year, int):
            raise InputError(f"outcome {outcome!r} has no years; it is recorded once per run", file=place)
        return years[-1] if years else None
    if year not in years:
        raise InputError(f"outcome {outcome!r} has no year {year}; recorded years: {years[0]} to {years[-1]}", file=place)
    return int(year)


def accepted(values: pd.DataFrame, outcome: str, missing: Missing, place: str | None = None) -> pd.DataFrame:
    """``values`` if the gaps in them are allowed.

    Args:
        values: Any index, one column per replication.
        outcome: Name for the message.
        missing: Whether gaps are refused or left as NaN.
        place: Directory for the message.

    Raises:
        InputError: There are gaps or infinite values and ``missing`` is ``raise``, or nothing but gaps.
    """
    finite = np.isfinite(values.to_numpy(float))
    if missing not in ("raise", "drop"):
        raise InputError(f"missing={missing!r} is not known; {allowed_names(missing, ('raise', 'drop'))}")
    if not finite.any():
        raise InputError(f"no run has a value of {outcome!r}", file=place)
    gaps = int((~finite).sum())
    if gaps and missing == "raise":
        row, column = np.argwhere(~finite)[0]
        names = [name or "row" for name in values.index.names]
        place_of = values.index[row] if len(names) > 1 else (values.index[row],)
        first = ", ".join(f"{name} {at}" for name, at in zip(names, place_of, strict=True))
        first = f"first: {first}, replication {values.columns[column]}"
        told = f"{gaps} of {finite.size} values of {outcome!r} are missing or not finite ({first})"
        raise InputError(f"{told}; resume the sweep, or leave them out with missing='drop' (--missing drop)", file=place)
    return values.where(finite)


def by_year(results: Results, outcome: str, missing: Missing = "raise") -> pd.DataFrame:
    """One outcome of every run and year.

    Returns:
        Index (point, year), one column per replication; NaN where a run failed.

    Raises:
        InputError: As :func:`observations`.
    """
    table = results.table([known_outcome(results, outcome)], missing="drop")
    values = table.pivot(index=["point", "year"], columns="replication", values="value")
    runs = results.design
    wanted = pd.MultiIndex.from_product([sorted(runs["point"].unique()), sorted(table["year"].unique())], names=["point", "year"])
    values = values.reindex(index=wanted, columns=sorted(runs["replication"].unique()))
    return accepted(values, outcome, missing, str(results.path))


def mean_by_row(values: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mean and Student's t interval of each row over its values that are there.

    Args:
        values: Shape (rows, replications); NaN is left out.
        level: Coverage of the interval.

    Returns:
        mean, low, high and number of values, each of shape (rows,); NaN where nothing can be said.
    """
    present = np.isfinite(values)
    count = present.sum(axis=1)
    told = np.full((3, len(values)), np.nan)
    for n in np.unique(count[count > 0]):
        rows = count == n
        complete = values[rows][present[rows]].reshape(-1, n)
        told[:, rows] = mean_interval(complete, level)[:3]
    return told[0], told[1], told[2], count
