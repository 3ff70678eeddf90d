"""How fast sweeps are: against mesa.batch_run and a bare loop, over workers, on Dask, and how much memory they take.

    python experiments/benchmarks/sweep.py overhead     # runner and store on top of runs of a tenth of a second
    python experiments/benchmarks/sweep.py mesa         # runs per second against mesa.batch_run and a bare loop, the same model
    python experiments/benchmarks/sweep.py workers      # two workers against one
    python experiments/benchmarks/sweep.py dask         # a cluster on loopback against local workers
    python experiments/benchmarks/sweep.py thousand     # 1,000 runs of the weighted one per cent model from 1955 to 2024
    python experiments/benchmarks/sweep.py memory       # memory of the parent over thousands of tiny runs

Numbers are clock times of this machine; ratios are what to compare. Every case runs in fresh processes and the best of several
repetitions counts, because anything else on the machine only ever makes them slower.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
#: A scenario that takes about a tenth of a second a run, and one that takes a few hundredths.
TENTH = {"scale": 0.001, "years.last": 1990}
OUTCOMES = ["yearly:abroad", "yearly:employees", "yearly:foreign_jobs"]


class Sleeper:
    """A model that does nothing for a tenth of a second, so that all else is overhead."""

    seconds = 0.1

    def __init__(self, scenario: Any, rng: int = 1) -> None:
        from expansion_sim.results.recorder import Recorder

        self.year, self.recorder = scenario.years.first - 1, Recorder(scenario.years.first, scenario.years.last)
        self.snapshots: dict[int, Any] = {}
        self.snapshot_sink = None
        self.years = scenario.years

    def step(self) -> None:
        """One year; the first one takes its time."""
        import numpy as np

        if self.year < self.years.first:
            time.sleep(self.seconds)
        self.year += 1
        self.recorder.stocks(self.year, np.zeros(self.recorder.table.stocks.shape[1:]))


class Instant(Sleeper):
    """The same without the wait."""

    seconds = 0.0


def experiment(runs: int, model: str = "", settings: dict[str, Any] | None = None) -> dict[str, Any]:
    """A list of one point with many replications."""
    return {
        "schema_version": 1,
        "name": "benchmark",
        "scenario": "history",
        "settings": settings or TENTH,
        "design": "list",
        "point": [{"label": "a"}],
        "replications": runs,
        "outcomes": OUTCOMES,
        "model": model,
    }


def swept(values: dict[str, Any], **options: Any) -> float:
    """Seconds from the first task to the last result, start of workers included, warm-up before."""
    from expansion_sim.experiment import sweep as module

    marks: list[float] = []
    warm_up = module.warm_up

    def timed(*arguments: Any) -> None:
        warm_up(*arguments)
        marks.append(time.perf_counter())

    module.warm_up = timed
    started = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as folder:
            module.sweep(values, out=Path(folder) / "out", **options)
    finally:
        module.warm_up = warm_up
    return time.perf_counter() - (marks[0] if marks else started)


def steady(values: dict[str, Any], many: int, few: int, **options: Any) -> float:
    """Seconds per run once workers are up: the difference of two sweeps, so that starting them cancels out."""
    long, short = (min(swept({**values, "replications": runs}, **options) for _ in range(2)) for runs in (many, few))
    return (long - short) / (many - few)


def bare(runs: int) -> float:
    """Seconds per run of a loop over the model that keeps nothing."""
    from expansion_sim.experiment.worker import free_models, use_one_thread
    from expansion_sim.model import ExpansionModel
    from expansion_sim.scenario import load_scenario

    use_one_thread()
    scenario = load_scenario("history", {**TENTH, "output.surveys": False})
    ExpansionModel(scenario, rng=1).run()
    started = time.perf_counter()
    for seed in range(runs):
        ExpansionModel(scenario, rng=seed).run()
        if seed % 20 == 19:
            free_models()
    return (time.perf_counter() - started) / runs


def batch_run(runs: int) -> float:
    """Seconds per run of mesa.batch_run on one process."""
    import mesa

    from expansion_sim.experiment.worker import use_one_thread
    from expansion_sim.model import ExpansionModel

    use_one_thread()
    settings = {**TENTH, "output.surveys": False}
    arguments = {"number_processes": 1, "data_collection_period": 1, "display_progress": False, "max_steps": 100}
    mesa.batch_run(ExpansionModel, {**settings, "rng": [0]}, **arguments)
    started = time.perf_counter()
    mesa.batch_run(ExpansionModel, {**settings, "rng": list(range(runs))}, **arguments)
    return (time.perf_counter() - started) / runs


def overhead(runs: int) -> dict[str, float]:
    """Share of a tenth of a second a run that runner and store add, one worker."""
    per_run = steady(experiment(0, "sweep:Sleeper", {"years.last": 1957}), runs, runs // 4, workers=1)
    return {"seconds_per_run": per_run, "overhead_percent": 100.0 * (per_run / Sleeper.seconds - 1.0)}


def mesa_case(runs: int) -> dict[str, float]:
    """Runs per second: sweep with one worker, bare loop, mesa.batch_run."""
    found = {
        "sweep": 1.0 / steady(experiment(0), runs, runs // 4, workers=1),
        "bare_loop": 1.0 / fresh(bare, runs),
        "batch_run": 1.0 / fresh(batch_run, runs),
    }
    return found | {
        "sweep_over_bare": found["sweep"] / found["bare_loop"],
        "sweep_over_batch_run": found["sweep"] / found["batch_run"],
    }


def workers(runs: int) -> dict[str, float]:
    """Speed of two workers over one."""
    one, two = (steady(experiment(0), runs, runs // 4, workers=count) for count in (1, 2))
    return {"one": 1.0 / one, "two": 1.0 / two, "scaling": one / two}


def dask(runs: int) -> dict[str, float]:
    """Speed of two Dask workers over two local ones."""
    local = steady(experiment(0), runs, runs // 4, workers=2)
    with Loopback(2) as address:
        remote = steady(experiment(0), runs, runs // 4, scheduler=address)
    return {"local": 1.0 / local, "dask": 1.0 / remote, "overhead_percent": 100.0 * (remote / local - 1.0)}


def thousand(runs: int) -> dict[str, float]:
    """A sweep of the weighted one per cent model, all years, on all processors."""
    seconds = swept(experiment(runs, settings={"scale": 0.01}))
    return {"runs": runs, "seconds": seconds, "seconds_per_1000": 1000.0 * seconds / runs}


def memory(runs: int) -> dict[str, float]:
    """Memory of the parent in MB after a tenth of the runs and after all."""
    sizes: dict[int, float] = {}

    def progress(counts: Any) -> None:
        sizes[counts.done] = _resident()

    swept(experiment(runs, "sweep:Instant", {"years.last": 1957}), workers=2, progress=progress)
    early = min(sizes, key=lambda done: abs(done - runs / 10))
    return {
        "runs": runs,
        "early_mb": sizes[early],
        "end_mb": sizes[max(sizes)],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _resident() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def fresh(function: Callable[[int], float], runs: int) -> float:
    """Call a function in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return min(pool.apply(function, (runs,)) for _ in range(2))


