"""Runs without a value: what is refused and with which remedy, what is left out and how that is told."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError, WithoutEffect

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results


class LeftOut(WithoutEffect):
    """Something that the tables or figures of a sweep do not show, told in one line with the way to ask for it."""


def leave_out(told: str, stacklevel: int = 3) -> None:
    """Say that something is not shown; the command line prints it as one line."""
    warnings.warn(told, LeftOut, stacklevel=stacklevel)


def refusal(results: Results, outcome: str, finite: np.ndarray, first: str) -> InputError:
    """Why values with gaps are refused, and what helps: runs that failed, runs to come, or runs that hold no such value.

    Args:
        results: A sweep's results.
        outcome: Name of the outcome.
        finite: Whether each value is there.
        first: Place of the first gap, in words.
    """
    status, place = results.status(), str(results.path)
    told = f"{int((~finite).sum())} of {finite.size} values of {outcome!r} are missing or not finite (first: {first})"
    failed, open_ = status.finished - status.statuses.get("ok", 0), status.total - status.finished
    if failed:
        reason = next(iter(status.reasons), "no reason known")
        cause = f"{failed} of {status.total} runs failed ({reason}); run them again with: expansion-sim resume {place} --retry-failed"
    elif open_:
        cause = f"{open_} of {status.total} runs are not finished; go on with: expansion-sim resume {place}"
    else:
        cause = "the runs are whole and hold nothing to take it from"
    return InputError(f"{told}: {cause}; or leave them out with --missing drop (missing='drop')", file=place)


def with_values(values: pd.DataFrame) -> pd.DataFrame:
    """The points that have a value at all: index point or (point, year), one column per replication."""
    there = values.notna().any(axis=1)
    kept = there.groupby(level="point").transform("any")
    return values[kept.to_numpy(bool)]


def gap_words(values: pd.DataFrame) -> str:
    """A sentence on what had to be left out of one outcome (index point, one column per replication); nothing where all is there."""
    gaps = int(values.isna().to_numpy().sum())
    if not gaps:
        return ""
    told = f"{gaps} of {values.size} runs have no value and are left out"
    empty = list(values.index[values.isna().all(axis=1)])
    if not empty:
        return f"{told}."
    named = f"point {empty[0]}" if len(empty) == 1 else f"{len(empty)} points"
    return f"{told}, {named} with all runs."


def mean_there(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """Mean of the values that are there along an axis, NaN (without a warning) where there is none."""
    there = np.isfinite(values)
    count = there.sum(axis=axis)
    total = np.where(there, values, 0.0).sum(axis=axis)
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)
