"""Parameters drawn from a posterior: deterministic, recorded, checked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from expansion_sim.errors import InputError
from expansion_sim.posterior import load_posterior
from expansion_sim.results.run import open_run, simulate
from expansion_sim.scenario import load_scenario


@pytest.fixture
def file(tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"band.risk": rng.uniform(0.1, 0.3, 10), "industry.light.exposure": rng.uniform(0.5, 1.0, 10)})
    table.to_parquet(tmp_path / "posterior.parquet")
    table.to_csv(tmp_path / "posterior.csv", index=False)
    return tmp_path / "posterior.parquet"


def test_rows_depend_on_seed_and_replication_alone_and_none_comes_twice(file) -> None:
    posterior = load_posterior(file)
    rows = [posterior.row_of(5, replication) for replication in range(10)]
    assert sorted(rows) == list(range(10))
    assert [posterior.row_of(5, replication) for replication in range(4)] == rows[:4]
    assert [posterior.row_of(6, replication) for replication in range(10)] != rows


def test_a_scenario_takes_the_draw_but_keeps_what_it_says_itself(file) -> None:
    posterior = load_posterior(file.with_suffix(".csv"))
    scenario = load_scenario("history", {"parameters.band.risk": 0.55})
    applied = posterior.applied(scenario, 3)
    row = dict(zip(posterior.names, posterior.rows[posterior.row_of(scenario.seed, 3)], strict=True))
    assert applied.parameters == {"band.risk": 0.55, "industry.light.exposure": row["industry.light.exposure"]}
    assert set(posterior.record(scenario, 2)["values"]) == {"industry.light.exposure"}


def test_runs_record_their_draws_and_two_worlds_share_them(file, tmp_path) -> None:
    posterior = load_posterior(file)
    small = {"scale": 0.001, "years.last": 1958, "replications": 2}
    base, other = (simulate(load_scenario("history", small | change), parameters=posterior)
                   for change in ({}, {"support.enabled": False}))
    told = open_run(base.save(tmp_path / "run").path).record["parameters"]
    assert told == base.record["parameters"] == other.record["parameters"]
    assert told["rows"] == [posterior.row_of(base.seed, 0), posterior.row_of(base.seed, 1)]
    assert told["values"]["band.risk"] == [posterior.rows[row, 0] for row in told["rows"]]
    single = simulate(posterior.applied(load_scenario("history", small), 0), 1)
    first = base.yearly[base.yearly["replication"] == 0].drop(columns="replication").reset_index(drop=True)
    np.testing.assert_array_equal(first["value"], single.yearly["value"])


def test_wrong_tables_are_refused_in_one_line(tmp_path) -> None:
    def refused(table: dict) -> str:
        path = tmp_path / "draws.csv"
        pd.DataFrame(table).to_csv(path, index=False)
        with pytest.raises(InputError) as caught:
            load_posterior(path)
        return str(caught.value)

    assert "band.rsk: unknown parameter; did you mean 'band.risk'?" in refused({"band.rsk": [0.2]})
    assert "7 in row 1 is outside 0.02 to 0.6" in refused({"band.risk": [0.2, 7.0]})
    assert "is outside" in refused({"band.risk": [np.nan, 0.2]})
    assert "no table of draws" in refused({"band.risk": ["a", "b"]})
    with pytest.raises(InputError, match="no file"):
        load_posterior(tmp_path / "nowhere.parquet")
