"""How far readings are from the published facts: one smooth residual per reading, in standard errors of the fact.

Intervals give (simulated - published) over the standard error, logarithmic where the tolerance is relative; bounds, signs and
orders give the distance to the bound and zero beyond it. Large residuals are bent, c asinh(z / c): linear near zero, logarithmic
far away, so that a fact the model cannot meet pulls, but does not rule.
"""

from __future__ import annotations

import math
import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.calibration.load import selects
from expansion_sim.calibration.readings import column_names, reading_labels
from expansion_sim.calibration.spec import FactsSpec
from expansion_sim.validation.periods import period_years
from expansion_sim.validation.tolerance import BAND, COVERED, Tolerance, parse_tolerance

#: Margin kept inside a one-sided bound, and width of the band beyond it, relative to the scale of the reading.
_MARGIN, _ONE_SIDED = 0.5, 0.25
#: Smallest positive reading on a logarithmic scale, relative to the published value.
_FLOOR = 0.02
#: Excess over a tolerance, in half-widths, that is put down to rounding.
_ROUNDING = 1e-9
#: A reading that no run gives counts like a miss by so many standard errors.
MISSING = 20.0


class Term(NamedTuple):
    """How one reading is judged.

    Attributes:
        column: Place among all readings.
        fact: Id of the fact.
        name: Name of the column.
        kind: "band", "log", "above", "below", "positive" or "covered".
        middle: Published value or bound.
        half: Half-width of the tolerance, in log points for "log"; NaN where the scale is taken from an ensemble.
    """

    column: int
    fact: str
    name: str
    kind: str
    middle: float
    half: float


