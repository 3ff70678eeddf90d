"""How long firms stay: discrete-time hazard models of export and plant spells, and the weight of last year's state."""

from __future__ import annotations

import numpy as np
import pandas as pd

from expansion_sim.codes import CLUSTER, EXPORT_MODES, FDI, MANUFACTURING
from expansion_sim.validation.econometrics import host_distance, in_before, spells
from expansion_sim.validation.measures import OWN_FDI, uses_any
from expansion_sim.validation.snapshot import Snapshot
from expansion_sim.validation.virtual import regressions
from expansion_sim.validation.virtual.estimate import NEGATIVE, POSITIVE, Estimate, Expected, judged
from expansion_sim.validation.virtual.panel import Panel

EXPORT_YEARS, PLANT_YEARS, CHOICE_YEARS = range(1994, 2010), range(1995, 2016), range(1998, 2006)
LARGE = 50.0  # employees from which the Basic Survey asks
RATIO = 10.0  # last year's state over one s.d. of productivity (T175)


def spell_rows(panel: Panel, years: range, modes: tuple[int, ...]) -> pd.DataFrame:
    """Firm-years at risk of leaving the modes, with spell length, controls and, for plants, distance.

    Args:
        panel: The panel.
        years: Years.
        modes: Codes of MODES.
    """
    parts = []
    for year in years:
        firms = Snapshot(panel.firms[year], year)
        rows, left, length = spells(firms, modes)
        parts.append(pd.DataFrame({
            "year": year, "firm": firms["firm"][rows], "weight": firms["weight"][rows].astype(float), "left": left.astype(float),
            "log_years": np.log(np.maximum(length, 1.0)),
            "log_employees": np.log(np.maximum(firms["employees"][rows].astype(float), 1.0)),
            "productivity": firms["productivity"][rows].astype(float), "industry": firms["industry"][rows],
            "distance": host_distance(firms, rows, left) if FDI in modes else 0.0,
        }))
    table = pd.concat(parts, ignore_index=True)
    return table[np.isfinite(table["distance"])]


def export_hazard(panel: Panel) -> list[Estimate]:
    """Complementary log-log hazard of leaving exports on log spell length, size and productivity, with year effects."""
    rows = spell_rows(panel, EXPORT_YEARS, EXPORT_MODES)
    fit = regressions.binary(rows, "left", ["log_years", "log_employees", "productivity"], ["year"], "firm", "cloglog")
    value, error = fit.value["log_years"], fit.error["log_years"]
    expected = Expected(NEGATIVE, "negative duration coefficient")
    return [judged("hazard of export spells", "T179", "log years in the spell", value, error, fit.n, expected)]


def plant_hazard(panel: Panel) -> list[Estimate]:
    """The same for own and collective plants, with distance; and its level against exports'."""
    rows = spell_rows(panel, PLANT_YEARS, (FDI, CLUSTER))
    regressors = ["log_years", "distance", "log_employees", "productivity"]
    fit = regressions.binary(rows, "left", regressors, ["year"], "firm", "cloglog")
    study = "hazard of plant spells"
    sign = Expected(POSITIVE, "rises with age and with distance")
    return [
        judged(study, "T180", "log years in the spell", fit.value["log_years"], fit.error["log_years"], fit.n, sign),
        judged(study, "T180", "distance, 1000 km", fit.value["distance"], fit.error["distance"], fit.n, sign),
        _level_below_exports(panel, rows),
    ]


def _level_below_exports(panel: Panel, plants: pd.DataFrame) -> Estimate:
    """Difference in yearly exit shares, plants less exports, with a binomial standard error."""
    exports = spell_rows(panel, PLANT_YEARS, EXPORT_MODES)
    shares, errors = [], []
    for rows in (plants, exports):
        weight = rows["weight"] / rows["weight"].sum()
        share = float((rows["left"] * weight).sum())
        shares.append(share)
        errors.append(float((weight**2 * (rows["left"] - share) ** 2).sum()))
    expected = Expected(NEGATIVE, "below the export exit hazard")
    return judged("hazard of plant spells", "T180", "exit share less that of exports, 1 a year", shares[0] - shares[1],
                  float(np.sqrt(sum(errors))), len(plants) + len(exports), expected)


def choice_rows(panel: Panel, modes: tuple[int, ...]) -> pd.DataFrame:
    """Manufacturers with fifty or more employees: in the modes this year and last year, productivity in s.d."""
    parts = []
    for year in CHOICE_YEARS:
        firms = Snapshot(panel.firms[year], year)
        frame = (firms["employees"] >= LARGE) & np.isin(firms["industry"], MANUFACTURING) & (firms["birth_year"] < year)
        parts.append(pd.DataFrame({
            "year": year, "firm": firms["firm"], "weight": firms["weight"].astype(float),
            "now": uses_any(firms, modes).astype(float), "before": in_before(firms, modes).astype(float),
            "productivity": firms["productivity"].astype(float),
            "log_employees": np.log(np.maximum(firms["employees"].astype(float), 1.0)), "industry": firms["industry"],
        })[frame])
    rows = pd.concat(parts, ignore_index=True)
    rows["productivity"] = (rows["productivity"] - rows["productivity"].mean()) / rows["productivity"].std()
    return rows


def state_against_productivity(panel: Panel) -> list[Estimate]:
    """Pooled logit of being in a mode on last year's state and productivity; published as a ratio of effects above ten.

    The coefficient tested is state less ten times productivity, because a ratio has no standard error near a zero denominator.
    """
    estimates = []
    for name, modes in (("FDI", OWN_FDI), ("export", EXPORT_MODES)):
        rows = choice_rows(panel, modes)
        rows["scaled"] = rows["productivity"] / RATIO  # its coefficient is ten times that of one s.d.
        fit = regressions.binary(rows, "now", ["before", "scaled", "log_employees"], ["year", "industry"], "firm")
        ratio = fit.value["before"] / max(abs(fit.value["scaled"]) / RATIO, 1e-3)
        error = float(np.hypot(fit.error["before"], fit.error["scaled"]))
        expected = Expected(POSITIVE, "last year's state at least ten times one s.d. of productivity", size="above 10")
        excess = fit.value["before"] - abs(fit.value["scaled"])
        what = "logit: state less 10 x productivity"
        estimates.append(judged(f"choice of {name}", "T175", what, excess, error, fit.n, expected,
                                "sizes are the ratio of the two effects", f"{ratio:.1f}"))
    return estimates
