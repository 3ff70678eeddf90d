"""The agencies' books: money is booked when it is paid, lent or paid back; what was promised to plans that were dropped returns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit

from expansion_sim.behaviour.kernel import HAS_EVENT, marked
from expansion_sim.behaviour.public_support import AWARD_BIT, CLAW_BACK_BIT
from expansion_sim.codes import HOST_GROUP_OF
from expansion_sim.policy.drafts import PROMISE_DTYPE
from expansion_sim.policy.entitlements import book_entitlements
from expansion_sim.policy.programmes import Programme
from expansion_sim.population.schema import joined

GROUPS = np.asarray(HOST_GROUP_OF)  # of each host


def book_year(model: Any, table: np.ndarray) -> None:
    """Book what firms took up, paid back and saved this year, in the table and with the agencies.

    Args:
        model: The model after its firms lived through the year.
        table: Table of the year, changed in place; rows of programmes that are no longer open are added.

    Sums over firms, in the table and with the agencies are the same money: ``granted`` less ``clawed_back`` plus ``interest_saved``,
    ``written_off`` and ``called`` is spending on firms, ``lent`` is lending, ``tax_deferred`` is tax foregone, each times ``weight``; what
    services and tax rules cost is added (policy.entitlements). ``at_home`` is the part of spending that has nothing to do with business
    abroad: guarantees called on debt that was not drawn for an entry, ``called`` less ``called_abroad``.
    """
    number = len(model.programmes)
    spending, lending, foregone, taken_up, at_home = (np.zeros(number) for _ in range(5))
    book_promises(model, spending, lending, taken_up)
    book_claw_backs(model.population.firms, marked(model.marks, HAS_EVENT), spending)
    advised = [(row, model.population.firms["weight"][rows].sum(dtype=float)) for row, rows, _ in model.registered]
    book_entitlements(model, advised, spending, foregone, at_home)
    for row, weight in advised:
        taken_up[row] += weight
    sums = {"spending": spending, "lending": lending, "foregone": foregone, "taken_up": taken_up, "at_home": at_home}
    model.programme_table = merged(table, sums)
    for row in np.flatnonzero((spending != 0.0) | (lending != 0.0)).tolist():
        if row in model.agency_of_row:
            agency = model.agency_of_row[row]
            agency.spent += float(spending[row])
            agency.lent += float(lending[row])


def book_promises(model: Any, spending: np.ndarray, lending: np.ndarray, taken_up: np.ndarray) -> None:
    """Divide what each firm took up among the programmes that promised it, in proportion, and count the firms."""
    firms, promises = model.population.firms, joined(model.promises, PROMISE_DTYPE)
    if promises.size:
        taught = float(model.parameters[0]["support_pilot_knowledge"])
        for loan, books in ((False, spending), (True, lending)):
            served = divide_taken(firms, promises, loan, books, taken_up)
            teach_pilots(firms, promises, served, pilots_of(tuple(model.programmes)), taught)


@lru_cache(maxsize=64)
def pilots_of(programmes: tuple[Programme, ...]) -> np.ndarray:
    """Which programmes are pilots in a developing country, shape (programmes,); not to be changed."""
    return np.array([programme.instrument == "pilot_grant" for programme in programmes], bool)


@njit(cache=True)
def divide_taken(firms: np.ndarray, promises: np.ndarray, loan: bool, books: np.ndarray, taken_up: np.ndarray) -> np.ndarray:
    """Divide the awards (or loans) that firms took up among the promises; returns the positions of those that cost something, shape (n,).

    Args:
        firms: Shape (rows,), FIRM_DTYPE; programmes whose money a firm took are marked in its record.
        promises: Shape (promises,), policy.drafts.PROMISE_DTYPE.
        loan: Whether loans are divided, not awards.
        books: Million yen by programme, changed in place.
        taken_up: Weighted firms by programme, changed in place.
    """
    promised, served, count = np.empty(firms.size), np.empty(promises.size, np.int64), 0
    for promise in promises:
        promised[promise.row] = 0.0  # only of these rows, which are few among all
    for promise in promises:
        if promise.loan == loan and firms[promise.row].events & AWARD_BIT:
            promised[promise.row] += promise.amount
    for i in range(promises.size):
        promise = promises[i]
        f = firms[promise.row]
        if promise.loan != loan or not f.events & AWARD_BIT:
            continue
        weight = np.float64(f.weight)
        paid = weight * (f.lent if loan else f.granted) * promise.amount / promised[promise.row]
        books[promise.programme] += paid
        if paid > 0.0:
            taken_up[promise.programme] += weight
            f.awarded |= np.int64(1) << promise.programme
            served[count] = i
            count += 1
    return served[:count]


@njit(cache=True)
def teach_pilots(firms: np.ndarray, promises: np.ndarray, served: np.ndarray, pilots: np.ndarray, knowledge: float) -> None:
    """What pilots teach those who took their money: knowledge of the group of hosts that each firm entered.

    Args:
        firms: Shape (rows,), FIRM_DTYPE, changed in place.
        promises: Shape (promises,), policy.drafts.PROMISE_DTYPE.
        served: Positions of those that were taken up, shape (n,).
        pilots: See :func:`pilots_of`.
        knowledge: Added to that of the group.
    """
    for i in served:
        f = firms[promises[i].row]
        if pilots[promises[i].programme] and f.event_host >= 0:
            group = GROUPS[f.event_host]
            f.knowledge[group] = min(1.0, f.knowledge[group] + np.float32(knowledge))  # added up as it is kept


@njit(cache=True)
def book_claw_backs(firms: np.ndarray, rows: np.ndarray, spending: np.ndarray) -> None:
    """Book what was paid back as negative spending of the programme that the pledge was given to.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE.
        rows: Rows with an event this year, shape (n,).
        spending: Million yen by programme, changed in place.
    """
    for row in rows:
        f = firms[row]
        if f.events & CLAW_BACK_BIT:
            spending[f.pledge_programme] -= np.float64(f.weight) * f.clawed_back


def merged(table: np.ndarray, sums: Mapping[str, np.ndarray]) -> np.ndarray:
    """The table with money, and rows for programmes that take no applications, or are closed and still pay or get money back."""
    moving = sum(np.abs(sums[name]) for name in ("spending", "lending", "foregone"))
    listed = set(table["programme"].tolist())
    more = [row for row in np.flatnonzero(moving).tolist() if row not in listed]
    full = np.zeros(table.size + len(more), table.dtype)
    full[: table.size] = table
    full["programme"][table.size :] = more
    for name, values in sums.items():
        full[name] = values[full["programme"]]
    return full
