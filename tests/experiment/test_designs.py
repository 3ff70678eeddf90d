"""Points, seeds and order of runs."""

import itertools

import numpy as np
import pytest

from expansion_sim.errors import InputError
from expansion_sim.experiment.load import experiment_from
from expansion_sim.experiment.plan import STREAM, spread_order
from expansion_sim.experiment.sweep import plan_of, scenario_of
from expansion_sim.parameters import load_parameters

RISK = load_parameters()["band.risk"].value

BASE = {
    "schema_version": 1,
    "name": "t",
    "scenario": "history",
    "outcomes": ["yearly:abroad"],
    "settings": {"scale": 0.002, "years.last": 1960},
}
PEERS = {"key": "parameters.attention.peers", "low": 0.1, "high": 0.3}


def loaded(**values):
    return experiment_from({**BASE, **values})


def test_a_grid_has_every_combination_and_the_points_their_settings():
    found = loaded(
        design="grid",
        factor=[
            {"key": "parameters.attention.base", "values": [0.001, 0.01]},
            {"key": "mechanisms.band", "name": "band", "values": [True, False]},
        ],
    )
    columns = [tuple(point.columns.values()) for point in found.points]
    assert columns == list(itertools.product([0.001, 0.01], [True, False]))
    assert list(found.points[0].columns) == ["parameters.attention.base", "band"]
    scenario = scenario_of(found, plan := plan_of(found), plan.runs[-1].order)
    last = found.points[plan.runs[-1].point]
    assert scenario.parameters == {"attention.base": last.columns["parameters.attention.base"]}
    assert (scenario.mechanisms.band, scenario.scale, scenario.years.last) == (last.columns["band"], 0.002, 1960)


def test_keys_move_together_with_one_value_or_one_each():
    factor = {
        "key": ["parameters.fixed.direct", "parameters.sunk.direct"],
        "name": "direct",
        "values": [2.0, [3.0, 5.0]],
        "labels": ["a", "b"],
    }
    found = loaded(design="grid", factor=[factor])
    assert [dict((key, value) for key, value, _ in point.sourced[2:]) for point in found.points] == [
        {"parameters.fixed.direct": 2.0, "parameters.sunk.direct": 2.0},
        {"parameters.fixed.direct": 3.0, "parameters.sunk.direct": 5.0},
    ]
    assert [point.columns["direct"] for point in found.points] == ["a", "b"]


def test_a_latin_hypercube_has_one_point_per_stratum_also_of_the_logarithm_and_of_whole_years():
    found = loaded(
        design={"kind": "latin_hypercube", "samples": 16},
        factor=[
            PEERS,
            {"key": "parameters.fixed.plant", "low": 2.0, "high": 32.0, "transform": "log"},
            {"key": "years.last", "low": 1961, "high": 1964},
        ],
    )
    peers, plant, years = (np.array([point.columns[name] for point in found.points]) for name in found.points[0].columns)
    assert sorted(((peers - 0.1) / 0.2 * 16).astype(int)) == list(range(16))
    assert sorted((np.log2(plant / 2.0) / 4.0 * 16).astype(int)) == list(range(16))
    assert [sorted(years.tolist()).count(year) for year in (1961, 1962, 1963, 1964)] == [4, 4, 4, 4]
    again = loaded(design={"kind": "latin_hypercube", "samples": 16, "seed": 5}, factor=[PEERS])
    other = loaded(design={"kind": "latin_hypercube", "samples": 16, "seed": 6}, factor=[PEERS])
    assert [point.columns for point in again.points] != [point.columns for point in other.points]


def test_a_range_left_out_is_the_declared_one_and_choices_are_sampled_evenly():
    found = loaded(
        design={"kind": "sobol", "samples": 32},
        factor=[{"key": "parameters.band.risk"}, {"key": "scenario", "values": ["history", "no_plaza"]}],
    )
    risk = [point.columns["parameters.band.risk"] for point in found.points]
    declared = load_parameters()["band.risk"]
    assert declared.low <= min(risk) < declared.low + 0.1 * (declared.high - declared.low)
    assert [point.world for point in found.points].count("no_plaza") == 16
    assert {point.columns["scenario"] for point in found.points} == {"history", "no_plaza"}


