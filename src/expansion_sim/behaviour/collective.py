"""Who joins a collective plant: the rules of cooperation put together for one candidate (rule 10)."""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.appraisal import after_relief, entry_bar, risk_of
from expansion_sim.behaviour.choice import log_advantage
from expansion_sim.behaviour.cooperation import accepts, leadership, shared_cost
from expansion_sim.behaviour.finance import can_fund, free_cash, funding_need
from expansion_sim.behaviour.phases import appraise, line_of, small_code
from expansion_sim.codes import CLUSTER, FDI


@njit(cache=True)
def joins(firms, row: int, world, host: int, members: float) -> bool:
    """Whether a candidate that was invited joins a group: it could not go alone, and the shared plant beats staying.

    Args:
        firms: Shape (rows,), FIRM_DTYPE.
        row: The candidate.
        world: Context of the year, shape (1,).
        host: Position in codes.HOSTS of the planned plant.
        members: Size of the group it is told of.
    """
    f, c = firms[row], world[0]
    y, p = c[0][0], c[8][0]
    gain, fixed, sunk, _ = appraise(f, FDI, host, c)
    risk = risk_of(y, c[2][f.industry, host].risk, 0.0, p)
    alone = log_advantage(gain, fixed) - entry_bar(f, y, sunk, fixed, risk, p)
    if alone > 0.0 and can_fund(free_cash(f.cash, f.home_sales, p.finance_running), line_of(f, FDI, c),
                                 funding_need(sunk, 0.0, 0.0, p.finance_need, 0.0)):
        return False
    common = p.gain_cluster_saving
    running = shared_cost(fixed, common, members, 0.0)
    help_ = c[4][small_code(f, c), CLUSTER]
    entering = after_relief(shared_cost(sunk, common, members, 0.0), help_.relief[host], help_.relief_cap)
    return accepts(log_advantage(gain, running), entry_bar(f, y, entering, running, risk, p), f.taste[CLUSTER] * y.taste, p.choice_taste)


@njit(cache=True)
def leader_of(firms, rows) -> int:
    """Row of the firm that leads, the first one of the highest score; see cooperation.leadership.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE.
        rows: Firms with the same plan, shape (n,).
    """
    leader, highest = rows[0], -np.inf
    for row in rows:
        f = firms[row]
        best = f.knowledge[0]
        for group in range(1, len(f.knowledge)):
            best = max(best, f.knowledge[group])
        score = leadership(f.employees, best, f.risk_tolerance)
        if score > highest:
            leader, highest = row, score
    return leader


@njit(cache=True)
def seat(firms, rows, luck, leader: int, world, host: int, size: float, room: float):
    """Who joins out of those who come to a meeting, until the room is full.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE.
        rows: Rows of those who come, in their order, shape (n,).
        luck: Lot of each, uniform, for a last row that stands for more firms than are wanted; shape (n,).
        leader: Row of the leader, who need not be asked.
        world: Context of the year, shape (1,).
        host: Position in codes.HOSTS of the planned plant.
        size: Members one group is planned for.
        room: Members of all groups that the meeting stands for.

    Returns:
        Rows of the members.
    """
    members, number, weight = np.empty(rows.size, np.int64), 0, 0.0
    for i in range(rows.size):
        if weight >= room:
            break
        if rows[i] != leader and not joins(firms, rows[i], world, host, size):
            continue
        stands_for = np.float64(firms[rows[i]].weight)
        if weight + stands_for > room and luck[i] * stands_for >= room - weight:
            break
        members[number] = rows[i]
        number, weight = number + 1, weight + stands_for
    return members[:number]
