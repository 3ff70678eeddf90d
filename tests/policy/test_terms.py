"""The file of stated terms: every number has a source, every assumption a range, and a bad file is told in one line."""

from __future__ import annotations

import re

import pytest

from expansion_sim.agents.support_agency import reach_of
from expansion_sim.errors import InputError
from expansion_sim.history import load_history
from expansion_sim.policy.record import historical_programmes
from expansion_sim.policy.terms import ASSUMPTION, NUMBERS, read_terms, stated_terms
from expansion_sim.scenario.assumed import parts_of
from expansion_sim.scenario.load import load_scenario

#: Columns of the record -> keys of a scenario for the same term.
SAME = {"rate_percent": "rate_percent", "cap_jpy_million": "cap_million_yen", "rate_discount_pp": "rate_discount_points", "term_years": "term_years"}
GOOD = '''\
[[agency]]
name = "JETRO"
words = ["JETRO"]
offices = { value = 120, low = 115, high = 130, source = "counted" }

[programme.P07]
places_per_year = { value = 4000.0, low = 1000.0, high = 8000.0, source = "assumption" }
selection = "score"
[[programme.P07.value]]
term = "rate_percent"
from = 2015
value = 20.0
low = 10.0
high = 30.0
source = "assumption"
'''


def test_every_assumption_has_a_range_around_its_value() -> None:
    numbers = stated_terms().numbers
    assumed = [term for term in numbers.values() if term.source.startswith(ASSUMPTION)]
    assert len(assumed) > 70
    for term in numbers.values():
        assert term.source.strip(), term.key
        assert not term.ranged or (term.low < term.high and term.low <= term.value <= term.high), term.key
    assert all(term.ranged for term in assumed)
    reach = {parts_of(key)[2] for key in numbers if key.startswith("support.agency.")}
    assert reach == {agency.name for agency in stated_terms().agencies}


@pytest.mark.parametrize("end", ["low", "high"])
def test_every_end_of_a_range_is_allowed_in_a_scenario(end: str) -> None:
    changes = {key: getattr(term, end) for key, term in stated_terms().numbers.items() if term.ranged}
    support = load_scenario("history", changes).support
    found = {entry.id: entry for entry in support.programme}
    assert found["P07"].places_per_year == changes["support.programme.P07.places_per_year"]
    assert found["P43"].value[1].value == changes["support.programme.P43.value.1.value"]
    assert {agency.name: agency.offices for agency in support.agency}["NEXI"] == changes["support.agency.NEXI.offices"]


def test_what_the_record_states_stands_in_the_file_with_the_same_value() -> None:
    rows = load_history().programmes.set_index("id")
    both = 0
    for key, term in stated_terms().numbers.items():
        _, kind, name, *rest = parts_of(key)
        column = {"cover_percent": "rate_percent", **{mine: theirs for theirs, mine in SAME.items()}}.get(rest[0])
        if kind == "programme" and column and not rows[column].isna()[name]:
            assert term.value == rows.loc[name, column], key
            both += 1
    assert both >= 6


def test_no_programme_that_selects_or_serves_acts_by_a_strength_without_a_range() -> None:
    numbers = stated_terms().numbers
    for programme in historical_programmes():
        if programme.awards:
            assert programme.rate is not None, programme.id
        if programme.instrument in ("advice", "matching"):
            assert f"support.programme.{programme.id}.use_cost_million_yen" in numbers, programme.id


def test_a_good_file_is_read_with_its_lines() -> None:
    terms = read_terms(GOOD, ["P07"], "mine.toml")
    places = terms.numbers["support.programme.P07.places_per_year"]
    assert (places.value, places.bounds, places.place) == (4000.0, (1000.0, 8000.0), "mine.toml:7")
    assert terms.numbers["support.programme.P07.value.0.value"].bounds == (10.0, 30.0)
    assert terms.programmes["P07"]["places_per_year"] == 4000.0
    assert (terms.agencies[0].offices, terms.agencies[0].experts) == (120, 0.0)


@pytest.mark.parametrize(("old", "new", "told"), [
    ("value = 4000.0", "value = 9000.0", "mine.toml:7: programme.P07.places_per_year.value: 9000 is outside its range, 1000 to 8000"),
    ("low = 1000.0", "low = 8000.0", "mine.toml:7: programme.P07.places_per_year.low: 8000 is not below high = 8000"),
    (", high = 8000.0", "", "mine.toml:7: programme.P07.places_per_year: low and high go together"),
    (", low = 1000.0, high = 8000.0", "", "mine.toml:7: programme.P07.places_per_year: an assumption needs a range: low and high"),
    ("places_per_year = {", "plces_per_year = {", "mine.toml:7: programme.P07.plces_per_year: unknown key; did you mean 'places_per_year'?"),
    ("low = 1000.0", "lo = 1000.0", "mine.toml:7: programme.P07.places_per_year.lo: unknown key; did you mean 'low'?"),
    ("[programme.P07]", "[programme.P97]", "mine.toml:6: programme.P97: no recorded programme; did you mean 'P07'?"),
    ("{ value = 4000.0, low = 1000.0, high = 8000.0, source = \"assumption\" }", "4000.0",
     "mine.toml:7: programme.P07.places_per_year: a number is written"),
    ("value = 4000.0", "value = nan", "mine.toml:7: programme.P07.places_per_year.value: must be a finite number, not nan"),
    ("value = 4000.0", "value = true", "mine.toml:7: programme.P07.places_per_year.value: must be a finite number, not True"),
    (', source = "counted"', "", "mine.toml:4: agency.0.offices.source: this key is required"),
    ('source = "counted"', 'source = " "', "mine.toml:4: agency.0.offices.source: must say where the number is taken from"),
    ("value = 20.0", "value = 31.0", "mine.toml:12: programme.P07.value.0.value: 31 is outside its range, 10 to 30"),
    ("from = 2015\n", "", "mine.toml:9: programme.P07.value.0.from: this key is required"),
    ("[[agency]]", "[[agency]", "mine.toml: this is no valid TOML"),
])
def test_a_bad_file_is_told_in_one_line(old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as error:
        read_terms(GOOD.replace(old, new, 1), ["P07"], "mine.toml")
    assert str(error.value).startswith(told)
    assert "\n" not in str(error.value)


def test_reach_of_an_agency_is_that_of_the_scenario() -> None:
    changed = load_scenario("history", {"support.agency.JETRO.offices": 10.0, 'support.agency."Banks".experts': 7.0}).support
    assert reach_of("JETRO", changed) == (10.0, 0.0)
    assert reach_of("Banks", changed) == (100.0, 7.0)
    assert reach_of("SMRJ", changed) == (9.0, 3350.0)
    assert reach_of("A body nobody knows", changed) == (50.0, 0.0)


def test_keys_of_numbers_are_keys_of_the_schema() -> None:
    from expansion_sim.scenario.spec import ProgrammeSpec

    assert {*NUMBERS} <= {*ProgrammeSpec.model_fields}
    assert all(re.fullmatch(r"terms\.toml:\d+", term.place) for term in stated_terms().numbers.values())
