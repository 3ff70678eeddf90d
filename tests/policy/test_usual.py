"""Terms that programmes take from their instrument: a scenario changes them, and only where a programme states none."""

from __future__ import annotations

from pathlib import Path

import pytest

from expansion_sim.codes import DIRECT, HOME
from expansion_sim.policy.entitlements import CALLED_ABROAD, shares_of
from expansion_sim.policy.instruments import INSTRUMENTS, Usual
from expansion_sim.policy.offers import stated_offer
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.record import scenario_programmes, stated_programmes
from expansion_sim.policy.support import support_table
from expansion_sim.policy.terms import stated_terms
from expansion_sim.policy.usual import acting, acting_keys
from expansion_sim.scenario.divergence import first_difference
from expansion_sim.scenario.load import load_scenario
from expansion_sim.scenario.spec import Scenario

INSTRUMENT = "support.instrument."
BARE = """
schema_version = 1
extends = "history"
"""


def programmes(settings: dict[str, float] | None = None) -> dict[str, Programme]:
    return {programme.id: programme for programme in scenario_programmes(load_scenario("history", settings or {}).support)}


def offered(settings: dict[str, float], lever: str, mode: int, year: int = 2020) -> float:
    """One lever of the support table of a year, for small firms."""
    return float(support_table(stated_programmes(load_scenario("history", settings).support), year).table[1, mode][lever])


def own(tmp_path: Path, instrument: str, modes: str = "['direct']", **terms: object) -> Scenario:
    """History with one programme "Bare" that states nothing but its instrument, and perhaps single terms."""
    lines = "\n".join(f"{key} = {value}" for key, value in {"instrument": f"'{instrument}'", "start_year": 1990, "modes": modes, **terms}.items())
    path = tmp_path / "own.toml"
    path.write_text(f"{BARE}[[support.programme]]\nname = 'Bare'\n{lines}\n", encoding="utf-8")
    return load_scenario(str(path))


def bare(scenario: Scenario) -> Programme:
    return next(programme for programme in stated_programmes(scenario.support) if programme.name == "Bare")


def test_the_numbers_are_those_that_stood_in_the_code() -> None:
    usual = stated_terms().usual
    assert usual["advice"] == Usual(0.25, use_cost=0.05, reach=0.1)
    assert usual["matching"] == Usual(0.25, use_cost=0.1, reach=0.1)
    assert usual["pilot_grant"] == Usual(0.667, effort=0.4, reach=0.1)
    assert usual["loan"] == Usual(0.5, effort=0.05, discount=0.009, term=20.0, reach=0.1)
    assert usual["insurance"] == Usual(0.15, receivables=0.9, mutual_cover=0.8, reach=0.1)
    strengths = (0.25, 0.25, 0.3, 0.4, 0.5, 0.5, 0.667, 0.5, 0.7, 0.8, 0.15, 0.15, 0.5, 0.2)
    assert tuple(usual[name].strength for name in INSTRUMENTS) == strengths
    efforts = {name: value.effort for name, value in usual.items() if value.effort}
    assert efforts == {"trade_fair": 0.02, "e_commerce": 0.02, "grant": 0.2, "joint_grant": 0.2, "pilot_grant": 0.4, "loan": 0.05,
                       "joint_site_loan": 0.2, "local_conditional_support": 0.05}


def test_a_stronger_instrument_moves_its_lever_in_the_support_table() -> None:
    for instrument, lever, mode, strength, year in (
        ("advice", "advice", HOME, 0.26, 2020), ("matching", "knowledge", HOME, 0.3, 2012), ("insurance", "insured", DIRECT, 0.2, 2020),
        ("loan_guarantee", "cover", DIRECT, 0.1, 2023),
    ):
        before, after = (offered(settings, lever, mode, year) for settings in ({}, {f"{INSTRUMENT}{instrument}.strength": strength}))
        assert (after > before) == (strength > stated_terms().usual[instrument].strength), instrument
        assert after != before, instrument
    assert offered({f"{INSTRUMENT}advice.strength": 0.3}, "knowledge", HOME) == offered({}, "knowledge", HOME)


def test_local_programmes_reach_what_the_scenario_says() -> None:
    assert offered({"support.local.reach_percent": 20.0}, "advice", HOME, 1990) == offered({}, "advice", HOME, 1990)  # none is local yet
    plain, wider = programmes(), programmes({"support.local.reach_percent": 20.0})
    assert (plain["P51"].part, wider["P51"].part, wider["P52"].part, wider["P53"].area) == (0.1, 0.2, 1.0, 0.2)
    assert wider["P07"] == plain["P07"]


def test_what_a_programme_states_keeps_its_value_and_the_rest_follows_the_instrument() -> None:
    changed = programmes({f"{INSTRUMENT}grant.strength": 0.9, f"{INSTRUMENT}grant.effort_million_yen": 1.5,
                          f"{INSTRUMENT}loan.effort_million_yen": 0.7, f"{INSTRUMENT}loan.term_years": 12.0,
                          f"{INSTRUMENT}loan.rate_discount_points": 3.0, f"{INSTRUMENT}advice.use_cost_million_yen": 9.0})
    plain = programmes()
    assert changed["P17"].share_paid == plain["P17"].share_paid  # its own rate
    assert stated_offer(changed["P17"])["effort"][0] == 1.5
    assert (changed["P29"].effort_cost, changed["P33"].effort_cost) == (1.0, 0.7)
    assert (changed["P32"].loan_term, changed["P33"].loan_term) == (20.0, 12.0)
    assert changed["P33"].loan_discount == plain["P33"].loan_discount == 0.009
    assert changed["P02"] == plain["P02"]  # it states its cost per use, so nothing of it changes
    assert changed["P33"] != plain["P33"]


