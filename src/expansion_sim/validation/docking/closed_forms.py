"""Closed forms that the model must reproduce when its other mechanisms are off: Melitz, Helpman-Melitz-Yeaple, size tails.

Productivity is in logs throughout: a = log phi. Money is million yen of 2015 a year.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr


def yearly_bar(fixed: float, sunk: float, discount: float) -> float:
    """Yearly profit that a firm without uncertainty asks for: F = f + r S.

    Melitz (2003) spreads the sunk cost of exporting over the years in the same way.

    Args:
        fixed: f, yearly fixed cost.
        sunk: S, sunk cost.
        discount: r, 1 a year.
    """
    return fixed + discount * sunk


def export_cutoff(bar: float, home_sales: float, demand: float, elasticity: float) -> float:
    """Log productivity above which exporting pays (Melitz 2003).

    A firm of productivity phi sells r_d(phi) = B phi^(sigma - 1) at home and r_x(phi) = D r_d(phi) abroad, where D is
    foreign demand per home sales: D = tau^(1 - sigma) between two equal countries. It exports when r_x / sigma >= F, so

        phi_x^(sigma - 1) = sigma F / (D B),    a_x = log(sigma F / (D B)) / (sigma - 1).

    With B = sigma f / phi_d^(sigma - 1) from the cut-off phi_d of producing at all this is Melitz's
    phi_x / phi_d = tau (F / f)^(1 / (sigma - 1)).

    Args:
        bar: F, yearly profit asked for, see :func:`yearly_bar`.
        home_sales: B, home sales of a firm with phi = 1.
        demand: D.
        elasticity: sigma, above 1.
    """
    return math.log(elasticity * bar / (demand * home_sales)) / (elasticity - 1.0)


def plant_cutoff(plant_bar: float, export_bar: float, home_sales: float, plant_demand: float, export_demand: float,
                 elasticity: float) -> float:
    """Log productivity above which a plant in a market beats exporting to it (Helpman, Melitz and Yeaple 2004).

    Profit from exporting is D_x B phi^(sigma - 1) / sigma - F_x, from a plant D_i B phi^(sigma - 1) / sigma - F_i with D_i >
    D_x, because no freight is paid, and F_i > F_x. They are equal at

        a_i = log(sigma (F_i - F_x) / ((D_i - D_x) B)) / (sigma - 1).

    The model lets a plant come on top of exports, so its plant cost is the increment F_i - F_x and its sales in the host are the
    increment (D_i - D_x) B phi^(sigma - 1).

    Args:
        plant_bar: F_i.
        export_bar: F_x.
        home_sales: B.
        plant_demand: D_i, sales of a plant in the market per home sales.
        export_demand: D_x, exports to it per home sales.
        elasticity: sigma.
    """
    return export_cutoff(plant_bar - export_bar, home_sales, plant_demand - export_demand, elasticity)


def share_above_pareto(cutoff: float, shape: float, lowest: float = 0.0) -> float:
    """Share of firms above a cut-off when phi is Pareto: e^(-k (a - a_min)).

    Args:
        cutoff: Log productivity.
        shape: k.
        lowest: a_min, log of the lowest productivity.
    """
    return math.exp(-shape * max(0.0, cutoff - lowest))


def share_above_normal(cutoff: float, spread: float, mean: float = 0.0) -> float:
    """Share of firms above a cut-off when phi is lognormal: 1 - Phi((a - m) / s)."""
    return float(ndtr((mean - cutoff) / spread))


def gibrat_index(sd: float, exit_rate: float, growth: float = 0.0) -> float:
    """Pareto index of sizes under Gibrat's law with random death: the zeta > 0 with (1 - d) E e^(zeta g) = 1.

    Firms enter at one size, their log size moves by g ~ N(m, s^2) a year whatever it is, and a share d dies. In a stationary
    state the number above x is A x^-zeta far up (Reed 2001 in continuous time, Kesten's condition in discrete time). Normal
    growth gives zeta m + zeta^2 s^2 / 2 = -log(1 - d).

    Args:
        sd: s, log points a year.
        exit_rate: d, 1 a year.
        growth: m, log points a year.
    """
    return (-growth + math.sqrt(growth**2 - 2.0 * sd**2 * math.log1p(-exit_rate))) / sd**2


def hill_index(sizes: np.ndarray, threshold: float) -> tuple[float, float]:
    """Hill's estimate of the Pareto index above a threshold, and its standard error.

    Args:
        sizes: Shape (n,).
        threshold: Sizes above it count.
    """
    above = sizes[sizes > threshold]
    index = 1.0 / float(np.log(above / threshold).mean())
    return index, index / math.sqrt(above.size)


def sales_tail(levels: np.ndarray, sizes: np.ndarray, shares: np.ndarray, level: float, elasticity: float,
               spread: float) -> np.ndarray:
    """Share of firms with sales above some levels: log sales = l + e log n + z, z normal and n from a size distribution.

    Args:
        levels: Sales, shape (k,).
        sizes: Persons in the cells of the size distribution, shape (m,).
        shares: Shares of firms in them, shape (m,).
        level: l.
        elasticity: e.
        spread: Standard deviation of z.

    Returns:
        Shape (k,).
    """
    centre = level + elasticity * np.log(sizes)
    return ndtr((centre[None, :] - np.log(levels)[:, None]) / spread) @ shares
