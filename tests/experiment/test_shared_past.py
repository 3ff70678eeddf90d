"""Runs that share their past: the same bytes in less time, whoever runs them and whatever goes wrong."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sweep_files import files
from tiny_models import DESK, KILL, KILL_ONCE, RAISE

from expansion_sim import load_scenario
from expansion_sim.cli import main
from expansion_sim.experiment import worker
from expansion_sim.experiment.load import experiment_from
from expansion_sim.experiment.pending import ByFamily, families_of
from expansion_sim.experiment.sweep import plan_of, resume, scenario_of, sweep

COST = f"support.programme.{DESK}.use_cost_million_yen"
TINY = {
    "schema_version": 1, "name": "tiny", "scenario": "history", "model": "tiny_models:BranchingModel", "design": "grid", "replications": 3,
    "outcomes": ["yearly:abroad", "yearly:parents_abroad_share"], "settings": {"years.last": 1960},
}  # fmt: skip
POLICY = {
    "schema_version": 1, "name": "policy", "scenario": "history", "design": "grid", "seed": 3,
    "settings": {"scale": 0.001, "years.last": 1984}, "pairing": {"base": {"support.disable": ["P28", "P48"]}},
    "outcomes": ["yearly:abroad", "yearly:cash", "programme:P48:spending_million_yen", "yearly:entries{mode=fdi}"],
    "factor": [{"key": "support.programme.P48.members_percent", "values": [20.0, 60.0]},
               {"key": "support.programme.P48.cover_percent", "values": [40.0, 100.0]}],
}  # fmt: skip


def tiny(costs, **changes):
    return {**TINY, "factor": [{"key": COST, "values": list(costs)}], **changes}


def simulated_years(path):
    """Years of all runs, and processes that simulated them."""
    rows = [line.split() for line in path.read_text().splitlines()]
    return len(rows), {row[0] for row in rows}


@pytest.fixture
def log(tmp_path, monkeypatch):
    path = tmp_path / "years"
    monkeypatch.setenv("TINY_YEARS", str(path))
    return path


def test_a_policy_sweep_of_the_model_gives_the_same_bytes(tmp_path):
    apart = sweep(POLICY, workers=2, out=tmp_path / "apart", shared_past=False)
    assert apart.status().statuses == {"ok": 5}
    assert apart.table("yearly:cash").groupby("point")["value"].sum().nunique() == 5  # the points do differ
    assert files(sweep(POLICY, workers=2, out=tmp_path / "together").path) == files(apart.path)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_past_is_simulated_once_for_each_worker_and_family(tmp_path, log, workers):
    values = tiny([0.01, 0.02, 0.03, 0.04], replications=2)
    apart = sweep(values, workers=1, out=tmp_path / "apart", shared_past=False)
    assert simulated_years(log)[0] == 2 * 4 * 6
    log.unlink()
    assert files(sweep(values, workers=workers, out=tmp_path / "together").path) == files(apart.path)
    years, processes = simulated_years(log)
    if workers == 1:  # three years in common and three of each run, the trunk being one of them
        assert (years, len(processes)) == (2 * (3 + 4 * 3), 1)
    else:
        assert years <= 2 * 3 * workers + 2 * 4 * 3


def test_an_executor_gives_the_same_bytes_and_keeps_no_trunk(tmp_path, log):
    values = tiny([0.01, 0.02, 0.03, 0.04, 0.05], pairing={"base": {COST: 0.0}})
    apart = sweep(values, workers=2, out=tmp_path / "apart", shared_past=False)
    log.unlink()
    with ThreadPoolExecutor(2) as threads:
        assert files(sweep(values, executor=threads, out=tmp_path / "together").path) == files(apart.path)
    assert simulated_years(log)[0] < 3 * 6 * 6
    assert worker._kept is None


def test_a_killed_worker_inside_a_family_costs_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("TINY_FLAG", str(tmp_path / "flag"))
    values = tiny([0.01, KILL_ONCE, 0.03, 0.04])
    results = sweep(values, workers=2, out=tmp_path / "killed")
    assert (tmp_path / "flag").exists()
    assert results.status().statuses == {"ok": 12}
    assert files(results.path) == files(sweep(values, workers=2, out=tmp_path / "whole", shared_past=False).path)


@pytest.mark.parametrize("costs", [[KILL, 0.01, 0.02, RAISE], [0.01, 0.02, RAISE, KILL]], ids=["first", "last"])
def test_a_poisonous_run_takes_no_other_run_of_its_family_with_it(tmp_path, costs):
    results = sweep(tiny(costs), workers=2, out=tmp_path / "out")
    assert results.status().statuses == {"ok": 6, "crashed": 3, "error": 3}
    failed = results.table(missing="report").query("status != 'ok'")
    peers = results.design.set_index("run")[COST]
    assert {peers[run] for run in failed["run"]} == {KILL, RAISE}
    assert files(results.path) == files(sweep(tiny(costs), workers=1, out=tmp_path / "apart", shared_past=False).path)


def test_an_interrupted_sweep_goes_on_with_what_is_left_of_its_families(tmp_path):
    class Enough(Exception):
        pass

    def stop(counts):
        if counts.done >= 5:
            raise Enough

    values = tiny([0.01, 0.02, 0.03, 0.04])
    apart = sweep(values, workers=1, out=tmp_path / "apart", shared_past=False)
    with pytest.raises(Enough):
        sweep(values, workers=1, out=tmp_path / "out", progress=stop)
    done = resume(tmp_path / "out", workers=2)
    assert files(done.path) == files(apart.path)


def test_a_stop_leaves_whole_replications(tmp_path):
    class Enough(Exception):
        pass

    def stop(counts):
        if counts.done >= 4:
            raise Enough

    with pytest.raises(Enough):
        sweep(tiny([0.01, 0.02, 0.03, 0.04]), workers=1, out=tmp_path / "out", progress=stop)
    from expansion_sim.experiment.results import open_results

    kept = open_results(tmp_path / "out").table(missing="drop")
    assert set(kept.loc[kept["replication"] == 0, "point"]) == {0, 1, 2, 3}


def test_the_switch_on_the_command_line(tmp_path, write, log):
    path = write(
        f"""schema_version = 1
