"""What more firms abroad cost: the points that no other point beats on both counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expansion_sim.experiment.analysis.gaps import mean_there
from expansion_sim.experiment.analysis.observations import Missing, Year, mean_by_row
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.experiment.analysis.resampling import RESAMPLES, resampled_rows

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results


def non_dominated(cost: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Which points nobody beats: no other costs at most as much and gains at least as much, one of them strictly.

    Args:
        cost: Shape (n,), smaller is better.
        gain: Shape (n,), larger is better.

    Returns:
        Shape (n,); equal points are all in or all out, NaN is out.
    """
    on = np.zeros(len(cost), bool)
    known = np.flatnonzero(np.isfinite(cost) & np.isfinite(gain))
    order = known[np.lexsort((-gain[known], cost[known]))]
    best, paid = -np.inf, np.nan
    for row in order:
        if gain[row] > best:
            best, paid = gain[row], cost[row]
            on[row] = True
        elif gain[row] == best and cost[row] == paid:
            on[row] = True
    return on


def pareto_front(
    results: Results, cost: str, gain: str, *, cost_year: Year = "total", gain_year: Year = None, against_base: bool = True,
    level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0, missing: Missing = "raise",
) -> pd.DataFrame:
    """Cost and gain of every point with intervals, and which are on the front.

    Args:
        results: A sweep's results.
        cost: Outcome to keep small, such as spending.
        gain: Outcome to make large, such as firms abroad.
        cost_year: Year of the cost; the sum over all years by default.
        gain_year: Year of the gain; the last by default.
        against_base: Take both as paired differences from the base point, which stands at zero, zero and beats what costs more and gains no
            more.
        level: Coverage of the intervals.
        resamples: Number of resamples of replications for ``on_front_share``.
        seed: Seed of the resampling.
        missing: Refuse failed runs, or leave them out.

    Returns:
        Index point; columns cost, cost_low, cost_high, gain, gain_low, gain_high, n, on_front, on_front_share (share of resamples
        of replications in which the point is on the front: how sure its place is; NaN with one replication, which cannot tell).

    Raises:
        InputError: Failed runs, or a cost that has no sum over the years, see
            :func:`expansion_sim.experiment.analysis.observations.why_no_sum`.
    """
    values = {}
    for label, outcome, year in (("cost", cost, cost_year), ("gain", gain, gain_year)):
        values[label] = responses(results, outcome, year, against_base=against_base, missing=missing)
    both = values["cost"].index.intersection(values["gain"].index)
    values = {label: frame.loc[both] for label, frame in values.items()}
    table = pd.DataFrame(index=both)
    for label, frame in values.items():
        mean, low, high, count = mean_by_row(frame.to_numpy(float), level)
        table[[label, f"{label}_low", f"{label}_high"]] = np.column_stack([mean, low, high])
        table["n"] = count
    table["on_front"] = _unbeaten(table["cost"].to_numpy(), table["gain"].to_numpy(), against_base)
    table["on_front_share"] = _front_share(values["cost"].to_numpy(float), values["gain"].to_numpy(float), resamples, seed, against_base)
    return table


def _unbeaten(cost: np.ndarray, gain: np.ndarray, against_base: bool) -> np.ndarray:
    """Points that neither another point nor the base at zero, zero beats, shape (n,)."""
    if not against_base:
        return non_dominated(cost, gain)
    return non_dominated(np.append(cost, 0.0), np.append(gain, 0.0))[:-1]


def _front_share(cost: np.ndarray, gain: np.ndarray, resamples: int, seed: int, against_base: bool) -> np.ndarray:
    """How often each point is on the front of means over resampled replications; both of shape (points, replications)."""
    if cost.shape[1] < 2:
        return np.full(len(cost), np.nan)
    times = np.zeros(len(cost))
    for draw in resampled_rows(cost.shape[1], resamples, seed).T:
        times += _unbeaten(mean_there(cost[:, draw], 1), mean_there(gain[:, draw], 1), against_base)
    return times / resamples
