"""What is written out of a scenario: data, TOML, hash, and the texts of the command line."""

import json
import re
import tomllib

import pytest

from expansion_sim.parameters import all_parameters
from expansion_sim.scenario import dump_toml, list_scenarios, load_scenario, load_traced, resolved, scenario_hash
from expansion_sim.scenario.fields import keys
from expansion_sim.scenario.report import list_text, schema_json, schema_text, show_text
from expansion_sim.scenario.spec import Scenario

ODD = {
    "title": 'quotes " and \\ back\tslash\u2028 \x7f # not a comment',
    "drivers.yen": [{"from": 1990, "to": 1999, "value": 110, "source": "line\nbreak"}, {"from": 2005, "value": 1e2}],
    "drivers.host": [{"host": "VNM", "series": "risk", "from": 1960, "value": 0.125}],
    "parameters.band.risk": 0.3, "output.firms_years": [1990], "support.disable": ["P01"],
    "support.programme": [
        {"name": "A. B", "instrument": "loan", "start_year": 1980, "modes": ["fdi"], "rate_discount_points": 0.5},
    ],
}


@pytest.fixture
def odd():
    """A scenario with every kind of value."""
    return load_scenario("history", ODD)


def saved(tmp_path, text):
    """A file with a text."""
    path = tmp_path / "saved.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_dumped_toml_loads_to_an_equal_scenario(tmp_path, odd):
    again = load_scenario(saved(tmp_path, dump_toml(odd)))
    assert again == odd
    assert scenario_hash(again) == scenario_hash(odd)


def test_resolved_data_uses_the_words_of_the_file(odd):
    data = resolved(odd)
    assert data["drivers"]["yen"][0] == {"from": 1990, "to": 1999, "value": 110.0, "source": "line\nbreak"}
    assert Scenario.model_validate(data) == odd
    json.dumps(data, allow_nan=False)


def test_hash_does_not_depend_on_order_comments_or_the_way_numbers_are_written(tmp_path):
    first = tmp_path / "a" / "same.toml"
    second = tmp_path / "b" / "same.toml"
    for path in (first, second):
        path.parent.mkdir()
    first.write_text("""schema_version = 1
scale = 1
[mechanisms]
band = false
taste = false
[parameters]
band.risk = 0.3
productivity.shock = 0.10
""")
    second.write_text("""# another look
parameters = { productivity = { shock = 1e-1 }, "band.risk" = 0.30 }   # inline
mechanisms.taste = false
mechanisms.band = false
scale = 1.0
seed = 1      # the default, spelled out
schema_version = 1
""")
    assert scenario_hash(load_scenario(first)) == scenario_hash(load_scenario(second))


@pytest.mark.parametrize("setting", [
    "seed=2", "scale=0.011", "parameters.band.risk=0.21", "mechanisms.noise=false", "drivers.yen_hold_from=1985",
])
def test_hash_changes_with_any_value(setting):
    assert scenario_hash(load_scenario("history", [setting])) != scenario_hash(load_scenario("history"))


def test_shown_values_name_the_line_they_come_from(tmp_path):
    child = saved(tmp_path, '# comment\nextends = "no_plaza"\n\n[parameters]\nband.risk = 0.3\n')
    traced = load_traced(child, ["seed=5"])
    lines = show_text(traced).splitlines()
    assert f"band.risk = 0.3  # {child.name}:5" in lines
    assert "seed = 5  # --set" in lines
    origin = next(line for line in lines if line.startswith("yen_hold_from = 1984"))
    name, number = re.search(r"# (.*no_plaza\.toml):(\d+)$", origin).groups()
    with open(name, encoding="utf-8") as file:
        assert "yen_hold_from = 1984" in file.read().splitlines()[int(number) - 1]
    assert not any(line.startswith("noise") for line in lines)


def test_resolved_text_holds_every_key_and_parameter_and_runs_as_a_scenario(tmp_path, odd):
    text = show_text(load_traced("history", ODD), everything=True)
    tables = tomllib.loads(text)
    assert "noise = true  # default" in text
    industries = tables["parameters"].pop("industry")
    flat = {f"{section}.{name}" for section, entries in tables["parameters"].items() for name in entries}
    assert flat | {f"industry.{k}.{name}" for k, row in industries.items() for name in row} == set(all_parameters())
    again = load_scenario(saved(tmp_path, text))
    assert again.model_copy(update={"parameters": {}}) == odd.model_copy(update={"parameters": {}})
    assert again.parameters == {name: p.value for name, p in all_parameters().items()} | {"band.risk": 0.3}


def test_schema_text_explains_every_key():
    text = schema_text()
    for key in keys():
        assert key.text, key.path
        assert key.path.replace("[].", ".").split("[]")[0] in text
        assert key.text in text
    assert "scale\n      number, share, 0.001 to 1, default 0.01" in text


def test_json_schema_knows_enums_bounds_and_extends():
    schema = json.loads(schema_json())
    assert schema["additionalProperties"] is False
    assert {"extends", "schema_version", "drivers"} <= set(schema["properties"])
    assert schema["$defs"]["HostPath"]["properties"]["host"]["enum"][0] == "CHN"
    assert schema["$defs"]["YenPath"]["properties"]["from"]["minimum"] == 1955


def test_list_shows_name_title_and_description():
    text = list_text(list_scenarios())
    assert "no_plaza" in text and "No Plaza Accord" in text and "held at its 1984 value" in text


def test_scenarios_are_frozen(odd):
    with pytest.raises(ValueError, match="frozen"):
        odd.seed = 3


def test_every_shipped_file_says_what_it_changes_and_what_to_look_for():
    for entry in list_scenarios():
        comment = entry.path.read_text(encoding="utf-8").split("schema_version")[0]
        assert "# What it changes: " in comment, entry.name
        assert "# What to look for: " in comment, entry.name
