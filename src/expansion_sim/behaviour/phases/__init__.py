"""The year of one firm: produce, act, settle, look around, plan.

Each phase has a file of its own, reads last year's aggregates and changes one firm record. The kernel maps the phases over millions of
records; :meth:`expansion_sim.agents.sme.SME.step` calls the very same functions on its own record.

``f`` is the firm's record, ``c`` the context of the year, see :mod:`expansion_sim.behaviour.context`; ``c[k]`` is part k of it: the
year, industries, markets, customers, support, peers, talk, group activity, parameters; then the seed, the offers and the banks.
"""

from expansion_sim.behaviour.phases.acting import CALLED_OFF, act, margin
from expansion_sim.behaviour.phases.looking_around import look_around, look_around_with
from expansion_sim.behaviour.phases.making_abroad import gain_so_far, move_production, plants_gain
from expansion_sim.behaviour.phases.planning import plan, plan_with
from expansion_sim.behaviour.phases.producing import develop, log_full_sales, produce, sell_at_home
from expansion_sim.behaviour.phases.prospects import HOST_COUNT, appraise, line_of, small_code
from expansion_sim.behaviour.phases.settling import (
    settle,
    settle_accounts,
    settle_jobs,
    settle_rest,
    settle_work,
    weight_among_closures,
)
from expansion_sim.behaviour.phases.spells import CLOSURE_BIT, DEFAULT_BIT, SUCCESSION_BIT, clear_year, close, close_plant, enter, leave

__all__ = [
    "CALLED_OFF", "CLOSURE_BIT", "DEFAULT_BIT", "HOST_COUNT", "SUCCESSION_BIT", "act", "appraise", "clear_year", "close", "close_plant",
    "develop", "enter", "gain_so_far", "leave", "line_of", "log_full_sales", "look_around", "look_around_with", "margin", "move_production",
    "plan", "plan_with", "plants_gain", "produce", "sell_at_home", "settle", "settle_accounts", "settle_jobs", "settle_rest", "settle_work",
    "small_code", "weight_among_closures",
]
