"""Terms that act on nothing: told in one line and no error, with what to set instead; tables that say nothing are refused."""

import json
import warnings

import pytest
from writing import problems, write

from expansion_sim import compare
from expansion_sim.cli import main
from expansion_sim.errors import InputError, WithoutEffect
from expansion_sim.policy.record import scenario_programmes
from expansion_sim.results.run import simulate
from expansion_sim.scenario import list_scenarios, load_scenario
from expansion_sim.scenario.idle import always_zero, idle_terms, programme_can
from expansion_sim.scenario.load import read_world, traced

GRANT = "support.instrument.grant.strength=0.3"
HEAD = 'schema_version = 1\nextends = "history"\n'
TABLE = HEAD + '[[support.instrument]]\nname = "grant"\nstrength = 0.3\neffort_million_yen = 0.4\n'


def told(world, *settings):
    """The lines about what acts on nothing."""
    return [str(line) for line in idle_terms(*traced(read_world(world), settings))]


def test_a_strength_that_every_programme_replaces_by_its_own_rate_is_told_with_its_line_and_the_key_that_acts(capsys):
    lines = told(write("own.toml", TABLE))
    assert len(lines) == 1  # the effort acts
    assert lines[0].startswith("own.toml:5: support.instrument[grant].strength: has no effect: every grant programme states its own rate; "
                               "set support.programme.P15.rate_percent instead")
    assert main(["scenario", "check", "own.toml"]) == 0
    assert capsys.readouterr().err == f"warning: {lines[0]}\n"
    with pytest.warns(WithoutEffect) as caught:
        load_scenario("own.toml")
    assert [str(warning.message) for warning in caught] == lines
    assert caught[0].filename == __file__


def test_what_is_told_to_act_on_nothing_changes_no_programme_and_what_is_not_told_changes_one():
    plain = scenario_programmes(load_scenario("history").support)
    for instrument in sorted({programme.instrument for programme in plain}):
        setting = f"support.instrument.{instrument}.strength=0.123"
        found = traced(read_world("history"), [setting])
        assert bool(idle_terms(*found)) == (scenario_programmes(found.scenario.support) == plain), instrument


@pytest.mark.parametrize(("setting", "why"), [
    ("support.instrument.insurance.receivables_cover_percent=10",
     "every insurance programme states its own cover; set support.programme.P42.cover_percent"),
    ("support.instrument.insurance.mutual_cover_percent=10", "support.programme.P47.cover_percent instead (likewise for P48)"),
])
def test_the_reason_fits_the_term_and_the_cure_can_be_followed(setting, why):
    assert len(told("history", setting)) == 1
    assert why in told("history", setting)[0]
    key = told("history", setting)[0].split("set ")[1].split(" instead")[0]
    assert scenario_programmes(load_scenario("history", [f"{key}=12.5"]).support) != scenario_programmes(load_scenario("history").support)


def test_a_kind_that_a_world_does_not_have():
    lines = told("history", "support.disable=['P23', 'P24', 'P25']", "support.instrument.pilot_grant.strength=0.3")
    assert len(lines) == 1 and "no programme of the kind pilot_grant" in lines[0]
    local = [p.id for p in scenario_programmes(load_scenario("history").support) if p.local or p.districts]
    assert told("history", f"support.disable={local}", "support.local.reach_percent=4")[0].startswith(
        "--set: support.local.reach_percent: has no effect: no programme of this world is local")
    assert told("history", "support.local.reach_percent=4") == []


def test_insurance_of_one_kind_and_advice_with_places_alone():
    insurance = [p.id for p in scenario_programmes(load_scenario("history").support) if p.instrument == "insurance"]
    own = HEAD + f"""support.disable = {insurance}
[[support.programme]]
name = "Mutual aid"
instrument = "insurance"
start_year = 1980
modes = ["home"]
[[support.instrument]]
name = "insurance"
strength = 0.2
mutual_cover_percent = 30.0
"""
    lines = told(write("own.toml", own))
    assert len(lines) == 1 and "no insurance programme serves a mode abroad" in lines[0] and lines[0].startswith("own.toml:11:")
    others = [p.id for p in scenario_programmes(load_scenario("history").support) if p.instrument == "advice" and not p.registers]
    line = told("history", f"support.disable={others}", "support.instrument.advice.strength=0.3")[0]
    assert "acts on the firms that register alone" in line and "places_per_year instead" in line


def test_worlds_without_any_support_and_shipped_scenarios_are_not_told_about():
    assert told("no_support", GRANT) == []
    assert told("history", GRANT, "mechanisms.programmes=false") == []
    assert [line for entry in list_scenarios() for line in told(entry.name)] == []


