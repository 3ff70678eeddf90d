"""What happened to which firm in which year: compact rows during the run, one tidy frame at the end.

Reading of the bits and columns of a firm's row:

- ``enter``: the bit enter is set and ``event_mode`` is a mode abroad; one row, at ``event_mode`` and ``event_host``.
- ``add_host``: a further market or plant in a mode in use; not written when the same row is already an ``enter``.
- ``leave``: one row per bit of ``left_modes`` of a firm that lives on; the host is known for plants only.
- ``closure`` and ``default``: one row per bit of ``left_modes`` of a firm that is gone, because the mode loses it. A default of a
  firm at home is written with an empty mode; other closures at home and births are only counted, in the yearly stocks.
- ``switch``: the year's entry or further host took the place of another mode, which has a row ``leave``; at ``event_mode``.
- ``reshore``, ``award``, ``invited``, ``delisted``, ``drop_host``, ``claw_back``: one row each.
- ``unfunded``: a plan that would have paid but that cash and credit did not cover; at its mode.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numba import njit

from expansion_sim.codes import (
    CONTRACT,
    DISTRICTS,
    EVENTS,
    HOME,
    HOSTS,
    INDUSTRIES,
    MODES,
    PLANT_MODES,
    SIZE_CLASSES,
    SIZE_EDGES,
)
from expansion_sim.population.schema import FIRM_DTYPE, joined
from expansion_sim.results.frames import labelled

#: Columns of a firm's row that the log keeps.
KEPT: tuple[str, ...] = (
    "firm", "weight", "events", "event_mode", "event_host", "left_modes", "left_host", "invited_host", "industry", "employees",
    "district", "parent", "followed", "cooperative", "programme", "years_in_mode",
    "unfunded",
)
LOG_DTYPE = np.dtype([("year", "i2"), *((name, FIRM_DTYPE[name]) for name in KEPT)])

#: Position of every kind of row, in the order in which a firm's rows of one year are listed.
KINDS: tuple[str, ...] = EVENTS

EVENT_COLUMNS = (
    "year", "firm", "event", "mode", "host", "industry", "size_class", "employees", "district", "parent", "followed",
    "cooperative", "programme", "years_in_mode", "weight",
)


def _bits(*names: str) -> int:
    return sum(1 << EVENTS.index(name) for name in names)


_GONE = _bits("closure", "default")
_TOOK_UP = _bits("enter")
#: Bits that always deserve rows; births and closures alone do not.
_TOLD = _bits("default", "enter", "switch", "reshore", "award", "invited", "delisted", "add_host", "drop_host", "claw_back",
              "unfunded")


@njit(cache=True)
def _kept(firms: np.ndarray, year: int, bits: int) -> np.ndarray:
    """Rows of the log for firms with one of some events or a mode left: all columns at once, because NumPy walks over the long records for each."""
    log, number = np.empty(firms.size, LOG_DTYPE), 0
    for i in range(firms.size):
        f = firms[i]
        if f.events & bits == 0 and f.left_modes == 0:
            continue
        row = log[number]
        row.year, row.firm, row.weight, row.events, row.event_mode, row.event_host = year, f.firm, f.weight, f.events, f.event_mode, f.event_host
        row.left_modes, row.left_host, row.invited_host, row.industry = f.left_modes, f.left_host, f.invited_host, f.industry
        row.employees, row.district, row.parent, row.followed, row.cooperative = f.employees, f.district, f.parent, f.followed, f.cooperative
        row.programme, row.years_in_mode, row.unfunded = f.programme, f.years_in_mode, f.unfunded
        number += 1
    return log[:number]


class EventLog:
    """Collects the eventful rows of each year, in parts of one year or several; nobody writes into a part again."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []
        self._moved: np.ndarray | None = None  # new rows of the programmes of the first part, which it shares with the log branched from

    def add(self, year: int, firms: np.ndarray) -> None:
        """Keep what the log needs of the rows of one year.

        Args:
            year: The year.
            firms: Rows with ``events != 0``, dtype FIRM_DTYPE, those of firms gone this year included.
        """
        self._parts.append(_kept(firms, year, _TOLD))

    def branched(self, rows: np.ndarray) -> EventLog:
        """A log with the same past, to which others may be added. It renumbers what is read of that past, which is rarely all of it.

        Args:
            rows: New row of each programme, shape (n + 1,), -1 where there is none and at the end.
        """
        other = EventLog()
        other._parts = [self.rows()]
        if (rows[:-1] != np.arange(rows.size - 1)).any():
            other._moved = rows
        return other

    def since(self, year: int) -> np.ndarray:
        """Kept rows of a year and of all after it, in order of year, dtype LOG_DTYPE."""
        late = [rows[np.searchsorted(rows["year"], year) :] if rows.size and rows["year"][-1] >= year else rows[:0] for rows in self._parts]
        return self._joined(late)

    def rows(self) -> np.ndarray:
        """All kept rows in order of year, dtype LOG_DTYPE."""
        if len(self._parts) != 1 or self._moved is not None:
            self._parts, self._moved = [self._joined(self._parts)], None
        return self._parts[0]

    def _joined(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """Rows of all parts, or of some of each, with the programmes of this log."""
        rows = joined(parts, LOG_DTYPE)
        if self._moved is not None:
            past = rows[: parts[0].size]
            past["programme"] = self._moved[past["programme"]]
        return rows

    def __len__(self) -> int:
        """Number of rows kept."""
        return sum(rows.size for rows in self._parts)


def having(log: np.ndarray, kinds: Sequence[str]) -> np.ndarray:
    """Rows of the log that may have items of some kinds, in their order: all that matters to who asks for these kinds only."""
    may = (log["events"] & _bits(*kinds)) != 0
    if not {"leave", "closure", "default"}.isdisjoint(kinds):
        may |= log["left_modes"] != 0
    return log.compress(may)


class Happenings:
    """The log taken apart: one item per event, mode and host, as arrays of codes.

    Attributes:
        row: Position of the firm's row in the log, shape (n,).
        kind: Position in KINDS, shape (n,).
        mode: Code of MODES, -1 none, shape (n,).
        host: Code of HOSTS, -1 none, shape (n,).
    """

    def __init__(self, log: np.ndarray) -> None:
        parts = [*_entries(log), *_losses(log), *_simple(log)]
        row, kind, mode, host = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.lexsort((mode, kind, row))
        self.row, self.kind, self.mode, self.host = row[order], kind[order], mode[order], host[order]

    def of(self, *kinds: str) -> np.ndarray:
        """Positions of the items of the given kinds."""
        wanted = np.zeros(len(KINDS), bool)
        wanted[[KINDS.index(kind) for kind in kinds]] = True
        return np.flatnonzero(wanted[self.kind])


Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _part(log: np.ndarray, rows: np.ndarray, kind: str, mode: np.ndarray | int, host: np.ndarray | int) -> Part:
    """Items of one kind; mode and host per item or one for all."""
    size = rows.size
    return (
        rows, np.full(size, KINDS.index(kind), np.int8),
        np.broadcast_to(np.asarray(mode, np.int8), size), np.broadcast_to(np.asarray(host, np.int8), size),
    )


def _entries(log: np.ndarray) -> list[Part]:
    """Entries and further hosts, at the mode and host of the year's entry."""
    into = log["event_mode"] != HOME
    entered = ((log["events"] & _TOOK_UP) != 0) & into
    added = ((log["events"] & _bits("add_host")) != 0) & into & ~entered
    switched = into & ((log["events"] & _bits("switch")) != 0)
    parts = []
    for kind, mask in (("enter", entered), ("add_host", added), ("switch", switched)):
        rows = np.flatnonzero(mask)
        parts.append(_part(log, rows, kind, log["event_mode"][rows], log["event_host"][rows]))
    return parts


def _losses(log: np.ndarray) -> list[Part]:
    """One item per mode lost, told apart by whether the firm lives on, closes or defaults."""
    gone = (log["events"] & _GONE) != 0
    defaulted = (log["events"] & _bits("default")) != 0
    parts = [_part(log, np.flatnonzero(defaulted & (log["left_modes"] == 0)), "default", -1, -1)]
    for mode in range(HOME + 1, len(MODES)):
        lost = (log["left_modes"] & (1 << mode)) != 0
        for kind, mask in (("leave", lost & ~gone), ("closure", lost & gone & ~defaulted), ("default", lost & defaulted)):
            rows = np.flatnonzero(mask)
            parts.append(_part(log, rows, kind, mode, log["left_host"][rows] if mode in PLANT_MODES else -1))
    return parts


def _simple(log: np.ndarray) -> list[Part]:
    """Events with one row and no mode of their own."""
    hosts = {"reshore": "left_host", "award": "event_host", "invited": "invited_host", "delisted": None, "drop_host": "left_host",
             "claw_back": None, "unfunded": None}
    parts = []
    for kind, column in hosts.items():
        rows = np.flatnonzero((log["events"] & _bits(kind)) != 0)
        mode: np.ndarray | int = -1
        if kind == "award":
            chosen = log["event_mode"][rows].astype(np.int8)
            mode = np.where(chosen == HOME, np.int8(-1), chosen)
        elif kind == "unfunded":
            mode = log["unfunded"][rows].astype(np.int8)
        elif kind == "reshore":
            mode = _plant_left(log["left_modes"][rows])
        parts.append(_part(log, rows, kind, mode, -1 if column is None else log[column][rows]))
    return parts


def _plant_left(left_modes: np.ndarray) -> np.ndarray:
    """Highest plant mode among the bits, -1 where only part of the plants was given up."""
    mode = np.full(left_modes.size, -1, np.int8)
    for candidate in range(CONTRACT, len(MODES)):
        mode[(left_modes & (1 << candidate)) != 0] = candidate
    return mode


def events_frame(log: np.ndarray, items: Happenings, programmes: Sequence[str] = ()) -> pd.DataFrame:
    """The tidy events table.

    Args:
        log: Rows of the log.
        items: The same rows taken apart.
        programmes: Names of the programmes by row; without names their row numbers are written.

    Returns:
        Columns EVENT_COLUMNS; '' where there is no mode, host or programme, -1 where there is no parent or cooperative.
        ``parent`` is the row of the main customer, ``years_in_mode`` the length of the spell of a mode given up, else 0.
    """
    def at(name: str) -> np.ndarray:
        return log[name][items.row]

    employees, programme = at("employees"), at("programme")
    highest = int(programme.max(initial=-1)) + 1
    names = [programmes[row] if row < len(programmes) else str(row) for row in range(max(highest, len(programmes)))]
    ended = np.isin(items.kind, [KINDS.index(kind) for kind in ("leave", "closure", "default", "reshore", "drop_host")])
    columns = {
        "year": at("year"), "firm": at("firm"), "event": labelled(items.kind, KINDS),
        "mode": labelled(items.mode + 1, ("", *MODES)), "host": labelled(items.host + 1, ("", *HOSTS)),
        "industry": labelled(at("industry").astype(np.int8), INDUSTRIES),
        "size_class": labelled(np.searchsorted(SIZE_EDGES, employees, side="right").astype(np.int8), SIZE_CLASSES),
        "employees": employees, "district": labelled(at("district").astype(np.int8), DISTRICTS), "parent": at("parent"),
        "followed": at("followed").astype(bool), "cooperative": at("cooperative"),
        "programme": labelled(programme + 1, ("", *names)),
        "years_in_mode": np.where(ended, at("years_in_mode"), 0).astype(np.int16), "weight": at("weight"),
    }
    return pd.DataFrame({name: columns[name] for name in EVENT_COLUMNS}, copy=False)
