"""Sums and draws over the utilities of modes, markets and hosts, of which there are few."""

from __future__ import annotations

from numba import njit

from expansion_sim.behaviour.choice import NO_GAIN, inclusive_utility
from expansion_sim.elementary import exp, log

NOTHING = -1e30  # log of something that earns nothing


@njit(cache=True)
def logsumexp(values) -> float:
    """Log of the sum of exponentials of a small array, floored at -30."""
    top = largest(values)
    if top <= -29.0:
        return -30.0
    total = 0.0
    for index in range(values.size):
        total += exp(values[index] - top)
    return top + log(total)


@njit(cache=True)
def largest(values) -> float:
    """The largest of a small array or tuple; a plain loop: compiled code counts references around iterators and methods of arrays.

    Two halves are gone through side by side, because each comparison waits for the one before.
    """
    top = other = values[0]
    half = len(values) // 2
    for index in range(half):
        top, other = max(top, values[index]), max(other, values[half + index])
    return max(max(top, other), values[len(values) - 1])


@njit(cache=True, forceinline=True)
def sum_up_and_pick(values, uniform: float) -> tuple[float, int]:
    """What :func:`logsumexp` and :func:`pick` give, with every exponential taken once; ``values`` are overwritten by their weights.

    Returns:
        The inclusive value, and the index drawn; -30 and -1 when nothing can be chosen.
    """
    top = largest(values)
    if top <= -29.0:
        return -30.0, -1
    for index in range(values.size):
        values[index] = exp(values[index] - top)
    total = 0.0
    for index in range(values.size):
        total += values[index]
    left = uniform * total
    for index in range(values.size):
        left -= values[index]
        if left < 0.0:
            return top + log(total), index
    return top + log(total), values.size - 1


@njit(cache=True, forceinline=True)
def take_logs(values) -> None:
    """Replace the numbers of a small array by their logs, :data:`NOTHING` where they are 0 or below."""
    for index in range(values.size):
        found = log(values[index])
        values[index] = found if values[index] > 0.0 else NOTHING


@njit(cache=True)
def pick(values, uniform: float) -> int:
    """Index drawn with probability proportional to exp(value), by inversion of one uniform, from a small array or tuple."""
    top = largest(values)
    total = 0.0
    for index in range(len(values)):
        total += exp(values[index] - top)
    left = uniform * total
    for index in range(len(values)):
        left -= exp(values[index] - top)
        if left < 0.0:
            return index
    return len(values) - 1


@njit(cache=True, forceinline=True)
def weights_of_three(first: float, second: float, third: float) -> tuple[float, float, float]:
    """Weights e^U of three utilities relative to the largest."""
    top = max(first, second, third)
    return exp(first - top), exp(second - top), exp(third - top)


@njit(cache=True)
def pick_by_weight(weights: tuple[float, float, float], uniform: float) -> int:
    """What :func:`pick` gives for three utilities with the weights of :func:`weights_of_three`."""
    left = uniform * (weights[0] + weights[1] + weights[2]) - weights[0]
    if left < 0.0:
        return 0
    return 1 if left - weights[1] < 0.0 else 2


@njit(cache=True)
def nest_utilities(utilities, nest: float) -> tuple[float, float, float]:
    """Utilities of home, exports and production abroad from those of the modes.

    Args:
        utilities: Home and the six modes, in the order of codes.MODES, shape (7,).
        nest: Dissimilarity of the modes inside a nest.
    """
    return utilities[0], nest_utility(utilities, 1, nest), nest_utility(utilities, 4, nest)


@njit(cache=True, forceinline=True)
def nest_utility(utilities, first: int, nest: float) -> float:
    """Utility of the nest of three modes that begins at ``first``, see :func:`nest_utilities`."""
    top, total = max(utilities[first], utilities[first + 1], utilities[first + 2]), 0.0  # sums relative to the best cannot overflow
    for mode in range(first, first + 3):
        total += exp((utilities[mode] - top) / nest) if utilities[mode] > NO_GAIN else 0.0
    return top + inclusive_utility(total, nest) if top > NO_GAIN else NO_GAIN


@njit(cache=True, forceinline=True)
def nest_weights(utilities, nest: float) -> tuple[float, float, float]:
    """Weights of home, exports and production abroad, see :func:`nest_utilities` and :func:`weights_of_three`."""
    nests = nest_utilities(utilities, nest)
    return weights_of_three(nests[0], nests[1], nests[2])


@njit(cache=True)
def share_at_home(nests: tuple[float, float, float]) -> float:
    """Chance that a firm with these weights of the nests stays at home, 0 to 1; see :func:`nest_weights`."""
    return nests[0] / (nests[0] + nests[1] + nests[2])
