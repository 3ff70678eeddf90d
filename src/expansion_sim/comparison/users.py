"""Who used which programme: awards that were used, and entries under entitlements.

An award is applied for with a plan and used when the plan is carried out; advice with places is used by the firms that register.
An entitlement (a guarantee, a tax rule) is open to every firm that fits, so its users are the firms that entered a mode and host
it serves while it was open. Other advice and matching reach firms at large: their users are counted (``served`` of the model), not named.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from expansion_sim.codes import DIRECT, EVENTS, HOME, INDUSTRIES, PLANT_MODES
from expansion_sim.comparison.abroad import Abroad
from expansion_sim.policy.instruments import INSTRUMENTS

#: Levers of entitlements whose users are the firms that enter; the others act on everybody or on running business.
ENTRY_LEVERS = ("cover", "reserve")
AWARD, ENTERED = (
    1 << EVENTS.index("award"),
    (1 << EVENTS.index("enter")) | (1 << EVENTS.index("add_host")) | (1 << EVENTS.index("switch")),
)
#: One use of one programme by one firm.
USE_DTYPE = np.dtype(
    [
        ("year", "i2"),
        ("programme", "i2"),
        ("award", "?"),
        ("firm", "i8"),
        ("mode", "i1"),
        ("host", "i1"),
        ("weight", "f8"),
        ("additional", "?"),
    ]
)


class EntryWatch:
    """Follows one world year by year: which entries fell under an entitlement, and who used which programme.

    Call :meth:`before` ahead of a step and :meth:`after` behind it. Rows of firms are used again, so what is kept per row is
    forgotten when another firm moves in.
    """

    def __init__(self) -> None:
        self._firm = np.empty(0, np.int64)
        self._bits = np.empty(0, np.uint8)
        self._planners = np.empty(0, np.int64)
        self._ids = np.empty(0, np.int64)
        self._small = np.empty(0, bool)

    def before(self, model: Any) -> None:
        """Note the firms with a plan and whether each is small, as the year's entry will see them."""
        firms = model.population.firms
        rows = np.flatnonzero((firms["wish_mode"] != 0) & (firms["alive"] == 1))
        self._planners = rows = rows[np.argsort(firms["firm"][rows], kind="stable")]
        self._ids = firms["firm"][rows]
        self._small = firms["employees"][rows] <= model.industries["small_limit"][firms["industry"][rows]]

    def after(self, model: Any) -> tuple[np.ndarray, np.ndarray]:
        """Read the entries of the year, those of firms that have closed since included.

        Returns:
            Modes that each row entered under an entitlement, as bits of MODES, shape (rows,), and the uses of programmes of
            this year, USE_DTYPE, ``additional`` not yet known.
        """
        entrants = model.told[(model.told["events"] & ENTERED) != 0]
        entrants = entrants[np.isin(entrants["firm"], self._ids)]  # whoever enters had a plan
        entrants = entrants[np.argsort(entrants["firm"], kind="stable")]
        place = np.searchsorted(self._ids, entrants["firm"])
        granted = np.zeros(entrants.size, np.uint8)
        uses = [awards_used(model, entrants), registrations(model)]
        for number, programme in enumerate(model.programmes):
            if programme.open_in(model.year) and INSTRUMENTS[programme.instrument].lever in ENTRY_LEVERS:
                served = serves(programme, entrants, self._small[place])
                granted[served] |= (1 << entrants["event_mode"][served]).astype(np.uint8)
                uses.append(_uses(entrants[served], model.year, number, False))
        return self._remember(model.population.firms["firm"], self._planners[place], entrants["firm"], granted), np.concatenate(
            uses
        )

    def _remember(self, firm: np.ndarray, rows: np.ndarray, ids: np.ndarray, granted: np.ndarray) -> np.ndarray:
        """Add this year's bits to those of the rows that still hold the same firm."""
        bits, known = np.zeros(firm.size, np.uint8), self._firm.size
        bits[:known] = np.where(self._firm == firm[:known], self._bits, 0)
        still = firm[rows] == ids
        bits[rows[still]] |= granted[still]
        self._firm, self._bits = firm.copy(), bits
        return bits


