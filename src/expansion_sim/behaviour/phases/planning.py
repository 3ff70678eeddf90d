"""Phase 5: staying is compared with every mode, market and host; what is chosen becomes next year's plan."""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.abreast import ABREAST_DTYPE, know_hosts, lay_abreast, rate_bases, rate_contracts, rate_markets
from expansion_sim.behaviour.appraisal import (
    MODE_LANES,
    agreement_use,
    contracted_cost,
    entry_bars_of_modes,
    export_room,
    fixed_cost,
    members_of,
    movable_cost,
    risk_of,
    sunk_cost,
    view_of,
)
from expansion_sim.behaviour.attention import people_factor, pressure_to_move, probability_of_study
from expansion_sim.behaviour.choice import NO_GAIN, log_advantage, mode_utility, share_needed
from expansion_sim.behaviour.phases.prospects import (
    HOST_COUNT,
    STANDING_DTYPE,
    customer_help,
    direct_cover,
    further_shares,
    house_sales,
    lost_to_own_market,
    mall_sales,
    returning_share,
    small_code,
    standing_in,
    take_stand,
    whole_house_sales,
)
from expansion_sim.behaviour.picking import (
    NOTHING,
    nest_weights,
    pick_by_weight,
    share_at_home,
    sum_up_and_pick,
    take_logs,
    weights_of_three,
)
from expansion_sim.behaviour.public_support import (
    HEARING_FIELDS,
    awards_heard_of,
    chance_of_deciding,
    cost_without_awards,
    fair_pulls,
    fair_rate,
    fairs_heard_of,
    hoped_cost,
    pull_of_call,
)
from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, ECOMMERCE, ELSEWHERE, FDI, HOME, INDIRECT, INDUSTRIES, MODES
from expansion_sim.elementary import log, lowest_bit
from expansion_sim.randomness import Stream, uniform4

EVERYWHERE = (1 << HOST_COUNT) - 1  # all hosts as bits
NOTHING_FREE = 1e-300  # freedom below this is none: its logarithm ends every plan
ATTENTION, CHOICE = int(Stream.ATTENTION), int(Stream.CHOICE)
#: What a firm writes down while it plans: utilities without awards, with those that it may apply for, and these awards in million yen, by
#: mode; best market or host by mode; modes looked at as bits, and of each its log advantage, sunk cost before support, without and with awards,
#: yearly cost, risk that is borne, state dependence, and entry thresholds without and with awards; knowledge by host; utilities of markets and
#: what fairs add to them, of hosts for contracts and for plants, and the part that both share; and what is read before of the hosts of every
#: industry (behaviour.abreast) and of the offers. One sheet serves one firm after the other, because making the arrays takes longer than
#: filling them.
SHEET_DTYPE = np.dtype([
    ("utilities", "f8", (3, len(MODES))), ("best", "i8", (len(MODES),)), ("rated", "i8"),
    *((name, "f8", (MODE_LANES,)) for name in ("advantage", "sunk", "cost", "hoped", "fixed", "borne", "extra", "bars", "hoped_bars")),
    *((name, "f8", (HOST_COUNT,)) for name in ("known", "markets", "fairs", "contract", "own", "shared")),
    ("industries", ABREAST_DTYPE, (len(INDUSTRIES),)), *HEARING_FIELDS,
])


@njit(cache=True)
def plan(f, c) -> None:
    """Compare staying with every mode, market and host; what is chosen becomes next year's plan."""
    seed, year = c[9], c[0][0].year
    sheets = np.empty(1, SHEET_DTYPE)
    sheets[0].number, sheets[0].people = -1, people_factor(f.employees, c[8][0].attention_size)
    lay_abreast(c[2][f.industry], sheets[0].industries[f.industry])
    standings = np.zeros(1, STANDING_DTYPE)
    plan_with(f, c, uniform4(seed, ATTENTION, year, f.firm), uniform4(seed, CHOICE, year, f.firm), standings[0], sheets[0])
    sheets[0].rated = standings[0].known = 0  # a use after the call: compiled code frees an array after its last use, whoever still writes on it


@njit(cache=True, forceinline=True)
def plan_with(f, c, u, draws, stand, sheet) -> None:
    """The phase with draws ATTENTION and CHOICE, what may be known of the firm's standing and a sheet to write on at hand.

    See :data:`prospects.STANDING_DTYPE` and :data:`SHEET_DTYPE`.
    """
    abroad = f.channels != 0 or f.contract_hosts != 0 or f.plant_hosts != 0 or f.cluster_hosts != 0
    if f.alive == 0 or f.wish_mode != HOME or (f.interested == 0 and not abroad):
        return
    p = c[8][0]
    chance = chance_of_deciding(f, abroad, c)
    called = pull_of_call(u[2], chance, p.support_call) if f.invited_host < 0 else 0.0
    decides = u[2] <= chance or called > 0.0
    if decides or f.invited_host >= 0:
        work_out(f, c, u, draws, decides, called, stand, sheet)


