"""The year of a large customer: start, move, invite, shrink, come home."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.behaviour.offshoring import step_customer, step_customers
from expansion_sim.codes import HOSTS, MACHINERY
from expansion_sim.population.parents import PARENT_DTYPE

KOREA = HOSTS.index("KOR")


def many(world, number: int = 300, **columns) -> np.ndarray:
    """Large machine makers, all production at home."""
    world.customers = np.zeros(number, PARENT_DTYPE)
    defaults = {
        "industry": MACHINERY,
        "sales": 1.0,
        "sensitivity": 1.0,
        "export_orientation": 0.3,
        "order_factor": 1.0,
        "invite_host": -1,
    }
    for name, value in {**defaults, **columns}.items():
        world.customers[name] = value
    return world.customers


def test_shares_add_up_and_changes_are_changes(world) -> None:
    customers = many(world)
    for year in range(1970, 1990):
        world.year["year"] = year
        before = customers["offshore_total"].copy()
        step_customers(customers, world.context)
        np.testing.assert_allclose(customers["offshore"].sum(axis=1), customers["offshore_total"], atol=1e-12)
        np.testing.assert_allclose(customers["offshore_total"] - before, customers["offshore_change"], atol=1e-12)
        assert (customers["offshore"] >= 0.0).all()
        assert (customers["offshore_total"] <= world.p["parent_offshore_max"] + 1e-12).all()
        invites = customers["invite_host"] >= 0
        assert (customers["offshore"][invites, customers["invite_host"][invites]] > 0.0).all()
    assert (customers["offshore_total"] > 0.0).any()
    assert (customers["started"][customers["offshore_total"] > 0.0] > 0).all()


def test_a_customer_s_own_move_does_not_ask_for_its_suppliers(world) -> None:
    """The network ties suppliers to customers; whether customers go abroad is another switch."""
    moved = {}
    for network in (0, 1):
        world.year["network"] = network
        moved[network] = many(world).copy()
        step_customers(moved[network], world.context)
    assert (moved[1]["started"] > 0).any()
    assert world.same(moved[0], moved[1])


def test_production_follows_where_it_pays_in_time(world) -> None:
    """All of it stands in Korea; plants that wear out are renewed elsewhere once Korea is dear, without more being made abroad."""
    world.set(parent_leave=0.0, parent_renewal=0.1, parent_offshore_max=0.5)
    world.markets["openness"] = 1.0
    customers = many(world, started=1980, offshore_total=0.1)
    customers["offshore"][:, KOREA] = 0.1
    world.markets["cost"][:, KOREA], world.markets["market"][:] = 3.0, 0.0
    step_customers(customers, world.context)
    left, new = customers["offshore"][:, KOREA], customers["offshore"].sum(axis=1) - customers["offshore"][:, KOREA]
    np.testing.assert_allclose(left, 0.09)  # a tenth of it is worn out
    np.testing.assert_allclose(new, 0.01 + customers["offshore_change"])
    np.testing.assert_allclose(customers["offshore"].sum(axis=1), customers["offshore_total"])


def test_plants_are_renewed_elsewhere_when_less_is_wanted_as_well(world) -> None:
    """A tariff makes every host dearer than home: production comes home step by step, and what is renewed leaves the worst host."""
    world.set(parent_leave=0.0, parent_renewal=0.1, parent_pace=0.05, parent_offshore_max=0.5, parent_friction_tariff=0.0)
    world.markets["openness"], world.markets["cost"], world.markets["market"][:], world.markets["barrier"][:] = 1.0, 1.2, 0.5, 0.3
    world.markets["market"][:, KOREA] = 0.0  # nothing is saved and nothing sold there
    customers = many(world, started=1980, offshore_total=0.2)
    customers["offshore"][:, KOREA] = 0.2
    step_customers(customers, world.context)
    assert (customers["offshore_change"] < 0.0).all()
    np.testing.assert_allclose(customers["offshore"][:, KOREA], 0.2 * 0.95 * 0.9)
    np.testing.assert_allclose(customers["offshore_total"], 0.2 * 0.95)


def test_large_markets_draw_plants_of_those_who_export(world) -> None:
    world.set(parent_renewal=0.0, parent_local=2.0)
    world.markets["openness"], world.markets["market"][:] = 1.0, 0.0
    world.markets["market"][:, KOREA], world.markets["barrier"][:] = 3.0, 0.3
    shares = []
    for orientation in (0.0, 0.6):
        customers = many(world, 1000, started=1980, export_orientation=orientation)
        step_customers(customers, world.context)
        shares.append(customers["offshore"][:, KOREA].sum() / customers["offshore"].sum())
    assert shares[1] > 2.0 * shares[0]


def test_tariffs_draw_production_behind_them(world) -> None:
    """Where a host raises its tariff, customers for whom no host saves cost want to make more abroad, and more of it there."""
    world.set(parent_leave=0.0, parent_renewal=0.0, parent_friction_tariff=0.3)
    world.markets["cost"], world.markets["openness"], world.markets["market"][:], world.markets["barrier"][:] = 1.2, 1.0, 1.0, 0.2
    world.markets["trade_friction"] = 1.0
    shares, totals = [], []
    for tariff in (False, True):
        if tariff:
            world.markets["trade_friction"][:, KOREA], world.markets["barrier"][:, KOREA] = 1.6, 0.5
        customers = many(world, 1000, started=1980, export_orientation=0.4)
        step_customers(customers, world.context)
        totals.append(customers["offshore_total"].mean())
        shares.append(customers["offshore"][:, KOREA].sum() / customers["offshore"].sum())
    assert totals[1] > 1.2 * totals[0]
    assert shares[1] > 1.2 * shares[0]
    world.markets["openness"][:, KOREA] = 0.0  # friction with a country that admits no plants moves nobody
    customers = many(world, 1000, started=1980, export_orientation=0.4)
    step_customers(customers, world.context)
    assert customers["offshore_total"].mean() < 1.001 * totals[0]


def test_without_offshoring_everything_stays(world) -> None:
    world.year["parents_offshore"] = 0
    customers = many(world)
    step_customers(customers, world.context)
    assert (customers["offshore_total"] == 0.0).all()
    assert (customers["offshore_change"] == 0.0).all()
    assert (customers["invite_host"] == -1).all()


def test_without_freedom_nobody_starts(world) -> None:
    world.year["freedom"] = 0.0
    customers = many(world)
    step_customers(customers, world.context)
    assert (customers["started"] == 0).all()


def test_closed_hosts_get_nothing(world) -> None:
    world.markets["openness"] = 0.0
    world.markets["openness"][:, KOREA] = 1.0
    customers = many(world, started=1985)
    world.set(parent_leave=0.0)
    step_customers(customers, world.context)
    assert (customers["offshore"][:, KOREA] > 0.0).all()
    assert customers["offshore"].sum() == pytest.approx(customers["offshore"][:, KOREA].sum())


def test_a_dear_world_brings_work_home(world) -> None:
    """Where nothing is saved the wanted share is nil: a part of the gap is closed each year, in every host alike."""
    world.set(parent_leave=0.0, parent_friction_tariff=0.0)
    world.markets["cost"] = 1.5
    offshore = np.zeros(len(HOSTS))
    offshore[:2] = 0.1, 0.2
    customers = many(world, 1, started=1980, offshore=offshore, offshore_total=0.3)
    step_customer(customers[0], 0, world.context)
    kept = 1.0 - world.p["parent_pace"]
    np.testing.assert_allclose(customers["offshore"][0, :2], [0.1 * kept, 0.2 * kept])
    assert customers["offshore_change"][0] == pytest.approx(-0.3 * (1.0 - kept))
    assert customers["invite_host"][0] == -1


def test_leaving_altogether_gives_the_orders_back(world) -> None:
    world.set(parent_leave=1.0)
    offshore = np.zeros(len(HOSTS))
    offshore[KOREA] = 0.3
    customers = many(world, 1, started=1980, offshore=offshore, offshore_total=0.3)
    step_customer(customers[0], 0, world.context)
    assert (customers["started"][0], customers["offshore_total"][0]) == (0, 0.0)
    assert customers["offshore_change"][0] == pytest.approx(-0.3)


def test_cost_pressure_and_size_start_firms(world) -> None:
    """Counts of starters of one year over 300 customers with common draws."""

    def starters(**columns) -> int:
        customers = many(world, **columns)
        step_customers(customers, world.context)
        return int((customers["started"] > 0).sum())

    plain = starters()
    assert starters(sales=5.0) >= plain
    world.markets["cost"] = 0.3
    assert starters() >= plain
    world.markets["cost"] = 1.2
    assert starters() <= plain


def test_customers_do_not_depend_on_each_other(world) -> None:
    few, more = many(world, 20).copy(), many(world, 30).copy()
    step_customers(few, world.context)
    step_customers(more, world.context)
    assert world.same(few, more[:20])
