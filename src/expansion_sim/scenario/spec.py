"""The schema of a scenario: every key with its type, unit, range, default and explanation.

Strict: unknown keys, wrong types, numbers that are not finite and values out of range are refused. The objects are frozen.
A new key is one new field here; ``expansion-sim scenario schema`` and the JSON schema follow from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from expansion_sim.codes import DISTRICTS, HOSTS, INDUSTRIES, MODES, SIZE_CLASSES, STAGES
from expansion_sim.history.drivers import LAST_ALLOWED
from expansion_sim.history.fields import HOST_FIELDS, JAPAN_FIELDS
from expansion_sim.history.overrides import HOST_LIMITS, JAPAN_LIMITS, YEN_LIMITS
from expansion_sim.policy.instruments import AWARDING, INSTRUMENTS

SCHEMA_VERSION = 1
FIRST_YEAR = 1955  # the population of firms is built for this year
_YEN, _FACTOR, _SWINGS = YEN_LIMITS["yen"], YEN_LIMITS["yen_factor"], YEN_LIMITS["yen_swings"]
_FRACTIONS = {field.name for field in (*JAPAN_FIELDS, *HOST_FIELDS) if field.unit == "fraction"}
_YEAR: dict[str, Any] = {"ge": FIRST_YEAR, "le": LAST_ALLOWED}

if TYPE_CHECKING:  # the vocabularies are tuples of the package, so their types exist only at run time
    Host: TypeAlias = str
    Industry: TypeAlias = str
    Mode: TypeAlias = str
    SizeClass: TypeAlias = str
    Stage: TypeAlias = str
    District: TypeAlias = str
    InstrumentName: TypeAlias = str
    JapanSeries: TypeAlias = str
    HostSeries: TypeAlias = str
else:
    Host, Industry, Mode = Literal[HOSTS], Literal[INDUSTRIES], Literal[MODES]
    SizeClass, Stage, District = Literal[SIZE_CLASSES], Literal[STAGES], Literal[DISTRICTS]
    InstrumentName = Literal[tuple(INSTRUMENTS)]
    JapanSeries, HostSeries = Literal[tuple(JAPAN_LIMITS)], Literal[tuple(HOST_LIMITS)]


def key(default: Any, text: str, unit: str = "", **limits: Any) -> Any:
    """A key of the schema.

    Args:
        default: Default value; ``...`` when the key is required.
        text: Explanation, one sentence.
        unit: Unit of measurement, empty where it has none.
        limits: Bounds as pydantic takes them (ge, le, gt, min_length, alias, ...).
    """
    return Field(default, description=text, json_schema_extra={"unit": unit} if unit else None, **limits)


def wrong(message: str, *below: str | int) -> PydanticCustomError:
    """An error of a whole table or array; ``below`` leads from there to the key that is to blame."""
    return PydanticCustomError("scenario", "{problem}", {"problem": message, "below": below})


class Table(BaseModel):
    """A table of a scenario file."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class Years(Table):
    """Years simulated, both included."""

    first: int = key(FIRST_YEAR, "first year; the initial firms are those of 1955", "year", ge=FIRST_YEAR, le=FIRST_YEAR)
    last: int = key(2024, "last year; after 2024 the drivers follow stated paths or hold", "year", **_YEAR)


class Population(Table):
    """How the firms are sampled, and which of them close."""

    stratified: bool = key(True, "sample larger firms more densely, with weights, so that rare events can be counted")
    closures: Literal["recorded", "free"] = key(
        "recorded", "closures follow the recorded exit rates, or only the firms' own fate",
    )


class Span(Table):
    """A value that holds from one year to another."""

    from_: int = key(..., "first year in which it holds", "year", alias="from", **_YEAR)
    to: int | None = key(None, "last year in which it holds; open when left out", "year", **_YEAR)
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

    yen_hold_from: int | None = key(None, "hold the yen at its value of this year from then on", "year", **_YEAR)
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


