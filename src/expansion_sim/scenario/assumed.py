"""Terms of support that are known within a range only: which a scenario has, and how a replication draws them.

A draw is a function of (seed, replication, key of the term): two worlds with one seed have the same terms, and a new term changes no
other. A term that a scenario states itself is no longer an assumption and keeps its value.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from expansion_sim.policy.record import stated_programmes
from expansion_sim.policy.terms import Term, dotted, stated_terms
from expansion_sim.policy.usual import acting_keys
from expansion_sim.scenario.recorded import recorded_programmes
from expansion_sim.scenario.spec import Scenario
from expansion_sim.scenario.support import AgencySpec, InstrumentSpec, ProgrammeSpec, Support

#: First number of the spawn key of every draw of a term; 0 to 2 belong to replications, posteriors and designs.
STREAM = 3
_PROGRAMME = ("support", "programme")
#: Tables of support that stand under a name, whose values are numbers; and the table that has no name.
_NAMED: dict[str, type[AgencySpec] | type[InstrumentSpec]] = {"agency": AgencySpec, "instrument": InstrumentSpec}
_LOCAL = "local"


def declared_terms(scenario: Scenario) -> dict[str, Term]:
    """Every term with a range by its key: those of the record, then dated values of the scenario's own programmes.

    Terms of recorded programmes stand under the id and under the name.
    """
    found = {key: term for key, term in stated_terms().numbers.items() if term.ranged}
    names = {terms["id"]: terms["name"] for terms in recorded_programmes().values()}
    for key, term in list(found.items()):
        kind, name, *rest = parts_of(key)[1:]
        if kind == "programme":
            found[dotted(*_PROGRAMME, names[name], *rest)] = term
    return found | {term.key: term for entry in scenario.support.programme for term in _dated_terms(entry)}


def assumed_terms(scenario: Scenario) -> list[Term]:
    """Terms with a range that act in a scenario and that it does not state otherwise, in file order."""
    support = scenario.support
    if not support.enabled or not scenario.mechanisms.programmes:
        return []
    used = acting_keys(stated_programmes(support))
    recorded = (term for term in stated_terms().numbers.values() if term.ranged and _stands(term, support, used))
    known = recorded_programmes()
    own = (term for entry in support.programme if entry.name not in known for term in _dated_terms(entry))
    return [*recorded, *own]


def shared_terms(*scenarios: Scenario) -> list[Term]:
    """Terms that may be drawn in worlds that are compared: what one of them states differently is drawn in none."""
    found = {term.key: term for scenario in scenarios for term in assumed_terms(scenario)}
    return [term for key, term in found.items() if not any(_states(scenario.support, parts_of(key), term) for scenario in scenarios)]


def with_terms(scenario: Scenario, terms: Iterable[Term], replication: int) -> Scenario:
    """The scenario with the draw of one replication for those of the terms that act in it."""
    acting = {term.key for term in assumed_terms(scenario)}
    drawn_here = [(parts_of(term.key)[1:], drawn(term, scenario.seed, replication)) for term in terms if term.key in acting]
    changed: dict[str, Any] = {"programme": _changed_programmes(scenario.support, _by_name(drawn_here, "programme"))}
    for kind in _NAMED:
        changed[kind] = _changed_entries(scenario.support, kind, _by_name(drawn_here, kind))
    local = {parts[1]: value for parts, value in drawn_here if parts[0] == _LOCAL}
    changed[_LOCAL] = scenario.support.local.model_copy(update=local)
    return scenario.model_copy(update={"support": scenario.support.model_copy(update=changed)})


def _by_name(values: Iterable[tuple[tuple[str, ...], float]], kind: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Values of one kind of table, by its name and the rest of the key."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for parts, value in values:
        if parts[0] == kind:
            found.setdefault(parts[1], {})[parts[2:]] = value
    return found


def drawn(term: Term, seed: int, replication: int) -> float:
    """A term's value in one replication, uniform over its range; whole where the value is a whole number of the schema."""
    spawned = np.random.SeedSequence(seed, spawn_key=(STREAM, replication, zlib.crc32(term.key.encode())))
    share, (low, high) = float(np.random.default_rng(spawned).random()), term.bounds
    if is_whole(term.key):
        return int(min(low + share * (high - low + 1), high))
    return float(low + share * (high - low))


def terms_record(scenario: Scenario, terms: Sequence[Term], replications: int) -> dict[str, Any]:
    """What the record of a run or comparison tells: ranges and values of every replication."""
    return {
        term.key: {
            "low": term.low, "high": term.high, "source": term.source,
            "values": [drawn(term, scenario.seed, replication) for replication in range(replications)],
        }
        for term in terms
    }


