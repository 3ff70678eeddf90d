"""Finding and reading scenario files: a path, or the name of a scenario that ships with the package."""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from expansion_sim.errors import InputError, InputErrors, allowed_names
from expansion_sim.scenario.marked import Marked, duplicate_names, mark_text

_LARGEST = 4_000_000  # bytes; a scenario is a page of text, and reading a data file by mistake should stop at once
_TOML_PLACE = re.compile(r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


class Listed(NamedTuple):
    """One line of ``scenario list``."""

    name: str
    title: str
    description: str
    path: Path


@cache
def shipped_folder() -> Path:
    """Folder of the scenarios that ship with the package: inside it when installed, beside ``src`` in the source tree."""
    packaged = Path(__file__).resolve().parents[1] / "scenarios"
    source = Path(__file__).resolve().parents[3]
    return packaged if packaged.is_dir() or not (source / "pyproject.toml").is_file() else source / "scenarios"


def shipped_names() -> list[str]:
    """Names of the shipped scenarios, in alphabetical order, ``history`` first."""
    names = sorted(path.stem for path in shipped_folder().glob("*.toml"))
    return sorted(names, key=lambda name: name != "history")


def list_scenarios() -> list[Listed]:
    """The shipped scenarios with their titles and descriptions."""
    listed = []
    for name in shipped_names():
        path = shipped_folder() / f"{name}.toml"
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        listed.append(Listed(name, tables.get("title", ""), " ".join(tables.get("description", "").split()), path))
    return listed


def find_scenario(wanted: str | os.PathLike[str], folder: Path | None = None) -> Path:
    """Path of a scenario.

    A bare word is first a neighbour of the file that names it, then a shipped scenario, then a file; anything with ``.toml``
    or a folder in it is a path.

    Args:
        wanted: Path or name.
        folder: Folder of the file that names it in ``extends``; None for the working directory.

    Raises:
        InputError: There is no such scenario.
    """
    text = os.fspath(wanted)
    path = (folder or Path()) / text
    if text.endswith(".toml") or os.sep in text:
        return path
    neighbour = path.with_name(f"{path.name}.toml") if path.name else path
    if folder is not None and neighbour.is_file():
        return neighbour
    if text in shipped_names():
        return shipped_folder() / f"{text}.toml"
    if text and path.exists():
        return path
    near = allowed_names(text, shipped_names()) or "expansion-sim scenario list names them"
    raise InputError(f"no scenario of this name ships with the package; {near}".rstrip("; "), key=text or "''")


def read_scenario(path: Path, what: str = "a scenario") -> Marked:
    """Read one file with the line of every key.

    Args:
        path: The file.
        what: What it should be, for messages.

    Raises:
        InputError: The file cannot be read, is no text, or no valid TOML.
    """
    name = display_name(path)
    text = _read_text(path, name, what)
    try:
        root = mark_text(text, name)
    except tomllib.TOMLDecodeError as error:
        match = _TOML_PLACE.match(str(error))
        line = text.rstrip().count("\n") + 1 if match is None or match["line"] is None else int(match["line"])
        what, column = (match["what"], match["column"]) if match else (str(error), None)
        if what == "Cannot overwrite a value":
            what = "the same key stands twice in one table, or names both a value and a table,"
        where = f" at column {column}" if column else " at the end of the file"
        raise InputError(f"this is no valid TOML: {what[0].lower()}{what[1:]}{where}", file=name, line=line) from None
    except RecursionError:
        raise InputError("tables or arrays are nested too deeply", file=name) from None
    errors = duplicate_names(root)
    if errors:
        raise InputErrors(errors)
    return root


def display_name(path: Path) -> str:
    """Shortest name of a path for messages: relative to the working directory when inside it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _read_text(path: Path, name: str, what: str) -> str:
    try:
        if path.is_dir():
            raise InputError(f"this is a directory; {what} is a TOML file", file=name)
        if not path.exists():
            raise InputError("there is no such file", file=name)
        if not path.is_file():
            raise InputError(f"this is not a regular file; {what} is a TOML file", file=name)
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{path.stat().st_size:,} bytes are too much for {what}; is this a data file?", file=name)
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = error.strerror if isinstance(error, OSError) else None
        raise InputError(f"cannot be read: {reason or error}", file=name) from None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("this is not UTF-8 text", file=name, line=line) from None
