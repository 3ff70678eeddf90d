"""The year of one firm: produce, act, settle, look around, plan.

Each phase reads last year's aggregates and changes one firm record. The kernel maps the phases over millions of records;
:meth:`expansion_sim.agents.sme.SME.step` calls the very same functions on its own record. ``c`` is the context of the year: a tuple
(year, industries, markets, customers, support, peers, talk, group_activity, parameters, seed), see :func:`context`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from expansion_sim.behaviour.accounts import new_borrowing, next_cash, operating_margin
from expansion_sim.behaviour.appraisal import (
    GROUP_OF,
    base_sales,
    contract_gain,
    cost_scale,
    direct_revenue,
    entry_bar,
    fixed_cost,
    indirect_revenue,
    knowledge_of,
    logsumexp,
    mall_revenue,
    members_of,
    nest_utilities,
    next_plant_gain,
    pick,
    plant_parts,
    relative_productivity,
    risk_of,
    share_at_home,
    stay_gap,
    sunk_cost,
    view_of,
)
from expansion_sim.behaviour.attention import (
    attention_rate,
    character_factor,
    outlook_factor,
    people_factor,
    pressure_to_move,
    probability_of_noticing,
    probability_of_study,
)
from expansion_sim.behaviour.choice import NO_GAIN, fellow_pull, log_advantage, mode_utility, share_needed
from expansion_sim.behaviour.competition import demand_after_stealing
from expansion_sim.behaviour.employment import employees_for, home_job_factor, jobs_abroad
from expansion_sim.behaviour.finance import can_fund, credit_line, funding_need, interest_rate
from expansion_sim.behaviour.gains import direct_reach, left_to_trading_house, within_capacity
from expansion_sim.behaviour.gains import plant_gain as plant_net
from expansion_sim.behaviour.learning import next_knowledge
from expansion_sim.behaviour.output import demand_swing, home_sales, learning_by_exporting, next_log_size, next_productivity
from expansion_sim.behaviour.parents import bad_debt, next_order_level, orders_kept
from expansion_sim.behaviour.public_loans import uncovered_receivables, value_of_loan
from expansion_sim.behaviour.public_support import (
    chance_of_deciding,
    clear_offers,
    fair_pull,
    fair_rate,
    fit_offers,
    hoped_cost,
    interest_waived,
    is_refused,
    keep_pledge,
    lose_debts,
    mutual_cover,
    pay_effort,
    pull_of_call,
    repay_public_loans,
    settle_closing,
    supported_cost,
    take_offers,
    tax_of_year,
)
from expansion_sim.behaviour.survival import (
    closure_hazard,
    closure_weight,
    export_exit_hazard,
    plant_exit_hazard,
    reshoring_hazard,
    successor_found,
)
from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, ECOMMERCE, ELSEWHERE, EVENTS, FDI, HOME, HOST_GROUPS, HOSTS, INDIRECT
from expansion_sim.randomness import Stream, normal, uniform4

HOST_COUNT = len(HOSTS)
GROUPS = len(HOST_GROUPS)
GROUP_MASK = np.array([sum(1 << g for g in range(HOST_COUNT) if GROUP_OF[g] == group) for group in range(GROUPS)], dtype=np.int64)
OUTPUT, ATTENTION, CHOICE, SURVIVAL, RESHORE, LEAVING, INVITATION = (
    int(Stream.OUTPUT), int(Stream.ATTENTION), int(Stream.CHOICE), int(Stream.SURVIVAL), int(Stream.RESHORE), int(Stream.LEAVING),
    int(Stream.INVITATION),
)
CLOSURE_BIT, DEFAULT_BIT, ENTER_BIT, LEAVE_BIT, SWITCH_BIT, RESHORE_BIT, AWARD_BIT, INVITED_BIT, DELISTED_BIT, ADD_BIT, DROP_BIT, SUCCESSION_BIT = (
    1 << EVENTS.index(name) for name in ("closure", "default", "enter", "leave", "switch", "reshore", "award", "invited", "delisted",
                                         "add_host", "drop_host", "succession")
)
CHANNEL_BIT = np.array([0, 1, 2, 4, 0, 0, 0], dtype=np.int64)  # by mode
SALES_LOADING = 0.83  # log sales per log productivity in the size distribution (population.synthesis)
LARGEST_SIZE = math.log(1000.0)
CALLED_OFF = -0.5  # margin below which a plan is called off, log points: who has planned wants to go


# --- 1 produce ---------------------------------------------------------------------------------------------------------


@njit(cache=True)
def produce(f, c) -> None:
    """Productivity, size, orders of the main customer and home sales of the year."""
    y, industries, customers, p, seed = c[0][0], c[1], c[3], c[8][0], c[9]
    industry = industries[f.industry]
    clear_year(f)
    u = uniform4(seed, OUTPUT, y.year, f.firm)
    shock = p.productivity_shock * normal(u[0]) * y.noise
    f.productivity = next_productivity(f.ability, f.productivity, p.productivity_persistence, shock)
    f.log_size = next_log_size(f.log_size, p.productivity_size_shock * normal(u[2]) * y.noise, LARGEST_SIZE)
    if f.parent >= 0 and y.network == 1:
        moved = customers[f.parent].offshore_change
        if f.second_customer >= 0:
            moved += p.parent_second * customers[f.second_customer].offshore_change
        f.order_level = next_order_level(f.order_level, moved, p.parent_pass_through, p.parent_growth_back,
                                         p.parent_order_tail, -math.log(u[3]), p.parent_recovery)
        if customers[f.parent].failed == y.year:
            bear_failure(f, 1.0, c)
        if f.second_customer >= 0 and customers[f.second_customer].failed == y.year:
            bear_failure(f, p.parent_second, c)
    swing = demand_swing(y.growth, y.outlook, p.productivity_cycle)
    f.home_sales = full_sales(f, industry, y, swing) * home_demand(f, industry, p) * orders_kept(f.order_share, f.order_level)
    f.owner_age += 1.0


@njit(cache=True)
def home_demand(f, industry, p) -> float:
    """Home demand relative to 2015 that imports, and rivals of the industry who moved, leave to the firm."""
    if f.relocated > 0.0:
        return industry.demand_left
    return industry.demand_left * demand_after_stealing(p.competition_stealing, industry.moved)


@njit(cache=True)
def bear_failure(f, part: float, c) -> None:
    """A large customer has failed: receivables and most of its orders are lost; mutual aid covers a part for its members.

    Args:
        f: Record of the firm, changed.
        part: Orders of this customer relative to those of the main one.
        c: Context of the year.
    """
    p = c[8][0]
    loss = bad_debt(f.home_sales, part * f.order_share, p.parent_bad_debt, mutual_cover(f, small_code(f, c), c))
    f.cash -= loss
    f.paid_out += loss
    f.order_level *= 1.0 - part * (1.0 - p.parent_orders_left)


@njit(cache=True)
def full_sales(f, industry, y, swing: float) -> float:
    """Home sales with no order lost, million yen 2015 a year."""
    return home_sales(f.log_size, relative_productivity(f, industry), industry.sales_level, industry.sales_size, SALES_LOADING, y.index, swing)


@njit(cache=True)
def clear_year(f) -> None:
    """Forget what happened last year."""
    f.events = 0
    f.event_mode, f.event_host = 0, -1
    f.left_modes, f.left_host, f.years_in_mode = 0, -1, 0
    f.borrowed, f.paid_out, f.invested = 0.0, 0.0, 0.0
    f.granted, f.clawed_back, f.lent, f.interest_saved = 0.0, 0.0, 0.0, 0.0
    f.written_off, f.called, f.tax_deferred = 0.0, 0.0, 0.0


# --- 2 act on last year's plan -------------------------------------------------------------------------------------------


@njit(cache=True)
def act(f, c) -> None:
    """Carry out last year's plan if it still pays and can be paid for; otherwise drop it."""
    if f.wish_mode == HOME:
        return
    y, p = c[0][0], c[8][0]
    mode, host = int(f.wish_mode), int(f.wish_host)
    pay_effort(f)
    if (mode == CLUSTER and f.cooperative < 0) or is_refused(f):  # no group came together, or no award
        clear_offers(f)
        f.wish_mode, f.wish_host = HOME, -1
        return
    small = small_code(f, c)
    help_ = c[4][small, mode]
    gain, fixed, sunk, first_sales = appraise(f, mode, host, c)
    fit_offers(f, sunk)
    receivables = uncovered_receivables(p.export_working_capital * first_sales, help_.receivables)
    need = funding_need(sunk, 0.0, f.award, p.finance_need, receivables)
    line = line_of(f, mode, c)
    pays = margin(f, mode, host, gain, fixed, sunk, f.award, value_of_loan(f.loan, f.loan_discount, f.loan_term), c) > CALLED_OFF
    if mode >= CONTRACT and c[2][f.industry, host].openness <= 0.0:
        pays = False  # the host has closed since
    if pays and (y.finance == 0 or can_fund(f.cash, line + f.loan, need)):
        take_offers(f)
        pay_entry(f, max(0.0, sunk - f.award), line)
        enter(f, mode, host, y.year)
        give_up_replaced(f, mode, host, c)
    elif mode == CLUSTER:
        f.cooperative = -1
    clear_offers(f)
    f.wish_mode, f.wish_host = HOME, -1


