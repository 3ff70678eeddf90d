"""Simulating: seeds, replications, progress, snapshots on the way."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from synthetic import SyntheticModel, synthetic_scenario

from expansion_sim.errors import InputError
from expansion_sim.results.frames import replication_of, series
from expansion_sim.results.run import open_run, seed_of, simulate
from expansion_sim.results.store import RunWriter

small = partial(SyntheticModel, firms=200)


def test_the_same_seed_gives_the_same_run() -> None:
    scenario = synthetic_scenario(last=1965)
    first, second = (simulate(scenario, model_class=small) for _ in range(2))
    pd.testing.assert_frame_equal(first.yearly, second.yearly)
    pd.testing.assert_frame_equal(first.events, second.events)
    assert "replication" not in first.yearly


def test_replications_differ_and_the_first_is_the_run_alone() -> None:
    scenario = synthetic_scenario(last=1965)
    alone, several = simulate(scenario, model_class=small), simulate(scenario, 3, model_class=small)
    assert several.yearly.columns[0] == "replication"
    employees = series(several.yearly, "employees")
    assert employees.shape == (11, 3)
    assert employees.loc[1965].nunique() == 3
    pd.testing.assert_series_equal(employees[0], series(alone.yearly, "employees")[0])
    assert set(replication_of(several.events)) == {0, 1, 2}
    assert several.surveys.groupby("replication").size().tolist() == [11, 11, 11]


def test_seeds_of_replications() -> None:
    seeds = [seed_of(1, replication) for replication in range(1000)]
    assert seeds[0] == 1
    assert len(set(seeds)) == 1000
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert seed_of(1, 2) != seed_of(2, 1)  # sums of seed and replication would collide


def test_progress_names_every_year() -> None:
    seen = []
    simulate(synthetic_scenario(last=1957), 2, progress=lambda *at: seen.append(at), model_class=small)
    assert seen == [(0, 1955), (0, 1956), (0, 1957), (1, 1955), (1, 1956), (1, 1957)]


def test_snapshots_go_to_the_sink_on_the_way(tmp_path: Path) -> None:
    scenario = synthetic_scenario(last=1960, firms_years=(1956, 1960))
    with RunWriter(tmp_path / "run") as sink:
        run = simulate(scenario, 2, sink=sink, model_class=small)
        assert run.snapshots == {}
        assert not (tmp_path / "run").exists()
        saved = run.commit(sink)
    assert saved.firms_years == open_run(tmp_path / "run").firms_years == [1956, 1960]
    in_memory = simulate(scenario, 2, model_class=small)
    pd.testing.assert_frame_equal(saved.firms(1956), in_memory.firms(1956))


def test_a_model_that_only_keeps_snapshots_is_drained(tmp_path: Path) -> None:
    class Keeps(SyntheticModel):
        """Knows no sink."""

        def step(self) -> None:
            self.snapshot_sink = None
            super().step()

    scenario = synthetic_scenario(last=1957, firms_years=(1956,))
    with RunWriter(tmp_path / "run") as sink:
        run = simulate(scenario, sink=sink, model_class=partial(Keeps, firms=200))
        assert run.snapshots == {}
        assert run.commit(sink).firms_years == [1956]


def test_no_replication_is_refused() -> None:
    with pytest.raises(InputError, match="replications must be 1 or more"):
        simulate(synthetic_scenario(), 0, model_class=small)
