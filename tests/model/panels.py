"""What becomes of single firms and customers of a world, year by year: a few columns of every living firm, and all customers."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.recfunctions import repack_fields
from worlds import build

from expansion_sim.model import ExpansionModel

#: What these tests look at; a panel of all columns would need gigabytes.
COLUMNS = ("firm", "weight", "birth_year", "industry", "district", "parent", "second_customer", "employees", "home_sales", "export_sales", "cash",
           "order_share", "order_level", "wish_mode", "interested", "channels", "contract_hosts", "plant_hosts", "cluster_hosts", "since", "ever",
           "cooperative", "knowledge", "profit", "jobs_by_plant")
SCALE = 0.005


class Panel(NamedTuple):
    """Firms and customers by year.

    Attributes:
        model: The finished world.
        firms: Year -> living firms, :data:`COLUMNS`.
        customers: Year -> PARENT_DTYPE, shape (n,).
        fellows: Year -> fellow plants per room, shape (industries, hosts).
    """

    model: ExpansionModel
    firms: dict[int, np.ndarray]
    customers: dict[int, np.ndarray]
    fellows: dict[int, np.ndarray]

    def pairs(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """The same firms in two years."""
        left, right = self.firms[first], self.firms[last]
        _, i, j = np.intersect1d(left["firm"], right["firm"], return_indices=True)
        return left[i], right[j]


@cache
def panel(scale: float = SCALE, **overrides: Any) -> Panel:
    """History in a small sample, shared by all tests that ask for the same; read only."""
    model = build("history", scale, **overrides)
    firms, customers, fellows = {}, {}, {}
    while model.running:
        model.step()
        firms[model.year] = repack_fields(model.living()[list(COLUMNS)])
        customers[model.year], fellows[model.year] = model.customers.copy(), model.fellows.copy()
    return Panel(model, firms, customers, fellows)


def mean(values: np.ndarray, firms: np.ndarray) -> float:
    """Mean over firms of the country."""
    return float(np.average(values, weights=firms["weight"].astype(float)))


def quantile(values: np.ndarray, firms: np.ndarray, share: float) -> float:
    """Quantile over firms of the country."""
    order = np.argsort(values)
    total = np.cumsum(firms["weight"].astype(float)[order])
    return float(values[order][np.searchsorted(total, share * total[-1])])


def is_abroad(firms: np.ndarray) -> np.ndarray:
    """Whether each firm is in any mode abroad."""
    return (firms["channels"] | firms["contract_hosts"] | firms["plant_hosts"] | firms["cluster_hosts"]) != 0
