"""Loading a scenario: the file, what it extends, and the settings on top."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from expansion_sim.errors import InputError, InputErrors, warn_without_effect
from expansion_sim.scenario.check import checked
from expansion_sim.scenario.files import display_name, find_scenario, read_scenario
from expansion_sim.scenario.idle import idle_terms
from expansion_sim.scenario.marked import Marked, Place, Setting, apply_setting, error_at, mark_value, merge, parse_setting
from expansion_sim.scenario.spec import Scenario

#: Keys that describe one file and are not handed down by ``extends``.
_OWN = ("name", "title", "description")

Overrides = Mapping[str, object] | Iterable[str | Setting]


class Traced(NamedTuple):
    """A scenario and where each of its values was written.

    Attributes:
        scenario: The scenario.
        origins: Dotted key -> ``file:line``, ``--set`` or the like; a key that is absent has its default.
    """

    scenario: Scenario
    origins: dict[str, str]


def load_scenario(path_or_name: str | os.PathLike[str], overrides: Overrides = ()) -> Scenario:
    """Load a scenario file.

    Args:
        path_or_name: Path of a TOML file, or the name of a shipped scenario such as ``history``.
        overrides: Values on top: a mapping of dotted key to value, or texts ``key=value`` as given to ``--set``.

    Raises:
        InputError: The file cannot be found or read, or something in it is wrong; all problems are told at once.

    Warns:
        WithoutEffect: Something that it states acts on nothing.
    """
    found = traced(read_world(path_or_name), overrides)
    warn_without_effect(idle_terms(*found))
    return found.scenario


def load_traced(path_or_name: str | os.PathLike[str], overrides: Overrides = ()) -> Traced:
    """Like :func:`load_scenario`, with the origin of every value."""
    found = traced(read_world(path_or_name), overrides)
    warn_without_effect(idle_terms(*found))
    return found


def read_world(path_or_name: str | os.PathLike[str], folder: Path | None = None) -> Marked:
    """Read a scenario with what it extends, before anything is set, filled in or checked.

    Args:
        path_or_name: Path of a TOML file, or the name of a shipped scenario.
        folder: Folder of the file that names it; None for the working directory.

    Raises:
        InputError: A file cannot be found or read, or files extend each other in a circle.
    """
    path = find_scenario(path_or_name, folder)
    root = _with_bases(path, ())
    name = root.value.get("name", Marked(path.stem, Place(display_name(path))))
    return Marked({**root.value, "name": name}, root.place)


def traced(world: Marked, overrides: Overrides = ()) -> Traced:
    """The scenario of a world that was read, with settings on top and without warnings; ``world`` may be used again.

    Raises:
        InputErrors: Everything that is wrong with the world or the settings.
    """
    root = world
    for setting in _settings(overrides):
        root = apply_setting(root, setting)
    root = _completed_programmes(_flat_parameters(root))
    return Traced(checked(root), _origins(root))


def _settings(overrides: Overrides) -> list[Setting]:
    if isinstance(overrides, str):
        raise InputError("overrides must be a mapping or a list of texts key=value, not one text")
    if isinstance(overrides, Mapping):
        return [Setting(key, value, "overrides") for key, value in overrides.items()]
    return [parse_setting(item) if isinstance(item, str) else item for item in overrides]


def _with_bases(path: Path, above: tuple[Path, ...]) -> Marked:
    """Read a file and lay it on the files it extends, later ones on earlier ones."""
    root = _flat_parameters(read_scenario(path))
    extends = root.value.pop("extends", None)
    if extends is None:
        return root
    chain = (*above, path.resolve())
    merged: Marked | None = None
    for named in extends.value if isinstance(extends.value, list) else [extends]:
        if not isinstance(named.value, str):
            raise error_at(named.place, "extends", "must be the name or path of a scenario, or an array of them")
        base_path = _base_path(named, path)
        if base_path.resolve() in chain:
            start = chain.index(base_path.resolve())
            circle = " -> ".join(display_name(link) for link in (*chain[start:], base_path.resolve()))
            raise error_at(named.place, "extends", f"the files extend each other in a circle: {circle}")
        base = _with_bases(base_path, chain)
        base = Marked({name: part for name, part in base.value.items() if name not in _OWN}, base.place)
        merged = base if merged is None else merge(merged, base)
    return root if merged is None else merge(merged, root)


def _base_path(named: Marked, path: Path) -> Path:
    try:
        base = find_scenario(named.value, path.parent)
    except InputError as error:
        raise error_at(named.place, "extends", f"{named.value!r}: {error.message}") from None
    if not base.is_file():
        raise error_at(named.place, "extends", f"there is no file {display_name(base)}")
    return base


def _flat_parameters(root: Marked) -> Marked:
    """Give parameters their dotted names, whether written as tables or as dotted keys."""
    parameters = root.value.get("parameters")
    if parameters is None or not isinstance(parameters.value, dict):
        return root
    flat: dict[str, Marked] = {}

    def walk(marked: Marked, name: str) -> None:
        if isinstance(marked.value, dict) and name.count(".") < 4:
            for part, inner in marked.value.items():
                walk(inner, f"{name}.{part}" if name else part)
        else:
            flat[name] = marked

    walk(parameters, "")
    return Marked({**root.value, "parameters": Marked(flat, parameters.place)}, root.place)


def _completed_programmes(root: Marked) -> Marked:
    """Fill in what a scenario leaves unsaid about a recorded programme that it changes."""
    support = root.value.get("support")
    entries = support.value.get("programme") if support is not None and isinstance(support.value, dict) else None
    if entries is None or not isinstance(entries.value, list) or not entries.value:
        return root
    from expansion_sim.scenario.recorded import recorded_programmes

    recorded = recorded_programmes()
    filled = []
    for entry in entries.value:
        stated = entry.value if isinstance(entry.value, dict) else {}
        name = stated.get("name", stated.get("id"))
        known = name is not None and isinstance(name.value, str) and name.value in recorded
        filled.append(_completed(entry, recorded[name.value]) if name is not None and known else entry)
    support = Marked({**support.value, "programme": Marked(filled, entries.place)}, support.place)
    return Marked({**root.value, "support": support}, root.place)


def _completed(entry: Marked, recorded: dict[str, Any]) -> Marked:
    """One changed programme with the terms that the record gives it; single dated values are changed by their number."""
    from expansion_sim.scenario.recorded import kept_terms

    stated = dict(entry.value)
    terms = kept_terms(recorded, stated["instrument"].value if "instrument" in stated else None)
    base = {key: mark_value(value, _place(recorded["id"], key)) for key, value in terms.items()}
    if "value" in terms:
        dated = [mark_value(part, _place(recorded["id"], "value", number, "value")) for number, part in enumerate(terms["value"])]
        base["value"] = Marked(dated, base["value"].place)
    if "value" in stated and "value" in base and isinstance(stated["value"].value, dict):
        stated["value"] = _dated(base["value"], stated["value"])
    return Marked({**base, **stated, "name": Marked(recorded["name"], stated.get("name", entry).place)}, entry.place)


def _place(programme: str, *key: str | int) -> Place:
    """Where the record states a term."""
    from expansion_sim.scenario.recorded import place_of

    file, _, line = place_of(programme, *key).partition(":")
    return Place(file, int(line) if line else None)


def _dated(recorded: Marked, changes: Marked) -> Marked:
    """Recorded dated values of which some, by number, are changed; one that is set has no range but the one set with it."""
    entries = list(recorded.value)
    for number, change in changes.value.items():
        if not number.isdecimal() or int(number) >= len(entries) or not isinstance(change.value, dict):
            return changes  # told by the schema
        kept = entries[int(number)].value
        if "value" in change.value:
            kept = {key: part for key, part in kept.items() if key not in ("low", "high", "source")}
        entries[int(number)] = Marked({**kept, **change.value}, change.place)
    return Marked(entries, changes.place)


def _origins(root: Marked) -> dict[str, str]:
    """Dotted key -> place, positions of arrays as numbers."""
    found: dict[str, str] = {}

    def walk(marked: Marked, key: str) -> None:
        value = marked.value
        if key and not isinstance(value, dict):
            found[key] = str(marked.place)
        for name, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
            walk(part, f"{key}.{name}" if key else str(name))

    walk(root, "")
    return found


def check_files(paths: Iterable[str], overrides: Overrides = ()) -> list[tuple[str, Traced | InputErrors]]:
    """Load several scenarios and keep what is wrong with each; nothing is warned of, see :func:`idle_terms`.

    Args:
        paths: Paths or names.
        overrides: Values on top of each, as for :func:`load_scenario`.

    Returns:
        For each path the scenario with its origins, or the errors found.
    """
    overrides = _settings(overrides)
    results: list[tuple[str, Traced | InputErrors]] = []
    for path in paths:
        try:
            results.append((path, traced(read_world(path), overrides)))
        except InputErrors as errors:
            results.append((path, errors))
        except InputError as error:
            results.append((path, InputErrors([error])))
    return results
