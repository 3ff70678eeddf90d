"""The common past of a family of runs in a worker: one model that goes from branching to branching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from expansion_sim.scenario.spec import Scenario


class Trunk:
    """A model that is stepped as far as the next run needs it, and lends each run a copy of its state.

    Args:
        world: Scenario of the common past.
        make: Scenario -> model before its first year.
    """

    def __init__(self, world: Scenario, make: Callable[[Scenario], Any]) -> None:
        self.world, self._make = world, make
        self._model: Any = None
        self._failed = False

    def branch(self, scenario: Scenario) -> Any | None:
        """A model of a scenario in the year before it can differ from the trunk.

        Returns:
            None for a run that has to begin by itself: nothing is common, the trunk is past that year, or it fails. Then the run tells
            itself what is wrong with it.
        """
        from expansion_sim.scenario.divergence import first_difference

        try:
            year = first_difference(self.world, scenario)
            if self._failed or not self._reach(scenario, year):
                return None
            return self._model.branch(scenario)
        except Exception:  # whatever a model of somebody's own raises
            self._failed = True
            self._model = None
            return None

    def _reach(self, scenario: Scenario, year: int | None) -> bool:
        """Step the trunk to the end of the year before ``year``, as far as it goes; whether it stands where the run can leave it."""
        if year is not None and year <= self.world.years.first:
            return False
        if self._model is None:
            self._model = self._make(self.world)
        end = min(scenario.years.last, self.world.years.last, self.world.years.last if year is None else year - 1)
        while self._model.year < end:
            self._model.step()
        return bool(self._model.year == end)
