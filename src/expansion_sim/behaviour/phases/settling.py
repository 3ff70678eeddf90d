"""Phase 3: the year's sales and profit abroad, jobs, cash, default and closure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from expansion_sim.behaviour.accounts import capital_raised, new_borrowing, next_cash, operating_margin
from expansion_sim.behaviour.appraisal import moved_to_plants, relative_productivity
from expansion_sim.behaviour.employment import employees_of, home_job_factor, jobs_abroad, jobs_at_output
from expansion_sim.behaviour.finance import cash_kept, credit_ceiling, credit_line, debt_at_risk, interest_rate, loans_recalled
from expansion_sim.behaviour.parents import orders_kept
from expansion_sim.behaviour.phases.exporting import settle_exports
from expansion_sim.behaviour.phases.making_abroad import settle_contract, settle_plants, years_of_plants
from expansion_sim.behaviour.phases.prospects import STANDING_DTYPE, bank_of, home_demand, small_code, standing_in, take_stand
from expansion_sim.behaviour.phases.spells import CLOSURE_BIT, DEFAULT_BIT, SUCCESSION_BIT, close
from expansion_sim.behaviour.public_loans import entry_debt_left
from expansion_sim.behaviour.public_support import interest_waived, keep_pledge, lose_debts, repay_public_loans, tax_of_year
from expansion_sim.behaviour.survival import closure_hazard, closure_weight, successor_found
from expansion_sim.codes import HOME
from expansion_sim.elementary import exp
from expansion_sim.randomness import Stream, normal, uniform4

CHOICE, SURVIVAL, RESHORE, LEAVING = int(Stream.CHOICE), int(Stream.SURVIVAL), int(Stream.RESHORE), int(Stream.LEAVING)


@njit(cache=True)
def settle(f, c) -> None:
    """Sales and profit abroad, exits, jobs, cash, default and closure."""
    seed, year = c[9], c[0][0].year
    u = uniform4(seed, SURVIVAL, year, f.firm)
    standings = np.empty(1, STANDING_DTYPE)
    foreign = settle_work(f, c, exp(f.log_size), u, standings[0])
    standings[0].known = 0  # a use after the call: compiled code frees an array after its last use, whoever still writes on its record
    settle_rest(f, c, foreign, normal(uniform4(seed, CHOICE, year, f.firm)[2]), weight_among_closures(f, c),
                cash_kept(f.leverage, c[8][0].finance_cash_leverage), u, False)


@njit(cache=True, forceinline=True)
def settle_work(f, c, persons: float, u, stand) -> float:
    """Sales and exits abroad, and jobs; returns profit abroad, million yen 2015.

    Args:
        f: Record of the firm, changed.
        c: Context of the year.
        persons: Employees at average orders.
        u: Draw SURVIVAL.
        stand: Record of prospects.STANDING_DTYPE, overwritten.
    """
    foreign, stand.known = 0.0, 0
    f.export_sales, f.plant_sales, f.local_sales, f.contract_output, f.agreements = 0.0, 0.0, 0.0, 0.0, 0
    if f.channels != 0 or f.contract_hosts != 0 or f.plant_hosts != 0 or f.cluster_hosts != 0 or f.relocated > 0.0:
        y, seed = c[0][0], c[9]
        v = uniform4(seed, LEAVING, y.year, f.firm) if f.channels != 0 or f.contract_hosts != 0 else u  # drawn where it is read
        w = uniform4(seed, RESHORE, y.year, f.firm) if f.contract_hosts != 0 or f.plant_hosts != 0 or f.cluster_hosts != 0 else u
        take_stand(f, c[1][f.industry], y, c[8][0], stand)
        standing = standing_in(stand)
        foreign += settle_exports(f, c, stand.effect, stand.exporting, u[0], v[0], v[1], v[3])
        foreign += settle_contract(f, c, standing, stand.making, v[2], w[1])
        foreign += settle_plants(f, c, standing, stand.making, u[1], w[0])
    settle_jobs_of(f, c, persons)
    return foreign


@njit(cache=True, forceinline=True)
def settle_rest(f, c, foreign: float, luck: float, weight: float, kept: float, u, booked: bool) -> None:
    """What follows from the year's work: pledges, money, default and closure.

    Args:
        f: Record of the firm, changed.
        c: Context of the year.
        foreign: Profit abroad, million yen 2015.
        luck: Shock of the margin, standard deviations.
        weight: See :func:`weight_among_closures`.
        kept: See finance.cash_kept.
        u: Draw SURVIVAL.
        booked: Whether pledges and money are settled already, see :func:`books_alone`.
    """
    if not booked:
        keep_pledge(f, c[0][0].year)
        settle_money(f, foreign, c, luck, kept)
    y = c[0][0]
    if y.capital_price != y.capital_price_before:
        f.capital = capital_raised(f.capital, y.capital_price, y.capital_price_before)
    settle_life(f, c, weight, u)


@njit(cache=True)
def settle_jobs(f, c) -> None:
    """Employees at home and abroad."""
    settle_jobs_of(f, c, exp(f.log_size))


@njit(cache=True, forceinline=True)
def settle_jobs_of(f, c, persons: float) -> None:
    """:func:`settle_jobs` of a firm with ``persons`` employees at average orders."""
    y, industry, p = c[0][0], c[1][f.industry], c[8][0]
    own = f.plant_hosts != 0 or f.cluster_hosts != 0
    factor = 1.0
    if own:
        factor = home_job_factor(years_of_plants(f, y.year) + 1.0, p.jobs_drop, p.jobs_drop_years, p.jobs_gain, p.jobs_gain_years, f.pledge == 1)
    at_output, without_rivals = industry.jobs_left, industry.jobs_unstolen  # what holds for most firms, which only sell at home
    kept = orders_kept(f.order_share, f.order_level)
    if f.relocated > 0.0 or f.export_sales > 0.0 or kept != 1.0:
        output = kept * (1.0 + f.export_sales / max(f.home_sales, 1e-6))
        at_output = jobs_at_output(output * home_demand(f, industry, p), p.jobs_elasticity)
        without_rivals = jobs_at_output(output * industry.demand_left, p.jobs_elasticity)
    f.employees = employees_of(persons, at_output, factor)
    f.jobs_by_plant = f.employees - employees_of(persons, at_output, 1.0) if own else 0.0
    f.jobs_by_rivals = f.employees - employees_of(persons, without_rivals, factor)
    f.foreign_jobs = 0.0
    if own:
        moved = moved_to_plants(f, industry, p)
        local = max(0.0, f.plant_sales / max(f.home_sales, 1e-6) - moved)
        f.foreign_jobs = jobs_abroad(f.employees, moved, min(local, 5.0), p.jobs_abroad)


@njit(cache=True)
def settle_accounts(f, foreign_profit: float, c) -> None:
    """Profit after interest and tax, cash, debt, assets; money in equals money out.

    cash' - cash = profit + borrowed - paid out - invested.
    """
    kept = cash_kept(f.leverage, c[8][0].finance_cash_leverage)
    settle_money(f, foreign_profit, c, normal(uniform4(c[9], CHOICE, c[0][0].year, f.firm)[2]), kept)


@njit(cache=True, forceinline=True)
def settle_money(f, foreign_profit: float, c, shock: float, kept: float) -> None:
    """:func:`settle_accounts` with the shock of the year's margin, standard deviations, and finance.cash_kept at hand."""
    industry, cover, terms = c[1][f.industry], c[4][small_code(f, c), HOME].cover, money_terms(c[0][0], c[8][0])
    margin = margin_of(industry.margin, relative_productivity(f, industry), f.quality, shock, terms)
    rate = rate_of(f.debt, f.assets, cover, terms)
    profit = f.home_sales * (margin + terms.usual) - rate * f.debt + interest_waived(f, rate) + foreign_profit
    profit -= tax_of_year(f, profit, small_code(f, c), c)
    repay_public_loans(f)
    owed = max(0.0, f.debt - f.public_debt)
    cash, draw = cash_and_draw(f.cash, profit, f.home_sales + f.export_sales, kept, owed, f.assets, cover, bank_of(f, c), f.leverage,
                               f.home_sales, terms)
    f.paid_out += f.cash + profit - cash
    if f.entry_debt > 0.0:
        f.entry_debt = entry_debt_left(f.entry_debt, f.debt - f.public_debt, draw)
    f.debt += draw
    f.borrowed += draw
    f.cash = cash + draw
    f.profit, f.interest = profit, rate
    f.assets += terms.investment * (terms.capital_output * f.home_sales + 0.5 * f.plant_sales - f.assets)


