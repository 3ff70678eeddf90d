"""The usual competitions of a year, one after the other in compiled code: who applies, who is served, what is promised and filed.

A programme of an agency with a selection of its own, or of towns that rate plans in a way of their own, is decided by
:mod:`expansion_sim.policy.awards` alone; both must agree bit for bit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit

from expansion_sim.behaviour.conditions import jobs_at_stake, jobs_floor, municipal_score
from expansion_sim.behaviour.public_support import KINDS, MOST_CODES, add_whom
from expansion_sim.codes import CLUSTER, CONTRACT, HOSTS, MODES
from expansion_sim.policy.calendar import open_in_year
from expansion_sim.policy.drafts import (
    APPLICATION_DTYPE,
    PROMISE_DTYPE,
    columns_of,
    cut_off_of,
    draft_among,
    file_applications,
    write_promises,
)
from expansion_sim.policy.programmes import Programme

#: What a competition needs beside the offer (policy.offers): row of the programme, how it selects, lowest score, places and money (infinite
#: without), fall of home jobs from which money is paid back; whether only group plans may apply, whether the home plant must stay, whether towns
#: select, whether the money is tied to the home plant.
CONTEST_DTYPE = np.dtype([("programme", "i8"), ("selection", "i8"), ("threshold", "f8"), ("places", "f8"), ("money", "f8"),
                          ("claw_back", "f8"), ("groups_only", "?"), ("pledges", "?"), ("by_town", "?"), ("binds", "?")])
PLEDGE_YEARS = 5  # years for which a firm promises to keep its home plant, a prior of ours
SELECTIONS = ("score", "first_come", "lottery")
SCORE, FIRST_COME, LOTTERY = range(3)
#: Sums of numbers are taken in the order of numpy.sum, see :func:`summed`.
LANES, LONGEST = 8, 128


class Contests(NamedTuple):
    """The competitions of a year, by place in the list of its offers (policy.offers.open_offers).

    Attributes:
        programmes: Row and programme with the terms of the year.
        terms: Shape (n,), :data:`CONTEST_DTYPE`.
        order: Places in the order in which they are decided.
        rows: Row of each programme.
    """

    programmes: tuple[tuple[int, Programme], ...]
    terms: np.ndarray
    order: tuple[int, ...]
    rows: tuple[int, ...]


@lru_cache(maxsize=1024)
def contests_of(programmes: tuple[Programme, ...], year: int) -> Contests:
    """Competitions for single firms of a year; not to be changed.

    Loans are for what awards leave, so that both never exceed the cost: they are decided last.

    Args:
        programmes: All programmes of the scenario.
        year: Calendar year.
    """
    found = tuple((row, programme) for row, programme in open_in_year(programmes, year) if programme.awards and not programme.for_groups)
    terms = np.zeros(len(found), CONTEST_DTYPE)
    loans = ["loan" in p.lever for _, p in found]
    for place, (row, p) in enumerate(found):
        limits = (np.inf if limit is None else limit for limit in (p.places, p.budget))
        terms[place] = (row, SELECTIONS.index(p.selection), -np.inf if p.threshold is None else p.threshold, *limits, p.claw_back, p.groups_only,
                        p.keep_home_plant, p.instrument == "local_conditional_support", p.keep_home_plant and not loans[place])
    return Contests(found, terms, tuple(sorted(range(len(found)), key=loans.__getitem__)), tuple(row for row, _ in found))


@njit(cache=True)
def hold_contests(
    firms: np.ndarray, rows: np.ndarray, plans: np.ndarray, given: np.ndarray, lent: np.ndarray, best: np.ndarray, places: np.ndarray,
    offers: np.ndarray, contests: np.ndarray, loans: int, districts: np.ndarray, kept: float, world: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Decide some competitions in their order and write the promises into the firms' records.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE, changed in place.
        rows: Rows with a plan, shape (n,).
        plans: See policy.drafts.appraise_plans, shape (n,).
        given: Money promised so far, shape (n,), changed in place.
        lent: Loans promised so far, shape (n,), changed in place.
        best: Most promised by one programme, shape (n,), changed in place.
        places: Places of the competitions among offers and contests, shape (k,), in the order in which they are decided.
        offers: policy.offers.OFFER_DTYPE.
        contests: :data:`CONTEST_DTYPE`.
        loans: Code of offers that lend.
        districts: See :func:`serve_by_town`, like ``kept``.
        kept: Of a programme with a pledge.
        world: Context of the year, shape (1,).

    Returns:
        Weighted applications and awards, shape (k, 2); promises; applications; where the applications of each competition end, shape (k,).
    """
    served = plans_by_contest(plans, places, offers, contests)
    counts, ends, year = np.zeros((places.size, 2)), np.zeros(places.size, np.int64), world[0][0][0].year
    promises, promised = np.empty(rows.size + 1, PROMISE_DTYPE), 0
    filed, number = np.empty(rows.size + 1, APPLICATION_DTYPE), 0
    for k in range(places.size):
        offer, t = offers[places[k] : places[k] + 1], contests[places[k]]
        chosen, ids = plans_of(k, served, plans)
        drafts = draft_among(chosen, ids, firms, rows, plans, given, lent, offer, world)
        if drafts.size > 0:
            who, amounts, merits, early, tickets, weights = columns_of(drafts, firms, rows)
            if t.by_town:
                granted = serve_by_town(firms, rows[who], merits, weights, amounts, tickets, districts, kept if t.pledges else 0.0, t.places,
                                        t.money, world)
            else:
                ranks = merits if t.selection == SCORE else early if t.selection == FIRST_COME else tickets
                granted = serve(fit_in_order(ranks, merits, t.threshold), weights, amounts, tickets, t.places, t.money)
            so_far = lent if offer[0].kind == loans else given
            made = write_promises(firms, rows, who, granted, so_far, best, offer, t.programme)
            if t.binds:
                bind(firms, made, year, t.programme, t.claw_back)
            cut_off = cut_off_of(merits, granted) if t.selection == SCORE else np.nan
            entries = file_applications(firms, rows, drafts, granted, cut_off, year, t.programme)
            counts[k, 0], counts[k, 1] = summed(weights, weights.size), served_weight(weights, granted)
            promises, promised = with_more(promises, promised, made)
            filed, number = with_more(filed, number, entries)
        ends[k] = number
    return counts, promises[:promised], filed[:number], ends


