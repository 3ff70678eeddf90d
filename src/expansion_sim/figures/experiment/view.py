"""What one figure of a sweep shows, and how it is labelled."""

from __future__ import annotations

from typing import Any, NamedTuple

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.choosing import is_paired
from expansion_sim.experiment.analysis.gaps import gap_words
from expansion_sim.experiment.analysis.observations import Missing, Year, observations, when_words
from expansion_sim.figures.experiment.labels import base_note, base_words, outcome_label, source_note


class Unsuited(InputError):
    """A figure that an outcome cannot give, such as a path over the years of one that is kept for a single year."""


class View(NamedTuple):
    """What one figure shows.

    Attributes:
        results: A sweep's results.
        outcome: Name of the outcome.
        year: Year of the outcome, ``total`` for the sum over years, None for the last.
        threshold: Threshold of scenario discovery; None takes the mean over all points.
        missing: Refuse failed runs, or leave them out.
    """

    results: Any
    outcome: str
    year: Year = None
    threshold: float | None = None
    missing: Missing = "raise"

    @property
    def paired(self) -> bool:
        """Whether differences from a base can be shown."""
        return is_paired(self.results)

    @property
    def asked(self) -> dict[str, Any]:
        """Arguments of analyses that can show differences."""
        return {"against_base": self.paired, "missing": self.missing}

    def label(self, *, difference: bool = False, than_base: bool = False, dated: bool = True) -> str:
        """Axis label of the outcome with unit and year.

        Args:
            difference: Call it a change.
            than_base: Say what it is more than, for differences from the base.
            dated: Say the year.
        """
        more_than = base_words(self.results.design) if than_base else ""
        when, unit = self.when() if dated else "", self.results.unit(self.outcome)
        unit = unit.removesuffix(" a year") if when.startswith("sum") else unit  # a sum over years is no longer one a year
        label = outcome_label(self.outcome, unit, difference=difference, more_than=more_than)
        return f"{label}, {when}" if when else label

    def when(self) -> str:
        """The year shown, in words."""
        return when_words(self.results, self.outcome, self.year)

    def note(self, extra: str = "") -> str:
        """Source line, what is compared with, and what had to be left out."""
        about = base_note(self.results) if self.paired else ""
        gaps = gap_words(observations(self.results, self.outcome, self.year, "drop")) if self.missing == "drop" else ""
        return source_note(self.results, " ".join(filter(None, (extra, about, gaps))))
