"""Productivity, size and home sales of a firm in one year (rule 1)."""

from __future__ import annotations

import math

from numba import njit

from expansion_sim.elementary import exp, power


@njit(cache=True)
def next_productivity(ability: float, productivity: float, persistence: float, shock: float) -> float:
    """Log productivity of this year: a' = A + rho (a - A) + eps.

    Args:
        ability: Fixed effect A, log points.
        productivity: Last year's a, log points.
        persistence: rho, 1.
        shock: eps, log points.

    Returns:
        a', log points. Source: dynamic panel estimates for Japanese firms (rho .85, sd of eps .15, sd of A .5).
    """
    return ability + persistence * (productivity - ability) + shock


@njit(cache=True)
def learning_by_exporting(rate: float, income: float, growth: float, employees: float) -> float:
    """Yearly gain of ability from exporting: l * max(0, y) * max(0, 1 + 10 g) * n / (n + 50).

    Args:
        rate: l, log points a year.
        income: Income per head of the markets served relative to Japan, 1; the gain is capped at parity.
        growth: Their growth, fraction a year.
        employees: n, persons; small firms learn slowly.

    Returns:
        Log points. Source: learning appears only towards rich, growing markets.
    """
    return rate * min(1.0, max(0.0, income)) * max(0.0, 1.0 + 10.0 * growth) * employees / (employees + 50.0)


@njit(cache=True)
def next_log_size(log_size: float, shock: float, largest: float) -> float:
    """Permanent log size: s' = min(L, s + eps): Gibrat's law under a ceiling.

    Args:
        log_size: s, log persons.
        shock: eps, log points.
        largest: L, log persons; beyond it a firm is no longer small or medium-sized.

    Source: Gibrat's law; the ceiling an assumption.
    """
    return min(largest, log_size + shock)


@njit(cache=True)
def home_sales(log_size: float, productivity: float, level: float, size_elasticity: float, loading: float,
               index: float, cycle: float) -> float:
    """Sales in Japan before any loss of orders: h = exp(l + e s + d a) P C.

    Args:
        log_size: s, log persons.
        productivity: a relative to the industry's mean (P carries the mean), log points.
        level: l of the industry at 2015 productivity, log million yen.
        size_elasticity: e, elasticity of sales to employees, 1.
        loading: d, log sales per log productivity, 1.
        index: P, real output per worker in Japan relative to 2015, 1.
        cycle: C, swing of demand around its outlook, 1.

    Returns:
        Million yen of 2015 a year. Source: Credit Risk Database 2015 medians and spreads.
    """
    return exp(log_sales(log_size, productivity, level, size_elasticity, loading)) * index * cycle


@njit(cache=True)
def log_sales(log_size: float, productivity: float, level: float, size_elasticity: float, loading: float) -> float:
    """Log of sales in Japan at output per worker of 2015 and usual demand: l + e s + d a.

    Args:
        log_size: s, log persons.
        productivity: a, log points.
        level: l, log million yen.
        size_elasticity: e, 1.
        loading: d, 1.

    Source: Credit Risk Database 2015.
    """
    return level + size_elasticity * log_size + loading * productivity


@njit(cache=True)
def demand_swing(growth: float, outlook: float, elasticity: float) -> float:
    """Swing of small firms' demand: C = exp(c (g - o)).

    Args:
        growth: g of this year, fraction.
        outlook: o, growth that was expected, fraction.
        elasticity: c, 1.

    Source: assumption.
    """
    return math.exp(elasticity * (growth - outlook))


@njit(cache=True, forceinline=True)
def fixed_cost_scale(sales: float, index: float, scale: float) -> float:
    """Factor on the yearly fixed and the sunk cost of a mode: P (h / P / 100)^phi.

    Going abroad costs people's time, which is worth what it produces at home, so costs rise with output per worker; a larger firm prepares
    more, less than in proportion.

    Args:
        sales: h, home sales, million yen 2015.
        index: P, real output per worker relative to 2015.
        scale: phi, elasticity.

    Source: assumption.
    """
    return index * power(max(sales / index, 1.0) / 100.0, scale)
