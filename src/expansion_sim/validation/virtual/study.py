"""All studies: on the scenario, and on the same draws without fairs and the special guarantee, or with other credit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import pandas as pd

from expansion_sim.errors import InputError
from expansion_sim.scenario.load import load_scenario
from expansion_sim.scenario.spec import Scenario
from expansion_sim.validation.virtual import credit, network, spells, support
from expansion_sim.validation.virtual.estimate import Estimate, table_of
from expansion_sim.validation.virtual.panel import LAST, Panel, collect

#: Studies of one world, in the order of the table.
STUDIES: tuple[Callable[[Panel], list[Estimate]], ...] = (
    spells.export_hazard, spells.plant_hazard, spells.state_against_productivity, network.supplier_jobs, network.centrality,
    network.partners, network.crowding, support.cutoff, support.fair_users, credit.exporters_and_banks,
)
#: Studies that compare the scenario with another world of the same draws, and which one.
PAIRED: dict[str, tuple[Callable[[Panel, Panel], list[Estimate]], ...]] = {
    "no programmes": (support.fairs, support.guarantee), "credit": (credit.credit_and_exports,),
}


def econometrics(scenario: str = "history", settings: Sequence[Any] = ()) -> pd.DataFrame:
    """Run every study on a scenario.

    Args:
        scenario: Name or path.
        settings: Values by dotted key, as ``scale=0.01``.

    Returns:
        Columns of :data:`expansion_sim.validation.virtual.estimate.COLUMNS`.

    Raises:
        InputError: The scenario ends before the last year of the studies, or statsmodels is missing.
    """
    need_statsmodels()
    plain, others = worlds(scenario, settings)
    panel = collect(plain)
    estimates = [estimate for study in STUDIES for estimate in study(panel)]
    for name, studies in PAIRED.items():
        other = collect(others[name])
        estimates += [estimate for study in studies for estimate in study(panel, other)]
    return table_of(estimates)


def need_statsmodels() -> None:
    """Say what to install before minutes of simulation are spent."""
    if find_spec("statsmodels") is None:
        raise InputError("the studies need statsmodels: pip install 'expansion-sim[analysis]'")


def worlds(scenario: str, settings: Sequence[Any]) -> tuple[Scenario, dict[str, Scenario]]:
    """The scenario and the worlds it is compared with, all without surveys and without years after the last study."""
    plain = load_scenario(scenario, settings)
    if plain.years.last < LAST:
        raise InputError(f"the studies need the years to {LAST}, the scenario ends in {plain.years.last}", key="years.last")
    settings = (*settings, f"years.last={LAST}", "output.surveys=false", "output.firms_years=[]")
    taken = [*plain.support.disable, *support.FAIRS, support.GUARANTEE]
    names = ", ".join(f'"{name}"' for name in dict.fromkeys(taken))
    return load_scenario(scenario, settings), {
        "no programmes": load_scenario(scenario, (*settings, f"support.disable=[{names}]")),
        "credit": load_scenario(scenario, (*settings, credit.settings())),
    }
