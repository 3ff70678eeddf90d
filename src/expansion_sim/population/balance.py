"""Sales, capital, assets, cash and debt of a firm of given size: medians and spreads of the Credit Risk Database 2015."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from expansion_sim.codes import INDUSTRIES
from expansion_sim.population.paths import record
from expansion_sim.population.sizes import CAPITAL_LIMIT, EMPLOYEES_LIMIT, has_credit_figures, recorded_name

#: Log sales per log productivity at given size, 1.
SALES_LOADING = 0.83
#: Log productivity: standard deviation of the fixed effect, persistence and shock of the rest (Japanese firm panels).
ABILITY_SD, PERSISTENCE, SHOCK_SD = 0.5, 0.85, 0.15
#: Correlation of log capital with log sales. Assumption.
CAPITAL_SALES_CORRELATION = 0.7
#: Median cash and debt over sales, and the spread of their logs. Assumption.
CASH_SHARE, DEBT_SHARE, CASH_SIGMA, DEBT_SIGMA = 0.12, 0.40, 0.7, 0.7

#: One row per industry; logs of million yen unless a share or a spread.
BALANCE_DTYPE = np.dtype([(name, "f8") for name in (
    "sales_level", "sales_elasticity", "sales_median", "sales_sigma", "capital_median", "capital_sigma", "assets_share",
    "assets_sigma", "capital_limit", "employees_limit",
)])


def productivity_sd() -> float:
    """Standard deviation of the part of log productivity that moves, in its stationary state, log points."""
    return SHOCK_SD / math.sqrt(1.0 - PERSISTENCE**2)


@cache
def balance_laws() -> np.ndarray:
    """Sales, capital and assets of every industry, shape (11,), dtype :data:`BALANCE_DTYPE`; read only.

    ln sales = level + elasticity ln employees + .83 productivity, at the labour productivity of 2015. The elasticity is such that
    the spread of employees and of productivity together give the database's spread of sales; the level such that a firm of its
    median employees has its median sales.

    Source: Credit Risk Database 2015 (White Papers 2017 and 2018). Manufacturing and construction have figures of their own, the
    others take the medians of all industries and the spreads of construction (assumption).
    """
    laws = np.zeros(len(INDUSTRIES), BALANCE_DTYPE)
    for industry in range(len(INDUSTRIES)):
        own = has_credit_figures(industry)
        medians, spreads = (recorded_name(industry),) * 2 if own else ("all", "construction")
        sales, employees = record("crd_median_sales", medians, 2015), record("crd_median_employees", medians, 2015)
        sales_sigma = record("lognormal_sigma_sales", spreads, 2015)
        size_sigma = record("lognormal_sigma_employees", spreads, 2015)
        elasticity = math.sqrt(sales_sigma**2 - SALES_LOADING**2 * (ABILITY_SD**2 + productivity_sd() ** 2)) / size_sigma
        assets_sigma = math.sqrt(record("lognormal_sigma_total_assets", spreads, 2015) ** 2 - sales_sigma**2)
        laws[industry] = (
            math.log(sales) - elasticity * math.log(employees), elasticity, math.log(sales), sales_sigma,
            math.log(record("crd_median_capital", medians, 2015)), record("lognormal_sigma_capital", spreads, 2015),
            record("crd_median_total_assets", medians, 2015) / sales, assets_sigma,
            CAPITAL_LIMIT[industry], EMPLOYEES_LIMIT[industry],
        )
    laws.flags.writeable = False
    return laws
