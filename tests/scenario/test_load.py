"""Loading: extends, overrides, and every problem told with its file and line."""

import errno
import os

import pytest
from writing import problems, write

from expansion_sim.errors import InputError, InputErrors
from expansion_sim.parameters import load_parameters
from expansion_sim.scenario import load_scenario, load_traced
from expansion_sim.scenario.files import shipped_names

SHIPPED = {
    "history", "phase_1_export_led", "phase_2_fdi_takeoff", "phase_3_yen_shock", "phase_4_global", "no_plaza", "china_closed",
    "parents_stay", "no_support", "no_cooperatives", "weak_yen",
    "no_support_abroad", "no_support_since_2010", "package_2011_13", "no_package_2011_13", "no_first_time_exporters", "grants_doubled", "no_grants",
    "loans_instead_of_grants", "guarantees_instead_of_loans", "joint_grants_only", "keep_the_plant", "no_condition",
    "agreements_used_by_all", "outlook_2035", "outlook_2035_yen_110", "outlook_2035_yen_150", "outlook_2035_yen_180",
    "outlook_2035_friend_shoring", "outlook_2035_tariff_war",
}


# --- shipped scenarios ------------------------------------------------------------------------------------------------------
def test_all_scenarios_ship_history_first():
    assert shipped_names()[0] == "history"
    assert set(shipped_names()) == SHIPPED


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_shipped_scenarios_load_with_title_and_description(name):
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.title and scenario.description


def test_shipped_scenarios_change_what_they_say():
    assert load_scenario("no_plaza").drivers.yen_hold_from == 1984
    closed = load_scenario("china_closed").drivers.host[0]
    assert (closed.host, closed.series, closed.from_, closed.to, closed.value) == ("CHN", "openness", 1979, None, 0.0)
    assert load_scenario("parents_stay").mechanisms.parents_offshore is False
    assert load_scenario("no_cooperatives").mechanisms.cooperatives is False
    assert load_scenario("no_support").support.enabled is False
    factor = load_scenario("weak_yen").drivers.yen_factor[0]
    assert (factor.from_, factor.value) == (1985, 1.25)
    assert [load_scenario(n).years.last for n in sorted(SHIPPED) if n.startswith("phase")] == [1969, 1984, 1999, 2024]


@pytest.mark.parametrize("name", ["no_plaza", "china_closed", "weak_yen"])
def test_drivers_of_shipped_scenarios_do_what_the_file_says(name):
    from expansion_sim.codes import HOSTS
    from expansion_sim.history import load_history
    from expansion_sim.history.drivers import build_drivers

    record = build_drivers(load_history())
    drivers = build_drivers(load_history(), load_scenario(name).drivers)
    before, after = slice(0, 1979 - 1955), slice(1990 - 1955, None)
    assert (drivers.japan[before] == record.japan[before]).all()
    if name == "no_plaza":
        assert set(drivers.japan["yen"][after]) == {record.japan["yen"][1984 - 1955]}
    elif name == "weak_yen":
        assert drivers.japan["yen"][after] == pytest.approx(1.25 * record.japan["yen"][after])
    else:
        assert not drivers.hosts["openness"][after, HOSTS.index("CHN")].any()
        alike = [field for field in record.japan.dtype.names if field not in ("rivals", "wage_abroad")]
        assert all((drivers.japan[field] == record.japan[field]).all() for field in alike)
        assert (drivers.japan["rivals"][after] < record.japan["rivals"][after]).all()  # a closed China sells nowhere


# --- errors with lines ------------------------------------------------------------------------------------------------------
def test_every_problem_is_told_with_its_line_and_the_nearest_name():
    path = write("bad.toml", """\
schema_version = 1
title = 5
scal = 0.1

[years]
last = 1900.0

[[drivers.host]]
host = "CHNN"
series = "openness"
from = 1979
value = 7.0

[mechanisms]
taste = "no"

[parameters.band]
risc = 0.2
risk = 99.0
""")
    told = problems(path)
    assert [line.split(": ")[:2] for line in told] == [
        ["bad.toml:2", "title"], ["bad.toml:3", "scal"], ["bad.toml:6", "years.last"], ["bad.toml:9", "drivers.host[0].host"],
        ["bad.toml:15", "mechanisms.taste"], ["bad.toml:18", "parameters.band.risc"], ["bad.toml:19", "parameters.band.risk"],
    ]
    assert "must be text in quotes, not 5" in told[0]
    assert "did you mean 'scale'?" in told[1]
    assert "must be a whole number, not 1900.0 (allowed 1955 to 2100 year)" in told[2]
    assert "did you mean 'CHN'?" in told[3]
    assert "must be true or false, not 'no'" in told[4]
    assert "did you mean 'band.risk'?" in told[5]
    low, high = load_parameters()["band.risk"].low, load_parameters()["band.risk"].high
    assert f"99.0 is out of range (allowed {low:g} to {high:g} " in told[6]


