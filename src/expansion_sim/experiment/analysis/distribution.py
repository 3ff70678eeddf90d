"""The distribution of a variable over the firms of a run: its quantiles with intervals over replications, point by point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.choosing import distribution_of
from expansion_sim.experiment.analysis.observations import Missing, Year, accepted, mean_by_row, outcome_names, why_not, years_of
from expansion_sim.experiment.analysis.paired import base_points

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results


def quantiles_of(results: Results, outcome: str) -> dict[int, str]:
    """Quantiles in percent that are kept of an outcome's final distribution -> outcomes; empty where it is part of none."""
    stem = distribution_of(outcome)
    names = [name for name in outcome_names(results) if stem and name.startswith(f"{stem}:q") and distribution_of(name) == stem]
    return {int(name.rpartition(":q")[2]): name for name in names}


def quantile_values(results: Results, outcome: str, year: Year = None, missing: Missing = "raise") -> pd.DataFrame:
    """Quantiles of every run.

    Args:
        results: A sweep's results.
        outcome: Any outcome of a final distribution, or its name without the ending.
        year: Calendar year; None for the last one kept.
        missing: Refuse failed runs, or leave them out.

    Returns:
        Index (point, quantile in percent), one column per replication.

    Raises:
        InputError: The outcome is part of no final distribution, a year that was not kept, or failed runs.
    """
    kept = quantiles_of(results, outcome)
    if not kept:
        told = f"{outcome!r} is no distribution over firms: keep one with outcomes = ['final:employees'] or another variable"
        raise InputError(told, file=str(results.path))
    first = next(iter(kept.values()))
    reason = why_not(results, first, year)
    if reason:
        raise InputError(reason, file=str(results.path))
    rows = results.table(list(kept.values()), missing="drop")
    rows = rows[rows["year"] == (year or max(years_of(results, first), default=0))]
    quantile = rows["outcome"].astype(str).map({name: share for share, name in kept.items()})
    values = rows.assign(quantile=quantile).pivot(index=["point", "quantile"], columns="replication", values="value")
    design = results.design
    wanted = pd.MultiIndex.from_product([sorted(design["point"].unique()), sorted(kept)], names=["point", "quantile"])
    return accepted(results, values.reindex(index=wanted, columns=sorted(design["replication"].unique())), first, missing)


def quantile_curves(
    results: Results, outcome: str, year: Year = None, *, against_base: bool = False, level: float = 0.95, missing: Missing = "raise",
) -> pd.DataFrame:
    """Mean of every quantile over replications with its interval, and with ``against_base`` of its paired difference.

    Returns:
        Index (point, quantile in percent); columns mean, low, high, n; with ``against_base`` also difference, difference_low,
        difference_high, NaN for bases.

    Raises:
        InputError: As :func:`quantile_values`.
    """
    values = quantile_values(results, outcome, year, missing)
    mean, low, high, count = mean_by_row(values.to_numpy(float), level)
    table = pd.DataFrame({"mean": mean, "low": low, "high": high, "n": count}, index=values.index)
    if not against_base:
        return table
    pairs, wide = base_points(results.design), values.unstack("quantile")
    apart = (wide.loc[pairs.index] - wide.loc[pairs].to_numpy()).stack("quantile", future_stack=True)
    names = ["difference", "difference_low", "difference_high"]
    found = pd.DataFrame(np.column_stack(mean_by_row(apart.to_numpy(float), level)[:3]), index=apart.index, columns=names)
    return table.join(found)
