"""Closures and births by industry and year, such that the stock follows the record when closures do."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from expansion_sim.population.paths import firms_path, recorded_exit_rate


def expected_closures(year: int) -> np.ndarray:
    """Rate at which firms of each industry close during ``year``, shape (11,), fraction of the stock at its start.

    The recorded rate of the whole economy, except where an industry shrank faster than that: there the rate is the shrinkage
    itself, so that births cannot be negative. Which firms close is not decided here.

    Args:
        year: Year, 1955 or later.
    """
    return _flows(year)[0].copy()


def births(year: int) -> np.ndarray:
    """Number of firms founded during ``year`` in each industry, shape (11,), firms of the country, 0 or more.

    B = N' - N + x N with N and N' the recorded stocks at the start of this and the next year and x the closure rate.

    Args:
        year: Year, 1955 or later.
    """
    return _flows(year)[1].copy()


@lru_cache(maxsize=256)
def _flows(year: int) -> tuple[np.ndarray, np.ndarray]:
    now, following = firms_path(year, year + 1)
    rate = np.maximum(recorded_exit_rate(year, year)[0], 1.0 - following / now)
    return rate, np.maximum(following - now + rate * now, 0.0)