@njit(cache=True)
def margin(f, mode: int, host: int, gain: float, fixed: float, sunk: float, award: float, saved: float, c) -> float:
    """How far a plan is above the point of just paying, log points: log of gain over cost, taste, outlook and what support eases.

    Args:
        gain: Gain of a year, million yen 2015, like all money here.
        fixed: Cost of a year.
        sunk: Entry cost before support.
        award: Public money for it.
        saved: Interest that a public loan saves.
    """
    y, p, small = c[0][0], c[8][0], small_code(f, c)
    outlook = p.attention_shelve * min(0.0, y.growth - y.outlook)
    risk = risk_of(y, c[2][f.industry, host].risk if mode >= CONTRACT else 0.0, c[4][small, mode].insured, p)
    felt = supported_cost(small, mode, host, sunk, award, saved, c)
    eased = entry_bar(f, y, sunk, fixed, risk, p) - entry_bar(f, y, felt, fixed, risk, p)
    return log_advantage(gain, fixed) + eased + p.choice_taste * f.taste[mode] * y.taste / p.choice_gain + outlook


@njit(cache=True)
def small_code(f, c) -> int:
    """1 for a small firm by the Basic Act's employee limit of its industry, else 0."""
    return 1 if f.employees <= c[1][f.industry].small_limit else 0


@njit(cache=True)
def line_of(f, mode: int, c) -> float:
    """Unused credit line for a mode, public guarantee included, million yen 2015."""
    y, support, p = c[0][0], c[4], c[8][0]
    cover = support[small_code(f, c), mode].cover
    owed = f.debt - f.public_debt  # public lenders ask for little collateral
    return credit_line(f.assets, owed, p.finance_collateral, y.stance, p.finance_cycle, p.finance_guarantee, cover)


