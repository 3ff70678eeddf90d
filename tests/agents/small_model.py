"""A model of a dozen firms with rules simple enough to do by hand, and a government of Mesa's own kind."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from expansion_sim.agents.columnar_model import ColumnarModel
from expansion_sim.population.schema import empty_firms

DIGITS = {"produce": 1, "act": 2, "settle": 3, "look_around": 4, "plan": 5}


class Population:
    """Nothing but the array."""

    def __init__(self, firms: np.ndarray) -> None:
        self.firms = firms


class Ministry(mesa.Agent):
    """An agent of Mesa's own kind."""

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.budget = 100.0

    def step(self) -> None:
        """Spend one."""
        self.budget -= 1.0


class SmallModel(ColumnarModel):
    """Every phase adds its own digit to ``debt`` and keeps a log; ``kernel_calls`` counts the fast path."""

    def __init__(self, number: int = 12, rng: Any = 1, ministries: int = 2) -> None:
        super().__init__(rng=rng)
        self.population = Population(some_firms(number))
        self.ministries = [Ministry(self) for _ in range(ministries)]
        self.log: list[tuple[str, int]] = []
        self.kernel_calls: list[Any] = []
        self.datacollector = mesa.DataCollector(model_reporters={"firms": "number_of_firms"})

    @property
    def number_of_firms(self) -> int:
        """Living firms."""
        return len(self.firms)

    def firm_phase(self, phase: str, row: int) -> None:
        """Log the phase and write its digit after the others."""
        self.log.append((phase, row))
        debt = self.population.firms["debt"]
        debt[row] = debt[row] * 10 + DIGITS[phase]

    def step_firms(self, rows: np.ndarray | None = None) -> None:
        """The 'kernel': the same as the five phases."""
        self.kernel_calls.append(rows)
        super().step_firms(rows)

    def step(self) -> None:
        """One year."""
        self.firms.do("step")
        self.datacollector.collect(self)


def some_firms(number: int) -> np.ndarray:
    """Firms 100, 101, ... in every second row of twice as many, shape (2 * number,)."""
    firms = empty_firms(2 * number)
    rows = np.arange(0, 2 * number, 2)
    firms["alive"][rows] = 1
    firms["firm"][rows] = 100 + np.arange(number)
    firms["employees"][rows] = 5.0 + np.arange(number) % 4
    firms["cash"][rows] = np.linspace(10.0, 1.0, number)
    firms["industry"][rows] = np.arange(number) % 3
    firms["interested"][rows] = np.arange(number) % 2
    firms["weight"] = 1.0
    return firms


def ids(agents: Any) -> list[int]:
    """Ids in order."""
    return [agent.firm for agent in agents]
