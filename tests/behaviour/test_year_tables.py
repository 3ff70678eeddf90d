"""The year, the industries, and every industry in every host."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.behaviour.tables import (
    INDUSTRY_DTYPE,
    YEAR_DTYPE,
    fill_markets,
    fill_year,
    industry_constants,
    industry_table,
    remembered_appreciation,
)
from expansion_sim.codes import HOSTS, INDUSTRIES, LIGHT, MACHINERY, MANUFACTURING, SERVICES
from expansion_sim.history.drivers import HOST_DTYPE, JAPAN_DTYPE

CHINA, USA = HOSTS.index("CHN"), HOSTS.index("USA")


def twin_hosts() -> np.ndarray:
    """Sixteen copies of Japan next door, all open, shape (16,)."""
    hosts = np.zeros(len(HOSTS), HOST_DTYPE)
    for name in (
        "relative_wage",
        "relative_wage_expected",
        "market_ratio",
        "income",
        "productivity_ratio",
        "ulc_ratio",
        "ulc_ratio_expected",
        "openness",
    ):
        hosts[name] = 1.0
    return hosts


def filled(world, hosts: np.ndarray, fellows: np.ndarray | None = None) -> np.ndarray:
    """Markets of a year with these hosts."""
    fellows = np.zeros((len(INDUSTRIES), len(HOSTS))) if fellows is None else fellows
    fill_markets(world.markets, world.industries, hosts, fellows, np.zeros(len(HOSTS)), world.year[0], world.p)
    return world.markets


def test_industry_constants_are_complete_and_plausible() -> None:
    table = industry_table()
    assert table.dtype == INDUSTRY_DTYPE
    assert set(industry_constants()) <= set(INDUSTRY_DTYPE.names)
    assert (table["elasticity"] > 1.0).all()
    for name in ("labour_share", "relocatable", "consumer", "traded_goods", "tradable"):
        assert ((table[name] >= 0.0) & (table[name] <= 1.0)).all(), name
    assert table["relocatable"][list(MANUFACTURING)].min() > table["relocatable"][SERVICES]
    assert table["labour_share"][LIGHT] > table["labour_share"][MACHINERY]
    assert (table["mean_weight"] == 1.0).all()


def test_a_second_japan_next_door_by_hand(world) -> None:
    """No freight, no tariff, same wages, distance out of account: demand is the home bias, cost is one, nothing pulls or repels."""
    world.set(export_distance=0.0)
    m = filled(world, twin_hosts())[MACHINERY, CHINA]
    np.testing.assert_allclose(m["demand"], world.industries["tradable"][MACHINERY])
    np.testing.assert_allclose(m["cost"], 1.0)
    assert m["friction"] == pytest.approx(world.p["cost_friction"])
    assert (m["access"], m["openness"], m["pull"], m["contract_pull"], m["return_cost"], m["tax"]) == pytest.approx(
        (1, 1, 0, 0, 0, 0)
    )
    assert m["local"] == pytest.approx(world.industries["local"][MACHINERY])
    assert m["hold_up"] == pytest.approx(world.p["gain_contract_surcharge"])
    np.testing.assert_allclose(world.industries["world_demand"][MACHINERY], 16 * world.industries["tradable"][MACHINERY])
    np.testing.assert_allclose(m["margin"], 1.0 / world.industries["elasticity"][MACHINERY])
    np.testing.assert_allclose(world.industries["world_margin"][MACHINERY], 1.0 / world.industries["elasticity"][MACHINERY])
    power = 1.0 - world.industries["elasticity"]
    np.testing.assert_allclose(world.industries["left_by_house"], (1.0 + world.p["export_trading_margin"]) ** power)
    np.testing.assert_allclose(world.industries["left_by_mall"], (1.0 + world.p["export_mall_fee"]) ** power)


def test_plants_of_customers_buy_from_home(world) -> None:
    """What large customers make in a host is demand for exports to it; the dear yen narrows margins there and everywhere."""
    hosts, affiliates = twin_hosts(), np.zeros(len(HOSTS))
    affiliates[CHINA] = 0.1
    fellows = np.zeros((len(INDUSTRIES), len(HOSTS)))
    world.set(export_distance=0.0, export_market=1.0, export_affiliates=2.0, export_pass_through=0.5)
    world.industries["to_firms"][MACHINERY] = 0.9
    fill_markets(world.markets, world.industries, hosts, fellows, affiliates, world.year[0], world.p)
    m = world.markets[MACHINERY]
    assert m["demand"][CHINA, 0] == pytest.approx(1.18 * m["demand"][USA, 0])
    np.testing.assert_allclose(m["general"][[CHINA, USA]], [1.0 / 1.18, 1.0])
    calm = m["margin"][USA].copy()
    hosts["ulc_ratio"] = 0.7
    fill_markets(world.markets, world.industries, hosts, fellows, affiliates, world.year[0], world.p)
    assert m["margin"][USA, 0] < calm[0]
    assert m["margin"][USA, 1] == calm[1]  # who smooths costs does not see it yet
    mean = (m["margin"][:, 0] * m["demand"][:, 0]).sum() / m["demand"][:, 0].sum()
    assert world.industries["world_margin"][MACHINERY, 0] == pytest.approx(mean)


def test_tariffs_and_friction_drive_customers_to_produce_there(world) -> None:
    """A host's tariff of a quarter: exports lose 1 - 1.25^(1 - sigma) of it, the pressure to produce there rises by 1.25^(sigma - 1)."""
    world.set(export_distance=0.0)
    hosts = twin_hosts()
    free, sigma = filled(world, hosts)[MACHINERY].copy(), float(world.industries["elasticity"][MACHINERY])
    hosts["tariff"][USA] = 0.25
    m = filled(world, hosts)[MACHINERY]
    np.testing.assert_allclose(free["trade_friction"], 1.0)
    np.testing.assert_allclose(free["barrier"], 0.0, atol=1e-12)
    assert m["trade_friction"][USA] == pytest.approx(1.25 ** (sigma - 1.0))
    assert m["barrier"][USA] == pytest.approx(1.0 - 1.25 ** (1.0 - sigma))
    assert m["trade_friction"][CHINA] == pytest.approx(1.0)
    hosts["income"][USA] = 0.5  # a poor country restrains imports from Japan less
    assert filled(world, hosts)[MACHINERY]["trade_friction"][USA] == pytest.approx(0.5 * 1.25 ** (sigma - 1.0))


