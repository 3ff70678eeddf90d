"""The patient rule induction method: a box of factor ranges in which the cases of interest are dense.

Friedman and Fisher (1999), "Bump hunting in high-dimensional data", Statistics and Computing 9. Peeling cuts a small share of
cases off one face of the box at a time, the face that raises the density most per case given up; pasting widens the final box
again where that costs no density. Every peel is kept, so that one may trade density (share of the box's cases that are of
interest) for coverage (share of all cases of interest that are in the box). Quasi-p-values follow Bryant and Lempert (2010): how
likely so many hits would be if a restriction were chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.observations import NothingVaries


@dataclass(frozen=True)
class Box:
    """A region of factor space: open intervals of numbers, sets of choices.

    Attributes:
        low: Lower limit by factor; cases lie strictly above it. Absent: not restricted.
        high: Upper limit by factor; cases lie strictly below it.
        without: Choices cut off, by factor.
    """

    low: dict[str, float]
    high: dict[str, float]
    without: dict[str, frozenset[str]]

    def holds(self, cases: pd.DataFrame) -> np.ndarray:
        """Which cases lie in the box, shape (n,)."""
        inside = np.ones(len(cases), bool)
        for name, limit in self.low.items():
            inside &= cases[name].to_numpy() > limit
        for name, limit in self.high.items():
            inside &= cases[name].to_numpy() < limit
        for name, choices in self.without.items():
            inside &= ~cases[name].isin(choices).to_numpy()
        return inside

    def restricted(self) -> list[str]:
        """Names of the restricted factors."""
        return list(dict.fromkeys([*self.low, *self.high, *self.without]))


EVERYTHING = Box({}, {}, {})
_SOME_GAIN = 1e-15  # density per case; differences of equal shares round to less


class Scored(NamedTuple):
    """A box with how well it does.

    Attributes:
        box: The box.
        cases: Cases inside.
        hits: Cases of interest inside.
        mass: Share of all cases inside.
        density: hits over cases.
        coverage: hits over all cases of interest.
    """

    box: Box
    cases: int
    hits: int
    mass: float
    density: float
    coverage: float


def score(box: Box, cases: pd.DataFrame, interest: np.ndarray) -> Scored:
    """Density, coverage and mass of a box."""
    inside = box.holds(cases)
    count, hits = int(inside.sum()), int(interest[inside].sum())
    return Scored(box, count, hits, count / len(cases), hits / count if count else 0.0, hits / int(interest.sum()))


def peel(cases: pd.DataFrame, interest: np.ndarray, alpha: float = 0.05, least_mass: float = 0.05) -> list[Scored]:
    """Cut off face after face.

    Args:
        cases: One row per case; columns of numbers, or of text for choices.
        interest: Whether each case is of interest, shape (n,).
        alpha: Share of the box's cases cut off at a time (at least one case; ties go together; a choice goes whole).
        least_mass: Share of all cases below which no box may fall.

    Returns:
        The boxes from everything to the last peel that raised the density.

    Raises:
        InputError: No case is of interest, or all are, or values are missing.
    """
    interest = _checked(cases, interest, alpha)
    trajectory = [score(EVERYTHING, cases, interest)]
    while True:
        last = trajectory[-1]
        candidates = [score(box, cases, interest) for box in _peels(last.box, cases, alpha)]
        best = _best([one for one in candidates if one.cases >= max(1.0, least_mass * len(cases))], last, _SOME_GAIN)
        if best is None:
            return trajectory
        trajectory.append(best)


def paste(found: Scored, cases: pd.DataFrame, interest: np.ndarray, alpha: float = 0.05) -> Scored:
    """Widen a box face by face as long as that does not lower its density.

    Args:
        found: Box to widen.
        cases: As in :func:`peel`.
        interest: As in :func:`peel`.
        alpha: Share of the box's cases added at a time.
    """
    interest = _checked(cases, interest, alpha)
    while True:
        wider = _best([score(box, cases, interest) for box in _pastes(found, cases, alpha)], found, 0.0)
        if wider is None:
            return found
        found = wider


def choose(trajectory: list[Scored], density: float = 0.8) -> Scored:
    """The box of largest coverage among those at least as dense as asked; the densest one if none is."""
    dense = [one for one in trajectory if one.density >= density]
    return max(dense, key=lambda one: (one.coverage, one.density)) if dense else max(trajectory, key=lambda one: one.density)


def quasi_p_values(found: Scored, cases: pd.DataFrame, interest: np.ndarray) -> dict[tuple[str, str], float]:
    """One-sided binomial test of every restriction of a box.

    Args:
        found: The box.
        cases: As in :func:`peel`.
        interest: As in :func:`peel`.

    Returns:
        (factor, face) -> probability of at least so many hits among as many cases, at the density that the box has without
        the restriction; faces are ``low``, ``high`` and ``without``. It takes cases as independent and the box as given, so
        it flatters: use it to rank restrictions, not to prove them.
    """
    values = {}
    for face in ("low", "high", "without"):
        for name in getattr(found.box, face):
            freed = score(_without_face(found.box, name, face), cases, interest)
            values[name, face] = float(stats.binomtest(found.hits, found.cases, freed.density, alternative="greater").pvalue)
    return values


def prune(found: Scored, cases: pd.DataFrame, interest: np.ndarray, chance: float = 0.05) -> Scored:
    """Drop restrictions that may be chance, the likeliest first, until every one left has a quasi-p-value of at most ``chance``.

    A box so names the factors that matter and no others; it gets wider, and its density is that of the wider box.

    Args:
        found: Box to prune.
        cases: As in :func:`peel`.
        interest: As in :func:`peel`.
        chance: Largest quasi-p-value of a restriction that stays.
    """
    while True:
        values = quasi_p_values(found, cases, interest)
        worst = max(values, key=lambda face: values[face], default=None)
        if worst is None or values[worst] <= chance:
            return found
        found = score(_without_face(found.box, *worst), cases, interest)


def _without_face(box: Box, name: str, face: str) -> Box:
    """The box without one restriction."""
    return replace(box, **{face: {key: limit for key, limit in getattr(box, face).items() if key != name}})


def _checked(cases: pd.DataFrame, interest: np.ndarray, alpha: float) -> np.ndarray:
    interest = np.asarray(interest, bool)
    if interest.shape != (len(cases),) or cases.isna().to_numpy().any():
        raise InputError("scenario discovery needs one answer for each case and no missing values")
    if not 0.0 < alpha < 0.5:
        raise InputError(f"alpha must lie between 0 and 0.5, got {alpha}")
    if not interest.any() or interest.all():
        told = "all" if interest.any() else "none"
        raise NothingVaries(f"{told} of the {len(cases)} cases are of interest: nothing to tell apart; move the threshold")
    return interest


def _best(candidates: list[Scored], last: Scored, least_gain: float) -> Scored | None:
    """The candidate with the largest gain of density per case given up or added, the first of equals; None when none gains."""
    other = [one for one in candidates if one.cases != last.cases]
    gains = [(one.density - last.density) / abs(one.cases - last.cases) for one in other]
    ranked = sorted(zip(gains, other, strict=True), key=lambda pair: (-pair[0], len(pair[1].box.restricted())))
    return ranked[0][1] if ranked and ranked[0][0] >= least_gain else None


def _peels(box: Box, cases: pd.DataFrame, alpha: float) -> Iterator[Box]:
    """All boxes one peel smaller."""
    inside = cases[box.holds(cases)]
    count = int(alpha * (len(inside) - 1)) + 1  # up to and including the quantile
    for name in map(str, inside.columns):
        column = inside[name]
        if not pd.api.types.is_numeric_dtype(column):
            for choice in sorted(column.unique()) if column.nunique() > 1 else []:
                gone = box.without.get(name, frozenset()) | {choice}
                yield replace(box, without=box.without | {name: gone})
            continue
        values, most = np.unique(column.to_numpy(float), return_counts=True)
        if values.size > 1:
            yield replace(box, low=box.low | {name: _cut(values, most, count)})
            yield replace(box, high=box.high | {name: -_cut(-values[::-1], most[::-1], count)})


def _cut(values: np.ndarray, most: np.ndarray, count: int) -> float:
    """Limit half-way between the last of the ``count`` lowest cases and the next distinct value; keeps one value at least."""
    gone = min(int(np.searchsorted(np.cumsum(most), count)) + 1, values.size - 1)
    return float((values[gone - 1] + values[gone]) / 2)


def _pastes(found: Scored, cases: pd.DataFrame, alpha: float) -> Iterator[Box]:
    """All boxes one paste larger."""
    box, count = found.box, int(alpha * (found.cases - 1)) + 1
    for name, limit in box.low.items():
        free = replace(box, low={key: value for key, value in box.low.items() if key != name})
        beyond = cases[name].to_numpy(float)[free.holds(cases)]
        reached = _reach(-beyond[beyond <= limit], count)
        yield free if reached is None else replace(box, low=box.low | {name: -reached})
    for name, limit in box.high.items():
        free = replace(box, high={key: value for key, value in box.high.items() if key != name})
        beyond = cases[name].to_numpy(float)[free.holds(cases)]
        reached = _reach(beyond[beyond >= limit], count)
        yield free if reached is None else replace(box, high=box.high | {name: reached})
    for name, gone in box.without.items():
        for choice in sorted(gone):
            rest = gone - {choice}
            left = {key: value for key, value in box.without.items() if key != name}
            yield replace(box, without=left | ({name: rest} if rest else {}))


def _reach(beyond: np.ndarray, count: int) -> float | None:
    """Limit that takes in the ``count`` nearest cases beyond an upper face and their ties; None when nothing stays out."""
    values, most = np.unique(beyond, return_counts=True)
    taken = int(np.searchsorted(np.cumsum(most), count)) + 1
    return None if taken >= values.size else float((values[taken - 1] + values[taken]) / 2)
