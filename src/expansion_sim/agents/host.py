"""A host country as a Mesa agent: this year's conditions and how crowded it is."""

from __future__ import annotations

from typing import Any

import mesa

from expansion_sim.codes import CLUSTER, CONTRACT, FDI, HOST_NAMES, HOSTS


class Host(mesa.Agent):
    """One of the sixteen host countries.

    Args:
        model: The model.
        row: Position in codes.HOSTS.
    """

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.code = HOSTS[row]
        self.name = HOST_NAMES[row]

    def driver(self, name: str) -> float:
        """A driver of the current year, a field of history.drivers.HOST_DTYPE.

        Raises:
            ValueError: For an unknown field.
        """
        return float(self.model.host_drivers[name][self.row])

    @property
    def plants(self) -> float:
        """Own and collective plants of small firms here at the end of last year, weighted firms."""
        hosts = self.model.aggregates.hosts
        return float(hosts[:, (FDI, CLUSTER), self.row].sum())

    @property
    def contracts(self) -> float:
        """Small firms with contract production here at the end of last year, weighted."""
        return float(self.model.aggregates.hosts[:, CONTRACT, self.row].sum())

    def step(self) -> None:
        """Let prices and rules of the year hold; fellow plants of last year are counted by the model."""
        self.openness = self.driver("openness")
        self.relative_wage = self.driver("relative_wage")
