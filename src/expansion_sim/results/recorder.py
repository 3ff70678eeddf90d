"""The recorder of a model: arrays during the run, tidy frames once at the end.

A year costs a few array copies. Building the frames of seventy years is vectorised, so the whole run stays as fast as its rules.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.codes import HOSTS, INDUSTRIES, MODES, SIZE_CLASSES
from expansion_sim.population.schema import copied, joined
from expansion_sim.results.event_log import EventLog, Happenings, events_frame, having
from expansion_sim.results.flows import FLOW_KINDS, Flow, add_flows, flow_of, margin_of
from expansion_sim.results.frames import DIMENSIONS, TidyRows, labelled, series
from expansion_sim.results.measures import FIRMS_IN_HOST, FIRMS_IN_MODE, STOCKS

PROGRAMME_COLUMNS = ("year", "programme", "applications", "awards", "spending_million_yen", "additional", "deadweight",
                     "lending_million_yen", "taken_up", "foregone_million_yen", "at_home_million_yen")
SURVEY_COLUMNS = ("year", "survey", "value")


class Frames(NamedTuple):
    """The tidy tables of one replication.

    Attributes:
        yearly: year, measure, industry, size_class, mode, host, value.
        events: One row per event, see :mod:`expansion_sim.results.event_log`.
        programmes: year, programme, applications, awards, spending_million_yen, additional, deadweight, lending_million_yen, taken_up,
            foregone_million_yen (tax not collected), at_home_million_yen (part of spending that serves business at home).
        surveys: year, survey, value.
    """

    yearly: pd.DataFrame
    events: pd.DataFrame
    programmes: pd.DataFrame
    surveys: pd.DataFrame


class YearlyTable:
    """Yearly tables of firms as dense arrays, one slab per year."""

    def __init__(self, first: int, last: int) -> None:
        years, industries, sizes = last - first + 1, len(INDUSTRIES), len(SIZE_CLASSES)
        self.first = first
        self.stocks = np.zeros((years, industries, sizes, len(STOCKS)))
        self.mode_stocks = np.zeros((years, industries, sizes, len(MODES)))
        self.host_stocks = np.zeros((years, industries, len(MODES), len(HOSTS)))
        self.recorded = np.zeros(years, bool)
        self.scalars: dict[str, np.ndarray] = {}

    def until(self, last: int) -> YearlyTable:
        """A copy for a run to another last year, with all years recorded so far."""
        other = YearlyTable(self.first, last)
        number = min(self.recorded.size, other.recorded.size)
        for name in ("stocks", "mode_stocks", "host_stocks", "recorded"):
            getattr(other, name)[:number] = getattr(self, name)[:number]
        for name, values in self.scalars.items():
            other.scalars[name] = np.full(other.recorded.size, np.nan)
            other.scalars[name][:number] = values[:number]
        return other

    def store(self, table: np.ndarray, year: int, values: np.ndarray) -> None:
        """Copy one year's ``values`` into ``table``.

        Raises:
            ValueError: A year outside the run, a wrong shape, or a value that is not finite.
        """
        row = self.row(year)
        if values.shape != table.shape[1:]:
            raise ValueError(f"year {year}: table of shape {values.shape}, expected {table.shape[1:]}")
        table[row] = values
        if not np.isfinite(table[row]).all():
            cell = np.argwhere(~np.isfinite(values))[0]
            raise ValueError(f"year {year}: a recorded table holds a value that is not finite, at {cell}")
        self.recorded[row] = True

    def row(self, year: int) -> int:
        """Position of a year on the first axis."""
        if not 0 <= year - self.first < self.recorded.size:
            raise ValueError(f"year {year} lies outside {self.first}-{self.first + self.recorded.size - 1}")
        return year - self.first

    def years(self) -> np.ndarray:
        """Recorded years, ascending."""
        return self.first + np.flatnonzero(self.recorded)


class Recorder:
    """What a model hands over once a year; :meth:`frames` turns it into tables.

    Args:
        first: First year of the run.
        last: Last year of the run.
        programmes: Names of the programmes by row, used as labels.
    """

    def __init__(self, first: int, last: int, programmes: Sequence[str] = ()) -> None:
        self.first, self.last = first, last
        self.programme_names = tuple(programmes)
        self.table = YearlyTable(first, last)
        self.log = EventLog()
        self._programmes: list[tuple[np.ndarray, np.ndarray]] = []  # year of each row, and the rows
        self._surveys: list[tuple[int, str, float]] = []

    def branched(self, last: int, programmes: Sequence[str], rows: np.ndarray) -> Recorder:
        """A recorder with the same past for a run that goes on by itself; what is recorded of past years is never written again.

        Args:
            last: Last year of that run.
            programmes: Names of its programmes by row.
            rows: Row there of each programme here, shape (n + 1,), -1 where there is none and at the end.
        """
        other = type(self)(self.first, last, programmes)
        other.table, other.log = self.table.until(last), self.log.branched(rows)
        if self._programmes:
            year, table = self._joined_programmes()
            other._programmes = [(year, _renumbered(table, rows))]
        other._surveys = list(self._surveys)
        return other

    def stocks(self, year: int, table: np.ndarray) -> None:
        """Record sums over firms, shape (industry 11, size 5, measure 16) in the order of STOCKS."""
        self.table.store(self.table.stocks, year, table)

    def mode_stocks(self, year: int, table: np.ndarray) -> None:
        """Record weighted firms using each mode, shape (industry 11, size 5, mode 7); mode 0 is firms in no mode."""
        self.table.store(self.table.mode_stocks, year, table)

    def host_stocks(self, year: int, table: np.ndarray) -> None:
        """Record weighted firms using each mode in each host or market, shape (industry 11, mode 7, host 16)."""
        self.table.store(self.table.host_stocks, year, table)

    def events(self, year: int, firms: np.ndarray) -> None:
        """Record the rows with ``events != 0``, dtype FIRM_DTYPE, rows of firms gone this year included."""
        self.table.row(year)
        self.log.add(year, firms)

    def programmes(self, year: int, table: np.ndarray) -> None:
        """Record programmes: structured array with the row of the programme and the amounts of :data:`PROGRAMME_COLUMNS`."""
        self._programmes.append((np.full(table.size, year, np.int16), copied(table)))

    def surveys(self, year: int, values: Mapping[str, float]) -> None:
        """Record survey moments of the year by name."""
        self._surveys.extend((year, name, float(value)) for name, value in values.items())

    def scalars(self, year: int, values: Mapping[str, float]) -> None:
        """Record numbers that belong to the whole economy, by measure name."""
        row = self.table.row(year)
        for name, value in values.items():
            self.table.scalars.setdefault(name, np.full(self.table.recorded.size, np.nan))[row] = value

    def frames(self) -> Frames:
        """Build all tables of the years recorded so far."""
        tables = RecordedTables(self)
        return Frames(tables.yearly, tables.events, tables.programmes, tables.surveys)

    @property
    def has_programmes(self) -> bool:
        """Whether a year of programmes has been recorded."""
        return bool(self._programmes)

    def programme_rows(self) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """Rows of the table of programmes so far, the year of each, and the label of every programme; there must be a year."""
        year, table = self._joined_programmes()
        names = self.programme_names
        return table, year, [names[i] if i < len(names) else str(i) for i in range(max(int(table["programme"].max(initial=-1)) + 1, len(names)))]

    def _joined_programmes(self) -> tuple[np.ndarray, np.ndarray]:
        """Year of each row and rows of all years; they are kept in one piece, which branches and tables share."""
        if len(self._programmes) > 1:
            years, tables = zip(*self._programmes, strict=True)
            self._programmes = [(np.concatenate(years), joined(tables, tables[0].dtype))]
        return self._programmes[0]

    def programmes_table(self) -> pd.DataFrame:
        """Programmes of the years recorded so far."""
        return programme_frame(*self.programme_rows()) if self._programmes else programme_frame()

    def surveys_table(self) -> pd.DataFrame:
        """Surveys of the years recorded so far."""
        return survey_frame(self._surveys)


def _renumbered(table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """A table of programmes with new rows."""
    other = copied(table)
    other["programme"] = rows[table["programme"]]
    return other


class RecordedTables:
    """The tables of a recorder, each built when it is first read: a sweep that keeps three numbers a year reads one of them.

    Args:
        recorder: What a model recorded; not changed any more.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._flows: dict[tuple[str, int], Flow] = {}

    @cached_property
    def _log(self) -> tuple[np.ndarray, Happenings]:
        log = self._recorder.log.rows()
        return log, Happenings(log)

    def series(self, measure: str, since: int = 0, **labels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """One measure by year: what :func:`expansion_sim.results.frames.series` reads from the yearly table, without building it.

        Args:
            measure: Name of the measure.
            since: First year wanted; earlier ones are not worked out.
            labels: Dimension -> labels to be added up.

        Returns:
            Years and values, each of shape (years,).
        """
        table = self._recorder.table
        years = table.years()[table.years() >= since]
        found = _recorded_array(table, measure)
        if found is not None:
            array, dimensions = found
            summed, rows = tuple(axis for axis, name in enumerate(dimensions, 1) if name not in labels), years - table.first
            values = array[rows].sum(axis=summed) if summed else array[rows]
            return years, _labelled_sum(values, dimensions, labels)
        told = self._flow(measure, years, labels)
        if told is not None:
            return years, _labelled_sum(*told, labels)
        values = series(self.yearly, measure, **labels)[0].loc[since:]
        return values.index.to_numpy(), values.to_numpy()

    def _flow(self, measure: str, years: np.ndarray, labels: Mapping[str, Sequence[str]]) -> tuple[np.ndarray, tuple[str, ...]] | None:
        """Margin of a flow and its dimensions; None where it has to be added up from rows of the table: several labels, or years left out."""
        if measure not in FLOW_KINDS or any(len(each) > 1 for each in labels.values()) or np.any(np.diff(years) != 1) or not years.size:
            return None
        key = measure, int(years[0])
        if key not in self._flows:
            log = having(self._recorder.log.since(key[1]), FLOW_KINDS[measure])
            self._flows[key] = flow_of(measure, years, log, Happenings(log))
        return margin_of(self._flows[key], set(labels))

    def programme_totals(self, column: str, names: Collection[str] | None, years: np.ndarray) -> np.ndarray:
        """Sums of a column of the table of programmes by year, without building the table; shape (years,).

        Args:
            column: One of :data:`PROGRAMME_COLUMNS` that is recorded.
            names: Labels of the programmes to be added up; None for all.
            years: All years of the run, increasing.
        """
        if not self._recorder.has_programmes:
            return np.zeros(years.size)
        table, at, labels = self._programme_rows
        wanted = [row for row, label in enumerate(labels) if label in names] if names is not None else []
        kept = np.isin(table["programme"], wanted) if names is not None else slice(None)
        return np.bincount(at[kept].astype(np.int64) - int(years[0]), table[column.removesuffix("_million_yen")][kept].astype(float), years.size)

    @cached_property
    def _programme_rows(self) -> tuple[np.ndarray, np.ndarray, list[str]]:
        return self._recorder.programme_rows()

    @cached_property
    def yearly(self) -> pd.DataFrame:
        """The tidy yearly table."""
        return yearly_frame(self._recorder.table, *self._log)

    @cached_property
    def events(self) -> pd.DataFrame:
        """One row per event."""
        return events_frame(*self._log, self._recorder.programme_names)

    @cached_property
    def programmes(self) -> pd.DataFrame:
        """Applications, awards and spending per programme and year."""
        return self._recorder.programmes_table()

    @cached_property
    def surveys(self) -> pd.DataFrame:
        """Survey moments."""
        return self._recorder.surveys_table()


def _labelled_sum(values: np.ndarray, dimensions: Sequence[str], labels: Mapping[str, Sequence[str]]) -> np.ndarray:
    """Sum over the labels asked for, shape (years,); ``values`` has one axis after the year for each dimension that is labelled."""
    for name in (name for name in reversed(dimensions) if name in labels):
        codes = [DIMENSIONS[name].index(label) - 1 for label in labels[name]]
        values = values[..., codes].sum(axis=-1)
    return np.asarray(values)


def _recorded_array(table: YearlyTable, measure: str) -> tuple[np.ndarray, tuple[str, ...]] | None:
    """The array that holds a stock or a number of the whole economy, and its dimensions after the year; None for flows."""
    if measure in STOCKS:
        return table.stocks[..., STOCKS.index(measure)], ("industry", "size_class")
    if measure == FIRMS_IN_MODE:
        return table.mode_stocks, ("industry", "size_class", "mode")
    if measure == FIRMS_IN_HOST:
        return table.host_stocks, ("industry", "mode", "host")
    return (np.nan_to_num(table.scalars[measure]), ()) if measure in table.scalars else None


def yearly_frame(table: YearlyTable, log: np.ndarray, items: Happenings) -> pd.DataFrame:
    """The tidy yearly table out of stocks, mode and host stocks, scalars and the flows in the log.

    Totals over all dimensions, stocks by industry and by size, and firms per mode are written even when zero; of all other
    rows only those that are not zero.
    """
    rows, years, kept = TidyRows(), table.years(), table.recorded
    by = ("industry", "size_class")
    stocks = table.stocks[kept]
    for position, measure in enumerate(STOCKS):
        rows.add_margins(measure, years, stocks[..., position], by, keep=[by, by[:1], by[1:]], always=[()])
    rows.add_margins(
        FIRMS_IN_MODE, years, table.mode_stocks[kept], (*by, "mode"),
        keep=[("industry", "mode"), ("size_class", "mode")], always=[("mode",)],
    )
    in_host = ("industry", "mode", "host")
    rows.add_margins(FIRMS_IN_HOST, years, table.host_stocks[kept], in_host, keep=[in_host, ("mode", "host")])
    for name, values in table.scalars.items():
        known = kept & np.isfinite(values)
        rows.add(name, table.first + np.flatnonzero(known), values[known], (), zeros=True)
    add_flows(rows, years, log, items)
    return rows.frame()


def programme_frame(table: np.ndarray | None = None, year: np.ndarray | None = None, labels: Sequence[str] = ()) -> pd.DataFrame:
    """Programmes with applications; additional and deadweight need a paired comparison and are unknown in a single run.

    Args:
        table: See :meth:`Recorder.programme_rows`, like the rest; None without a recorded year.
        year: Year of each row.
        labels: Label of every programme.
    """
    if table is None:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in PROGRAMME_COLUMNS})
    unknown = np.full(table.size, np.nan)
    row = labelled(table["programme"].astype(np.int64), labels)
    columns = (year, row, table["applications"], table["awards"], table["spending"], unknown, unknown, table["lending"], table["taken_up"],
               table["foregone"], table["at_home"])
    return pd.DataFrame(dict(zip(PROGRAMME_COLUMNS, columns, strict=True)))


def survey_frame(rows: Sequence[tuple[int, str, float]]) -> pd.DataFrame:
    """Survey moments, one row per year and name; a moment without firms in its frame is NaN."""
    frame = pd.DataFrame(list(rows), columns=list(SURVEY_COLUMNS))
    return frame.astype({"year": "int16", "survey": "category", "value": "float64"})