def test_the_two_views_differ_only_in_what_is_expected(world) -> None:
    hosts = twin_hosts()
    hosts["relative_wage"][CHINA], hosts["relative_wage_expected"][CHINA] = 0.2, 0.4
    hosts["ulc_ratio"][CHINA], hosts["ulc_ratio_expected"][CHINA] = 0.5, 0.8
    m = filled(world, hosts)
    assert m["cost"][MACHINERY, CHINA, 0] < m["cost"][MACHINERY, CHINA, 1] < 1.0
    assert m["demand"][MACHINERY, CHINA, 0] < m["demand"][MACHINERY, CHINA, 1]
    assert m["cost"][MACHINERY, USA, 0] == m["cost"][MACHINERY, USA, 1]


def test_tariffs_on_goods_made_in_a_host_by_hand(world) -> None:
    """Third markets' tariff of a quarter lowers platform sales by 1.25^(1 - sigma); Japan's adds to the cost of bringing goods home."""
    hosts = twin_hosts()
    hosts["third_tariff"][CHINA], hosts["home_tariff"][CHINA] = 0.25, 0.1
    markets, free = filled(world, hosts), float(world.p["gain_platform"])
    sigma = float(world.industries["elasticity"][MACHINERY])
    assert markets[MACHINERY, USA]["platform"] == pytest.approx(free)
    assert markets[MACHINERY, CHINA]["platform"] == pytest.approx(free * 1.25 ** (1.0 - sigma))
    assert markets[MACHINERY, CHINA]["return_cost"] - markets[MACHINERY, USA]["return_cost"] == pytest.approx(0.1)


def test_services_go_only_where_people_have_income(world) -> None:
    """At four percent of Japan's income nobody buys services, and some buy goods."""
    hosts = twin_hosts()
    hosts["income"][CHINA], hosts["income"][USA] = 0.04, 0.5
    markets = filled(world, hosts)
    assert markets[SERVICES, CHINA]["local"] == 0.0
    assert markets[MACHINERY, CHINA]["local"] > 0.0
    assert markets[SERVICES, USA]["local"] > 0.0


def test_agreements_raise_demand_where_there_is_a_tariff(world) -> None:
    hosts = twin_hosts()
    hosts["tariff"] = 0.2
    hosts["agreement"][CHINA] = 1.0
    m = filled(world, hosts)[MACHINERY]
    assert m["demand_agreement"][CHINA, 0] > m["demand"][CHINA, 0]
    assert m["demand_agreement"][USA, 0] == m["demand"][USA, 0]


def test_labour_intensive_industries_save_most_where_labour_is_cheap(world) -> None:
    hosts = twin_hosts()
    hosts["relative_wage"], hosts["relative_wage_expected"] = 0.2, 0.2
    m = filled(world, hosts)
    assert m["cost"][LIGHT, CHINA, 0] < m["cost"][MACHINERY, CHINA, 0] < 1.0


def test_closing_a_host_closes_plants_and_most_trade(world) -> None:
    hosts = twin_hosts()
    hosts["openness"][CHINA] = 0.0
    m = filled(world, hosts)[MACHINERY]
    assert m["pull"][CHINA] == m["contract_pull"][CHINA] == -30.0
    assert m["demand"][CHINA, 0] == pytest.approx(0.15 * m["demand"][USA, 0])
    assert m["hold_up"][CHINA] > m["hold_up"][USA]


