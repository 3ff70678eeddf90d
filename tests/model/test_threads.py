"""The number of threads changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import expansion_sim

PROGRAM = """
import numba
from worlds import build, fingerprint, steps
model = steps(build(scale=0.003), 20)
print(numba.get_num_threads(), model.population.firms.size, fingerprint(model))
"""


def start(threads: int) -> subprocess.Popen[str]:
    """Twenty years in a process of its own with a number of threads."""
    source = str(Path(expansion_sim.__file__).parents[1])
    path = os.pathsep.join([str(Path(__file__).parent), source, os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen([sys.executable, "-c", PROGRAM], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, "NUMBA_NUM_THREADS": str(threads), "PYTHONPATH": path})


def test_one_and_three_threads_give_the_same_firms_and_sums() -> None:
    processes = [start(1), start(3)]
    outputs = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    (one, rows, alone), (three, _, together) = (output.split() for output, _ in outputs)
    assert (one, three) == ("1", "3")
    assert int(rows) > 8192  # more than one block of sums
    assert alone == together
