"""From a put-together file to a Scenario, with every problem told at once: ``file:line: key: what is wrong, what is allowed``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from expansion_sim.errors import InputError, InputErrors, allowed_names, nearest
from expansion_sim.scenario import fields
from expansion_sim.scenario.marked import Marked, at, error_at, plain
from expansion_sim.scenario.spec import Scenario
from expansion_sim.toml_lines import Path

_MUST_BE = {
    "int_type": "must be a whole number", "float_type": "must be a number", "bool_type": "must be true or false",
    "string_type": "must be text in quotes", "tuple_type": "must be an array", "dict_type": "must be a table",
    "model_type": "must be a table",
}
_BOUNDS = {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}


def checked(root: Marked) -> Scenario:
    """Check a scenario against the schema, the parameters and the recorded programmes.

    Args:
        root: The whole file, after ``extends`` and settings, parameters with dotted names.

    Raises:
        InputErrors: Everything that is wrong, in the order of files and lines.
    """
    errors: list[InputError] = []
    scenario = None
    try:
        scenario = Scenario.model_validate(plain(root))
    except ValidationError as error:
        found = _without_echoes(error.errors(include_url=False))
        errors += [told(root, item) for item in found if not _in_unknown_programme(root, item["loc"])]
    errors += [*_parameter_errors(root), *_disabled_errors(root), *_programme_errors(root), *_agency_errors(root)]
    if errors or scenario is None:
        raise InputErrors(sorted(errors, key=lambda e: (e.file or "", e.line or 0)))
    return scenario


def _without_echoes(found: list[Any]) -> list[Any]:
    """Leave out that an array is too short where that is only because its elements are wrong, which is told already."""
    deep = {tuple(item["loc"][:-1]) for item in found}
    return [item for item in found if item["type"] != "too_short" or tuple(item["loc"]) not in deep]


def told(root: Marked, item: Any, schema: type[BaseModel] = Scenario) -> InputError:
    """One of pydantic's errors in our words, at its line.

    Args:
        root: The whole file.
        item: One entry of ``ValidationError.errors()``.
        schema: Table class of the whole file.
    """
    path: Path = tuple(item["loc"])
    context = item.get("ctx", {})
    if item["type"] == "scenario":
        path = (*path, *context["below"])
    return error_at(at(root, path).place, key_words(root, path), _problem(item, path, context, schema))


def _problem(item: Any, path: Path, context: dict[str, Any], schema: type[BaseModel]) -> str:
    kind, value = item["type"], item["input"]
    field = fields.field_at(path, schema)
    if kind == "scenario":
        return str(context["problem"])
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), path[:-1], schema, value)
    if kind == "missing":
        if field is None:
            return "this key is required"
        facts = [fields.type_words(field.annotation), fields.range_words(field), fields.unit_of(field)]
        return f"this key is required: {field.description} ({', '.join(fact for fact in facts if fact)})"
    if kind in _MUST_BE:
        return f"{_MUST_BE[kind]}, not {shown(value)}{'' if field is None else _range(field)}{_brackets(path, kind, value)}"
    if kind == "finite_number":
        return f"must be a finite number, not {value}"
    if kind in _BOUNDS and field is not None:
        return f"{shown(value)} is out of range{_range(field)}"
    if kind == "literal_error" and field is not None:
        choices = [str(choice) for choice in fields.choices_of(field.annotation)]
        return f"{shown(value)} is not known; {allowed_names(str(value), choices)}".rstrip("; ")
    if kind in ("string_too_short", "too_short"):
        return "must not be empty" + ("" if field is None else _range(field))
    return str(item["msg"])


def _brackets(path: Path, kind: str, value: Any) -> str:
    """How the head of a table of support is written, where one pair of brackets stands for two or two for one."""
    name = ".".join(str(part) for part in path if isinstance(part, str))
    if path[:1] != ("support",):
        return ""
    if kind == "tuple_type" and isinstance(value, dict):
        return f"; write [[{name}]] for each of them, with its name inside"
    return f"; write [{name}]" if kind == "model_type" and isinstance(value, (list, tuple)) else ""


def _unknown_key(name: str, table: Path, schema: type[BaseModel], value: Any = None) -> str:
    """Message for a key that is not in the schema, with the nearest one or the parameter it may be meant for."""
    names = fields.key_names(fields.model_at(table, schema))
    if not table and schema is Scenario:
        from expansion_sim.parameters import all_parameters

        if any(parameter.startswith(f"{name}.") for parameter in all_parameters()):
            inner = next(iter(value), None) if isinstance(value, dict) else None
            meant = name if inner is None else nearest(f"{name}.{inner}", all_parameters()) or name
            return f"unknown key; parameters stand below [parameters]: did you mean parameters.{meant}?"
        names = ["extends", *names]  # read before the schema is applied, so the schema does not hold it
    return f"unknown key; {allowed_names(name, names)}".rstrip("; ")


def _parameter_errors(root: Marked) -> Iterator[InputError]:
    """Unknown parameters, and values outside the declared range."""
    overrides = root.value.get("parameters")
    if overrides is None or not isinstance(overrides.value, dict) or not overrides.value:
        return
    from expansion_sim.parameters import all_parameters

    known = all_parameters()
    for name, marked in overrides.value.items():
        key, value = f"parameters.{name}", marked.value
        if name not in known:
            yield error_at(marked.place, key, f"unknown parameter; {_near_parameter(name, list(known))}".rstrip("; "))
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and value == value and abs(value) != float("inf"):
            parameter = known[name]
            if not parameter.low <= value <= parameter.high:
                allowed = f"(allowed {parameter.low:g} to {parameter.high:g} {parameter.unit})"
                yield error_at(marked.place, key, f"{value} is out of range {allowed}")


def _near_parameter(name: str, known: list[str]) -> str:
    """The nearest parameter; else the parameters of the section that was meant."""
    sections = list(dict.fromkeys(parameter.split(".")[0] for parameter in known))
    section = name.split(".")[0]
    if name not in sections and (near := nearest(name, known)):
        return f"did you mean {near!r}?"
    inside = [parameter for parameter in known if parameter.startswith(f"{section}.")]
    return f"below {section} stand {', '.join(inside)}" if inside else f"sections are {', '.join(sections)}"


def _disabled_errors(root: Marked) -> Iterator[InputError]:
    """Names in ``support.disable`` that no recorded programme bears."""
    disabled = at(root, ("support", "disable"))
    if not isinstance(disabled.value, list) or not disabled.value:
        return
    from expansion_sim.policy.record import historical_programmes

    known = {label for programme in historical_programmes() for label in (programme.id, programme.name)}
    for index, marked in enumerate(disabled.value):
        if isinstance(marked.value, str) and marked.value not in known:
            near = allowed_names(marked.value, sorted(known)) or "see the ids of the recorded programmes (P01 and on)"
            yield error_at(marked.place, f"support.disable[{index}]", f"no recorded programme {marked.value!r}; {near}")


def _is_unknown_programme(entry: Marked) -> bool:
    """Whether an entry names a programme that is neither recorded nor described: it has a name but says neither what nor when it is."""
    table = entry.value
    return isinstance(table, dict) and "name" in table and not {"instrument", "start_year", "modes"} & set(table)


def _in_unknown_programme(root: Marked, path: Path) -> bool:
    """Whether an error lies in such an entry, which is told once."""
    return tuple(path[:2]) == ("support", "programme") and len(path) > 2 and _is_unknown_programme(at(root, path[:3]))


def _programme_errors(root: Marked) -> Iterator[InputError]:
    """Changes to programmes that do not exist, with the nearest id or name."""
    entries = at(root, ("support", "programme"))
    if not isinstance(entries.value, list) or not any(_is_unknown_programme(entry) for entry in entries.value):
        return
    from expansion_sim.policy.record import historical_programmes

    known = [label for programme in historical_programmes() for label in (programme.id, programme.name)]
    for entry in filter(_is_unknown_programme, entries.value):
        name = str(entry.value["name"].value)
        near = nearest_id(name, known) or nearest(name, known)
        hint = f"did you mean {near!r}? " if near else "ids are those of the record (P01 and on); "
        message = f"no recorded programme {name!r}; {hint}(a new one states at least instrument, start_year and modes)"
        yield error_at(entry.place, f"support.programme[{name}]", message)


def _agency_errors(root: Marked) -> Iterator[InputError]:
    """Agencies that neither the record nor a programme of the scenario knows: their reach would reach nobody."""
    entries = at(root, ("support", "agency"))
    if not isinstance(entries.value, list) or not entries.value:
        return
    from expansion_sim.policy.terms import stated_terms

    known = {agency.name for agency in stated_terms().agencies} | _bodies_named(root)
    for entry in entries.value:
        name = entry.value.get("name") if isinstance(entry.value, dict) else None
        if name is not None and isinstance(name.value, str) and name.value not in known:
            near = allowed_names(name.value, sorted(known))
            yield error_at(name.place, f"support.agency[{name.value}]", f"no programme is run by {name.value!r}; {near}".rstrip("; "))


def _bodies_named(root: Marked) -> set[str]:
    """Bodies that programmes of the scenario name."""
    entries = at(root, ("support", "programme")).value
    tables = [entry.value for entry in entries if isinstance(entry.value, dict)] if isinstance(entries, list) else []
    return {str(table["agency"].value) for table in tables if "agency" in table}


def nearest_id(name: str, known: list[str]) -> str | None:
    """The recorded id with the nearest number, for a name of the same form such as P9 or P99; None for any other name."""
    number = re.fullmatch(r"[Pp](\d{1,3})", name)
    ids = [label for label in known if re.fullmatch(r"P\d+", label)]
    return min(ids, key=lambda label: abs(int(label[1:]) - int(number[1]))) if number and ids else None


def key_words(root: Marked, path: Path) -> str:
    """Dotted key for messages: positions in brackets, or the name of the table standing there."""
    words = ""
    for depth, part in enumerate(path):
        if isinstance(part, str):
            words += f".{part}" if words else part
            continue
        element = at(root, path[: depth + 1]).value
        name = element["name"].value if isinstance(element, dict) and "name" in element else part
        words += f"[{name}]"
    return words


def shown(value: Any) -> str:
    """A wrong value as the user wrote it, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "an array"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _range(field: Any) -> str:
    words, unit = fields.range_words(field), fields.unit_of(field)
    return f" (allowed {words}{f' {unit}' if unit and not fields.choices_of(field.annotation) else ''})" if words else ""
