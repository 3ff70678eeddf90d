"""How many SMEs there were: the recorded path by industry, and the recorded exit rates.

The stock of a year is the number of SMEs at its start; the flows of the year lead to the stock of the next one.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
import pandas as pd

from expansion_sim.codes import INDUSTRIES
from expansion_sim.errors import InputError
from expansion_sim.history import load_history

FIRST_YEAR = 1955
#: Last year on record; later years continue with the yearly loss of the years since 2021.
LAST_RECORDED_YEAR = 2024
YEARLY_LOSS_AFTER_RECORD = 43_000.0
#: Smallest stock a continued path may reach, as a share of the last recorded one.
FLOOR_SHARE = 0.25
#: Years with a count of SMEs by industry; shares are linear between them and held outside.
COUNTED_YEARS = (1981, 2006, 2014, 2016, 2021)
#: Shares of light, machinery and process industry in manufacturing SMEs. Assumption, guided by the shift from textiles and
#: sundries to machinery in the Censuses of Manufactures; linear between the years and held outside.
MANUFACTURING_SPLIT = {1955: (0.50, 0.25, 0.25), 1985: (0.40, 0.37, 0.23), 2015: (0.37, 0.40, 0.23)}
#: Industries of the record in the order of codes.INDUSTRIES after the three parts of manufacturing.
RECORDED_INDUSTRIES = ("manufacturing", *INDUSTRIES[3:])


def population_record() -> pd.DataFrame:
    """Every row of the SME population table: year, series, industry, size_class, value, unit, source, quality, note."""
    return load_history().population_table


@cache
def record(series: str, industry: str, year: int, size_class: str = "sme") -> float:
    """One value of the SME population table.

    Args:
        series: Name of the series, e.g. ``"number_of_firms"``.
        industry: Industry as the record names it, e.g. ``"manufacturing"``.
        year: Year of the value.
        size_class: Size class as the record names it.

    Raises:
        InputError: If there is not exactly one such value.
    """
    table = population_record()
    place = (table.series == series) & (table.industry == industry) & (table.year == year)
    rows = table[place & (table.size_class == size_class)]
    if len(rows) != 1:
        asked = f"{series} for {industry}, {size_class}, {year}"
        raise InputError(f"the population record has {len(rows)} values of {asked}; exactly one is needed")
    return float(rows["value"].iloc[0])


@cache
def _yearly(series: str) -> np.ndarray:
    """A yearly series from 1955 to 2024, shape (70,), in the unit of the record."""
    table = population_record()
    rows = table[table.series == series].set_index("year")["value"].sort_index()
    wanted = range(FIRST_YEAR, LAST_RECORDED_YEAR + 1)
    if list(rows.index) != list(wanted):
        raise InputError(f"the population record of {series} must have one value for each year {FIRST_YEAR}-{LAST_RECORDED_YEAR}")
    return rows.to_numpy(float)


def _years(first: int, last: int) -> np.ndarray:
    if first < FIRST_YEAR or last < first:
        raise InputError(f"years {first}-{last}: the population path starts in {FIRST_YEAR} and runs forward")
    return np.arange(first, last + 1)


def sme_path(first: int, last: int) -> np.ndarray:
    """Number of SMEs at the start of each year, shape (years,), firms.

    Args:
        first: First year, 1955 or later.
        last: Last year; after 2024 the path loses 43,000 firms a year, as it did from 2021, down to a quarter of 2024.

    Raises:
        InputError: If the years are before 1955 or in the wrong order.

    Source: counts of the SME Agency 1981-2021, linear between them; chained back with entry less exit before 1981.
    """
    years, recorded = _years(first, last), _yearly("sme_firms_path")
    inside = recorded[np.minimum(years, LAST_RECORDED_YEAR) - FIRST_YEAR]
    later = np.maximum(years - LAST_RECORDED_YEAR, 0)
    return np.maximum(inside - YEARLY_LOSS_AFTER_RECORD * later, np.where(later > 0, FLOOR_SHARE * recorded[-1], 0.0))


def industry_shares(years: np.ndarray) -> np.ndarray:
    """Share of each industry in the number of SMEs, shape (years, 11), rows add up to 1.

    Args:
        years: Years, shape (years,).
    """
    series = "sme_firms_eight_industries"
    counts = np.array([[record(series, name, year) for name in RECORDED_INDUSTRIES] for year in COUNTED_YEARS])
    shares = counts / counts.sum(axis=1, keepdims=True)
    recorded = np.column_stack([np.interp(years, COUNTED_YEARS, column) for column in shares.T])
    split = np.array(list(MANUFACTURING_SPLIT.values()))
    parts = np.column_stack([np.interp(years, list(MANUFACTURING_SPLIT), column) for column in split.T])
    return np.hstack([recorded[:, :1] * parts, recorded[:, 1:]])


@lru_cache(maxsize=512)
def firms_path(first: int = FIRST_YEAR, last: int = LAST_RECORDED_YEAR) -> np.ndarray:
    """Number of SMEs by industry at the start of each year, shape (years, 11), firms; read only.

    Args:
        first: First year, 1955 or later.
        last: Last year.
    """
    path = sme_path(first, last)[:, None] * industry_shares(_years(first, last))
    path.flags.writeable = False
    return path


def recorded_exit_rate(first: int = FIRST_YEAR, last: int = LAST_RECORDED_YEAR) -> np.ndarray:
    """Share of firms that close within the year, all industries, shape (years,), fraction.

    Args:
        first: First year, 1955 or later.
        last: Last year; after 2024 the last rate is held.

    Source: SME White Papers' yearly mean entry and exit rates; 1955-66 assumed 2.5 percent.
    """
    return _yearly("exit_rate_path")[np.minimum(_years(first, last), LAST_RECORDED_YEAR) - FIRST_YEAR] / 100.0
