"""Credit and exports: exporters of weak and sound banks, and the same draws with a crisis of credit taken out or put into calm years."""

from __future__ import annotations

import numpy as np

from expansion_sim.codes import BANKS, EXPORT_MODES, MANUFACTURING
from expansion_sim.validation.measures import uses_any
from expansion_sim.validation.snapshot import Snapshot
from expansion_sim.validation.virtual.estimate import NEGATIVE, NONE, Estimate, Expected, judged
from expansion_sim.validation.virtual.panel import Panel

#: Years in which the record's credit is tight and is set to neutral, and calm years in which it is set to SHOCK instead: as far as it
#: moves from one calm year to the next.
CRISES, CALM, NEUTRAL, SHOCK = ((1997, 1999), (2008, 2009)), (2003, 2004), 0.0, -0.1
#: Years in which the effect is read: those of the shock and the one after it, for plans are carried out a year later.
READ_CRISES, READ_CALM = (1998, 1999, 2000, 2009, 2010), (2004, 2005)
#: Years of the panel of exporters and their banks.
PANEL_CRISES, PANEL_CALM = (1990, 1991, 1998, 1999, 2009, 2010), (1987, 1988, 2004, 2005, 2006, 2014, 2015)
SMALLEST = 20.0  # employees; smaller firms hardly export
NEGLIGIBLE = 0.2  # percentage points of exporters that count as no effect


def settings() -> str:
    """The other world's paths of credit, as a setting of a scenario."""
    spans = [(*years, NEUTRAL) for years in CRISES] + [(*CALM, SHOCK)]
    entries = ", ".join(f'{{series = "credit", from = {first}, to = {last}, value = {value}}}' for first, last, value in spans)
    return f"drivers.japan=[{entries}]"


def credit_and_exports(panel: Panel, other: Panel) -> list[Estimate]:
    """Effect of tight credit on the share of manufacturers that export: crises of the record, and a like shock in calm years.

    Args:
        panel: The record.
        other: The same draws with :func:`settings`.
    """
    study, note = "credit and exports", "the same firms in a world with other credit"
    crisis, crisis_error, n = _effect(panel, other, READ_CRISES)
    calm, calm_error, m = _effect(other, panel, READ_CALM)
    return [
        judged(study, "T207", "percentage points exporting, crises of credit", crisis, crisis_error, n,
               Expected(NEGATIVE, "lower export participation in crises"), note),
        judged(study, "T207", "percentage points exporting, a shock in calm years", calm, calm_error, m,
               Expected(NONE, "no effect in normal times", negligible=NEGLIGIBLE), note),
    ]


def exporters_and_banks(panel: Panel) -> list[Estimate]:
    """Whether exporters stop exporting when their main bank is weaker than others, in crises and in calm years.

    A linear model of stopping on the bank's weakness with year effects, clustered by bank. One unit is the spread between banks of the crises,
    in calm years as well: what a like difference would do then. What counts as nothing is a fifth of the effect in crises.

    Args:
        panel: Firms, their banks' health.
    """
    study, note = "exporters and their banks", "firms that exported last year; per s.d. of banks' health in crises, year effects"
    unit = float(np.mean([panel.banks[year].std() for year in PANEL_CRISES]))
    crisis, crisis_error, n = _stopping(panel, PANEL_CRISES, unit)
    calm, calm_error, m = _stopping(panel, PANEL_CALM, unit)
    return [
        judged(study, "T207", "percentage points exporting on, weaker bank, crises", -crisis, crisis_error, n,
               Expected(NEGATIVE, "lower export participation in crises"), note),
        judged(study, "T207", "the same in calm years", -calm, calm_error, m,
               Expected(NONE, "no effect in normal times", negligible=0.2 * abs(crisis)), note),
    ]


def _stopping(panel: Panel, years: tuple[int, ...], unit: float) -> tuple[float, float, int]:
    """Percentage points by which exporters of a bank weaker by ``unit`` stop more often; standard error by bank; firm-years."""
    stops, weakness, weights, banks = [], [], [], []
    for year in years:
        before, now = panel.firms[year - 1], panel.firms[year]
        _, i, j = np.intersect1d(before["firm"], now["firm"], return_indices=True)
        before, now = before[i], now[j]
        kept = np.isin(now["industry"], MANUFACTURING) & (before["channels"] > 0)
        bank = now["firm"][kept] % BANKS
        weight = now["weight"][kept].astype(float)
        stop = 100.0 * (now["channels"][kept] == 0)
        weak = -panel.banks[year][bank] / unit
        stops.append(stop - np.average(stop, weights=weight))
        weakness.append(weak - np.average(weak, weights=weight))
        weights.append(weight)
        banks.append(bank)
    y, x, w, group = (np.concatenate(part) for part in (stops, weakness, weights, banks))
    slope = float((w * x * y).sum() / (w * x * x).sum())
    scores = np.bincount(group, w * x * (y - slope * x), BANKS)
    return slope, float(np.sqrt((scores**2).sum()) / (w * x * x).sum()), y.size


def _effect(tight: Panel, easy: Panel, years: tuple[int, ...]) -> tuple[float, float, int]:
    """Mean difference in exporting between the tight and the easy world, percentage points, clustered by firm.

    Returns:
        Difference, standard error, firm-years.
    """
    ids, gaps, weights = [], [], []
    for year in years:
        mine, twin = tight.firms[year], easy.firms[year]
        _, i, j = np.intersect1d(mine["firm"], twin["firm"], return_indices=True)
        mine, twin = mine[i], twin[j]
        kept = np.isin(mine["industry"], MANUFACTURING) & (twin["employees"] >= SMALLEST)
        exports = [uses_any(Snapshot(firms[kept], year), EXPORT_MODES).astype(float) for firms in (mine, twin)]
        ids.append(mine["firm"][kept])
        gaps.append(100.0 * (exports[0] - exports[1]))
        weights.append(mine["weight"][kept].astype(float))
    return _clustered_mean(np.concatenate(ids), np.concatenate(gaps), np.concatenate(weights))


def _clustered_mean(ids: np.ndarray, values: np.ndarray, weights: np.ndarray) -> tuple[float, float, int]:
    """Weighted mean with a standard error clustered by id, and the number of values."""
    if not values.size:
        return np.nan, np.nan, 0
    share = weights / weights.sum()
    mean = float((share * values).sum())
    _, group = np.unique(ids, return_inverse=True)
    return mean, float(np.sqrt((np.bincount(group, share * (values - mean)) ** 2).sum())), values.size
