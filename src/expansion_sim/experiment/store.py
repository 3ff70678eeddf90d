"""The directory of a sweep while it is filled: nothing finished is lost, and the end does not depend on the way.

Protocol. ``sweep.json`` and ``design.parquet`` come first. Runs belong to shards by their place in the plan, 100 to each. The
runs of a task are written at once as a file of their own in ``partial/``, named after its hash; when all runs of a shard are
there, the shard is written, its hash noted in ``partial/ledger.json``, and its parts removed. ``_MANIFEST.json`` comes last
and ``partial/`` goes. Every file is written aside, forced to disk and renamed. So a process killed at any moment loses the
runs in flight and nothing else, and what is left is the same whoever ran it: no shard holds a time, a host or an order of
arrival. Failed runs are forgotten the same way: what is good of their shard is first written as a part.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expansion_sim.errors import InputError
from expansion_sim.experiment.plan import RUNS_PER_SHARD, Plan, PlannedRun
from expansion_sim.experiment.shards import (
    CONTENT,
    as_parquet,
    in_order,
    is_remade,
    rows_of,
    sha256,
    shard_name,
    statuses_in,
)
from expansion_sim.experiment.worker import OK, RunResult
from expansion_sim.whole_files import sync, write_whole

FORMAT, FORMAT_VERSION = "expansion_sim sweep", 1
RECORD, DESIGN, MANIFEST, SHARDS, PARTIAL, LEDGER = (
    "sweep.json",
    "design.parquet",
    "_MANIFEST.json",
    "shards",
    "partial",
    "ledger.json",
)


class SweepStore:
    """Takes results as they come.

    Args:
        folder: The directory, locked by the caller.
        plan: All runs.

    Attributes:
        statuses: Status of every finished run by its place in the plan.
        dropped: Files found damaged and removed when the store was opened.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder, self.plan = folder, plan
        self.statuses: dict[int, str] = {}
        self.dropped: list[str] = []
        self._shards: dict[int, dict[str, Any]] = {}
        self._waiting: dict[int, list[tuple[Path, pa.Table]]] = {}
        self._order = {run.run: run.order for run in plan.runs}
        (folder / SHARDS).mkdir(exist_ok=True)
        (folder / PARTIAL).mkdir(exist_ok=True)
        self._remove_unfinished_files()
        self._read_shards()
        self._read_parts()

    @property
    def done(self) -> bool:
        """Whether every run is there."""
        return len(self.statuses) == len(self.plan.runs)

    def add(self, results: Sequence[RunResult]) -> None:
        """Keep the results of some runs of one shard for good.

        Raises:
            OSError: They cannot be written; the store stays as it was.
        """
        runs = [self.plan.runs[result.order] for result in results]
        table = pa.concat_tables([rows_of(run, result) for run, result in zip(runs, results, strict=True)])
        statuses = {run.run: result.status for run, result in zip(runs, results, strict=True)}
        number = results[0].order // RUNS_PER_SHARD
        self._take(number, self._write_part(number, table, statuses), table, statuses)

    def _write_part(self, number: int, table: pa.Table, statuses: dict[str, str]) -> Path:
        content = as_parquet(table, statuses)
        path = self.folder / PARTIAL / f"part-{number:06d}-{sha256(content)[:32]}.parquet"
        write_whole(path, content)
        return path

    def forget_failed(self) -> int:
        """Forget the runs that failed, so that they are run again; all others stay as they are.

        Killed at any moment, it leaves a directory from which no good run is missing.

        Returns:
            Number of runs forgotten.

        Raises:
            OSError: What is good cannot be written; nothing is forgotten.
        """
        failed = {order for order, status in self.statuses.items() if status != OK}
        numbers = {order // RUNS_PER_SHARD for order in failed}
        opened = [number for number in sorted(numbers) if number in self._shards]
        kept = {number: self._write_good(number) for number in sorted(numbers)}
        old = [self.folder / SHARDS / self._shards.pop(number)["file"] for number in opened]
        if old:
            self._write_ledger()  # without the opened shards: from here on their parts hold their runs
            (self.folder / MANIFEST).unlink(missing_ok=True)
            sync(self.folder)
        old += [path for number in numbers for path, _ in self._waiting.pop(number, [])]
        for number, parts in kept.items():
            self._waiting[number] = parts
        for path in set(old) - {path for parts in kept.values() for path, _ in parts}:
            path.unlink()
        self.statuses = {order: status for order, status in self.statuses.items() if order not in failed}
        return len(failed)

    def _write_good(self, number: int) -> list[tuple[Path, pa.Table]]:
        """One part with the runs of a shard that are ok; none when all have failed."""
        known = self._shards.get(number)
        tables = [pq.read_table(self.folder / SHARDS / known["file"])] if known else [table for _, table in self._waiting[number]]
        whole = pa.concat_tables([table.replace_schema_metadata(None) for table in tables])
        good = whole.filter(pc.equal(whole["status"], OK))
        statuses = {run.run: OK for run in self.plan.shard(number) if self.statuses.get(run.order) == OK}
        return [(self._write_part(number, good, statuses), good)] if statuses else []

    def finish(self) -> None:
        """Write the manifest, if it is not there, and remove what only an unfinished sweep needs."""
        if not (self.folder / MANIFEST).exists():
            write_json(self.folder / MANIFEST, self._manifest())
        shutil.rmtree(self.folder / PARTIAL, ignore_errors=True)

    def _manifest(self) -> dict[str, Any]:
        entries = {entry["file"]: entry for _, entry in sorted(self._shards.items())}
        counts: dict[str, int] = {}
        for order in sorted(self.statuses):
            counts[self.statuses[order]] = counts.get(self.statuses[order], 0) + 1
        content = sha256("".join(entry["content_sha256"] for entry in entries.values()).encode())
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "runs": len(self.statuses),
            "statuses": counts,
            "content_sha256": content,
            "shards": {name: {key: value for key, value in entry.items() if key != "file"} for name, entry in entries.items()},
            RECORD: sha256((self.folder / RECORD).read_bytes()),
            DESIGN: sha256((self.folder / DESIGN).read_bytes()),
        }

    def _take(self, number: int, path: Path, table: pa.Table, statuses: dict[str, str]) -> None:
        """Note finished runs, also those that are ok and have no row; write their shard when it is complete."""
        self._waiting.setdefault(number, []).append((path, table))
        self.statuses.update({self._order[run]: status for run, status in statuses.items()})
        runs = self.plan.shard(number)
        if all(run.order in self.statuses for run in runs):
            self._write_shard(number)

    def _write_shard(self, number: int) -> None:
        runs, parts = self.plan.shard(number), self._waiting[number]
        table = in_order([table for _, table in parts], runs)
        content = as_parquet(table, {run.run: self.statuses[run.order] for run in runs})
        name = shard_name(runs)
        write_whole(self.folder / SHARDS / name, content)
        self._shards[number] = shard_entry(name, content, runs)
        self._write_ledger()
        for path, _ in self._waiting.pop(number):
            path.unlink(missing_ok=True)

    def _write_ledger(self) -> None:
        write_json(self.folder / PARTIAL / LEDGER, {str(number): entry for number, entry in self._shards.items()})

    def _remove_unfinished_files(self) -> None:
        """What a killed process was writing; nobody else writes here, the directory is locked."""
        for folder in (self.folder, self.folder / SHARDS, self.folder / PARTIAL):
            for path in folder.glob(".*.tmp"):
                path.unlink(missing_ok=True)

    def _read_shards(self) -> None:
        """Take over shards whose content is the noted one; remove the others of the plan, their runs are run again.

        Where the notes themselves are damaged, a shard is good if its rows, written again, give the same bytes. Files that are
        no shard of the plan are somebody else's and stay.
        """
        notes = unreadable_notes(self.folder)
        noted = noted_shards(self.folder)
        for number in range(self.plan.shards):
            runs = self.plan.shard(number)
            path = self.folder / SHARDS / shard_name(runs)
            entry = noted.get(path.name)
            content = path.read_bytes() if path.exists() else None
            if content is not None and entry is not None and sha256(content) == entry["sha256"]:
                self._shards[number] = {"file": path.name, **entry}
            elif content is not None and notes and is_remade(content, runs):
                self._shards[number] = shard_entry(path.name, content, runs)
            else:
                self.dropped += [path.name] if entry is not None else []
                path.unlink(missing_ok=True)
                continue
            self.statuses.update({self._order[run]: status for run, status in statuses_in(content).items()})
        if notes or (self.dropped and (self.folder / MANIFEST).exists()):
            self.dropped += [notes.name] if notes else []
            self._write_ledger()
            (self.folder / MANIFEST).unlink(missing_ok=True)
            sync(self.folder)

    def _read_parts(self) -> None:
        for path in sorted((self.folder / PARTIAL).glob("part-*.parquet")):
            number, name = int(path.name[5:11]), path.stem[12:]
            content = path.read_bytes()
            if sha256(content)[:32] != name:
                self.dropped.append(path.name)
                path.unlink()
                continue
            statuses = statuses_in(content)
            if any(self._order[run] in self.statuses for run in statuses):
                path.unlink()  # the process ended between writing something that holds these runs and removing this part
            else:
                table = pq.read_table(pa.BufferReader(content)).replace_schema_metadata(None)
                self._take(number, path, table, statuses)


