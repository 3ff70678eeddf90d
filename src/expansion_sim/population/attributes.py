"""What a new firm is like: one pure function per group of attributes, and the kernel that maps them over all rows."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from expansion_sim.codes import (
    ADAPTIVE,
    BAND,
    CLUSTER,
    CONTRACT,
    DIRECT,
    DISTRICTS,
    ECOMMERCE,
    FDI,
    HOST_GROUPS,
    INDIRECT,
    INFORMATION,
    MANUFACTURING,
    SIZE_EDGES,
    STATIC,
)
from expansion_sim.population.balance import (
    ABILITY_SD,
    CAPITAL_SALES_CORRELATION,
    CASH_SHARE,
    CASH_SIGMA,
    DEBT_SHARE,
    DEBT_SIGMA,
    SALES_LOADING,
    productivity_sd,
)
from expansion_sim.population.parents import CUSTOMER_SHARE
from expansion_sim.randomness import Stream, normal, uniform4

#: The times at entry; ``static`` and ``adaptive`` are cumulative shares of expectations.
CONDITIONS_DTYPE = np.dtype([("year", "i8"), ("initial", "i8"), ("productivity", "f8"), ("price", "f8"), ("static", "f8"),
                             ("adaptive", "f8"), ("niche", "f8"), ("niche_quality", "f8"), ("to_order", "f8"), ("to_order_supplier", "f8"),
                             ("to_order_lost", "f8")])

#: Ages of the firms of the initial population: exponential with this mean, years, at most MOST_YEARS. Assumption.
MEAN_AGE, MOST_YEARS = 12.0, 90
#: Age of the owner, years: mean and spread in the initial population and of founders (about 40 in start-up surveys). Assumption.
OWNER_AGE, OWNER_AGE_SD, FOUNDER_AGE, FOUNDER_AGE_SD = 48.0, 11.0, 40.0, 9.0
YOUNGEST_OWNER, OLDEST_OWNER = 20.0, 85.0
QUALITY_SD = 0.6
#: Knowledge of three host groups that a born-global firm starts with. Assumption.
NICHE_KNOWLEDGE = 0.6
_NICHE_GROUPS = tuple(HOST_GROUPS.index(name) for name in ("americas", "europe", "asian_nies"))
#: Loadings of a taste on what all export modes (all plant modes) share and on the mode itself.
COMMON_TASTE, OWN_TASTE = 0.7, 0.7
#: Firms of 1-4 persons have a large customer less often; those with one often have a second. Assumption.
SMALLEST_CUSTOMER_FACTOR, SECOND_CUSTOMER = 0.7, 0.3
#: Share of home sales that goes to the main customer: Kumaraswamy law with mean .35. Assumption.
ORDER_SHARE_A, ORDER_SHARE_B = 1.5, 3.30
#: A stream holds a second block of four draws at a year this far ahead, which no run reaches.
SECOND_BLOCK = 10_000

_CUSTOMER_SHARE = np.array(CUSTOMER_SHARE)
_AR_SD = productivity_sd()
_STAYS_BELOW = 1.0 - 3e-7  # keeps a size below its class bound after rounding to 32 bits
_LAST_MANUFACTURING = MANUFACTURING[-1]
_BIRTH_SIZE, _BIRTH_PLACE, _BIRTH_OWNER, _BIRTH_NICHE = (int(s) for s in (
    Stream.BIRTH_SIZE, Stream.BIRTH_PLACE, Stream.BIRTH_OWNER, Stream.BIRTH_NICHE))
_BIRTH_TASTE_EXPORT, _BIRTH_TASTE_PLANT = int(Stream.BIRTH_TASTE_EXPORT), int(Stream.BIRTH_TASTE_PLANT)


@njit(cache=True)
def size_in_stratum(u: float, stratum: np.record, law: np.record) -> float:
    """Persons at quantile ``u`` of a stratum: inverse of the distribution conditional on the class.

    Args:
        u: Uniform in (0, 1).
        stratum: Record of STRATUM_DTYPE.
        law: Record of LAW_DTYPE of its industry.

    Returns:
        Persons, at least the lower and below the upper bound of the class.
    """
    target = u * (stratum.mass[0] + stratum.mass[1] + stratum.mass[2])
    piece = 0
    while piece < 2 and target > stratum.mass[piece]:
        target -= stratum.mass[piece]
        piece += 1
    part = min(1.0, target / max(stratum.mass[piece], 1e-300))
    if piece == 0:
        low = 0.5 * math.erfc((law.mu - math.log(stratum.low[0])) / law.sigma * math.sqrt(0.5))
        high = 0.5 * math.erfc((law.mu - math.log(stratum.high[0])) / law.sigma * math.sqrt(0.5))
        size = math.exp(law.mu + law.sigma * normal(low + part * (high - low)))
    else:
        low, high = stratum.low[piece] ** -law.exponent, stratum.high[piece] ** -law.exponent
        size = (low - part * (low - high)) ** (-1.0 / law.exponent)
    return max(stratum.smallest, min(size, stratum.largest * _STAYS_BELOW))


@njit(cache=True)
def home_sales(employees: float, productivity: float, index: float, law: np.record) -> float:
    """Sales in Japan: exp(level + e ln n + .83 a) P, million yen 2015 a year.

    Args:
        employees: n, persons.
        productivity: a, log points.
        index: P, Japan's real labour productivity relative to 2015.
        law: Record of BALANCE_DTYPE, with level and e.
    """
    return math.exp(law.sales_level + law.sales_elasticity * math.log(employees) + SALES_LOADING * productivity) * index


@njit(cache=True)
def paid_in_capital(sales_2015: float, employees: float, price: float, z: float, law: np.record) -> float:
    """Paid-in capital: c p with c = exp(m + s (r x + sqrt(1 - r^2) z)), million yen of the year.

    A firm above the employees' limit of the Basic Act is an SME only because of its capital, so c stays at the limit. Firms raise it later
    as prices rise, see accounts.capital_raised.

    Args:
        sales_2015: Sales the firm would have at the productivity of 2015, million yen.
        employees: Persons.
        price: p, price level relative to 2015 (1 from 1991, when a minimum capital was set in law).
        z: Standard normal.
        law: Record of BALANCE_DTYPE: m, s, and median and spread of log sales that standardise x; r is .7.
    """
    x = (math.log(sales_2015) - law.sales_median) / law.sales_sigma
    mix = CAPITAL_SALES_CORRELATION * x + math.sqrt(1.0 - CAPITAL_SALES_CORRELATION**2) * z
    capital = math.exp(law.capital_median + law.capital_sigma * mix)
    return (min(capital, law.capital_limit) if employees > law.employees_limit else capital) * price


@njit(cache=True)
def share_to_main_customer(u: float) -> float:
    """Share of home sales that goes to the main customer at quantile ``u``: (1 - (1 - u)^(1/b))^(1/a)."""
    return (1.0 - (1.0 - u) ** (1.0 / ORDER_SHARE_B)) ** (1.0 / ORDER_SHARE_A)


@njit(cache=True)
def first_above(cumulative: np.ndarray, start: int, stop: int, u: float) -> int:
    """Position of the first of ``cumulative[start:stop]`` above ``u``; the last one if none is."""
    low, high = start, stop - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > u:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True)
def give_size(row: np.record, seed: int, firm: int, times: np.record, stratum: np.record, law: np.record) -> None:
    """Set size, ability, productivity and year of birth of a new firm."""
    size, ability, moving, age = uniform4(seed, _BIRTH_SIZE, times.year, firm)
    row.employees = size_in_stratum(size, stratum, law)
    row.log_size = math.log(row.employees)
    row.ability = ABILITY_SD * normal(ability)
    row.productivity = row.ability + _AR_SD * normal(moving)
    years = 1 + min(MOST_YEARS, int(-MEAN_AGE * math.log(age))) if times.initial else 0
    row.birth_year = times.year - years


@njit(cache=True)
def give_money(row: np.record, seed: int, firm: int, times: np.record, law: np.record) -> None:
    """Set quality, interest, knowledge, sales, capital, assets, cash and debt of a new firm whose customers are known.

    A maker to order works to its customers' drawings and has no product of its own to sell abroad; it follows its customers or saves costs.
    """
    niche, quality, capital, assets = uniform4(seed, _BIRTH_NICHE, times.year, firm)
    cash, debt, to_order, _ = uniform4(seed, _BIRTH_NICHE, times.year + SECOND_BLOCK, firm)
    row.quality = QUALITY_SD * normal(quality)
    if niche < times.niche and (row.industry <= _LAST_MANUFACTURING or row.industry == INFORMATION):
        row.quality += times.niche_quality
        row.interested = 1  # founded for the world: it looks abroad from the first year
        for group in _NICHE_GROUPS:
            row.knowledge[group] = NICHE_KNOWLEDGE
    elif row.industry <= _LAST_MANUFACTURING and to_order < (times.to_order_supplier if row.parent >= 0 else times.to_order):
        row.quality -= times.to_order_lost
    sales_2015 = home_sales(row.employees, row.productivity, 1.0, law)
    sales = sales_2015 * times.productivity
    row.home_sales = sales
    row.capital = paid_in_capital(sales_2015, row.employees, times.price, normal(capital), law)
    row.assets = law.assets_share * sales * math.exp(law.assets_sigma * normal(assets))
    row.cash = CASH_SHARE * sales * math.exp(CASH_SIGMA * normal(cash))
    row.leverage = math.exp(DEBT_SIGMA * normal(debt))
    row.debt = DEBT_SHARE * sales * row.leverage


@njit(cache=True)
def give_place(row: np.record, seed: int, firm: int, times: np.record, districts: np.ndarray, start: np.ndarray,
               parents: np.ndarray, cumulative: np.ndarray) -> None:
    """Set district and large customers of a new firm."""
    place, customer, orders, second = uniform4(seed, _BIRTH_PLACE, times.year, firm)
    row.district = first_above(districts[row.industry], 0, len(DISTRICTS), place)
    chance = _CUSTOMER_SHARE[row.industry] * (SMALLEST_CUSTOMER_FACTOR if row.employees < SIZE_EDGES[0] else 1.0)
    first, stop = start[row.industry], start[row.industry + 1]
    if stop == first or customer >= chance:
        return
    main = first_above(cumulative, first, stop, customer / chance)
    row.parent = parents[main]
    row.order_share = share_to_main_customer(orders)
    if second < SECOND_CUSTOMER and stop - first > 1:
        other = first_above(cumulative, first, stop, second / SECOND_CUSTOMER)
        if other == main:
            other = first if main + 1 == stop else main + 1
        row.second_customer = parents[other]


@njit(cache=True)
def give_owner(row: np.record, seed: int, firm: int, times: np.record) -> None:
    """Set the owner's age, patience, risk tolerance and expectations."""
    age, patience, risk, expectation = uniform4(seed, _BIRTH_OWNER, times.year, firm)
    mean, spread = (OWNER_AGE, OWNER_AGE_SD) if times.initial else (FOUNDER_AGE, FOUNDER_AGE_SD)
    row.owner_age = min(OLDEST_OWNER, max(YOUNGEST_OWNER, mean + spread * normal(age)))
    row.patience, row.risk_tolerance = normal(patience), normal(risk)
    row.expectation = STATIC if expectation < times.static else ADAPTIVE if expectation < times.adaptive else BAND


