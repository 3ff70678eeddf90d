"""What others' production abroad does to a firm at home: imports, and rivals who moved."""

from __future__ import annotations

import math

from numba import njit


@njit(cache=True)
def import_capacity(openness: float, market_ratio: float, power: float, cost_ratio: float, return_cost: float) -> float:
    """What one country can deliver into the home market below home cost: o (E_g/E_J)^mu max(0, 1 - c_g (1 + f)).

    Args:
        openness: o, openness of the country to foreign firms and trade, 0 to 1.
        market_ratio: E_g/E_J, size of its economy over Japan's at the year's yen.
        power: mu, elasticity to its size.
        cost_ratio: c_g, unit cost there over here at equal skill.
        return_cost: f, freight to Japan and Japan's tariff, share of value.

    Returns:
        0 where the country is closed or no cheaper than Japan.

    Source: assumption, gravity of imports.
    """
    return openness * math.pow(max(market_ratio, 0.0), power) * max(0.0, 1.0 - cost_ratio * (1.0 + return_cost))


@njit(cache=True)
def demand_left(weight: float, exposure: float, capacity: float, reference: float) -> float:
    """Home demand that imports leave, relative to 2015 as recorded: e^(-w x (m - m0)).

    Args:
        weight: w.
        exposure: x, weight of foreign competition in the industry, 0 to 1.
        capacity: m, import capacity of all countries together.
        reference: m0, the same in 2015 of the record, the year to which the sales of a firm of given size are fitted.

    Source: shipments of manufacturers with 4-29 employees fell by 43 percent from 1990 to 2009 while China opened and grew.
    """
    return math.exp(-weight * exposure * (capacity - reference))


@njit(cache=True)
def demand_after_stealing(weight: float, moved: float) -> float:
    """Home demand left to a firm that stayed when rivals of its industry moved: 1 - g r, at least .5.

    Those who moved sell at a lower price at home, so the loss of the stayers is the other side of their gain: a firm's own jobs may be
    safe while the industry's are not.

    Args:
        weight: g, sales lost per share moved.
        moved: r, share of the industry's home production that its small firms moved abroad.

    Source: business stealing; linear form an assumption.
    """
    return max(0.5, 1.0 - weight * max(moved, 0.0))
