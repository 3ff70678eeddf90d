"""Reading a sweep: one tidy table over all runs, the design, and how far it has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.experiment.lock import is_locked
from expansion_sim.experiment.shards import SCHEMA
from expansion_sim.experiment.spec import Experiment
from expansion_sim.experiment.store import MANIFEST, read_record
from expansion_sim.experiment.stored import Damaged, check_record, design_of, steadily, stored_files, strangers

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
        damaged: Files whose content is not what was written; their runs are not finished.
        strangers: Files among the shards that no record of the sweep knows; they are not read.
    """

    name: str
    state: str
    total: int
    finished: int
    statuses: dict[str, int]
    reasons: dict[str, int]
    damaged: list[str]
    strangers: list[str]


class Results:
    """A sweep's directory, read on demand.

    Args:
        path: The directory.

    Attributes:
        path: The directory.
        record: Content of ``sweep.json``.

    Raises:
        InputError: No sweep there, or its record is damaged.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()
        self.record = read_record(self.path)
        check_record(self.path)

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment with all defaults."""
        return Experiment.model_validate(self.record["experiment"])

    @cached_property
    def design(self) -> pd.DataFrame:
        """One row per run: run, point, replication, seed, block, paired_with, then one column per factor."""
        return design_of(self.path).to_pandas()

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
            InputError: An unknown outcome or factor, missing runs with ``missing="raise"``, or a damaged file.
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
            InputError: An unknown outcome, a year that was not kept, or a damaged file.
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
            verify: Compare every file with its recorded hash; otherwise only those that cannot be read at all count as damaged.
        """
        statuses, reasons, damaged = steadily(lambda: self._counted(verify))
        finished, total = sum(statuses.values()), int(self.record["runs"])
        whole = (self.path / MANIFEST).exists() and not damaged
        state = "running" if is_locked(self.path) else "done" if whole else "unfinished"
        unknown = [] if state == "running" else strangers(self.path)  # a running sweep writes a shard before it notes it
        return SweepStatus(self.record["experiment"]["name"], state, total, finished, statuses, reasons, damaged, unknown)

    def files(self) -> list[Path]:
        """Parquet files with finished runs: complete shards, and parts of shards that are not full yet.

        Only files that the sweep noted are told, and none whose runs another one holds.
        """
        return [file.path for file in steadily(lambda: stored_files(self.path))]

    def _rows(self, outcomes: Sequence[str]) -> pa.Table:
        """Rows of some outcomes, and the rows of failed runs."""
        found = steadily(lambda: [file.rows(outcomes) for file in stored_files(self.path)])
        return pa.concat_tables(found) if found else SCHEMA.empty_table()

    def _refuse_gaps(self, rows: pa.Table) -> None:
        status = self.status()
        failed = status.finished - status.statuses.get("ok", 0)
        place = str(self.path)
        if status.finished < status.total:
            told = f"{status.total - status.finished} of {status.total} runs are not finished"
            raise InputError(f"{told}; finish them with `expansion-sim resume {place}`, or use missing='drop'", file=place)
        if failed:
            told = f"{failed} of {status.total} runs failed ({next(iter(status.reasons), '')})"
            again = f"run them again with `expansion-sim resume {place} --retry-failed`"
            raise InputError(f"{told}; {again}, or use missing='drop' or 'report'", file=place)
        empty = rows.filter(pc.is_nan(rows["value"]))
        if len(empty):
            first = empty.slice(0, 1).to_pylist()[0]
            told = f"{len(empty)} values are missing, the first is {first['outcome']} of {first['run']}"
            raise InputError(f"{told}: nothing in the run to take it from; use missing='drop' or 'report'", file=place)

    def _counted(self, verify: bool) -> tuple[dict[str, int], dict[str, int], list[str]]:
        """Finished runs by status, failed ones by reason, and damaged files by name."""
        statuses: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        damaged: list[str] = []
        try:
            files = stored_files(self.path)
        except Damaged as error:
            if error.replaced:
                raise
            return {}, {}, [error.name]
        for file in files:
            try:
                found = file.statuses(verify)
                told = file.reasons() if any(status != "ok" for status in found.values()) else []
            except Damaged as error:
                if error.replaced:
                    raise
                damaged.append(error.name)
            else:
                statuses.update(found.values())
                reasons.update(told)
        return dict(statuses), dict(reasons.most_common()), damaged

    def _known(self, outcome: str) -> str:
        if outcome not in self.record["outcomes"]:
            near = allowed_names(outcome, self.outcomes)
            raise InputError(f"no outcome {outcome!r} in this sweep; {near}".rstrip("; "), file=str(self.path))
        return outcome

    def _known_factor(self, name: str) -> str:
        if name not in self.factors:
            raise InputError(f"no factor {name!r}; {allowed_names(name, self.factors)}".rstrip("; "), file=str(self.path))
        return name


def open_results(path: str | Path) -> Results:
    """Open the directory of a sweep, finished or not.

    Raises:
        InputError: No sweep there.
    """
    return Results(path)
