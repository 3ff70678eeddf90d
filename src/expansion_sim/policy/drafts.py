"""Applications of a year: what plans cost and earn, who hears of a programme and writes to it, what is then written into the records.

Every open programme is gone through by all planners of a year, so this is compiled. Draws are taken for all planners at once.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.applications import award_amount, expected_benefit, fair_share, plan_score, probability_of_hearing
from expansion_sim.behaviour.appraisal import knowledge_of
from expansion_sim.behaviour.attention import people_factor
from expansion_sim.behaviour.phases import CALLED_OFF, appraise, margin
from expansion_sim.behaviour.phases.prospects import small_code
from expansion_sim.behaviour.public_loans import loan_amount, value_of_loan
from expansion_sim.behaviour.public_support import class_of, is_newcomer, serves_plan
from expansion_sim.behaviour.together import fetch_row
from expansion_sim.codes import ABROAD, CLUSTER, PLANNING
from expansion_sim.policy.offers import FAIR, LOAN
from expansion_sim.randomness import Stream, as_uniforms, draw_words, normal

AHEAD = 4  # rows that are asked for before they are needed
APPLICATION = int(Stream.APPLICATION)
ROUNDING = 1e-9  # log points, far more than a margin is rounded by
#: What of a plan is the same for all programmes: identity of the firm, gain and fixed cost a year and sunk cost (million yen 2015), factor of
#: the firm's people; then what decides whom programmes serve, in one line of memory.
PLAN_DTYPE = np.dtype([("firm", "i8"), ("gain", "f8"), ("fixed", "f8"), ("cost", "f8"), ("people", "f8")] + [
    (name, "i1") for name in ("mode", "host", "stage", "industry", "district", "size_class", "small", "pledge")
])
#: An application: position among the planners, money or loan asked for (million yen 2015), score, place in the queue, lottery ticket.
DRAFT_DTYPE = np.dtype([("plan", "i8"), ("amount", "f8"), ("score", "f8"), ("queue", "f8"), ("ticket", "f8")])
#: A promise: row of the firm, programme, money or loan (million yen 2015).
PROMISE_DTYPE = np.dtype([("row", "i8"), ("firm", "i8"), ("programme", "i8"), ("amount", "f8"), ("loan", "?")])
#: An application: the score stands above the cut-off of its competition; cut-off NaN where everybody was served.
APPLICATION_DTYPE = np.dtype([
    ("year", "i2"), ("firm", "i8"), ("programme", "i2"), ("score", "f4"), ("cut_off", "f4"), ("granted", "f4"), ("weight", "f4"),
])


@njit(cache=True)
def forget(firms: np.ndarray, planners: np.ndarray) -> None:
    """Take last year's promises off the records of those that plan, shape (n,)."""
    for i in range(planners.size):
        fetch_row(firms, planners[min(i + AHEAD, planners.size - 1)])
        f = firms[planners[i]]
        f.award, f.loan, f.effort = 0.0, 0.0, 0.0
        if f.pledge == 0:
            f.pledged = 0.0


@njit(cache=True)
def appraise_plans(firms: np.ndarray, planners: np.ndarray, world: np.ndarray) -> np.ndarray:
    """The plans of the year, shape (n,), :data:`PLAN_DTYPE`.

    Args:
        firms: Shape (rows,), FIRM_DTYPE.
        planners: Rows with a plan, shape (n,).
        world: Context of the year, shape (1,).
    """
    c = world[0]
    plans = np.empty(planners.size, PLAN_DTYPE)
    for i in range(planners.size):
        fetch_row(firms, planners[min(i + AHEAD, planners.size - 1)])
        f, plan = firms[planners[i]], plans[i]
        plan.gain, plan.fixed, plan.cost, _ = appraise(f, int(f.wish_mode), int(f.wish_host), c)
        plan.firm, plan.people = f.firm, people_factor(f.employees, c[8][0].attention_size)
        plan.mode, plan.host, plan.stage = f.wish_mode, f.wish_host, PLANNING if is_newcomer(f) else ABROAD
        plan.industry, plan.district, plan.size_class = f.industry, f.district, class_of(f.employees)
        plan.small, plan.pledge = small_code(f, c), f.pledge
    return plans


@njit(cache=True)
def draft_applications(
    firms: np.ndarray, rows: np.ndarray, plans: np.ndarray, given: np.ndarray, lent: np.ndarray, terms: np.ndarray, groups_only: bool,
    pledges: bool, world: np.ndarray,
) -> np.ndarray:
    """Applications to one programme: of the plans that it may serve, whose firms hear of it and find it worth the effort.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE.
        rows: Rows with a plan, shape (n,).
        plans: See :func:`appraise_plans`, shape (n,).
        given: Money promised by others, shape (n,).
        lent: Loans promised by others, shape (n,).
        terms: Shape (1,), policy.offers.OFFER_DTYPE.
        groups_only: Whether only plans for a collective plant may apply.
        pledges: Whether the home plant must stay.
        world: Context of the year, shape (1,).

    Returns:
        Shape (applications,), :data:`DRAFT_DTYPE`, in the order of the plans.
    """
    chosen, ids = plans_served(plans, terms[0], groups_only, pledges)
    return draft_among(chosen, ids, firms, rows, plans, given, lent, terms, world)


