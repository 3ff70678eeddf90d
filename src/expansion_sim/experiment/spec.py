"""The schema of an experiment file: every key with its type, unit, range, default and explanation.

Strict like the schema of scenarios: unknown keys, wrong types, numbers that are not finite and values out of range are refused.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from expansion_sim.scenario.tables import FIRST_YEAR, Table, wrong
from expansion_sim.scenario.tables import key as entry

SCHEMA_VERSION = 1
#: Key of a factor that chooses whole scenarios, and the name of the factor that changes nothing.
SCENARIO, DUMMY = "scenario", "dummy"
#: Columns of design.parquet that no factor may be called.
RESERVED = ("run", "point", "replication", "seed", "block", "paired_with", "outcome", "year", "value", "status", "reason")
#: Designs that sample ranges; the others take values or points.
SAMPLED = ("latin_hypercube", "sobol", "morris", "saltelli")

#: Keys of a scenario that an experiment has its own of: every run gets a seed of its own, see ``Experiment.seed``.
OF_THE_EXPERIMENT = ("seed", "replications")

Texts = Annotated[tuple[str, ...], Field(strict=False)]


class Factor(Table):
    """One thing that differs between points: a key of the scenario, several that move together, or whole scenarios."""

    key: Texts = entry(
        ...,
        "dotted key of the scenario, an array of keys that move together, 'scenario' for whole scenarios, or a "
        "pattern such as 'parameters.*' or 'support.*' for one factor per parameter or assumed term of support",
        min_length=1,
    )
    name: str = entry("", "name of the factor's column; the (first) key when left out")
    values: Annotated[tuple[Any, ...], Field(strict=False)] = entry(
        (),
        "values it takes; with several keys an array gives each key its own",
    )
    labels: Texts = entry((), "names of the values in tables and figures; the values themselves when left out")
    low: float | None = entry(None, "lower end of the range; the declared one of a parameter or assumed term when left out")
    high: float | None = entry(None, "upper end of the range; the declared one of a parameter or assumed term when left out")
    transform: Literal["linear", "log"] = entry("linear", "how the range is filled: evenly in the value or in its logarithm")
    without: Texts = entry((), "keys that a pattern leaves out")

    @model_validator(mode="after")
    def _consistent(self) -> Factor:
        if self.values and (self.low is not None or self.high is not None):
            raise wrong("takes either values or low and high, not both", "values")
        if self.labels and len(self.labels) != len(self.values):
            raise wrong(f"{len(self.labels)} labels for {len(self.values)} values", "labels")
        for index, value in enumerate(self.values):
            if value in self.values[:index] and type(value) is type(self.values[self.values.index(value)]):
                raise wrong(f"{value!r} stands twice", "values", index)
        for index, label in enumerate(self.labels):
            if label in self.labels[:index]:
                raise wrong(f"{label!r} names two values", "labels", index)
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise wrong(f"{self.low:g} is not below high = {self.high:g}", "low")
        if self.transform == "log" and self.low is not None and self.low <= 0.0:
            raise wrong(f"{self.low:g} has no logarithm; a log range starts above 0", "low")
        if self.column in RESERVED:
            raise wrong(f"{self.column!r} is a column of every design; give the factor another name", "name")
        return self

    @property
    def column(self) -> str:
        """Name of the factor's column in ``design.parquet``."""
        return self.name or self.key[0]


