"""How fast the spine is: start, compilation, a weighted sample, the whole country, and how time grows with firms and threads.

Run: python experiments/benchmarks/spine.py [--only start sample scales threads kinds country compile] [--quick] [--repeats 5]

Every figure is the least of some repetitions, because other work on the machine only adds to it. Where the clock of a run on two
threads is not well below its processor time, the machine was busy and the clock says little; compare processor time then.
Compilation is left out except under ``compile``, which uses an empty folder of compiled code.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

SCALES = (0.002, 0.005, 0.01, 0.02, 0.05)
SAMPLE = 0.0083  # scale at which 34,000 rows live in an average year
FIRST, LAST = 1955, 2024
MANY, FEW = 400_000, 20_000  # rows of a kernel benchmark, and of one kind of firms
OFTEN = 2_000_000  # row-years that one repetition of a run should have at least


# --- measured in a process of its own -----------------------------------------------------------------------------------


def run_history(scale: float, surveys: bool, repeats: int) -> dict[str, float]:
    """Least clock and processor seconds of a run of history, rows in an average year, peak memory in GB."""
    from expansion_sim.behaviour.kernel import WAS_ALIVE
    from expansion_sim.model import ExpansionModel

    settings = {"output.surveys": surveys}
    ExpansionModel("history", scale=0.001, **settings, **{"years.last": 1957}).run()  # compile or load
    clock, processor, rows = [], [], 0
    for _ in range(repeats):
        started, used, rows = time.perf_counter(), time.process_time(), 0
        model = ExpansionModel("history", scale=scale, **settings)
        while model.running:
            model.step()
            rows += int(((model.marks & WAS_ALIVE) != 0).sum())
        clock.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
        del model
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9
    return {"clock": min(clock), "processor": min(processor), "rows": rows / (LAST - FIRST + 1), "peak": peak}


def of_kind(firms: Any, kind: str) -> Any:
    """Firms of a kind: at home (neither interest, plan nor large customer), interested, abroad; all of them for any other name."""
    from expansion_sim.population.schema import stage_of

    stage = stage_of(firms)
    kinds = {"at home": (stage == 0) & (firms["parent"] < 0), "interested": (stage == 1) | (stage == 2), "abroad": stage == 3}
    return firms[kinds[kind]] if kind in kinds else firms


def run_kernel(threads: int, repeats: int, kind: str = "all") -> dict[str, float]:
    """Least clock and processor seconds of one year of many firms of a kind on a number of threads."""
    import numba
    import numpy as np

    from expansion_sim.behaviour import kernel
    from expansion_sim.model import ExpansionModel

    model = ExpansionModel("history", scale=0.01, **{"output.surveys": False})
    while model.year < 1989:
        model.step()
    model.year += 1
    model.advance_drivers()
    living = of_kind(model.living(), kind)
    many = MANY if kind == "all" else FEW
    firms = np.tile(living, 1 + many // living.size)
    numba.config.NUMBA_NUM_THREADS = threads
    clock, processor = [], []
    for _ in range(repeats + 1):
        lived, marks = firms.copy(), np.full(firms.size, kernel.ALIVE, np.uint8)
        started, used = time.perf_counter(), time.process_time()
        kernel.step_firms(lived, marks, model.world)
        clock.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    return {"clock": min(clock[1:]), "processor": min(processor[1:]), "rows": float(firms.size)}


def measured(name: str, environment: dict[str, str] | None = None, **arguments: Any) -> dict[str, float]:
    """Call one of the two functions above in a fresh process."""
    call = [sys.executable, __file__, "--measure", json.dumps([name, arguments])]
    answer = subprocess.run(call, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | (environment or {}))
    return json.loads(answer.stdout.splitlines()[-1])


# --- what is shown ------------------------------------------------------------------------------------------------------


def show(name: str, figure: str, note: str = "") -> None:
    """One line of the table."""
    print(f"{name:44s}{figure:>12s}   {note}", flush=True)


def timing(result: dict[str, float]) -> str:
    """Processor time of a run, in all and per row and year."""
    share = result["processor"] / (result["rows"] * (LAST - FIRST + 1))
    return f"processor {result['processor']:.2f} s, {1e9 * share:.0f} ns per row and year; {result['rows']:,.0f} rows on average"


def start(repeats: int) -> None:
    """Time until the command answers, against the bare interpreter."""
    for name, arguments in {
        "bare interpreter": ["-c", "pass"],
        "import expansion_sim": ["-c", "import expansion_sim"],
        "expansion-sim --help": ["-m", "expansion_sim", "--help"],
        "import of the model (Mesa, Numba)": ["-c", "import expansion_sim.model"],
    }.items():
        spans = []
        for _ in range(max(3, repeats)):
            started = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            spans.append(time.perf_counter() - started)
        show(name, f"{min(spans):.2f} s", "goal: under 0.5 s" if "help" in name else "")


def sample(repeats: int) -> None:
    """34,000 weighted firms for seventy years."""
    for surveys in (False, True):
        result = measured("run_history", scale=SAMPLE, surveys=surveys, repeats=repeats)
        name = f"sample of {result['rows']:,.0f} rows, with{'' if surveys else 'out'} surveys"
        show(name, f"{result['clock']:.2f} s", timing(result) + ("" if surveys else "; goal: under 1 s"))
        show("  a year", f"{1e3 * result['clock'] / (LAST - FIRST + 1):.1f} ms")


def scales(repeats: int) -> None:
    """Time per row and year at several scales: a constant, but for what a year costs without any firm."""
    for scale in SCALES:
        often = max(1, min(repeats, round(repeats * OFTEN / (scale * 2.9e8))))
        result = measured("run_history", scale=scale, surveys=False, repeats=often)
        show(f"scale {scale}", f"{result['clock']:.2f} s", timing(result))


def threads(repeats: int) -> None:
    """The kernel alone on one and on two threads."""
    results = {number: measured("run_kernel", threads=number, repeats=repeats) for number in (1, 2)}
    for number, result in results.items():
        clock, processor = (1e9 * result[kind] / result["rows"] for kind in ("clock", "processor"))
        name, note = f"kernel on {number} thread{'s' * (number > 1)}", f"per row and year; processor {processor:.0f} ns"
        show(name, f"{clock:.0f} ns", note)
    show("  speed-up", f"{results[1]['clock'] / results[2]['clock']:.2f}")


def kinds(repeats: int) -> None:
    """The kernel on one thread by what firms do: few are abroad, and they take many times as long."""
    for kind in ("at home", "interested", "abroad"):
        result = measured("run_kernel", threads=1, repeats=10 * repeats, kind=kind)
        show(f"kernel, firms {kind}", f"{1e9 * result['processor'] / result['rows']:.0f} ns", "per row and year, processor")


def country(repeats: int) -> None:
    """Every firm of the country, once: whatever the repeats, it is long enough."""
    for surveys in (False, True):
        result = measured("run_history", scale=1.0, surveys=surveys, repeats=1)
        goal = "" if surveys else "; goal: under 60 s and 3 GB on two cores"
        show(f"1:1, with{'' if surveys else 'out'} surveys", f"{result['clock']:.1f} s", timing(result) + goal)
        show("  peak memory", f"{result['peak']:.2f} GB")


def compilation(repeats: int) -> None:
    """First run on a machine, once: everything is compiled."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first run of all, compilation included", "the same with compiled code at hand"):
            started = time.perf_counter()
            measured("run_history", {"NUMBA_CACHE_DIR": folder}, scale=0.001, surveys=False, repeats=1)
            show(name, f"{time.perf_counter() - started:.1f} s")


PARTS: dict[str, Callable[[int], None]] = {
    "start": start, "sample": sample, "scales": scales, "threads": threads, "kinds": kinds, "country": country, "compile": compilation,
}
LONG = ("country", "compile")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Speed of the spine.")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help=f"leave out {' and '.join(LONG)}")
    parser.add_argument("--repeats", type=int, default=5, help="repetitions of short measurements, default 5")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        name, arguments = json.loads(options.measure)
        print(json.dumps({"run_history": run_history, "run_kernel": run_kernel}[name](**arguments)))
        return
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, load {load:.1f} at the start; 0 is an idle machine\n")
    for part in options.only:
        if not (options.quick and part in LONG):
            PARTS[part](options.repeats)


if __name__ == "__main__":
    main()
