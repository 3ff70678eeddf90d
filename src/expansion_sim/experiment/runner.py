"""Hands runs to workers and results to the store: a bounded window, tasks of a few seconds, second and third chances."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from typing import NamedTuple

from expansion_sim.experiment.local import Crew
from expansion_sim.experiment.pending import Batch, Pending
from expansion_sim.experiment.plan import RUNS_PER_SHARD
from expansion_sim.experiment.store import SweepStore
from expansion_sim.experiment.worker import CRASHED, RunResult, Task, run_task

#: Seconds of work that a task should hold, and the most runs in one.
TASK_SECONDS, MOST_RUNS = 2.0, 50
#: Workers that a run may take down with it before it is set aside.
TRIES = 3
#: Workers beyond one round of tasks that may end before any of them has begun a run.
_PATIENCE = 3
#: Reason of a run that was set aside; the same wherever it ran.
POISONOUS = "took its worker down each time it was tried"


class Counts(NamedTuple):
    """How far a sweep has come.

    Attributes:
        done: Finished runs, those of earlier attempts included.
        total: All runs.
        failed: Finished runs that are not ok.
    """

    done: int
    total: int
    failed: int


class WorkersFail(RuntimeError):
    """Workers end before they begin anything, or have gone."""


class Runner:
    """Runs what is not in the store yet.

    Args:
        store: Takes the results.
        crew: Runs the tasks.
        pending: Runs to be started.
        make_task: Some runs -> their task.
        progress: Called after every task.
    """

    def __init__(
        self,
        store: SweepStore,
        crew: Crew,
        pending: Pending,
        make_task: Callable[[Batch], Task],
        progress: Callable[[Counts], None] | None = None,
    ) -> None:
        self.store, self.crew, self.pending, self.make_task = store, crew, pending, make_task
        self.progress = progress or (lambda counts: None)
        self.total = len(store.plan.runs)
        self.failed = sum(status != "ok" for status in store.statuses.values())
        self.seconds_per_run = 0.0
        self._deaths: Counter[int] = Counter()
        self._again: deque[int] = deque()
        self._stillborn = 0  # workers that ended before they began any run, since one did: it is not the runs that are to blame

    def run(self) -> None:
        """Run to the end.

        Raises:
            OSError: Results cannot be written.
            WorkersFail: Workers end again and again before they begin a run.
        """
        flying: dict[Future, Batch] = {}
        self._tell()
        while True:
            self._fill(flying)
            if not flying:
                return
            done, _ = wait(flying, return_when=FIRST_COMPLETED)
            finished = [(flying.pop(future), future) for future in done]
            outcomes = [self._collected(batch, future) for batch, future in finished]
            self._fill(flying)  # before writing, so that no worker waits for the disk
            for results in outcomes:
                self._keep(results)

    def _fill(self, flying: dict[Future, Batch]) -> None:
        while len(flying) < self.crew.capacity:
            batch = self._next()
            if not batch.orders:
                return
            flying[self.crew.submit(run_task, self.make_task(batch))] = batch

    def _next(self) -> Batch:
        """Runs of the next task: lost ones first, each alone."""
        if self._again:
            return Batch((self._again.popleft(),))
        return self.pending.take(self._runs_per_task())

    def _runs_per_task(self) -> int:
        """As many runs as take about TASK_SECONDS; one until the first is known."""
        if not self.seconds_per_run:
            return 1
        return max(1, min(MOST_RUNS, round(TASK_SECONDS / self.seconds_per_run)))

    def _collected(self, batch: Batch, future: Future) -> list[RunResult]:
        """Results of a task; of a lost one, those of runs that are set aside."""
        try:
            results: list[RunResult] = future.result()
        except self.crew.lost as error:
            self.pending.landed(batch, lost=True)
            return self._mourned(batch.orders, self.crew.taken(future), error)
        except CancelledError:
            raise WorkersFail("the scheduler has gone or cancelled the tasks") from None
        self.pending.landed(batch)
        self._stillborn = 0
        taken = sum(result.seconds for result in results) / len(results)
        self.seconds_per_run = taken if not self.seconds_per_run else 0.7 * self.seconds_per_run + 0.3 * taken
        return results

    def _mourned(self, orders: tuple[int, ...], taken: int, error: BaseException) -> list[RunResult]:
        """Queue the runs of a lost task again, each alone; a run that was alone and has had its tries is set aside.

        Args:
            orders: The runs.
            taken: Workers that the task took down; 0 when its worker ended before it began any.
            error: What was told of it.

        Raises:
            WorkersFail: Too many workers have ended before they began anything.
        """
        self._stillborn = 0 if taken else self._stillborn + 1
        if self._stillborn > self.crew.capacity + _PATIENCE:
            guard = "; a script that starts a sweep needs `if __name__ == '__main__':` around it"
            raise WorkersFail(f"workers end before they begin a run ({type(error).__name__}){guard}")
        for order in orders:
            self._deaths[order] += taken
        if len(orders) == 1 and self._deaths[orders[0]] >= TRIES:
            return [RunResult(orders[0], CRASHED, POISONOUS)]
        self._again.extend(orders)
        return []

    def _keep(self, results: list[RunResult]) -> None:
        by_shard: dict[int, list[RunResult]] = {}
        for result in results:
            by_shard.setdefault(result.order // RUNS_PER_SHARD, []).append(result)
        for group in by_shard.values():
            self.store.add(group)
        self.failed += sum(result.status != "ok" for result in results)
        if results:
            self._tell()

    def _tell(self) -> None:
        self.progress(Counts(len(self.store.statuses), self.total, self.failed))
