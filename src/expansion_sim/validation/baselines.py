"""What a model has to beat: last value, AR(1) and a static logit, each forecasting published facts from other published facts.

Facts are numbers on a scale: log odds for shares, logs for counts and money. Each baseline sees the facts of a training set and
gives a normal forecast for every fact of a test set, scored in half-widths of its tolerance by the continuous ranked probability
score (Gneiting and Raftery 2007), as the model's own ensemble is.

What a fact measures (its outcome) and whom (employees and industry of its frame) is read from its words by the declared patterns
below; facts that no pattern reads are left to no baseline and are not scored.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from expansion_sim.validation.periods import period_years
from expansion_sim.validation.tolerance import BAND, parse_tolerance

#: Outcome by the words of the statistic; the first pattern that is found holds, and an empty outcome is left to no baseline.
OUTCOMES: Final[tuple[tuple[str, str], ...]] = (
    ("export share", r"Exports over sales"),
    ("", r"cumulative|planners name|brought work home|planning to bring| over "),
    ("share", r"China share of SME FDI projects"),
    ("projects", r"FDI projects by SMEs"),
    ("exports", r"^Exports of"),
    ("neither", r"neither abroad"),
    ("indirect", r"exporting indirectly|indirect exporters"),
    ("ecommerce", r"e-commerce"),
    ("contract", r"contract production"),
    ("fdi", r"own FDI|overseas affiliates|subsidiary, affiliate"),
    ("interested", r"interested"),
    ("planning", r"planning to go"),
    ("abroad", r"at least one mode"),
    ("direct", r"direct export|export(ing)? directly|^Same, 4-10|exporters among"),
    ("active", r"active in"),
)
#: Typical employees of a frame by the words of statistic and lens, a reading of ours; the first pattern that is found holds.
EMPLOYEES: Final[tuple[tuple[str, float], ...]] = (
    (r"<1bn", 15.0), (r"1-5bn", 60.0), (r"5-10bn", 150.0), (r">=10bn", 250.0), (r"large firms", 1000.0), (r"201-300", 245.0),
    (r">=50 employees|Basic Survey", 120.0), (r"4-10 employees", 6.0), (r"4\+ employees", 12.0), (r"small manufacturing", 4.0),
    (r"JFC borrower", 30.0), (r"internationalised", 60.0), (r"manufacturing SMEs", 8.0), (r"all SMEs", 4.0),
)
INDUSTRIES: Final = (
    "manufacturing", "wholesale", "accommodation_food", "services", "construction", "transport", "non-manufacturing",
)
#: Outcomes counted in firms or money rather than in shares.
COUNTS: Final = ("projects", "exports")
#: What is believed about persistence a year before any pair of facts is seen, and how many pairs that weighs.
PERSISTENCE, PRIOR_PAIRS = 0.95, 1.0
#: Shares closer to zero than this, percent, are taken as this.
_LEAST = 0.1


class Fact(NamedTuple):
    """One fact as baselines read it.

    Attributes:
        id: Its id.
        outcome: What is measured.
        year: Last year of its period.
        size: Log of typical employees of the frame.
        industry: Industry of the frame, empty for all.
        value: Published value on the scale.
        half: Half-width of the tolerance on the scale.
        logit: Whether the scale is log odds (else the log).
    """

    id: str
    outcome: str
    year: int
    size: float
    industry: str
    value: float
    half: float
    logit: bool

    @property
    def series(self) -> tuple[str, float, str]:
        """Facts of one series measure the same of the same firms."""
        return self.outcome, self.size, self.industry


class Forecast(NamedTuple):
    """Normal forecasts on the scale: ``mean`` and ``sd``, shape (n,), NaN where there is nothing to go by."""

    mean: np.ndarray
    sd: np.ndarray


def read_facts(targets: pd.DataFrame) -> list[Fact]:
    """The facts that baselines can read, in their order."""
    facts = [_read(row) for row in targets.astype(str).to_dict("records")]
    return [fact for fact in facts if fact is not None]


def _read(row: dict[Any, str]) -> Fact | None:
    words, span = f"{row['statistic']} {row['lens']}", period_years(row["period"])
    outcome = next((name for name, pattern in OUTCOMES if re.search(pattern, row["statistic"])), None)
    tolerance = parse_tolerance(row["tolerance"], row["value"], row["unit"])
    if not outcome or span is None or tolerance.kind != BAND or len(tolerance.bounds) != 1:
        return None
    low, high = tolerance.bounds[0]
    logit = outcome not in COUNTS
    if not np.isfinite([low, high]).all() or (logit and not row["unit"].startswith("percent")) or (not logit and low <= 0.0):
        return None
    employees = next((number for pattern, number in EMPLOYEES if re.search(pattern, words)), 30.0)
    industry = next((name for name in reversed(INDUSTRIES) if name in row["lens"]), "")
    value = scaled((low + high) / 2.0, logit)
    half = (scaled(high, logit) - scaled(low, logit)) / 2.0
    return Fact(row["id"], outcome, span[1], float(np.log(employees)), industry, float(value), float(half), logit)


def scaled(value: Any, logit: bool) -> Any:
    """A value on the scale: log odds of a share in percent, else the log."""
    if not logit:
        return np.log(np.maximum(value, 1e-6))
    share = np.clip(np.asarray(value, float), _LEAST, 100.0 - _LEAST) / 100.0
    return np.log(share / (1.0 - share))


def last_value(train: list[Fact], test: list[Fact]) -> Forecast:
    """The value of the nearest fact in time of the same series, else of the same outcome and the most similar frame.

    The error is that of the same rule inside the training set, growing with the root of the years between.
    """
    spread = _pair_spread(train, 1.0)
    rows = []
    for fact in test:
        near = _nearest(train, fact)
        rows.append((np.nan, np.nan) if near is None else (near.value, spread * np.sqrt(1.0 + abs(fact.year - near.year))))
    return _forecast(rows)


def autoregression(train: list[Fact], test: list[Fact]) -> Forecast:
    """AR(1) towards the mean of the outcome: m + r^years (last - m), r fitted on pairs of training facts of one series."""
    persistence = _persistence(train)
    spread = _pair_spread(train, persistence)
    rows = []
    for fact in test:
        near = _nearest(train, fact)
        if near is None:
            rows.append((np.nan, np.nan))
            continue
        weight = persistence ** abs(fact.year - near.year)
        mean = float(np.mean([other.value for other in train if other.outcome == fact.outcome]))
        stationary = (1.0 - weight**2) / max(1.0 - persistence**2, 1e-6)
        rows.append((mean + weight * (near.value - mean), spread * np.sqrt(1.0 + stationary)))
    return _forecast(rows)


def static_logit(train: list[Fact], test: list[Fact]) -> Forecast:
    """Log odds linear in outcome, log employees and industry, the same in every year; least squares with a weak prior."""
    levels = [fact for fact in train if fact.logit]
    outcomes = sorted({fact.outcome for fact in levels})
    if len(levels) < 3:
        return _forecast([(np.nan, np.nan)] * len(test))
    design, values = _design(levels, outcomes), np.array([fact.value for fact in levels])
    penalty = np.diag([0.01] * len(outcomes) + [0.1] + [1.0] * len(INDUSTRIES))
    inverse = np.linalg.inv(design.T @ design + penalty)
    slopes = inverse @ design.T @ values
    hat = np.einsum("ij,jk,ik->i", design, inverse, design)
    spread = float(np.sqrt(np.mean(((values - design @ slopes) / (1.0 - np.minimum(hat, 0.9))) ** 2)))
    known = np.array([fact.logit and fact.outcome in outcomes for fact in test])
    return Forecast(np.where(known, _design(test, outcomes) @ slopes, np.nan), np.where(known, spread, np.nan))


BASELINES: Final = {"last value": last_value, "AR(1)": autoregression, "static logit": static_logit}


def normal_crps(mean: np.ndarray, sd: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of normal forecasts, in the unit of the value; smaller is better."""
    z = (value - mean) / sd
    return sd * (z * (2.0 * stats.norm.cdf(z) - 1.0) + 2.0 * stats.norm.pdf(z) - 1.0 / np.sqrt(np.pi))


