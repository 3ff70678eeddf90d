"""A small choice model with known parameters: shares of firms in each mode, counted in a sample of firms."""

from __future__ import annotations

from typing import Any

import numpy as np

from expansion_sim.calibration.estimate import Estimate, Problem, estimate
from expansion_sim.calibration.misfit import Misfit, Term
from expansion_sim.calibration.prior import GroupedParameter, Prior
from expansion_sim.calibration.spec import Search

PARAMETERS, FACTS, FIRMS = 8, 24, 400
#: Published shares carry a sampling error of this standard deviation.
PUBLISHED_ERROR = 0.02
_RNG = np.random.default_rng(11)
_SLOPES, _LEVELS = 0.6 * _RNG.normal(size=(FACTS, PARAMETERS)), 0.5 * _RNG.normal(size=FACTS)

PRIOR = Prior([
    GroupedParameter(f"rate{place}", "rates", 0.1, 10.0, True, 1.0) if place % 2
    else GroupedParameter(f"taste{place}", "tastes", -1.0, 1.0, False, 0.0)
    for place in range(PARAMETERS)
])
SEARCH = Search(ensemble=80, starts=("shipped", "prior"), rounds=5, refinements=2, noise_seeds=12, final_seeds=20)


def shares(values: np.ndarray) -> np.ndarray:
    """Share of firms in each mode, shape (n, facts): a logit that bends in the parameters."""
    u = PRIOR.coordinates(np.atleast_2d(values))
    return 1.0 / (1.0 + np.exp(-(u @ _SLOPES.T + _LEVELS + 0.15 * u**2 @ np.abs(_SLOPES.T))))


def simulate(points, seeds) -> np.ndarray:
    """The injected evaluation: shares counted in a sample, shape (points, S, facts)."""
    expected = shares(np.array([[point[name] for name in PRIOR.names] for point in points]))
    pairs = zip(expected, seeds, strict=True)
    return np.array([[np.random.default_rng(seed).binomial(FIRMS, row) / FIRMS for seed in own] for row, own in pairs])


def published(truth: np.ndarray, rng: np.random.Generator) -> Misfit:
    """Facts of one world: its own luck, and the error of publishing; tolerances are two standard errors."""
    values = rng.binomial(FIRMS, shares(truth)[0]) / FIRMS + PUBLISHED_ERROR * rng.normal(size=FACTS)
    return Misfit([Term(k, f"F{k}", f"F{k}", "band", float(v), 2.0 * PUBLISHED_ERROR) for k, v in enumerate(values)])


def recovered(number: int, **search: Any) -> tuple[np.ndarray, Estimate]:
    """A truth drawn from the prior, and the estimate from its facts.

    Args:
        number: Of the truth.
        search: Keys of the search that differ from SEARCH.
    """
    rng = np.random.default_rng(1000 + number)
    truth = PRIOR.values(np.clip(rng.normal(size=PARAMETERS), -2.0, 2.0))
    return truth, estimate(Problem(PRIOR, simulate, published(truth, rng), SEARCH.model_copy(update=search), 1, 5 + number))