@njit(cache=True)
def plans_by_contest(plans: np.ndarray, places: np.ndarray, offers: np.ndarray, contests: np.ndarray) -> np.ndarray:
    """Competitions that may serve each plan as bits, by their order in ``places``, shape (n,): policy.drafts.may_apply for all at once."""
    whom, modes, hosts = np.zeros((KINDS, MOST_CODES), np.int64), np.zeros(len(MODES), np.int64), np.zeros(len(HOSTS) + 1, np.int64)
    free, served = np.int64(0), np.empty(plans.size, np.int64)
    for k in range(places.size):
        o, t, bit = offers[places[k]], contests[places[k]], np.int64(1) << k
        add_whom(whom, o, k)
        for mode in range(len(MODES)):
            modes[mode] |= bit if o.modes >> mode & 1 and (mode == CLUSTER or not t.groups_only) else 0
        for host in range(len(HOSTS)):
            hosts[host] |= bit if o.hosts >> host & 1 else 0
        hosts[len(HOSTS)] |= bit  # the last one is for plans without a host
        free |= 0 if t.pledges else bit
    for i in range(plans.size):
        plan = plans[i]
        there = modes[plan.mode] & hosts[plan.host if plan.host >= 0 else len(HOSTS)]
        firm = whom[0, plan.stage] & whom[1, plan.industry] & whom[2, plan.district] & whom[3, plan.size_class] & whom[4, plan.small]
        served[i] = there & firm & (free if plan.pledge != 0 else np.int64(-1))  # one pledge at a time
    return served


