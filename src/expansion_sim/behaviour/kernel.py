"""The phases of :mod:`expansion_sim.behaviour.phases`, mapped over all firms, and the sums over firms that make next year's aggregates.

Sums are taken over fixed blocks of rows and added in block order, so they do not depend on the number of threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from expansion_sim.behaviour.appraisal import relative_productivity
from expansion_sim.behaviour.phases import (
    CLOSURE_BIT,
    DEFAULT_BIT,
    HOST_COUNT,
    SUCCESSION_BIT,
    act,
    look_around,
    plan,
    produce,
    settle,
)
from expansion_sim.behaviour.survival import closure_weight
from expansion_sim.codes import CLUSTER, CONTRACT, DISTRICTS, FDI, INDUSTRIES, MODES, SIZE_CLASSES

BLOCK = 8192
INDUSTRY_COUNT, SIZE_COUNT, MODE_COUNT, DISTRICT_COUNT = len(INDUSTRIES), len(SIZE_CLASSES), len(MODES), len(DISTRICTS)

#: Sums per industry and size class, in the order of results.measures.STOCKS; births are added by the model.
(FIRMS, BIRTHS, CLOSURES, DEFAULTS, ABROAD, INTERESTED, PLANNING, EMPLOYEES, HOME_SALES, EXPORT_SALES, PLANT_SALES, FOREIGN_JOBS, PROFIT, CASH,
 DEBT, RELOCATED_JOBS, BORROWED, PAID_OUT, INVESTED) = range(19)
STOCK_COUNT = 19

#: Marks of a row after a year, in the array ``marks``.
ALIVE, HAS_EVENT, HAS_PLAN, WAS_ALIVE = 1, 2, 4, 8
QUIET = CLOSURE_BIT | DEFAULT_BIT | SUCCESSION_BIT


@njit(cache=True)
def step_firm(f, c) -> None:
    """One year of one firm: produce, act, settle, look around, plan."""
    produce(f, c)
    act(f, c)
    settle(f, c)
    look_around(f, c)
    plan(f, c)


@njit(cache=True)
def is_told(f) -> bool:
    """Whether the year of a firm goes into the event log: everything but the closure of a firm that was only at home."""
    return f.events & ~QUIET != 0 or f.left_modes != 0


@njit(cache=True, parallel=True)
def step_firms(firms, marks, c) -> None:
    """One year of every living firm.

    Args:
        firms: Shape (n,), FIRM_DTYPE.
        marks: Shape (n,), u1, overwritten: bits ALIVE, HAS_EVENT, HAS_PLAN, WAS_ALIVE.
        c: Context of the year, see :mod:`expansion_sim.behaviour.phases`.
    """
    for i in prange(firms.size):
        if firms[i].alive == 1:
            step_firm(firms[i], c)
            mark = WAS_ALIVE
            if firms[i].alive == 1:
                mark |= ALIVE
            if is_told(firms[i]):
                mark |= HAS_EVENT
            if firms[i].wish_mode != 0 and firms[i].alive == 1:
                mark |= HAS_PLAN
            marks[i] = mark
        else:
            marks[i] = 0


@njit(cache=True)
def mark_firms(firms, marks) -> None:
    """Write ``marks`` from the records, for firms that were stepped one by one; dead rows with events were alive before."""
    for i in range(firms.size):
        f = firms[i]
        mark = 0
        if f.alive == 1:
            mark = WAS_ALIVE | ALIVE | (HAS_PLAN if f.wish_mode != 0 else 0)
        elif marks[i] & ALIVE:
            mark = WAS_ALIVE
        if mark and is_told(f):
            mark |= HAS_EVENT
        marks[i] = mark


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


@njit(cache=True, parallel=True)
def sum_blocks(firms, marks, stocks, modes, hosts, districts, closing, c) -> None:
    """Weighted sums per block of rows.

    Args:
        firms: Shape (n,).
        marks: Shape (n,).
        stocks: Shape (blocks, 11, 5, 19), zero on entry.
        modes: Shape (blocks, 11, 5, 7): firms using a mode (several answers), home = firms in none.
        hosts: Shape (blocks, 11, 7, 16): firms per market or host and mode.
        districts: Shape (blocks, 11, 20, 2): firms and firms abroad.
        closing: Shape (blocks, 11, 4): firms before closing, settled by default or succession, relative hazard, log productivity.
        c: Context of the year.
    """
    for b in prange(stocks.shape[0]):
        stop = min(firms.size, (b + 1) * BLOCK)
        for i in range(b * BLOCK, stop):
            if marks[i] & WAS_ALIVE:
                sum_closing(firms[i], stocks[b], closing[b], c)
            if marks[i] & ALIVE:
                sum_firm(firms[i], stocks[b], modes[b], hosts[b], districts[b])


@njit(cache=True)
def sum_closing(f, stocks, closing, c) -> None:
    """Add one firm that lived this year to closures and to the sums behind next year's closure hazards."""
    p = c[8][0]
    k, w = f.industry, f.weight
    if f.alive == 0:
        stocks[k, size_class(f.employees), CLOSURES] += w
        if f.events & DEFAULT_BIT:
            stocks[k, size_class(f.employees), DEFAULTS] += w
    closing[k, 0] += w
    closing[k, 1] += w if f.alive == 0 and settled(f) else 0.0
    closing[k, 2] += w * closure_weight(f.employees, relative_productivity(f, c[1][k]), p.closure_size, p.closure_productivity)
    closing[k, 3] += w * f.productivity


