"""Sweeps whose answers are known, without running the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

Outcome = Callable[[pd.DataFrame, np.ndarray], np.ndarray]


class SyntheticResults:
    """What analyses ask of :class:`expansion_sim.experiment.results.Results`.

    Args:
        design: Design table.
        rows: Long table of outcomes: run, outcome, year, value, status.
        kind: Kind of the design.
    """

    def __init__(self, design: pd.DataFrame, rows: pd.DataFrame, kind: str = "list") -> None:
        self.design, self.path = design, Path("sweeps/synthetic")
        self._rows = rows.merge(design[["run", "point", "replication"]], on="run")
        settings = SimpleNamespace(kind=kind, levels=4, calc_second_order=False)
        named = {"name": "synthetic", "title": "A synthetic sweep", "scenario": "history", "seed": 1, "replications": 1}
        self.experiment: Any = SimpleNamespace(**named, design=settings)
        self.outcomes = tuple(dict.fromkeys(rows["outcome"]))
        self.units: dict[str, str] = {}

    def unit(self, outcome: str) -> str:
        return "million yen 2015 a year" if outcome == "cost" or outcome.endswith(":spending_million_yen") else self.units.get(outcome, "firms")

    def status(self) -> Any:
        """How many runs there are and why some failed."""
        bad = self._rows.loc[self._rows["status"] != "ok", "run"].nunique()
        total = self.design["run"].nunique()
        statuses = {"ok": total - bad} | ({"error": bad} if bad else {})
        return SimpleNamespace(finished=total, total=total, statuses=statuses, reasons={"ValueError: deliberate": bad} if bad else {})

    def table(self, outcomes: list[str] | None = None, missing: str = "raise") -> pd.DataFrame:
        rows = self._rows
        if outcomes is not None:
            rows = rows[rows["outcome"].isin(outcomes)]
        return rows[(rows["status"] == "ok") & rows["value"].notna()].reset_index(drop=True) if missing == "drop" else rows

    def values(self, outcome: str, year: int | None = None, missing: str = "raise") -> pd.DataFrame:
        rows = self.table([outcome], missing="drop")
        rows = rows[rows["year"] == (year or 0)]
        table = rows.pivot(index="point", columns="replication", values="value")
        return table.reindex(index=sorted(self.design["point"].unique()), columns=sorted(self.design["replication"].unique()))


def design_of(
    factors: pd.DataFrame, replications: int = 1, *, blocks: np.ndarray | None = None, common: bool = True,
    base: int | None = None,
) -> pd.DataFrame:
    """A design table: one row per point and replication; seeds shared inside blocks (or by all points) when ``common``."""
    points = np.repeat(np.arange(len(factors)), replications)
    turn = np.tile(np.arange(replications), len(factors))
    block = -np.ones(len(factors), int) if blocks is None else blocks
    group = np.repeat(block, replications) if common else points
    table = pd.DataFrame({
        "run": [f"r{point}-{k}" for point, k in zip(points, turn, strict=True)], "point": points.astype(np.int32),
        "replication": turn.astype(np.int32), "seed": 1000 * (group + 2) + turn, "block": np.repeat(block, replications),
        "paired_with": ["" if base in (None, point) else f"r{base}-{k}" for point, k in zip(points, turn, strict=True)],
    })
    return table.join(factors.iloc[points].reset_index(drop=True))


def sweep_of(
    design: pd.DataFrame, outcomes: Mapping[str, Outcome], years: tuple[int, ...] = (), *, failed: tuple[int, ...] = (),
    noise: float = 0.0, kind: str = "list",
) -> SyntheticResults:
    """Results of outcomes computed from the factors; noise depends on nothing but the seed (and the year)."""
    parts = []
    for name, outcome in outcomes.items():
        for year in years or (0,):
            luck = np.array([np.random.default_rng([int(seed), year]).normal() for seed in design["seed"]])
            value = outcome(design, np.full(len(design), year)) + noise * luck
            parts.append(pd.DataFrame({"run": design["run"], "outcome": name, "year": year, "value": value, "status": "ok"}))
    rows = pd.concat(parts, ignore_index=True)
    gone = rows["run"].isin(design["run"].iloc[list(failed)])
    rows.loc[gone, "value"] = np.nan
    rows.loc[gone, "status"] = "error"
    return SyntheticResults(design, rows, kind)


def saltelli_design(
    bounds: Mapping[str, tuple[float, float]], base_samples: int, replications: int = 1, *, second: bool = False,
    common: bool = True,
) -> pd.DataFrame:
    """SALib's Saltelli sample as a design table."""
    from SALib.sample import sobol

    problem = {"num_vars": len(bounds), "names": list(bounds), "bounds": [list(pair) for pair in bounds.values()]}
    sample = sobol.sample(problem, base_samples, calc_second_order=second, seed=7)
    blocks = np.repeat(np.arange(base_samples), len(sample) // base_samples)
    return design_of(pd.DataFrame(sample, columns=list(bounds)), replications, blocks=blocks, common=common)


def morris_design(bounds: Mapping[str, tuple[float, float]], trajectories: int, replications: int = 1) -> pd.DataFrame:
    """SALib's Morris sample as a design table."""
    from SALib.sample import morris

    problem = {"num_vars": len(bounds), "names": list(bounds), "bounds": [list(pair) for pair in bounds.values()]}
    sample = morris.sample(problem, trajectories, num_levels=4, seed=7)
    blocks = np.repeat(np.arange(trajectories), len(bounds) + 1)
    return design_of(pd.DataFrame(sample, columns=list(bounds)), replications, blocks=blocks)
