"""Profit, tax and cash of a firm (rule 14)."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def operating_margin(mean: float, industry: float, productivity: float, weight: float, luck: float, cycle: float, surprise: float) -> float:
    """Operating profit per sales: m k + w a + luck + c s.

    Args:
        mean: m.
        industry: k, factor of the industry.
        productivity: a relative to the mean firm, log points.
        weight: w, share of sales per log point.
        luck: Shock of the year, share of sales.
        cycle: c, share of sales per unit of growth.
        surprise: s, growth less its outlook.
    """
    return mean * industry + weight * productivity + luck + cycle * surprise


@njit(cache=True)
def after_tax(profit: float, rate: float) -> float:
    """Profit after corporation tax; losses are not taxed."""
    return profit - rate * max(0.0, profit)


@njit(cache=True)
def next_cash(cash: float, profit: float, target: float, payout: float) -> float:
    """Cash at the end of the year: c = cash + profit; excess over the target is paid out: c - p max(0, c - target).

    Money that leaves goes to owners, investment and repayment.
    """
    closing = cash + profit
    return closing - payout * max(0.0, closing - target)
