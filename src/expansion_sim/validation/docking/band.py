"""The problem behind the band of inaction: entry and exit under uncertainty (Dixit 1989), solved numerically.

A firm compares once a year; the log of gain over yearly fixed cost follows a random walk without drift, sd v a year;
entering costs k years of fixed cost, leaving costs nothing, and the future is discounted at r.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import fsolve
from scipy.stats import norm


def solved_band(sunk_ratio: float, risk: float, rate: float, years: float = 1.0) -> tuple[float, float]:
    """Entry and exit threshold by dynamic programming, log points.

    With V1 and V0 the values of starting a period inside and outside, W1 and W0 those of spending it so and D = W1 - W0,
    V1 - V0 = max(W1, W0) - max(W1 - k, W0) = min(max(D, 0), k), so
    D(x) = (e^x - 1) dt + e^(-r dt) E min(max(D(x'), 0), k).
    The right side is a contraction; the firm enters where D >= k and leaves where D < 0.

    Args:
        sunk_ratio: k, sunk over yearly fixed cost.
        risk: v, sd of log profit a year.
        rate: r, discount rate a year.
        years: dt, time between decisions.
    """
    sd = risk * math.sqrt(years)
    step = max(sd / 30.0, 0.001)
    grid = np.arange(-3.0, 3.0 + step / 2.0, step)
    reach = math.ceil(6.0 * sd / step)
    moves = np.diff(norm.cdf((np.arange(-reach, reach + 2) - 0.5) * step / sd))
    flow, discount = (np.exp(grid) - 1.0) * years, math.exp(-rate * years)
    advantage = flow.copy()
    for _ in range(5_000):
        inside = np.pad(np.clip(advantage, 0.0, sunk_ratio), reach, mode="edge")
        latest = flow + discount * np.convolve(inside, moves / moves.sum(), "valid")
        change = np.abs(latest - advantage).max()
        advantage = latest
        if change < 1e-8:
            break
    return float(np.interp(sunk_ratio, advantage, grid)), float(np.interp(0.0, advantage, grid))


def continuous_band(sunk_ratio: float, risk: float, rate: float) -> tuple[float, float]:
    """The same problem decided at every instant: Dixit's value-matching and smooth-pasting conditions; log points.

    Args:
        sunk_ratio: k, sunk over yearly fixed cost.
        risk: v, sd of log profit a year.
        rate: r, discount rate a year.

    Raises:
        ValueError: The conditions could not be solved.
    """
    half = 0.5 * risk * risk
    up, down = math.sqrt(rate / half), -math.sqrt(rate / half)
    growth = rate - half  # e^x grows at v^2/2

    def conditions(z: np.ndarray) -> list[float]:
        high, low, a, b = z

        def value(x: float) -> float:
            return a * math.exp(down * (x - low)) - b * math.exp(up * (x - high)) + math.exp(x) / growth - 1.0 / rate

        def slope(x: float) -> float:
            return a * down * math.exp(down * (x - low)) - b * up * math.exp(up * (x - high)) + math.exp(x) / growth

        return [value(high) - sunk_ratio, slope(high), value(low), slope(low)]

    solution, _, success, _ = fsolve(conditions, [0.4, -0.4, 0.5 / rate, 0.5 / rate], full_output=True)
    if success != 1:
        raise ValueError(f"no band found for k = {sunk_ratio:g}, v = {risk:g}, r = {rate:g}")
    return float(solution[0]), float(solution[1])
