"""Workers on this machine: processes that end with their parent, and whose death costs nobody else anything."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from expansion_sim.experiment.worker import ONE_THREAD, dedicate_process, use_one_thread


class Crew(Protocol):
    """Who runs tasks.

    Attributes:
        lost: Exceptions of a future that mean: the worker is gone, not: the task is wrong.
        steady: Whether the worker that finished a task last gets the next one, so that it may keep what both need.
    """

    steady: bool
    lost: tuple[type[BaseException], ...]

    @property
    def capacity(self) -> int:
        """Tasks that may be in flight at a time."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Start a task, or queue it."""

    def taken(self, future: Future) -> int:
        """Workers that a lost task has taken down with it; 0 when its worker ended before it began any task."""

    def close(self) -> None:
        """End at once; tasks in flight are lost."""


class LocalCrew:
    """Processes of this machine, each a pool of one.

    A pool of many breaks as a whole when one worker dies and does not say on which task. Pools of one, with one task in flight
    each, lose that task only and name it; the next task finds a new process.

    Args:
        workers: Number of processes; by default one per processor that this process may use.
    """

    steady = True
    lost: tuple[type[BaseException], ...] = (BrokenProcessPool,)

    def __init__(self, workers: int | None = None) -> None:
        self.capacity = workers or usable_processors()
        self._idle: list[_Worker | None] = [None] * self.capacity
        self._busy: dict[Future, _Worker] = {}
        self._fallen: WeakKeyDictionary[Future, int] = WeakKeyDictionary()

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Start a task on an idle process.

        Ctrl-C may come between any two lines, so a worker stands among the idle until it stands among the busy: :meth:`close` misses none.
        """
        self._free()
        worker = self._idle[-1] or _Worker()
        self._idle[-1] = worker
        with _environment(ONE_THREAD):  # what the process inherits when the pool starts it
            try:
                future = worker.pool.submit(_begun, function, *arguments)
            except BrokenExecutor:  # its process was killed while it had nothing to do
                self._idle[-1] = worker = _Worker()
                future = worker.pool.submit(_begun, function, *arguments)
        self._busy[future] = worker
        self._idle.pop()
        return future

    def taken(self, future: Future) -> int:
        """One when the worker had begun a task, 0 when it ended before."""
        self._free()
        return self._fallen.get(future, 1)

    def close(self) -> None:
        """Kill the processes; nothing of theirs is worth waiting for."""
        for worker in [*self._busy.values(), *filter(None, self._idle)]:
            processes = list((worker.pool._processes or {}).values())
            for process in processes:
                process.kill()
            worker.pool.shutdown(wait=True, cancel_futures=True)
        self._busy.clear()
        self._idle = [None] * self.capacity

    def _free(self) -> None:
        for future in [future for future in self._busy if future.done()]:
            worker = self._busy[future]
            broken = not future.cancelled() and isinstance(future.exception(), BrokenExecutor)
            if broken:
                self._fallen[future] = int(worker.has_begun())
                worker.pool.shutdown(wait=False)
            self._idle.append(None if broken else worker)
            del self._busy[future]


class _Worker:
    """A process that is started with its first task, and the end of a pipe on which it says that it has begun one."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._word, self._told = context.Pipe(duplex=False)  # both ends stay open here: a pipe without a writer looks like one with a word
        self.pool = ProcessPoolExecutor(1, mp_context=context, initializer=begin_worker, initargs=(self._told,))

    def has_begun(self) -> bool:
        """Whether it has begun a task, dead or alive."""
        return self._word.poll()


class ExecutorCrew:
    """An executor that the caller made and will close.

    Args:
        executor: Any executor of ``concurrent.futures``.
        workers: How many tasks it runs at a time; two per worker are kept in flight.
    """

    steady = False
    lost: tuple[type[BaseException], ...] = ()

    def __init__(self, executor: Executor, workers: int) -> None:
        self.executor, self.capacity = executor, 2 * workers

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Hand a task to the executor."""
        return self.executor.submit(function, *arguments)

    def taken(self, future: Future) -> int:
        """One; an executor does not tell a lost worker from a failed task, so nobody asks."""
        return 1

    def close(self) -> None:
        """Leave the executor to its owner."""


def usable_processors() -> int:
    """Processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


#: Where a worker process says that it has begun its first task; None when it has said so, and in all other processes.
_word: Connection | None = None


def begin_worker(word: Connection | None = None) -> None:
    """Prepare a worker process: one thread, deaf to Ctrl-C (its parent decides), and gone when its parent is.

    Args:
        word: Where it says that it has begun a task.
    """
    global _word  # a property of this process
    _word = word
    use_one_thread()
    dedicate_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _begun(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run a task; before the first one, say that this process has come so far: whatever ends it from here on is the task's doing."""
    global _word  # a property of this process
    if _word is not None:
        _word.send_bytes(b"up")
        _word = None
    return function(*arguments)


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