@njit(cache=True)
def appraise(f, mode: int, host: int, c) -> tuple[float, float, float, float]:
    """Gain and fixed cost a year, sunk cost, first year's foreign sales to be financed, of a mode (in a host); million yen 2015."""
    y, industries, markets, customers, support, p = c[0][0], c[1], c[2], c[3], c[4], c[8][0]
    industry, view, scale = industries[f.industry], view_of(f), cost_scale(f, mode, y, p)
    more = further_share(f, mode, p)
    fixed = fixed_cost(mode, scale, members_of(f), y, p) * more
    sunk = sunk_cost(mode, scale, members_of(f), y, p) * more * (1.0 - customer_help(f, mode, host, p))
    if mode == INDIRECT:
        sales = left_to_trading_house(indirect_revenue(f, industry, p, view), direct_cover(f, c))
        return sales / industry.elasticity, fixed, sunk, sales
    if mode == ECOMMERCE:
        sales = mall_revenue(f, industry, y, p, view)
        return sales / industry.elasticity, fixed, sunk, sales
    m = markets[f.industry, host]
    if mode == DIRECT:
        sales, use = direct_revenue(f, industry, m, y, p, view, support[small_code(f, c), DIRECT].use_cut)
        return max(0.0, sales / industry.elasticity - use), fixed, sunk, sales * p.export_reach_start
    if mode == CONTRACT:
        return contract_gain(f, industry, m, host, y, p, view), fixed, sunk, 0.0
    return next_plant_gain(f, industry, m, host, customers, y, p, view), fixed * m.fixed, sunk, base_sales(f, industry, m, p)


@njit(cache=True)
def pay_entry(f, cost: float, line: float) -> None:
    """Pay the sunk cost: from cash down to zero, the rest from the credit line (or from cash into the red)."""
    borrowed = min(line, max(0.0, cost - max(0.0, f.cash)))
    f.cash += borrowed - cost
    f.debt += borrowed
    f.borrowed += borrowed
    f.invested += cost


@njit(cache=True)
def enter(f, mode: int, host: int, year: int) -> None:
    """Write an entry (or a further market or host) into the record."""
    new = f.since[mode] == 0
    if mode == DIRECT:
        f.markets |= 1 << host
    elif mode == CONTRACT:
        f.contract_hosts |= 1 << host
    elif mode == FDI:
        f.plant_hosts |= 1 << host
    elif mode == CLUSTER:
        f.cluster_hosts |= 1 << host
    f.channels |= CHANNEL_BIT[mode]
    if f.first_mode == HOME:
        f.first_mode, f.first_year = mode, year
    if new:
        f.since[mode] = year
    f.ever |= 1 << mode
    if f.award > 0.0 or f.lent > 0.0:
        f.supported |= 1 << mode
        f.subsidy += f.award
    if f.invited_host == host and (mode == FDI or mode == CLUSTER):
        f.followed = 1
        f.invited_host = -1
    f.events |= ENTER_BIT if new else ADD_BIT
    f.event_mode, f.event_host = mode, host


@njit(cache=True)
def give_up_replaced(f, mode: int, host: int, c) -> None:
    """Give up what the new mode replaces: the trading house that no longer pays, the contractor in the host of the own plant."""
    y, industry, p = c[0][0], c[1][f.industry], c[8][0]
    if mode == DIRECT and f.channels & 1:
        rest = left_to_trading_house(indirect_revenue(f, industry, p, 0), direct_cover(f, c))
        if rest / industry.elasticity < fixed_cost(INDIRECT, cost_scale(f, INDIRECT, y, p), members_of(f), y, p):
            f.channels &= ~CHANNEL_BIT[INDIRECT]
            leave(f, INDIRECT, -1, y.year)
            f.events |= SWITCH_BIT
    elif mode >= FDI and f.contract_hosts & (1 << host):
        f.contract_hosts &= ~(1 << host)
        if f.contract_hosts == 0:
            leave(f, CONTRACT, host, y.year)
            f.events |= SWITCH_BIT
        else:
            f.events |= DROP_BIT


@njit(cache=True)
def direct_cover(f, c) -> float:
    """Share of the industry's foreign demand that lies in markets the firm serves itself, 0 to 1."""
    if f.markets == 0:
        return 0.0
    industry, markets = c[1][f.industry], c[2]
    covered = 0.0
    for g in range(HOST_COUNT):
        if f.markets & (1 << g):
            covered += markets[f.industry, g].demand[0]
    return min(1.0, covered / max(industry.world_demand[0], 1e-12))


# --- 3 settle: output abroad, leaving, jobs, accounts, closing -------------------------------------------------------------


@njit(cache=True)
def settle(f, c) -> None:
    """Sales and profit abroad, exits, jobs, cash, default and closure."""
    foreign = 0.0
    f.export_sales, f.plant_sales, f.local_sales, f.contract_output, f.agreements = 0.0, 0.0, 0.0, 0.0, 0
    if f.channels != 0 or f.contract_hosts != 0 or f.plant_hosts != 0 or f.cluster_hosts != 0 or f.relocated > 0.0:
        y, seed = c[0][0], c[9]
        u = uniform4(seed, SURVIVAL, y.year, f.firm)
        v = uniform4(seed, LEAVING, y.year, f.firm)
        w = uniform4(seed, RESHORE, y.year, f.firm)
        foreign += settle_exports(f, c, u[0], v[0], v[1], v[3])
        foreign += settle_contract(f, c, v[2], w[1])
        foreign += settle_plants(f, c, u[1], w[0])
    settle_jobs(f, c)
    keep_pledge(f, c[0][0].year)
    settle_accounts(f, foreign, c)
    settle_life(f, c)


@njit(cache=True)
def leave(f, mode: int, host: int, year: int) -> None:
    """Write the end of a spell into the record."""
    f.left_modes |= 1 << mode
    f.years_in_mode = max(f.years_in_mode, year - f.since[mode])  # the longest of the spells that ended
    f.since[mode] = 0
    f.left[mode] = year
    f.left_host = host
    f.events |= LEAVE_BIT


