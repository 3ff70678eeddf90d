"""A panel of simulated firms: chosen columns of every living firm at the end of each year, and what large customers did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.codes import CLUSTER, FDI
from expansion_sim.model import ExpansionModel
from expansion_sim.scenario.spec import Scenario

FIRST, LAST = 1984, 2016
#: Scalar columns kept of a firm; those that a version of the population does not have are left out.
KEPT = (
    "firm", "weight", "birth_year", "industry", "parent", "second_customer", "productivity", "employees", "home_sales", "assets",
    "debt", "interest", "export_sales", "awarded", "channels", "contract_hosts", "plant_hosts", "cluster_hosts", "left_modes",
    "left_host", "years_in_mode", "since", "left", "ever",
)
#: Columns of an application, when the model records them: score above the cut-off and the programme that gave it.
SCORE, SCORED_BY = "score", "scored_by"


class Panel(NamedTuple):
    """Simulated firms over years.

    Attributes:
        firms: Year -> records of the living firms with the columns :data:`KEPT`.
        customers: Year -> share of production abroad of each large customer by host, shape (customers, 16).
        applications: One row per scored application: year, firm, programme, score, mode, weight; None when the model keeps
            no scores.
        events: Events table of the run.
        plants: Year -> firms of the country with an own or collective plant, by industry and host, shape (11, 16).
        hosts: Year -> drivers of the hosts, shape (16,), history.fields.HOST_DTYPE.
        banks: Year -> health of the main banks relative to all of them, shape (48,), points of stance.
        programmes: Ids of the programmes by their bit in the column ``awarded``.
    """

    firms: dict[int, np.ndarray]
    customers: dict[int, np.ndarray]
    applications: pd.DataFrame | None
    events: pd.DataFrame
    plants: dict[int, np.ndarray]
    hosts: dict[int, np.ndarray]
    banks: dict[int, np.ndarray]
    programmes: tuple[str, ...] = ()

    def frame(self, years: Iterable[int], columns: Iterable[str]) -> pd.DataFrame:
        """Scalar columns of all firms over some years, one row per firm and year.

        Args:
            years: Years in the panel.
            columns: Names out of :data:`KEPT`.
        """
        parts = [pd.DataFrame({name: self.firms[year][name] for name in columns} | {"year": year}) for year in years]
        return pd.concat(parts, ignore_index=True)


class PanelModel(ExpansionModel):
    """The model with a memory for applications that were scored this year, where the population has columns for them."""

    def __init__(self, scenario: Any = None, rng: Any = None, **overrides: Any) -> None:
        self.scored: list[pd.DataFrame] = []
        super().__init__(scenario, rng=rng, **overrides)

    def agencies_decide(self) -> None:
        """As in the model; applications are noted before the firms act on the awards."""
        firms = self.population.firms
        if SCORE not in (firms.dtype.names or ()):
            super().agencies_decide()
            return
        before = firms[[SCORE, SCORED_BY]].copy()
        super().agencies_decide()
        changed = (firms[SCORE] != before[SCORE]) | (firms[SCORED_BY] != before[SCORED_BY])
        rows = firms[changed & (firms["alive"] == 1)]
        self.scored.append(pd.DataFrame({
            "year": self.year, "firm": rows["firm"], "programme": rows[SCORED_BY], "score": rows[SCORE].astype(float),
            "mode": rows["wish_mode"].astype(int), "weight": rows["weight"].astype(float),
        }))


def collect(scenario: Scenario, seed: int | None = None) -> Panel:
    """Simulate a scenario and keep the panel.

    Args:
        scenario: The scenario.
        seed: Seed; None takes the scenario's.
    """
    model = PanelModel(scenario, rng=seed)
    panel = Panel({}, {}, None, pd.DataFrame(), {}, {}, {})
    names = [name for name in KEPT if name in (model.population.firms.dtype.names or ())]
    for _ in range(scenario.years.first, scenario.years.last + 1):
        model.step()
        if FIRST <= model.year <= LAST:
            _note_year(panel, model, names)
    scored = pd.concat(model.scored, ignore_index=True) if model.scored else None
    ids = tuple(programme.id for programme in model.programmes)
    return panel._replace(applications=scored, programmes=ids, events=model.recorder.frames().events)


def _note_year(panel: Panel, model: PanelModel, names: list[str]) -> None:
    """Keep the firms, customers, plants and hosts of the year."""
    year = model.year
    panel.firms[year] = _kept(model.living(), names)
    panel.customers[year] = model.customers["offshore"].copy()
    panel.plants[year] = model.aggregates.hosts[:, (FDI, CLUSTER), :].sum(axis=1)
    panel.hosts[year] = model.host_drivers.copy()
    banks = model.world["banks"][0]
    panel.banks[year] = banks - banks.mean()


def _kept(firms: np.ndarray, names: list[str]) -> np.ndarray:
    """A packed copy of some columns."""
    packed = np.empty(firms.size, np.dtype([(name, firms.dtype[name]) for name in names]))
    for name in names:
        packed[name] = firms[name]
    return packed
