"""The part of the schema that states public support: programmes, agencies, and terms of whole instruments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from expansion_sim.history.drivers import LAST_ALLOWED
from expansion_sim.policy.instruments import AWARDING, GROUP_LEVERS, INSTRUMENTS, SERVING, USUAL_KEYS, keys_of
from expansion_sim.scenario.tables import YEAR, District, Host, Industry, InstrumentName, Mode, SizeClass, Stage, Table, key, wrong


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
JOINT = tuple(name for name, instrument in INSTRUMENTS.items() if instrument.lever in GROUP_LEVERS)
SERVICES = tuple(name for name, instrument in INSTRUMENTS.items() if instrument.lever in SERVING)
LOANS = ("loan", "joint_site_loan")
#: Key of a programme -> instruments on which it acts; a key that is not named acts on all.
ACTS_ON: dict[str, tuple[str, ...]] = {
    "rate_percent": tuple(name for name in INSTRUMENTS if name not in SERVICES), "rate_discount_points": LOANS, "term_years": LOANS,
    "cover_percent": ("loan_guarantee", "insurance"), "members_percent": ("insurance",), "own_share_percent": AWARDS,
    "score_threshold": AWARDS, "budget_million_yen": AWARDS, "cap_million_yen": AWARDS, "places_per_year": (*AWARDS, "advice"),
    "effort_million_yen": AWARDS, "use_cost_million_yen": SERVICES,
}


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
    rate_percent: float | None = key(None, "share of cost paid, or of relief given; the instrument's when left out", "percent", ge=0.0, le=100.0)
    cap_million_yen: float | None = key(None, "most money for one firm, or for one group of a joint programme", "million yen of 2015", ge=0.0)
    own_share_percent: float | None = key(
        None, "share of the cost the firm bears however many programmes overlap; what the rate leaves when left out", "percent", ge=0.0, le=100.0,
    )
    rate_discount_points: float | None = key(
        None, "interest discount of a loan; the instrument's when left out", "percentage points", ge=0.0, le=20.0,
    )
    term_years: float | None = key(None, "years over which a loan is repaid in equal parts; the instrument's when left out", "years", ge=1.0, le=50.0)
    cover_percent: float | None = key(None, "share of the loan or claim covered; the instrument's when left out", "percent", ge=0.0, le=100.0)
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
        for name, instruments in ACTS_ON.items():
            _only_for(self, name, instruments)
        if self.condition_keep_home_plant and self.instrument not in MONEY:
            raise wrong(f"has no effect on the instrument {self.instrument} (allowed for: {', '.join(MONEY)})", "condition_keep_home_plant")
        if self.cover_percent is not None and self.rate_percent is not None:
            raise wrong("cannot be given together with rate_percent: a cover is stated once", "cover_percent")
        if self.group_size != ProgrammeSpec.model_fields["group_size"].default and self.instrument not in JOINT:
            raise wrong(f"has no effect on the instrument {self.instrument} (allowed for: {', '.join(JOINT)})", "group_size")
        for place, entry in enumerate(self.value):
            if self.instrument not in ACTS_ON.get(entry.term, (self.instrument,)):
                allowed = ", ".join(ACTS_ON[entry.term])
                raise wrong(f"{entry.term!r} has no effect on the instrument {self.instrument} (allowed for: {allowed})", "value", place, "term")
        return self


class AgencySpec(Table):
    """Reach of a body that runs programmes: how many firms that plan hear of them."""

    name: str = key(..., "an agency of the record, or a body named by a programme of the scenario", min_length=1)
    offices: float | None = key(None, "offices at home and abroad; those of the record, else 50, when left out", "offices", ge=0.0, le=10_000.0)
    experts: float | None = key(None, "advisers on call; those of the record, else none, when left out", "experts", ge=0.0, le=100_000.0)
    source: str = key("", "where the numbers are taken from")

    @model_validator(mode="after")
    def _says_something(self) -> AgencySpec:
        if self.offices is None and self.experts is None:
            raise wrong("this table changes nothing: it states neither offices nor experts", "name")
        return self


class InstrumentSpec(Table):
    """Terms of an instrument, which act on its programmes as far as they state none themselves."""

    name: InstrumentName = key(..., "an instrument")
    strength: float | None = key(None, "share of cost, of need, of cover or of relief where a programme states no rate; for advice, matching and "
                                 "insurance what one national programme does at full reach, whatever its rate", "share", ge=0.0, le=1.0)
    effort_million_yen: float | None = key(None, "cost of an application in people's time", "million yen of 2015", ge=0.0, le=100.0)
    use_cost_million_yen: float | None = key(
        None, "what serving one firm for a year costs the agency", "million yen of 2015", ge=0.0, le=100.0,
    )
    rate_discount_points: float | None = key(None, "interest discount of a loan", "percentage points", ge=0.0, le=20.0)
    term_years: float | None = key(None, "years over which a loan is repaid in equal parts", "years", ge=1.0, le=50.0)
    receivables_cover_percent: float | None = key(None, "share of an insured export claim that is covered", "percent", ge=0.0, le=100.0)
    mutual_cover_percent: float | None = key(None, "share of a bad debt that mutual aid lends its members", "percent", ge=0.0, le=100.0)
    source: str = key("", "where the numbers are taken from")

    @model_validator(mode="after")
    def _of_the_instrument(self) -> InstrumentSpec:
        for name in USUAL_KEYS:
            if getattr(self, name) is not None and name not in keys_of(self.name):
                raise wrong(f"has no effect on the instrument {self.name} (allowed for it: {', '.join(keys_of(self.name))})", name)
        if all(getattr(self, name) is None for name in USUAL_KEYS):
            raise wrong(f"this table changes nothing: it states no term of the instrument ({', '.join(keys_of(self.name))})", "name")
        return self


class LocalSpec(Table):
    """Programmes of prefectures and cities."""

    reach_percent: float | None = key(
        None, "share of the country's firms that one of them reaches; that of the record when left out", "percent", ge=0.0, le=100.0,
    )


class Support(Table):
    """Public support: the recorded programmes, without the disabled ones, with the changed and added ones."""

    enabled: bool = key(True, "false takes all programmes away")
    from_year: int | None = key(None, "no programme before this year", "year", **YEAR)
    disable: Annotated[tuple[str, ...], Field(strict=False)] = key((), "ids or names of recorded programmes left out, changed or not")
    programme: Annotated[tuple[ProgrammeSpec, ...], Field(strict=False)] = key((), "programmes changed or added")
    agency: Annotated[tuple[AgencySpec, ...], Field(strict=False)] = key((), "agencies whose reach is changed")
    instrument: Annotated[tuple[InstrumentSpec, ...], Field(strict=False)] = key(
        (), "instruments whose terms are changed; those of the record when left out",
    )
    local: LocalSpec = key(LocalSpec(), "programmes of prefectures and cities")

    @field_validator("programme", "agency", "instrument")
    @classmethod
    def _named_once(cls, entries: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [entry.name for entry in entries]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise wrong(f"{name!r} stands twice, perhaps once by its id", index, "name")
        return entries


def _check_own_range(value: float, low: float, high: float) -> None:
    if low >= high:
        raise wrong(f"{low:g} is not below high = {high:g}", "low")
    if not low <= value <= high:
        raise wrong(f"{value:g} is outside its range, {low:g} to {high:g}", "value")


def _only_for(programme: ProgrammeSpec, name: str, instruments: Sequence[str]) -> None:
    if getattr(programme, name) is not None and programme.instrument not in instruments:
        raise wrong(f"has no effect on the instrument {programme.instrument} (allowed for: {', '.join(instruments)})", name)