@njit(cache=True)
def settle_exports(f, c, u_indirect: float, u_direct: float, u_mall: float, u_market: float) -> float:
    """Exports of the year and their exits; returns profit after fixed costs, million yen 2015."""
    y, industry, p = c[0][0], c[1][f.industry], c[8][0]
    scale, view = cost_scale(f, DIRECT, y, p), 0
    profit = 0.0
    if f.channels & 1:
        sales = left_to_trading_house(indirect_revenue(f, industry, p, view), direct_cover(f, c))
        profit += run_channel(f, INDIRECT, sales, sales / industry.elasticity, fixed_cost(INDIRECT, scale, members_of(f), y, p), scale, u_indirect, c)
    if f.channels & 4:
        sales = mall_revenue(f, industry, y, p, view)
        profit += run_channel(f, ECOMMERCE, sales, sales / industry.elasticity, fixed_cost(ECOMMERCE, scale, members_of(f), y, p), scale, u_mall, c)
    if f.channels & 2:
        sales, uses, count, weakest = direct_sales(f, c, view)
        fixed = fixed_cost(DIRECT, scale, members_of(f), y, p) * (0.7 + 0.3 * count)
        profit += run_channel(f, DIRECT, sales, sales / industry.elasticity - uses, fixed, scale, u_direct, c)
        if f.channels & 2 and count > 1 and u_market < p.exit_export_base:
            f.markets &= ~(1 << weakest)
            f.events |= DROP_BIT
        if not f.channels & 2:
            f.markets = 0
    return profit


@njit(cache=True)
def direct_sales(f, c, view: int) -> tuple[float, float, int, int]:
    """Direct sales over the firm's markets, cost of agreements used, number of markets, weakest market."""
    y, industry, markets, support, p = c[0][0], c[1][f.industry], c[2], c[4], c[8][0]
    reach = direct_reach(float(y.year - f.since[DIRECT]), p.export_reach_start, p.export_reach_years)
    cut = support[small_code(f, c), DIRECT].use_cut
    total, uses, count, weakest, least = 0.0, 0.0, 0, -1, 1e30
    for g in range(HOST_COUNT):
        if f.markets & (1 << g):
            sales, use = direct_revenue(f, industry, markets[f.industry, g], y, p, view, cut)
            total += sales * reach
            uses += use
            if use > 0.0:
                f.agreements |= 1 << g
            count += 1
            if sales < least:
                weakest, least = g, sales
    return within_capacity(total, f.home_sales, p.export_room), uses, count, weakest


@njit(cache=True)
def run_channel(f, mode: int, sales: float, gain: float, fixed: float, scale: float, u: float, c) -> float:
    """Run one export channel for the year: leave by the hazard, otherwise book its sales; returns its profit."""
    y, p = c[0][0], c[8][0]
    years = float(y.year - f.since[mode])
    if years > 0.0:
        gap = stay_gap(f, y, mode, gain, fixed, scale, risk_of(y, 0.0, 0.0, p), p)
        hazard = export_exit_hazard(years - 1.0, p.exit_export_base, p.exit_mismatch, p.exit_mismatch_fade, gap, p.exit_slope,
                                    p.exit_margin_hazard)
        if u < hazard:
            f.channels &= ~CHANNEL_BIT[mode]
            leave(f, mode, -1, y.year)
            return 0.0
    f.export_sales += sales
    return gain - fixed


@njit(cache=True)
def settle_contract(f, c, u: float, u_reshore: float) -> float:
    """Contract production of the year and its end; returns its profit."""
    if f.contract_hosts == 0:
        return 0.0
    y, industry, markets, p = c[0][0], c[1][f.industry], c[2], c[8][0]
    scale = cost_scale(f, CONTRACT, y, p)
    best, host = NO_GAIN, -1
    for g in range(HOST_COUNT):
        if f.contract_hosts & (1 << g):
            gain = contract_gain(f, industry, markets[f.industry, g], g, y, p, 0)
            if gain > best:
                best, host = gain, g
    fixed = fixed_cost(CONTRACT, scale, members_of(f), y, p)
    years = float(y.year - f.since[CONTRACT])
    if years > 0.0:
        m = markets[f.industry, host]
        gap = stay_gap(f, y, CONTRACT, best, fixed, scale, risk_of(y, m.risk, 0.0, p), p)
        home = u_reshore < reshoring_hazard(p.exit_reshore, gap, m.risk, p.exit_reshore_risk)
        if home or u < export_exit_hazard(years, p.exit_contract_base, 0.0, p.exit_mismatch_fade, gap, p.exit_slope, p.exit_margin_hazard):
            f.contract_hosts = 0
            leave(f, CONTRACT, host, y.year)
            if home:
                f.events |= RESHORE_BIT
                f.reshored = y.year
            return 0.0
    f.contract_output = f.home_sales * industry.relocatable * p.gain_contract_share * 0.5
    return best - fixed


@njit(cache=True)
def settle_plants(f, c, u: float, u_reshore: float) -> float:
    """Own and collective plants of the year, after the weakest one may have been closed; returns their profit."""
    if f.plant_hosts == 0 and f.cluster_hosts == 0:
        return 0.0
    y, p = c[0][0], c[8][0]
    consider_closing(f, c, u, u_reshore)
    gain, count, best, _, _, sales = plants_gain(f, c)
    if count == 0:
        return 0.0
    mode = FDI if f.plant_hosts != 0 else CLUSTER
    fixed = fixed_cost(mode, cost_scale(f, mode, y, p), members_of(f), y, p) * c[2][f.industry, best].fixed
    f.local_sales = sales
    f.plant_sales = sales + f.home_sales * f.relocated
    phase_in = min(1.0, (years_of_plants(f, y.year) + 1.0) / 3.0)
    return gain * phase_in - fixed * (1.0 + p.sunk_further_plant * (count - 1))


