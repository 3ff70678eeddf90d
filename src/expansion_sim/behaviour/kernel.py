"""The phases of :mod:`expansion_sim.behaviour.phases` mapped over all firms, and the sums that make next year's aggregates.

Rows are worked on in blocks, by as many threads as Numba may use. Sums are taken over fixed blocks and added in block order, so
they do not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from expansion_sim.behaviour.abreast import lay_abreast
from expansion_sim.behaviour.phases import (
    CLOSURE_BIT,
    DEFAULT_BIT,
    HOST_COUNT,
    SUCCESSION_BIT,
    act,
    look_around,
    look_around_with,
    plan,
    plan_with,
    produce,
    settle,
    settle_rest,
    weight_among_closures,
)
from expansion_sim.behaviour.phases.planning import SHEET_DTYPE
from expansion_sim.behaviour.public_support import is_newcomer
from expansion_sim.behaviour.together import (
    HAND_DTYPE,
    TOGETHER,
    develop_firms,
    draw_luck,
    fetch_every_year,
    fetch_row,
    gather,
    luck,
    settle_money_of,
    work_firms,
)
from expansion_sim.blocks import in_blocks
from expansion_sim.codes import CLUSTER, CONTRACT, DISTRICTS, ELSEWHERE, FDI, INDUSTRIES, MODES, SIZE_CLASSES
from expansion_sim.elementary import lowest_bit

BLOCK = 4096  # rows that a thread takes at a time and sums into one table: another number would round sums differently
INDUSTRY_COUNT, SIZE_COUNT, MODE_COUNT, DISTRICT_COUNT = len(INDUSTRIES), len(SIZE_CLASSES), len(MODES), len(DISTRICTS)

#: Sums per industry and size class, in the order of results.measures.STOCKS; births are added by the model.
(FIRMS, BIRTHS, CLOSURES, DEFAULTS, ABROAD, INTERESTED, PLANNING, EMPLOYEES, HOME_SALES, EXPORT_SALES, PLANT_SALES, FOREIGN_JOBS,
 PROFIT, CASH, DEBT, RELOCATED_JOBS, BORROWED, PAID_OUT, INVESTED, LOCAL_SALES, CONTRACT_OUTPUT, JOBS_BY_PLANT,
 JOBS_BY_RIVALS) = range(23)
STOCK_COUNT = 23

#: Weighted sums of a block of rows: stocks; firms using a mode (several answers), home = firms in none; firms per mode and
#: market or host; firms, firms abroad, jobs at home and jobs gone abroad of a district; firms before closing, settled by default
#: or succession, relative hazard, log productivity.
SUMS_DTYPE = np.dtype([
    ("stocks", "f8", (INDUSTRY_COUNT, SIZE_COUNT, STOCK_COUNT)), ("modes", "f8", (INDUSTRY_COUNT, SIZE_COUNT, MODE_COUNT)),
    ("hosts", "f8", (INDUSTRY_COUNT, MODE_COUNT, HOST_COUNT)), ("districts", "f8", (INDUSTRY_COUNT, DISTRICT_COUNT, 4)),
    ("closing", "f8", (INDUSTRY_COUNT, 4)),
])

#: Marks of a row after a year, in the array ``marks``.
#: BEGUN is set while firms are stepped one by one.
#: LOOKS_AROUND: a firm of a district with interest but neither plan nor plant, whom a neighbour may invite.
#: IS_ENTITLED: a firm that may have cost the state something this year without having been selected (policy.entitlements).
ALIVE, HAS_EVENT, HAS_PLAN, WAS_ALIVE, IS_MEMBER, BEGUN, LOOKS_AROUND, IS_ENTITLED = 1, 2, 4, 8, 16, 32, 64, 128
QUIET = CLOSURE_BIT | DEFAULT_BIT | SUCCESSION_BIT


# --- the year -----------------------------------------------------------------------------------------------------------


@njit(cache=True, forceinline=True)
def is_told(f: np.record) -> bool:
    """Whether the year of a firm goes into the event log: everything but the closure of a firm that was only at home."""
    return f.events & ~QUIET != 0 or f.left_modes != 0


@njit(cache=True, forceinline=True)
def is_entitled(f: np.record) -> bool:
    """Whether a firm uses services or has money of the year to be booked: one that looks abroad, or with loans, reserves or a default."""
    if f.interested == 1 or f.agreements != 0 or not is_newcomer(f):
        return True
    return f.interest_saved > 0.0 or f.tax_deferred != 0.0 or f.written_off > 0.0 or f.called > 0.0


@njit(cache=True)
def marked(marks: np.ndarray, mark: int) -> np.ndarray:
    """Rows that have a mark, increasing; of several marks any one will do."""
    rows, number = np.empty(marks.size, np.int64), 0
    together = marks[: marks.size // 8 * 8].view(np.uint64)
    wanted = np.uint64(mark) * np.uint64(0x0101010101010101)
    for eight in range(together.size):
        if together[eight] & wanted == 0:
            continue
        for row in range(8 * eight, 8 * eight + 8):
            rows[number] = row  # written and counted without a branch: who has a mark cannot be foretold
            number += marks[row] & mark != 0
    for row in range(8 * together.size, marks.size):
        if marks[row] & mark != 0:
            rows[number] = row
            number += 1
    return rows[:number]


@njit(cache=True, forceinline=True)
def mark_of(f: np.record, before: int) -> int:
    """Mark of a row after a year.

    Args:
        f: Its record.
        before: Its mark a year ago; a row that was alive then and is free now has been closed, by its own year or from outside.
    """
    if f.alive == 1:
        mark = WAS_ALIVE | ALIVE
        if f.wish_mode != 0:
            mark |= HAS_PLAN
        elif f.interested == 1 and f.district != ELSEWHERE and f.plant_hosts == 0 and f.cluster_hosts == 0:
            mark |= LOOKS_AROUND
        if f.cooperative >= 0:
            mark |= IS_MEMBER
    elif before & ALIVE:
        mark = WAS_ALIVE
    else:
        return 0
    if is_entitled(f):
        mark |= IS_ENTITLED
    return mark | HAS_EVENT if is_told(f) else mark


@njit(cache=True, nogil=True)
def step_rows(firms: np.ndarray, marks: np.ndarray, tables: np.ndarray, world: np.ndarray, start: int, stop: int) -> None:
    """One year of the living firms in some blocks of rows, and their sums, while the rows are at hand.

    Every firm runs through its phases in their order: produce, act, settle, look around, plan. Some rows go together up to the same point,
    so that what all of them take (draws, exponentials) is taken by vector instructions; see :mod:`expansion_sim.behaviour.together`.
    """
    c = world[0]
    hands, sheets = np.empty(1, HAND_DTYPE), np.empty(1, SHEET_DTYPE)
    hand, sheet = hands[0], sheets[0]
    sheet.number = -1
    for k in range(INDUSTRY_COUNT):
        lay_abreast(c[2][k], sheet.industries[k])
    rows, following = np.empty(TOGETHER + 1, np.int64), np.empty(TOGETHER + 1, np.int64)
    number, row = gather(firms, marks, start, stop, ALIVE, rows)
    while number > 0:
        more, row = gather(firms, marks, row, stop, ALIVE, following)
        draw_luck(firms, rows, number, c, hand)
        develop_firms(firms, rows, number, c, hand)
        work_firms(firms, rows, number, c, hand)
        settle_money_of(firms, rows, number, c, hand)
        for j in range(number):
            i = rows[j]
            if j < more:
                fetch_year(firms, marks, following[j])
            f, before = firms[i], marks[i]
            if f.alive == 1:
                before = ALIVE
                attention, choice = luck(hand.words, 1, j), luck(hand.words, 2, j)
                settle_rest(f, c, hand.foreign[j], hand.margin[j], hand.weight[j], hand.kept[j], luck(hand.words, 3, j),
                            hand.booked[j] != 0)
                look_around_with(f, c, hand.character[j], hand.people[j], attention)
                sheet.people = hand.people[j]
                plan_with(f, c, attention, choice, hand.standing[j], sheet)
            marks[i] = mark_of(f, before)
            sum_row(f, marks[i], hand.weight[j], tables[i // BLOCK])
        rows, following, number = following, rows, more
    sheets[0].rated = hands[0].ids[0] = 0  # a use after the loop: compiled code frees an array after its last use, whoever still writes on it


@njit(cache=True)
def fetch_year(firms: np.ndarray, marks: np.ndarray, row: int) -> None:
    """Ask for what the year of one row will need: all of it where the firm has looked abroad by the end of last year."""
    if marks[row] & (HAS_PLAN | IS_ENTITLED):
        fetch_row(firms, row)
    else:
        fetch_every_year(firms, row)


def step_firms(firms: np.ndarray, marks: np.ndarray, world: np.ndarray) -> tuple[np.ndarray, ...]:
    """One year of every living firm.

    Args:
        firms: Shape (n,), FIRM_DTYPE.
        marks: Shape (n,), u1: marks of last year, overwritten by this year's. A row without :data:`ALIVE` is taken for free.
        world: Context of the year, shape (1,), see :mod:`expansion_sim.behaviour.context`.

    Returns:
        The sums over firms after this year, as :func:`sums` gives them.
    """
    return _summed(step_rows, firms, marks, world)


@njit(cache=True)
def run_phase(firms: np.ndarray, row: int, world: np.ndarray, phase: int) -> None:
    """One phase of the year of one firm, counted from 0 in the order of :func:`step_rows`."""
    f, c = firms[row], world[0]
    if phase == 0:
        produce(f, c)
    elif phase == 1:
        act(f, c)
    elif phase == 2:
        settle(f, c)
    elif phase == 3:
        look_around(f, c)
    else:
        plan(f, c)


@njit(cache=True)
def mark_firms(firms: np.ndarray, marks: np.ndarray) -> None:
    """Write ``marks`` from the records, for firms that were stepped one by one."""
    for i in range(firms.size):
        marks[i] = mark_of(firms[i], marks[i])


# --- sums ---------------------------------------------------------------------------------------------------------------


@njit(cache=True)
def size_class(employees: float) -> int:
    """Index into codes.SIZE_CLASSES."""
    if employees < 5.0:
        return 0
    if employees < 20.5:
        return 1
    if employees < 50.0:
        return 2
    if employees < 100.0:
        return 3
    return 4


@njit(cache=True, nogil=True)
def sum_rows(firms: np.ndarray, marks: np.ndarray, tables: np.ndarray, world: np.ndarray, start: int, stop: int) -> None:
    """Weighted sums of some blocks of rows into their tables, zero on entry."""
    c = world[0]
    for i in range(start, stop):
        sum_row(firms[i], marks[i], weight_among_closures(firms[i], c) if marks[i] & WAS_ALIVE else 0.0, tables[i // BLOCK])


@njit(cache=True, forceinline=True)
def sum_row(f: np.record, mark: int, weight: float, table: np.record) -> None:
    """Add one row, with its mark of this year and its weight among closures, to the sums of its block."""
    if mark & WAS_ALIVE:
        sum_closing(f, weight, table)
    if mark & ALIVE:
        sum_firm(f, table)


@njit(cache=True, forceinline=True)
def sum_closing(f: np.record, weight: float, table: np.record) -> None:
    """Add one firm that lived this year to closures and to the sums behind next year's closure hazards."""
    k, w = f.industry, np.float64(f.weight)  # products of 32-bit columns are added up in 64 bits
    if f.alive == 0:
        table.stocks[k, size_class(f.employees), CLOSURES] += w
        if f.events & DEFAULT_BIT:
            table.stocks[k, size_class(f.employees), DEFAULTS] += w
    closing = table.closing[k]
    closing[0] += w
    closing[1] += w if f.alive == 0 and settled(f) else 0.0
    closing[2] += w * weight
    closing[3] += w * f.productivity


