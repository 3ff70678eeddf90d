"""A synthetic run shared by the tests of this folder."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from synthetic import SyntheticModel, synthetic_scenario

from expansion_sim.results.recorder import Frames
from expansion_sim.results.run import Run, simulate


@pytest.fixture(scope="session")
def model() -> SyntheticModel:
    """A synthetic model at its last year."""
    model = SyntheticModel(synthetic_scenario(), firms=3000)
    model.run()
    return model


@pytest.fixture(scope="session")
def frames(model: SyntheticModel) -> Frames:
    """Its tables."""
    return model.recorder.frames()


@pytest.fixture(scope="session")
def run() -> Run:
    """Three replications of thirty-one years, with a snapshot of 1980."""
    scenario = synthetic_scenario(last=1985, firms_years=(1980,))
    return simulate(scenario, 3, model_class=partial(SyntheticModel, firms=400))