def test_a_value_outside_the_range_of_its_series_names_line_and_range():
    entry = 'host = "CHN"\nseries = "openness"\nfrom = 1979\nvalue = 7.0\n'
    path = write("bad.toml", f"schema_version = 1\n[[drivers.host]]\n{entry}")
    assert problems(path) == ["bad.toml:6: drivers.host[0].value: 7 is outside 0 to 1, the range of openness"]


def test_percent_where_a_fraction_is_meant_is_told():
    entry = 'host = "CHN"\nseries = "home_tariff"\nfrom = 2018\nvalue = 25\n'
    path = write("bad.toml", f"schema_version = 1\n[[drivers.host]]\n{entry}")
    told = "bad.toml:6: drivers.host[0].value: 25 is outside 0 to 5, the range of home_tariff (a fraction: 0.1 is 10 percent)"
    assert problems(path) == [told]


def test_years_in_the_wrong_order_and_overlaps_are_told_at_the_entry():
    path = write("bad.toml", """\
schema_version = 1
drivers.yen = [
  { from = 1990, to = 1980, value = 100 },
]
drivers.yen_factor = [
  { from = 1990, to = 1999, value = 1.1 },
  { from = 1985, to = 1990, value = 1.1 },
]
""")
    told = problems(path)
    assert told[0].startswith("bad.toml:3: drivers.yen[0].to: 1980 is before from = 1990")
    assert told[1].startswith("bad.toml:6: drivers.yen_factor[0]: overlaps the entry from 1985")


@pytest.mark.parametrize(("text", "line", "what"), [
    ("schema_version = 1\nscale = nan\n", 2, "scale: must be a finite number, not nan"),
    ("schema_version = 1\n[parameters]\nband.risk = inf\n", 3, "parameters.band.risk: must be a finite number, not inf"),
    ("schema_version = 2\n", 1, "schema_version: 2 is not known; allowed: 1"),
    ("schema_version = 1\nseed = true\n", 2, "seed: must be a whole number, not true"),
    ("schema_version = 1\nseed = -1\n", 2, "seed: -1 is out of range (allowed 0 to 9223372036854775807)"),
    ("schema_version = 1\nyears = 3\n", 2, "years: must be a table, not 3"),
    ("schema_version = 1\n[years]\nfirst = 1970\n", 3, "years.first: 1970 is out of range (allowed only 1955 year)"),
    ("schema_version = 1\n[drivers]\nyen = 3\n", 3, "drivers.yen: must be an array, not 3"),
    ("schema_version = 1\n[support.instrument.advice]\nstrength = 0.3\n", 2,
     "support.instrument: must be an array, not a table; write [[support.instrument]] for each of them, with its name inside"),
    ("schema_version = 1\n[[support.local]]\nreach_percent = 12.0\n", 2, "support.local: must be a table, not an array; write [support.local]"),
    ("schema_version = 1\n[output]\nfirms_years = [2030]\n", 3, "output.firms_years: 2030 is outside the years simulated"),
    ("schema_version = 1\n[parameters]\nband = 3\n", 3, "parameters.band: unknown parameter; below band stand band.entry_scale"),
    ("schema_version = 1\n[support]\ndisable = ['P01', 'P99']\n", 3, "support.disable[1]: no recorded programme 'P99'"),
    ("schema_version = 1\n[band]\nrisk = 1\n", 2, "band: unknown key; parameters stand below [parameters]"),
    ("schema_version = 1\nx = [\n", 2, "this is no valid TOML: invalid value at the end of the file"),
    ("schema_version = 1\n\nx = = 2\n", 3, "this is no valid TOML: invalid value at column 5"),
    ("schema_version = 1\nscale = 1\nscale = 1\n", 3, "this is no valid TOML: the same key stands twice in one table"),
    ("schema_version = 1\nextend = 'history'\n", 2, "extend: unknown key; did you mean 'extends'?"),
    ("schema_version = 1\n[band]\nrsk = 1\n", 2, "band: unknown key; parameters stand below [parameters]: did you mean parameters.band.risk?"),
    ("schema_version = 1\n[[support.programme]]\nname = 'X'\ninstrument = 'grant'\nstart_year = 1990\nmodes = ['fdy']\n", 6,
     "support.programme[X].modes[0]: 'fdy' is not known; did you mean 'fdi'?"),
])
def test_one_wrong_thing_gives_one_line(text, line, what):
    told = problems(write("bad.toml", text))
    assert len(told) == 1
    assert told[0].startswith(f"bad.toml:{line}: {what}")


def test_missing_version_is_told_unless_it_is_inherited():
    assert problems(write("bad.toml", "seed = 2\n"))[0].startswith("bad.toml:1: schema_version: this key is required")
    assert load_scenario(write("good.toml", 'extends = "history"\nseed = 2\n')).schema_version == 1


