"""Which levers of policy have users that can be named."""

from expansion_sim.comparison.users import ENTRY_LEVERS
from expansion_sim.policy.instruments import AWARDING, INSTRUMENTS

#: Levers that act on firms at large or on running business: nobody uses them in a single step.
AT_LARGE = {"advice", "knowledge", "insurance", "tax"}


def test_every_lever_of_policy_is_an_award_an_entitlement_or_at_large() -> None:
    levers = {instrument.lever for instrument in INSTRUMENTS.values()}
    assert set(ENTRY_LEVERS) | set(AWARDING) | AT_LARGE == levers
    assert not set(ENTRY_LEVERS) & (set(AWARDING) | AT_LARGE)
