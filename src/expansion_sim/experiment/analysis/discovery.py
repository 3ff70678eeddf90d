"""Scenario discovery: which factor ranges lead to an outcome beyond a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.experiment.analysis import prim
from expansion_sim.experiment.analysis.observations import Missing, NothingVaries, Year, points_of, varied_factors
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.experiment.spec import DUMMY

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results


class Discovery(NamedTuple):
    """A box of factor ranges and how well it does.

    Attributes:
        outcome: Outcome asked about.
        threshold: Threshold in its unit.
        box: One row per restricted factor: factor, low, high (NaN where open), least, most (ends of the cases' range), choices (those
            left, joined by commas), p_low, p_high (quasi-p-values; that of choices in p_high).
        trajectory: One row per peel: step, cases, hits, mass, density, coverage, restricted (factors, joined by commas).
        density: Share of the box's cases beyond the threshold.
        coverage: Share of all cases beyond it that the box holds.
        mass: Share of all cases that the box holds.
        cases: Number of cases, those outside the box included.
        base_rate: Share of all cases beyond the threshold.
    """

    outcome: str
    threshold: float
    box: pd.DataFrame
    trajectory: pd.DataFrame
    density: float
    coverage: float
    mass: float
    cases: int
    base_rate: float


def discover(
    results: Results, outcome: str, threshold: float, year: Year = None, *, below: bool = False, against_base: bool = False,
    density: float = 0.8, alpha: float = 0.05, least_mass: float = 0.05, missing: Missing = "raise",
) -> Discovery:
    """Find factor ranges in which an outcome mostly lies beyond a threshold.

    A case is a point: its outcome is the mean over replications, since replications of one point are not independent cases. Nor are
    the points inside a block, which repeat each other's settings and draws: of these only the two ends are cases.

    Args:
        results: Results of a design that fills its space, such as ``latin_hypercube``, ``sobol`` or ``saltelli``.
        outcome: Name of the outcome.
        threshold: Threshold in its unit.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        below: Ask for outcomes below the threshold instead of above.
        against_base: Take the paired difference from the base point, such as additional firms.
        density: Density the box should reach.
        alpha: Share of cases peeled off at a time.
        least_mass: Smallest share of cases in a box.
        missing: Refuse failed runs, or leave them out.

    Raises:
        InputError: Failed runs, or a threshold that all points or none exceed.
    """
    response = responses(results, outcome, year, against_base=against_base, missing=missing).mean(axis=1).dropna()
    response = response[_unlike(results.design, response.index)]
    points = points_of(results.design).loc[response.index]
    names = [name for name in varied_factors(points) if name != DUMMY]
    if not names:
        raise NothingVaries("no factor varies in this sweep: there is nothing to discover", file=str(results.path))
    cases = _as_cases(points[names])
    interest = (response < threshold if below else response > threshold).to_numpy()
    trajectory = prim.peel(cases, interest, alpha, least_mass)
    found = prim.prune(prim.paste(prim.choose(trajectory, density), cases, interest, alpha), cases, interest)
    rate = float(interest.mean())
    shares = (found.density, found.coverage, found.mass, len(cases), rate)
    return Discovery(outcome, threshold, _box_table(found, cases, interest), _trajectory_table(trajectory), *shares)


def _unlike(design: pd.DataFrame, points: pd.Index) -> np.ndarray:
    """Which points are cases of their own: all without blocks, of each block the first and the last, which differ in every factor."""
    block = design.drop_duplicates("point").set_index("point")["block"].reindex(points)
    ends = ~(block.duplicated(keep="first") & block.duplicated(keep="last"))
    return ((block < 0) | ends).to_numpy()


def _as_cases(points: pd.DataFrame) -> pd.DataFrame:
    """Numbers stay numbers, everything else becomes a choice; so do switches."""
    number = {name for name in points if pd.api.types.is_numeric_dtype(points[name]) and points[name].dtype != bool}
    return pd.DataFrame({name: points[name] if name in number else points[name].astype(str) for name in points})


def _box_table(found: prim.Scored, cases: pd.DataFrame, interest: np.ndarray) -> pd.DataFrame:
    chances = prim.quasi_p_values(found, cases, interest)
    rows = []
    for name in found.box.restricted():
        gone = found.box.without.get(name, frozenset())
        left = ", ".join(sorted(set(cases[name]) - gone)) if gone else ""
        limits = found.box.low.get(name, np.nan), found.box.high.get(name, np.nan)
        p_high = chances.get((name, "high"), chances.get((name, "without"), np.nan))
        rows.append((name, *limits, *_ends(cases[name]), left, chances.get((name, "low"), np.nan), p_high))
    return pd.DataFrame(rows, columns=["factor", "low", "high", "least", "most", "choices", "p_low", "p_high"])


def _ends(column: pd.Series) -> tuple[float, float]:
    """Ends of a factor's range over the cases; NaN for choices."""
    number = pd.api.types.is_numeric_dtype(column)
    return (float(column.min()), float(column.max())) if number else (np.nan, np.nan)


def _trajectory_table(trajectory: list[prim.Scored]) -> pd.DataFrame:
    rows = [
        (step, one.cases, one.hits, one.mass, one.density, one.coverage, ", ".join(one.box.restricted()))
        for step, one in enumerate(trajectory)
    ]
    return pd.DataFrame(rows, columns=["step", "cases", "hits", "mass", "density", "coverage", "restricted"])
