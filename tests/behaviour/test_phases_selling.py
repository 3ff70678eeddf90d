"""Single firms settle a year: what they sell abroad through bases and channels, and what that earns."""

from __future__ import annotations

import pytest

from expansion_sim.behaviour import appraisal, phases
from expansion_sim.behaviour.gains import third_market_sales
from expansion_sim.codes import CONTRACT, DIRECT, FDI, HOSTS, INDIRECT, MACHINERY

CHINA, KOREA, FRANCE = HOSTS.index("CHN"), HOSTS.index("KOR"), HOSTS.index("FRA")
YEAR = 1990


def test_a_starting_plant_sells_and_earns_in_step(world) -> None:
    """Moved output and the saving on it, sales of the base and the profit on them start together and are full after some years."""
    world.keep_everybody().set(gain_start_years=3.0)
    world.markets["platform"] = 0.25
    young, old = world.spell(FDI, CHINA, YEAR, relocated=0.0), world.spell(FDI, CHINA, YEAR - 30)
    moved = float(world.industries["relocatable"][MACHINERY])
    old["relocated"] = moved
    for firm in (young, old):
        phases.settle(firm, world.context)
    assert young["relocated"] == pytest.approx(moved / 3.0, rel=1e-5)
    assert young["local_sales"] == pytest.approx(old["local_sales"] / 3.0, rel=1e-5)
    for firm in (young, old):
        base = 1.25 * float(firm["local_sales"])  # and to third markets
        assert firm["plant_sales"] == pytest.approx(base + float(firm["home_sales"] * firm["relocated"]), rel=1e-5)
    plants = phases.plants_gain(old, world.context)
    assert (plants.count, plants.movers) == (1, 1)
    assert phases.gain_so_far(old, plants, world.context) == pytest.approx(plants.saved + plants.inside, rel=1e-6)
    assert phases.gain_so_far(young, plants, world.context) == pytest.approx((plants.saved + plants.inside) / 3.0, rel=1e-5)


def test_a_plant_that_is_there_for_its_market_moves_nothing(world) -> None:
    world.keep_everybody()
    world.markets["cost"], world.markets["platform"] = 1.2, 0.25
    firm = world.spell(FDI, CHINA, YEAR - 30)
    phases.settle(firm, world.context)
    assert firm["relocated"] == 0.0
    assert firm["plant_sales"] == pytest.approx(1.25 * float(firm["local_sales"]), rel=1e-5)
    assert firm["foreign_jobs"] > 0.0


def test_a_further_plant_is_booked_as_its_plan_reckoned(world) -> None:
    """Two like plants save on 1 + f times what one moves, which is what the plan of the second one counts on."""
    world.keep_everybody().set(gain_further=0.25)
    one, two = world.spell(FDI, CHINA, YEAR - 30), world.spell(FDI, CHINA, YEAR - 30)
    two["plant_hosts"] |= 2
    single, double = (phases.plants_gain(firm, world.context) for firm in (one, two))
    assert double.saved == pytest.approx(1.25 * single.saved, rel=1e-6)
    assert double.inside == pytest.approx(2.0 * single.inside, rel=1e-6)
    # closing one of them costs what the further one adds
    assert double.least == pytest.approx(0.25 * single.saved + single.inside, rel=1e-5)
    for firm in (one, two):
        for _ in range(60):
            phases.move_production(firm, bin(int(firm["plant_hosts"])).count("1"), world.context)
    assert two["relocated"] == pytest.approx(1.25 * float(one["relocated"]), rel=1e-3)


def test_what_contractors_deliver_is_no_output_of_the_plant(world) -> None:
    """With a contractor beside a plant of many years, the plant makes what is made abroad less what the contractor makes."""
    world.keep_everybody().set(gain_contract_share=0.5, gain_further=0.4)
    firm = world.spell(FDI, CHINA, YEAR - 30, contract_hosts=1 << KOREA, relocated=0.3)
    firm["since"][CONTRACT] = YEAR - 30
    delivered = 0.4 * 0.5 * float(world.industries["relocatable"][MACHINERY])
    assert appraisal.moved_to_plants(firm, world.industries[MACHINERY], world.p) == pytest.approx(0.3 - delivered)
    phases.settle(firm, world.context)
    sold = float(firm["plant_sales"] - firm["local_sales"])
    assert firm["contract_output"] == pytest.approx(delivered * float(firm["home_sales"]), rel=1e-5)
    assert sold == pytest.approx(float(firm["relocated"] - delivered) * float(firm["home_sales"]), rel=1e-4)