class MoneyTerms(NamedTuple):
    """What money follows from alike for all firms of a year, parameters and drivers: read once, because loops cannot know that it stays."""

    margin: float
    productivity: float
    quality: float
    shock: float
    noise: float
    cycle: float
    surprise: float
    lending_rate: float
    premium: float
    guarantee: float
    usual: float  # prices cover the interest that firms usually pay
    tax: float
    cash_target: float
    payout: float
    collateral: float
    bank_cycle: float
    leverage: float
    recall: float
    investment: float
    capital_output: float


@njit(cache=True, forceinline=True)
def money_terms(y, p) -> MoneyTerms:
    """The terms of a year."""
    return MoneyTerms(p.profit_margin, p.profit_productivity, p.profit_quality, p.profit_shock, y.noise, p.profit_cycle, y.growth - y.outlook,
                      y.lending_rate, p.finance_premium, p.finance_guarantee, y.lending_rate * p.finance_leverage, y.tax,
                      p.finance_cash_target, p.finance_payout, p.finance_collateral, p.finance_cycle, p.finance_leverage, p.finance_recall,
                      p.finance_investment, p.finance_capital_output)


@njit(cache=True, forceinline=True)
def margin_of(industry: float, productivity: float, quality: float, shock: float, terms: MoneyTerms) -> float:
    """accounts.operating_margin of a firm: factor of its industry, relative productivity, quality, shock in standard deviations."""
    return operating_margin(terms.margin, industry, productivity, terms.productivity, quality, terms.quality,
                            terms.shock * shock * terms.noise, terms.cycle, terms.surprise)


