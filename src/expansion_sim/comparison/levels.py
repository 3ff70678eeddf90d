"""What the two worlds sum up to: jobs, sales, profits, closures, public spending."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from expansion_sim.comparison.counts import DIMENSIONS

#: Measures of the yearly table that a comparison carries; see results.measures for units.
LEVELS = (
    "firms",
    "births",
    "closures",
    "defaults",
    "employees",
    "home_sales",
    "export_sales",
    "plant_sales",
    "foreign_jobs",
    "relocated_jobs",
    "profit",
    "entries",
    "leaves",
    "projects",
    "reshorings",
)
#: Column of the table of programmes -> measure made from it.
MONEY = {
    "spending_million_yen": "spending", "at_home_million_yen": "spending_at_home", "lending_million_yen": "lending",
    "foregone_million_yen": "foregone", "awards": "awards",
}
KEYS = ["year", "measure", *DIMENSIONS]


def levels_frame(yearly: Sequence[pd.DataFrame], programmes: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Both worlds side by side.

    Args:
        yearly: Tidy yearly tables of BASE and OTHER, of one replication.
        programmes: Their tables of programmes.

    Returns:
        year, measure, the dimensions, base, other; a row that is missing in one world is zero there.
    """
    base, other = (_of_world(*tables) for tables in zip(yearly, programmes, strict=True))
    joined = base.merge(other, on=KEYS, how="outer", suffixes=("_base", "_other"), sort=True)
    joined = joined.rename(columns={"value_base": "base", "value_other": "other"})
    return joined.fillna({"base": 0.0, "other": 0.0})


def _of_world(yearly: pd.DataFrame, programmes: pd.DataFrame) -> pd.DataFrame:
    chosen = yearly[np.isin(yearly["measure"].astype(str), LEVELS)].copy()
    for name in ("measure", *DIMENSIONS):
        chosen[name] = chosen[name].astype(str) if name in chosen else ""
    years = np.arange(int(yearly["year"].min()), int(yearly["year"].max()) + 1)
    money = [_yearly(programmes, column, measure, years) for column, measure in MONEY.items() if column in programmes]
    return pd.concat([chosen[[*KEYS, "value"]], *money], ignore_index=True)


def _yearly(programmes: pd.DataFrame, column: str, measure: str, years: np.ndarray) -> pd.DataFrame:
    """A column of the programmes summed by year."""
    total = programmes.groupby("year")[column].sum().reindex(years, fill_value=0.0)
    values = total.to_numpy(float)
    return pd.DataFrame({"year": years, "measure": measure, **dict.fromkeys(DIMENSIONS, ""), "value": values})
