"""Users of the special guarantee of 1998-2001: what they owe and pay one to three years after they first used it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from expansion_sim.codes import MANUFACTURING
from expansion_sim.validation.virtual import regressions
from expansion_sim.validation.virtual.estimate import NONE, POSITIVE, Estimate, Expected, judged, missing
from expansion_sim.validation.virtual.panel import Panel

GUARANTEE = "P41"
COHORTS = range(1998, 2002)  # years of first use
HISTORY, LATER = 6, 3  # years before and after first use that are read
USED = 0.5  # million yen of debt that a user has above its twin without the guarantee
SUPPORT = (0.05, 0.95)  # quantiles of users' leverage before first use between which users and others are compared
NO_MATURITY = "bank debt has no maturity in the model"
STUDY, FACT = "users of the special guarantee", "T210"
BEFORE = ["last", "second", "third", "usual", "size"]
#: State before first use: leverage of the last three years and its mean over two to six years before, log assets, all with their squares,
#: and growth of sales over two years.
COVARIATES = [*BEFORE, *(f"{name}_square" for name in BEFORE), "growth"]


def guarantee_rows(panel: Panel, without: Panel) -> pd.DataFrame:
    """Users of one replication in the year of first use, and firms that never used the guarantee in the same years.

    Users are the firms that owed more in 1998-2001 than their twin in a world without the guarantee, which no econometrician could see but
    which spares a guess at who applied.

    Args:
        panel: The world with the guarantee.
        without: The same draws without it.

    Returns:
        One row per firm and cohort: firm, cohort, weight, user, the covariates, rate_before (percent), leverage and interest
        (mean of the years after less the year before, ratio and percentage points), gap (leverage of those years less the twin's, NaN where
        the twin has closed).
    """
    first = first_use(panel, without)
    mine, twin = _history(panel), _history(without)
    parts = [_cohort(mine, twin, first, cohort) for cohort in COHORTS]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(**{f"{name}_square": rows[name] ** 2 for name in BEFORE})


def first_use(panel: Panel, without: Panel) -> pd.Series:
    """First year in which a firm has more debt than its twin, by firm."""
    found: dict[int, int] = {}
    for year in COHORTS:
        mine, twin = panel.firms[year], without.firms[year]
        _, i, j = np.intersect1d(mine["firm"], twin["firm"], return_indices=True)
        for firm in mine["firm"][i][mine["debt"][i] > twin["debt"][j] + USED].tolist():
            found.setdefault(firm, year)
    return pd.Series(found, dtype=float)


def _history(panel: Panel) -> dict[str, pd.DataFrame]:
    """Leverage, interest (percent), log assets, log sales and weight of manufacturers, each firms x years."""
    years = range(COHORTS[0] - HISTORY, COHORTS[-1] + LATER + 1)
    rows = panel.frame(years, ("firm", "weight", "industry", "debt", "assets", "interest", "home_sales"))
    rows = rows[rows["industry"].isin(MANUFACTURING)].astype({name: float for name in ("weight", "debt", "assets", "interest", "home_sales")})
    rows["leverage"] = rows["debt"] / np.maximum(rows["assets"], 1e-6)
    rows["rate"] = 100.0 * rows["interest"]
    rows["size"], rows["sales"] = np.log(np.maximum(rows["assets"], 1.0)), np.log(np.maximum(rows["home_sales"], 1e-3))
    return {name: rows.pivot(index="firm", columns="year", values=name) for name in ("leverage", "rate", "size", "sales", "weight")}


def _cohort(mine: dict[str, pd.DataFrame], twin: dict[str, pd.DataFrame], first: pd.Series, cohort: int) -> pd.DataFrame:
    """Users who began in a year and firms that never began, which lived through all years that are read."""
    owed, rate, before = mine["leverage"], mine["rate"], cohort - 1
    after = list(range(cohort + 1, cohort + LATER + 1))
    began = first.reindex(owed.index)
    rows = pd.DataFrame({
        "cohort": cohort, "weight": mine["weight"][before], "user": (began == cohort).astype(float), "last": owed[before],
        "second": owed[cohort - 2], "third": owed[cohort - 3], "usual": owed[list(range(cohort - HISTORY, before))].mean(axis=1),
        "size": mine["size"][before], "growth": mine["sales"][before] - mine["sales"][cohort - 3], "rate_before": rate[before],
        "leverage": owed[after].mean(axis=1, skipna=False) - owed[before], "interest": rate[after].mean(axis=1, skipna=False) - rate[before],
    })
    rows = rows[began.isna() | (began == cohort)].dropna().rename_axis("firm")
    gap = owed[after].mean(axis=1, skipna=False) - twin["leverage"].reindex(owed.index)[after].mean(axis=1, skipna=False)
    return rows.assign(gap=gap.reindex(rows.index)).reset_index()


def guarantee(rows: pd.DataFrame) -> list[Estimate]:
    """Users against firms with the same past: change from the year before first use to one to three years after it.

    Differences in differences within cohorts (so firms and years are taken out), given :data:`COVARIATES`, clustered by firm. Users owe
    more than most and had owed even more; banks were cutting their lines. Against firms of equal leverage in one base year alone they
    fall back with or without the guarantee, so the path before counts. Only where users are: :data:`SUPPORT`.

    Args:
        rows: See :func:`guarantee_rows`, stacked over replications.
    """
    positive, unchanged = Expected(POSITIVE, "leverage up"), Expected(NONE, "interest rates unchanged", negligible=0.1)
    names: tuple[tuple[str, str, list[str], Expected], ...] = (
        ("leverage", "debt over assets", [], positive), ("interest", "interest rate, percentage points", ["rate_before"], unchanged))
    if not len(rows) or rows["user"].sum() == 0:
        return [missing(STUDY, FACT, name, expected, "no firm owes more than it would without the guarantee") for _, name, _, expected in names]
    low, high = rows.loc[rows["user"] == 1.0, "last"].quantile(list(SUPPORT))
    rows = rows[rows["last"].between(low, high)]
    found = []
    for outcome, name, more, expected in names:
        fit = regressions.linear(rows, outcome, ["user", *COVARIATES, *more], ["cohort"], "firm")
        found.append(judged(STUDY, FACT, name, fit.value["user"], fit.error["user"], fit.n, expected, _note(rows, outcome)))
    return [*found, missing(STUDY, FACT, "long-term loans over assets", Expected(POSITIVE, "long loans up"), NO_MATURITY)]


def _note(rows: pd.DataFrame, outcome: str) -> str:
    """Number of users, and for leverage the true effect on them."""
    users = rows[rows["user"] == 1.0]
    return f"{len(users)} users in the sample" + (f"; in truth {true_effect(rows):.3f}, against their twins" if outcome == "leverage" else "")


def true_effect(rows: pd.DataFrame) -> float:
    """Mean leverage of users less that of their twins one to three years after first use."""
    users = rows[(rows["user"] == 1.0) & rows["gap"].notna()]
    return float(np.average(users["gap"], weights=users["weight"])) if len(users) else np.nan
