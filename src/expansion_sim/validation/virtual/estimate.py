"""What a regression returned, and whether it says what the published one said."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

AGREES, DISAGREES, UNCLEAR, NOT_COMPUTED = "agrees", "disagrees", "not significant", "not computed"
POSITIVE, NEGATIVE, NONE = "+", "-", "0"
WIDTH = 1.96  # standard errors on each side of a 95 % interval
COLUMNS = ("study", "fact", "coefficient", "estimate", "error", "n", "published", "simulated_size", "published_size", "verdict", "note")


class Expected(NamedTuple):
    """What the published regression found.

    Attributes:
        sign: "+", "-", or "0".
        text: The finding in words, with its size where one was published.
        least: For a sign: value that the interval must lie beyond, in the direction of the sign; below zero when the published
            claim is only that an opposite effect of that size is excluded.
        negligible: For "0": an interval inside plus and minus this counts as nothing even when it excludes zero.
        size: Published size, or the bound the publication gives for it; empty where it states a sign alone.
    """

    sign: str
    text: str
    least: float = 0.0
    negligible: float = 0.0
    size: str = ""


class Estimate(NamedTuple):
    """One coefficient of one study; fields as :data:`COLUMNS`."""

    study: str
    fact: str
    coefficient: str
    estimate: float
    error: float
    n: int
    published: str
    simulated_size: str
    published_size: str
    verdict: str
    note: str


def judged(study: str, fact: str, coefficient: str, value: float, error: float, n: int, expected: Expected,
           note: str = "", size: str = "") -> Estimate:
    """An estimate with its verdict.

    A sign agrees when the estimate has it and the 95 % interval lies beyond ``least``, disagrees when the interval lies on the
    wrong side of zero, and is not significant otherwise. Nothing agrees when the interval covers zero or is negligible.

    Args:
        study: Name of the study.
        fact: Id in targets.csv, empty if it has none.
        coefficient: What was estimated, with its unit.
        value: Estimate.
        error: Standard error.
        n: Observations.
        expected: The published finding.
        note: What to keep in mind.
        size: Simulated size in the unit of the published one, where that is not the estimate itself; shown beside a published size only.
    """
    if not (math.isfinite(value) and math.isfinite(error)):
        return missing(study, fact, coefficient, expected, "too few observations for an estimate")
    shown = (size or f"{value:.2g}") if expected.size else ""
    return Estimate(study, fact, coefficient, value, error, n, expected.text, shown, expected.size, _verdict(value, error, expected), note)


def missing(study: str, fact: str, coefficient: str, expected: Expected, reason: str) -> Estimate:
    """A study that could not be run, and why."""
    return Estimate(study, fact, coefficient, math.nan, math.nan, 0, expected.text, "", expected.size, NOT_COMPUTED, reason)


def _verdict(value: float, error: float, expected: Expected) -> str:
    low, high = value - WIDTH * error, value + WIDTH * error
    if expected.sign == NONE:
        inside = -expected.negligible <= low and high <= expected.negligible
        return AGREES if low <= 0.0 <= high or inside else DISAGREES
    if expected.sign == NEGATIVE:
        value, low, high = -value, -high, -low
    if high < 0.0:
        return DISAGREES
    return AGREES if value > 0.0 and low > expected.least else UNCLEAR


def table_of(estimates: list[Estimate]) -> pd.DataFrame:
    """Estimates as a table, columns :data:`COLUMNS`."""
    return pd.DataFrame(estimates, columns=list(COLUMNS))


def format_table(table: pd.DataFrame) -> str:
    """The table as text, one line a coefficient, with the counts of verdicts below."""
    shown = table.copy()
    for name in ("estimate", "error"):
        shown[name] = [f"{value:.3g}" if np.isfinite(value) else "" for value in table[name]]
    counts = ", ".join(f"{count} {verdict}" for verdict, count in table["verdict"].value_counts().items())
    return f"{shown.to_string(index=False)}\n\n{len(table)} coefficients: {counts}"