def test_files_that_cannot_be_read(folder):
    (folder / "dir").mkdir()
    (folder / "bytes.toml").write_bytes(b"schema_version = 1\ntitle = '\xff\xfe'\n")
    assert problems("dir/") == ["dir: this is a directory; a scenario is a TOML file"]
    assert problems("gone.toml") == ["gone.toml: there is no such file"]
    assert problems("bytes.toml") == ["bytes.toml:2: this is not UTF-8 text"]
    assert problems("histroy")[0].startswith("histroy: no scenario of this name ships with the package; did you mean 'history'?")
    assert problems("")[0].startswith("'': no scenario of this name")
    assert problems("/dev/null") == ["/dev/null: this is not a regular file; a scenario is a TOML file"]
    assert "nested too deeply" in problems(write("deep.toml", f"x = {'[' * 100_000}"))[0]


def test_a_file_without_permission_is_told(monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    path = write("secret.toml", "schema_version = 1\n")
    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    assert problems(path) == ["secret.toml: cannot be read: Permission denied"]


def test_windows_line_ends_and_a_byte_order_mark_do_not_move_lines(folder):
    (folder / "dos.toml").write_bytes(b"\xef\xbb\xbfschema_version = 1\r\n\r\nscal = 1\r\n")
    assert problems("dos.toml")[0].startswith("dos.toml:3: scal: unknown key")


def test_the_errors_are_objects_with_file_line_and_key():
    path = write("bad.toml", "schema_version = 1\nseed = 1.5\nscale = 9\n")
    with pytest.raises(InputErrors) as caught:
        load_scenario(path)
    assert [(e.file, e.line, e.key) for e in caught.value.errors] == [("bad.toml", 2, "seed"), ("bad.toml", 3, "scale")]


# --- extends ----------------------------------------------------------------------------------------------------------------
def test_tables_merge_scalars_and_arrays_replace_and_own_words_are_not_inherited():
    write("base.toml", """\
schema_version = 1
title = "Base"
seed = 7
[years]
last = 2000
[[drivers.yen]]
from = 1990
value = 100
[mechanisms]
band = false
""")
    child = write("child.toml", 'extends = "base"\n[mechanisms]\ntaste = false\n[[drivers.yen]]\nfrom = 1995\nvalue = 90\n')
    scenario = load_scenario(child)
    assert (scenario.name, scenario.title, scenario.seed, scenario.years.last) == ("child", "", 7, 2000)
    assert (scenario.mechanisms.band, scenario.mechanisms.taste, scenario.mechanisms.noise) == (False, False, True)
    assert [(span.from_, span.value) for span in scenario.drivers.yen] == [(1995, 90.0)]


def test_programmes_merge_by_name_and_an_empty_array_clears():
    programme = '[[support.programme]]\nname = "{}"\ninstrument = "grant"\nstart_year = 1990\nmodes = ["fdi"]\n'
    write("base.toml", "schema_version = 1\n" + programme.format("One") + programme.format("Two"))
    changed = 'extends = "base"\n[[support.programme]]\nname = "Two"\ncap_million_yen = 5\n'
    programmes = load_scenario(write("child.toml", changed + programme.format("Three"))).support.programme
    assert [(p.name, p.cap_million_yen) for p in programmes] == [("One", None), ("Two", 5.0), ("Three", None)]
    assert load_scenario(write("none.toml", 'extends = "base"\nsupport.programme = []\n')).support.programme == ()


def test_several_bases_later_ones_win_and_a_diamond_is_no_circle():
    write("base.toml", "schema_version = 1\nseed = 1\nscale = 0.5\n")
    write("left.toml", 'extends = "base"\nseed = 2\nreplications = 3\n')
    write("right.toml", 'extends = "base.toml"\nseed = 3\n')
    scenario = load_scenario(write("child.toml", 'extends = ["left", "right"]\n'))
    assert (scenario.seed, scenario.scale, scenario.replications) == (3, 0.5, 3)


def test_bases_are_looked_for_beside_the_file_that_names_them(folder):
    (folder / "deep").mkdir()
    write("deep/base.toml", 'extends = "history"\nseed = 5\n')
    write("deep/child.toml", 'extends = "base"\n')
    assert load_scenario("deep/child.toml").seed == 5
    own = write("deep/history.toml", "schema_version = 1\nseed = 9\n")
    assert load_scenario("deep/child.toml").seed == 5
    assert load_traced("deep/child.toml").origins["schema_version"] == f"{own}:1"


def test_a_circle_is_refused_and_shown():
    write("a.toml", 'extends = "b"\n')
    write("b.toml", '\nextends = ["c"]\n')
    write("c.toml", 'schema_version = 1\nextends = "a"\n')
    assert problems("a.toml") == [
        "c.toml:2: extends: the files extend each other in a circle: a.toml -> b.toml -> c.toml -> a.toml",
    ]
    assert "in a circle: self.toml -> self.toml" in problems(write("self.toml", 'extends = "self"\n'))[0]


def test_bases_that_do_not_exist_are_told_at_the_line_that_names_them():
    told = problems(write("a.toml", '\nextends = "histroy"\n'))
    assert told[0].startswith("a.toml:2: extends: 'histroy': no scenario of this name")
    assert problems(write("b.toml", 'extends = "gone.toml"\n')) == ["b.toml:1: extends: there is no file gone.toml"]
    assert "must be the name or path" in problems(write("c.toml", "extends = 3\n"))[0]


def test_a_problem_in_the_base_names_the_base():
    write("base.toml", "schema_version = 1\n\nscale = 7\n")
    told = problems(write("child.toml", 'extends = "base"\nseed = -1\n'))
    assert [line.split(": ")[0] for line in told] == ["base.toml:3", "child.toml:2"]


def test_a_name_twice_in_one_file_is_refused():
    programme = '[[support.programme]]\nname = "One"\ninstrument = "grant"\nstart_year = 1990\nmodes = ["fdi"]\n'
    told = problems(write("bad.toml", "schema_version = 1\n" + programme * 2))
    assert told == ["bad.toml:8: support.programme.name: 'One' stands twice (first at bad.toml:3)"]


# --- settings ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "path", "value"), [
    ("seed=3", ("seed",), 3), ("scale=1", ("scale",), 1.0), ("scale=.5", ("scale",), 0.5), ('title="5"', ("title",), "5"),
    ("title=No quotes needed", ("title",), "No quotes needed"), ("title=a=b", ("title",), "a=b"),
    ("mechanisms.band=false", ("mechanisms", "band"), False), ("years.last = 1980", ("years", "last"), 1980),
    ("output.firms_years=[1970, 1980]", ("output", "firms_years"), (1970, 1980)),
    ("drivers.future=bootstrap", ("drivers", "future"), "bootstrap"),
    ("support.disable=['P01']", ("support", "disable"), ("P01",)),
])
def test_settings_take_toml_values_and_bare_words(text, path, value):
    found = load_scenario("history", [text])
    for part in path:
        found = getattr(found, part)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("text", "what"), [
    ("scale=nan", "--set: scale: must be a finite number, not nan"),
    ("parameters.band.risk=nan", "--set: parameters.band.risk: must be a finite number, not nan"),
    ("seed=1.0", "--set: seed: must be a whole number, not 1.0"),
    ("mechanisms.band=True", "--set: mechanisms.band: must be true or false, not 'True'"),
    ("seed", "--set: 'seed' must be key=value"),
    ("=3", "--set: '=3' must be key=value"),
    ("a b=3", "--set: a b: this is no dotted key"),
    ("seed.x=3", "--set: seed.x: there can be no 'x' in 1, which "),
    ("drivers.yen.4.value=3", "--set: drivers.yen: must be an array, not a table"),
    ("output.firms_years.0.x=3", "--set: output.firms_years: must be an array, not a table"),
    ("seed=1\nscale=1", "--set: seed: must be a whole number, not '1\\nscale=1'"),
])
def test_wrong_settings_are_told(text, what):
    assert problems("history", [text])[0].startswith(what)


