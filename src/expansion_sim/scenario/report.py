"""What the command line prints about scenarios: the list, one scenario with the origin of its values, the schema."""

from __future__ import annotations

import json
from typing import Any

from expansion_sim.policy.terms import Term
from expansion_sim.scenario.assumed import assumed_terms, parts_of
from expansion_sim.scenario.fields import Key, keys
from expansion_sim.scenario.files import Listed
from expansion_sim.scenario.load import Traced
from expansion_sim.scenario.render import resolved, toml_text
from expansion_sim.scenario.spec import SCHEMA_VERSION, Scenario


def list_text(listed: list[Listed]) -> str:
    """Name, title and description of each scenario."""
    width = max((len(entry.name) for entry in listed), default=0)
    return "\n".join(f"{entry.name:<{width}}  {entry.title}\n{'':<{width}}  {entry.description}" for entry in listed)


def show_text(traced: Traced, everything: bool = False) -> str:
    """A scenario as TOML with the origin of every value as a comment; the text can be saved and run.

    Args:
        traced: Scenario with origins.
        everything: Also the defaults, all parameters of the rules and the assumed terms of support, with their ranges.
    """
    tables: dict[str, Any] = resolved(traced.scenario)
    if not everything:
        return toml_text(_only(tables, "", traced.origins), lambda key: traced.origins.get(key, ""))
    from expansion_sim.parameters import all_parameters

    known, terms = all_parameters(), _terms_stated(traced.scenario)
    tables["parameters"] = {name: tables["parameters"].get(name, parameter.value) for name, parameter in known.items()}

    def comment(key: str) -> str:
        name = key.removeprefix("parameters.")
        if key.startswith("parameters."):
            allowed = f"{known[name].unit}, {known[name].low:g} to {known[name].high:g}"
            return f"{traced.origins.get(key, 'parameters.toml')}; {allowed}"
        origin = traced.origins.get(key, "default")
        return f"{origin}; {terms[key].told}" if key in terms else origin

    return toml_text(tables, comment) + _assumed_text(traced.scenario)


def _terms_stated(scenario: Scenario) -> dict[str, Term]:
    """Terms with a range that stand in a scenario's own tables, by their keys there (positions in place of names)."""
    support, found = scenario.support, dict[str, Term]()
    named = {("programme", entry.name): (place, entry) for place, entry in enumerate(support.programme)}
    named |= {("programme", entry.id): (place, entry) for place, entry in enumerate(support.programme) if entry.id}
    for kind in ("agency", "instrument"):
        named |= {(kind, entry.name): (place, entry) for place, entry in enumerate(getattr(support, kind))}
    for term in assumed_terms(scenario):
        _, kind, name, *rest = parts_of(term.key)
        place, entry = named.get((kind, name), (None, None))
        if kind == "local" and support.local.reach_percent is not None:
            found[term.key] = term
        elif entry is not None and getattr(entry, rest[0]) is not None:
            found[".".join(("support", kind, str(place), *rest))] = term
    return found


def _assumed_text(scenario: Scenario) -> str:
    """Assumed terms of support that the scenario leaves alone, as comments: they are no keys of the file until somebody sets them."""
    stated = {term.key for term in _terms_stated(scenario).values()}
    lines = [f"#   {term.key} = {term.value:g}  # {term.place}; {term.told}" for term in assumed_terms(scenario) if term.key not in stated]
    head = "# Assumed terms of support with their ranges; --set KEY=VALUE changes one, --terms ranges draws all."
    return "\n".join(["", head, *lines, ""]) if lines else ""


def ranges_json(scenario: Scenario) -> dict[str, Any]:
    """Assumed terms of support for machines: value, range, source and origin by key."""
    return {
        term.key: {"value": term.value, "low": term.low, "high": term.high, "source": term.source, "origin": term.place}
        for term in assumed_terms(scenario)
    }


def schema_text() -> str:
    """Every key with type, unit, range, default and explanation."""
    lines = [
        f"Keys of a scenario file, schema_version = {SCHEMA_VERSION}.",
        "Beside them: extends = \"name or path\" of the scenario to start from, or an array of them.",
        "Parameters of the rules with their ranges: expansion-sim scenario show history --resolved.", "",
    ]
    for entry in keys():
        lines += key_lines(entry)
    return "\n".join(lines)


def schema_json() -> str:
    """The schema as JSON Schema, with ``extends``, for editors that check TOML."""
    schema = Scenario.model_json_schema(by_alias=True)
    base = {"description": "name or path of the scenario, or scenarios, this one starts from"}
    schema["properties"]["extends"] = {**base, "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    schema["properties"]["parameters"]["additionalProperties"] = {"type": ["number", "object"]}
    schema["required"] = []  # every key may come from the file that is extended
    return json.dumps(schema, indent=2, sort_keys=True)


def key_lines(entry: Key) -> list[str]:
    """One key of a schema in words."""
    if entry.table:
        opening = f"[[{entry.path}]]" if entry.type == "array of tables" else f"[{entry.path}]"
        return ["", f"{opening.replace('[].', '.')}  {entry.text}"]
    default = entry.default if entry.default == "required" else f"default {entry.default}"
    facts = [fact for fact in (entry.type, entry.unit, entry.range, default) if fact]
    return [f"  {entry.path.replace('[].', '.')}", f"      {', '.join(facts)}", f"      {entry.text}"]


def _only(tables: dict[str, Any], prefix: str, origins: dict[str, str]) -> dict[str, Any]:
    """The values that a file or setting gave."""
    kept: dict[str, Any] = {}
    for name, value in tables.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            inner = _only(value, f"{key}.", origins)
            if inner:
                kept[name] = inner
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            if any(origin.startswith(f"{key}.") for origin in origins):
                kept[name] = [_only(part, f"{key}.{index}.", origins) for index, part in enumerate(value)]
        elif key in origins:
            kept[name] = value
    return kept
