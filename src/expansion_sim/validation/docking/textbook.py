"""The model reduced to the world of the textbook: one foreign market, one kind of heterogeneity, no luck and no hurdles.

It is the shipped model: same population array, same year, same compiled kernel. Switches and parameters take everything away
but gains, costs, thresholds and choice; what remains must obey the closed forms of
:mod:`expansion_sim.validation.docking.closed_forms`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from expansion_sim.behaviour import kernel
from expansion_sim.behaviour.costs import trade_cost
from expansion_sim.behaviour.output import home_sales
from expansion_sim.codes import BAND, ELSEWHERE, HOSTS, MACHINERY, STATIC
from expansion_sim.model import Aggregates, ExpansionModel
from expansion_sim.population.balance import SALES_LOADING
from expansion_sim.population.population import Population
from expansion_sim.population.schema import empty_firms

MARKET = HOSTS.index("USA")
#: Every mechanism that has no place in the textbook.
SWITCHED_OFF = {f"mechanisms.{name}": False for name in (
    "attention", "network", "finance", "taste", "cooperatives", "programmes", "parents_offshore", "learning", "noise",
)}
#: Parameters that take further motives away: nobody leaves, nothing but productivity tells firms apart.
PLAIN = {
    "attention.decide": 1.0, "attention.expand": 1.0,
    "choice.state": 0.0, "choice.knowledge": 0.0, "choice.fellows": 0.0, "choice.crowding": 0.0, "choice.nest": 1.0,
    "fixed.scale": 0.0, "fixed.scale_export": 0.0, "gain.platform": 0.0, "gain.contract_share": 0.05, "closure.succession": 0.0,
    "exit.mismatch": 0.0, "exit.export_base": 0.0, "exit.contract_base": 0.0, "exit.plant_base": 0.0, "exit.plant_margin": 0.0,
    "exit.margin_hazard": 0.0, "exit.reshore": 0.0,
}
SHARP = 100.0  # utility per log point: the logit becomes a step about .01 log points of profit wide
NO_LIMIT = 1e12
PERSONS = 30.0


@dataclass(frozen=True)
class TextbookWorld:
    """One foreign market and the costs of serving it.

    Attributes:
        freight: Freight and tariff of exports, share of value: tau = 1 + freight.
        elasticity: sigma.
        market: D at no trade cost: foreign sales per home sales of a firm of mean productivity, 1 between equal countries.
        export_fixed: Yearly fixed cost of exporting, million yen.
        export_sunk: Sunk cost of exporting, million yen.
        plant_demand: Sales of a plant in the market that come on top of exports, per home sales; 0 without plants.
        plant_fixed: Yearly fixed cost of a plant, million yen.
        plant_sunk: Sunk cost of a plant, million yen.
        band: Firms wait by the band instead of entering as soon as a year's profit covers its cost.
        risk: Standard deviation of log profit that the band reckons with.
    """

    freight: float = 0.25
    elasticity: float = 3.6
    market: float = 1.0
    export_fixed: float = 180.0
    export_sunk: float = 150.0
    plant_demand: float = 0.0
    plant_fixed: float = 210.0
    plant_sunk: float = 180.0
    band: bool = False
    risk: float = 0.2

    @property
    def tau(self) -> float:
        """Iceberg cost of exports, by the model's own rule."""
        return trade_cost(self.freight, 0.0, 0.0)

    @property
    def export_demand(self) -> float:
        """Exports per home sales of a firm of mean productivity: D tau^(1 - sigma)."""
        return self.market * self.tau ** (1.0 - self.elasticity)


