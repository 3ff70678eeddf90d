"""Knowledge of doing business in a host group (rule 11)."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def next_knowledge(knowledge: float, keep: float, activity: float, peers: float, advice: float, bank: float) -> float:
    """K' = min(1, k K + activity + peers + advice + bank); every term a year, knowledge 0 to 1.

    Args:
        knowledge: K.
        keep: k, share kept.
        activity: From being active in the group.
        peers: From peers abroad.
        advice: From advice, fairs and pilots.
        bank: From the main bank.

    Source: assumption, a stock that loses a tenth a year.
    """
    return min(1.0, keep * knowledge + activity + peers + advice + bank)


@njit(cache=True)
def inherited_ties(birth_year: float, ties: float) -> float:
    """Knowledge of Japan's nearest neighbours that owners born before 1930 bring along: partners there were schooled in Japanese.

    It fades as that generation hands over, not by the calendar.

    Args:
        birth_year: Year of birth of the owner.
        ties: Knowledge, 0 to 1.

    Source: assumption; education in Japanese in Korea and Taiwan ended in 1945.
    """
    return ties if birth_year < 1930.0 else 0.0
