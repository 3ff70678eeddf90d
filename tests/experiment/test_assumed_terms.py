"""Factors over terms of support take their range from the declaration; the shipped experiment varies all of them."""

import pytest
from writing import OWN

from expansion_sim.errors import InputError
from expansion_sim.experiment.load import experiment_from, load_experiment
from expansion_sim.experiment.points import spelled_out
from expansion_sim.policy.terms import stated_terms
from expansion_sim.scenario.assumed import assumed_terms
from expansion_sim.scenario.load import load_scenario

BASE = {"schema_version": 1, "scenario": "history", "outcomes": ["yearly:abroad"], "settings": {"scale": 0.001}}
PLACES = "support.programme.P07.places_per_year"


def axes(*factors, scenario="history", kind="latin_hypercube"):
    """The factors of a small sampled design, spelled out."""
    loaded = experiment_from({**BASE, "scenario": scenario, "design": {"kind": kind, "samples": 8}, "factor": list(factors)})
    return {axis.column: axis for axis in spelled_out(loaded.experiment, loaded.worlds)}, loaded.points


def test_a_factor_without_a_range_takes_the_declared_one():
    found, points = axes({"key": PLACES}, {"key": "support.agency.JETRO.offices"}, {"key": "support.programme.P16.group_size"})
    assert (found[PLACES].low, found[PLACES].high) == (1000.0, 8000.0)
    assert (found["support.agency.JETRO.offices"].low, found["support.agency.JETRO.offices"].high) == (115.0, 130.0)
    assert all(1000.0 <= point.columns[PLACES] <= 8000.0 for point in points)
    assert {type(point.columns["support.programme.P16.group_size"]) for point in points} == {int}
    half, _ = axes({"key": PLACES, "high": 2000.0})
    assert (half[PLACES].low, half[PLACES].high) == (1000.0, 2000.0)


def test_ranges_of_dated_values_and_of_programmes_of_the_scenario(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    own, dated = 'support.programme."Market test".value.0.value', "support.programme.P43.value.1.value"
    found, points = axes({"key": own}, {"key": dated}, scenario=str(path))
    assert (found[own].low, found[own].high) == (10.0, 60.0)
    assert (found[dated].low, found[dated].high) == (7.0, 30.0)
    assert len(points) == 8


def test_a_pattern_means_the_terms_that_act_in_the_world():
    found, _ = axes({"key": "support.programme.*", "without": ["support.programme.P0*"]})
    assert not any(".P07." in key for key in found)
    assert "support.programme.P11.places_per_year" in found
    mine, points = axes({"key": "support.instrument.*"}, {"key": "support.programme.P02.start_year"})
    assert {"support.instrument.advice.strength", "support.instrument.grant.effort_million_yen"} < set(mine)
    assert "support.instrument.grant.strength" not in mine  # every grant of the record states its rate
    assert all(point.columns["support.programme.P02.start_year"] in range(1951, 1966) for point in points)
    fewer, _ = axes({"key": "support.*"}, scenario="no_support_abroad")
    assert {key.split(".")[2] for key in fewer if ".programme." in key} == {"P40", "P41", "P47", "P48"}


@pytest.mark.parametrize(("factor", "told"), [
    ({"key": "support.programme.P07.plces_per_year"},
     "factor[0]: needs values, or low and high; did you mean 'support.programme.P07.places_per_year'?"),
    ({"key": "scale"}, "factor[0]: needs values, or low and high; parameters and assumed terms of support have a declared range"),
    ({"key": "support.programe.*"}, "factor[0].key: no parameter fits 'support.programe.*', nor an assumed term"),
    ({"key": "support.*", "without": ["support.programme.P70.*"]}, "factor[0].without: 'support.programme.P70.*' is no parameter or assumed term"),
    ({"key": "support.agency.JETROO.offices", "low": 1.0, "high": 2.0}, "no programme is run by 'JETROO'; did you mean 'JETRO'?"),
    ({"key": "support.instrument.advise.strength", "low": 0.1, "high": 0.2}, "'advise' is not known; did you mean 'advice'?"),
])
def test_a_factor_that_means_nothing_is_told_in_one_line(factor, told):
    with pytest.raises(InputError) as error:
        axes(factor)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_the_shipped_experiment_varies_every_assumed_term_against_a_world_without_support_abroad():
    pytest.importorskip("SALib")
    loaded = load_experiment("assumed_terms")
    columns = {name for name in loaded.points[0].columns if name != "dummy"}
    assert columns == {term.key for term in assumed_terms(load_scenario("history"))}
    ranged = {key for key, term in stated_terms().numbers.items() if term.ranged}
    assert {key for key in ranged - columns if not key.startswith("support.instrument.")} == set()
    twin = loaded.points[loaded.points[0].base]
    settings = {key: value for key, value, _ in twin.sourced}
    reference = load_scenario("no_support_abroad").support
    assert settings["support.disable"] == list(reference.disable)
    assert twin.draws == loaded.points[0].draws