@njit(cache=True)
def settled(f) -> bool:
    """Whether a closed firm went by default or for want of a successor."""
    return f.events & (DEFAULT_BIT | SUCCESSION_BIT) != 0


@njit(cache=True)
def sum_firm(f, stocks, modes, hosts, districts) -> None:
    """Add one living firm to the sums of its block."""
    k, s, w = f.industry, size_class(f.employees), f.weight
    places = f.plant_hosts | f.cluster_hosts
    abroad = f.channels != 0 or f.contract_hosts != 0 or places != 0
    row = stocks[k, s]
    row[FIRMS] += w
    if abroad:
        row[ABROAD] += w
    elif f.wish_mode != 0:
        row[PLANNING] += w
    elif f.interested == 1:
        row[INTERESTED] += w
    row[EMPLOYEES] += w * f.employees
    row[HOME_SALES] += w * f.home_sales
    row[EXPORT_SALES] += w * f.export_sales
    row[PLANT_SALES] += w * f.plant_sales
    row[FOREIGN_JOBS] += w * f.foreign_jobs
    row[PROFIT] += w * f.profit
    row[CASH] += w * f.cash
    row[DEBT] += w * f.debt
    row[RELOCATED_JOBS] += w * f.employees * f.relocated
    row[BORROWED] += w * f.borrowed
    row[PAID_OUT] += w * f.paid_out
    row[INVESTED] += w * f.invested
    districts[k, f.district, 0] += w
    if not abroad:
        modes[k, s, 0] += w
        return
    districts[k, f.district, 1] += w
    for mode in range(1, MODE_COUNT):
        if f.since[mode] > 0:
            modes[k, s, mode] += w
    for g in range(HOST_COUNT):
        bit = 1 << g
        if f.markets & bit:
            hosts[k, 2, g] += w
        if f.contract_hosts & bit:
            hosts[k, CONTRACT, g] += w
        if f.plant_hosts & bit:
            hosts[k, FDI, g] += w
        if f.cluster_hosts & bit:
            hosts[k, CLUSTER, g] += w


def add_blocks(blocks: np.ndarray) -> np.ndarray:
    """Sum over the first axis in block order; shape (blocks, ...) to (...)."""
    total = np.zeros(blocks.shape[1:])
    for block in blocks:
        total += block
    return total


def sums(firms: np.ndarray, marks: np.ndarray, context: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Weighted sums over all firms: stocks (11, 5, 19), modes (11, 5, 7), hosts (11, 7, 16), districts (11, 20, 2), closing (11, 4)."""
    n = max(1, -(-firms.size // BLOCK))
    arrays = (
        np.zeros((n, INDUSTRY_COUNT, SIZE_COUNT, STOCK_COUNT)), np.zeros((n, INDUSTRY_COUNT, SIZE_COUNT, MODE_COUNT)),
        np.zeros((n, INDUSTRY_COUNT, MODE_COUNT, HOST_COUNT)), np.zeros((n, INDUSTRY_COUNT, DISTRICT_COUNT, 2)),
        np.zeros((n, INDUSTRY_COUNT, 4)),
    )
    sum_blocks(firms, marks, *arrays, context)
    return tuple(add_blocks(array) for array in arrays)
