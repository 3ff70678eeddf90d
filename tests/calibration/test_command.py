"""The command: report, kill and resume, wrong input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from expansion_sim.cli import DONE, INTERRUPTED, WRONG_INPUT, main
from expansion_sim.parameters import load_parameters
from expansion_sim.posterior import load_posterior
from expansion_sim.scenario import load_scenario

EXPERIMENT = """
schema_version = 1
title = "Projects of the first wave"
scenario = "history"
[settings]
scale = 0.001
values = { years = { last = 1975 } }
[facts]
up_to = 1974
[search]
ensemble = 10
starts = ["shipped"]
rounds = 2
refinements = 1
polish = 2
polish_seeds = 2
noise_seeds = 4
final_seeds = 4
draws = 20
predictive = 3
[[group]]
name = "attention"
parameters = ["attention.base", "attention.study"]
factor = 3.0
[[group]]
name = "industries"
parameters = ["industry.light.relocatable"]
factor = 2.0
"""


@pytest.fixture
def experiment(tmp_path) -> Path:
    path = tmp_path / "first_wave.toml"
    path.write_text(EXPERIMENT, encoding="utf-8")
    return path


def shards(out: Path) -> set[str]:
    return {path.name for path in (out / "runs").glob("shard-*.parquet")}


def test_a_killed_calibration_continues_and_ends_as_an_unbroken_one(experiment, tmp_path, capsys) -> None:
    out, whole = tmp_path / "killed", tmp_path / "whole"
    command = [sys.executable, "-m", "expansion_sim", "calibrate", str(experiment), "--out", str(out), "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stderr is not None
    for line in process.stderr:
        if b"round 1/2" in line:
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (out / "report.md").exists()
    assert main(["calibrate", str(experiment), "--out", str(whole), "--workers", "2", "--quiet"]) == DONE
    before = len(list((out / "runs").glob("shard-*.parquet")))
    assert main(["calibrate", str(experiment), "--out", str(out), "--workers", "1", "--json", "--quiet"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "done" and told["facts"] > 100
    assert len(shards(out)) >= max(1, before)
    pd.testing.assert_frame_equal(pd.read_parquet(out / "posterior.parquet"), pd.read_parquet(whole / "posterior.parquet"))

    known = shards(out)
    assert main(["calibrate", str(experiment), "--out", str(out), "--workers", "1", "--quiet"]) == DONE
    assert shards(out) == known, "nothing is simulated twice"

    assert (out / "figures" / "posterior.png").stat().st_size > 10_000
    assert (out / "figures" / "sensitivity.png").stat().st_size > 10_000
    report = (out / "report.md").read_text(encoding="utf-8")
    assert "facts at 'polished'" in report and "was chosen." in report
    assert "attention.study" in report and "| used |" in report and "| not used |" in report
    estimated = load_scenario(out / "estimate.toml")
    table = pd.read_csv(out / "parameters.csv").set_index("parameter")
    assert estimated.parameters["attention.base"] == pytest.approx(table.loc["attention.base", "estimate"], rel=0.01)
    assert table.loc["attention.base", "shipped"] == load_parameters()["attention.base"].value
    assert ((table["prior_low"] <= table["low"]) & (table["high"] <= table["prior_high"])).all()
    assert load_posterior(out / "posterior.parquet").rows.shape == (20, 3)
    assert set(pd.read_csv(out / "sensitivity.csv")["parameter"]) == set(table.index)
    used = pd.read_csv(out / "facts.csv").set_index("id")["used"]
    assert used["T018"] and not used["T044"]


def test_an_interrupted_calibration_says_that_its_runs_are_kept_and_they_are(experiment, tmp_path) -> None:
    out = tmp_path / "out"
    deaf = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell may have made it deaf
    code = f"{deaf}from expansion_sim.cli import main\nif __name__ == '__main__': sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "calibrate", str(experiment), "--out", str(out), "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "round 1/2" in line:
            break
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=300)[1].splitlines()
    assert process.returncode == INTERRUPTED
    assert told[-1] == f"expansion-sim: interrupted; finished runs are kept in {out}, the same command goes on from there"
    assert shards(out) and not (out / "report.md").exists()


def test_wrong_input_is_told_in_one_line(experiment, tmp_path, capsys) -> None:
    assert main(["calibrate", str(tmp_path / "none.toml")]) == WRONG_INPUT
    assert main(["calibrate", str(experiment), "--workers", "0"]) == WRONG_INPUT
    assert "--workers must be 1 or more" in capsys.readouterr().err
    experiment.write_text(EXPERIMENT.replace("up_to = 1974", 'include = ["T001"]'), encoding="utf-8")
    assert main(["calibrate", str(experiment), "--out", str(tmp_path / "none"), "--quiet"]) == WRONG_INPUT
    assert "none of the chosen facts can be computed" in capsys.readouterr().err
