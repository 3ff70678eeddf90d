"""Large firms that are main customers of SMEs: the table of their state, and who buys from whom."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from expansion_sim.codes import (
    CONSTRUCTION,
    HOSTS,
    INDUSTRIES,
    LIGHT,
    MACHINERY,
    PROCESS,
    RETAIL,
    SERVICES,
    TRANSPORT,
    WHOLESALE,
)
from expansion_sim.errors import InputError
from expansion_sim.randomness import Stream, normal, uniform4

#: State of a large customer. sales is relative to the mean; sensitivity says how strongly it answers to cost (mean 1);
#: offshore is its share of production in each host; order_factor multiplies its orders at home; started is the year of its first
#: production abroad (0: none yet); projects the plants it and the large firms it stands for open this year; failed the last year in
#: which it failed (0: never; a new firm takes its place); invite_host the host it invites suppliers to this year (-1: none).
PARENT_DTYPE = np.dtype(
    [("industry", "u1"), ("sales", "f8"), ("sensitivity", "f8"), ("export_orientation", "f8"), ("offshore", "f8", (len(HOSTS),)),
     ("offshore_total", "f8"), ("offshore_change", "f8"), ("order_factor", "f8"), ("growth", "f8"), ("projects", "f8"), ("invite_host", "i1"),
     ("started", "i2"), ("failed", "i2")],
    align=True,
)

#: Industries of large customers and their shares, and the mean share of sales they export. Assumption.
INDUSTRY_SHARE = {LIGHT: 0.14, MACHINERY: 0.45, PROCESS: 0.20, WHOLESALE: 0.07, RETAIL: 0.05, SERVICES: 0.03, CONSTRUCTION: 0.03,
                  TRANSPORT: 0.03}
EXPORT_MEAN = {LIGHT: 0.2, MACHINERY: 0.4, PROCESS: 0.2, WHOLESALE: 0.15, RETAIL: 0.02, SERVICES: 0.03, CONSTRUCTION: 0.05,
               TRANSPORT: 0.2}
SENSITIVITY_SD = 0.5
#: Sales fall with rank as 1 / (rank + shift): Zipf's law, flattened at the top, because the largest customers buy through several
#: plants and first-tier firms that decide for themselves; with shift 0 one firm would be customer of a third of all suppliers of
#: machinery. Assumption.
RANK_SHIFT = 10.0
#: Share of SMEs with a main customer that is a large firm, order of codes.INDUSTRIES. Assumption.
CUSTOMER_SHARE = (0.30, 0.55, 0.35, 0.12, 0.03, 0.03, 0.10, 0.10, 0.15, 0.15, 0.03)
#: Which industries' large firms an SME sells to, order of codes.INDUSTRIES. Assumption.
BUYERS = (
    (LIGHT,), (MACHINERY,), (PROCESS,), (WHOLESALE,), (RETAIL,), (RETAIL, SERVICES), (SERVICES, MACHINERY), (SERVICES, MACHINERY),
    (CONSTRUCTION,), (TRANSPORT, MACHINERY), (MACHINERY, PROCESS),
)
MOST_PARENTS = 30_000


class Buyers(NamedTuple):
    """Large customers as a seller of each industry finds them, ready for draws in proportion to sales.

    Attributes:
        start: First entry of each industry in the other two, shape (12,).
        parent: Rows of the parents table, shape (entries,).
        cumulative: Cumulative share of sales within the industry's buyers, shape (entries,), the last of each is 1.
    """

    start: np.ndarray
    parent: np.ndarray
    cumulative: np.ndarray


def make_parents(n: int = 300, seed: int = 0) -> np.ndarray:
    """The large customers at the start, all production at home, shape (n,), dtype :data:`PARENT_DTYPE`, largest first.

    Sales follow Zipf's law with a flattened top; industries are dealt by size so that each has its share among the
    largest as well.

    Args:
        n: Number of large customers, 1 to 30,000.
        seed: Key of the draws; parent i's character depends on (seed, i) alone.

    Raises:
        InputError: If the number is out of range.
    """
    if not 1 <= n <= MOST_PARENTS:
        raise InputError(f"{n} parents; allowed are 1 to {MOST_PARENTS}", key="parents")
    parents = np.zeros(n, PARENT_DTYPE)
    parents["industry"] = _dealt_industries(n)
    zipf = 1.0 / (np.arange(1, n + 1) + RANK_SHIFT)
    parents["sales"] = zipf / zipf.mean()
    parents["order_factor"] = 1.0
    parents["invite_host"] = -1
    stream = int(Stream.PARENT)  # compiled code takes long to look at a member of an enumeration
    for row, parent in enumerate(parents):
        u = uniform4(seed, stream, 0, row)
        parent["sensitivity"] = np.exp(SENSITIVITY_SD * normal(u[0]) - 0.5 * SENSITIVITY_SD**2)
        parent["export_orientation"] = min(1.0, 2.0 * EXPORT_MEAN[int(parent["industry"])] * u[1])
    return parents


def _dealt_industries(n: int) -> np.ndarray:
    """Industry of each rank: always the one furthest behind its share, shape (n,)."""
    codes, shares = np.array(list(INDUSTRY_SHARE)), np.array(list(INDUSTRY_SHARE.values()))
    dealt, order = np.zeros(len(codes)), np.zeros(n, np.uint8)
    for rank in range(n):
        chosen = int(np.argmax(shares * (rank + 1) - dealt))
        dealt[chosen] += 1.0
        order[rank] = codes[chosen]
    return order


def find_buyers(parents: np.ndarray | None) -> Buyers:
    """Large customers of each industry of sellers.

    Args:
        parents: The parents table, shape (n,), or None for a world without large customers.
    """
    table = parents if parents is not None else np.zeros(0, PARENT_DTYPE)
    start, rows, cumulative = np.zeros(len(INDUSTRIES) + 1, np.int64), [np.zeros(0, np.int64)], [np.zeros(0)]
    for industry, buyers in enumerate(BUYERS):
        chosen = np.flatnonzero(np.isin(table["industry"], buyers))
        start[industry + 1] = start[industry] + len(chosen)
        if len(chosen):
            shares = np.cumsum(table["sales"][chosen])
            rows.append(chosen)
            cumulative.append(shares / shares[-1])
    return Buyers(start, np.concatenate(rows), np.concatenate(cumulative))