@njit(cache=True)
def work_out(f, c, u, draws, decides: bool, called: float, stand, sheet) -> None:
    """:func:`plan_with` of a firm that works out a plan of its own, or looks at where its customer asks it to come.

    It stands apart because most firms do not come here, and compiled code makes room for all that it may need when it is called.

    Args:
        f: Record of the firm, changed.
        c: Context of the year.
        u: Draw ATTENTION.
        draws: Draw CHOICE.
        decides: Whether the plan is its own.
        called: See public_support.pull_of_call.
        stand: Record of prospects.STANDING_DTYPE, written here where it is not known.
        sheet: Overwritten.
    """
    y, industry, p = c[0][0], c[1][f.industry], c[8][0]
    pressure = pressure_to_move(y.appreciation, p.attention_wages * y.wage_growth, industry.exposure, f.order_share * max(0.0, 1.0 - f.order_level))
    studies = y.attention == 0 or u[3] < probability_of_study(p.attention_study, p.attention_urgency, pressure)
    clear_sheet(sheet)
    if stand.known == 0:
        take_stand(f, industry, y, p, stand)
    utilities, standing = sheet.utilities, standing_in(stand)
    know_hosts(f, y, p, sheet.known)
    if decides:
        rate_exports(f, c, standing, stand.exporting, sheet, draws[1])
    rate_plants(f, c, decides, studies, standing, stand.making, sheet, draws[1])
    rate_modes(f, c, sheet)
    nests = nest_weights(utilities[0], p.choice_nest)
    mode = nested_pick(utilities[0], nests, p.choice_nest, draws[0], draws[3]) if called == 0.0 else HOME
    if mode == HOME and rate_awards(f, c, sheet):  # with an award it might go
        nests_with = nest_weights(utilities[1], p.choice_nest)
        mode = nested_pick(utilities[1], nests_with, p.choice_nest, draws[0], draws[3])
        share = called if called > 0.0 else share_needed(share_at_home(nests), share_at_home(nests_with), draws[0])
        f.needs = share * max(0.0, utilities[2, mode])
        mode = mode if f.needs > 0.0 else HOME
    if mode != HOME:
        f.wish_mode, f.wish_host, f.wish_value = mode, sheet.best[mode], sheet.advantage[mode] - sheet.bars[mode]


@njit(cache=True)
def clear_sheet(sheet) -> None:
    """Nothing on offer but home."""
    for mode in range(len(MODES)):
        for kind in range(3):
            sheet.utilities[kind, mode] = NO_GAIN if mode != HOME else 0.0
        sheet.best[mode] = -1
    sheet.rated = 0
    for mode in range(MODE_LANES):
        sheet.cost[mode], sheet.hoped[mode], sheet.fixed[mode], sheet.borne[mode] = 0.0, 0.0, 1.0, 0.0


@njit(cache=True, forceinline=True)
def rate_exports(f, c, standing, scale: float, sheet, u: float) -> None:
    """Indirect, direct and e-commerce: what they would earn and cost, and the market drawn. ``scale`` is appraisal.cost_scale."""
    y, industry, support, p = c[0][0], c[1][f.industry], c[4], c[8][0]
    view, risk, small = view_of(f), risk_of(y, 0.0, 0.0, p), small_code(f, c)
    nest, room, abroad = p.choice_state if f.channels != 0 else 0.0, export_room(f, p), (standing[0], direct_cover(f, c))
    if not f.channels & 1:
        fixed = fixed_cost(INDIRECT, scale, members_of(f), y, p)
        sunk = sunk_cost(INDIRECT, scale, members_of(f), y, p) * returning_share(f, INDIRECT, y, p)
        gain = house_sales(f, view, abroad, c) * industry.world_margin[view]
        note_mode(f, INDIRECT, -1, log_advantage(gain, fixed), sunk, fixed, risk, nest, c, sheet)
    if not f.channels & 4 and y.malls > 0.0:
        fixed = fixed_cost(ECOMMERCE, scale, members_of(f), y, p)
        sunk = sunk_cost(ECOMMERCE, scale, members_of(f), y, p) * returning_share(f, ECOMMERCE, y, p)
        gain = mall_sales(f, view, abroad, c) * industry.world_margin[view]
        note_mode(f, ECOMMERCE, -1, log_advantage(gain, fixed), sunk, fixed, risk, nest, c, sheet)
    cut, (running, entering) = support[small, DIRECT].use_cut, further_shares(f, DIRECT, y, p)
    fixed = fixed_cost(DIRECT, scale, members_of(f), y, p) * running
    sunk = sunk_cost(DIRECT, scale, members_of(f), y, p) * entering
    fairs = fair_rate(DIRECT, fairs_heard_of(f, small, sheet, c), c)
    if fairs > 0.0:
        fair_pulls(f, fairs, sunk, fixed, risk, c, sheet.known, sheet.fairs)
    whole = whole_house_sales(f, standing[0], view, c) if f.channels & 1 else 0.0  # asked of a firm with a house only
    t, served = sheet.industries[f.industry], np.int64(f.markets)
    rate_markets(f, standing[0], t, y, view, agreement_use(y, p, cut), room, sheet.markets)
    if f.channels & 1:
        for g in range(HOST_COUNT):
            sheet.markets[g] -= lost_to_own_market(f, whole, abroad[1], t.demand[0, g], view, c)
    for g in range(HOST_COUNT):
        sheet.markets[g] = 0.0 if served >> g & 1 else sheet.markets[g]
    take_logs(sheet.markets)
    if fairs > 0.0:
        for g in range(HOST_COUNT):
            sheet.markets[g] += sheet.fairs[g] if sheet.markets[g] > NOTHING else 0.0
    of_gain, of_knowledge = p.choice_market, p.choice_knowledge
    for g in range(HOST_COUNT):
        worth = of_gain * sheet.markets[g] + of_knowledge * sheet.known[g]
        sheet.markets[g] = worth if sheet.markets[g] > NOTHING else NOTHING
    inclusive, market = sum_up_and_pick(sheet.markets, u)
    if inclusive > NO_GAIN:
        advantage = inclusive / p.choice_market - log(fixed)
        note_mode(f, DIRECT, market, advantage, sunk, fixed, risk, nest + p.choice_travel * log_freedom(y), c, sheet)


