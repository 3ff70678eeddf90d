"""What support does to one firm: loans, awards, pledges, mutual aid, fairs and taxes through the phases of its year."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.behaviour import phases, public_support
from expansion_sim.behaviour.appraisal import cost_scale, knowledge_of, sunk_cost
from expansion_sim.codes import DIRECT, FDI, HOME, HOSTS
from expansion_sim.policy.offers import AWARD, FAIR, offer_of
from expansion_sim.policy.programmes import Programme

CHINA, KOREA, FRANCE = HOSTS.index("CHN"), HOSTS.index("KOR"), HOSTS.index("FRA")
YEAR = 1990


def planner(world, mode: int = FDI, host: int = CHINA, **columns):
    """A firm with a plan whose gain is far above its cost, and cash for it."""
    return world.firm(wish_mode=mode, wish_host=host, **{"cash": 500.0, "debt": 0.0, **columns})


def plant_cost(world, firm) -> float:
    """Sunk cost of a plant, million yen."""
    return sunk_cost(FDI, cost_scale(firm, FDI, world.year[0], world.p), 10.0, world.year[0], world.p)


# --- loans ------------------------------------------------------------------------------------------------------------------
def test_a_loan_pays_for_the_plan_and_stands_in_debt_with_its_own_terms(world) -> None:
    firm = planner(world, loan=20.0, loan_discount=0.009, loan_term=10.0)
    cost = plant_cost(world, firm)
    phases.act(firm, world.context)
    assert firm["plant_hosts"] == 1 << CHINA
    assert firm["cash"] == pytest.approx(500.0 + 20.0 - cost, rel=1e-5)
    assert firm["debt"] == firm["public_debt"] == firm["borrowed"] == firm["lent"] == 20.0
    assert firm["public_discount"] == pytest.approx(0.009)
    assert firm["public_instalment"] == pytest.approx(2.0)
    assert firm["loan"] == 0.0
    assert world.events(firm) == {"award", "enter"}


def test_a_loan_can_make_the_difference_where_the_bank_does_not_lend(world) -> None:
    need = plant_cost(world, planner(world)) * float(world.p["finance_need"])
    running = float(world.p["finance_running"] * planner(world)["home_sales"])  # cash that is not free
    poor = {"cash": 0.4 * need + running, "assets": 0.0}
    alone, helped = planner(world, **poor), planner(world, **poor, loan=0.7 * need, loan_discount=0.009, loan_term=20.0)
    for firm in (alone, helped):
        phases.act(firm, world.context)
    assert alone["plant_hosts"] == 0
    assert helped["plant_hosts"] == 1 << CHINA


def test_a_loan_is_repaid_in_equal_parts_until_nothing_is_left(world) -> None:
    firm = world.firm(debt=30.0, public_debt=20.0, public_instalment=5.0, public_discount=0.009, cash=100.0)
    balances = []
    for _ in range(6):
        before = float(firm["debt"]), float(firm["public_debt"])
        public_support.repay_public_loans(firm)
        assert float(firm["debt"]) - before[0] == pytest.approx(float(firm["public_debt"]) - before[1])
        balances.append(float(firm["public_debt"]))
    assert balances == pytest.approx([15.0, 10.0, 5.0, 0.0, 0.0, 0.0])
    assert firm["cash"] == pytest.approx(80.0)
    assert firm["public_instalment"] == firm["public_discount"] == 0.0


def test_only_the_public_part_of_the_debt_is_cheaper(world) -> None:
    """The interest that is not paid is the discount times the public balance, and it is the whole difference in profit before tax."""
    world.year["tax"] = 0.0
    plain, public = (world.firm(debt=100.0, public_discount=0.009, public_debt=owed) for owed in (0.0, 40.0))
    for firm in (plain, public):
        phases.settle_accounts(firm, 0.0, world.context)
    assert public["interest_saved"] == pytest.approx(0.36)
    assert float(public["profit"]) - float(plain["profit"]) == pytest.approx(0.36, abs=1e-4)


def test_a_public_loan_leaves_the_bank_s_line_free(world) -> None:
    bank, public = world.firm(debt=100.0), world.firm(debt=100.0, public_debt=60.0)
    line = [phases.line_of(firm, FDI, world.context) for firm in (bank, public)]
    assert line[1] == pytest.approx(line[0] + 60.0)


def test_a_guarantee_raises_the_line_and_saves_the_premium_on_what_it_covers(world) -> None:
    firm = world.firm(debt=100.0)
    plain = phases.line_of(firm, FDI, world.context)
    world.support["cover"][:, FDI] = 0.8
    assert phases.line_of(firm, FDI, world.context) == pytest.approx(plain + 0.8 * float(world.p["finance_guarantee"]) * float(firm["assets"]))
    interest = []
    for cover in (0.0, 0.8):
        world.support["cover"] = cover
        firm = world.firm(debt=190.0)
        phases.settle_accounts(firm, 0.0, world.context)
        interest.append(float(firm["profit"]))
    # debt of g k A carries no premium: the rate falls by p g k, after tax at .4
    saved = float(world.p["finance_premium"] * world.p["finance_guarantee"]) * 0.8 * 190.0 * (1.0 - 0.4)
    assert interest[1] - interest[0] == pytest.approx(saved, rel=1e-4)


# --- applications and awards --------------------------------------------------------------------------------------------------
def test_applications_cost_effort_even_when_the_plan_is_dropped(world) -> None:
    world.markets["cost"], world.markets["local"] = 1.5, 0.0  # no longer pays
    firm = planner(world, effort=0.4, award=5.0)
    phases.act(firm, world.context)
    assert firm["wish_mode"] == HOME
    assert firm["cash"] == pytest.approx(499.6)
    assert firm["paid_out"] == pytest.approx(0.4)
    assert firm["effort"] == firm["award"] == firm["granted"] == firm["subsidy"] == 0.0  # the award returns


def test_an_award_is_cut_to_the_cost(world) -> None:
    firm = planner(world, award=1e4, loan=50.0, loan_term=20.0)
    cost = plant_cost(world, firm)
    phases.act(firm, world.context)
    assert firm["granted"] == firm["subsidy"] == pytest.approx(cost, rel=1e-5)
    assert firm["invested"] == pytest.approx(0.0, abs=1e-4)
    assert firm["lent"] == pytest.approx(0.0, abs=1e-4)


def test_insured_receivables_need_no_cash(world) -> None:
    world.support["receivables"][:, DIRECT] = 0.95
    need = {}
    for name in ("with", "without"):
        low, high = 0.0, 500.0
        for _ in range(40):  # the least cash with which the firm can go
            cash = 0.5 * (low + high)
            firm = planner(world, DIRECT, KOREA, cash=cash, assets=0.0)
            phases.act(firm, world.context)
            low, high = (low, cash) if firm["channels"] else (cash, high)
        need[name] = high
        world.support["receivables"][:, DIRECT] = 0.0
    assert 0.0 < need["with"] < need["without"]


def fair_pull(world, firm, rate: float, host: int) -> float:
    """How much fairs lower the threshold of an entry that costs 10 million yen and 2 million a year, at risk .3."""
    pulls, known = np.zeros(len(HOSTS)), np.array([knowledge_of(firm, g, world.year[0], world.p) for g in range(len(HOSTS))])
    public_support.fair_pulls(firm, rate, 10.0, 2.0, 0.3, world.context, known, pulls)
    return pulls[host]


def test_fairs_act_for_far_markets_the_firm_does_not_know(world) -> None:
    world.markets["distance"][:, KOREA], world.markets["distance"][:, FRANCE] = 1.0, 9.7
    firm = world.firm()
    pull = {host: fair_pull(world, firm, 0.3, host) for host in (KOREA, FRANCE)}
    assert pull[FRANCE] > 2.0 * pull[KOREA] > 0.0
    firm["knowledge"][:] = 1.0
    assert fair_pull(world, firm, 0.3, FRANCE) == 0.0
    assert fair_pull(world, world.firm(), 0.0, FRANCE) == 0.0


def open_grant(world, **terms):
    """The context with one grant that everybody has heard of, half of the cost up to 10 million yen, one in two served."""
    programme = Programme(id="X", name="X", agency="Y", instrument="grant", start=1980, end=None, rate=0.5, cap=10.0, discount=None,
                          modes=(FDI,), **{"effort": 0.5, **terms})
    packed = world.record
    packed["offers"][0][:1] = offer_of(programme, 1e3, 0.5)
    return packed[0]


def awards_for(firm, mode: int, host: int, sunk: float, context) -> float:
    """Awards that a firm reckons with for a plan, of those that it has heard of."""
    return public_support.possible_awards(mode, host, sunk, public_support.offers_heard(firm, 0, context), context)


def cost_for(firm, mode: int, host: int, sunk: float, context) -> tuple[float, float]:
    """Sunk cost of a plan without and with these awards."""
    return public_support.hoped_cost(0, mode, host, sunk, public_support.offers_heard(firm, 0, context), context)


def test_planners_reckon_with_the_awards_they_have_heard_of(world) -> None:
    firm = world.firm()
    # half of 12 is 6, less the effort of .5; one in two is served
    assert awards_for(firm, FDI, CHINA, 12.0, open_grant(world)) == pytest.approx(5.5)
    assert awards_for(firm, FDI, CHINA, 100.0, open_grant(world)) == pytest.approx(9.5)  # the cap
    assert awards_for(firm, FDI, CHINA, 1.5, open_grant(world)) == 0.0  # half a chance of .75 is not worth the papers
    assert awards_for(firm, DIRECT, CHINA, 12.0, open_grant(world)) == 0.0
    assert cost_for(firm, FDI, CHINA, 12.0, open_grant(world)) == pytest.approx((12.0, 6.5))


def test_fairs_and_awards_are_heard_of_apart(world) -> None:
    """An offer is heard of by the same draw, whether a firm asks for fairs, for awards or for both."""
    context, firm, hearing = open_grant(world), world.firm(), np.zeros(1, public_support.HEARING_DTYPE)
    for kind, found in ((AWARD, (0, 1)), (FAIR, (1, 0))):
        context["offers"]["kind"][0] = kind
        hearing["number"], hearing["people"] = -1, 1.0
        assert (public_support.fairs_heard_of(firm, 0, hearing[0], context), public_support.awards_heard_of(firm, 0, hearing[0], context)) == found
        assert public_support.offers_heard(firm, 0, context) == 1


def test_a_plan_that_needs_an_award_waits_for_enough_of_it(world) -> None:
    refused, short, served = (planner(world, needs=2.0, award=award) for award in (0.0, 1.9, 2.0))
    for firm in (refused, short, served):
        phases.act(firm, world.context)
    assert [int(firm["plant_hosts"]) for firm in (refused, short, served)] == [0, 0, 1 << CHINA]
    assert [float(firm["needs"]) for firm in (refused, short, served)] == [0.0, 0.0, 0.0]
    assert [float(firm["granted"]) for firm in (refused, short, served)] == [0.0, 0.0, 2.0]


def test_a_call_brings_firms_to_a_plan_that_needs_the_more_of_the_award_the_less_they_were_about_to_decide() -> None:
    """Of firms that decide with .2, a call with .1 brings those with a draw of .2 to .28."""
    pull = public_support.pull_of_call
    assert pull(0.15, 0.2, 0.1) == 0.0  # decides by itself
    assert pull(0.24, 0.2, 0.1) == pytest.approx(0.5)
    assert pull(0.28, 0.2, 0.1) == pytest.approx(1.0)
    assert pull(0.29, 0.2, 0.1) == 0.0
    assert pull(0.24, 0.2, 0.0) == 0.0


@pytest.mark.parametrize("terms", [{"hosts": (KOREA,)}, {"industries": (0,)}, {"districts": (5,)}, {"size_classes": (4,)}, {"stages": (3,)},
                                   {"small_only": True}, {"local": True}])
def test_only_whom_the_programme_serves_may_hope(world, terms) -> None:
    firm = world.firm(firm=3)  # machine maker of thirty persons in the first district, not abroad, outside a local programme's reach
    assert awards_for(firm, FDI, CHINA, 12.0, open_grant(world, **terms)) == 0.0


# --- conditions ---------------------------------------------------------------------------------------------------------------
def test_only_money_with_a_condition_binds(world) -> None:
    free, bound = planner(world, award=3.0), planner(world, award=3.0, pledged=2.0, pledge_floor=20.0, pledge_until=YEAR + 5)
    for firm in (free, bound):
        phases.act(firm, world.context)
    assert (free["pledge"], bound["pledge"]) == (0, 1)
    assert bound["pledged"] == 2.0


def test_money_is_paid_back_when_home_jobs_fall_below_the_floor(world) -> None:
    firm = world.firm(pledge=1, pledged=2.0, pledge_floor=25.0, pledge_until=YEAR + 3, subsidy=3.0, employees=26.0)
    public_support.keep_pledge(firm, YEAR)
    assert (firm["pledge"], firm["clawed_back"]) == (1, 0.0)
    cash = float(firm["cash"])
    firm["employees"] = 24.0
    public_support.keep_pledge(firm, YEAR + 1)
    assert (firm["pledge"], firm["pledged"], firm["clawed_back"], firm["subsidy"]) == (0, 0.0, 2.0, 1.0)
    assert float(firm["cash"]) - cash == pytest.approx(-2.0, abs=1e-4)
    assert firm["paid_out"] == 2.0
    assert world.events(firm) == {"claw_back"}


def test_a_pledge_ends_with_its_term(world) -> None:
    firm = world.firm(pledge=1, pledged=2.0, pledge_floor=25.0, pledge_until=YEAR, employees=26.0)
    public_support.keep_pledge(firm, YEAR)
    assert (firm["pledge"], firm["pledged"], firm["clawed_back"]) == (0, 0.0, 0.0)


@pytest.mark.parametrize(("bit", "back"), [(phases.CLOSURE_BIT, 2.0), (phases.DEFAULT_BIT, 0.0)])
def test_who_closes_the_home_plant_pays_back_unless_bankrupt(world, bit: int, back: float) -> None:
    firm = world.firm(pledge=1, pledged=2.0, pledge_until=YEAR + 3)
    phases.close(firm, bit, YEAR)
    assert firm["clawed_back"] == back


# --- mutual aid -----------------------------------------------------------------------------------------------------------------
def test_mutual_aid_covers_bad_debts_of_its_members_only(world) -> None:
    world.support["mutual_cover"][:, HOME], world.support["members"][:, HOME] = 0.8, 0.25
    covers = np.array([public_support.mutual_cover(world.firm(firm=number), 0, world.context) for number in range(400)])
    assert set(covers) == {0.0, 0.8}
    assert 0.18 < (covers > 0.0).mean() < 0.32
    again = [public_support.mutual_cover(world.firm(firm=number), 0, world.context) for number in range(400)]
    assert covers.tolist() == again  # a lasting trait


# --- taxes ------------------------------------------------------------------------------------------------------------------------
def test_the_loss_reserve_puts_tax_off_for_five_years_and_no_yen_is_lost(world) -> None:
    """Deposit in the year of entry, released in fifths from the fifth year on: the sum of the tax differences is nothing."""
    world.support["reserve"][:, FDI, CHINA] = 0.2
    firm = world.firm(invested=30.0, event_mode=FDI, event_host=CHINA)
    saved = []
    for year in range(YEAR, YEAR + 12):
        world.year["year"] = year
        tax = public_support.tax_of_year(firm, 100.0, 0, world.context)
        saved.append(0.4 * 100.0 - tax)
        firm["invested"], firm["event_mode"], firm["event_host"] = 0.0, HOME, -1
    # .4 x .2 x 30 = 2.4 now, a fifth of it back in each of the years 5 to 9
    assert saved == pytest.approx([2.4, 0, 0, 0, 0, -0.48, -0.48, -0.48, -0.48, -0.48, 0, 0], abs=1e-5)
    assert (firm["reserve"], firm["reserve_since"]) == (0.0, 0)


def test_a_reserve_lowers_the_cost_reckoned_with_a_little(world) -> None:
    world.support["reserve"][:, FDI, CHINA] = 0.2
    firm = world.firm()
    cost, with_awards = cost_for(firm, FDI, CHINA, 50.0, world.context)
    assert with_awards == cost
    assert 48.0 < cost < 50.0
    assert cost_for(firm, FDI, KOREA, 50.0, world.context) == (50.0, 50.0)
