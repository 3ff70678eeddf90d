"""Where points lie: grids, and samples of the unit cube by SciPy and SALib."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from expansion_sim.errors import InputError
from expansion_sim.experiment.spec import Experiment

#: First number of the spawn key of the sampling's seed; the seeds of runs have another (see plan.py).
_SAMPLING = 1


def grid(values: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Every combination, the last factor fastest."""
    return list(itertools.product(*values))


def sample(experiment: Experiment, columns: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Points in the unit cube.

    Args:
        experiment: Experiment with a sampled design.
        columns: Names of the factors.

    Returns:
        Shares of the way through each factor's range, shape (points, factors), and the block of each point, shape (points,):
        the Saltelli block or Morris trajectory it belongs to, -1 elsewhere.

    Raises:
        InputError: SALib is needed and not installed.
    """
    design = experiment.design
    return {"latin_hypercube": _latin, "sobol": _sobol, "morris": _morris, "saltelli": _saltelli}[design.kind](
        experiment, columns, sampling_seed(experiment)
    )


def sampling_seed(experiment: Experiment) -> int:
    """Seed of the sampling: 32 bits spawned from the design's seed, or the experiment's; never 0, which SALib would ignore."""
    base = experiment.seed if experiment.design.seed is None else experiment.design.seed
    return int(np.random.SeedSequence(base, spawn_key=(_SAMPLING,)).generate_state(1)[0]) | 1


def rows_per_block(experiment: Experiment, factors: int) -> int:
    """Points of one Saltelli block or Morris trajectory."""
    if experiment.design.kind == "morris":
        return factors + 1
    return 2 * factors + 2 if experiment.design.calc_second_order else factors + 2


def _latin(experiment: Experiment, columns: Sequence[str], seed: int) -> tuple[np.ndarray, np.ndarray]:
    from scipy.stats import qmc

    shares = qmc.LatinHypercube(len(columns), seed=seed).random(experiment.design.samples)
    return shares, np.full(len(shares), -1)


def _sobol(experiment: Experiment, columns: Sequence[str], seed: int) -> tuple[np.ndarray, np.ndarray]:
    from scipy.stats import qmc

    shares = qmc.Sobol(len(columns), scramble=True, seed=seed).random(experiment.design.samples)
    return shares, np.full(len(shares), -1)


def _morris(experiment: Experiment, columns: Sequence[str], seed: int) -> tuple[np.ndarray, np.ndarray]:
    _need_salib()
    from SALib.sample import morris

    design = experiment.design
    shares = morris.sample(_problem(columns), design.trajectories, num_levels=design.levels, seed=seed)
    return shares, np.arange(len(shares)) // rows_per_block(experiment, len(columns))


def _saltelli(experiment: Experiment, columns: Sequence[str], seed: int) -> tuple[np.ndarray, np.ndarray]:
    _need_salib()
    from SALib.sample import sobol

    design = experiment.design
    shares = sobol.sample(_problem(columns), design.samples, calc_second_order=design.calc_second_order, scramble=True, seed=seed)
    return shares, np.arange(len(shares)) // rows_per_block(experiment, len(columns))


def _problem(columns: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(columns), "names": list(columns), "bounds": [[0.0, 1.0]] * len(columns)}


def _need_salib() -> None:
    try:
        import SALib  # noqa: F401
    except ImportError:
        message = "Morris and Saltelli designs need SALib: pip install 'expansion-sim[analysis]'"
        raise InputError(message, key="design.kind") from None
