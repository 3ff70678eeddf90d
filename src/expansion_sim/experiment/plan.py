"""The runs of an experiment: their names, seeds and order, the same on every machine and for any number of workers.

Seeds come from ``SeedSequence(experiment.seed, spawn_key=(2, draws, replication))``, 63 bits of it. ``draws`` is 0 where all
points share draws (grids, lists and one paired base), the block in Saltelli and Morris designs, and the point itself
elsewhere; a twin has the draws of its point. So a pair differs in nothing but its settings, and no sum of numbers can make
two seeds collide.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from expansion_sim.experiment.points import Point

#: First number of the spawn key of every run's seed.
STREAM = 2
#: Runs of one shard.
RUNS_PER_SHARD = 100


class PlannedRun(NamedTuple):
    """One run.

    Attributes:
        order: Position in the order of running.
        run: Name, such as ``p000012r0003``; never changes.
        point: Point.
        replication: Replication, from 0.
        seed: Seed of the model.
    """

    order: int
    run: str
    point: int
    replication: int
    seed: int


class Plan:
    """All runs in the order in which they are started.

    Replication by replication, and within one the points spread over the design, so that a sweep stopped anywhere leaves an even
    sample; a block, or a point and its twin, stay together.

    Args:
        points: Points of the experiment.
        replications: Runs per point.
        seed: Seed of the experiment.
        kind: Kind of the design.
    """

    def __init__(self, points: Sequence[Point], replications: int, seed: int, kind: str) -> None:
        self.points, self.replications, self.seed = list(points), replications, seed
        spread = spread_order(self.points, kind)
        self.runs = [
            PlannedRun(
                replication * len(spread) + at, run_name(point, replication), point, replication, self.seed_of(point, replication)
            )
            for replication in range(replications)
            for at, point in enumerate(spread)
        ]

    def seed_of(self, point: int, replication: int) -> int:
        """Seed of a run."""
        return run_seed(self.seed, self.points[point].draws, replication)

    @property
    def shards(self) -> int:
        """Number of shards."""
        return -(-len(self.runs) // RUNS_PER_SHARD)

    def shard(self, number: int) -> list[PlannedRun]:
        """Runs of one shard, in order."""
        return self.runs[number * RUNS_PER_SHARD : (number + 1) * RUNS_PER_SHARD]

    @cached_property
    def columns(self) -> list[str]:
        """Factor columns of the design."""
        return list(self.points[0].columns)

    def table(self) -> pa.Table:
        """The design, one row per run by point and replication: what ``design.parquet`` holds."""
        runs = sorted(self.runs, key=lambda run: (run.point, run.replication))
        at = [self.points[run.point] for run in runs]
        paired = [run_name(point.base, run.replication) if point.base >= 0 else "" for run, point in zip(runs, at, strict=True)]
        head: dict[str, pa.Array] = {
            "run": pa.array([run.run for run in runs]),
            "point": pa.array([run.point for run in runs], pa.int32()),
            "replication": pa.array([run.replication for run in runs], pa.int32()),
            "seed": pa.array([run.seed for run in runs], pa.int64()),
            "block": pa.array([point.block for point in at], pa.int32()),
            "paired_with": pa.array(paired),
        }
        return pa.table(head | {name: _column([point.columns[name] for point in at]) for name in self.columns})


def run_name(point: int, replication: int) -> str:
    """Name of a run."""
    return f"p{point:06d}r{replication:04d}"


def run_seed(seed: int, draws: int, replication: int) -> int:
    """63 bits for the draws of a run, see the top of this file."""
    words = np.random.SeedSequence(seed, spawn_key=(STREAM, draws, replication)).generate_state(1, np.uint64)
    return int(words[0] >> np.uint64(1))


def spread_order(points: Sequence[Point], kind: str) -> list[int]:
    """Points in the order of running: bit-reversed for grids and lists, as sampled where beginnings are even already."""
    main = [point for point in points if point.role == "point"]
    at = sorted(range(len(main)), key=lambda i: _reversed_bits(i, len(main))) if kind in ("grid", "list") else range(len(main))
    order: list[int] = []
    seen: set[int] = set()
    for i in at:
        if main[i].base >= 0 and main[i].base not in seen:
            seen.add(main[i].base)
            order.append(main[i].base)
        order.append(main[i].index)
    return order


def _reversed_bits(number: int, count: int) -> int:
    width = max(count - 1, 1).bit_length()
    return int(f"{number:0{width}b}"[::-1], 2)


def _column(values: list[Any]) -> pa.Array:
    """A factor's column: true or false, numbers, or text."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return pa.array(values, pa.bool_())
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array(
        [
            None
            if value is None
            else value
            if isinstance(value, str)
            else str(value).lower()
            if isinstance(value, bool)
            else repr(value)
            for value in values
        ],
        pa.string(),
    )