def test_saltelli_blocks_change_one_factor_at_a_time_and_share_draws():
    pytest.importorskip("SALib")
    found = loaded(design={"kind": "saltelli", "samples": 4}, factor=[PEERS, {"key": "parameters.band.risk"}], replications=3)
    assert list(found.points[0].columns) == ["parameters.attention.peers", "parameters.band.risk", "dummy"]
    assert len(found.points) == 4 * (3 + 2)
    rows = np.array([list(point.columns.values()) for point in found.points]).reshape(4, 5, 3)
    for block in rows:
        first, last = block[0], block[-1]
        for factor in range(3):
            changed = block[1 + factor] != first
            assert changed.tolist() == [at == factor for at in range(3)]
            assert block[1 + factor][factor] == last[factor]
    plan = plan_of(found)
    seeds = {(found.points[run.point].block, run.replication): set() for run in plan.runs}
    for run in plan.runs:
        seeds[found.points[run.point].block, run.replication].add(run.seed)
    assert all(len(found) == 1 for found in seeds.values())
    assert len(set.union(*seeds.values())) == 12


def test_morris_trajectories_step_through_every_factor_once():
    pytest.importorskip("SALib")
    found = loaded(
        design={"kind": "morris", "trajectories": 3}, factor=[{"key": "parameters.band.*", "without": ["parameters.band.risk*"]}]
    )
    names = list(found.points[0].columns)
    assert names[-1] == "dummy"
    assert "parameters.band.risk_yen" not in names
    assert "parameters.band.exit_sunk" in names
    rows = np.array([list(point.columns.values()) for point in found.points]).reshape(3, len(names) + 1, len(names))
    steps = (np.diff(rows, axis=1) != 0).sum(axis=2)
    assert (steps == 1).all()
    assert [point.block for point in found.points] == np.repeat(range(3), len(names) + 1).tolist()


def test_a_list_design_fills_what_points_leave_unsaid_and_pairs_with_one_base():
    found = loaded(
        design="list",
        replications=2,
        pairing={"base": {"support.enabled": False}},
        point=[
            {"label": "no band", "mechanisms.band": False},
            {"label": "riskier", "parameters.band.risk": 0.5},
            {"label": "closed", "scenario": "china_closed"},
        ],
    )
    assert [point.columns for point in found.points] == [
        {"label": "no band", "mechanisms.band": False, "parameters.band.risk": RISK, "scenario": "history"},
        {"label": "riskier", "mechanisms.band": True, "parameters.band.risk": 0.5, "scenario": "history"},
        {"label": "closed", "mechanisms.band": True, "parameters.band.risk": RISK, "scenario": "china_closed"},
        {"label": "base", "mechanisms.band": True, "parameters.band.risk": RISK, "scenario": "history"},
    ]
    design = plan_of(found).table().to_pandas().set_index("run")
    assert design["paired_with"].tolist() == ["p000003r0000", "p000003r0001"] * 3 + ["", ""]
    paired = design[design["paired_with"] != ""]
    assert (paired["seed"].to_numpy() == design.loc[paired["paired_with"], "seed"].to_numpy()).all()
    assert design["seed"].nunique() == 2
    plan = plan_of(found)
    assert scenario_of(found, plan, next(run.order for run in plan.runs if run.point == 3)).support.enabled is False