def shard_entry(name: str, content: bytes, runs: Sequence[PlannedRun]) -> dict[str, Any]:
    """What is noted of a shard."""
    schema = pq.read_metadata(pa.BufferReader(content))
    return {
        "file": name,
        "sha256": sha256(content),
        "bytes": len(content),
        "rows": schema.num_rows,
        "runs": len(runs),
        "content_sha256": schema.metadata[CONTENT].decode(),
    }


def noted_shards(folder: Path) -> dict[str, dict[str, Any]]:
    """Name of every complete shard with its hash, from the manifest or the ledger of an unfinished sweep."""
    manifest = read_json(folder / MANIFEST)
    ledger = read_json(folder / PARTIAL / LEDGER) if manifest is None else None
    if ledger is not None:
        return {entry["file"]: {key: value for key, value in entry.items() if key != "file"} for entry in ledger.values()}
    manifest = manifest or read_json(folder / MANIFEST) or {}  # a sweep that ends now has just put the one in the other's place
    return dict(manifest.get("shards", {}))


def unreadable_notes(folder: Path) -> Path | None:
    """Manifest or ledger, when it is there and damaged."""
    for path in (folder / MANIFEST, folder / PARTIAL / LEDGER):
        if read_json(path) is not None:
            return None
        if path.exists():
            return path
    return None


def write_json(path: Path, value: Any) -> None:
    """Write JSON whole or not at all; the same value gives the same bytes."""
    write_whole(path, (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, sort_keys=False) + "\n").encode())


def read_json(path: Path) -> dict[str, Any] | None:
    """What a JSON file holds; None when it is absent or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def read_record(folder: str | Path) -> dict[str, Any]:
    """Read ``sweep.json``.

    Raises:
        InputError: No directory, not that of a sweep, or of a version that cannot be read.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"no sweep directory {path}")
    record = read_json(path / RECORD)
    if record is None or record.get("format") != FORMAT:
        raise InputError(f"{path} is not the directory of a sweep: it has no readable {RECORD}")
    if record.get("format_version") != FORMAT_VERSION:
        raise InputError(
            f"format version {record.get('format_version')} cannot be read, this version reads {FORMAT_VERSION}",
            file=str(path / RECORD),
        )
    return record
