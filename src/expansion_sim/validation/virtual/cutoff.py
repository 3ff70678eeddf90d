"""The cut-off of a grant's score: applicants just above and just below it, two years later."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from expansion_sim.validation.virtual import regressions
from expansion_sim.validation.virtual.estimate import NONE, POSITIVE, WIDTH, Estimate, Expected, judged, missing
from expansion_sim.validation.virtual.panel import Panel

BANDWIDTH = 1.0  # log points of score on each side of the cut-off
AFTER = 2  # years between an award and the outcome
FEWEST = 10  # applicants on a side without which nothing is estimated
NOT_SCORED = "applicants' scores at the cut-off are not recorded"
STUDY, FACT = "grant at the score cut-off", "T208"
#: Outcome, its name, the fact, its value of the year before the application as covariate, and what was published.
OUTCOMES = (
    ("entered", "share that took up a new mode", "", "log_employees_before",
     Expected(POSITIVE, "some entries are additional (about a fifth)", size="0.2")),
    ("log_employees", f"log home employees after {AFTER} years", FACT, "log_employees_before", Expected(NONE, "no effect on jobs", size="0")),
    ("log_value", f"log home sales after {AFTER} years", FACT, "log_value_before", Expected(NONE, "no effect on value added", size="0")),
)


def cutoff_rows(panel: Panel) -> pd.DataFrame:
    """Applications near the cut-off of one replication with their firms' outcomes and the values of the year before.

    Returns:
        One row per application and mode applied for: firm, programme, year, mode, score (log points above the cut-off), weight, the
        outcomes and covariates of :data:`OUTCOMES`. Empty where nothing was scored.
    """
    if panel.applications is None or not len(panel.applications):
        return pd.DataFrame()
    rows = panel.applications[panel.applications["score"].abs() <= BANDWIDTH]
    rows = rows[(rows["year"] + AFTER).isin(list(panel.firms)) & (rows["year"] - 1).isin(list(panel.firms))]
    return rows.merge(_outcomes(panel, sorted(rows["year"].unique())), on=["firm", "year", "mode"], how="inner") if len(rows) else rows


def cutoff(rows: pd.DataFrame, reason: str = NOT_SCORED) -> list[Estimate]:
    """Regression discontinuity at the score of a grant: entry into the mode applied for, home jobs and sales two years later.

    Firms of very different size stand on both sides of the cut-off, so that the jump of a level says little; with its value of the year before
    as covariate, which the award cannot have moved, the error of the jump in jobs falls to about a twentieth.

    Args:
        rows: See :func:`cutoff_rows`, stacked over replications.
        reason: Why there are no rows, where there are none.
    """
    found = []
    for outcome, name, fact, before, expected in OUTCOMES:
        if not len(rows):
            found.append(missing(STUDY, fact, name, expected, reason))
            continue
        value, error, n = discontinuity(rows, outcome, [before])
        note = f"95 % interval {value - WIDTH * error:.3f} to {value + WIDTH * error:.3f}; given size the year before"
        found.append(judged(STUDY, fact, name, value, error, n, expected, note))
    return found


def _outcomes(panel: Panel, years: Iterable[int]) -> pd.DataFrame:
    """State of firms :data:`AFTER` years after each year and their size in the year before, per mode applied for.

    Entered since then is NaN for who was in the mode before.
    """
    parts = []
    for year in years:
        firms = panel.firms[year + AFTER]
        before, later = _size(panel.firms[year - 1]).add_suffix("_before"), _size(firms)
        shared = later.join(before, how="left").loc[later.index].rename_axis("firm").reset_index().assign(year=year)
        entered = np.where(firms["since"] >= year, 1.0, 0.0)
        was_in = ((firms["since"] > 0) & (firms["since"] < year)) | ((firms["since"] == 0) & (firms["left"] >= year))
        entered[was_in] = np.nan  # a further market or host of a mode they were in, which this outcome cannot tell
        parts += [shared.assign(mode=mode, entered=entered[:, mode]) for mode in range(1, 7)]
    return pd.concat(parts, ignore_index=True)


def _size(firms: np.ndarray) -> pd.DataFrame:
    """Log home employees and log home sales (million yen 2015) by firm."""
    return pd.DataFrame({
        "log_employees": np.log(np.maximum(firms["employees"].astype(float), 1.0)),
        "log_value": np.log(np.maximum(firms["home_sales"].astype(float), 1e-3)),
    }, index=firms["firm"])


def discontinuity(rows: pd.DataFrame, outcome: str, covariates: list[str]) -> tuple[float, float, int]:
    """Jump of an outcome at a score of zero: local linear with a triangular kernel, separate slopes, effects of the call, clustered by firm.

    Args:
        rows: Columns firm, programme, year, score, weight, the outcome and the covariates; served applications are those with a score of
            zero or more.
        outcome: Name of the outcome.
        covariates: Names of values from before the application.

    Returns:
        Jump, standard error, observations; NaN with fewer than :data:`FEWEST` on a side.
    """
    rows = rows[(rows["score"].abs() < BANDWIDTH) & np.isfinite(rows[[outcome, *covariates]].astype(float)).all(axis=1)]
    above = (rows["score"] >= 0.0).astype(float)
    if min(above.sum(), (1.0 - above).sum()) < FEWEST:
        return np.nan, np.nan, len(rows)
    rows = rows.assign(above=above, slope=above * rows["score"], call=rows["programme"].astype(int) * 10_000 + rows["year"].astype(int),
                       weight=(1.0 - rows["score"].abs() / BANDWIDTH) * rows["weight"])
    fit = regressions.linear(rows, outcome, ["above", "score", "slope", *covariates], ["call"], "firm")
    return fit.value["above"], fit.error["above"], fit.n
