"""A run: simulate a scenario, keep its tables, save them, open them again."""

from __future__ import annotations

import gc
import platform
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from pydantic import ValidationError

from expansion_sim.errors import InputError
from expansion_sim.posterior import Posterior
from expansion_sim.results import store
from expansion_sim.results.frames import stack_replications
from expansion_sim.results.recorder import Frames, Recorder
from expansion_sim.results.store import RunWriter
from expansion_sim.scenario.assumed import assumed_terms, terms_record, with_terms
from expansion_sim.scenario.render import resolved, scenario_hash
from expansion_sim.scenario.spec import Scenario

#: Logged rows from which freeing the firms first is worth the tenth of a second that it takes.
_MANY_EVENTS = 1_000_000
Progress = Callable[[int, int], None]
_PACKAGES = ("expansion-sim", "mesa", "numpy", "numba", "scipy", "pandas", "pyarrow", "pydantic")


class Model(Protocol):
    """What :func:`simulate` asks of a model.

    Attributes:
        year: Last year simulated; the year before the first one at the start.
        recorder: What was recorded.
        snapshots: Year -> rows of all firms, for the years asked.
        snapshot_sink: When set, called with (year, live rows) in place of keeping a copy in ``snapshots``.
    """

    year: int
    recorder: Recorder
    snapshots: dict[int, np.ndarray]
    snapshot_sink: Callable[[int, np.ndarray], None] | None

    def step(self) -> None:
        """Simulate the next year."""


@dataclass(frozen=True)
class Run:
    """The result of simulating one scenario once or several times.

    Attributes:
        scenario: The scenario; None for a run opened by a version whose schema no longer knows it (``record`` still tells it).
        seed: Base seed; replication 0 uses it as it is.
        replications: Number of replications. With more than one, every table has a first column ``replication``.
        yearly: Tidy yearly table, see :mod:`expansion_sim.results.frames`; an absent row means zero.
        events: One row per event, see :mod:`expansion_sim.results.event_log`.
        programmes: Applications, awards and spending per programme and year.
        surveys: Survey moments measured during the run.
        record: Resolved scenario, seeds, versions and timing: the content of ``run.json``.
        path: Run directory, None while not saved.
        snapshots: Year -> rows of replication 0 held in memory.
    """

    scenario: Scenario | None
    seed: int
    replications: int
    yearly: pd.DataFrame
    events: pd.DataFrame
    programmes: pd.DataFrame
    surveys: pd.DataFrame
    record: dict[str, Any]
    path: Path | None = None
    snapshots: Mapping[int, np.ndarray] = field(default_factory=dict, repr=False)

    @property
    def years(self) -> tuple[int, int]:
        """First and last recorded year."""
        return int(self.record["first"]), int(self.record["last"])

    @property
    def firms_years(self) -> list[int]:
        """Years with a snapshot of the firms of replication 0."""
        names = [Path(name) for name in self.record.get("files", {}) if name.startswith("firms/year=")]
        written = {int(name.stem.removeprefix("year=")) for name in names if name.suffix == ".parquet"}
        return sorted({*written, *self.snapshots})

    def firms(self, year: int) -> pd.DataFrame:
        """Firms of replication 0 alive at the end of ``year``: every state variable, vectors as ``name_label``.

        Raises:
            InputError: No snapshot was asked for that year, or its file is damaged.
        """
        if year in self.snapshots:
            return store.firms_frame(self.snapshots[year])
        if year not in self.firms_years or self.path is None:
            have = ", ".join(map(str, self.firms_years)) or "none"
            raise InputError(f"the run has no snapshot of the firms of {year} (years kept: {have}); ask with output.firms_years")
        return pq.read_table(store.verify_file(self.path, self.record, f"firms/year={year}.parquet")).to_pandas()

    def save(self, out: str | Path, csv: bool = False) -> Run:
        """Write the run directory whole or not at all.

        Args:
            out: Run directory; an existing run directory is replaced, any other non-empty directory is refused.
            csv: Write a CSV twin beside every table.

        Returns:
            The run with ``path`` and the hashes of its files.
        """
        with RunWriter(out, csv) as sink:
            return self.commit(sink)

    def commit(self, sink: RunWriter) -> Run:
        """Finish a directory whose snapshots ``sink`` may have taken during the run."""
        for year, firms in sorted(self.snapshots.items()):
            sink.write_firms(year, firms)
        tables = {name: getattr(self, name) for name in store.TABLES}
        record = sink.commit(tables, {key: value for key, value in self.record.items() if key != "files"})
        return replace(self, path=sink.out, record=record)


