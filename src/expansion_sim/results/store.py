"""The run directory: written aside, renamed when whole, refused when it is not.

Layout: ``run.json`` (last), ``yearly.parquet``, ``events.parquet``, ``programmes.parquet``, ``surveys.parquet``,
``firms/year=YYYY.parquet`` and, drawn later and not part of the record, ``figures/``. A killed writer leaves a hidden directory
beside the target and never a half-written run under its name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from expansion_sim.errors import InputError
from expansion_sim.population.schema import COLUMNS
from expansion_sim.whole_files import sync

FORMAT = "expansion_sim run"
FORMAT_VERSION = 1
RECORD = "run.json"
TABLES = ("yearly", "events", "programmes", "surveys")


class Kind(NamedTuple):
    """A kind of directory that is written whole or not at all.

    Attributes:
        noun: What messages call it.
        format: Value of ``format`` in the record.
        version: Value of ``format_version``.
        record: Name of the record.
        tables: Names of the tables.
    """

    noun: str
    format: str
    version: int
    record: str
    tables: tuple[str, ...]


RUN = Kind("run", FORMAT, FORMAT_VERSION, RECORD, TABLES)

#: Firms turned into columns at a time: bounds the memory of a snapshot of millions of firms.
_ROWS_AT_ONCE = 1 << 18


class RunWriter:
    """Writes one run directory; use as a context manager.

    Leaving the block without :meth:`commit` removes what was written. Snapshots may be written while the run goes on, tables
    and record come with :meth:`commit`.

    Args:
        out: The run directory to be. An existing one is replaced only if it is a run directory or empty.
        csv: Write a CSV twin beside every table.
        kind: What the directory is.

    Raises:
        InputError: ``out`` exists and is something else, or its parent cannot be written.
    """

    def __init__(self, out: str | Path, csv: bool = False, kind: Kind = RUN) -> None:
        self.out = Path(out).absolute()
        self.csv, self.kind = csv, kind
        _check_target(self.out, kind)
        self.aside = self.out.parent / f".{self.out.name}.{socket.gethostname()}.{os.getpid()}.{uuid.uuid4().hex[:12]}"
        try:
            self.aside.mkdir(parents=True)
        except OSError as error:
            raise InputError(f"cannot write a {kind.noun} to {self.out}: {error.strerror or error}") from error
        self._files: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        shutil.rmtree(self.aside, ignore_errors=True)

    def write_firms(self, year: int, firms: np.ndarray) -> None:
        """Write the living firms of a year, a block of rows at a time.

        Args:
            year: The year.
            firms: Rows of dtype FIRM_DTYPE; rows with ``alive == 0`` are left out. Not changed and not kept.
        """
        name = f"firms/year={year}.parquet"
        (self.aside / "firms").mkdir(exist_ok=True)
        schema = _firm_schema()
        with pq.ParquetWriter(self.aside / name, schema, compression="zstd") as parquet:
            for start in range(0, max(len(firms), 1), _ROWS_AT_ONCE):
                parquet.write_table(_firm_table(firms[start : start + _ROWS_AT_ONCE], schema))
        self._finish(name)
        if self.csv:
            self._write_csv(f"firms/year={year}.csv", pq.read_table(self.aside / name))

    def commit(self, tables: Mapping[str, pd.DataFrame], record: Mapping[str, Any]) -> dict[str, Any]:
        """Write tables and record, then give the directory its name.

        Args:
            tables: Name in the kind's tables -> frame.
            record: What the record tells besides format, status and files.

        Returns:
            The record as written, with ``files``: name -> {"sha256", "bytes"}.
        """
        for name in self.kind.tables:
            table = pa.Table.from_pandas(tables[name], preserve_index=False)
            pq.write_table(table, self.aside / f"{name}.parquet", compression="zstd")
            self._finish(f"{name}.parquet")
            if self.csv:
                self._write_csv(f"{name}.csv", table)
        head = {"format": self.kind.format, "format_version": self.kind.version, "status": "done"}
        whole = {**head, **record, "files": self._files}
        with open(self.aside / self.kind.record, "w", encoding="utf-8") as file:
            json.dump(whole, file, indent=1, ensure_ascii=False, allow_nan=False)
        sync(self.aside / self.kind.record)
        for folder in (self.aside / "firms", self.aside):
            if folder.is_dir():
                sync(folder)
        _replace(self.aside, self.out, self.kind)
        return whole

    def _write_csv(self, name: str, table: pa.Table) -> None:
        pyarrow.csv.write_csv(table, self.aside / name)
        self._finish(name)

    def _finish(self, name: str) -> None:
        path = self.aside / name
        sync(path)
        self._files[name] = {"sha256": sha256_of(path), "bytes": path.stat().st_size}


def read_record(path: str | Path, kind: Kind = RUN) -> dict[str, Any]:
    """Read ``run.json`` of a finished run, or the record of another kind of directory.

    Raises:
        InputError: No such directory, no or a damaged record, another format, or a run that was not finished.
    """
    folder = Path(path)
    file = folder / kind.record
    if not folder.is_dir():
        raise InputError(f"no {kind.noun} directory {folder}")
    if not file.is_file():
        raise InputError(f"{folder} is not a finished {kind.noun}: it has no {kind.record}")
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"the record is damaged: {error}", file=str(file)) from error
    if not isinstance(record, dict) or record.get("format") != kind.format:
        raise InputError(f"this is not the record of a {kind.noun}", file=str(file))
    if record.get("format_version") != kind.version:
        told = f"format version {record.get('format_version')} cannot be read, this version reads {kind.version}"
        raise InputError(told, file=str(file))
    if record.get("status") != "done" or not isinstance(record.get("files"), dict):
        raise InputError(f"the {kind.noun} was not finished (status {record.get('status')!r})", file=str(file))
    return record


def verify_file(folder: Path, record: Mapping[str, Any], name: str) -> Path:
    """Path of a file of the run whose content is the recorded one.

    Raises:
        InputError: The file is not in the record, is missing, or was changed.
    """
    entry = record["files"].get(name)
    if entry is None:
        raise InputError(f"the run in {folder} has no {name}")
    path = folder / name
    if not path.is_file():
        raise InputError("the file is missing, the run is not whole", file=str(path))
    if sha256_of(path) != entry.get("sha256"):
        raise InputError("the file is not the one that was written (its hash differs)", file=str(path))
    return path


def read_tables(folder: Path, record: Mapping[str, Any], kind: Kind = RUN) -> dict[str, pd.DataFrame]:
    """The tables of a run or of another kind of directory, each checked against its hash."""
    return {name: pq.read_table(verify_file(folder, record, f"{name}.parquet")).to_pandas() for name in kind.tables}


def sha256_of(path: Path) -> str:
    """Hash of a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def firms_frame(firms: np.ndarray) -> pd.DataFrame:
    """Living firms as a frame: one column per state variable, vectors spread over ``name_label``."""
    return _firm_table(firms, _firm_schema()).to_pandas()


