"""Choice among modes and hosts (rule 8), worked by hand from the published equations."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.choice import (
    NO_GAIN,
    fellow_pull,
    host_pull,
    inclusive_utility,
    log_advantage,
    logistic,
    mode_utility,
    share_needed,
)

real = st.floats(-5.0, 5.0)
weight = st.floats(0.0, 5.0)


def test_log_advantage_case() -> None:
    assert log_advantage(math.e * 3.0, 3.0) == pytest.approx(1.0)
    assert log_advantage(3.0, 3.0) == 0.0
    for gain, cost in ((0.0, 3.0), (-1.0, 3.0), (3.0, 0.0), (1e-300, 1.0)):
        assert log_advantage(gain, cost) == NO_GAIN


def test_mode_utility_case() -> None:
    # beta (a - threshold) + tau z + extra = 2 (.9 - .4) + 1.3 x .5 - .25
    assert mode_utility(0.9, 0.4, 2.0, 0.5, 1.3, -0.25) == pytest.approx(1.4)
    assert mode_utility(0.4, 0.4, 2.0, 0.0, 1.3, 0.0) == 0.0  # at the threshold and without taste: as good as home


@given(a=real, more=weight, threshold=real, beta=weight, z=real, tau=weight)
def test_utility_rises_with_advantage_and_taste(
    a: float, more: float, threshold: float, beta: float, z: float, tau: float
) -> None:
    base = mode_utility(a, threshold, beta, z, tau, 0.0)
    assert base <= mode_utility(a + more, threshold, beta, z, tau, 0.0) + 1e-9
    assert base <= mode_utility(a, threshold, beta, z + more, tau, 0.0) + 1e-9
    assert base >= mode_utility(a, threshold + more, beta, z, tau, 0.0) - 1e-9


def test_host_pull_case() -> None:
    # o log(openness) - d km - r risk + g growth = 2 log .5 - .12 x 5 - .4 x .5 + 6 x .05 = -1.3862944 - .6 - .2 + .3
    assert host_pull(0.5, 2.0, 5.0, 0.12, 0.5, 0.4, 0.05, 6.0) == pytest.approx(-1.8862944)
    assert host_pull(1.0, 2.0, 0.0, 0.12, 0.0, 0.4, 0.0, 6.0) == 0.0
    assert host_pull(0.0, 2.0, 0.0, 0.12, 0.0, 0.4, 9.0, 6.0) == NO_GAIN  # closed, whatever it offers
    assert host_pull(0.0, 0.0, 0.0, 0.12, 0.0, 0.4, 0.0, 6.0) == NO_GAIN  # even when openness has no weight


@given(o=st.floats(0.05, 0.9), km=st.floats(0.0, 15.0), r=st.floats(0.0, 3.0), g=st.floats(-0.2, 0.2), more=st.floats(0.0, 0.1))
def test_host_pull_signs(o: float, km: float, r: float, g: float, more: float) -> None:
    base = host_pull(o, 2.0, km, 0.12, r, 0.4, g, 6.0)
    assert host_pull(o + more, 2.0, km, 0.12, r, 0.4, g, 6.0) >= base
    assert host_pull(o, 2.0, km + more, 0.12, r, 0.4, g, 6.0) <= base
    assert host_pull(o, 2.0, km, 0.12, r + more, 0.4, g, 6.0) <= base
    assert host_pull(o, 2.0, km, 0.12, r, 0.4, g + more, 6.0) >= base


def test_fellow_pull_case() -> None:
    # f log(1 + n) - c log(1 + n)^2 with 1 + n = e^2: .55 x 2 - .05 x 4
    assert fellow_pull(math.e**2 - 1.0, 0.55, 0.05) == pytest.approx(0.9)
    assert fellow_pull(0.0, 0.55, 0.05) == 0.0
    assert fellow_pull(-3.0, 0.55, 0.05) == 0.0


def test_fellow_pull_is_an_inverted_u() -> None:
    """The top lies at log(1 + n) = f / 2c; f = .5, c = .25: n = e - 1, height f^2 / 4c; beyond f / c it repels."""
    top = math.e - 1.0
    assert fellow_pull(top, 0.5, 0.25) == pytest.approx(0.25)
    assert fellow_pull(0.5 * top, 0.5, 0.25) < 0.25 > fellow_pull(2.0 * top, 0.5, 0.25)
    assert fellow_pull(math.e**2 - 1.0, 0.5, 0.25) == pytest.approx(0.0)
    assert fellow_pull(50.0, 0.5, 0.25) < 0.0


def test_logistic_case() -> None:
    assert logistic(0.0) == 0.5
    assert logistic(math.log(3.0)) == pytest.approx(0.75)
    assert logistic(-math.log(3.0)) == pytest.approx(0.25)
    assert logistic(800.0) == 1.0
    assert 0.0 <= logistic(-800.0) < 1e-300


@given(x=st.floats(-50.0, 50.0), more=weight)
def test_logistic_is_monotone_and_symmetric(x: float, more: float) -> None:
    assert logistic(x) <= logistic(x + more)
    assert logistic(x) + logistic(-x) == pytest.approx(1.0)


def test_inclusive_utility_case() -> None:
    # two modes of utility 1 and 2 in a nest of dissimilarity .5: .5 log(e^2 + e^4) = .5 x 4.126928 = 2.063464
    assert inclusive_utility(math.exp(2.0) + math.exp(4.0), 0.5) == pytest.approx(2.0634640)
    assert inclusive_utility(0.0, 0.5) == NO_GAIN
    # a single mode keeps its utility
    assert inclusive_utility(math.exp(1.3 / 0.7), 0.7) == pytest.approx(1.3)


def test_share_needed_case() -> None:
    """Stays with .9 without and .8 with all awards: a draw of .85 needs half of them, one just below .9 next to nothing."""
    assert share_needed(0.9, 0.8, 0.85) == pytest.approx(0.5)
    assert share_needed(0.9, 0.8, 0.899) == pytest.approx(0.01)
    assert share_needed(0.9, 0.8, 0.8) == pytest.approx(1.0)
    assert share_needed(0.9, 0.8, 0.95) == 0.0
    assert share_needed(0.9, 0.9, 0.5) == 1.0
