"""The file of stated terms: every number has a source, every assumption a range, and a bad file is told in one line."""

from __future__ import annotations

import re

import pytest

from expansion_sim.agents.support_agency import reach_of
from expansion_sim.errors import InputError
from expansion_sim.history import load_history
from expansion_sim.policy.instruments import INSTRUMENTS, USUAL_KEYS, Usual, keys_of
from expansion_sim.policy.record import historical_programmes
from expansion_sim.policy.terms import ASSUMPTION, NUMBERS, read_terms, stated_terms
from expansion_sim.scenario.assumed import parts_of
from expansion_sim.scenario.load import load_scenario

#: Columns of the record -> keys of a scenario for the same term.
SAME = {"rate_percent": "rate_percent", "cap_jpy_million": "cap_million_yen", "rate_discount_pp": "rate_discount_points", "term_years": "term_years",
        "start_year": "start_year", "end_year": "end_year"}
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
    assert found["P02"].start_year == changes["support.programme.P02.start_year"]
    assert {entry.name: entry.strength for entry in support.instrument} == {
        name: changes[f"support.instrument.{name}.strength"] for name in INSTRUMENTS}
    assert {agency.name: agency.offices for agency in support.agency}["NEXI"] == changes["support.agency.NEXI.offices"]


def test_what_the_record_states_stands_in_the_file_with_the_same_value() -> None:
    rows = load_history().programmes.set_index("id")
    both = 0
    for key, term in stated_terms().numbers.items():
        _, kind, name, *rest = parts_of(key)
        column = {"cover_percent": "rate_percent", **{mine: theirs for theirs, mine in SAME.items()}}.get(rest[0] if rest else "")
        if kind == "programme" and column and not rows[column].isna()[name]:
            assert term.value == rows.loc[name, column], key
            both += 1
    assert both >= 36


def test_every_cell_of_the_record_from_memory_has_a_range() -> None:
    numbers, cells = stated_terms().numbers, 0
    for row in load_history().programmes.to_dict("records"):
        for column in filter(None, row["assumed_cells"].split("; ")):
            keys = {SAME[column], "cover_percent"} if column == "rate_percent" else {SAME[column]}
            found = [numbers[key] for key in (f"support.programme.{row['id']}.{key}" for key in keys) if key in numbers]
            assert len(found) == 1 and found[0].ranged, (row["id"], column)
            cells += 1
    assert cells >= 35


def test_first_and_last_years_are_whole_and_cannot_pass_each_other() -> None:
    numbers, years = stated_terms().numbers, 0
    for programme in historical_programmes():
        first, last = (numbers.get(f"support.programme.{programme.id}.{key}") for key in ("start_year", "end_year"))
        ends = [bound for term in (first, last) if term is not None for bound in (term.value, *term.bounds)]
        assert all(isinstance(year, int) for year in ends), programme.id
        latest = programme.start if first is None else first.bounds[1]
        earliest = programme.end if last is None else last.bounds[0]
        assert earliest is None or latest <= earliest, programme.id
        years += len(ends) // 3
    assert years >= 30


def test_every_instrument_has_all_its_numbers_with_ranges() -> None:
    numbers, usual = stated_terms().numbers, stated_terms().usual
    assert set(usual) == set(INSTRUMENTS)
    wanted = {f"support.instrument.{name}.{key}" for name in INSTRUMENTS for key in keys_of(name)} | {"support.local.reach_percent"}
    assert {key for key in numbers if key.startswith(("support.instrument.", "support.local."))} == wanted
    assert all(numbers[key].ranged for key in wanted)
    fields = {USUAL_KEYS[key] for name in INSTRUMENTS for key in keys_of(name)} | {"reach"}
    assert fields == {*Usual._fields}  # no number of an instrument stands outside the file


@pytest.mark.parametrize(("text", "told"), [
    ("[instrument.advise]\nstrength = 1.0", "mine.toml:1: instrument.advise: unknown instrument; did you mean 'advice'?"),
    ("[instrument.advice]\nstrength = { value = 0.2, source = \"x\" }", "mine.toml:1: instrument.advice.use_cost_million_yen: this key is required"),
    ("[instrument.grant]\nuse_cost_million_yen = 1.0", "mine.toml:2: instrument.grant.use_cost_million_yen: unknown key"),
    ("[local]\nreach_percent = { value = 10.0, source = \"assumption\" }", "mine.toml:2: local.reach_percent: an assumption needs a range"),
])
def test_a_bad_table_of_an_instrument_is_told_in_one_line(text: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        read_terms(text, [], "mine.toml")
    assert str(error.value).startswith(told)


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
    from expansion_sim.scenario.support import InstrumentSpec, LocalSpec, ProgrammeSpec

    assert {*NUMBERS} <= {*ProgrammeSpec.model_fields}
    assert {*USUAL_KEYS} == {*InstrumentSpec.model_fields} - {"name", "source"}
    assert {*LocalSpec.model_fields} == {"reach_percent"}
    assert all(re.fullmatch(r"terms\.toml:\d+", term.place) for term in stated_terms().numbers.values())
