"""Gibrat's law and the size tail: the model's rule of growth under random death, and its firms' growth over some years."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from expansion_sim.behaviour.output import next_log_size
from expansion_sim.model import ExpansionModel
from expansion_sim.randomness import Stream, normal, uniform4

OUTPUT = int(Stream.OUTPUT)
NO_CEILING = 1e9
#: Switches and parameters under which nothing but luck moves a firm's size, and nobody closes for being small.
GIBRAT = {
    "mechanisms.network": False, "mechanisms.programmes": False, "output.surveys": False, "population.closures": "free",
    "parameters.closure.succession": 0.0,
}


@njit(cache=True)
def grown_sizes(firms: int, years: int, sd: float, exit_rate: float, seed: int) -> np.ndarray:
    """Log sizes after some years of the model's rule of growth when a share of firms dies each year and starts again at one.

    Args:
        firms: Number of firms n.
        years: Years from the start, when all firms have size one.
        sd: Standard deviation of growth, log points a year.
        exit_rate: Share that dies, 1 a year.
        seed: Key of the draws.

    Returns:
        Shape (n,), log points.
    """
    sizes = np.zeros(firms)
    for i in range(firms):
        for year in range(years):
            u = uniform4(seed, OUTPUT, year, i)
            sizes[i] = 0.0 if u[0] < exit_rate else next_log_size(sizes[i], sd * normal(u[1]), NO_CEILING)
    return sizes


class Growth(NamedTuple):
    """Growth of firms over some years against where they started.

    Attributes:
        firms: Firms followed.
        slope: Slope of growth on the start, with its standard error ``error``.
        error: See ``slope``.
        variance: Variance of growth, log points squared.
    """

    firms: int
    slope: float
    error: float
    variance: float


def growth_in_model(years: int, size_shock: float, column: str = "log_size", scale: float = 0.003, seed: int = 1) -> Growth:
    """Growth of a log column of the model's firms over some years from 1955, network off.

    Firms within five standard deviations of the largest size of an SME are left out, because growth stops there.

    Args:
        years: Years.
        size_shock: Standard deviation of yearly growth of size, log points.
        column: ``log_size`` or ``productivity``.
        scale: Rows over firms of the country.
        seed: Seed.
    """
    model = ExpansionModel("history", rng=seed, scale=scale, **GIBRAT, **{
        "years.last": 1954 + years, "parameters.productivity.size_shock": size_shock,
    })
    model.population.firms["cash"] = 1e9  # nobody defaults for having shrunk
    before = model.living()
    after = model.run().living()
    _, i, j = np.intersect1d(before["firm"], after["firm"], return_indices=True)
    far = before["log_size"][i] < math.log(1000.0) - 5.0 * size_shock * math.sqrt(years)
    start = before[column][i][far].astype(float)
    return _regressed(start, after[column][j][far].astype(float) - start)


def _regressed(start: np.ndarray, growth: np.ndarray) -> Growth:
    """Least squares of growth on the start; both of shape (n,)."""
    centred = start - start.mean()
    square = float(np.einsum("i,i->", centred, centred))
    slope = float(np.einsum("i,i->", centred, growth)) / square
    left = growth - growth.mean() - slope * centred
    return Growth(start.size, slope, math.sqrt(float(left.var()) / square), float(growth.var()))
