"""Comparisons whose pairs draw the assumed terms of support: the same in both worlds, recorded, told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from expansion_sim import compare, load_scenario, simulate
from expansion_sim.cli import main
from expansion_sim.comparison.effects import effect
from expansion_sim.errors import InputError
from expansion_sim.results.frames import series
from expansion_sim.scenario.assumed import shared_terms, with_terms

SMALL = {"scale": 0.001, "years.last": 1972, "output.surveys": False}
COST = "support.programme.P02.use_cost_million_yen"


def spending(table) -> float:
    return float(table["spending_million_yen"].sum())


def test_each_pair_has_terms_of_its_own_and_both_worlds_have_the_same() -> None:
    found = compare("no_support_abroad", "history", 2, overrides=SMALL, draw_terms=True)
    worlds = [load_scenario(name, SMALL) for name in ("no_support_abroad", "history")]
    shared = shared_terms(*worlds)
    values = found.record["terms"]
    assert set(values) == {term.key for term in shared}
    assert len(set(values[COST]["values"])) == 2
    assert all(term.low <= value <= term.high for term in shared for value in values[term.key]["values"])
    other = simulate(with_terms(worlds[1], shared, 0), 1)  # replication 0 has the seed of the scenario
    base = simulate(with_terms(worlds[0], shared, 0), 1)
    single = compare("no_support_abroad", "history", 1, overrides=SMALL, draw_terms=True)
    for column, run in (("base", base), ("other", other)):
        assert single.effects.query("measure == 'spending' and mode == ''")[column].sum() == pytest.approx(spending(run.programmes))
        told = effect(single.effects, "abroad").reindex(range(1955, 1973), fill_value=0.0)[column]
        assert told.to_numpy() == pytest.approx(series(run.yearly, "abroad")[0].to_numpy())
    plain = compare("no_support_abroad", "history", 1, overrides=SMALL)
    assert plain.record["terms"] is None
    assert not plain.effects.equals(single.effects)


def test_the_command_draws_terms_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--scale", "0.001", "--until", "1962", "--no-figures"]
    out = tmp_path / "pair"
    command = ["compare", "no_support", "history", *small, "--replications", "2", "--terms", "ranges", "--out", str(out)]
    assert main(command) == 0
    assert "assumed terms of support drawn anew for each pair" in " ".join(capsys.readouterr().out.split())
    assert len(json.loads((out / "comparison.json").read_text())["terms"][COST]["values"]) == 2
    run = tmp_path / "run"
    assert main(["run", "history", *small, "--quiet", "--terms", "ranges", "--out", str(run)]) == 0
    assert COST in json.loads((run / "run.json").read_text())["terms"]
    assert main(["run", "history", *small, "--terms", "rangs", "--out", str(run)]) == 2
    assert "ranges" in capsys.readouterr().err
    assert main(["validate", str(run), "--terms", "ranges"]) == 2
    assert "--terms cannot change it" in capsys.readouterr().err


def test_finished_runs_keep_their_terms() -> None:
    run = simulate(load_scenario("history", {**SMALL, "years.last": 1956}))
    with pytest.raises(InputError, match="finished runs have their replications, parameters and terms"):
        compare(run, run, draw_terms=True)
