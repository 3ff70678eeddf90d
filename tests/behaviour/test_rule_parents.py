"""Large customers (rule 9), worked by hand from the published equations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.parents import (
    bad_debt,
    export_friction,
    failure_hazard,
    large_projects,
    local_business,
    lost_to_barriers,
    next_order_level,
    orders_kept,
    probability_to_start,
    wanted_offshore_share,
)
from expansion_sim.parameters import load_parameters

share = st.floats(0.0, 1.0)


def exponential_quantiles(number: int) -> np.ndarray:
    """Midpoint quantiles of the exponential law with mean one; their mean tends to one."""
    return -np.log1p(-(np.arange(number) + 0.5) / number)


def test_local_business_case() -> None:
    """A firm that exports a fifth of its sales, in a market of twice Japan's where exports lose a quarter: .5 x .2 x 2 x .25."""
    assert local_business(0.2, 2.0, 0.25, 0.5) == pytest.approx(0.05)
    assert local_business(0.0, 2.0, 0.25, 0.5) == 0.0  # who sells at home only has no reason to produce where others sell
    assert local_business(0.2, 2.0, 0.0, 0.5) == 0.0  # exports arrive as if made there


def test_lost_to_barriers_case() -> None:
    # 1 - 1.25^(1 - 3)
    assert lost_to_barriers(1.25, 3.0) == pytest.approx(0.36)
    assert lost_to_barriers(1.0, 3.0) == 0.0


def test_export_friction_case() -> None:
    # min(1, .5) x 1.4 x 1.2^(3 - 1)
    assert export_friction(0.5, 1.4, 0.2, 3.0) == pytest.approx(0.5 * 1.4 * 1.44)
    assert export_friction(2.0, 1.4, 0.0, 3.0) == 1.4  # richer than Japan counts as rich
    assert export_friction(2.0, 0.0, 0.5, 3.0) == 0.0  # nothing is sold there


def test_large_projects_case() -> None:
    # k d s^(1/2) = 600 x .02 x 4^.5
    assert large_projects(True, 4.0, 12.0) == pytest.approx(24.0)
    assert large_projects(False, 4.0, 12.0) == 0.0  # enlarging what is there is no new project


def test_wanted_offshore_share_case() -> None:
    # m F (1 - e^(-z (4 s + f))) = .5 x .8 x (1 - e^-(2 (4 x .1 + .1))) = .4 (1 - e^-1)
    assert wanted_offshore_share(0.5, 0.1, 2.0, 0.1, 0.8) == pytest.approx(0.2528482)
    assert wanted_offshore_share(0.5, -0.3, 2.0, 0.0, 1.0) == 0.0  # nothing saved, no friction
    assert wanted_offshore_share(0.5, 0.3, 2.0, 0.1, 0.0) == 0.0  # not allowed
    assert wanted_offshore_share(0.5, 0.9, 50.0, 1.0, 1.0) == pytest.approx(0.5)


@given(saving=st.floats(-1.0, 1.0), z=st.floats(0.0, 5.0), friction=share, freedom=share, more=share)
def test_wanted_share_stays_below_the_most_and_rises(
    saving: float, z: float, friction: float, freedom: float, more: float
) -> None:
    base = wanted_offshore_share(0.45, saving, z, friction, freedom)
    assert 0.0 <= base <= 0.45
    assert wanted_offshore_share(0.45, saving + more, z, friction, freedom) >= base - 1e-12
    assert wanted_offshore_share(0.45, saving, z, friction + more, freedom) >= base - 1e-12


def test_probability_to_start_case() -> None:
    # F logistic(a + b s + c log size) = .5 logistic(-2 + 10 x .2 + 1 x log 3) = .5 x 3/4
    assert probability_to_start(-2.0, 10.0, 0.2, 1.0, 3.0, 0.5) == pytest.approx(0.375)
    assert probability_to_start(-2.0, 10.0, 0.2, 1.0, 3.0, 0.0) == 0.0
    assert 0.0 < probability_to_start(-2.0, 10.0, 0.2, 1.0, 0.0, 1.0) < 0.01  # a vanishing firm


@given(saving=st.floats(-1.0, 1.0), size=st.floats(0.01, 50.0), more=share)
def test_larger_firms_with_more_to_save_start_first(saving: float, size: float, more: float) -> None:
    base = probability_to_start(-5.0, 6.5, saving, 0.9, size, 1.0)
    assert base <= probability_to_start(-5.0, 6.5, saving + more, 0.9, size, 1.0)
    assert base <= probability_to_start(-5.0, 6.5, saving, 0.9, size + more, 1.0) <= 1.0


