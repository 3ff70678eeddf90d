"""Values that remember where they were written: reading, merging and setting them.

A scenario is put together from several files and from ``--set``; each value keeps its place, so that every message and
``scenario show`` can name it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from expansion_sim.errors import InputError
from expansion_sim.toml_lines import Path, key_lines


class Place(NamedTuple):
    """Where a value was written: a file with its line, or ``--set`` and the like without one."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        """Return ``file:line``."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


class Marked(NamedTuple):
    """A TOML value with its place: dict of Marked, list of Marked, or a plain scalar."""

    value: Any
    place: Place


class Setting(NamedTuple):
    """One value given on the command line or in Python: key ``a.b``, its value, and what gave it."""

    key: str
    value: Any
    origin: str = "--set"


def mark_text(text: str, file: str) -> Marked:
    """Read a valid TOML text with the line of every key.

    Args:
        text: TOML whose lines end with a newline only.
        file: Name of the file, for messages.

    Raises:
        tomllib.TOMLDecodeError: The text is no valid TOML.
    """
    document = tomllib.loads(text)  # first: the index of lines takes valid TOML only
    lines = key_lines(text)

    def mark(value: Any, path: Path, line: int) -> Marked:
        line = lines.get(path, line)
        place = Place(file, line)
        if isinstance(value, dict):
            return Marked({name: mark(part, (*path, name), line) for name, part in value.items()}, place)
        if isinstance(value, list):
            return Marked([mark(part, (*path, index), line) for index, part in enumerate(value)], place)
        return Marked(value, place)

    return mark(document, (), 1)


def mark_value(value: Any, place: Place) -> Marked:
    """Give every part of a plain value one place."""
    if isinstance(value, dict):
        return Marked({name: mark_value(part, place) for name, part in value.items()}, place)
    if isinstance(value, (list, tuple)):
        return Marked([mark_value(part, place) for part in value], place)
    return Marked(value, place)


def plain(marked: Marked) -> Any:
    """The value without places."""
    if isinstance(marked.value, dict):
        return {name: plain(part) for name, part in marked.value.items()}
    if isinstance(marked.value, list):
        return [plain(part) for part in marked.value]
    return marked.value


def at(root: Marked, path: Iterable[str | int]) -> Marked:
    """What stands at ``path``, or the innermost table around it that exists."""
    found = root
    for part in path:
        try:
            found = found.value[part]
        except (KeyError, IndexError, TypeError):
            break
    return found


def merge(base: Marked, over: Marked) -> Marked:
    """Lay ``over`` on ``base``: tables merge deeply, arrays of named tables merge by ``name``, the rest is replaced."""
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        merged = dict(base.value)
        for name, part in over.value.items():
            merged[name] = merge(merged[name], part) if name in merged else part
        return Marked(merged, over.place)
    if base.value and over.value and _named(base) and _named(over):
        elements = {element.value["name"].value: element for element in base.value}
        for element in over.value:
            name = element.value["name"].value
            elements[name] = merge(elements[name], element) if name in elements else element
        return Marked(list(elements.values()), over.place)
    return over


def duplicate_names(root: Marked, path: str = "") -> list[InputError]:
    """Tables of one file that bear the same ``name`` in one array: merging would silently make them one."""
    if isinstance(root.value, dict):
        return [error for name, part in root.value.items() for error in duplicate_names(part, f"{path}.{name}".lstrip("."))]
    if not root.value or not _named(root):
        return []
    seen: dict[str, Place] = {}
    errors = []
    for element in root.value:
        name = element.value["name"]
        if name.value in seen:
            errors.append(error_at(name.place, f"{path}.name", f"{name.value!r} stands twice (first at {seen[name.value]})"))
        seen.setdefault(name.value, name.place)
    return errors


def error_at(place: Place, key: str, message: str) -> InputError:
    """An error at a place."""
    return InputError(message, file=place.file, line=place.line, key=key or None)


def parse_setting(text: str) -> Setting:
    """Read ``key=value`` as given to ``--set``; what is not a TOML value is taken as a string.

    Raises:
        InputError: No ``=`` or no key.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise InputError(f"{text!r} must be key=value, such as years.last=1985", file="--set")
    value = re.sub(r"^([+-]?)(\.\d)", r"\g<1>0\2", value.strip())  # .3 is no TOML, but what people type
    try:
        document = tomllib.loads(f"value = {value}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return Setting(name.strip(), value)
    return Setting(name.strip(), document["value"] if set(document) == {"value"} else value)


def apply_setting(root: Marked, setting: Setting) -> Marked:
    """Set one value, making the tables on the way.

    Inside an array the next part of the key is a position, or the ``name`` of a table, which is added when there is none.

    Raises:
        InputError: The key cannot be read, or goes through a value that is no table.
    """
    return _set(root, _key_parts(setting), mark_value(setting.value, Place(setting.origin)), setting)


def _set(target: Marked | None, parts: list[str], value: Marked, setting: Setting) -> Marked:
    if not parts:
        return value
    part, rest = parts[0], parts[1:]
    if target is not None and isinstance(target.value, list):
        return Marked(_set_element(target.value, part, rest, value, setting), target.place)
    if target is not None and not isinstance(target.value, dict):
        raise InputError(f"there can be no {part!r} in {target.value!r}, which {target.place} gives in place of a table",
                         file=setting.origin, key=setting.key)
    tables = {} if target is None else dict(target.value)
    if part in _NAMED_ARRAYS and rest and part not in tables:
        tables[part] = Marked([], value.place)
    tables[part] = _set(tables.get(part), rest, value, setting)
    return Marked(tables, value.place if target is None else target.place)


def _set_element(elements: list[Marked], part: str, rest: list[str], value: Marked, setting: Setting) -> list[Marked]:
    """Set inside one element of an array, chosen by position or by name."""
    names = [_name(element) for element in elements]
    index = names.index(part) if part in names else int(part) if part.isdecimal() else len(elements)
    if index < len(elements):
        return [_set(old, rest, value, setting) if here == index else old for here, old in enumerate(elements)]
    if part.isdecimal() or not rest or not (_NAMED_ARRAYS & set(setting.key.split("."))):
        have = f"{len(elements)} elements, counted from 0"
        raise InputError(f"there is no element {part!r} ({have})", file=setting.origin, key=setting.key)
    return [*elements, _set(Marked({"name": Marked(part, value.place)}, value.place), rest, value, setting)]


#: Arrays whose tables bear a name, so that ``--set`` can add to them.
_NAMED_ARRAYS = {"programme", "agency", "instrument"}


def _key_parts(setting: Setting) -> list[str]:
    try:
        return list(key_parts(setting.key))
    except (tomllib.TOMLDecodeError, RecursionError):
        message = "this is no dotted key; quote a part with blanks or dots"
        raise InputError(message, file=setting.origin, key=setting.key) from None


@lru_cache(maxsize=4096)  # a sweep sets the same keys thousands of times
def key_parts(key: str) -> tuple[str, ...]:
    """Parts of a dotted key, without their quotes."""
    document: Any = tomllib.loads(f"{key} = 0")
    parts = []
    while isinstance(document, dict):
        name, document = next(iter(document.items()))
        parts.append(name)
    return tuple(parts)


def _named(array: Marked) -> bool:
    """Whether a value is an array of tables that all bear a name in words."""
    return isinstance(array.value, list) and all(isinstance(_name(element), str) for element in array.value)


def _name(element: Marked) -> Any:
    """Name of a table, None for anything without one."""
    return element.value["name"].value if isinstance(element.value, dict) and "name" in element.value else None