@njit(cache=True)
def settled(f: np.record) -> bool:
    """Whether a closed firm went by default or for want of a successor."""
    return f.events & (DEFAULT_BIT | SUCCESSION_BIT) != 0


@njit(cache=True)
def sum_firm(f: np.record, table: np.record) -> None:
    """Add one living firm to the sums of its block."""
    k, s, w = f.industry, size_class(f.employees), np.float64(f.weight)
    places = f.plant_hosts | f.cluster_hosts
    abroad = f.channels != 0 or f.contract_hosts != 0 or places != 0
    row = table.stocks[k, s]
    row[FIRMS] += w
    if abroad:
        row[ABROAD] += w
    elif f.wish_mode != 0:
        row[PLANNING] += w
    elif f.interested == 1:
        row[INTERESTED] += w
    row[EMPLOYEES] += w * f.employees
    row[HOME_SALES] += w * f.home_sales
    row[PROFIT] += w * f.profit
    row[CASH] += w * f.cash
    row[DEBT] += w * f.debt
    row[BORROWED] += w * f.borrowed
    row[PAID_OUT] += w * f.paid_out
    row[INVESTED] += w * f.invested
    row[JOBS_BY_PLANT] += w * f.jobs_by_plant
    row[JOBS_BY_RIVALS] += w * f.jobs_by_rivals
    table.districts[k, f.district, 0] += w
    table.districts[k, f.district, 2] += w * f.employees
    if abroad or f.relocated > 0.0:  # the rest has none of these
        row[EXPORT_SALES] += w * f.export_sales
        row[PLANT_SALES] += w * f.plant_sales
        row[FOREIGN_JOBS] += w * f.foreign_jobs
        row[RELOCATED_JOBS] += w * f.employees * f.relocated
        row[LOCAL_SALES] += w * f.local_sales
        row[CONTRACT_OUTPUT] += w * f.contract_output
        table.districts[k, f.district, 3] += w * f.employees * f.relocated
    if not abroad:
        table.modes[k, s, 0] += w
        return
    table.districts[k, f.district, 1] += w
    for mode in range(1, MODE_COUNT):
        if f.since[mode] > 0:
            table.modes[k, s, mode] += w
    hosts = np.int64(f.markets | f.contract_hosts | places)
    while hosts:
        g = lowest_bit(hosts)
        hosts &= hosts - 1
        bit = 1 << g
        if f.markets & bit:
            table.hosts[k, 2, g] += w
        if f.contract_hosts & bit:
            table.hosts[k, CONTRACT, g] += w
        if f.plant_hosts & bit:
            table.hosts[k, FDI, g] += w
        if f.cluster_hosts & bit:
            table.hosts[k, CLUSTER, g] += w


