"""The support table of a year by hand, and within its limits in every year of the record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from expansion_sim.codes import DIRECT, FDI, HOME, HOSTS, INDIRECT
from expansion_sim.policy.instruments import INSTRUMENTS
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.record import historical_programmes
from expansion_sim.policy.support import NO_CAP, no_support, support_table


def programme(instrument: str, **terms: object) -> Programme:
    """A national programme for direct export and plants, open from 2000 to 2009."""
    base = Programme(
        id="X", name="X", agency="Y", instrument=instrument, start=2000, end=2009, rate=None, cap=None, discount=None,
        modes=(DIRECT, FDI),
    )
    return replace(base, **terms)


def table(*programmes: Programme) -> np.ndarray:
    return support_table(list(programmes), 2005)[0]


def limit(instrument: str) -> float:
    return INSTRUMENTS[instrument].limit


def test_nothing_is_on_offer_without_programmes_or_outside_their_years() -> None:
    for programmes, year in (([], 2005), ([programme("advice")], 1999), ([programme("advice")], 2010)):
        found, relief = support_table(programmes, year)
        assert found.tobytes() == no_support().tobytes()
        assert relief == 0.0
    assert (no_support()["relief_cap"] == NO_CAP).all()


def test_advice_and_knowledge_reach_firms_at_home() -> None:
    found = table(programme("advice"), programme("advice"), programme("matching"))
    assert found["advice"][:, HOME] == pytest.approx(2 * INSTRUMENTS["advice"].strength)
    assert found["knowledge"][:, HOME] == pytest.approx(INSTRUMENTS["matching"].strength)
    assert (found["advice"][:, 1:] == 0.0).all()


def test_programmes_of_a_kind_add_up_to_the_limit_of_the_kind() -> None:
    levers = {"trade_fair": "relief_any", "loan_guarantee": "cover", "insurance": "insured", "loan": "rate_discount"}
    for kind, lever in levers.items():
        found = table(*[programme(kind)] * 50)
        assert found[lever][:, FDI] == pytest.approx(limit(kind)), kind
        assert (found[lever][:, INDIRECT] == 0.0).all(), kind


def test_kinds_add_up_beside_each_other() -> None:
    found = table(*[programme("trade_fair")] * 50, *[programme("tax_reserve")] * 50)
    assert found["relief_any"][:, FDI] == pytest.approx(limit("trade_fair") + limit("tax_reserve"))


def test_relief_acts_in_the_hosts_of_the_programme() -> None:
    thailand = HOSTS.index("THA")
    found = table(programme("tax_reserve", hosts=(thailand,)), programme("local_conditional_support"))
    others = INSTRUMENTS["local_conditional_support"].strength
    assert found["relief"][0, FDI, thailand] == pytest.approx(INSTRUMENTS["tax_reserve"].strength + others)
    assert found["relief"][0, FDI, HOSTS.index("USA")] == pytest.approx(others)
    assert found["relief_any"][0, FDI] == found["relief"][0, FDI].max()


def test_small_firms_only() -> None:
    found = table(programme("insurance", small_only=True))
    assert found["insured"][1, DIRECT] == INSTRUMENTS["insurance"].strength
    assert found["insured"][0, DIRECT] == 0.0


def test_a_local_programme_reaches_a_tenth_of_the_country() -> None:
    found = table(programme("advice", local=True))
    assert found["advice"][0, HOME] == pytest.approx(0.1 * INSTRUMENTS["advice"].strength)


def test_a_loan_gives_its_own_discount() -> None:
    assert table(programme("loan", discount=0.002))["rate_discount"][0, FDI] == pytest.approx(0.002)


def test_the_tax_credit_relieves_tax_abroad() -> None:
    _, one = support_table([programme("tax_exemption")], 2005)
    _, many = support_table([programme("tax_exemption")] * 5, 2005)
    assert one == INSTRUMENTS["tax_exemption"].strength
    assert many == limit("tax_exemption")


def test_awards_are_not_entitlements() -> None:
    found = table(*(programme(kind) for kind in ("grant", "pilot_grant")))
    assert found.tobytes() == no_support().tobytes()


@pytest.mark.parametrize("year", range(1955, 2031, 5))
def test_the_record_stays_within_its_limits(year: int) -> None:
    found, relief = support_table(historical_programmes(), year)
    kinds = ("advice", "matching", "loan_guarantee", "loan", "insurance")
    for kind in kinds:
        lever = INSTRUMENTS[kind].lever
        assert found[lever].min() >= 0.0, lever
        assert found[lever].max() <= limit(kind) + 1e-12, lever
    assert found["relief"].min() >= 0.0
    assert found["relief"].max() <= 0.8
    assert (found["relief_any"] == found["relief"].max(axis=2)).all()
    assert 0.0 <= relief <= limit("tax_exemption")
    assert (found[1]["cover"] >= found[0]["cover"]).all()  # what serves all serves small firms


def test_support_grows_over_the_decades() -> None:
    def most(year: int, lever: str) -> float:
        return float(support_table(historical_programmes(), year)[0][lever].max())

    assert most(1956, "advice") == 0.0 < most(1960, "advice") < most(2020, "advice")
    assert most(1960, "rate_discount") == 0.0 < most(1975, "rate_discount")
    assert support_table(historical_programmes(), 2015)[1] > support_table(historical_programmes(), 1990)[1] > 0.0
