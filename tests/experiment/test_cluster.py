"""A real Dask scheduler and workers in processes of their own, on loopback."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from sweep_files import GRID, HERE, files
from tiny_models import KILL, SLEEP

from expansion_sim.errors import InputError
from expansion_sim.experiment.sweep import resume, sweep

pytest.importorskip("distributed")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Cluster:
    """One scheduler and some workers, each a process."""

    def __init__(self, folder):
        self.folder, self.address = folder, f"tcp://127.0.0.1:{free_port()}"
        path = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.environment = {
            **os.environ,
            "PYTHONPATH": path,
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
            "TINY_SLEEP": "0.3",
        }
        port = self.address.rpartition(":")[2]
        self.processes = [self.start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-show")]

    def start(self, *arguments):
        command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
        log = open(self.folder / f"{arguments[0]}.log", "ab")
        return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, cwd=self.folder)

    def worker(self, **environment):
        self.environment |= environment
        options = ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--no-nanny")
        self.processes.append(self.start("worker", self.address, *options))
        return self.processes[-1]

    def end(self):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait(timeout=10)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    started.worker()
    started.worker()
    yield started
    started.end()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    path = folder / "tiny.toml"
    path.write_text(GRID.format(levels=[0.01, 0.02, 0.03], behaviours=[0.0, SLEEP], replications=2))
    return path, files(sweep(path, workers=1, out=folder / "whole").path)


def test_a_cluster_gives_the_bytes_of_one_machine_also_when_a_worker_is_killed(cluster, whole, tmp_path):
    path, expected = whole
    assert files(sweep(path, scheduler=cluster.address, out=tmp_path / "calm").path) == expected
    killed = []

    def progress(counts):
        if counts.done >= 2 and not killed:
            killed.append(cluster.processes[-1].pid)
            os.kill(killed[0], signal.SIGKILL)
            cluster.worker()

    assert files(sweep(path, scheduler=cluster.address, out=tmp_path / "killed", progress=progress).path) == expected
    assert killed


def test_a_sweep_begun_on_a_cluster_is_finished_on_this_machine(cluster, whole, tmp_path):
    path, expected = whole

    class Enough(Exception):
        pass

    def stop(counts):
        if counts.done >= 3:
            raise Enough

    with pytest.raises(Enough):
        sweep(path, scheduler=cluster.address, out=tmp_path / "out", progress=stop)
    assert files(resume(tmp_path / "out", workers=1).path) == expected


def test_a_scheduler_that_does_not_answer_is_wrong_input(grid, tmp_path, monkeypatch):
    monkeypatch.setattr("expansion_sim.experiment.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:"):
        sweep(grid(), scheduler=f"tcp://127.0.0.1:{free_port()}", out=tmp_path / "out")


def test_workers_with_other_code_are_refused(cluster, grid, tmp_path, monkeypatch):
    monkeypatch.setattr("expansion_sim.experiment.fingerprint.code_hash", lambda: str(os.getpid()))
    with pytest.raises(InputError, match="workers have other code or package versions than this process"):
        sweep(grid(), scheduler=cluster.address, out=tmp_path / "out")


def test_a_poisonous_run_is_set_aside_on_a_cluster_too(cluster, grid, tmp_path):
    stop = []

    def feed():  # a batch system that starts a new worker for every one that dies
        while not stop:
            running = [process for process in cluster.processes[1:] if process.poll() is None]
            if len(running) < 2:
                cluster.worker()
            time.sleep(0.1)

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        path = grid(levels=[0.01], behaviours=[0.0, KILL], replications=1)
        results = sweep(path, scheduler=cluster.address, out=tmp_path / "out")
    finally:
        stop.append(True)
        feeder.join()
    assert results.status().statuses == {"ok": 1, "crashed": 1}
