"""Sobol indices: which factors the variance of an outcome is due to, alone and together.

The estimators are SALib's (Saltelli et al. 2010); reading the blocks, the guards and the bootstrap over blocks are ours, see
:mod:`expansion_sim.experiment.analysis.blocks`. Under draws shared within each block an index counts a factor's interaction with
the seed but not the seed's own influence, which is reported apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.blocks import USUAL, Blocks, IndexOptions, need_salib, read_blocks
from expansion_sim.experiment.analysis.observations import Year, factor_names, main_points
from expansion_sim.experiment.analysis.resampling import percentile_interval, resampled_rows
from expansion_sim.experiment.spec import DUMMY

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results


class SobolIndices(NamedTuple):
    """Sobol indices with what is needed to trust them.

    Attributes:
        outcome: Outcome analysed.
        indices: One row per factor: factor, first, first_low, first_high, total, total_low, total_high, above_floor (the total
            index is surely above that of the inert dummy; True for all when the design has no dummy).
        pairs: Second-order indices: factor, other, second, low, high; empty without the extra runs they need.
        floor: Upper bound of the dummy's total index; NaN when the design has no dummy.
        seed_share: Share of the variance of single runs due to the seed; NaN with one replication.
        blocks: Number of blocks used.
        dropped: Number of blocks left out for failed runs.
    """

    outcome: str
    indices: pd.DataFrame
    pairs: pd.DataFrame
    floor: float
    seed_share: float
    blocks: int
    dropped: int


class _Parts(NamedTuple):
    """Outputs of a Saltelli design: ``a`` and ``b`` of shape (blocks,), the others (factors, blocks); ``ba`` may be empty."""

    a: np.ndarray
    b: np.ndarray
    ab: np.ndarray
    ba: np.ndarray

    def drawn(self, draws: np.ndarray) -> _Parts:
        """The parts of resampled blocks; draws of shape (blocks, resamples)."""
        return _Parts(self.a[draws], self.b[draws], self.ab[:, draws], self.ba[:, draws])


def sobol_indices(results: Results, outcome: str, year: Year = None, **options: Any) -> SobolIndices:
    """First-order, total and, where the design allows, second-order indices of an outcome.

    Args:
        results: Results of a ``saltelli`` design.
        outcome: Name of the outcome.
        year: Calendar year, ``total`` for the sum over years; None takes the last.
        options: Fields of :class:`expansion_sim.experiment.analysis.blocks.IndexOptions`.

    Raises:
        InputError: As :func:`expansion_sim.experiment.analysis.blocks.read_blocks`, or blocks that are not Saltelli's.
    """
    need_salib()
    chosen, factors = IndexOptions(**options), len(factor_names(results.design))
    second = _has_second_order(results, factors)
    blocks = read_blocks(results, outcome, year, (2 if second else 1) * factors + 2, chosen)
    check_saltelli(blocks, second, str(results.path))
    return indices_of(blocks, outcome, second, chosen)


def indices_of(blocks: Blocks, outcome: str = "", second: bool = False, options: IndexOptions = USUAL) -> SobolIndices:
    """As :func:`sobol_indices`, from blocks in SALib's order: A, AB of each factor, BA of each factor if ``second``, B."""
    if not np.isfinite(blocks.outputs).all():
        raise InputError(f"{outcome!r} has values that are missing or not finite: indices would all be wrong")
    parts = _split(blocks.outputs, len(blocks.factors), second)
    drawn = parts.drawn(resampled_rows(len(blocks.outputs), options.resamples, options.seed))
    table = _single(parts, drawn, blocks.factors, options.level)
    floor = float(table.loc[table["factor"] == DUMMY, "total_high"].max()) if DUMMY in blocks.factors else float("nan")
    table["above_floor"] = (table["total_low"] > floor) if np.isfinite(floor) else True
    pairs = _pairs(parts, drawn, blocks.factors, options.level) if second else _NO_PAIRS.copy()
    return SobolIndices(outcome, table, pairs, floor, blocks.seed_share, len(blocks.outputs), blocks.dropped)


_NO_PAIRS = pd.DataFrame({"factor": pd.Series(dtype=str), "other": pd.Series(dtype=str)} | {
    name: pd.Series(dtype=float) for name in ("second", "low", "high")
})


def check_saltelli(blocks: Blocks, second: bool, place: str | None = None) -> None:
    """Row 1 + i of each block must be row A with factor i of row B: then the blocks are those the estimators assume.

    Raises:
        InputError: Some row is not.
    """
    a, b = blocks.inputs[:, 0], blocks.inputs[:, -1]
    for position, name in enumerate(blocks.factors):
        crossed = [(1 + position, a, b)] + ([(1 + len(blocks.factors) + position, b, a)] if second else [])
        for row, start, other in crossed:
            expected = start.copy()
            expected[:, position] = other[:, position]
            if not np.allclose(blocks.inputs[:, row], expected):
                raise InputError(f"row {row} of a block does not change {name!r} alone: this is no Saltelli design", file=place)


def _has_second_order(results: Results, factors: int) -> bool:
    """Whether blocks have the 2D + 2 rows of second-order indices; any other size is judged when the blocks are read."""
    firsts = results.design.drop_duplicates("point").set_index("point").loc[main_points(results.design)]
    sizes = firsts.loc[firsts["block"] >= 0, "block"].value_counts()
    return bool(len(sizes)) and int(sizes.iloc[0]) == 2 * factors + 2


def _split(outputs: np.ndarray, factors: int, second: bool) -> _Parts:
    """Outputs by matrix, centred and scaled: the estimators are biased for outputs far from zero."""
    scaled = ((outputs - outputs.mean()) / outputs.std()).T
    ba = scaled[1 + factors : 1 + 2 * factors] if second else scaled[:0]
    return _Parts(scaled[0], scaled[-1], scaled[1 : 1 + factors], ba)


def _single(parts: _Parts, drawn: _Parts, names: list[str], level: float) -> pd.DataFrame:
    from SALib.analyze.sobol import first_order, total_order

    columns: dict[str, list[float] | list[str]] = {"factor": names}
    for label, estimate in (("first", first_order), ("total", total_order)):
        centre = [float(estimate(parts.a, ab, parts.b)) for ab in parts.ab]
        bounds = [percentile_interval(estimate(drawn.a, ab, drawn.b), level) for ab in drawn.ab]
        columns |= {label: centre, f"{label}_low": [float(low) for low, _ in bounds]}
        columns |= {f"{label}_high": [float(high) for _, high in bounds]}
    return pd.DataFrame(columns)


def _pairs(parts: _Parts, drawn: _Parts, names: list[str], level: float) -> pd.DataFrame:
    from SALib.analyze.sobol import second_order

    rows = []
    for i, j in zip(*np.triu_indices(len(names), 1), strict=True):
        centre, spread = (second_order(p.a, p.ab[i], p.ab[j], p.ba[i], p.b) for p in (parts, drawn))
        low, high = percentile_interval(spread, level)
        rows.append((names[i], names[j], float(centre), float(low), float(high)))
    return pd.DataFrame(rows, columns=list(_NO_PAIRS.columns))
