"""Small worlds that several tests look at: made once, finished, read only. Everything else a test makes for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np

import expansion_sim.model as model_module
from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, ECOMMERCE, FDI, INDIRECT
from expansion_sim.model import ExpansionModel
from expansion_sim.population.population import Population
from expansion_sim.population.schema import FIRM_DTYPE

#: A world in which much happens to few firms: they look abroad often, and costs are low enough for all modes.
LIVELY = {"parameters.attention.base": 0.1, "parameters.attention.study": 1.0, "parameters.sunk.own_effort": 0.5, "parameters.sunk.plant": 200.0,
          "parameters.fixed.plant": 20.0, "parameters.fixed.direct": 1.5, "parameters.fixed.ecommerce": 0.3, "parameters.choice.freedom": 0.5}


def build(name: str = "history", scale: float = 0.001, model_class: type[ExpansionModel] = ExpansionModel, rng: Any = None,
          **overrides: Any) -> ExpansionModel:
    """A small world before its first year, without surveys.

    Args:
        name: Name of a shipped scenario.
        scale: Rows over firms of the country.
        model_class: Class of the model.
        rng: Seed.
        overrides: Values by dotted key.
    """
    return model_class(name, rng=rng, scale=scale, **{"output.surveys": "false", **overrides})


@cache
def finished(name: str = "history", scale: float = 0.001, kept: tuple[int, ...] | range = (), **overrides: Any) -> ExpansionModel:
    """A world run to its end, shared by all tests that ask for the same; ``snapshots`` holds the firms of the years ``kept``."""
    return build(name, scale, **overrides, **{"output.firms_years": list(kept)}).run()


@cache
def history() -> ExpansionModel:
    """History at the smallest scale with the firms of every year."""
    return finished("history", kept=range(1955, 2025))


@cache
def tables(model: ExpansionModel) -> Any:
    """Frames of a finished world."""
    return model.recorder.frames()


def steps(model: ExpansionModel, years: int) -> ExpansionModel:
    """Step some years and return the model."""
    for _ in range(years):
        model.step()
    return model


def changed_founding(change: Callable[[np.ndarray, bool], np.ndarray]) -> Callable[[Any], Any]:
    """``found_population`` of a model whose founders and newborn pass through ``change`` first.

    Args:
        change: Takes living rows, shape (n,), and whether they are founders; returns the rows to use instead.
    """
    found = model_module.found_population

    def found_changed(model: ExpansionModel) -> Any:
        population, demography, customers = found(model)
        founders = change(population.firms[population.living], True)
        firms = np.zeros(founders.size + 50, FIRM_DTYPE)
        firms[: founders.size] = founders
        births = demography.births
        demography.births = lambda *args: change(births(*args), False)
        return Population(firms), demography, customers

    return found_changed


def differences(left: np.ndarray, right: np.ndarray, names: Iterable[str] = FIRM_DTYPE.names) -> list[str]:
    """Columns in which two arrays of records differ in any bit of a value; padding is not compared."""
    assert left.shape == right.shape
    return [name for name in names if left[name].tobytes() != right[name].tobytes()]


def common(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Living firms that exist in both arrays, in order of their ids."""
    left, right = left[left["alive"] == 1], right[right["alive"] == 1]
    _, in_left, in_right = np.intersect1d(left["firm"], right["firm"], return_indices=True)
    return left[in_left], right[in_right]


def fingerprint(model: ExpansionModel) -> str:
    """Hash of every column of the living firms, of the customers and of the aggregates."""
    digest = hashlib.sha256()
    for table in (model.living(), model.customers):
        for name in table.dtype.names:
            digest.update(np.ascontiguousarray(table[name]).tobytes())
    for array in model.aggregates:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def in_mode(firms: np.ndarray) -> np.ndarray:
    """Whether each firm is in each mode by its channels and hosts, shape (n, 7); home is all False."""
    used = np.zeros((firms.size, 7), bool)
    for mode, bit in ((INDIRECT, 1), (DIRECT, 2), (ECOMMERCE, 4)):
        used[:, mode] = (firms["channels"] & bit) != 0
    for mode, column in ((CONTRACT, "contract_hosts"), (FDI, "plant_hosts"), (CLUSTER, "cluster_hosts")):
        used[:, mode] = firms[column] != 0
    return used
