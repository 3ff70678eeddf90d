"""Morris's elementary effects: which factors matter at all, at the price of a few runs per factor.

SALib computes the effects, one trajectory at a time; resampling trajectories is ours (see
:mod:`expansion_sim.experiment.analysis.resampling`). Draws must be shared inside a trajectory, as for Sobol indices.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.blocks import USUAL, Blocks, IndexOptions, need_salib, read_blocks
from expansion_sim.experiment.analysis.observations import Year, factor_names
from expansion_sim.experiment.analysis.resampling import percentile_interval, resampled_rows
from expansion_sim.experiment.spec import DUMMY

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results


class MorrisIndices(NamedTuple):
    """Elementary effects, in the outcome's unit per full range of a factor.

    Attributes:
        outcome: Outcome analysed.
        indices: One row per factor: factor, mu, mu_star (mean of absolute effects), mu_star_low, mu_star_high, sigma (spread of
            effects: interaction or curvature), above_floor (mu* is surely above the inert dummy's).
        floor: Upper bound of the dummy's mu*; NaN when the design has no dummy.
        seed_share: Share of the variance of single runs due to the seed; NaN with one replication.
        blocks: Number of trajectories used.
        dropped: Number of trajectories left out for failed runs.
    """

    outcome: str
    indices: pd.DataFrame
    floor: float
    seed_share: float
    blocks: int
    dropped: int


def morris_indices(results: Results, outcome: str, year: Year = None, *, levels: int = 4, **options: Any) -> MorrisIndices:
    """Elementary effects of every factor on an outcome.

    Args:
        results: Results of a ``morris`` design.
        outcome: Name of the outcome.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        levels: Levels of the design's grid, as the experiment says.
        options: Fields of :class:`expansion_sim.experiment.analysis.blocks.IndexOptions`.

    Raises:
        InputError: As :func:`expansion_sim.experiment.analysis.blocks.read_blocks`, or blocks that are no trajectories.
    """
    need_salib()
    chosen = IndexOptions(**options)
    blocks = read_blocks(results, outcome, year, len(factor_names(results.design)) + 1, chosen)
    return effects_table(blocks, outcome, levels, chosen)


def effects_table(blocks: Blocks, outcome: str = "", levels: int = 4, options: IndexOptions = USUAL) -> MorrisIndices:
    """As :func:`morris_indices`, from blocks of one trajectory each."""
    effects = elementary_effects(blocks, levels)
    spread = np.abs(effects)[resampled_rows(len(effects), options.resamples, options.seed)].mean(axis=0)
    low, high = percentile_interval(spread, options.level, axis=0)
    table = pd.DataFrame({
        "factor": blocks.factors, "mu": effects.mean(axis=0), "mu_star": np.abs(effects).mean(axis=0),
        "mu_star_low": low, "mu_star_high": high, "sigma": effects.std(axis=0, ddof=1),
    })
    floor = float(high[blocks.factors.index(DUMMY)]) if DUMMY in blocks.factors else float("nan")
    table["above_floor"] = (table["mu_star_low"] > floor) if np.isfinite(floor) else True
    return MorrisIndices(outcome, table, floor, blocks.seed_share, len(effects), blocks.dropped)


def elementary_effects(blocks: Blocks, levels: int = 4) -> np.ndarray:
    """Effect of each factor in each trajectory, shape (blocks, factors), in the outcome's unit per full range.

    Raises:
        InputError: A step of a trajectory does not change exactly one factor, or values are not finite.
    """
    from SALib.analyze import morris

    if not np.isfinite(blocks.outputs).all():
        raise InputError("values are missing or not finite: effects would be wrong without a warning")
    changed = np.diff(blocks.inputs, axis=1) != 0
    if (changed.sum(axis=2) != 1).any() or not changed.any(axis=1).all():
        raise InputError("a step of a block does not change one factor alone: this is no Morris design")
    count = len(blocks.factors)
    problem = {"num_vars": count, "names": blocks.factors, "bounds": [[0.0, 1.0]] * count}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # one trajectory has no spread, which nobody asks for
        each = [
            morris.analyze(problem, inputs, outputs, num_levels=levels, num_resamples=2)["mu"]
            for inputs, outputs in zip(blocks.inputs, blocks.outputs, strict=True)
        ]
    return np.array(each, float)
