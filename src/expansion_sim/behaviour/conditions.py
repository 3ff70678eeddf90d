"""Conditions tied to support: what a town has at stake at home, and when money is paid back (model, section 7)."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def jobs_at_stake(employees: float, movable: float, kept: float) -> float:
    """Home jobs that a plan may cost its town: L m (1 - k), persons.

    Args:
        employees: L at home.
        movable: m, share of the work that can be moved abroad.
        kept: k, share of that which a pledge keeps at home; 0 without one.

    Source: assumption.
    """
    return employees * movable * (1.0 - kept)


@njit(cache=True)
def municipal_score(score: float, stake: float, employees: float, hollowing: float, weight: float) -> float:
    """Score of a plan in the eyes of its town: v - w (S / L + h), log points; below zero the town refuses.

    Args:
        score: v, score of the plan on its own merits, see applications.plan_score.
        stake: S, home jobs at stake.
        employees: L at home.
        hollowing: h, share of the district's jobs that have already gone abroad.
        weight: w (prior of ours).

    Source: assumption.
    """
    return score - weight * (stake / max(employees, 1.0) + hollowing)


@njit(cache=True)
def jobs_floor(employees: float, fall: float) -> float:
    """Home jobs below which support is paid back: L (1 - f), persons.

    Args:
        employees: L when the support was granted.
        fall: f, fall that the condition allows, share.

    Source: assumption; the fall allowed is a term of the programme (policy/terms.toml).
    """
    return employees * (1.0 - fall)


@njit(cache=True)
def repayment_due(pledged: float, employees: float, floor: float) -> float:
    """Money to be paid back: all that was tied to the home plant once its jobs are below the floor, million yen 2015.

    Args:
        pledged: Money tied to the home plant, million yen 2015.
        employees: Home jobs now, persons.
        floor: See :func:`jobs_floor`, persons.

    Source: assumption, all of it is due at once.
    """
    return pledged if employees < floor else 0.0
