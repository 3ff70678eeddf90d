"""By how much every fact moves between the weighted sample of the estimation and every firm of the country.

    python experiments/benchmarks/full_scale.py --out runs/full_scale [--sample 0.01] [--full 1] [--seeds 8] [--full-seeds 1]

Runs the same scenario at both scales and tells, per fact, the two means, their difference in half-widths of the tolerance and in
standard errors of the sample's luck, and both verdicts. A full run takes memory and time: 1:1 holds every firm. Resumable.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from expansion_sim.calibration.estimate import mean_readings, seeds_for
from expansion_sim.calibration.evaluate import Simulator
from expansion_sim.calibration.misfit import MISSING, build_misfit
from expansion_sim.calibration.readings import column_names
from expansion_sim.calibration.spec import FactsSpec
from expansion_sim.calibration.writing import write_csv
from expansion_sim.scenario import load_scenario
from expansion_sim.validation import load_targets


def at_scale(args: argparse.Namespace, scale: float, seeds: int) -> np.ndarray:
    """Readings of runs at one scale, shape (seeds, readings); large runs follow one another, each on all processors."""
    scenario = load_scenario(args.scenario, {"scale": scale, "output.figures": False})
    workers, threads = (args.workers, 1) if scale <= 0.05 else (1, args.workers)
    with Simulator(scenario, column_names(), args.out / "runs", workers, threads=threads) as simulate:
        return simulate([{}], seeds_for(scenario.seed, (1,), 1, seeds))[0]


def compared(sample: np.ndarray, full: np.ndarray) -> pd.DataFrame:
    """One row per reading: both means and the move.

    Args:
        sample: Readings at the sample's scale, shape (S, readings).
        full: The same at the full scale.
    """
    misfit = build_misfit(FactsSpec(), load_targets()).scaled_by(np.vstack([sample, full]))
    means = [mean_readings(readings[None])[0] for readings in (sample, full)]
    residuals = [misfit.raw(mean) / misfit.errors_per_tolerance for mean in means]
    luck = np.nanstd(misfit.raw(sample), axis=0, ddof=1) / misfit.errors_per_tolerance
    move = residuals[1] - residuals[0]
    error = luck * np.sqrt(1.0 / len(sample) + 1.0 / len(full))
    names, used = [term.name for term in misfit.terms], misfit.columns
    columns = {"reading": names, "sample": means[0][used], "full": means[1][used]}
    within = [np.abs(np.where(np.isfinite(residual), residual, MISSING)) <= 1.0 for residual in residuals]
    judged = {"move_in_half_widths": move, "move_in_standard_errors": move / np.where(error > 0.0, error, np.nan)}
    return pd.DataFrame(columns | judged | {"sample_within": within[0], "full_within": within[1]})


def main() -> None:
    """Run both scales and tell the moves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/full_scale"))
    parser.add_argument("--scenario", default="history", help="name or path, such as a calibration's estimate.toml")
    parser.add_argument("--sample", type=float, default=0.01)
    parser.add_argument("--full", type=float, default=1.0)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--full-seeds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    table = compared(at_scale(args, args.sample, args.seeds), at_scale(args, args.full, args.full_seeds))
    write_csv(args.out / "full_scale.csv", table)
    moves = table["move_in_half_widths"].abs()
    print(table.reindex(moves.sort_values(ascending=False).index).head(25).round(2).to_string(index=False))
    changed = int((table["sample_within"] != table["full_within"]).sum())
    within = [int(table[f"{name}_within"].sum()) for name in ("sample", "full")]
    print(f"median move {moves.median():.2f} half-widths, 90 % below {moves.quantile(0.9):.2f}; {within[0]} readings within "
          f"tolerance in the sample, {within[1]} at scale {args.full:g}, {changed} change sides")


if __name__ == "__main__":
    main()
