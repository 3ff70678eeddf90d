"""Productivity, size and home sales (rule 1), worked by hand from the published equations."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.output import (
    demand_swing,
    fixed_cost_scale,
    home_sales,
    learning_by_exporting,
    log_sales,
    next_log_size,
    next_productivity,
)

log_points = st.floats(-3.0, 3.0)


def test_productivity_returns_to_the_fixed_effect() -> None:
    # a' = A + rho (a - A) + eps = .5 + .85 (.2 - .5) + .1 = .5 - .255 + .1
    assert next_productivity(0.5, 0.2, 0.85, 0.1) == pytest.approx(0.345)


def test_productivity_limits_of_persistence() -> None:
    assert next_productivity(0.5, 0.2, 0.0, 0.0) == 0.5  # no memory: the fixed effect
    assert next_productivity(0.5, 0.2, 1.0, 0.0) == pytest.approx(0.2)  # a random walk: last year


def test_productivity_variance_is_that_of_an_autoregression() -> None:
    """A unit shock leaves rho^n after n years, so the variance adds up to sd^2 / (1 - rho^2)."""
    rho, total, deviation = 0.85, 0.0, 1.0
    for _ in range(200):
        total += deviation**2
        deviation = next_productivity(0.0, deviation, rho, 0.0)
    assert total == pytest.approx(1.0 / (1.0 - rho**2))


def test_learning_by_exporting_case() -> None:
    # l min(1, y) (1 + 10 g) n / (n + 50) = .004 x .8 x 1.3 x 50 / 100
    assert learning_by_exporting(0.004, 0.8, 0.03, 50.0) == pytest.approx(0.00208)


def test_learning_needs_rich_and_growing_markets() -> None:
    assert learning_by_exporting(0.004, -0.1, 0.03, 50.0) == 0.0
    assert learning_by_exporting(0.004, 1.0, -0.1, 50.0) == 0.0  # 1 + 10 (-.1) = 0
    assert learning_by_exporting(0.004, 1.0, -0.4, 50.0) == 0.0
    assert learning_by_exporting(0.004, 3.0, 0.0, 50.0) == learning_by_exporting(0.004, 1.0, 0.0, 50.0)  # capped at parity


@given(y=st.floats(0.0, 2.0), g=st.floats(-0.2, 0.2), n=st.floats(0.0, 900.0), more=st.floats(0.0, 100.0))
def test_larger_firms_learn_faster_up_to_the_rate(y: float, g: float, n: float, more: float) -> None:
    gain = learning_by_exporting(0.004, y, g, n)
    assert gain <= learning_by_exporting(0.004, y, g, n + more) + 1e-15
    assert 0.0 <= gain <= 0.004 * max(0.0, 1.0 + 10.0 * g)


def test_size_walks_under_a_ceiling() -> None:
    assert next_log_size(3.0, 0.25, 7.0) == 3.25
    assert next_log_size(3.0, -0.25, 7.0) == 2.75
    assert next_log_size(6.9, 0.25, 7.0) == 7.0


def test_home_sales_case() -> None:
    # e^(l + e s + d a) P C with l = log 10, e = 1, s = log 20, d = .5, a = log 4, P = .8, C = 1.25: 10 x 20 x 2 x .8 x 1.25
    assert home_sales(math.log(20.0), math.log(4.0), math.log(10.0), 1.0, 0.5, 0.8, 1.25) == pytest.approx(400.0)


@given(s=st.floats(0.0, 6.0), a=log_points, b=log_points)
def test_home_sales_have_their_elasticities(s: float, a: float, b: float) -> None:
    base = home_sales(s, a, 2.0, 1.1, 0.83, 1.0, 1.0)
    assert home_sales(s, b, 2.0, 1.1, 0.83, 1.0, 1.0) / base == pytest.approx(math.exp(0.83 * (b - a)))
    assert home_sales(s + 1.0, a, 2.0, 1.1, 0.83, 1.0, 1.0) / base == pytest.approx(math.exp(1.1))
    assert home_sales(s, a, 2.0, 1.1, 0.83, 2.0, 3.0) / base == pytest.approx(6.0)


def test_demand_swing_case() -> None:
    # e^(c (g - o)) = e^(1.5 (.05 - .03)) = e^.03
    assert demand_swing(0.05, 0.03, 1.5) == pytest.approx(1.0304545)
    assert demand_swing(0.04, 0.04, 1.5) == 1.0  # growth as expected
    assert demand_swing(-0.05, 0.03, 0.0) == 1.0


def test_fixed_cost_scale_case() -> None:
    # P (h / P / 100)^phi = 2 (800 / 2 / 100)^.5 = 2 x 2
    assert fixed_cost_scale(800.0, 2.0, 0.5) == pytest.approx(4.0)
    assert fixed_cost_scale(100.0, 1.0, 0.35) == 1.0  # the firm at which costs are quoted
    assert fixed_cost_scale(0.0, 1.0, 0.5) == pytest.approx(0.1)  # sales are floored at a million yen


@given(h=st.floats(1.0, 1e5), factor=st.floats(1.0, 100.0), phi=st.floats(0.0, 0.9))
def test_fixed_cost_rises_less_than_the_firm(h: float, factor: float, phi: float) -> None:
    ratio = fixed_cost_scale(h * factor, 1.0, phi) / fixed_cost_scale(h, 1.0, phi)
    assert 1.0 - 1e-12 <= ratio <= factor * (1.0 + 1e-12)


@given(h=st.floats(100.0, 1e5), growth=st.floats(1.0, 5.0), phi=st.floats(0.0, 0.9))
def test_fixed_cost_rises_with_productivity_at_home(h: float, growth: float, phi: float) -> None:
    """The same firm in a country that produces more per head: sales and the cost of people's time both grow with it."""
    assert fixed_cost_scale(h * growth, growth, phi) == pytest.approx(growth * fixed_cost_scale(h, 1.0, phi))


def test_log_sales_case() -> None:
    assert log_sales(math.log(20.0), 0.5, 3.0, 1.1, 0.83) == pytest.approx(6.7103055)  # 3 + 1.1 x 2.9957323 + .83 x .5
