"""Nested choice among modes and hosts (rule 8)."""

from __future__ import annotations

import math

from numba import njit

from expansion_sim.elementary import exp, log

NO_GAIN = -30.0  # log utility of something that earns nothing; e^-30 is never chosen


@njit(cache=True)
def log_advantage(gain: float, cost: float) -> float:
    """Log of gain over yearly cost, floored at :data:`NO_GAIN`.

    Args:
        gain: Million yen a year.
        cost: Million yen a year.

    Source: definition.
    """
    if gain <= 0.0 or cost <= 0.0:
        return NO_GAIN
    return max(NO_GAIN, log(gain / cost))


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

    Source: random utility; last year's state and lasting taste explain much in published estimates, weights are estimated.
    """
    return weight * (advantage - threshold) + taste_weight * taste + extra


@njit(cache=True)
def inclusive_utility(total: float, nest: float) -> float:
    """Utility of a nest: n log(sum of e^(U/n) over its modes); at n = 1 the nested logit is a plain one.

    Args:
        total: Sum of e^(U/n), 0 for an empty nest.
        nest: n, dissimilarity of the modes inside the nest, above 0 up to 1.

    Source: nested logit.
    """
    return nest * log(total) if total > 0.0 else NO_GAIN


@njit(cache=True)
def share_needed(home: float, home_with: float, draw: float) -> float:
    """Share of the awards that just makes a firm go, 0 to 1: (h0 - u) / (h0 - h1).

    The draw u that leaves the firm at home without awards (u < h0) takes it abroad with all of them (u >= h1); in between its chance to
    stay falls in proportion to the award, so firms near the bar need little.

    Args:
        home: h0, chance to stay at home without awards.
        home_with: h1, chance to stay at home with all of them.
        draw: u of the choice among nests.

    Source: assumption, linear between the two chances.
    """
    return min(1.0, max(0.0, (home - draw) / max(home - home_with, 1e-12)))


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

    Source: determinants in studies of where Japanese plants go; log-linear form an assumption.
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

    Source: inverted U of entries in earlier entries (T205).
    """
    log_fellows = math.log(1.0 + max(fellows, 0.0))
    return draw * log_fellows - crowding * log_fellows * log_fellows


@njit(cache=True)
def logistic(x: float) -> float:
    """1 / (1 + e^-x), without overflow.

    Args:
        x: Utility, 1.

    Source: definition.
    """
    e = exp(-abs(x))
    return 1.0 / (1.0 + e) if x >= 0.0 else e / (1.0 + e)
