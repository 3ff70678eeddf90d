"""The file of stated terms: what the record of programmes leaves open, number by number with its range and its source."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.policy.instruments import INSTRUMENTS, USUAL_KEYS, Usual, keys_of
from expansion_sim.toml_lines import Path, key_lines

#: Key of a scenario file -> attribute, for numbers written in percent or percentage points.
PERCENT = {
    "rate_percent": "rate", "cover_percent": "rate", "rate_discount_points": "discount", "own_share_percent": "own_share",
    "claw_back_percent": "claw_back", "agreement_help_percent": "agreement_help", "members_percent": "members",
}
#: Likewise for what is taken as it stands.
PLAIN = {
    "cap_million_yen": "cap", "places_per_year": "places", "budget_million_yen": "budget", "selection": "selection",
    "term_years": "term", "score_threshold": "threshold", "group_size": "group_size", "effort_million_yen": "effort",
    "use_cost_million_yen": "use_cost",
    "start_month": "start_month", "condition_keep_home_plant": "keep_home_plant", "small_only": "small_only", "local": "local",
    "groups_only": "groups_only", "agency": "agency", "instrument": "instrument", "name": "name", "start_year": "start",
    "end_year": "end",
}
#: Keys of the file whose values are codes, names or switches; all other terms are numbers with a source.
IN_WORDS = (
    "agency", "instrument", "name", "selection", "condition_keep_home_plant", "small_only", "local", "groups_only", "modes", "hosts",
    "industries", "size_classes", "stages", "districts",
)
NUMBERS = tuple(key for key in (*PERCENT, *PLAIN) if key not in IN_WORDS)
FILE = "terms.toml"
#: First word of the source of a number that nobody has published.
ASSUMPTION = "assumption"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Term(NamedTuple):
    """One number.

    Attributes:
        key: Key by which a scenario sets it, such as ``support.programme.P07.places_per_year``.
        value: Value in the key's unit.
        low, high: Range of plausible values; None where the value is published as it stands.
        source: Where it is taken from, or ``assumption``.
        place: ``file:line``.
    """

    key: str
    value: float
    low: float | None
    high: float | None
    source: str
    place: str

    @property
    def ranged(self) -> bool:
        """Whether it has a range to be varied over."""
        return self.low is not None

    @property
    def bounds(self) -> tuple[float, float]:
        """The range; the value itself where there is none."""
        return (self.value, self.value) if self.low is None or self.high is None else (self.low, self.high)

    @property
    def told(self) -> str:
        """Range and source in words."""
        return (f"{self.low:g} to {self.high:g}, " if self.ranged else "") + (self.source or "no source")


class Agency(NamedTuple):
    """Reach of one body: the words by which the record names it, its offices and its experts."""

    name: str
    words: tuple[str, ...]
    offices: float
    experts: float


class StatedTerms(NamedTuple):
    """The whole file.

    Attributes:
        agencies: Bodies in file order.
        programmes: Id of the record -> keys of ``[[support.programme]]`` with plain values.
        numbers: Key of a scenario -> the number with its range and source.
        usual: Instrument -> terms of a programme that states none.
    """

    agencies: tuple[Agency, ...]
    programmes: dict[str, dict[str, Any]]
    numbers: dict[str, Term]
    usual: dict[str, Usual]


@cache
def stated_terms() -> StatedTerms:
    """``terms.toml``: reach of the agencies, terms of programmes that the record leaves open, and those of instruments."""
    from expansion_sim.history import load_history

    text = resources.files("expansion_sim.policy").joinpath(FILE).read_text(encoding="utf-8")
    return read_terms(text, load_history().programmes["id"])


def read_terms(text: str, ids: Iterable[str], file: str = FILE) -> StatedTerms:
    """Read and check a file of terms.

    Args:
        text: The file.
        ids: Ids of the recorded programmes.
        file: Its name, for messages.

    Raises:
        InputError: No valid TOML, an unknown key, instrument or programme, a number without a source, an assumption without a range, or a
            value outside its range.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is no valid TOML: {error}", file=file) from None
    reader = _Reader(file, key_lines(text))
    reader.only(document, ("agency", "instrument", "local", "programme"), ())
    agencies = tuple(reader.agency(entry, index) for index, entry in enumerate(document.get("agency", [])))
    usual = reader.usual(document.get("instrument", {}), document.get("local", {}))
    programmes = document.get("programme", {})
    reader.only(programmes, list(ids), ("programme",), "no recorded programme")
    plain = {name: reader.programme(name, entry) for name, entry in programmes.items()}
    return StatedTerms(agencies, plain, reader.numbers, usual)


def fraction(value: float) -> float:
    """Percent, or points, as a fraction: 0.9 gives the same number as writing 0.009."""
    return round(value / 100.0, 12)


def usual_value(key: str, value: float) -> float:
    """A number of ``[[support.instrument]]`` or ``[support.local]`` as :class:`Usual` has it."""
    return fraction(value) if key.endswith(("_percent", "_points")) else float(value)


