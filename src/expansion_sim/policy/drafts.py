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
from expansion_sim.behaviour.public_support import is_newcomer, serves_firm, serves_plan
from expansion_sim.codes import CLUSTER
from expansion_sim.policy.offers import FAIR, LOAN
from expansion_sim.randomness import Stream, as_uniforms, draw_words, normal

APPLICATION = int(Stream.APPLICATION)
#: What of a plan is the same for all programmes: identity of the firm, gain and fixed cost a year and sunk cost (million yen 2015), factor of
#: the firm's people.
PLAN_DTYPE = np.dtype([("firm", "i8"), ("gain", "f8"), ("fixed", "f8"), ("cost", "f8"), ("people", "f8")])
#: An application: position among the planners, money or loan asked for (million yen 2015), score, place in the queue, lottery ticket.
DRAFT_DTYPE = np.dtype([("plan", "i8"), ("amount", "f8"), ("score", "f8"), ("queue", "f8"), ("ticket", "f8")])


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
        f, plan = firms[planners[i]], plans[i]
        plan.gain, plan.fixed, plan.cost, _ = appraise(f, int(f.wish_mode), int(f.wish_host), c)
        plan.firm, plan.people = f.firm, people_factor(f.employees, c[8][0].attention_size)
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
    c, t = world[0], terms[0]
    p, seed, heard = c[8][0], c[9], c[0][0].year - 1  # heard when it planned, at the end of last year
    number = rows.size
    words, ids, drafts, count = np.empty((4, number), np.uint32), np.empty(number, np.int64), np.empty(number, DRAFT_DTYPE), 0
    for i in range(number):
        ids[i] = plans[i].firm
    draw_words(words, seed, APPLICATION, heard + t.draw, ids)
    reach = t.part * t.contact
    for i in range(number):
        u = as_uniforms((words[0, i], words[1, i], words[2, i], words[3, i]))
        if u[0] >= reach * plans[i].people:  # 1 - e^-x is below x, so for most planners the rest need not be known
            continue
        f = firms[rows[i]]
        if not may_apply(f, t, groups_only, pledges, c) or u[0] >= probability_of_hearing(t.contact, plans[i].people, t.part):
            continue
        amount = worthwhile(f, plans[i], given[i], lent[i], t, c)
        if amount > 0.0:
            draft = drafts[count]
            liked = f.wish_value + (p.support_newcomers if is_newcomer(f) else 0.0)
            draft.plan, draft.amount, draft.queue, draft.ticket = i, amount, u[2], u[3]
            draft.score = plan_score(liked, normal(u[1]), p.support_score_noise)
            count += 1
    return drafts[:count]


@njit(cache=True)
def may_apply(f: np.record, t: np.record, groups_only: bool, pledges: bool, c: np.record) -> bool:
    """Whether a programme may serve a plan: what policy.eligibility.eligible says, for one firm that plans."""
    if (groups_only and f.wish_mode != CLUSTER) or (pledges and f.pledge != 0):  # one pledge at a time
        return False
    return serves_plan(int(f.wish_mode), int(f.wish_host), t) and serves_firm(f, small_code(f, c), t)


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
    award, saved = (given, worth) if t.kind == LOAN else (given + amount, 0.0)
    return margin(f, int(f.wish_mode), int(f.wish_host), plan.gain, plan.fixed, plan.cost, award, saved, c) > CALLED_OFF


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
def write_promises(firms: np.ndarray, rows: np.ndarray, amounts: np.ndarray, terms: np.ndarray, programme: int) -> None:
    """Write money or loans of one programme into the records of those who applied.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE, changed in place.
        rows: Rows of the applicants, shape (n,).
        amounts: Million yen granted to each, shape (n,), 0 for those refused; everybody who applied pays for it.
        terms: Shape (1,), policy.offers.OFFER_DTYPE.
        programme: Row of the programme.
    """
    t = terms[0]
    effort = np.float32(t.effort)
    for i in range(rows.size):
        f, amount = firms[rows[i]], amounts[i]
        f.effort = f.effort + effort
        if amount <= 0.0:
            continue
        if t.kind == LOAN:
            f.loan_discount = (f.loan_discount * np.float64(f.loan) + t.discount * amount) / (np.float64(f.loan) + amount)
            f.loan_term = (f.loan_term * np.float64(f.loan) + t.term * amount) / (np.float64(f.loan) + amount)
            f.loan += amount
            f.loan_programme = programme
        else:
            f.award += amount


@njit(cache=True)
def name_programme(firms: np.ndarray, rows: np.ndarray, served: np.ndarray, amounts: np.ndarray, best: np.ndarray, programme: int) -> None:
    """Name the programme in the records of those to whom none has promised more; ``best`` is the most promised so far, by plan.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE, changed in place.
        rows: Rows of all plans, shape (plans,).
        served: Positions of those served, shape (n,).
        amounts: Million yen granted to each, shape (n,).
        best: Shape (plans,), changed in place.
        programme: Row of the programme.
    """
    for i in range(served.size):
        plan = served[i]
        if amounts[i] > best[plan]:
            best[plan] = amounts[i]
            firms[rows[plan]].programme = programme


@njit(cache=True)
def write_scores(firms: np.ndarray, rows: np.ndarray, merits: np.ndarray, cut_off: float, programme: int) -> None:
    """Write the scores above the cut-off of a competition into the records of those who took part."""
    for i in range(rows.size):
        f = firms[rows[i]]
        f.score, f.scored_by = merits[i] - cut_off, programme
