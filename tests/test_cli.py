"""The command line as its users meet it: exit codes, one line for what is wrong, tables, JSON, speed of --help."""

import errno
import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from expansion_sim import json_output
from expansion_sim.cli import main

TINY = ["--scale", "0.001", "--until", "1957"]


def shell(*arguments, **options):
    """Run the program in a process of its own."""
    command = [sys.executable, "-m", "expansion_sim", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory for a test."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- in a process of its own ------------------------------------------------------------------------------------------------
def test_help_imports_nothing_heavy():
    code = "import sys, expansion_sim.cli as c\ntry: c.main(['run', '--help'])\nexcept SystemExit: pass\n" \
           "print(sorted({'numba', 'mesa', 'pandas', 'matplotlib', 'pydantic', 'numpy', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert shell("--help").returncode == 0


def test_version_and_help_are_no_errors():
    assert shell("--version").stdout.startswith("expansion-sim ")
    done = shell("run", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "expansion-sim run no_plaza" in done.stdout


def test_exit_code_2_and_no_traceback_for_a_wrong_file(tmp_path):
    (tmp_path / "bad.toml").write_text("schema_version = 1\n\nsede = 3\nscale = 0\n")
    done = shell("run", "bad.toml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("bad.toml:3: sede: unknown key; did you mean 'seed'?")
    assert second == "bad.toml:4: scale: 0 is out of range (allowed 0.001 to 1 share)"


def test_a_reader_that_leaves_early_sees_no_traceback():
    command = f"{sys.executable} -m expansion_sim scenario schema | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("Keys of a scenario file")
    assert done.stderr == ""


@pytest.mark.parametrize("redirected", ["", "2>&1"])
def test_a_reader_that_has_left_sees_no_traceback_of_a_mistake_told_as_json(tmp_path, redirected):
    command = f"{sys.executable} -m expansion_sim analyse {tmp_path} --json {redirected}; echo $? > {tmp_path / 'code'}"
    done = subprocess.run(["sh", "-c", f"( {command} ) | true"], capture_output=True, text=True, check=False, timeout=120)
    assert (tmp_path / "code").read_text() == "1\n"
    told = f"expansion-sim: {tmp_path} is not the directory of a sweep: it has no readable sweep.json\n"
    assert (done.stdout, done.stderr) == ("", "" if redirected else told)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_interrupting_a_run_gives_130_and_leaves_nothing_behind(tmp_path):
    code = "import signal, sys, time, expansion_sim.results.run as r\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n" \
           "def wait(*a, **k):\n    print('ready', flush=True)\n    time.sleep(60)\nr.simulate = wait\n" \
           "from expansion_sim.cli import main\nsys.exit(main(['run', 'history', '--out', 'out', '--quiet']))"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, text=True, **pipes)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == "expansion-sim: interrupted; an unfinished run is not kept\n"
    assert list(tmp_path.iterdir()) == []


# --- wrong input ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("arguments", "told"), [
    (["rn"], "expansion-sim: no command 'rn'; did you mean 'run'? (allowed: run, "),
    (["scenario", "lst"], "expansion-sim: scenario: no command 'lst'; did you mean 'list'? (allowed: list, show,"),
    (["run", "history", "--sed", "3"], "expansion-sim: run: '--sed' is not known here; did you mean '--seed'?"),
    (["run", "history", "--rep", "3"], "expansion-sim: run: '--rep' is not known here;"),
    (["run"], "expansion-sim: the following arguments are required: SCENARIO (see expansion-sim run --help)"),
    (["run", "history", "--scale", "much"], "expansion-sim: argument --scale: invalid float value: 'much'"),
    (["run", "history", "--scale", "nan"], "--scale: scale: must be a finite number, not nan"),
    (["run", "history", "--scale", "5"], "--scale: scale: 5.0 is out of range (allowed 0.001 to 1 share)"),
    (["run", "history", "--replications", "0"], "--replications: replications: 0 is out of range"),
    (["run", "history", "--until", "1900"], "--until: years.last: 1900 is out of range (allowed 1955 to 2100 year)"),
    (["run", "history", "--until", "1980", "--firms", "1990"], "--firms: output.firms_years: 1990 is outside the years"),
    (["run", "history", "--firms", "x"], "expansion-sim: argument --firms: 'x' must be years with commas between"),
    (["run", "history", "--set", "mechanisms.bond=false"], "--set: mechanisms.bond: unknown key; did you mean 'band'?"),
    (["run", "histroy"], "expansion-sim: histroy: no scenario of this name ships with the package; did you mean 'history'?"),
    (["run", "gone.toml"], "gone.toml: there is no such file"),
    (["run", "."], ".: this is a directory; a scenario is a TOML file"),
    (["run", "history", "--out", "occupied"], "expansion-sim: "),
    (["run", "history", "--out", "file"], "expansion-sim: "),
    (["plot", "gone"], "expansion-sim: "),
    (["validate", "occupied"], "expansion-sim: "),
    (["validate", "occupied", "--seed", "0"], "expansion-sim: occupied is a finished run: --seed cannot change it"),
    (["scenario", "check", "history", "gone.toml"], "gone.toml: there is no such file"),
    (["scenario", "show", "histroy"], "expansion-sim: histroy: no scenario"),
])
def test_wrong_input_gives_2_and_one_line(folder, capsys, arguments, told):
    (folder / "occupied").mkdir()
    (folder / "occupied" / "letters.txt").write_text("keep me")
    (folder / "file").write_text("keep me, too")
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(told)
    assert error.count("\n") == 1
    assert (folder / "occupied" / "letters.txt").read_text() == "keep me"
    assert (folder / "file").read_text() == "keep me, too"