def test_distance_risk_tax_and_fellows_reach_the_market(world) -> None:
    hosts, fellows = twin_hosts(), np.zeros((len(INDUSTRIES), len(HOSTS)))
    hosts["distance_km"][USA], hosts["risk"][CHINA], hosts["tax"][CHINA] = 11_000.0, 0.5, 0.5
    hosts["risk"][USA] = -0.3
    fellows[MACHINERY, CHINA] = 7.0
    m = filled(world, hosts, fellows)[MACHINERY]
    assert m["distance"][USA] == 11.0
    assert m["pull"][USA] == pytest.approx(-11.0 * world.p["choice_distance"])
    assert m["pull"][CHINA] == pytest.approx(-0.5 * world.p["choice_risk"])
    assert m["risk"][USA] == 0.0
    assert m["tax"][CHINA] == pytest.approx(0.5)  # taxed twice: .5 there, then .4 on the rest at home
    assert m["fellows"][CHINA] == 7.0
    world.year["tax_credit"] = 1.0
    assert filled(world, hosts, fellows)["tax"][MACHINERY, CHINA] == pytest.approx(1.0 - 0.5 / 0.6)  # the higher of the two rates
    world.year["tax_exempt"] = 1.0
    assert filled(world, hosts, fellows)["tax"][MACHINERY, USA] == pytest.approx(1.0 - 1.0 / 0.6 * (1.0 - hosts["tax"][USA]))


def test_the_year_of_japan(world) -> None:
    japan, before = np.zeros(1, JAPAN_DTYPE)[0], np.zeros(1, JAPAN_DTYPE)[0]
    japan["year"], japan["wage"], japan["productivity"], japan["freedom"] = 2015, 4.407, 1.0, 0.9
    japan["rivals"], japan["wage_abroad"], japan["cpi"], before["cpi"] = 2.0, 3.0, 0.9, 0.6
    before["year"] = 2014
    world.set(export_rivals=1.0, fixed_abroad=0.5)
    year = np.zeros(1, YEAR_DTYPE)
    fill_year(year, japan, before, 0.25, world.parameters)
    assert year["year"][0] == 2015
    assert year["wage"][0] == pytest.approx(1.0)
    assert year["information"][0] == pytest.approx(1.0)
    assert year["rivals"][0] == pytest.approx(0.5)  # twice the rivals
    assert year["selling"][0] == pytest.approx(2.0)  # half of it at three times Japan's wages
    assert year["capital_price"][0] == year["capital_price_before"][0] == 1.0  # capital is counted at prices of today since 1991
    assert year["appreciation"][0] == 0.25
    assert 0.0 < year["malls"][0] < 1.0
    japan["year"] = 1990
    fill_year(year, japan, before, 0.0, world.parameters)
    assert year["malls"][0] == 0.0  # nobody sells on malls yet
    assert year["information"][0] > 1.0  # and travel and calls are dear
    assert year["selling"][0] == pytest.approx(2.0 * year["information"][0])
    before["year"] = 1989
    fill_year(year, japan, before, 0.0, world.parameters)
    assert (year["capital_price"][0], year["capital_price_before"][0]) == (0.9, 0.6)


def test_growth_of_wages_is_that_of_two_years(world) -> None:
    japan, before = np.zeros(1, JAPAN_DTYPE)[0], np.zeros(1, JAPAN_DTYPE)[0]
    fast, steady = np.zeros(1, YEAR_DTYPE), np.zeros(1, YEAR_DTYPE)
    fill_year(steady, japan, before, 0.0, world.parameters)
    japan["wage_growth"], before["wage_growth"] = 0.08, 0.04
    fill_year(fast, japan, before, 0.0, world.parameters)
    assert fast["wage_growth"][0] - steady["wage_growth"][0] == pytest.approx(0.06)


def test_remembered_appreciation_by_hand() -> None:
    """A' = max(0, m A - c) with c the mean of this and the next year's change, m = .5.

    Yearly changes -.2, 0, .3, -.1 are year-end changes -.1, .15, .1, -.1: felt are .1, max(0, .05 - .15), max(0, 0 - .1) and .1.
    """
    felt = remembered_appreciation(np.array([-0.2, 0.0, 0.3, -0.1]), 0.5)
    np.testing.assert_allclose(felt, [0.1, 0.0, 0.0, 0.1])
    np.testing.assert_allclose(remembered_appreciation(np.array([-0.2, -0.1]), 0.0), [0.15, 0.1])
    assert (remembered_appreciation(np.full(5, 0.1), 0.9) == 0.0).all()  # a falling yen is no news
