"""The schema as data: the field behind a key, its type in words and its range; used by messages and by ``scenario schema``."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from expansion_sim.scenario.spec import Scenario

_WORDS = {int: "whole number", float: "number", bool: "true or false", str: "text", type(None): "nothing", Any: "any value"}


class Key(NamedTuple):
    """One key of the schema.

    Attributes:
        path: Dotted key; ``[]`` marks the tables of an array.
        type: Type in words.
        unit: Unit, empty without one.
        range: Range in words, empty without one.
        default: Default as TOML would have it, ``required``, or ``none``.
        text: Explanation.
        table: Whether the key opens a table or an array of tables.
    """

    path: str
    type: str
    unit: str
    range: str
    default: str
    text: str
    table: bool = False


def keys(model: type[BaseModel] = Scenario, prefix: str = "") -> Iterator[Key]:
    """Every key of the schema as a file has them: the keys of a table, then the tables in it."""
    for name, field in sorted(model.model_fields.items(), key=lambda item: table_of(item[1])[0] is not None):
        path, inner, many = f"{prefix}{field.alias or name}", *table_of(field)
        text = field.description or ""
        if inner is None:
            yield Key(path, type_words(field.annotation), unit_of(field), range_words(field), _default_words(field), text)
            continue
        yield Key(path, "array of tables" if many else "table", "", "", "", text, table=True)
        yield from keys(inner, f"{path}[]." if many else f"{path}.")


def table_of(field: FieldInfo) -> tuple[type[BaseModel] | None, bool]:
    """The table class behind a field, if any, and whether the field is an array of them."""
    annotation = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    for part in get_args(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part, get_origin(annotation) is tuple
    return None, False


def model_at(path: Iterable[str | int], schema: type[BaseModel] = Scenario) -> type[BaseModel] | None:
    """The table class whose keys stand at ``path`` below ``schema``; None where it leads out of the schema."""
    model: type[BaseModel] | None = schema
    for part in path:
        if isinstance(part, int):
            continue
        field = field_of(model, part)
        model = table_of(field)[0] if field is not None else None
    return model


def field_of(model: type[BaseModel] | None, key: str) -> FieldInfo | None:
    """The field of a table class by the key used in files."""
    if model is None:
        return None
    return next((field for name, field in model.model_fields.items() if (field.alias or name) == key), None)


def field_at(path: tuple[str | int, ...], schema: type[BaseModel] = Scenario) -> FieldInfo | None:
    """The field of the key at ``path`` below ``schema``, arrays of scalars included."""
    words = [part for part in path if isinstance(part, str)]
    return field_of(model_at(words[:-1], schema), words[-1]) if words else None


def key_names(model: type[BaseModel] | None) -> list[str]:
    """Keys of a table class as used in files."""
    return [] if model is None else [field.alias or name for name, field in model.model_fields.items()]


def unit_of(field: FieldInfo) -> str:
    """Unit of a field, empty without one."""
    extra = field.json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def range_words(field: FieldInfo) -> str:
    """Range of a field: bounds such as ``0.001 to 1``, or the values allowed."""
    if choices := choices_of(field.annotation):
        return ", ".join(str(choice) for choice in choices)
    low, high = _bound(field, "ge"), _bound(field, "le")
    if low is not None and low == high:
        return f"only {low}"
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"{low} or more" if low is not None else f"{high} or less" if high is not None else ""


def _bound(field: FieldInfo, name: str) -> str | None:
    """One bound in words, every digit of it; None without one."""
    bound = next((found for part in field.metadata if (found := getattr(part, name, None)) is not None), None)
    return None if bound is None else str(bound) if isinstance(bound, int) else f"{bound:.12g}"


def choices_of(annotation: Any) -> tuple[Any, ...]:
    """The values a Literal allows, also inside a tuple or beside None."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for part in get_args(annotation) if (found := choices_of(part))), ())


def type_words(annotation: Any) -> str:
    """Type in words, such as ``whole number`` or ``array of text``."""
    origin = get_origin(annotation)
    if origin is tuple:
        return f"array of {type_words(get_args(annotation)[0])}"
    if origin is dict:
        return f"table of {type_words(get_args(annotation)[1])}"
    if origin in (typing.Union, types.UnionType):
        return " or ".join(type_words(part) for part in get_args(annotation) if part is not type(None))
    if origin is Literal:
        return _WORDS[type(get_args(annotation)[0])]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table"
    return _WORDS.get(annotation, str(annotation))


def _default_words(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default()
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return {(): "[]", "": '""'}.get(value, str(value)) if not isinstance(value, dict) else "{}"
