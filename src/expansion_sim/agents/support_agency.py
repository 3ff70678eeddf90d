"""Support agencies: they open programmes, take applications and select within their places."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from expansion_sim.policy.programmes import Programme


class SupportAgency(mesa.Agent):
    """A body that runs programmes.

    Args:
        model: The model.
        name: Name of the body.
        programmes: Rows and programmes it runs.
    """

    def __init__(self, model: Any, name: str, programmes: list[tuple[int, Programme]]) -> None:
        super().__init__(model)
        self.name = name
        self.programmes = programmes
        self.spent = 0.0  # million yen of 2015 so far

    def open_programmes(self, year: int) -> list[tuple[int, Programme]]:
        """Programmes of this agency that run in a year, with their rows."""
        return [(row, programme) for row, programme in self.programmes if programme.open_in(year)]

    def select(self, programme: Programme, scores: np.ndarray, weights: np.ndarray,
               amounts: np.ndarray | None = None) -> np.ndarray:
        """Choose among applications within the places and the budget of the year.

        Args:
            programme: The programme.
            scores: Shape (n,); higher is served first (the score, a lottery ticket or the place in the queue).
            weights: Shape (n,), firms each application stands for.
            amounts: Shape (n,), million yen each would get; None for none.

        Returns:
            Mask of the applications served, shape (n,). The last one served may overrun places and budget.
        """
        order = np.argsort(-scores, kind="stable")
        before = np.cumsum(weights[order]) - weights[order]
        served = np.zeros(scores.size, bool)
        served[order] = before < (programme.places if programme.places is not None else np.inf)
        if programme.budget is not None and amounts is not None:
            money = np.where(served, weights * amounts, 0.0)[order]
            served[order] &= np.cumsum(money) - money < programme.budget
        return served
