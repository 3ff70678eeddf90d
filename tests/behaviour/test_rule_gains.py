"""Yearly gain of each mode (rule 4), worked by hand from the published equations."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.gains import (
    affiliates_orders,
    contract_saving,
    customer_orders,
    direct_reach,
    income_to_spend,
    indirect_sales,
    left_at_price,
    left_to_channel,
    local_sales,
    mall_diffusion,
    mall_sales,
    plant_gain,
    productivity_effect,
    relocation_saving,
    share_moved,
    share_served,
    third_market_sales,
    variable_profit,
    within_capacity,
)

share = st.floats(0.0, 1.0)


def test_variable_profit_case() -> None:
    assert variable_profit(100.0, 4.0) == 25.0
    assert variable_profit(0.0, 4.0) == 0.0


def test_productivity_effect_case() -> None:
    # e^(min(r (sigma - 1 - .83) a, 2) + q) = e^(2.17 x .5 + .1) = e^1.185; half of it rewarded: e^(.5425 + .1)
    assert productivity_effect(0.5, 0.1, 4.0, 0.5) == pytest.approx(1.901228, rel=1e-6)
    assert productivity_effect(0.5, 0.1, 4.0, 1.0) == pytest.approx(3.2706875, rel=1e-6)
    assert productivity_effect(0.0, 0.0, 4.0, 1.0) == 1.0  # the mean firm
    assert productivity_effect(5.0, 0.1, 4.0, 1.0) == pytest.approx(math.exp(2.1))  # capacity caps productivity, not quality


@given(a=st.floats(-3.0, 3.0), more=share, q=st.floats(-1.0, 1.0), sigma=st.floats(2.0, 6.0))
def test_foreign_demand_rises_with_productivity_and_quality(a: float, more: float, q: float, sigma: float) -> None:
    base = productivity_effect(a, q, sigma, 0.4)
    assert base <= productivity_effect(a + more, q, sigma, 0.4) * (1.0 + 1e-12)
    assert base <= productivity_effect(a, q + more, sigma, 0.4) * (1.0 + 1e-12)


def test_indirect_sales_case() -> None:
    # h D r (1 + m)^(1 - sigma) = 200 x .5 x .1 x 1.1^-3 = 10 / 1.331
    assert indirect_sales(200.0, 0.5, 0.1, left_at_price(0.1, 4.0)) == pytest.approx(7.5131480)
    assert indirect_sales(200.0, 0.5, 0.1, left_at_price(0.0, 4.0)) == pytest.approx(10.0)
    assert indirect_sales(200.0, 0.5, 0.0, left_at_price(0.1, 4.0)) == 0.0


def test_left_to_channel_case() -> None:
    # R (1 - c)(1 - r) = 40 x .75 x .6
    assert left_to_channel(40.0, 0.25, 0.4) == pytest.approx(18.0)
    assert left_to_channel(40.0, 0.0, 0.0) == 40.0  # a firm without another channel
    assert left_to_channel(40.0, 1.0, 0.0) == left_to_channel(40.0, 0.0, 1.0) == 0.0


def test_direct_reach_case() -> None:
    # r0 + (1 - r0)(1 - e^(-t/T)) = .4 + .6 (1 - e^-1)
    assert direct_reach(5.0, 0.4, 5.0) == pytest.approx(0.7792723)
    assert direct_reach(0.0, 0.4, 5.0) == 0.4
    assert direct_reach(-3.0, 0.4, 5.0) == 0.4
    assert direct_reach(1e4, 0.4, 5.0) == pytest.approx(1.0)


@given(t=st.floats(0.0, 70.0), more=st.floats(0.0, 10.0), start=share, speed=st.floats(0.5, 15.0))
def test_reach_grows_with_years_up_to_the_whole_market(t: float, more: float, start: float, speed: float) -> None:
    assert start - 1e-12 <= direct_reach(t, start, speed) <= direct_reach(t + more, start, speed) + 1e-12 <= 1.0 + 2e-12


def test_mall_diffusion_case() -> None:
    assert mall_diffusion(2016.0, 1998.0, 2016.0, 0.16) == 0.5
    # logistic(.2 x (2006 - 2016)) = 1 / (1 + e^2)
    assert mall_diffusion(2006.0, 1998.0, 2016.0, 0.2) == pytest.approx(0.1192029)
    assert mall_diffusion(1997.0, 1998.0, 2016.0, 0.2) == 0.0
    assert mall_diffusion(1998.0, 1998.0, 2016.0, 0.2) > 0.0


def test_mall_sales_case() -> None:
    # h D c r d (1 + f)^(1 - sigma) = 200 x .5 x .9 x .05 x .4 x 1.25^-2
    left = left_at_price(0.25, 3.0)
    assert mall_sales(200.0, 0.5, 0.9, 0.05, 0.4, left) == pytest.approx(1.152)
    assert mall_sales(200.0, 0.5, 0.0, 0.05, 0.4, left) == 0.0  # no consumer goods
    assert mall_sales(200.0, 0.5, 0.9, 0.05, 0.0, left) == 0.0  # no malls yet


def test_relocation_saving_case() -> None:
    # h q rho (1 - c (1 + f)) = 200 x .75 x .4 x (1 - .7 x 1.1) = 60 x .23
    assert relocation_saving(60.0, 0.7, 0.1) == pytest.approx(13.8)
    assert relocation_saving(60.0, 0.95, 0.1) == 0.0  # freight home eats the saving: nobody moves
    assert relocation_saving(0.0, 0.7, 0.1) == 0.0


@given(cost=st.floats(0.0, 2.0), more=share, back=share)
def test_saving_falls_with_cost_and_is_never_negative(cost: float, more: float, back: float) -> None:
    assert 0.0 <= relocation_saving(37.5, cost + more, back) <= relocation_saving(37.5, cost, back)


def test_contract_saving_case() -> None:
    # as above on half of what can move, cost raised by a tenth: 200 x .75 x .2 x (1 - .7 x 1.1 x 1.1) = 30 x .153
    assert contract_saving(30.0, 0.7, 0.1, 0.1) == pytest.approx(4.59)


@given(cost=st.floats(0.0, 1.5), portion=share, surcharge=share)
def test_a_contractor_saves_no_more_than_an_own_plant(cost: float, portion: float, surcharge: float) -> None:
    plant = relocation_saving(37.5, cost, 0.05)
    assert contract_saving(37.5 * portion, cost, 0.05, surcharge) <= plant * (1.0 + 1e-12)
    assert contract_saving(37.5, cost, 0.05, 0.0) == plant


def test_local_sales_case() -> None:
    # h l E^mu y^eta = 200 x .05 x .36^.5 x .25^.5 = 10 x .6 x .5
    assert local_sales(200.0, 0.05, 0.36, 0.5, 0.25, 0.5) == pytest.approx(3.0)
    assert local_sales(200.0, 0.05, 0.36, 0.5, 4.0, 0.5) == pytest.approx(6.0)  # income counts up to Japan's
    assert local_sales(200.0, 0.05, 0.36, 1.0, 1.0, 0.5) == pytest.approx(3.6)
    assert local_sales(200.0, 0.05, 0.0, 0.5, 0.25, 0.5) == 0.0
    assert local_sales(200.0, 0.05, 0.36, 0.5, 0.0, 0.0) == 0.0  # nothing to spend is no sales, whatever the elasticity


@given(market=st.floats(0.001, 5.0), factor=st.floats(1.0, 20.0), mu=share)
def test_one_base_sells_less_than_in_proportion_to_the_country(market: float, factor: float, mu: float) -> None:
    small, large = (local_sales(100.0, 0.05, m, mu, 0.5, 0.7) for m in (market, market * factor))
    assert small * (1.0 - 1e-12) <= large <= small * factor * (1.0 + 1e-12)


def test_income_to_spend_case() -> None:
    """Services start at a twentieth of Japan's income: at a quarter of it (.25 - .05) / .95 is left; goods count from the first yen."""
    assert income_to_spend(0.25, 0.05) == pytest.approx(0.2 / 0.95)
    assert income_to_spend(0.05, 0.05) == 0.0
    assert income_to_spend(0.03, 0.05) == 0.0
    assert income_to_spend(1.0, 0.05) == pytest.approx(1.0)
    assert income_to_spend(0.03, 0.0) == 0.03


