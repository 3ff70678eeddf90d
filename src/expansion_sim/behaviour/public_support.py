"""What public support does to one firm: the rules of applications, loans, conditions and taxes put together over its record.

Functions take the firm's record, whether it is a small firm (0, 1) and the context of the year; the phases call them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.applications import award_amount, expected_benefit, fair_share, probability_of_hearing
from expansion_sim.behaviour.appraisal import after_relief, entry_bar, entry_bars
from expansion_sim.behaviour.attention import people_factor
from expansion_sim.behaviour.conditions import repayment_due
from expansion_sim.behaviour.public_loans import called_guarantee, instalment, interest_saved, mixed_discount
from expansion_sim.behaviour.taxes import corporation_tax, reserve_deposit, reserve_release, reserve_value
from expansion_sim.codes import ABROAD, DISTRICTS, EVENTS, HOME, PLANNING, SIZE_EDGES
from expansion_sim.elementary import lowest_bit
from expansion_sim.policy.offers import AWARD, FAIR, MOST_OFFERS
from expansion_sim.randomness import WORD, Stream, draw_first_words, uniform4

CLAW_BACK_BIT = 1 << EVENTS.index("claw_back")
AWARD_BIT = 1 << EVENTS.index("award")
DEFAULT_BIT = 1 << EVENTS.index("default")
MUTUAL_AID, APPLICATION = int(Stream.MUTUAL_AID), int(Stream.APPLICATION)
MOST_FAIRS = 0.5  # share of a far market's cost that all fairs together may save
CENT = 1e-6  # million yen below which a balance is nothing
KINDS, MOST_CODES = 5, len(DISTRICTS)  # stages, industries, districts, size classes and kinds of firm: districts are the most codes
#: What is read of the year's offers before firms ask which they have heard of: their number (-1 before), the fairs among them as bits, year
#: and key of their draws, share of firms that an agency reaches at one unit of people, offers as bits for each kind of firm; the factor of
#: the people of the firm that asks; and room for the offers that serve it, their keys and draws.
HEARING_FIELDS: list[tuple] = [
    ("number", "i8"), ("fair", "i8"), ("people", "f8"), ("keys", "u4", (MOST_OFFERS,)), ("reach", "f8", (MOST_OFFERS,)),
    ("whom", "i8", (KINDS, MOST_CODES)),
    ("offers", "i8", (MOST_OFFERS,)), ("asked", "u4", (MOST_OFFERS,)), ("words", "u4", (MOST_OFFERS,)),
]
HEARING_DTYPE = np.dtype(HEARING_FIELDS)


# --- planning ------------------------------------------------------------------------------------------------------------


@njit(cache=True)
def hoped_cost(small: int, mode: int, host: int, sunk: float, heard: int, c) -> tuple[float, float]:
    """Sunk cost of a plan without and with the awards that the firm may apply for, million yen 2015.

    Both are less what joint programmes are likely to pay and less the tax that a loss reserve puts off. ``heard`` is what
    :func:`offers_heard` gives.
    """
    cost = cost_without_awards(small, mode, host, sunk, c)
    return cost, max(0.0, cost - possible_awards(mode, host, sunk, heard, c))


@njit(cache=True)
def cost_without_awards(small: int, mode: int, host: int, sunk: float, c) -> float:
    """The first of :func:`hoped_cost`."""
    help_ = c[4][small, mode]
    cost = after_relief(sunk, help_.relief[host] if host >= 0 else help_.relief_any, help_.relief_cap)
    return max(0.0, cost - reserve_worth(small, mode, host, sunk, c))


@njit(cache=True)
def offers_heard(f, small: int, c) -> int:
    """Offers of the year that serve the firm and that it has heard of, as bits: found once, whatever modes and hosts the firm looks at."""
    hearings = np.empty(1, HEARING_DTYPE)
    hearings[0].number, hearings[0].people = -1, people_factor(f.employees, c[8][0].attention_size)
    heard = fairs_heard_of(f, small, hearings[0], c) | awards_heard_of(f, small, hearings[0], c)
    hearings[0].number = -1  # a use after the call: compiled code frees an array after its last use, whoever still writes on its record
    return heard


@njit(cache=True, forceinline=True)
def fairs_heard_of(f, small: int, hearing, c) -> int:
    """The fairs among :func:`offers_heard`, with a record of :data:`HEARING_FIELDS` at hand, which one firm after the other uses."""
    if hearing.number < 0:
        read_offers(hearing, c)
    return heard_among(hearing.fair, f, small, hearing, c)


@njit(cache=True)
def awards_heard_of(f, small: int, hearing, c) -> int:
    """The awards among :func:`offers_heard`, see :func:`fairs_heard_of`."""
    if hearing.number < 0:
        read_offers(hearing, c)
    return heard_among(~hearing.fair, f, small, hearing, c)


@njit(cache=True, forceinline=True)
def heard_among(kind: int, f, small: int, hearing, c) -> int:
    """Offers among the bits of a kind that serve the firm and that it has heard of, as bits.

    A firm hears of a programme with the chance of applications.probability_of_hearing; the draw belongs to firm, programme and year.
    """
    whom, stage = hearing.whom, PLANNING if is_newcomer(f) else ABROAD
    served = kind & whom[0, stage] & whom[1, f.industry] & whom[2, f.district] & whom[3, class_of(f.employees)] & whom[4, small]
    if served == 0:
        return 0
    number, people, heard = 0, hearing.people, 0
    while served:
        hearing.offers[number], hearing.asked[number] = lowest_bit(served), hearing.keys[lowest_bit(served)]
        number += 1
        served &= served - 1
    draw_first_words(hearing.words[:number], c[9], APPLICATION, hearing.asked[:number], f.firm)
    for j in range(number):
        i, u = hearing.offers[j], (hearing.words[j] + 0.5) * WORD
        if u < hearing.reach[i] * people:  # 1 - e^-x is below x, so for most offers the rest need not be known
            o = c[10][i]
            if u < probability_of_hearing(o.contact, people, o.part):
                heard |= 1 << i
    return heard


@njit(cache=True)
def read_offers(hearing, c) -> None:
    """Read the awards and fairs of the year into a record of :data:`HEARING_FIELDS`."""
    offers, year, whom = c[10], c[0][0].year, hearing.whom
    hearing.number, hearing.fair = 0, 0
    whom[:] = 0
    for i in range(MOST_OFFERS):
        o = offers[i]
        if o.open == 0:
            break
        hearing.number = i + 1
        hearing.keys[i], hearing.reach[i] = year + o.draw, o.part * o.contact
        if o.kind == AWARD or o.kind == FAIR:
            add_whom(whom, o, i)
        if o.kind == FAIR:
            hearing.fair |= 1 << i


@njit(cache=True)
def add_whom(whom, o, i: int) -> None:
    """Write whom a programme serves as bit ``i`` of stages, industries, districts, size classes and kinds of firm (small or not)."""
    for code in range(MOST_CODES):
        whom[0, code] |= (o.stages >> code & 1) << i
        whom[1, code] |= (o.industries >> code & 1) << i
        whom[2, code] |= (o.districts >> code & 1) << i
        whom[3, code] |= (o.size_classes >> code & 1) << i
        whom[4, code] |= (1 if o.small_only == 0 or code == 1 else 0) << i


@njit(cache=True)
def possible_awards(mode: int, host: int, sunk: float, heard: int, c) -> float:
    """Awards for a plan if all are granted, less the effort: those the firm has heard of and finds worth an application; million yen 2015.

    Who has heard now is who will apply next year.
    """
    offers, together, efforts = c[10], 0.0, 0.0
    while heard:
        o = offers[lowest_bit(heard)]
        heard &= heard - 1
        if o.kind == AWARD and serves_plan(mode, host, o):
            amount = award_amount(sunk, o.rate, o.cap, o.own_share, together)
            if expected_benefit(amount, o.success, o.effort) > 0.0:
                together += amount
                efforts += o.effort
    return max(0.0, together - efforts)


@njit(cache=True)
def is_refused(f) -> bool:
    """Whether a plan that is carried out only with support got too little of it."""
    return bool(f.award < f.needs)


@njit(cache=True)
def fair_rate(mode: int, heard: int, c) -> float:
    """Share of the cost of a far market that the fairs the firm has heard of are likely to save."""
    offers, rate = c[10], 0.0
    while heard:
        o = offers[lowest_bit(heard)]
        heard &= heard - 1
        if o.kind == FAIR and serves_plan(mode, -1, o):
            rate += o.success * o.rate
    return min(MOST_FAIRS, rate)


@njit(cache=True)
def serves_plan(mode: int, host: int, o) -> bool:
    """Whether a programme serves a plan: mode, and host where there is one."""
    return bool(o.modes >> mode & 1) and (host < 0 or bool(o.hosts >> host & 1))


@njit(cache=True)
def is_newcomer(f) -> bool:
    """Whether a firm has no business abroad."""
    return bool(f.channels == 0 and f.contract_hosts == 0 and f.plant_hosts == 0 and f.cluster_hosts == 0)


@njit(cache=True)
def class_of(employees: float) -> int:
    """Size class by employees, codes.SIZE_CLASSES."""
    found = 0
    for edge in SIZE_EDGES:
        if employees >= edge:
            found += 1
    return found


@njit(cache=True)
def chance_of_deciding(f, abroad: bool, c) -> float:
    """Chance that a firm works out a plan this year; advisers raise it in the year of registration and the next."""
    y, p = c[0][0], c[8][0]
    if abroad:
        return p.attention_expand
    advised = f.advised > 0 and y.year - f.advised <= 1
    return max(p.attention_decide, p.support_registration_decide) if advised else p.attention_decide


@njit(cache=True)
def pull_of_call(draw: float, chance: float, call: float) -> float:
    """Share of the awards that brings a firm to work out a plan which it would not have worked out this year, (0, 1]; 0 for no pull.

    A call for applications with a closing date is an occasion: of the firms that would not have decided, the share c does, and the further
    the firm was from deciding, the more of the awards it needs: (u - q) / (c (1 - q)).

    Args:
        draw: u, uniform; the firm decides by itself when u <= q.
        chance: q, see :func:`chance_of_deciding`.
        call: c.
    """
    if call <= 0.0 or draw <= chance:
        return 0.0
    share = (draw - chance) / (call * (1.0 - chance))
    return share if share <= 1.0 else 0.0


@njit(cache=True)
def reserve_worth(small: int, mode: int, host: int, sunk: float, c) -> float:
    """What the loss reserve on an entry is worth to a firm that pays tax, million yen 2015."""
    y, help_ = c[0][0], c[4][small, mode]
    return sunk * reserve_value(help_.reserve[host] if host >= 0 else help_.reserve_any, y.tax, y.lending_rate)


@njit(cache=True, forceinline=True)
def fair_pulls(f, rate: float, sunk: float, fixed: float, risk: float, c, known, pulls) -> None:
    """How much fairs lower the entry threshold in every market, log points; nothing in a market next door or one the firm knows.

    Args:
        f: Record of the firm.
        rate: See :func:`fair_rate`.
        sunk: Entry cost without a fair, million yen 2015.
        fixed: Yearly fixed cost, million yen 2015.
        risk: Sd of log foreign profit.
        c: Context of the year.
        known: The firm's knowledge of every market, shape (hosts,).
        pulls: Shape (hosts,), overwritten.
    """
    y, p = c[0][0], c[8][0]
    far, bar = p.support_fair_distance, entry_bar(f, y, sunk, fixed, risk, p)
    for host in range(pulls.size):
        saved = fair_share(rate, c[2][f.industry, host].distance, far, known[host])
        pulls[host] = sunk * (1.0 - saved)
    entry_bars(f, y, pulls, fixed, risk, p)
    for host in range(pulls.size):
        pulls[host] = bar - pulls[host]


# --- acting --------------------------------------------------------------------------------------------------------------


@njit(cache=True)
def pay_effort(f) -> None:
    """Pay for the year's applications in people's time, whether they were served or not."""
    f.cash -= f.effort
    f.paid_out += f.effort
    f.effort = 0.0


@njit(cache=True)
def fit_offers(f, cost: float) -> None:
    """Cut award and loan to what the plan costs by now."""
    f.award = min(f.award, cost)
    f.loan = min(f.loan, cost - f.award)


@njit(cache=True)
def supported_cost(small: int, mode: int, host: int, cost: float, award: float, saved: float, c) -> float:
    """Cost as a firm feels it: less the award, the interest that its loan saves and the tax put off, million yen 2015."""
    return max(0.0, cost - award - saved - reserve_worth(small, mode, host, cost - award, c))


@njit(cache=True)
def take_offers(f) -> None:
    """Take the award and draw the loan of a plan that is carried out; a condition binds from now on."""
    if f.award > 0.0 or f.loan > 0.0:
        f.events |= AWARD_BIT
    f.granted += f.award
    if f.pledged > 0.0 and f.pledge == 0:
        f.pledge, f.pledged = 1, min(f.pledged, f.award)
    if f.loan > 0.0:
        f.public_discount = mixed_discount(f.public_debt, f.public_discount, f.loan, f.loan_discount)
        f.public_instalment += f.loan / max(f.loan_term, 1.0)
        f.public_debt += f.loan
        f.debt += f.loan
        f.borrowed += f.loan
        f.cash += f.loan
        f.lent += f.loan


@njit(cache=True)
def clear_offers(f) -> None:
    """Forget what was promised for a plan that is done or dropped; what was not taken returns to the agencies."""
    f.award, f.loan, f.needs = 0.0, 0.0, 0.0
    if f.pledge == 0:
        f.pledged = 0.0


# --- settling ------------------------------------------------------------------------------------------------------------


@njit(cache=True, forceinline=True)
def keep_pledge(f, year: int) -> None:
    """Pay back what was tied to the home plant when its jobs are below the floor; the pledge ends then, or with its term."""
    if f.pledge == 0:
        return
    due = repayment_due(f.pledged, f.employees, f.pledge_floor)
    if due > 0.0:
        pay_back(f, due)
    if due > 0.0 or year >= f.pledge_until:
        f.pledge, f.pledged = 0, 0.0


@njit(cache=True)
def pay_back(f, due: float) -> None:
    """Return public money from cash."""
    f.cash -= due
    f.paid_out += due
    f.clawed_back += due
    f.subsidy = max(0.0, f.subsidy - due)
    f.events |= CLAW_BACK_BIT


@njit(cache=True)
def settle_closing(f, bit: int) -> None:
    """A firm that closes and is not bankrupt pays back what was tied to its home plant, as far as its cash goes."""
    if f.pledge == 1 and bit & DEFAULT_BIT == 0 and f.pledged > 0.0 and f.cash > 0.0:
        pay_back(f, min(f.pledged, f.cash))
    f.pledge = 0


@njit(cache=True)
def lose_debts(f, small: int, c) -> None:
    """What a default costs public lenders and guarantors; kept for their books, apart for debt drawn to go abroad.

    Debt drawn for an entry stands under the guarantees of that time for that mode, all other debt under those for business at home now.
    """
    y, p, cover = c[0][0], c[8][0], c[4][small, HOME].cover
    f.written_off = f.public_debt
    value = max(0.0, p.finance_collateral * (1.0 + p.finance_cycle * y.stance))
    owed = max(0.0, f.debt - f.public_debt)
    abroad = min(f.entry_debt, owed)
    f.called_abroad = called_guarantee(abroad, value, p.finance_guarantee * f.entry_cover, f.entry_cover)
    f.called = f.called_abroad + called_guarantee(owed - abroad, value, p.finance_guarantee * cover, cover)


@njit(cache=True, forceinline=True)
def repay_public_loans(f) -> None:
    """Pay the instalment of the year; money leaves cash and debt alike."""
    paid = instalment(f.public_debt, f.public_instalment)
    f.cash -= paid
    f.debt = max(0.0, f.debt - paid)
    f.borrowed -= paid
    f.public_debt -= paid
    if f.public_debt < CENT:
        f.public_debt, f.public_instalment, f.public_discount = 0.0, 0.0, 0.0


@njit(cache=True)
def interest_waived(f, rate: float) -> float:
    """Interest on public loans that the firm need not pay this year; kept for the lender's books."""
    f.interest_saved = interest_saved(f.public_debt, rate, f.public_discount)
    return f.interest_saved


