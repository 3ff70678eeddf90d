"""Terms that a programme takes from its instrument: which of them act on it, and what a scenario states of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from expansion_sim.codes import HOME
from expansion_sim.policy.instruments import SERVING, USUAL_KEYS, Usual
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.terms import stated_terms, usual_value


def acting(programme: Programme) -> frozenset[str]:
    """Fields of :class:`Usual` that act on a programme: what it states itself, or has no use for, is left out."""
    lends, insures = "loan" in programme.lever, programme.lever == "insurance"
    at_home, abroad = HOME in programme.modes, any(mode != HOME for mode in programme.modes)
    acts = {
        "strength": _strength_acts(programme, abroad),
        "effort": programme.awards and programme.effort is None,
        "use_cost": programme.lever in SERVING and programme.use_cost is None,
        "discount": lends and _unstated(programme, "discount"),
        "term": lends and _unstated(programme, "term"),
        "receivables": insures and abroad and _unstated(programme, "rate"),
        "mutual_cover": insures and at_home and _unstated(programme, "rate"),
        "reach": programme.local or bool(programme.districts),
    }
    return frozenset(name for name, does in acts.items() if does)


def _strength_acts(programme: Programme, abroad: bool) -> bool:
    """Advice, matching and insurance act with the instrument's strength whatever rate they state; advice with places on nobody at large."""
    if programme.lever in SERVING:
        return not programme.registers
    return abroad if programme.lever == "insurance" else _unstated(programme, "rate")


def _unstated(programme: Programme, name: str) -> bool:
    """Whether a programme lacks a term in one of its years at least."""
    dated = any(attribute == name and first <= programme.start for first, attribute, _ in programme.dated)
    return getattr(programme, name) is None and not dated


def usual_of(support: Any) -> Mapping[str, Usual]:
    """Terms by instrument in a scenario: those of ``terms.toml``, and what ``support.instrument`` and ``support.local`` say otherwise."""
    shipped, reach = stated_terms().usual, getattr(getattr(support, "local", None), "reach_percent", None)
    entries = {entry.name: entry for entry in getattr(support, "instrument", ())}
    if not entries and reach is None:
        return shipped
    local = {} if reach is None else {"reach": usual_value("reach_percent", reach)}
    return {name: usual._replace(**local, **_stated(entries.get(name))) for name, usual in shipped.items()}


def _stated(entry: Any) -> dict[str, float]:
    """What one table ``[[support.instrument]]`` states."""
    values = {} if entry is None else {key: getattr(entry, key) for key in USUAL_KEYS}
    return {USUAL_KEYS[key]: usual_value(key, value) for key, value in values.items() if value is not None}


def with_usual(programmes: Iterable[Programme], support: Any) -> list[Programme]:
    """Programmes with the terms of their instruments in a scenario.

    A programme on which nothing acts that the scenario states otherwise stays equal to the one of a scenario that states nothing, so that
    two worlds differ only where they do.
    """
    shipped, given = stated_terms().usual, usual_of(support)
    if given is shipped:
        return list(programmes)
    found = []
    for programme in programmes:
        usual = shipped[programme.instrument]
        changed = usual._replace(**{name: getattr(given[programme.instrument], name) for name in acting(programme)})
        found.append(programme if changed == usual else replace(programme, usual=changed))
    return found


def acting_keys(programmes: Iterable[Programme]) -> set[str]:
    """Keys of scenarios, such as ``support.instrument.advice.strength``, of the terms by instrument that act on some programme."""
    key_of = {field: key for key, field in USUAL_KEYS.items()}
    found = {(programme.instrument, field) for programme in programmes for field in acting(programme)}
    return {"support.local.reach_percent" if field == "reach" else f"support.instrument.{name}.{key_of[field]}" for name, field in found}
