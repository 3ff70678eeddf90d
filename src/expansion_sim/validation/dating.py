"""Dates of waves, surges and leads found from yearly flows; one rule each, the same for every run.

All take years x replications (index year) and return one year per replication, NaN where the rule finds none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

#: Fewest projects a year from which a relative jump is counted.
FEWEST = 10.0


def _by_column(table: pd.DataFrame, rule: Callable[[pd.Series], float]) -> np.ndarray:
    return np.array([rule(table[column]) for column in table.columns], float)


def _first(condition: pd.Series) -> float:
    """First year in which a condition holds."""
    return float(condition.index[np.argmax(condition.to_numpy())]) if condition.any() else np.nan


def first_year_above(table: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """First year in which one series lies above another."""
    return _by_column(table - other, lambda gap: _first(gap > 0))


def lasting_lead(table: pd.DataFrame, other: pd.DataFrame, first: int, years: int) -> np.ndarray:
    """First year from ``first`` on that opens a run of years in which one series lies above another.

    Args:
        table: The series that takes the lead.
        other: The series it overtakes.
        first: First year looked at.
        years: Length of the run.
    """

    def rule(gap: pd.Series) -> float:
        ahead = (gap.loc[first:] > 0).astype(int)
        return _first(ahead[::-1].rolling(years).sum()[::-1] == years)

    return _by_column(table - other, rule)


def final_lead(table: pd.DataFrame, other: pd.DataFrame, first: int) -> np.ndarray:
    """Year from which on one series stays above another until the end, from ``first`` on; NaN when it does not end above.

    Args:
        table: The series that takes the lead.
        other: The series it overtakes.
        first: First year looked at.
    """

    def rule(gap: pd.Series) -> float:
        behind = np.flatnonzero(gap.loc[first:] <= 0)
        years = gap.loc[first:].index
        at = int(behind[-1]) + 1 if behind.size else 0
        return float(years[at]) if at < len(years) else float("nan")

    return _by_column(table - other, rule)


def take_off(projects: pd.DataFrame) -> np.ndarray:
    """First year from 1966 on in which projects exceed twice their 1965-69 mean."""
    return _by_column(projects, lambda p: _first(p.loc[1966:] > 2 * p.loc[1965:1969].mean()))


def surge(projects: pd.DataFrame) -> np.ndarray:
    """First year of 1980-1992 with projects half above the mean of the three years before."""

    def rule(p: pd.Series) -> float:
        before = p.rolling(3).mean().shift(1)
        return _first((p > 1.5 * before).loc[1980:1992])

    return _by_column(projects, rule)


def largest_jump(projects: pd.DataFrame) -> np.ndarray:
    """Year of 1961-1980 with the largest ratio to the year before, among years after at least FEWEST projects."""

    def rule(p: pd.Series) -> float:
        before = p.shift(1).loc[1961:1980]
        ratio = (p.loc[1961:1980] / before).where(before >= FEWEST)
        return float(ratio.idxmax()) if ratio.notna().any() else np.nan

    return _by_column(projects, rule)


def peak(projects: pd.DataFrame) -> np.ndarray:
    """Year of 1968-1977 with most projects."""
    return _by_column(projects, lambda p: float(p.loc[1968:1977].idxmax()))


def first_wave(projects: pd.DataFrame) -> np.ndarray:
    """Start and end of the first wave, shape (R, 2).

    It ends at the peak of 1968-1977 and starts in the first year of the ten up to the peak that lies above half their mean.
    """

    def rule(p: pd.Series) -> tuple[float, float]:
        end = float(p.loc[1968:1977].idxmax())
        decade = p.loc[end - 9 : end]
        return _first(decade > decade.mean() / 2), end

    return np.array([rule(projects[column]) for column in projects.columns])


def second_wave(projects: pd.DataFrame) -> np.ndarray:
    """Start and end of the second wave, shape (R, 2).

    It starts in the year after the trough of the eight years past the first peak and ends in the year before the surge.
    """
    ends, surges = peak(projects), surge(projects)
    starts = [
        float(projects[column].loc[end + 1 : end + 8].idxmin()) + 1 for column, end in zip(projects.columns, ends, strict=True)
    ]
    return np.column_stack([starts, surges - 1])
