"""Compare two worlds: the public function, its result, the directory it is kept in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from expansion_sim.comparison.draws import checked_draws, posterior_draws, read_draws, with_draw
from expansion_sim.comparison.effects import combine
from expansion_sim.comparison.headline import headline
from expansion_sim.comparison.lockstep import Pair
from expansion_sim.comparison.pairing import Side, check_draws, check_runs, check_scenarios, open_sides
from expansion_sim.comparison.programmes import same_programmes
from expansion_sim.comparison.replicate import Progress, Task, replicate
from expansion_sim.errors import InputError
from expansion_sim.policy.terms import Term
from expansion_sim.posterior import SHIPPED
from expansion_sim.results import store
from expansion_sim.results.frames import stack_replications
from expansion_sim.results.run import Run, package_versions, seed_of
from expansion_sim.results.store import Kind, RunWriter
from expansion_sim.scenario.assumed import shared_terms, terms_record, with_terms
from expansion_sim.scenario.render import resolved, scenario_hash
from expansion_sim.scenario.spec import Scenario

COMPARISON = Kind("comparison", "expansion_sim comparison", 1, "comparison.json", ("effects", "headline", "firms", "programmes"))
#: Draws of parameters: a Parquet or CSV file, or one mapping of parameter to value per replication.
Parameters = str | os.PathLike[str] | Iterable[Mapping[str, float]]


@dataclass(frozen=True)
class Comparison:
    """OTHER compared with BASE, which is the reference: every difference is OTHER minus BASE.

    Attributes:
        effects: year, measure, industry, size_class, mode, host, district ('' = all), base, other, difference, low, high;
            see :mod:`expansion_sim.comparison.measures`.
        headline: year, statistic, unit, value, low, high; see :mod:`expansion_sim.comparison.headline`.
        firms: Firms abroad in one world only, by id; see :mod:`expansion_sim.comparison.ledger`.
        programmes: Users of each programme, additional and deadweight; see :mod:`expansion_sim.comparison.programmes`.
        record: Both scenarios, seeds, replications, versions: the content of ``comparison.json``.
        path: Directory, None while not saved.
    """

    effects: pd.DataFrame
    headline: pd.DataFrame
    firms: pd.DataFrame
    programmes: pd.DataFrame
    record: dict[str, Any]
    path: Path | None = None

    @property
    def replications(self) -> int:
        """Number of pairs of runs."""
        return int(self.record["replications"])

    @property
    def years(self) -> tuple[int, int]:
        """First and last year compared."""
        return int(self.record["first"]), int(self.record["last"])

    def save(self, out: str | Path, csv: bool = False) -> Comparison:
        """Write the directory whole or not at all.

        Args:
            out: Directory; an existing comparison is replaced, any other non-empty directory is refused.
            csv: Write a CSV twin beside every table.
        """
        with RunWriter(out, csv, COMPARISON) as writer:
            return self.commit(writer)

    def commit(self, writer: RunWriter) -> Comparison:
        """Finish a directory that was opened before the worlds were simulated."""
        tables = {name: getattr(self, name) for name in COMPARISON.tables}
        record = writer.commit(tables, {key: value for key, value in self.record.items() if key != "files"})
        return replace(self, path=writer.out, record=record)


def compare(
    base: str | os.PathLike[str] | Side,
    other: str | os.PathLike[str] | Side,
    replications: int | None = None,
    progress: Progress | None = None,
    *,
    overrides: Sequence[Any] | Mapping[str, Any] = (),
    parameters: Parameters | None = None,
    draw_terms: bool = False,
    workers: int = 1,
    discount: float = 0.0,
    level: float = 0.95,
    model_class: Callable[..., Any] | None = None,
    shared_past: bool = True,
) -> Comparison:
    """Compare two worlds on the same draws, firm by firm.

    Args:
        base: Reference: a scenario, its name or path, or a finished run or its directory.
        other: What is compared with it, of the same kind.
        replications: Pairs of runs with different draws; None takes the draws of parameters given, else the base scenario's own.
        progress: Called with (replication, year).
        overrides: Values on top of both scenarios where they are named here, as ``load_scenario`` takes them.
        parameters: Draws of parameters; replication r uses draw r in both worlds. "posterior" takes those of the one that ships.
        draw_terms: Whether each replication draws the assumed terms of support from their ranges, the same in both worlds.
        workers: Processes for the replications; the result does not depend on it.
        discount: Yearly rate, as a fraction, at which sums of money and sales are discounted to the first year.
        level: Coverage of the intervals.
        model_class: Model to run, by default :class:`expansion_sim.model.ExpansionModel`.
        shared_past: Simulate the years in which two scenarios cannot differ once; the result is the same, in less time.

    Raises:
        InputError: The two cannot be paired, or something given is wrong.
    """
    sides = open_sides(base, other, overrides)
    for name, value, low in (("replications", replications, 1), ("workers", workers, 1)):
        if value is not None and value < low:
            raise InputError(f"{name} must be {low} or more, got {value}")
    here, there = sides
    if isinstance(here, Scenario) and isinstance(there, Scenario):
        draws = None if parameters is None else _draws(parameters, here, there, replications or here.replications)
        terms = shared_terms(here, there) if draw_terms else None
        return _compare_scenarios(here, there, replications, progress, draws, terms, workers, discount, level, model_class, shared_past)
    if isinstance(here, Run) and isinstance(there, Run):
        if parameters is not None or replications is not None or draw_terms:
            raise InputError("finished runs have their replications, parameters and terms; leave these out, or name two scenarios")
        return _compare_runs(here, there, discount, level)
    raise InputError("one is a scenario and the other a finished run: name two scenarios or two run directories")


def open_comparison(path: str | Path) -> Comparison:
    """Open the directory of a comparison, checking every table against its hash.

    Raises:
        InputError: Not a comparison, unfinished, or changed since it was written.
    """
    folder = Path(path).absolute()
    record = store.read_record(folder, COMPARISON)
    return Comparison(**store.read_tables(folder, record, COMPARISON), record=record, path=folder)


def _draws(parameters: Parameters, base: Scenario, other: Scenario, replications: int) -> list[dict[str, float]]:
    """One draw per replication, or all of a file."""
    if parameters == SHIPPED:
        return posterior_draws(base, other, replications)
    if isinstance(parameters, (str, os.PathLike)):
        return read_draws(os.fspath(parameters))
    return checked_draws(list(parameters))


def _compare_scenarios(
    base: Scenario,
    other: Scenario,
    replications: int | None,
    progress: Progress | None,
    draws: list[dict[str, float]] | None,
    terms: list[Term] | None,
    workers: int,
    discount: float,
    level: float,
    model_class: Callable[..., Any] | None,
    shared_past: bool,
) -> Comparison:
    check_scenarios(base, other)
    count = replications or (len(draws) if draws else base.replications)
    if draws:
        check_draws(base, other, draws, count)
    chosen = draws[:count] if draws else [None] * count
    tasks = [
        Task(_drawn(base, draw, terms, number), _drawn(other, draw, terms, number), seed_of(base.seed, number), model_class, shared_past)
        for number, draw in enumerate(chosen)
    ]
    clock = time.perf_counter()
    pairs = replicate(tasks, workers, progress)
    years = range(base.years.first, base.years.last + 1)
    record = {
        "base": {"scenario": resolved(base), "sha256": scenario_hash(base)},
        "other": {"scenario": resolved(other), "sha256": scenario_hash(other)},
        "seed": int(base.seed),
        "seeds": [task.seed for task in tasks],
        "scale": float(base.scale),
        "replications": count,
        "parameters": draws[:count] if draws else None,
        "terms": None if terms is None else terms_record(base, terms, count),
        "same_programmes": same_programmes(base.support, other.support),
        "versions": package_versions(),
        "timing": {"seconds": round(time.perf_counter() - clock, 3)},
    }
    return _combined(pairs, years, record, discount, level)


def _drawn(side: Scenario, draw: Mapping[str, float] | None, terms: list[Term] | None, replication: int) -> Scenario:
    """One world with the parameters and the terms of a replication."""
    world = with_draw(side, draw)
    return with_terms(world, terms, replication) if terms else world


def _compare_runs(base: Run, other: Run, discount: float, level: float) -> Comparison:
    from expansion_sim.comparison.finished import pair_runs

    years = check_runs(base, other)
    pairs = pair_runs(base, other, years)
    record = {
        **{
            name: {
                "run": run.path.name if run.path else "",
                "scenario": run.record["scenario"],
                "sha256": run.record["scenario_sha256"],
            }
            for name, run in (("base", base), ("other", other))
        },
        "seed": base.seed,
        "seeds": base.record["seeds"],
        "scale": base.record["scale"],
        "replications": base.replications,
        "parameters": None,
        "terms": None,
        "versions": package_versions(),
    }
    return _combined(pairs, years, record, discount, level)


def _combined(pairs: Sequence[Pair], years: range, record: dict[str, Any], discount: float, level: float) -> Comparison:
    """Means, intervals and headline numbers of all replications."""
    record |= {"first": years[0], "last": years[-1], "level": level, "discount": discount}
    effects = [pair.effects for pair in pairs]
    return Comparison(
        combine(effects, level),
        headline(effects, np.array(years), discount, level),
        stack_replications([pair.firms for pair in pairs]),
        stack_replications([pair.programmes for pair in pairs]),
        record,
    )