def test_tables_may_name_a_programme_whose_name_has_blanks_and_dots():
    own = {"instrument": "grant", "start_year": 1956, "modes": ["fdi"], "rate_percent": 50.0, "cap_million_yen": 20.0, "places_per_year": 9.0}
    found = loaded(
        design="list",
        settings={**BASE["settings"], 'support.programme."Grant no. 2"': own},
        pairing={"base": {"support": {"programme": {"Grant no. 2": {"rate_percent": 0.0}}}}},
        point=[{"support": {"programme": {"Grant no. 2": {"cap_million_yen": 5.0}}}}, {'support.programme."Grant no. 2".cap_million_yen': 7.0}],
    )
    column = 'support.programme."Grant no. 2".cap_million_yen'
    assert [point.columns[column] for point in found.points] == [5.0, 7.0, 20.0]
    plan = plan_of(found)
    worlds = {run.point: scenario_of(found, plan, run.order).support.programme[0] for run in plan.runs}
    assert [(worlds[at].rate_percent, worlds[at].cap_million_yen) for at in range(3)] == [(50.0, 5.0), (50.0, 7.0), (0.0, 20.0)]


def test_twins_share_the_draws_of_their_point_and_nobody_elses():
    found = loaded(
        design={"kind": "latin_hypercube", "samples": 4},
        factor=[PEERS],
        pairing={"base": {"support.enabled": False}, "each": True},
    )
    design = plan_of(found).table().to_pandas().set_index("run")
    paired = design[design["paired_with"] != ""]
    assert (paired["seed"].to_numpy() == design.loc[paired["paired_with"], "seed"].to_numpy()).all()
    assert design["seed"].nunique() == 4
    twins = design.loc[paired["paired_with"]]
    assert twins["parameters.attention.peers"].tolist() == paired["parameters.attention.peers"].tolist()


def test_the_base_of_a_grid_shows_the_recorded_terms_of_programmes():
    found = loaded(
        design="grid",
        pairing={"base": {}},
        factor=[{"key": "support.programme.P17.cap_million_yen", "name": "cap", "values": [10.0]}],
    )
    assert found.points[-1].columns == {"cap": 100.0}


def test_seeds_are_the_documented_ones_and_never_collide():
    found = loaded(design={"kind": "latin_hypercube", "samples": 300}, factor=[PEERS], replications=30, seed=77)
    runs = plan_of(found).runs
    assert len({run.seed for run in runs}) == 9000
    run = runs[1234]
    words = np.random.SeedSequence(77, spawn_key=(STREAM, run.point, run.replication)).generate_state(1, np.uint64)
    assert run.seed == int(words[0]) >> 1


def test_a_longer_experiment_keeps_the_seeds_of_a_shorter_one():
    def seeds(replications):
        return {
            run.run: run.seed
            for run in plan_of(
                loaded(
                    design="grid", factor=[{**PEERS, "values": [0.1, 0.2], "low": None, "high": None}], replications=replications
                )
            ).runs
        }

    assert seeds(5).items() >= seeds(3).items()