@njit(cache=True)
def plans_of(k: int, served: np.ndarray, plans: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the plans that have bit ``k``, and identities of their firms, each of shape (n,)."""
    chosen, ids, number = np.empty(plans.size, np.int64), np.empty(plans.size, np.int64), 0
    for i in range(plans.size):
        chosen[number], ids[number] = i, plans[i].firm  # written and counted without a branch
        number += served[i] >> k & 1
    return chosen[:number], ids[:number]


@njit(cache=True)
def fit_in_order(ranks: np.ndarray, merits: np.ndarray, threshold: float) -> np.ndarray:
    """Positions of the applications that reach the lowest score, the highest rank first, equal ones in their order; shape (n,)."""
    order = np.argsort(-ranks, kind="mergesort")
    fit, number = np.empty(order.size, np.int64), 0
    for i in order:
        if merits[i] >= threshold:
            fit[number] = i
            number += 1
    return fit[:number]


@njit(cache=True, error_model="numpy")
def serve(order: np.ndarray, weights: np.ndarray, amounts: np.ndarray, luck: np.ndarray, places: float, money: float) -> np.ndarray:
    """Grant what is asked for in an order until places or money are gone; see SupportAgency.select.

    Args:
        order: Positions of those who may be served, the first one first.
        weights: Firms that each application stands for, shape (n,).
        amounts: Million yen that each would get, shape (n,).
        luck: Uniforms that decide about the last places, shape (n,).
        places: Firms that may be served.
        money: Million yen that may be granted.
    """
    granted = np.zeros(weights.size)
    for i in order:
        if places <= 0.0 or money <= 0.0:
            break
        if weights[i] > places and luck[i] * weights[i] >= places:
            break
        places -= weights[i]
        granted[i] = min(amounts[i], money / weights[i])
        money -= granted[i] * weights[i]
    return granted


@njit(cache=True)
def serve_by_town(
    firms: np.ndarray, rows: np.ndarray, merits: np.ndarray, weights: np.ndarray, amounts: np.ndarray, luck: np.ndarray,
    districts: np.ndarray, kept: float, places: float, money: float, world: np.ndarray,
) -> np.ndarray:
    """What awards.towns_select grants where towns and agency select as usual: each town among its own firms; shape (n,).

    Args:
        firms: Shape (all rows,), FIRM_DTYPE.
        rows: Rows of the applicants, shape (n,).
        merits: Scores of their plans on their own merits, shape (n,).
        weights: Firms that each application stands for, shape (n,).
        amounts: Million yen that each would get, shape (n,).
        luck: Uniforms that decide about the last places, shape (n,).
        districts: Sums by district, behaviour.kernel.SUMS_DTYPE, shape (industries, districts, 4).
        kept: Share of the work that can be moved abroad which a pledge keeps at home.
        places: Firms that one town may serve.
        money: Million yen that one town may grant.
        world: Context of the year, shape (1,).
    """
    c, weight = world[0], world[0][8][0].support_hollowing
    granted, here, scores = np.zeros(merits.size), np.empty(merits.size, np.int64), np.empty(merits.size)
    for town in range(districts.shape[1]):
        hollowing, number = -1.0, 0
        for i in range(rows.size):
            f = firms[rows[i]]
            if f.district != town:
                continue
            if hollowing < 0.0:
                hollowing = hollowing_of(districts[:, town, :].copy())
            employees, movable = np.float64(f.employees), c[1][f.industry].relocatable if f.wish_mode >= CONTRACT else 0.0
            score = municipal_score(merits[i], jobs_at_stake(employees, movable, kept), employees, hollowing, weight)
            if score >= 0.0:
                here[number], scores[number] = i, score
                number += 1
        if number > 0:
            wanted = here[:number].copy()
            order = np.argsort(-scores[:number], kind="mergesort")
            granted[wanted] = serve(order, weights[wanted], amounts[wanted], luck[wanted], places, money)
    return granted


@njit(cache=True)
def bind(firms: np.ndarray, promises: np.ndarray, year: int, programme: int, claw_back: float) -> None:
    """Tie promised money to the home plant: it is paid back when home jobs fall below the floor within the term of the pledge.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE, changed in place.
        promises: Awards of one programme, shape (n,), policy.drafts.PROMISE_DTYPE.
        year: The year.
        programme: Row of the programme.
        claw_back: Fall of home jobs from which support is paid back, share.
    """
    for promise in promises:
        f = firms[promise.row]
        f.pledged += promise.amount
        f.pledge_floor = jobs_floor(np.float64(f.employees), claw_back)
        f.pledge_until, f.pledge_programme = year + PLEDGE_YEARS, programme


@njit(cache=True)
def hollowing_of(sums: np.ndarray) -> float:
    """Jobs of one district's firms that have gone abroad, per job still at home, from its sums by industry, shape (industries, 4)."""
    at_home = summed(sums[:, 2].copy(), len(sums))
    return summed(sums[:, 3].copy(), len(sums)) / at_home if at_home > 0.0 else 0.0


@njit(cache=True)
def served_weight(weights: np.ndarray, granted: np.ndarray) -> float:
    """Weighted firms that get something."""
    served, number = np.empty(weights.size), 0
    for i in range(weights.size):
        if granted[i] > 0.0:
            served[number] = weights[i]
            number += 1
    return summed(served, number)


@njit(cache=True)
def summed(values: np.ndarray, number: int) -> float:
    """Sum of the first ``number`` values, bit for bit what numpy.sum gives: by pairs of halves, up to 128 of them in eight lanes."""
    if number > LONGEST:
        half = number // 2 // LANES * LANES
        return summed(values, half) + summed(values[half:], number - half)
    if number < LANES:
        total = 0.0
        for i in range(number):
            total += values[i]
        return total
    lanes = np.empty(LANES)
    for lane in range(LANES):
        lanes[lane] = values[lane]
    whole = number // LANES * LANES
    for first in range(LANES, whole, LANES):
        for lane in range(LANES):
            lanes[lane] += values[first + lane]
    total = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    for i in range(whole, number):
        total += values[i]
    return total


@njit(cache=True)
def with_more(records: np.ndarray, number: int, more: np.ndarray) -> tuple[np.ndarray, int]:
    """Records with others written behind the first ``number`` of them, in a larger array where they have no room; and how many there are."""
    if number + more.size > records.size:
        larger = np.empty(2 * (number + more.size), records.dtype)
        for i in range(number):
            larger[i] = records[i]
        records = larger
    for i in range(more.size):
        records[number + i] = more[i]
    return records, number + more.size
