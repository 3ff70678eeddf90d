"""The year of the large customers: whether and where they produce abroad, whom they invite (rule 9).

One compiled function per customer record; :class:`expansion_sim.agents.parent_firm.ParentFirm` calls it on its own record.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from expansion_sim.behaviour.choice import NO_GAIN
from expansion_sim.behaviour.parents import failure_hazard, large_projects, local_business, probability_to_start, wanted_offshore_share
from expansion_sim.behaviour.picking import sum_up_and_pick
from expansion_sim.codes import HOSTS
from expansion_sim.randomness import Stream, uniform4

HOST_COUNT = len(HOSTS)
PARENT_STREAM = int(Stream.PARENT)
LARGE_FIRM_FRICTION = 0.3  # a large firm knows more: it bears this part of the friction of a newcomer and of what distance weighs


@njit(cache=True)
def step_customer(customer: np.record, row: int, c: np.record) -> None:
    """One year of a large customer.

    Args:
        customer: Record of population.parents.PARENT_DTYPE.
        row: Its row, the key of its draws.
        c: Context of the year; markets of this year are used.
    """
    live_through(customer, row, c, best_saving(customer.industry, c[2]), trade_pressure(customer.industry, c[2]))


@njit(cache=True)
def live_through(customer: np.record, row: int, c: np.record, saving: float, pressure: float) -> None:
    """The year of a large customer that knows what its industry saves at best, and how strongly markets abroad press it to produce there."""
    y, markets, p, seed = c[0][0], c[2], c[8][0], c[9]
    u = uniform4(seed, PARENT_STREAM, y.year, row)
    customer.invite_host, customer.projects = -1, 0.0
    if y.noise == 1 and u[3] < failure_hazard(p.parent_failure, y.growth - y.outlook, p.parent_failure_cycle):
        fail(customer, y.year)
    before = customer.offshore_total
    if y.parents_offshore == 0:
        customer.offshore_change = 0.0
        return
    friction = p.parent_friction_tariff * customer.export_orientation * pressure
    if customer.started == 0:
        drive = customer.sensitivity * saving + 0.1 * friction
        start = probability_to_start(p.parent_start, p.parent_start_gain, drive, p.parent_start_size, customer.sales, y.freedom)
        if u[0] < start:
            customer.started = y.year
    elif u[0] < p.parent_leave:
        customer.started = 0
        for g in range(HOST_COUNT):
            customer.offshore[g] = 0.0
        customer.offshore_total = 0.0
    if customer.started > 0:
        wanted = wanted_offshore_share(p.parent_offshore_max, saving, customer.sensitivity, friction, y.freedom)
        move(customer, wanted, markets, u, p)
    customer.offshore_change = customer.offshore_total - before


@njit(cache=True)
def fail(customer: np.record, year: int) -> None:
    """The customer fails; a new firm, all of it at home, takes its place in the table."""
    customer.failed = year
    customer.started = 0
    for g in range(HOST_COUNT):
        customer.offshore[g] = 0.0
    customer.offshore_total = 0.0


@njit(cache=True)
def saved_in(m: np.record) -> float:
    """Share of unit cost that a large customer saves in a host, negative where it is dearer than Japan."""
    return 1.0 - m.cost[0] * (1.0 + LARGE_FIRM_FRICTION * m.friction) * (1.0 + m.return_cost)


@njit(cache=True)
def best_saving(industry: int, markets: np.ndarray) -> float:
    """The best share of unit cost saved in any open host, as far as the host is open; 0 where none is cheaper."""
    best = 0.0
    for g in range(HOST_COUNT):
        m = markets[industry, g]
        if m.openness > 0.0:
            best = max(best, saved_in(m) * m.openness)
    return best


@njit(cache=True)
def rate_hosts(customer: np.record, scores: np.ndarray, markets: np.ndarray, p: np.record) -> None:
    """Score every host; one that is closed or earns nothing has no gain."""
    for g in range(HOST_COUNT):
        m = markets[customer.industry, g]
        scores[g] = NO_GAIN
        if m.openness <= 0.0:
            continue
        gain = max(0.0, saved_in(m)) + local_business(customer.export_orientation, m.market, m.barrier, p.parent_local)
        if gain > 0.0:
            nearer = (1.0 - LARGE_FIRM_FRICTION) * p.choice_distance * m.distance
            scores[g] = p.choice_host * math.log(gain) + m.pull + nearer + 0.5 * m.fellow_pull


@njit(cache=True)
def trade_pressure(industry: int, markets: np.ndarray) -> float:
    """Pressure on customers of an industry to produce in a market that they export to, the strongest of all open hosts."""
    pressure = 0.0
    for g in range(HOST_COUNT):
        m = markets[industry, g]
        if m.openness > 0.0:
            pressure = max(pressure, m.trade_friction)
    return pressure


@njit(cache=True)
def move(customer: np.record, wanted: float, markets: np.ndarray, u: tuple[float, float, float, float], p: np.record) -> None:
    """Move part of the way to the wanted share: growth goes to one host drawn by its score, shrinkage is spread.

    Worn out plants are renewed in the host drawn this year, whether more or less is wanted, so that production follows where it pays in time.
    """
    step = p.parent_pace * (wanted - customer.offshore_total)
    if step < 0.0 and customer.offshore_total > 0.0:
        factor = max(0.0, 1.0 + step / customer.offshore_total)
        for g in range(HOST_COUNT):
            customer.offshore[g] *= factor
    scores = np.empty(HOST_COUNT)
    rate_hosts(customer, scores, markets, p)
    inclusive, host = sum_up_and_pick(scores, u[1])
    if inclusive > NO_GAIN:
        placed = max(0.0, step) + renewed(customer, p.parent_renewal)
        if placed > 0.0:
            customer.projects = large_projects(customer.offshore[host] <= 0.0, customer.sales, p.parent_projects)
            customer.offshore[host] += placed
            if u[2] < 0.6:
                customer.invite_host = host
    total = 0.0
    for g in range(HOST_COUNT):
        total += customer.offshore[g]
    customer.offshore_total = total


@njit(cache=True)
def renewed(customer: np.record, share: float) -> float:
    """Take the worn out share of its plants from every host; returns how much production that is."""
    worn = 0.0
    for g in range(HOST_COUNT):
        worn += share * customer.offshore[g]
        customer.offshore[g] *= 1.0 - share
    return worn


@njit(cache=True)
def step_customers(customers: np.ndarray, c: np.record) -> None:
    """One year of all large customers, in row order."""
    markets = c[2]
    savings, pressures = np.empty(len(markets)), np.empty(len(markets))
    for industry in range(len(markets)):
        savings[industry], pressures[industry] = best_saving(industry, markets), trade_pressure(industry, markets)
    for row in range(customers.size):
        industry = customers[row].industry
        live_through(customers[row], row, c, savings[industry], pressures[industry])


def made_abroad(customers: np.ndarray) -> np.ndarray:
    """Production of large customers in each host over all of theirs, shape (16,); zeros without customers.

    Args:
        customers: Shape (n,), PARENT_DTYPE.
    """
    total = customers["sales"].sum()
    return customers["sales"] @ customers["offshore"] / total if total > 0.0 else np.zeros(customers["offshore"].shape[1])
