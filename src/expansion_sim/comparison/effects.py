"""Replications put together: means of both worlds, and the difference with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from expansion_sim.comparison.counts import DIMENSIONS
from expansion_sim.comparison.measures import labelled_effects
from expansion_sim.results.intervals import mean_interval

KEYS = ("year", "measure", *DIMENSIONS)
EFFECT_COLUMNS = (*KEYS, "base", "other", "difference", "low", "high")


def combine(pairs: Sequence[pd.DataFrame], level: float = 0.95) -> pd.DataFrame:
    """Mean effects over replications with Student's t interval of the paired difference.

    Args:
        pairs: Effects of each replication: KEYS, base, other; a row that is missing is zero in both worlds.
        level: Coverage of the interval.

    Returns:
        EFFECT_COLUMNS; low and high are NaN with one replication.
    """
    frames = [labelled_effects(pair) for pair in pairs]
    codes = [_codes(frame) for frame in frames]
    cells, first = np.unique(np.concatenate(codes), return_index=True)
    values = np.zeros((2, cells.size, len(frames)))
    for replication, (frame, code) in enumerate(zip(frames, codes, strict=True)):
        values[:, np.searchsorted(cells, code), replication] = frame[["base", "other"]].to_numpy(float).T
    interval = mean_interval(values[1] - values[0], level)
    keys = pd.concat([frame[list(KEYS)] for frame in frames], ignore_index=True).iloc[first].reset_index(drop=True)
    base, other = values.mean(axis=2)
    return keys.assign(base=base, other=other, difference=interval.mean, low=interval.low, high=interval.high)


def _codes(frame: pd.DataFrame) -> np.ndarray:
    """One number per row that stands for its keys, shape (n,); ascending by year, measure and labels."""
    code = frame["year"].to_numpy(np.int64)
    for name in KEYS[1:]:
        column = frame[name].cat
        code = code * len(column.categories) + column.codes.to_numpy(np.int64)
    return code


def effect(effects: pd.DataFrame, measure: str, **labels: str) -> pd.DataFrame:
    """One measure over the years.

    Args:
        effects: Table of effects.
        measure: Name of the measure.
        labels: Label per dimension; the others are '' (all).

    Returns:
        Index year; columns base, other, difference, low, high.
    """
    keep = effects["measure"] == measure
    for name in DIMENSIONS:
        keep &= effects[name] == labels.get(name, "")
    return effects.loc[keep].set_index("year")[["base", "other", "difference", "low", "high"]].sort_index()


def totals(pairs: Sequence[pd.DataFrame], measure: str, years: np.ndarray) -> np.ndarray:
    """Totals of one measure in every replication, shape (2, years, replications); NaN where a year has none."""
    found = np.full((2, years.size, len(pairs)), np.nan)
    for replication, pair in enumerate(pairs):
        rows = pair[(pair["measure"] == measure) & (pair[list(DIMENSIONS)] == "").all(axis=1)]
        found[:, rows["year"].to_numpy(int) - int(years[0]), replication] = rows[["base", "other"]].to_numpy(float).T
    return found
