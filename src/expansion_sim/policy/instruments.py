"""Where each kind of programme acts: instrument to lever, with the strength assumed when the programme states none.

Offers at large (advice, guarantees, insurance, taxes) act on every eligible firm through the table of the year (policy.support). Awards
(grants, fairs, malls, pilots, loans) are applied for by firms with a plan, selected by the agency, and paid when the plan is carried out.
"""

from __future__ import annotations

from typing import NamedTuple


class Instrument(NamedTuple):
    """How an instrument acts.

    Attributes:
        lever: What it moves: ``award`` and ``loan`` of one firm's plan, ``joint_award`` and ``joint_loan`` of a group's, ``reserve`` and
            ``tax``, or a field of the support table.
        strength: Effect where the programme states none: share of cost, of need, of cover, discount or, for advice and knowledge,
            one national programme at full reach.
        limit: Most that all programmes of the kind add up to (offers at large), or that one pays (awards).
        effort: Cost of an application in people's time, million yen 2015.
        use_cost: What serving one firm for a year costs the agency, million yen 2015, where it pays nothing to the firm.
    """

    lever: str
    strength: float
    limit: float
    effort: float = 0.0
    use_cost: float = 0.0


#: Strengths are priors of ours; published effects are modest (entry subsidies about 20 percent additional, some null).
INSTRUMENTS: dict[str, Instrument] = {
    "advice": Instrument("advice", 0.25, 1.5, use_cost=0.05),
    "matching": Instrument("knowledge", 0.25, 1.0, use_cost=0.1),
    "trade_fair": Instrument("award", 0.3, 0.5, 0.02),
    "e_commerce": Instrument("award", 0.4, 0.667, 0.02),
    "grant": Instrument("award", 0.5, 1.0, 0.2),
    "joint_grant": Instrument("joint_award", 0.5, 1.0, 0.2),
    "pilot_grant": Instrument("award", 0.667, 1.0, 0.4),
    "loan": Instrument("loan", 0.5, 1.0, 0.05),
    "joint_site_loan": Instrument("joint_loan", 0.7, 1.0, 0.2),
    "loan_guarantee": Instrument("cover", 0.8, 1.0),
    "insurance": Instrument("insurance", 0.15, 0.3),
    "tax_reserve": Instrument("reserve", 0.15, 1.0),
    "tax_exemption": Instrument("tax", 0.5, 1.0),
    "local_conditional_support": Instrument("award", 0.2, 0.5, 0.05),
}
AWARDING = ("award", "loan", "joint_award", "joint_loan")
GROUP_LEVERS = ("joint_award", "joint_loan")
#: Modes in which an instrument acts, where it acts on one kind of cost only.
ONLY_MODES: dict[str, tuple[str, ...]] = {
    "trade_fair": ("direct",), "e_commerce": ("ecommerce",), "joint_grant": ("cluster",), "joint_site_loan": ("cluster",),
}
LOAN_DISCOUNT = 0.009  # of the fund for business abroad, "0.9 points"; for lenders that state none
LOAN_TERM = 20.0  # years, of the same fund
RECEIVABLES_COVER = 0.9  # of an insured export claim, single-risk cover of export credit insurance
MUTUAL_COVER = 0.8  # share of a bad debt that mutual aid lends its members at once
