"""Collective entry (rule 10), worked by hand from the published equations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.cooperation import accepts, leadership, meetings_expected, shared_cost

share = st.floats(0.0, 1.0)


def test_shared_cost_case() -> None:
    # C (1 - q) + C q / n (1 - j) = 100 x .6 + 100 x .4 / 4 x .5
    assert shared_cost(100.0, 0.4, 4.0, 0.5) == pytest.approx(65.0)
    assert shared_cost(100.0, 0.4, 4.0, 0.0) == pytest.approx(70.0)
    assert shared_cost(100.0, 0.4, 1.0, 0.0) == pytest.approx(100.0)  # alone
    assert shared_cost(100.0, 0.4, 0.0, 0.0) == pytest.approx(100.0)
    assert shared_cost(100.0, 0.4, 10.0, 1.0) == pytest.approx(60.0)  # the public pays the common part


def test_meetings_expected_case() -> None:
    assert meetings_expected(8.0, 0.05) == pytest.approx(0.4)
    assert meetings_expected(0.0, 0.05) == 0.0


@given(cost=st.floats(0.0, 1e4), q=share, n=st.integers(1, 60), j=share)
def test_members_share_and_leaving_raises_the_others_cost(cost: float, q: float, n: int, j: float) -> None:
    now = shared_cost(cost, q, float(n), j)
    assert shared_cost(cost, q, float(n + 1), j) <= now + 1e-9 <= shared_cost(cost, q, float(max(1, n - 1)), j) + 2e-9
    assert cost * (1.0 - q) - 1e-9 <= now <= cost + 1e-9


@given(cost=st.floats(1.0, 1e3), q=share, n=st.integers(1, 60))
def test_the_common_part_is_paid_once(cost: float, q: float, n: int) -> None:
    """Over all members: n own parts and one common part."""
    assert n * shared_cost(cost, q, float(n), 0.0) == pytest.approx(n * cost * (1.0 - q) + cost * q)


def test_accepts_case() -> None:
    # advantage - threshold + tau z = .3 - .5 + 1.3 x .2 = .06 > 0
    assert accepts(0.3, 0.5, 0.2, 1.3)
    assert not accepts(0.3, 0.5, 0.1, 1.3)  # .3 - .5 + .13 = -.07
    assert not accepts(0.5, 0.5, 0.0, 1.3)  # no better than staying


def test_leadership_case() -> None:
    # n (.2 + K)(1 + .3 r) = 40 x .5 x 1.3
    assert leadership(40.0, 0.3, 1.0) == pytest.approx(26.0)
    assert leadership(40.0, 0.3, -9.0) == pytest.approx(8.0)  # risk tolerance counts from -2: 40 x .5 x .4
    assert leadership(0.0, 0.3, 1.0) == 0.0


@given(n=st.floats(0.0, 900.0), k=share, r=st.floats(-4.0, 4.0), more=share)
def test_the_larger_the_wiser_the_bolder_leads(n: float, k: float, r: float, more: float) -> None:
    base = leadership(n, k, r)
    assert 0.0 <= base <= min(leadership(n + more, k, r), leadership(n, k + more, r), leadership(n, k, r + more)) + 1e-9
