"""Phase 3, exports: sales of the channels in use, and which of them end."""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.appraisal import (
    export_room,
    fixed_cost,
    market_demand,
    members_of,
    risk_of,
    stay_gap,
)
from expansion_sim.behaviour.finance import exports_financed, free_cash, share_discounted
from expansion_sim.behaviour.gains import direct_reach, within_capacity
from expansion_sim.behaviour.phases.prospects import bank_of, direct_cover, house_sales, line_of, mall_sales, small_code
from expansion_sim.behaviour.phases.spells import CHANNEL_BIT, DROP_BIT, leave
from expansion_sim.behaviour.public_loans import uncovered_receivables
from expansion_sim.behaviour.survival import export_exit_hazard
from expansion_sim.codes import DIRECT, ECOMMERCE, INDIRECT
from expansion_sim.elementary import lowest_bit


@njit(cache=True)
def settle_exports(f, c, effect: float, scale: float, u_indirect: float, u_direct: float, u_mall: float, u_market: float) -> float:
    """Exports of the year and their exits; returns profit after fixed costs, million yen 2015.

    ``effect`` is appraisal.foreign_effect and ``scale`` appraisal.cost_scale.
    """
    if f.channels == 0:
        return 0.0
    y, industry, p = c[0][0], c[1][f.industry], c[8][0]
    profit, count, weakest, least, first = 0.0, 0, -1, 0.0, fixed_cost(DIRECT, scale, members_of(f), y, p)
    funds = own_funds(f, c)
    if f.channels & 2:
        sales, gain, count, weakest, least = direct_sales(f, effect, c)
        profit += run_channel(f, DIRECT, sales, gain, first * (1.0 + p.fixed_market * (count - 1)), scale, funds, u_direct, c)
        if not f.channels & 2:
            f.markets = 0
    abroad = effect, direct_cover(f, c)
    if f.channels & 1:
        sales = house_sales(f, 0, abroad, c)
        fixed = fixed_cost(INDIRECT, scale, members_of(f), y, p)
        profit += run_channel(f, INDIRECT, sales, sales * industry.world_margin[0], fixed, scale, funds, u_indirect, c)
    if f.channels & 4:
        sales = mall_sales(f, 0, abroad, c)
        fixed = fixed_cost(ECOMMERCE, scale, members_of(f), y, p)
        profit += run_channel(f, ECOMMERCE, sales, sales * industry.world_margin[0], fixed, scale, funds, u_mall, c)
    if f.channels & 2 and count > 1:  # last, because the trading house leaves alone what the firm served itself this year
        drop_market(f, weakest, least, first * p.fixed_market, scale, u_market, c)
    return profit


@njit(cache=True)
def own_funds(f, c) -> float:
    """Free cash and unused credit line out of which exports are financed, million yen; without limit where finance is switched off."""
    if c[0][0].finance == 0:
        return 1e30
    return free_cash(f.cash, f.home_sales, c[8][0].finance_running) + line_of(f, DIRECT, c)


@njit(cache=True)
def drop_market(f, market: int, gain: float, fixed: float, scale: float, u: float, c) -> None:
    """Give up the weakest of several markets by the hazard of leaving, when it no longer covers what serving it costs."""
    y, p = c[0][0], c[8][0]
    years = float(y.year - f.since[DIRECT])
    gap = stay_gap(f, y, DIRECT, gain, fixed, scale, p.sunk_further, risk_of(y, 0.0, 0.0, p), p)
    if u < export_exit_hazard(years, p.exit_export_base, 0.0, p.exit_mismatch_fade, gap, p.exit_slope, p.exit_margin_hazard):
        f.markets &= ~(1 << market)
        f.events |= DROP_BIT


@njit(cache=True)
def direct_sales(f, effect: float, c) -> tuple[float, float, int, int, float]:
    """Direct sales over the firm's markets, their gross profit less agreements used, number of markets, weakest market, its gross profit.

    ``effect`` is appraisal.foreign_effect.
    """
    y, markets, support, p = c[0][0], c[2], c[4], c[8][0]
    reach = direct_reach(float(y.year - f.since[DIRECT]), p.export_reach_start, p.export_reach_years)
    cut = support[small_code(f, c), DIRECT].use_cut
    total, gross, uses, count, weakest, least = 0.0, 0.0, 0.0, 0, -1, 1e30
    left = np.int64(f.markets)
    while left:
        g = lowest_bit(left)
        left &= left - 1
        m = markets[f.industry, g]
        demand, use = market_demand(f, effect, m, g, y, p, 0, cut)
        total += demand * reach
        gross += demand * reach * m.margin[0]
        uses += use
        if use > 0.0:
            f.agreements |= 1 << g
        count += 1
        if demand * reach * m.margin[0] - use < least:
            weakest, least = g, demand * reach * m.margin[0] - use
    sales = within_capacity(total, export_room(f, p))
    return sales, gross * sales / max(total, 1e-12) - uses, count, weakest, least


@njit(cache=True)
def run_channel(f, mode: int, sales: float, gain: float, fixed: float, scale: float, funds: float, u: float, c) -> float:
    """Run one export channel for the year: leave by the hazard, otherwise book the sales that can be financed; returns its profit."""
    y, p = c[0][0], c[8][0]
    tied = uncovered_receivables(p.export_working_capital * sales, c[4][small_code(f, c), mode].receivables)
    financed = exports_financed(funds, tied, share_discounted(p.finance_bills, p.finance_bills_cycle, bank_of(f, c)))
    sales, gain = sales * financed, gain * financed
    years = float(y.year - f.since[mode])
    if years > 0.0:
        gap = stay_gap(f, y, mode, gain, fixed, scale, 1.0, risk_of(y, 0.0, 0.0, p), p)
        hazard = export_exit_hazard(years - 1.0, p.exit_export_base, p.exit_mismatch, p.exit_mismatch_fade, gap, p.exit_slope,
                                    p.exit_margin_hazard)
        if u < hazard:
            f.channels &= ~CHANNEL_BIT[mode]
            leave(f, mode, -1, y.year)
            return 0.0
    f.export_sales += sales
    return gain - fixed
