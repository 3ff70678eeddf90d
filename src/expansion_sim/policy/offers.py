"""Open programmes that award, as compiled code reads them: terms, reach and whom they serve as bit masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from expansion_sim.codes import DISTRICTS, INDUSTRIES, SIZE_CLASSES, STAGES
from expansion_sim.policy.calendar import open_in_year
from expansion_sim.policy.instruments import INSTRUMENTS
from expansion_sim.policy.programmes import Programme
from expansion_sim.population.schema import copied

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
    rows, stated = _stated_offers(tuple(programmes), year)
    offers = copied(stated)
    bodies = {id(agencies[row]): agencies[row] for row in rows if row in agencies}  # few bodies run many programmes
    contacts = {key: body.contact for key, body in bodies.items()}
    offers["contact"][: len(rows)] = [contacts[id(agencies[row])] if row in agencies else 0.0 for row in rows]
    offers["success"][: len(rows)] = success[list(rows)]
    return offers


@lru_cache(maxsize=1024)
def _stated_offers(programmes: tuple[Programme, ...], year: int) -> tuple[tuple[int, ...], np.ndarray]:
    """Rows of the programmes that :func:`open_offers` lists, and what their terms say; not to be changed."""
    found = [(row, programme) for row, programme in open_in_year(programmes, year) if programme.awards and not programme.for_groups]
    offers = np.zeros(MOST_OFFERS, OFFER_DTYPE)
    for place, (_, programme) in enumerate(found):
        offers[place] = stated_offer(programme)[0]
    return tuple(row for row, _ in found), offers
