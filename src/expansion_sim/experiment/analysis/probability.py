"""How likely an outcome is to exceed a threshold, and whole distributions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.observations import Missing, Year, observations
from expansion_sim.experiment.analysis.paired import differences, responses

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results


def wilson_interval(successes: np.ndarray | float, trials: np.ndarray | float, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's (1927) interval of a proportion; unlike p -+ z s it stays in [0, 1] and has width at 0 and n successes.

    Args:
        successes: Number of successes, any shape.
        trials: Number of trials, same shape.
        level: Coverage.

    Returns:
        low and high; NaN without trials.
    """
    n = np.asarray(trials, float)
    z2 = stats.norm.ppf(0.5 + level / 2) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(successes, float) / n
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def exceedance(
    results: Results, outcome: str, thresholds: float | Sequence[float], year: Year = None, *,
    against_base: bool = False, level: float = 0.95, missing: Missing = "raise",
) -> pd.DataFrame:
    """Share of replications in which an outcome lies above a threshold, with Wilson intervals.

    Args:
        results: A sweep's results.
        outcome: Name of the outcome.
        thresholds: One or several thresholds in the outcome's unit.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        against_base: Ask about the paired difference from the base point, such as additional firms.
        level: Coverage.
        missing: Refuse failed runs, or leave them out.

    Returns:
        Columns point, threshold, above (replications strictly above), n, probability, low, high.
    """
    asked = differences(results, outcome, year, missing=missing) if against_base else observations(results, outcome, year, missing)
    array = asked.to_numpy(float)
    count = np.isfinite(array).sum(axis=1)
    parts = []
    for threshold in np.atleast_1d(np.asarray(thresholds, float)):
        above = (array > threshold).sum(axis=1)
        low, high = wilson_interval(above, count, level)
        share = np.divide(above, count, out=np.full(len(count), np.nan), where=count > 0)
        columns = {"threshold": threshold, "above": above, "n": count, "probability": share, "low": low, "high": high}
        parts.append(pd.DataFrame(columns, index=asked.index).reset_index())
    return pd.concat(parts, ignore_index=True)


def sample_exceedance(
    results: Results, outcome: str, thresholds: float | Sequence[float], year: Year = None, *,
    against_base: bool = False, level: float = 0.95, missing: Missing = "raise",
) -> pd.DataFrame:
    """Probability over the sample of a sampled design that an outcome lies above a threshold: all its points pooled, base worlds aside.

    The interval is Wilson's with the number of independent draws that the spread between points leaves of all runs (replications of one
    point are alike). It says how far another sample of points would differ; where all points share their draws, their luck is not in it.

    Args:
        results: Results of a design whose points are a sample of ranges.
        outcome: Name of the outcome.
        thresholds: One or several thresholds in the outcome's unit.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        against_base: Ask about the paired difference from the base point, such as additional firms.
        level: Coverage.
        missing: Refuse failed runs, or leave them out.

    Returns:
        Columns threshold, points, runs, above (runs strictly above), probability (mean over points), low, high.
    """
    array = responses(results, outcome, year, against_base=against_base, missing=missing).to_numpy(float)
    there = np.isfinite(array)
    rows = []
    for threshold in np.atleast_1d(np.asarray(thresholds, float)):
        shares = (array > threshold).sum(axis=1) / there.sum(axis=1)
        probability = float(shares.mean())
        independent = _independent(shares, int(there.sum()))
        low, high = wilson_interval(probability * independent, independent, level)
        rows.append((float(threshold), len(shares), int(there.sum()), int((array > threshold).sum()), probability, float(low), float(high)))
    return pd.DataFrame(rows, columns=["threshold", "points", "runs", "above", "probability", "low", "high"])


def _independent(shares: np.ndarray, runs: int) -> float:
    """Independent draws that pooled runs are worth: from the variance of the points' shares, shape (points,); points at least, runs at most."""
    points, mean = len(shares), float(shares.mean())
    spread = float(shares.var(ddof=1)) / points if points > 1 else 0.0
    worth = mean * (1 - mean) / spread if spread > 0 else float(points)
    return float(np.clip(worth, points, runs))


def weighted_ecdf(values: np.ndarray, weights: np.ndarray | None = None) -> pd.DataFrame:
    """Empirical distribution function of weighted values.

    Args:
        values: Shape (n,), finite.
        weights: Non-negative weights, shape (n,); None for equal ones.

    Returns:
        Columns value (distinct, ascending) and share: the weight of values up to and including it, over all weight.

    Raises:
        InputError: No values, NaN among them, or weights that are negative or all zero.
    """
    values = np.asarray(values, float)
    weights = np.ones(values.shape) if weights is None else np.asarray(weights, float)
    if not values.size or not np.isfinite(values).all():
        raise InputError("a distribution needs values, all of them finite")
    if weights.shape != values.shape or not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() == 0:
        raise InputError("weights must be finite, not negative, not all zero, and one for each value")
    distinct, place = np.unique(values, return_inverse=True)
    mass = np.bincount(place, weights=weights)
    return pd.DataFrame({"value": distinct, "share": np.cumsum(mass) / mass.sum()})


def ecdfs(
    results: Results, outcome: str, year: Year = None, *, against_base: bool = False, weights: pd.Series | None = None,
    missing: Missing = "raise",
) -> pd.DataFrame:
    """Distribution of an outcome over replications at each point of the design, and over all its runs; base worlds are no part of either.

    Args:
        results: A sweep's results.
        outcome: Name of the outcome.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        against_base: Take the paired difference from the base point, such as additional firms.
        weights: Weight of each point in the distribution over all runs (index point); None for equal ones.
        missing: Refuse failed runs, or leave them out.

    Returns:
        Columns point (-1 for all runs together), value, share.
    """
    values = responses(results, outcome, year, against_base=against_base, missing=missing)
    single = {int(point): weighted_ecdf(row[np.isfinite(row)]) for point, row in _rows(values)}
    of_point = pd.Series(1.0, values.index) if weights is None else weights.reindex(values.index)
    flat = values.to_numpy(float).ravel()
    share = np.repeat(of_point.to_numpy(float), values.shape[1])
    there = np.isfinite(flat)
    tables = {-1: weighted_ecdf(flat[there], share[there]), **single}
    whole = pd.concat([table.assign(point=point) for point, table in tables.items()], ignore_index=True)
    return whole[["point", "value", "share"]]


def _rows(values: pd.DataFrame) -> zip[tuple[int, np.ndarray]]:
    return zip(values.index, values.to_numpy(float), strict=True)
