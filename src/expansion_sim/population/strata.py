"""Strata, and how many rows stand for the firms of each: the sampling design.

A stratum is an industry and a size class at birth. A run at a scale below one keeps more rows where firms are likely to go
abroad, so that rare events are counted from many rows of small weight instead of a few of large weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr

from expansion_sim.codes import INDUSTRIES, SIZE_CLASSES, SIZE_EDGES
from expansion_sim.errors import InputError
from expansion_sim.population.paths import FIRST_YEAR, LAST_RECORDED_YEAR, firms_path
from expansion_sim.population.sizes import LARGEST_SME, size_grid, size_laws, tail_mass

STRATA = len(INDUSTRIES) * len(SIZE_CLASSES)
SMALLEST_SCALE = 0.001
#: Rough chance to go abroad of a firm of one person relative to manufacturing, used only to place the sample. Assumption.
PROPENSITY = (1.0, 1.0, 1.0, 0.8, 0.15, 0.05, 0.12, 0.4, 0.1, 0.1, 0.03)
#: How that chance rises with the number of persons. Assumption.
PROPENSITY_SIZE_POWER = 0.9

#: A stratum in three pieces: lognormal body, Pareto tail within the employees' limit, tail above it; ``mass`` is the share of
#: each in the firms of the industry, ``low`` and ``high`` its persons; ``smallest`` and ``largest`` bound the class.
STRATUM_DTYPE = np.dtype([("industry", "i8"), ("size_class", "i8"), ("smallest", "f8"), ("largest", "f8"),
                          ("mass", "f8", (3,)), ("low", "f8", (3,)), ("high", "f8", (3,))])


@dataclass(frozen=True, eq=False)
class Design:
    """How a run represents the firms of the country.

    Attributes:
        scale: Rows over firms, on average over the recorded years.
        stratified: Whether rows are placed where firms are likely to go abroad.
        rate: Rows per firm of each stratum, shape (55,), at most 1.
        weight: Firms per row of each stratum, shape (55,), at least 1.
    """

    scale: float
    stratified: bool
    rate: np.ndarray
    weight: np.ndarray

    def rows(self, first: int, last: int) -> int:
        """Rows that the recorded stock needs in its largest year, with a margin for rounding.

        Args:
            first: First year.
            last: Last year.
        """
        stocks = firms_path(first, last + 1)[:, :, None] * class_shares()[None]
        return int(np.ceil((stocks.reshape(len(stocks), STRATA) @ self.rate).max() * 1.005)) + 4 * STRATA


def make_design(scale: float, stratified: bool = True) -> Design:
    """Place the rows of a run among the strata.

    Rates are min(1, c sqrt(p)) with p the rough chance to go abroad: the allocation that minimises the variance of a count of
    rare events for a given number of rows (Neyman). c makes rows over firms equal ``scale`` at the mean stock of 1955-2024. Rates
    do not depend on the year, so the weight of a firm is fixed at birth.

    Args:
        scale: 1/1000 to 1; at 1 every weight is exactly 1.
        stratified: False gives every firm the weight 1 / scale.

    Raises:
        InputError: If the scale is outside its range.
    """
    if not SMALLEST_SCALE <= scale <= 1.0:
        raise InputError(f"scale {scale} is outside {SMALLEST_SCALE} to 1", key="scale")
    rate = np.full(STRATA, float(scale))
    if stratified and scale < 1.0:
        rate = _rates(scale)
    weight = 1.0 / rate
    for array in (rate, weight):
        array.flags.writeable = False
    return Design(float(scale), stratified, rate, weight)


def _rates(scale: float) -> np.ndarray:
    stock = (firms_path(FIRST_YEAR, LAST_RECORDED_YEAR).mean(axis=0)[:, None] * class_shares()).ravel()
    pull = np.sqrt(stratum_propensity())
    capped = np.zeros(STRATA, bool)
    while True:
        factor = (scale * stock.sum() - stock[capped].sum()) / (stock * pull)[~capped].sum()
        rate = np.where(capped, 1.0, factor * pull)
        over = rate > 1.0
        if not over.any():
            return rate
        capped |= over


@cache
def strata_table() -> np.ndarray:
    """The strata, shape (55,), dtype :data:`STRATUM_DTYPE`; stratum number = industry x 5 + size class."""
    table = np.zeros(STRATA, STRATUM_DTYPE)
    edges = (1.0, *SIZE_EDGES, LARGEST_SME)
    for number in range(STRATA):
        industry, size_class = divmod(number, len(SIZE_CLASSES))
        law = size_laws()[industry]
        bounds = np.array([1.0, law["cut"], law["limit"], law["top"]])
        low = np.clip(bounds[:-1], edges[size_class], edges[size_class + 1])
        high = np.clip(bounds[1:], edges[size_class], edges[size_class + 1])
        table[number] = (industry, size_class, edges[size_class], edges[size_class + 1], _piece_masses(law, low, high), low, high)
    table.flags.writeable = False
    return table


def _piece_masses(law: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Share of the firms of an industry in the three pieces of a stratum, shape (3,); an empty piece has low = high."""
    def below(size: np.ndarray) -> float:
        return float(ndtr((np.log(size) - law["mu"]) / law["sigma"]))

    body = law["small"] * (below(high[0]) - below(low[0])) / (below(law["cut"]) - below(np.array(1.0)))
    whole = tail_mass(law, law["cut"], law["limit"]) + law["within"] * tail_mass(law, law["limit"], law["top"])
    inner = tail_mass(law, low[1], high[1]) if high[1] > low[1] else 0.0
    outer = law["within"] * tail_mass(law, low[2], high[2]) if high[2] > low[2] else 0.0
    return np.array([body, (1.0 - law["small"]) * inner / whole, (1.0 - law["small"]) * outer / whole])


@cache
def class_shares() -> np.ndarray:
    """Share of each size class in the firms of an industry, shape (11, 5), rows adding up to 1; read only."""
    shares = strata_table()["mass"].sum(axis=1).reshape(len(INDUSTRIES), len(SIZE_CLASSES))
    shares.flags.writeable = False
    return shares


@cache
def stratum_propensity() -> np.ndarray:
    """Rough chance to go abroad of each stratum relative to a manufacturer of one person, shape (55,); read only."""
    sizes, shares = size_grid(size_laws())
    classes = np.searchsorted(SIZE_EDGES, sizes, side="right")
    pull = np.zeros((len(INDUSTRIES), len(SIZE_CLASSES)))
    for size_class in range(len(SIZE_CLASSES)):
        inside = classes == size_class
        pull[:, size_class] = shares[:, inside] @ sizes[inside] ** PROPENSITY_SIZE_POWER / shares[:, inside].sum(axis=1)
    pull *= np.array(PROPENSITY)[:, None]
    pull.flags.writeable = False
    return pull.ravel()
