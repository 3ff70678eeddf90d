"""The firms by name: who was ever abroad in which world, and who was abroad in one world only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.codes import DISTRICTS, HOSTS, INDUSTRIES, MODES, SIZE_CLASSES
from expansion_sim.comparison.abroad import Abroad
from expansion_sim.comparison.counts import Counts

#: Columns of the table of firms; ``world`` is 'other' for additional and 'base' for displaced firms.
FIRM_COLUMNS = (
    "firm",
    "world",
    "weight",
    "first_year",
    "last_year",
    "years",
    "mode",
    "host",
    "industry",
    "district",
    "size_class",
    "supported",
    "entitled",
    "never_in_counterpart",
)
_WORLDS = ("base", "other")
_LABELS = {
    "world": _WORLDS,
    "mode": MODES,
    "host": (*HOSTS, ""),
    "industry": INDUSTRIES,
    "district": DISTRICTS,
    "size_class": (*SIZE_CLASSES, ""),
}


class Ever(NamedTuple):
    """Firms abroad in some year so far.

    Attributes:
        firm: Ids, shape (n,), ascending.
        weight: Weight of each, shape (n,).
    """

    firm: np.ndarray
    weight: np.ndarray

    def with_year(self, abroad: Abroad) -> Ever:
        """The same with the firms abroad in one more year."""
        new = ~np.isin(abroad.firm, self.firm)
        firm = np.concatenate([self.firm, abroad.firm[new]])
        order = np.argsort(firm, kind="stable")
        return Ever(firm[order], np.concatenate([self.weight, abroad.weight[new]])[order])

    def not_in(self, counterpart: Ever) -> float:
        """Weighted firms that are not among those of the counterpart."""
        return float(self.weight[~np.isin(self.firm, counterpart.firm)].sum())


class Ledger:
    """Keeps who was ever abroad, and the years in which a firm was abroad in one world only."""

    def __init__(self) -> None:
        self.ever = {"base": nobody(), "other": nobody()}
        self._only: list[pd.DataFrame] = []

    def add(self, year: int, base: Abroad, other: Abroad) -> Counts:
        """Take in one year.

        Returns:
            (measure, ()) -> values in BASE and OTHER, shape (2, 1): firms ever abroad so far, and those of them never
            abroad so far in the counterpart.
        """
        for name, here, there in (("base", base, other), ("other", other, base)):
            self.ever[name] = self.ever[name].with_year(here)
            self._only.append(_only_here(year, name, here, there))
        before, after = self.ever["base"], self.ever["other"]
        return {
            ("ever_abroad", ()): np.array([[before.weight.sum()], [after.weight.sum()]]),
            ("ever_displaced", ()): np.array([[before.not_in(after)], [0.0]]),
            ("ever_additional", ()): np.array([[0.0], [after.not_in(before)]]),
        }

    def frame(self) -> pd.DataFrame:
        """Additional and displaced firms, one row per firm and world, columns FIRM_COLUMNS.

        Mode (that of the fewest firms among those used: the last of codes.MODES), host, size class and support are those of the
        first year in which the firm was abroad in that world only.
        """
        rows = pd.concat(self._only, ignore_index=True) if self._only else _only_here(0, "other", empty(), empty())
        grouped = rows.groupby(["world", "firm"], sort=True)
        first = grouped.first()
        first["first_year"], first["last_year"], first["years"] = (
            grouped["year"].min(),
            grouped["year"].max(),
            grouped["year"].size(),
        )
        first = first.reset_index()
        in_counterpart = [np.isin(first["firm"], self.ever[name].firm) for name in reversed(_WORLDS)]
        first["never_in_counterpart"] = ~np.where(first["world"] == 0, *in_counterpart)
        for name, labels in _LABELS.items():
            first[name] = np.array(labels)[first[name].to_numpy()]
        return first[list(FIRM_COLUMNS)]


def nobody() -> Ever:
    """No firm yet."""
    return Ever(np.empty(0, np.int64), np.empty(0))


def empty() -> Abroad:
    """A world with nobody abroad."""
    none, modes = np.empty(0, np.int64), np.empty((0, len(MODES)), bool)
    return Abroad(none, np.empty(0), none, none, none, modes, np.empty((0, len(MODES)), np.uint16), modes, modes)


def _only_here(year: int, world: str, here: Abroad, there: Abroad) -> pd.DataFrame:
    """Firms abroad in one world and not in the other, with what they do, as codes."""
    rows = np.flatnonzero(~np.isin(here.firm, there.firm))
    uses = here.uses[rows]
    mode = (uses.shape[1] - 1 - np.argmax(uses[:, ::-1], axis=1)).astype(np.int8)
    bits = here.hosts[rows, mode].astype(np.int64)
    lowest = np.log2(np.maximum(bits & -bits, 1)).astype(np.int8)
    return pd.DataFrame(
        {
            "year": np.full(rows.size, year, np.int16),
            "world": np.full(rows.size, _WORLDS.index(world), np.int8),
            "firm": here.firm[rows],
            "weight": here.weight[rows],
            "mode": mode,
            "host": np.where(bits > 0, lowest, -1).astype(np.int8),
            "industry": here.industry[rows].astype(np.int8),
            "district": here.district[rows].astype(np.int8),
            "size_class": here.size[rows].astype(np.int8),
            "supported": here.awarded[rows].any(axis=1),
            "entitled": here.entitled[rows].any(axis=1),
        }
    )
