"""What tests of sweeps look at: the files of a directory and the experiments they run."""

import time
from pathlib import Path

HERE = Path(__file__).parent
HEAD = """schema_version = 1
scenario = "history"
model = "tiny_models:TinyModel"
outcomes = ["yearly:abroad", "yearly:parents_abroad_share"]
settings.years.last = 1957
"""
GRID = (
    HEAD
    + """
design = "grid"
replications = {replications}
[[factor]]
key = "parameters.attention.base"
values = {levels}
[[factor]]
key = "parameters.attention.peers"
values = {behaviours}
"""
)


def files(folder):
    """Content of every file of a sweep but the lock, by relative name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def wait_for(condition, seconds=120.0):
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
