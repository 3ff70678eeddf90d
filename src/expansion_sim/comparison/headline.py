"""What a policy gave and what it cost, year by year: the numbers a reader asks for first.

Intervals are over pairs of runs: Student's t for numbers, Fieller's for ratios of means. Sums run from the first year to the
year of the row; money and sales can be discounted to the first year. Ratios to money divide by what is spent on business abroad: guarantees
called on debt at home are public money as well, and stand in the row of all money alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from expansion_sim.comparison.effects import totals
from expansion_sim.results.intervals import mean_interval

HEADLINE_COLUMNS = ("year", "statistic", "unit", "value", "low", "high")


class Statistic(NamedTuple):
    """One headline number.

    Attributes:
        name: Name, in words.
        unit: Unit.
        above: Numerator per year and replication, or the number itself.
        below: Denominator; None for a plain number.
    """

    name: str
    unit: str
    above: Callable[[Totals], np.ndarray]
    below: Callable[[Totals], np.ndarray] | None = None

    @property
    def per_money(self) -> bool:
        """Whether it relates effects to public money, which means little where the worlds have the same programmes."""
        return self.name.startswith("cost") or " per yen" in self.name or " per million yen" in self.name


class Totals:
    """Totals of a comparison, each of shape (years, replications).

    Args:
        pairs: Effects of each replication.
        years: Calendar years, consecutive.
        discount: Yearly rate, as a fraction, at which sums of money and sales are discounted to the first year.
    """

    def __init__(self, pairs: Sequence[pd.DataFrame], years: np.ndarray, discount: float = 0.0) -> None:
        self._pairs, self._years = pairs, years
        self._weight = (1.0 + discount) ** -(years - years[0])[:, None].astype(float)
        self._known: dict[str, np.ndarray] = {}

    def both(self, measure: str) -> np.ndarray:
        """Values in BASE and OTHER, shape (2, years, replications)."""
        if measure not in self._known:
            self._known[measure] = totals(self._pairs, measure, self._years)
        return self._known[measure]

    def other(self, measure: str) -> np.ndarray:
        """Values in OTHER."""
        return self.both(measure)[1]

    def difference(self, measure: str) -> np.ndarray:
        """OTHER minus BASE."""
        return self.both(measure)[1] - self.both(measure)[0]

    def summed(self, measure: str) -> np.ndarray:
        """Difference added up from the first year on."""
        return self.difference(measure).cumsum(axis=0)

    def discounted(self, measure: str) -> np.ndarray:
        """Difference added up from the first year on, discounted."""
        return (self.difference(measure) * self._weight).cumsum(axis=0)

    def money_abroad(self) -> np.ndarray:
        """Difference in public money for business abroad added up from the first year on, discounted."""
        return self.discounted("spending") - self.discounted("spending_at_home")


STATISTICS: tuple[Statistic, ...] = (
    Statistic("additional firms", "firms", lambda t: t.other("additional")),
    Statistic("displaced firms", "firms", lambda t: t.both("displaced")[0]),
    Statistic("firms abroad, difference", "firms", lambda t: t.difference("abroad")),
    Statistic("firms abroad that never would have gone, so far", "firms", lambda t: t.difference("ever_abroad")),
    Statistic("supported firms", "firms", lambda t: t.other("supported")),
    Statistic("deadweight among supported firms", "%", lambda t: 100.0 * t.other("deadweight"), lambda t: t.other("supported")),
    Statistic(
        "additional among firms with an entitlement",
        "%",
        lambda t: 100.0 * t.other("entitled_additional"),
        lambda t: t.other("entitled"),
    ),
    Statistic("jobs at home, difference", "persons", lambda t: t.difference("employees")),
    Statistic("jobs abroad, difference", "persons", lambda t: t.difference("foreign_jobs")),
    Statistic("exports, difference", "million yen 2015 a year", lambda t: t.difference("export_sales")),
    Statistic("sales of plants abroad, difference", "million yen 2015 a year", lambda t: t.difference("plant_sales")),
    Statistic("profits, difference", "million yen 2015 a year", lambda t: t.difference("profit")),
    Statistic("closures, difference so far", "firms", lambda t: t.summed("closures")),
    Statistic("public money, difference so far", "million yen 2015", lambda t: t.discounted("spending")),
    Statistic("public money for business abroad, difference so far", "million yen 2015", lambda t: t.money_abroad()),
    Statistic("tax not collected, difference so far", "million yen 2015", lambda t: t.discounted("foregone")),
    Statistic(
        "cost per additional firm", "million yen 2015", lambda t: t.money_abroad(), lambda t: t.difference("ever_abroad")
    ),
    Statistic(
        "cost per additional firm-year", "million yen 2015", lambda t: t.money_abroad(), lambda t: t.summed("abroad")
    ),
    Statistic("exports per yen", "yen", lambda t: t.discounted("export_sales"), lambda t: t.money_abroad()),
    Statistic("profits per yen", "yen", lambda t: t.discounted("profit"), lambda t: t.money_abroad()),
    Statistic(
        "job-years at home per million yen", "person-years", lambda t: t.summed("employees"), lambda t: t.money_abroad()
    ),
)


def headline(pairs: Sequence[pd.DataFrame], years: np.ndarray, discount: float = 0.0, level: float = 0.95) -> pd.DataFrame:
    """All headline numbers for every year.

    Args:
        pairs: Effects of each replication.
        years: Calendar years, consecutive.
        discount: Yearly rate, as a fraction.
        level: Coverage of the intervals.

    Returns:
        HEADLINE_COLUMNS. A ratio whose denominator is zero is NaN; bounds as in :func:`ratio_interval`, of shares within 0 and 100.
    """
    known = Totals(pairs, years, discount)
    blocks = []
    for statistic in STATISTICS:
        above = statistic.above(known)
        interval = (
            mean_interval(above, level)[:3] if statistic.below is None else ratio_interval(above, statistic.below(known), level)
        )
        value, low, high = interval
        if statistic.unit == "%":  # a share; Fieller's bounds do not know that it ends at 0 and 100
            low, high = np.clip(low, 0.0, 100.0), np.clip(high, 0.0, 100.0)
        blocks.append(
            pd.DataFrame(
                {
                    "year": years.astype("int16"),
                    "statistic": statistic.name,
                    "unit": statistic.unit,
                    "value": value,
                    "low": low,
                    "high": high,
                }
            )
        )
    return pd.concat(blocks, ignore_index=True)


def ratio_interval(above: np.ndarray, below: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ratio of means over replications with Fieller's interval.

    The interval holds every ratio q for which the mean of ``above - q below`` is not significantly different from zero
    (Fieller 1954).
    Numerator and denominator are paired, so what moves both does not widen it.

    Args:
        above: Numerators, shape (n, replications).
        below: Denominators, the same shape.
        level: Coverage.

    Returns:
        Value, low and high, each of shape (n,). Bounds are NaN with one replication, and where the denominator is not
        significantly different from zero: then the data do not bound the ratio.
    """
    count, tops, bottoms = above.shape[1], above.mean(axis=1), below.mean(axis=1)
    value = _ratio(tops, bottoms)
    if count == 1:
        return value, np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    t = float(stats.t.ppf(0.5 + level / 2, count - 1))
    left, right = above - tops[:, None], below - bottoms[:, None]
    factor = t * t / (count * (count - 1))
    squared, mixed, constant = (
        bottoms**2 - factor * (right * right).sum(axis=1),
        tops * bottoms - factor * (left * right).sum(axis=1),
        tops**2 - factor * (left * left).sum(axis=1),
    )
    bounded = squared > 0.0
    root = np.sqrt(np.maximum(mixed**2 - squared * constant, 0.0))
    low, high = (np.where(bounded, _ratio(mixed + sign * root, squared), np.nan) for sign in (-1.0, 1.0))
    return value, low, high


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0.0)


def statistic(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """One headline number over the years: index year, columns value, low, high."""
    return table[table["statistic"] == name].set_index("year")[["value", "low", "high"]]
