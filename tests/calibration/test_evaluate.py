"""Runs are remembered, survive kills, and are the runs that simulate() gives."""

from __future__ import annotations

import numpy as np
import pytest
from workers import COLUMNS, always_dying, counting, dying_once

from expansion_sim.calibration.evaluate import Simulator, model_hash, simulate_point
from expansion_sim.calibration.readings import column_names, readings
from expansion_sim.results.run import simulate
from expansion_sim.scenario import load_scenario

POINTS, SEEDS = [{"band.risk": 0.2}, {"band.risk": 0.3}], [[1, 2], [3, 4]]
EXPECTED = np.array([[[0.2, 1], [0.2, 2]], [[0.3, 3], [0.3, 4]]])


@pytest.fixture
def marks(tmp_path, monkeypatch):
    folder = tmp_path / "marks"
    folder.mkdir()
    monkeypatch.setenv("MARKS", str(folder))
    return folder


def simulator(folder, run, **changes) -> Simulator:
    return Simulator(load_scenario("history", {"scale": 0.001} | changes), COLUMNS, folder, 2, run=run)


def test_every_run_is_done_once_also_by_a_later_process(tmp_path, marks) -> None:
    with simulator(tmp_path / "runs", counting) as first:
        np.testing.assert_array_equal(first(POINTS, SEEDS), EXPECTED)
    with simulator(tmp_path / "runs", counting) as second:
        np.testing.assert_array_equal(second([*POINTS, {"band.risk": 0.4}], [*SEEDS, [5, 6]])[:2], EXPECTED)
    assert len(list(marks.iterdir())) == 6
    with simulator(tmp_path / "runs", counting, **{"years.last": 1999}) as other:
        other(POINTS, SEEDS)
    assert len(list(marks.iterdir())) == 10, "another scenario has other runs"


def test_a_killed_worker_costs_nothing_but_time(tmp_path, marks) -> None:
    with simulator(tmp_path / "runs", dying_once) as evaluate:
        np.testing.assert_array_equal(evaluate(POINTS, SEEDS), EXPECTED)


def test_a_run_that_always_kills_its_worker_gives_no_answer(tmp_path, marks) -> None:
    with simulator(tmp_path / "runs", always_dying) as evaluate:
        found = evaluate(POINTS, SEEDS)
    assert np.isnan(found[1, 0]).all()
    np.testing.assert_array_equal(found[0], EXPECTED[0])
    np.testing.assert_array_equal(found[1, 1], EXPECTED[1, 1])


def test_a_damaged_or_foreign_shard_does_not_stand_in_for_runs(tmp_path, marks) -> None:
    with simulator(tmp_path / "runs", counting) as first:
        first(POINTS, SEEDS)
    (tmp_path / "runs" / ".left-by-a-kill").write_bytes(b"PAR1")
    assert len(Simulator(load_scenario("history"), ["a", "c"], tmp_path / "runs", 2).known) == 0
    assert len(Simulator(load_scenario("history"), COLUMNS, tmp_path / "runs", 2).known) == 4


def test_a_point_is_what_simulate_gives_under_its_parameters() -> None:
    scenario = load_scenario("history", {"scale": 0.001, "years.last": 1975})
    point, seed = {"sunk.plant": 60.0, "industry.light.exposure": 0.4}, 9
    overrides = {f"parameters.{name}": value for name, value in point.items()}
    same = load_scenario("history", {"scale": 0.001, "years.last": 1975, "seed": seed} | overrides)
    found = simulate_point(scenario, point, seed)
    assert len(found) == len(column_names())
    np.testing.assert_array_equal(found, readings(simulate(same))[0])
    assert np.isfinite(found).sum() >= 3
    assert not np.array_equal(found, simulate_point(scenario, {}, seed), equal_nan=True)


def test_the_hash_of_the_model_is_stable() -> None:
    assert model_hash() == model_hash()
