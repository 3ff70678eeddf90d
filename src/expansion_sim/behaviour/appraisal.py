"""What a mode would earn and cost one firm this year: the rules of gains, costs and thresholds put together.

Functions take one firm record, one industry, one (industry, host) record, the year and the parameters; they change nothing.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour import gains
from expansion_sim.behaviour.choice import log_advantage
from expansion_sim.behaviour.cooperation import shared_cost
from expansion_sim.behaviour.costs import agreement_pays, cost_ratio_at, friction_of_skill, left_behind
from expansion_sim.behaviour.learning import inherited_ties
from expansion_sim.behaviour.option import entry_threshold, profit_risk, static_threshold, threshold_to_enter, threshold_to_stay
from expansion_sim.behaviour.output import fixed_cost_scale
from expansion_sim.codes import ADAPTIVE, BAND, CLUSTER, CONTRACT, DIRECT, ECOMMERCE, FDI, HOST_GROUP_OF, HOST_GROUPS, INDIRECT, STATIC

GROUP_OF = np.array(HOST_GROUP_OF, dtype=np.int64)
NEIGHBOURS = HOST_GROUPS.index("asian_nies")
MODE_LANES = 8  # of modes whose thresholds are taken together, a number that vectors have
EXPECTED_MEMBERS = 10.0  # members a firm expects of a collective plant; the known groups had 10 and 19


@njit(cache=True)
def view_of(f) -> int:
    """Which view of costs the firm uses: 1 smoothed for adaptive expectations, 0 today's for the others."""
    return 1 if f.expectation == ADAPTIVE else 0


@njit(cache=True)
def expectation_of(f, y) -> int:
    """Kind of expectation, with the band switched off in the ablation without it."""
    return f.expectation if y.band == 1 else STATIC


@njit(cache=True)
def relative_productivity(f, industry) -> float:
    """Log productivity relative to the industry's mean firm last year."""
    return f.productivity - industry.mean_productivity


@njit(cache=True)
def foreign_effect(f, industry, p) -> float:
    """Foreign demand of this firm relative to the mean firm of its size."""
    return gains.productivity_effect(relative_productivity(f, industry), f.quality, industry.elasticity, p.productivity_reward)


@njit(cache=True, forceinline=True)
def standing_of(f, industry, p) -> tuple[float, float, float]:
    """What of a firm counts alike in every host: foreign demand over the mean firm's, productivity left behind, friction of its skill.

    Whoever looks at many hosts takes it once; see costs.left_behind and costs.friction_of_skill.
    """
    productivity = relative_productivity(f, industry)
    return foreign_effect(f, industry, p), left_behind(productivity, p.cost_transfer), friction_of_skill(productivity, p.cost_skill)


@njit(cache=True)
def movable_cost(f, industry, p) -> float:
    """What the movable share of production costs at home, million yen 2015 a year; see :func:`movable_share`."""
    return f.home_sales * cost_share(industry) * movable_share(f, industry, p)


@njit(cache=True)
def contracted_cost(f, industry, p) -> float:
    """What the share that contractors would make costs at home, million yen 2015 a year; see :func:`contracted_share`."""
    return f.home_sales * cost_share(industry) * contracted_share(f, industry, p)


@njit(cache=True)
def cost_scale(f, mode: int, y, p) -> float:
    """Factor of the firm's size and of what people's time is worth on fixed and sunk costs.

    A plant has an indivisible part (an expatriate, a building), so its cost rises little with the firm. Selling abroad takes people's
    time in proportion to what is sold, so its cost rises more.
    """
    return fixed_cost_scale(f.home_sales, y.index, p.fixed_scale_export if mode <= ECOMMERCE else p.fixed_scale)


@njit(cache=True, forceinline=True)
def cost_scales(f, y, p) -> tuple[float, float]:
    """:func:`cost_scale` of modes of export and of production abroad; taken together they need one logarithm."""
    return fixed_cost_scale(f.home_sales, y.index, p.fixed_scale_export), fixed_cost_scale(f.home_sales, y.index, p.fixed_scale)


@njit(cache=True)
def members_of(f) -> float:
    """Members that share the firm's collective plant, or those it would expect."""
    return f.members if f.cooperative >= 0 and f.members >= 1.0 else EXPECTED_MEMBERS


@njit(cache=True)
def fixed_cost(mode: int, scale: float, members: float, y, p) -> float:
    """Yearly fixed cost of a mode, million yen 2015; a collective plant's common part is divided by its members."""
    if mode == INDIRECT:
        return p.fixed_indirect * scale
    if mode == DIRECT:
        return p.fixed_direct * scale * y.selling
    if mode == ECOMMERCE:
        return p.fixed_ecommerce * scale
    if mode == CONTRACT:
        return p.fixed_contract * scale * y.information
    if mode == FDI:
        return p.fixed_plant * scale
    if mode == CLUSTER:
        return shared_cost(p.fixed_plant * scale, p.gain_cluster_saving, members, 0.0)
    return 0.0