def ensemble_crps(draws: np.ndarray, value: float) -> float:
    """The same of an ensemble, shape (n,): mean |x - y| - mean |x - x'| / 2 with distinct pairs; NaN without draws."""
    known = np.sort(draws[np.isfinite(draws)])
    n = known.size
    if n < 2:
        return float("nan")
    pairs = 2.0 * float(((2.0 * np.arange(1, n + 1) - n - 1.0) * known).sum()) / (n * (n - 1))
    return float(np.abs(known - value).mean() - 0.5 * pairs)


def score_baselines(train: list[Fact], test: list[Fact]) -> pd.DataFrame:
    """CRPS of every baseline for every test fact, in half-widths of the tolerance; index: id of the fact."""
    values, halves = np.array([fact.value for fact in test]), np.array([fact.half for fact in test])
    columns = {}
    for name, forecast in BASELINES.items():
        mean, sd = forecast(train, test)
        columns[name] = normal_crps(mean, sd, values) / halves
    return pd.DataFrame(columns, index=[fact.id for fact in test])


def _forecast(rows: list[tuple[float, float]]) -> Forecast:
    table = np.array(rows, float).reshape(-1, 2)
    return Forecast(table[:, 0], table[:, 1])


def _nearest(train: list[Fact], fact: Fact) -> Fact | None:
    """The training fact to go by: same series and nearest in time, else same outcome and most similar frame."""
    same = [other for other in train if other.outcome == fact.outcome]
    if not same:
        return None

    def unlike(other: Fact) -> tuple[bool, bool, float, int]:
        other_industry = other.industry != fact.industry
        return other.series != fact.series, other_industry, abs(other.size - fact.size), abs(other.year - fact.year)

    return min(same, key=unlike)


