"""The tables of a run as the facts read them: per replication, with a plain reason wherever something is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from expansion_sim.history import load_history
from expansion_sim.results.frames import replication_of, series


class NotComputed(LookupError):
    """A fact cannot be computed from this run; the message is the reason shown to the reader."""


class RunTables:
    """Reads a run's yearly, events, programmes and surveys tables.

    Args:
        run: Anything with the frames ``yearly``, ``events``, ``programmes`` and ``surveys`` in the format of results/.

    Attributes:
        first: First recorded year.
        last: Last recorded year.
        replications: Number of replications R.
    """

    def __init__(self, run: Any) -> None:
        self._run = run
        years = run.yearly["year"].to_numpy()
        if not years.size:
            raise NotComputed("the run recorded no year")
        self.first, self.last = int(years.min()), int(years.max())
        self.replications = int(replication_of(run.yearly).max()) + 1
        self._measures = frozenset(run.yearly["measure"].unique())

    def need(self, first: int, last: int) -> None:
        """Refuse when the run does not cover the years.

        Raises:
            NotComputed: Years missing at either end.
        """
        if last > self.last:
            raise NotComputed(f"the run ends in {self.last}, before {last}")
        if first < self.first:
            raise NotComputed(f"the run starts in {self.first}, after {first}")

    def series(self, measure: str, **labels: Any) -> pd.DataFrame:
        """One measure as years x replications, zeros put back; labels as in :func:`results.frames.series`.

        Raises:
            NotComputed: The run does not record the measure.
        """
        if measure not in self._measures:
            raise NotComputed(f"the run does not record '{measure}'")
        return series(self._run.yearly, measure, **labels)

    def at(self, measure: str, year: int, **labels: Any) -> np.ndarray:
        """One measure in one year, shape (R,)."""
        self.need(year, year)
        return self.series(measure, **labels).loc[year].to_numpy(float)

    def total(self, measure: str, first: int, last: int, **labels: Any) -> np.ndarray:
        """Sum of one measure over years, ends included, shape (R,)."""
        self.need(first, last)
        return self.series(measure, **labels).loc[first:last].sum().to_numpy(float)

    def survey(self, name: str, year: int) -> np.ndarray:
        """A survey of the year, shape (R,); NaN in replications where nobody was in the frame.

        Raises:
            NotComputed: The year is not in the run, the survey was not taken, or its frame was empty in every replication.
        """
        self.need(year, year)
        table = self._run.surveys
        rows = table[(table["year"] == year) & (table["survey"] == name)] if len(table) else table
        if not len(rows):
            raise NotComputed(f"the run did not take the survey '{name}' of {year}")
        values = np.full(self.replications, np.nan)
        values[replication_of(rows)] = rows["value"].to_numpy(float)
        if np.isnan(values).all():
            raise NotComputed(f"no simulated firm gives an answer to the survey '{name}' of {year}")
        return values

    def events(self, kinds: Iterable[str], modes: Iterable[str] = (), first: int = 0, last: int = 9999) -> pd.DataFrame:
        """Rows of the events table by kind, mode and year, with a column ``replication`` in every case."""
        table = self._run.events
        keep = table["event"].isin(list(kinds)) & table["year"].between(first, last)
        if modes := list(modes):
            keep &= table["mode"].isin(modes)
        rows = table[keep]
        return rows if "replication" in rows.columns else rows.assign(replication=0)

    def per_replication(
        self, rows: pd.DataFrame, statistic: Callable[[pd.DataFrame], float | tuple[float, ...]], what: str
    ) -> np.ndarray:
        """A statistic of the rows of each replication, shape (R,) or (R, k).

        Args:
            rows: Rows with a column ``replication``.
            statistic: Function of the rows of one replication.
            what: What the rows are, for the reason when there are none.

        Raises:
            NotComputed: No rows in any replication.
        """
        if not len(rows):
            raise NotComputed(f"the run holds no {what}")
        return np.array([statistic(rows[rows["replication"] == r]) for r in range(self.replications)], float)

    def programme(self, ids: Iterable[str], column: str, first: int, last: int) -> np.ndarray:
        """Sum of a column of the programmes table over programmes and years, shape (R,).

        Args:
            ids: Ids of recorded programmes; the table may name them by id or by name.
            column: applications, awards, taken_up, spending_million_yen or lending_million_yen.
            first: First year.
            last: Last year.

        Raises:
            NotComputed: The years are not in the run or none of the programmes appears in its table.
        """
        self.need(first, last)
        table = self._run.programmes
        rows = (
            table[table["programme"].isin(self.programme_names(ids)) & table["year"].between(first, last)]
            if len(table)
            else table
        )
        if not len(rows):
            span = str(first) if first == last else f"{first}-{last}"
            raise NotComputed(f"the run records no application to {', '.join(ids)} in {span}")
        return np.bincount(replication_of(rows), rows[column].to_numpy(float), self.replications)

    @staticmethod
    def programme_names(ids: Iterable[str]) -> set[str]:
        """Labels under which recorded programmes may stand in a table: their ids and their names."""
        names = load_history().programmes.set_index("id")["name"]
        return {label for programme in ids for label in (programme, names[programme])}
