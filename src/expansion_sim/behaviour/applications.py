"""Applying for public support: who hears of a programme, who finds it worth the effort, what is granted (model, section 7)."""

from __future__ import annotations

from numba import njit

from expansion_sim.elementary import exp


@njit(cache=True)
def contact_rate(offices: float, experts: float, per_office: float, per_expert: float) -> float:
    """Rate at which an agency gets in touch with firms that plan: a O + b E, 1 a year.

    Args:
        offices: O, at home and abroad.
        experts: E, advisers on call.
        per_office: a, 1 a year per office (prior of ours).
        per_expert: b, 1 a year per adviser (prior of ours).

    Source: assumption; offices and advisers as the agencies report them.
    """
    return offices * per_office + experts * per_expert


@njit(cache=True)
def probability_of_hearing(contact: float, people: float, part: float) -> float:
    """Chance that a firm hears of a programme in a year: s (1 - exp(-r q)); people and information are the stated barriers.

    Args:
        contact: r, 1 a year, see :func:`contact_rate`.
        people: q, factor of the firm's people (attention.people_factor).
        part: s, part of the firms within the programme's area, 0 to 1.

    Source: barriers that firms name (JFC survey 2023); form an assumption.
    """
    return part * (1.0 - exp(-contact * people))


@njit(cache=True)
def expected_benefit(amount: float, success: float, effort: float) -> float:
    """What an application is worth: p A - e, million yen 2015; a firm applies when it is positive.

    Args:
        amount: A, money it would get, or interest it would save.
        success: p, share of the applications of last year that were served.
        effort: e, cost of people's time for the papers.

    Source: assumption of ours on how firms weigh an application.
    """
    return success * amount - effort


@njit(cache=True)
def plan_score(value: float, noise: float, spread: float) -> float:
    """Score that the referees give a plan: v + s z, log points.

    Args:
        value: v, log of gain over fixed cost above the firm's entry threshold.
        noise: z, standard normal, keyed by firm and programme.
        spread: s, sd of the referees' error (prior of ours).

    Source: assumption.
    """
    return value + spread * noise


@njit(cache=True)
def award_amount(cost: float, rate: float, cap: float, own_share: float, others: float) -> float:
    """Award for a plan: max(0, min(r C, cap, (1 - o) C - B)), million yen 2015.

    No firm gets more than its cost less its own share, however many programmes overlap.

    Args:
        cost: C, entry cost of the plan.
        rate: r, share of the cost that is paid.
        cap: Most money for one firm.
        own_share: o, share that the firm must bear.
        others: B, what other programmes have granted to the same plan.

    Source: terms of the programmes as published (history/data/programmes.csv).
    """
    return max(0.0, min(rate * cost, cap, (1.0 - own_share) * cost - others))


@njit(cache=True)
def group_part(common_cost: float, rate: float, cap: float, members: float) -> float:
    """A member's part of a joint award: min(r n C, cap) / n, million yen 2015.

    Args:
        common_cost: C, the member's part of the common cost.
        rate: r, share of the common cost that is paid.
        cap: Most money for the whole group (20 million yen in the joint form of 2014).
        members: n, firms that apply together.

    Source: terms of the joint subsidy of 2014; equal parts an assumption.
    """
    return min(rate * common_cost * members, cap) / max(members, 1.0)


@njit(cache=True)
def fair_share(rate: float, distance: float, far: float, knowledge: float) -> float:
    """Share of the cost of a new export market that a fair saves: r min(1, d / far) (1 - K).

    Fairs replace a network that is missing: nothing in a market next door or one the firm knows. Promotion acts on entry into new and
    far markets in the published evaluations.

    Args:
        rate: r, share saved in a far market of which the firm knows nothing.
        distance: d, thousand km.
        far: Distance from which a market counts as far, thousand km.
        knowledge: K of the group of hosts, 0 to 1.

    Source: studies of export promotion; form an assumption.
    """
    return rate * min(1.0, distance / max(far, 1e-9)) * (1.0 - min(1.0, knowledge))
