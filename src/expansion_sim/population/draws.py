"""Keyed draws of many firms at once."""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.randomness import uniform4


@njit(cache=True)
def uniforms(seed: int, stream: int, year: int, firms: np.ndarray) -> np.ndarray:
    """The four uniforms of each firm, shape (n, 4), as :func:`expansion_sim.randomness.uniform4` gives them.

    Args:
        seed: Key of all draws.
        stream: What the draw is for, a number of randomness.Stream.
        year: Year of the draw.
        firms: Ids, shape (n,), integers.
    """
    drawn = np.empty((firms.size, 4))
    for i in range(firms.size):
        drawn[i, 0], drawn[i, 1], drawn[i, 2], drawn[i, 3] = uniform4(seed, stream, year, firms[i])
    return drawn