@njit(cache=True, forceinline=True)
def rate_plants(f, c, decides: bool, studies: bool, standing, scale: float, sheet, u: float) -> None:
    """Contract production and own and collective plants: what they would earn and cost, and the host drawn.

    A firm that works out a plan of its own looks at contractors and, if it studies a plant, at every host. An invitation puts
    one host on the table, whatever else the firm does. ``scale`` is appraisal.cost_scale.
    """
    y, industry, customers, p, t = c[0][0], c[1][f.industry], c[3], c[8][0], sheet.industries[f.industry]
    view, contracts, looks_at_all = view_of(f), decides and f.contract_hosts == 0, decides and studies
    plants = looks_at_all or f.invited_host >= 0
    if not contracts and not plants:
        return
    of_gain, of_knowledge = p.choice_host, p.choice_knowledge
    for g in range(HOST_COUNT):
        sheet.shared[g] = of_knowledge * sheet.known[g] + t.fellow_pull[g]
    if contracts:
        rate_contracts(contracted_cost(f, industry, p), standing, t, view, sheet.known, sheet.contract)
        take_logs(sheet.contract)
        for g in range(HOST_COUNT):
            worth = of_gain * sheet.contract[g] + t.contract_pull[g] + sheet.shared[g]
            sheet.contract[g] = worth if sheet.contract[g] > NOTHING else NOTHING
        inclusive, host = sum_up_and_pick(sheet.contract, u)
        rate_host_mode(f, CONTRACT, inclusive, host, scale, 0.0, c, sheet)
    if not plants:
        return
    looked_at = (np.int64(EVERYWHERE) if looks_at_all else np.int64(1) << f.invited_host) & ~np.int64(f.plant_hosts | f.cluster_hosts)
    rate_bases(f, movable_cost(f, industry, p), industry, standing, t, customers, y, p, view, sheet.known, looked_at, sheet.own)
    take_logs(sheet.own)
    for g in range(HOST_COUNT):
        if sheet.own[g] > NOTHING:
            sheet.own[g] = of_gain * sheet.own[g] + t.pull[g] + sheet.shared[g] + customer_pull(f, g, customers, y, p)
    freedom = p.choice_freedom * log_freedom(y)
    state = p.choice_state if f.plant_hosts != 0 or f.contract_hosts != 0 else 0.0
    inclusive, host = sum_up_and_pick(sheet.own, u)
    rate_host_mode(f, FDI, inclusive, host, scale, freedom + state, c, sheet)
    if decides and f.district != ELSEWHERE and f.plant_hosts == 0 and f.cluster_hosts == 0 and y.cooperatives == 1:
        rate_host_mode(f, CLUSTER, inclusive, host, scale, freedom, c, sheet)


