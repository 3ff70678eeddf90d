"""Collective entry (rule 10): a shared plant for firms that cannot go alone."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def shared_cost(own_cost: float, common_share: float, members: float, joint_support: float) -> float:
    """A member's cost of a plant shared by n: C (1 - q) + C q / n (1 - j).

    Args:
        own_cost: C, cost of going alone, million yen.
        common_share: q, land, buildings, office.
        members: n.
        joint_support: j, share of the common part paid by joint grants and joint-site loans, 0 to 1.

    Source: collective entries described in the Cluster note 2011; equal division an assumption.
    """
    return own_cost * (1.0 - common_share) + own_cost * common_share / max(members, 1.0) * (1.0 - joint_support)


@njit(cache=True)
def meetings_expected(candidates: float, lead: float) -> float:
    """Meetings called in a year among n firms with the same plan: n l.

    Args:
        candidates: n, firms of one district and family that plan a collective plant in one host.
        lead: l, chance that a firm with such a plan takes the lead.

    Source: assumption.
    """
    return candidates * lead


@njit(cache=True)
def accepts(advantage_shared: float, threshold: float, taste: float, taste_weight: float) -> bool:
    """An invited firm joins when the shared plant beats staying: log(gain / shared cost) - threshold + tau z > 0.

    Args:
        advantage_shared: Log of gain over the yearly shared cost, log points.
        threshold: Entry threshold at the shared sunk cost, log points.
        taste: z for collective plants, standard deviations.
        taste_weight: tau, log points per standard deviation.

    Source: random utility; weights assumptions.
    """
    return advantage_shared - threshold + taste_weight * taste > 0.0


@njit(cache=True)
def leadership(employees: float, knowledge: float, risk_tolerance: float) -> float:
    """Score of a leader: employees times (.2 + knowledge) times (1 + .3 max(-2, risk tolerance)).

    Args:
        employees: n, persons.
        knowledge: K of the host group the firm knows best, 0 to 1.
        risk_tolerance: Standard deviations.

    Source: assumption.
    """
    return employees * (0.2 + knowledge) * (1.0 + 0.3 * max(-2.0, risk_tolerance))
