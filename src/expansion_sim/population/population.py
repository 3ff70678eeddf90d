"""The array that holds all firms, with free rows for those to come."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from expansion_sim.errors import InputError
from expansion_sim.population.schema import FIRM_DTYPE, copied
from expansion_sim.prefetch import LINE, fetch

#: How much longer the array becomes when it is full.
GROWTH = 1.05
AHEAD = 6  # rows that are asked for before they are needed
ROW_BYTES = FIRM_DTYPE.itemsize


class Population:
    """All firms of a run: living rows and free ones.

    Attributes:
        firms: Rows, shape (capacity,), FIRM_DTYPE; a row with alive = 0 is free. Replaced by a longer array when full, so look it
            up here instead of keeping it.
    """

    _identities: tuple[np.ndarray, np.ndarray] | None = None  # array of firms, and the identities in its rows

    def __init__(self, firms: np.ndarray) -> None:
        """Take over an array of firms.

        Args:
            firms: Rows, shape (n,), FIRM_DTYPE, free ones included.

        Raises:
            InputError: If the array has another type.
        """
        if firms.dtype != FIRM_DTYPE or firms.ndim != 1:
            raise InputError("a population needs a one-dimensional array of FIRM_DTYPE")
        self.firms = firms

    def __deepcopy__(self, memo: dict[int, object]) -> Population:
        """A population with firms of its own."""
        return self.with_programmes(None)

    def with_programmes(self, rows: np.ndarray | None) -> Population:
        """A population with firms of its own in which programmes stand in other rows: new row of each, None where nothing moves."""
        other = type(self)(copied(self.firms) if rows is None else _renumbered(self.firms, rows))
        other._identities = other.firms, self.identities.copy()
        return other

    @property
    def living(self) -> np.ndarray:
        """Which rows hold a living firm, shape (capacity,), bool."""
        return self.firms["alive"] == 1

    @property
    def count(self) -> int:
        """Number of living rows."""
        return int(_count_living(self.firms))

    @property
    def weighted_count(self) -> float:
        """Number of firms of the country the living rows stand for."""
        return float(self.firms["weight"][self.living].sum(dtype=np.float64))

    @property
    def identities(self) -> np.ndarray:
        """Identity of the firm in each living row, shape (capacity,): who draws for all firms need not read their long records.

        New firms are known when they come by :meth:`add`, or with an array that replaces ``firms``.
        """
        if self._identities is None or self._identities[0] is not self.firms:
            self._identities = self.firms, np.ascontiguousarray(self.firms["firm"])
        return self._identities[1]

    def add(self, rows: np.ndarray, free: np.ndarray | None = None) -> np.ndarray:
        """Put new firms into the lowest free rows, in their order.

        Args:
            rows: New firms, shape (n,), FIRM_DTYPE.
            free: The lowest free rows, increasing, as many as are needed or all there are, where they are known; None to look for them.

        Returns:
            Row number of each, shape (n,), increasing.
        """
        places = _lowest_free(self.firms, len(rows)) if free is None else free[: len(rows)]
        if free is not None and self.firms["alive"][places].any():  # somebody has put firms there from outside
            places = _lowest_free(self.firms, len(rows))
        if len(places) < len(rows):
            self._grow(len(rows) - len(places))
            places = _lowest_free(self.firms, len(rows))
        _copy_rows(self.firms, places, rows)
        self.identities[places] = rows["firm"]
        return places

    def _grow(self, missing: int) -> None:
        capacity = max(math.ceil(len(self.firms) * GROWTH), len(self.firms) + missing)
        longer = np.zeros(capacity, FIRM_DTYPE)
        longer[: len(self.firms)] = self.firms
        self.firms = longer


@njit(cache=True)
def _count_living(firms: np.ndarray) -> int:
    count = 0
    for row in range(len(firms)):
        count += firms[row].alive
    return count


@njit(cache=True)
def lowest_free(marks: np.ndarray, alive: int, wanted: int) -> np.ndarray:
    """The first rows without a mark, increasing, at most as many as are wanted.

    Args:
        marks: Shape (n,), u1.
        alive: The mark.
        wanted: Number of rows.
    """
    places = np.empty(wanted, np.int64)
    found, row = 0, 0
    while found < wanted and row < len(marks):
        if marks[row] & alive == 0:
            places[found] = row
            found += 1
        row += 1
    return places[:found]


@njit(cache=True)
def _lowest_free(firms: np.ndarray, wanted: int) -> np.ndarray:
    places = np.empty(wanted, np.int64)
    found, row = 0, 0
    while found < wanted and row < len(firms):
        if firms[row].alive == 0:
            places[found] = row
            found += 1
        row += 1
    return places[:found]


@njit(cache=True)
def taken(firms: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Copies of some rows, shape (n,): what ``firms.take(rows)`` gives, with memory asked for ahead."""
    copies = np.empty(len(rows), firms.dtype)
    for i in range(len(rows)):
        _fetch_row(firms, rows[min(i + AHEAD, len(rows) - 1)])
        copies[i] = firms[rows[i]]
    return copies


@njit(cache=True)
def _fetch_row(firms: np.ndarray, row: int) -> None:
    first = firms.ctypes.data + row * ROW_BYTES
    for offset in range(0, ROW_BYTES + LINE, LINE):
        fetch(np.uint64(first + offset))  # type: ignore[call-arg]  # the context of an intrinsic is not given


@njit(cache=True)
def _copy_rows(firms: np.ndarray, places: np.ndarray, rows: np.ndarray) -> None:
    for i in range(len(places)):
        firms[places[i]] = rows[i]


@njit(cache=True)
def write_rows_of_programmes(firms: np.ndarray, rows: np.ndarray) -> None:
    """Write new rows of programmes into the columns that hold one, or bits of them (see population.schema).

    Args:
        firms: Shape (n,), FIRM_DTYPE, changed in place.
        rows: New row of each old one, shape (programmes + 1,), -1 where there is none and at the end.
    """
    for i in range(len(firms)):
        _renumber(firms[i], rows)


@njit(cache=True)
def _renumbered(firms: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """A copy of firms with new rows of programmes, see :func:`write_rows_of_programmes`."""
    copies = np.empty(len(firms), firms.dtype)
    for i in range(len(firms)):
        copies[i] = firms[i]
        _renumber(copies[i], rows)
    return copies


@njit(cache=True, forceinline=True)
def _renumber(f: np.record, rows: np.ndarray) -> None:
    f.pledge_programme, f.scored_by = rows[f.pledge_programme], rows[f.scored_by]
    f.programme, f.loan_programme = rows[f.programme], rows[f.loan_programme]
    if f.awarded != 0:  # few firms were ever supported
        moved = np.int64(0)
        for before in range(len(rows) - 1):
            if rows[before] >= 0:
                moved |= (f.awarded >> before & 1) << rows[before]
        f.awarded = moved
