"""Dating rules on paths drawn by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from expansion_sim.validation import dating


def path(knots: dict[int, float], first: int = 1955, last: int = 2024) -> pd.DataFrame:
    years = np.arange(first, last + 1)
    return pd.DataFrame({0: np.interp(years, list(knots), list(knots.values()))}, index=years)


WAVES = path(
    {
        1955: 5,
        1968: 10,
        1969: 100,
        1971: 100,
        1972: 190,
        1973: 400,
        1974: 200,
        1977: 100,
        1985: 320,
        1986: 600,
        1988: 1600,
        2024: 900,
    }
)


def test_first_wave_runs_from_the_rise_to_the_peak() -> None:
    assert dating.first_wave(WAVES).tolist() == [[1969, 1973]]


def test_second_wave_runs_from_after_the_trough_to_the_surge() -> None:
    assert dating.second_wave(WAVES).tolist() == [[1978, 1985]]
    assert dating.surge(WAVES).tolist() == [1986]


def test_take_off_and_largest_jump() -> None:
    """Mean of 1965-69 is 31: 1969 with 100 is the first above twice that; the jump of 1969 starts from ten projects."""
    assert dating.take_off(WAVES).tolist() == [1969]
    assert dating.largest_jump(WAVES).tolist() == [1969]
    thin = path({1955: 1, 1968: 4, 1969: 90, 1972: 100, 1973: 250, 1974: 100, 2024: 100})
    assert dating.largest_jump(thin).tolist() == [1973]  # four projects are too few to jump from


def test_no_surge_is_unknown() -> None:
    assert np.isnan(dating.surge(path({1955: 10, 2024: 10}))).all()
    assert np.isnan(dating.take_off(path({1955: 10, 2024: 10}))).all()


def test_the_final_lead_is_the_one_that_is_kept() -> None:
    years = np.arange(1990, 2000)
    lead = pd.DataFrame({"kept": [2, 2, 0, 0, 2, 0, 2, 2, 2, 2], "lost": [2] * 9 + [0], "always": [2] * 10}, index=years, dtype=float)
    other = pd.DataFrame(1.0, index=years, columns=lead.columns)
    found = dating.final_lead(lead, other, first=1991)
    assert found[0] == 1996
    assert np.isnan(found[1])
    assert found[2] == 1991


def test_a_lead_must_last() -> None:
    years = np.arange(1960, 1970)
    lead = pd.DataFrame({0: [0, 2, 0, 0, 2, 2, 2, 0, 2, 2], 1: [0.0] * 10}, index=years, dtype=float)
    other = pd.DataFrame(1.0, index=years, columns=[0, 1])
    found = dating.lasting_lead(lead, other, first=1960, years=3)
    assert found[0] == 1964 and np.isnan(found[1])
    assert dating.lasting_lead(lead, other, first=1960, years=2)[0] == 1964
    assert dating.first_year_above(lead, other)[0] == 1961
