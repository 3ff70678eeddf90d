"""The run directory: whole or not at all, and never read when it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from expansion_sim.errors import InputError
from expansion_sim.population.schema import COLUMNS
from expansion_sim.results import store
from expansion_sim.results.run import Run, open_run
from expansion_sim.results.store import RunWriter


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left, right, check_dtype=False, check_categorical=False)


def test_what_is_saved_can_be_opened(run: Run, tmp_path: Path) -> None:
    saved = run.save(tmp_path / "a run")
    opened = open_run(tmp_path / "a run")
    for name in store.TABLES:
        same(getattr(opened, name), getattr(run, name))
    assert opened.record == saved.record
    assert opened.scenario == run.scenario
    assert opened.years == (1955, 1985)
    assert (opened.seed, opened.replications, opened.path) == (run.seed, 3, tmp_path / "a run")
    assert [path.name for path in tmp_path.iterdir()] == ["a run"]


def test_snapshots_hold_every_column_of_living_firms(run: Run, tmp_path: Path) -> None:
    opened = run.save(tmp_path / "run") and open_run(tmp_path / "run")
    assert opened.firms_years == [1980]
    firms = opened.firms(1980)
    same(firms, run.firms(1980))
    assert firms.shape[1] == sum(len(column.labels) or 1 for column in COLUMNS)
    assert len(firms) == 400 and (firms["alive"] == 1).all()
    assert "taste_fdi" in firms and "weight" in firms
    with pytest.raises(InputError, match="years kept: 1980"):
        opened.firms(1981)


def test_record_tells_what_was_run(run: Run, tmp_path: Path) -> None:
    run.save(tmp_path / "run")
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["status"] == "done"
    assert record["scenario"]["name"] == "synthetic"
    assert record["seeds"][0] == record["seed"] and len(set(record["seeds"])) == 3
    assert {"python", "numpy", "pandas"} <= set(record["versions"])
    assert set(record["files"]) == {*(f"{name}.parquet" for name in store.TABLES), "firms/year=1980.parquet"}


def test_csv_twins(run: Run, tmp_path: Path) -> None:
    run.save(tmp_path / "run", csv=True)
    twin = pd.read_csv(tmp_path / "run" / "yearly.csv", keep_default_na=False)
    assert twin["value"].sum() == pytest.approx(run.yearly["value"].sum())
    assert len(pd.read_csv(tmp_path / "run" / "firms" / "year=1980.csv")) == 400
    assert open_run(tmp_path / "run").firms_years == [1980]


def test_a_run_replaces_a_run_and_nothing_else(run: Run, tmp_path: Path) -> None:
    run.save(tmp_path / "run")
    (tmp_path / "run" / "figures").mkdir()
    run.save(tmp_path / "run")
    assert not (tmp_path / "run" / "figures").exists()  # figures of the old run went with it
    (tmp_path / "empty").mkdir()
    run.save(tmp_path / "empty")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(InputError, match="not a run directory"):
        run.save(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "run", "thesis"]


def test_a_failed_write_leaves_the_old_run(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run.save(tmp_path / "run")
    before = (tmp_path / "run" / "run.json").read_bytes()

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.json, "dump", full)
    with pytest.raises(OSError, match="No space"):
        run.save(tmp_path / "run")
    assert (tmp_path / "run" / "run.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_an_abandoned_writer_leaves_nothing(run: Run, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), RunWriter(tmp_path / "run") as sink:
        sink.write_firms(1980, run.snapshots[1980])
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def spoil_json(folder: Path, **changes: object) -> None:
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | changes))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "run.json").unlink(), "not a finished run"),
        (lambda folder: (folder / "run.json").write_text("{"), "damaged"),
        (lambda folder: (folder / "run.json").write_text("[]"), "not the record of a run"),
        (lambda folder: spoil_json(folder, status="running"), "not finished"),
        (lambda folder: spoil_json(folder, format_version=99), "format version 99"),
        (lambda folder: spoil_json(folder, files={}), "has no yearly.parquet"),
        (lambda folder: (folder / "events.parquet").unlink(), "missing"),
        (lambda folder: (folder / "yearly.parquet").write_bytes(b"PAR1"), "hash differs"),
    ],
)
def test_a_run_that_is_not_whole_is_refused(run: Run, tmp_path: Path, spoil, message: str) -> None:
    run.save(tmp_path / "run")
    spoil(tmp_path / "run")
    with pytest.raises(InputError, match=message) as error:
        open_run(tmp_path / "run")
    assert "\n" not in str(error.value)


def test_a_changed_snapshot_is_refused_when_read(run: Run, tmp_path: Path) -> None:
    run.save(tmp_path / "run")
    path = tmp_path / "run" / "firms" / "year=1980.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="hash differs"):
        open_run(tmp_path / "run").firms(1980)


def test_no_directory(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run directory"):
        open_run(tmp_path / "nowhere")
