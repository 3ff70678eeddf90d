"""The schema of a scenario: every key with its type, unit, range, default and explanation.

Strict: unknown keys, wrong types, numbers that are not finite and values out of range are refused. The objects are frozen.
A new key is one new field here (of support: in ``support.py``); ``expansion-sim scenario schema`` and the JSON schema follow from it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from expansion_sim.history.drivers import LAST_ALLOWED
from expansion_sim.history.fields import HOST_FIELDS, JAPAN_FIELDS
from expansion_sim.history.overrides import HOST_LIMITS, JAPAN_LIMITS, YEN_LIMITS
from expansion_sim.scenario.support import Support
from expansion_sim.scenario.tables import FIRST_YEAR, YEAR, Host, HostSeries, JapanSeries, Table, key, wrong

SCHEMA_VERSION = 1
_YEN, _FACTOR, _SWINGS = YEN_LIMITS["yen"], YEN_LIMITS["yen_factor"], YEN_LIMITS["yen_swings"]
_FRACTIONS = {field.name for field in (*JAPAN_FIELDS, *HOST_FIELDS) if field.unit == "fraction"}


class Years(Table):
    """Years simulated, both included."""

    first: int = key(FIRST_YEAR, "first year; the initial firms are those of 1955", "year", ge=FIRST_YEAR, le=FIRST_YEAR)
    last: int = key(2024, "last year; after 2024 the drivers follow stated paths or hold", "year", **YEAR)


class Population(Table):
    """How the firms are sampled, and which of them close."""

    stratified: bool = key(True, "sample larger firms more densely, with weights, so that rare events can be counted")
    closures: Literal["recorded", "free"] = key(
        "recorded", "closures follow the recorded exit rates, or only the firms' own fate",
    )


class Span(Table):
    """A value that holds from one year to another."""

    from_: int = key(..., "first year in which it holds", "year", alias="from", **YEAR)
    to: int | None = key(None, "last year in which it holds; open when left out", "year", **YEAR)
    source: str = key("", "where the value is taken from")

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.to is not None and self.to < self.from_:
            raise wrong(f"{self.to} is before from = {self.from_}", "to")
        return self


class YenPath(Span):
    """The yen set to a value."""

    value: float = key(..., "exchange rate", "yen per US dollar", ge=_YEN[0], le=_YEN[1])


class YenFactor(Span):
    """The yen multiplied by a factor; above 1 is a weaker yen."""

    value: float = key(..., "factor on yen per US dollar", "ratio", ge=_FACTOR[0], le=_FACTOR[1])


class YenSwings(Span):
    """The yen's swings around its trend of eleven years multiplied by a factor; 0 leaves the trend, above 1 is more volatile."""

    value: float = key(..., "factor on the deviation of log yen from its trend", "ratio", ge=_SWINGS[0], le=_SWINGS[1])


class JapanPath(Span):
    """A driver of Japan set to a value."""

    series: JapanSeries = key(..., "driver of Japan")
    value: float = key(..., "value in the driver's unit", "fraction, index or factor of the series")

    @model_validator(mode="after")
    def _in_range(self) -> JapanPath:
        _check_range(self.value, self.series, JAPAN_LIMITS)
        return self


class HostPath(Span):
    """A driver of a host country set to a value."""

    host: Host = key(..., "host country")
    series: HostSeries = key(..., "driver of the host")
    value: float = key(..., "value in the driver's unit", "fraction, index or factor of the series")

    @model_validator(mode="after")
    def _in_range(self) -> HostPath:
        _check_range(self.value, self.series, HOST_LIMITS)
        return self


