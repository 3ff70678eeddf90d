"""Programmes as data: the list of history, what a scenario adds or disables, and whom a programme serves."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, ECOMMERCE, FDI, HOME, HOSTS, INDIRECT, INDUSTRIES, MODES
from expansion_sim.history import load_history

MODE_WORDS = {
    "domestic": HOME, "home": HOME, "indirect_export": INDIRECT, "indirect": INDIRECT, "direct_export": DIRECT, "direct": DIRECT,
    "ecommerce": ECOMMERCE, "contract_production": CONTRACT, "contract": CONTRACT, "fdi": FDI, "cluster": CLUSTER,
}
#: Hosts that are developing countries for official development assistance in the years of those programmes.
DEVELOPING = ("CHN", "THA", "IDN", "MYS", "VNM", "PHL", "IND", "MEX")

#: Places a year of programmes that select (projects, grants). JICA: 1,516 projects in fiscal years 2010-23 (Liu and Zhou 2024), about 110 a year
#: over its three lines. The others are assumptions of ours, to be varied.
PLACES = {"P15": 120, "P16": 20, "P17": 400, "P18": 150, "P19": 0, "P20": 600, "P21": 500, "P22": 50, "P23": 60, "P24": 60, "P25": 45, "P26": 60}
LOCAL_REACH = 0.1  # share of the national effect that one prefecture's or city's programme has


@dataclass(frozen=True)
class Programme:
    """One support programme.

    Attributes:
        id: Short identity, unique in a scenario.
        name: Full name.
        agency: Body that runs it.
        instrument: One of policy.instruments.INSTRUMENTS.
        start, end: First and last year; ``end`` None while it runs.
        rate: Share of cost, of cover or of relief, None when not stated.
        cap: Million yen a firm, None without.
        discount: Interest discount, fraction.
        modes: Modes served, codes.
        hosts: Hosts served, rows of codes.HOSTS.
        small_only: Only small firms by the Basic Act.
        local: Run by a prefecture or city.
        places: Firms a year for programmes that select; None unlimited.
        selection: first_come, score or lottery.
        keep_home_plant: Whether the home plant must stay.
        industries: Industries served, codes; all when empty.
        budget: Million yen of awards a year; None unlimited.
        groups_only: Only plans for a collective plant.
    """

    id: str
    name: str
    agency: str
    instrument: str
    start: int
    end: int | None
    rate: float | None
    cap: float | None
    discount: float | None
    modes: tuple[int, ...]
    hosts: tuple[int, ...] = tuple(range(len(HOSTS)))
    small_only: bool = False
    local: bool = False
    places: float | None = None
    selection: str = "score"
    keep_home_plant: bool = False
    industries: tuple[int, ...] = field(default=())
    budget: float | None = None
    groups_only: bool = False

    def open_in(self, year: int) -> bool:
        """Whether the programme runs in a year."""
        return self.start <= year and (self.end is None or year <= self.end)

    @property
    def host_rows(self) -> np.ndarray:
        """Hosts served as an index array."""
        return np.array(self.hosts, dtype=np.int64)

    def strength(self, default: float) -> float:
        """Effect at full reach: a stated discount of loans or cover of guarantees, else the default; a local programme reaches a tenth."""
        stated = default
        if self.instrument == "loan" and self.discount is not None:
            stated = self.discount
        elif self.instrument == "loan_guarantee" and self.rate is not None:
            stated = self.rate
        return stated * (LOCAL_REACH if self.local else 1.0)

    def levers_in(self, lever: str) -> tuple[int, ...]:
        """Rows of the support table it moves: staying at home for advice, knowledge and cover at large, its modes otherwise."""
        if lever in ("advice", "knowledge"):
            return (HOME,)
        return (CLUSTER,) if lever == "joint" else self.modes

    def award_for(self, sunk: float, instrument_rate: float) -> float:
        """Award for a plan: min(rate S, cap), million yen."""
        rate = (self.rate if self.rate is not None else instrument_rate)
        return min(rate * sunk, self.cap if self.cap is not None else np.inf)


def modes_of(text: str) -> tuple[int, ...]:
    """Mode codes from a list like ``direct_export; fdi``."""
    return tuple(sorted({MODE_WORDS[word.strip()] for word in re.split("[;,]", text) if word.strip()}))


def hosts_of(text: Any) -> tuple[int, ...]:
    """Host rows from a list of codes, ``developing countries``, or nothing for all."""
    if not isinstance(text, str) or not text.strip():
        return tuple(range(len(HOSTS)))
    if "developing" in text:
        return tuple(HOSTS.index(code) for code in DEVELOPING)
    return tuple(HOSTS.index(word.strip()) for word in re.split("[;,]", text) if word.strip() in HOSTS)


def number(value: Any) -> float | None:
    """A float, or None for an empty cell."""
    return None if value is None or pd.isna(value) else float(value)


def historical_programmes() -> list[Programme]:
    """All programmes of the history data, in file order."""
    found = []
    for row in load_history().programmes.to_dict("records"):
        rate, discount, end = number(row["rate_percent"]), number(row["rate_discount_pp"]), number(row["end_year"])
        found.append(Programme(
            id=row["id"], name=row["name"], agency=row["body"], instrument=row["instrument"], start=int(row["start_year"]),
            end=None if end is None else int(end), rate=None if rate is None else rate / 100.0, cap=number(row["cap_jpy_million"]),
            discount=None if discount is None else discount / 100.0, modes=modes_of(row["modes"]), hosts=hosts_of(row["hosts"]),
            small_only="20 or fewer" in str(row["eligible"]) or "up to 20" in str(row["eligible"]),
            local=row["level"] == "local", places=PLACES.get(row["id"]),
            keep_home_plant=row["id"] == "P52",
        ))
    return found


def scenario_programmes(support: Any) -> list[Programme]:
    """Programmes of a scenario: history without the disabled ones, plus the scenario's own.

    Args:
        support: ``Scenario.support``.
    """
    if not support.enabled:
        return []
    found = [p for p in historical_programmes() if p.id not in support.disable and p.name not in support.disable]
    first = getattr(support, "from_year", None)
    if first is not None:
        found = [replace(p, start=max(p.start, first)) for p in found]
    own = {entry.name: own_programme(entry, index) for index, entry in enumerate(support.programme)}
    return [p for p in found if p.name not in own] + list(own.values())


def own_programme(entry: Any, index: int) -> Programme:
    """A programme written in a scenario file (scenario.spec)."""
    hosts = tuple(HOSTS.index(h) for h in entry.hosts) if entry.hosts else tuple(range(len(HOSTS)))
    rate = entry.rate_percent if entry.rate_percent is not None else getattr(entry, "cover_percent", None)
    discount = entry.rate_discount_points
    return Programme(
        id=getattr(entry, "id", None) or f"U{index + 1:02d}", name=entry.name, agency=entry.agency, instrument=entry.instrument,
        start=entry.start_year, end=entry.end_year, rate=None if rate is None else rate / 100.0, cap=entry.cap_million_yen,
        discount=None if discount is None else discount / 100.0, modes=tuple(MODES.index(m) for m in entry.modes), hosts=hosts,
        small_only=entry.small_only, local=entry.local, places=entry.places_per_year, selection=entry.selection,
        keep_home_plant=entry.condition_keep_home_plant, industries=tuple(INDUSTRIES.index(name) for name in entry.industries),
        budget=entry.budget_million_yen, groups_only=entry.groups_only,
    )
