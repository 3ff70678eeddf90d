"""What users of fairs do: entries to markets with and without fairs, exports of users and of firms like them."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pandas as pd

from expansion_sim.codes import HOSTS
from expansion_sim.history import load_history
from expansion_sim.validation.virtual import regressions
from expansion_sim.validation.virtual.estimate import POSITIVE, Estimate, Expected, judged
from expansion_sim.validation.virtual.panel import Panel
from expansion_sim.validation.virtual.regressions import Fit

#: Programmes that the world without fairs lacks: fairs abroad and at home. Nothing else may differ: another programme taken out with them, as
#: the special guarantee once was, moves entries of all years after it and hides what fairs do.
FAIRS = ("P07", "P08")
FAIR_YEARS, FAIR_START = range(1996, 2017), 2004
FAR_KM = 4000.0
USE_YEARS, BEFORE, LATER = range(2005, 2015), 1, 2  # cohorts of users of fairs, and years between which exports are compared


def entries_to_markets(panel: Panel) -> pd.DataFrame:
    """New direct exporters by year and market, long, from the events."""
    events = panel.events
    rows = events[events["event"].isin(("enter", "add_host")) & (events["mode"] == "direct") & events["year"].isin(FAIR_YEARS)]
    index = pd.MultiIndex.from_product([FAIR_YEARS, HOSTS], names=["year", "host"])
    counted = rows.groupby(["year", "host"], observed=True)["weight"].sum().reindex(index, fill_value=0.0)
    return counted.rename("new").reset_index()


def fair_rows(panel: Panel, without: Panel) -> pd.DataFrame:
    """Entries by year and market in both worlds of one replication.

    Args:
        panel: The world with fairs.
        without: The same draws without :data:`FAIRS`.

    Returns:
        Columns year, host, new, new_without, in firms.
    """
    return entries_to_markets(panel).merge(entries_to_markets(without), on=["year", "host"], suffixes=("", "_without"))


def fairs(rows: pd.DataFrame) -> list[Estimate]:
    """New direct exporters with fairs against the same markets in a world without them, before and after fairs began.

    A Poisson model of entries with an effect of every market and year, in its conditional form: a logit of the share of a cell's
    entries that happen in the world with fairs. The coefficients are the difference in differences of log entries, in all
    markets and, on top, in far ones. Clustered by market and replication.

    Args:
        rows: See :func:`fair_rows`, stacked over replications with a column replication.
    """
    km = dict(zip(HOSTS, load_history().places["distance_km"].to_numpy(float), strict=True))
    rows = rows.assign(weight=rows["new"] + rows["new_without"], market=rows["host"].astype(str) + rows["replication"].astype(str))
    rows = rows[rows["weight"] > 0.0]
    rows["share"], after = rows["new"] / rows["weight"], (rows["year"] >= FAIR_START).astype(float)
    rows["far"] = (rows["host"].map(km).astype(float) > FAR_KM).astype(float)
    rows["treated"], rows["far_treated"] = after, after * rows["far"]
    both = regressions.binary(rows, "share", ["treated"], [], "market")
    split = regressions.binary(rows, "share", ["treated", "far", "far_treated"], [], "market")
    study, note = "users of fairs", f"two worlds, {rows['replication'].nunique()} replications"
    return [
        judged(study, "", "log new direct exporters, all markets", both.value["treated"], both.error["treated"], both.n,
               Expected(POSITIVE, "exports rise with the use of fairs"), note),
        judged(study, "", "the same, on top in far markets", split.value["far_treated"], split.error["far_treated"], split.n,
               Expected(POSITIVE, "fairs act for far and unknown markets"), note),
    ]


def fair_users(panel: Panel) -> list[Estimate]:
    """Exports of firms that used a fair for the first time against firms of the same kind that used none: matched differences in differences.

    Change of log (1 + exports) from the year before to two years after, within cells of cohort, industry, size and export status before.
    As in the published evaluations a user has a plan and a control mostly none; the paired worlds of :func:`fairs` have no such bias.
    """
    bit = sum(1 << panel.programmes.index(name) for name in FAIRS if name in panel.programmes)
    rows = pd.concat([_cohort(panel, year, bit) for year in USE_YEARS], ignore_index=True)
    rows = rows[rows.groupby(["cell", "year"])["user"].transform("nunique") == 2]
    fit = regressions.within(rows, "change", ["user"], "cell") if len(rows) else Fit({"user": np.nan}, {"user": np.nan}, 0)
    note = f"{int(rows['user'].sum())} users in the sample"
    return [judged("users of fairs", "", "log (1 + exports), users less matched firms", fit.value["user"], fit.error["user"], fit.n,
                   Expected(POSITIVE, "exports rise with the use of fairs"), note)]


def _cohort(panel: Panel, year: int, bit: int) -> pd.DataFrame:
    """First-time users of a year, firms that have used no fair until the end, the change of their exports, and their cell before."""
    records = [panel.firms[y] for y in (year - BEFORE, year, year + LATER)]
    ids = reduce(np.intersect1d, [firms["firm"] for firms in records])
    before, now, after = (firms[np.intersect1d(firms["firm"], ids, return_indices=True)[1]] for firms in records)
    used = [(firms["awarded"] & bit) != 0 for firms in (before, now, after)]
    size = np.searchsorted([5.0, 20.0, 50.0, 100.0], before["employees"])
    exports = [np.log1p(firms["export_sales"].astype(float)) for firms in (before, after)]
    rows = pd.DataFrame({
        "year": year, "firm": ids, "weight": before["weight"].astype(float), "user": (~used[0] & used[1]).astype(float),
        "change": exports[1] - exports[0], "cell": (before["industry"].astype(int) * 8 + size) * 8 + before["channels"],
    })
    return rows[(rows["user"] == 1.0) | ~used[2]]
