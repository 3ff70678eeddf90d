"""Single firms through single phases: producing, entering, acting on a plan, leaving, jobs, closing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from expansion_sim.behaviour import phases, public_support
from expansion_sim.behaviour.appraisal import cost_scale, sunk_cost
from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, ECOMMERCE, FDI, HOME, HOSTS, INDIRECT, MODES

CHINA, KOREA, FRANCE = HOSTS.index("CHN"), HOSTS.index("KOR"), HOSTS.index("FRA")
YEAR = 1990
HOST_COLUMN = {DIRECT: "markets", CONTRACT: "contract_hosts", FDI: "plant_hosts", CLUSTER: "cluster_hosts"}
CHANNEL = {INDIRECT: 1, DIRECT: 2, ECOMMERCE: 4}


# --- produce ----------------------------------------------------------------------------------------------------------------
def test_produce_forgets_last_year(world) -> None:
    firm = world.firm(
        events=2**12 - 1,
        event_mode=FDI,
        event_host=3,
        left_modes=6,
        left_host=4,
        years_in_mode=7,
        borrowed=1.0,
        paid_out=2.0,
        invested=3.0,
    )
    phases.produce(firm, world.context)
    scratch = (
        "events",
        "event_mode",
        "event_host",
        "left_modes",
        "left_host",
        "years_in_mode",
        "borrowed",
        "paid_out",
        "invested",
    )
    assert [firm[name].item() for name in scratch] == [0, 0, -1, 0, -1, 0, 0.0, 0.0, 0.0]


def test_produce_without_noise_by_hand(world) -> None:
    firm = world.firm(ability=0.2, productivity=0.6)
    world.set(productivity_persistence=0.85)
    phases.produce(firm, world.context)
    # .2 + .85 (.6 - .2) = .54; sales e^(log 15 + log 30 + .83 x .54) = 450 x e^.4482 in a year as expected
    assert firm["productivity"] == pytest.approx(0.54)
    assert firm["home_sales"] == pytest.approx(450.0 * math.exp(0.4482), rel=1e-5)
    assert firm["log_size"] == pytest.approx(math.log(30.0))
    assert firm["owner_age"] == 46.0


def test_a_customer_that_moves_takes_orders_along(world) -> None:
    """Home sales follow the level of orders by the customer's share; without the network nothing is lost."""
    world.customers["offshore_change"] = 0.1
    world.set(parent_growth_back=0.0, parent_recovery=0.0)
    tied, free, unlinked = world.firm(parent=1, order_share=0.4), world.firm(), world.firm(parent=1, order_share=0.4)
    phases.produce(tied, world.context)
    phases.produce(free, world.context)
    world.year["network"] = 0
    phases.produce(unlinked, world.context)
    assert tied["order_level"] < 1.0
    assert tied["home_sales"] / free["home_sales"] == pytest.approx(1.0 - 0.4 * (1.0 - float(tied["order_level"])), rel=1e-5)
    assert unlinked["order_level"] == 1.0


# --- enter and leave --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", range(1, len(MODES)))
def test_enter_writes_the_spell(world, mode: int) -> None:
    firm = world.firm()
    host = FRANCE if mode in HOST_COLUMN else -1  # the last host: the highest bit of a set
    phases.enter(firm, mode, host, YEAR)
    assert firm["since"][mode] == YEAR
    assert np.count_nonzero(firm["since"]) == 1
    assert firm["first_mode"] == mode
    assert firm["first_year"] == YEAR
    assert firm["ever"] == 1 << mode
    assert firm["channels"] == CHANNEL.get(mode, 0)
    for column in HOST_COLUMN.values():
        assert firm[column] == ((1 << FRANCE) if HOST_COLUMN.get(mode) == column else 0)
    assert world.events(firm) == {"enter"}
    assert (firm["event_mode"], firm["event_host"]) == (mode, host)


def test_a_second_host_adds_to_the_spell(world) -> None:
    firm = world.spell(FDI, CHINA, 1980)
    phases.enter(firm, FDI, FRANCE, YEAR)
    assert firm["plant_hosts"] == 1 << CHINA | 1 << FRANCE
    assert firm["since"][FDI] == 1980
    assert world.events(firm) == {"add_host"}


def test_the_first_mode_is_never_overwritten(world) -> None:
    firm = world.spell(INDIRECT, since=1970)
    phases.enter(firm, FDI, CHINA, YEAR)
    assert (firm["first_mode"], firm["first_year"]) == (INDIRECT, 1970)
    assert firm["ever"] == 1 << INDIRECT | 1 << FDI
    assert firm["since"][INDIRECT] == 1970


