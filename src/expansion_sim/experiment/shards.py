"""The table of a sweep in Parquet: rows of runs, bytes that depend on nothing else, and files that are whole or absent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from expansion_sim.experiment.plan import PlannedRun
from expansion_sim.experiment.worker import OK, RunResult

SCHEMA = pa.schema(
    [
        pa.field("run", pa.string(), metadata={"meaning": "name of the run, as in design.parquet"}),
        pa.field("point", pa.int32(), metadata={"meaning": "point of the design"}),
        pa.field("replication", pa.int32(), metadata={"meaning": "replication, from 0"}),
        pa.field("outcome", pa.string(), metadata={"meaning": "name of the outcome; empty in the one row of a failed run"}),
        pa.field("year", pa.int16(), metadata={"meaning": "calendar year; 0 for an outcome of the whole run"}),
        pa.field("value", pa.float64(), metadata={"meaning": "value in the outcome's unit, see sweep.json"}),
        pa.field("status", pa.string(), metadata={"meaning": "ok, error, crashed or nonfinite"}),
        pa.field("reason", pa.string(), metadata={"meaning": "why the run failed; empty for ok"}),
    ]
)
#: Keys of the footer: statuses by run, and the hash of the rows.
RUNS, CONTENT = b"expansion_sim.runs", b"expansion_sim.content_sha256"


def rows_of(run: PlannedRun, result: RunResult) -> pa.Table:
    """The rows of one run; a failed run is one row."""
    ok = result.status == OK
    outcomes = np.repeat(np.array(result.names, object), result.lengths) if ok else np.array([""], object)
    count = len(outcomes)
    return pa.table(
        {
            "run": _same(run.run, count),
            "point": pa.array(np.full(count, run.point, np.int32)),
            "replication": pa.array(np.full(count, run.replication, np.int32)),
            "outcome": pa.array(outcomes, pa.string()),
            "year": pa.array(result.years if ok else np.zeros(1, np.int16)),
            "value": pa.array(result.values if ok else np.array([np.nan])),
            "status": _same(result.status, count),
            "reason": _same(result.reason, count),
        },
        schema=SCHEMA,
    )


def _same(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def as_parquet(table: pa.Table, statuses: dict[str, str]) -> bytes:
    """A table as a Parquet file: the same rows give the same bytes.

    Args:
        table: Rows with SCHEMA.
        statuses: Status by run, in the order of the rows.
    """
    table = table.combine_chunks()
    footer = {RUNS: json.dumps(statuses).encode(), CONTENT: content_hash(table).encode()}
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.replace_schema_metadata(footer),
        sink,
        compression="zstd",
        compression_level=3,
        use_dictionary=["run", "outcome", "status", "reason"],
        row_group_size=1 << 20,
        write_statistics=True,
        version="2.6",
        data_page_version="1.0",
    )
    return sink.getvalue().to_pybytes()


def content_hash(table: pa.Table) -> str:
    """SHA-256 of the rows, whatever file or chunks they stand in."""
    digest = hashlib.sha256()
    for name in SCHEMA.names:
        column = table[name].combine_chunks()
        if pa.types.is_string(column.type):
            encoded = column.dictionary_encode()
            encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
            digest.update(json.dumps(encoded.dictionary.to_pylist()).encode())
            digest.update(encoded.indices.to_numpy(zero_copy_only=False).astype("<i4").tobytes())
        else:
            digest.update(column.to_numpy(zero_copy_only=False).astype(column.type.to_pandas_dtype()).tobytes())
    return digest.hexdigest()


def shard_name(runs: Sequence[PlannedRun]) -> str:
    """Name of the shard of some runs."""
    return f"shard-{hashlib.sha256(' '.join(run.run for run in runs).encode()).hexdigest()[:16]}.parquet"


def statuses_in(content: bytes) -> dict[str, str]:
    """Status of every run of a file, from its footer: a run that is ok may have no row."""
    found: dict[str, str] = json.loads(pq.read_schema(pa.BufferReader(content)).metadata[RUNS])
    return found


def is_remade(content: bytes, runs: Sequence[PlannedRun]) -> bool:
    """Whether the rows of a shard, written again, give the same bytes: then no byte of it was changed.

    Args:
        content: The file.
        runs: Runs that it should hold.
    """
    try:
        table = pq.read_table(pa.BufferReader(content)).replace_schema_metadata(None)
        pairs = table.select(["run", "status"]).group_by(["run", "status"], use_threads=False).aggregate([])
        told = dict(zip(pairs["run"].to_pylist(), pairs["status"].to_pylist(), strict=True))
        return as_parquet(table, {run.run: told.get(run.run, OK) for run in runs}) == content
    except Exception:  # whatever damage makes of a Parquet file
        return False


def in_order(tables: Iterable[pa.Table], runs: Sequence[PlannedRun]) -> pa.Table:
    """The rows of some runs in the order of the plan, whatever order they came in."""
    whole = pa.concat_tables(list(tables)).combine_chunks()
    names = whole["run"].combine_chunks().dictionary_encode()
    position = {run.run: at for at, run in enumerate(runs)}
    rank = np.array([position[name] for name in names.dictionary.to_pylist()])[names.indices.to_numpy(zero_copy_only=False)]
    return whole.take(pa.array(np.argsort(rank, kind="stable")))


def sha256(content: bytes) -> str:
    """Hash of some bytes."""
    return hashlib.sha256(content).hexdigest()
