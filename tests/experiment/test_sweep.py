"""Sweeps: the same bytes however they are run, readable by everybody, and refused when something has changed."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from sweep_files import GRID, files
from tiny_models import RAISE

from expansion_sim import open_results
from expansion_sim import sweep as public_sweep
from expansion_sim.cli import main
from expansion_sim.errors import InputError
from expansion_sim.experiment import fingerprint
from expansion_sim.experiment.load import load_experiment, shipped_names
from expansion_sim.experiment.plan import RUNS_PER_SHARD
from expansion_sim.experiment.sweep import plan_of, resume, run_points, scenario_of, sweep


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A sweep of more than one shard by threads of this process, and its experiment."""
    folder = tmp_path_factory.mktemp("finished")
    path = folder / "tiny.toml"
    levels = [round(0.001 * step, 3) for step in range(1, 16)]
    path.write_text(GRID.format(levels=levels, behaviours=[0.0, 0.01], replications=4))
    with ThreadPoolExecutor(3) as threads:
        return path, sweep(path, executor=threads, out=folder / "out")


def test_any_number_of_workers_and_any_order_give_the_same_bytes(finished, tmp_path):
    path, results = finished
    expected = files(results.path)
    assert len([name for name in expected if name.startswith("shards")]) == -(-120 // RUNS_PER_SHARD)
    assert files(public_sweep(path, workers=2, out=tmp_path / "two").path) == expected
    with ThreadPoolExecutor(1) as thread:
        assert files(sweep(path, executor=thread, out=tmp_path / "one").path) == expected


def test_the_layout_of_a_directory(finished):
    _, results = finished
    names = files(results.path)
    assert {name.split("/")[0] for name in names} == {"sweep.json", "design.parquet", "shards", "_MANIFEST.json"}
    manifest = json.loads(names["_MANIFEST.json"])
    assert (manifest["runs"], manifest["statuses"]) == (120, {"ok": 120})
    assert sum(entry["rows"] for entry in manifest["shards"].values()) == 120 * 2 * 3
    record = json.loads(names["sweep.json"])
    assert record["outcomes"]["yearly:abroad"] == {"unit": "firms"}
    assert record["worlds"]["history"]["name"] == "history"
    assert {"mesa", "numpy", "python"} <= set(record["code"]["versions"])
    assert os.fspath("behaviour/gains.py") in record["code"]["files"]


def test_values_are_those_of_the_model_and_its_seed(finished):
    _, results = finished
    design = results.design.iloc[37]
    draws = np.random.default_rng(design["seed"]).random(3)
    for year, draw in zip((1955, 1956, 1957), draws, strict=True):
        value = results.values("yearly:abroad", year).loc[design["point"], design["replication"]]
        assert value == pytest.approx(design["parameters.attention.base"] * draw, rel=1e-12)
    assert results.values("yearly:abroad").equals(results.values("yearly:abroad", 1957))
    assert results.values("yearly:abroad").shape == (30, 4)


def test_pandas_polars_and_duckdb_read_the_shards_as_one_table(finished):
    _, results = finished
    shards = results.path / "shards"
    table = results.table()
    read = pd.read_parquet(shards)
    assert (
        list(read.columns)
        == list(table.columns)
        == ["run", "point", "replication", "outcome", "year", "value", "status", "reason"]
    )
    total = table["value"].sum()
    assert read["value"].sum() == pytest.approx(total)
    polars = pytest.importorskip("polars")
    assert polars.read_parquet(shards / "*.parquet")["value"].sum() == pytest.approx(total)
    duckdb = pytest.importorskip("duckdb")
    query = f"select outcome, sum(value), count(distinct run) from '{shards}/*.parquet' group by outcome order by outcome"
    assert [(row[0], row[2]) for row in duckdb.sql(query).fetchall()] == [
        ("yearly:abroad", 120),
        ("yearly:parents_abroad_share", 120),
    ]


def test_factors_join_on_demand(finished):
    _, results = finished
    joined = results.table("yearly:abroad", factors=True)
    assert len(joined) == 120 * 3
    one = joined[joined["point"] == 5]
    assert (
        one["parameters.attention.base"].unique().tolist()
        == results.design.query("point == 5")["parameters.attention.base"].unique().tolist()
    )
    with pytest.raises(InputError, match=r"no factor 'parameters\.attention\.bas'; did you mean"):
        results.table(factors=["parameters.attention.bas"])
    with pytest.raises(InputError, match="no outcome 'yearly:abrod' in this sweep; did you mean 'yearly:abroad'"):
        results.table("yearly:abrod")


def test_going_on_with_a_finished_sweep_runs_nothing(finished, monkeypatch):
    path, results = finished
    before = files(results.path)
    monkeypatch.setattr("expansion_sim.experiment.sweep._run", lambda *_: pytest.fail("nothing should run"))
    assert sweep(path, out=results.path).status().state == "done"
    assert resume(results.path).status().state == "done"
    assert files(results.path) == before


def test_another_design_scenario_or_code_is_refused_and_named(grid, tmp_path, monkeypatch):
    def run(path, **options):
        with ThreadPoolExecutor(1) as thread:
            return sweep(path, executor=thread, out=tmp_path / "out", **options)

    world = tmp_path / "world.toml"
    world.write_text('extends = "history"\nschema_version = 1\nscale = 0.002\n')
    path = grid(levels=[0.01], replications=1)
    path.write_text(path.read_text().replace('scenario = "history"', 'scenario = "world.toml"'))
    run(path)
    with pytest.raises(InputError, match=r"another experiment: replications was 1 and is 2"):
        run(path, overrides=["replications=2"])
    world.write_text(world.read_text().replace("0.002", "0.003"))
    with pytest.raises(InputError, match=r"another scenario: world.toml.scale was 0.002 and is 0.003"):
        run(path)
    with pytest.raises(InputError, match=r"world.toml.scale was 0.002"):
        resume(tmp_path / "out")
    assert resume(tmp_path / "out", anyway=True).status().state == "done"
    world.write_text(world.read_text().replace("0.003", "0.002"))
    record = fingerprint.code_record
    changed = {name: "0" if name == "behaviour/gains.py" else found for name, found in fingerprint.source_hashes().items()}
    monkeypatch.setattr(fingerprint, "code_record", lambda model="": {**record(model), "files": changed})
    with pytest.raises(InputError, match=r"other code: .*behaviour/gains.py.* changed"):
        resume(tmp_path / "out")
    assert resume(tmp_path / "out", anyway=True).status().state == "done"


def test_a_directory_that_holds_something_else_is_left_alone(grid, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="letters exists and is not the directory of a sweep"):
        sweep(grid(), out=tmp_path / "letters")
    with pytest.raises(InputError, match="letters is not the directory of a sweep"):
        open_results(tmp_path / "letters")
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["mine.txt"]


def test_points_chosen_by_a_program_are_a_round_that_can_be_resumed(grid, tmp_path):
    path = grid()
    points = pd.DataFrame(
        {"parameters.attention.base": np.array([0.02, 0.04, 0.06]), "parameters.attention.peers": [0.0, RAISE, 0.0]}
    )
    with ThreadPoolExecutor(2) as threads:
        results = run_points(path, points, tmp_path / "round-0", executor=threads, seed=9)
        again = run_points(path, points, tmp_path / "round-0", executor=threads, seed=9)
        fresh = run_points(path, points.head(1), tmp_path / "round-1", executor=threads, seed=10)
    assert results.status().statuses == {"ok": 4, "error": 2}
    assert files(results.path) == files(again.path)
    values = results.values("yearly:parents_abroad_share")
    assert values.index.tolist() == [0, 1, 2]
    assert values.loc[[0, 2]].to_numpy() == pytest.approx(np.array([[0.02] * 2, [0.06] * 2]))
    assert values.loc[1].isna().all()
    assert results.design["parameters.attention.base"].tolist() == [0.02, 0.02, 0.04, 0.04, 0.06, 0.06]
    assert set(fresh.design["seed"]).isdisjoint(results.design["seed"])
    assert results.design.groupby("replication")["seed"].nunique().tolist() == [1, 1]


def test_the_table_refuses_unfinished_sweeps(grid, tmp_path):
    class Enough(Exception):
        pass

    def stop(counts):
        if counts.done:
            raise Enough

    with ThreadPoolExecutor(1) as thread, pytest.raises(Enough):
        sweep(grid(), executor=thread, out=tmp_path / "out", progress=stop)
    results = open_results(tmp_path / "out")
    assert results.status().state == "unfinished"
    with pytest.raises(InputError, match="of 4 runs are not finished"):
        results.table()
    kept = results.table(missing="drop")
    assert 0 < kept["run"].nunique() == results.status().finished < 4


def test_commands_tell_status_as_text_and_json(finished, capsys):
    _, results = finished
    assert main(["status", str(results.path)]) == 0
    assert capsys.readouterr().out == f"tiny: done, 120 of 120 runs in {results.path}\n"
    assert main(["status", str(results.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["finished"] == 120
    assert main(["status", str(results.path.parent)]) == 2
    assert main(["sweep", "subsidy_rate_by_capp"]) == 2
    assert "did you mean 'subsidy_rate_by_cap'?" in capsys.readouterr().err
    assert main(["sweep", "calibration"]) == 2
    assert "this file is for another command: expansion-sim calibrate calibration" in capsys.readouterr().err
    assert main(["sweep", "wage_gap", "--workers", "0"]) == 2


def test_wrong_lines_of_a_file_are_named_together(write, capsys):
    path = write(GRID.format(levels=[0.01], behaviours=[9.0], replications=1).replace("yearly:abroad", "yearly:abrod"))
    assert main(["sweep", str(path)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0].rpartition(":")[2] for line in told] == ["4", "14"]
    assert "did you mean 'abroad'?" in told[0]
    assert "parameters.attention.peers: 9.0 is out of range" in told[1]


@pytest.mark.parametrize(
    ("written", "wrong", "number", "told"),
    [
        ("scale = 0.001", "scael = 0.001", 6, "scael: unknown key; did you mean 'scale'?"),
        ("scale = 0.001", "scale = 7.0", 6, "scale: 7.0 is out of range (allowed 0.001 to 1 share)"),
        ("years.last = 1960", "years.lats = 1960", 7, "years.lats: unknown key; did you mean 'last'?"),
        ("years.last = 1960", '"a b" = 3', 7, "a b: this is no dotted key"),
        ("support.disable", "support.disble", 12, "support.disble: unknown key; did you mean 'disable'?"),
        ('["P17"]', '["P177"]', 12, "support.disable[0]: no recorded programme 'P177'; did you mean 'P17'?"),
        ("rate_percent", "rate_prcent", 10, "rate_prcent: unknown key; did you mean 'rate_percent'?"),
    ],
)
def test_mistakes_in_settings_factors_and_the_base_are_told_at_their_lines(write, capsys, written, wrong, number, told):
    right = """
        schema_version = 1
        outcomes = ["yearly:abroad"]
        design = "grid"
        [settings]
        scale = 0.001
        years.last = 1960
        [[factor]]
        key = "support.programme.P17.rate_percent"
        values = [0.0, 50.0]
        [pairing.base]
        support.disable = ["P17"]
    """
    path = write(right.replace(written, wrong))
    assert main(["sweep", str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{path.name}:{number}: " in line and told in line


@pytest.mark.parametrize("name", [name for name in shipped_names() if not name.startswith("calibration")])  # those have a schema of their own
def test_shipped_experiments_load_and_their_scenarios_can_be_made(name):
    if load_needs_salib(name):
        pytest.importorskip("SALib")
    loaded = load_experiment(name)
    plan = plan_of(loaded)
    assert loaded.experiment.title
    for order in (0, len(plan.runs) // 2, len(plan.runs) - 1):
        scenario = scenario_of(loaded, plan, order)
        assert not isinstance(scenario, str)
        assert scenario.seed == plan.runs[order].seed


def load_needs_salib(name):
    return name.startswith(("sobol", "morris"))