@pytest.mark.parametrize(("instrument", "terms", "expected"), [
    ("grant", {}, {"strength", "effort"}),
    ("grant", {"rate_percent": 50.0, "effort_million_yen": 0.0}, set()),
    ("advice", {}, {"strength", "use_cost"}),
    ("advice", {"places_per_year": 10.0, "local": "true"}, {"use_cost", "reach"}),
    ("loan", {"rate_discount_points": 1.0}, {"strength", "effort", "term"}),
    ("insurance", {}, {"strength", "receivables"}),
    ("insurance", {"modes": "['home']"}, {"mutual_cover"}),
    ("insurance", {"cover_percent": 90.0}, {"strength"}),
    ("tax_reserve", {"value": "[{term = 'rate_percent', from = 1990, value = 20.0}]"}, set()),
    ("tax_reserve", {"value": "[{term = 'rate_percent', from = 1995, value = 20.0}]"}, {"strength"}),
])
def test_which_terms_of_the_instrument_act(tmp_path: Path, instrument: str, terms: dict[str, object], expected: set[str]) -> None:
    assert acting(bare(own(tmp_path, instrument, **terms))) == expected


def test_every_term_that_acts_reaches_the_programme(tmp_path: Path) -> None:
    given = {"strength": 0.11, "effort_million_yen": 0.77, "rate_discount_points": 0.3, "term_years": 7.0}
    lending = own(tmp_path, "loan")
    before = bare(lending)
    settings = {f"{INSTRUMENT}loan.{key}": value for key, value in given.items()}
    after = bare(load_scenario(str(tmp_path / "own.toml"), settings))
    assert (after.share_paid, after.effort_cost, after.loan_discount, after.loan_term) == (0.11, 0.77, 0.003, 7.0)
    offer = stated_offer(after)
    assert [float(offer[name][0]) for name in ("rate", "effort", "discount", "term")] == [0.11, 0.77, 0.003, 7.0]
    assert stated_offer(before)["rate"][0] == 0.5  # caches keep the two apart
    insured = bare(own(tmp_path, "insurance"))
    changed = bare(load_scenario(str(tmp_path / "own.toml"), {f"{INSTRUMENT}insurance.receivables_cover_percent": 55.0}))
    assert (insured.receivables_cover, changed.receivables_cover) == (0.9, 0.55)
    aided = bare(own(tmp_path, "insurance", "['home']"))
    changed = bare(load_scenario(str(tmp_path / "own.toml"), {f"{INSTRUMENT}insurance.mutual_cover_percent": 55.0}))
    assert (aided.mutual_cover, changed.mutual_cover) == (0.8, 0.55)


def test_guarantees_answer_for_the_cover_of_the_scenario() -> None:
    settings = {f"{INSTRUMENT}loan_guarantee.strength": 0.1}
    plain, weaker = (stated_programmes(load_scenario("history", given).support) for given in ({}, settings))
    row = next(row for row, programme in enumerate(plain) if programme.id == "P39")
    before, after = (shares_of(programmes, 2023)[CALLED_ABROAD][0] for programmes in (plain, weaker))
    assert after[row] <= 0.1 < before.sum()
    assert (after[:row] == before[:row]).all()


def test_only_terms_that_act_on_some_programme_count() -> None:
    keys = acting_keys(programmes().values())
    assert {f"{INSTRUMENT}advice.strength", f"{INSTRUMENT}insurance.strength", f"{INSTRUMENT}loan_guarantee.strength",
            f"{INSTRUMENT}grant.effort_million_yen", f"{INSTRUMENT}loan.term_years", "support.local.reach_percent"} <= keys
    assert not {f"{INSTRUMENT}grant.strength", f"{INSTRUMENT}advice.use_cost_million_yen", f"{INSTRUMENT}tax_reserve.strength"} & keys


def test_worlds_share_their_past_until_the_instrument_acts() -> None:
    history = load_scenario("history")
    same = load_scenario("history", {f"{INSTRUMENT}grant.strength": 0.9, f"{INSTRUMENT}advice.strength": 0.25})
    assert first_difference(history, same) is None  # every grant states its rate, and advice is as strong as it was
    assert stated_programmes(same.support) == stated_programmes(history.support)
    for settings, year in (({f"{INSTRUMENT}advice.strength": 0.3}, 1958), ({f"{INSTRUMENT}loan_guarantee.strength": 0.3}, 2022),
                           ({f"{INSTRUMENT}pilot_grant.effort_million_yen": 0.1}, 2012), ({"support.local.reach_percent": 5.0}, 2000)):
        assert first_difference(history, load_scenario("history", settings)) == year, settings
