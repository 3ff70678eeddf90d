"""The four historical phases, used to label figures and to group tables; no rule of the model reads them.

Source: the stages of Liu and Zhou 2024.
"""

from __future__ import annotations

from typing import NamedTuple


class Phase(NamedTuple):
    """A span of years with a name.

    Attributes:
        name: Name shown in figures and tables.
        first: First year.
        last: Last year, included.
        short: Name for narrow panels.
    """

    name: str
    first: int
    last: int
    short: str

    @property
    def label(self) -> str:
        """Name with years, such as 'Export-led 1955-69'."""
        return f"{self.name} {self.first}-{self.last % 100:02d}"


PHASES: tuple[Phase, ...] = (
    Phase("Export-led", 1955, 1969, "Export-led"),
    Phase("FDI take-off", 1970, 1984, "Take-off"),
    Phase("Acceleration", 1985, 1999, "Acceleration"),
    Phase("Global", 2000, 2024, "Global"),
)


def phases_within(first: int, last: int) -> list[Phase]:
    """Phases that overlap the years ``first`` to ``last``, cut to them.

    Years after the last phase belong to it: a run that goes on to 2035 has a fourth phase of 2000-35.
    """
    stretched = [*PHASES[:-1], PHASES[-1]._replace(last=max(PHASES[-1].last, last))]
    inside = [phase for phase in stretched if phase.first <= last and phase.last >= first]
    return [phase._replace(first=max(phase.first, first), last=min(phase.last, last)) for phase in inside]
