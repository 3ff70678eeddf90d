"""Firm by firm: who is abroad in both worlds, only in one, with and without support.

For each group of firms and each world the weighted firms abroad are told apart:

- ``abroad`` = ``abroad_in_both`` + ``additional`` (in the column of OTHER) or ``displaced`` (in the column of BASE);
- ``supported`` = ``supported_additional`` + ``deadweight``: entered with an award, and not abroad or abroad all the same in the
  counterpart; the same for ``entitled`` firms, which entered under a programme open to all.

A firm belongs to a group in one world by what it does in that world, so in every group the difference of the stocks is
additional minus displaced, exactly. The counterpart of OTHER is BASE and the other way round: swapping the two swaps the columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from expansion_sim.comparison.abroad import GROUPINGS, LABELS, Abroad, aligned, group_mask

DIMENSIONS = tuple(LABELS)
#: Kinds of help: measure -> field of Abroad; and the name of those of them that would have gone anyway.
HELPED = {"supported": "awarded", "entitled": "entitled"}
DEADWEIGHT = {"supported": "deadweight", "entitled": "entitled_deadweight"}
Counts = dict[tuple[str, tuple[str, ...]], np.ndarray]


def count_pair(
    base: Abroad,
    other: Abroad,
    groupings: Sequence[tuple[str, ...]] = GROUPINGS,
    helped: Mapping[str, str] = HELPED,
) -> Counts:
    """Count one year of two worlds.

    Args:
        base: Firms abroad in BASE.
        other: Firms abroad in OTHER.
        groupings: Groups to count in.
        helped: Kinds of help told apart: measure -> field of Abroad.

    Returns:
        (measure, grouping) -> weighted firms, shape (2, number of groups): row 0 for BASE, row 1 for OTHER.
    """
    ids = np.union1d(base.firm, other.firm)
    worlds = (aligned(base, ids), aligned(other, ids))
    found = {}
    for grouping in groupings:
        inside = [group_mask(world, grouping, world.uses) for world in worlds]
        for name, column in helped.items():
            masks = [group_mask(world, grouping, getattr(world, column)) for world in worlds]
            found[name, grouping] = _weighted(worlds, masks)
            found[f"{name}_additional", grouping] = _weighted(worlds, [masks[0] & ~inside[1], masks[1] & ~inside[0]])
            found[DEADWEIGHT[name], grouping] = _weighted(worlds, [masks[0] & inside[1], masks[1] & inside[0]])
        found["abroad", grouping] = _weighted(worlds, inside)
        both = inside[0] & inside[1]
        found["abroad_in_both", grouping] = _weighted(worlds, [both, both])
        nobody = np.zeros_like(both)
        found["displaced", grouping] = _weighted(worlds, [inside[0] & ~inside[1], nobody])
        found["additional", grouping] = _weighted(worlds, [nobody, inside[1] & ~inside[0]])
    return found


def _weighted(worlds: tuple[Abroad, Abroad], masks: list[np.ndarray]) -> np.ndarray:
    """Weighted rows of each column, added up in order of the ids, shape (2, groups)."""
    return np.stack([column_sums(mask, world.weight) for world, mask in zip(worlds, masks, strict=True)])


def column_sums(mask: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Sum of the weights of the rows that are set, per column, in a fixed order that does not depend on threads."""
    row, column = np.nonzero(mask)
    return np.bincount(column, weights=weight[row], minlength=mask.shape[1])


def counts_frame(years: Mapping[int, Counts]) -> pd.DataFrame:
    """Counts of several years as a tidy frame: year, measure, the dimensions, base, other.

    Rows that are zero in both worlds are left out, but for the totals.
    """
    cells = dict.fromkeys(cell for counts in years.values() for cell in counts)
    blocks = [empty_effects()]
    for measure, grouping in cells:
        known = {year: counts[measure, grouping] for year, counts in years.items() if (measure, grouping) in counts}
        blocks.append(_block(np.array(list(known), np.int16), measure, grouping, np.stack(list(known.values()))))
    return pd.concat(blocks[1:] or blocks, ignore_index=True)


def empty_effects() -> pd.DataFrame:
    """A frame of effects without rows."""
    return pd.DataFrame({name: [] for name in ("year", "measure", *DIMENSIONS, "base", "other")})


def _block(years: np.ndarray, measure: str, grouping: tuple[str, ...], values: np.ndarray) -> pd.DataFrame:
    """Rows of one measure and grouping; ``values`` has the shape (years, 2, groups)."""
    row, group = np.nonzero(values.any(axis=1)) if grouping else (np.arange(years.size), np.zeros(years.size, int))
    codes = np.unravel_index(group, [len(LABELS[name]) for name in grouping]) if grouping else ()
    labels = {name: np.array(LABELS[name])[code] for name, code in zip(grouping, codes, strict=True)}
    columns = {name: labels.get(name, "") for name in DIMENSIONS}
    columns |= {"base": values[row, 0, group], "other": values[row, 1, group]}
    return pd.DataFrame({"year": years[row], "measure": measure, **columns})
