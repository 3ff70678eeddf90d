"""Profit, tax and cash (rule 14), worked by hand from the published equations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.accounts import capital_raised, new_borrowing, next_cash, operating_margin

money = st.floats(-1e4, 1e4)
share = st.floats(0.0, 1.0)


def test_operating_margin_case() -> None:
    # m k + w a + d max(0, q) + luck + c s = .03 x 1.2 + .06 x .5 + 0 - .01 + .4 x -.05; with q = .5, d = .08: .04 more
    assert operating_margin(0.03, 1.2, 0.5, 0.06, 0.5, 0.08, -0.01, 0.4, -0.05) == pytest.approx(0.076)
    assert operating_margin(0.03, 1.2, 0.5, 0.06, -0.5, 0.08, -0.01, 0.4, -0.05) == pytest.approx(0.036)
    assert operating_margin(0.03, 1.0, 0.0, 0.06, 0.0, 0.08, 0.0, 0.4, 0.0) == 0.03  # a mean firm in a mean year


def test_capital_raised_case() -> None:
    assert capital_raised(2.0, 0.25, 0.20) == pytest.approx(2.5)  # 2 x .25 / .20
    assert capital_raised(2.0, 1.0, 1.0) == 2.0


def test_next_cash_case() -> None:
    # c = 10 + 6 = 16, above the target of 12: 16 - .5 x 4
    assert next_cash(10.0, 6.0, 12.0, 0.5) == pytest.approx(14.0)
    assert next_cash(10.0, 1.0, 12.0, 0.5) == 11.0  # below the target everything stays
    assert next_cash(10.0, -15.0, 12.0, 0.5) == -5.0  # a loss eats the cash


@given(cash=money, profit=money, target=st.floats(0.0, 1e3), payout=share)
def test_payout_takes_only_the_excess(cash: float, profit: float, target: float, payout: float) -> None:
    closing = next_cash(cash, profit, target, payout)
    paid = cash + profit - closing
    assert -1e-9 <= paid <= max(0.0, cash + profit - target) + 1e-9
    assert closing >= min(cash + profit, target) - 1e-9


def test_new_borrowing_case() -> None:
    # out of cash by 5 with a target of 8: 5 + .5 x 8, when the line allows
    assert new_borrowing(-5.0, 20.0, 50.0, 8.0, 30.0) == pytest.approx(9.0)
    assert new_borrowing(-5.0, 20.0, 3.0, 8.0, 30.0) == 3.0
    assert new_borrowing(-5.0, 20.0, 0.0, 8.0, 30.0) == 0.0  # nothing left to draw: default
    # debt of 50 against a usual 30: a tenth of the gap, from cash above half the target
    assert new_borrowing(10.0, 50.0, 9.0, 8.0, 30.0) == pytest.approx(-2.0)
    assert new_borrowing(5.0, 50.0, 9.0, 8.0, 30.0) == pytest.approx(-1.0)
    assert new_borrowing(4.0, 50.0, 9.0, 8.0, 30.0) == 0.0
    # debt of 20 against a usual 30: a tenth of the gap, when the line allows
    assert new_borrowing(10.0, 20.0, 9.0, 8.0, 30.0) == pytest.approx(1.0)
    assert new_borrowing(10.0, 20.0, 0.4, 8.0, 30.0) == 0.4


@given(cash=money, debt=st.floats(0.0, 1e4), line=st.floats(0.0, 1e4), target=st.floats(0.0, 1e3), usual=st.floats(0.0, 1e4))
def test_borrowing_keeps_to_the_line_and_repays_only_from_cash(
    cash: float, debt: float, line: float, target: float, usual: float
) -> None:
    drawn = new_borrowing(cash, debt, line, target, usual)
    assert -debt - 1e-9 <= drawn <= line
    assert drawn >= 0.0 or cash + drawn >= 0.5 * target - 1e-9
    assert cash + drawn >= min(cash, 0.0)
