"""Attention before profit (rule 6): most firms never compare."""

from __future__ import annotations

import math

from numba import njit

from expansion_sim.elementary import exp, power

MOST_PEOPLE = 3.0  # cap of the factor of a firm's people


@njit(cache=True)
def attention_rate(base: float, knowledge: float, peers: float, bank: float, advice: float, talk: float, lost: float,
                   news: float) -> float:
    """Yearly rate at which a firm of twenty persons with a usual owner starts to look abroad.

    lambda = base + knowledge + peers + bank + advice + talk + lost + news

    The factors of the firm's people, its owner's character and the demand outlook apply to it; an invitation comes on top, untouched by
    them (phases.looking_around).

    Args:
        base: Rate of a firm that nobody talks to, 1 a year.
        knowledge: From own knowledge, 1 a year.
        peers: From peers abroad in the same industry and district, 1 a year.
        bank: From the main bank, 1 a year.
        advice: From advice and seminars, 1 a year.
        talk: From a cooperative in the own district, 1 a year.
        lost: From orders lost to a customer's plant abroad, 1 a year.
        news: From a rise of the yen, 1 a year.

    Source: sources of attention as firms name them (JFC survey 2023); additivity an assumption.
    """
    return base + knowledge + peers + bank + advice + talk + lost + news


@njit(cache=True)
def probability_of_noticing(rate: float) -> float:
    """P(consider) = 1 - e^(-lambda).

    Args:
        rate: lambda, 1 a year, see :func:`attention_rate`.

    Source: assumption, reasons to look arrive as in a Poisson process.
    """
    return 1.0 - exp(-max(rate, 0.0))


@njit(cache=True, forceinline=True)
def people_factor(employees: float, elasticity: float) -> float:
    """Management capacity for foreign business: (n / 20)^eta, 1 at twenty employees, capped at 3.

    Args:
        employees: n, persons.
        elasticity: eta, 1.

    Source: people, sales channel and information are the barriers that firms name (JFC 2023).
    """
    return min(MOST_PEOPLE, power(max(employees, 0.5) / 20.0, elasticity))


@njit(cache=True, forceinline=True)
def character_factor(patience: float, risk_tolerance: float, weight: float) -> float:
    """Owner's patience and tolerance of risk: e^(c (p + r)), in standard deviations.

    Args:
        patience: p, standard deviations.
        risk_tolerance: r, standard deviations.
        weight: c, log points per standard deviation.

    Source: Todo and Sato on owners' traits and who internationalises; log-linear form an assumption.
    """
    return exp(weight * (patience + risk_tolerance))


@njit(cache=True)
def outlook_factor(outlook: float, growth: float, weight: float) -> float:
    """Plans are shelved when demand falls below its outlook: e^(w min(0, min(g, o))).

    Args:
        outlook: Expected growth o, fraction.
        growth: This year's growth g, fraction.
        weight: w.

    Source: assumption; interest in business abroad falls in slumps.
    """
    return math.exp(weight * min(0.0, min(outlook, growth)))


@njit(cache=True)
def probability_of_calling_off(shortfall: float, weight: float) -> float:
    """Chance that a plan made last year is called off because demand disappoints: 1 - e^(-w max(0, s)).

    Bad news makes waiting worth more, for good plans and poor ones alike.

    Args:
        shortfall: s, expected less actual growth of demand, fraction.
        weight: w.

    Source: bad news principle (Bernanke 1983); form an assumption.
    """
    return 1.0 - math.exp(-weight * max(0.0, shortfall))


@njit(cache=True)
def pressure_to_move(appreciation: float, wages: float, exposure: float, lost: float) -> float:
    """What makes a firm study a plant abroad now: (risen yen + rising wages) times exposure to foreign competition, and orders lost.

    Args:
        appreciation: Rise of the yen this year and half of last year's, log points.
        wages: Growth of real wages at home above the long-run one, weighted, fraction.
        exposure: Weight of foreign competition in the industry, 0 to 1.
        lost: Share of sales lost with a customer's move.

    Source: waves of plants after the appreciations of 1971-73, 1978, 1985-88 (Liu and Zhou 2024); form an assumption.
    """
    return (appreciation + max(0.0, wages)) * exposure + max(0.0, lost)


@njit(cache=True)
def probability_of_study(calm: float, urgency: float, pressure: float) -> float:
    """Chance that an interested firm studies a plant abroad in a year: min(1, q + w pressure).

    A plant is a matter for the head of the firm; in calm years interest seldom gets beyond exports and contracts.

    Args:
        calm: q, 1 a year.
        urgency: w, per log point.
        pressure: See :func:`pressure_to_move`.

    Source: assumption.
    """
    return min(1.0, calm + urgency * pressure)
