"""The year's competition for public money: who hears, who applies, who is selected, what is promised.

What is promised is only paid when the plan is carried out (policy.books); what is not returns.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from expansion_sim.agents.cooperative import Cooperative
from expansion_sim.agents.municipality import KEPT_BY_PLEDGE, Municipality
from expansion_sim.agents.support_agency import SupportAgency
from expansion_sim.behaviour.applications import group_part
from expansion_sim.codes import CLUSTER, DISTRICTS
from expansion_sim.policy.calendar import open_in_year
from expansion_sim.policy.competitions import Contests, bind, contests_of, hold_contests
from expansion_sim.policy.drafts import (
    APPLICATION,
    PLAN_DTYPE,
    appraise_plans,
    columns_of,
    cut_off_of,
    draft_applications,
    file_applications,
    forget,
    write_promises,
)
from expansion_sim.policy.offers import LOAN, NO_CAP, stated_offer
from expansion_sim.policy.programmes import Programme
from expansion_sim.randomness import uniform4

#: One record per open programme and year: applications, awards and those of them taken up (weighted firms), money paid, lent and
#: not collected as tax (million yen); ``at_home`` is the part of spending that serves business at home.
TABLE_DTYPE = np.dtype([("programme", "i8")] + [(name, "f8") for name in
                                                ("applications", "awards", "taken_up", "spending", "lending", "foregone", "at_home")])


class Competition(NamedTuple):
    """Plans of a year in competition, one entry per planner.

    Attributes:
        rows: Rows of the firms, shape (n,).
        costs: Entry cost of each plan, million yen 2015.
        given: Money promised so far.
        lent: Loans promised so far.
        best: Most promised by one programme, to name it.
        appraised: What programmes read of the plans, policy.drafts.PLAN_DTYPE.
    """

    rows: np.ndarray
    costs: np.ndarray
    given: np.ndarray
    lent: np.ndarray
    best: np.ndarray
    appraised: np.ndarray = np.empty(0, PLAN_DTYPE)


def decide_awards(model: Any, planners: np.ndarray) -> np.ndarray:
    """Let every agency select among last year's plans and write the promises into the firms' records.

    Args:
        model: The model; the columns of support in ``model.population.firms`` and ``model.promises`` are written.
        planners: Rows with a plan.

    Returns:
        One record per open programme that awards, :data:`TABLE_DTYPE`; money is booked when it is paid.
    """
    open_now = [(row, p) for row, p in open_in_year(tuple(model.programmes), model.year) if p.awards or model.programmes[row].registers]
    table = np.zeros(len(open_now), TABLE_DTYPE)
    table["programme"] = [row for row, _ in open_now]
    forget(model.population.firms, planners)
    model.promises, model.applications = [], []
    if planners.size and open_now:
        plans, offers = open_competition(model, planners), model.world["offers"][0]
        contests, at = contests_of(tuple(model.programmes), model.year), {row: entry for entry, (row, _) in enumerate(open_now)}
        own_ways = own_ways_of(model, contests)
        for usual, group in groupby(contests.order, lambda place: contests.rows[place] not in own_ways):
            places = list(group)
            entries = [at[contests.rows[place]] for place in places]
            if usual:
                counts = compete_in_turn(model, plans, contests, np.array(places), offers)
            else:
                counts = np.array([compete(model, plans, *contests.programmes[place], offers[place : place + 1]) for place in places])
            table["applications"][entries], table["awards"][entries] = counts.T
    return table


def chooses_itself(agency: Any) -> bool:
    """Whether somebody has given an agency, or its class, a selection of its own."""
    return "select" in vars(agency) or type(agency).select is not SupportAgency.select


def own_ways_of(model: Any, contests: Contests) -> set[int]:
    """Rows of programmes for which an agency, or the towns, select in a way of their own."""
    choosers = {agency for agency in set(model.agency_of_row.values()) if chooses_itself(agency)}  # few bodies run many programmes
    rows = {row for row, agency in model.agency_of_row.items() if agency in choosers} if choosers else set()
    towns = model.made_agents(Municipality)
    if len(towns) != len(DISTRICTS) or not all(town.rates_as_usual for town in towns):
        rows.update(contests.terms["programme"][contests.terms["by_town"]].tolist())
    return rows


def compete_in_turn(model: Any, plans: Competition, contests: Contests, places: np.ndarray, offers: np.ndarray) -> np.ndarray:
    """What :func:`compete` does, for several programmes that select as agencies usually do, in one call of compiled code.

    Args:
        model: The model.
        plans: Plans of the year.
        contests: Competitions of the year.
        places: Those to be held, in their order.
        offers: Offers of the year.

    Returns:
        Applications and awards of each, weighted firms, shape (n, 2).
    """
    counts, promises, filed, ends = hold_contests(model.population.firms, plans.rows, plans.appraised, plans.given, plans.lent, plans.best,
                                                  places, offers, contests.terms, LOAN, model.aggregates.districts, KEPT_BY_PLEDGE,
                                                  model.world)
    model.promises.append(promises)
    model.applications += [entries for entries in np.split(filed, ends[:-1]) if entries.size]
    held = counts[:, 0] > 0.0
    rows = contests.terms["programme"][places[held]]
    model.success[rows] = 0.5 * model.success[rows] + 0.5 * counts[held, 1] / counts[held, 0]
    return counts


def loans_last(decisions: list[Any], programme_of: Callable[[Any], Programme]) -> list[Any]:
    """Decisions in the order in which they are taken: loans are for what awards leave, so that both never exceed the cost."""
    return sorted(decisions, key=lambda decision: "loan" in programme_of(decision).lever)


def open_competition(model: Any, planners: np.ndarray) -> Competition:
    """The plans of the year with their costs."""
    number = planners.size
    appraised = appraise_plans(model.population.firms, planners, model.world)
    return Competition(planners, appraised["cost"], np.zeros(number), np.zeros(number), np.zeros(number), appraised)


def compete(model: Any, plans: Competition, row: int, programme: Programme, offered: np.ndarray) -> tuple[float, float]:
    """Let firms apply to one programme, select, and write the promises.

    Args:
        model: The model.
        plans: Plans of the year.
        row: Row of the programme.
        programme: The programme with the terms of the year.
        offered: The same as compiled code reads it, shape (1,), policy.offers.OFFER_DTYPE.

    Returns:
        Applications and awards, weighted firms.
    """
    firms = model.population.firms
    drafts = draft_applications(
        firms, plans.rows, plans.appraised, plans.given, plans.lent, offered, programme.groups_only, programme.keep_home_plant, model.world,
    )
    if drafts.size == 0:
        return 0.0, 0.0
    who, amounts, merits, early, tickets, weights = columns_of(drafts, firms, plans.rows)
    ranks = {"score": merits, "first_come": early, "lottery": tickets}[programme.selection]
    if programme.instrument == "local_conditional_support":
        granted = towns_select(model, row, programme, firms.take(plans.rows[who]), merits, weights, amounts, tickets)
    else:
        granted = passing(model.agency_of_row[row], programme, ranks, merits, weights, amounts, tickets)
    promise(model, plans, who, granted, row, programme)
    cut_off = cut_off_of(merits, granted) if programme.selection == "score" else np.nan
    model.applications.append(file_applications(model.population.firms, plans.rows, drafts, granted, cut_off, model.year, row))
    applied, served = float(weights.sum()), float(weights[granted > 0.0].sum())
    model.success[row] = 0.5 * model.success[row] + 0.5 * served / applied
    return applied, served


def passing(agency: Any, programme: Programme, ranks: np.ndarray, merits: np.ndarray, weights: np.ndarray, amounts: np.ndarray,
            luck: np.ndarray) -> np.ndarray:
    """Selection among the applications that reach the programme's lowest score; money granted to each, shape (n,)."""
    if programme.threshold is None:
        return agency.select(programme, ranks, weights, amounts, luck)
    granted, fit = np.zeros(ranks.size), np.flatnonzero(merits >= programme.threshold)
    granted[fit] = agency.select(programme, ranks[fit], weights[fit], amounts[fit], luck[fit])
    return granted


