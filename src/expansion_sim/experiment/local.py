"""Workers on this machine: processes that end with their parent, and whose death costs nobody else anything."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from expansion_sim.experiment.worker import ONE_THREAD, dedicate_process, use_one_thread


class Crew(Protocol):
    """Who runs tasks.

    Attributes:
        tries: Workers that a run may take down with it before it is set aside.
        lost: Exceptions of a future that mean: the worker is gone, not: the task is wrong.
        steady: Whether the worker that finished a task last gets the next one, so that it may keep what both need.
    """

    tries: int
    steady: bool
    lost: tuple[type[BaseException], ...]

    @property
    def capacity(self) -> int:
        """Tasks that may be in flight at a time."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Start a task, or queue it."""

    def close(self) -> None:
        """End at once; tasks in flight are lost."""


class LocalCrew:
    """Processes of this machine, each a pool of one.

    A pool of many breaks as a whole when one worker dies and does not say on which task. Pools of one, with one task in flight
    each, lose that task only and name it; the next task finds a new process.

    Args:
        workers: Number of processes; by default one per processor that this process may use.
    """

    tries = 3
    steady = True
    lost: tuple[type[BaseException], ...] = (BrokenProcessPool,)

    def __init__(self, workers: int | None = None) -> None:
        self.capacity = workers or usable_processors()
        self._idle: list[ProcessPoolExecutor | None] = [None] * self.capacity
        self._busy: dict[Future, ProcessPoolExecutor] = {}

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Start a task on an idle process.

        Ctrl-C may come between any two lines, so a pool stands among the idle until it stands among the busy: :meth:`close` misses none.
        """
        self._free()
        pool = self._idle[-1] or _new_pool()
        self._idle[-1] = pool
        with _environment(ONE_THREAD):  # what the process inherits when the pool starts it
            future = pool.submit(function, *arguments)
        self._busy[future] = pool
        self._idle.pop()
        return future

    def close(self) -> None:
        """Kill the processes; nothing of theirs is worth waiting for."""
        for pool in [*self._busy.values(), *filter(None, self._idle)]:
            processes = list((pool._processes or {}).values())
            for process in processes:
                process.kill()
            pool.shutdown(wait=True, cancel_futures=True)
        self._busy.clear()
        self._idle = [None] * self.capacity

    def _free(self) -> None:
        for future in [future for future in self._busy if future.done()]:
            pool = self._busy[future]
            broken = not future.cancelled() and isinstance(future.exception(), BrokenExecutor)
            if broken:
                pool.shutdown(wait=False)
            self._idle.append(None if broken else pool)
            del self._busy[future]


class ExecutorCrew:
    """An executor that the caller made and will close.

    Args:
        executor: Any executor of ``concurrent.futures``.
        workers: How many tasks it runs at a time; two per worker are kept in flight.
    """

    tries = 1
    steady = False
    lost: tuple[type[BaseException], ...] = ()

    def __init__(self, executor: Executor, workers: int) -> None:
        self.executor, self.capacity = executor, 2 * workers

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Hand a task to the executor."""
        return self.executor.submit(function, *arguments)

    def close(self) -> None:
        """Leave the executor to its owner."""


def usable_processors() -> int:
    """Processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _new_pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=begin_worker)


def begin_worker() -> None:
    """Prepare a worker process: one thread, deaf to Ctrl-C (its parent decides), and gone when its parent is."""
    use_one_thread()
    dedicate_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


class _environment:  # reads as a statement
    """Environment variables for processes started inside the block."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values

    def __enter__(self) -> None:
        self.before = {name: os.environ.get(name) for name in self.values}
        os.environ.update(self.values)

    def __exit__(self, *_: object) -> None:
        for name, value in self.before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