@njit(cache=True)
def draft_among(
    chosen: np.ndarray, ids: np.ndarray, firms: np.ndarray, rows: np.ndarray, plans: np.ndarray, given: np.ndarray, lent: np.ndarray,
    terms: np.ndarray, world: np.ndarray,
) -> np.ndarray:
    """:func:`draft_applications` where the plans that the programme may serve, and the identities of their firms, are known."""
    c, t = world[0], terms[0]
    p, seed, heard = c[8][0], c[9], c[0][0].year - 1  # heard when it planned, at the end of last year
    words, drafts, count = np.empty((4, ids.size), np.uint32), np.empty(ids.size, DRAFT_DTYPE), 0
    draw_words(words, seed, APPLICATION, heard + t.draw, ids)
    reach = t.part * t.contact
    for j in range(ids.size):
        i = chosen[j]
        u = as_uniforms((words[0, j], words[1, j], words[2, j], words[3, j]))
        if u[0] >= reach * plans[i].people:  # 1 - e^-x is below x, so for most planners the rest need not be known
            continue
        if u[0] >= probability_of_hearing(t.contact, plans[i].people, t.part):
            continue
        f = firms[rows[i]]
        amount = worthwhile(f, plans[i], given[i], lent[i], t, c)
        if amount > 0.0:
            draft = drafts[count]
            liked = f.wish_value + (p.support_newcomers if is_newcomer(f) else 0.0)
            draft.plan, draft.amount, draft.queue, draft.ticket = i, amount, u[2], u[3]
            draft.score = plan_score(liked, normal(u[1]), p.support_score_noise)
            count += 1
    return drafts[:count]


@njit(cache=True)
def columns_of(drafts: np.ndarray, firms: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, ...]:
    """Applications by column, each of shape (n,): plans, amounts, scores, queue (the first one highest), tickets, and firms they stand for."""
    who = np.empty(drafts.size, np.int64)
    amounts, scores, early, tickets, weights = (np.empty(drafts.size), np.empty(drafts.size), np.empty(drafts.size), np.empty(drafts.size),
                                                np.empty(drafts.size))
    for i in range(drafts.size):
        draft = drafts[i]
        who[i], amounts[i], scores[i], early[i], tickets[i] = draft.plan, draft.amount, draft.score, -draft.queue, draft.ticket
        weights[i] = firms[rows[draft.plan]].weight
    return who, amounts, scores, early, tickets, weights


