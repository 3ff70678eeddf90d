"""Applying for support, worked by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.applications import (
    award_amount,
    contact_rate,
    expected_benefit,
    fair_share,
    group_part,
    plan_score,
    probability_of_hearing,
)

money = st.floats(0.0, 1e3)
share = st.floats(0.0, 1.0)


def test_contact_rate_case() -> None:
    assert contact_rate(120.0, 1000.0, 0.004, 0.0001) == pytest.approx(0.58)


def test_probability_of_hearing_case() -> None:
    assert probability_of_hearing(0.5, 2.0, 1.0) == pytest.approx(1.0 - math.exp(-1.0))
    assert probability_of_hearing(0.5, 2.0, 0.1) == pytest.approx(0.1 * (1.0 - math.exp(-1.0)))
    assert probability_of_hearing(0.0, 2.0, 1.0) == 0.0


def test_expected_benefit_case() -> None:
    assert expected_benefit(3.0, 0.25, 0.5) == pytest.approx(0.25)
    assert expected_benefit(1.0, 0.25, 0.5) < 0.0  # not worth the papers


def test_plan_score_case() -> None:
    assert plan_score(0.4, -1.0, 0.5) == pytest.approx(-0.1)


def test_award_amount_case() -> None:
    assert award_amount(10.0, 0.5, 4.0, 0.0, 0.0) == 4.0  # the cap
    assert award_amount(6.0, 0.5, 4.0, 0.0, 0.0) == 3.0  # the rate
    assert award_amount(6.0, 0.5, 4.0, 1.0 / 3.0, 2.0) == pytest.approx(2.0)  # 2/3 of 6 less 2 from others
    assert award_amount(6.0, 0.5, 4.0, 0.5, 5.0) == 0.0


@given(cost=money, rate=share, cap=money, own=share, others=money)
def test_overlaps_never_exceed_the_cost_after_the_own_share(cost: float, rate: float, cap: float, own: float, others: float) -> None:
    award = award_amount(cost, rate, cap, own, others)
    assert 0.0 <= award <= cap
    assert award == 0.0 or award + others <= (1.0 - own) * cost + 1e-9


def test_group_part_case() -> None:
    assert group_part(8.0, 0.5, 20.0, 4.0) == pytest.approx(4.0)  # 16 together, below the cap
    assert group_part(8.0, 0.5, 20.0, 10.0) == pytest.approx(2.0)  # the group's 20 million are shared


def test_fair_share_case() -> None:
    assert fair_share(0.3, 10.0, 5.0, 0.0) == pytest.approx(0.3)
    assert fair_share(0.3, 1.0, 5.0, 0.5) == pytest.approx(0.03)  # near and half known
    assert fair_share(0.3, 10.0, 5.0, 1.0) == 0.0
