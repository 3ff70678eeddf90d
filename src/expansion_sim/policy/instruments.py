"""Where each kind of programme acts: instrument to lever, and what of a programme's terms is taken from its instrument when it states none.

Offers at large (advice, guarantees, insurance, taxes) act on every eligible firm through the table of the year (policy.support). Awards
(grants, fairs, malls, pilots, loans) are applied for by firms with a plan, selected by the agency, and paid when the plan is carried out.
The numbers stand in ``terms.toml`` with their ranges and sources; a scenario states them in ``[[support.instrument]]`` and
``[support.local]``.
"""

from __future__ import annotations

from typing import NamedTuple


class Instrument(NamedTuple):
    """How an instrument acts.

    Attributes:
        lever: What it moves: ``award`` and ``loan`` of one firm's plan, ``joint_award`` and ``joint_loan`` of a group's, ``reserve`` and
            ``tax``, or a field of the support table.
        limit: Most that all programmes of the kind add up to (offers at large), or that one pays (awards).
    """

    lever: str
    limit: float


class Usual(NamedTuple):
    """Terms of a programme that states none; numbers only, zero where the instrument has no such term.

    Attributes:
        strength: Share of cost, of need, of cover, relief or, for advice and knowledge, what one national programme adds at full reach.
        effort: Cost of an application in people's time, million yen 2015.
        use_cost: What serving one firm for a year costs the agency, million yen 2015, where it pays nothing to the firm.
        discount: Interest discount of a loan, fraction a year.
        term: Term of a loan, years.
        receivables: Share of an insured export claim that is covered.
        mutual_cover: Share of a bad debt that mutual aid lends its members at once.
        reach: Share of the country's firms that one prefecture's or city's programme reaches.
    """

    strength: float = 0.0
    effort: float = 0.0
    use_cost: float = 0.0
    discount: float = 0.0
    term: float = 0.0
    receivables: float = 0.0
    mutual_cover: float = 0.0
    reach: float = 0.0


INSTRUMENTS: dict[str, Instrument] = {
    "advice": Instrument("advice", 1.5),
    "matching": Instrument("knowledge", 1.0),
    "trade_fair": Instrument("award", 0.5),
    "e_commerce": Instrument("award", 0.667),
    "grant": Instrument("award", 1.0),
    "joint_grant": Instrument("joint_award", 1.0),
    "pilot_grant": Instrument("award", 1.0),
    "loan": Instrument("loan", 1.0),
    "joint_site_loan": Instrument("joint_loan", 1.0),
    "loan_guarantee": Instrument("cover", 1.0),
    "insurance": Instrument("insurance", 0.3),
    "tax_reserve": Instrument("reserve", 1.0),
    "tax_exemption": Instrument("tax", 1.0),
    "local_conditional_support": Instrument("award", 0.5),
}
AWARDING = ("award", "loan", "joint_award", "joint_loan")
GROUP_LEVERS = ("joint_award", "joint_loan")
#: Levers whose programmes serve firms without paying them.
SERVING = ("advice", "knowledge")
#: Modes in which an instrument acts, where it acts on one kind of cost only.
ONLY_MODES: dict[str, tuple[str, ...]] = {
    "trade_fair": ("direct",), "e_commerce": ("ecommerce",), "joint_grant": ("cluster",), "joint_site_loan": ("cluster",),
}
#: Key of ``[[support.instrument]]`` -> field of :class:`Usual`; keys in percent or points are fractions there.
USUAL_KEYS = {
    "strength": "strength", "effort_million_yen": "effort", "use_cost_million_yen": "use_cost", "rate_discount_points": "discount",
    "term_years": "term", "receivables_cover_percent": "receivables", "mutual_cover_percent": "mutual_cover",
}


def keys_of(instrument: str) -> tuple[str, ...]:
    """Keys of :data:`USUAL_KEYS` that mean something for an instrument."""
    lever = INSTRUMENTS[instrument].lever
    meant = {
        "effort_million_yen": lever in AWARDING, "use_cost_million_yen": lever in SERVING,
        "rate_discount_points": "loan" in lever, "term_years": "loan" in lever,
        "receivables_cover_percent": lever == "insurance", "mutual_cover_percent": lever == "insurance",
    }
    return tuple(key for key in USUAL_KEYS if meant.get(key, True))