class Loopback:
    """A Dask scheduler with workers, each a process on this machine."""

    def __init__(self, count: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.count = count

    def __enter__(self) -> str:
        address, quiet = f"tcp://127.0.0.1:{self.port}", ["--no-dashboard", "--host", "127.0.0.1"]
        commands = [
            ["scheduler", *quiet, "--port", str(self.port)],
            *[["worker", address, "--nthreads", "1", *quiet]] * self.count,
        ]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{name}", *options], env=environment, stderr=subprocess.DEVNULL
            )
            for name, *options in commands
        ]
        return address

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()


CASES: dict[str, tuple[Callable[[int], dict[str, float]], int]] = {
    "overhead": (overhead, 400),
    "mesa": (mesa_case, 200),
    "workers": (workers, 200),
    "dask": (dask, 200),
    "thousand": (thousand, 1000),
    "memory": (memory, 10_000),
}


def main() -> None:
    """Measure the cases that are asked for."""
    parser = argparse.ArgumentParser(description="Benchmarks of sweeps.")
    parser.add_argument("case", nargs="*", choices=[*CASES, []], help="cases (default: all)")
    parser.add_argument("--runs", type=int, help="runs per case")
    args = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(HERE), os.environ.get("PYTHONPATH", "")]
    )  # workers find the models of this file
    for name in args.case or CASES:
        function, runs = CASES[name]
        print(
            json.dumps({"case": name, **{key: round(value, 4) for key, value in function(args.runs or runs).items()}}), flush=True
        )


if __name__ == "__main__":
    main()
