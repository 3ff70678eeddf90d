"""Where each key of a TOML text stands: path of keys and positions -> line number.

``tomllib`` tells values without places. This index reads the same text, already known to be valid TOML, for its keys only.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_TEXT = re.compile(r'''"""(?:\\.|[^\\])*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:'{0,2})|"(?:[^"\\]|\\.)*"|'[^']*\'''', re.DOTALL)
_BARE = re.compile(r"[^,\]}\n#]*")


def key_lines(text: str) -> dict[Path, int]:
    """Line of every key, table and array element of a valid TOML text, counted from 1.

    Args:
        text: Valid TOML whose lines end with a newline only.

    Returns:
        Path (keys, and positions inside arrays) -> line. A table's line is where it is first named.
    """
    return _Index(text).lines


class _Index:
    """One pass over a text; ``at`` is the position, ``lines`` what was found."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.lines: dict[Path, int] = {(): 1}
        self.lengths: dict[Path, int] = {}
        table: Path = ()
        while self._skip(_BLANK) < len(text):
            table = self._header() if text[self.at] == "[" else self._pair(table)

    def _header(self) -> Path:
        """Read ``[a.b]`` or ``[[a.b]]`` and return the path of the table it opens."""
        array = self.text.startswith("[[", self.at)
        start, self.at = self.at, self.at + (2 if array else 1)
        *parents, last = self._keys()
        path: Path = ()
        for name in parents:
            path = self._open((*path, name), start)
        path = (*path, last)
        if array:
            self._mark(path, start)
            self.lengths[path] = self.lengths.get(path, 0) + 1
            path = (*path, self.lengths[path] - 1)
        else:
            path = self._open(path, start)
        self._mark(path, start)
        self.at = self.text.index("]", self.at) + (2 if array else 1)
        return path

    def _open(self, path: Path, start: int) -> Path:
        """Step into a table, or into the last table of an array."""
        self._mark(path, start)
        return (*path, self.lengths[path] - 1) if path in self.lengths else path

    def _pair(self, table: Path) -> Path:
        """Read ``a.b = value``; returns the table, which stays open."""
        start = self.at
        path = table
        for name in self._keys():
            path = (*path, name)
            self._mark(path, start)
        self.at = self.text.index("=", self.at) + 1
        self._value(path)
        return table

    def _keys(self) -> list[str]:
        names: list[str] = []
        while True:
            self._skip(_SPACE)
            match = _KEY.match(self.text, self.at)
            assert match is not None, "the text was parsed before"
            self.at = match.end()
            names.append(_plain(match.group()))
            if self.text[self._skip(_SPACE)] != ".":
                return names
            self.at += 1

    def _value(self, path: Path) -> None:
        self._skip(_SPACE)
        opening = self.text[self.at]
        if opening == "[":
            self._elements(path)
        elif opening == "{":
            self._inline(path)
        else:
            self._skip(_TEXT if opening in "\"'" else _BARE)

    def _elements(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self.text[self._skip(_BLANK)] != "]":
            self._mark((*path, index), self.at)
            self._value((*path, index))
            index += 1
            if self.text[self._skip(_BLANK)] == ",":
                self.at += 1
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        while self.text[self._skip(_BLANK)] != "}":
            self._pair(path)
            if self.text[self._skip(_BLANK)] == ",":
                self.at += 1
        self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _mark(self, path: Path, position: int) -> None:
        self.lines.setdefault(path, bisect_right(self.starts, position))


def _plain(name: str) -> str:
    """A key without its quotes."""
    return next(iter(tomllib.loads(f"{name} = 0")))
