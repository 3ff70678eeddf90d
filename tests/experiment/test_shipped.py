"""The shipped experiments vary what they say, also after the model has got a new parameter or a new kind of support."""

import tomllib
from importlib import resources

import pytest

from expansion_sim.codes import INDUSTRIES
from expansion_sim.experiment import points
from expansion_sim.experiment.load import load_experiment
from expansion_sim.experiment.sweep import plan_of, scenario_of
from expansion_sim.parameters import all_parameters
from expansion_sim.policy.instruments import INSTRUMENTS
from expansion_sim.policy.record import scenario_programmes
from expansion_sim.scenario.recorded import recorded_programmes

#: Experiment -> keys that it varies.
ASKED = {
    "subsidy_rate_by_cap": {"support.programme.P17.rate_percent", "support.programme.P17.cap_million_yen"},
    "loan_by_guarantee": {"support.programme.P29.rate_discount_points", "support.programme.P40.cover_percent"},
    "yen_level_by_volatility": {"drivers.yen_factor.0.value", "drivers.yen_swings.0.value"},
    "offshoring_speed": {"parameters.parent.pace", "parameters.parent.invite"},
    "joint_grant_by_quorum": {"support.programme.P16.cap_million_yen", "parameters.cooperative.quorum"},
    "wage_gap": {"drivers.japan.0.value", "parameters.cost.productivity_reached"},
}


@pytest.mark.parametrize("name", ASKED)
def test_a_grid_varies_its_levers_against_a_base_with_the_same_draws(name):
    loaded = load_experiment(name)
    assert {factor.key[0] for factor in loaded.experiment.factor} == ASKED[name]
    assert loaded.experiment.pairing is not None
    assert loaded.experiment.replications >= 10
    assert {point.draws for point in loaded.points} == {0}


def test_phases_are_taken_apart_by_drivers_and_never_by_their_names():
    loaded = load_experiment("phase_ablations")
    assert len(loaded.experiment.point) >= 9
    assert not any("phase" in key for point in loaded.experiment.point for key in point)


def declared():
    """Names of parameters as they stand in the two files, read without the package's own reader."""

    def read(*path):
        return tomllib.loads(resources.files("expansion_sim").joinpath(*path).read_text(encoding="utf-8"))

    rules = {f"{group}.{name}" for group, entries in read("parameters.toml").items() for name in entries}
    ranges = read("behaviour", "industries.toml")["ranges"]
    return rules | {f"industry.{industry}.{name}" for industry in INDUSTRIES for name in ranges}


def test_morris_varies_every_parameter_of_the_files_over_its_declared_range():
    pytest.importorskip("SALib")
    axes = points.spelled_out(load_experiment("morris_parameters").experiment)
    assert [axis.column for axis in axes if not axis.keys] == ["dummy"]
    varied = {axis.column.removeprefix("parameters."): axis for axis in axes if axis.keys}
    assert set(varied) == declared() == set(all_parameters())
    narrowed = {name for name, axis in varied.items() if (axis.low, axis.high) != all_parameters()[name][2:4]}
    assert narrowed == {"band.share_static", "band.share_adaptive"}  # shares of one whole
    assert sum(varied[name].high for name in narrowed) <= 1.0


def test_a_parameter_that_is_new_tomorrow_is_varied(monkeypatch):
    pytest.importorskip("SALib")
    experiment = load_experiment("morris_parameters").experiment
    known = all_parameters()
    monkeypatch.setattr(points, "all_parameters", lambda: {**known, "attention.newspapers": known["attention.peers"]})
    assert "parameters.attention.newspapers" in [axis.column for axis in points.spelled_out(experiment)]


def test_sobol_moves_a_running_programme_of_every_instrument():
    pytest.importorskip("SALib")
    loaded = load_experiment("sobol_policy")
    keys = [factor.key[0].split(".") for factor in loaded.experiment.factor]
    moved = {key[2] for key in keys if key[:2] == ["support", "programme"]}
    switched = next(factor for factor in loaded.experiment.factor if factor.key == ("support.disable",))
    moved |= {name for disabled in switched.values for name in disabled}
    assert {recorded_programmes()[name]["instrument"] for name in moved} == set(INSTRUMENTS)
    plan = plan_of(loaded)
    last = loaded.points[0].index
    order = next(run.order for run in plan.runs if run.point == last)
    scenario = scenario_of(loaded, plan, order)
    running = {programme.id for programme in scenario_programmes(scenario.support) if programme.open_in(scenario.years.last)}
    assert moved - set(scenario.support.disable) <= running