@njit(cache=True, forceinline=True)
def tax_of_year(f, profit: float, small: int, c) -> float:
    """Corporation tax with the loss reserve: what the year's entry puts aside is free, what falls due is taxed, million yen 2015."""
    y = c[0][0]
    mode, host, deposit = int(f.event_mode), int(f.event_host), 0.0
    if mode != HOME and f.invested > 0.0:
        help_ = c[4][small, mode]
        deposit = reserve_deposit(f.invested, help_.reserve[host] if host >= 0 else help_.reserve_any, profit)
    release = reserve_release(f.reserve, float(y.year - f.reserve_since)) if f.reserve > 0.0 else 0.0
    if deposit > 0.0 and f.reserve_since == 0:
        f.reserve_since = y.year
    f.reserve += deposit - release
    if f.reserve < CENT:
        f.reserve, f.reserve_since = 0.0, 0
    tax = corporation_tax(profit, deposit, release, y.tax)
    f.tax_deferred = corporation_tax(profit, 0.0, 0.0, y.tax) - tax
    return tax


@njit(cache=True)
def mutual_cover(f, small: int, c) -> float:
    """Share of a bad debt that mutual aid covers: nothing for a firm that is no member. Membership is a lasting trait of the firm."""
    help_ = c[4][small, HOME]
    u = uniform4(c[9], MUTUAL_AID, 0, f.firm)
    return help_.mutual_cover if u[0] < help_.members else 0.0
