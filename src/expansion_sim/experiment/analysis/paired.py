"""Differences against a base point, replication by replication, under the same draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.gaps import with_values
from expansion_sim.experiment.analysis.observations import Missing, Year, by_year, main_points, mean_by_row, observations

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results


def base_points(design: pd.DataFrame, base: int | None = None) -> pd.Series:
    """The point that each point is compared with.

    Args:
        design: Design table; ``paired_with`` names the base run of each run, empty where there is none.
        base: One base for all, of the caller's choice.

    Returns:
        Index point, value base point; bases are not among the index.

    Raises:
        InputError: The design pairs no points, or the chosen base does not exist.
    """
    known = pd.Index(design["point"].unique()).sort_values()
    if base is not None:
        if base not in known:
            raise InputError(f"no point {base} in this sweep; points: {known[0]} to {known[-1]}")
        return pd.Series(int(base), index=known.drop(base).rename("point"))
    firsts = design.drop_duplicates("point").set_index("point").sort_index()
    pairs = firsts["paired_with"].map(design.set_index("run")["point"]).dropna().astype(int)
    if pairs.empty:
        raise InputError("the design pairs no points: add [pairing] to the experiment, or say which point is the base")
    return pairs


def differences(
    results: Results, outcome: str, year: Year = None, *, base: int | None = None, missing: Missing = "raise",
) -> pd.DataFrame:
    """Outcome of each run less that of its base in the same replication.

    Args:
        results: A sweep's results.
        outcome: Name of the outcome.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        base: Base point; None takes those the design names.
        missing: Refuse failed runs, or leave out the pairs they belong to.

    Returns:
        Index point (without bases), one column per replication.

    Raises:
        InputError: As :func:`observations` and :func:`base_points`, or a point does not share its draws with its base.
    """
    pairs = base_points(results.design, base)
    _check_same_draws(results.design, pairs, str(results.path))
    values = observations(results, outcome, year, missing)
    return values.loc[pairs.index] - values.loc[pairs].to_numpy()


def yearly_differences(results: Results, outcome: str, *, missing: Missing = "raise") -> pd.DataFrame:
    """As :func:`differences` from the base that the design names, for every year: index (point, year), one column per replication.

    Raises:
        InputError: As :func:`differences`.
    """
    pairs = base_points(results.design)
    _check_same_draws(results.design, pairs, str(results.path))
    wide = by_year(results, outcome, missing).unstack("year")
    return pd.DataFrame((wide.loc[pairs.index] - wide.loc[pairs].to_numpy()).stack("year", future_stack=True))


def responses(
    results: Results, outcome: str, year: Year = None, *, against_base: bool = False, missing: Missing = "raise",
) -> pd.DataFrame:
    """The outcome itself, or with ``against_base`` its paired difference: index point without bases and points without any value."""
    if against_base:
        return with_values(differences(results, outcome, year, missing=missing))
    return with_values(observations(results, outcome, year, missing).loc[main_points(results.design)])


def paired_differences(
    results: Results, outcome: str, year: Year = None, *, base: int | None = None, level: float = 0.95,
    missing: Missing = "raise",
) -> pd.DataFrame:
    """Mean difference of every point from the base, with the interval of paired replications.

    Returns:
        Index point; columns mean, low, high, n (pairs), distinct (whether the interval leaves out zero; False where one pair
        says nothing about spread, unless all is equal).
    """
    values = differences(results, outcome, year, base=base, missing=missing)
    mean, low, high, count = mean_by_row(values.to_numpy(float), level)
    columns = {"mean": mean, "low": low, "high": high, "n": count, "distinct": (low > 0) | (high < 0)}
    return pd.DataFrame(columns, index=values.index)


def _check_same_draws(design: pd.DataFrame, pairs: pd.Series, place: str) -> None:
    """Paired replications must have one seed: a difference of unpaired runs has a far wider spread."""
    seeds = design.pivot(index="point", columns="replication", values="seed")
    other = np.argwhere(seeds.loc[pairs.index].to_numpy() != seeds.loc[pairs].to_numpy())
    if other.size:
        point, replication = pairs.index[other[0][0]], seeds.columns[other[0][1]]
        told = f"point {point} does not share the draws of its base, point {pairs[point]} (replication {replication})"
        raise InputError(f"{told}; pair the points in the experiment file, or compare means without pairing", file=place)
