"""All tables that suit a sweep's design, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.choosing import (
    SAMPLED,
    SCREENING,
    asked_outcome,
    default_outcomes,
    distribution_of,
    fronts,
    has_front,
    is_paired,
    tell_left_out,
    why_no_front,
)
from expansion_sim.experiment.analysis.discovery import Discovery, discover
from expansion_sim.experiment.analysis.distribution import quantile_curves, quantiles_of
from expansion_sim.experiment.analysis.gaps import leave_out
from expansion_sim.experiment.analysis.morris import morris_indices
from expansion_sim.experiment.analysis.observations import Missing, NothingVaries, Year, main_points, points_of, varied_factors, years_of
from expansion_sim.experiment.analysis.paired import paired_differences
from expansion_sim.experiment.analysis.pareto import pareto_front
from expansion_sim.experiment.analysis.probability import ecdfs, exceedance, sample_exceedance
from expansion_sim.experiment.analysis.sobol import sobol_indices
from expansion_sim.experiment.analysis.summary import means, yearly_bands
from expansion_sim.experiment.analysis.swings import swings
from expansion_sim.experiment.spec import DUMMY
from expansion_sim.whole_files import write_whole

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results

#: Points up to which tables have rows for each point and year, quantile or value.
_FEW_POINTS = 200


class Question(NamedTuple):
    """What is asked of a sweep.

    Attributes:
        outcomes: Outcomes; empty for :func:`expansion_sim.experiment.analysis.choosing.default_outcomes`.
        year: Year of yearly outcomes, ``total`` for the sum over years, None for the last.
        thresholds: Thresholds for exceedance, of the difference from the base in paired designs; the first is also that of scenario
            discovery. They are those of the outcomes named, or of the first one where none are: others have other units.
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
        ``ecdf``, over the sample of a sampled design (point ``all``) and over replications elsewhere; ``distribution`` of final
        distributions over firms; ``exceedance``, ``box`` and ``peels`` with thresholds; ``front`` where spending and a second outcome
        are paired (its outcome is the gain). A table for which nothing varies is left out, and so are chances at the single steps of a
        screening.

    Raises:
        InputError: Unknown outcomes, failed runs unless they may be left out.

    Warns:
        LeftOut: Outcomes or a front that could be expected are not there.
    """
    chosen = question.outcomes or default_outcomes(results, question.year)
    if not question.outcomes:
        tell_left_out(results, chosen, question.year)
    parts: dict[str, list[pd.DataFrame]] = {}
    for place, outcome in enumerate(chosen):
        asked = question if question.outcomes or place == 0 else question._replace(thresholds=())
        for name, table in _of_outcome(results, outcome, asked).items():
            parts.setdefault(name, []).append(_of(outcome, table))
    for stem in dict.fromkeys(filter(None, map(distribution_of, chosen))):
        if quantiles_of(results, stem) and results.design["point"].nunique() <= _FEW_POINTS:
            parts.setdefault("distribution", []).append(_of(stem, _curves(results, stem, question)))
    found = _fronts(results, question)
    if found:
        parts["front"] = found
    return {name: pd.concat(each, ignore_index=True) for name, each in parts.items()}


def _of(outcome: str, table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(outcome=outcome)[["outcome", *table.columns]]


def _curves(results: Results, stem: str, question: Question) -> pd.DataFrame:
    """Quantiles of a final distribution by point, base worlds included, with the factors that differ."""
    asked: dict[str, Any] = {"against_base": is_paired(results), "level": question.level, "missing": question.missing}
    table = quantile_curves(results, stem, question.year, **asked).reset_index("quantile")
    return _with_factors(results, table)


def _fronts(results: Results, question: Question) -> list[pd.DataFrame]:
    """A front for each gain asked for; none, and the reason told, where cost or gain cannot be read."""
    if not has_front(results):
        return []
    reason = why_no_front(results, question.year, question.outcomes)
    if reason:
        leave_out(f"no front: {reason}")
        return []
    found = []
    for cost, gain in fronts(results, question.outcomes):
        front = pareto_front(results, cost, gain, gain_year=question.year, level=question.level, missing=question.missing)
        found.append(_of(gain, _with_factors(results, front)))
    return found


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
    if thresholds and kind in SAMPLED:
        told["exceedance"] = sample_exceedance(results, outcome, thresholds, year, level=level, **asked)
    elif thresholds and kind not in SCREENING:
        chances = exceedance(results, outcome, thresholds, year, level=level, **asked)
        told["exceedance"] = _with_factors(results, chances.set_index("point"))
    if kind in SAMPLED or (kind not in SCREENING and _many_runs_of_few_points(results)):
        told["ecdf"] = _ecdf(results, ecdfs(results, outcome, year, **asked))
    with suppress(NothingVaries):
        told |= _indices(results, outcome, question, asked)
    if kind not in ("list", "morris", "saltelli"):  # the other settings of a list are not balanced: an end would stand for them too
        told |= _swings(results, outcome, question, asked)
    with suppress(NothingVaries):
        if thresholds and kind not in ("grid", "list", "morris"):
            told |= _box(discover(results, outcome, thresholds[0], year, **asked))
    return told


def _swings(results: Results, outcome: str, question: Question, asked: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Swings of the factors whose ends have points enough; which have not is told."""
    varied = [name for name in varied_factors(points_of(results.design).loc[main_points(results.design)]) if name != DUMMY]
    try:
        table = swings(results, outcome, question.year, level=question.level, **asked)
    except NothingVaries as nothing:
        if varied:
            leave_out(f"no swings: {nothing.message}")
        return {}
    alone = [name for name in varied if name not in set(table["factor"])]
    if alone:
        leave_out(f"no swings of {', '.join(alone)}: the sample is too small, an end has a single point")
    return {"swings": table}


def _many_runs_of_few_points(results: Results) -> bool:
    """Whether each point has a distribution of its own, and they are few enough for a table."""
    return results.design["replication"].nunique() > 1 and results.design["point"].nunique() <= _FEW_POINTS


def _ecdf(results: Results, table: pd.DataFrame) -> pd.DataFrame:
    """The distribution over the sample where points are one, else that of each point: worlds that somebody chose have no common one."""
    pooled = table["point"] == -1
    if results.experiment.design.kind in SAMPLED:
        return table[pooled].assign(point="all")
    return table[~pooled]


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
    named = tuple(dict.fromkeys(asked_outcome(results, name) for name in outcomes or ()))
    when: Year = "total" if year == "total" else int(year) if year is not None else None
    return Question(named, when, tuple(thresholds or ()), level, missing)
