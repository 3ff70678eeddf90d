import os
import subprocess
import sys

import pytest
from sweep_files import GRID, HERE, files
from tiny_models import SLEEP

from expansion_sim.experiment.sweep import sweep


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """An experiment of twelve runs, and the files of its uninterrupted sweep to compare with."""
    folder = tmp_path_factory.mktemp("whole")
    path = folder / "tiny.toml"
    path.write_text(GRID.format(levels=[0.01, 0.02, 0.03], behaviours=[0.0, SLEEP], replications=2))
    return path, files(sweep(path, workers=1, out=folder / "whole").path)


@pytest.fixture
def write(tmp_path):
    """Writes an experiment file and returns its path."""

    def written(text, name="tiny.toml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return written


@pytest.fixture
def grid(write):
    """Writes a grid over levels and behaviours of the tiny model."""

    def written(levels=(0.01, 0.02), behaviours=(0.0,), replications=2, name="tiny.toml"):
        return write(GRID.format(levels=list(levels), behaviours=list(behaviours), replications=replications), name)

    return written


@pytest.fixture
def program():
    """Starts the program in a process of its own, one run a task; SIGINT works in it whatever the shell did."""

    def started(*arguments, **options):
        code = (
            "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from expansion_sim.experiment import runner\nrunner.MOST_RUNS = 1\n"
            "from expansion_sim.cli import main\nif __name__ == '__main__': sys.exit(main(sys.argv[1:]))"
        )
        path = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONPATH": path, **options.pop("env", {})}
        command = [sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **options)

    return started
