"""Sweeps that are killed, interrupted, starved of disk and damaged, in real processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from sweep_files import GRID, HERE, files, wait_for
from tiny_models import KILL, KILL_ONCE, RAISE, SLEEP

from expansion_sim.errors import InputError
from expansion_sim.experiment import local, runner
from expansion_sim.experiment.lock import DirectoryLock, is_locked
from expansion_sim.experiment.results import open_results
from expansion_sim.experiment.sweep import resume, sweep
from expansion_sim.experiment.worker import ONE_THREAD

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def parts(folder):
    """Files of finished runs."""
    return [*folder.glob("partial/part-*"), *folder.glob("shards/*.parquet")]


def children(pid):
    """Processes that a process has started."""
    told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(word) for word in told.split()]


def alive(pid):
    """Whether a process runs, zombies not counted."""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()
    return bool(told) and not told.startswith("Z")


def test_a_killed_worker_costs_nothing(grid, tmp_path, monkeypatch):
    monkeypatch.setenv("TINY_FLAG", str(tmp_path / "flag"))
    path = grid(levels=[0.01, 0.02], behaviours=[0.0, KILL_ONCE])
    results = sweep(path, workers=2, out=tmp_path / "killed")
    assert (tmp_path / "flag").exists()
    assert results.status().statuses == {"ok": 8}
    assert files(results.path) == files(sweep(path, workers=2, out=tmp_path / "whole").path)


def test_a_poisonous_run_is_set_aside_and_named_and_the_rest_goes_on(grid, tmp_path):
    results = sweep(grid(levels=[0.01], behaviours=[0.0, KILL, SLEEP], replications=1), workers=2, out=tmp_path / "out")
    assert results.status().statuses == {"ok": 2, "crashed": 1}
    failed = results.table(missing="report").query("status != 'ok'")
    peers = results.design.set_index("run")["parameters.attention.peers"]
    assert sorted(failed["run"]) == sorted(peers[peers == KILL].index)
    assert set(failed["reason"]) == {"took its worker down each time it was tried"}
    assert failed["value"].isna().all()
    with pytest.raises(InputError, match="1 of 3 runs failed"):
        results.table()
    assert len(results.table(missing="drop")) == 2 * 2 * 3


def test_when_every_run_is_poisonous_each_is_tried_three_times_and_recorded(grid, tmp_path, program):
    path = grid(levels=[0.01], behaviours=[KILL], replications=2)
    deaths = tmp_path / "deaths"
    process = program("sweep", path, "--workers", 1, "--out", tmp_path / "out", env={"TINY_DEATHS": str(deaths)})
    told, log = process.communicate(timeout=300)
    assert process.returncode == 3, log
    assert "done, 2 of 2 runs (2 crashed)" in told
    assert "2 failed: took its worker down each time it was tried" in told
    assert len(deaths.read_text().splitlines()) == 2 * runner.TRIES == 6
    assert "__main__" not in log


def test_workers_that_end_before_they_begin_a_run_are_nothing_that_a_run_is_blamed_for(grid, tmp_path, program):
    """Here a module of the package ends the worker that imports it."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'expansion_sim.experiment.trunk' and '--multiprocessing-fork' in sys.orig_argv:\n"
        "            os._exit(9)\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    path = os.pathsep.join([str(tmp_path), str(HERE), os.environ.get("PYTHONPATH", "")])
    process = program("sweep", grid(), "--workers", 1, "--out", tmp_path / "out", env={"PYTHONPATH": path})
    log = process.communicate(timeout=300)[1]
    assert process.returncode == 1, log
    assert "workers end before they begin a run" in log
    assert "0 of 4 runs are kept" in log


def test_a_worker_killed_while_it_has_nothing_to_do_is_replaced():
    crew = local.LocalCrew(1)
    try:
        pid = crew.submit(os.getpid).result(timeout=60)
        os.kill(pid, signal.SIGKILL)
        (busy,) = crew._busy.values()
        wait_for(lambda: busy.pool._broken)
        assert crew.submit(os.getpid).result(timeout=60) != pid
    finally:
        crew.close()


def test_a_failing_run_is_recorded_with_its_reason_and_exit_code_3(grid, tmp_path, program):
    process = program(
        "sweep",
        grid(levels=[0.01], behaviours=[0.0, RAISE], replications=1),
        "--workers",
        1,
        "--out",
        "out",
        "--json",
        cwd=tmp_path,
    )
    told, log = process.communicate(timeout=300)
    assert process.returncode == 3, log
    counted = json.loads(told)
    assert counted["statuses"] == {"ok": 1, "error": 1}
    assert counted["reasons"] == {"ArithmeticError: no such world: <tiny_models.TinyModel object at 0x...>": 1}
    assert "2/2 runs, 1 failed" in log


