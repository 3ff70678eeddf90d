"""A real Dask scheduler and workers in processes of their own, on loopback."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future

import pytest
from sweep_files import GRID, HERE, files, wait_for
from tiny_models import KILL, KILL_ONCE

from expansion_sim.errors import InputError
from expansion_sim.experiment import runner
from expansion_sim.experiment.cluster import hand_over
from expansion_sim.experiment.results import open_results
from expansion_sim.experiment.sweep import resume, sweep
from expansion_sim.experiment.worker import ONE_THREAD

distributed = pytest.importorskip("distributed")


class Cluster:
    """One scheduler and some workers, each a process; ``flag`` is the file that KILL_ONCE looks for."""

    def __init__(self, folder):
        self.folder, self.flag, self.deaths, told = folder, folder / "flag", folder / "deaths", folder / "scheduler.json"
        path = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
        allowed = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
        many = {name: "2" for name in ONE_THREAD}
        self.environment = {**os.environ, **allowed, **many, "PYTHONPATH": path, "TINY_FLAG": str(self.flag), "TINY_DEATHS": str(self.deaths)}
        options = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told), "--no-dashboard", "--no-show")
        self.processes = [self.start("scheduler", *options)]
        wait_for(lambda: told.exists() and told.read_text().rstrip().endswith("}"))
        self.address = json.loads(told.read_text())["address"]

    def start(self, *arguments):
        command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
        with open(self.folder / f"{arguments[0]}.log", "ab") as log:
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, cwd=self.folder)

    def worker(self):
        options = ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--no-nanny")
        self.processes.append(self.start("worker", self.address, *options))

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


def test_a_cluster_gives_the_bytes_of_one_machine(cluster, whole, tmp_path):
    path, expected = whole
    assert files(sweep(path, scheduler=cluster.address, out=tmp_path / "out").path) == expected


def test_a_worker_killed_in_the_middle_of_a_run_costs_nothing(cluster, grid, tmp_path, monkeypatch):
    path = grid(levels=[0.01, 0.02], behaviours=[0.0, KILL_ONCE])
    (tmp_path / "flag").touch()
    monkeypatch.setenv("TINY_FLAG", str(tmp_path / "flag"))  # nobody dies on this machine
    expected = files(sweep(path, workers=1, out=tmp_path / "whole").path)
    found = sweep(path, scheduler=cluster.address, out=tmp_path / "killed")
    assert files(found.path) == expected
    wait_for(lambda: [process.poll() for process in cluster.processes].count(-signal.SIGKILL) == 1)
    cluster.worker()


def test_a_sweep_begun_on_a_cluster_is_finished_on_this_machine(cluster, whole, tmp_path, monkeypatch):
    path, expected = whole
    monkeypatch.setattr(runner, "MOST_RUNS", 1)  # so that progress is told after every run

    class Enough(Exception):
        pass

    def stop(counts):
        if counts.done == 3:
            raise Enough

    with pytest.raises(Enough):
        sweep(path, scheduler=cluster.address, out=tmp_path / "out", progress=stop)
    assert open_results(tmp_path / "out").status().finished == 3
    assert files(resume(tmp_path / "out", workers=1).path) == expected


def test_a_scheduler_that_does_not_answer_is_wrong_input(grid, tmp_path, monkeypatch):
    monkeypatch.setattr("expansion_sim.experiment.cluster.CONNECT_SECONDS", 1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can take the port
        with pytest.raises(InputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:"):
            sweep(grid(), scheduler=f"tcp://127.0.0.1:{silent.getsockname()[1]}", out=tmp_path / "out")


@pytest.mark.parametrize("address", ["foo", "localhost:abc", "http://127.0.0.1:8786", "tls://127.0.0.1:8786", "damaged.json"])
def test_what_is_no_address_is_told_in_a_line_within_seconds(grid, tmp_path, program, address):
    (tmp_path / "damaged.json").write_text("{")
    started = time.monotonic()
    process = program("sweep", grid(), "--scheduler", address, "--out", tmp_path / "out", cwd=tmp_path)
    told, log = process.communicate(timeout=300)
    assert (process.returncode, told) == (2, "")
    (line,) = [line for line in log.splitlines() if not line.startswith("getting ready")]
    assert line.startswith("expansion-sim: ") and address in line
    assert time.monotonic() - started < 20.0


def test_a_schedulers_file_stands_for_its_address(cluster, whole, tmp_path, monkeypatch):
    path, expected = whole
    assert files(sweep(path, scheduler=str(cluster.folder / "scheduler.json"), out=tmp_path / "out").path) == expected
    monkeypatch.setattr("expansion_sim.experiment.cluster.CONNECT_SECONDS", 0.2)
    with pytest.raises(InputError, match=r"--scheduler: there is no file .*none\.json"):
        sweep(path, scheduler=str(tmp_path / "none.json"), out=tmp_path / "other")


def test_workers_of_a_cluster_have_one_thread(cluster, write, tmp_path):
    path = write(GRID.format(levels=[0.01], behaviours=[0.0], replications=2).replace("TinyModel", "ThreadsModel"))
    results = sweep(path, scheduler=cluster.address, out=tmp_path / "out")
    assert set(results.table("yearly:parents_abroad_share")["value"]) == {1.0}


def test_workers_with_other_code_are_refused(cluster, grid, tmp_path, monkeypatch):
    monkeypatch.setattr("expansion_sim.experiment.fingerprint.code_hash", lambda: str(os.getpid()))
    with pytest.raises(InputError, match="workers have other code or package versions than this process"):
        sweep(grid(), scheduler=cluster.address, out=tmp_path / "out")


def test_a_result_that_is_lost_with_its_worker_and_then_fails_is_handed_over():
    """Dask raises this while it fetches the result of a finished task; its own executor would never tell."""

    class Lost:
        async def _result(self):
            raise distributed.KilledWorker("run_task", None, 2)

        def cancelled(self):
            return False

    told = Future()
    asyncio.run(hand_over(Lost(), told))
    assert isinstance(told.exception(timeout=1), distributed.KilledWorker)


def test_a_cancelled_task_ends_as_cancelled():
    class Gone:
        async def _result(self):
            raise asyncio.CancelledError

        def cancelled(self):
            return True

    told = Future()
    asyncio.run(hand_over(Gone(), told))
    assert told.cancelled()


def test_when_the_scheduler_goes_finished_runs_are_kept(whole, tmp_path):
    path, expected = whole
    mortal = Cluster(tmp_path)
    mortal.environment["TINY_HOLD"] = str(tmp_path / "hold")  # two runs pass, all others wait
    try:
        mortal.worker()

        def stop(counts):
            if counts.done == 2:
                mortal.processes[0].kill()

        with pytest.raises(runner.WorkersFail, match="the scheduler has gone"):
            sweep(path, scheduler=mortal.address, out=tmp_path / "out", progress=stop)
    finally:
        mortal.end()
    assert open_results(tmp_path / "out").status().finished >= 2
    assert files(resume(tmp_path / "out", workers=2).path) == expected


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
        path = grid(levels=[0.01], behaviours=[KILL], replications=1)
        results = sweep(path, scheduler=cluster.address, out=tmp_path / "out")
    finally:
        stop.append(True)
        feeder.join()
    assert results.status().statuses == {"crashed": 1}
    assert len(cluster.deaths.read_text().splitlines()) == 4, "tries of two workers each, as the scheduler allows, until three are reached"
