"""Years of a published fact's period as written: ``1972``, ``FY2010-2023``, ``1990s``, ``2000-``, ``to 1972``, ``any``."""

from __future__ import annotations

import re

import pandas as pd

_YEAR = re.compile(r"(?:19|20)\d\d")
_DECADE = re.compile(r"((?:19|20)\d0)s")


def period_years(period: str) -> tuple[int, int] | None:
    """First and last year of a period; None for a fact of no particular time.

    An open period such as ``2000-`` begins and ends in the year it names.
    """
    if decade := _DECADE.search(period):
        return int(decade[1]), int(decade[1]) + 9
    years = [int(year) for year in _YEAR.findall(period)]
    return (min(years), max(years)) if years else None


def split_by_period(table: pd.DataFrame, year: int) -> dict[str, pd.DataFrame]:
    """Facts whose period ends by a year, and the rest, for telling apart what was estimated from what was predicted.

    Args:
        table: Facts with a column ``period``.
        year: Last year of the first part.

    Returns:
        Name of the part -> its rows.
    """
    spans = [period_years(str(period)) for period in table["period"]]
    early = pd.Series([span is not None and span[1] <= year for span in spans], table.index)
    return {f"up to {year}": table[early], f"after {year}": table[~early]}