@njit(cache=True)
def plans_served(plans: np.ndarray, t: np.record, groups_only: bool, pledges: bool) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the plans that a programme may serve, and identities of their firms, each of shape (n,)."""
    chosen, ids, number = np.empty(plans.size, np.int64), np.empty(plans.size, np.int64), 0
    for i in range(plans.size):
        if may_apply(plans[i], t, groups_only, pledges):
            chosen[number], ids[number] = i, plans[i].firm
            number += 1
    return chosen[:number], ids[:number]


@njit(cache=True)
def may_apply(plan: np.record, t: np.record, groups_only: bool, pledges: bool) -> bool:
    """Whether a programme may serve a plan by mode, host and what it asks of the firm."""
    if (groups_only and plan.mode != CLUSTER) or (pledges and plan.pledge != 0):  # one pledge at a time
        return False
    firm = t.stages >> plan.stage & t.industries >> plan.industry & t.districts >> plan.district & t.size_classes >> plan.size_class & 1
    return firm == 1 and (t.small_only == 0 or plan.small == 1) and serves_plan(int(plan.mode), int(plan.host), t)


@njit(cache=True)
def worthwhile(f: np.record, plan: np.record, given: float, lent: float, t: np.record, c: np.record) -> float:
    """Award or loan that a firm applies for, million yen 2015; 0 where it is not worth the effort, or would not be enough."""
    amount = offer(f, plan.cost, given, lent, t, c)
    worth = value_of_loan(amount, t.discount, t.term) if t.kind == LOAN else amount
    if amount <= 0.0 or f.cash <= t.effort or expected_benefit(worth, t.success, t.effort) <= 0.0:
        return 0.0
    return amount if would_go(f, plan, given, amount, worth, t, c) else 0.0


@njit(cache=True)
def would_go(f: np.record, plan: np.record, given: float, amount: float, worth: float, t: np.record, c: np.record) -> bool:
    """Whether a plan pays with what is offered: nobody writes an application for a plan that would be dropped all the same.

    Args:
        f: Record of the firm.
        plan: Its plan.
        given: Money promised by others, million yen 2015, like all money here.
        amount: Award or loan offered.
        worth: Its worth to the firm.
        t: Terms of the programme.
        c: Context of the year.
    """
    mode, host = int(f.wish_mode), int(f.wish_host)
    # Support only eases: a plan that pays as if nothing were eased pays with it, and then two entry thresholds need not be worked out.
    if margin(f, mode, host, plan.gain, plan.fixed, 0.0, 0.0, 0.0, c) > CALLED_OFF + ROUNDING:
        return True
    award, saved = (given, worth) if t.kind == LOAN else (given + amount, 0.0)
    return margin(f, mode, host, plan.gain, plan.fixed, plan.cost, award, saved, c) > CALLED_OFF


@njit(cache=True)
def offer(f: np.record, cost: float, given: float, lent: float, t: np.record, c: np.record) -> float:
    """Award or loan that one programme would give to a plan, million yen 2015."""
    y, p = c[0][0], c[8][0]
    if t.kind == LOAN:
        free = max(0.0, f.cash - 0.5 * p.finance_cash_target * f.home_sales)  # cash that the firm can spare
        return loan_amount(max(0.0, cost - given - free), t.rate, t.cap, lent)
    rate = t.rate
    if t.kind == FAIR:
        host = int(f.wish_host)
        rate = fair_share(t.rate, c[2][f.industry, host].distance, p.support_fair_distance, knowledge_of(f, host, y, p))
    return award_amount(cost, rate, t.cap, t.own_share, given)


@njit(cache=True)
def write_promises(
    firms: np.ndarray, rows: np.ndarray, who: np.ndarray, granted: np.ndarray, so_far: np.ndarray, best: np.ndarray, terms: np.ndarray,
    programme: int,
) -> np.ndarray:
    """Write money or loans of one programme into the records of those who applied; everybody who applied pays for it.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE, changed in place.
        rows: Rows with a plan, shape (plans,).
        who: Positions of the applicants among the plans, shape (n,).
        granted: Million yen granted to each, shape (n,), 0 for those refused.
        so_far: Money (or loans) promised to each plan, shape (plans,), changed in place.
        best: Most promised to each plan by one programme, shape (plans,), changed in place.
        terms: Shape (1,), policy.offers.OFFER_DTYPE.
        programme: Row of the programme.

    Returns:
        The promises, :data:`PROMISE_DTYPE`.
    """
    t, promises, count = terms[0], np.empty(who.size, PROMISE_DTYPE), 0
    effort = np.float32(t.effort)
    for i in range(who.size):
        plan, amount = who[i], granted[i]
        f = firms[rows[plan]]
        f.effort = f.effort + effort
        if amount <= 0.0:
            continue
        if t.kind == LOAN:
            add_loan(f, amount, t.discount, t.term)
            f.loan_programme = programme
        else:
            f.award += amount
        so_far[plan] += amount
        if amount > best[plan]:
            best[plan] = amount
            f.programme = programme
        promise = promises[count]
        promise.row, promise.firm, promise.programme = rows[plan], f.firm, programme
        promise.amount, promise.loan = amount, t.kind == LOAN
        count += 1
    return promises[:count]


@njit(cache=True)
def add_loan(f: np.record, amount: float, discount: float, term: float) -> None:
    """Promise a loan of ``amount`` million yen; discount and term become the means over all that is promised."""
    before = np.float64(f.loan)
    f.loan_discount = (f.loan_discount * before + discount * amount) / (before + amount)
    f.loan_term = (f.loan_term * before + term * amount) / (before + amount)
    f.loan += amount


@njit(cache=True)
def cut_off_of(scores: np.ndarray, granted: np.ndarray) -> float:
    """Score that decided: half-way between the best refused and the worst served; NaN when all or none were served."""
    worst, best = np.inf, -np.inf
    for i in range(scores.size):
        if granted[i] > 0.0:
            worst = min(worst, scores[i])
        else:
            best = max(best, scores[i])
    return 0.5 * (worst + best) if worst < np.inf and best > -np.inf else np.nan


@njit(cache=True)
def file_applications(
    firms: np.ndarray, rows: np.ndarray, drafts: np.ndarray, granted: np.ndarray, cut_off: float, year: int, programme: int,
) -> np.ndarray:
    """The applications to one programme, :data:`APPLICATION_DTYPE`; the score above the cut-off goes into the firms' records as well.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE, changed in place.
        rows: Rows with a plan, shape (plans,).
        drafts: The applications, shape (n,), :data:`DRAFT_DTYPE`.
        granted: Million yen granted to each, shape (n,).
        cut_off: See :func:`cut_off_of`; NaN where scores did not decide.
        year: The year.
        programme: Row of the programme.
    """
    filed = np.empty(drafts.size, APPLICATION_DTYPE)
    for i in range(drafts.size):
        draft, entry = drafts[i], filed[i]
        f = firms[rows[draft.plan]]
        entry.year, entry.programme, entry.cut_off, entry.firm, entry.weight = year, programme, cut_off, f.firm, f.weight
        entry.score, entry.granted = draft.score, granted[i]
        if np.isfinite(cut_off):
            f.score, f.scored_by = draft.score - cut_off, programme
    return filed