@njit(cache=True)
def sunk_cost(mode: int, scale: float, members: float, y, p) -> float:
    """Sunk entry cost of a mode before support, million yen 2015."""
    effort = p.sunk_own_effort * scale
    if mode == INDIRECT:
        return p.sunk_indirect * effort
    if mode == DIRECT:
        return p.sunk_direct * effort * y.selling
    if mode == ECOMMERCE:
        return p.sunk_ecommerce * effort
    if mode == CONTRACT:
        return p.sunk_contract * effort * y.information
    if mode == FDI:
        return p.sunk_plant * effort
    if mode == CLUSTER:
        return shared_cost(p.sunk_plant * effort, p.gain_cluster_saving, members, 0.0)
    return 0.0


@njit(cache=True)
def after_relief(sunk: float, relief: float, cap: float) -> float:
    """Sunk cost that stays with the firm: S - min(S relief, cap)."""
    return sunk - min(sunk * relief, cap)


@njit(cache=True)
def export_room(f, p) -> float:
    """What the firm can export on top of the exports it has: most exports per home sales less this year's, million yen 2015 a year."""
    return max(0.0, p.export_room * f.home_sales - f.export_sales)


@njit(cache=True, forceinline=True)
def indirect_revenue(f, effect: float, industry, p, view: int, room: float) -> float:
    """Yearly sales through trading houses, million yen 2015.

    Args:
        effect: See :func:`foreign_effect`.
        room: What the firm can still export, million yen.
    """
    demand = industry.world_demand[view] * industry.traded_goods * effect
    sales = gains.indirect_sales(f.home_sales, demand, p.export_trading_reach, industry.left_by_house)
    return gains.within_capacity(sales, room)


@njit(cache=True, forceinline=True)
def mall_revenue(f, effect: float, industry, y, p, view: int, room: float) -> float:
    """Yearly sales on cross-border malls, million yen 2015.

    Args:
        effect: See :func:`foreign_effect`.
        room: What the firm can still export, million yen.
    """
    demand = industry.world_demand[view] * effect
    sales = gains.mall_sales(f.home_sales, demand, industry.consumer, p.export_mall_reach, y.malls, industry.left_by_mall)
    return gains.within_capacity(sales, room)


@njit(cache=True)
def direct_demand(f, industry, m, host: int, y, p, view: int, use_cut: float) -> tuple[float, float]:
    """Demand of one market at full reach and the yearly cost of using its agreement (0 when not used), million yen 2015.

    Args:
        use_cut: Share of the use cost of agreements that public help takes over.
    """
    return market_demand(f, foreign_effect(f, industry, p), m, host, y, p, view, use_cut)


@njit(cache=True)
def market_demand(f, effect: float, m, host: int, y, p, view: int, use_cut: float) -> tuple[float, float]:
    """:func:`direct_demand` of a firm with a known effect on foreign demand, see :func:`foreign_effect`."""
    base = f.home_sales * effect * m.access
    if y.network == 1 and (f.plant_hosts | f.cluster_hosts) >> host & 1:
        base *= m.general  # plants of large Japanese firms order from its base there
    return demand_reached(base, m.demand[view], m.demand_agreement[view], m.margin[view], agreement_use(y, p, use_cut))


@njit(cache=True)
def agreement_use(y, p, use_cut: float) -> float:
    """Yearly cost of using an agreement, million yen 2015, less the share that public help takes over."""
    return p.cost_agreement_use * y.wage * (1.0 - use_cut)


@njit(cache=True, forceinline=True)
def demand_reached(base: float, demand: float, demand_agreement: float, margin: float, use: float) -> tuple[float, float]:
    """Demand of a market with or without its agreement, whichever pays, and the cost of using it.

    Args:
        base: What the firm sells at a demand of 1, million yen 2015 a year.
        demand: Of the market at the full tariff, per unit of base.
        demand_agreement: The same at the tariff of the agreement.
        margin: Gross margin there.
        use: Yearly cost of using the agreement, million yen 2015.
    """
    plain, reduced = base * demand, base * demand_agreement
    used = reduced > plain and agreement_pays(plain * margin, reduced * margin, use)
    return reduced if used else plain, use if used else 0.0


