"""Reading a sweep: one tidy table over all runs, the design, and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.experiment.lock import is_locked
from expansion_sim.experiment.shards import RUNS, SCHEMA, sha256
from expansion_sim.experiment.spec import Experiment
from expansion_sim.experiment.store import DESIGN, MANIFEST, PARTIAL, SHARDS, noted_shards, read_record

if TYPE_CHECKING:
    Missing = str
else:
    Missing = Literal["raise", "drop", "report"]
#: Columns of the design that are no factors.
PLACES = ("run", "point", "replication", "seed", "block", "paired_with")


class SweepStatus(NamedTuple):
    """How far a sweep has come.

    Attributes:
        name: Name of the experiment.
        state: ``done``, ``running`` or ``unfinished``.
        total: Runs of the experiment.
        finished: Runs with a result, failed ones included.
        statuses: Number of finished runs by status.
        reasons: Reason -> number of failed runs, the most frequent first.
        damaged: Shards whose content is not what was written.
    """

    name: str
    state: str
    total: int
    finished: int
    statuses: dict[str, int]
    reasons: dict[str, int]
    damaged: list[str]


class Results:
    """A sweep's directory, read on demand.

    Args:
        path: The directory.

    Attributes:
        path: The directory.
        record: Content of ``sweep.json``.

    Raises:
        InputError: No sweep there.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()
        self.record = read_record(self.path)

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment with all defaults."""
        return Experiment.model_validate(self.record["experiment"])

    @cached_property
    def design(self) -> pd.DataFrame:
        """One row per run: run, point, replication, seed, block, paired_with, then one column per factor."""
        return pq.read_table(self.path / DESIGN).to_pandas()

    @property
    def factors(self) -> list[str]:
        """Names of the factors' columns."""
        return list(self.record["factors"])

    @property
    def outcomes(self) -> list[str]:
        """Names of the outcomes in the store, in the order of the experiment."""
        return list(self.record["outcomes"])

    def unit(self, outcome: str) -> str:
        """Unit of an outcome."""
        return str(self.record["outcomes"][self._known(outcome)]["unit"])

    def table(
        self,
        outcomes: Sequence[str] | str | None = None,
        missing: Missing = "raise",
        factors: bool | Sequence[str] = False,
    ) -> pd.DataFrame:
        """The tidy table: run, point, replication, outcome, year, value, status, reason.

        Args:
            outcomes: Names of outcomes; all by default.
            missing: What to do about runs that failed, are not finished, or have no value for an outcome: ``raise`` refuses,
                ``drop`` leaves them out, ``report`` keeps one row for each failed run, with its status and reason.
            factors: Join factor columns: all of them, or those named.

        Raises:
            InputError: An unknown outcome or factor, or missing runs with ``missing="raise"``.
        """
        if missing not in ("raise", "drop", "report"):
            raise InputError(f"missing={missing!r} is not known; {allowed_names(missing, ('raise', 'drop', 'report'))}")
        wanted = self.outcomes if outcomes is None else [outcomes] if isinstance(outcomes, str) else list(outcomes)
        rows = self._rows([self._known(name) for name in wanted])
        if missing == "raise":
            self._refuse_gaps(rows)
        if missing == "drop":
            rows = rows.filter(pc.and_(pc.equal(rows["status"], "ok"), pc.invert(pc.is_nan(rows["value"]))))
        frame = rows.to_pandas(strings_to_categorical=True)
        if factors is False:
            return frame
        names = self.factors if factors is True else [self._known_factor(name) for name in factors]
        return frame.merge(self.design.drop_duplicates("point")[["point", *names]], on="point", how="left", sort=False)

    def values(self, outcome: str, year: int | None = None) -> pd.DataFrame:
        """One outcome in one year: index point, one column per replication, NaN where there is no value.

        Args:
            outcome: Name of the outcome.
            year: Calendar year; None for the last one kept, or for an outcome of the whole run.

        Raises:
            InputError: An unknown outcome or a year that was not kept.
        """
        rows = self._rows([self._known(outcome)])
        rows = rows.filter(pc.equal(rows["status"], "ok"))
        years = sorted(pc.unique(rows["year"]).to_pylist())
        chosen = year if year is not None else years[-1] if years else 0
        if years and chosen not in years:
            raise InputError(f"{outcome!r} is not kept for {chosen} (kept: {years[0]} to {years[-1]})")
        rows = rows.filter(pc.equal(rows["year"], chosen))
        frame = (
            rows.select(["point", "replication", "value"])
            .to_pandas()
            .set_index(["point", "replication"])["value"]
            .unstack("replication")
        )
        points, replications = self.design["point"].unique(), self.design["replication"].unique()
        return frame.reindex(
            index=pd.Index(sorted(points), name="point"), columns=pd.Index(sorted(replications), name="replication")
        )

    def status(self, verify: bool = False) -> SweepStatus:
        """How far the sweep has come.

        Args:
            verify: Compare every shard with its recorded hash.
        """
        statuses, reasons = self._counted()
        finished, total = sum(statuses.values()), int(self.record["runs"])
        state = "running" if is_locked(self.path) else "done" if (self.path / MANIFEST).exists() else "unfinished"
        damaged = self._damaged() if verify else []
        return SweepStatus(self.record["experiment"]["name"], state, total, finished, statuses, reasons, damaged)

    def files(self) -> list[Path]:
        """Parquet files with finished runs: complete shards, and parts of shards that are not full yet.

        A process killed after it wrote a shard leaves the shard's parts behind: they are not told a second time.
        """
        found = sorted((self.path / SHARDS).glob("*.parquet"))
        parts = sorted((self.path / PARTIAL).glob("part-*.parquet"))
        told = {run for path in found for run in _statuses(path)} if parts else set()
        for path in parts:
            runs = _statuses(path)
            if told.isdisjoint(runs):
                found.append(path)
                told.update(runs)
        return found

    def _rows(self, outcomes: Sequence[str]) -> pa.Table:
        """Rows of some outcomes, and the rows of failed runs."""
        files = self.files()
        if not files:
            return SCHEMA.empty_table()
        wanted = pc.field("outcome").isin(list(outcomes)) | (pc.field("status") != "ok")
        table = ds.dataset([str(path) for path in files], schema=SCHEMA, format="parquet").to_table(
            filter=wanted, use_threads=False
        )
        return table.replace_schema_metadata(None)

    def _refuse_gaps(self, rows: pa.Table) -> None:
        status = self.status()
        failed = status.finished - status.statuses.get("ok", 0)
        place = str(self.path)
        if status.finished < status.total:
            told = f"{status.total - status.finished} of {status.total} runs are not finished"
            raise InputError(f"{told}; resume the sweep, or use missing='drop'", file=place)
        if failed:
            reason = next(iter(status.reasons), "")
            raise InputError(f"{failed} of {status.total} runs failed ({reason}); use missing='drop' or 'report'", file=place)
        empty = rows.filter(pc.is_nan(rows["value"]))
        if len(empty):
            first = empty.slice(0, 1).to_pylist()[0]
            told = f"{len(empty)} values are missing, the first is {first['outcome']} of {first['run']}"
            raise InputError(f"{told}: nothing in the run to take it from; use missing='drop' or 'report'", file=place)

    def _counted(self) -> tuple[dict[str, int], dict[str, int]]:
        statuses: dict[str, int] = {}
        reasons: dict[str, int] = {}
        for path in self.files():
            footer = _statuses(path)
            for status in footer.values():
                statuses[status] = statuses.get(status, 0) + 1
            if any(status != "ok" for status in footer.values()):
                failed = pq.read_table(path, columns=["reason"], filters=pc.field("status") != "ok")
                for reason in failed["reason"].to_pylist():
                    reasons[reason] = reasons.get(reason, 0) + 1
        return statuses, dict(sorted(reasons.items(), key=lambda item: -item[1]))

    def _damaged(self) -> list[str]:
        noted = noted_shards(self.path)
        return [name for name, entry in noted.items() if not _is(self.path / SHARDS / name, entry["sha256"])]

    def _known(self, outcome: str) -> str:
        if outcome not in self.record["outcomes"]:
            near = allowed_names(outcome, self.outcomes)
            raise InputError(f"no outcome {outcome!r} in this sweep; {near}".rstrip("; "), file=str(self.path))
        return outcome

    def _known_factor(self, name: str) -> str:
        if name not in self.factors:
            raise InputError(f"no factor {name!r}; {allowed_names(name, self.factors)}".rstrip("; "), file=str(self.path))
        return name


def _statuses(path: Path) -> dict[str, str]:
    """Status of each run of a Parquet file of a sweep, by the run's name."""
    statuses: dict[str, str] = json.loads(pq.read_schema(path).metadata[RUNS])
    return statuses


def open_results(path: str | Path) -> Results:
    """Open the directory of a sweep, finished or not.

    Raises:
        InputError: No sweep there.
    """
    return Results(path)


def _is(path: Path, wanted: str) -> bool:
    return path.is_file() and sha256(path.read_bytes()) == wanted