@pytest.mark.parametrize(("table", "line"), [
    ('[[support.instrument]]\nname = "grant"\n',
     "bad.toml:4: support.instrument[grant].name: this table changes nothing: it states no term of the instrument (strength, effort_million_yen)"),
    ('[[support.instrument]]\nname = "grant"\nsource = "a study"\n',
     "bad.toml:4: support.instrument[grant].name: this table changes nothing: it states no term of the instrument (strength, effort_million_yen)"),
    ('[[support.agency]]\nname = "JETRO"\n',
     "bad.toml:4: support.agency[JETRO].name: this table changes nothing: it states neither offices nor experts"),
])
def test_a_table_with_a_name_only_is_refused(table, line, capsys):
    assert problems(write("bad.toml", HEAD + table)) == [line]
    assert main(["scenario", "check", "bad.toml"]) == 2
    assert capsys.readouterr().err.strip() == line


def test_a_table_with_a_name_only_may_stand_on_one_that_says_something():
    write("base.toml", HEAD + '[[support.instrument]]\nname = "advice"\nstrength = 0.3\n')
    write("own.toml", 'schema_version = 1\nextends = "base.toml"\n[[support.instrument]]\nname = "advice"\n')
    assert load_scenario("own.toml").support.instrument[0].strength == 0.3


def test_in_a_comparison_a_setting_need_act_in_one_of_the_worlds_only(capsys):
    advice = "support.instrument.advice.strength=0.3"
    run = ["compare", "no_support_abroad", "history", "--scale", "0.001", "--until", "1956", "--quiet", "--no-figures", "--set"]
    assert main([*run, advice, "--out", "a"]) == 0
    assert capsys.readouterr().err == ""
    assert main([*run, GRANT, "--out", "b"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("no effect: ")[1].split(";")[0] for line in lines] == ["every grant programme states its own rate"]
    with pytest.warns(WithoutEffect):
        compare("no_support", "history", overrides=[GRANT, "scale=0.001", "years.last=1956"])


def test_warnings_are_for_machines_too_and_others_stay_as_they_are(capsys):
    assert main(["scenario", "check", "history", "--json", "--set", GRANT]) == 0
    found = json.loads(capsys.readouterr().out)[0]
    assert found["ok"] and [(line["file"], line["key"]) for line in found["warnings"]] == [("--set", "support.instrument[grant].strength")]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert main(["scenario", "check", "history"]) == 0
    assert caught == []


def test_columns_that_are_told_to_be_zero_are_zero():
    run = simulate(load_scenario("history", ["scale=0.001"]))
    table = run.programmes
    for programme in scenario_programmes(run.scenario.support):
        rows = table[table["programme"].isin([programme.name, programme.id])]
        for column in ("applications", "awards", "spending_million_yen"):
            assert programme_can(column, programme) or not rows[column].any(), (programme.id, column)
    assert table[table["programme"].isin({p.name for p in scenario_programmes(run.scenario.support) if p.registers})]["awards"].any()


def test_why_a_column_is_zero():
    history = load_scenario("history")
    assert always_zero("awards", ["P17"], [history]) == ""
    assert always_zero("spending_million_yen", ["P02"], [history]) == ""
    assert "advice selects nobody without places; keep programme:P02:spending_million_yen instead" in always_zero("awards", ["P02"], [history])
    assert "tax_exemption pays no firm; keep a yearly outcome" in always_zero("spending_million_yen", ["P44"], [history])
    assert "no world of this experiment has this programme" in always_zero("awards", ["P17"], [load_scenario("history", ["support.disable=['P17']"])])
    assert always_zero("awards", ["P02"], [history, load_scenario("history", ["support.programme.P02.places_per_year=100"])]) == ""


def test_settings_of_scenario_check_are_checked_with_every_file(capsys):
    assert main(["scenario", "check", "history", "no_plaza", "--set", "years.last=1990", "scale=0.02"]) == 0
    assert [line.split(", sha256")[0] for line in capsys.readouterr().out.splitlines()] == ["history: ok, 1955-1990", "no_plaza: ok, 1955-1990"]
    assert main(["scenario", "check", "history", "--set", "scal=0.02"]) == 2
    assert capsys.readouterr().err.startswith("--set: scal: unknown key; did you mean 'scale'?")
    with pytest.raises(InputError, match="must be key=value"):
        traced(read_world("history"), ["scale"])
    assert main(["scenario", "check", "history", "--set", "scale"]) == 2