def awards_used(model: Any, entrants: np.ndarray) -> np.ndarray:
    """Uses of awards and loans among the firms that entered, USE_DTYPE; one firm may use several programmes for one plan.

    Args:
        model: The model; one that keeps no promises names the programme in the firm's record.
        entrants: Firms that entered this year, in order of their ids.
    """
    paid = entrants[(entrants["events"] & AWARD) != 0]
    promises = getattr(model, "promises", None)
    if promises is None:
        paid = paid[paid["programme"] >= 0]
        return _uses(paid, model.year, paid["programme"], True)
    if not promises or not paid.size:
        return np.empty(0, USE_DTYPE)
    made = np.concatenate(promises)
    made = made[np.isin(made["firm"], paid["firm"])]
    holder = paid[np.searchsorted(paid["firm"], made["firm"])]
    taken = np.where(made["loan"], holder["lent"], holder["granted"]) > 0.0
    return _uses(holder[taken], model.year, made["programme"][taken], True)


def registrations(model: Any) -> np.ndarray:
    """Firms that registered with a programme this year, USE_DTYPE with no mode: what they do comes later."""
    found = [np.empty(0, USE_DTYPE)]
    for number, _, ids in getattr(model, "registered", ()):
        firms = model.told[np.isin(model.told["firm"], ids)]
        uses = _uses(firms, model.year, number, True)
        uses["mode"], uses["host"] = HOME, -1
        found.append(uses)
    return np.concatenate(found)


def serves(programme: Any, firms: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Which of the firms that entered this year did so under an entitlement, shape (n,), bool.

    Args:
        programme: A :class:`expansion_sim.policy.programmes.Programme` that is open.
        firms: Rows of firms that entered, shape (n,), FIRM_DTYPE.
        small: Whether each is a small firm, shape (n,).
    """
    ok = np.isin(firms["event_mode"], programme.modes) & (small | (not programme.small_only))
    ok &= np.isin(firms["event_host"], programme.hosts) | (firms["event_host"] < 0)
    return ok & np.isin(firms["industry"], programme.industries or range(len(INDUSTRIES)))


def _uses(firms: np.ndarray, year: int, programme: np.ndarray | int, award: bool) -> np.ndarray:
    found = np.zeros(firms.size, USE_DTYPE)
    found["year"], found["programme"], found["award"] = year, programme, award
    for name, column in {"firm": "firm", "weight": "weight", "mode": "event_mode", "host": "event_host"}.items():
        found[name] = firms[column]
    return found


def judge(uses: np.ndarray, counterpart: Abroad, by_host: bool = True) -> None:
    """Mark the uses as additional whose step has not been taken in the counterpart by the end of the year.

    The step is the mode, and for modes with a host or market the mode in that host: a firm that exports in both worlds and builds
    a supported plant in one has taken an additional step. Registrations are judged at the end, by what the firm did.

    Args:
        uses: USE_DTYPE of one world; ``additional`` is written.
        counterpart: Firms abroad in the other world at the end of the same year.
        by_host: Whether the hosts of the counterpart are known; otherwise the mode alone is compared.
    """
    if not counterpart.firm.size:
        uses["additional"] = True
        return
    place = np.minimum(np.searchsorted(counterpart.firm, uses["firm"]), counterpart.firm.size - 1)
    same = counterpart.firm[place] == uses["firm"]
    hosted = by_host & np.isin(uses["mode"], (DIRECT, *PLANT_MODES)) & (uses["host"] >= 0)
    bits = counterpart.hosts[place, uses["mode"]] >> np.maximum(uses["host"], 0)
    there = np.where(hosted, bits & 1 == 1, counterpart.uses[place, uses["mode"]])
    uses["additional"] = ~(same & there)