def test_third_market_sales_case() -> None:
    """A tariff of a quarter at an elasticity of 3 takes 1 - 1.25^-2 = 36 percent of what the base sells to third markets."""
    assert third_market_sales(0.5, 0.25, 3.0) == pytest.approx(0.32)
    assert third_market_sales(0.5, 0.0, 3.0) == 0.5


def test_affiliates_orders_case() -> None:
    """Parts makers sell nine tenths to firms; large firms make four percent of their goods there: .9 x 3 x .04^.5 of home sales."""
    assert affiliates_orders(0.9, 0.04, 0.5, 3.0) == pytest.approx(0.54)
    assert affiliates_orders(0.9, 0.0, 0.5, 3.0) == 0.0
    assert affiliates_orders(0.0, 0.04, 0.5, 3.0) == 0.0  # shops sell to people


def test_customer_orders_case() -> None:
    # h o p = 200 x .4 x .25
    assert customer_orders(200.0, 0.4, 0.25) == pytest.approx(20.0)
    assert customer_orders(200.0, 0.4, 0.0) == 0.0  # the customer does not produce there


def test_share_moved_case() -> None:
    # rho (1 + f (n - 1)) = .3 x (1 + .25 x 2)
    assert share_moved(0.3, 3, 0.25) == pytest.approx(0.45)
    assert share_moved(0.3, 1, 0.25) == 0.3
    assert share_moved(0.3, 0, 0.25) == 0.0  # plants that are there for their markets move nothing
    assert share_moved(0.8, 5, 1.0) == 0.9  # something always stays


def test_plant_gain_case() -> None:
    # (saving + inside)(1 - t) = (13.8 + 5.3) x .9
    assert plant_gain(13.8, 5.3, 0.1) == pytest.approx(17.19)
    assert plant_gain(13.8, 5.3, 0.0) == pytest.approx(19.1)
    assert plant_gain(13.8, 5.3, 1.0) == 0.0


def test_within_capacity_case() -> None:
    # demand 50, limit 120: 50 x 120 / 170
    assert within_capacity(50.0, 120.0) == pytest.approx(35.2941176)
    assert within_capacity(0.0, 120.0) == within_capacity(50.0, 0.0) == 0.0
    assert within_capacity(1e12, 120.0) == pytest.approx(120.0)


def test_share_served_case() -> None:
    # 35.2941176 of 50 is served, 70.6 percent; in a half-closed host half of it
    assert share_served(50.0, 120.0, 1.0) == pytest.approx(0.70588235)
    assert share_served(50.0, 120.0, 0.5) == pytest.approx(0.35294118)
    assert share_served(0.0, 120.0, 1.0) == 0.0
