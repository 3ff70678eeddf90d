"""All tables that suit a sweep's design, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.discovery import Discovery, discover
from expansion_sim.experiment.analysis.morris import morris_indices
from expansion_sim.experiment.analysis.observations import (
    Missing,
    NothingVaries,
    Year,
    bases_of,
    known_outcome,
    outcome_names,
    points_of,
    varied_factors,
    years_of,
)
from expansion_sim.experiment.analysis.paired import paired_differences
from expansion_sim.experiment.analysis.pareto import pareto_front
from expansion_sim.experiment.analysis.probability import exceedance
from expansion_sim.experiment.analysis.sobol import sobol_indices
from expansion_sim.experiment.analysis.summary import means, yearly_bands
from expansion_sim.experiment.analysis.swings import swings
from expansion_sim.whole_files import write_whole

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results

SPENDING = ":spending_million_yen"
#: Designs whose points stand for nothing by themselves: only their indices are read.
SCREENING = ("morris", "saltelli")
#: Designs whose points are a sample of ranges.
SAMPLED = ("latin_hypercube", "sobol")
#: Points up to which the bands of every point and year are tabled.
_FEW_POINTS = 200
#: Outcomes analysed unless others are named.
_FIRST_OUTCOMES = 6


class Question(NamedTuple):
    """What is asked of a sweep.

    Attributes:
        outcomes: Outcomes; empty for the first few of the experiment.
        year: Year of yearly outcomes, ``total`` for the sum over years, None for the last.
        thresholds: Thresholds for exceedance, of the difference from the base in paired designs; the first is also that of scenario
            discovery.
        level: Coverage of intervals.
        missing: Refuse failed runs, or leave them out.
    """

    outcomes: tuple[str, ...] = ()
    year: Year = None
    thresholds: tuple[float, ...] = ()
    level: float = 0.95
    missing: Missing = "raise"

#: The usual question.
PLAIN = Question()


def analyse(results: Results, question: Question = PLAIN) -> dict[str, pd.DataFrame]:
    """Every table that suits the design.

    Args:
        results: A sweep's results.
        question: What is asked.

    Returns:
        Name -> table, each with a column outcome: ``means`` and ``bands`` always; ``differences`` for paired designs; ``sobol``,
        ``pairs`` and ``morris`` for theirs, with ``quality`` (seed share, floor, blocks); ``swings`` of all other designs but lists;
        ``exceedance``, ``box`` and ``peels`` with thresholds; ``front`` where spending and a second outcome are paired. A table
        for which nothing varies is left out, and so are chances at the single steps of a screening.

    Raises:
        InputError: Unknown outcomes, failed runs unless they may be left out.
    """
    chosen = question.outcomes or default_outcomes(results)
    parts: dict[str, list[pd.DataFrame]] = {}
    for outcome in chosen:
        for name, table in _of_outcome(results, outcome, question).items():
            parts.setdefault(name, []).append(table.assign(outcome=outcome)[["outcome", *table.columns]])
    tables = {name: pd.concat(each, ignore_index=True) for name, each in parts.items()}
    ends = front_outcomes(results)
    if ends is not None and has_front(results):
        front = pareto_front(results, *ends, level=question.level, missing=question.missing)
        tables["front"] = _with_factors(results, front)
    return tables


def default_outcomes(results: Results) -> tuple[str, ...]:
    """The first few outcomes of the experiment; spending is left to the front where there is one."""
    fronted = results.experiment.design.kind not in SCREENING
    names = [name for name in outcome_names(results) if not (fronted and name.endswith(SPENDING))]
    return tuple(names[:_FIRST_OUTCOMES])


def front_outcomes(results: Results) -> tuple[str, str] | None:
    """The outcomes of cost and gain: the first spending, and firms abroad or else the first yearly outcome; None without both."""
    names = outcome_names(results)
    cost = next((name for name in names if name.endswith(SPENDING)), None)
    gains = [name for name in names if name.startswith("yearly:")]
    if cost is None or not gains:
        return None
    return cost, "yearly:abroad" if "yearly:abroad" in gains else gains[0]


def has_front(results: Results) -> bool:
    """Whether cost is set against gain: in paired designs whose points are alternatives, not steps of a screening."""
    return is_paired(results) and front_outcomes(results) is not None and results.experiment.design.kind not in SCREENING


def is_paired(results: Results) -> bool:
    """Whether the design compares points with a base."""
    return bool(len(bases_of(results.design)))


def _of_outcome(results: Results, outcome: str, question: Question) -> dict[str, pd.DataFrame]:
    _, year, thresholds, level, missing = question
    kind, told = results.experiment.design.kind, {}
    told["means"] = _with_factors(results, means(results, outcome, year, level=level, missing=missing))
    if years_of(results, outcome) and results.design["point"].nunique() <= _FEW_POINTS:
        told["bands"] = yearly_bands(results, outcome, missing=missing).reset_index()
    paired = is_paired(results)
    if paired:
        told["differences"] = _with_factors(results, paired_differences(results, outcome, year, level=level, missing=missing))
    asked: dict[str, Any] = {"against_base": paired, "missing": missing}
    if thresholds and kind not in SCREENING:
        chances = exceedance(results, outcome, thresholds, year, level=level, **asked)
        told["exceedance"] = _with_factors(results, chances.set_index("point"))
    with suppress(NothingVaries):
        told |= _indices(results, outcome, question, asked)
    with suppress(NothingVaries):
        if kind not in ("list", "morris", "saltelli"):  # the other settings of a list are not balanced: an end would stand for them too
            told["swings"] = swings(results, outcome, year, level=level, **asked)
    with suppress(NothingVaries):
        if thresholds and kind not in ("grid", "list", "morris"):
            told |= _box(discover(results, outcome, thresholds[0], year, **asked))
    return told


def _indices(results: Results, outcome: str, question: Question, asked: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Sobol or Morris indices where the design is made for them."""
    design = results.experiment.design
    if design.kind == "saltelli":
        found = sobol_indices(results, outcome, question.year, level=question.level, **asked)
        tables = {"sobol": found.indices} | ({"pairs": found.pairs} if len(found.pairs) else {})
        return tables | {"quality": _quality(found)}
    if design.kind == "morris":
        effects = morris_indices(results, outcome, question.year, levels=design.levels, level=question.level, **asked)
        return {"morris": effects.indices, "quality": _quality(effects)}
    return {}


