"""Facts about what happened to single firms, from the events table: followers, withdrawals, cooperatives, registrants.

Each function takes the tables of a run and returns readings per replication, shape (R,) or (R, k).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from expansion_sim.validation import estimators
from expansion_sim.validation.tables import RunTables

#: Modes of own and collective plants in the tables.
PLANTS = ("fdi", "cluster")


def followers(tables: RunTables) -> np.ndarray:
    """Suppliers that opened a plant in the 1990s: share that followed their customer, percent."""
    rows = tables.events(("enter",), PLANTS, 1990, 1999)
    tables.need(1990, 1999)
    rows = rows[rows["parent"] >= 0]

    def share(mine: pd.DataFrame) -> float:
        return estimators.share(mine["followed"].to_numpy(bool), mine["weight"].to_numpy(float))

    return tables.per_replication(rows, share, "supplier that opened a plant in 1990-99")


def withdrawn(tables: RunTables) -> np.ndarray:
    """Living firms of 2013 that ever had a plant: share that has given up at least one, percent.

    Firms that gave up their last plant carry it in their state and are asked in 2013. Those that gave up one of several are found
    in the events: they still had plants, so the events also tell whether they closed since.
    """
    tables.need(1955, 2013)
    ever, left_all = tables.survey("ever_fdi.firms", 2013), tables.survey("ever_fdi.gave_up_mode", 2013)
    gone = tables.events(("closure", "default"), last=2013)
    left = tables.events(("leave",), PLANTS, last=2013)
    dropped = tables.events(("drop_host",), last=2013)
    dropped = dropped[dropped["host"] != ""].drop_duplicates(["replication", "firm"])  # a dropped export market names no host
    done = pd.MultiIndex.from_frame(pd.concat([gone, left])[["replication", "firm"]])
    kept = dropped[~pd.MultiIndex.from_frame(dropped[["replication", "firm"]]).isin(done)]
    one_of_several = np.bincount(kept["replication"], kept["weight"].astype(float), tables.replications)
    return 100.0 * (left_all + one_of_several) / np.where(ever > 0, ever, np.nan)


def member_range(tables: RunTables) -> np.ndarray:
    """Members per cooperative: median, 10 % and 90 % quantile, shape (R, 3).

    At full scale members are counted. In a sample a row stands for many firms, and a cooperative of the table for several groups
    of the country; there the members of a year's new cooperatives are divided by the groups they stand for.
    """
    rows = tables.events(("enter", "add_host"), ("cluster",))
    rows = rows[rows["cooperative"] >= 0]
    sampled = len(rows) > 0 and float(rows["weight"].max()) > 1.0
    founded = tables.series("cooperatives_founded") if sampled else None

    def quantiles(mine: pd.DataFrame) -> tuple[float, ...]:
        if founded is None:
            sizes = mine.groupby("cooperative", observed=True)["firm"].nunique()
            weights = pd.Series(1.0, sizes.index)
        else:
            weights = founded[mine["replication"].iloc[0] if len(mine) else 0]
            weights = weights[weights > 0]
            sizes = (mine.groupby("year")["weight"].sum() / weights).dropna()
        levels, weights = (0.5, 0.1, 0.9), weights.loc[sizes.index].to_numpy(float)
        return tuple(estimators.quantile(sizes.to_numpy(float), weights, level) for level in levels)

    return tables.per_replication(rows, quantiles, "plant of a cooperative")


def groups_a_year(tables: RunTables) -> np.ndarray:
    """Cooperatives founded a year, 2010-12."""
    return tables.total("cooperatives_founded", 2010, 2012) / 3.0


def registrants_exporting(tables: RunTables) -> np.ndarray:
    """Firms registered with the first-time exporter programme in 2022-23: share that took up exporting by the end of 2024, percent."""
    tables.need(2022, 2024)
    supported = tables.events(("award",), first=2022, last=2023)
    registered = supported[supported["programme"].isin(tables.programme_names(("P09",)))]
    started = tables.events(("enter",), ("indirect", "direct", "ecommerce"), 2022, 2024)

    def share(rows: pd.DataFrame) -> float:
        replication = rows["replication"].iloc[0] if len(rows) else 0
        firms = rows.drop_duplicates("firm")
        exporting = firms["firm"].isin(started.loc[started["replication"] == replication, "firm"])
        return estimators.share(exporting.to_numpy(), firms["weight"].to_numpy(float))

    return tables.per_replication(registered, share, "firm registered with the first-time exporter programme (P09) in 2022-23")
