"""Firms abroad in one world at the end of a year, and the groups they count in.

A firm counts in every mode and host that it uses, in one industry, district and size class, and once in the total. Groups are
the columns of a mask, so that every count of a comparison is the same few lines whatever the group.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.codes import (
    CLUSTER,
    CONTRACT,
    DIRECT,
    DISTRICTS,
    ECOMMERCE,
    FDI,
    HOSTS,
    INDIRECT,
    INDUSTRIES,
    MODES,
    SIZE_CLASSES,
    SIZE_EDGES,
)

#: Bit of each export channel in the column ``channels``, and the column of hosts of each mode that has them.
CHANNEL_BITS = {INDIRECT: 1, DIRECT: 2, ECOMMERCE: 4}
HOST_COLUMNS = {DIRECT: "markets", CONTRACT: "contract_hosts", FDI: "plant_hosts", CLUSTER: "cluster_hosts"}

#: Labels of the dimensions by which effects are told; '' stands for all.
LABELS: dict[str, tuple[str, ...]] = {
    "industry": INDUSTRIES,
    "size_class": SIZE_CLASSES,
    "mode": MODES,
    "host": HOSTS,
    "district": DISTRICTS,
}
#: Groups of firms, each with its dimensions; the empty one is the total.
GROUPINGS: tuple[tuple[str, ...], ...] = (
    (),
    ("industry",),
    ("size_class",),
    ("district",),
    ("mode",),
    ("host",),
    ("mode", "host"),
    ("industry", "mode"),
)


class Abroad(NamedTuple):
    """Firms abroad in one world at the end of a year, in order of their ids.

    Attributes:
        firm: Ids, shape (n,), ascending and unique.
        weight: Firms of the country each stands for, shape (n,).
        industry: Codes of INDUSTRIES, shape (n,).
        size: Codes of SIZE_CLASSES, shape (n,).
        district: Codes of DISTRICTS, shape (n,).
        uses: Which modes each firm uses, shape (n, 7), bool.
        hosts: Bits of HOSTS per mode, shape (n, 7); zero for modes without a host.
        awarded: Modes in use that were entered with an award, shape (n, 7), bool.
        entitled: Modes in use that were entered under an entitlement, shape (n, 7), bool.
    """

    firm: np.ndarray
    weight: np.ndarray
    industry: np.ndarray
    size: np.ndarray
    district: np.ndarray
    uses: np.ndarray
    hosts: np.ndarray
    awarded: np.ndarray
    entitled: np.ndarray


def firms_abroad(firms: np.ndarray, entitled: np.ndarray | None = None) -> Abroad:
    """Read the firms abroad from the rows of a world.

    Args:
        firms: Rows, shape (n,), FIRM_DTYPE; free rows are left out.
        entitled: Bits of MODES entered under an entitlement, shape (n,); None where that is not known.
    """
    out = (firms["channels"] != 0) | (firms["contract_hosts"] != 0) | (firms["plant_hosts"] != 0) | (firms["cluster_hosts"] != 0)
    rows = np.flatnonzero(out & (firms["alive"] == 1))
    rows = rows[np.argsort(firms["firm"][rows], kind="stable")]
    firms, bits = firms[rows], np.zeros(rows.size, np.uint8) if entitled is None else entitled[rows]
    uses = modes_in_use(firms)
    return Abroad(
        firms["firm"],
        firms["weight"].astype(np.float64),
        firms["industry"],
        size_codes(firms["employees"]),
        firms["district"],
        uses,
        hosts_in_use(firms),
        uses & from_bits(firms["supported"]),
        uses & from_bits(bits),
    )


def modes_in_use(firms: np.ndarray) -> np.ndarray:
    """Whether each firm uses each mode, by its channels and hosts, shape (n, 7); home is never set."""
    uses = np.zeros((firms.size, len(MODES)), bool)
    for mode, bit in CHANNEL_BITS.items():
        uses[:, mode] = (firms["channels"] & bit) != 0
    for mode, column in HOST_COLUMNS.items():
        if mode not in CHANNEL_BITS:
            uses[:, mode] = firms[column] != 0
    return uses


def hosts_in_use(firms: np.ndarray) -> np.ndarray:
    """Hosts or markets of each mode as bits of HOSTS, shape (n, 7)."""
    hosts = np.zeros((firms.size, len(MODES)), np.uint16)
    for mode, column in HOST_COLUMNS.items():
        hosts[:, mode] = firms[column]
    return hosts


def size_codes(employees: np.ndarray) -> np.ndarray:
    """Codes of SIZE_CLASSES, shape (n,)."""
    return np.searchsorted(SIZE_EDGES, employees, side="right").astype(np.int8)


def codes_of(labels: pd.Series, known: Sequence[str]) -> np.ndarray:
    """Positions of labels in a vocabulary, shape (n,); -1 for none of it."""
    return pd.Index(list(known), dtype="str").get_indexer(pd.Index(labels.astype("str")))


def from_bits(bits: np.ndarray, width: int = len(MODES)) -> np.ndarray:
    """Bits as columns, shape (..., width), bool."""
    return np.asarray((bits[..., None].astype(np.int64) >> np.arange(width)) & 1 == 1)


def aligned(world: Abroad, ids: np.ndarray) -> Abroad:
    """The same world on a longer list of ids; a firm that is not abroad in it uses no mode.

    Args:
        world: Firms abroad.
        ids: Ascending ids that contain all of ``world.firm``, shape (m,).
    """
    place = np.searchsorted(ids, world.firm)
    parts = []
    for values in world[1:]:
        wide = np.zeros((ids.size, *values.shape[1:]), values.dtype)
        wide[place] = values
        parts.append(wide)
    return Abroad(ids, *parts)


def group_mask(world: Abroad, grouping: tuple[str, ...], uses: np.ndarray) -> np.ndarray:
    """Which groups each firm counts in.

    Args:
        world: Firms.
        grouping: One of GROUPINGS.
        uses: Uses that count, shape (n, 7): all of the world's, or only those that were supported.

    Returns:
        Shape (n, number of groups), bool; groups of two dimensions in row-major order.
    """
    any_use = np.asarray(uses.any(axis=1))
    if grouping == ():
        return any_use[:, None]
    if grouping == ("mode",):
        return uses
    if grouping == ("industry", "mode"):
        one = np.asarray(world.industry[:, None] == np.arange(len(INDUSTRIES)))
        return (one[:, :, None] & uses[:, None, :]).reshape(len(uses), len(INDUSTRIES) * len(MODES))
    if "host" in grouping:
        inside = from_bits(world.hosts, len(HOSTS)) & uses[:, :, None]
        return inside.any(axis=1) if grouping == ("host",) else inside.reshape(len(uses), len(MODES) * len(HOSTS))
    codes = {"industry": world.industry, "size_class": world.size, "district": world.district}[grouping[0]]
    return any_use[:, None] & (np.asarray(codes[:, None] == np.arange(len(LABELS[grouping[0]]))))