@njit(cache=True)
def knowledge_of(f, host: int, y, p) -> float:
    """The firm's knowledge of the group a host belongs to, 0 to 1; owners of the pre-war generation know the nearest neighbours."""
    known = f.knowledge[GROUP_OF[host]]
    if GROUP_OF[host] == NEIGHBOURS:
        return max(known, inherited_ties(y.year - f.owner_age, p.knowledge_ties))
    return known


@njit(cache=True)
def relocation_cost_ratio(standing: tuple[float, float, float], m, view: int, knowledge: float) -> float:
    """Unit cost of a plant of this firm in a host over its own at home; see :func:`standing_of`."""
    return cost_ratio_at(m.cost[view], standing[1], m.friction * standing[2], knowledge)


@njit(cache=True)
def cost_share(industry) -> float:
    """Unit cost over price under monopolistic competition: (sigma - 1) / sigma."""
    return (industry.elasticity - 1.0) / industry.elasticity


@njit(cache=True)
def movable_share(f, industry, p) -> float:
    """Share of home production that a first plant would take; a pledge to keep the home plant allows a part of it."""
    return industry.relocatable * (p.jobs_pledged if f.pledge == 1 else 1.0)


@njit(cache=True)
def contracted_share(f, industry, p) -> float:
    """Share of home sales that contractors abroad would make; beside an own plant only the part a further plant would take."""
    further = p.gain_further if f.plant_hosts != 0 or f.cluster_hosts != 0 else 1.0
    return movable_share(f, industry, p) * p.gain_contract_share * further


@njit(cache=True)
def moved_to_plants(f, industry, p) -> float:
    """Share of home production that own and collective plants make by now: what is made abroad less what contractors deliver, at least 0."""
    delivered = contracted_share(f, industry, p) if f.contract_hosts != 0 else 0.0
    return max(0.0, f.relocated - delivered)


@njit(cache=True)
def contract_gain(f, industry, m, host: int, y, p, view: int) -> float:
    """Yearly saving of contract production in a host, million yen 2015."""
    return contract_gain_at(contracted_cost(f, industry, p), m, standing_of(f, industry, p), knowledge_of(f, host, y, p), view)


@njit(cache=True)
def contract_gain_at(cost: float, m, standing: tuple[float, float, float], knowledge: float, view: int) -> float:
    """:func:`contract_gain` of a firm with a known standing, knowledge of the host and :func:`contracted_cost`."""
    ratio = relocation_cost_ratio(standing, m, view, knowledge)
    return gains.contract_saving(cost, ratio, m.return_cost, m.hold_up)


@njit(cache=True)
def orders_in_host(f, host: int, m, customers, y, p) -> float:
    """What plants of large customers in the host would order from a base, million yen 2015 a year; none without the network."""
    if y.network == 0:
        return 0.0
    others = f.home_sales * m.orders
    if f.parent < 0:
        return others
    there = customers[f.parent].offshore[host]
    if f.second_customer >= 0:
        there += p.parent_second * customers[f.second_customer].offshore[host]
    return others + gains.customer_orders(f.home_sales, f.order_share, there)


@njit(cache=True)
def base_sales(f, industry, m, host: int, customers, y, p) -> tuple[float, float]:
    """Sales of an own base in its host and from there to third markets, and to plants of large customers, million yen 2015 a year.

    One base of a small firm serves no more than its room, all its buyers alike, and in a half-closed host only what is open to it.
    """
    return base_sales_at(f, foreign_effect(f, industry, p), m, host, customers, y, p)


@njit(cache=True)
def base_sales_at(f, effect: float, m, host: int, customers, y, p) -> tuple[float, float]:
    """:func:`base_sales` of a firm with a known effect on foreign demand, see :func:`foreign_effect`."""
    demand, orders = f.home_sales * m.local * (1.0 + m.platform) * effect, orders_in_host(f, host, m, customers, y, p)
    served = gains.share_served(demand + orders, p.gain_room * f.home_sales, m.openness)
    return demand * served, orders * served


@njit(cache=True)
def plant_parts(f, cost: float, industry, m, host: int, customers, standing: tuple[float, float, float], knowledge: float, y, p, view: int
                ) -> tuple[float, float, float, float]:
    """What an own plant earns before tax: saving on production sent home, profit in the host; sales of the base, orders of customers.

    Args:
        cost: See :func:`movable_cost`.
        customers: Large customers, population.parents.PARENT_DTYPE.
        standing: See :func:`standing_of`.
        knowledge: Of the host, see :func:`knowledge_of`.

    Returns:
        All four in million yen 2015 a year. The base sells in its host and to third markets, orders come on top.
    """
    ratio = relocation_cost_ratio(standing, m, view, knowledge)
    saving = gains.relocation_saving(cost, ratio, m.return_cost)
    sales, orders = base_sales_at(f, standing[0], m, host, customers, y, p)
    return saving, gains.variable_profit(sales, industry.elasticity) + p.gain_customer_orders * orders, sales, orders


