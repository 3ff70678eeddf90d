"""Where each kind of programme acts: instrument to lever, with the strength assumed when the programme states none.

Entitlements (advice, fairs, malls, guarantees, insurance, tax) act on every eligible firm through the table of the year; awards (grants,
pilots, loans) are applied for by firms with a plan and selected by the agency within its places.
"""

from __future__ import annotations

from typing import NamedTuple


class Instrument(NamedTuple):
    """How an instrument acts.

    Attributes:
        lever: Field of the support table it moves, or ``award``.
        strength: Effect of one national programme of this kind at full reach, in the lever's unit.
        limit: Most that all programmes of the kind add up to.
    """

    lever: str
    strength: float
    limit: float


#: Strengths are priors of ours; published effects are modest (entry subsidies about 20 percent additional, some null).
INSTRUMENTS: dict[str, Instrument] = {
    "advice": Instrument("advice", 0.25, 1.5),
    "matching": Instrument("knowledge", 0.25, 1.0),
    "trade_fair": Instrument("relief", 0.10, 0.25),
    "e_commerce": Instrument("relief", 0.15, 0.30),
    "grant": Instrument("award", 0.5, 0.667),
    "joint_grant": Instrument("joint", 0.5, 0.667),
    "pilot_grant": Instrument("award", 0.5, 0.667),
    "loan": Instrument("rate_discount", 0.004, 0.009),
    "joint_site_loan": Instrument("joint", 0.2, 0.4),
    "loan_guarantee": Instrument("cover", 0.8, 1.0),
    "insurance": Instrument("insured", 0.15, 0.3),
    "tax_reserve": Instrument("relief", 0.04, 0.12),
    "tax_exemption": Instrument("relief_abroad", 0.5, 0.95),
    "local_conditional_support": Instrument("relief", 0.03, 0.06),
}