def test_a_killed_parent_loses_only_runs_in_flight_and_takes_its_workers_along(whole, tmp_path, program):
    path, expected = whole
    out = tmp_path / "out"
    process = program("sweep", path, "--workers", 2, "--out", out, "--quiet", env={"TINY_HOLD": str(tmp_path / "hold")})
    wait_for(lambda: len(parts(out)) >= 2)
    workers = children(process.pid)
    process.kill()
    process.wait()
    assert len(workers) >= 2
    wait_for(lambda: not any(alive(pid) for pid in workers), 120)
    before = open_results(out).status()
    assert before.state == "unfinished"
    assert 2 <= before.finished < before.total
    assert resume(out, workers=2).status().state == "done"
    assert files(out) == expected


def test_resume_does_not_run_finished_runs_again(whole, tmp_path, program, monkeypatch):
    path, expected = whole
    out = tmp_path / "out"
    process = program("sweep", path, "--workers", 1, "--out", out, "--quiet", env={"TINY_HOLD": str(tmp_path / "hold")})
    wait_for(lambda: len(parts(out)) >= 2)
    process.kill()
    process.wait()
    finished = open_results(out).status().finished
    started = []
    submit = local.LocalCrew.submit
    monkeypatch.setattr(local.LocalCrew, "submit", lambda crew, f, task: started.extend(task.orders) or submit(crew, f, task))
    resume(out, workers=2)
    assert len(started) == 12 - finished
    assert files(out) == expected


def test_sigint_gives_130_and_the_sweep_goes_on_later(whole, tmp_path, program):
    path, expected = whole
    out = tmp_path / "out"
    process = program("sweep", path, "--workers", 2, "--out", out, env={"TINY_HOLD": str(tmp_path / "hold")})
    wait_for(lambda: len(parts(out)) >= 2)
    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=300)
    assert process.returncode == 130
    assert log.splitlines()[-1].endswith(f"runs are kept; go on with: expansion-sim resume {out}")
    assert "Traceback" not in log
    again = program("resume", out, "--workers", 1, "--quiet")
    assert (again.wait(timeout=300), again.communicate()[1]) == (0, "")
    assert files(out) == expected


@pytest.mark.parametrize("group", [False, True])
def test_sigterm_gives_143_and_the_sweep_goes_on_later(whole, tmp_path, program, group):
    """Sent to the sweep alone, as by ``kill``, or to its workers as well, as by batch systems."""
    path, expected = whole
    out = tmp_path / "out"
    process = program("sweep", path, "--workers", 2, "--out", out, env={"TINY_HOLD": str(tmp_path / "hold")}, start_new_session=True)
    wait_for(lambda: len(parts(out)) >= 2)
    workers = children(process.pid)
    os.killpg(process.pid, signal.SIGTERM) if group else process.terminate()
    _, log = process.communicate(timeout=300)
    assert process.returncode == 143
    kept = open_results(out).status().finished
    line = f"expansion-sim: asked to end (SIGTERM); {kept} of 12 runs are kept; go on with: expansion-sim resume {out}"
    assert log.splitlines()[-1] == line
    assert "Traceback" not in log and "resource_tracker" not in log
    wait_for(lambda: not any(alive(pid) for pid in workers))
    assert resume(out, workers=2).status().state == "done"
    assert files(out) == expected


def test_a_damaged_shard_is_found_by_its_hash_and_run_again(whole, tmp_path):
    path, expected = whole
    out = sweep(path, workers=2, out=tmp_path / "out").path
    shard = next(out.glob("shards/*.parquet"))
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    assert open_results(out).status(verify=True).damaged == [shard.name]
    resume(out, workers=2)
    assert files(out) == expected


def test_damaged_parts_and_half_written_files_are_run_again(whole, tmp_path, program):
    path, expected = whole
    out = tmp_path / "out"
    process = program("sweep", path, "--workers", 1, "--out", out, "--quiet", env={"TINY_HOLD": str(tmp_path / "hold")})
    wait_for(lambda: len(parts(out)) >= 2)
    process.kill()
    process.wait()
    part = parts(out)[0]
    part.write_bytes(part.read_bytes()[:-7])
    (out / "partial" / ".part-000000-x.parquet.host.1.abc.tmp").write_bytes(b"half")
    resume(out, workers=2)
    assert files(out) == expected