class Design(Table):
    """Which points are run."""

    kind: Literal["grid", "list", "latin_hypercube", "sobol", "morris", "saltelli"] = entry(
        ...,
        "every combination of values, stated points, samples of ranges, or samples for sensitivity indices",
    )
    samples: int = entry(
        64, "points of a latin hypercube or Sobol' sequence, base samples of a Saltelli design", "points", ge=1, le=2**20
    )
    trajectories: int = entry(10, "trajectories of a Morris design", "trajectories", ge=2, le=100_000)
    levels: int = entry(4, "levels of a Morris design, even", "levels", ge=2, le=64)
    seed: int | None = entry(None, "seed of the sampling; that of the experiment when left out", ge=0, le=2**63 - 1)
    calc_second_order: bool = entry(False, "sample for second-order Sobol indices as well, at twice the runs")
    dummy: bool = entry(True, "add an inert factor to Morris and Saltelli designs: what it scores is noise")
    draws: Literal["auto", "common", "block", "own"] = entry(
        "auto",
        "whose random draws a point uses: those of all points, of its block, or its own; auto takes common for grid and list "
        "and wherever one base world is paired, block for Morris and Saltelli, own otherwise",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Design:
        if self.levels % 2:
            raise wrong(f"{self.levels} is odd; Morris designs need an even number of levels", "levels")
        if self.kind in ("morris", "saltelli") and self.draws == "own":
            raise wrong("indices need the draws of a block in common; take 'block' or 'common', or leave it out", "draws")
        if self.kind in ("sobol", "saltelli") and self.samples & (self.samples - 1):
            raise wrong(f"{self.samples} is no power of 2, which Sobol' sequences need to be balanced", "samples")
        return self


class Pairing(Table):
    """A base world that runs with the same draws, so that effects are differences of pairs."""

    base: dict[str, Any] = entry(
        ..., "dotted keys of the base world on top of scenario and settings; empty for the scenario as it is"
    )
    each: bool = entry(
        False, "true: every point has a twin of its own, the point with the base's keys on top; false: one base for all"
    )


class OutcomeSpec(Table):
    """An outcome with years of its own."""

    name: str = entry(..., "outcome such as 'yearly:abroad'", min_length=1)
    years: Annotated[tuple[int, ...], Field(strict=False)] = entry((), "years kept; all when empty", "year")


class Experiment(Table):
    """What is varied, how, how often, and what is kept."""

    schema_version: Literal[1] = entry(..., "version of this schema")
    name: str = entry("unnamed", "short name; the file's name when left out", min_length=1)
    title: str = entry("", "one line for tables and figures")
    description: str = entry("", "what it asks and what to look for")
    scenario: str = entry("history", "name or path of the scenario that is varied", min_length=1)
    settings: dict[str, Any] = entry({}, "dotted keys of the scenario fixed for all runs")
    factor: Annotated[tuple[Factor, ...], Field(strict=False)] = entry((), "what differs between points")
    design: Design = entry(..., "which points are run")
    point: Annotated[tuple[dict[str, Any], ...], Field(strict=False)] = entry(
        (), "points of a list design, dotted keys each; 'label' names one"
    )
    replications: int = entry(1, "runs per point with different draws", "runs", ge=1, le=100_000)
    seed: int = entry(1, "seed of the experiment, from which the seeds of all runs are derived", ge=0, le=2**63 - 1)
    pairing: Pairing | None = entry(None, "base world that every point is compared with")
    outcomes: Texts = entry((), "what is kept of every run, such as 'yearly:abroad' or 'fact:T043'")
    outcome: Annotated[tuple[OutcomeSpec, ...], Field(strict=False)] = entry((), "outcomes with years of their own")
    years: Annotated[tuple[int, ...], Field(strict=False)] = entry((), "years kept of yearly outcomes; all when empty", "year")
    model: str = entry("", "class of the model as 'module:Class'; the package's own when left out")

    @field_validator("years")
    @classmethod
    def _real_years(cls, years: tuple[int, ...]) -> tuple[int, ...]:
        for index, year in enumerate(years):
            if not FIRST_YEAR <= year <= 2100:
                raise wrong(f"{year} is out of range (allowed {FIRST_YEAR} to 2100 year)", index)
        return years

    @model_validator(mode="after")
    def _consistent(self) -> Experiment:
        kind = self.design.kind
        if not self.outcomes and not self.outcome:
            raise wrong("an experiment without outcomes keeps nothing; name some, such as 'yearly:abroad'", "outcomes")
        if kind == "list" and not self.point:
            raise wrong("a list design needs [[point]] tables", "design", "kind")
        if kind != "list" and self.point:
            raise wrong(f"points belong to a list design, not to {kind!r}", "point")
        if kind == "list" and self.factor:
            raise wrong("a list design takes its factors from the keys of its points", "factor")
        if kind != "list" and not self.factor:
            raise wrong(f"a {kind} design needs [[factor]] tables", "design", "kind")
        for index, factor in enumerate(self.factor):
            if kind == "grid" and not factor.values:
                raise wrong("a grid takes values, not a range", "factor", index, "values")
        self._keys_of_its_own()
        labels = [point.get("label") for point in self.point]
        for index, label in enumerate(labels):
            if label is not None and label in labels[:index]:
                raise wrong(f"{label!r} names two points", "point", index, "label")
        return self

    def _keys_of_its_own(self) -> None:
        """Refuse keys of the scenario that act on nothing here."""
        tables: list[tuple[Any, tuple[str | int, ...]]] = [(self.settings, ("settings",))]
        tables += [(point, ("point", index)) for index, point in enumerate(self.point)]
        tables += [(dict.fromkeys(factor.key), ("factor", index)) for index, factor in enumerate(self.factor)]
        tables += [] if self.pairing is None else [(self.pairing.base, ("pairing", "base"))]
        for table, path in tables:
            for name in OF_THE_EXPERIMENT:
                if name in table:
                    below = (*path, "key", 0) if path[0] == "factor" else (*path, name)
                    raise wrong(f"has no effect here: {name} is a key of the experiment itself, outside [{path[0]}]", *below)