def test_next_order_level_case() -> None:
    # l + r (1 - l) + g d = .8 + .1 x .2 + .9 x .1; who is hit (draw below p d / w = .8 x .1 / .5 = .16) loses w l = .5 x .8 as well
    assert next_order_level(0.8, 0.1, 0.8, 0.9, 0.5, 0.17, 0.1) == pytest.approx(0.91)
    assert next_order_level(0.8, 0.1, 0.8, 0.9, 0.5, 0.15, 0.1) == pytest.approx(0.51)
    # a tenth comes home: .8 + .02 - .9 x .1 + .8 x .1
    assert next_order_level(0.8, -0.1, 0.8, 0.9, 0.5, 0.0, 0.1) == pytest.approx(0.81)


def test_order_level_limits() -> None:
    assert next_order_level(1.0, 0.0, 0.8, 0.9, 1.0, 0.0, 0.1) == 1.0  # nothing moved
    assert next_order_level(0.5, 0.0, 0.8, 0.9, 1.0, 0.0, 1.0) == 1.0  # replaced at once
    assert next_order_level(0.2, 0.5, 2.0, 0.0, 1.0, 0.5, 0.0) == 0.0  # no negative orders
    assert next_order_level(1.9, 0.5, 0.0, 2.0, 1.0, 0.5, 0.0) == 2.0  # nor more than twice


@pytest.mark.parametrize("lump", [0.3, 0.6, 1.0])
@pytest.mark.parametrize(("lost", "back"), [(0.8, 0.9), (0.9, 0.8), (0.5, 0.5)])
def test_mean_effect_of_a_shift_is_what_comes_back_less_what_goes(lump: float, lost: float, back: float) -> None:
    """Integrated over the draw: mean change (g - p) d, however lumpy the losses, away from the bounds of 0 and 2."""
    moved, draws = 0.02, (np.arange(100_000) + 0.5) / 100_000
    mean = np.mean([next_order_level(1.0, moved, lost, back, lump, u, 0.0) for u in draws])
    assert mean - 1.0 == pytest.approx((back - lost) * moved, abs=2e-5)


def test_shipped_mean_effect_on_orders_is_not_negative_but_single_suppliers_lose_much() -> None:
    """The documented case: a supplier may lose 28 percent or more, while the average does not lose."""
    value = {name: parameter.value for name, parameter in load_parameters().items()}
    args = (value["parent.pass_through"], value["parent.growth_back"], value["parent.order_lump"])
    levels = np.array([next_order_level(1.0, 0.1, *args, u, 0.0) for u in (np.arange(10_000) + 0.5) / 10_000])
    assert levels.mean() >= 1.0 - 1e-6
    assert 0.05 <= (levels <= 0.72).mean() < 0.2


@given(level=st.floats(0.0, 2.0), moved=st.floats(-0.3, 0.3), u=share, lump=st.floats(0.05, 1.0))
def test_order_level_stays_between_nothing_and_double(level: float, moved: float, u: float, lump: float) -> None:
    assert 0.0 <= next_order_level(level, moved, 0.8, 0.9, lump, u, 0.12) <= 2.0


def test_orders_kept_case() -> None:
    # 1 - o (1 - l) = 1 - .4 x .25
    assert orders_kept(0.4, 0.75) == pytest.approx(0.9)
    assert orders_kept(0.0, 0.0) == 1.0  # sells to others
    assert orders_kept(0.4, 1.5) == pytest.approx(1.2)  # the customer grew
    assert orders_kept(1.0, 0.0) == 0.02  # something always remains


def test_lost_orders_are_replaced_geometrically() -> None:
    """After n years the gap is (1 - r)^n of what it was: .12 a year leaves half after log .5 / log .88 = 5.42 years."""
    level = 0.6
    for _ in range(10):
        level = next_order_level(level, 0.0, 0.8, 0.9, 1.0, 0.5, 0.12)
    assert 1.0 - level == pytest.approx(0.4 * 0.88**10)
    assert math.log(0.5) / math.log(0.88) == pytest.approx(5.42, abs=0.01)


def test_failure_hazard_case() -> None:
    # .002 e^(-40 x min(0, -.05)) = .002 e^2; growth above its outlook changes nothing; capped at .2
    assert failure_hazard(0.002, -0.05, 40.0) == pytest.approx(0.002 * 7.3890561)
    assert failure_hazard(0.002, 0.08, 40.0) == 0.002
    assert failure_hazard(0.002, -1.0, 40.0) == 0.2


def test_bad_debt_case() -> None:
    # 400 x .5 x .15 x (1 - .3) = 21; full cover leaves nothing
    assert bad_debt(400.0, 0.5, 0.15, 0.3) == pytest.approx(21.0)
    assert bad_debt(400.0, 0.5, 0.15, 1.2) == 0.0
