"""Two finished runs compared: spells abroad read from their events, hosts and sizes from snapshots that both have.

The events of a run tell for every firm when it took up and gave up each mode, in every replication. What only a snapshot tells
(hosts, markets, size classes) is added for the years in which both runs kept their firms, when they have one replication. Entries
under entitlements are not in the record of a run, and an award is named with one programme; compare scenarios to have all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.codes import DISTRICTS, HOME, INDUSTRIES, MODES
from expansion_sim.comparison.abroad import Abroad, codes_of, firms_abroad
from expansion_sim.comparison.counts import Counts, count_pair, counts_frame
from expansion_sim.comparison.ledger import Ledger
from expansion_sim.comparison.levels import levels_frame
from expansion_sim.comparison.lockstep import Pair
from expansion_sim.comparison.programmes import Used, programme_use
from expansion_sim.comparison.users import USE_DTYPE, judge
from expansion_sim.policy.record import historical_programmes
from expansion_sim.population.schema import COLUMNS, empty_firms
from expansion_sim.results.frames import replication_of
from expansion_sim.results.run import Run

_GROUPINGS: tuple[tuple[str, ...], ...] = ((), ("industry",), ("district",), ("mode",), ("industry", "mode"))
_HELPED = {"supported": "awarded"}
_NEVER = 32767


class Spells(NamedTuple):
    """Spells of firms in modes abroad, one per item.

    Attributes:
        firm: Ids, shape (n,).
        mode: Codes of MODES, shape (n,).
        start: First year, shape (n,).
        end: First year after it, shape (n,).
        awarded: Year of the first award for the mode, shape (n,); a far year for none.
        weight: Weight of the firm, shape (n,).
        industry: Codes of INDUSTRIES, shape (n,).
        district: Codes of DISTRICTS, shape (n,).
    """

    firm: np.ndarray
    mode: np.ndarray
    start: np.ndarray
    end: np.ndarray
    awarded: np.ndarray
    weight: np.ndarray
    industry: np.ndarray
    district: np.ndarray


def pair_runs(base: Run, other: Run, years: range) -> list[Pair]:
    """Compare two runs replication by replication.

    Args:
        base: The reference.
        other: The run compared with it.
        years: Years that both have.
    """
    snapshots = sorted({*base.firms_years} & {*other.firms_years} & {*years}) if base.replications == 1 else []
    return [_pair([_Part(run, number, years) for run in (base, other)], years, snapshots) for number in range(base.replications)]


class _Part:
    """One replication of a run, cut to the years compared."""

    def __init__(self, run: Run, replication: int, years: range) -> None:
        self.run, self.years = run, years
        self.yearly, self.events, self.programmes = (
            self._cut(table, replication) for table in (run.yearly, run.events, run.programmes)
        )
        self.paid = self._paid()
        self.spells = read_spells(self.events[(self.events["event"] != "award") | self.paid])

    def _paid(self) -> np.ndarray:
        """Awards that pay or lend; those of programmes of advice are registrations, which are no support of an entry."""
        own = self.run.record["scenario"].get("support", {}).get("programme", [])
        advising = {programme.name for programme in historical_programmes() if programme.registers}
        advising |= {entry["name"] for entry in own if entry.get("instrument") == "advice"}
        return np.asarray((self.events["event"] == "award") & ~self.events["programme"].astype("str").isin(advising))

    def _cut(self, table: pd.DataFrame, replication: int) -> pd.DataFrame:
        inside = (replication_of(table) == replication) & table["year"].between(self.years[0], self.years[-1]).to_numpy()
        return table[inside]

    def used(self, names: Sequence[str]) -> np.ndarray:
        """Awards that were used, not yet judged."""
        awards = self.events["event"] == "award"
        chosen, paid = self.events[awards], self.paid[awards]
        uses = np.zeros(len(chosen), USE_DTYPE)
        for name in ("year", "firm", "weight"):
            uses[name] = chosen[name]
        uses["award"], uses["programme"], uses["host"] = True, codes_of(chosen["programme"], names), -1
        uses["mode"] = np.where(paid, np.maximum(codes_of(chosen["mode"], MODES), HOME), HOME)
        return uses[uses["programme"] >= 0]


def _pair(parts: Sequence[_Part], years: range, snapshots: Sequence[int]) -> Pair:
    ledger, counts = Ledger(), dict[int, Counts]()
    names = [sorted({str(name) for name in part.events["programme"].unique()} - {""}) for part in parts]
    uses = [part.used(known) for part, known in zip(parts, names, strict=True)]
    for year in years:
        here, there = (abroad_in(part.spells, year) for part in parts)
        for mine, counterpart in zip(uses, (there, here), strict=True):
            now = mine["year"] == year
            judged = mine[now]
            judge(judged, counterpart, by_host=False)
            mine[now] = judged
        counts[year] = count_pair(here, there, _GROUPINGS, _HELPED) | ledger.add(year, here, there)
        if year in snapshots:
            base, other = (firms_abroad(rows_of(part.run.firms(year))) for part in parts)
            counts[year] |= count_pair(base, other, helped=_HELPED)
    levels = levels_frame([part.yearly for part in parts], [part.programmes for part in parts])
    used = [
        Used(mine, [(name, "") for name in known], part.programmes, part.events)
        for mine, known, part in zip(uses, names, parts, strict=True)
    ]
    return Pair(pd.concat([counts_frame(counts), levels], ignore_index=True), ledger.frame(), programme_use(*used))


def read_spells(events: pd.DataFrame) -> Spells:
    """Spells abroad from the events of one replication; the k-th entry of a firm into a mode ends with its k-th loss of it."""
    codes = pd.DataFrame(
        {
            "year": events["year"].to_numpy(int),
            "firm": events["firm"].to_numpy(),
            "event": events["event"].astype(str),
            "mode": codes_of(events["mode"], MODES),
            "weight": events["weight"].to_numpy(float),
            "industry": codes_of(events["industry"], INDUSTRIES),
            "district": codes_of(events["district"], DISTRICTS),
        }
    )
    codes = codes[codes["mode"] > 0].sort_values(["firm", "mode", "year"], kind="stable")
    starts, ends = codes[codes["event"] == "enter"], codes[codes["event"].isin(["leave", "closure", "default"])]
    keys = ["firm", "mode", "nth"]
    starts, ends = (part.assign(nth=part.groupby(["firm", "mode"]).cumcount()) for part in (starts, ends))
    joined = starts.merge(ends[[*keys, "year"]], on=keys, how="left", suffixes=("", "_end"))
    first = codes[codes["event"] == "award"].groupby(["firm", "mode"])["year"].min()
    awarded = first.reindex(pd.MultiIndex.from_frame(joined[["firm", "mode"]])).fillna(_NEVER).to_numpy(int)
    return Spells(
        joined["firm"].to_numpy(),
        joined["mode"].to_numpy(),
        joined["year"].to_numpy(),
        joined["year_end"].fillna(_NEVER).to_numpy(int),
        awarded,
        joined["weight"].to_numpy(),
        joined["industry"].to_numpy(),
        joined["district"].to_numpy(),
    )


def abroad_in(spells: Spells, year: int) -> Abroad:
    """Firms abroad at the end of a year by their spells; hosts and size classes are not known."""
    open_now = np.flatnonzero((spells.start <= year) & (year < spells.end))
    firm, first, row = np.unique(spells.firm[open_now], return_index=True, return_inverse=True)
    uses, awarded = np.zeros((firm.size, len(MODES)), bool), np.zeros((firm.size, len(MODES)), bool)
    uses[row, spells.mode[open_now]] = True
    awarded[row, spells.mode[open_now]] = spells.awarded[open_now] <= year
    one = open_now[first]
    return Abroad(
        firm,
        spells.weight[one],
        spells.industry[one],
        np.full(firm.size, -1, np.int8),
        spells.district[one],
        uses,
        np.zeros((firm.size, len(MODES)), np.uint16),
        awarded,
        np.zeros_like(uses),
    )


def rows_of(frame: pd.DataFrame) -> np.ndarray:
    """Rows of firms from a snapshot, shape (n,), FIRM_DTYPE; the reverse of :func:`expansion_sim.results.store.firms_frame`."""
    firms = empty_firms(len(frame))
    for column in COLUMNS:
        if column.labels:
            firms[column.name] = frame[[f"{column.name}_{label}" for label in column.labels]].to_numpy()
        else:
            firms[column.name] = frame[column.name].to_numpy()
    return firms
