"""Recorded programmes can be changed term by term; new ones must be complete."""

import re

import pytest
from writing import problems, write

from expansion_sim.policy.record import historical_programmes, scenario_programmes
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
