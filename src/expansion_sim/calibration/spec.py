"""The schema of a calibration experiment: what is estimated, from which facts, with how many runs.

Strict like the schema of scenarios; :mod:`expansion_sim.calibration.load` reads it from TOML and names the line of every error.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from expansion_sim.scenario.tables import Table, key, wrong

_LIST = Field(strict=False)


class Settings(Table):
    """How each evaluation is simulated."""

    scale: float = key(0.01, "firms simulated for each firm of the country", "share", ge=0.001, le=1.0)
    seeds: int = key(1, "runs with different draws averaged per evaluation", "runs", ge=1, le=1000)
    values: dict[str, Any] = key({}, "further keys of the scenario, such as years.last = 2024")


class FactsSpec(Table):
    """Which published facts are used. Entries of the lists are ids, or patterns of lenses such as ``JFC borrower*``."""

    include: Annotated[tuple[str, ...], _LIST] = key((), "only these; all computable ones when empty")
    exclude: Annotated[tuple[str, ...], _LIST] = key((), "not these")
    up_to: int | None = key(None, "only facts whose period ends by this year", "year")
    since: int | None = key(None, "only facts whose period begins in this year or later", "year")
    also: Annotated[tuple[str, ...], _LIST] = key((), "these in any case, such as cross-sections beside a period")
    errors_per_tolerance: float = key(2.0, "standard errors in the half-width of a tolerance", "ratio", gt=0.0, le=10.0)
    bend: float = key(
        6.0, "misses beyond this count by their logarithm, so that no single fact rules", "standard errors", gt=0.0, le=1000.0,
    )


class ParameterGroup(Table):
    """Parameters that belong together, with one kind of prior."""

    name: str = key(..., "name of the group in tables and figures", min_length=1)
    parameters: Annotated[tuple[str, ...], _LIST] = key(..., "names, or patterns such as sunk.*", min_length=1)
    transform: Literal["auto", "linear", "log"] = key("auto", "scale of the prior; auto is log where values are positive")
    low: float | None = key(None, "lower end of the prior; the declared range when left out")
    high: float | None = key(None, "upper end of the prior; the declared range when left out")
    factor: float | None = key(None, "narrows the prior to the shipped value divided and multiplied by this", "ratio", gt=1.0)

    @model_validator(mode="after")
    def _in_order(self) -> ParameterGroup:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise wrong(f"{self.high} is not above low = {self.low}", "high")
        return self


class Search(Table):
    """The search: starts, rounds, ensemble."""

    ensemble: int = key(200, "evaluations per round", "evaluations", ge=8, le=100_000)
    starts: Annotated[tuple[Literal["shipped", "prior"], ...], _LIST] = key(
        ("shipped", "prior"), "where searches begin: around the shipped values or all over the prior; may repeat", min_length=1,
    )
    spread: float = key(0.5, "spread of an ensemble around the shipped values relative to the prior's", "ratio", gt=0.0, le=1.0)
    rounds: int = key(8, "rounds of ensemble Kalman inversion", "rounds", ge=1, le=1000)
    refinements: int = key(3, "rounds of regression Gauss-Newton after them, at the best start", "rounds", ge=1, le=100)
    polish: int = key(0, "points that polish the best candidate by the number of facts within tolerance; 0 is none", "points", ge=0, le=100)
    polish_seeds: int = key(12, "runs of each of these points, on seeds common to all", "runs", ge=2, le=10_000)
    noise_seeds: int = key(12, "runs of one point that measure the luck in every fact", "runs", ge=4, le=10_000)
    final_seeds: int = key(24, "fresh runs of the estimate", "runs", ge=2, le=10_000)
    draws: int = key(400, "rows of the posterior", "rows", ge=10, le=1_000_000)
    predictive: int = key(60, "rows of the posterior that are simulated, for intervals of the facts", "runs", ge=2, le=100_000)


class Calibration(Table):
    """One calibration experiment."""

    schema_version: Literal[1] = key(..., "version of this schema")
    title: str = key("", "one line for tables and figures")
    scenario: str = key("history", "name of a shipped scenario, or path of a file", min_length=1)
    seed: int = key(1, "seed of the search; runs get seeds derived from it", ge=0, le=2**63 - 1)
    settings: Settings = key(Settings(), "how each evaluation is simulated")
    facts: FactsSpec = key(FactsSpec(), "which facts are used and how they weigh")
    search: Search = key(Search(), "starts, rounds, ensemble")
    group: Annotated[tuple[ParameterGroup, ...], _LIST] = key(..., "parameters to estimate", min_length=1)
