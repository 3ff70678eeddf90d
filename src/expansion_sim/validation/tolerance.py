"""From the tolerance column of the published facts to a check.

A fact is checked on a vector of readings (one number, or start and end, or one number per named relation), averaged over
replications. Numeric tolerances become one interval per reading; facts about signs and orders become readings that must all be
positive. Wording that no rule covers is declared in :data:`BY_HAND`; anything else is refused, never guessed.
"""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

import numpy as np

from expansion_sim.errors import InputError

#: How a fact is checked: each reading within its interval; every reading above zero; the first reading above zero in a share of
#: the replications; the published value between the last two readings (a simulated range).
BAND, POSITIVE, SEEDS, COVERED = "band", "positive", "seeds", "covered"

_NUMBER = r"-?\d+(?:\.\d+)?"
_PLUS_MINUS = re.compile(rf"\+-({_NUMBER})\s*(%|pp\b|years?\b)?")
_SPAN = re.compile(rf"({_NUMBER})-({_NUMBER})")
_BELOW = re.compile(rf"(?:below|<)\s*({_NUMBER})")
_ABOVE = re.compile(rf"(?:above|>=?|rank correlation >=)\s*({_NUMBER})")
_SEEDS = re.compile(rf"positive in ({_NUMBER})\s*% of (?:seeds|runs)")
_RANGE_OF_YEARS = re.compile(r"(\d{4})-(\d{4})")


class Tolerance(NamedTuple):
    """A check of one published fact.

    Attributes:
        kind: BAND, POSITIVE, SEEDS or COVERED.
        bounds: For BAND one (low, high) per reading, ends included; for SEEDS the needed share; for COVERED the published value
            twice.
    """

    kind: str
    bounds: tuple[tuple[float, float], ...] = ()

    def holds(self, readings: np.ndarray) -> bool:
        """Whether readings agree with the fact.

        Args:
            readings: Shape (replications, readings).

        Raises:
            ValueError: As many readings as the fact needs are not there.
        """
        mean = readings.mean(axis=0)
        if self.kind == POSITIVE:
            return bool((mean > 0).all())
        if self.kind == SEEDS:
            return bool((readings[:, 0] > 0).mean() >= self.bounds[0][0])
        if self.kind == COVERED:
            return bool(mean[-2] <= self.bounds[0][0] <= mean[-1])
        if mean.size != len(self.bounds):
            raise ValueError(f"{mean.size} readings for {len(self.bounds)} intervals")
        low, high = np.array(self.bounds).T
        return bool(((mean >= low) & (mean <= high)).all())

    def deviation(self, readings: np.ndarray) -> float:
        """Distance from the middle of the interval in half-widths: -1 to 1 is within.

        Args:
            readings: One value per reading, shape (k,).

        Returns:
            That of the reading furthest off; NaN where no reading has a two-sided interval.
        """
        if self.kind != BAND:
            return math.nan
        found = [
            (value - (low + high) / 2) / ((high - low) / 2)
            for value, (low, high) in zip(readings, self.bounds, strict=False)
            if math.isfinite(low) and math.isfinite(high)
        ]
        return max(found, key=abs, default=math.nan)


#: Wording without a number of its own: every reading must be positive, as the readings of moments.py are oriented.
BY_HAND: Final = frozenset(
    (
        "sign in all named sectors",
        "both",
        "modal mode must agree",
        "KS one-sided at 5%",
        "means in this order",
        "negative duration coefficient",
        "both positive; level below",
        "order",
        "coefficient > 0, CI excludes -0.05",
        "difference > 0, weaker in tier 2",
        "coefficient > 0",
        "both > 0",
        "positive linear, negative square",
        "interaction",
        "95% CI covers 0",
        "two signs",
    )
)


def parse_tolerance(text: str, value: str, unit: str = "") -> Tolerance:
    """Turn the tolerance of a published fact into a check.

    Args:
        text: Tolerance as written, for example ``+-25%``, ``+-3 pp (sampling, n 3,790)``, ``4-6.5``, ``below 43``.
        value: Published value as written, for example ``178``, ``1969-1973``, ``>50``.
        unit: Unit as written; names the second value of facts that hold two.

    Raises:
        InputError: Wording that no rule covers, or a tolerance around something that is not a number.
    """
    text, value = text.strip(), value.strip()
    if text in BY_HAND:
        return Tolerance(POSITIVE)
    if text == "order and +-0.12":
        return _two_slopes(value, unit, 0.12)
    if text == "inside the simulated 10-90% range":
        return Tolerance(COVERED, ((float(value), float(value)),))
    if match := _SEEDS.match(text):
        return Tolerance(SEEDS, ((float(match[1]) / 100.0, math.inf),))
    if match := _PLUS_MINUS.match(text):
        return Tolerance(BAND, tuple(_around(v, float(match[1]), match[2] == "%") for v in _published(value, text)))
    if match := _BELOW.match(text):
        return Tolerance(BAND, ((-math.inf, float(match[1])),))
    if match := _ABOVE.match(text):
        return Tolerance(BAND, ((float(match[1]), math.inf),))
    if spans := _SPAN.findall(text):
        return Tolerance(BAND, tuple((float(low), float(high)) for low, high in spans))
    raise InputError(
        f"cannot read the tolerance '{text}' (allowed: +-x, +-x %, +-x pp, a-b, below x, above x, or wording declared by hand)",
        key="tolerance",
    )


def published_number(value: str) -> float:
    """First number of a published value, for figures; NaN for words and ranges of years."""
    try:
        return float(value)
    except ValueError:
        return math.nan


def _published(value: str, text: str) -> tuple[float, ...]:
    """Numbers of a published value: one, or the two ends of a range of years."""
    if match := _RANGE_OF_YEARS.fullmatch(value):
        return float(match[1]), float(match[2])
    number = published_number(value)
    if math.isnan(number):
        raise InputError(f"the tolerance '{text}' needs a number, not '{value}'", key="value")
    return (number,)


def _around(value: float, width: float, relative: bool) -> tuple[float, float]:
    half = abs(value) * width / 100.0 if relative else width
    return round(value - half, 9), round(value + half, 9)


def _two_slopes(value: str, unit: str, width: float) -> Tolerance:
    """Two slopes within a width of their published values, the second (named in the unit) above the first."""
    numbers = re.findall(_NUMBER, unit)
    if not numbers:
        raise InputError(f"the unit '{unit}' does not name the second slope", key="unit")
    bounds = (_around(float(value), width, False), _around(float(numbers[-1]), width, False), (0.0, math.inf))
    return Tolerance(BAND, bounds)
