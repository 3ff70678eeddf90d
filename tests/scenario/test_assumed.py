"""Terms of support that are known within a range: stated in scenarios, shown with their range, drawn the same in every world."""

import json

import pandas as pd
import pytest
from writing import OWN, problems, write

from expansion_sim.cli import main
from expansion_sim.policy.record import scenario_programmes
from expansion_sim.policy.terms import stated_terms
from expansion_sim.results.run import simulate
from expansion_sim.scenario import assumed, load_scenario
from expansion_sim.scenario.assumed import assumed_terms, declared_terms, drawn, is_whole, shared_terms, with_terms
from expansion_sim.scenario.divergence import first_difference
from expansion_sim.scenario.fields import keys

PLACES = "support.programme.P07.places_per_year"
OWN_PLACES = 'support.programme."Market test".value.0.value'


def keys_of(terms):
    return {term.key for term in terms}


@pytest.mark.parametrize(("old", "new", "told"), [
    ("value = 30.0", "value = 70.0", "own.toml:12: support.programme[Market test].value[0].value: 70 is outside its range, 10 to 60"),
    ("low = 10.0", "low = 60.0", "own.toml:13: support.programme[Market test].value[0].low: 60 is not below high = 60"),
    ("high = 60.0\n", "", "own.toml:13: support.programme[Market test].value[0].low: low and high go together"),
    ("low = 10.0\n", "", "own.toml:13: support.programme[Market test].value[0].high: low and high go together"),
    ("low = 10.0", "lo = 10.0", "own.toml:13: support.programme[Market test].value[0].lo: unknown key; did you mean 'low'?"),
    ("low = 10.0", "low = -1.0", "own.toml:13: support.programme[Market test].value[0].low: -1.0 is out of range (allowed 0 or more"),
    ('"places_per_year"', '"rate_percent"', None),
    ('"places_per_year"\nfrom = 1990\nvalue = 30.0\nlow = 10.0\nhigh = 60.0', '"rate_percent"\nfrom = 1990\nvalue = 30.0\nlow = 10.0\nhigh = 160.0',
     "own.toml:14: support.programme[Market test].value[0].high: 160 is above 100, the most for rate_percent"),
])
def test_a_bad_range_of_a_dated_value_is_one_line_and_exit_2(old, new, told, capsys):
    assert old in OWN
    path = write("own.toml", OWN.replace(old, new))
    if told is None:
        assert load_scenario(path).support.programme[0].value[0].high == 60.0
        return
    assert len(problems(path)) == 1
    assert problems(path)[0].startswith(told)
    assert main(["scenario", "check", path]) == 2
    assert capsys.readouterr().err.strip().startswith(told)


def test_an_agency_that_runs_nothing_is_refused_with_the_nearest_name():
    path = write("bad.toml", OWN + '[[support.agency]]\nname = "JETROO"\noffices = 3\n[[support.agency]]\nname = "Chamber"\noffices = 3\n')
    assert problems(path)[0].startswith("bad.toml:17: support.agency[JETROO]: no programme is run by 'JETROO'; did you mean 'JETRO'?")
    assert len(problems(path)) == 1
    assert problems("history", ["support.agency.JETRO.ofices=3"])[0].endswith("did you mean 'offices'? (allowed: name, offices, experts, source)")
    assert "out of range" in problems("history", ["support.agency.JETRO.offices=-3"])[0]


@pytest.mark.parametrize(("setting", "told"), [
    ("support.instrument.advise.strength=0.3", "support.instrument[advise].name: 'advise' is not known; did you mean 'advice'?"),
    ("support.instrument.advice.strenth=0.3", "support.instrument[advice].strenth: unknown key; did you mean 'strength'?"),
    ("support.instrument.advice.strength=3", "support.instrument[advice].strength: 3 is out of range (allowed 0 to 1 share)"),
    ("support.instrument.advice.effort_million_yen=1",
     "support.instrument[advice].effort_million_yen: has no effect on the instrument advice (allowed for it: strength, use_cost_million_yen)"),
    ("support.local.reach_percnt=20", "support.local.reach_percnt: unknown key; did you mean 'reach_percent'?"),
])
def test_a_bad_term_of_an_instrument_is_one_line_and_exit_2(setting, told, capsys):
    assert problems("history", [setting])[0].startswith(f"--set: {told}")
    assert main(["scenario", "show", "history", "--set", setting]) == 2
    assert [line.startswith(f"--set: {told}") for line in capsys.readouterr().err.strip().splitlines()] == [True]
    key, value = setting.removeprefix("support.").split("=")
    kind, *name, last = key.split(".")
    table = f'[[support.{kind}]]\nname = "{name[0]}"\n' if name else f"[support.{kind}]\n"
    lines = problems(write("bad.toml", f'schema_version = 1\nextends = "history"\n{table}{last} = {value}\n'))
    assert len(lines) == 1 and lines[0].startswith("bad.toml:") and told in lines[0]


