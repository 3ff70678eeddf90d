"""Who joins a collective plant: the rules of cooperation put together for one candidate (rule 10)."""

from __future__ import annotations

from numba import njit

from expansion_sim.behaviour.appraisal import after_relief, entry_bar, risk_of
from expansion_sim.behaviour.choice import log_advantage
from expansion_sim.behaviour.cooperation import accepts, shared_cost
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