def test_parts_left_beside_their_shard_are_not_counted_twice(whole, tmp_path):
    """As when the process is killed between writing a shard and removing its parts."""
    path, expected = whole
    results = sweep(path, workers=2, out=tmp_path / "out")
    rows = results.table()
    shard = next(results.path.glob("shards/*.parquet"))
    (results.path / "partial").mkdir()
    (results.path / "partial" / f"part-000000-{'0' * 32}.parquet").write_bytes(shard.read_bytes())
    assert open_results(results.path).status().statuses == {"ok": 12}
    assert open_results(results.path).table().equals(rows)
    resume(results.path, workers=1)
    assert files(results.path) == expected


def test_two_processes_on_one_directory_the_second_is_refused(whole, tmp_path, program):
    path, _ = whole
    out = tmp_path / "out"
    first = program("sweep", path, "--workers", 1, "--out", out, "--quiet", env={"TINY_HOLD": str(tmp_path / "hold")})
    wait_for(lambda: parts(out))
    second = program("resume", out, "--workers", 1)
    _, log = second.communicate(timeout=300)
    assert second.returncode == 2
    assert f"{out} is in use by process {first.pid} on " in log
    assert open_results(out).status().state == "running"
    first.kill()
    first.wait()
    assert resume(out, workers=2).status().state == "done"


def test_asking_whether_a_sweep_runs_does_not_keep_one_out(tmp_path):
    """Whoever asks holds the lock for an instant; here for a fifth of a second."""
    fcntl = pytest.importorskip("fcntl")
    with open(tmp_path / ".lock", "w") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        threading.Timer(0.2, lambda: fcntl.flock(asking, fcntl.LOCK_UN)).start()
        with DirectoryLock(tmp_path):
            assert is_locked(tmp_path)
        assert not is_locked(tmp_path)


def test_a_clock_that_jumps_changes_nothing(whole, tmp_path, monkeypatch):
    path, expected = whole
    clock = iter(range(10**9, 0, -1000))
    monkeypatch.setattr(time, "time", lambda: float(next(clock)))
    assert files(sweep(path, workers=2, out=tmp_path / "out").path) == expected


def test_workers_that_cannot_start_end_the_sweep_with_a_reason(grid, tmp_path):
    code = f"from expansion_sim.experiment.sweep import sweep\nsweep({str(grid())!r}, workers=1, out={str(tmp_path / 'out')!r})"
    script = tmp_path / "unguarded.py"
    script.write_text(code)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=environment, check=False, timeout=300,
    )
    assert done.returncode == 1
    assert "a script that starts a sweep needs `if __name__ == '__main__':`" in done.stderr


def test_worker_processes_have_one_thread(write, tmp_path, program):
    path = write(GRID.format(levels=[0.01], behaviours=[0.0], replications=2).replace("TinyModel", "ThreadsModel"))
    many = {name: "2" for name in ONE_THREAD}
    assert program("sweep", path, "--workers", 1, "--out", tmp_path / "out", "--quiet", env=many).wait(timeout=300) == 0
    assert set(open_results(tmp_path / "out").table("yearly:parents_abroad_share")["value"]) == {1.0}


def test_ctrl_c_between_any_two_lines_leaves_no_worker_behind():
    """Whatever line of submitting a task is interrupted, closing ends every process."""
    script = (
        "import sys, time, multiprocessing\n"
        "from expansion_sim.experiment import local\n"
        "if __name__ == '__main__':\n"
        "    crew, line = local.LocalCrew(1), int(sys.argv[1])\n"
        "    code, seen = local.LocalCrew.submit.__code__, []\n"
        "    def traced(frame, event, _):\n"
        "        if frame.f_code is code and event == 'line':\n"
        "            seen.append(frame.f_lineno)\n"
        "            if len(seen) == line:\n"
        "                raise KeyboardInterrupt\n"
        "        return traced\n"
        "    sys.settrace(traced)\n"
        "    try:\n"
        "        crew.submit(time.sleep, 600.0)\n"
        "    except KeyboardInterrupt:\n"
        "        print('interrupted')\n"
        "    sys.settrace(None)\n"
        "    crew.close()\n"
        "    print(len(multiprocessing.active_children()))\n"
    )
    told = []
    for line in range(1, 9):
        done = subprocess.run([sys.executable, "-c", script, str(line)], capture_output=True, text=True, check=True, timeout=60)
        told.append(done.stdout.split())
    assert all(words[-1] == "0" for words in told)
    assert sum(words[0] == "interrupted" for words in told) >= 6