class Misfit:
    """Residuals of readings.

    Args:
        terms: The readings used.
        errors_per_tolerance: Half-width of a tolerance in standard errors.
        bend: c in the bent residual, standard errors.

    Attributes:
        of_fact: 1 where a term belongs to a fact, shape (terms, facts).
    """

    def __init__(self, terms: list[Term], errors_per_tolerance: float = 2.0, bend: float = 6.0) -> None:
        self.terms, self.errors_per_tolerance, self.bend = terms, errors_per_tolerance, bend
        self.columns = np.array([term.column for term in terms], int)
        self.half = np.array([term.half for term in terms])
        self.of_fact = (np.array(self.facts)[:, None] == np.array(list(dict.fromkeys(self.facts)))).astype(float)

    @property
    def facts(self) -> list[str]:
        """Fact of each residual."""
        return [term.fact for term in self.terms]

    def scaled_by(self, ensemble: np.ndarray) -> Misfit:
        """The same with the scale of signs and orders taken from the spread of an ensemble.

        Args:
            ensemble: Readings, shape (n, readings).
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # readings that no run gives
            low, high = np.nanquantile(ensemble[:, self.columns], [0.1, 0.9], axis=0)
        spread = np.where(np.isfinite(high - low) & (high > low), (high - low) / 2.56, 1.0)
        half = [term.half if math.isfinite(term.half) else float(s) for term, s in zip(self.terms, spread, strict=True)]
        terms = [term._replace(half=value) for term, value in zip(self.terms, half, strict=True)]
        return Misfit(terms, self.errors_per_tolerance, self.bend)

    def raw(self, readings: np.ndarray) -> np.ndarray:
        """Residuals in standard errors of the facts, not bent.

        Args:
            readings: All readings of evaluations, shape (..., readings).

        Returns:
            Shape (..., terms); NaN where the reading is missing.
        """
        chosen = np.asarray(readings, float)[..., self.columns]
        found = np.empty_like(chosen)
        for place, term in enumerate(self.terms):
            found[..., place] = _deviation(term, chosen[..., place], readings)
        return found * self.errors_per_tolerance

    def beyond(self, readings: np.ndarray) -> np.ndarray:
        """How far readings are beyond their tolerances, in half-widths; zero or less is within.

        Args:
            readings: Means over runs, shape (..., readings). A sign wanted in a share of the runs is judged by the mean.

        Returns:
            Shape (..., terms); NaN where the reading is missing.
        """
        readings = np.asarray(readings, float)
        found = [_beyond(term, readings[..., term.column], readings) for term in self.terms]
        return np.stack(found, axis=-1) if found else np.empty((*readings.shape[:-1], 0))

    def facts_within(self, readings: np.ndarray) -> np.ndarray:
        """Number of facts with every reading within tolerance, shape (...)."""
        missed = ~(self.beyond(readings) <= _ROUNDING)
        return (missed.astype(float) @ self.of_fact == 0.0).sum(axis=-1)

    def bent(self, raw: np.ndarray) -> np.ndarray:
        """Bent residuals c asinh(z / c)."""
        return self.bend * np.arcsinh(raw / self.bend)

    def slope(self, raw: np.ndarray) -> np.ndarray:
        """Derivative of the bent residual by the raw one: 1 near zero."""
        return 1.0 / np.sqrt(1.0 + (raw / self.bend) ** 2)

    def distance(self, readings: np.ndarray) -> np.ndarray:
        """Sum of squared bent residuals of each evaluation, shape (...,); a missing reading counts as a large miss."""
        raw = self.raw(readings)
        return (self.bent(np.where(np.isfinite(raw), raw, MISSING)) ** 2).sum(axis=-1)


def _deviation(term: Term, value: np.ndarray, readings: np.ndarray) -> np.ndarray:
    """Deviation in half-widths of the tolerance."""
    if term.kind == "band":
        return (value - term.middle) / term.half
    if term.kind == "log":
        return np.log(np.maximum(value, _FLOOR * term.middle) / term.middle) / term.half
    if term.kind == "covered":
        low, high = readings[..., term.column + 1], readings[..., term.column + 2]
        return (np.maximum(0.0, low - term.middle) + np.minimum(0.0, high - term.middle)) / term.half
    if term.kind == "below":
        return np.maximum(0.0, (value - term.middle) / term.half + _MARGIN)
    return np.minimum(0.0, (value - term.middle) / term.half - _MARGIN)  # "above" and "positive"


def _beyond(term: Term, value: np.ndarray, readings: np.ndarray) -> np.ndarray:
    """Distance beyond the end of the tolerance in half-widths, negative within."""
    if term.kind in ("band", "log"):
        half = term.middle * math.expm1(term.half) if term.kind == "log" else term.half
        return np.abs(value - term.middle) / half - 1.0
    if term.kind == "covered":
        low, high = readings[..., term.column + 1], readings[..., term.column + 2]
        return np.maximum(low - term.middle, term.middle - high) / term.half
    if term.kind == "below":
        return (value - term.middle) / term.half
    just = 2.0 * _ROUNDING if term.kind == "positive" else 0.0  # zero is not positive
    return (term.middle - value) / term.half + just


def all_terms(targets: pd.DataFrame) -> list[Term]:
    """How each reading of each computable fact is judged.

    Args:
        targets: The published facts.
    """
    facts = {fact["id"]: fact for fact in targets.astype(str).to_dict("records")}
    terms = []
    for column, ((target, place), name) in enumerate(zip(reading_labels(), column_names(), strict=True)):
        fact = facts[target]
        tolerance = parse_tolerance(fact["tolerance"], fact["value"], fact["unit"])
        relative = fact["tolerance"].startswith("+-") and fact["tolerance"].split("(")[0].strip().endswith("%")
        term = _term(column, target, name, place, tolerance, relative)
        if term is not None:
            terms.append(term)
    return terms


def _term(column: int, target: str, name: str, place: int, tolerance: Tolerance, relative: bool) -> Term | None:
    """The term of one reading; None for readings that only serve another one."""
    if tolerance.kind == COVERED:
        value = tolerance.bounds[0][0]
        return Term(column, target, name, "covered", value, _ONE_SIDED * value) if place == 0 else None
    if tolerance.kind != BAND:
        return Term(column, target, name, "positive", 0.0, math.nan)
    low, high = tolerance.bounds[place]
    if math.isinf(low):
        return Term(column, target, name, "below", high, _ONE_SIDED * abs(high) or math.nan)
    if math.isinf(high):
        return Term(column, target, name, "above", low, _ONE_SIDED * abs(low) or math.nan)
    middle, half = (low + high) / 2.0, (high - low) / 2.0
    if relative and middle > 0.0:
        return Term(column, target, name, "log", middle, math.log1p(half / middle))
    return Term(column, target, name, "band", middle, half)


def chosen_facts(spec: FactsSpec, targets: pd.DataFrame) -> list[str]:
    """Ids of the facts that an estimation uses, computable or not.

    Args:
        spec: The choice.
        targets: The published facts.
    """
    ids, lenses = targets["id"].astype(str), targets["lens"].astype(str)
    chosen = pd.Series(not spec.include, ids.index)
    for item in spec.include:
        chosen |= selects(item, ids, lenses)
    years = [period_years(period) for period in targets["period"].astype(str)]
    if spec.up_to is not None:
        chosen &= np.array([span is not None and span[1] <= spec.up_to for span in years])
    if spec.since is not None:
        chosen &= np.array([span is not None and span[0] >= spec.since for span in years])
    for item in spec.also:
        chosen |= selects(item, ids, lenses)
    for item in spec.exclude:
        chosen &= ~selects(item, ids, lenses)
    return list(ids[chosen])


def build_misfit(spec: FactsSpec, targets: pd.DataFrame) -> Misfit:
    """The residuals of the chosen facts."""
    chosen = set(chosen_facts(spec, targets))
    terms = [term for term in all_terms(targets) if term.fact in chosen]
    return Misfit(terms, spec.errors_per_tolerance, spec.bend)