@njit(cache=True)
def years_of_plants(f, year: int) -> float:
    """Years since the oldest running plant, own or collective, was opened."""
    start = year
    if f.since[FDI] > 0:
        start = min(start, int(f.since[FDI]))
    if f.since[CLUSTER] > 0:
        start = min(start, int(f.since[CLUSTER]))
    return float(year - start)


@njit(cache=True)
def consider_closing(f, c, u: float, u_reshore: float) -> None:
    """Close the weakest plant by the hazards of leaving and of coming home; members of a cooperative are locked in at first."""
    y, p = c[0][0], c[8][0]
    _, count, _, least, weakest, _ = plants_gain(f, c)
    mode = CLUSTER if f.cluster_hosts & (1 << weakest) else FDI
    years = float(y.year - f.since[mode])
    if years <= 0.0 or (mode == CLUSTER and years < p.cooperative_lock_in):
        return
    m, scale = c[2][f.industry, weakest], cost_scale(f, FDI, y, p)
    fixed = fixed_cost(mode, scale, members_of(f), y, p) * m.fixed
    if count > 1:
        fixed *= p.sunk_further_plant  # what closing a further plant would save
    gap = stay_gap(f, y, mode, least, fixed, scale, risk_of(y, m.risk, 0.0, p), p)
    home = u_reshore < reshoring_hazard(p.exit_reshore, gap, m.risk, p.exit_reshore_risk) and f.relocated > 0.0
    hazard = plant_exit_hazard(years, m.distance, p.exit_plant_base, p.exit_plant_years, p.exit_plant_distance, gap, p.exit_slope,
                               p.exit_plant_margin)
    if home or u < hazard:
        close_plant(f, mode, weakest, home, y.year)
        if not home and u_reshore > 1.0 - p.exit_relocate:
            f.interested = 1  # looks for another base


@njit(cache=True)
def plants_gain(f, c) -> tuple[float, int, int, float, int, float]:
    """Gain of all plants, their number, the best host, the weakest host's gain, the weakest host, local sales.

    What can be moved is moved once, at the host where it saves most.
    """
    y, industry, markets, customers, p = c[0][0], c[1][f.industry], c[2], c[3], c[8][0]
    saved, inside, count, best, weakest, least, most, sales = 0.0, 0.0, 0, -1, -1, 1e30, -1e30, 0.0
    hosts = f.plant_hosts | f.cluster_hosts
    for g in range(HOST_COUNT):
        if hosts & (1 << g):
            m = markets[f.industry, g]
            saving, local = plant_parts(f, industry, m, g, customers, y, p, 0)
            gain = plant_net(saving, local, m.tax)
            saved = max(saved, saving * (1.0 - m.tax))
            inside += local * (1.0 - m.tax)
            sales += base_sales(f, industry, m, p)
            count += 1
            if gain < least:
                weakest, least = g, gain
            if gain > most:
                best, most = g, gain
    return saved + inside, count, best, least, weakest, sales


@njit(cache=True)
def close_plant(f, mode: int, host: int, home: bool, year: int) -> None:
    """Close the plant in one host; the mode ends with its last host."""
    bit = 1 << host
    where = FDI if f.plant_hosts & bit else CLUSTER
    f.plant_hosts &= ~bit
    f.cluster_hosts &= ~bit
    if where == CLUSTER:
        f.cooperative = -1
    if (where == FDI and f.plant_hosts == 0) or (where == CLUSTER and f.cluster_hosts == 0):
        leave(f, where, host, year)
    else:
        f.events |= DROP_BIT
        f.left_host = host
    if home:
        f.events |= RESHORE_BIT
        f.reshored = year


@njit(cache=True)
def settle_jobs(f, c) -> None:
    """Relocated share, employees at home and abroad."""
    y, industry, p = c[0][0], c[1][f.industry], c[8][0]
    own = f.plant_hosts != 0 or f.cluster_hosts != 0
    target = 0.0
    if own:
        target = industry.relocatable * 0.6
    elif f.contract_hosts != 0:
        target = industry.relocatable * p.gain_contract_share * 0.5
    if f.pledge == 1:
        target *= 0.5
    f.relocated += (target - f.relocated) / 3.0
    if f.relocated < 1e-4:
        f.relocated = 0.0
    factor = 1.0
    if own:
        factor = home_job_factor(years_of_plants(f, y.year) + 1.0, p.jobs_drop, p.jobs_drop_years, p.jobs_gain, p.jobs_gain_years, f.pledge == 1)
    demand = home_demand(f, industry, p)
    kept = orders_kept(f.order_share, f.order_level) * demand
    ratio = kept * (1.0 + f.export_sales / max(f.home_sales, 1e-6))
    f.employees = employees_for(f.log_size, ratio, p.jobs_elasticity, factor)
    f.jobs_by_plant = f.employees - employees_for(f.log_size, ratio, p.jobs_elasticity, 1.0)
    f.jobs_by_rivals = f.employees - employees_for(f.log_size, ratio * industry.demand_left / demand, p.jobs_elasticity, factor)
    f.foreign_jobs = 0.0
    if own:
        local = max(0.0, f.plant_sales / max(f.home_sales, 1e-6) - f.relocated)
        f.foreign_jobs = jobs_abroad(f.employees, f.relocated, min(local, 5.0), p.jobs_abroad)


