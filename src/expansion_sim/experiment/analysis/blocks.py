"""Designs that come in blocks: Saltelli's for Sobol indices, Morris's trajectories.

Inside a block, runs must share their draws. Otherwise the noise between two runs is read as the influence of whatever factor
differs between them: with independent draws an inert factor gets a total index of the share of variance due to the seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.observations import Missing, NothingVaries, Year, factor_names, main_points, points_of
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.experiment.analysis.resampling import RESAMPLES

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results


class Blocks(NamedTuple):
    """Inputs and outputs of a blocked design.

    Attributes:
        factors: Names of the factors, in the order of the last axis of ``inputs``.
        inputs: Factor values as numbers, shape (blocks, rows, factors); choices are numbered by first appearance.
        outputs: Mean of the outcome over replications, shape (blocks, rows).
        seed_share: Share of the variance of single runs that is due to the seed; NaN with one replication.
        dropped: Blocks left out because one of their runs failed.
    """

    factors: list[str]
    inputs: np.ndarray
    outputs: np.ndarray
    seed_share: float
    dropped: int


class IndexOptions(NamedTuple):
    """How indices are read from a sweep and estimated: the keywords of every function that computes some.

    Attributes:
        against_base: Take the paired difference from the base, such as additional firms.
        missing: Refuse failed runs, or leave out every block with one.
        common_draws: Refuse blocks whose runs do not share their draws. Switching it off is for measuring the damage.
        level: Coverage of the intervals, from resampled blocks.
        resamples: Number of resamples.
        seed: Seed of the resampling.
    """

    against_base: bool = False
    missing: Missing = "raise"
    common_draws: bool = True
    level: float = 0.95
    resamples: int = RESAMPLES
    seed: int = 0


#: The options unless others are asked for.
USUAL = IndexOptions()


def read_blocks(results: Results, outcome: str, year: Year, rows: int, options: IndexOptions) -> Blocks:
    """Arrange a sweep's outcome in the blocks of its design.

    Args:
        results: Results of a Saltelli or Morris design; points of a block follow each other in the sampler's order.
        outcome: Name of the outcome.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        rows: Points that each block must have, bases not counted.
        options: Which difference is taken, and what is refused.

    Raises:
        InputError: Failed runs, no blocks, blocks of another size, draws not shared, or an outcome that never varies.
    """
    design, place = results.design, str(results.path)
    values = responses(results, outcome, year, against_base=options.against_base, missing=options.missing)
    points = _blocked_points(design, rows, place)
    if options.common_draws:
        _check_common_draws(design, place)
    array = values.reindex(points["point"]).to_numpy(float).reshape(-1, rows, values.shape[1])
    whole = np.isfinite(array).all(axis=(1, 2))
    if whole.sum() < 2:
        raise InputError(f"only {whole.sum()} blocks without failed runs: indices need two or more", file=place)
    outputs = array[whole].mean(axis=2)
    if np.ptp(outputs) <= np.finfo(float).eps * np.abs(outputs).max():
        raise NothingVaries(f"{outcome!r} is the same in every run: there is no variance to share out", file=place)
    factors = factor_names(design)
    inputs = _numbers(points_of(design)).loc[points["point"]].to_numpy(float).reshape(-1, rows, len(factors))
    ends = array[whole][:, (0, -1)].reshape(-1, values.shape[1])  # the two rows of a block that are drawn at random
    return Blocks(factors, inputs[whole], outputs, seed_share(ends), int((~whole).sum()))


def need_salib() -> None:
    """Refuse to go on without SALib, which is optional.

    Raises:
        InputError: It is not installed.
    """
    try:
        import SALib  # noqa: F401
    except ImportError:
        raise InputError("Sobol and Morris indices need SALib: pip install 'expansion-sim[analysis]'") from None


def seed_share(values: np.ndarray) -> float:
    """Share of the variance of single runs that comes from the seed and not from the factors.

    Args:
        values: Shape (points, replications), points drawn at random.

    Returns:
        Mean variance over replications at a point, over that plus the variance of the points' true means (one-way analysis of
        variance, the between part corrected for what noise adds to it and never below zero). NaN with one replication.
    """
    replications = values.shape[1]
    if replications < 2:
        return float("nan")
    within = float(values.var(axis=1, ddof=1).mean())
    between = max(0.0, float(values.mean(axis=1).var(ddof=1)) - within / replications)
    return within / (within + between) if within + between > 0 else 0.0


def _blocked_points(design: pd.DataFrame, rows: int, place: str) -> pd.DataFrame:
    """Point and block of the design's blocked points, sorted; points outside blocks (a base) are left out."""
    points = design.drop_duplicates("point")[["point", "block"]]
    points = points[points["point"].isin(main_points(design)) & (points["block"] >= 0)].sort_values(["block", "point"])
    if points.empty:
        raise InputError("the design has no blocks: indices need the design 'saltelli' or 'morris'", file=place)
    sizes = points.groupby("block")["point"].size()
    if (sizes != rows).any():
        block = sizes.index[sizes != rows][0]
        raise InputError(f"block {block} has {sizes[block]} points where {rows} belong", file=place)
    return points


def _check_common_draws(design: pd.DataFrame, place: str) -> None:
    blocked = design[design["block"] >= 0]
    seeds = blocked.groupby(["block", "replication"])["seed"].nunique()
    apart = seeds.index[seeds > 1]
    if len(apart):
        block, replication = apart[0]
        told = f"runs of block {block}, replication {replication} do not share their draws"
        raise InputError(f"{told}: noise would be read as influence; let the design derive the seeds", file=place)


def _numbers(points: pd.DataFrame) -> pd.DataFrame:
    """Factor values as numbers; what is not a number is numbered by first appearance."""
    columns = {
        name: column if pd.api.types.is_numeric_dtype(column) else pd.factorize(column.astype(str))[0]
        for name, column in points.items()
    }
    return pd.DataFrame(columns, index=points.index).astype(float)
