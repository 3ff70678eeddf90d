"""Unit costs, freight, tariffs and agreements (rules 2 and 3), worked by hand from the published equations."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.costs import (
    affiliates_market,
    agreement_pays,
    cost_of_return,
    cost_ratio_at,
    export_margin,
    foreign_demand,
    friction_of_skill,
    goods_access,
    host_fixed_cost,
    host_friction,
    labour_cost_ratio,
    left_behind,
    left_by_rivals,
    local_competitiveness,
    market_size,
    plant_cost_ratio,
    productivity_reached,
    quality_access,
    trade_cost,
)

share = st.floats(0.0, 1.0)
ratio = st.floats(0.01, 3.0)


def test_productivity_reached_case() -> None:
    assert productivity_reached(0.25, 0.5) == pytest.approx(0.5)  # .25^.5
    assert productivity_reached(1.6, 0.5) == 1.0  # no more than Japan's
    assert productivity_reached(0.0, 0.5) == pytest.approx(math.sqrt(0.001))  # floored at a thousandth


@given(y=ratio, more=share, e=st.floats(0.2, 0.9))
def test_productivity_reached_rises_with_output_per_worker(y: float, more: float, e: float) -> None:
    assert productivity_reached(y, e) <= productivity_reached(y + more, e) <= 1.0


def test_labour_cost_ratio_case() -> None:
    # 1 - s + s w / kappa = 1 - .4 + .4 x .2 / .5 = .6 + .16
    assert labour_cost_ratio(0.2, 0.5, 0.4) == pytest.approx(0.76)
    assert labour_cost_ratio(0.2, 0.5, 0.0) == 1.0  # nothing follows wages
    assert labour_cost_ratio(0.5, 0.5, 0.4) == pytest.approx(1.0)  # unit labour cost as at home
    assert labour_cost_ratio(0.0, 0.5, 0.4) == pytest.approx(0.6)  # free labour saves its share, no more


@given(w=ratio, more=share, s=share)
def test_labour_cost_rises_with_wages(w: float, more: float, s: float) -> None:
    assert labour_cost_ratio(w, 0.5, s) <= labour_cost_ratio(w + more, 0.5, s)


def test_host_fixed_cost_case() -> None:
    # 1 - f + f w = 1 - .5 + .5 x .2
    assert host_fixed_cost(0.2, 0.5) == pytest.approx(0.6)
    assert host_fixed_cost(1.0, 0.5) == 1.0
    assert host_fixed_cost(9.0, 0.5) == pytest.approx(2.5)  # wages count up to four times Japan's
    assert host_fixed_cost(0.2, 0.0) == 1.0


@given(w=ratio, more=share, f=share)
def test_administration_costs_more_where_wages_are_higher(w: float, more: float, f: float) -> None:
    assert host_fixed_cost(w, f) <= host_fixed_cost(w + more, f) + 1e-12


def test_local_competitiveness_case() -> None:
    # (1 - s + s y / kappa)^(1 - sigma) = (1 - .5 + .5 x .3 / .5)^-2 = .8^-2
    assert local_competitiveness(0.3, 0.5, 0.5, 3.0) == pytest.approx(1.5625)
    assert local_competitiveness(0.5, 0.5, 0.5, 3.0) == pytest.approx(1.0)  # local firms as productive as the plant
    # (1 - .5 + .5 x 1.5)^-2 = 1.25^-2: where Japan is behind, plants sell less
    assert local_competitiveness(1.5, 1.0, 0.5, 3.0) == pytest.approx(0.64)
    assert local_competitiveness(0.0, 0.5, 0.9, 5.0) == 4.0  # capped


@given(y=ratio, more=share, kappa=st.floats(0.1, 1.0), s=share, sigma=st.floats(1.1, 6.0))
def test_productive_local_firms_take_demand(y: float, more: float, kappa: float, s: float, sigma: float) -> None:
    base = local_competitiveness(y, kappa, s, sigma)
    assert 0.0 < local_competitiveness(y + more, kappa, s, sigma) <= base * (1.0 + 1e-12) <= 4.0 * (1.0 + 1e-12)


def test_plant_cost_ratio_case() -> None:
    # .6 e^((1 - .8) .5) (1 + .2 (1 - .25)) = .6 x 1.1051709 x 1.15
    assert plant_cost_ratio(0.6, 0.5, 0.8, 0.2, 0.0, 0.25) == pytest.approx(0.7625679)


def test_parts_of_the_plant_cost_ratio_cases() -> None:
    assert left_behind(0.5, 0.8) == pytest.approx(1.1051709)  # e^.1
    assert friction_of_skill(0.5, 0.7) == pytest.approx(0.7046881)  # e^-.35
    assert friction_of_skill(9.0, 0.7) == pytest.approx(0.1353353)  # e^-2 at the least
    assert cost_ratio_at(0.6, 1.1, 0.2, 0.25) == pytest.approx(0.759)  # .6 x 1.1 x (1 + .2 x .75)


def test_plant_cost_limits() -> None:
    assert plant_cost_ratio(0.6, 1.5, 1.0, 0.2, 0.7, 1.0) == 0.6  # everything known and carried along: labour cost alone
    assert plant_cost_ratio(0.6, 0.0, 0.8, 0.2, 0.7, 0.0) == pytest.approx(0.72)  # a mean firm that knows nothing


@given(labour=ratio, a=st.floats(-2.0, 2.0), nu=share, x=share, k=share, more=share)
def test_more_knowledge_never_raises_plant_cost(labour: float, a: float, nu: float, x: float, k: float, more: float) -> None:
    assert plant_cost_ratio(labour, a, nu, x, 0.5, min(1.0, k + more)) <= plant_cost_ratio(labour, a, nu, x, 0.5, k)


@given(labour=ratio, a=st.floats(-2.0, 2.0), b=st.floats(0.0, 1.0), nu=share)
def test_productive_firms_gain_less_from_moving(labour: float, a: float, b: float, nu: float) -> None:
    """What cannot be carried abroad is lost there, so the cost ratio rises with productivity at home."""
    assert plant_cost_ratio(labour, a, nu, 0.2, 0.0, 0.5) <= plant_cost_ratio(labour, a + b, nu, 0.2, 0.0, 0.5) * (1.0 + 1e-12)


def test_host_friction_case() -> None:
    # x (1 + p (1 - y)) = .22 (1 + .5 (1 - .2)) = .22 x 1.4
    assert host_friction(0.22, 0.5, 0.2) == pytest.approx(0.308)
    assert host_friction(0.22, 0.5, 1.0) == 0.22
    assert host_friction(0.22, 0.5, 1.7) == 0.22  # richer than Japan: no less than the base


def test_trade_cost_case() -> None:
    # 1 + .08 + .2 (1 - .7)
    assert trade_cost(0.08, 0.2, 0.7) == pytest.approx(1.14)
    assert trade_cost(0.08, 0.2, 0.0) == pytest.approx(1.28)
    assert trade_cost(0.0, 0.2, 1.0) == 1.0


def test_market_size_case() -> None:
    # E^mu (d / 5)^-delta = .25^.5 x (20 / 5)^-.5 = .5 x .5
    assert market_size(0.25, 0.5, 20.0, 0.5) == pytest.approx(0.25)
    assert market_size(0.25, 0.5, 5.0, 0.5) == pytest.approx(0.5)  # at the middle distance
    assert market_size(1.0, 0.5, 0.0, 0.5) == market_size(1.0, 0.5, 0.5, 0.5)  # next door is not infinitely near


def test_affiliates_market_case() -> None:
    # b w P^mu = .9 x 2 x .04^.5
    assert affiliates_market(0.9, 0.04, 0.5, 2.0) == pytest.approx(0.36)
    assert affiliates_market(0.9, 0.0, 0.5, 2.0) == 0.0
    assert affiliates_market(0.0, 0.04, 0.5, 2.0) == 0.0  # plants do not shop


def test_cost_of_return_case() -> None:
    # 1 - .5 e^(-3 / 1.5)
    assert cost_of_return(3.0, 0.5, 1.5) == pytest.approx(1.0 - 0.5 * math.exp(-2.0))
    assert cost_of_return(0.0, 0.5, 1.5) == 0.5  # comes back at once
    assert cost_of_return(30.0, 0.5, 1.5) == pytest.approx(1.0)  # long forgotten
    assert cost_of_return(1.0, 0.0, 1.5) == 1.0


def test_foreign_demand_case() -> None:
    # b M (tau / u^(s phi))^(1 - sigma) = .06 x .5 x (1.21 / 1.21^.5)^(-3) = .03 x 1.1^-3
    assert foreign_demand(0.06, 0.5, 1.21, 0.5, 1.0, 1.21, 4.0) == pytest.approx(0.02253944)
    assert foreign_demand(0.06, 0.5, 1.21, 1.0, 0.5, 1.21, 4.0) == pytest.approx(0.02253944)  # half of all costs passed on
    assert foreign_demand(0.06, 1.0, 1.0, 0.4, 0.6, 1.0, 4.0) == pytest.approx(0.06)  # a second Japan next door
    assert foreign_demand(0.0, 1.0, 1.0, 0.4, 0.6, 1.0, 4.0) == 0.0


@given(u=ratio, more=share, tau=st.floats(1.0, 2.0), sigma=st.floats(1.5, 6.0), s=share, phi=share)
def test_foreign_demand_by_cost(u: float, more: float, tau: float, sigma: float, s: float, phi: float) -> None:
    """Dearer competitors there and a larger market raise demand, freight and tariffs lower it."""
    base = foreign_demand(0.05, 0.5, u, s, phi, tau, sigma)
    assert foreign_demand(0.05, 0.5, u + more, s, phi, tau, sigma) >= base * (1.0 - 1e-12)
    assert foreign_demand(0.05, 0.5, u, s, phi, tau + more, sigma) <= base * (1.0 + 1e-12)
    assert foreign_demand(0.05, 0.5 + more, u, s, phi, tau, sigma) >= base * (1.0 - 1e-12)


def test_export_margin_case() -> None:
    # 1 - (1 - 1/sigma) u^(-s (1 - phi)) = 1 - .75 x 1.21^-.5 = 1 - .75 / 1.1
    assert export_margin(1.21, 1.0, 0.5, 4.0) == pytest.approx(0.3181818)
    assert export_margin(1.0, 0.4, 0.5, 4.0) == pytest.approx(0.25)  # wages as in the reference year: 1 / sigma
    assert export_margin(3.0, 0.4, 1.0, 4.0) == pytest.approx(0.25)  # all is passed on
    assert export_margin(0.05, 1.0, 0.0, 4.0) == 0.0  # a price that does not cover cost leaves no gross profit


@given(s=st.floats(0.1, 0.9), phi=share, sigma=st.floats(2.0, 6.0))
def test_pass_through_hardly_changes_how_profit_answers_cost(s: float, phi: float, sigma: float) -> None:
    """The price is near its best, so to first order profit moves with cost as under full pass-through."""
    def profit(u: float, phi: float) -> float:
        return foreign_demand(1.0, 1.0, u, s, phi, 1.0, sigma) * export_margin(u, s, phi, sigma)

    step = 1e-5
    slopes = [(profit(1.0 + step, value) - profit(1.0 - step, value)) / (2.0 * step) for value in (phi, 1.0)]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-3)


def test_agreement_is_used_when_it_saves_more_than_it_costs() -> None:
    assert agreement_pays(10.0, 12.0, 1.5)  # 12 - 1.5 > 10
    assert not agreement_pays(10.0, 11.0, 1.5)
    assert not agreement_pays(10.0, 11.5, 1.5)  # no gain, no paper work


@given(profit=st.floats(0.01, 100.0), larger=st.floats(1.0, 50.0))
def test_larger_exporters_use_agreements_more(profit: float, larger: float) -> None:
    """The use cost is a fixed amount: whoever uses an agreement would use it with larger sales too."""
    cut = 1.2  # profit rises by a fifth under the agreement
    assert agreement_pays(profit * larger, profit * larger * cut, 1.2) or not agreement_pays(profit, profit * cut, 1.2)


def test_quality_access_case() -> None:
    assert quality_access(4.0, 0.5) == pytest.approx(0.5)  # (1/4)^.5
    assert quality_access(1.0, 0.5) == 1.0
    assert quality_access(0.3, 0.5) == 1.0  # poorer than Japan: no handicap
    assert quality_access(0.0, 0.5) == 1.0


def test_goods_access_case() -> None:
    assert goods_access(0.25) == pytest.approx(0.575)  # .15 + .85 x .5
    assert goods_access(0.0) == pytest.approx(0.15)
    assert goods_access(1.0) == pytest.approx(1.0)
    assert goods_access(-0.2) == pytest.approx(0.15)


def test_friction_of_a_plant_falls_with_productivity() -> None:
    # q = .6, nu = 1, x = .2, K = .5: .6 (1 + .2 e^(-.8) .5) with l a = 2 * .4
    assert plant_cost_ratio(0.6, 0.4, 1.0, 0.2, 2.0, 0.5) == pytest.approx(0.6269597)
    assert plant_cost_ratio(0.6, 9.0, 1.0, 0.2, 2.0, 0.0) == plant_cost_ratio(0.6, 1.0, 1.0, 0.2, 2.0, 0.0)  # within e^2 of the mean firm's


def test_left_by_rivals_case() -> None:
    assert left_by_rivals(2.0, 1.0) == 0.5  # twice the rivals, half the market: structural gravity
    assert left_by_rivals(4.0, 0.5) == 0.5
    assert left_by_rivals(1.0, 1.3) == 1.0  # as in 2015
    assert left_by_rivals(3.0, 0.0) == 1.0  # a world without rivals
    assert left_by_rivals(0.0, 1.0) == pytest.approx(10.0)  # everybody else closed