@njit(cache=True)
def settle_accounts(f, foreign_profit: float, c) -> None:
    """Profit after interest and tax, cash, debt, assets; money in equals money out.

    cash' - cash = profit + borrowed - paid out - invested.
    """
    y, industry, p, seed = c[0][0], c[1][f.industry], c[8][0], c[9]
    u = uniform4(seed, CHOICE, y.year, f.firm)
    luck = p.profit_shock * normal(u[2]) * y.noise
    margin = operating_margin(p.profit_margin, industry.margin, relative_productivity(f, industry), p.profit_productivity,
                              f.quality, p.profit_quality, luck, p.profit_cycle, y.growth - y.outlook)
    rate = interest_rate(y.lending_rate, f.debt, f.assets, p.finance_premium, 0.0)
    usual = y.lending_rate * p.finance_leverage  # prices cover the interest that firms usually pay
    profit = f.home_sales * (margin + usual) - rate * f.debt + interest_waived(f, rate) + foreign_profit
    profit -= tax_of_year(f, profit, small_code(f, c), c)
    repay_public_loans(f)
    sales = f.home_sales + f.export_sales
    target = p.finance_cash_target * sales
    cash = next_cash(f.cash, profit, target, p.finance_payout)
    f.paid_out += f.cash + profit - cash
    draw = new_borrowing(cash, max(0.0, f.debt - f.public_debt), line_of(f, HOME, c), target, p.finance_leverage * f.home_sales)
    f.debt += draw
    f.borrowed += draw
    f.cash = cash + draw
    f.profit = profit
    f.assets += p.finance_investment * (p.finance_capital_output * f.home_sales + 0.5 * f.plant_sales - f.assets)


@njit(cache=True)
def settle_life(f, c) -> None:
    """Default when cash and line are gone, succession closures, other closures along the record."""
    y, industry, p, seed = c[0][0], c[1][f.industry], c[8][0], c[9]
    u = uniform4(seed, SURVIVAL, y.year, f.firm)
    if f.cash < 0.0:
        lose_debts(f, small_code(f, c), c)
        close(f, DEFAULT_BIT, y.year)
        return
    if f.owner_age > p.closure_succession_age and u[3] < p.closure_succession:
        # The same draw, rescaled, decides whether a successor is found.
        if u[3] / p.closure_succession < successor_found(p.closure_succession_found, f.employees):
            f.owner_age = 42.0
        else:
            close(f, CLOSURE_BIT | SUCCESSION_BIT, y.year)
            return
    weight = closure_weight(f.employees, relative_productivity(f, industry), p.closure_size, p.closure_productivity)
    if u[2] < closure_hazard(industry.closure_rate, industry.settled, weight, industry.mean_weight):
        close(f, CLOSURE_BIT, y.year)


@njit(cache=True)
def close(f, bit: int, year: int) -> None:
    """The firm ends; the modes it was in are noted so that stocks and flows balance."""
    for mode in range(1, 7):
        if f.since[mode] > 0:
            f.left_modes |= 1 << mode
            f.years_in_mode = max(f.years_in_mode, year - f.since[mode])
    settle_closing(f, bit)
    f.events |= bit
    f.alive = 0


# --- 4 look around ----------------------------------------------------------------------------------------------------------


@njit(cache=True)
def look_around(f, c) -> None:
    """Knowledge of the host groups, and whether the firm starts, keeps or loses interest in going abroad."""
    if f.alive == 0:
        return
    y, industry, support, peers, p, seed = c[0][0], c[1][f.industry], c[4], c[5][f.industry, f.district], c[8][0], c[9]
    hear_customer(f, c)
    help_ = support[small_code(f, c), HOME]
    bank = max(0.0, y.stance + 0.3) if f.employees > 20.0 else 0.0
    most = update_knowledge(f, peers, help_.knowledge, bank, c)
    u = uniform4(seed, ATTENTION, y.year, f.firm)
    if f.interested == 1 and f.wish_mode == HOME and u[1] < p.attention_fade:
        f.interested = 0
    if f.interested == 1:
        return
    if y.attention == 0:
        f.interested = 1
        return
    lost = p.attention_lost_orders * f.order_share * max(0.0, 1.0 - f.order_level) * y.network
    rate = attention_rate(
        p.attention_base * industry.interest, p.attention_knowledge * most, p.attention_peers * peers, p.attention_bank * bank * industry.exposure,
        p.attention_advice * help_.advice * industry.interest, p.attention_cooperative_talk * c[6][f.district] * industry.exposure, lost,
        p.attention_price_news * industry.exposure * y.appreciation, people_factor(f.employees, p.attention_size),
        character_factor(f.patience, f.risk_tolerance, p.attention_character), outlook_factor(y.outlook, y.growth, p.attention_outlook),
    )
    if f.invited_host >= 0:
        rate += p.attention_invitation
    if u[0] < probability_of_noticing(rate):
        f.interested = 1


@njit(cache=True)
def hear_customer(f, c) -> None:
    """A supplier's side of an invitation: receive it, let it lapse, or be dropped for having declined."""
    y, customers, p, seed = c[0][0], c[3], c[8][0], c[9]
    if f.parent < 0 or y.network == 0:
        return
    u = uniform4(seed, INVITATION, y.year, f.firm)
    if f.invited_host >= 0 and u[1] < 0.5:
        f.invited_host = -1
        if u[2] < p.parent_delist:
            f.delisted = 1
            f.order_level *= 0.5
            f.events |= DELISTED_BIT
    host = customers[f.parent].invite_host
    if host >= 0 and not (f.plant_hosts | f.cluster_hosts) & (1 << host) and u[0] < p.parent_invite * min(1.0, f.employees / 50.0):
        f.invited_host = host
        f.events |= INVITED_BIT


