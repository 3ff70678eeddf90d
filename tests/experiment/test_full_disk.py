"""Sweeps on a disk that fills up: a small one of its own where the system lets us mount it, a limit on files elsewhere."""

import errno
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sweep_files import HERE, files

from expansion_sim.errors import InputError
from expansion_sim.experiment.results import open_results
from expansion_sim.experiment.sweep import resume, sweep

pytestmark = pytest.mark.skipif(os.name != "posix", reason="disks and limits of POSIX")
#: Size of the disk, and what is free on it in the trials, in KiB.
DISK, FREE = 1024, (0, 4, 16, 32, 36, 40, 44, 48, 56, 64, 80)


@pytest.fixture
def disk(tmp_path):
    """A file system of one megabyte in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}k", "none", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except OSError as error:
        pytest.skip(f"no command to mount a disk with: {error}")
    if done.returncode:
        pytest.skip(f"mounting a small disk is not allowed here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=60)


def fill(disk, free):
    """Put a file on a disk that leaves so many KiB."""
    left = os.statvfs(disk)
    (disk / "ballast").write_bytes(bytes(left.f_bavail * left.f_frsize - free * 1024))


def begun(path, out):
    """Sweep until the disk is full; the status of what is left, None when nothing was begun."""
    with ThreadPoolExecutor(1) as thread:
        try:
            sweep(path, executor=thread, out=out)
        except OSError as error:
            assert error.errno == errno.ENOSPC
    try:
        return open_results(out).status()
    except InputError:
        return None


def test_wherever_the_disk_fills_up_the_sweep_ends_as_if_it_had_not(grid, tmp_path, disk):
    path = grid(levels=[0.01, 0.02, 0.03], replications=2)
    with ThreadPoolExecutor(1) as thread:
        expected = files(sweep(path, executor=thread, out=tmp_path / "whole").path)
    states = []
    for free in FREE:
        fill(disk, free)
        found = begun(path, disk / "out")
        states.append("nothing" if found is None else "some" if found.state == "unfinished" else "all")
        assert not list(disk.glob("out/**/*.tmp")), "nothing half-written is left"
        (disk / "ballast").unlink()
        with ThreadPoolExecutor(1) as thread:
            resume(disk / "out", executor=thread) if found else sweep(path, executor=thread, out=disk / "out")
        assert files(disk / "out") == expected
        shutil.rmtree(disk / "out")
    assert set(states) == {"nothing", "some", "all"}, states


def test_results_on_a_disk_that_cannot_be_written_are_read(grid, disk):
    with ThreadPoolExecutor(1) as thread:
        out = sweep(grid(), executor=thread, out=disk / "out").path
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True, timeout=60)
    results = open_results(out)
    assert results.status(verify=True).state == "done"
    assert len(results.table()) == 4 * 2 * 3


def test_the_command_says_that_the_disk_is_full_and_how_to_go_on(whole, disk, program):
    path, expected = whole
    out = disk / "out"
    fill(disk, len(expected["sweep.json"]) // 1024 + 20)
    process = program("sweep", path, "--workers", 2, "--out", out, "--quiet")
    log = process.communicate(timeout=300)[1]
    assert process.returncode == 1, log
    kept = open_results(out).status()
    assert (kept.state, kept.total) == ("unfinished", 12)
    assert "no space left on device" in log
    assert f"{kept.finished} of 12 runs are kept; go on with: expansion-sim resume {out}" in log
    assert "Traceback" not in log
    (disk / "ballast").unlink()
    assert resume(out, workers=2).status().state == "done"
    assert files(out) == expected


def test_a_limit_on_files_gives_1_and_keeps_finished_runs(whole, tmp_path):
    """Record and parts fit, the shard of all runs does not."""
    path, expected = whole
    out = tmp_path / "out"
    largest = max(len(content) for name, content in expected.items() if name.startswith("shards"))
    code = (
        "import resource, sys\nfrom expansion_sim.experiment import store\nwrite = store.write_whole\n"
        "def limited(path, content):\n"
        f"    limit = {largest - 200} if path.parent.name == 'shards' else resource.RLIM_INFINITY\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))\n"
        "    write(path, content)\n"
        "store.write_whole = limited\n"
        "from expansion_sim.cli import main\nif __name__ == '__main__': sys.exit(main(sys.argv[1:]))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-c", code, "sweep", str(path), "--workers", "2", "--out", str(out), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)
    assert done.returncode == 1, done.stderr
    assert "file too large" in done.stderr
    assert "12 of 12 runs are kept" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(out.glob("shards/.*"))
    assert resume(out, workers=1).status().state == "done"
    assert files(out) == expected