def test_draws_lie_within_the_ranges_and_depend_on_seed_replication_and_key_alone():
    history = load_scenario("history")
    values = {term.key: [drawn(term, 1, replication) for replication in range(200)] for term in assumed_terms(history)}
    for term in assumed_terms(history):
        low, high = term.bounds
        assert low <= min(values[term.key]) and max(values[term.key]) <= high, term.key
        assert max(values[term.key]) - min(values[term.key]) > 0.9 * (high - low), term.key
        assert is_whole(term.key) == term.key.endswith(("group_size", "start_year", "end_year")), term.key
        assert len(set(values[term.key])) == (high - low + 1 if is_whole(term.key) else 200), term.key
    assert all(isinstance(value, int) for value in values["support.programme.P16.group_size"])
    term = stated_terms().numbers[PLACES]
    assert drawn(term, 1, 0) != drawn(term, 2, 0)
    assert values["support.programme.P11.places_per_year"] != values["support.programme.P12.places_per_year"]


def test_worlds_with_one_seed_have_the_same_terms():
    worlds = [load_scenario(write("own.toml", OWN)), load_scenario("no_grants"), load_scenario("no_support")]
    shared = shared_terms(*worlds)
    own, fewer, none = (with_terms(world, shared, 3) for world in worlds)
    assert none == worlds[2]
    first, second = ({p.id: p for p in scenario_programmes(world.support)} for world in (own, fewer))
    assert first["P07"].places == drawn(stated_terms().numbers[PLACES], own.seed, 3) != 4000.0
    assert all(first[name] == programme for name, programme in second.items())
    assert list(second) == [p.id for p in scenario_programmes(worlds[1].support)]  # nothing that was taken away comes back
    assert own.support.agency == fewer.support.agency
    market_test = next(p for p in first.values() if p.name == "Market test")
    assert 0.0 < market_test.dated[0][2] <= 60.0 and market_test.dated[0][2] != 30.0
    assert [p.id for p in scenario_programmes(own.support)] == [p.id for p in scenario_programmes(worlds[0].support)]


def test_what_a_scenario_states_is_no_assumption_and_what_worlds_differ_in_is_drawn_in_neither():
    history = load_scenario("history")
    stated = load_scenario("history", {PLACES: 500.0, "support.agency.JETRO.offices": 10.0, "support.programme.P43.value.0.value": 70.0})
    left = keys_of(assumed_terms(history)) - keys_of(assumed_terms(stated))
    assert left == {PLACES, "support.agency.JETRO.offices", "support.programme.P43.value.0.value"}
    assert keys_of(shared_terms(history, stated)) == keys_of(assumed_terms(stated))
    world = with_terms(history, shared_terms(history, stated), 0)
    assert {p.id: p for p in scenario_programmes(world.support)}["P07"].places == 4000.0
    gone = load_scenario("history", {"support.disable": ["P07"]})
    assert not any(".P07." in key for key in keys_of(assumed_terms(gone)))
    assert PLACES in keys_of(shared_terms(history, gone))
    assert assumed_terms(load_scenario("history", {"mechanisms.programmes": False})) == []


def test_terms_of_instruments_are_drawn_where_they_act_and_nobody_states_them():
    history = load_scenario("history")
    key = "support.instrument.advice.strength"
    assert {key, "support.local.reach_percent", "support.instrument.grant.effort_million_yen"} < keys_of(assumed_terms(history))
    draws = [with_terms(history, assumed_terms(history), replication).support for replication in (0, 1)]
    for support, replication in zip(draws, (0, 1), strict=True):
        strength = {entry.name: entry.strength for entry in support.instrument}["advice"]
        assert strength == drawn(stated_terms().numbers[key], history.seed, replication)
        assert {p.id: p for p in scenario_programmes(support)}["P02"].unstated.strength == strength
        assert {p.id: p for p in scenario_programmes(support)}["P51"].part == pytest.approx(support.local.reach_percent / 100.0)
    assert draws[0] != draws[1]
    stated = load_scenario("history", {key: 0.3, "support.local.reach_percent": 5.0})
    assert keys_of(assumed_terms(history)) - keys_of(assumed_terms(stated)) == {key, "support.local.reach_percent"}
    kept = with_terms(stated, shared_terms(stated, history), 0).support
    assert ({entry.name: entry.strength for entry in kept.instrument}["advice"], kept.local.reach_percent) == (0.3, 5.0)
    own = load_scenario(write("own.toml", OWN))  # a grant without a rate: now the instrument's strength acts
    assert keys_of(assumed_terms(own)) - keys_of(assumed_terms(history)) == {"support.instrument.grant.strength", OWN_PLACES}
    assert not any(key.startswith("support.instrument") for key in keys_of(assumed_terms(load_scenario("no_support"))))


