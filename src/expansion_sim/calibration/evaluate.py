"""Simulating points of the parameter space: worker processes, and a store that remembers every finished run.

A run is known by what determines it: the code and data of the model, the scenario, the point and the seed. Finished runs are
written in shards, aside and then renamed, so that a killed calibration continues where it was and never simulates a run twice.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from importlib import resources
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from expansion_sim.scenario.render import scenario_hash
from expansion_sim.scenario.spec import Scenario
from expansion_sim.whole_files import aside

Point = dict[str, float]
Run = Callable[[Scenario, Point, int], np.ndarray]
#: Runs per shard, and runs handed out ahead of each worker.
SHARD, AHEAD = 64, 2
#: Parts of the package that cannot change what a run says.
_NOT_THE_MODEL = ("calibration", "figures", "app", "scenarios", "experiment", "comparison", "report")


class Evaluate(Protocol):
    """What the estimation asks for: readings of points, each with its own seeds."""

    def __call__(self, points: Sequence[Point], seeds: Sequence[Sequence[int]]) -> np.ndarray:
        """Simulate points.

        Args:
            points: Parameter values by name.
            seeds: Seeds of each point, all of one number S.

        Returns:
            Shape (points, S, readings); NaN where a run failed or gives no answer.
        """


class Simulator:
    """The default :class:`Evaluate`: simulates in worker processes and remembers finished runs.

    Args:
        scenario: The scenario, with everything but the point and the seed.
        columns: Names of the readings.
        folder: Where finished runs are kept; None keeps them in memory only.
        workers: Number of processes.
        told: Called with (finished, asked for) after every run.
        run: What simulates one point in a worker, by default :func:`simulate_point`.
        threads: Threads of each worker; one unless the runs are few and large.
    """

    def __init__(
        self, scenario: Scenario, columns: Sequence[str], folder: Path | None = None, workers: int = 2,
        told: Callable[[int, int], None] | None = None, run: Run | None = None, threads: int = 1,
    ) -> None:
        self.scenario, self.columns, self.folder, self.workers, self.told = scenario, list(columns), folder, workers, told
        self.world = f"{model_hash()}:{scenario_hash(scenario)}"
        self.run, self.threads = run or simulate_point, threads
        self.known: dict[str, np.ndarray] = {}
        self.pool: Executor | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self.known = dict(_stored(folder, self.columns))

    def __enter__(self) -> Simulator:
        """Start nothing yet: processes are started when the first run is needed."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the worker processes."""
        if self.pool is not None:
            self.pool.shutdown(wait=False, cancel_futures=True)
            self.pool = None

    def __call__(self, points: Sequence[Point], seeds: Sequence[Sequence[int]]) -> np.ndarray:
        """Simulate what is not known yet; see :class:`Evaluate`."""
        asked = [(point, int(seed)) for point, own in zip(points, seeds, strict=True) for seed in own]
        keys = [self.key(point, seed) for point, seed in asked]
        todo = {key: run for key, run in zip(keys, asked, strict=True) if key not in self.known}
        fresh: dict[str, np.ndarray] = {}
        try:
            for key, row in self._simulated(todo):
                fresh[key] = row
                self.known[key] = row
                if self.told is not None:
                    self.told(len(asked) - len(todo) + sum(k in self.known for k in todo), len(asked))
                if len(fresh) >= SHARD:
                    self._keep(fresh)
                    fresh = {}
        finally:
            self._keep(fresh)
        return np.array([self.known[key] for key in keys]).reshape(len(points), -1, len(self.columns))

    def key(self, point: Point, seed: int) -> str:
        """What a run is known by."""
        text = json.dumps([self.world, sorted(point.items()), seed])
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def _simulated(self, todo: dict[str, tuple[Point, int]]) -> Iterator[tuple[str, np.ndarray]]:
        """Run what is to do; when a worker dies, runs under way are done again alone, and one that kills again is given up."""
        left = dict(todo)
        while left:
            waiting: dict[Future[np.ndarray], str] = {}
            try:
                yield from self._together(left, waiting)
            except BrokenProcessPool:
                self.pool = None
                for key in waiting.values():
                    yield key, self._alone(*left.pop(key))

    def _together(
        self, left: dict[str, tuple[Point, int]], waiting: dict[Future[np.ndarray], str],
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Hand out runs, a few ahead of the workers; finished ones leave ``left`` and ``waiting``."""
        pool, queue = self._open_pool(), iter(list(left.items()))
        while True:
            for key, (point, seed) in queue:
                waiting[pool.submit(self.run, self.scenario, point, seed)] = key
                if len(waiting) >= AHEAD * self.workers:
                    break
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                row = future.result()
                key = waiting.pop(future)
                del left[key]
                yield key, row

    def _alone(self, point: Point, seed: int) -> np.ndarray:
        """One run with nothing beside it; no answer when its worker dies."""
        try:
            return self._open_pool().submit(self.run, self.scenario, point, seed).result()
        except BrokenProcessPool:
            self.pool = None
            return np.full(len(self.columns), np.nan)

    def _open_pool(self) -> Executor:
        if self.pool is None:
            os.environ["NUMBA_NUM_THREADS"] = str(self.threads)  # read by the workers when they import numba
            self.pool = ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"), initializer=_begin_worker)
        return self.pool

    def _keep(self, rows: dict[str, np.ndarray]) -> None:
        """Write a shard aside, then give it its name."""
        if not rows or self.folder is None:
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        values = np.array(list(rows.values()))
        table = pa.table({"run": list(rows), **{name: values[:, place] for place, name in enumerate(self.columns)}})
        with aside(self.folder / f"shard-{hashlib.sha256(''.join(rows).encode()).hexdigest()[:16]}.parquet") as temporary:
            pq.write_table(table, temporary, compression="zstd")


def simulate_point(scenario: Scenario, point: Point, seed: int) -> np.ndarray:
    """Readings of one run, shape (readings,); NaN throughout where the run breaks down."""
    from expansion_sim.calibration.readings import reading_labels, readings
    from expansion_sim.results.run import simulate

    world = scenario.model_copy(update={"parameters": {**scenario.parameters, **point}, "seed": seed})
    try:
        return readings(simulate(world, replications=1))[0]
    except (ArithmeticError, ValueError):
        return np.full(len(reading_labels()), np.nan)
    finally:
        gc.collect()  # a Mesa model holds cycles; without this the firms of many runs stay in memory


def _stored(folder: Path, columns: list[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Every run in the shards of a folder; shards with other readings are left alone."""
    import pyarrow.parquet as pq

    for path in sorted(folder.glob("shard-*.parquet")):
        table = pq.read_table(path)
        if table.column_names == ["run", *columns]:
            values = table.drop_columns(["run"]).to_pandas().to_numpy(float)
            yield from zip(table["run"].to_pylist(), values, strict=True)


@cache
def model_hash() -> str:
    """Hash of the code and data that determine a run, so that a changed model is simulated anew."""
    found = hashlib.sha256()
    root = Path(str(resources.files("expansion_sim")))
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.suffix in (".py", ".toml", ".csv") and inside.parts[0] not in _NOT_THE_MODEL:
            if len(inside.parts) == 1 and inside.stem in ("cli", "arguments", "doctor", "progress", "posterior"):
                continue
            found.update(str(inside).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:24]


def _begin_worker() -> None:
    """Leave interrupts to the parent, and end when it has died, also by a kill."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent: Any = parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
