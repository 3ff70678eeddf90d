"""What workers do in place of simulating: they count, die or break."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np

COLUMNS = ["a", "b"]


def counting(scenario, point, seed) -> np.ndarray:
    """Leave a mark for every run and answer with what was asked."""
    Path(os.environ["MARKS"], f"{point['band.risk']}-{seed}-{os.getpid()}-{os.urandom(4).hex()}").touch()
    return np.array([point["band.risk"], float(seed)])


def dying_once(scenario, point, seed) -> np.ndarray:
    """Kill the own process on the first run of seed 3."""
    mark = Path(os.environ["MARKS"], "died")
    if seed == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return np.array([point["band.risk"], float(seed)])


def always_dying(scenario, point, seed) -> np.ndarray:
    """Kill the own process on every run of seed 3."""
    if seed == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return np.array([point["band.risk"], float(seed)])


def choosing(scenario, point, seed) -> np.ndarray:
    """Leave a mark for every run and answer with the small choice model."""
    from choice_model import simulate

    Path(os.environ["MARKS"], f"{seed}-{os.getpid()}-{os.urandom(4).hex()}").touch()
    return simulate([point], [[seed]])[0, 0]