def sums(firms: np.ndarray, marks: np.ndarray, world: np.ndarray) -> tuple[np.ndarray, ...]:
    """Weighted sums over all firms, the fields of :data:`SUMS_DTYPE`.

    Args:
        firms: Shape (n,), FIRM_DTYPE.
        marks: Shape (n,), marks of the year.
        world: Context of the year, shape (1,).

    Returns:
        Stocks (11, 5, 23), modes (11, 5, 7), hosts (11, 7, 16), districts (11, 20, 4), closing (11, 4).
    """
    return _summed(sum_rows, firms, marks, world)


def _summed(function: Callable[..., None], firms: np.ndarray, marks: np.ndarray, world: np.ndarray) -> tuple[np.ndarray, ...]:
    """Call a function that sums blocks into their tables, then add up the tables."""
    tables = np.zeros(max(1, -(-firms.size // BLOCK)), SUMS_DTYPE)
    in_blocks(function, firms.size, BLOCK, firms, marks, tables, world)
    return add_blocks(tables)


def add_blocks(tables: np.ndarray) -> tuple[np.ndarray, ...]:
    """Sums over the blocks in their order, each field of :data:`SUMS_DTYPE` on its own.

    Args:
        tables: Shape (blocks,), SUMS_DTYPE; all of it are floats, which are added up in one pass.
    """
    added = tables.view(np.float64).reshape(tables.size, -1).sum(axis=0).view(SUMS_DTYPE)[0]
    return tuple(added[name] for name in SUMS_DTYPE.names or ())
