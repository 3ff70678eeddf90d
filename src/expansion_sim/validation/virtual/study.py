"""All studies: on the scenario, and on the same draws without fairs, without the special guarantee, or with other credit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

import pandas as pd

from expansion_sim.errors import InputError
from expansion_sim.results.run import seed_of
from expansion_sim.scenario.load import load_scenario, read_world, traced
from expansion_sim.scenario.spec import Scenario
from expansion_sim.validation.virtual import credit, cutoff, guarantee, network, spells, support
from expansion_sim.validation.virtual.estimate import Estimate, table_of
from expansion_sim.validation.virtual.panel import LAST, Panel, collect

#: Studies of one world, in the order of the table.
STUDIES: tuple[Callable[[Panel], list[Estimate]], ...] = (
    spells.export_hazard, spells.plant_hazard, spells.state_against_productivity, network.supplier_jobs, network.centrality,
    network.partners, network.crowding, support.fair_users, credit.exporters_and_banks,
)
#: Studies that compare the scenario with another world of the same draws, and which one.
PAIRED: dict[str, tuple[Callable[[Panel, Panel], list[Estimate]], ...]] = {"credit": (credit.credit_and_exports,)}
MOST_POOLED = 6  # replications that studies of few firms put together; more would cost more time than they add


class Pooled(NamedTuple):
    """A study of few firms that puts replications together: the rows of one replication, what is estimated on all, and the other world."""

    gather: Callable[..., pd.DataFrame]
    estimate: Callable[[pd.DataFrame], list[Estimate]]
    other: str = ""


POOLED = (
    Pooled(cutoff.cutoff_rows, cutoff.cutoff), Pooled(support.fair_rows, support.fairs, "no fairs"),
    Pooled(guarantee.guarantee_rows, guarantee.guarantee, "no guarantee"),
)


def econometrics(scenario: str = "history", settings: Sequence[Any] = ()) -> pd.DataFrame:
    """Run every study on a scenario: on its first replication, those of :data:`POOLED` on up to :data:`MOST_POOLED` of them.

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
    estimates: list[Estimate] = []
    gathered: list[list[pd.DataFrame]] = [[] for _ in POOLED]
    for replication in range(min(plain.replications, MOST_POOLED)):
        seed = seed_of(plain.seed, replication)
        panel = collect(plain, seed)
        if replication == 0:
            estimates += [estimate for study in STUDIES for estimate in study(panel)]
            for name, studies in PAIRED.items():
                other = collect(others[name], seed)
                estimates += [estimate for study in studies for estimate in study(panel, other)]
        for study, parts in zip(POOLED, gathered, strict=True):
            parts.append(study.gather(panel, collect(others[study.other], seed)) if study.other else study.gather(panel))
    return table_of(estimates + [e for study, parts in zip(POOLED, gathered, strict=True) for e in study.estimate(stacked(parts))])


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Rows of replications below one another, with the column replication; firms of different replications have different ids."""
    rows = pd.concat([part.assign(replication=number) for number, part in enumerate(parts)], ignore_index=True)
    if "firm" in rows:
        rows["firm"] = rows.groupby(["replication", "firm"]).ngroup()
    return rows


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
    world = read_world(scenario)  # what a counterfactual takes away may leave a term idle: no warning of that

    def without(*programmes: str, last: int = LAST) -> Scenario:
        names = ", ".join(f'"{name}"' for name in dict.fromkeys((*plain.support.disable, *programmes)))
        return traced(world, (*settings, f"support.disable=[{names}]", f"years.last={last}")).scenario

    return traced(world, settings).scenario, {
        "no fairs": without(*support.FAIRS),
        "no guarantee": without(guarantee.GUARANTEE, last=guarantee.COHORTS[-1] + guarantee.LATER),
        "credit": traced(world, (*settings, credit.settings())).scenario,
    }