@njit(cache=True)
def next_plant_gain(f, industry, m, host: int, customers, y, p, view: int) -> float:
    """Yearly gain of the next plant after the host's extra tax, million yen 2015.

    What can be moved is moved once: a further plant saves only a part on it.
    """
    cost, standing = movable_cost(f, industry, p), standing_of(f, industry, p)
    return next_plant_gain_at(f, cost, industry, m, host, customers, standing, knowledge_of(f, host, y, p), y, p, view)


@njit(cache=True)
def next_plant_gain_at(f, cost: float, industry, m, host: int, customers, standing: tuple[float, float, float], knowledge: float, y, p,
                       view: int) -> float:
    """:func:`next_plant_gain` of a firm with a known standing, knowledge of the host and :func:`movable_cost`."""
    saving, inside, _, _ = plant_parts(f, cost, industry, m, host, customers, standing, knowledge, y, p, view)
    moved = p.gain_further if f.plant_hosts != 0 or f.cluster_hosts != 0 else 1.0
    return gains.plant_gain(saving * moved, inside, m.tax)


@njit(cache=True)
def risk_of(y, host_risk: float, insured: float, p) -> float:
    """Sd of log foreign profit that the firm reckons with."""
    return profit_risk(p.band_risk, p.band_risk_yen, y.volatility, p.band_risk_host, host_risk, insured)


@njit(cache=True)
def entry_bar(f, y, sunk: float, fixed: float, risk: float, p) -> float:
    """Log of gain over fixed cost this firm asks for before it enters."""
    return threshold_to_enter(expectation_of(f, y), sunk / max(fixed, 1e-9), risk, p.band_discount, p.band_entry_scale, p.band_entry_sunk,
                              p.band_entry_risk)


@njit(cache=True, forceinline=True)
def entry_bars(f, y, sunk, fixed: float, risk: float, p) -> None:
    """:func:`entry_bar` at several sunk costs, which are overwritten; they go through vector instructions together."""
    discount, scale, sunk_power, risk_power = p.band_discount, p.band_entry_scale, p.band_entry_sunk, p.band_entry_risk
    least, expectation = max(fixed, 1e-9), expectation_of(f, y)
    for i in range(sunk.size):
        sunk[i] = sunk[i] / least
    if expectation == BAND:
        for i in range(sunk.size):
            sunk[i] = entry_threshold(sunk[i], risk, scale, sunk_power, risk_power)
    else:
        for i in range(sunk.size):
            sunk[i] = static_threshold(sunk[i], discount)


@njit(cache=True, forceinline=True, error_model="numpy")  # a look at every divisor would keep the loop from vectors
def entry_bars_of_modes(f, y, sunk, fixed, risk, bars, p) -> None:
    """:func:`entry_bar` of several modes, each with its own costs and risk, into ``bars``; all of shape (MODE_LANES,)."""
    discount, scale, sunk_power, risk_power = p.band_discount, p.band_entry_scale, p.band_entry_sunk, p.band_entry_risk
    if expectation_of(f, y) == BAND:
        for i in range(MODE_LANES):
            bars[i] = entry_threshold(sunk[i] / max(fixed[i], 1e-9), risk[i], scale, sunk_power, risk_power)
    else:
        for i in range(MODE_LANES):
            bars[i] = static_threshold(sunk[i] / max(fixed[i], 1e-9), discount)


@njit(cache=True)
def exit_bar(f, y, sunk: float, fixed: float, risk: float, p) -> float:
    """Log of gain over fixed cost below which this firm would rather leave."""
    return threshold_to_stay(expectation_of(f, y), sunk / max(fixed, 1e-9), risk, p.band_exit_scale, p.band_exit_sunk, p.band_exit_risk)


@njit(cache=True)
def stay_gap(f, y, mode: int, gain: float, fixed: float, scale: float, more: float, risk: float, p) -> float:
    """How far a running mode, market or plant is above the exit threshold, log points, the firm's taste for the mode included.

    Args:
        gain: Its yearly gain, million yen 2015.
        fixed: Its yearly fixed cost.
        scale: Factor of the firm's size on costs.
        more: Sunk cost relative to the first market or plant of the mode.
        risk: Sd of log foreign profit.
    """
    taste = p.choice_taste * f.taste[mode] * y.taste
    sunk = sunk_cost(mode, scale, members_of(f), y, p) * more
    return log_advantage(gain, fixed) + taste / p.choice_gain - exit_bar(f, y, sunk, fixed, risk, p)
