"""The recorded programmes in the words of a scenario file, so that a scenario can change single terms of one."""

from __future__ import annotations

from functools import cache
from typing import Any

from expansion_sim.codes import HOSTS
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.record import CODED, historical_programmes
from expansion_sim.policy.terms import PERCENT, PLAIN, dotted, stated_terms

#: Instruments whose stated rate is a cover.
_COVERS = ("loan_guarantee", "insurance")
#: Assumed terms that say how an instrument acts, and so nothing about another one.
_OF_THE_INSTRUMENT = ("rate_percent", "rate_discount_points", "use_cost_million_yen")


@cache  # a sweep asks for every term of every point
def recorded_programmes() -> dict[str, dict[str, Any]]:
    """Terms of every recorded programme under its id and under its name, not to be changed; only what the record states."""
    found, stated = {}, stated_terms().programmes
    for programme in historical_programmes():
        terms = programme_terms(programme)
        if "value" in stated.get(programme.id, {}):
            terms["value"] = stated[programme.id]["value"]  # with range and source
        found[programme.id] = found[programme.name] = terms
    return found


def kept_terms(terms: dict[str, Any], instrument: Any) -> dict[str, Any]:
    """Terms of a recorded programme that a scenario takes over when it may make another instrument of it."""
    if instrument in (None, terms["instrument"]):
        return terms
    assumed = {key for key in _OF_THE_INSTRUMENT if is_ranged(terms["id"], key)}
    return {key: value for key, value in terms.items() if key not in assumed}


def is_ranged(programme: str, key: str) -> bool:
    """Whether a term of a recorded programme, by its id, has a range."""
    term = stated_terms().numbers.get(dotted("support", "programme", programme, key))
    return term is not None and term.ranged


def place_of(programme: str, *key: str | int) -> str:
    """File and line that give a term of a recorded programme."""
    term = stated_terms().numbers.get(dotted("support", "programme", programme, *key))
    return "programmes.csv" if term is None else term.place


def programme_terms(programme: Programme) -> dict[str, Any]:
    """The keys of :class:`expansion_sim.scenario.support.ProgrammeSpec` that say what ``programme`` says."""
    rate_key = "cover_percent" if programme.instrument in _COVERS else "rate_percent"
    other_key = ({"cover_percent", "rate_percent"} - {rate_key}).pop()
    terms: dict[str, Any] = {"id": programme.id}
    terms |= {key: getattr(programme, name) for key, name in PLAIN.items()}
    terms |= {key: in_percent(getattr(programme, name)) for key, name in PERCENT.items() if key != other_key}
    terms |= {key: [names[code] for code in getattr(programme, key)] for key, names in CODED.items()}
    if len(programme.hosts) == len(HOSTS):
        terms["hosts"] = []
    if programme.dated:
        terms["value"] = [dated_term(*entry) for entry in programme.dated]
    return {name: value for name, value in terms.items() if value is not None}


def in_percent(share: float | None) -> float | None:
    """A fraction in percent, rounded so that it is written as it was read."""
    return None if share is None else round(100.0 * share, 6)


def dated_term(first: int, name: str, value: float) -> dict[str, Any]:
    """One dated value in the words of a scenario file."""
    key = next(key for key, attribute in (PERCENT | PLAIN).items() if attribute == name)
    return {"term": key, "from": first, "value": in_percent(value) if key in PERCENT else value}