def test_settings_reach_into_arrays_by_position_and_by_name():
    assert load_scenario("weak_yen", ["drivers.yen_factor.0.value=1.5"]).drivers.yen_factor[0].value == 1.5
    assert "there is no element '1' (1 elements" in problems("weak_yen", ["drivers.yen_factor.1.value=1.5"])[0]


def test_settings_may_be_a_mapping():
    scenario = load_scenario("history", {"years.last": 1960, "parameters.band.risk": 0.3, "mechanisms.band": False})
    assert (scenario.years.last, scenario.parameters, scenario.mechanisms.band) == (1960, {"band.risk": 0.3}, False)
    assert problems("history", {"years.lst": 1})[0].startswith("overrides: years.lst: unknown key; did you mean 'last'?")
    with pytest.raises(InputError, match="not one text"):
        load_scenario("history", "seed=1")


def test_parameters_merge_whether_written_as_tables_or_dotted():
    write("base.toml", "schema_version = 1\n[parameters.band]\nrisk = 0.1\nrisk_yen = 0.5\n")
    child = write("child.toml", 'extends = "base"\n[parameters]\n"band.risk" = 0.2\nproductivity.shock = 0.2\n')
    expected = {"band.risk": 0.3, "band.risk_yen": 0.5, "productivity.shock": 0.2}
    assert load_scenario(child, ["parameters.band.risk=0.3"]).parameters == expected
