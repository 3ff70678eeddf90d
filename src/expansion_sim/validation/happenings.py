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
    return tables.per_replication(rows, lambda r: estimators.share(r["followed"].to_numpy(bool), r["weight"].to_numpy(float)))


def withdrawn(tables: RunTables) -> np.ndarray:
    """Living firms of 2013 that ever entered FDI: share that has given up at least one base."""
    tables.need(1955, 2013)
    ever = tables.events(("enter", "add_host"), PLANTS, last=2013)
    gave_up = pd.concat([tables.events(("leave",), PLANTS, last=2013), tables.events(("drop_host",), last=2013)])
    gone = tables.events(("closure", "default"), last=2013)

    def share(rows: pd.DataFrame) -> float:
        replication = rows["replication"].iloc[0] if len(rows) else 0
        firms = rows.drop_duplicates("firm").set_index("firm")["weight"].astype(float)
        firms = firms[~firms.index.isin(gone.loc[gone["replication"] == replication, "firm"])]
        left = firms.index.isin(gave_up.loc[gave_up["replication"] == replication, "firm"])
        return estimators.share(left, firms.to_numpy())

    return tables.per_replication(ever, share)


def cooperatives(tables: RunTables) -> pd.DataFrame:
    """Cooperatives of a run: replication, first year, members, how many of the country one stands for."""
    rows = tables.events(("enter", "add_host"), ("cluster",))
    rows = rows[rows["cooperative"] >= 0]
    groups = rows.groupby(["replication", "cooperative"], observed=True)
    return groups.agg(year=("year", "min"), members=("firm", "nunique"), weight=("weight", "mean")).reset_index()


def member_range(tables: RunTables) -> np.ndarray:
    """Members per cooperative: median, 10 % and 90 % quantile, shape (R, 3)."""

    def quantiles(rows: pd.DataFrame) -> tuple[float, ...]:
        sizes, weights = rows["members"].to_numpy(float), rows["weight"].to_numpy(float)
        return tuple(estimators.quantile(sizes, weights, level) for level in (0.5, 0.1, 0.9))

    return tables.per_replication(cooperatives(tables), quantiles)


def groups_a_year(tables: RunTables) -> np.ndarray:
    """Cooperatives founded a year, 2010-12."""
    tables.need(2010, 2012)
    formed = cooperatives(tables)
    formed = formed[formed["year"].between(2010, 2012)]
    return np.bincount(formed["replication"], formed["weight"], tables.replications) / 3.0


def registrants_exporting(tables: RunTables) -> np.ndarray:
    """Firms supported by the first-time exporter programme in 2022-23: share that took up exporting by then, percent."""
    tables.need(2022, 2023)
    supported = tables.events(("award",), first=2022, last=2023)
    registered = supported[supported["programme"].isin(tables.programme_names(("P09",)))]
    started = tables.events(("enter",), ("indirect", "direct", "ecommerce"), 2022, 2023)

    def share(rows: pd.DataFrame) -> float:
        replication = rows["replication"].iloc[0] if len(rows) else 0
        firms = rows.drop_duplicates("firm")
        exporting = firms["firm"].isin(started.loc[started["replication"] == replication, "firm"])
        return estimators.share(exporting.to_numpy(), firms["weight"].to_numpy(float))

    return tables.per_replication(registered, share)
