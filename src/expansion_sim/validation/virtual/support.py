"""What users of support do: fairs, the special guarantee, the cut-off of a grant's score."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import numpy as np
import pandas as pd

from expansion_sim.codes import HOSTS, MANUFACTURING
from expansion_sim.history import load_history
from expansion_sim.validation.virtual import regressions
from expansion_sim.validation.virtual.estimate import NONE, POSITIVE, Estimate, Expected, judged, missing
from expansion_sim.validation.virtual.panel import Panel
from expansion_sim.validation.virtual.regressions import Fit

#: Programmes that the world without them lacks: fairs abroad and at home, and the special guarantee of 1998-2001.
FAIRS, GUARANTEE = ("P07", "P08"), "P41"
FAIR_YEARS, FAIR_START = range(1996, 2017), 2004
GUARANTEE_YEARS, GUARANTEE_START = range(1994, 2004), 1998
FAR_KM = 4000.0
USE_YEARS, BEFORE, LATER = range(2005, 2015), 1, 2  # cohorts of users of fairs, and years between which exports are compared
USED = 0.5  # million yen of debt that a user has above its twin without the guarantee
BANDWIDTH = 1.0  # log points of score on each side of the cut-off
NOT_SCORED = "applicants' scores at the cut-off are not recorded"
NO_MATURITY = "bank debt has no maturity in the model"
AFTER = 2  # years between an award and the outcome


def entries_to_markets(panel: Panel) -> pd.DataFrame:
    """New direct exporters by year and market, long, from the events."""
    events = panel.events
    rows = events[events["event"].isin(("enter", "add_host")) & (events["mode"] == "direct") & events["year"].isin(FAIR_YEARS)]
    index = pd.MultiIndex.from_product([FAIR_YEARS, HOSTS], names=["year", "host"])
    counted = rows.groupby(["year", "host"], observed=True)["weight"].sum().reindex(index, fill_value=0.0)
    return counted.rename("new").reset_index()


def fairs(panel: Panel, without: Panel) -> list[Estimate]:
    """New direct exporters with fairs against the same markets in a world without them, before and after fairs began.

    A Poisson model of entries with an effect of every market and year, in its conditional form: a logit of the share of a cell's
    entries that happen in the world with fairs. The coefficients are the difference in differences of log entries, in all
    markets and, on top, in far ones.

    Args:
        panel: The world with fairs.
        without: The same draws without :data:`FAIRS`.
    """
    km = dict(zip(HOSTS, load_history().places["distance_km"].to_numpy(float), strict=True))
    rows = entries_to_markets(panel).merge(entries_to_markets(without), on=["year", "host"], suffixes=("", "_without"))
    rows["weight"] = rows["new"] + rows["new_without"]
    rows = rows[rows["weight"] > 0.0]
    rows["share"], after = rows["new"] / rows["weight"], (rows["year"] >= FAIR_START).astype(float)
    rows["far"] = (rows["host"].map(km).astype(float) > FAR_KM).astype(float)
    rows["treated"], rows["far_treated"] = after, after * rows["far"]
    both = regressions.binary(rows, "share", ["treated"], [], "host")
    split = regressions.binary(rows, "share", ["treated", "far", "far_treated"], [], "host")
    study = "users of fairs"
    return [
        judged(study, "", "log new direct exporters, all markets", both.value["treated"], both.error["treated"], both.n,
               Expected(POSITIVE, "exports rise with the use of fairs")),
        judged(study, "", "the same, on top in far markets", split.value["far_treated"], split.error["far_treated"], split.n,
               Expected(POSITIVE, "fairs act for far and unknown markets")),
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


def guarantee(panel: Panel, without: Panel) -> list[Estimate]:
    """Users of the special guarantee against borrowers like them, before and after 1998, with firm and year effects.

    Others are weighted to the users' leverage and size of 1997: users owe more than most, and debt returns to its usual level with or
    without a guarantee, which against all borrowers would look like an effect.

    Users are the firms that owed more in 1998-2001 than their twin in a world without the guarantee, which no econometrician
    could see but which spares a guess at who applied.

    Args:
        panel: The world with the guarantee.
        without: The same draws without it.
    """
    rows = _borrowers(panel, _users(panel, without))
    study, positive = "users of the special guarantee", Expected(POSITIVE, "leverage up")
    unchanged = Expected(NONE, "interest rates unchanged", negligible=0.1)
    if rows["user"].sum() == 0:
        return [missing(study, "T210", name, expected, "no firm owes more than it would without the guarantee")
                for name, expected in (("debt over assets", positive), ("interest rate, percentage points", unchanged))]
    leverage, interest = (regressions.within(rows, outcome, ["treated"]) for outcome in ("leverage", "interest"))
    note = f"{int(rows.loc[rows['treated'] > 0, 'firm'].nunique())} users in the sample"
    return [
        _coefficient(study, "debt over assets", leverage, positive, note),
        _coefficient(study, "interest rate, percentage points", interest, unchanged, note),
        missing(study, "T210", "long-term loans over assets", Expected(POSITIVE, "long loans up"), NO_MATURITY),
    ]


def _coefficient(study: str, name: str, fit: Fit, expected: Expected, note: str) -> Estimate:
    return judged(study, "T210", name, fit.value["treated"], fit.error["treated"], fit.n, expected, note)


def _users(panel: Panel, without: Panel) -> np.ndarray:
    """Ids of firms with more debt than their twin in a year of the guarantee."""
    found: set[int] = set()
    for year in range(GUARANTEE_START, 2002):
        mine, twin = panel.firms[year], without.firms[year]
        _, i, j = np.intersect1d(mine["firm"], twin["firm"], return_indices=True)
        found.update(mine["firm"][i][mine["debt"][i] > twin["debt"][j] + USED].tolist())
    return np.array(sorted(found), np.int64)


def _borrowers(panel: Panel, users: np.ndarray) -> pd.DataFrame:
    """Firm-years of manufacturers that lived in 1997: leverage, interest and treatment."""
    rows = panel.frame(GUARANTEE_YEARS, ("firm", "weight", "industry", "debt", "assets", "interest"))
    lived = panel.firms[GUARANTEE_START - 1]["firm"]
    rows = rows[rows["industry"].isin(MANUFACTURING) & rows["firm"].isin(lived)]
    rows = rows.astype({"weight": float, "debt": float, "assets": float, "interest": float})
    rows["leverage"] = rows["debt"] / np.maximum(rows["assets"], 1e-6)
    rows["interest"] *= 100.0
    rows["user"] = rows["firm"].isin(users).astype(float)
    rows["weight"] *= rows["firm"].map(_likeness(rows[rows["year"] == GUARANTEE_START - 1])).fillna(0.0)
    rows = rows[rows["weight"] > 0.0]
    rows["treated"] = rows["user"] * (rows["year"] >= GUARANTEE_START)
    return rows


def _likeness(rows: pd.DataFrame) -> pd.Series:
    """Weight factor by firm that gives the others the users' leverage and size before the guarantee; zero where there is no user alike.

    Args:
        rows: One row per firm: firm, user, weight, leverage, assets.
    """
    leverage = np.floor(20.0 * rows["leverage"].clip(upper=2.0))
    cell = leverage * 100.0 + np.floor(np.log2(np.maximum(rows["assets"], 1.0)))
    users, all_ = ((rows["weight"] * part).groupby(cell).transform("sum") for part in (rows["user"], 1.0))
    others = all_ - users
    factor = np.where(rows["user"] == 1.0, others > 0.0, np.divide(users, others, out=np.zeros(len(rows)), where=others > 0.0))
    return pd.Series(factor.astype(float), index=rows["firm"])


def cutoff(panel: Panel) -> list[Estimate]:
    """Regression discontinuity at the score of a grant: entry into the mode applied for, home jobs and sales two years later.

    Local linear regression on both sides of the cut-off, within :data:`BANDWIDTH`, with effects of the programme and year.
    """
    study, fact = "grant at the score cut-off", "T208"
    outcomes = (
        ("entered", "share that took up a new mode", "", Expected(POSITIVE, "some entries are additional (about a fifth)", size="0.2")),
        ("log_employees", f"log home employees after {AFTER} years", fact, Expected(NONE, "no effect on jobs", size="0")),
        ("log_value", f"log home sales after {AFTER} years", fact, Expected(NONE, "no effect on value added", size="0")),
    )
    if panel.applications is None or not len(panel.applications):
        reason = "no application was scored" if panel.applications is not None else NOT_SCORED
        return [missing(study, code, name, expected, reason) for _, name, code, expected in outcomes]
    rows = _near_cutoff(panel)
    found = []
    for outcome, name, code, expected in outcomes:
        value, error, n = discontinuity(rows, outcome)
        found.append(judged(study, code, name, value, error, n, expected))
    return found


def _near_cutoff(panel: Panel) -> pd.DataFrame:
    """Applications near the cut-off with the outcomes of their firms."""
    assert panel.applications is not None
    rows = panel.applications[panel.applications["score"].abs() <= BANDWIDTH].copy()
    rows = rows[(rows["year"] + AFTER).isin(list(panel.firms))]
    later = _outcomes(panel, sorted(rows["year"].unique()))
    return rows.merge(later, on=["firm", "year", "mode"], how="inner")


def _outcomes(panel: Panel, years: Iterable[int]) -> pd.DataFrame:
    """State of firms :data:`AFTER` years after each year, per mode: entered since (NaN for who was in it before), home jobs, home sales."""
    parts = []
    for year in years:
        firms = panel.firms[year + AFTER]
        shared = {
            "firm": firms["firm"], "year": year, "log_employees": np.log(np.maximum(firms["employees"].astype(float), 1.0)),
            "log_value": np.log(np.maximum(firms["home_sales"].astype(float), 1e-3)),
        }
        entered = np.where(firms["since"] >= year, 1.0, 0.0)
        was_in = ((firms["since"] > 0) & (firms["since"] < year)) | ((firms["since"] == 0) & (firms["left"] >= year))
        entered[was_in] = np.nan  # a further market or host of a mode they were in, which this outcome cannot tell
        parts += [pd.DataFrame({**shared, "mode": mode, "entered": entered[:, mode]}) for mode in range(1, 7)]
    return pd.concat(parts, ignore_index=True)


def discontinuity(rows: pd.DataFrame, outcome: str) -> tuple[float, float, int]:
    """Jump of an outcome at a score of zero: triangular kernel, separate slopes, robust errors.

    Args:
        rows: Columns score, weight and the outcome; served applications are those with a score of zero or more.
        outcome: Name of the outcome.

    Returns:
        Jump, standard error, observations; NaN with fewer than ten on a side.
    """
    import statsmodels.api as sm

    rows = rows[np.isfinite(rows[outcome].astype(float))]
    above = (rows["score"] >= 0.0).astype(float)
    if min(above.sum(), (1.0 - above).sum()) < 10:
        return np.nan, np.nan, len(rows)
    design = sm.add_constant(pd.DataFrame({"above": above, "score": rows["score"], "slope": above * rows["score"]}).astype(float))
    kernel = np.maximum(1.0 - rows["score"].abs() / BANDWIDTH, 1e-6) * rows["weight"]
    fitted = sm.WLS(rows[outcome].astype(float), design, weights=kernel).fit(cov_type="HC1")
    return float(fitted.params["above"]), float(fitted.bse["above"]), len(rows)