class DatedValue(Table):
    """A term of a programme that holds from a year on; with a range where it is not known exactly."""

    term: Literal["rate_percent", "rate_discount_points", "cap_million_yen", "budget_million_yen", "places_per_year"] = key(
        ..., "which term changes",
    )
    from_: int = key(..., "first year in which the value holds", "year", alias="from", ge=1900, le=LAST_ALLOWED)
    value: float = key(..., "value in the term's unit", "percent, points, million yen of 2015 or firms", ge=0.0)
    low: float | None = key(None, "lowest plausible value; with high it is the range over which experiments and --terms ranges vary it",
                            "that of the value", ge=0.0)
    high: float | None = key(None, "highest plausible value; none where the value is known exactly", "that of the value", ge=0.0)
    source: str = key("", "where value and range are taken from, or 'assumption'")

    @model_validator(mode="after")
    def _in_range(self) -> DatedValue:
        most = {"rate_percent": 100.0, "rate_discount_points": 20.0}.get(self.term, float("inf"))
        for name in ("value", "high"):
            number = getattr(self, name)
            if number is not None and number > most:
                raise wrong(f"{number:g} is above {most:g}, the most for {self.term}", name)
        if (self.low is None) != (self.high is None):
            raise wrong("low and high go together", "low" if self.high is None else "high")
        if self.low is not None and self.high is not None:
            _check_own_range(self.value, self.low, self.high)
        return self


#: Instruments that select among plans, and those whose money can be claimed back.
AWARDS = tuple(name for name, instrument in INSTRUMENTS.items() if instrument.lever in AWARDING)
MONEY = tuple(name for name, instrument in INSTRUMENTS.items() if instrument.lever == "award")


class ProgrammeSpec(Table):
    """A support programme. A name or id of a recorded programme changes that one; any other name adds a new one."""

    name: str = key(..., "name, unique in a scenario; files merge by it", min_length=1)
    id: str = key("", "short identity; empty for one given by the model")
    agency: str = key("", "body that runs it")
    instrument: InstrumentName = key(..., "what kind of support it is, which decides where it acts")
    start_year: int = key(..., "first year", "year", ge=1900, le=LAST_ALLOWED)
    end_year: int | None = key(None, "last year; open when left out", "year", ge=1900, le=LAST_ALLOWED)
    places_per_year: float | None = key(
        None, "firms supported a year (groups by a joint programme; registrations by advice); no limit when left out", "firms a year", ge=0.0,
    )
    budget_million_yen: float | None = key(None, "money for a year; no limit when left out", "million yen of 2015 a year", ge=0.0)
    rate_percent: float | None = key(None, "share of cost paid, or of relief given", "percent", ge=0.0, le=100.0)
    cap_million_yen: float | None = key(None, "most money for one firm, or for one group of a joint programme", "million yen of 2015", ge=0.0)
    own_share_percent: float | None = key(
        None, "share of the cost the firm bears however many programmes overlap; what the rate leaves when left out", "percent", ge=0.0, le=100.0,
    )
    rate_discount_points: float | None = key(None, "interest discount of a loan", "percentage points", ge=0.0, le=20.0)
    term_years: float | None = key(None, "years over which a loan is repaid in equal parts; 20 when left out", "years", ge=1.0, le=50.0)
    cover_percent: float | None = key(None, "share of the loan or claim covered", "percent", ge=0.0, le=100.0)
    members_percent: float | None = key(None, "share of firms that are members of a mutual aid scheme; all when left out", "percent",
                                        ge=0.0, le=100.0)
    agreement_help_percent: float = key(0.0, "share of the cost of using trade agreements that it takes over", "percent", ge=0.0, le=100.0)
    modes: Annotated[tuple[Mode, ...], Field(strict=False)] = key(..., "modes supported", min_length=1)
    hosts: Annotated[tuple[Host, ...], Field(strict=False)] = key((), "hosts supported; all when empty")
    industries: Annotated[tuple[Industry, ...], Field(strict=False)] = key((), "industries served; all when empty")
    districts: Annotated[tuple[District, ...], Field(strict=False)] = key((), "districts served; all when empty")
    size_classes: Annotated[tuple[SizeClass, ...], Field(strict=False)] = key((), "size classes by employees served; all when empty")
    stages: Annotated[tuple[Stage, ...], Field(strict=False)] = key((), "stages on the way abroad served; all when empty")
    local: bool = key(False, "run by a prefecture or city, which reaches few of the country's firms")
    small_only: bool = key(False, "only small firms by the Basic Act")
    groups_only: bool = key(False, "only groups of firms that apply together")
    group_size: int = key(2, "fewest members of a group that may apply to a joint programme", "firms", ge=2, le=100)
    condition_keep_home_plant: bool = key(False, "support is paid back when the home plant closes or loses its jobs within five years")
    claw_back_percent: float = key(20.0, "fall of home jobs from which support with that condition is paid back", "percent", ge=0.0, le=100.0)
    effort_million_yen: float | None = key(
        None, "cost of an application in people's time; the instrument's when left out", "million yen of 2015", ge=0.0, le=100.0,
    )
    use_cost_million_yen: float | None = key(
        None, "what serving one firm for a year costs the agency; the instrument's when left out", "million yen of 2015", ge=0.0, le=100.0,
    )
    start_month: int = key(1, "month of the first year in which it opens; places and budget of that year are cut", "month", ge=1, le=12)
    selection: Literal["first_come", "score", "lottery"] = key("score", "who gets a place when more apply than there are places")
    score_threshold: float | None = key(None, "lowest score that is served: log of gain over cost above the firm's entry threshold",
                                        "log points", ge=-10.0, le=10.0)
    value: Annotated[tuple[DatedValue, ...], Field(strict=False)] = key((), "values that hold from a year on, in place of the one above")
    source: str = key("", "where the terms are taken from")

    @model_validator(mode="after")
    def _consistent(self) -> ProgrammeSpec:
        if self.end_year is not None and self.end_year < self.start_year:
            raise wrong(f"{self.end_year} is before start_year = {self.start_year}", "end_year")
        _only_for(self, "rate_discount_points", ("loan", "joint_site_loan"))
        _only_for(self, "term_years", ("loan", "joint_site_loan"))
        _only_for(self, "cover_percent", ("loan_guarantee", "insurance"))
        _only_for(self, "members_percent", ("insurance",))
        _only_for(self, "own_share_percent", AWARDS)
        _only_for(self, "score_threshold", AWARDS)
        _only_for(self, "budget_million_yen", AWARDS)
        _only_for(self, "use_cost_million_yen", ("advice", "matching"))
        if self.condition_keep_home_plant and self.instrument not in MONEY:
            raise wrong(f"has no effect on the instrument {self.instrument} (allowed for: {', '.join(MONEY)})", "condition_keep_home_plant")
        if self.cover_percent is not None and self.rate_percent is not None:
            raise wrong("cannot be given together with rate_percent: a cover is stated once", "cover_percent")
        return self


