"""How fast the spine is: weighted sample, whole country, linearity, threads, start of the command line.

Run ``python experiments/benchmarks/spine.py`` (about two minutes; ``--quick`` leaves out the whole country). Times are the least of a few
runs after compilation and depend on the machine; the ratios hardly do. Every case runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys

CASE = """
import json, resource, sys, time
from expansion_sim import ExpansionModel
scale, repeats, surveys = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
ExpansionModel("history", scale=0.001, **{"years.last": 1957}).run()  # compile, or load what was compiled
best, firm_years = float("inf"), 0
for _ in range(repeats):
    start = time.perf_counter()
    model = ExpansionModel("history", scale=scale, **{"output.surveys": surveys})
    firm_years = 0
    while model.running:
        model.step()
        firm_years += len(model.firms)
    best = min(best, time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(json.dumps({"seconds": best, "firm_years": firm_years, "gigabytes": peak}))
"""


def case(scale: float, repeats: int, surveys: bool = False, threads: int = 0) -> dict[str, float]:
    """Run one case in a fresh process: least seconds, firm-years of a run, peak memory in gigabytes.

    Args:
        scale: Rows over firms.
        repeats: Runs after compilation.
        surveys: Whether the survey moments are measured.
        threads: Threads of the kernel, 0 for all.
    """
    environment = dict(os.environ)
    if threads:
        environment["NUMBA_NUM_THREADS"] = str(threads)
    command = [sys.executable, "-c", CASE, str(scale), str(repeats), str(surveys).lower()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def show(name: str, result: dict[str, float]) -> None:
    """Print one line of the table."""
    rows = result["firm_years"] / 70
    nanoseconds = 1e9 * result["seconds"] / result["firm_years"]
    print(f"{name:44} {rows:12,.0f} {result['seconds']:9.2f} {nanoseconds:9.0f} {result['gigabytes']:7.2f}", flush=True)


def start_of_command(repeats: int = 5) -> tuple[float, float]:
    """Least seconds of ``expansion-sim --help`` and of an empty Python program."""
    from time import perf_counter

    least = []
    for arguments in (["-m", "expansion_sim", "--help"], ["-c", "pass"]):
        times = []
        for _ in range(repeats):
            start = perf_counter()
            subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
            times.append(perf_counter() - start)
        least.append(min(times))
    return least[0], least[1]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the whole country")
    parser.add_argument("--repeats", type=int, default=3, help="runs per case, the least counts")
    given = parser.parse_args()
    print(f"{'70 years of history':44} {'firms (mean)':>12} {'seconds':>9} {'ns/firm-y':>9} {'GB':>7}")
    for scale in (0.002, 0.005, 0.0083, 0.02, 0.05):
        show(f"weighted sample, scale {scale}", case(scale, given.repeats))
    show("scale 0.0083 with surveys", case(0.0083, given.repeats, surveys=True))
    show("scale 0.0083, one thread", case(0.0083, given.repeats, threads=1))
    if not given.quick:
        show("every firm of the country", case(1.0, 1))
    helped, bare = start_of_command()
    print(f"expansion-sim --help {helped:.2f} s, an empty Python program {bare:.2f} s")


if __name__ == "__main__":
    main()
