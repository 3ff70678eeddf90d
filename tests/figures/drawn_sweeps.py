"""Made-up sweeps whose figures the tests draw: their answers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from synthetic_sweep import SyntheticResults, design_of, morris_design, saltelli_design, sweep_of

ABROAD, SPENDING = "yearly:abroad", "programme:*:spending_million_yen"
RATE, CAP = 'support.programme."Plant grant".rate_percent', 'support.programme."Plant grant".cap_million_yen'
YEARS = tuple(range(1980, 2001))


def firms(design: pd.DataFrame, year: np.ndarray) -> np.ndarray:
    return 1000.0 + 20.0 * (year - 1980) + 0.1 * (design[RATE] * design[CAP]).to_numpy()


def cost(design: pd.DataFrame, year: np.ndarray) -> np.ndarray:
    return (design[RATE] * (10.0 + design[CAP])).to_numpy()


def grid() -> SyntheticResults:
    """Two levers at four levels each, and a base."""
    pairs = [(0.0, 0.0), *((rate, cap) for rate in (0.0, 30.0, 60.0, 90.0) for cap in (5.0, 20.0, 60.0, 200.0))]
    design = design_of(pd.DataFrame(pairs, columns=[RATE, CAP]), 12, base=0)
    return sweep_of(design, {ABROAD: firms, SPENDING: cost}, YEARS, noise=50.0, kind="grid")


def latin() -> SyntheticResults:
    sample = np.random.default_rng(1).random((80, 3)) * [90.0, 200.0, 1.0]
    design = design_of(pd.DataFrame(sample, columns=[RATE, CAP, "parameters.band.risk"]), 2)
    return sweep_of(design, {ABROAD: firms}, YEARS, noise=20.0, kind="latin_hypercube")


BOUNDS = {RATE: (0.0, 90.0), CAP: (0.0, 200.0), "parameters.band.risk": (0.0, 1.0), "dummy": (0.0, 1.0)}


def saltelli() -> SyntheticResults:
    return sweep_of(saltelli_design(BOUNDS, 64, 2), {ABROAD: firms}, YEARS[-2:], noise=20.0, kind="saltelli")


def morris() -> SyntheticResults:
    return sweep_of(morris_design(BOUNDS, 10, 2), {ABROAD: firms}, YEARS[-2:], noise=20.0, kind="morris")


def two_points() -> SyntheticResults:
    return sweep_of(design_of(pd.DataFrame({RATE: [0.0, 50.0], CAP: 10.0}), 3), {ABROAD: firms}, YEARS, noise=20.0)


def long_names() -> SyntheticResults:
    """As of the shipped grid of wages: two names of factors that fill a line."""
    pairs = [(0.0, 0.0), *((wage, reached) for wage in (0.6, 0.8, 1.25, 1.6) for reached in (0.3, 0.449))]
    design = design_of(pd.DataFrame(pairs, columns=["wage_factor_of_all_industries", "productivity_reached"]), 3, base=0)
    answer: dict[str, Any] = {ABROAD: lambda d, _: 3_300_000.0 + 90_000.0 * d["productivity_reached"].to_numpy(), SPENDING: answer_cost}
    return sweep_of(design, answer, YEARS, noise=9000.0, kind="grid")


def answer_cost(design: pd.DataFrame, _: np.ndarray) -> np.ndarray:
    return 1000.0 * design["productivity_reached"].to_numpy()


def ablations() -> SyntheticResults:
    """Ten named worlds, the first of them the base."""
    names = [f"without mechanism number {number}" for number in range(10)]
    design = design_of(pd.DataFrame({"label": names, "step": np.arange(10.0)}), 3, base=0)
    return sweep_of(design, {ABROAD: lambda d, year: (d["step"] * (year - 1979)).to_numpy()}, YEARS, noise=5.0)
