"""Synthetic runs for the figures: one replication and several."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "results"))

from synthetic import SyntheticModel, synthetic_scenario

from expansion_sim.results.run import Run, simulate


@pytest.fixture(scope="session")
def single() -> Run:
    """One replication of the seventy years."""
    return simulate(synthetic_scenario(), 1, model_class=partial(SyntheticModel, firms=3000))


@pytest.fixture(scope="session")
def several() -> Run:
    """Four replications of the seventy years."""
    return simulate(synthetic_scenario(), 4, model_class=partial(SyntheticModel, firms=1000))


@pytest.fixture(scope="session")
def short() -> Run:
    """Four years, in which nobody has a plant abroad."""
    return simulate(synthetic_scenario(last=1958), 1, model_class=partial(SyntheticModel, firms=100))