def test_plants_of_other_large_firms_order_from_any_base_beside_them(world) -> None:
    """Orders are a tenth of home sales, whoever supplies these firms at home, whatever the brand; as far as the host is open."""
    world.keep_everybody()
    plain = world.spell(FDI, CHINA, YEAR - 30)
    phases.settle(plain, world.context)
    world.markets["orders"], world.markets["openness"] = 0.1, 1.0
    for quality in (0.0, -3.0):
        without, firm = (world.spell(FDI, CHINA, YEAR - 30, quality=quality) for _ in range(2))
        phases.settle(firm, world.context)
        world.markets["orders"] = 0.0
        phases.settle(without, world.context)
        world.markets["orders"] = 0.1
        assert firm["local_sales"] - without["local_sales"] == pytest.approx(0.1 * float(firm["home_sales"]), rel=1e-4)
    world.year["network"] = 0
    apart = world.spell(FDI, CHINA, YEAR - 30)
    phases.settle(apart, world.context)
    assert apart["local_sales"] == pytest.approx(float(plain["local_sales"]), rel=1e-6)


@pytest.mark.parametrize("turned", ["third_tariff", "home_tariff"])
def test_tariffs_on_goods_made_abroad_bring_work_home(world, turned: str) -> None:
    """A tariff on what a plant makes, at third markets or in Japan, lowers its gain, so that more firms close it and come home."""
    world.keep_everybody().set(exit_reshore=0.1)
    market, before = world.markets[MACHINERY, CHINA], plant_and_hazard(world)
    if turned == "third_tariff":
        market["platform"] = third_market_sales(1.0, 0.25, 3.6)
    else:
        market["return_cost"] += 0.25
    gain, hazard = plant_and_hazard(world)
    assert gain < before[0]
    assert hazard > before[1]


def plant_and_hazard(world) -> tuple[float, float]:
    """Gain of a plant that saves little, and the share of many such firms that come home in a year."""
    world.markets["cost"] = 0.5
    if world.markets[MACHINERY, CHINA]["platform"] == 0.0:
        world.markets["platform"] = 1.0
    firms = world.firms(4000, plant_hosts=1, relocated=0.1)
    firms["since"][:, FDI] = YEAR - 10
    gain = phases.plants_gain(firms[0], world.context).least
    for row in range(firms.size):
        phases.settle(firms[row], world.context)
    return gain, float((firms["reshored"] == YEAR).mean())


def test_orders_of_a_customer_next_door_are_sales_of_the_base(world) -> None:
    world.keep_everybody()
    world.customers["offshore"][:, CHINA] = 0.2
    tied, free = world.spell(FDI, CHINA, YEAR - 30, parent=0, order_share=0.5), world.spell(FDI, CHINA, YEAR - 30)
    for firm in (tied, free):
        phases.settle(firm, world.context)
    # h o p = half of home sales goes to a customer that makes a fifth of its goods there
    assert tied["local_sales"] - free["local_sales"] == pytest.approx(0.1 * float(tied["home_sales"]), rel=1e-4)


def test_a_weak_bank_cuts_exports_of_firms_that_are_thin_in_cash(world) -> None:
    world.keep_everybody().set(finance_running=0.06, finance_bills=0.85, finance_bills_cycle=0.8)
    exports = {}
    for name, cash, health in (("thin", 28.0, -1.0), ("rich", 500.0, -1.0), ("sound", 28.0, 0.5)):  # 27 pay wages and bills at home
        firm = world.spell(DIRECT, CHINA, YEAR - 20, cash=cash, debt=300.0, assets=300.0)
        context = world.context
        context["banks"] = health
        phases.settle(firm, context)
        exports[name] = float(firm["export_sales"])
    assert 0.0 < exports["thin"] < 0.5 * exports["sound"]  # no line, little free cash, and the bank discounts a twentieth
    assert exports["thin"] < exports["rich"]


def test_channels_share_the_room_and_no_market_is_sold_to_twice(world) -> None:
    world.keep_everybody().set(export_room=0.5)
    world.industries["traded_goods"] = 1.0
    both, direct, house = (world.spell(DIRECT, CHINA, 1980) for _ in range(3))
    both["channels"], both["since"][INDIRECT] = 3, 1980
    house["channels"], house["markets"], house["since"][INDIRECT], house["since"][DIRECT] = 1, 0, 1980, 0
    for firm in (both, direct, house):
        phases.settle(firm, world.context)
        assert 0.0 < firm["export_sales"] < 0.5 * firm["home_sales"]
    assert direct["export_sales"] < both["export_sales"] < direct["export_sales"] + house["export_sales"]
    assert both["export_sales"] - direct["export_sales"] < (1.0 - world.p["export_rivalry"]) * house["export_sales"]