def simulate(
    scenario: Scenario, replications: int | None = None, progress: Progress | None = None, sink: RunWriter | None = None,
    model_class: Callable[..., Model] | None = None, parameters: Posterior | None = None, draw_terms: bool = False,
) -> Run:
    """Simulate a scenario.

    Args:
        scenario: A Scenario.
        replications: Number of replications; None takes the scenario's own.
        progress: Called with (replication, year) after every year.
        sink: Takes the snapshots of replication 0 while the run goes on, so that a 1:1 run need not hold them; finish with
            ``run.commit(sink)``.
        model_class: Model to run, by default :class:`expansion_sim.model.ExpansionModel`.
        parameters: Draws of parameters, of which each replication takes one row; None takes the shipped values.
        draw_terms: Whether each replication draws the assumed terms of support from their ranges.

    Returns:
        The run, in memory. Snapshots are those of replication 0.

    Raises:
        InputError: Fewer than one replication.
    """
    count = scenario.replications if replications is None else replications
    if count < 1:
        raise InputError(f"replications must be 1 or more, got {count}")
    make = model_class or _default_model()
    started, clock = time.time(), time.perf_counter()
    frames: list[Frames] = []
    snapshots: dict[int, np.ndarray] = {}
    terms = assumed_terms(scenario) if draw_terms else []
    for replication in range(count):
        world = scenario if parameters is None else parameters.applied(scenario, replication)
        world = with_terms(world, terms, replication) if terms else world
        model = make(world, rng=seed_of(scenario.seed, replication))
        first = replication == 0
        model.snapshot_sink = (sink.write_firms if sink else None) if first else _forget
        _to_the_end(model, scenario.years.last, replication, progress, sink if first else None)
        recorder = model.recorder
        if first:
            snapshots = dict(model.snapshots)
        del model
        if replication + 1 < count or len(recorder.log) > _MANY_EVENTS:
            gc.collect()  # a Mesa model holds cycles: free its firms before the next one or large tables take as much again
        frames.append(recorder.frames())
    record = _record(scenario, count, started, time.perf_counter() - clock)
    if parameters is not None:
        record["parameters"] = parameters.record(scenario, count)
    if draw_terms:
        record["terms"] = terms_record(scenario, terms, count)
    tables = {name: stack_replications([getattr(frame, name) for frame in frames]) for name in Frames._fields}
    return Run(scenario, int(scenario.seed), count, record=record, snapshots=snapshots, **tables)


def open_run(path: str | Path) -> Run:
    """Open a run directory, checking every table against its hash; snapshots are checked when they are read.

    Raises:
        InputError: Not a run directory, unfinished, or changed since it was written.
    """
    folder = Path(path).absolute()
    record = store.read_record(folder)
    tables = store.read_tables(folder, record)
    try:
        return Run(_typed(record["scenario"]), record["seed"], record["replications"], record=record, path=folder, **tables)
    except KeyError as error:
        raise InputError(f"the record lacks {error}", file=str(folder / store.RECORD)) from error


def _typed(resolved_scenario: dict[str, Any]) -> Scenario | None:
    try:
        return Scenario.model_validate(resolved_scenario)
    except ValidationError:
        return None


def seed_of(seed: int, replication: int) -> int:
    """Seed of a replication: the base seed itself for 0, else 63 bits of a spawned seed sequence."""
    if replication == 0:
        return int(seed)
    words = np.random.SeedSequence(seed, spawn_key=(0, replication)).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(1))


def _default_model() -> Callable[..., Model]:
    """The package's own model, imported only when asked for: it brings Mesa and the compiler along."""
    from expansion_sim.model import ExpansionModel

    return ExpansionModel


def _to_the_end(model: Model, last: int, replication: int, progress: Progress | None, sink: RunWriter | None) -> None:
    """Step to the last year; snapshots that the model keeps are handed to the sink at once."""
    while model.year < last:
        model.step()
        if sink is not None:
            for year in list(model.snapshots):
                sink.write_firms(year, model.snapshots.pop(year))
        if progress is not None:
            progress(replication, model.year)


def _forget(year: int, firms: np.ndarray) -> None:
    """Snapshots beyond replication 0 are not kept: they would multiply the store without a reader."""


def _record(scenario: Scenario, replications: int, started: float, seconds: float) -> dict[str, Any]:
    return {
        "scenario": resolved(scenario),
        "scenario_sha256": scenario_hash(scenario),
        "seed": int(scenario.seed),
        "seeds": [seed_of(scenario.seed, replication) for replication in range(replications)],
        "scale": float(scenario.scale),
        "replications": replications,
        "first": int(scenario.years.first),
        "last": int(scenario.years.last),
        "versions": dict(package_versions()),
        "timing": {
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
            "seconds": round(seconds, 3),
            "seconds_per_replication": round(seconds / replications, 3),
        },
    }


@cache  # reading the metadata of installed packages takes as long as a small run
def package_versions() -> dict[str, str]:
    """Versions of Python, the platform and the packages that touch the numbers; those not installed are left out."""
    versions = {"python": sys.version.split()[0], "platform": platform.platform(terse=True)}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