def _firm_schema() -> pa.Schema:
    """One field per state variable or element of a vector, with unit and meaning in its metadata."""
    fields = []
    for column in COLUMNS:
        kind = pa.from_numpy_dtype(np.dtype(column.dtype))
        for label in column.labels or ("",):
            name = f"{column.name}_{label}" if label else column.name
            fields.append(pa.field(name, kind, metadata={"unit": column.unit, "meaning": column.meaning}))
    return pa.schema(fields)


def _firm_table(firms: np.ndarray, schema: pa.Schema) -> pa.Table:
    firms = firms[firms["alive"] == 1]
    arrays: list[pa.Array] = []
    for column in COLUMNS:
        values = firms[column.name].reshape(len(firms), -1)
        arrays.extend(pa.array(np.ascontiguousarray(values[:, element])) for element in range(values.shape[1]) if len(firms))
    if not len(firms):
        return schema.empty_table()
    return pa.Table.from_arrays(arrays, schema=schema)


def is_kind(folder: str | Path, kind: Kind) -> bool:
    """Whether a folder holds a directory of the kind, by its record."""
    try:
        return json.loads((Path(folder) / kind.record).read_text(encoding="utf-8")).get("format") == kind.format
    except (OSError, ValueError, AttributeError):
        return False


def _check_target(out: Path, kind: Kind) -> None:
    if not out.exists():
        return
    if not out.is_dir() or (any(out.iterdir()) and not is_kind(out, kind)):
        raise InputError(f"{out} exists and is not a {kind.noun} directory; name another place")


def _replace(new: Path, target: Path, kind: Kind) -> None:
    """Rename ``new`` to ``target``; what stood there goes only after the new one has its name."""
    _check_target(target, kind)
    old = target.parent / f"{new.name}.old"
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(new, target)
    except OSError:
        if old.exists():
            os.replace(old, target)
        raise
    sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)
