"""Every published fact beside what a run says about it: hit, miss, or not computed and why."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.history import load_history
from expansion_sim.results.intervals import quantile_bands
from expansion_sim.validation.moments import MOMENTS
from expansion_sim.validation.surveys import ANSWERED_BY, BY_NAME
from expansion_sim.validation.tables import NotComputed, RunTables
from expansion_sim.validation.tolerance import POSITIVE, Tolerance, parse_tolerance
from expansion_sim.validation.unanswered import NOT_HELD

HIT, MISS, NOT_COMPUTED = "hit", "miss", "not computed"
COLUMNS = (
    "id",
    "statistic",
    "lens",
    "period",
    "published",
    "unit",
    "tolerance",
    "simulated",
    "low",
    "high",
    "verdict",
    "reason",
    "readings",
    "deviation",
    "confidence",
)
#: Share of replications inside the interval shown.
INTERVAL = 0.9


class Reading(NamedTuple):
    """What a run says about one fact.

    Attributes:
        values: Shape (R, k).
        labels: Names of the k readings.
        note: How it differs from what was published, if it does.
    """

    values: np.ndarray
    labels: tuple[str, ...]
    note: str


def load_targets() -> pd.DataFrame:
    """The published facts: id, statistic, lens, period, value, unit, tolerance, kind, source, confidence; all text."""
    return load_history().targets


def validate(run: Any, targets: pd.DataFrame | None = None) -> pd.DataFrame:
    """Score a run on published facts, one row per fact, in their order.

    Args:
        run: A run, or anything with its frames ``yearly``, ``events``, ``programmes`` and ``surveys``.
        targets: Facts with the columns of :func:`load_targets`, by default the shipped ones. A column ``measure`` may name the
            survey that answers a fact of one's own, as ``name@year``.

    Returns:
        Columns COLUMNS. ``simulated`` is the mean over replications of the first reading; ``low`` and ``high`` hold the middle
        90 % of replications when there are several; ``readings`` spells all of them out; ``deviation`` is the distance from the
        middle of the tolerance in half-widths, of the reading furthest off. ``reason`` says why a fact was not computed, or on
        which side it was missed, and what to keep in mind.

    Raises:
        InputError: A tolerance that cannot be read, or a ``measure`` that names no survey.
    """
    facts = (load_targets() if targets is None else targets).astype(str)
    tables = _tables(run)
    rows = [_row(fact, tables) for fact in facts.to_dict("records")]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _tables(run: Any) -> RunTables | NotComputed:
    try:
        return RunTables(run)
    except NotComputed as reason:
        return reason


def _row(fact: dict[str, str], tables: RunTables | NotComputed) -> dict[str, Any]:
    """The row of one fact."""
    tolerance = parse_tolerance(fact["tolerance"], fact["value"], fact["unit"])
    row: dict[str, Any] = {
        name: fact.get(name, "") for name in ("id", "statistic", "lens", "period", "unit", "tolerance", "confidence")
    }
    row |= {"published": fact["value"], "simulated": np.nan, "low": np.nan, "high": np.nan, "readings": "", "deviation": np.nan}
    try:
        if isinstance(tables, NotComputed):
            raise tables
        reading = read(fact["id"], tables, fact.get("measure", ""))
    except NotComputed as reason:
        return row | {"verdict": NOT_COMPUTED, "reason": str(reason)}
    known = reading.values[np.isfinite(reading.values).all(axis=1)]
    mean = known.mean(axis=0)
    row |= {"simulated": float(mean[0]), "readings": _spelled(reading.labels, mean), "deviation": tolerance.deviation(mean)}
    if len(known) > 1:
        row["low"], row["high"] = (float(bound) for bound in quantile_bands(known[:, 0], (INTERVAL,))[INTERVAL])
    hit = tolerance.holds(known)
    missing = len(reading.values) - len(known)
    partial = f"{missing} of {len(reading.values)} replications give no answer" if missing else ""
    side = "" if hit else _side(tolerance, reading.labels, mean)
    return row | {"verdict": HIT if hit else MISS, "reason": "; ".join(part for part in (side, partial, reading.note) if part)}


def read(target: str, tables: RunTables, measure: str = "") -> Reading:
    """What a run says about one fact.

    Args:
        target: Id of the fact.
        tables: Tables of the run.
        measure: Survey that answers it, as ``name@year``; empty to look the id up.

    Raises:
        NotComputed: The run or the model does not hold it; the message says why.
        InputError: ``measure`` names no survey.
    """
    if measure and measure != "nan":
        return _from_survey(*_named_survey(measure), tables)
    if target in ANSWERED_BY:
        survey, year = ANSWERED_BY[target]
        return _from_survey(survey.name, year, tables)
    if target in MOMENTS:
        moment = MOMENTS[target]
        values = np.asarray(moment.measure(tables), float).reshape(tables.replications, -1)
        return _answered(Reading(values, moment.labels, moment.note))
    raise NotComputed(NOT_HELD.get(target, "no measure is declared for this fact"))


def _from_survey(name: str, year: int, tables: RunTables) -> Reading:
    values = tables.survey(name, year)[:, None]
    return _answered(Reading(values, ("value",), BY_NAME[name].note))


def _named_survey(measure: str) -> tuple[str, int]:
    name, _, year = measure.rpartition("@")
    if name not in BY_NAME or not year.isdigit():
        raise InputError(
            f"no survey '{measure}' (allowed: name@year); {allowed_names(name or measure, list(BY_NAME))}", key="measure"
        )
    return name, int(year)


def _answered(reading: Reading) -> Reading:
    """Refuse a reading that no replication answers."""
    if not np.isfinite(reading.values).all(axis=1).any():
        missing = [label for label, column in zip(reading.labels, reading.values.T, strict=True) if not np.isfinite(column).any()]
        what = "" if missing in ([], ["value"]) else f" ({', '.join(missing)})"
        raise NotComputed(f"nothing in the run to take it from: the event or group it describes does not occur{what}")
    return reading


def _spelled(labels: tuple[str, ...], mean: np.ndarray) -> str:
    if len(labels) == 1:
        return f"{mean[0]:.6g}" if labels[0] == "value" else f"{labels[0]} {mean[0]:.4g}"
    return ", ".join(f"{label} {value:.4g}" for label, value in zip(labels, mean, strict=True))


def _side(tolerance: Tolerance, labels: tuple[str, ...], mean: np.ndarray) -> str:
    """On which side each failing reading lies."""
    bounds = [(0.0, np.inf)] * mean.size if tolerance.kind == POSITIVE else list(tolerance.bounds)
    if len(bounds) != mean.size:
        return "outside"
    sides = []
    for label, value, (low, high) in zip(labels, mean, bounds, strict=True):
        if not low <= value <= high or (tolerance.kind == POSITIVE and value == 0):
            side = "fails" if tolerance.kind == POSITIVE else "below" if value < low else "above"
            sides.append(side if len(labels) == 1 else f"{label} {side}")
    return ", ".join(sides) or "outside"


def summary(table: pd.DataFrame) -> dict[str, Any]:
    """Counts of verdicts: hit, miss, not computed, total, computable and the share of hits among the computable, percent."""
    counts = {verdict: int((table["verdict"] == verdict).sum()) for verdict in (HIT, MISS, NOT_COMPUTED)}
    computable = counts[HIT] + counts[MISS]
    share = 100.0 * counts[HIT] / computable if computable else float("nan")
    return counts | {"total": len(table), "computable": computable, "hit_percent": share}