@njit(cache=True)
def give_tastes(row: np.record, seed: int, firm: int, year: int) -> None:
    """Set the persistent tastes: modes of export share one part, modes of production abroad another; home stays 0."""
    common, indirect, direct, ecommerce = uniform4(seed, _BIRTH_TASTE_EXPORT, year, firm)
    shared = COMMON_TASTE * normal(common)
    row.taste[INDIRECT] = shared + OWN_TASTE * normal(indirect)
    row.taste[DIRECT] = shared + OWN_TASTE * normal(direct)
    row.taste[ECOMMERCE] = shared + OWN_TASTE * normal(ecommerce)
    common, contract, own, cluster = uniform4(seed, _BIRTH_TASTE_PLANT, year, firm)
    shared = COMMON_TASTE * normal(common)
    row.taste[CONTRACT] = shared + OWN_TASTE * normal(contract)
    row.taste[FDI] = shared + OWN_TASTE * normal(own)
    row.taste[CLUSTER] = shared + OWN_TASTE * normal(cluster)


@njit(cache=True, nogil=True)
def fill(firms: np.ndarray, template: np.ndarray, offsets: np.ndarray, first_ids: np.ndarray, seed: int, times: np.ndarray,
         strata: np.ndarray, size_laws: np.ndarray, balance_laws: np.ndarray, districts: np.ndarray, start: np.ndarray,
         parents: np.ndarray, cumulative: np.ndarray, weight: np.ndarray, begin: int, end: int) -> None:
    """Write all attributes of the new firms in some of the first ``offsets[-1]`` rows.

    Args:
        firms: Rows to write, shape (at least offsets[-1],), FIRM_DTYPE.
        template: One free row with the 'none' codes, shape (1,).
        offsets: First row of each stratum and the end, shape (56,).
        first_ids: Id of the first new firm of each stratum, shape (55,).
        seed: Key of the draws.
        times: Conditions at entry, shape (1,), CONDITIONS_DTYPE.
        strata: STRATUM_DTYPE, shape (55,).
        size_laws: LAW_DTYPE, shape (11,).
        balance_laws: BALANCE_DTYPE, shape (11,).
        districts: Cumulative shares, shape (11, 20).
        start: Large customers by industry: see parents.Buyers; likewise ``parents`` and ``cumulative``.
        parents: Rows of the parents table.
        cumulative: Cumulative shares of sales.
        weight: Firms per row of each stratum, shape (55,).
        begin: First row to write.
        end: Row after the last one to write.
    """
    stratum = 0
    for i in range(begin, end):
        while offsets[stratum + 1] <= i:
            stratum += 1
        firm = first_ids[stratum] + (i - offsets[stratum])
        industry = strata[stratum].industry
        firms[i] = template[0]
        row = firms[i]
        row.firm, row.alive, row.weight, row.industry, row.order_level = firm, 1, weight[stratum], industry, 1.0
        give_size(row, seed, firm, times[0], strata[stratum], size_laws[industry])
        give_place(row, seed, firm, times[0], districts, start, parents, cumulative)
        give_money(row, seed, firm, times[0], balance_laws[industry])
        give_owner(row, seed, firm, times[0])
        give_tastes(row, seed, firm, times[0].year)
