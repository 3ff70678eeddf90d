"""Predict the facts an estimation has not seen, and compare with last value, AR(1) and a static logit on the same facts.

    python experiments/cross_check.py --out runs/cross_check [--workers 2]

estimates on facts up to 1999 and the cross-sections of 2023-24, and on facts from 2000 on (``calibration_until_1999.toml``,
``calibration_from_2000.toml``); each predicts the rest with parameters drawn from its posterior. Writes ``cross_check.md`` and
``scores.csv``. Resumable. Scores are CRPS in half-widths of each fact's tolerance; smaller is better.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from expansion_sim.calibration.calibrate import calibrate
from expansion_sim.calibration.writing import write_csv, write_text
from expansion_sim.validation import load_targets
from expansion_sim.validation.baselines import BASELINES, ensemble_crps, read_facts, scaled, score_baselines

HERE = Path(__file__).parent
CAUTION = (
    "Priors are centred on the shipped values, which were fitted to facts of both halves; a box of a factor of four to either "
    "side keeps that knowledge weak, but not away."
)
HALVES = {"up to 1999 and cross-sections": "calibration_until_1999", "from 2000 on": "calibration_from_2000"}


def scores_of(folder: Path) -> pd.DataFrame:
    """CRPS of the model and of every baseline for every fact that the calibration did not use, where some baseline forecasts.

    Args:
        folder: Finished calibration.
    """
    used = pd.read_csv(folder / "facts.csv").set_index("id")["used"]
    drawn = pd.read_parquet(folder / "predictive.parquet")
    facts = read_facts(load_targets())
    train = [fact for fact in facts if used.get(fact.id, False)]
    test = [fact for fact in facts if fact.id in drawn and not used.get(fact.id, True)]
    model = [ensemble_crps(scaled(drawn[fact.id].to_numpy(float), fact.logit), fact.value) / fact.half for fact in test]
    table = score_baselines(train, test)
    table.insert(0, "model", model)
    return table.dropna(how="all", subset=list(BASELINES)).rename_axis("fact").reset_index()


def summary_of(scores: pd.DataFrame) -> list[str]:
    """Mean scores against each baseline on the facts that both forecast."""
    lines = ["| against | facts | model | baseline | model better on |", "|---|---|---|---|---|"]
    for name in BASELINES:
        both = scores[["model", name]].dropna()
        if len(both):
            better = int((both["model"] < both[name]).sum())
            lines.append(f"| {name} | {len(both)} | {both['model'].mean():.2f} | {both[name].mean():.2f} | {better} |")
    return lines


def hits_of(folder: Path) -> list[str]:
    """Verdicts on facts used and not used, before and after."""
    facts = pd.read_csv(folder / "facts.csv")
    head = "| facts | computable | within tolerance, shipped values | estimate | inside 90 % of runs |"
    lines = [head, "|---|---|---|---|---|"]
    for name, part in (("used", facts[facts["used"]]), ("predicted", facts[~facts["used"]])):
        published = pd.to_numeric(part["published"], errors="coerce")
        within = ((part["low"] <= published) & (published <= part["high"]))[np.isfinite(published)]
        cells = (len(part), int(part["hit_before"].sum()), int(part["hit_after"].sum()), f"{int(within.sum())} of {len(within)}")
        lines.append(f"| {name} | " + " | ".join(map(str, cells)) + " |")
    return lines


def main() -> None:
    """Estimate both halves and write the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/cross_check"))
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    lines, tables = ["# Cross-check inside the published facts", "", CAUTION], []
    for name, experiment in HALVES.items():
        folder = args.out / experiment
        calibrate(HERE / f"{experiment}.toml", folder, args.workers, told=print)
        scores = scores_of(folder)
        tables.append(scores.assign(estimated_on=name))
        lines += ["", f"## Estimated on facts {name}", "", *hits_of(folder), "", *summary_of(scores)]
    write_csv(args.out / "scores.csv", pd.concat(tables))
    write_text(args.out / "cross_check.md", "\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