def test_a_sweep_stopped_anywhere_leaves_an_even_sample():
    values = [0.01 * step for step in range(16)]
    found = loaded(
        design="grid",
        factor=[{"key": "parameters.attention.peers", "values": values}, {"key": "mechanisms.band", "values": [True, False]}],
        replications=2,
    )
    runs = plan_of(found).runs
    assert [run.replication for run in runs] == [0] * 32 + [1] * 32
    for stop in (8, 16):
        levels = sorted(found.points[run.point].columns["parameters.attention.peers"] for run in runs[:stop])
        gaps = np.diff(sorted({*levels}))
        assert gaps.max() < 0.16 / min(stop, 16) * 2.01
    assert sorted(spread_order(found.points, "grid")) == list(range(32))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"design": "grid", "factor": [PEERS]}, "factor[0].values: a grid takes values"),
        ({"design": "gird", "factor": [PEERS]}, "design.kind: 'gird' is not known; did you mean 'grid'?"),
        ({"design": {"kind": "saltelli", "samples": 100}, "factor": [PEERS]}, "design.samples: 100 is no power of 2"),
        ({"design": "sobol", "factor": [{"key": "mechanisms.band"}]}, "factor[0]: needs values, or low and high"),
        ({"design": "sobol", "factor": [{"key": "parameters.atention.*"}]}, "factor[0].key: no parameter fits"),
        ({"design": "sobol", "factor": [PEERS, PEERS]}, "two factors have the column"),
        ({"design": "sobol", "factor": [{**PEERS, "high": 90.0}]}, "factor[0].high: 90 is out of the range of parameters.attention.peers"),
        ({"design": "sobol", "factor": [{"key": "mechanisms.bend", "values": [True, False]}]}, "mechanisms.bend: unknown key"),
        ({"design": "sobol", "factor": [{"key": "support.programme.P17.rate_percent", "low": 90.0, "high": 900.0}]}, "is out of range (allowed"),
        ({"design": "grid", "factor": [{"key": "scale", "values": [0.002, 0.001, 0.002]}]}, "factor[0].values[2]: 0.002 stands twice"),
        ({"design": "grid", "factor": [{"key": "scale", "values": [0.002, 0.001], "labels": ["a", "a"]}]}, "factor[0].labels[1]: 'a' names two"),
        ({"design": "list", "point": [{"label": "a", "scale": 0.002}, {"label": "a"}]}, "point[1].label: 'a' names two points"),
        ({"design": {"kind": "saltelli", "draws": "own"}, "factor": [PEERS]}, "design.draws: indices need the draws of a block in common"),
        ({"design": "sobol", "factor": [PEERS], "settings": {"seed": 7}}, "settings.seed: has no effect here: seed is a key of the experiment"),
        ({"design": "grid", "factor": [{"key": "seed", "values": [1, 2], "name": "draw"}]}, "factor[draw].key[0]: has no effect here: seed"),
        ({"design": "sobol", "factor": [PEERS], "years": [1990, 2000]}, "years: none of 1990, 2000 is simulated, so nothing would be kept"),
        (
            {"design": "sobol", "factor": [PEERS], "outcomes": [], "outcome": [{"name": "final:employees", "years": [1990]}]},
            "outcome[0].years: none of 1990 is simulated, so nothing would be kept; runs are 1955 to 1960",
        ),
        ({"design": "sobol", "factor": [PEERS], "outcomes": ["share:fdi{lens=basic}"]}, "no lens 'basic'; "),
        ({"design": "sobol", "factor": [{**PEERS, "high": 0.01}]}, "factor[0].low: 0.1 is not below high = 0.01"),
        ({"design": "sobol", "factor": [{**PEERS, "name": "seed"}]}, "'seed' is a column of every design"),
        ({"design": "sobol", "factor": [PEERS], "point": [{"a": 1}]}, "point: points belong to a list design"),
        ({"design": "list"}, "design.kind: a list design needs [[point]] tables"),
        ({"design": "list", "point": [{"mechanisms.bond": False}]}, "mechanisms.bond: unknown key; did you mean 'band'?"),
        ({"design": "list", "point": [{"scenario": "no_plazza"}]}, "point[0].scenario: 'no_plazza': no scenario of this name"),
        ({"design": "sobol", "factor": [PEERS], "settings": {"scale": 7}}, "scale: 7 is out of range"),
        (
            {"design": {"kind": "sobol", "draws": "own"}, "factor": [PEERS], "pairing": {"base": {}}},
            "design.draws: one base for all points needs",
        ),
    ],
)
def test_wrong_experiments_are_refused_in_one_line(values, told):
    with pytest.raises(InputError) as error:
        loaded(**values)
    (line,) = str(error.value).splitlines()
    assert told in line


def test_single_years_that_are_not_simulated_are_told_and_the_others_kept():
    found = loaded(design="sobol", factor=[PEERS], years=[1958, 1990])
    assert [str(idle) for idle in found.idle] == ["experiment: years: has no effect for 1990: runs are 1955 to 1960"]


def test_a_missing_design_is_asked_for_in_words():
    with pytest.raises(InputError, match=r"design: this key is required: which points are run \(table\)"):
        loaded(factor=[PEERS])
