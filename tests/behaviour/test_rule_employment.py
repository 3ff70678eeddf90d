"""Jobs at home and abroad (rule 13), worked by hand from the published equations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.employment import employees_for, employees_of, home_job_factor, jobs_abroad, jobs_at_output
from expansion_sim.parameters import load_parameters

SHIPPED = tuple(load_parameters()[f"jobs.{name}"].value for name in ("drop", "drop_years", "gain", "gain_years"))
years = st.floats(0.0, 70.0)


def test_home_job_factor_case() -> None:
    # (1 - d (1 - e^(-t/T1)))(1 + g (1 - e^(-(t/T2)^2))) at t = 3, T1 = 3, T2 = 3: (1 - .2 x .6321206)(1 + .1 x .6321206)
    assert home_job_factor(3.0, 0.2, 3.0, 0.1, 3.0, False) == pytest.approx(0.8735759 * 1.0632121, rel=1e-6)


def test_home_job_factor_limits() -> None:
    assert home_job_factor(0.0, 0.14, 1.5, 0.2, 6.0, False) == 1.0
    assert home_job_factor(1e3, 0.14, 1.5, 0.2, 6.0, False) == pytest.approx(0.86 * 1.2)
    assert home_job_factor(10.0, 0.0, 1.5, 0.0, 6.0, False) == 1.0


def test_shipped_factor_dips_in_the_first_years() -> None:
    """Starters keep about .9 of the jobs of non-starters, who themselves lose some to those who moved: so the factor lies lower."""
    assert home_job_factor(3.0, *SHIPPED, False) == pytest.approx(0.84, abs=0.04)


def test_shipped_factor_passes_one_after_some_years_and_stays_above() -> None:
    path = np.array([home_job_factor(float(t), *SHIPPED, False) for t in range(40)])
    crossing = int(np.argmax((path > 1.0) & (np.arange(40) > 1)))
    assert 5 <= crossing <= 10
    assert (path[1:crossing] < 1.0).all()
    assert (path[crossing:] > 1.0).all()


@given(t=years)
def test_a_pledge_keeps_the_home_jobs(t: float) -> None:
    free, bound = home_job_factor(t, *SHIPPED, False), home_job_factor(t, *SHIPPED, True)
    assert bound == max(1.0, free)
    assert free > 0.0


def test_jobs_at_output_case() -> None:
    assert jobs_at_output(0.81, 0.5) == pytest.approx(0.9)
    assert jobs_at_output(1.0, 0.8) == 1.0
    assert jobs_at_output(0.0, 0.5) == pytest.approx(math.sqrt(0.05))  # output floored at a twentieth


def test_employees_of_case() -> None:
    assert employees_of(20.0, 0.9, 0.9) == pytest.approx(16.2)
    assert employees_of(2.0, 0.1, 0.5) == 1.0  # one person at least


def test_employees_for_case() -> None:
    # 20 persons, output .81 of the average at elasticity .5, a tenth fewer for the plant: 20 x .9 x .9
    assert employees_for(math.log(20.0), 0.9, 0.9) == pytest.approx(16.2)
    assert employees_for(math.log(20.0), 1.0, 1.0) == pytest.approx(20.0)
    assert employees_for(0.0, 0.1, 0.5) == 1.0  # one person at least


@given(s=st.floats(0.0, 7.0), q=st.floats(0.0, 3.0), more=st.floats(0.0, 1.0))
def test_more_output_more_jobs(s: float, q: float, more: float) -> None:
    assert 1.0 <= employees_for(s, jobs_at_output(q, 0.8), 1.0) <= employees_for(s, jobs_at_output(q + more, 0.8), 1.0)


def test_jobs_abroad_case() -> None:
    # n (m + l) k = 50 x (.2 + .1) x 1.6
    assert jobs_abroad(50.0, 0.2, 0.1, 1.6) == pytest.approx(24.0)
    assert jobs_abroad(50.0, 0.0, 0.0, 1.6) == 0.0
