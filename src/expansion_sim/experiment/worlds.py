"""The scenarios an experiment starts from, read once so that a file edited during a sweep changes no run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from expansion_sim.errors import InputError
from expansion_sim.scenario.load import Traced, read_world, traced
from expansion_sim.scenario.marked import Marked, Place, Setting, error_at, mark_value, plain
from expansion_sim.scenario.spec import Scenario


class Worlds:
    """Scenarios by the name that the experiment gives them.

    Args:
        read: Name -> keys and values as they stand in the files, ``extends`` resolved.
    """

    def __init__(self, read: dict[str, Any]) -> None:
        self._read: dict[str, Marked] = {name: mark_value(values, Place(name)) for name, values in read.items()}

    @classmethod
    def read(cls, named: Iterable[tuple[str, Marked, str]], folder: Path | None) -> Worlds:
        """Read scenario files.

        Args:
            named: Names or paths, each with the place and the key that name it.
            folder: Folder that paths start from.

        Raises:
            InputError: One cannot be found or read.
        """
        worlds = cls({})
        for name, marked, key in named:
            if name in worlds._read:
                continue
            try:
                worlds._read[name] = read_world(name, folder)
            except InputError as error:
                if error.line is not None:  # inside the scenario file itself
                    raise
                raise error_at(marked.place, key, f"{name!r}: {error.message}") from None
        return worlds

    def plain(self) -> dict[str, Any]:
        """Every world as plain data, fit for JSON."""
        return {name: plain(world) for name, world in self._read.items()}

    def scenario(self, name: str, settings: Sequence[Setting]) -> Scenario:
        """One world with settings on top.

        Raises:
            InputErrors: Everything that is wrong with it.
        """
        return self.traced(name, settings).scenario

    def traced(self, name: str, settings: Sequence[Setting]) -> Traced:
        """Like :meth:`scenario`, with the origin of every value."""
        return traced(self._read[name], settings)
