"""The prior: a box per parameter on a linear or logarithmic scale, and normal coordinates in which the search moves.

Each parameter is even over its box on its scale. The search works with coordinates u that are standard normal under that prior,
u = Phi^-1((t(x) - t(low)) / (t(high) - t(low))) with t the identity or the logarithm, so no step can leave the box.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.stats import qmc

from expansion_sim.calibration.spec import ParameterGroup
from expansion_sim.errors import InputError
from expansion_sim.parameters import Parameter

#: Share of the box kept free at its ends, so that coordinates stay finite.
_EDGE = 0.005
#: Lower end of a logarithmic prior whose declared range begins at zero, relative to the shipped value.
_ABOVE_ZERO = 1.0 / 20.0


class GroupedParameter(NamedTuple):
    """One parameter to estimate: its name, group, prior box ``low`` to ``high``, scale and shipped value."""

    name: str
    group: str
    low: float
    high: float
    log: bool
    shipped: float


def prior_of(name: str, declared: Parameter, group: ParameterGroup) -> GroupedParameter:
    """The prior of one parameter of a group.

    Raises:
        InputError: The prior is empty, leaves the declared range, or is logarithmic where values are not positive.
    """
    positive = declared.low >= 0.0 and declared.value > 0.0
    log = positive if group.transform == "auto" else group.transform == "log"
    if log and not positive:
        raise InputError(f"a logarithmic prior needs positive values; the range is {declared.low:g} to {declared.high:g}")
    low, high = declared.low, declared.high
    if log and low == 0.0:
        low = declared.value * _ABOVE_ZERO
    if group.factor is not None:
        low, high = _narrowed(declared.value, group.factor, low, high)
    low, high = (low if group.low is None else group.low), (high if group.high is None else group.high)
    if not declared.low <= low < high <= declared.high:
        raise InputError(f"the prior {low:g} to {high:g} is not inside the declared range {declared.low:g} to {declared.high:g}")
    if log and low <= 0.0:
        raise InputError(f"a logarithmic prior cannot begin at {low:g}")
    return GroupedParameter(name, group.name, low, high, log, min(max(declared.value, low), high))


def _narrowed(value: float, factor: float, low: float, high: float) -> tuple[float, float]:
    ends = sorted((value / factor, value * factor))
    return max(low, ends[0]), min(high, ends[1])


class Prior:
    """The joint prior of all parameters.

    Args:
        parameters: Parameters with their boxes.

    Attributes:
        parameters: The same, in order.
        names: Their names.
        size: Their number d.
    """

    def __init__(self, parameters: list[GroupedParameter]) -> None:
        self.parameters = parameters
        self.names = [parameter.name for parameter in parameters]
        self.size = len(parameters)
        self._log = np.array([p.log for p in parameters], bool)
        self._low = self._scaled(np.array([p.low for p in parameters]))
        self._high = self._scaled(np.array([p.high for p in parameters]))

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        return np.where(self._log, np.log(np.where(self._log, values, 1.0)), values)

    def coordinates(self, values: np.ndarray) -> np.ndarray:
        """Normal coordinates of parameter values, shape (..., d); values at or beyond the box's ends come to lie just inside."""
        share = (self._scaled(np.asarray(values, float)) - self._low) / (self._high - self._low)
        return stats.norm.ppf(np.clip(share, _EDGE, 1.0 - _EDGE))

    def values(self, coordinates: np.ndarray) -> np.ndarray:
        """Parameter values at normal coordinates, shape (..., d)."""
        scaled = self._low + stats.norm.cdf(coordinates) * (self._high - self._low)
        return np.where(self._log, np.exp(np.where(self._log, scaled, 0.0)), scaled)

    def points(self, coordinates: np.ndarray) -> list[dict[str, float]]:
        """Parameter values by name for each row of coordinates, shape (n, d)."""
        return [dict(zip(self.names, map(float, row), strict=True)) for row in self.values(coordinates)]

    def shipped(self) -> np.ndarray:
        """Coordinates of the shipped values, shape (d,)."""
        return self.coordinates(np.array([p.shipped for p in self.parameters]))

    def space_filling(
        self, count: int, seed: np.random.SeedSequence, centre: np.ndarray | None = None, spread: float = 1.0,
    ) -> np.ndarray:
        """A space-filling ensemble in normal coordinates, shape (count, d): scrambled Sobol points, normal quantiles.

        Args:
            count: Points.
            seed: Seed of the scrambling.
            centre: Where it is centred, shape (d,); the middle of the prior when left out.
            spread: Standard deviation.
        """
        sampler = qmc.Sobol(self.size, seed=np.random.default_rng(seed))
        exponent = max(1, int(np.ceil(np.log2(count))))
        normal = stats.norm.ppf(np.clip(sampler.random_base2(exponent)[:count], _EDGE, 1.0 - _EDGE))
        normal = (normal - normal.mean(axis=0)) / normal.std(axis=0)
        return (0.0 if centre is None else centre) + spread * normal