@njit(cache=True, forceinline=True)
def rate_of(debt: float, assets: float, cover: float, terms: MoneyTerms) -> float:
    """finance.interest_rate of a firm, by its debt at risk under the guarantee open to it."""
    return interest_rate(terms.lending_rate, debt_at_risk(debt, assets, terms.guarantee, cover), assets, terms.premium, 0.0)


@njit(cache=True, forceinline=True)
def cash_and_draw(cash: float, profit: float, sales: float, kept: float, owed: float, assets: float, cover: float, bank: float,
                  leverage: float, home: float, terms: MoneyTerms) -> tuple[float, float]:
    """Cash of a firm after what is paid out, and what it borrows less what is recalled, million yen 2015; see accounts and finance."""
    target = sales * terms.cash_target * kept  # see finance.cash_target
    closing = next_cash(cash, profit, target, terms.payout)
    ceiling = credit_ceiling(assets, terms.collateral, bank, terms.bank_cycle, terms.guarantee, cover)
    draw = new_borrowing(closing, owed, credit_line(ceiling, owed), target, terms.leverage * leverage * home)
    return closing, draw - loans_recalled(owed, ceiling, closing + draw, bank, terms.recall)


@njit(cache=True, forceinline=True)
def books_alone(f) -> bool:
    """Whether nothing but sales, interest and tax moves the firm's money: no pledge, public loan, reserve, entry of the year or its debt."""
    return (f.pledge | f.event_mode) == 0 and f.public_debt == 0.0 and f.reserve == 0.0 and f.entry_debt == 0.0


@njit(cache=True, forceinline=True)
def settle_life(f, c, weight: float, u) -> None:
    """Default when cash and line are gone, succession closures, other closures along the record by the weight among them."""
    y, industry, p = c[0][0], c[1][f.industry], c[8][0]
    if f.cash < 0.0:
        lose_debts(f, small_code(f, c), c)
        close(f, DEFAULT_BIT, y.year)
        return
    if u[3] < p.closure_succession and f.owner_age > p.closure_succession_age:  # first what holds for few
        # The same draw, rescaled, decides whether a successor is found.
        if u[3] / p.closure_succession < successor_found(p.closure_succession_found, f.employees):
            f.owner_age = 42.0
        else:
            close(f, CLOSURE_BIT | SUCCESSION_BIT, y.year)
            return
    if u[2] < closure_hazard(industry.closure_rate, industry.settled, weight, industry.mean_weight):
        close(f, CLOSURE_BIT, y.year)


@njit(cache=True)
def weight_among_closures(f, c) -> float:
    """Relative hazard of closing for reasons other than default."""
    p = c[8][0]
    return closure_weight(f.employees, relative_productivity(f, c[1][f.industry]), p.closure_size, p.closure_productivity)
