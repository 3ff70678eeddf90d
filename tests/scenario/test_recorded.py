"""Recorded programmes can be changed term by term; new ones must be complete."""

import re
from dataclasses import replace

import pytest
from writing import problems, write

from expansion_sim.policy.record import historical_programmes, scenario_programmes
from expansion_sim.policy.support import support_table
from expansion_sim.scenario import load_scenario


def test_one_term_of_a_recorded_programme_can_be_changed_by_id_or_name():
    recorded = {p.id: p for p in historical_programmes()}
    by_id = load_scenario("history", ["support.programme.P29.rate_discount_points=2.5"])
    changed = {p.id: p for p in scenario_programmes(by_id.support)}
    assert set(changed) == set(recorded)
    assert changed["P29"].discount == pytest.approx(0.025)
    assert without(changed["P29"], "discount") == without(recorded["P29"], "discount")
    table = f'[[support.programme]]\nname = "{recorded["P29"].name}"\nrate_discount_points = 2.5\n'
    named = write("named.toml", f'extends = "history"\n{table}')
    assert load_scenario(named).support == by_id.support


def test_an_id_alone_names_a_recorded_programme() -> None:
    own = write("own.toml", 'extends = "history"\n[[support.programme]]\nid = "P29"\nrate_discount_points = 2.5\n')
    assert load_scenario(own).support == load_scenario("history", ["support.programme.P29.rate_discount_points=2.5"]).support
    told = problems(write("bad.toml", 'extends = "history"\n[[support.programme]]\nid = "P2999"\nrate_discount_points = 2.5\n'))
    assert any("name: this key is required" in line for line in told)


def test_every_recorded_programme_survives_being_named_without_change():
    recorded = {p.name: p for p in historical_programmes()}
    named = [f"support.programme.{p.id}.selection={p.selection}" for p in recorded.values()]
    scenario = load_scenario("history", named)
    assert {p.name: p.local for p in scenario.support.programme} == {p.name: p.local for p in recorded.values()}
    kept = {p.name: p for p in scenario_programmes(scenario.support)}
    assert {name: without(p, "local") for name, p in kept.items()} == {name: without(p, "local") for name, p in recorded.items()}


def without(programme, *fields):
    """Terms of a programme as a dict, rates to six digits, some terms left out."""
    terms = {name: value for name, value in vars(programme).items() if name not in fields}
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in terms.items()}


def test_a_new_programme_must_be_complete_and_its_keys_must_act():
    path = write("bad.toml", """\
schema_version = 1
[[support.programme]]
name = "New"
start_year = 1990
end_year = 1980
instrument = "grant"
modes = ["fdi"]
[[support.programme]]
name = "Other"
instrument = "grant"
start_year = 1990
modes = ["fdi"]
rate_discount_points = 1.0
[[support.programme]]
name = "Third"
instrument = "lon"
""")
    told = problems(path)
    assert told[0] == "bad.toml:5: support.programme[New].end_year: 1980 is before start_year = 1990"
    assert told[1].startswith("bad.toml:13: support.programme[Other].rate_discount_points: has no effect on the instrument grant")
    assert {re.match(r"bad.toml:(\d+): support.programme\[Third\].(\w+):", line).groups() for line in told[2:]} == {
        ("14", "start_year"), ("14", "modes"), ("16", "instrument"),
    }
    assert any("did you mean 'loan'?" in line for line in told)


def test_one_programme_named_by_id_and_by_name_is_refused():
    name = next(p.name for p in historical_programmes() if p.id == "P17")
    tables = "".join(f'[[support.programme]]\nname = "{label}"\n' for label in ("P17", name))
    told = problems(write("bad.toml", f'extends = "history"\n{tables}'))
    assert told == [f"bad.toml:5: support.programme[{name}].name: {name!r} stands twice, perhaps once by its id"]


@pytest.mark.parametrize(("instrument", "modes", "term", "allowed"), [
    ("loan_guarantee", "home", "cap_million_yen = 5.0", "trade_fair"), ("insurance", "direct", "places_per_year = 10.0", "advice"),
    ("tax_reserve", "direct", "effort_million_yen = 1.0", "loan"), ("advice", "direct", "rate_percent = 50.0", "insurance"),
    ("matching", "direct", "places_per_year = 10.0", "grant"), ("grant", "fdi", "group_size = 4", "joint_grant, joint_site_loan"),
    ("grant", "fdi", "use_cost_million_yen = 1.0", "advice, matching"),
])
def test_a_term_on_which_an_instrument_does_not_act_is_refused_with_the_instruments_on_which_it_does(instrument, modes, term, allowed):
    told = problems(write("bad.toml", f"""\
schema_version = 1
[[support.programme]]
name = "New"
instrument = "{instrument}"
start_year = 1990
modes = ["{modes}"]
{term}
"""))
    name = term.split(" ")[0]
    assert len(told) == 1
    assert told[0].startswith(f"bad.toml:7: support.programme[New].{name}: has no effect on the instrument {instrument} (allowed for: ")
    assert allowed in told[0]


def test_the_same_holds_for_a_term_that_changes_while_a_programme_runs():
    told = problems(write("bad.toml", """\
schema_version = 1
[[support.programme]]
name = "New"
instrument = "loan_guarantee"
start_year = 1990
modes = ["home"]
[[support.programme.value]]
term = "cover_percent"
from = 1995
value = 80.0
[[support.programme]]
name = "Other"
instrument = "tax_reserve"
start_year = 1990
modes = ["direct"]
[[support.programme.value]]
term = "cap_million_yen"
from = 1995
value = 80.0
"""))
    assert "'cover_percent' is not known" in told[0]
    assert told[1].startswith("bad.toml:17: support.programme[Other].value[0].term: 'cap_million_yen' has no effect on the instrument tax_reserve")


def test_what_is_refused_would_change_nothing_on_offer():
    for programme in historical_programmes():
        if not programme.awards:
            other = replace(programme, cap=1.0, effort=3.0, group_size=9, budget=1.0, threshold=2.0, places=None if programme.places is None else 1e9)
            for year in range(1955, 2025):
                here, there = support_table([programme], year), support_table([other], year)
                assert here.table.tobytes() == there.table.tobytes() and here[1:] == there[1:], programme.id
