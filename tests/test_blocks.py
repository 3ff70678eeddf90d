"""All rows are worked on once, by one thread or several; what fails is told."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from expansion_sim import blocks


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("rows", [0, 1, 9, 10, 11, 1000])
def test_every_row_is_worked_on_once(threads: int, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks.numba.config, "NUMBA_NUM_THREADS", threads)
    visits, spans = np.zeros(rows, int), []

    def work(counter: np.ndarray, start: int, stop: int) -> None:
        counter[start:stop] += 1
        spans.append((start, stop))

    blocks.in_blocks(work, rows, 10, visits)
    assert (visits == 1).all()
    most = 10 if threads > 1 else 10 * blocks.TOGETHER
    assert all(start % 10 == 0 and 0 < stop - start <= most for start, stop in spans)


def test_threads_work_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks.numba.config, "NUMBA_NUM_THREADS", 3)
    together, met = threading.Barrier(3), []

    def work(start: int, stop: int) -> None:
        together.wait(timeout=10.0)  # breaks unless two other threads come while this one waits
        met.append((start, threading.get_ident()))

    blocks.in_blocks(work, 3, 1)
    assert sorted(start for start, _ in met) == [0, 1, 2]
    assert len({thread for _, thread in met}) == 3


def test_an_error_in_a_helping_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks.numba.config, "NUMBA_NUM_THREADS", 2)
    caller, begun = threading.get_ident(), threading.Event()

    def work(start: int, stop: int) -> None:
        if threading.get_ident() != caller:
            begun.set()
            raise ArithmeticError("in a helper")
        assert begun.wait(10.0)

    with pytest.raises(ArithmeticError, match="in a helper"):
        blocks.in_blocks(work, 20, 1)
