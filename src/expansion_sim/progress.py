"""How far a run has come: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Any, TextIO

#: Seconds without a finished year after which the wait is explained.
_PATIENCE = 4.0


class Progress:
    """Callable with (replication, year), as :func:`expansion_sim.results.run.simulate` calls it; use as a context manager.

    Args:
        first: First year simulated.
        last: Last year simulated.
        replications: Number of replications.
        stream: Where to write; standard error by default, so that standard output holds results only.
    """

    def __init__(self, first: int, last: int, replications: int, stream: TextIO | None = None) -> None:
        self.first, self.last, self.replications = first, last, replications
        self.stream = stream or sys.stderr
        self.started = time.perf_counter()
        self.bar: Any = None
        self.waiting = threading.Timer(_PATIENCE, self._explain)
        self.waiting.daemon = True

    def __enter__(self) -> Progress:
        """Open the bar where there is a terminal."""
        self.waiting.start()
        if self.stream.isatty():
            from tqdm import tqdm

            total = (self.last - self.first + 1) * self.replications
            self.bar = tqdm(total=total, unit="year", file=self.stream, dynamic_ncols=True, leave=False)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the bar."""
        self.waiting.cancel()
        if self.bar is not None:
            self.bar.close()

    def __call__(self, replication: int, year: int) -> None:
        """Tell that ``year`` of ``replication`` (counted from 0) is done."""
        self.waiting.cancel()
        if self.bar is not None:
            name = f"replication {replication + 1}/{self.replications}, " if self.replications > 1 else ""
            self.bar.set_description(f"{name}{year}", refresh=False)
            self.bar.update(1)
        elif year == self.last:
            now = time.perf_counter()
            taken, self.started = now - self.started, now
            text = f"replication {replication + 1}/{self.replications}: {self.first}-{self.last} in {taken:.1f} s"
            print(text, file=self.stream, flush=True)

    def _explain(self) -> None:
        """Say what takes so long before the first year: the rules are compiled once and kept."""
        text = "compiling the rules and founding the firms; compiling happens once"
        if self.bar is not None:
            self.bar.set_description(text)
        else:
            print(text, file=self.stream, flush=True)


class Steps:
    """Counts steps of unknown total number on standard error, and tells lines between them; use as a context manager.

    Args:
        unit: What one step is, for the bar.
        quiet: Say nothing.
        stream: Where to write; standard error by default.
    """

    def __init__(self, unit: str, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.unit, self.quiet, self.stream = unit, quiet, stream or sys.stderr
        self.bar: Any = None

    def __enter__(self) -> Steps:
        """Open the bar where there is a terminal."""
        if not self.quiet and self.stream.isatty():
            from tqdm import tqdm

            self.bar = tqdm(unit=self.unit, file=self.stream, dynamic_ncols=True, leave=False)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the bar."""
        if self.bar is not None:
            self.bar.close()

    def __call__(self, done: int, total: int) -> None:
        """Tell that ``done`` of ``total`` steps are done."""
        if self.bar is not None:
            self.bar.total, self.bar.n = total, done
            self.bar.refresh()

    def tell(self, text: str) -> None:
        """Write one line."""
        if self.bar is not None:
            self.bar.write(text, file=self.stream)
        elif not self.quiet:
            print(text, file=self.stream, flush=True)