class AgencySpec(Table):
    """Reach of a body that runs programmes: how many firms that plan hear of them."""

    name: str = key(..., "an agency of the record, or a body named by a programme of the scenario", min_length=1)
    offices: float | None = key(None, "offices at home and abroad; those of the record, else 50, when left out", "offices", ge=0.0, le=10_000.0)
    experts: float | None = key(None, "advisers on call; those of the record, else none, when left out", "experts", ge=0.0, le=100_000.0)
    source: str = key("", "where the numbers are taken from")


class Support(Table):
    """Public support: the recorded programmes, without the disabled ones, with the changed and added ones."""

    enabled: bool = key(True, "false takes all programmes away")
    from_year: int | None = key(None, "no programme before this year", "year", **_YEAR)
    disable: Annotated[tuple[str, ...], Field(strict=False)] = key((), "ids or names of recorded programmes left out, changed or not")
    programme: Annotated[tuple[ProgrammeSpec, ...], Field(strict=False)] = key((), "programmes changed or added")
    agency: Annotated[tuple[AgencySpec, ...], Field(strict=False)] = key((), "agencies whose reach is changed")

    @field_validator("programme", "agency")
    @classmethod
    def _named_once(cls, entries: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [entry.name for entry in entries]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise wrong(f"{name!r} stands twice, perhaps once by its id", index, "name")
        return entries


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


def _check_own_range(value: float, low: float, high: float) -> None:
    if low >= high:
        raise wrong(f"{low:g} is not below high = {high:g}", "low")
    if not low <= value <= high:
        raise wrong(f"{value:g} is outside its range, {low:g} to {high:g}", "value")


def _only_for(programme: ProgrammeSpec, name: str, instruments: Sequence[str]) -> None:
    if getattr(programme, name) is not None and programme.instrument not in instruments:
        raise wrong(f"has no effect on the instrument {programme.instrument} (allowed for: {', '.join(instruments)})", name)
