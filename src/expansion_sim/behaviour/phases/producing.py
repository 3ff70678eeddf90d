"""Phase 1: productivity, size, orders of the main customer and home sales of the year."""

from __future__ import annotations

import math

from numba import njit

from expansion_sim.behaviour.appraisal import relative_productivity
from expansion_sim.behaviour.output import log_sales, next_log_size, next_productivity
from expansion_sim.behaviour.parents import bad_debt, next_order_level, orders_kept
from expansion_sim.behaviour.phases.prospects import home_demand, small_code
from expansion_sim.behaviour.phases.spells import clear_quiet_year, clear_year
from expansion_sim.behaviour.public_support import mutual_cover
from expansion_sim.elementary import exp
from expansion_sim.randomness import Stream, normal, uniform4

OUTPUT = int(Stream.OUTPUT)
SALES_LOADING = 0.83  # log sales per log productivity in the size distribution (population.synthesis)
LARGEST_SIZE = math.log(1000.0)


@njit(cache=True)
def produce(f, c) -> None:
    """Productivity, size, orders of the main customer and home sales of the year."""
    u = uniform4(c[9], OUTPUT, c[0][0].year, f.firm)
    develop(f, c, normal(u[0]), normal(u[2]))
    sell_at_home(f, c, exp(log_full_sales(f, c[1][f.industry])), u[3])


@njit(cache=True, forceinline=True)
def develop(f, c, productivity: float, size: float) -> None:
    """Productivity and permanent size of the year, by shocks in standard deviations."""
    y, p = c[0][0], c[8][0]
    if f.events == 0:
        clear_quiet_year(f)
    else:
        clear_year(f)
    f.productivity = next_productivity(f.ability, f.productivity, p.productivity_persistence, p.productivity_shock * productivity * y.noise)
    f.log_size = next_log_size(f.log_size, p.productivity_size_shock * size * y.noise, LARGEST_SIZE)


@njit(cache=True, forceinline=True)
def sell_at_home(f, c, sales: float, u: float) -> None:
    """Orders of the main customer and home sales.

    Args:
        f: Record of the firm, changed.
        c: Context of the year.
        sales: Home sales with no order lost, at output per worker of 2015 and usual demand, million yen, see :func:`log_full_sales`.
        u: Draw of the shock of orders.
    """
    y, industries, customers, p = c[0][0], c[1], c[3], c[8][0]
    industry = industries[f.industry]
    if f.parent >= 0 and y.network == 1:
        moved = customers[f.parent].offshore_change
        if f.second_customer >= 0:
            moved += p.parent_second * customers[f.second_customer].offshore_change
        f.order_level = next_order_level(f.order_level, moved, p.parent_pass_through, p.parent_growth_back,
                                         p.parent_order_lump, u, p.parent_recovery)
        if customers[f.parent].failed == y.year:
            bear_failure(f, 1.0, c)
        if f.second_customer >= 0 and customers[f.second_customer].failed == y.year:
            bear_failure(f, p.parent_second, c)
    f.home_sales = sales * y.index * y.swing * home_demand(f, industry, p) * orders_kept(f.order_share, f.order_level)
    f.owner_age += 1.0


@njit(cache=True)
def bear_failure(f, part: float, c) -> None:
    """A large customer has failed: receivables and most of its orders are lost; mutual aid covers a part for its members.

    Args:
        f: Record of the firm, changed.
        part: Orders of this customer relative to those of the main one.
        c: Context of the year.
    """
    p = c[8][0]
    loss = bad_debt(f.home_sales, part * f.order_share, p.parent_bad_debt, mutual_cover(f, small_code(f, c), c))
    f.cash -= loss
    f.paid_out += loss
    f.order_level *= 1.0 - part * (1.0 - p.parent_orders_left)


@njit(cache=True)
def log_full_sales(f, industry) -> float:
    """Log of home sales with no order lost, at output per worker of 2015 and usual demand, log million yen."""
    return log_sales(f.log_size, relative_productivity(f, industry), industry.sales_level, industry.sales_size, SALES_LOADING)
