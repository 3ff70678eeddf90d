"""How much rests on our own priors: every parameter marked [A], halved and doubled, and what the facts say to it.

    python experiments/prior_check.py --out runs/prior_check [--scale 0.01] [--seeds 4] [--scenario FILE] [--workers 2]

The score is the sum of squared residuals in standard errors of the facts (misses bent, as in estimation) and the number of facts
within tolerance, on the same seeds as the base. Values stay inside their declared ranges, so some are moved by less. Writes
``prior_check.csv`` and ``prior_check.md``; resumable.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from expansion_sim.calibration.estimate import mean_readings, seeds_for
from expansion_sim.calibration.evaluate import Point, Simulator
from expansion_sim.calibration.misfit import Misfit, build_misfit
from expansion_sim.calibration.readings import column_names, reading_labels
from expansion_sim.calibration.spec import FactsSpec
from expansion_sim.calibration.writing import write_csv, write_text
from expansion_sim.parameters import all_parameters
from expansion_sim.scenario import load_scenario
from expansion_sim.validation import load_targets
from expansion_sim.validation.tolerance import parse_tolerance

FACTORS = (0.5, 2.0)


def moved_points(scenario: Any) -> list[tuple[str, float, float]]:
    """(parameter, factor, value) of every prior of ours, without moves that the range leaves no room for."""
    found = []
    for name, parameter in all_parameters().items():
        base = scenario.parameters.get(name, parameter.value)
        if parameter.provenance == "A" and base != 0.0:
            for factor in FACTORS:
                value = min(max(base * factor, parameter.low), parameter.high)
                if value != base:
                    found.append((name, factor, value))
    return found


def hits(readings: np.ndarray) -> int:
    """Facts within tolerance, from readings of shape (S, readings)."""
    labels, count = reading_labels(), 0
    for fact in load_targets().astype(str).to_dict("records"):
        columns = [place for place, (target, _) in enumerate(labels) if target == fact["id"]]
        known = readings[:, columns][np.isfinite(readings[:, columns]).all(axis=1)] if columns else np.empty((0, 1))
        count += bool(len(known)) and parse_tolerance(fact["tolerance"], fact["value"], fact["unit"]).holds(known)
    return count


def table_of(moves: list[tuple[str, float, float]], base: np.ndarray, moved: np.ndarray, misfit: Misfit) -> pd.DataFrame:
    """One row per parameter and factor, by the size of the change in the score.

    Args:
        moves: Parameters with factors and values.
        base: Readings of the base, shape (S, readings).
        moved: Readings of the moved points, shape (moves, S, readings).
        misfit: Residuals of the facts.
    """
    at_base, at_base_hits = float(misfit.distance(mean_readings(base[None]))[0]), hits(base)
    rows = []
    for (name, factor, value), readings in zip(moves, moved, strict=True):
        single = misfit.distance(readings) - misfit.distance(base)
        change = float(misfit.distance(mean_readings(readings[None]))[0]) - at_base
        rows.append({
            "parameter": name, "factor": factor, "value": value, "score_change": change,
            "standard_error": float(single.std(ddof=1) / np.sqrt(len(single))), "hits_change": hits(readings) - at_base_hits,
        })
    table = pd.DataFrame(rows)
    return table.reindex(table["score_change"].abs().sort_values(ascending=False).index).reset_index(drop=True)


def main() -> None:
    """Simulate and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/prior_check"))
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--seeds", type=int, default=4, help="runs of each point, at least 2")
    told = "scenario whose values are moved, such as the estimate.toml of a calibration"
    parser.add_argument("--scenario", default="history", help=told)
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    scenario = load_scenario(args.scenario, {"scale": args.scale, "output.figures": False})
    moves = moved_points(scenario)
    points: list[Point] = [{}, *({name: value} for name, _, value in moves)]
    seeds = seeds_for(scenario.seed, (0,), 1, max(2, args.seeds)) * len(points)
    with Simulator(scenario, column_names(), args.out / "runs", args.workers) as simulate:
        readings = simulate(points, seeds)
    misfit = build_misfit(FactsSpec(), load_targets()).scaled_by(readings.reshape(-1, readings.shape[-1]))
    table = table_of(moves, readings[0], readings[1:], misfit)
    write_csv(args.out / "prior_check.csv", table)
    write_text(args.out / "prior_check.md", _text(table, misfit, readings[0]))
    print(table.head(30).to_string(index=False))


def _text(table: pd.DataFrame, misfit: Misfit, base: np.ndarray) -> str:
    score = float(misfit.distance(mean_readings(base[None]))[0])
    lines = [
        "# Priors of ours halved and doubled", "",
        f"At the base the score is {score:.0f} and {hits(base)} facts are within tolerance; less is a better fit.", "",
        "| parameter | factor | value | change of score | standard error | change of facts within tolerance |",
        "|---|---|---|---|---|---|",
    ]
    for row in table.itertuples(index=False):
        change = f"{row.score_change:+.0f} | {row.standard_error:.0f} | {row.hits_change:+d}"
        lines.append(f"| {row.parameter} | {row.factor:g} | {row.value:.3g} | {change} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
