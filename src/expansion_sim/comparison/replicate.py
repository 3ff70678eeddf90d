"""The replications of a comparison, one after the other or in processes of their own; the results are the same."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # nothing heavy here: a worker imports this module before it is told how many threads to use
    from expansion_sim.comparison.lockstep import Pair
    from expansion_sim.scenario.spec import Scenario

Progress = Callable[[int, int], None]


class Task(NamedTuple):
    """One replication.

    Attributes:
        base: Reference, with the parameters of its draw.
        other: What is compared with it.
        seed: Key of all draws of both.
        model_class: Model to run; None for the package's own.
        shared_past: Whether years in which the two cannot differ are simulated once.
    """

    base: Scenario
    other: Scenario
    seed: int
    model_class: Callable[..., Any] | None = None
    shared_past: bool = True


def replicate(tasks: Sequence[Task], workers: int = 1, progress: Progress | None = None) -> list[Pair]:
    """Run all replications.

    Args:
        tasks: One per replication.
        workers: Processes; 1 runs them in this one, with as many threads as Numba may use.
        progress: Called with (replication, year); with several processes once per replication.

    Returns:
        Results in the order of the tasks.

    Raises:
        RuntimeError: A process was killed.
    """
    workers = min(workers, len(tasks))
    if workers <= 1:
        return [run_task(task, None if progress is None else _told(progress, number)) for number, task in enumerate(tasks)]
    if tasks[0].model_class is None:
        _compile(tasks[0])
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_settle)
    try:
        futures = {pool.submit(run_task, task): number for number, task in enumerate(tasks)}
        for future in as_completed(futures):
            future.result()
            if progress is not None:
                progress(futures[future], tasks[0].base.years.last)
        return [future.result() for future in futures]
    except BrokenProcessPool as error:
        told = (
            "a process of the comparison ended early; perhaps memory was short: try fewer workers. "
            "A script that calls compare with several workers does so below if __name__ == '__main__':"
        )
        raise RuntimeError(told) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def run_task(task: Task, progress: Callable[[int], None] | None = None) -> Pair:
    """Run one replication in this process."""
    from expansion_sim.comparison.lockstep import step_pair

    model_class = task.model_class or _default_model()
    return step_pair(task.base, task.other, task.seed, model_class, progress, task.shared_past)


def _told(progress: Progress, replication: int) -> Callable[[int], None]:
    return lambda year: progress(replication, year)


def _compile(task: Task) -> None:
    """Compile the rules once, so that the workers find them ready."""
    from expansion_sim.model import ExpansionModel

    ExpansionModel(task.base.model_copy(update={"scale": 0.001}), rng=0).step()


def _settle() -> None:
    """In a worker: one thread, and an end when the parent ends."""
    os.environ["NUMBA_NUM_THREADS"] = "1"
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    """End this process when its parent has ended; a pool's workers would wait for ever."""
    parent.join()
    os._exit(1)


def _default_model() -> Callable[..., Any]:
    from expansion_sim.model import ExpansionModel

    return ExpansionModel
