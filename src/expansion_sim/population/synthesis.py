"""New firms: the initial population and the births of a year, as rows ready for the model.

Who a firm is depends on (seed, firm id, year of entry) alone; the id holds the year, the stratum and a running number in the
stratum. So a larger scale adds firms with new numbers and changes nothing but the weight of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from expansion_sim.blocks import in_blocks
from expansion_sim.codes import SIZE_CLASSES
from expansion_sim.errors import InputError
from expansion_sim.population import demography
from expansion_sim.population.attributes import CONDITIONS_DTYPE, fill
from expansion_sim.population.balance import balance_laws
from expansion_sim.population.districts import district_shares
from expansion_sim.population.draws import uniforms
from expansion_sim.population.parents import PARENT_DTYPE, Buyers, find_buyers
from expansion_sim.population.paths import FIRST_YEAR, firms_path
from expansion_sim.population.schema import FIRM_DTYPE, empty_firms
from expansion_sim.population.sizes import size_laws
from expansion_sim.population.strata import STRATA, Design, class_shares, strata_table
from expansion_sim.randomness import Stream

_YEAR_BITS, _STRATUM_BITS = 32, 24
BLOCK = 4096  # rows that a thread fills at a time
MOST_KEPT = 5000  # births of a year that are kept for other worlds: many worlds are run with few firms each
#: Running numbers of births start here, so that they differ from those of an initial population of the same year.
_FIRST_BIRTH = 1 << 23


@dataclass(frozen=True)
class EntryConditions:
    """What the times give to firms that enter in a year.

    Attributes:
        productivity_index: Real labour productivity of Japan relative to 2015; scales sales and with them assets, cash, debt.
        price_level: Consumer prices relative to 2015; scales the capital of firms that enter before 1991.
        expectations: Shares of firms with static, adaptive and band expectations.
        niche_share: Share of manufacturing and information firms born global.
        niche_quality: Their demand abroad above that of others, log points.
        to_order: Share of the other manufacturers without a large customer that make to order.
        to_order_supplier: The same of those with a large customer.
        to_order_lost: Demand abroad that a maker to order lacks, log points.
    """

    productivity_index: float = 1.0
    price_level: float = 1.0
    expectations: tuple[float, float, float] = (0.35, 0.40, 0.25)
    niche_share: float = 0.015
    niche_quality: float = 1.45
    to_order: float = 0.4
    to_order_supplier: float = 0.7
    to_order_lost: float = 2.0

    def __post_init__(self) -> None:
        """Check ranges.

        Raises:
            InputError: If an index is not positive or a share is not a share.
        """
        if not (self.productivity_index > 0.0 and self.price_level > 0.0):
            raise InputError("productivity_index and price_level must be above 0")
        if min(self.expectations) < 0.0 or abs(sum(self.expectations) - 1.0) > 1e-9:
            raise InputError(f"shares of expectations {self.expectations} must be 0 or more and add up to 1", key="expectations")
        for name in ("niche_share", "to_order", "to_order_supplier"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError(f"{name} {getattr(self, name)} is outside 0 to 1", key=name)


def initial_firms(design: Design, year: int = FIRST_YEAR, seed: int = 0, *, parents: np.ndarray | None = None,
                  conditions: EntryConditions | None = None, spare: int = 0, capacity: int = 0) -> np.ndarray:
    """The firms that exist when the model starts, shape (rows + spare,) or (capacity,) if larger, dtype FIRM_DTYPE.

    Args:
        design: Scale and sampling rates.
        year: First year of the model, 1955 or later.
        seed: Key of all draws.
        parents: Table of large customers, shape (n,), PARENT_DTYPE; None for a world without them.
        conditions: Productivity, prices and shares of the year; default those of 2015.
        spare: Free rows (alive = 0, all zero) to append for later births; they use no memory until written.
        capacity: Least length of the array, free rows included, e.g. ``design.rows(first, last)``.
    """
    expected = firms_path(year, year)[0][:, None] * class_shares()
    return _new_rows(design, expected, year, seed, parents, conditions, initial=True, spare=spare, capacity=capacity)


def births(design: Design, year: int, seed: int = 0, *, parents: np.ndarray | None = None,
           conditions: EntryConditions | None = None, counts: np.ndarray | None = None,
           hazard: np.ndarray | None = None) -> np.ndarray:
    """The firms founded in a year, shape (rows,), dtype FIRM_DTYPE, in the order of their strata.

    Args:
        design: Scale and sampling rates.
        year: Year of foundation.
        seed: Key of all draws.
        parents: Table of large customers, or None.
        conditions: Productivity, prices and shares of the year; default those of 2015.
        counts: Firms founded per industry, shape (11,), firms of the country; default the record (:func:`demography.births`).
        hazard: Relative closure hazard of the size classes, shape (5,). Births are then spread over size classes like closures,
            so that the size distribution of the stock lasts although small firms close more often; default equal hazards.
    """
    numbers = demography.births(year) if counts is None else np.asarray(counts, float)
    shares = class_shares() * (np.ones(len(SIZE_CLASSES)) if hazard is None else np.asarray(hazard, float))
    expected = numbers[:, None] * shares / shares.sum(axis=1, keepdims=True)
    return _new_rows(design, expected, year, seed, parents, conditions, initial=False)


def rows_per_stratum(design: Design, expected: np.ndarray, year: int, seed: int, initial: bool) -> np.ndarray:
    """Whole rows of each stratum: floor(expected rows + u), u keyed by (seed, year, stratum), shape (55,).

    Args:
        design: Scale and sampling rates.
        expected: Firms of the country per stratum, shape (11, 5) or (55,).
        year: Year of entry.
        seed: Key of the draws.
        initial: Whether these are the initial firms or births.
    """
    last_number = (2 if not initial else 1) * _FIRST_BIRTH - 1
    u = uniforms(seed, int(Stream.BIRTH_SIZE), year, firm_id(year, np.arange(STRATA), last_number))[:, 0]
    rows = (np.ravel(expected) * design.rate + u).astype(np.int64)
    if rows.max(initial=0) >= _FIRST_BIRTH - 1:
        raise InputError(f"{rows.max()} rows in one stratum; at most {_FIRST_BIRTH - 2} fit the firm ids")
    return rows


def firm_id(year: int, stratum: Any, number: int) -> Any:
    """Identity of a firm: year of entry x 2^32 + stratum x 2^24 + running number in the stratum.

    Args:
        year: Year of entering the model.
        stratum: Industry x 5 + size class at entry, or several.
        number: Running number; births count from 2^23, initial firms from 0.
    """
    return (year << _YEAR_BITS) + (stratum << _STRATUM_BITS) + number


def stratum_of(firms: np.ndarray) -> np.ndarray:
    """Stratum in which each firm entered the model, shape (n,), read from its id.

    Args:
        firms: Rows of firms, shape (n,).
    """
    return (firms["firm"] >> _STRATUM_BITS) & 0xFF


def _new_rows(design: Design, expected: np.ndarray, year: int, seed: int, parents: np.ndarray | None,
              conditions: EntryConditions | None, *, initial: bool, spare: int = 0, capacity: int = 0) -> np.ndarray:
    rows = rows_per_stratum(design, expected, year, seed, initial)
    customers = parents if parents is not None else np.zeros(0, PARENT_DTYPE)
    founders = Founders(design, year, seed, conditions or EntryConditions(), customers["industry"].tobytes(), customers["sales"].tobytes(), initial)
    if initial or rows.sum() > MOST_KEPT:
        return _filled(founders, rows, spare, capacity)
    return _cohort(founders).first(rows)


class Founders(NamedTuple):
    """What decides who the new firms of a year are, all but their number.

    Attributes:
        design: Scale and sampling rates.
        year: Year of entry.
        seed: Key of all draws.
        terms: What the times give.
        industries, sales: Columns of the table of large customers, as bytes.
        initial: Whether these are the initial firms or births.
    """

    design: Design
    year: int
    seed: int
    terms: EntryConditions
    industries: bytes
    sales: bytes
    initial: bool


def _filled(founders: Founders, rows: np.ndarray, spare: int = 0, capacity: int = 0) -> np.ndarray:
    """New firms, so many of each stratum, shape (rows.sum() + spare,) or (capacity,) if larger."""
    design, year, seed, terms, industries, sales, initial = founders
    offsets = np.concatenate([[0], np.cumsum(rows)])
    firms = np.zeros(max(int(offsets[-1]) + spare, capacity), FIRM_DTYPE)
    first_ids = firm_id(year, np.arange(STRATA), 0 if initial else _FIRST_BIRTH)
    times = np.zeros(1, CONDITIONS_DTYPE)
    times[0] = (year, initial, terms.productivity_index, terms.price_level if year < 1991 else 1.0, terms.expectations[0],
                terms.expectations[0] + terms.expectations[1], terms.niche_share, terms.niche_quality, terms.to_order, terms.to_order_supplier,
                terms.to_order_lost)
    buyers = _buyers_of(industries, sales)
    in_blocks(fill, int(offsets[-1]), BLOCK, firms, empty_firms(1), offsets, first_ids, seed, times, strata_table(), size_laws(),
              balance_laws(), _cumulative_districts(), buyers.start, buyers.parent, buyers.cumulative, design.weight)
    return firms


class Cohort:
    """Firms founded in a year by worlds with the same draws: however many a world founds, its first ones of a stratum are those of all.

    They are kept when a second world asks for them: most years are lived through by one world only.

    Args:
        founders: What they have in common.
    """

    def __init__(self, founders: Founders) -> None:
        self._founders, self._asked = founders, False
        self._rows, self._firms = np.zeros(STRATA, np.int64), empty_firms(0)

    def first(self, rows: np.ndarray) -> np.ndarray:
        """The first so many firms of each stratum, shape (rows.sum(),), for the caller to keep."""
        if not self._asked:
            self._asked = True
            return _filled(self._founders, rows)
        if (rows > self._rows).any():
            self._rows = np.maximum(rows, self._rows) + 1  # the next world may found one more
            self._firms = _filled(self._founders, self._rows)
        before, there = np.cumsum(rows) - rows, np.cumsum(self._rows) - self._rows
        return self._firms.take(np.arange(rows.sum()) + np.repeat(there - before, rows))


@lru_cache(maxsize=24)  # worlds branch off a common past one after the other, and go through the same years
def _cohort(founders: Founders) -> Cohort:
    return Cohort(founders)


@cache
def _cumulative_districts() -> np.ndarray:
    """Cumulative shares of the districts, shape (11, 20)."""
    return np.cumsum(district_shares(), axis=1)


@lru_cache(maxsize=8)
def _buyers_of(industries: bytes, sales: bytes) -> Buyers:
    """Buyers among large customers of the given industries and sales; they are the same from year to year."""
    table = np.zeros(len(industries), PARENT_DTYPE)
    table["industry"], table["sales"] = np.frombuffer(industries, np.uint8), np.frombuffer(sales)
    return find_buyers(table)
