"""A small world for the phases of one firm: a calm year, sixteen equal hosts, two large customers, no support."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from expansion_sim.behaviour.context import PARTS, open_context
from expansion_sim.behaviour.gains import left_at_price
from expansion_sim.behaviour.tables import MARKET_DTYPE, YEAR_DTYPE, industry_table
from expansion_sim.codes import (
    BAND,
    CLUSTER,
    CONTRACT,
    DIRECT,
    DISTRICTS,
    ECOMMERCE,
    EVENTS,
    FDI,
    HOST_GROUPS,
    HOSTS,
    INDIRECT,
    INDUSTRIES,
    MACHINERY,
)
from expansion_sim.parameters import parameters_record
from expansion_sim.policy.support import no_support
from expansion_sim.population.founding import CUSTOMERS
from expansion_sim.population.parents import PARENT_DTYPE
from expansion_sim.population.schema import empty_firms

# The first call of a rule may compile it, which no deadline should count; examples are the same in every run.
settings.register_profile("rules", deadline=None, derandomize=True)
settings.load_profile("rules")

YEAR = 1990
SEED = 12_345

#: A year without swings: growth as expected, banks neutral, no malls; every mechanism at work, noise off.
CALM_YEAR = {
    "year": YEAR,
    "wage": 1.0,
    "index": 1.0,
    "growth": 0.03,
    "outlook": 0.03,
    "lending_rate": 0.05,
    "stance": 0.0,
    "tax": 0.4,
    "freedom": 1.0,
    "volatility": 0.05,
    "malls": 0.0,
    "information": 1.0,
    "selling": 1.0,
    "rivals": 1.0,
    "capital_price": 1.0,
    "capital_price_before": 1.0,
    "swing": 1.0,
    "shelving": 1.0,
    "attention": 1,
    "finance": 1,
    "network": 1,
    "parents_offshore": 1,
    "taste": 1,
    "band": 1,
    "noise": 0,
    "learning": 1,
    "cooperatives": 1,
}
#: A host where making things costs half of what it costs at home.
CHEAP_HOST = {
    "demand": 0.05,
    "demand_agreement": 0.05,
    "general": 1.0,
    "cost": 0.5,
    "local": 0.05,
    "friction": 0.2,
    "return_cost": 0.05,
    "access": 1.0,
    "openness": 1.0,
    "distance": 2.0,
    "income": 0.5,
    "growth": 0.05,
    "hold_up": 0.16,
    "fixed": 1.0,
    "platform": 0.0,
    "orders": 0.0,
}


#: Costs and weights of these tests, whatever the shipped fit.
TEST_COSTS = {
    "fixed_plant": 51.0, "sunk_plant": 147.0, "fixed_direct": 7.3, "sunk_direct": 6.15, "fixed_contract": 7.2, "sunk_contract": 5.0,
    "fixed_ecommerce": 5.0, "sunk_ecommerce": 4.0, "fixed_indirect": 0.3, "sunk_indirect": 0.2,
    "fixed_scale": 0.05, "fixed_scale_export": 0.05, "gain_room": 1e9, "productivity_reward": 1.0, "cost_friction": 0.106,
    "cost_friction_poor": 0.5, "choice_plant": 1.45,
    "choice_gain": 1.15, "choice_taste": 1.29, "finance_need": 0.5,
}


class World:
    """What a firm's phases read, to be changed by a test before it runs a phase.

    Attributes:
        year: YEAR record, shape (1,).
        industries: Industries, shape (11,); nobody closes by the record.
        markets: Every industry in every host, shape (11, 16), all equal.
        customers: Two large customers producing at home only.
        support: Nothing on offer, shape (2, 7).
        parameters: The shipped parameters; :meth:`set` changes one.
    """

    def __init__(self) -> None:
        self.parameters = parameters_record()
        for name, value in TEST_COSTS.items():  # so that a new fit does not change who can afford what
            self.parameters[name] = value
        self.year = np.zeros(1, YEAR_DTYPE)
        for name, value in CALM_YEAR.items():
            self.year[name] = value
        self.industries = industry_table()
        self.industries["sales_level"], self.industries["sales_size"] = np.log(15.0), 1.0
        self.industries["small_limit"], self.industries["world_demand"] = 20.0, 0.8
        self.industries["relocatable"] = 0.226  # as TEST_COSTS: a new fit must not change for whom a plant pays
        for middleman, name in (("house", "export_trading_margin"), ("mall", "export_mall_fee")):
            margin = float(self.parameters[0][name])
            self.industries[f"left_by_{middleman}"] = [left_at_price(margin, float(sigma)) for sigma in self.industries["elasticity"]]
        self.markets = np.zeros((len(INDUSTRIES), len(HOSTS)), MARKET_DTYPE)
        for name, value in CHEAP_HOST.items():
            if name in MARKET_DTYPE.names:
                self.markets[name] = value
        margin = 1.0 / self.industries["elasticity"][:, None]  # as with wages as of 2015
        self.industries["world_margin"], self.markets["margin"] = margin, margin[:, None]
        self.customers = np.zeros(2, PARENT_DTYPE)
        self.customers["industry"], self.customers["sales"], self.customers["sensitivity"] = MACHINERY, 1.0, 1.0
        self.customers["invite_host"] = -1
        self.support = no_support()
        self.peers = np.zeros((len(INDUSTRIES), len(DISTRICTS)))
        self.talk = np.zeros(len(DISTRICTS))
        self.group_activity = np.ones(len(HOST_GROUPS))
        self.seed = SEED

    @property
    def context(self) -> np.void:
        """The context of the year, as the model passes it to the phases."""
        return self.record[0]

    @property
    def record(self) -> np.ndarray:
        """The same as the kernel takes it, shape (1,); as many customers as in the model, to share compiled code."""
        packed = open_context(CUSTOMERS, self.parameters.dtype, self.seed)
        for name in PARTS:
            values = getattr(self, name)
            packed[name][0][: len(values)] = values
        return packed

    @property
    def p(self) -> np.void:
        """The parameter record."""
        return self.parameters[0]

    def set(self, **values: float) -> World:
        """Change parameters by their field name, such as ``attention_base``, past the range a scenario may set if need be."""
        for name, value in values.items():
            self.parameters[name] = value
        return self

    def firms(self, number: int, **columns: Any) -> np.ndarray:
        """Healthy machine makers of thirty persons in a district, shape (number,); columns by name, scalars or arrays."""
        firms = empty_firms(number)
        size = np.asarray(columns.get("log_size", np.log(30.0)))
        sales = 15.0 * np.exp(size)
        healthy: dict[str, Any] = {
            "firm": np.arange(number),
            "alive": 1,
            "weight": 1.0,
            "birth_year": YEAR - 20,
            "industry": MACHINERY,
            "log_size": size,
            "employees": np.exp(size),
            "home_sales": sales,
            "assets": sales,
            "cash": 0.12 * sales,
            "debt": 0.3 * sales,
            "leverage": 1.0,
            "order_level": 1.0,
            "owner_age": 45.0,
            "expectation": BAND,
        }
        for name, value in {**healthy, **columns}.items():
            firms[name] = value
        return firms

    def firm(self, **columns: Any) -> np.void:
        """One such firm, a record that the phases change in place."""
        return self.firms(1, **columns)[0]

    def keep_everybody(self) -> World:
        """No exit hazard of any mode."""
        return self.set(**{name: 0.0 for name in self.parameters.dtype.names if name.startswith("exit_")})

    def send_everybody_home(self) -> World:
        """Every exit hazard at its cap; reshoring off."""
        return self.set(exit_export_base=1.0, exit_contract_base=1.0, exit_plant_base=1.0, exit_reshore=0.0)

    def spell(self, mode: int, host: int = 0, since: int = 1980, **columns: Any) -> np.void:
        """A firm that has been in one mode since a year, in one host or market where the mode has one."""
        firm = self.firm(first_mode=mode, first_year=since, ever=1 << mode, **columns)
        firm["since"][mode] = since
        firm["channels"] = {INDIRECT: 1, DIRECT: 2, ECOMMERCE: 4}.get(mode, 0)
        column = {DIRECT: "markets", CONTRACT: "contract_hosts", FDI: "plant_hosts", CLUSTER: "cluster_hosts"}.get(mode)
        if column:
            firm[column] = 1 << host
        return firm

    @staticmethod
    def events(firm: np.void) -> set[str]:
        """Names of what happened to a firm this year."""
        return {name for bit, name in enumerate(EVENTS) if int(firm["events"]) >> bit & 1}

    @staticmethod
    def same(firms: np.ndarray, others: np.ndarray) -> bool:
        """Whether two arrays hold the same firms, every column bit for bit."""
        return all(firms[name].tobytes() == others[name].tobytes() for name in firms.dtype.names)


@pytest.fixture
def world() -> World:
    """A fresh calm world."""
    return World()
