"""Files of a sweep that were damaged, cut short, lost or added: refused or named, never read as if they were good."""

import json
import os
import random
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from sweep_files import GRID, files
from tiny_models import RAISE

from expansion_sim.cli import main
from expansion_sim.errors import InputError
from expansion_sim.experiment import runner, stored, worker
from expansion_sim.experiment import sweep as sweeps
from expansion_sim.experiment.results import open_results
from expansion_sim.experiment.sweep import resume, sweep

LEVELS = [round(0.001 * step, 3) for step in range(1, 14)]


class Enough(Exception):
    """Ends a sweep early."""


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A sweep of 130 runs in two shards, some of which fail; never changed."""
    folder = tmp_path_factory.mktemp("original")
    (folder / "tiny.toml").write_text(GRID.format(levels=LEVELS, behaviours=[0.0, RAISE], replications=5))
    with ThreadPoolExecutor(1) as thread:
        return sweep(folder / "tiny.toml", executor=thread, out=folder / "out").path


@pytest.fixture
def out(original, tmp_path):
    """A copy to damage."""
    return shutil.copytree(original, tmp_path / "out")


@pytest.fixture
def begun(original, tmp_path):
    """The same sweep, left after its first runs."""
    def stop(counts):
        if counts.done >= 10:
            raise Enough

    with ThreadPoolExecutor(1) as thread, pytest.raises(Enough):
        sweep(original.parent / "tiny.toml", executor=thread, out=tmp_path / "begun", progress=stop)
    return tmp_path / "begun"


def resumed(out, **options):
    with ThreadPoolExecutor(1) as thread:
        return resume(out, executor=thread, **options)


def flip(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << at % 8
    path.write_bytes(content)


def test_wherever_a_byte_of_a_shard_is_flipped_no_table_is_read(original, out):
    first, _ = sorted(out.glob("shards/*.parquet"))
    whole = first.read_bytes()
    results = open_results(out)
    for at in random.Random(1).sample(range(len(whole)), 60):
        flip(first, at)
        with pytest.raises(InputError) as refused:
            results.table(missing="drop")
        told = f"{out}: shards/{first.name} is not the file that was written (damaged, cut short or changed); "
        assert str(refused.value) == told + f"`expansion-sim resume {out}` runs its runs again"
        found = results.status(verify=True)
        assert (found.state, found.finished, found.damaged) == ("unfinished", 30, [first.name])
        results.status()
        first.write_bytes(whole)
    assert results.status(verify=True) == open_results(original).status()


@pytest.mark.parametrize("left", [0, 3, 1000, -1])
def test_a_shard_that_was_cut_short_is_named_by_every_command_and_run_again(original, out, capsys, left):
    second = sorted(out.glob("shards/*.parquet"))[1]
    second.write_bytes(second.read_bytes()[:left])
    assert main(["status", str(out)]) == 1
    assert f"  damaged: {second.name}; resume runs its runs again\n" in capsys.readouterr().out
    for command in (["analyse", str(out)], ["plot", str(out)]):
        assert main(command) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"{out}: shards/{second.name} is not the file that was written")
    with pytest.raises(InputError, match=f"{second.name} is not the file"):
        open_results(out).values("yearly:abroad")
    shutil.rmtree(out / "analysis", ignore_errors=True)
    resumed(out)
    assert files(out) == files(original)


def test_a_lost_shard_is_named_and_run_again(original, out):
    first = sorted(out.glob("shards/*.parquet"))[0]
    first.unlink()
    assert open_results(out).status(verify=True).damaged == [first.name]
    with pytest.raises(InputError, match=f"{first.name} is missing; "):
        open_results(out).table(missing="drop")
    resumed(out)
    assert files(out) == files(original)


def test_a_copy_of_a_shard_is_not_counted_and_left_where_it_is(original, out, capsys):
    first = sorted(out.glob("shards/*.parquet"))[0]
    copy = shutil.copy(first, first.with_name("copy of a shard.parquet"))
    results = open_results(out)
    assert results.table(missing="report").equals(open_results(original).table(missing="report"))
    assert results.values("yearly:abroad").equals(open_results(original).values("yearly:abroad"))
    assert main(["status", str(out)]) == 3
    told = capsys.readouterr().out
    assert "done, 130 of 130 runs" in told
    assert "  not counted: shards/copy of a shard.parquet, which no record of the sweep names\n" in told
    resumed(out)
    copy.unlink()
    assert files(out) == files(original)


@pytest.mark.parametrize("name", ["_MANIFEST.json", "partial/ledger.json"])
def test_shards_outlive_damaged_notes(original, out, name, monkeypatch):
    if name != "_MANIFEST.json":  # as when the process ends before its last step
        (out / "partial").mkdir()
        noted = json.loads((out / "_MANIFEST.json").read_text())["shards"]
        (out / name).write_text(json.dumps({str(at): {"file": file, **entry} for at, (file, entry) in enumerate(noted.items())}))
        (out / "_MANIFEST.json").unlink()
        assert open_results(out).status(verify=True).finished == 130
    (out / name).write_bytes((out / name).read_bytes()[:-50])
    assert open_results(out).status().damaged == [os.path.basename(name)]
    with pytest.raises(InputError, match=f"{name} is not the file .* checks the shards and writes it again"):
        open_results(out).table(missing="drop")
    monkeypatch.setattr(sweeps, "_run", lambda *_: pytest.fail("nothing should run"))
    resumed(out)
    assert files(out) == files(original)


def test_without_notes_a_damaged_shard_is_still_found(original, out):
    (out / "_MANIFEST.json").write_text("{")
    first, second = sorted(out.glob("shards/*.parquet"))
    flip(first, first.read_bytes().index(b'": "ok"') + 5)  # a status in the footer, which no row depends on
    flip(second, 200)
    with ThreadPoolExecutor(1) as thread:
        started, submit = [], thread.submit
        thread.submit = lambda run, task: started.extend(task.orders) or submit(run, task)
        resume(out, executor=thread)
    assert len(started) == 130
    assert files(out) == files(original)


def test_a_damaged_part_of_an_unfinished_sweep_is_named_and_run_again(original, begun):
    before = open_results(begun).status().finished
    part = sorted(begun.glob("partial/part-*"))[0]
    part.write_bytes(part.read_bytes()[:-9])
    found = open_results(begun).status(verify=True)
    assert found.damaged == [part.name] and found.finished < before
    with pytest.raises(InputError, match=f"partial/{part.name} is not the file"):
        open_results(begun).table(missing="drop")
    resumed(begun)
    assert files(begun) == files(original)


def test_a_table_read_while_the_sweep_ends_holds_every_run_once(original, begun, tmp_path, monkeypatch):
    """Between the listing of the files and the reading of a part, all parts are replaced by their shards."""
    whole = open_results(original)
    for ask in (lambda results: results.status(verify=True), lambda results: results.table(missing="drop")):
        folder = shutil.copytree(begun, tmp_path / "copy")
        read = stored.StoredFile.read

        def late(file, read=read, folder=folder):
            if (folder / "partial").exists():
                resumed(folder)
            return read(file)

        with monkeypatch.context() as patch:
            patch.setattr(stored.StoredFile, "read", late)
            found = ask(open_results(folder))
        expected = ask(whole)
        assert found.equals(expected) if hasattr(found, "equals") else found == expected
        shutil.rmtree(folder)


def test_a_damaged_design_or_record_is_refused(original, out):
    design, record = out / "design.parquet", out / "sweep.json"
    whole = design.read_bytes()
    flip(design, 100)
    with pytest.raises(InputError, match=r"design\.parquet is not the file .*; remove it, and `expansion-sim resume"):
        open_results(out).table(missing="drop", factors=True)
    design.write_bytes(whole[:-20])
    resumed(out)
    design.unlink()
    resumed(out)
    assert files(out) == files(original)
    record.write_text(record.read_text().replace('"unit": "firms"', '"unit": "firmz"'))
    with pytest.raises(InputError, match=r"sweep\.json is not the file that was written"):
        open_results(out)


def test_runs_that_are_ok_and_have_no_row_are_finished(original, tmp_path, monkeypatch):
    """As when an outcome is kept in years that a run does not have."""
    def nothing(order, run, outcomes):
        return worker.RunResult(order, worker.OK, "", ("yearly:abroad",), (0,))

    with monkeypatch.context() as patch:
        patch.setattr(worker, "measured", nothing)
        patch.setattr(runner, "MOST_RUNS", 1)

        def stop(counts):
            if counts.done >= 110:
                raise Enough

        with ThreadPoolExecutor(1) as thread, pytest.raises(Enough):
            sweep(original.parent / "tiny.toml", executor=thread, out=tmp_path / "out", progress=stop)
        assert 110 <= open_results(tmp_path / "out").status(verify=True).finished < 130
        found = resumed(tmp_path / "out").status(verify=True)
        assert (found.state, found.finished, found.statuses) == ("done", 130, {"ok": 65, "error": 65})
        (tmp_path / "out" / "_MANIFEST.json").write_text("{")
        assert resumed(tmp_path / "out").status(verify=True) == found
    assert resumed(tmp_path / "out", retry_failed=True).status().finished == 130
    assert len(open_results(tmp_path / "out").table(missing="report")) == 65
