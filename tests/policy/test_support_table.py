"""The support table of a year by hand, and within its limits in every year of the record."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from expansion_sim.codes import CLUSTER, DIRECT, ECOMMERCE, FDI, HOME, HOSTS, INDIRECT
from expansion_sim.policy.instruments import INSTRUMENTS
from expansion_sim.policy.offers import open_offers
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.record import historical_programmes
from expansion_sim.policy.support import COMMON_PART, MOST_RELIEF, NO_CAP, no_support, support_table
from expansion_sim.policy.terms import stated_terms

USUAL = stated_terms().usual


def programme(instrument: str, **terms: object) -> Programme:
    """A national programme for direct export and plants, open from 2000 to 2009."""
    base = Programme(
        id="X", name="X", agency="Y", instrument=instrument, start=2000, end=2009, rate=None, cap=None, discount=None,
        modes=(DIRECT, FDI),
    )
    return replace(base, **terms)


def table(*programmes: Programme, chance: float = 1.0) -> np.ndarray:
    return support_table(list(programmes), 2005, [chance] * len(programmes)).table


def limit(instrument: str) -> float:
    return INSTRUMENTS[instrument].limit


def test_nothing_is_on_offer_without_programmes_or_outside_their_years() -> None:
    for programmes, year in (([], 2005), ([programme("advice")], 1999), ([programme("advice")], 2010)):
        found, credit, exempt = support_table(programmes, year)
        assert found.tobytes() == no_support().tobytes()
        assert credit == exempt == 0.0
    assert (no_support()["relief_cap"] == NO_CAP).all()


def test_advice_and_knowledge_reach_firms_at_home() -> None:
    found = table(programme("advice"), programme("advice"), programme("matching"))
    assert found["advice"][:, HOME] == pytest.approx(2 * USUAL["advice"].strength)
    assert found["knowledge"][:, HOME] == pytest.approx(USUAL["matching"].strength)
    assert (found["advice"][:, 1:] == 0.0).all()


def test_a_programme_of_registration_advises_those_who_register_only() -> None:
    assert table(programme("advice", places=100.0))["advice"].max() == 0.0


def test_programmes_of_a_kind_add_up_to_the_limit_of_the_kind() -> None:
    levers = {"loan_guarantee": "cover", "insurance": "insured", "advice": "advice"}
    for kind, lever in levers.items():
        found = table(*[programme(kind)] * 50)
        mode = HOME if kind == "advice" else FDI
        assert found[lever][:, mode] == pytest.approx(limit(kind)), kind
        assert (found[lever][:, INDIRECT] == 0.0).all(), kind


def test_awards_to_single_firms_are_not_at_large() -> None:
    for kind in ("grant", "pilot_grant", "trade_fair", "e_commerce", "local_conditional_support", "loan"):
        assert table(programme(kind, modes=(DIRECT, ECOMMERCE, FDI))).tobytes() == no_support().tobytes(), kind


def test_fairs_are_for_direct_export_and_malls_for_e_commerce() -> None:
    assert programme("trade_fair", modes=(INDIRECT, DIRECT, FDI)).acting_modes == (DIRECT,)
    assert programme("e_commerce", modes=(INDIRECT, DIRECT, ECOMMERCE)).acting_modes == (ECOMMERCE,)


def test_offers_are_packed_in_front_with_their_masks() -> None:
    grant = programme("grant", rate=0.4, cap=10.0, hosts=(5,), industries=(1, 2), small_only=True, places=3.0)
    closed = programme("grant", start=2008)
    offers = open_offers([closed, programme("advice"), grant], 2005, {2: SimpleNamespace(contact=0.7)}, np.array([1.0, 1.0, 0.25]))
    assert offers["open"].tolist() == [1] + [0] * 62
    first = offers[0]
    assert (first["rate"], first["cap"], first["contact"], first["success"]) == (0.4, 10.0, 0.7, 0.25)
    assert (first["modes"], first["hosts"], first["industries"]) == (1 << DIRECT | 1 << FDI, 1 << 5, 0b110)
    assert first["small_only"] == 1


def test_joint_grants_pay_the_common_part_of_a_group() -> None:
    found = table(programme("joint_grant", rate=0.5, cap=20.0, modes=(DIRECT, CLUSTER)))
    assert found["relief_any"][0].nonzero()[0].tolist() == [CLUSTER]
    assert found["relief_any"][0, CLUSTER] == pytest.approx(0.5 * COMMON_PART)
    assert found["relief_cap"][0, CLUSTER] == pytest.approx(2.0)  # the group's cap among ten


def test_the_reserve_acts_in_the_hosts_of_the_programme() -> None:
    thailand = HOSTS.index("THA")
    found = table(programme("tax_reserve", hosts=(thailand,), rate=0.3))
    assert found["reserve"][0, FDI, thailand] == pytest.approx(0.3)
    assert found["reserve"][0, FDI, HOSTS.index("USA")] == 0.0
    assert found["reserve_any"][0, FDI] == pytest.approx(0.3)


def test_insurance_abroad_lowers_risk_and_at_home_it_is_mutual_aid() -> None:
    export = table(programme("insurance", modes=(DIRECT,)))
    assert export["insured"][0, DIRECT] == USUAL["insurance"].strength
    assert export["receivables"][0, DIRECT] == USUAL["insurance"].receivables
    aid = table(programme("insurance", modes=(HOME,), rate=0.2, members=0.3), programme("insurance", modes=(HOME,), rate=0.8, members=0.1))
    assert aid["members"][0, HOME] == 0.3
    # (.2 x .3 + .8 x .1) / .3
    assert aid["mutual_cover"][0, HOME] == pytest.approx(0.14 / 0.3)
    assert aid["insured"].max() == 0.0


def test_help_with_agreements_cuts_the_cost_of_using_them() -> None:
    assert (table(programme("advice", agreement_help=0.15))["use_cut"] == 0.15).all()


def test_small_firms_only() -> None:
    found = table(programme("insurance", small_only=True))
    assert found["insured"][1, DIRECT] == USUAL["insurance"].strength
    assert found["insured"][0, DIRECT] == 0.0


def test_a_local_programme_reaches_a_tenth_of_the_country() -> None:
    found = table(programme("advice", local=True))
    assert found["advice"][0, HOME] == pytest.approx(0.1 * USUAL["advice"].strength)


def test_the_tax_credit_is_for_income_and_the_exemption_for_dividends_of_plants() -> None:
    credit = support_table([programme("tax_exemption", rate=1.0)], 2005)
    assert (credit.tax_credit, credit.tax_exempt) == (1.0, 0.0)
    exempt = support_table([programme("tax_exemption", rate=0.95, modes=(FDI,))], 2005)
    assert (exempt.tax_credit, exempt.tax_exempt) == (0.0, 0.95)


@pytest.mark.parametrize("year", range(1955, 2031, 5))
def test_the_record_stays_within_its_limits(year: int) -> None:
    found, credit, exempt = support_table(historical_programmes(), year)
    for lever, most in (("advice", 1.5), ("knowledge", 1.0), ("cover", 1.0), ("insured", 0.3), ("mutual_cover", 1.0),
                        ("members", 1.0), ("use_cut", 0.8), ("reserve", 1.0), ("receivables", 1.0), ("relief", MOST_RELIEF)):
        assert found[lever].min() >= 0.0, lever
        assert found[lever].max() <= most + 1e-12, lever
    assert (found["relief_any"] == found["relief"].max(axis=2)).all()
    assert 0.0 <= credit <= 1.0
    assert 0.0 <= exempt <= 1.0
    assert (found[1]["cover"] >= found[0]["cover"]).all()  # what serves all serves small firms


def test_support_grows_over_the_decades() -> None:
    def most(year: int, lever: str) -> float:
        return float(support_table(historical_programmes(), year).table[lever].max())

    assert most(1956, "advice") == 0.0 < most(1960, "advice") < most(2020, "advice")
    before, after = (support_table(historical_programmes(), year) for year in (2008, 2009))
    assert (before.tax_exempt, after.tax_exempt) == (0.0, 0.95)
    assert before.tax_credit == after.tax_credit == 1.0
    assert most(1972, "reserve") < most(1980, "reserve") > most(1990, "reserve")