@njit(cache=True)
def rate_host_mode(f, mode: int, inclusive: float, host: int, scale: float, extra: float, c, sheet) -> None:
    """A mode that needs a host, from the inclusive value of the hosts, in log points of gain, and the host drawn.

    ``scale`` is appraisal.cost_scale.
    """
    if inclusive <= NO_GAIN:
        return
    y, p = c[0][0], c[8][0]
    running, entering = further_shares(f, mode, y, p)
    fixed = fixed_cost(mode, scale, members_of(f), y, p) * running
    sunk = sunk_cost(mode, scale, members_of(f), y, p) * entering * (1.0 - customer_help(f, mode, host, p))
    risk = risk_of(y, c[2][f.industry, host].risk, 0.0, p)
    note_mode(f, mode, host, inclusive / p.choice_host - log(fixed), sunk, fixed, risk, extra, c, sheet)


@njit(cache=True, forceinline=True)
def note_mode(f, mode: int, host: int, advantage: float, sunk: float, fixed: float, risk: float, extra: float, c, sheet) -> None:
    """Write down what a mode would earn and cost, in a market or host; what follows from that is worked out for all modes together."""
    small = small_code(f, c)
    sheet.rated |= 1 << mode
    sheet.best[mode], sheet.advantage[mode], sheet.sunk[mode], sheet.fixed[mode], sheet.extra[mode] = host, advantage, sunk, fixed, extra
    sheet.cost[mode], sheet.borne[mode] = cost_without_awards(small, mode, host, sunk, c), risk * (1.0 - c[4][small, mode].insured)


@njit(cache=True, forceinline=True)
def rate_modes(f, c, sheet) -> None:
    """Utilities of the modes written down, at the costs without awards."""
    y, p, left = c[0][0], c[8][0], sheet.rated
    entry_bars_of_modes(f, y, sheet.cost, sheet.fixed, sheet.borne, sheet.bars, p)
    while left:
        mode = lowest_bit(left)
        left &= left - 1
        sheet.utilities[0, mode] = mode_utility(sheet.advantage[mode], sheet.bars[mode], weight_of(mode, p), f.taste[mode] * y.taste,
                                                p.choice_taste, sheet.extra[mode])


@njit(cache=True, forceinline=True)
def rate_awards(f, c, sheet) -> bool:
    """Utilities of the modes written down with the awards that the firm may apply for; whether there are any.

    Asked only of firms that stay at home without: the others need not know what they might get.
    """
    y, p, small, left, most = c[0][0], c[8][0], small_code(f, c), sheet.rated, 0.0
    heard = awards_heard_of(f, small, sheet, c)
    if heard == 0:
        return False
    while left:
        mode = lowest_bit(left)
        left &= left - 1
        costs = hoped_cost(small, mode, sheet.best[mode], sheet.sunk[mode], heard, c)
        sheet.hoped[mode], sheet.utilities[2, mode] = costs[1], costs[0] - costs[1]
        most = max(most, costs[0] - costs[1])
    if most <= 0.0:
        return False
    entry_bars_of_modes(f, y, sheet.hoped, sheet.fixed, sheet.borne, sheet.hoped_bars, p)
    for mode in range(len(MODES)):
        sheet.utilities[1, mode] = sheet.utilities[0, mode]
        if sheet.utilities[2, mode] > 0.0:
            sheet.utilities[1, mode] += weight_of(mode, p) * (sheet.bars[mode] - sheet.hoped_bars[mode])
    return True


@njit(cache=True)
def weight_of(mode: int, p) -> float:
    """Weight of log gain over cost in the utility of a mode."""
    return p.choice_plant if mode >= FDI else p.choice_gain


@njit(cache=True)
def log_freedom(y) -> float:
    """Log of the freedom to go abroad, which has been whole in most years."""
    return log(max(y.freedom, NOTHING_FREE)) if y.freedom != 1.0 else 0.0


@njit(cache=True)
def customer_pull(f, host: int, customers, y, p) -> float:
    """Utility of a host in which the main customer produces, more when the firm was invited there."""
    if f.parent < 0 or y.network == 0:
        return 0.0
    there = presence(customers[f.parent], host)
    if f.second_customer >= 0:
        there += p.parent_second * presence(customers[f.second_customer], host)
    return p.choice_customer * there * f.order_share + (p.choice_invitation if f.invited_host == host else 0.0)


@njit(cache=True)
def presence(customer, host: int) -> float:
    """Share of a large customer's production abroad that is in one host, 0 to 1."""
    return customer.offshore[host] / (customer.offshore_total + 1e-9) if customer.offshore_total > 0.0 else 0.0


@njit(cache=True)
def nested_pick(utilities, nests: tuple[float, float, float], nest: float, u_nest: float, u_mode: float) -> int:
    """Mode drawn by a nested logit: first home, an export or production abroad (by picking.nest_weights), then the mode inside the nest."""
    branch = pick_by_weight(nests, u_nest)
    if branch == 0:
        return HOME
    first = 1 if branch == 1 else 4
    return first + pick_by_weight(weights_of_three(utilities[first] / nest, utilities[first + 1] / nest, utilities[first + 2] / nest), u_mode)
