"""Experiment files: what is wrong is told with file and line; priors come from the declared ranges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from expansion_sim.calibration.calibrate import problem_of, scenario_of
from expansion_sim.calibration.load import grouped_parameters, load_calibration
from expansion_sim.calibration.prior import GroupedParameter, Prior, prior_of
from expansion_sim.calibration.spec import ParameterGroup
from expansion_sim.errors import InputError
from expansion_sim.parameters import Parameter, all_parameters

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
GROUP = '[[group]]\nname = "sunk cost"\nparameters = ["sunk.plant"]\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "experiment.toml"
    path.write_text("schema_version = 1\n" + text, encoding="utf-8")
    return path


def told(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        load_calibration(written(folder, text))
    return str(caught.value)


def test_wrong_files_are_told_line_by_line(tmp_path) -> None:
    text = told(tmp_path, '[settings]\nscal = 0.01\n[search]\nensemble = "many"\n' + GROUP)
    assert "experiment.toml:3: settings.scal: unknown key; did you mean 'scale'?" in text
    assert "experiment.toml:5: search.ensemble" in text
    assert "experiment.toml:3: search.polish: input should be less than or equal to 100" in told(tmp_path, "[search]\npolish = 101\n" + GROUP)
    assert ":4: group.sunk cost.parameters: no parameter 'sunk.plnt'; did you mean 'sunk.plant'?" in told(
        tmp_path, GROUP.replace("sunk.plant", "sunk.plnt")
    )
    assert "already" in told(tmp_path, GROUP + GROUP.replace("sunk cost", "again"))
    assert ":3: facts.exclude: no fact 'T999'" in told(tmp_path, '[facts]\nexclude = ["T999"]\n' + GROUP)
    assert "is not inside the declared range" in told(tmp_path, GROUP + "low = 1.0\nhigh = 900.0\n")
    assert "is not above low" in told(tmp_path, GROUP + "low = 9.0\nhigh = 8.0\n")
    assert "experiment.toml:1: group" in told(tmp_path, "")


def test_shipped_experiments_can_be_read() -> None:
    for path in EXPERIMENTS.glob("calibration*.toml"):
        spec = load_calibration(path)
        problem = problem_of(spec, None)
        assert problem.prior.size == len(set(problem.prior.names)) > 50, path
        assert len(problem.misfit.terms) > 20, path
        assert scenario_of(spec, EXPERIMENTS).scale == spec.settings.scale


def test_priors_from_declared_ranges() -> None:
    declared = Parameter(2.0, "1", 0.0, 9.0, "A", "prior")
    even = prior_of("a.b", declared, ParameterGroup(name="g", parameters=("a.b",)))
    assert (even.low, even.high, even.log) == (0.1, 9.0, True)  # a log prior cannot begin at zero: a twentieth of the value
    narrow = prior_of("a.b", declared, ParameterGroup(name="g", parameters=("a.b",), factor=3.0))
    assert (narrow.low, narrow.high) == (pytest.approx(2.0 / 3.0), 6.0)
    linear = prior_of("a.b", declared, ParameterGroup(name="g", parameters=("a.b",), transform="linear", high=4.0))
    assert (linear.low, linear.high, linear.log) == (0.0, 4.0, False)
    negative = Parameter(-5.0, "utility", -12.0, 0.0, "A", "prior")
    assert not prior_of("a.b", negative, ParameterGroup(name="g", parameters=("a.b",))).log
    with pytest.raises(InputError, match="logarithmic"):
        prior_of("a.b", negative, ParameterGroup(name="g", parameters=("a.b",), transform="log"))


def test_coordinates_are_standard_normal_and_go_back_and_forth() -> None:
    prior = Prior([GroupedParameter("a", "g", 0.1, 10.0, True, 1.0), GroupedParameter("b", "g", -1.0, 3.0, False, 1.0)])
    np.testing.assert_allclose(prior.shipped(), 0.0, atol=1e-12)
    values = np.array([[0.5, 2.0], [9.0, -0.9]])
    np.testing.assert_allclose(prior.values(prior.coordinates(values)), values)
    edge = prior.values(prior.coordinates(np.array([10.0, -1.0])))
    assert edge[0] < 10.0 and edge[1] > -1.0
    ensemble = prior.space_filling(128, np.random.SeedSequence(1))
    np.testing.assert_allclose(ensemble.mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(ensemble.std(axis=0), 1.0)
    assert abs(np.corrcoef(ensemble.T)[0, 1]) < 0.05
    around = prior.space_filling(64, np.random.SeedSequence(2), np.array([0.5, -0.5]), 0.2)
    np.testing.assert_allclose(around.mean(axis=0), [0.5, -0.5], atol=1e-9)


def test_patterns_stand_for_parameters_and_industries(tmp_path) -> None:
    spec = load_calibration(written(tmp_path, GROUP.replace("sunk.plant", "industry.*.traded_goods")))
    names = [parameter.name for parameter in grouped_parameters(spec)]
    assert "industry.light.traded_goods" in names
    assert "industry.accommodation_food.traded_goods" not in names  # zero: it has no scale
    assert all(all_parameters()[name].value > 0.0 for name in names)