scenario = "history"
model = "tiny_models:BranchingModel"
design = "grid"
outcomes = ["yearly:abroad"]
settings.years.last = 1960
[[factor]]
key = "{COST}"
values = [0.01, 0.02]
"""
    )
    assert main(["sweep", str(path), "--workers", "1", "--out", str(tmp_path / "a"), "--no-shared-past", "--quiet"]) == 0
    assert simulated_years(log)[0] == 2 * 6
    log.unlink()
    assert main(["sweep", str(path), "--workers", "1", "--out", str(tmp_path / "b"), "--quiet"]) == 0
    assert simulated_years(log)[0] == 3 + 2 * 3


# --- families -------------------------------------------------------------------------------------------------------------


def test_runs_join_the_trunk_with_which_they_share_most_years():
    worlds = [
        load_scenario("history", {f"support.programme.{name}.{term}": value})
        for name, term, value in (("P17", "rate_percent", 10.0), ("P40", "cover_percent", 10.0), ("P29", "rate_discount_points", 4.0),
                                  ("P17", "rate_percent", 66.7), ("P17", "rate_percent", 10.0))
    ]  # fmt: skip
    together = load_scenario("history", {"support.programme.P40.cover_percent": 10.0, "support.programme.P17.rate_percent": 20.0})
    found = families_of([*enumerate(worlds), (5, together), (6, "no such world"), (7, load_scenario("history", {"scale": 0.5}))])
    assert [(family.trunk, list(family.waiting)) for family in found] == [(worlds[0], [2, 3, 0, 4]), (worlds[1], [5, 1])]


class Crew:
    capacity, steady = 2, True


def by_family(values, crew=Crew):
    loaded = experiment_from(values)
    plan = plan_of(loaded)
    orders = [run.order for run in plan.runs]
    return ByFamily(orders, plan, crew, lambda order: scenario_of(loaded, plan, order))


def test_a_family_stays_with_its_worker_and_gets_help_at_the_end():
    pending = by_family(tiny([0.01, 0.02, 0.03, 0.04], replications=2))
    first, second = pending.take(1), pending.take(1)
    assert {order // 4 for order in first.orders} == {0}
    assert {order // 4 for order in second.orders} == {1}  # the next replication for the other worker
    pending.landed(second)
    again = pending.take(2)
    assert again.family is second.family
    assert pending.take(9).family is first.family  # nothing else is left
    assert pending.number == 1
    pending.landed(again, lost=True)
    assert pending.take(9).family is None  # a family that has cost a worker is dissolved
    assert pending.take(9).orders == ()


def test_crews_that_do_not_say_who_is_next_get_larger_tasks():
    class Loose(Crew):
        steady = False

    pending = by_family(tiny([0.01, 0.02, 0.03, 0.04], replications=1), Loose)
    assert [len(pending.take(1).orders) for _ in range(4)] == [2, 1, 1, 0]


def test_points_with_other_parameters_are_not_compared(monkeypatch):
    monkeypatch.setattr("expansion_sim.experiment.pending.families_of", lambda worlds: pytest.fail("nothing to compare"))
    values = {**TINY, "factor": [{"key": "parameters.attention.base", "values": [0.01, 0.02]}]}
    assert len(by_family(values).take(9).orders) == 2


def test_a_trunk_that_cannot_serve_leaves_the_run_to_itself():
    from expansion_sim.experiment.trunk import Trunk
    from expansion_sim.model import ExpansionModel

    world = load_scenario("history", {"scale": 0.001, "output.surveys": False, "years.last": 1962})
    later = load_scenario("history", {"scale": 0.001, "output.surveys": False, "years.last": 1962, COST: 0.9})
    trunk = Trunk(world, ExpansionModel)
    assert trunk.branch(later).year == 1957
    assert trunk.branch(world.model_copy(update={"scale": 0.002})) is None  # differs from the start
    assert trunk.branch(world).year == 1962
    assert trunk.branch(later) is None  # the trunk has gone on
    broken = Trunk(world, lambda scenario: 1 / 0)
    assert broken.branch(later) is None
