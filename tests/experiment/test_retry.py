"""Failed runs are run again on demand, and nothing else is touched."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from sweep_files import GRID, files
from tiny_models import NEED_FLAG, RAISE

from expansion_sim.cli import main
from expansion_sim.experiment import store
from expansion_sim.experiment.results import open_results
from expansion_sim.experiment.sweep import resume, sweep

LEVELS = [round(0.001 * step, 3) for step in range(1, 14)]  # 2 x 13 points, 5 replications: a full shard and part of one


class Killed(BaseException):
    """What stands for the end of the process."""


@pytest.fixture
def flag(tmp_path, monkeypatch):
    """The file without which a third of the runs fail."""
    monkeypatch.setenv("TINY_FLAG", str(tmp_path / "flag"))
    return tmp_path / "flag"


@pytest.fixture
def experiment(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(GRID.format(levels=LEVELS, behaviours=[0.0, NEED_FLAG], replications=5))
    return path


def by_thread(path, **options):
    """Resume a directory with one thread of this process."""
    with ThreadPoolExecutor(1) as thread:
        return resume(path, executor=thread, **options)


def swept(path, out):
    with ThreadPoolExecutor(1) as thread:
        return sweep(path, executor=thread, out=out)


@pytest.fixture
def expected(experiment, tmp_path, flag):
    """The files of a sweep in which nothing failed; the flag is gone again."""
    flag.touch()
    found = files(swept(experiment, tmp_path / "whole").path)
    flag.unlink()
    return found


def test_failed_runs_are_run_again_and_the_end_is_that_of_a_sweep_in_which_nothing_failed(
    experiment, expected, tmp_path, flag, capsys
):
    out = swept(experiment, tmp_path / "out").path
    assert open_results(out).status().statuses == {"ok": 65, "error": 65}
    assert main(["status", str(out)]) == 3
    assert f"to run them again: expansion-sim resume {out} --retry-failed" in capsys.readouterr().out
    flag.touch()
    assert by_thread(out).status().statuses == {"ok": 65, "error": 65}, "only on demand"
    started = []
    with ThreadPoolExecutor(1) as thread:
        submit, thread.submit = thread.submit, lambda run, task: started.extend(task.orders) or submit(run, task)
        resume(out, executor=thread, retry_failed=True)
    assert len(started) == len(set(started)) == 65
    assert files(out) == expected


def test_runs_that_fail_again_are_failed_runs_again(experiment, tmp_path, flag):
    out = swept(experiment, tmp_path / "out").path
    before = files(out)
    assert by_thread(out, retry_failed=True).status().statuses == {"ok": 65, "error": 65}
    assert files(out) == before


def test_a_sweep_without_failures_is_left_alone(experiment, expected, tmp_path, flag, monkeypatch):
    flag.touch()
    out = swept(experiment, tmp_path / "out").path
    monkeypatch.setattr("expansion_sim.experiment.sweep._run", lambda *_: pytest.fail("nothing should run"))
    by_thread(out, retry_failed=True)
    assert files(out) == expected


def test_failed_runs_of_an_unfinished_sweep(experiment, expected, tmp_path, flag):
    def stop(counts):
        if counts.done >= 30:
            raise Killed

    with ThreadPoolExecutor(1) as thread, pytest.raises(Killed):
        sweep(experiment, executor=thread, out=tmp_path / "out", progress=stop)
    flag.touch()
    by_thread(tmp_path / "out", retry_failed=True)
    assert files(tmp_path / "out") == expected


@pytest.mark.parametrize("unfinished", [False, True])
def test_killed_at_any_step_of_forgetting_no_good_run_is_lost(grid, tmp_path, flag, monkeypatch, unfinished):
    """Every write and every removal of a file is tried as the last thing the process does."""
    path = grid(levels=[0.01, 0.02], behaviours=[0.0, NEED_FLAG], replications=3)
    with monkeypatch.context() as patch:
        if unfinished:
            patch.setattr(store.SweepStore, "_write_shard", lambda *_: None)
            patch.setattr(store.SweepStore, "finish", lambda *_: None)
        failed = swept(path, tmp_path / "failed").path
    flag.touch()
    expected = files(swept(path, tmp_path / "whole").path)
    finished = 0
    for step in range(1, 40):
        out = shutil.copytree(failed, tmp_path / f"out{step}")
        if not killed_at(step, out, monkeypatch):
            finished = step
            break
        left = open_results(out).status()
        assert left.statuses["ok"] == 6
        assert len(open_results(out).table(missing="drop")) == 6 * 2 * 3
        by_thread(out, retry_failed=True)
        assert files(out) == expected, step
    assert finished > 4


def killed_at(step, out, monkeypatch):
    """Retry, and die before the step-th change of a file while failed runs are forgotten; whether it came to that."""
    left = [step]

    def counted(change):
        def changed(*arguments, **options):
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return change(*arguments, **options)

        return changed

    with monkeypatch.context() as patch:
        patch.setattr("expansion_sim.experiment.sweep._run", lambda *_: pytest.fail("forgetting is over"))
        patch.setattr(store, "write_whole", counted(store.write_whole))
        patch.setattr("pathlib.Path.unlink", counted(store.Path.unlink))
        try:
            by_thread(out, retry_failed=True)
        except Killed:
            return True
        except pytest.fail.Exception:
            return False
    raise AssertionError


def test_the_command_runs_failed_runs_again(grid, tmp_path, flag, program):
    path = grid(levels=[0.01], behaviours=[0.0, NEED_FLAG, RAISE], replications=1)
    assert program("sweep", path, "--workers", 1, "--out", "out", "--quiet", cwd=tmp_path).wait(timeout=300) == 3
    flag.touch()
    assert program("resume", "out", "--workers", 1, "--quiet", "--retry-failed", cwd=tmp_path).wait(timeout=300) == 3
    assert open_results(tmp_path / "out").status().statuses == {"ok": 2, "error": 1}