class DriversSpec(Table):
    """Paths in place of the record. Everything not named here is history."""

    yen_hold_from: int | None = key(None, "hold the yen at its value of this year from then on", "year", **YEAR)
    yen: Annotated[tuple[YenPath, ...], Field(strict=False)] = key((), "the yen at stated values")
    yen_swings: Annotated[tuple[YenSwings, ...], Field(strict=False)] = key((), "the yen's swings times a factor, after these")
    yen_factor: Annotated[tuple[YenFactor, ...], Field(strict=False)] = key((), "the yen times a factor, after all of these")
    japan: Annotated[tuple[JapanPath, ...], Field(strict=False)] = key((), "drivers of Japan at stated values")
    host: Annotated[tuple[HostPath, ...], Field(strict=False)] = key((), "drivers of single hosts at stated values")
    future: Literal["hold", "bootstrap"] = key(
        "hold", "after 2024: levels and trends go on, or past changes in blocks come on top",
    )

    @field_validator("yen", "yen_swings", "yen_factor", "japan", "host")
    @classmethod
    def _apart(cls, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        last: dict[tuple[str, str], tuple[int, int]] = {}
        for index in sorted(range(len(spans)), key=lambda i: spans[i].from_):
            span, target = spans[index], (getattr(spans[index], "host", ""), getattr(spans[index], "series", ""))
            if target in last and span.from_ <= last[target][1]:
                raise wrong(f"overlaps the entry from {last[target][0]}; the years of one series must be apart", index)
            last[target] = (span.from_, LAST_ALLOWED if span.to is None else span.to)
        return spans


class Mechanisms(Table):
    """Switches for counterfactuals and ablations; all mechanisms are on in history."""

    band: bool = key(True, "wait for a gain above the option value of waiting, stay on below it")
    attention: bool = key(True, "firms consider going abroad only when something makes them look")
    network: bool = key(True, "ties to large customers: orders taken along and placed abroad, invitations, pull of their hosts, their failures")
    finance: bool = key(True, "own cash and a credit line must cover the plan")
    taste: bool = key(True, "persistent taste of each firm for each mode")
    cooperatives: bool = key(True, "small firms may enter collectively")
    programmes: bool = key(True, "support programmes act")
    parents_offshore: bool = key(True, "large customers move production abroad; without it nobody can follow, and no plants of theirs buy there")
    learning: bool = key(True, "productivity grows with exports; knowledge grows in any case")
    noise: bool = key(True, "random shocks; off for comparison with closed-form limits")


class Output(Table):
    """What is kept of a run."""

    firms_years: Annotated[tuple[int, ...], Field(strict=False)] = key((), "years in which every firm is written out", "year")
    figures: bool = key(True, "draw the standard figures")
    surveys: bool = key(True, "measure the survey moments that validation compares")


class Scenario(Table):
    """One world: what is simulated, how long, with which switches."""

    schema_version: Literal[1] = key(..., "version of this schema; required in the file or in the one it extends")
    name: str = key("unnamed", "short name; the file's name when left out", min_length=1)
    title: str = key("", "one line for tables and figures")
    description: str = key("", "what it changes and what to look for")
    years: Years = key(Years(), "years simulated")
    seed: int = key(1, "base seed of all random draws", ge=0, le=2**63 - 1)
    scale: float = key(0.01, "firms simulated for each firm of the country; 1 is one to one", "share", ge=0.001, le=1.0)
    replications: int = key(1, "runs with different draws", "runs", ge=1, le=100_000)
    population: Population = key(Population(), "sampling and closures")
    drivers: DriversSpec = key(DriversSpec(), "paths in place of the record")
    parameters: dict[str, float] = key({}, "parameters of the rules by dotted name, each within its declared range")
    mechanisms: Mechanisms = key(Mechanisms(), "switches")
    support: Support = key(Support(), "public support")
    output: Output = key(Output(), "what is kept")

    @model_validator(mode="after")
    def _within_years(self) -> Scenario:
        for year in self.output.firms_years:
            if not self.years.first <= year <= self.years.last:
                allowed = f"{self.years.first} to {self.years.last}"
                raise wrong(f"{year} is outside the years simulated, {allowed}", "output", "firms_years")
        hold = self.drivers.yen_hold_from
        if hold is not None and hold > max(self.years.last, 2024):
            raise wrong(f"{hold} is after the last year, {self.years.last}", "drivers", "yen_hold_from")
        return self


def _check_range(value: float, series: str, limits: dict[str, tuple[float, float]]) -> None:
    low, high = limits[series]
    if not low <= value <= high:
        percent = " (a fraction: 0.1 is 10 percent)" if series in _FRACTIONS else ""
        raise wrong(f"{value:g} is outside {low:g} to {high:g}, the range of {series}{percent}", "value")