def test_following_a_customer(world) -> None:
    followed, elsewhere = world.firm(invited_host=CHINA), world.firm(invited_host=CHINA)
    phases.enter(followed, FDI, CHINA, YEAR)
    phases.enter(elsewhere, FDI, KOREA, YEAR)
    assert (followed["followed"], followed["invited_host"]) == (1, -1)
    assert (elsewhere["followed"], elsewhere["invited_host"]) == (0, CHINA)


def test_leave_writes_the_end_of_the_spell(world) -> None:
    firm = world.spell(CONTRACT, CHINA, 1983)
    phases.leave(firm, CONTRACT, CHINA, YEAR)
    assert firm["since"][CONTRACT] == 0
    assert firm["left"][CONTRACT] == YEAR
    assert firm["years_in_mode"] == 7
    assert firm["left_modes"] == 1 << CONTRACT
    assert firm["left_host"] == CHINA
    assert firm["ever"] == 1 << CONTRACT  # history stays
    assert world.events(firm) == {"leave"}


def test_closing_one_of_two_plants_is_not_the_end_of_the_mode(world) -> None:
    firm = world.spell(FDI, CHINA, 1980)
    phases.enter(firm, FDI, KOREA, 1985)
    firm["events"] = 0
    phases.close_plant(firm, FDI, CHINA, False, YEAR)
    assert firm["plant_hosts"] == 1 << KOREA
    assert firm["since"][FDI] == 1980
    assert firm["left_host"] == CHINA
    assert world.events(firm) == {"drop_host"}
    phases.close_plant(firm, FDI, KOREA, True, YEAR)
    assert firm["plant_hosts"] == 0
    assert firm["since"][FDI] == 0
    assert firm["reshored"] == YEAR
    assert {"leave", "reshore"} <= world.events(firm)


def test_leaving_a_collective_plant_leaves_the_cooperative(world) -> None:
    firm = world.spell(CLUSTER, CHINA, 1980, cooperative=4)
    phases.close_plant(firm, CLUSTER, CHINA, False, YEAR)
    assert (firm["cluster_hosts"], firm["since"][CLUSTER], firm["cooperative"]) == (0, 0, -1)


# --- act --------------------------------------------------------------------------------------------------------------------
def planner(world, mode: int = FDI, host: int = CHINA, **columns):
    """A firm with a plan whose gain is far above its cost, and cash for it."""
    return world.firm(wish_mode=mode, wish_host=host, **{"cash": 500.0, "debt": 0.0, **columns})


def own_cost(world, firm, mode: int) -> float:
    """Sunk cost of a mode for this firm before support, million yen."""
    return sunk_cost(mode, cost_scale(firm, mode, world.year[0], world.p), 10.0, world.year[0], world.p)


def test_no_plan_nothing_happens(world) -> None:
    firm = world.firm()
    before = firm.tobytes()
    phases.act(firm, world.context)
    assert firm.tobytes() == before


@pytest.mark.parametrize(("mode", "host"), [(INDIRECT, -1), (DIRECT, CHINA), (CONTRACT, CHINA), (FDI, CHINA)])
def test_a_plan_that_pays_and_can_be_paid_for_is_carried_out(world, mode: int, host: int) -> None:
    firm = planner(world, mode, host)
    cost = own_cost(world, firm, mode)
    phases.act(firm, world.context)
    assert firm["since"][mode] == YEAR
    assert world.events(firm) == {"enter"}
    assert firm["invested"] == pytest.approx(cost, rel=1e-5)
    assert firm["cash"] == pytest.approx(500.0 - cost, rel=1e-5)
    assert (firm["borrowed"], firm["debt"]) == (0.0, 0.0)
    assert (firm["wish_mode"], firm["wish_host"]) == (HOME, -1)


def test_a_plan_that_cannot_be_funded_is_dropped(world) -> None:
    firm = planner(world, cash=0.0, assets=0.0)
    phases.act(firm, world.context)
    assert (firm["wish_mode"], firm["wish_host"]) == (HOME, -1)
    assert world.events(firm) == {"unfunded"}
    assert firm["unfunded"] == FDI
    assert not firm["since"].any()
    assert (firm["plant_hosts"], firm["cash"], firm["invested"], firm["borrowed"]) == (0, 0.0, 0.0, 0.0)
    phases.close(firm, phases.DEFAULT_BIT, YEAR)  # at home, so that nothing but the end is told
    assert world.events(firm) == {"default"}


