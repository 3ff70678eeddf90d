"""Support agencies: they are heard of, take applications, select within places and budget, pay, lend and claim back."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from expansion_sim.behaviour.applications import contact_rate
from expansion_sim.policy.competitions import serve
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.terms import stated_terms

USUAL_OFFICES = 50.0  # of a body that terms.toml does not know


class SupportAgency(mesa.Agent):
    """A body that runs programmes.

    Args:
        model: The model.
        name: Name of the body.
        programmes: Rows and programmes it runs.

    Attributes:
        offices: Offices at home and abroad.
        experts: Advisers on call.
        spent: Money paid out so far, less what was paid back and including interest waived, million yen 2015.
        lent: Loans paid out so far, million yen 2015.
    """

    def __init__(self, model: Any, name: str, programmes: list[tuple[int, Programme]]) -> None:
        super().__init__(model)
        self.name = name
        self.programmes = programmes
        self.offices, self.experts = reach_of(name, model.spec.support)
        self.spent, self.lent = 0.0, 0.0

    @property
    def contact(self) -> float:
        """Rate at which it gets in touch with firms that plan, 1 a year."""
        p = self.model.parameters[0]
        return contact_rate(self.offices, self.experts, p["support_office_contact"], p["support_expert_contact"])

    def open_programmes(self, year: int) -> list[tuple[int, Programme]]:
        """Programmes of this agency that run in a year, with their rows."""
        return [(row, programme) for row, programme in self.programmes if programme.open_in(year)]

    def select(self, programme: Programme, scores: np.ndarray, weights: np.ndarray, amounts: np.ndarray,
               luck: np.ndarray | None = None) -> np.ndarray:
        """Choose among applications within the places and the budget of the year.

        Args:
            programme: The programme.
            scores: Shape (n,); higher is served first (the score, a lottery ticket or the place in the queue).
            weights: Shape (n,), firms each application stands for.
            amounts: Shape (n,), million yen each would get.
            luck: Shape (n,), uniforms that decide whether a row of several firms gets the last places, so that places are met on
                average in a sample; None for never. A row of one firm needs no luck.

        Returns:
            Million yen granted to each, shape (n,), 0 for those refused. The budget is never exceeded: the last one served gets what is
            left.
        """
        places = programme.places if programme.places is not None else np.inf
        money = programme.budget if programme.budget is not None else np.inf
        sure = np.ones(scores.size) if luck is None else luck  # whoever has luck 1 gets the last places only if they suffice
        order = np.argsort(-scores, kind="stable")
        weights, amounts, sure = (np.ascontiguousarray(each, float) for each in (weights, amounts, sure))
        return serve(order, weights, amounts, sure, float(places), float(money))


def reach_of(name: str, support: Any = None) -> tuple[float, float]:
    """Offices and experts of a body by its name.

    Args:
        name: Its name.
        support: ``Scenario.support``, whose ``agency`` tables may say otherwise; None for the shipped terms.
    """
    known = next((agency for agency in stated_terms().agencies if agency.name == name), None)
    offices, experts = (USUAL_OFFICES, 0.0) if known is None else (known.offices, known.experts)
    own = next((entry for entry in getattr(support, "agency", ()) if entry.name == name), None)
    if own is not None:
        offices = offices if own.offices is None else own.offices
        experts = experts if own.experts is None else own.experts
    return float(offices), float(experts)


def agency_of(body: str) -> str:
    """Name of the agency that a body of the record belongs to: that of the earliest known word in it, else the body itself."""
    found = [(body.find(word), agency.name) for agency in stated_terms().agencies for word in agency.words if word in body]
    return min(found)[1] if found else body
