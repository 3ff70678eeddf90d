"""Open programmes that award, as compiled code reads them: terms, reach and whom they serve as bit masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from expansion_sim.codes import DISTRICTS, INDUSTRIES, SIZE_CLASSES, STAGES
from expansion_sim.policy.calendar import Ways, ways_in_year
from expansion_sim.policy.instruments import INSTRUMENTS
from expansion_sim.policy.programmes import Programme
from expansion_sim.population.schema import as_bytes, copied

MOST_OFFERS = 63
NO_CAP = 1e12
AWARD, FAIR, LOAN = range(3)
#: Terms of one programme: shares are fractions, money is million yen 2015; ``success`` is the share of applications served of late,
#: ``draw`` keys its draws, ``open`` 0 ends the list; masks have one bit per code served.
OFFER_DTYPE = np.dtype(
    [(name, "f8") for name in ("rate", "cap", "own_share", "contact", "part", "success", "effort", "discount", "term")]
    + [(name, "i8") for name in ("open", "kind", "draw", "modes", "hosts", "industries", "districts", "size_classes", "stages", "small_only")],
)


def offer_of(programme: Programme, contact: float, success: float) -> np.ndarray:
    """One programme with the terms of the year, shape (1,), :data:`OFFER_DTYPE`.

    Args:
        programme: The programme as :meth:`Programme.at` gives it.
        contact: Rate at which its agency gets in touch with firms, 1 a year.
        success: Share of applications served of late.
    """
    offer = copied(stated_offer(programme))
    offer["contact"], offer["success"] = contact, success
    return offer


@lru_cache(maxsize=4096)
def stated_offer(programme: Programme) -> np.ndarray:
    """What of an offer the programme's terms say, shape (1,), :data:`OFFER_DTYPE`; contact and success are zero. Not to be changed."""
    offer = np.zeros(1, OFFER_DTYPE)
    values: dict[str, float] = {
        "rate": min(programme.share_paid, INSTRUMENTS[programme.instrument].limit),
        "cap": NO_CAP if programme.cap is None else programme.cap, "own_share": programme.share_kept,
        "part": programme.part, "effort": programme.effort_cost, "discount": programme.loan_discount,
        "term": programme.loan_term, "open": 1, "draw": programme.draw_key, "small_only": int(programme.small_only),
        "kind": LOAN if "loan" in programme.lever else FAIR if programme.instrument == "trade_fair" else AWARD,
        "modes": bits(programme.acting_modes), "hosts": bits(programme.hosts),
        "industries": bits(programme.industries or range(len(INDUSTRIES))),
        "districts": bits(programme.districts or range(len(DISTRICTS))),
        "size_classes": bits(programme.size_classes or range(len(SIZE_CLASSES))), "stages": bits(programme.stages or range(len(STAGES))),
    }
    for name, value in values.items():
        offer[name] = value
    return offer


def bits(codes: Sequence[int]) -> int:
    """Bit mask of codes."""
    return sum(1 << code for code in codes)


def open_offers(programmes: Sequence[Programme], year: int, agencies: Mapping[int, Any], success: np.ndarray) -> np.ndarray:
    """Programmes open in a year that award to single firms, shape (63,), :data:`OFFER_DTYPE`; the rest is zero.

    Args:
        programmes: All programmes of the scenario.
        year: Calendar year.
        agencies: Agency by row of the programmes; a row without one reaches nobody.
        success: Per programme, share of applications served of late.
    """
    ways = ways_in_year(tuple(programmes), year)
    offers = np.empty(MOST_OFFERS, OFFER_DTYPE)
    tell_offers(offers, ways, contacts_of(agencies), success)
    return offers


def tell_offers(offers: np.ndarray, ways: Ways, contacts: Mapping[int, float], success: np.ndarray) -> None:
    """Write the offers of a year, see :func:`open_offers`.

    Args:
        offers: Shape (63,), :data:`OFFER_DTYPE`, overwritten.
        ways: Programmes open in the year.
        contacts: See :func:`contacts_of`.
        success: Per programme, share of applications served of late.
    """
    as_bytes(offers)[:] = as_bytes(stated_offers(ways.single))
    number = len(ways.rows)
    offers["contact"][:number] = [contacts.get(row, 0.0) for row in ways.rows]
    offers["success"][:number] = success[list(ways.rows)]


def contacts_of(agencies: Mapping[int, Any]) -> dict[int, float]:
    """Rate at which firms get in touch with the agency of each programme, by row; few bodies run many programmes."""
    contacts = {key: body.contact for key, body in {id(body): body for body in agencies.values()}.items()}
    return {row: contacts[id(body)] for row, body in agencies.items()}


@lru_cache(maxsize=1024)
def stated_offers(programmes: tuple[Programme, ...]) -> np.ndarray:
    """What the terms of some programmes say of their offers, shape (63,), :data:`OFFER_DTYPE`, zero behind them; not to be changed."""
    stated = b"".join([stated_offer(programme).tobytes() for programme in programmes])
    return np.frombuffer(stated.ljust(MOST_OFFERS * OFFER_DTYPE.itemsize, b"\0"), OFFER_DTYPE)