class TextbookModel(ExpansionModel):
    """The model in a textbook world, its first firms replaced by equal ones that differ in productivity alone.

    Args:
        world: The world.
        log_productivity: Log productivity of each firm, shape (n,).
        rng: Seed.
    """

    def __init__(self, world: TextbookWorld, log_productivity: np.ndarray, rng: int = 1) -> None:
        self.world_of_textbook = world
        settings = {**SWITCHED_OFF, **{f"parameters.{name}": value for name, value in PLAIN.items()}}
        super().__init__("history", rng=rng, scale=0.001, **settings, **{
            "mechanisms.band": world.band, "output.surveys": False, "population.closures": "free", "years.last": 1970,
        })
        self._set_parameters(world)
        self._replace_firms(equal_firms(log_productivity, BAND if world.band else STATIC))

    def _set_parameters(self, world: TextbookWorld) -> None:
        """Values beyond the ranges that a scenario may set: no limit to capacity, a sharp choice, the world's costs."""
        values = {
            "choice_gain": SHARP, "choice_plant": SHARP, "choice_market": SHARP, "choice_host": SHARP, "export_room": NO_LIMIT,
            "fixed_direct": world.export_fixed, "sunk_direct": world.export_sunk, "fixed_plant": world.plant_fixed,
            "sunk_plant": world.plant_sunk, "productivity_reward": 1.0, "gain_room": NO_LIMIT, "fixed_contract": NO_LIMIT, "fixed_indirect": NO_LIMIT,
            "band_risk": world.risk, "band_risk_yen": 0.0, "band_risk_host": 0.0,
        }
        for name, value in values.items():
            self.parameters[name] = value

    def _replace_firms(self, firms: np.ndarray) -> None:
        """Put firms in place of the founders, with their marks and sums; nobody is born later."""
        self.population = Population(firms)
        self.demography.births = lambda *_: empty_firms(0)
        self.marks = np.full(firms.size, kernel.ALIVE, np.uint8)
        self.aggregates = Aggregates(*kernel.sums(firms, self.marks, self.world))
        self._learn_aggregates()

    def advance_drivers(self) -> None:
        """The year of the record, then the world of the textbook written over it."""
        super().advance_drivers()
        year, world = self.year_record, self.world_of_textbook
        for name in ("wage", "index", "freedom", "information", "selling"):
            year[name] = 1.0
        year["swing"] = year["shelving"] = 1.0
        for name in ("growth", "outlook", "volatility", "appreciation", "tax", "malls", "lending_rate"):
            year[name] = 0.0
        self.industries["mean_productivity"], self.industries["relocatable"] = 0.0, 0.0
        self.industries["elasticity"], self.industries["world_demand"] = world.elasticity, 0.0
        for name in ("demand_left", "jobs_left", "jobs_unstolen"):
            self.industries[name] = 1.0
        self.industries["moved"] = 0.0
        self._write_market(world)

    def _write_market(self, world: TextbookWorld) -> None:
        """One open market; nobody buys or hosts anywhere else."""
        markets = self.markets
        for name in ("demand", "demand_agreement", "local", "openness", "pull", "contract_pull", "fellows", "tax", "risk",
                     "distance", "friction"):
            markets[name] = 0.0
        one = markets[:, MARKET]
        one["demand"] = one["demand_agreement"] = world.export_demand
        one["margin"] = 1.0 / world.elasticity
        one["openness"] = 1.0 if world.plant_demand > 0.0 else 0.0
        one["local"], one["access"], one["fixed"] = world.plant_demand, 1.0, 1.0


def equal_firms(log_productivity: np.ndarray, expectation: int) -> np.ndarray:
    """Firms that differ in productivity alone, shape (n,), FIRM_DTYPE.

    Args:
        log_productivity: Shape (n,).
        expectation: Code of EXPECTATIONS.
    """
    firms = empty_firms(log_productivity.size)
    values: dict[str, Any] = {
        "firm": np.arange(log_productivity.size), "alive": 1, "weight": 1.0, "industry": MACHINERY, "district": ELSEWHERE,
        "employees": PERSONS, "log_size": np.log(PERSONS), "ability": log_productivity, "productivity": log_productivity,
        "order_level": 1.0, "owner_age": 40.0, "cash": 1e9, "expectation": expectation, "interested": 1, "birth_year": 1950,
    }
    for name, value in values.items():
        firms[name] = value
    return firms


def reference_sales(model: ExpansionModel) -> float:
    """Home sales of a firm of mean productivity in a textbook world, million yen 2015 a year, by the model's own rule."""
    industry = model.industries[MACHINERY]
    return home_sales(np.log(PERSONS), 0.0, industry["sales_level"], industry["sales_size"], SALES_LOADING, 1.0, 1.0)
