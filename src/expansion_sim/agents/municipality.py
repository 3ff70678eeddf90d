"""Municipalities of industrial districts: local support on condition that the home plant stays."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
from numba import njit

from expansion_sim.behaviour.conditions import jobs_at_stake, municipal_score
from expansion_sim.codes import DISTRICTS
from expansion_sim.policy.programmes import Programme

KEPT_BY_PLEDGE = 0.5  # share of the movable work that a pledge keeps at home (behaviour.phases.settling.settle_jobs)


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

    def _sum(self, measure: int) -> float:
        return float(self.model.aggregates.districts[:, self.row, measure].sum())

    @property
    def firms(self) -> float:
        """Firms in the district at the end of last year, weighted."""
        return self._sum(0)

    @property
    def share_abroad(self) -> float:
        """Share of the district's firms that are abroad, 0 to 1."""
        return self._sum(1) / self.firms if self.firms > 0.0 else 0.0

    @property
    def hollowing(self) -> float:
        """Jobs of the district's firms that have gone abroad, per job still at home."""
        at_home = self._sum(2)
        return self._sum(3) / at_home if at_home > 0.0 else 0.0

    @property
    def asks_for_pledge(self) -> bool:
        """Whether a programme that this town gives out is tied to the home plant this year."""
        return any(
            programme.keep_home_plant and programme.open_in(self.model.year) and self.row in (programme.districts or range(len(DISTRICTS)))
            for programme in self.model.programmes
        )

    @property
    def rates_as_usual(self) -> bool:
        """Whether nobody has given this town, or its class, scores or sums of its own."""
        return type(self) is Municipality and "scores" not in vars(self)

    def scores(self, programme: Programme, firms: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """Scores of plans in the eyes of the town, which weighs the home jobs at stake; below zero it refuses.

        Args:
            programme: The programme; with a pledge less is at stake.
            firms: Applicants, shape (n,), FIRM_DTYPE.
            scores: Their scores on the plan's own merits, shape (n,).
        """
        kept = KEPT_BY_PLEDGE if programme.keep_home_plant else 0.0
        movable = self.model.industries["relocatable"][firms["industry"]] * (firms["wish_mode"] >= 4)
        weight, hollowing = self.model.parameters[0]["support_hollowing"], self.hollowing
        return rate_plans(np.ascontiguousarray(scores, float), firms["employees"].astype(float), movable, kept, hollowing, float(weight))


@njit(cache=True)
def rate_plans(scores: np.ndarray, employees: np.ndarray, movable: np.ndarray, kept: float, hollowing: float, weight: float) -> np.ndarray:
    """Scores of several plans in the eyes of one town, shape (n,); see behaviour.conditions."""
    rated = np.empty(scores.size)
    for i in range(scores.size):
        stake = jobs_at_stake(employees[i], movable[i], kept)
        rated[i] = municipal_score(scores[i], stake, employees[i], hollowing, weight)
    return rated
