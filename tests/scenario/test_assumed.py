"""Terms of support that are known within a range: stated in scenarios, shown with their range, drawn the same in every world."""

import json

import pandas as pd
import pytest
from writing import problems, write

from expansion_sim.cli import main
from expansion_sim.policy.record import scenario_programmes
from expansion_sim.policy.terms import stated_terms
from expansion_sim.results.run import simulate
from expansion_sim.scenario import assumed, load_scenario
from expansion_sim.scenario.assumed import assumed_terms, declared_terms, drawn, shared_terms, with_terms
from expansion_sim.scenario.divergence import first_difference
from expansion_sim.scenario.fields import keys

OWN = """\
schema_version = 1
extends = "history"
[[support.programme]]
name = "Market test"
agency = "Chamber"
instrument = "grant"
start_year = 1990
modes = ["direct"]
[[support.programme.value]]
term = "places_per_year"
from = 1990
value = 30.0
low = 10.0
high = 60.0
source = "assumption"
"""
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


def test_draws_lie_within_the_ranges_and_depend_on_seed_replication_and_key_alone():
    history = load_scenario("history")
    values = {term.key: [drawn(term, 1, replication) for replication in range(200)] for term in assumed_terms(history)}
    for term in assumed_terms(history):
        low, high = term.bounds
        assert low <= min(values[term.key]) and max(values[term.key]) <= high, term.key
        assert max(values[term.key]) - min(values[term.key]) > 0.9 * (high - low), term.key
        assert len(set(values[term.key])) == (8 if term.key.endswith("group_size") else 200), term.key
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
    assert main(["scenario", "show", path, "--resolved", "--set", "support.programme.P11.rate_percent=50", "support.agency.NEXI.experts=2"]) == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert "value = 30.0  # own.toml:12; 10 to 60, assumption" in lines
    assert "rate_percent = 50.0  # --set" in lines
    assert any(line.startswith("places_per_year = 1500.0  # terms.toml:") and line.endswith("; 500 to 3000, assumption") for line in lines)
    assert any(line.startswith(f"#   {PLACES} = 4000  # terms.toml:") and "; 1000 to 8000, assumption" in line for line in lines)
    assert not any(line.startswith("#   support.programme.P11.places") for line in lines)
    again = load_scenario(write("again.toml", text))
    settings = {"support.programme.P11.rate_percent": 50.0, "support.agency.NEXI.experts": 2.0}
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
    for path in ("support.programme[].value[].low", "support.programme[].value[].high", "support.agency[].offices", "support.agency[].experts"):
        assert explained[path]
