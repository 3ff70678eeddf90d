"""Known parameters recovered on the model itself: facts made from a truth, estimated, intervals counted.

    python experiments/benchmarks/recovery.py --out runs/recovery [--truths 20] [--scale 0.002] [--workers 2]

Each truth is drawn from the prior of a few well-known parameters. Its facts are one run, so with the luck of one history, plus a
publishing error of one standard error. Prints the share of 90 % intervals that hold the truth. Resumable.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import pandas as pd

from expansion_sim.calibration.calibrate import problem_of, scenario_of
from expansion_sim.calibration.estimate import Problem, estimate
from expansion_sim.calibration.evaluate import Simulator
from expansion_sim.calibration.misfit import Misfit
from expansion_sim.calibration.readings import column_names
from expansion_sim.calibration.spec import Calibration, ParameterGroup, Search, Settings
from expansion_sim.calibration.writing import write_csv

PARAMETERS = ("attention.base", "sunk.direct", "sunk.plant", "fixed.contract", "exit.mismatch", "exit.reshore")


def spec_of(scale: float, ensemble: int) -> Calibration:
    """The small estimation that is tried."""
    group = ParameterGroup(name="tried", parameters=PARAMETERS, factor=3.0)
    return Calibration(
        schema_version=1, settings=Settings(scale=scale), group=(group,),
        search=Search(ensemble=ensemble, starts=("prior",), rounds=3, refinements=1, noise_seeds=8, final_seeds=8, predictive=2),
    )


def facts_of(problem: Problem, truth: np.ndarray, rng: np.random.Generator) -> Misfit:
    """Facts as the truth would have made them: one run of history with a publishing error of one standard error."""
    seeds = [[int(seed) for seed in rng.integers(0, 2**62, 1)]]
    history = problem.evaluate(problem.prior.points(truth[None]), seeds)[0, 0]
    errors = problem.misfit.errors_per_tolerance
    terms = []
    for term in problem.misfit.terms:
        value = history[term.column]
        if not math.isfinite(value) or term.kind not in ("band", "log") or (term.kind == "log" and value <= 0.0):
            continue
        shift = term.half / errors * rng.normal()
        terms.append(term._replace(middle=float(value * math.exp(shift) if term.kind == "log" else value + shift)))
    return Misfit(terms, errors, problem.misfit.bend)


def tried(spec: Calibration, simulator: Simulator, number: int) -> pd.DataFrame:
    """One truth: a row per parameter with truth, estimate and interval."""
    problem = problem_of(spec.model_copy(update={"seed": 100 + number}), simulator)
    rng = np.random.default_rng(np.random.SeedSequence(7, spawn_key=(number,)))
    truth = np.clip(rng.normal(size=problem.prior.size), -2.0, 2.0)
    result = estimate(problem._replace(misfit=facts_of(problem, truth, rng)))
    low, high = np.quantile(result.posterior, [0.05, 0.95], axis=0)
    values = problem.prior.values(truth)
    columns = {
        "truth": number, "parameter": problem.prior.names, "value": values, "estimate": problem.prior.values(result.u),
        "low": low, "high": high, "inside": (low <= values) & (values <= high), "error": result.u - truth,
    }
    return pd.DataFrame(columns | {"informed": result.inference.informed})


def main() -> None:
    """Try all truths and print the coverage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/recovery"))
    parser.add_argument("--truths", type=int, default=20)
    parser.add_argument("--scale", type=float, default=0.002)
    parser.add_argument("--ensemble", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    spec, tables = spec_of(args.scale, args.ensemble), []
    with Simulator(scenario_of(spec), column_names(), args.out / "runs", args.workers) as simulator:
        for number in range(args.truths):
            tables.append(tried(spec, simulator, number))
            every = pd.concat(tables)
            write_csv(args.out / "recovery.csv", every)
            print(f"truth {number + 1}: {every['inside'].mean():.1%} of {len(every)} intervals of 90 % hold the truth; "
                  f"root mean square error {np.sqrt((every['error'] ** 2).mean()):.2f} prior standard deviations", flush=True)
    print(pd.concat(tables).groupby("parameter")[["inside", "informed"]].mean().round(2).to_string())


if __name__ == "__main__":
    main()