def towns_select(model: Any, row: int, programme: Programme, firms: np.ndarray, merits: np.ndarray, weights: np.ndarray,
                 amounts: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Each town selects among its own firms, with places and budget of its own; money granted to each, shape (n,)."""
    agency, towns = model.agency_of_row[row], model.made_agents(Municipality)
    granted, districts = np.zeros(merits.size), firms["district"].astype(np.int64)
    present = set(districts.tolist())
    for town in towns:
        if town.row in present:
            here = np.flatnonzero(districts == town.row)
            scores = town.scores(programme, firms.take(here), merits[here])
            wanted = here[scores >= 0.0]
            granted[wanted] = agency.select(programme, scores[scores >= 0.0], weights[wanted], amounts[wanted], luck[wanted])
    return granted


def promise(model: Any, plans: Competition, who: np.ndarray, granted: np.ndarray, row: int, programme: Programme) -> None:
    """Write promises of one programme into the firms' records and the list of promises; everybody who applied pays for it."""
    loan = "loan" in programme.lever
    so_far = plans.lent if loan else plans.given
    promises = write_promises(model.population.firms, plans.rows, who, granted, so_far, plans.best, stated_offer(programme), row)
    if programme.keep_home_plant and not loan:
        bind(model.population.firms, promises, model.year, row, programme.claw_back)
    model.promises.append(promises)


# --- groups ---------------------------------------------------------------------------------------------------------------


def decide_group_awards(model: Any, table: np.ndarray) -> None:
    """Let the groups that came together this year apply to joint programmes; counted as firms, with the places of groups.

    Args:
        model: The model, after its cooperatives have recruited.
        table: Table of the year, changed in place.
    """
    groups = [group for group in model.made_agents(Cooperative) if group.founded == model.year]
    if not groups:
        return
    firms = model.population.firms
    plans = open_competition(model, model.planners[firms["wish_mode"][model.planners] == CLUSTER])
    plans.given[:], plans.lent[:] = firms["award"][plans.rows], firms["loan"][plans.rows]
    plans.best[:] = plans.given
    terms = dict(open_in_year(tuple(model.programmes), model.year))
    programmes = [(entry, terms[int(entry["programme"])]) for entry in table]
    for entry, programme in loans_last(programmes, lambda pair: pair[1]):
        if programme.for_groups:
            entry["applications"], entry["awards"] = groups_compete(model, plans, groups, int(entry["programme"]), programme)


def groups_compete(model: Any, plans: Competition, groups: list[Cooperative], row: int, programme: Programme) -> tuple[float, float]:
    """One joint programme: groups of the programme's hosts and size apply, those of many members first; weighted firms."""
    fit = [g for g in groups if g.members >= programme.group_size and g.host in programme.hosts]
    totals = np.array([group_total(model, plans, group, programme) for group in fit])
    granted = model.agency_of_row[row].select(programme, np.array([g.members for g in fit]), np.array([g.groups for g in fit]), totals,
                                              np.array([group_luck(model, group, programme) for group in fit]))
    applied = served = 0.0
    for group, money in zip(fit, granted, strict=True):
        who = members_of(model, plans, group)
        weight = float(model.population.firms["weight"][plans.rows[who]].sum(dtype=float))
        parts = np.full(who.size, money / group.members)
        if "loan" in programme.lever:
            most = plans.costs[who] - plans.given[who] - plans.lent[who]  # what members were promised one by one counts as well
        else:  # a loan of the member's own is for what awards leave, and is cut to that below
            most = (1.0 - programme.share_kept) * plans.costs[who] - plans.given[who]
        parts = np.minimum(parts, np.maximum(0.0, most))
        promise(model, plans, who, parts, row, programme)
        rest, rows = np.maximum(0.0, plans.costs[who] - plans.given[who]), plans.rows[who]
        model.population.firms["loan"][rows] = np.minimum(model.population.firms["loan"][rows], rest)
        applied, served = applied + weight, served + weight * (money > 0.0)
    return applied, served


def group_luck(model: Any, group: Cooperative, programme: Programme) -> float:
    """Uniform of a group in one competition, keyed by its number."""
    return uniform4(model.seed, APPLICATION, model.year + programme.draw_key, -group.number)[3]


def members_of(model: Any, plans: Competition, group: Cooperative) -> np.ndarray:
    """Positions of a group's members among the plans."""
    return np.flatnonzero(model.population.firms["cooperative"][plans.rows] == group.number)


def group_total(model: Any, plans: Competition, group: Cooperative, programme: Programme) -> float:
    """Money one group applies for: the programme's share of its members' common cost, at most its cap, million yen 2015."""
    who = members_of(model, plans, group)
    saving = model.parameters[0]["gain_cluster_saving"]
    mean_cost = float(np.average(plans.costs[who], weights=model.population.firms["weight"][plans.rows[who]]))
    common = mean_cost * saving / 10.0 / (1.0 - saving * 0.9)  # part of a member's cost that is common, see appraisal.sunk_cost
    cap = NO_CAP if programme.cap is None else programme.cap
    return group_part(common, programme.share_paid, cap, group.members) * group.members

