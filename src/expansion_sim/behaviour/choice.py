"""Nested choice among modes and hosts (rule 8)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

NO_GAIN = -30.0  # log utility of something that earns nothing; e^-30 is never chosen


@njit(cache=True)
def log_advantage(gain: float, cost: float) -> float:
    """Log of gain over yearly cost, floored at :data:`NO_GAIN`."""
    if gain <= 0.0 or cost <= 0.0:
        return NO_GAIN
    return max(NO_GAIN, math.log(gain / cost))


@njit(cache=True)
def mode_utility(advantage: float, threshold: float, weight: float, taste: float, taste_weight: float, extra: float) -> float:
    """Utility of a mode over staying at home: U = beta (log(gain/cost) - threshold) + tau z + extra.

    Args:
        advantage: Log of gain over yearly cost.
        threshold: Entry threshold, log points.
        weight: beta.
        taste: z, the firm's persistent taste for the mode, standard deviations.
        taste_weight: tau.
        extra: State dependence, knowledge, freedom.
    """
    return weight * (advantage - threshold) + taste_weight * taste + extra


@njit(cache=True)
def inclusive_utility(total: float, nest: float) -> float:
    """Utility of a nest: n log(sum of e^(U/n) over its modes); at n = 1 the nested logit is a plain one.

    Args:
        total: Sum of e^(U/n), 0 for an empty nest.
        nest: n, dissimilarity of the modes inside the nest, above 0 up to 1.
    """
    return nest * math.log(total) if total > 0.0 else NO_GAIN


@njit(cache=True)
def nest_utilities(utilities: np.ndarray, nest: float) -> np.ndarray:
    """Utilities of home, exports and production abroad from those of the modes, shape (3,).

    Args:
        utilities: Home and the six modes, in the order of codes.MODES, shape (7,).
        nest: n, dissimilarity of the modes inside a nest.
    """
    nests = np.empty(3)
    nests[0] = utilities[0]
    for branch in range(2):
        inside = utilities[1 + 3 * branch : 4 + 3 * branch]
        top, total = inside.max(), 0.0  # sums are taken relative to the best mode, which no utility can overflow
        for utility in inside:
            total += math.exp((utility - top) / nest) if utility > NO_GAIN else 0.0
        nests[1 + branch] = top + inclusive_utility(total, nest) if top > NO_GAIN else NO_GAIN
    return nests


@njit(cache=True)
def share_at_home(utilities: np.ndarray, nest: float) -> float:
    """Chance that a firm with these utilities of the modes stays at home, 0 to 1."""
    nests = nest_utilities(utilities, nest)
    top = nests.max()
    return math.exp(nests[0] - top) / np.exp(nests - top).sum()


@njit(cache=True)
def share_needed(utilities: np.ndarray, nest: float, draw: float) -> float:
    """Share of the awards that just makes a firm go, 0 to 1: (h0 - u) / (h0 - h1).

    The draw u that leaves the firm at home without awards (u < h0) takes it abroad with all of them (u >= h1); in between its chance to
    stay falls in proportion to the award, so firms near the bar need little.

    Args:
        utilities: Of the modes without (row 0) and with all awards (row 1), from which the chances to stay at home h0 and h1 follow.
        nest: Dissimilarity of the modes inside a nest.
        draw: u of the choice among nests.
    """
    without, with_all = share_at_home(utilities[0], nest), share_at_home(utilities[1], nest)
    return min(1.0, max(0.0, (without - draw) / max(without - with_all, 1e-12)))


@njit(cache=True)
def host_pull(openness: float, openness_weight: float, distance: float, distance_weight: float, risk: float, risk_weight: float,
              growth: float, growth_weight: float) -> float:
    """Part of a host's utility that is the same for all firms of a year: o log(openness) - d km - r risk + g growth.

    Args:
        openness: 0 closed to 1 open; at 0 the host cannot be chosen.
        openness_weight: o.
        distance: Thousand km from Tokyo.
        distance_weight: d.
        risk: Geopolitical risk above calm.
        risk_weight: r.
        growth: Growth of the host, fraction.
        growth_weight: g.
    """
    if openness <= 0.0:
        return NO_GAIN
    return openness_weight * math.log(openness) - distance_weight * distance - risk_weight * risk + growth_weight * growth


@njit(cache=True)
def fellow_pull(fellows: float, draw: float, crowding: float) -> float:
    """Pull of fellow plants in a host, an inverted U: f log(1 + n) - c log(1 + n)^2.

    Args:
        fellows: n, plants of fellow firms there per unit of the host's room.
        draw: f.
        crowding: c.
    """
    log_fellows = math.log(1.0 + max(fellows, 0.0))
    return draw * log_fellows - crowding * log_fellows * log_fellows


@njit(cache=True)
def logistic(x: float) -> float:
    """1 / (1 + e^-x), without overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)
