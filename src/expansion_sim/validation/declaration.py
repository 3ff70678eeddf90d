"""How a survey question is declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from expansion_sim.validation.measures import Statistic


@dataclass(frozen=True)
class Survey:
    """One declared survey question.

    Attributes:
        name: Name in the surveys table of a run.
        lens: Name in LENSES.
        years: Years in which it is asked.
        measure: Statistic of a snapshot and the weights of the lens.
        unit: Unit of its value.
        answers: Published facts it answers as it is: id -> year.
        note: How it differs from what was published, if it does.
    """

    name: str
    lens: str
    years: tuple[int, ...]
    measure: Statistic
    unit: str
    answers: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    @property
    def target_ids(self) -> tuple[str, ...]:
        """Ids of the facts it answers."""
        return tuple(self.answers)