def test_first_years_are_drawn_whole_and_never_after_the_last():
    history = load_scenario("history")
    starts = set()
    for replication in range(30):
        support = with_terms(history, assumed_terms(history), replication).support
        drawn_here = {p.id: p for p in scenario_programmes(support)}
        assert all(isinstance(entry.start_year, int) for entry in support.programme)
        assert all(p.end is None or p.start <= p.end for p in drawn_here.values())
        assert drawn_here["P43"].at(1990).rate != drawn_here["P43"].at(1980).rate  # dated values hold on
        starts.add(drawn_here["P02"].start)
    assert len(starts) > 8 and min(starts) >= 1951 and max(starts) <= 1965
    for key, year, gone in (("P02.end_year", 1960, "P02.start_year"), ("P28.start_year", 1983, "P28.end_year")):
        settled = load_scenario("history", {f"support.programme.{key}": year})  # a draw could pass the year that is stated
        assert f"support.programme.{gone}" not in keys_of(assumed_terms(settled))
        for replication in range(20):
            with_terms(settled, assumed_terms(settled), replication)
    late = load_scenario("history", {"support.from_year": 1990})
    assert min(p.start for p in scenario_programmes(with_terms(late, assumed_terms(late), 0).support)) == 1990


def test_another_instrument_takes_over_no_assumed_rate_or_cost():
    advice = load_scenario("history", {"support.programme.P07.instrument": "grant", "support.programme.P05.instrument": "grant"})
    changed = {p.id: p for p in scenario_programmes(advice.support)}
    assert (changed["P07"].rate, changed["P07"].places) == (None, 4000.0)
    assert changed["P05"].use_cost is None


def test_drawing_every_term_at_its_value_changes_no_result(monkeypatch):
    small = load_scenario("history", {"scale": 0.001, "years.last": 2014, "output.surveys": False})
    with monkeypatch.context() as patch:
        patch.setattr(assumed, "drawn", lambda term, seed, replication: term.value)
        stated = simulate(small, draw_terms=True)
    plain, other = simulate(small), simulate(small, draw_terms=True)
    pd.testing.assert_frame_equal(plain.yearly, stated.yearly, check_exact=True)
    pd.testing.assert_frame_equal(plain.programmes, stated.programmes, check_exact=True)
    assert not plain.programmes.equals(other.programmes)
    assert {"support.instrument.advice.strength", "support.programme.P02.start_year"} < set(other.record["terms"])
    assert other.record["terms"][PLACES]["values"] == [drawn(stated_terms().numbers[PLACES], small.seed, 0)]
    assert "terms" not in plain.record


def test_one_dated_value_of_the_record_is_changed_by_its_number():
    changed = load_scenario("history", {"support.programme.P43.value.0.value": 25.0})
    dated = changed.support.programme[0].value
    assert [(entry.value, entry.low) for entry in dated] == [(25.0, None), (15.0, 7.0)]
    assert problems("history", ["support.programme.P43.value.7.value=25"])


def test_the_terms_of_a_disabled_programme_stay_away():
    changed = load_scenario("history", {"support.disable": ["P07"], PLACES: 10.0})
    assert "P07" not in {p.id for p in scenario_programmes(changed.support)}


def test_worlds_whose_agencies_differ_share_no_year():
    assert first_difference(load_scenario("history"), load_scenario("history", {"support.agency.JETRO.offices": 10.0})) == 1955


def test_show_resolved_tells_value_origin_and_range_and_its_text_runs(capsys):
    path = write("own.toml", OWN)
    assert main(["scenario", "show", path, "--resolved", "--set", "support.programme.P11.rate_percent=50", "support.agency.NEXI.experts=2",
                 "support.instrument.advice.strength=0.25"]) == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert "value = 30.0  # own.toml:12; 10 to 60, assumption" in lines
    assert "rate_percent = 50.0  # --set" in lines
    assert any(line.startswith("places_per_year = 1500.0  # terms.toml:") and line.endswith("; 500 to 3000, assumption") for line in lines)
    assert any(line.startswith(f"#   {PLACES} = 4000  # terms.toml:") and "; 1000 to 8000, assumption" in line for line in lines)
    assert not any(line.startswith("#   support.programme.P11.places") for line in lines)
    assert any(line.startswith("strength = 0.25  # --set; 0.1 to 0.4, assumption") for line in lines)
    assert any(line.startswith("#   support.instrument.loan.term_years = 20  # terms.toml:") for line in lines)
    again = load_scenario(write("again.toml", text))
    settings = {"support.programme.P11.rate_percent": 50.0, "support.agency.NEXI.experts": 2.0, "support.instrument.advice.strength": 0.25}
    assert again.support == load_scenario(path, settings).support
    assert main(["scenario", "show", path, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["ranges"]
    assert (told[PLACES]["low"], told[PLACES]["high"]) == (1000.0, 8000.0)
    assert told[OWN_PLACES]["value"] == 30.0


def test_ranges_are_declared_under_id_and_name_and_explained():
    name = next(p.name for p in scenario_programmes(load_scenario("history").support) if p.id == "P07")
    found = declared_terms(load_scenario(write("own.toml", OWN)))
    assert found[PLACES].bounds == found[f'support.programme."{name}".places_per_year'].bounds == (1000.0, 8000.0)
    assert found[OWN_PLACES].bounds == (10.0, 60.0)
    explained = {key.path: key.text for key in keys()}
    for path in ("support.programme[].value[].low", "support.programme[].value[].high", "support.agency[].offices", "support.agency[].experts",
                 "support.instrument[].strength", "support.instrument[].effort_million_yen", "support.local.reach_percent"):
        assert explained[path]