@njit(cache=True)
def update_knowledge(f, peers: float, advice: float, bank: float, c) -> float:
    """Knowledge per host group for next year; returns the largest."""
    p, y = c[8][0], c[0][0]
    active = f.markets | f.contract_hosts | f.plant_hosts | f.cluster_hosts
    most = 0.0
    for group in range(GROUPS):
        activity = p.knowledge_activity if active & GROUP_MASK[group] else 0.0
        weight = c[7][group]
        value = next_knowledge(f.knowledge[group], p.knowledge_keep, activity, p.knowledge_peers * peers * weight,
                               p.knowledge_advice * advice * weight, p.knowledge_bank * bank * weight)
        f.knowledge[group] = value
        most = max(most, value)
    if active and y.learning == 1 and f.export_sales > 0.0:
        f.ability += mean_learning(f, c)
    return most


@njit(cache=True)
def mean_learning(f, c) -> float:
    """Ability gained from this year's direct exports, the best market's, log points."""
    p, markets = c[8][0], c[2]
    best = 0.0
    for g in range(HOST_COUNT):
        if f.markets & (1 << g):
            m = markets[f.industry, g]
            best = max(best, learning_by_exporting(p.productivity_learning, m.income, m.growth, f.employees))
    return best


# --- 5 plan -----------------------------------------------------------------------------------------------------------------


@njit(cache=True)
def plan(f, c) -> None:
    """Compare staying with every mode, market and host; what is chosen becomes next year's plan."""
    abroad = f.channels != 0 or f.contract_hosts != 0 or f.plant_hosts != 0 or f.cluster_hosts != 0
    if f.alive == 0 or f.wish_mode != HOME or (f.interested == 0 and not abroad):
        return
    y, industry, p, seed = c[0][0], c[1][f.industry], c[8][0], c[9]
    u = uniform4(seed, ATTENTION, y.year, f.firm)
    chance = chance_of_deciding(f, abroad, c)
    called = pull_of_call(u[2], chance, p.support_call) if f.invited_host < 0 else 0.0
    decides = u[2] <= chance or called > 0.0
    if not decides and f.invited_host < 0:
        return
    pressure = pressure_to_move(y.appreciation, p.attention_wages * y.wage_growth, industry.exposure, f.order_share * max(0.0, 1.0 - f.order_level))
    studies = y.attention == 0 or u[3] < probability_of_study(p.attention_study, p.attention_urgency, pressure)
    utilities = np.full((3, 7), NO_GAIN)  # without awards, with those the firm may apply for, and these awards in million yen
    utilities[:, HOME] = 0.0
    best = np.full(7, -1, np.int64)
    value = np.zeros(7)
    draws = uniform4(seed, CHOICE, y.year, f.firm)
    if decides:
        rate_exports(f, c, utilities, best, value, draws[1])
    rate_plants(f, c, decides, studies, utilities, best, value, draws[1])
    mode = nested_pick(utilities[0], p.choice_nest, draws[0], draws[3]) if called == 0.0 else HOME
    if mode == HOME and utilities[2].max() > 0.0:  # with an award it might go
        mode = nested_pick(utilities[1], p.choice_nest, draws[0], draws[3])
        homes = share_at_home(utilities[0], p.choice_nest), share_at_home(utilities[1], p.choice_nest)
        share = called if called > 0.0 else share_needed(homes[0], homes[1], draws[0])
        f.needs = share * max(0.0, utilities[2, mode])
        mode = mode if f.needs > 0.0 else HOME
    if mode != HOME:
        f.wish_mode, f.wish_host, f.wish_value = mode, best[mode], value[mode]


@njit(cache=True)
def nested_pick(utilities, nest: float, u_nest: float, u_mode: float) -> int:
    """Mode drawn by a nested logit: first home, an export or production abroad, then the mode inside the nest."""
    nests = nest_utilities(utilities, nest)
    branch = pick(nests, u_nest)
    if branch == 0:
        return HOME
    first = 1 if branch == 1 else 4
    return first + pick(utilities[first : first + 3] / nest, u_mode)


@njit(cache=True)
def rate_mode(f, mode: int, advantage: float, costs, fixed: float, risk: float, extra: float, c, utilities, value) -> None:
    """Utility of one mode from its log advantage and its costs without and with awards; also the distance to the entry threshold."""
    y, p = c[0][0], c[8][0]
    borne = risk * (1.0 - c[4][small_code(f, c), mode].insured)
    bar = entry_bar(f, y, costs[0], fixed, borne, p)
    value[mode], utilities[2, mode] = advantage - bar, costs[0] - costs[1]
    weight = p.choice_plant if mode >= FDI else p.choice_gain
    utilities[:2, mode] = mode_utility(advantage, bar, weight, f.taste[mode] * y.taste, p.choice_taste, extra)
    if costs[1] < costs[0]:
        utilities[1, mode] += weight * (bar - entry_bar(f, y, costs[1], fixed, borne, p))


