"""Declarations of the data: what each series is, where it comes from and which years it must cover."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from expansion_sim.errors import InputError


class SeriesMeta(NamedTuple):
    """Declaration of one yearly series.

    Attributes:
        name: Column name in the data file.
        table: ``japan`` or ``hosts``.
        unit: Unit of measurement.
        source: Publisher and series.
        licence: Terms under which the numbers are used.
        first_year: First declared year.
        last_year: Last declared year.
        gaps: Declared gaps, (first, last) inclusive.
        splices: Where two sources are joined, and how.
        filling: How missing years were filled.
        quality: Per place, (first, last, words) for each range of years.
    """

    name: str
    table: str
    unit: str
    source: str
    licence: str
    first_year: int
    last_year: int
    gaps: tuple[tuple[int, int], ...]
    splices: tuple[str, ...]
    filling: str
    quality: Mapping[str, tuple[tuple[int, int, str], ...]]

    def years(self) -> list[int]:
        """Years in which the series must have a value."""
        return [y for y in range(self.first_year, self.last_year + 1) if not any(a <= y <= b for a, b in self.gaps)]

    def quality_of(self, year: int, place: str = "JPN") -> str:
        """How the value of a year came about: retrieved, derived, interpolated or assumption, with the rule.

        Args:
            year: Calendar year.
            place: ``JPN`` or a host code.

        Raises:
            InputError: The year is not covered for that place.
        """
        for first, last, words in self.quality.get(place, ()):
            if first <= year <= last:
                return words
        raise InputError(f"no value of {self.name} for {place} in {year}", file="series.toml", key=f"{self.table}.{self.name}")


class PopulationMeta(NamedTuple):
    """Declaration of one series of firm counts, sizes or rates in sme_population.csv.

    Attributes:
        name: Name in the column ``series``.
        unit: Unit of measurement.
        first_year: First year with a row.
        last_year: Last year with a row.
        every_year: Whether each year between must have a row.
        rows: Number of rows over years, industries and size classes.
    """

    name: str
    unit: str
    first_year: int
    last_year: int
    every_year: bool
    rows: int


class TableMeta(NamedTuple):
    """Declaration of a table that is no yearly series: number of rows and columns that may not be blank."""

    rows: int
    filled: tuple[str, ...]


class Declarations(NamedTuple):
    """Everything series.toml says."""

    japan: dict[str, SeriesMeta]
    hosts: dict[str, SeriesMeta]
    population: dict[str, PopulationMeta]
    tables: dict[str, TableMeta]


def read_declarations(path: Path) -> Declarations:
    """Read series.toml.

    Args:
        path: The declaration file.

    Raises:
        InputError: The file is missing, no TOML, or a declaration lacks a key.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return Declarations(
            {name: _series(name, "japan", entry) for name, entry in raw["japan"].items()},
            {name: _series(name, "hosts", entry) for name, entry in raw["hosts"].items()},
            {name: PopulationMeta(name, **entry) for name, entry in raw["population"].items()},
            {name: TableMeta(entry["rows"], tuple(entry["filled"])) for name, entry in raw["tables"].items()},
        )
    except OSError as error:
        raise InputError(f"cannot read the declarations: {error.strerror}", file=str(path)) from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"bad declaration: {error}", file=str(path)) from error


def _series(name: str, table: str, entry: dict[str, Any]) -> SeriesMeta:
    quality = {place: tuple(_quality_range(text) for text in ranges) for place, ranges in entry["quality"].items()}
    gaps = tuple((int(first), int(last)) for first, last in entry["gaps"])
    return SeriesMeta(name, table, entry["unit"], entry["source"], entry["licence"], entry["first_year"], entry["last_year"],
                      gaps, tuple(entry["splices"]), entry["filling"], quality)


def _quality_range(text: str) -> tuple[int, int, str]:
    years, _, words = text.partition(" ")
    first, _, last = years.partition("-")
    return int(first), int(last), words


def nearest(name: str, allowed: list[str]) -> str:
    """End of an error message: the nearest allowed name when there is one, else all of them."""
    close = get_close_matches(name, allowed, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else "allowed: " + ", ".join(allowed)
