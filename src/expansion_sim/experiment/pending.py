"""What is still to be run, in the order of the plan, and which of those runs begin with the same years.

Runs of one replication whose worlds cannot differ for a good part of their years are a family: the worker that has one of them simulates
the common past once and branches each run off in the first year in which it can differ (:mod:`expansion_sim.experiment.trunk`). Families
only decide who runs what after what. The results are those of runs on their own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol

from expansion_sim.experiment.local import Crew
from expansion_sim.experiment.plan import RUNS_PER_SHARD, Plan
from expansion_sim.scenario.spec import Scenario

#: Runs that are looked at together for a common past: the past of a larger design is simulated once for so many of its points.
WINDOW = 200
#: How many times as many runs a task of a family has where nobody knows which worker gets the next one.
STRETCH = 20
#: Years that a common past must have, as a share of the years of a run, to be worth a family.
LEAST_SHARED = 0.2
#: Trunks that a run is compared with: where more worlds than these have nothing in common, looking for more would take longer than it saves.
MOST_TRUNKS = 8
#: Beginnings of keys that can only differ from the first year on: points that differ in them need not be compared.
_FROM_THE_START = ("parameters", "mechanisms", "scale", "population", "seed", "years.first")


class Family:
    """Runs with a common past.

    Args:
        trunk: World that the common past is simulated in.
        orders: Runs, in order of the years in which they leave it.

    Attributes:
        flying: Tasks of it that are under way.
    """

    def __init__(self, trunk: Scenario, orders: Sequence[int]) -> None:
        self.trunk, self.waiting, self.flying = trunk, deque(orders), 0


class Batch(NamedTuple):
    """Runs of the next task.

    Attributes:
        orders: Their positions in the plan; empty when nothing is left.
        family: Their family, None for runs that share nothing.
    """

    orders: tuple[int, ...]
    family: Family | None = None


class Pending(Protocol):
    """Runs still to be started."""

    @property
    def number(self) -> int:
        """How many they are."""

    def take(self, most: int) -> Batch:
        """The next runs, at most ``most``; empty at the end."""

    def landed(self, batch: Batch, lost: bool = False) -> None:
        """Say that a task is over, finished or lost with its worker."""


class InOrder:
    """Runs in the order of the plan; a task never spans two shards."""

    def __init__(self, orders: Sequence[int]) -> None:
        self._orders, self._at = orders, 0

    @property
    def number(self) -> int:
        """Runs not yet started."""
        return len(self._orders) - self._at

    def take(self, most: int) -> Batch:
        """The next runs, at most ``most``; empty at the end."""
        taken = tuple(self._next(most))
        self._at += len(taken)
        return Batch(taken)

    def landed(self, batch: Batch, lost: bool = False) -> None:
        """Nothing depends on it."""

    def _next(self, most: int) -> Iterator[int]:
        following = self._orders[self._at : self._at + most]
        for order in following:
            if order // RUNS_PER_SHARD != following[0] // RUNS_PER_SHARD:
                return
            yield order


class ByFamily:
    """Families in the order of the plan, one replication after the other, and between them the runs that share nothing.

    A family stays with one worker as long as others find something else to do. One that has cost a worker is dissolved: its runs are
    run alone.

    Args:
        orders: Runs to be started.
        plan: All runs.
        crew: Who runs them.
        scenario_of: Order of a run -> its scenario, or why it has none.
    """

    def __init__(self, orders: Sequence[int], plan: Plan, crew: Crew, scenario_of: Callable[[int], Scenario | str]) -> None:
        self._orders, self._plan, self._crew, self._scenario_of = deque(orders), plan, crew, scenario_of
        self._families: deque[Family] = deque()
        self._begun: list[Family] = []
        self._alone: deque[int] = deque()

    @property
    def number(self) -> int:
        """Runs not yet started."""
        return len(self._orders) + len(self._alone) + sum(len(family.waiting) for family in (*self._families, *self._begun))

    def take(self, most: int) -> Batch:
        """The next runs, at most ``most``: of a family that no worker has at the moment, of a new one, or of one that needs help."""
        self._begun = [family for family in self._begun if family.waiting]
        left = next((family for family in self._begun if not family.flying), None)
        if left is not None:
            return self._of(left, most)
        while not self._families and not self._alone and self._orders:
            self._look_ahead()
        if self._families:
            self._begun.append(self._families.popleft())
            return self._of(self._begun[-1], most)
        if self._alone:
            return Batch(tuple(self._alone.popleft() for _ in range(min(most, len(self._alone)))))
        return self._of(min(self._begun, key=lambda family: family.flying), most) if self._begun else Batch(())

    def landed(self, batch: Batch, lost: bool = False) -> None:
        """Say that a task is over: its worker may have the next runs of the family, or is lost."""
        if batch.family is not None:
            batch.family.flying -= 1
            if lost:
                self._alone.extend(batch.family.waiting)
                batch.family.waiting.clear()

    def _of(self, family: Family, most: int) -> Batch:
        if not self._crew.steady:
            most = min(STRETCH * most, -(-self.number // self._crew.capacity))
        family.flying += 1
        return Batch(tuple(family.waiting.popleft() for _ in range(min(most, len(family.waiting)))), family)

    def _look_ahead(self) -> None:
        """Find the families among the next runs of one replication."""
        replication = self._plan.runs[self._orders[0]].replication
        window = [order for order in islice(self._orders, WINDOW) if self._plan.runs[order].replication == replication]
        for _ in window:
            self._orders.popleft()
        alike: dict[Any, list[int]] = {}
        for order in window:
            point = self._plan.points[self._plan.runs[order].point]
            alike.setdefault((point.draws, from_the_start(point.sourced)), []).append(order)
        for orders in alike.values():
            families = families_of([(order, self._scenario_of(order)) for order in orders]) if len(orders) > 1 else []
            self._families.extend(families)
            found = {order for family in families for order in family.waiting}
            self._alone.extend(order for order in orders if order not in found)


def from_the_start(sourced: Sequence[tuple[str, Any, Any]]) -> str:
    """Settings of a point that can only differ from the first year on, as text."""
    return repr(sorted((key, value) for key, value, _ in sourced if key.startswith(_FROM_THE_START)))


def families_of(worlds: Sequence[tuple[int, Scenario | str]]) -> list[Family]:
    """Families among some runs with the same draws: each joins the trunk that it shares most years with, or is one itself.

    Args:
        worlds: Order and scenario of each run.

    Returns:
        Families of two runs or more, their runs in order of the years in which they leave the trunk.
    """
    from expansion_sim.scenario.divergence import first_difference  # brings the compiler along, which plain sweeps leave to the workers

    trunks: list[tuple[Scenario, dict[int, int]]] = []
    for order, world in worlds:
        if isinstance(world, str):
            continue
        end = world.years.last + 1
        years = [first_difference(trunk, world) or end for trunk, _ in trunks]
        best = max(range(len(trunks)), key=years.__getitem__, default=-1)
        if best >= 0 and years[best] - world.years.first >= LEAST_SHARED * (end - world.years.first):
            trunks[best][1][order] = years[best]
        elif len(trunks) < MOST_TRUNKS:
            trunks.append((world, {order: end}))
    return [Family(trunk, sorted(members, key=lambda order: (members[order], order))) for trunk, members in trunks if len(members) > 1]


def shares_draws(plan: Plan) -> bool:
    """Whether any two points have the same draws; where each has its own no past is common."""
    draws = [point.draws for point in plan.points]
    return len(set(draws)) < len(draws)
