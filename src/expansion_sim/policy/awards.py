"""How agencies award grants, pilots and loans that are applied for by plan."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from expansion_sim.agents.support_agency import SupportAgency
from expansion_sim.behaviour.appraisal import after_relief, cost_scale, sunk_cost
from expansion_sim.behaviour.phases import further_share, small_code
from expansion_sim.codes import CLUSTER, HOSTS, INDUSTRIES, MODES
from expansion_sim.policy.instruments import INSTRUMENTS
from expansion_sim.policy.programmes import Programme
from expansion_sim.population.draws import uniforms
from expansion_sim.randomness import Stream

APPLY = 0.5  # share of eligible planners that know of the programme and apply, a prior of ours
TABLE_DTYPE = np.dtype([("programme", "i8"), ("applications", "f8"), ("awards", "f8"), ("spending", "f8")])


def decide_awards(model: Any, planners: np.ndarray) -> np.ndarray:
    """Let every agency select among last year's plans and write the awards into the firms' records.

    Args:
        model: The model; columns ``award`` and ``programme`` (and ``pledge``) of ``model.population.firms`` are written.
        planners: Rows with a plan.

    Returns:
        One record per open programme that awards: applications, awards (weighted firms) and spending (million yen).
    """
    open_now = [(row, p) for row, p in enumerate(model.programmes) if p.open_in(model.year)]
    open_now = [(row, p) for row, p in open_now if INSTRUMENTS[p.instrument].lever == "award"]
    table = np.zeros(len(open_now), TABLE_DTYPE)
    if not open_now or planners.size == 0:
        table["programme"] = [row for row, _ in open_now]
        return table
    agencies = {row: agency for agency in model.agents_by_type[SupportAgency] for row, _ in agency.programmes}
    costs = plan_costs(model.population.firms, planners, model.world)
    firms = model.population.firms.take(planners)
    draws = uniforms(model.seed, int(Stream.SELECTION), model.year, np.ascontiguousarray(firms["firm"]))
    award, chosen = np.zeros(planners.size), np.full(planners.size, -1)
    for index, (row, programme) in enumerate(open_now):
        applies = eligible(programme, firms, model) & (draws[:, 0] < APPLY) & (award == 0.0)
        served = np.zeros(planners.size, bool)
        applicants = np.flatnonzero(applies)
        scores = firms["wish_value"][applicants] if programme.selection == "score" else draws[applicants, 1]
        offers = np.array([programme.award_for(cost, INSTRUMENTS[programme.instrument].strength) for cost in costs[applicants]])
        chosen_here = agencies[row].select(programme, scores, firms["weight"][applicants], offers)
        served[applicants], amounts = chosen_here, offers[chosen_here]
        award[served], chosen[served] = amounts, row
        spending = float((amounts * firms["weight"][served]).sum())
        agencies[row].spent += spending
        table[index] = (row, firms["weight"][applies].sum(), firms["weight"][served].sum(), spending)
    write_awards(model, planners, award, chosen)
    return table


@njit(cache=True)
def plan_costs(firms: np.ndarray, planners: np.ndarray, world: np.ndarray) -> np.ndarray:
    """Sunk cost of each plan that is left to the firm after what entitlements take over, million yen 2015, shape (n,).

    Args:
        firms: Shape (rows,), FIRM_DTYPE.
        planners: Rows with a plan, shape (n,).
        world: Context of the year, shape (1,).
    """
    c = world[0]
    y, p = c.year[0], c.parameters[0]
    costs = np.empty(planners.size)
    for i in range(planners.size):
        f = firms[planners[i]]
        mode, host = int(f.wish_mode), int(f.wish_host)
        sunk = sunk_cost(mode, cost_scale(f, y, p), y, p) * further_share(f, mode, p)
        cell = c.support[small_code(f, c), mode]
        costs[i] = after_relief(sunk, cell.relief[host] if host >= 0 else cell.relief_any, cell.relief_cap)
    return costs


def eligible(programme: Programme, firms: np.ndarray, model: Any) -> np.ndarray:
    """Which plans a programme may serve: mode, host, size, industry; shape (n,)."""
    ok = among(programme.modes, len(MODES))[firms["wish_mode"]]
    ok &= among(programme.hosts, len(HOSTS))[firms["wish_host"]] | (firms["wish_host"] < 0)
    if programme.small_only:
        ok &= firms["employees"] <= model.industries["small_limit"][firms["industry"]]
    if programme.groups_only:
        ok &= firms["wish_mode"] == CLUSTER
    if programme.industries:
        ok &= among(programme.industries, len(INDUSTRIES))[firms["industry"]]
    return ok


def among(chosen: tuple[int, ...], number: int) -> np.ndarray:
    """Which of ``number`` codes are chosen, shape (number,)."""
    mask = np.zeros(number, bool)
    mask[list(chosen)] = True
    return mask


def write_awards(model: Any, planners: np.ndarray, award: np.ndarray, chosen: np.ndarray) -> None:
    """Write awards into the firms' records; a programme that asks for the home plant binds the firm."""
    served = np.flatnonzero(chosen >= 0)
    rows = planners[served]
    model.population.firms["award"][rows] = award[served]
    model.population.firms["programme"][rows] = chosen[served]
    model.population.firms["awarded"][rows] |= np.int64(1) << chosen[served]
    binding = [row for row, programme in enumerate(model.programmes) if programme.keep_home_plant]
    bound = rows[np.isin(chosen[served], binding)]
    model.population.firms["pledge"][bound] = 1


