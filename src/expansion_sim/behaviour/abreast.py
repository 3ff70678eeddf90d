"""All hosts of an industry side by side: what a firm that compares them works out for every one of them at once by vector instructions.

Vector instructions need the numbers of neighbouring hosts next to each other, field by field, while the phases that look at one host read its
record. Each loop here takes the rules of gains and costs that :mod:`expansion_sim.behaviour.appraisal` puts together for one host, so both give
the same to the last bit. Loops read what does not change into names of their own: compiled code cannot know that writing leaves it alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.appraisal import GROUP_OF, NEIGHBOURS, demand_reached
from expansion_sim.behaviour.costs import cost_ratio_at
from expansion_sim.behaviour.gains import (
    contract_saving,
    customer_orders,
    plant_gain,
    relocation_saving,
    share_served,
    variable_profit,
    within_capacity,
)
from expansion_sim.behaviour.learning import inherited_ties
from expansion_sim.codes import HOSTS

HOST_COUNT = len(HOSTS)
PAIRS = ("demand", "demand_agreement", "margin", "cost")
SINGLE = ("access", "general", "friction", "return_cost", "hold_up", "openness", "fellow_pull", "contract_pull", "pull", "local", "platform",
          "orders", "tax", "fixed")
#: Fields of behaviour.tables.MARKET_DTYPE by host, pairs by view.
ABREAST_DTYPE = np.dtype([(name, "f8", (2, HOST_COUNT)) for name in PAIRS] + [(name, "f8", (HOST_COUNT,)) for name in SINGLE])


@njit(cache=True)
def lay_abreast(markets, t) -> None:
    """Write the hosts of one industry, shape (16,), MARKET_DTYPE, into its record ``t`` of :data:`ABREAST_DTYPE`."""
    for g in range(HOST_COUNT):
        m = markets[g]
        for view in range(2):
            t.demand[view, g], t.demand_agreement[view, g] = m.demand[view], m.demand_agreement[view]
            t.margin[view, g], t.cost[view, g] = m.margin[view], m.cost[view]
        t.access[g], t.general[g], t.friction[g], t.return_cost[g], t.hold_up[g] = m.access, m.general, m.friction, m.return_cost, m.hold_up
        t.openness[g], t.fellow_pull[g], t.contract_pull[g], t.pull[g] = m.openness, m.fellow_pull, m.contract_pull, m.pull
        t.local[g], t.platform[g], t.orders[g], t.tax[g], t.fixed[g] = m.local, m.platform, m.orders, m.tax, m.fixed


@njit(cache=True, forceinline=True)
def know_hosts(f, y, p, known) -> None:
    """appraisal.knowledge_of every host, into ``known``."""
    ties = inherited_ties(y.year - f.owner_age, p.knowledge_ties)
    for g in range(HOST_COUNT):
        known[g] = f.knowledge[GROUP_OF[g]]
        if GROUP_OF[g] == NEIGHBOURS:
            known[g] = max(known[g], ties)


@njit(cache=True, forceinline=True, error_model="numpy")
def rate_markets(f, effect: float, t, y, view: int, use: float, room: float, earned) -> None:
    """What the firm would earn in every market, less the use of its agreement, into ``earned``; see appraisal.market_demand.

    Args:
        f: Record of the firm.
        effect: See appraisal.foreign_effect.
        t: Its industry, :data:`ABREAST_DTYPE`.
        y: Record of the year.
        view: View of costs.
        use: Yearly cost of using an agreement, million yen 2015.
        room: See appraisal.export_room.
        earned: Shape (hosts,), overwritten; million yen 2015 a year.
    """
    base, own = f.home_sales * effect, np.int64(f.plant_hosts | f.cluster_hosts) if y.network == 1 else np.int64(0)
    for g in range(HOST_COUNT):
        wanted, general = base * t.access[g], t.general[g]
        wanted = wanted * general if own >> g & 1 else wanted  # plants of large Japanese firms order from its base there
        demand, paid = demand_reached(wanted, t.demand[view, g], t.demand_agreement[view, g], t.margin[view, g], use)
        earned[g] = within_capacity(demand, room) * t.margin[view, g] - paid


@njit(cache=True, forceinline=True, error_model="numpy")
def rate_contracts(contracted: float, standing, t, view: int, known, earned) -> None:
    """What contractors would save in every host, into ``earned``; nothing in a closed one. See appraisal.contract_gain_at.

    Args:
        contracted: See appraisal.contracted_cost.
        standing: See appraisal.standing_of.
        t: Industry of the firm, :data:`ABREAST_DTYPE`.
        view: View of costs.
        known: Knowledge of every host, shape (hosts,).
        earned: Shape (hosts,), overwritten; million yen 2015 a year.
    """
    left, skill = standing[1], standing[2]
    for g in range(HOST_COUNT):
        ratio = cost_ratio_at(t.cost[view, g], left, t.friction[g] * skill, known[g])
        saved = contract_saving(contracted, ratio, t.return_cost[g], t.hold_up[g])
        earned[g] = saved if t.openness[g] > 0.0 else 0.0


@njit(cache=True, forceinline=True, error_model="numpy")
def rate_bases(f, movable: float, industry, standing, t, customers, y, p, view: int, known, looked_at: int | np.int64, earned) -> None:
    """What a plant would earn in every host that is looked at, over its fixed cost there, into ``earned``; 0 in a closed one and elsewhere.

    See appraisal.next_plant_gain_at.

    Args:
        f: Record of the firm.
        movable: See appraisal.movable_cost.
        industry: Record of its industry.
        standing: See appraisal.standing_of.
        t: Its industry, :data:`ABREAST_DTYPE`.
        customers: Large customers, population.parents.PARENT_DTYPE.
        y: Record of the year.
        p: Parameters.
        view: View of costs.
        known: Knowledge of every host, shape (hosts,).
        looked_at: Hosts as bits.
        earned: Shape (hosts,), overwritten.
    """
    order_in_hosts(f, t, customers, y, p, earned)
    effect, left, skill, home = standing[0], standing[1], standing[2], f.home_sales
    room, weight, elasticity = p.gain_room * f.home_sales, p.gain_customer_orders, industry.elasticity
    moved = p.gain_further if f.plant_hosts != 0 or f.cluster_hosts != 0 else 1.0
    for g in range(HOST_COUNT):
        ratio = cost_ratio_at(t.cost[view, g], left, t.friction[g] * skill, known[g])
        saving = relocation_saving(movable, ratio, t.return_cost[g])
        demand, orders = home * t.local[g] * (1.0 + t.platform[g]) * effect, earned[g]
        served = share_served(demand + orders, room, t.openness[g])
        inside = variable_profit(demand * served, elasticity) + weight * (orders * served)
        gain = plant_gain(saving * moved, inside, t.tax[g]) / t.fixed[g]
        gain = gain if t.openness[g] > 0.0 else 0.0
        earned[g] = gain if looked_at >> g & 1 else 0.0


@njit(cache=True, forceinline=True)
def order_in_hosts(f, t, customers, y, p, orders) -> None:
    """appraisal.orders_in_host in every host, into ``orders``."""
    home, share, second = f.home_sales, f.order_share, p.parent_second  # products of 32-bit columns are taken in 32 bits, as elsewhere
    for g in range(HOST_COUNT):
        orders[g] = home * t.orders[g] if y.network != 0 else 0.0
    if y.network == 0 or f.parent < 0:
        return
    there = customers[f.parent].offshore
    if f.second_customer < 0:
        for g in range(HOST_COUNT):
            orders[g] += customer_orders(home, share, there[g])
        return
    beside = customers[f.second_customer].offshore
    for g in range(HOST_COUNT):
        orders[g] += customer_orders(home, share, there[g] + second * beside[g])