@njit(cache=True)
def rate_exports(f, c, utilities, best, value, u: float) -> None:
    """Indirect, direct and e-commerce: utilities, chosen market, distance to the threshold."""
    y, industry, markets, support, p = c[0][0], c[1][f.industry], c[2], c[4], c[8][0]
    view, scale, risk, small = view_of(f), cost_scale(f, DIRECT, y, p), risk_of(y, 0.0, 0.0, p), small_code(f, c)
    nest = p.choice_state if f.channels != 0 else 0.0
    if not f.channels & 1:
        fixed, sunk = fixed_cost(INDIRECT, scale, members_of(f), y, p), sunk_cost(INDIRECT, scale, members_of(f), y, p)
        gain = left_to_trading_house(indirect_revenue(f, industry, p, view), direct_cover(f, c)) / industry.elasticity
        rate_mode(f, INDIRECT, log_advantage(gain, fixed), hoped_cost(f, small, INDIRECT, -1, sunk, c), fixed, risk, nest, c, utilities, value)
    if not f.channels & 4 and y.malls > 0.0:
        fixed, sunk = fixed_cost(ECOMMERCE, scale, members_of(f), y, p), sunk_cost(ECOMMERCE, scale, members_of(f), y, p)
        gain = mall_revenue(f, industry, y, p, view) / industry.elasticity
        rate_mode(f, ECOMMERCE, log_advantage(gain, fixed), hoped_cost(f, small, ECOMMERCE, -1, sunk, c), fixed, risk, nest, c, utilities, value)
    scores = np.full(HOST_COUNT, NO_GAIN)
    cut, more = support[small, DIRECT].use_cut, further_share(f, DIRECT, p)
    fixed = fixed_cost(DIRECT, scale, members_of(f), y, p) * more
    sunk = sunk_cost(DIRECT, scale, members_of(f), y, p) * more
    fairs = fair_rate(f, small, DIRECT, c)
    for g in range(HOST_COUNT):
        if f.markets & (1 << g):
            continue
        sales, use = direct_revenue(f, industry, markets[f.industry, g], y, p, view, cut)
        profit = sales / industry.elasticity - use
        if profit > 0.0:
            net = math.log(profit) + fair_pull(f, fairs, g, sunk, fixed, risk, c)
            scores[g] = p.choice_market * net + p.choice_knowledge * knowledge_of(f, g, y, p)
    inclusive = logsumexp(scores)
    if inclusive > NO_GAIN:
        best[DIRECT] = pick(scores, u)
        advantage = inclusive / p.choice_market - math.log(fixed)
        extra = nest + p.choice_travel * math.log(y.freedom)
        rate_mode(f, DIRECT, advantage, hoped_cost(f, small, DIRECT, best[DIRECT], sunk, c), fixed, risk, extra, c, utilities, value)


@njit(cache=True)
def further_share(f, mode: int, p) -> float:
    """Cost of a further market or host relative to the first one of the mode, 1 for the first."""
    if mode == DIRECT:
        return p.sunk_further if f.markets != 0 else 1.0
    return 1.0 if f.since[mode] == 0 else p.sunk_further_plant


@njit(cache=True)
def rate_plants(f, c, decides: bool, studies: bool, utilities, best, value, u: float) -> None:
    """Contract production and own and collective plants: utilities, host, distance to the threshold.

    A firm that works out a plan of its own looks at contractors and, if it studies a plant, at every host. An invitation puts
    one host on the table, whatever else the firm does.
    """
    y, industry, markets, customers, p = c[0][0], c[1][f.industry], c[2], c[3], c[8][0]
    view = view_of(f)
    own, contract = np.full(HOST_COUNT, NO_GAIN), np.full(HOST_COUNT, NO_GAIN)
    for g in range(HOST_COUNT):
        m = markets[f.industry, g]
        bit = 1 << g
        shared = p.choice_knowledge * knowledge_of(f, g, y, p) + fellow_pull(m.fellows, p.choice_fellows, p.choice_crowding)
        if ((decides and studies) or g == f.invited_host) and m.openness > 0.0 and not (f.plant_hosts | f.cluster_hosts) & bit:
            gain = next_plant_gain(f, industry, m, g, customers, y, p, view)
            if gain > 0.0:
                own[g] = p.choice_host * math.log(gain / m.fixed) + m.pull + shared + customer_pull(f, g, customers, y, p)
        if decides and m.openness > 0.0 and f.contract_hosts == 0:
            gain = contract_gain(f, industry, m, g, y, p, view)
            if gain > 0.0:
                contract[g] = p.choice_host * math.log(gain) + m.contract_pull + shared
    if decides and f.contract_hosts == 0:
        rate_host_mode(f, CONTRACT, contract, 0.0, c, utilities, best, value, u)
    freedom = p.choice_freedom * math.log(y.freedom)
    state = p.choice_state if f.plant_hosts != 0 or f.contract_hosts != 0 else 0.0
    rate_host_mode(f, FDI, own, freedom + state, c, utilities, best, value, u)
    if decides and f.district != ELSEWHERE and f.plant_hosts == 0 and f.cluster_hosts == 0 and y.cooperatives == 1:
        rate_host_mode(f, CLUSTER, own, freedom, c, utilities, best, value, u)


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
def customer_help(f, mode: int, host: int, p) -> float:
    """Share of the sunk cost of a plant that a main customer's invitation saves: site, permits, first orders."""
    return p.parent_help if mode >= FDI and host >= 0 and f.invited_host == host else 0.0


@njit(cache=True)
def rate_host_mode(f, mode: int, scores, extra: float, c, utilities, best, value, u: float) -> None:
    """Utility of a mode that needs a host: inclusive value of the hosts, in log points of gain, and the host drawn."""
    inclusive = logsumexp(scores)
    if inclusive <= NO_GAIN:
        return
    y, p = c[0][0], c[8][0]
    scale = cost_scale(f, mode, y, p)
    more = further_share(f, mode, p)
    host = pick(scores, u)
    best[mode] = host
    fixed = fixed_cost(mode, scale, members_of(f), y, p) * more
    sunk = sunk_cost(mode, scale, members_of(f), y, p) * more * (1.0 - customer_help(f, mode, host, p))
    risk = risk_of(y, c[2][f.industry, host].risk, 0.0, p)
    advantage = inclusive / p.choice_host - math.log(fixed)
    rate_mode(f, mode, advantage, hoped_cost(f, small_code(f, c), mode, host, sunk, c), fixed, risk, extra, c, utilities, value)