def test_without_finance_nothing_is_out_of_reach(world) -> None:
    world.year["finance"] = 0
    firm = planner(world, cash=0.0, assets=0.0)
    cost = own_cost(world, firm, FDI)
    phases.act(firm, world.context)
    assert firm["plant_hosts"] == 1 << CHINA
    assert firm["cash"] == pytest.approx(-cost, rel=1e-5)


def test_the_line_pays_what_cash_does_not(world) -> None:
    firm = planner(world, cash=10.0)
    cost = own_cost(world, firm, FDI)
    phases.act(firm, world.context)
    assert firm["cash"] == pytest.approx(0.0, abs=1e-4)
    assert firm["borrowed"] == pytest.approx(cost - 10.0, rel=1e-5)
    assert firm["debt"] == firm["borrowed"]


def test_a_plan_that_no_longer_pays_is_dropped(world) -> None:
    world.markets["cost"], world.markets["local"] = 1.5, 0.0
    firm = planner(world)
    phases.act(firm, world.context)
    assert (firm["wish_mode"], firm["plant_hosts"], firm["cash"]) == (HOME, 0, 500.0)


def test_hope_for_relief_lowers_the_cost_reckoned_with_but_not_the_cost_paid(world) -> None:
    """Up to its cap and only in its hosts; what is paid is the whole cost less what was in fact awarded."""
    world.support["relief"][:, FDI, CHINA] = 0.5
    cost = own_cost(world, planner(world), FDI)
    reckoned = {}
    for name, host, cap in (("half", CHINA, 1e9), ("capped", CHINA, 0.1 * cost), ("elsewhere", KOREA, 1e9)):
        world.support["relief_cap"][:, FDI] = cap
        firm = planner(world, host=host)
        reckoned[name] = public_support.hoped_cost(0, FDI, host, cost, 0, world.context)[0]
        phases.act(firm, world.context)
        assert firm["invested"] == pytest.approx(cost, rel=1e-5)
    assert reckoned == pytest.approx({"half": 0.5 * cost, "capped": 0.9 * cost, "elsewhere": cost}, rel=1e-5)


def test_an_award_is_written_down_and_pays_its_part(world) -> None:
    firm = planner(world, award=8.0)
    cost = own_cost(world, firm, FDI)
    phases.act(firm, world.context)
    assert firm["invested"] == pytest.approx(cost - 8.0, rel=1e-5)
    assert firm["subsidy"] == 8.0
    assert firm["supported"] == 1 << FDI
    assert firm["award"] == 0.0
    assert world.events(firm) == {"award", "enter"}


def test_an_award_can_make_the_difference(world) -> None:
    """Two firms without a line and with half the money needed: only the supported one goes."""
    need = own_cost(world, planner(world), FDI) * float(world.p["finance_need"])
    poor = {"cash": 0.5 * need, "assets": 0.0}
    alone, helped = planner(world, **poor), planner(world, award=1e4, **poor)
    phases.act(alone, world.context)
    phases.act(helped, world.context)
    assert alone["plant_hosts"] == 0
    assert helped["plant_hosts"] == 1 << CHINA


def test_a_cooperative_plan_without_a_cooperative_is_dropped(world) -> None:
    firm = planner(world, CLUSTER)
    phases.act(firm, world.context)
    assert (firm["wish_mode"], firm["wish_host"], firm["cluster_hosts"], firm["cash"]) == (HOME, -1, 0, 500.0)
    assert world.events(firm) == set()


def test_an_award_lapses_with_its_cooperative_plan(world) -> None:
    firm = planner(world, CLUSTER, award=8.0)
    phases.act(firm, world.context)
    assert firm["award"] == 0.0


@pytest.mark.parametrize("mode", [CONTRACT, FDI])
def test_a_host_that_closed_since_the_plan_is_not_entered(world, mode: int) -> None:
    world.markets["openness"][:, CHINA] = 0.0
    firm = planner(world, mode)
    phases.act(firm, world.context)
    assert not firm["since"].any()
    assert firm["invested"] == 0.0


def test_a_cooperative_plan_with_a_cooperative_is_carried_out(world) -> None:
    firm = planner(world, CLUSTER, cooperative=3)
    phases.act(firm, world.context)
    assert (firm["cluster_hosts"], firm["cooperative"]) == (1 << CHINA, 3)
    assert firm["since"][CLUSTER] == YEAR


def test_a_member_that_cannot_pay_leaves_the_cooperative(world) -> None:
    firm = planner(world, CLUSTER, cooperative=3, cash=0.0, assets=0.0)
    phases.act(firm, world.context)
    assert (firm["cluster_hosts"], firm["cooperative"], firm["wish_mode"]) == (0, -1, HOME)