def parts_of(key: str) -> tuple[str, ...]:
    """Parts of a dotted key, without quotes."""
    from expansion_sim.scenario.marked import key_parts

    return key_parts(key)


def is_whole(key: str) -> bool:
    """Whether the schema wants a whole number at a key of ``support``, where programmes, agencies and instruments stand under names."""
    from expansion_sim.scenario.fields import field_at, type_words

    parts = parts_of(key)
    inside = parts[0] == "support" and parts[1] in ("programme", *_NAMED)
    field = field_at((*parts[:2], *parts[3:]) if inside else parts)
    return field is not None and "whole number" in type_words(field.annotation)


def _dated_terms(entry: ProgrammeSpec) -> list[Term]:
    """Dated values of a scenario's programme that have a range."""
    return [
        Term(dotted(*_PROGRAMME, entry.name, "value", number, "value"), dated.value, dated.low, dated.high, dated.source, "scenario")
        for number, dated in enumerate(entry.value) if dated.low is not None
    ]


def _stands(term: Term, support: Support, used: set[str]) -> bool:
    """Whether a recorded term acts and nobody states it otherwise.

    Args:
        term: The term.
        support: Support of the scenario.
        used: Keys of the terms by instrument that act on some programme.
    """
    parts = parts_of(term.key)
    if parts[:2] == _PROGRAMME and {parts[2], recorded_programmes()[parts[2]]["name"]} & {*support.disable}:
        return False
    if parts[1] in ("instrument", _LOCAL) and term.key not in used:
        return False
    return not _states(support, parts, term)


def _states(support: Support, parts: tuple[str, ...], term: Term) -> bool:
    """Whether the scenario itself gives a term a value that is not the assumed one."""
    if parts[1] in (*_NAMED, _LOCAL):
        entries = [support.local] if parts[1] == _LOCAL else [entry for entry in getattr(support, parts[1]) if entry.name == parts[2]]
        stated = next((getattr(entry, parts[-1]) for entry in entries), None)
        return stated is not None and stated != term.value
    entry = _entry(support, parts[2])
    if entry is None:
        return False
    if parts[3] == "value":
        number = int(parts[4])
        return number >= len(entry.value) or (entry.value[number].value, entry.value[number].low) != (term.value, term.low)
    if _passes(entry, parts[3], term):
        return True
    return bool(getattr(entry, parts[3]) != term.value)


def _passes(entry: ProgrammeSpec, name: str, term: Term) -> bool:
    """Whether a draw of a first or last year could pass the other one, which the scenario then has settled."""
    low, high = term.bounds
    if name == "start_year":
        return entry.end_year is not None and high > entry.end_year
    return name == "end_year" and low < entry.start_year


def _entry(support: Support, name: str) -> ProgrammeSpec | None:
    """The scenario's own words about a programme, by its id or name."""
    return next((entry for entry in support.programme if name in (entry.id, entry.name)), None)


def _changed_programmes(support: Support, values: dict[str, dict[tuple[str, ...], float]]) -> tuple[ProgrammeSpec, ...]:
    entries = {entry.id or entry.name: entry for entry in support.programme}
    for name, changes in values.items():
        entry = _entry(support, name)
        terms = recorded_programmes()[name] if entry is None else entry.model_dump(by_alias=True)
        entries[name if entry is None else entry.id or entry.name] = ProgrammeSpec.model_validate(_set(terms, changes))
    return tuple(entries.values())


def _set(terms: dict[str, Any], changes: dict[tuple[str, ...], float]) -> dict[str, Any]:
    """Terms in the words of a scenario file with new values."""
    found = {**terms, "value": [dict(dated) for dated in terms.get("value", ())]}
    for parts, value in changes.items():
        if parts[0] == "value":
            found["value"][int(parts[1])]["value"] = value
        else:
            found[parts[0]] = value
    return found


def _changed_entries(support: Support, kind: str, values: dict[str, dict[tuple[str, ...], float]]) -> tuple[Any, ...]:
    """Tables of one kind of :data:`_NAMED` with new values, those that the scenario does not have added."""
    entries: dict[str, Any] = {entry.name: entry for entry in getattr(support, kind)}
    for name, changes in values.items():
        stated = {parts[0]: value for parts, value in changes.items()}
        entries[name] = entries[name].model_copy(update=stated) if name in entries else _NAMED[kind].model_validate({"name": name, **stated})
    return tuple(entries.values())