def dotted(*parts: str | int) -> str:
    """A dotted key, with quotes around parts that need them."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in map(str, parts))


class _Reader:
    """Checks tables of one file and collects its numbers."""

    def __init__(self, file: str, lines: Mapping[Path, int]) -> None:
        self.file, self.lines = file, lines
        self.numbers: dict[str, Term] = {}

    def agency(self, entry: dict[str, Any], index: int) -> Agency:
        path = ("agency", index)
        self.only(entry, ("name", "words", "offices", "experts"), path)
        self.need(entry, ("name", "words", "offices"), path)
        reach = [self.number(entry[key], (*path, key), ("support", "agency", entry["name"], key)) if key in entry else 0.0
                 for key in ("offices", "experts")]
        return Agency(entry["name"], tuple(entry["words"]), *reach)

    def usual(self, instruments: dict[str, Any], local: dict[str, Any]) -> dict[str, Usual]:
        """Terms of programmes that state none, by instrument; every instrument that is named gives all that it has."""
        self.only(instruments, INSTRUMENTS, ("instrument",), "unknown instrument")
        self.only(local, ("reach_percent",), ("local",))
        reach = [usual_value(key, self.number(value, ("local", key), ("support", "local", key))) for key, value in local.items()]
        return {name: Usual(reach=sum(reach), **self.instrument(name, entry)) for name, entry in instruments.items()}

    def instrument(self, name: str, entry: dict[str, Any]) -> dict[str, float]:
        path = ("instrument", name)
        self.only(entry, keys_of(name), path)
        self.need(entry, keys_of(name), path)
        return {USUAL_KEYS[key]: usual_value(key, self.number(entry[key], (*path, key), ("support", *path, key))) for key in keys_of(name)}

    def programme(self, name: str, entry: dict[str, Any]) -> dict[str, Any]:
        path, found = ("programme", name), dict[str, Any]()
        self.only(entry, (*IN_WORDS, *NUMBERS, "value"), path)
        for key, value in entry.items():
            here, named = (*path, key), ("support", *path, key)
            if key == "value":
                found[key] = [self.dated(part, (*here, index), (*named, index)) for index, part in enumerate(value)]
            else:
                found[key] = value if key in IN_WORDS else self.number(value, here, named)
        return found

    def dated(self, entry: dict[str, Any], path: Path, named: Path) -> dict[str, Any]:
        """A value that holds from a year on: its own table of term, year, value, range and source."""
        self.need(entry, ("term", "from"), path)
        number = {key: part for key, part in entry.items() if key not in ("term", "from")}
        self.number(number, path, (*named, "value"))
        return entry

    def number(self, table: Any, path: Path, named: Path) -> float:
        """Check one number and keep it; returns its value."""
        if not isinstance(table, dict):
            raise self.wrong(path, "a number is written { value = .., source = \"..\" }, with low and high where it is not known exactly")
        self.only(table, ("value", "low", "high", "source"), path)
        self.need(table, ("value", "source"), path)
        if ("low" in table) != ("high" in table):
            raise self.wrong(path, "low and high go together")
        self._check_numbers(table, path)
        if not str(table["source"]).strip():
            raise self.wrong((*path, "source"), f"must say where the number is taken from, or {ASSUMPTION!r}")
        if str(table["source"]).startswith(ASSUMPTION) and "low" not in table:
            raise self.wrong(path, "an assumption needs a range: low and high")
        place = f"{self.file}:{self.lines.get(path, 1)}"
        key = dotted(*named)
        self.numbers[key] = Term(key, table["value"], table.get("low"), table.get("high"), table["source"], place)
        value: float = table["value"]
        return value

    def _check_numbers(self, table: dict[str, Any], path: Path) -> None:
        numbers = {key: table[key] for key in ("value", "low", "high") if key in table}
        for key, value in numbers.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
                raise self.wrong((*path, key), f"must be a finite number, not {value!r}")
        if "low" in numbers and not numbers["low"] < numbers["high"]:
            raise self.wrong((*path, "low"), f"{numbers['low']:g} is not below high = {numbers['high']:g}")
        if "low" in numbers and not numbers["low"] <= numbers["value"] <= numbers["high"]:
            raise self.wrong((*path, "value"), f"{numbers['value']:g} is outside its range, {numbers['low']:g} to {numbers['high']:g}")

    def only(self, table: Mapping[str, Any], known: Iterable[str], path: Path, what: str = "unknown key") -> None:
        """Refuse keys that are not known."""
        known = list(known)
        for key in table:
            if key not in known:
                raise self.wrong((*path, key), f"{what}; {allowed_names(key, known)}".rstrip("; "))

    def need(self, table: Mapping[str, Any], needed: Iterable[str], path: Path) -> None:
        """Refuse a table that lacks a key."""
        for key in needed:
            if key not in table:
                raise self.wrong((*path, key), "this key is required")

    def wrong(self, path: Path, message: str) -> InputError:
        """An error at the line of a key, or of the innermost table around it."""
        line = next((self.lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in self.lines), None)
        return InputError(message, file=self.file, line=line, key=dotted(*path) or None)