def test_no_command_prints_help_and_gives_2(capsys):
    assert main([]) == 2
    assert "simulate a scenario" in capsys.readouterr().err
    assert main(["scenario"]) == 2
    assert "every key with type" in capsys.readouterr().err


def test_wrong_input_as_json(capsys):
    assert main(["run", "history", "--json", "--scale", "7", "--set", "sede=1"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "wrong input"
    places = {(error["file"], error["line"], error["key"]) for error in told["errors"]}
    assert places == {("--scale", None, "scale"), ("--set", None, "sede")}


# --- failures ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("failure", "told"), [
    (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/big/disk"), "failed: No space left on device: /big/disk"),
    (MemoryError(), "failed: not enough memory; try a smaller --scale"),
    (ZeroDivisionError("in\nstep"), "failed: ZeroDivisionError: in step (expansion-sim --traceback ... shows where)"),
])
def test_a_failing_run_gives_1_one_line_and_no_directory(folder, monkeypatch, capsys, failure, told):
    def fail(*_, **__):
        raise failure

    monkeypatch.setattr("expansion_sim.results.run.simulate", fail)
    assert main(["run", "history", "--quiet"]) == 1
    assert capsys.readouterr().err == f"expansion-sim: {told}\n"
    assert list(folder.glob("runs/*")) == []
    with pytest.raises(type(failure)):
        main(["--traceback", "run", "history", "--quiet"])


# --- a small run, from file to figures --------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A tiny run of a file of one's own, made by the program."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "mine.toml").write_text('extends = "history"\ntitle = "Mine"\nseed = 4\n')
    done = shell("run", "mine.toml", *TINY, "--replications", 2, "--firms", "1956,1957", "--csv", cwd=folder)
    return SimpleNamespace(folder=folder, done=done, out=folder / "runs" / "mine")


def test_a_run_prints_the_phase_table_and_lists_its_figures(finished):
    assert finished.done.returncode == 0, finished.done.stderr
    lines = finished.done.stdout.splitlines()
    assert lines[0] == "Mine"
    assert "Export-led 1955-57" in lines[2]
    figures = [line.removeprefix("figure ") for line in lines if line.startswith("figure ")]
    assert figures
    for path in figures:
        assert (finished.folder / path).stat().st_size > 1000
    progress = [line for line in finished.done.stderr.splitlines() if line.startswith("replication")]
    assert [line.split(" in ")[0] for line in progress] == ["replication 1/2: 1955-1957", "replication 2/2: 1955-1957"]


def test_a_run_directory_has_its_tables_snapshots_and_twins(finished):
    names = {str(path.relative_to(finished.out)) for path in finished.out.rglob("*") if path.is_file()}
    assert {"run.json", "yearly.parquet", "events.parquet", "programmes.parquet", "yearly.csv"} <= names
    assert {"firms/year=1956.parquet", "firms/year=1957.parquet"} <= names
    record = json.loads((finished.out / "run.json").read_text())
    assert (record["seed"], record["scale"], record["replications"], record["last"]) == (4, 0.001, 2, 1957)
    assert record["scenario"]["title"] == "Mine"


def test_recorded_hash_is_the_hash_of_the_scenario(finished):
    from expansion_sim.scenario import Scenario, scenario_hash

    record = json.loads((finished.out / "run.json").read_text())
    assert record["scenario_sha256"] == scenario_hash(Scenario.model_validate(record["scenario"]))


def test_plotting_again_and_asking_for_one_figure(finished, tmp_path, capsys):
    assert main(["plot", str(finished.out), "--kind", "mode-mix", "jobs", "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sorted(told["figures"]) == sorted(str(path) for path in tmp_path.iterdir())
    assert main(["plot", str(finished.out), "--kind", "mod-mix"]) == 2
    assert "mode-mix" in capsys.readouterr().err


def test_validating_a_finished_run(finished, capsys):
    assert main(["validate", str(finished.out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["summary"]["total"] == len(told["facts"]) > 100
    assert main(["validate", str(finished.out)]) == 0
    assert f"of {told['summary']['computable']} computable facts" in capsys.readouterr().out


def test_a_run_as_json(folder, capsys):
    assert main(["run", "history", *TINY, "--no-figures", "--json", "--quiet", "--seed", "9", "--out", "here"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["out"], told["seed"], told["figures"]) == ("done", "here", 9, [])
    assert {"phase", "section", "statistic", "unit", "value", "low", "high", "text"} == set(told["phases"][0])
    assert not (folder / "here" / "figures").exists()


def test_a_quiet_run_says_nothing(folder, capsys):
    assert main(["run", "history", *TINY, "--no-figures", "--quiet"]) == 0
    assert (folder / "runs" / "history" / "run.json").exists()
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


# --- scenario and doctor ----------------------------------------------------------------------------------------------------
def test_scenario_commands_print_text_and_json(folder, capsys):
    def told(*arguments):
        assert main(["scenario", *arguments]) == 0
        return capsys.readouterr().out

    assert "weak_yen" in told("list")
    assert {entry["name"] for entry in json.loads(told("list", "--json"))} >= {"history", "weak_yen"}
    assert "yen_hold_from = 1984  # " in told("show", "no_plaza")
    shown = json.loads(told("show", "no_plaza", "--json", "--set", "seed=3"))
    assert (shown["scenario"]["seed"], shown["origins"]["seed"], len(shown["sha256"])) == (3, "--set", 64)
    assert "noise = true  # default" in told("show", "history", "--resolved")
    assert told("check", "history").startswith("history: ok, 1955-2024, sha256 ")
    assert json.loads(told("check", "history", "--json"))[0]["ok"] is True
    assert "years.last" in told("schema")
    assert json.loads(told("schema", "--json"))["title"] == "Scenario"


def test_checking_several_files_tells_about_all(folder, capsys):
    (folder / "one.toml").write_text("schema_version = 1\nx = 1\n")
    (folder / "two.toml").write_text("schema_version = 1\n[y]\n")
    assert main(["scenario", "check", "one.toml", "history", "two.toml", "--json"]) == 2
    checked = json.loads(capsys.readouterr().out)
    assert [entry["ok"] for entry in checked] == [False, True, False]
    assert checked[0]["errors"][0]["line"] == 2


def test_doctor_gives_1_when_something_is_broken(monkeypatch, capsys):
    monkeypatch.setattr("expansion_sim.doctor.CHECKS", {"python": lambda: ("ok", "fine"), "data": lambda: ("broken", "gone")})
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.splitlines() == ["ok       python    fine", "broken   data      gone"]
    monkeypatch.setattr("expansion_sim.doctor.CHECKS", {"disk": lambda: ("warning", "little")})
    assert main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"check": "disk", "state": "warning", "text": "little"}]


def test_json_has_no_nan_and_plain_numbers(capsys):
    json_output.print_json({"a": float("nan"), "b": np.float64("inf"), "c": np.int64(3), "d": [np.bool_(True), None], 5: "text"})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": None, "c": 3, "d": [True, None], "5": "text"}


# --- the package ------------------------------------------------------------------------------------------------------------
def test_public_names_are_there_and_lazy():
    code = "import sys, expansion_sim\nassert not {'mesa', 'numba', 'pandas'} & set(sys.modules)\n" \
           "assert set(expansion_sim.__all__) <= set(dir(expansion_sim))\n" \
           "for name in expansion_sim.__all__: getattr(expansion_sim, name)\n" \
           "from expansion_sim import ExpansionModel, Run, Scenario, load_scenario, open_run, simulate, validate\n" \
           "try: expansion_sim.nothing\nexcept AttributeError as e: print(e)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout == "module 'expansion_sim' has no attribute 'nothing'\n"
