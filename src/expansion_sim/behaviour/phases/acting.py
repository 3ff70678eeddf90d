"""Phase 2: last year's plan is carried out unless it has fallen well below paying (CALLED_OFF) or cannot be paid for."""

from __future__ import annotations

from numba import njit

from expansion_sim.behaviour.appraisal import cost_scale, entry_bar, fixed_cost, members_of, risk_of
from expansion_sim.behaviour.attention import probability_of_calling_off
from expansion_sim.behaviour.choice import log_advantage
from expansion_sim.behaviour.finance import can_fund, free_cash, funding_need
from expansion_sim.behaviour.phases.prospects import abroad_of, appraise, house_sales, line_of, small_code
from expansion_sim.behaviour.phases.spells import CHANNEL_BIT, DROP_BIT, SWITCH_BIT, UNFUNDED_BIT, enter, leave
from expansion_sim.behaviour.public_loans import mean_cover, uncovered_receivables, value_of_loan
from expansion_sim.behaviour.public_support import clear_offers, fit_offers, is_refused, pay_effort, supported_cost, take_offers
from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, FDI, HOME, INDIRECT
from expansion_sim.randomness import Stream, uniform4

INVITATION = int(Stream.INVITATION)
CALLED_OFF = -0.5  # margin below which a plan is called off, log points: who has planned wants to go


@njit(cache=True, forceinline=True)
def act(f, c) -> None:
    """Carry out last year's plan unless it has fallen well below paying, is called off or cannot be paid for; then drop it."""
    if f.wish_mode != HOME:  # apart from the rest, because most firms have none
        carry_out(f, c)


@njit(cache=True)
def carry_out(f, c) -> None:
    """:func:`act` of a firm that has a plan."""
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
    together = f.cooperative if mode == CLUSTER else f.firm  # a group goes ahead or calls its plan off as one
    called_off = probability_of_calling_off(y.outlook - y.growth, p.attention_shelve)
    if pays and called_off > 0.0 and uniform4(c[9], INVITATION, y.year, together)[3] < called_off:
        pays = False
    funded = y.finance == 0 or can_fund(free_cash(f.cash, f.home_sales, p.finance_running), line + f.loan, need)
    if pays and funded:
        take_offers(f)
        pay_entry(f, max(0.0, sunk - f.award), line, help_.cover)
        enter(f, mode, host, y.year)
        give_up_replaced(f, mode, host, c)
    else:
        if pays:
            f.events |= UNFUNDED_BIT
            f.unfunded = mode
        if mode == CLUSTER:
            f.cooperative = -1
    clear_offers(f)
    f.wish_mode, f.wish_host = HOME, -1


@njit(cache=True)
def margin(f, mode: int, host: int, gain: float, fixed: float, sunk: float, award: float, saved: float, c) -> float:
    """How far a plan is above the point of just paying, log points: log of gain over cost, taste and what support eases.

    Args:
        gain: Gain of a year, million yen 2015, like all money here.
        fixed: Cost of a year.
        sunk: Entry cost before support.
        award: Public money for it.
        saved: Interest that a public loan saves.
    """
    y, p, small = c[0][0], c[8][0], small_code(f, c)
    felt, eased = supported_cost(small, mode, host, sunk, award, saved, c), 0.0
    if felt != sunk:
        risk = risk_of(y, c[2][f.industry, host].risk if mode >= CONTRACT else 0.0, c[4][small, mode].insured, p)
        eased = entry_bar(f, y, sunk, fixed, risk, p) - entry_bar(f, y, felt, fixed, risk, p)
    return log_advantage(gain, fixed) + eased + p.choice_taste * f.taste[mode] * y.taste / p.choice_gain


@njit(cache=True)
def pay_entry(f, cost: float, line: float, cover: float) -> None:
    """Pay the sunk cost: from cash down to zero, the rest from the credit line (or from cash into the red).

    What is drawn is kept apart from other debt, with the cover of the guarantees that made it possible.
    """
    borrowed = min(line, max(0.0, cost - max(0.0, f.cash)))
    if borrowed > 0.0:
        f.entry_cover = mean_cover(f.entry_debt, f.entry_cover, borrowed, cover)
        f.entry_debt += borrowed
    f.cash += borrowed - cost
    f.debt += borrowed
    f.borrowed += borrowed
    f.invested += cost


@njit(cache=True)
def give_up_replaced(f, mode: int, host: int, c) -> None:
    """Give up what the new mode replaces: the trading house that no longer pays, the contractor in the host of the own plant."""
    y, industry, p = c[0][0], c[1][f.industry], c[8][0]
    if mode == DIRECT and f.channels & 1:
        rest = house_sales(f, 0, abroad_of(f, c), c)
        if rest * industry.world_margin[0] < fixed_cost(INDIRECT, cost_scale(f, INDIRECT, y, p), members_of(f), y, p):
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
