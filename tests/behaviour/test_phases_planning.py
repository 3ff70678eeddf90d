"""Single firms look around and plan: knowledge, attention, invitations, and which plans are made."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.behaviour import phases
from expansion_sim.behaviour.phases.prospects import further_shares
from expansion_sim.codes import (
    CLUSTER,
    CONTRACT,
    DIRECT,
    ECOMMERCE,
    ELSEWHERE,
    EVENTS,
    FDI,
    HOME,
    HOST_GROUP_OF,
    HOST_GROUPS,
    HOSTS,
    INDIRECT,
    MODES,
)

CHINA, KOREA, USA = HOSTS.index("CHN"), HOSTS.index("KOR"), HOSTS.index("USA")
NUMBER = 300


def run(phase, firms: np.ndarray, world) -> np.ndarray:
    """Run a phase on every firm and return the firms."""
    for row in range(firms.size):
        phase(firms[row], world.context)
    return firms


def happened(firms: np.ndarray, event: str) -> np.ndarray:
    """Which firms saw an event this year."""
    return (firms["events"] >> EVENTS.index(event) & 1) == 1


# --- looking around ---------------------------------------------------------------------------------------------------------
def test_nobody_notices_without_a_source_of_attention(world) -> None:
    world.set(attention_base=0.0, attention_bank=0.0)
    firms = run(phases.look_around, world.firms(NUMBER), world)
    assert firms["interested"].sum() == 0


def test_without_the_mechanism_everybody_looks_abroad(world) -> None:
    world.year["attention"] = 0
    assert run(phases.look_around, world.firms(20), world)["interested"].all()


def test_attention_has_the_chance_that_its_rate_gives(world) -> None:
    """Only the base rate is left and it is .5: 1 - e^-.5 = .393 of the firms notice, within three standard errors of .06."""
    world.set(attention_base=0.5 / float(world.industries["exposure"][1]), attention_bank=0.0, attention_character=0.0)
    firms = run(phases.look_around, world.firms(600, employees=20.0), world)
    assert firms["interested"].mean() == pytest.approx(1.0 - np.exp(-0.5), abs=0.06)


def test_interest_fades_unless_there_is_a_plan(world) -> None:
    world.set(attention_fade=1.0, attention_base=0.0, attention_bank=0.0)
    idle = run(phases.look_around, world.firms(20, interested=1), world)
    planning = run(phases.look_around, world.firms(20, interested=1, wish_mode=FDI, wish_host=CHINA), world)
    assert not idle["interested"].any()
    assert planning["interested"].all()


def test_the_dead_neither_look_nor_plan(world) -> None:
    world.year["attention"] = 0
    firms = world.firms(20, alive=0, interested=1)
    before = firms.copy()
    run(phases.look_around, firms, world)
    run(phases.plan, firms, world)
    assert world.same(firms, before)


def test_knowledge_grows_only_where_the_firm_is_active(world) -> None:
    world.set(knowledge_keep=0.9, knowledge_activity=0.12, knowledge_bank=0.0)
    firm = world.firm(knowledge=np.full(len(HOST_GROUPS), 0.5), plant_hosts=1 << CHINA)
    phases.look_around(firm, world.context)
    expected = np.full(len(HOST_GROUPS), 0.45)  # .9 x .5
    expected[HOST_GROUP_OF[CHINA]] = 0.57  # and .12
    np.testing.assert_allclose(firm["knowledge"], expected, rtol=1e-6)


def test_knowledge_never_passes_one(world) -> None:
    world.peers[:] = 1.0
    firm = world.firm(knowledge=np.ones(len(HOST_GROUPS)), markets=2**16 - 1, channels=2)
    for _ in range(5):
        phases.look_around(firm, world.context)
    assert (firm["knowledge"] <= 1.0).all()
    assert firm["knowledge"].max() == 1.0


def test_direct_exporters_learn_from_their_best_market(world) -> None:
    world.set(productivity_learning=0.01)
    world.markets["income"][:, USA], world.markets["growth"][:, USA] = 1.2, 0.05
    exporter = world.firm(channels=2, markets=1 << CHINA | 1 << USA, export_sales=10.0, employees=50.0)
    at_home = world.firm()
    for firm in (exporter, at_home):
        phases.look_around(firm, world.context)
    # .01 x 1 x (1 + 10 x .05) x 50 / 100
    assert exporter["ability"] == pytest.approx(0.0075, rel=1e-5)
    assert at_home["ability"] == 0.0
    world.year["learning"] = 0
    other = world.firm(channels=2, markets=1 << USA, export_sales=10.0)
    phases.look_around(other, world.context)
    assert other["ability"] == 0.0


# --- invitations ------------------------------------------------------------------------------------------------------------
def test_suppliers_are_invited_where_their_customer_goes(world) -> None:
    world.set(parent_invite=0.5)
    world.customers["invite_host"][0] = CHINA
    suppliers = run(phases.look_around, world.firms(NUMBER, parent=0, employees=60.0), world)
    others = run(phases.look_around, world.firms(50, parent=1), world)
    there = run(phases.look_around, world.firms(50, parent=0, plant_hosts=1 << CHINA), world)
    invited = suppliers["invited_host"] == CHINA
    assert invited.mean() == pytest.approx(0.5, abs=0.1)
    assert (happened(suppliers, "invited") == invited).all()
    assert (others["invited_host"] == -1).all()
    assert (there["invited_host"] == -1).all()


def test_without_the_network_nobody_is_invited(world) -> None:
    world.year["network"] = 0
    world.set(parent_invite=1.0)
    world.customers["invite_host"] = CHINA
    assert (run(phases.look_around, world.firms(50, parent=0), world)["invited_host"] == -1).all()


def test_declining_risks_being_dropped(world) -> None:
    world.set(parent_delist=1.0)
    firms = run(phases.look_around, world.firms(NUMBER, parent=0, invited_host=CHINA, order_share=0.3), world)
    lapsed = firms["invited_host"] == -1
    assert 0.3 < lapsed.mean() < 0.7
    assert (firms["delisted"] == lapsed).all()
    np.testing.assert_allclose(firms["order_level"], np.where(lapsed, 0.5, 1.0))
    assert (happened(firms, "delisted") == lapsed).all()


# --- planning ---------------------------------------------------------------------------------------------------------------
def keen(world, number: int = NUMBER, **columns) -> np.ndarray:
    """Interested, large, gifted firms that all work out a plan this year and study plants for it."""
    world.set(attention_decide=1.0, attention_study=1.0)
    return world.firms(number, **{"interested": 1, "log_size": np.log(200.0), "productivity": 0.5, "ability": 0.5, **columns})


def test_keen_firms_make_plans_of_several_kinds(world) -> None:
    firms = run(phases.plan, keen(world), world)
    modes = set(firms["wish_mode"].tolist())
    assert {INDIRECT, DIRECT, FDI} & modes
    assert len(modes) >= 3
    assert ECOMMERCE not in modes  # there are no malls yet
    in_host = np.isin(firms["wish_mode"], (DIRECT, CONTRACT, FDI, CLUSTER))
    assert ((firms["wish_host"] >= 0) == in_host).all()
    assert (firms["award"] == 0.0).all()


def test_firms_that_are_not_interested_make_no_plan(world) -> None:
    assert (run(phases.plan, keen(world, interested=0), world)["wish_mode"] == HOME).all()


def test_a_plan_stands_until_it_was_acted_on(world) -> None:
    firms = run(phases.plan, keen(world, 50, wish_mode=FDI, wish_host=KOREA), world)
    assert (firms["wish_mode"] == FDI).all()
    assert (firms["wish_host"] == KOREA).all()


def test_a_closed_host_is_never_chosen(world) -> None:
    """China closed to foreign firms: no plan for a plant, a share or a contract there, however cheap it is."""
    world.markets["openness"][:, CHINA] = 0.0
    world.markets["cost"][:, CHINA] = 0.05
    world.markets["pull"][:, CHINA] = 5.0
    firms = run(phases.plan, keen(world, 400), world)
    plants = np.isin(firms["wish_mode"], (CONTRACT, FDI, CLUSTER))
    assert plants.sum() > 20
    assert (firms["wish_host"][plants] != CHINA).all()


def test_a_world_closed_to_plants_leaves_exports(world) -> None:
    world.markets["openness"] = 0.0
    firms = run(phases.plan, keen(world), world)
    assert set(firms["wish_mode"].tolist()) <= {HOME, INDIRECT, DIRECT}
    assert (firms["wish_mode"] != HOME).any()


def test_one_open_host_takes_all_plants(world) -> None:
    world.markets["openness"] = 0.0
    world.markets["openness"][:, KOREA] = 1.0
    firms = run(phases.plan, keen(world), world)
    plants = np.isin(firms["wish_mode"], (CONTRACT, FDI, CLUSTER))
    assert plants.any()
    assert (firms["wish_host"][plants] == KOREA).all()


def test_a_mode_in_use_is_not_planned_again(world) -> None:
    world.set(attention_expand=1.0)
    firms = run(phases.plan, keen(world, channels=1, contract_hosts=1 << CHINA, plant_hosts=1 << CHINA), world)
    assert not np.isin(firms["wish_mode"], (INDIRECT, CONTRACT)).any()
    own = np.isin(firms["wish_mode"], (FDI, CLUSTER))
    assert (firms["wish_host"][own] != CHINA).all()


def test_served_markets_are_not_planned_again(world) -> None:
    world.set(attention_expand=1.0)
    firms = run(phases.plan, keen(world, channels=2, markets=2**16 - 1 - (1 << USA)), world)
    direct = firms["wish_mode"] == DIRECT
    assert direct.any()
    assert (firms["wish_host"][direct] == USA).all()


def test_firms_abroad_look_at_further_steps_only_now_and_then(world) -> None:
    world.set(attention_expand=0.0)
    assert (run(phases.plan, keen(world, channels=1), world)["wish_mode"] == HOME).all()


def test_collective_plants_need_a_district_and_the_mechanism(world) -> None:
    taste = np.zeros(7)
    taste[CLUSTER] = 3.0
    clustered = run(phases.plan, keen(world, taste=taste, district=0), world)
    scattered = run(phases.plan, keen(world, taste=taste, district=ELSEWHERE), world)
    member = run(phases.plan, keen(world, taste=taste, district=0, cluster_hosts=1 << CHINA), world.set(attention_expand=1.0))
    world.year["cooperatives"] = 0
    without = run(phases.plan, keen(world, taste=taste, district=0), world)
    assert (clustered["wish_mode"] == CLUSTER).sum() > NUMBER / 2
    for firms in (scattered, member, without):
        assert (firms["wish_mode"] != CLUSTER).all()


def test_malls_open_a_mode(world) -> None:
    world.year["malls"] = 1.0
    taste = np.zeros(7)
    taste[ECOMMERCE] = 4.0
    assert (run(phases.plan, keen(world, industry=0, taste=taste), world)["wish_mode"] == ECOMMERCE).any()


def test_interest_ripens_into_a_plan_now_and_then(world) -> None:
    firms = keen(world, channels=0)
    world.set(attention_decide=0.0)
    assert (run(phases.plan, firms, world)["wish_mode"] == HOME).all()


def test_plants_are_planned_only_by_firms_that_study_them(world) -> None:
    """In a calm year without urgency nobody studies; pressure, an invitation or a world without limits of attention make them."""
    plants = {}
    for name in ("calm", "yen", "invited", "attentive"):
        firms = keen(world, invited_host=KOREA if name == "invited" else -1)
        world.set(attention_study=0.0, attention_urgency=10.0)
        world.year["appreciation"], world.year["attention"] = 0.2 * (name == "yen"), int(name != "attentive")
        plants[name] = int(np.isin(run(phases.plan, firms, world)["wish_mode"], (FDI, CLUSTER)).sum())
    assert plants["calm"] == 0
    assert min(plants["yen"], plants["invited"], plants["attentive"]) > 0


@pytest.mark.parametrize("mode", [INDIRECT, DIRECT, FDI])
def test_own_taste_tips_the_choice(world, mode: int) -> None:
    taste = np.zeros(7)
    taste[mode] = 2.0
    fond = (run(phases.plan, keen(world, taste=taste), world)["wish_mode"] == mode).mean()
    world.year["taste"] = 0
    indifferent = (run(phases.plan, keen(world, taste=taste), world)["wish_mode"] == mode).mean()
    assert fond > indifferent


def test_an_invitation_draws_plants_to_its_host(world) -> None:
    taste = np.zeros(7)
    taste[FDI] = 3.0
    invited = run(phases.plan, keen(world, taste=taste, parent=0, order_share=0.3, invited_host=KOREA), world)
    alone = run(phases.plan, keen(world, taste=taste, parent=0, order_share=0.3), world)

    def to_korea(firms: np.ndarray) -> int:
        return int(((firms["wish_mode"] == FDI) & (firms["wish_host"] == KOREA)).sum())

    assert to_korea(invited) > to_korea(alone)


def test_lack_of_freedom_holds_plants_back(world) -> None:
    taste = np.zeros(7)
    taste[FDI] = 2.0
    free = run(phases.plan, keen(world, taste=taste), world)
    world.year["freedom"] = 0.05
    bound = run(phases.plan, keen(world, taste=taste), world)
    assert (bound["wish_mode"] == FDI).sum() < (free["wish_mode"] == FDI).sum()


def test_plans_depend_on_nobody_else(world) -> None:
    """The same firms planned in another order and among others: the same plans."""
    firms = run(phases.plan, keen(world, 40), world)
    again = run(phases.plan, keen(world, 40)[::-1].copy(), world)[::-1]
    assert world.same(firms, again)


def test_who_left_not_long_ago_returns_for_less(world) -> None:
    """Part of the sunk cost is still there for a year or two, so that more recent leavers plan to sell abroad again; a sold plant is gone."""
    world.set(sunk_returning=0.9, sunk_returning_years=1.5, sunk_direct=60.0)
    direct, plants = [], []
    for away in (1, 25):
        left = np.zeros((5 * NUMBER, len(MODES)), dtype=np.int64)
        left[:, [DIRECT, FDI]] = world.year[0]["year"] - away
        firms = keen(world, 5 * NUMBER, left=left)
        for mode, found in ((DIRECT, direct), (FDI, plants)):
            found.append(further_shares(firms[0], mode, world.year[0], world.p)[1])
        run(phases.plan, firms, world)
        direct.append((firms["wish_mode"] == DIRECT).sum())
    assert direct[0] == pytest.approx(1.0 - 0.9 * np.exp(-1.0 / 1.5))
    assert direct[2] == pytest.approx(1.0, abs=1e-6)
    assert direct[1] > direct[3] > 0
    assert plants == [1.0, 1.0]
