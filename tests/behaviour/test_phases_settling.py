"""Single firms settle their year: exits, lock-in, reshoring, jobs, default, succession, closures, money."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expansion_sim.behaviour import phases
from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, ECOMMERCE, FDI, HOSTS, INDIRECT

CHINA, KOREA, FRANCE = HOSTS.index("CHN"), HOSTS.index("KOR"), HOSTS.index("FRA")
YEAR = 1990
HOST_COLUMN = {DIRECT: "markets", CONTRACT: "contract_hosts", FDI: "plant_hosts", CLUSTER: "cluster_hosts"}
CHANNEL = {INDIRECT: 1, DIRECT: 2, ECOMMERCE: 4}


# --- settle: spells ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("mode", "host"), [(INDIRECT, -1), (DIRECT, CHINA), (CONTRACT, CHINA), (FDI, CHINA), (CLUSTER, CHINA)])
def test_a_spell_without_hazard_goes_on_and_sells(world, mode: int, host: int) -> None:
    firm = world.keep_everybody().spell(mode, host)
    phases.settle(firm, world.context)
    assert firm["since"][mode] == 1980
    earned = "export_sales" if mode in CHANNEL else "contract_output" if mode == CONTRACT else "plant_sales"
    assert firm[earned] > 0.0
    assert (firm["foreign_jobs"] > 0.0) == (mode in (FDI, CLUSTER))
    assert world.events(firm) == set()


@pytest.mark.parametrize("mode", [INDIRECT, DIRECT, CONTRACT, FDI, CLUSTER])
def test_a_spell_at_the_highest_hazard_ends(world, mode: int) -> None:
    """95 of 100 firms leave in the year: bits, spell and sales go, the year is noted."""
    world.send_everybody_home()
    gone = 0
    for number in range(60):
        firm = world.spell(mode, CHINA, 1980, firm=number)
        phases.settle(firm, world.context)
        if firm["since"][mode] == 0:
            gone += 1
            assert firm["left_modes"] == 1 << mode
            assert firm["left"][mode] == YEAR
            assert firm["years_in_mode"] == 10
            assert not any(firm[name] for name in ("channels", "markets", "contract_hosts", "plant_hosts", "cluster_hosts"))
            assert firm["export_sales"] == firm["plant_sales"] == firm["foreign_jobs"] == 0.0
    assert 48 <= gone <= 60


@pytest.mark.parametrize("mode", [INDIRECT, DIRECT, CONTRACT, FDI])
def test_nobody_leaves_in_the_year_of_entry(world, mode: int) -> None:
    world.send_everybody_home()
    for number in range(20):
        firm = world.spell(mode, CHINA, YEAR, firm=number)
        phases.settle(firm, world.context)
        assert firm["since"][mode] == YEAR


def test_collective_plants_are_locked_in(world) -> None:
    """No member leaves in the first years, whatever the hazard; most leave once they may."""
    world.send_everybody_home().set(exit_reshore=0.5, cooperative_lock_in=3.0)
    stayed = {}
    for age in (1, 2, 3):
        firms = [world.spell(CLUSTER, CHINA, YEAR - age, firm=number, relocated=0.1, cooperative=1) for number in range(20)]
        for firm in firms:
            phases.settle(firm, world.context)
        stayed[age] = sum(int(firm["cluster_hosts"] != 0) for firm in firms)
    assert stayed[1] == stayed[2] == 20
    assert stayed[3] < 8


def test_lock_in_holds_for_members_with_an_own_plant_elsewhere(world) -> None:
    """A collective plant of one year is kept although an own plant is ten years old and the collective one is the weaker."""
    world.send_everybody_home().set(cooperative_lock_in=3.0)
    world.markets["cost"][:, KOREA], world.markets["local"][:, KOREA] = 1.5, 0.0
    for number in range(20):
        firm = world.spell(FDI, CHINA, YEAR - 10, firm=number, cluster_hosts=1 << KOREA, cooperative=1)
        firm["since"][CLUSTER] = YEAR - 1
        phases.settle(firm, world.context)
        assert firm["cluster_hosts"] == 1 << KOREA


def test_reshoring_needs_work_abroad_and_is_noted(world) -> None:
    world.keep_everybody().set(exit_reshore=10.0)  # the hazard is capped at one half
    home = 0
    for number in range(60):
        firm = world.spell(FDI, CHINA, 1980, firm=number, relocated=0.2)
        phases.settle(firm, world.context)
        if "reshore" in world.events(firm):
            home += 1
            assert (firm["plant_hosts"], firm["reshored"]) == (0, YEAR)
            assert "leave" in world.events(firm)
    assert 18 <= home <= 42
    world.industries["relocatable"] = 0.0  # bases that only sell where they are
    for number in range(20):
        firm = world.spell(FDI, CHINA, 1980, firm=number, relocated=0.0)
        phases.settle(firm, world.context)
        assert firm["plant_hosts"] == 1 << CHINA


def test_direct_exporters_drop_weak_markets_first(world) -> None:
    world.keep_everybody()
    world.markets["demand"][:, KOREA], world.markets["demand_agreement"][:, KOREA] = 0.001, 0.001
    world.set(exit_export_base=0.3)
    dropped = 0
    for number in range(60):
        firm = world.spell(DIRECT, CHINA, 1980, firm=number)
        firm["markets"] |= 1 << KOREA
        phases.settle(firm, world.context)
        if "drop_host" in world.events(firm):
            dropped += 1
            assert firm["markets"] == 1 << CHINA
            assert firm["channels"] == 2
    assert dropped > 0


# --- settle: jobs -----------------------------------------------------------------------------------------------------------
def home_jobs(world, years: int, pledge: int) -> float:
    """Home employees of a firm whose plant is this old, relative to the firm without one."""
    abroad = world.keep_everybody().spell(FDI, CHINA, YEAR - years + 1, pledge=pledge)
    alone = world.firm()
    phases.settle(abroad, world.context)
    phases.settle(alone, world.context)
    return float(abroad["employees"] / alone["employees"])


def test_home_jobs_dip_and_recover(world) -> None:
    path = [home_jobs(world, years, 0) for years in range(1, 13)]
    assert path[2] == pytest.approx(0.84, abs=0.04)
    assert min(path) < 0.95
    assert path[-1] > 1.0


def test_a_pledge_keeps_jobs_at_home_and_halves_what_moves(world) -> None:
    assert min(home_jobs(world, years, 1) for years in range(1, 13)) >= 1.0 - 1e-6
    free, bound = (world.spell(FDI, CHINA, 1980, pledge=pledge) for pledge in (0, 1))
    phases.settle_jobs(free, world.context)
    phases.settle_jobs(bound, world.context)
    assert bound["relocated"] == pytest.approx(0.5 * float(free["relocated"]), rel=1e-5)


def test_work_moves_step_by_step_and_comes_back(world) -> None:
    world.keep_everybody()
    firm = world.spell(FDI, CHINA, 1980)
    shares = []
    for _ in range(12):
        phases.move_production(firm, 1, world.context)
        shares.append(float(firm["relocated"]))
    assert shares == sorted(shares)
    # a third of the gap a year: after n years 1 - (2/3)^n of the target
    assert shares[2] / shares[0] == pytest.approx((1.0 - (2.0 / 3.0) ** 3) * 3.0, rel=1e-4)
    firm["plant_hosts"] = 0
    for _ in range(40):
        phases.move_production(firm, 0, world.context)
    phases.settle_jobs(firm, world.context)
    assert firm["relocated"] == 0.0
    assert firm["foreign_jobs"] == 0.0


def test_lost_orders_cost_jobs(world) -> None:
    hurt, whole = world.firm(parent=0, order_share=0.5, order_level=0.4), world.firm(parent=0, order_share=0.5)
    for firm in (hurt, whole):
        phases.settle_jobs(firm, world.context)
    # (1 - .5 x .6)^elasticity = .7^elasticity
    assert hurt["employees"] / whole["employees"] == pytest.approx(0.7 ** float(world.p["jobs_elasticity"]), rel=1e-5)


# --- settle: closing --------------------------------------------------------------------------------------------------------
def test_default_when_cash_and_line_are_gone(world) -> None:
    broke = world.firm(cash=-50.0, assets=0.0, productivity=-1.0, ability=-1.0)
    saved = world.firm(cash=-50.0, assets=1e4, productivity=-1.0, ability=-1.0)
    for firm in (broke, saved):
        phases.settle(firm, world.context)
    assert (broke["alive"], world.events(broke)) == (0, {"default"})
    assert (saved["alive"], world.events(saved)) == (1, set())
    assert saved["cash"] >= 0.0
    assert saved["debt"] > broke["debt"]


def test_a_firm_that_ends_notes_the_modes_it_was_in(world) -> None:
    firm = world.keep_everybody().spell(FDI, CHINA, 1980, cash=-1e6, assets=0.0)
    firm["since"][DIRECT], firm["channels"], firm["markets"] = 1975, 2, 1 << KOREA
    phases.settle(firm, world.context)
    assert firm["alive"] == 0
    assert firm["left_modes"] == 1 << FDI | 1 << DIRECT


def test_nobody_closes_without_a_recorded_rate(world) -> None:
    firms = world.firms(200)
    for row in range(200):
        phases.settle(firms[row], world.context)
    assert firms["alive"].all()


def test_closures_follow_the_recorded_rate(world) -> None:
    """Firms of average hazard: .2 of 2,000 close, three standard errors of .027 around it."""
    world.industries["closure_rate"] = 0.2
    firms = world.firms(2_000, log_size=math.log(5.0))
    for row in range(2_000):
        phases.settle(firms[row], world.context)
    closed = firms["alive"] == 0
    assert closed.mean() == pytest.approx(0.2, abs=0.027)
    assert {tuple(sorted(world.events(firm))) for firm in firms[closed]} == {("closure",)}


def test_old_owners_hand_over_or_close(world) -> None:
    """Past the age of succession a known share settles it every year: some find a successor of 42, the others close."""
    world.set(closure_succession=0.5, closure_succession_found=0.5)
    age = float(world.p["closure_succession_age"])
    old, young = world.firms(1_000, owner_age=age + 2.0), world.firms(200, owner_age=age - 2.0)
    for firms in (old, young):
        for row in range(firms.size):
            phases.settle(firms[row], world.context)
    closed, handed = (old["alive"] == 0).mean(), (old["owner_age"] == 42.0).mean()
    found = min(0.98, 0.5 * (30.0 / 5.0) ** 0.25)  # chance of a firm of thirty persons
    assert closed == pytest.approx(0.5 * (1.0 - found), abs=0.04)
    assert handed == pytest.approx(0.5 * found, abs=0.05)
    assert young["alive"].all()


# --- money ------------------------------------------------------------------------------------------------------------------
MONEY = st.floats(0.0, 1_000.0)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cash=st.floats(-50.0, 1_000.0),
    debt=MONEY,
    assets=MONEY,
    log_size=st.floats(0.0, 6.5),
    productivity=st.floats(-1.5, 1.5),
    mode=st.integers(0, 5),
    abroad=st.integers(0, 5),
    award=st.floats(0.0, 30.0),
    stance=st.floats(-1.0, 1.0),
    finance=st.integers(0, 1),
    number=st.integers(0, 10_000),
)
def test_money_in_is_money_out(
    world, cash, debt, assets, log_size, productivity, mode, abroad, award, stance, finance, number
) -> None:
    """cash' - cash = profit + borrowed - paid out - invested, and debt' - debt = borrowed, whatever the firm does in the year."""
    world.year["noise"], world.year["stance"], world.year["finance"] = 1, stance, finance
    columns = {
        "cash": cash,
        "debt": debt,
        "assets": assets,
        "log_size": log_size,
        "ability": productivity,
        "productivity": productivity,
    }
    firm = world.spell(abroad, CHINA, 1985, firm=number, **columns) if abroad else world.firm(firm=number, **columns)
    if mode and mode != abroad:
        firm["wish_mode"], firm["wish_host"] = mode, (KOREA if mode in HOST_COLUMN else -1)
        firm["award"] = award
    opening, owed = float(firm["cash"]), float(firm["debt"])
    for phase in (phases.produce, phases.act, phases.settle, phases.look_around, phases.plan):
        phase(firm, world.context)
    flows = {name: float(firm[name]) for name in ("profit", "borrowed", "paid_out", "invested")}
    size = max(1.0, abs(opening), owed, float(firm["home_sales"]), *map(abs, flows.values()))
    change = flows["profit"] + flows["borrowed"] - flows["paid_out"] - flows["invested"]
    assert float(firm["cash"]) - opening == pytest.approx(change, abs=2e-6 * size)
    assert float(firm["debt"]) - owed == pytest.approx(flows["borrowed"], abs=2e-6 * size)
    assert flows["paid_out"] >= -2e-6 * size
    assert flows["invested"] >= 0.0
    assert firm["alive"] == (firm["cash"] >= 0.0) or "closure" in world.events(firm)


def test_the_accounts_of_a_year_by_hand(world) -> None:
    """A firm at home with 450 of sales, 54 of cash and the usual debt."""
    world.set(profit_margin=0.04, finance_cash_target=0.12, finance_payout=0.5, finance_premium=0.0, finance_leverage=0.4)
    firm = world.firm(cash=54.0, debt=180.0)
    world.year["lending_rate"] = 0.02  # the spread over the reference rate is nil
    phases.settle_accounts(firm, 0.0, world.context)
    # profit 450 x .04 x (1 - .4) = 10.8; cash 64.8, above 54 by 10.8, half of it paid out; debt is at its usual .4 of sales
    assert firm["profit"] == pytest.approx(10.8, rel=1e-5)
    assert firm["paid_out"] == pytest.approx(5.4, rel=1e-5)
    assert firm["cash"] == pytest.approx(59.4, rel=1e-5)
    assert firm["borrowed"] == pytest.approx(0.0, abs=1e-4)
    assert firm["debt"] == pytest.approx(180.0, rel=1e-5)


def test_losses_abroad_reach_the_cash_of_the_firm(world) -> None:
    gaining, losing = world.firm(), world.firm()
    phases.settle_accounts(gaining, 10.0, world.context)
    phases.settle_accounts(losing, -60.0, world.context)
    assert gaining["profit"] > losing["profit"]
    assert gaining["profit"] - losing["profit"] >= 70.0 * (1.0 - 0.4) - 1e-3
