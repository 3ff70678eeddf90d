"""Municipalities of industrial districts: local support on condition that the home plant stays."""

from __future__ import annotations

from typing import Any

import mesa

from expansion_sim.codes import DISTRICTS


class Municipality(mesa.Agent):
    """The town of an industrial district, or the rest of the country.

    Args:
        model: The model.
        row: Position in codes.DISTRICTS.
    """

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self.row = row
        self.name = DISTRICTS[row]
        self.jobs_at_peak = 0.0

    @property
    def firms(self) -> float:
        """Firms in the district at the end of last year, weighted."""
        return float(self.model.aggregates.districts[:, self.row, 0].sum())

    @property
    def share_abroad(self) -> float:
        """Share of the district's firms that are abroad, 0 to 1."""
        firms, abroad = self.model.aggregates.districts[:, self.row, :].sum(axis=0)
        return float(abroad / firms) if firms > 0.0 else 0.0

    @property
    def asks_for_pledge(self) -> bool:
        """Whether local support is tied to keeping the home plant this year."""
        return self.model.pledge_asked and self.name != "elsewhere"
