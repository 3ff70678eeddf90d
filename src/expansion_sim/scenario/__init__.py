"""Scenario files: the typed schema, loading with ``extends`` and overrides, and what is printed about them."""

from expansion_sim.scenario.files import list_scenarios
from expansion_sim.scenario.load import load_scenario, load_traced
from expansion_sim.scenario.render import dump_toml, resolved, scenario_hash
from expansion_sim.scenario.spec import Scenario

__all__ = ["Scenario", "dump_toml", "list_scenarios", "load_scenario", "load_traced", "resolved", "scenario_hash"]
