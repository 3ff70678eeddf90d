"""How far a sweep has come: a bar with rate and time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Any, TextIO

from expansion_sim.experiment.runner import Counts

#: Seconds between two lines where there is no terminal.
_BETWEEN_LINES = 10.0
#: Seconds before the first count after which the wait is explained.
_PATIENCE = 4.0


class SweepProgress:
    """Callable with :class:`Counts`, as :func:`expansion_sim.experiment.sweep.sweep` calls it; use as a context manager.

    Args:
        stream: Where to write; standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.bar: Any = None
        self.last: Counts | None = None
        self._first = 0
        self._started = self._told = time.perf_counter()
        self._waiting = threading.Timer(_PATIENCE, self._explain)
        self._waiting.daemon = True

    def __enter__(self) -> SweepProgress:
        self._waiting.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._waiting.cancel()
        if self.bar is not None:
            self.bar.close()

    def __call__(self, counts: Counts) -> None:
        """Tell how far it is."""
        self._waiting.cancel()
        if self.last is None:
            self._begin(counts)
        self.last = counts
        if self.bar is not None:
            self.bar.set_postfix_str(f"{counts.failed} failed" if counts.failed else "", refresh=False)
            self.bar.update(counts.done - self.bar.n)
        elif counts.done == counts.total or time.perf_counter() - self._told >= _BETWEEN_LINES:
            self._told = time.perf_counter()
            print(self.line(counts, self._told - self._started), file=self.stream, flush=True)

    def line(self, counts: Counts, seconds: float) -> str:
        """One line: runs done, failed ones, rate, time left.

        Args:
            counts: How far it is.
            seconds: Time since the start.
        """
        fresh = counts.done - self._first
        rate = fresh / seconds if seconds > 0 else 0.0
        left = f", {duration((counts.total - counts.done) / rate)} left" if rate and counts.done < counts.total else ""
        failed = f", {counts.failed} failed" if counts.failed else ""
        return f"{counts.done}/{counts.total} runs{failed}, {rate:.2g} runs/s{left}"

    def _explain(self) -> None:
        """Say what takes so long before the first run."""
        print("getting ready; the rules are compiled once for each version of them, about a minute", file=self.stream, flush=True)

    def _begin(self, counts: Counts) -> None:
        self._first, self._started = counts.done, time.perf_counter()
        if counts.done:
            print(f"going on after {counts.done} of {counts.total} runs", file=self.stream, flush=True)
        if self.stream.isatty():
            from tqdm import tqdm

            self.bar = tqdm(total=counts.total, initial=counts.done, unit="run", file=self.stream, dynamic_ncols=True)


def duration(seconds: float) -> str:
    """A time as people say it: ``40 s``, ``3 min``, ``2.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
