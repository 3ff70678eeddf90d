"""The files of a sweep as they are read: those that its record knows, each compared with the hash it was written under.

A file that was damaged, cut short or lost is refused by name, never read as if it were good: one flipped byte gives other numbers more
often than an error. Files that nobody noted, such as a copy beside a shard, are not counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expansion_sim.errors import InputError
from expansion_sim.experiment.shards import RUNS, SCHEMA, sha256
from expansion_sim.experiment.store import DESIGN, LEDGER, MANIFEST, PARTIAL, RECORD, SHARDS, noted_shards, read_json, unreadable_notes

Found = TypeVar("Found")
#: How often a listing is made anew when a running sweep replaces parts by their shard meanwhile.
_TRIES = 5


class Damaged(InputError):
    """A file of a sweep is not the one that was written.

    Args:
        name: The file's name.
        message: What is wrong with it, and what mends it.
        folder: The directory of the sweep.
    """

    def __init__(self, name: str, message: str, folder: Path) -> None:
        super().__init__(message, file=str(folder))
        self.name, self.folder = name, folder

    @property
    def replaced(self) -> bool:
        """Whether it is a part that is no longer there: once listed, it was replaced by its shard."""
        return self.name.startswith("part-") and not (self.folder / PARTIAL / self.name).exists()

    def __reduce__(self) -> tuple[type[Damaged], tuple[str, str, Path]]:
        """Pickle by what it is made of."""
        return type(self), (self.name, self.message, self.folder)


class StoredFile(NamedTuple):
    """A Parquet file with finished runs.

    Attributes:
        path: Where it is.
        hash: SHA-256 of its content, or the beginning of it.
    """

    path: Path
    hash: str

    def read(self) -> pa.Buffer:
        """Its content, compared with the hash.

        Raises:
            Damaged: It is not what was written, or gone.
        """
        return whole_file(self.path, self.hash)

    def statuses(self, verify: bool = True) -> dict[str, str]:
        """Status of each run by the run's name.

        Args:
            verify: Compare the content with its hash; false believes a footer that can be read.

        Raises:
            Damaged: It is not what was written, or gone.
        """
        try:
            found = json.loads(pq.read_schema(pa.BufferReader(self.read()) if verify else self.path).metadata[RUNS])
        except Damaged:
            raise
        except (OSError, ValueError, TypeError, KeyError):  # whatever a broken footer makes of Arrow or JSON
            raise damaged(self.path) from None
        return dict(found)

    def reasons(self) -> list[str]:
        """Reason of every failed run."""
        failed = pq.read_table(pa.BufferReader(self.read()), columns=["reason"], filters=pc.field("status") != "ok")
        return [str(reason) for reason in failed["reason"].to_pylist()]

    def rows(self, outcomes: Sequence[str]) -> pa.Table:
        """Rows of some outcomes, and the rows of failed runs."""
        wanted = pc.field("outcome").isin(list(outcomes)) | (pc.field("status") != "ok")
        table = pq.read_table(pa.BufferReader(self.read()), schema=SCHEMA, filters=wanted, use_threads=False)
        return table.replace_schema_metadata(None)


def steadily(read: Callable[[], Found]) -> Found:
    """What reading gives; read anew when a running sweep has put a shard in the place of its parts meanwhile.

    Args:
        read: Lists files of a sweep and reads them.

    Raises:
        Damaged: A file is not what was written.
    """
    for _ in range(_TRIES - 1):
        try:
            return read()
        except Damaged as error:
            if not error.replaced:
                raise
    return read()


def stored_files(folder: Path) -> list[StoredFile]:
    """Files with finished runs: complete shards, and parts of shards that are not full yet.

    A process killed after it wrote a shard leaves the shard's parts behind: they are not told a second time. Parts are listed
    before the ledger is read, because a running sweep notes a shard before it removes the shard's parts.

    Raises:
        Damaged: Manifest or ledger cannot be read, or a part has been replaced by its shard meanwhile (see :func:`steadily`).
    """
    parts = [StoredFile(path, path.stem[12:]) for path in sorted((folder / PARTIAL).glob("part-*.parquet"))]
    shards = noted_files(folder)
    if not parts or (folder / MANIFEST).exists():
        return shards
    told = {run for shard in shards for run in _footer(shard)}
    found = []
    for part in parts:
        runs = _footer(part)
        if told.isdisjoint(runs):
            found.append(part)
            told.update(runs)
    return [*shards, *found]


def _footer(file: StoredFile) -> dict[str, str]:
    """Statuses of a file's runs; none of a damaged file, which is refused when it is read.

    Raises:
        Damaged: It is a part that has been replaced by its shard.
    """
    try:
        return file.statuses(verify=False)
    except Damaged as error:
        if error.replaced:
            raise
        return {}


def noted_files(folder: Path) -> list[StoredFile]:
    """The complete shards by the name of their file.

    Raises:
        Damaged: The manifest, or the ledger of an unfinished sweep, cannot be read.
    """
    if (notes := unreadable_notes(folder)) is not None:
        raise damaged(notes)
    return [StoredFile(folder / SHARDS / name, str(entry["sha256"])) for name, entry in sorted(noted_shards(folder).items())]


def strangers(folder: Path) -> list[str]:
    """Names of Parquet files among the shards that no record of the sweep knows."""
    noted = noted_shards(folder)
    return [path.name for path in sorted((folder / SHARDS).glob("*.parquet")) if path.name not in noted]


def design_of(folder: Path) -> pa.Table:
    """The design, compared with the hash in the manifest of a finished sweep.

    Raises:
        Damaged: It is not what was written, or gone.
    """
    path = folder / DESIGN
    noted = (read_json(folder / MANIFEST) or {}).get(DESIGN, "")
    try:
        return pq.read_table(pa.BufferReader(whole_file(path, noted)))
    except (OSError, pa.ArrowException):
        raise damaged(path) from None


def check_record(folder: Path) -> None:
    """Compare ``sweep.json`` with the hash in the manifest of a finished sweep.

    Raises:
        Damaged: It is not what was written.
    """
    noted: Any = (read_json(folder / MANIFEST) or {}).get(RECORD, "")
    whole_file(folder / RECORD, noted)


def whole_file(path: Path, wanted: str) -> pa.Buffer:
    """Content of a file whose SHA-256 begins as it should.

    Raises:
        Damaged: It does not, or the file is gone.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise damaged(path, "is missing") from None
    if not sha256(content).startswith(wanted):
        raise damaged(path)
    return pa.py_buffer(content)


def damaged(path: Path, how: str = "is not the file that was written (damaged, cut short or changed)") -> Damaged:
    """What is told of a file that cannot be trusted."""
    folder = path.parent.parent if path.parent.name in (SHARDS, PARTIAL) else path.parent
    resume = f"`expansion-sim resume {folder}`"
    notes = f"{resume} checks the shards and writes it again"
    cures = {RECORD: "put back a copy of it", DESIGN: f"remove it, and {resume} writes it again", MANIFEST: notes, LEDGER: notes}
    return Damaged(path.name, f"{path.relative_to(folder)} {how}; {cures.get(path.name, f'{resume} runs its runs again')}", folder)
