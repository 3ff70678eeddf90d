"""Gains, costs and thresholds of one firm put together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from expansion_sim.behaviour import appraisal, picking
from expansion_sim.codes import ADAPTIVE, BAND, CLUSTER, CONTRACT, DIRECT, ECOMMERCE, FDI, HOME, HOSTS, INDIRECT, STATIC

CHINA = HOSTS.index("CHN")


def test_expectations_choose_the_view_and_the_ablation_switches_the_band_off(world) -> None:
    y = world.year[0]
    for kind, view in ((STATIC, 0), (ADAPTIVE, 1), (BAND, 0)):
        firm = world.firm(expectation=kind)
        assert appraisal.view_of(firm) == view
        assert appraisal.expectation_of(firm, y) == kind
    y["band"] = 0
    assert appraisal.expectation_of(world.firm(expectation=BAND), y) == STATIC


def test_costs_of_modes_are_ordered(world) -> None:
    """From selling to a trading house to an own plant costs rise; a share in a collective plant costs less than an own one."""
    y, p = world.year[0], world.p
    for cost in (appraisal.fixed_cost, appraisal.sunk_cost):
        values = {mode: cost(mode, 1.0, 10.0, y, p) for mode in range(7)}
        assert values[HOME] == 0.0
        assert values[INDIRECT] < values[ECOMMERCE] < values[DIRECT] < values[FDI]
        assert values[INDIRECT] < values[CONTRACT] < values[CLUSTER] < values[FDI]
        assert [cost(mode, 2.0, 10.0, y, p) for mode in range(7)] == pytest.approx([2.0 * values[mode] for mode in range(7)])


def test_after_relief_case() -> None:
    assert appraisal.after_relief(40.0, 0.5, 1e9) == 20.0
    assert appraisal.after_relief(40.0, 0.5, 12.0) == 28.0
    assert appraisal.after_relief(40.0, 0.0, 12.0) == 40.0


def test_agreements_are_used_by_large_exporters(world) -> None:
    world.markets["demand_agreement"] = 0.055  # a tenth more than without
    world.set(cost_agreement_use=1.2)
    small, large = world.firm(log_size=math.log(8.0)), world.firm(log_size=math.log(300.0))
    industry, market = world.industries[1], world.markets[1, CHINA]
    # small: 120 x .055 - 120 x .05 = .6 of sales, .17 of profit; large: 22.5 of sales, 6.25 of profit at sigma 3.6; use costs 1.2
    assert appraisal.direct_demand(small, industry, market, CHINA, world.year[0], world.p, 0, 0.0) == pytest.approx(
        (6.0, 0.0), rel=1e-5
    )
    assert appraisal.direct_demand(large, industry, market, CHINA, world.year[0], world.p, 0, 0.0) == pytest.approx(
        (247.5, 1.2), rel=1e-5
    )
    assert appraisal.direct_demand(small, industry, market, CHINA, world.year[0], world.p, 0, 1.0)[0] == pytest.approx(6.6, rel=1e-5)


def test_exports_share_one_room(world) -> None:
    """A firm can export so many times its home sales; what it exports already leaves less for a further channel."""
    firm = world.firm(log_size=math.log(20.0))  # 300 million yen of home sales
    world.set(export_room=1.5)
    assert appraisal.export_room(firm, world.p) == pytest.approx(450.0)
    firm["export_sales"] = 100.0
    assert appraisal.export_room(firm, world.p) == pytest.approx(350.0)
    free, little = (appraisal.indirect_revenue(firm, 1.0, world.industries[1], world.p, 0, room) for room in (1e9, 10.0))
    assert little == pytest.approx(free * 10.0 / (free + 10.0))
    firm["export_sales"] = 1000.0
    assert appraisal.export_room(firm, world.p) == 0.0
    assert appraisal.indirect_revenue(firm, 1.0, world.industries[1], world.p, 0, 0.0) == 0.0


def test_a_contractor_beside_an_own_plant_takes_what_a_further_plant_would(world) -> None:
    industry = world.industries[1]
    world.set(gain_contract_share=0.5, gain_further=0.4)
    alone = appraisal.contracted_share(world.firm(), industry, world.p)
    assert alone == pytest.approx(0.5 * industry["relocatable"])
    assert appraisal.contracted_share(world.firm(plant_hosts=2), industry, world.p) == pytest.approx(0.4 * alone)


def test_third_markets_are_sales_of_the_base(world) -> None:
    """Demand from third markets adds to the sales that its profit is computed on."""
    firm = world.firm()
    world.markets["platform"] = 0.0
    sales, profit = base_sales(world, firm)[0], local_profit(world, firm)
    world.markets["platform"] = 0.25
    assert base_sales(world, firm)[0] == pytest.approx(1.25 * sales)
    assert local_profit(world, firm) == pytest.approx(1.25 * profit)


def base_sales(world, firm) -> tuple[float, float]:
    """Sales of a base of the firm in China: there and to third markets, to plants of large customers."""
    return appraisal.base_sales(firm, world.industries[1], world.markets[1, CHINA], CHINA, world.customers, world.year[0], world.p)


def test_a_base_has_one_room_for_all_its_buyers(world) -> None:
    """120 million yen of home sales: 6 of demand there and 24 of orders, a room of 30, four fifths open: half of .8 of each is served."""
    world.markets["openness"], world.markets["orders"] = 0.8, 0.2
    world.set(gain_room=0.25)
    firm = world.firm(log_size=math.log(8.0))
    assert base_sales(world, firm) == pytest.approx((6.0 * 0.4, 24.0 * 0.4), rel=1e-5)
    world.year["network"] = 0  # demand 6 alone: 6 x 30 / 36
    assert base_sales(world, firm) == pytest.approx((0.8 * 5.0, 0.0), rel=1e-5)


def test_plants_of_customers_are_served_from_the_base_where_there_is_one(world) -> None:
    """Who exports to the host of its own base does not sell to plants of large customers there a second time."""
    industry, market = world.industries[1], world.markets[1, CHINA]
    market["general"] = 0.75  # a quarter of demand for exports comes from those plants

    def demand(host: int, **columns) -> float:
        return appraisal.direct_demand(world.firm(**columns), industry, market, host, world.year[0], world.p, 0, 0.0)[0]

    alone = demand(CHINA)
    for kind in ("plant_hosts", "cluster_hosts"):
        assert demand(CHINA, **{kind: 1 << CHINA}) == pytest.approx(0.75 * alone)
        assert demand(CHINA + 1, **{kind: 1 << CHINA}) == alone
    world.year["network"] = 0  # a base that gets no orders takes none away
    assert demand(CHINA, plant_hosts=1 << CHINA) == alone


def local_profit(world, firm) -> float:
    """Profit of an own base in China on what it sells there and from there."""
    industry, market, y, p = world.industries[1], world.markets[1, CHINA], world.year[0], world.p
    standing, known = appraisal.standing_of(firm, industry, p), appraisal.knowledge_of(firm, CHINA, y, p)
    cost = appraisal.movable_cost(firm, industry, p)
    return appraisal.plant_parts(firm, cost, industry, market, CHINA, world.customers, standing, known, y, p, 0)[1]


def test_knowledge_and_cheap_labour_raise_the_gain_of_a_plant(world) -> None:
    industry, market = world.industries[1], world.markets[1, CHINA]

    def gain(**columns) -> float:
        return appraisal.next_plant_gain(
            world.firm(**columns), industry, market, CHINA, world.customers, world.year[0], world.p, 0
        )

    plain = gain()
    assert gain(knowledge=np.full(6, 0.8)) > plain
    world.customers["offshore"][:, CHINA] = 0.3
    assert gain(parent=0, order_share=0.4) > plain
    assert gain(plant_hosts=2) <= plain  # what can be moved is moved once
    world.year["network"] = 0
    assert gain(parent=0, order_share=0.4) == plain  # its plants are there, but order nothing
    market["tax"] = 0.25
    assert gain() == pytest.approx(0.75 * plain)
    market["tax"], market["cost"] = 0.0, 0.4
    assert gain() > plain


def test_the_band_asks_for_more_and_keeps_longer(world) -> None:
    y, p = world.year[0], world.p
    bars = {
        kind: (
            appraisal.entry_bar(world.firm(expectation=kind), y, 40.0, 10.0, 0.3, p),
            appraisal.exit_bar(world.firm(expectation=kind), y, 40.0, 10.0, 0.3, p),
        )
        for kind in (STATIC, BAND)
    }
    assert bars[BAND][0] > bars[STATIC][0] > 0.0
    assert bars[BAND][1] < bars[STATIC][1] == 0.0


def test_stay_gap_by_hand(world) -> None:
    """Gain e times the fixed cost, a taste worth tau / beta, no band: 1 + tau z / beta."""
    firm = world.firm(expectation=STATIC)
    firm["taste"][DIRECT] = 0.5
    p = world.p
    gap = appraisal.stay_gap(firm, world.year[0], DIRECT, 3.0 * math.e, 3.0, 1.0, 1.0, 0.2, p)
    assert gap == pytest.approx(1.0 + 0.5 * p["choice_taste"] / p["choice_gain"])


# --- logit ------------------------------------------------------------------------------------------------------------------
def test_logsumexp_case() -> None:
    assert picking.logsumexp(np.log(np.array([1.0, 2.0, 5.0]))) == pytest.approx(math.log(8.0))
    assert picking.logsumexp(np.full(4, -30.0)) == -30.0  # nothing on offer
    assert picking.logsumexp(np.array([800.0, 800.0])) == pytest.approx(800.0 + math.log(2.0))


@given(values=arrays(float, 7, elements=st.floats(-20.0, 20.0)))
def test_logsumexp_lies_above_the_best(values: np.ndarray) -> None:
    result = picking.logsumexp(values)
    assert values.max() - 1e-9 <= result <= values.max() + math.log(7.0) + 1e-9
    assert result == pytest.approx(np.logaddexp.reduce(values))


def test_pick_inverts_the_shares() -> None:
    """Weights 1, 2 and 5 of 8: cut points at .125 and .375."""
    values = np.log(np.array([1.0, 2.0, 5.0]))
    assert [picking.pick(values, u) for u in (0.01, 0.124, 0.126, 0.374, 0.376, 0.999)] == [0, 0, 1, 1, 2, 2]


def test_pick_follows_the_logit_shares() -> None:
    values = np.array([0.0, 1.0, -30.0, 0.5])
    picks = [picking.pick(values, (i + 0.5) / 10_000) for i in range(10_000)]
    shares = np.exp(values) / np.exp(values).sum()
    np.testing.assert_allclose(np.bincount(picks, minlength=4) / 10_000, shares, atol=2e-4)


@given(values=arrays(float, 5, elements=st.floats(-30.0, 30.0)), u=st.floats(2.0**-33, 1.0 - 2.0**-33))
def test_pick_is_always_a_valid_index(values: np.ndarray, u: float) -> None:
    assert 0 <= picking.pick(values, u) < 5


def test_e_commerce_needs_malls_and_consumer_goods(world) -> None:
    firm, y, p = world.firm(), world.year[0], world.p
    assert appraisal.mall_revenue(firm, 1.0, world.industries[1], y, p, 0, 1e9) == 0.0
    y["malls"] = 0.5
    assert appraisal.mall_revenue(firm, 1.0, world.industries[1], y, p, 0, 1e9) > 0.0
    world.industries["consumer"] = 0.0
    assert appraisal.mall_revenue(firm, 1.0, world.industries[1], y, p, 0, 1e9) == 0.0
    assert appraisal.fixed_cost(ECOMMERCE, 1.0, 10.0, y, p) > 0.0


@pytest.mark.parametrize("uniform", [0.01, 0.4, 0.999])
def test_summing_and_picking_at_once_gives_the_same(uniform: float) -> None:
    values = np.array([-30.0, 0.3, -1.2, 2.0])
    expected = picking.logsumexp(values), picking.pick(values, uniform)
    assert picking.sum_up_and_pick(values, uniform) == expected
    assert picking.sum_up_and_pick(np.full(4, -30.0), uniform) == (-30.0, -1)


@pytest.mark.parametrize("expectation", [STATIC, ADAPTIVE, BAND])
def test_thresholds_taken_together_are_those_of_every_mode_alone(world, expectation: int) -> None:
    firm, y, p, draw = world.firm(expectation=expectation), world.year[0], world.p, np.random.default_rng(5)
    lanes = appraisal.MODE_LANES
    sunk, fixed, risk = draw.lognormal(0.0, 2.0, lanes), draw.lognormal(0.0, 2.0, lanes), draw.uniform(0.0, 0.5, lanes)
    sunk[2], fixed[3], bars = 0.0, 0.0, np.empty(lanes)
    appraisal.entry_bars_of_modes(firm, y, sunk, fixed, risk, bars, p)
    alone = [appraisal.entry_bar(firm, y, *costs, p) for costs in zip(sunk.tolist(), fixed.tolist(), risk.tolist(), strict=True)]
    assert bars.tolist() == alone
