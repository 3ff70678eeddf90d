"""Work on many rows in blocks, on as many threads as Numba may use.

Python's own threads serve here because Numba's may not be used by two models at once on every system, and take as long again to
compile.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import count
from typing import Any

import numba

TOGETHER = 16  # blocks that a process of one thread hands over at once: every call of compiled code takes time to look at its arguments


def in_blocks(function: Callable[..., None], rows: int, size: int, *arguments: Any) -> None:
    """Call a compiled function on all rows, block by block; a thread takes the next block when it is done with one.

    Args:
        function: Called with the arguments and the first and the last row (excluded) of a block, or of several when there is one thread;
            compiled with ``nogil``.
        rows: Number of rows.
        size: Rows in a block.
        arguments: Passed on.
    """
    threads: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]  # set when Numba is imported
    helpers = min(threads, -(-rows // size)) - 1
    span = size if helpers > 0 else TOGETHER * size
    following = count(0, span)

    def work() -> None:
        while (start := next(following)) < rows:
            function(*arguments, start, min(rows, start + span))

    pending = [_pool(os.getpid(), helpers).submit(work) for _ in range(helpers)]
    work()
    for done in pending:
        done.result()


@cache
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Helping threads of this process; a forked process has none of its parent's."""
    return ThreadPoolExecutor(threads, thread_name_prefix="firms")
