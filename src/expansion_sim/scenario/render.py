"""A scenario as data, as TOML text and as a hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from expansion_sim.scenario.spec import Scenario

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def resolved(scenario: Scenario) -> dict[str, Any]:
    """Every value of a scenario, defaults included, as plain data with the keys of the file."""
    return scenario.model_dump(mode="json", by_alias=True)


def scenario_hash(scenario: Scenario) -> str:
    """SHA-256 of the resolved scenario as canonical JSON; the order of keys, comments and 1 for 1.0 do not matter."""
    canonical = json.dumps(resolved(scenario), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def dump_toml(scenario: Scenario) -> str:
    """The resolved scenario as a TOML file that loads to an equal scenario."""
    return toml_text(resolved(scenario))


def toml_text(tables: Mapping[str, Any], comment: Callable[[str], str] | None = None) -> str:
    """Plain data as TOML.

    Args:
        tables: Tables, arrays of tables, scalars and arrays of scalars; None is left out.
        comment: Returns the comment behind a dotted key, empty for none.
    """
    lines = _table_lines(tables, "", "", "", comment or (lambda key: ""))
    return "\n".join(lines).strip() + "\n"


def _table_lines(table: Mapping[str, Any], header: str, title: str, key: str, comment: Callable[[str], str]) -> list[str]:
    """Lines of a table and the tables in it.

    Args:
        table: The table.
        header: Its line, ``[a.b]`` or ``[[a.b]]``; left out when it would stand over nothing.
        title: Its TOML name.
        key: Its dotted key with positions, for ``comment``.
        comment: As in :func:`toml_text`.
    """
    lines, inner = [], []
    for name, value in table.items():
        here = f"{key}.{name}" if key else name
        below = f"{title}.{_dotted(name)}" if title else _dotted(name)
        if isinstance(value, Mapping):
            inner += _table_lines(value, f"[{below}]", below, here, comment)
        elif _is_array_of_tables(value):
            for index, element in enumerate(value):
                inner += _table_lines(element, f"[[{below}]]", below, f"{here}.{index}", comment)
        elif value is not None:
            note = comment(here)
            lines.append(f"{_dotted(name)} = {toml_value(value)}" + (f"  # {note}" if note else ""))
    opened = ["", header] if header and (lines or header.startswith("[[")) else []
    return [*opened, *lines, *inner]


def _is_array_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, Mapping) for part in value)


def _dotted(name: str) -> str:
    """A key; parameters keep their dots, other keys with odd letters are quoted."""
    return ".".join(part if _BARE_KEY.fullmatch(part) else toml_value(part) for part in name.split("."))


def toml_value(value: Any) -> str:
    """A scalar, an array or an inline table as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml_value(part) for part in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_dotted(name)} = {toml_value(part)}" for name, part in value.items()) + "}"
    return repr(value)
