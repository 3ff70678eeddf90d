"""A large customer as a Mesa agent over its row of the customers' table."""

from __future__ import annotations

from typing import Any

import mesa

from expansion_sim.behaviour.offshoring import step_customer
from expansion_sim.codes import HOSTS, INDUSTRIES


class ParentFirm(mesa.Agent):
    """A large firm that buys from small ones and may move production abroad.

    Args:
        model: The model.
        row: Row of ``model.customers`` (population.parents.PARENT_DTYPE).
    """

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def industry(self) -> str:
        """Industry, a name of codes.INDUSTRIES."""
        return INDUSTRIES[self.model.customers["industry"].item(self.row)]

    @property
    def offshore_share(self) -> float:
        """Share of production abroad."""
        return self.model.customers["offshore_total"].item(self.row)

    @property
    def hosts(self) -> dict[str, float]:
        """Share of production by host, hosts with none left out."""
        shares = self.model.customers["offshore"][self.row]
        return {HOSTS[g]: float(share) for g, share in enumerate(shares) if share > 0.0}

    def step(self) -> None:
        """Decide on production abroad and invitations for this year."""
        step_customer(self.model.customers[self.row], self.row, self.model.context)