def _quality(found: Any) -> pd.DataFrame:
    return pd.DataFrame([{name: getattr(found, name) for name in ("floor", "seed_share", "blocks", "dropped")}])


def _box(found: Discovery) -> dict[str, pd.DataFrame]:
    head = {name: getattr(found, name) for name in ("threshold", "density", "coverage", "mass", "cases", "base_rate")}
    return {"box": found.box.assign(**head), "peels": found.trajectory}


def _with_factors(results: Results, table: pd.DataFrame) -> pd.DataFrame:
    """A table by point with the factors that differ between points beside it."""
    points = points_of(results.design)
    return points[varied_factors(points)].join(table, how="right").reset_index()


def write_tables(tables: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write each table as ``folder/NAME.csv``, whole or not at all."""
    paths = [folder / f"{name}.csv" for name in tables]
    for path, table in zip(paths, tables.values(), strict=True):
        write_whole(path, table.to_csv(index=False).encode())
    return paths


def question_of(
    results: Results, outcomes: Sequence[str] | None, year: str | None, thresholds: Sequence[float] | None,
    level: float = 0.95, missing: Missing = "raise",
) -> Question:
    """A question from what was typed.

    Raises:
        InputError: A year that is neither a number nor ``total``, or a level outside (0, 1).
    """
    if year is not None and year != "total" and not year.isdigit():
        raise InputError(f"--year {year}: must be a calendar year or 'total'")
    if not 0.0 < level < 1.0:
        raise InputError(f"--level {level:g}: must lie between 0 and 1")
    for name in outcomes or ():
        known_outcome(results, name)
    when: Year = "total" if year == "total" else int(year) if year is not None else None
    return Question(tuple(outcomes or ()), when, tuple(thresholds or ()), level, missing)
