"""The support table of a year: what is on offer at large, and what planners may hope for from awards, by small firm, mode and host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from expansion_sim.codes import HOME, HOSTS, MODES
from expansion_sim.policy.calendar import Ways, ways_in_year
from expansion_sim.policy.instruments import INSTRUMENTS
from expansion_sim.policy.programmes import Programme
from expansion_sim.population.schema import copied

#: One record per (small firm 0/1, mode); shares are fractions. ``relief`` is the share of sunk cost that a planner may hope that
#: joint programmes pay, per host, ``relief_any`` its largest value and ``relief_cap`` the most money; ``reserve`` what may be put
#: aside free of tax; ``cover`` raises the credit line, ``insured`` lowers risk, ``receivables`` what must be carried; ``mutual_cover``
#: covers bad debts of the share ``members``; ``use_cut`` lowers the cost of using agreements.
SUPPORT_DTYPE = np.dtype(
    [(name, "f8", (len(HOSTS),)) for name in ("relief", "reserve")]
    + [(name, "f8") for name in ("relief_any", "reserve_any", "relief_cap", "advice", "knowledge", "cover", "insured",
                                 "receivables", "mutual_cover", "members", "use_cut")],
)
NO_CAP = 1e9
MOST_RELIEF = 0.8  # of sunk cost, all programmes together
GROUP_MEMBERS = 10.0  # members that a planner expects of a group
COMMON = 0.45  # share of a lone plant's cost that a group shares (gain.cluster_saving)
COMMON_PART = COMMON / GROUP_MEMBERS / (1.0 - COMMON * (1.0 - 1.0 / GROUP_MEMBERS))  # of a member's cost


class Offers(NamedTuple):
    """What is on offer in a year.

    Attributes:
        table: Shape (2, 7), :data:`SUPPORT_DTYPE`.
        tax_credit: Share of foreign tax that is credited at home.
        tax_exempt: Share of dividends from abroad that is exempt at home.
    """

    table: np.ndarray
    tax_credit: float
    tax_exempt: float


def no_support() -> np.ndarray:
    """The table with nothing on offer, shape (2, 7)."""
    table = np.zeros((2, len(MODES)), SUPPORT_DTYPE)
    table["relief_cap"] = NO_CAP
    return table


def support_table(programmes: Sequence[Programme], year: int, chances: Mapping[int, float] | Sequence[float] | None = None) -> Offers:
    """Support open in ``year``.

    Args:
        programmes: All programmes of the scenario.
        year: Calendar year.
        chances: By row of the joint programmes, the chance of a firm of twenty to hear of it and be served; None for certainty.

    Returns:
        The offers. Programmes of one instrument that act at large add up to the instrument's limit.
    """
    return support_on_offer(ways_in_year(tuple(programmes), year), chances)


def support_on_offer(ways: Ways, chances: Mapping[int, float] | Sequence[float] | None = None) -> Offers:
    """:func:`support_table` of the programmes open in a year."""
    at_large = _at_large(ways.at_large)
    table, hoped_for = copied(at_large.table), [(row, programme) for row, programme in ways.joint if programme.lever == "joint_award"]
    if hoped_for:
        caps = np.zeros((2, len(MODES)))
        for row, programme in hoped_for:
            add_hope(table, caps, programme, 1.0 if chances is None else float(chances[row]))
        table["relief_any"] = table["relief"].max(axis=2)
        table["relief_cap"] = np.where(caps > 0.0, caps, NO_CAP)
    return Offers(table, at_large.tax_credit, at_large.tax_exempt)


@lru_cache(maxsize=1024)
def _at_large(programmes: tuple[Programme, ...]) -> Offers:
    """What is on offer without joint awards, whose chances change from run to run; not to be changed. Most worlds of a sweep share it.

    Args:
        programmes: Open programmes that act at large, with the terms of the year.
    """
    table, credit, exempt = no_support(), 0.0, 0.0
    totals: dict[tuple[str, int, int], float] = {}
    for programme in programmes:
        if programme.lever == "tax":
            credit, exempt = add_tax(programme, credit, exempt)
        elif not programme.awards:
            add_offer(table, totals, programme)
        table["use_cut"] = np.minimum(0.8, table["use_cut"] + programme.agreement_help * programme.area)
    table["reserve_any"] = table["reserve"].max(axis=2)
    return Offers(table, credit, exempt)


def add_tax(programme: Programme, credit: float, exempt: float) -> tuple[float, float]:
    """Credit and exempt share with one more programme: what serves exporters too is a credit, what serves plants alone an exemption."""
    if programme.credits:
        return max(credit, programme.share_paid), exempt
    return credit, max(exempt, programme.share_paid)


def sizes_served(programme: Programme) -> tuple[int, ...]:
    """Rows of the table by small firm that a programme serves."""
    return (1,) if programme.small_only else (0, 1)


def add_hope(table: np.ndarray, caps: np.ndarray, programme: Programme, chance: float) -> None:
    """Add what planners of a collective plant may hope for from a joint award: its share of cost times the chance to get it.

    Awards to single firms are hoped for by those who heard of them (policy.offers); a loan is paid back, and what it saves is felt when it
    is granted.
    """
    share = chance * programme.share_paid * COMMON_PART
    cap = NO_CAP if programme.cap is None else chance * programme.cap / GROUP_MEMBERS
    for small in sizes_served(programme):
        for mode in programme.levers_in(programme.lever):
            cell = table[small, mode]
            cell["relief"][programme.host_rows] = np.minimum(MOST_RELIEF, cell["relief"][programme.host_rows] + share)
            caps[small, mode] += cap


def add_offer(table: np.ndarray, totals: dict[tuple[str, int, int], float], programme: Programme) -> None:
    """Add one programme that acts at large, up to the limit of its instrument."""
    instrument = INSTRUMENTS[programme.instrument]
    for small in sizes_served(programme):
        for mode in programme.levers_in(instrument.lever):
            key = (programme.instrument, small, mode)
            added = min(strength_at_large(programme), instrument.limit - totals.get(key, 0.0))
            totals[key] = totals.get(key, 0.0) + added
            add_lever(table[small, mode], mode, instrument.lever, added, programme)


def strength_at_large(programme: Programme) -> float:
    """Effect on the firms that read the table: a stated cover of guarantees or share of a reserve, else the instrument's; local less."""
    stated = programme.unstated.strength
    if programme.lever in ("cover", "reserve") and programme.rate is not None:
        stated = programme.rate
    if programme.registers:
        stated = 0.0  # acts on those who register
    return stated * programme.area


def add_lever(cell: np.void, mode: int, lever: str, strength: float, programme: Programme) -> None:
    """Add one programme's strength to a cell."""
    if lever == "reserve":
        cell["reserve"][programme.host_rows] += strength
    elif lever == "insurance" and mode == HOME:
        add_mutual_aid(cell, programme)
    elif lever == "insurance":
        cell["insured"] += strength
        cell["receivables"] = max(cell["receivables"], programme.receivables_cover)
    else:
        cell[lever] += strength


def add_mutual_aid(cell: np.void, programme: Programme) -> None:
    """Mutual aid: the widest membership; its cover is the mean over members when there are several schemes."""
    members = 1.0 if programme.members is None else programme.members
    together = max(cell["members"], members)
    cell["mutual_cover"] = min(1.0, (cell["mutual_cover"] * cell["members"] + programme.mutual_cover * members) / max(together, 1e-9))
    cell["members"] = together
