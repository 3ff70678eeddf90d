"""Years after the record: what is held, what grows on, and shocks drawn from the past."""

from __future__ import annotations

import numpy as np

#: Years whose mean growth is carried on, and years left out of it as no guide to the trend.
TREND_YEARS = 5
UNUSUAL_YEARS = (2020,)
#: Past years that blocks of changes are drawn from, and the length of a block.
BLOCK_FIRST, BLOCK_LENGTH = 1995, 4


def hold(values: np.ndarray, extra: int) -> np.ndarray:
    """Append ``extra`` years with the last value, along the first axis."""
    return np.concatenate([values, np.repeat(values[-1:], extra, axis=0)])


def trend_growth(growth: np.ndarray, years: np.ndarray, extra: int) -> np.ndarray:
    """Append ``extra`` years of trend growth: the mean of the last five years, 2020 left out.

    Args:
        growth: Recorded growth, fraction, shape (n,) or (n, 16).
        years: Recorded years, shape (n,).
        extra: Number of years to append.
    """
    usual = ~np.isin(years, UNUSUAL_YEARS)
    trend = growth[usual][-TREND_YEARS:].mean(axis=0, keepdims=True)
    return np.concatenate([growth, np.repeat(trend, extra, axis=0)])


def grow_on(levels: np.ndarray, growth: np.ndarray) -> np.ndarray:
    """Carry levels on at constant prices: append the last level times the growth beyond the record.

    Args:
        levels: Recorded levels, shape (n,) or (n, 16).
        growth: Growth of all years, recorded and appended, fraction, shape (m,) or (m, 16) with m >= n.
    """
    return np.concatenate([levels, levels[-1:] * np.cumprod(1.0 + growth[len(levels):], axis=0)])


def drawn_years(recorded: np.ndarray, extra: int, seed: int) -> np.ndarray:
    """Row numbers of past years whose changes are lived again, in blocks of four years, shape (extra,).

    The draw is keyed by (seed, stream, year), so a longer horizon keeps the years already drawn.

    Args:
        recorded: Recorded years, shape (n,).
        extra: Number of years after the record.
        seed: Key of the draws.
    """
    from expansion_sim.randomness import Stream, uniform4  # compiled code, needed only here

    pool = int(recorded[-1]) - BLOCK_FIRST + 1 - BLOCK_LENGTH + 1
    rows = np.empty(extra, int)
    for start in range(0, extra, BLOCK_LENGTH):
        u = uniform4(seed, int(Stream.SCENARIO), int(recorded[-1]) + 1 + start, 0)[0]
        block = BLOCK_FIRST - int(recorded[0]) + int(u * pool) + np.arange(BLOCK_LENGTH)
        rows[start:start + BLOCK_LENGTH] = block[:extra - start]
    return rows


def deviations(values: np.ndarray, recorded: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Changes of the drawn years less their mean over the pool, so that shocks come back without the old trend.

    Args:
        values: Yearly changes on record, shape (n,) or (n, 16).
        recorded: Recorded years, shape (n,).
        rows: From :func:`drawn_years`.
    """
    return values[rows] - values[recorded >= BLOCK_FIRST].mean(axis=0)
