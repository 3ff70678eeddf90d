"""How a model gets its firms: the initial population, its industries' constants, and the yearly births and closures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from expansion_sim.behaviour.kernel import CLOSURES, FIRMS
from expansion_sim.behaviour.tables import industry_table
from expansion_sim.codes import ACCOMMODATION_FOOD, INDUSTRIES, INFORMATION, RETAIL, SERVICES, WHOLESALE
from expansion_sim.population import demography
from expansion_sim.population.balance import balance_laws
from expansion_sim.population.parents import make_parents
from expansion_sim.population.paths import firms_path
from expansion_sim.population.population import Population
from expansion_sim.population.strata import Design, make_design
from expansion_sim.population.synthesis import EntryConditions, births, initial_firms

CUSTOMERS = 1000  # large customers in the model
THIN_CLASS = 200.0  # firms by which a thin size class leans on the mean closure rate
#: Commerce and services, where a small firm has five employees or fewer instead of twenty (Basic Act).
COMMERCE_AND_SERVICES = (WHOLESALE, RETAIL, ACCOMMODATION_FOOD, SERVICES, INFORMATION)


def found_industries(parameters: Mapping[str, float] | None = None) -> np.ndarray:
    """Industries with the constants of behaviour and of the sales law, shape (11,), behaviour.tables.INDUSTRY_DTYPE.

    Args:
        parameters: Parameters of the scenario; those of industries replace constants.
    """
    table = industry_table(parameters)
    laws = balance_laws()
    table["sales_level"], table["sales_size"] = laws["sales_level"], laws["sales_elasticity"]
    table["small_limit"] = [5.0 if k in COMMERCE_AND_SERVICES else 20.0 for k in range(len(INDUSTRIES))]
    return table


class Demography:
    """Births and closures of a run along the record.

    Args:
        model: The model; its drivers, customers and parameters are read.
        design: Scale and sampling rates.
    """

    def __init__(self, model: Any, design: Design) -> None:
        self.model, self.design = model, design

    def births_by_class(self, year: int) -> np.ndarray:
        """Births of each industry and size class relative to its firms, shape (11, 5).

        They are the growth of the industry plus what closed last year. Small firms close more often, so more small ones are
        born and the size distribution of the stock lasts.
        """
        now, following = firms_path(year, year + 1)
        stocks = self.model.aggregates.stocks
        closures, firms = stocks[..., CLOSURES], stocks[..., FIRMS]
        rate = np.maximum(closures.sum(axis=1) / np.maximum(firms.sum(axis=1), 1.0), 1e-9)[:, None]
        relative = (closures / rate + THIN_CLASS) / (firms + THIN_CLASS)
        if not closures.any():
            relative = np.ones(firms.shape)
        return np.maximum((following / now - 1.0)[:, None] + demography.expected_closures(year)[:, None] * relative, 1e-4)

    def conditions(self, year: int) -> EntryConditions:
        """What the times give to firms that enter in a year."""
        japan, _ = self.model.drivers.year(year)
        p = self.model.parameters[0]
        static, adaptive = float(p["band_share_static"]), float(p["band_share_adaptive"])
        shares = (static, adaptive, 1.0 - static - adaptive)
        return EntryConditions(
            float(japan["productivity"]), float(japan["cpi"]), shares, float(p["product_niche_share"]), float(p["product_niche_quality"]),
            float(p["product_to_order"]), float(p["product_to_order_supplier"]), float(p["product_to_order_lost"]),
        )

    def closure_rates(self, year: int) -> np.ndarray:
        """Recorded closure rate per industry, shape (11,); zero when closures are left to the firms' own fate."""
        if self.model.spec.population.closures == "free":
            return np.zeros(len(INDUSTRIES))
        return demography.expected_closures(year)

    def births(self, year: int, seed: int) -> np.ndarray:
        """Firms founded in a year, shape (n,), FIRM_DTYPE."""
        return births(self.design, year, seed, parents=self.model.customers, conditions=self.conditions(year),
                      hazard=self.births_by_class(year))


def found_population(model: Any) -> tuple[Population, Demography, np.ndarray]:
    """Firms of the first year, their demography and the large customers.

    Args:
        model: The model; spec, seed, drivers, parameters and years are read.
    """
    customers = make_parents(CUSTOMERS, model.seed)
    design = make_design(model.scale, model.spec.population.stratified)
    people = Demography(model, design)
    firms = initial_firms(design, model.first_year, model.seed, parents=customers, conditions=people.conditions(model.first_year),
                          capacity=design.rows(model.first_year, model.last_year))
    return Population(firms), people, customers
