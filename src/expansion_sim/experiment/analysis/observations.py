"""What every analysis reads from a sweep: one outcome by point and replication, and the factors of each point.

Failed runs are refused unless the caller says otherwise: an index computed over holes looks like any other number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.experiment.analysis.gaps import refusal
from expansion_sim.experiment.spec import RESERVED
from expansion_sim.results.intervals import mean_interval

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results

#: A calendar year, ``total`` for the sum over all years of the span that is kept (of a flow), or None for the last year.
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
        year: Calendar year, or ``total`` for the sum over all years of a flow; None takes the last recorded one, or the whole run
            for outcomes without years.
        missing: ``drop`` leaves NaN where a run failed; ``raise`` refuses.

    Returns:
        Index point, one column per replication; NaN marks a run that failed, never a value.

    Raises:
        InputError: An unknown outcome or year, a sum that is none (see :func:`why_no_sum`), or failed runs with ``missing="raise"``.
    """
    years = years_of(results, outcome)
    reason = why_not(results, outcome, year)
    if reason:
        raise InputError(reason, file=str(results.path))
    if year == "total" and years:
        return by_year(results, outcome, missing).groupby("point").sum(min_count=len(years))
    chosen = (int(year) if isinstance(year, int) else years[-1]) if years else None
    return accepted(results, results.values(outcome, chosen), outcome, missing)


def why_not(results: Results, outcome: str, year: Year) -> str:
    """Why an outcome cannot be read in a year, or summed over the years; empty where it can."""
    years = years_of(results, outcome)
    if year == "total":
        return why_no_sum(results, outcome) if years else ""
    if year is not None and not years:
        return f"outcome {outcome!r} has no years; it is recorded once per run"
    if year is not None and year not in years:
        return f"outcome {outcome!r} has no year {year}; recorded years: {_spans(years)}"
    return ""


def why_no_sum(results: Results, outcome: str) -> str:
    """Why an outcome has no sum over its years; empty where it has one.

    Stocks have none: only what is counted by the year (``a year`` in the unit) adds up. Nor have flows of which some years inside the
    span were not kept: their sum would be called that of the span and be a part of it.
    """
    years, unit = years_of(results, outcome), results.unit(outcome)
    if "a year" not in unit:
        told = f"its unit is {unit!r}, not one a year" if unit else "it has no unit that says a year"
        return f"{outcome!r} is no flow ({told}): values of different years do not add up; ask for one year"
    gone = sorted(set(range(years[0], years[-1] + 1)) - set(years)) if years else []
    if not gone:
        return ""
    remedy = "keep them all: leave out 'years', or list them in an [[outcome]] table of its own"
    return f"no sum of {outcome!r} over {years[0]}-{years[-1]}: {_spans(gone)} {'was' if len(gone) == 1 else 'were'} not kept; {remedy}"


def when_words(results: Results, outcome: str, year: Year) -> str:
    """The year of an outcome in words: a year, the span of a sum, or nothing for an outcome of the whole run."""
    years = years_of(results, outcome)
    if not years:
        return ""
    if year != "total":
        return str(year or years[-1])
    return f"sum of {years[0]}-{years[-1]}" if len(years) > 1 else f"{years[0]} alone"


def _spans(years: list[int]) -> str:
    """Years in words, neighbours joined: ``1961-1964, 1966``."""
    starts = [year for year in years if year - 1 not in years]
    ends = [year for year in years if year + 1 not in years]
    return ", ".join(f"{start}-{end}" if end > start else str(start) for start, end in zip(starts, ends, strict=True))


def accepted(results: Results, values: pd.DataFrame, outcome: str, missing: Missing) -> pd.DataFrame:
    """``values`` if the gaps in them are allowed.

    Args:
        results: The sweep that they are from.
        values: Any index, one column per replication.
        outcome: Name for the message.
        missing: Whether gaps are refused or left as NaN.

    Raises:
        InputError: There are gaps or infinite values and ``missing`` is ``raise``, or nothing but gaps.
    """
    finite = np.isfinite(values.to_numpy(float))
    if missing not in ("raise", "drop"):
        raise InputError(f"missing={missing!r} is not known; {allowed_names(missing, ('raise', 'drop'))}")
    if not finite.any():
        raise InputError(f"no run has a value of {outcome!r}", file=str(results.path))
    if missing == "raise" and not finite.all():
        row, column = np.argwhere(~finite)[0]
        names = [name or "row" for name in values.index.names]
        place_of = values.index[row] if len(names) > 1 else (values.index[row],)
        first = ", ".join(f"{name} {at}" for name, at in zip(names, place_of, strict=True))
        raise refusal(results, outcome, finite, f"{first}, replication {values.columns[column]}")
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
    return accepted(results, values, outcome, missing)


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
