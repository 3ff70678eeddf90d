"""Phase 3, production abroad: gains of contractors and plants, and which of them end or come home."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from expansion_sim.behaviour.appraisal import (
    contract_gain_at,
    contracted_cost,
    contracted_share,
    fixed_cost,
    knowledge_of,
    members_of,
    movable_cost,
    movable_share,
    moved_to_plants,
    plant_parts,
    risk_of,
    standing_of,
    stay_gap,
)
from expansion_sim.behaviour.choice import NO_GAIN
from expansion_sim.behaviour.gains import plant_gain, share_moved
from expansion_sim.behaviour.phases.spells import RESHORE_BIT, close_plant, leave
from expansion_sim.behaviour.survival import export_exit_hazard, plant_exit_hazard, reshoring_hazard
from expansion_sim.codes import CLUSTER, CONTRACT, FDI
from expansion_sim.elementary import lowest_bit


class Plants(NamedTuple):
    """Own and collective plants of a firm together, million yen 2015 a year.

    Attributes:
        saved: Saving on what they make for home when all is moved that will be, after tax.
        inside: Profit in the hosts, after tax.
        sales: Sales of the bases in their hosts and to third markets.
        local: Those in their hosts.
        orders: Sales to plants of large customers in the hosts.
        least: Gain that closing the weakest one would cost.
        count: Number of plants.
        movers: Plants where moving production saves something.
        best: Host of the plant that gains most, -1 without one.
        weakest: Host of the one that gains least.
    """

    saved: float
    inside: float
    sales: float
    local: float
    orders: float
    least: float
    count: int  # type: ignore[assignment]
    movers: int
    best: int
    weakest: int


@njit(cache=True)
def settle_contract(f, c, standing, scale: float, u: float, u_reshore: float) -> float:
    """Contract production of the year and its end; returns its profit.

    ``standing`` is appraisal.standing_of and ``scale`` appraisal.cost_scale.
    """
    if f.contract_hosts == 0:
        return 0.0
    y, industry, markets, p = c[0][0], c[1][f.industry], c[2], c[8][0]
    cost = contracted_cost(f, industry, p)
    best, host, left = NO_GAIN, -1, np.int64(f.contract_hosts)
    while left:
        g = lowest_bit(left)
        left &= left - 1
        gain = contract_gain_at(cost, markets[f.industry, g], standing, knowledge_of(f, g, y, p), 0)
        if gain > best:
            best, host = gain, g
    fixed = fixed_cost(CONTRACT, scale, members_of(f), y, p)
    years = float(y.year - f.since[CONTRACT])
    if years > 0.0:
        m = markets[f.industry, host]
        gap = stay_gap(f, y, CONTRACT, best, fixed, scale, 1.0, risk_of(y, m.risk, 0.0, p), p)
        home = u_reshore < reshoring_hazard(p.exit_reshore, gap, m.risk, p.exit_reshore_risk)
        if home or u < export_exit_hazard(years, p.exit_contract_base, 0.0, p.exit_mismatch_fade, gap, p.exit_slope, p.exit_margin_hazard):
            f.contract_hosts = 0
            leave(f, CONTRACT, host, y.year)
            if home:
                f.events |= RESHORE_BIT
                f.reshored = y.year
            return 0.0
    f.contract_output = f.home_sales * contracted_share(f, industry, p)
    return best - fixed


@njit(cache=True)
def settle_plants(f, c, standing, scale: float, u: float, u_reshore: float) -> float:
    """Own and collective plants of the year, after the weakest one may have been closed; returns their profit.

    ``standing`` is appraisal.standing_of and ``scale`` appraisal.cost_scale.
    """
    if f.plant_hosts == 0 and f.cluster_hosts == 0:
        move_production(f, 0, c)
        return 0.0
    y, p = c[0][0], c[8][0]
    plants = plants_gain_at(f, standing, c)
    if consider_closing(f, plants, c, scale, u, u_reshore):
        plants = plants_gain_at(f, standing, c)
    move_production(f, plants.movers, c)
    if plants.count == 0:
        return 0.0
    mode = FDI if f.plant_hosts != 0 else CLUSTER
    fixed = fixed_cost(mode, scale, members_of(f), y, p) * c[2][f.industry, plants.best].fixed
    started = share_started(f, y, p)
    f.local_sales = (plants.local + plants.orders) * started  # the rest goes to third markets
    f.plant_sales = (plants.sales + plants.orders) * started + f.home_sales * moved_to_plants(f, c[1][f.industry], p)
    return gain_so_far(f, plants, c) - fixed * (1.0 + p.sunk_further_plant * (plants.count - 1))


@njit(cache=True)
def move_production(f, movers: int, c) -> None:
    """Share of home production that is made abroad this year: a part of what is left to move, or to bring back, moves each year.

    Args:
        f: Record of the firm, changed.
        movers: Own and collective plants where moving saves something.
        c: Context of the year.
    """
    industry, p = c[1][f.industry], c[8][0]
    target = share_moved(movable_share(f, industry, p), movers, p.gain_further)
    if f.contract_hosts != 0:
        target = min(0.95, target + contracted_share(f, industry, p))
    f.relocated += (target - f.relocated) / p.gain_start_years
    if f.relocated < 1e-4:
        f.relocated = 0.0


@njit(cache=True)
def share_started(f, y, p) -> float:
    """Share of what a base sells in full that it sells by now."""
    return min(1.0, (years_of_plants(f, y.year) + 1.0) / p.gain_start_years)


@njit(cache=True)
def gain_so_far(f, plants: Plants, c) -> float:
    """Gain of plants that are still starting: the saving on what has been moved, the profit on what the bases sell by now."""
    industry, p = c[1][f.industry], c[8][0]
    target = share_moved(movable_share(f, industry, p), plants.movers, p.gain_further)
    moved = min(1.0, moved_to_plants(f, industry, p) / target) if target > 0.0 else 0.0
    return plants.saved * moved + plants.inside * share_started(f, c[0][0], p)


@njit(cache=True)
def consider_closing(f, plants: Plants, c, scale: float, u: float, u_reshore: float) -> bool:
    """Close the weakest plant by the hazards of leaving and of coming home; members of a cooperative are locked in at first.

    Returns:
        Whether it was closed.
    """
    y, p, weakest = c[0][0], c[8][0], plants.weakest
    mode = CLUSTER if f.cluster_hosts & (1 << weakest) else FDI
    years = float(y.year - f.since[mode])
    if years <= 0.0 or (mode == CLUSTER and years < p.cooperative_lock_in):
        return False
    m = c[2][f.industry, weakest]
    more = p.sunk_further_plant if plants.count > 1 else 1.0  # of several plants, the last one opened is what closing would save
    fixed = fixed_cost(mode, scale, members_of(f), y, p) * m.fixed * more
    gap = stay_gap(f, y, mode, plants.least, fixed, scale, more, risk_of(y, m.risk, 0.0, p), p)
    home = u_reshore < reshoring_hazard(p.exit_reshore, gap, m.risk, p.exit_reshore_risk) and f.relocated > 0.0
    hazard = plant_exit_hazard(years, m.distance, p.exit_plant_base, p.exit_plant_years, p.exit_plant_distance, gap, p.exit_slope,
                               p.exit_plant_margin)
    if home or u < hazard:
        close_plant(f, mode, weakest, home, y.year)
        if not home and u_reshore > 1.0 - p.exit_relocate:
            f.interested = 1  # looks for another base
        return True
    return False


@njit(cache=True)
def plants_gain(f, c) -> Plants:
    """What all plants earn in full.

    The plant where moving saves most takes what the first plant takes; each further one takes a part of that, as its plan reckoned.
    """
    return plants_gain_at(f, standing_of(f, c[1][f.industry], c[8][0]), c)


@njit(cache=True)
def plants_gain_at(f, standing, c) -> Plants:
    """:func:`plants_gain` of a firm with a known standing, see appraisal.standing_of."""
    y, industry, markets, customers, p = c[0][0], c[1][f.industry], c[2], c[3], c[8][0]
    hosts = np.int64(f.plant_hosts | f.cluster_hosts)
    single = hosts & (hosts - 1) == 0
    cost = movable_cost(f, industry, p)
    saved, first, inside, sales, there, orders, least, most = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1e30, -1e30
    count, movers, best, weakest = 0, 0, -1, -1
    while hosts:
        g = lowest_bit(hosts)
        hosts &= hosts - 1
        m = markets[f.industry, g]
        saving, local, base, ordered = plant_parts(f, cost, industry, m, g, customers, standing, knowledge_of(f, g, y, p), y, p, 0)
        net = saving * (1.0 - m.tax)
        movers += 1 if saving > 0.0 else 0
        saved, first = saved + net, max(first, net)
        inside += local * (1.0 - m.tax)
        sales, there, orders, count = sales + base, there + base / (1.0 + m.platform), orders + ordered, count + 1
        gain = plant_gain(saving if single else saving * p.gain_further, local, m.tax)
        if gain < least:
            weakest, least = g, gain
        if gain > most:
            best, most = g, gain
    return Plants(first + p.gain_further * (saved - first), inside, sales, there, orders, least, count, movers, best, weakest)


@njit(cache=True)
def years_of_plants(f, year: int) -> float:
    """Years since the oldest running plant, own or collective, was opened."""
    start = year
    if f.since[FDI] > 0:
        start = min(start, int(f.since[FDI]))
    if f.since[CLUSTER] > 0:
        start = min(start, int(f.since[CLUSTER]))
    return float(year - start)
