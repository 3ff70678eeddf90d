"""The main banks of a year: how healthy each one is, and so how far it lends (rule 7)."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from expansion_sim.behaviour.finance import bank_health
from expansion_sim.codes import BANKS
from expansion_sim.population.draws import uniforms
from expansion_sim.randomness import Stream

LASTING, REMEMBERED = 0.8, 8  # what lasts of a bank's condition from year to year, and for how many years it is told


@lru_cache(maxsize=256)  # worlds with one seed share it
def bank_conditions(seed: int, year: int) -> np.ndarray:
    """Condition of every main bank, standard normal with a yearly correlation of .8, shape (48,); not to be changed.

    A sum over the years before, so that a year needs no memory: z_t is proportional to the sum of .8^k e_(t-k).

    Args:
        seed: Key of the draws.
        year: Year asked for.
    """
    weights = LASTING ** np.arange(REMEMBERED)
    normals = np.array([_shocks(seed, year - k) for k in range(REMEMBERED)])
    return weights @ normals / math.sqrt(float(weights @ weights))


@lru_cache(maxsize=256)  # a year is told for eight years
def _shocks(seed: int, year: int) -> np.ndarray:
    """What a year brings to every main bank, standard normal, shape (48,); not to be changed."""
    drawn = uniforms(seed, int(Stream.BANK), year, np.arange(BANKS))[:, 0]
    standard = NormalDist()
    return np.array([standard.inv_cdf(u) for u in drawn.tolist()])


def fill_banks(banks: np.ndarray, stance: float, seed: int, year: int, noise: int, p: np.void) -> None:
    """Write the health of the main banks of a year.

    Args:
        banks: Overwritten, shape (48,), -1 tight to 1 easy.
        stance: Stance of all banks in the year.
        seed: Key of the draws.
        year: The year.
        noise: 0 makes all banks alike.
        p: Parameter record.
    """
    calm, spread = float(p["finance_bank_calm"]), float(p["finance_bank_spread"])
    banks[:] = _healths(stance, seed, year, noise, calm, spread)


@lru_cache(maxsize=256)  # worlds that branch off one past mostly share it
def _healths(stance: float, seed: int, year: int, noise: int, calm: float, spread: float) -> np.ndarray:
    return np.array([bank_health(stance, calm, spread, condition) for condition in (bank_conditions(seed, year) * noise).tolist()])
