"""Credit and exports: the same draws with a crisis of credit taken out, and with one put into calm years."""

from __future__ import annotations

import numpy as np

from expansion_sim.codes import EXPORT_MODES, MANUFACTURING
from expansion_sim.validation.measures import uses_any
from expansion_sim.validation.snapshot import Snapshot
from expansion_sim.validation.virtual.estimate import NEGATIVE, NONE, Estimate, Expected, judged
from expansion_sim.validation.virtual.panel import Panel

#: Years in which the record's credit is tight and is set to neutral, and calm years in which it is set to SHOCK instead.
CRISES, CALM, NEUTRAL, SHOCK = ((1997, 1999), (2008, 2009)), (2003, 2004), 0.0, -0.4
#: Years in which the effect is read: those of the shock and the one after it, for plans are carried out a year later.
READ_CRISES, READ_CALM = (1998, 1999, 2000, 2009, 2010), (2004, 2005)
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
    study, note = "credit and exports", "banks differ by year only, so worlds are compared instead of firms"
    crisis, crisis_error, n = _effect(panel, other, READ_CRISES)
    calm, calm_error, m = _effect(other, panel, READ_CALM)
    return [
        judged(study, "T207", "percentage points exporting, crises of credit", crisis, crisis_error, n,
               Expected(NEGATIVE, "lower export participation in crises"), note),
        judged(study, "T207", "percentage points exporting, a shock in calm years", calm, calm_error, m,
               Expected(NONE, "no effect in normal times", negligible=NEGLIGIBLE), note),
    ]


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