def _pairs(train: list[Fact]) -> list[tuple[float, float, int]]:
    """(deviation before, deviation after, years) of training facts of one series, deviations from the mean of the outcome."""
    means = {o: float(np.mean([f.value for f in train if f.outcome == o])) for o in {f.outcome for f in train}}
    return [
        (a.value - means[a.outcome], b.value - means[b.outcome], b.year - a.year)
        for a in train for b in train if a.series == b.series and a.year < b.year
    ]


def _persistence(train: list[Fact]) -> float:
    """The r that fits the pairs best, drawn towards PERSISTENCE by PRIOR_PAIRS pairs of its own."""
    pairs = _pairs(train)
    grid = np.linspace(0.5, 0.999, 200)
    scale = max(float(np.mean([a * a for a, _, _ in pairs])), 1e-6) if pairs else 1.0
    loss = PRIOR_PAIRS * scale * (grid - PERSISTENCE) ** 2
    for before, after, years in pairs:
        loss = loss + (after - grid**years * before) ** 2
    return float(grid[np.argmin(loss)])


def _pair_spread(train: list[Fact], persistence: float) -> float:
    """Error of a year's step in the pairs; without pairs that of guessing one fact of an outcome by another, over ten years."""
    errors = [(after - persistence**years * before) / np.sqrt(1.0 + years) for before, after, years in _pairs(train)]
    groups = [[f.value for f in train if f.outcome == o] for o in {f.outcome for f in train}]
    between = [float(np.var(group, ddof=1)) / 10.0 for group in groups if len(group) > 1]
    squares = [float(error**2) for error in errors] + ([float(np.mean(between))] if between else [])
    return float(np.sqrt(np.mean(squares))) if squares else 1.0


def _design(facts: list[Fact], outcomes: list[str]) -> np.ndarray:
    """Dummies of outcomes, log employees over thirty, dummies of industries."""
    measured = [[float(fact.outcome == outcome) for outcome in outcomes] for fact in facts]
    frames = [[fact.size - np.log(30.0), *(float(fact.industry == industry) for industry in INDUSTRIES)] for fact in facts]
    return np.column_stack([np.array(measured).reshape(len(facts), -1), np.array(frames).reshape(len(facts), -1)])
