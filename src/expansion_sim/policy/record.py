"""The programmes of a scenario: the record of history with our terms, what a scenario takes away, changes and adds."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pandas as pd

from expansion_sim.codes import (
    CLUSTER,
    CONTRACT,
    DIRECT,
    DISTRICTS,
    ECOMMERCE,
    FDI,
    HOME,
    HOSTS,
    INDIRECT,
    INDUSTRIES,
    MODES,
    SIZE_CLASSES,
    STAGES,
)
from expansion_sim.errors import InputError
from expansion_sim.history import load_history
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.terms import PERCENT, PLAIN, fraction, stated_terms
from expansion_sim.policy.usual import with_usual

MODE_WORDS = {
    "domestic": HOME, "home": HOME, "indirect_export": INDIRECT, "indirect": INDIRECT, "direct_export": DIRECT, "direct": DIRECT,
    "ecommerce": ECOMMERCE, "contract_production": CONTRACT, "contract": CONTRACT, "fdi": FDI, "cluster": CLUSTER,
}
#: Hosts that are developing countries for official development assistance in the years of those programmes.
DEVELOPING = ("CHN", "THA", "IDN", "MYS", "VNM", "PHL", "IND", "MEX")
#: Key of a scenario file -> names of its codes.
CODED = {
    "modes": MODES, "hosts": HOSTS, "industries": INDUSTRIES, "size_classes": SIZE_CLASSES, "stages": STAGES, "districts": DISTRICTS,
}
MOST_PROGRAMMES = 63  # bits of the column ``awarded``


def modes_of(text: str) -> tuple[int, ...]:
    """Mode codes from a list like ``direct_export; fdi``."""
    return tuple(sorted({MODE_WORDS[word.strip()] for word in re.split("[;,]", text) if word.strip()}))


def hosts_of(text: Any) -> tuple[int, ...]:
    """Host rows from a list of codes, ``developing countries``, or nothing for all."""
    if not isinstance(text, str) or not text.strip():
        return tuple(range(len(HOSTS)))
    if "developing" in text:
        return tuple(HOSTS.index(code) for code in DEVELOPING)
    return tuple(HOSTS.index(word.strip()) for word in re.split("[;,]", text) if word.strip() in HOSTS)


def number(value: Any) -> float | None:
    """A float, or None for an empty cell."""
    return None if value is None or pd.isna(value) else float(value)


def percent(value: Any) -> float | None:
    """A fraction from a cell in percent, or None for an empty one."""
    found = number(value)
    return None if found is None else fraction(found)


def historical_programmes() -> list[Programme]:
    """All programmes of the history data, in file order."""
    return [recorded_programme(row) for row in load_history().programmes.to_dict("records")]


def recorded_programme(row: dict[str, Any]) -> Programme:
    """One row of the record with the terms of ``terms.toml``."""
    end, serves = number(row["end_year"]), str(row["eligible"])
    loan = row["instrument"] in ("loan", "joint_site_loan")
    developing = row["instrument"] == "tax_reserve" and "developing" in serves
    programme = Programme(
        id=row["id"], name=row["name"], agency=row["body"], instrument=row["instrument"], start=int(row["start_year"]),
        end=None if end is None else int(end), rate=percent(row["rate_percent"]), cap=number(row["cap_jpy_million"]),
        discount=percent(row["rate_discount_pp"]), modes=modes_of(row["modes"]),
        hosts=hosts_of("developing" if developing else row["hosts"]),
        small_only="20 or fewer" in serves or "up to 20" in serves, local=row["level"] == "local",
        term=number(row["term_years"]) if loan else None,
    )
    return replace(programme, **attributes(stated_terms().programmes.get(row["id"], {})))


def attributes(terms: dict[str, Any]) -> dict[str, Any]:
    """Attributes of a :class:`Programme` from keys of a scenario file; what is None is left out."""
    found: dict[str, Any] = {}
    for key, value in terms.items():
        if value is None:
            continue
        if key in PERCENT:
            found[PERCENT[key]] = fraction(value)
        elif key in PLAIN:
            found[PLAIN[key]] = value
        elif key in CODED:
            found[key] = tuple(CODED[key].index(name) for name in value)
        elif key == "value":
            found["dated"] = dated_values(value)
    if "hosts" in found and not found["hosts"]:
        found["hosts"] = tuple(range(len(HOSTS)))
    return found


def dated_values(entries: Any) -> tuple[tuple[int, str, float], ...]:
    """(first year, attribute, value) of dated entries, in order of years."""
    found = []
    for entry in entries:
        term = entry["term"]
        value = fraction(entry["value"]) if term in PERCENT else entry["value"]
        found.append((int(entry["from"]), (PERCENT | PLAIN)[term], float(value)))
    return tuple(sorted(found, key=lambda item: item[0]))


def scenario_programmes(support: Any) -> list[Programme]:
    """Programmes of a scenario: history without the disabled ones, plus the scenario's own.

    Args:
        support: ``Scenario.support``.

    Raises:
        InputError: More programmes than the record of a firm can tell apart.
    """
    if not support.enabled:
        return []
    found = [p for p in historical_programmes() if p.id not in support.disable and p.name not in support.disable]
    own = {entry.name: own_programme(entry, index) for index, entry in enumerate(support.programme)
           if not {entry.name, entry.id} & {*support.disable}}
    together = [own.pop(p.name, p) for p in found] + list(own.values())  # a changed one keeps its place, and so its turn
    if len(together) > MOST_PROGRAMMES:
        raise InputError(f"{len(together)} programmes, at most {MOST_PROGRAMMES} at a time; take some away",
                         key="support.disable")
    first = getattr(support, "from_year", None)
    if first is not None:
        together = [replace(p, start=max(p.start, first)) for p in together]
    return with_usual(together, support)


@lru_cache(maxsize=1024)
def stated_programmes(support: Any) -> tuple[Programme, ...]:
    """:func:`scenario_programmes`, made once: whatever is kept by programmes is found faster by the same ones than by equal ones."""
    return tuple(scenario_programmes(support))


def own_programme(entry: Any, index: int) -> Programme:
    """A programme written in a scenario file (scenario.support)."""
    terms = entry.model_dump(by_alias=True)
    base = Programme(
        id=entry.id or f"U{index + 1:02d}", name=entry.name, agency=entry.agency, instrument=entry.instrument, start=entry.start_year,
        end=entry.end_year, rate=None, cap=None, discount=None, modes=tuple(MODES.index(mode) for mode in entry.modes),
    )
    return replace(base, **attributes(terms))
