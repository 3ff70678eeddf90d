"""What a sweep is compared with before it goes on, and what is refused before it begins."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sweep_files import HERE, files

from expansion_sim.cli import main
from expansion_sim.errors import InputError
from expansion_sim.experiment import fingerprint
from expansion_sim.experiment.load import load_experiment
from expansion_sim.experiment.results import open_results
from expansion_sim.experiment.sweep import resume, sweep


def swept(path, out, **options):
    with ThreadPoolExecutor(1) as thread:
        return sweep(path, executor=thread, out=out, **options)


def resumed(out, **options):
    with ThreadPoolExecutor(1) as thread:
        return resume(out, executor=thread, **options)


@pytest.fixture
def world(tmp_path):
    """A scenario beside the experiment."""
    path = tmp_path / "world.toml"
    path.write_text('extends = "history"\nschema_version = 1\nscale = 0.002\n')
    return path


@pytest.fixture
def experiment(grid, world):
    path = grid(levels=[0.01], replications=1)
    path.write_text(path.read_text().replace('scenario = "history"', 'scenario = "world.toml"'))
    return path


def test_a_sweep_with_changed_keys_is_compared_with_its_file_as_it_is_now(experiment, world, tmp_path):
    out, overrides = tmp_path / "out", ["replications=2", "settings.scale=0.003"]
    swept(experiment, out, overrides=overrides)
    assert resumed(out).status().state == "done"
    assert json.loads((out / "sweep.json").read_text())["overrides"] == overrides
    text = experiment.read_text()
    experiment.write_text(text.replace("[0.01]", "[0.02]"))
    with pytest.raises(InputError, match=r"begun with another experiment: factor\[0\]\.values\[0\] was 0.01 and is 0.02"):
        resumed(out)
    assert resumed(out, anyway=True).status().finished == 2
    experiment.write_text(text)
    world.write_text(world.read_text().replace("0.002", "0.004"))
    with pytest.raises(InputError, match=r"another scenario: world.toml.scale was 0.002 and is 0.004"):
        resumed(out)


def test_what_is_changed_from_outside_is_known_of_a_loaded_experiment_too(experiment, tmp_path):
    out = tmp_path / "out"
    swept(load_experiment(experiment, ["replications=2"]), out)
    assert resumed(out).status().finished == 2
    assert "overrides" not in json.loads((swept(experiment, tmp_path / "plain").path / "sweep.json").read_text())


def test_records_that_do_not_tell_what_was_changed_are_not_compared(experiment, tmp_path):
    out = tmp_path / "out"
    swept(experiment, out, overrides=["replications=2"])
    record = json.loads((out / "sweep.json").read_text())
    del record["overrides"]
    (out / "sweep.json").write_text(json.dumps(record))
    (out / "_MANIFEST.json").unlink()  # as of a sweep that was interrupted: no hash of its record
    experiment.write_text(experiment.read_text().replace("[0.01]", "[0.02]"))
    assert resumed(out, anyway=True).status().finished == 2
    (out / "_MANIFEST.json").unlink()
    assert resumed(out).status().finished == 2


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("nomodule:Class", "no class 'nomodule:Class' (No module named 'nomodule'); write it as module:Class; is the folder"),
        ("tiny_models:Tiny", "no class 'tiny_models:Tiny' (module 'tiny_models' has no attribute 'Tiny')"),
        ("tiny_models", "no class 'tiny_models'"),
        ("tiny_models:RAISE", "'tiny_models:RAISE' is no class"),
        ("unfinished_model:Class", "'unfinished_model:Class' cannot be imported (SyntaxError: "),
        ("raising_model:Class", "'raising_model:Class' cannot be imported (ZeroDivisionError: division by zero)"),
    ],
)
def test_a_model_that_cannot_be_imported_is_refused_before_anything_is_begun(grid, tmp_path, monkeypatch, capsys, model, told):
    (tmp_path / "unfinished_model.py").write_text("class Class(:\n")
    (tmp_path / "raising_model.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    path = grid()
    path.write_text(path.read_text().replace("tiny_models:TinyModel", model))
    assert main(["sweep", str(path), "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{path}: model: {told}")
    assert not (tmp_path / "out").exists()


def test_a_model_that_is_not_found_is_not_told_to_have_changed(grid, tmp_path):
    """In a process of its own, which knows the folder of the model or does not."""
    (tmp_path / "mine.py").write_text("from tiny_models import TinyModel\n")
    path = grid(levels=[0.01], replications=1)
    path.write_text(path.read_text().replace("tiny_models:TinyModel", "mine:TinyModel"))
    out = tmp_path / "out"

    def told(*arguments, folders):
        where = os.pathsep.join([*map(str, folders), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, "-m", "expansion_sim", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path.parent, env={**os.environ, "PYTHONPATH": where}, check=False, timeout=300,
        )

    assert told("sweep", path, "--workers", 1, "--out", out, "--quiet", folders=[HERE, tmp_path]).returncode == 0
    whole = files(out)
    lost = told("resume", out, folders=[HERE])
    assert lost.returncode == 2
    (line,) = lost.stderr.splitlines()
    assert "no class 'mine:TinyModel' (No module named 'mine')" in line and "changed" not in line
    assert told("resume", out, folders=[HERE, tmp_path]).returncode == 0
    assert files(out) == whole
    recorded = open_results(out).record["code"]
    assert fingerprint.difference(recorded, fingerprint.code_record("mine:TinyModel")) == "the file of the model mine.py is not found"
    assert fingerprint.difference(recorded, fingerprint.code_record("no.such:Model")) == "the file of the model mine.py is not found"
