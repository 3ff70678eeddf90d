"""How fast sweeps are: against mesa.batch_run and a bare loop, over workers, on Dask, and how much memory they take.

    python experiments/benchmarks/sweep.py                       # all cases, some minutes
    python experiments/benchmarks/sweep.py overhead memory       # some of them
    python experiments/benchmarks/sweep.py --quick               # fewer runs, coarser numbers

``overhead``   runner and store on top of runs that wait a tenth of a second, against a bare loop over the same runs; and the processor
               time of parent and worker for a run that does nothing, in percent of that tenth: a bound that holds under load too
``mesa``       the model, runs of about a tenth of a second: sweep against a bare loop and against mesa.batch_run, one process each
``workers``    two workers against one, with the model and with runs that only wait (what the runner itself allows)
``dask``       two Dask workers on loopback against two local ones
``thousand``   1,000 runs of the weighted one per cent model on two workers: a policy sweep by the clock (``subsidy_rate_by_cap`` on a finer
               grid: 99 points and a base, ten replications, 1955 to 2034, whose points share their past until 2021); and from the rates
               of fewer runs its shipped 25 points, the same without sharing the past, and replications of one world, 1955 to 2024
``memory``     peak memory of parent, largest worker and of reading results, for few and for ten times as many tiny runs (Linux)

Every line is JSON. Times are of this machine; what to compare are ratios, whose sides are measured by turns, the best turn of each,
because whatever else runs only ever makes them slower. ``load`` is the load average when the case began: with more than a little of
it, ratios of the model on two workers say nothing, those of waiting runs still do. Rates leave out the start of workers.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
#: Settings of the model with which a run takes about a tenth of a second.
SHORT = {"scale": 0.001, "years.last": 1965}
#: Settings of the models that do nothing.
EMPTY = {"years.last": 1957}
OUTCOMES = ["yearly:abroad", "yearly:employees", "yearly:foreign_jobs"]
#: What 1,000 runs of the weighted one per cent model should take on two processors, seconds.
THOUSAND_GOAL = 120.0


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
        "schema_version": 1, "name": "benchmark", "scenario": "history", "settings": settings or SHORT, "design": "list",
        "point": [{"label": "a"}], "replications": runs, "outcomes": OUTCOMES, "model": model,
    }


def swept(values: Any, out: Path, **options: Any) -> list[tuple[int, float]]:
    """Sweep into a new directory; (runs done, clock time) after every task."""
    from expansion_sim.experiment.sweep import sweep

    marks: list[tuple[int, float]] = []
    sweep(values, out=out, progress=lambda counts: marks.append((counts.done, time.perf_counter())), **options)
    return marks


def per_run(values: dict[str, Any], **options: Any) -> float:
    """Seconds per run of a sweep under way: the slope of time over runs done, without the first and the last tenth."""
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        done, clock = np.array(swept(values, Path(folder) / "out", **options)).T
    middle = (done >= 0.1 * done[-1]) & (done <= 0.9 * done[-1]) if len(done) > 20 else done > 0
    return float(np.polyfit(done[middle], clock[middle], 1)[0])


def by_turns(turns: int, *measures: Callable[[], float]) -> list[float]:
    """The least of each measure over some turns; in a turn each is taken once."""
    found = [[measure() for measure in measures] for _ in range(turns)]
    return [min(each) for each in zip(*found, strict=True)]


def fresh(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def bare(runs: int, waiting: bool = False) -> float:
    """Seconds per run of a loop that keeps nothing, over the model or over runs that wait."""
    from expansion_sim.experiment.worker import free_models, use_one_thread
    from expansion_sim.model import ExpansionModel
    from expansion_sim.scenario import load_scenario

    use_one_thread()
    scenario = load_scenario("history", {**(EMPTY if waiting else SHORT), "output.surveys": False})
    made: Any = Sleeper if waiting else ExpansionModel
    started = 0.0
    for seed in range(-2, runs):
        started = time.perf_counter() if seed == 0 else started
        model = made(scenario, rng=seed + 3)
        while model.year < scenario.years.last:
            model.step()
        if seed % 20 == 19:
            free_models()
    return (time.perf_counter() - started) / runs


def batch_run(runs: int) -> float:
    """Seconds per run of mesa.batch_run on one process."""
    import mesa

    from expansion_sim.experiment.worker import use_one_thread
    from expansion_sim.model import ExpansionModel

    use_one_thread()
    settings = {**SHORT, "output.surveys": False}
    arguments = {"number_processes": 1, "data_collection_period": 1, "display_progress": False, "max_steps": 100}
    mesa.batch_run(ExpansionModel, {**settings, "rng": [1, 2]}, **arguments)
    started = time.perf_counter()
    mesa.batch_run(ExpansionModel, {**settings, "rng": list(range(1, runs + 1))}, **arguments)
    return (time.perf_counter() - started) / runs


def overhead(runs: int, turns: int) -> dict[str, Any]:
    """What runner and store add to runs of a tenth of a second, one worker."""
    values = experiment(runs, "sweep:Sleeper", EMPTY)
    ours, loop = by_turns(turns, lambda: per_run(values, workers=1), lambda: fresh(bare, runs // 2, True))
    processor = (fresh(processor_seconds, 4 * runs) - fresh(processor_seconds, runs)) / (3 * runs)
    return {
        "sweep_s": ours, "bare_loop_s": loop, "overhead_percent": 100.0 * (ours / loop - 1.0),
        "processor_percent": 100.0 * processor / Sleeper.seconds,
    }


def processor_seconds(runs: int) -> float:
    """Processor time of this process and its worker for a sweep of runs that do nothing."""
    with tempfile.TemporaryDirectory() as folder:
        swept(experiment(runs, "sweep:Instant", EMPTY), Path(folder) / "out", workers=1)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def mesa_case(runs: int, turns: int) -> dict[str, Any]:
    """Runs per second: sweep with one worker, bare loop, mesa.batch_run."""
    taken = by_turns(
        turns, lambda: per_run(experiment(runs), workers=1), lambda: fresh(bare, runs), lambda: fresh(batch_run, runs)
    )
    ours, loop, theirs = (1.0 / seconds for seconds in taken)
    return {
        "sweep_per_s": ours, "bare_loop_per_s": loop, "batch_run_per_s": theirs,
        "sweep_over_bare_loop": ours / loop, "sweep_over_batch_run": ours / theirs,
    }


def workers(runs: int, turns: int) -> dict[str, Any]:
    """Speed of two workers over one."""
    waiting = experiment(runs, "sweep:Sleeper", EMPTY)
    one, two, one_waits, two_wait = by_turns(
        turns,
        lambda: per_run(experiment(runs), workers=1), lambda: per_run(experiment(2 * runs), workers=2),
        lambda: per_run(waiting, workers=1), lambda: per_run({**waiting, "replications": 2 * runs}, workers=2),
    )
    return {"one_per_s": 1.0 / one, "two_per_s": 1.0 / two, "scaling": one / two, "scaling_of_waiting_runs": one_waits / two_wait}


def dask(runs: int, turns: int) -> dict[str, Any]:
    """Seconds per run on two Dask workers over those on two local ones."""
    waiting = experiment(2 * runs, "sweep:Sleeper", EMPTY)
    with tempfile.TemporaryDirectory() as folder, Loopback(2, Path(folder)) as address:
        local, remote, local_waits, remote_waits = by_turns(
            turns,
            lambda: per_run(experiment(2 * runs), workers=2), lambda: per_run(experiment(2 * runs), scheduler=address),
            lambda: per_run(waiting, workers=2), lambda: per_run(waiting, scheduler=address),
        )
    return {
        "local_per_s": 1.0 / local, "dask_per_s": 1.0 / remote, "overhead_percent": 100.0 * (remote / local - 1.0),
        "overhead_of_waiting_runs_percent": 100.0 * (remote_waits / local_waits - 1.0),
    }


def thousand(runs: int, turns: int) -> dict[str, Any]:
    """1,000 runs of the weighted one per cent model on two workers: a whole policy sweep by the clock, and the rates of others.

    The policy sweep is the shipped one of subsidy rate by cap on a finer grid, 99 points and a base of which ten replications are run, from the
    start of the program to the last byte. The rates of fewer runs tell what 1,000 would take of the shipped 25 points (40 replications), of
    these points without their shared past, and of replications of one world, which share nothing. The worlds of policy sweeps are
    ten years longer than that one's.
    """
    seconds = 1000.0 * by_turns(turns, lambda: per_run(experiment(runs, settings={"scale": 0.01}), workers=2))[0]
    apart, together = (1000.0 * each for each in by_turns(
        turns, lambda: policy_run(1, shared_past=False), lambda: policy_run(8),
    ))
    whole = fine_policy_sweep()
    return {
        "runs": runs, "one_world_per_1000_s": seconds, "policy_apart_s": apart, "policy_25_points_s": together,
        "policy_100_points_whole_s": whole, "goal_s": THOUSAND_GOAL, "met": whole <= THOUSAND_GOAL,
    }


def fine_policy_sweep() -> float:
    """Seconds that ``expansion-sim sweep`` takes for 1,000 runs: 9 rates by 11 caps and a base, ten times each, on two workers."""
    rates = [12.5 * step for step in range(9)]
    caps = [5.0, 10.0, 15.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0]
    changed = ["replications=10", f"factor.0.values={rates}", f"factor.1.values={caps}"]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "expansion_sim", "sweep", "subsidy_rate_by_cap", "--workers", "2", "--quiet", "--out", f"{folder}/out"]
        started = time.perf_counter()
        subprocess.run([*command, "--set", *changed], check=True)
        return time.perf_counter() - started


def policy_run(replications: int, **options: Any) -> float:
    """Seconds per run of whole replications of the shipped policy sweep on two workers, from the start of the workers to the last byte."""
    from expansion_sim.experiment.load import load_experiment

    loaded = load_experiment("subsidy_rate_by_cap", (f"replications={replications}",))
    with tempfile.TemporaryDirectory() as folder:
        marks = swept(loaded, Path(folder) / "out", workers=2, **options)
    return (marks[-1][1] - marks[0][1]) / marks[-1][0]


def memory(runs: int, turns: int) -> dict[str, Any]:
    """Peak memory in MB of few and of ten times as many tiny runs, each in processes of their own."""
    found: dict[str, Any] = {}
    for count in (runs // 10, runs):
        with tempfile.TemporaryDirectory() as folder:
            parent, worker = fresh(peaks_of_sweep, count, Path(folder) / "out")
            found |= {f"parent_{count}_mb": parent, f"worker_{count}_mb": worker}
            found |= {f"reading_{count}_mb": fresh(peak_of_reading, Path(folder) / "out")}
    return found


def peaks_of_sweep(runs: int, out: Path) -> tuple[float, float]:
    """Peak memory of this process and of the largest worker in a sweep of tiny runs, MB."""
    from expansion_sim.experiment.sweep import sweep

    children, workers = Path(f"/proc/self/task/{os.getpid()}/children"), [0.0]

    def look(_: Any) -> None:
        workers.extend(peak_of(Path("/proc") / pid) for pid in children.read_text().split())

    sweep(experiment(runs, "sweep:Instant", EMPTY), out=out, workers=2, progress=look)
    return peak_of(Path("/proc/self")), max(workers)


def peak_of(process: Path) -> float:
    """Largest resident memory that a process has had, MB; 0 when it has gone."""
    try:
        told = (process / "status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in told.splitlines() if line.startswith("VmHWM")), 0.0)


def peak_of_reading(out: Path) -> float:
    """Peak memory of this process after one outcome has been read and summed up for every year, MB."""
    from expansion_sim.experiment.analysis import means
    from expansion_sim.experiment.results import open_results

    results = open_results(out)
    for year in range(1955, 1958):
        means(results, OUTCOMES[0], year)
    return peak_of(Path("/proc/self"))


class Loopback:
    """A Dask scheduler with workers, each a process on this machine."""

    def __init__(self, count: int, folder: Path) -> None:
        self.count, self.told = count, folder / "scheduler.json"

    def __enter__(self) -> str:
        quiet = ["--no-dashboard", "--host", "127.0.0.1"]
        self.processes = [self._started("scheduler", "--port", "0", "--scheduler-file", str(self.told), *quiet)]
        while not self.told.exists():
            time.sleep(0.1)
        told = ["--scheduler-file", str(self.told), "--nthreads", "1", *quiet]
        self.processes += [self._started("worker", *told) for _ in range(self.count)]
        return str(self.told)

    def _started(self, name: str, *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", f"distributed.cli.dask_{name}", *options], stderr=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()


#: Case -> function, runs and turns, and the same for --quick.
CASES: dict[str, tuple[Callable[[int, int], dict[str, Any]], tuple[int, int], tuple[int, int]]] = {
    "overhead": (overhead, (300, 2), (120, 1)),
    "mesa": (mesa_case, (200, 3), (60, 1)),
    "workers": (workers, (200, 2), (80, 1)),
    "dask": (dask, (200, 2), (80, 1)),
    "thousand": (thousand, (40, 1), (12, 1)),
    "memory": (memory, (10_000, 1), (2000, 1)),
}


def main() -> None:
    """Measure the cases that are asked for."""
    parser = argparse.ArgumentParser(description="Benchmarks of sweeps.")
    parser.add_argument("case", nargs="*", choices=[*CASES, []], help="cases (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer runs and turns")
    args = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))  # for workers: this file
    for name in args.case or CASES:
        function, usual, quick = CASES[name]
        load = os.getloadavg()[0]
        found = function(*(quick if args.quick else usual))
        rounded = {key: round(value, 4) if isinstance(value, float) else value for key, value in found.items()}
        print(json.dumps({"case": name, "load": round(load, 1), **rounded}), flush=True)


if __name__ == "__main__":
    main()
