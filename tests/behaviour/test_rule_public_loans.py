"""Public loans and insured receivables, worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.public_loans import (
    called_guarantee,
    entry_debt_left,
    instalment,
    interest_saved,
    loan_amount,
    mean_cover,
    mixed_discount,
    uncovered_receivables,
    value_of_loan,
)


def test_loan_amount_case() -> None:
    assert loan_amount(40.0, 0.7, 1440.0, 0.0) == pytest.approx(28.0)
    assert loan_amount(40.0, 0.7, 20.0, 0.0) == 20.0
    assert loan_amount(40.0, 0.7, 1440.0, 30.0) == 10.0  # another lender has 30 of it


def test_interest_saved_case() -> None:
    assert interest_saved(28.0, 0.03, 0.009) == pytest.approx(0.252)
    assert interest_saved(28.0, 0.005, 0.009) == pytest.approx(0.14)  # the rate does not fall below zero


def test_value_of_loan_case() -> None:
    # 20 repaid over 4 years: balances 20, 15, 10, 5 at 1 % = .5
    assert value_of_loan(20.0, 0.01, 4.0) == pytest.approx(0.5)


def test_instalment_case() -> None:
    assert instalment(20.0, 5.0) == 5.0
    assert instalment(3.0, 5.0) == 3.0


@given(amount=st.floats(1.0, 1e3), term=st.integers(1, 30))
def test_a_loan_is_repaid_at_its_term(amount: float, term: int) -> None:
    balance, paid = amount, []
    for _ in range(term):
        paid.append(instalment(balance, amount / term))
        balance -= paid[-1]
    assert balance == pytest.approx(0.0, abs=1e-9 * amount)
    assert paid == pytest.approx([amount / term] * term)


def test_mixed_discount_case() -> None:
    assert mixed_discount(10.0, 0.009, 30.0, 0.005) == pytest.approx(0.006)
    assert mixed_discount(0.0, 0.0, 30.0, 0.005) == pytest.approx(0.005)


def test_mean_cover_case() -> None:
    # (B c + L d) / (B + L) = (60 x .5 + 40 x .8) / 100
    assert mean_cover(60.0, 0.5, 40.0, 0.8) == pytest.approx(0.62)
    assert mean_cover(0.0, 0.0, 40.0, 0.8) == pytest.approx(0.8)  # the first loan
    assert mean_cover(0.0, 0.0, 40.0, 1.5) == 1.0  # no more than all of it


def test_entry_debt_left_case() -> None:
    # E (1 + min(0, b) / D) = 30 (1 - 20 / 100)
    assert entry_debt_left(30.0, 100.0, -20.0) == pytest.approx(24.0)
    assert entry_debt_left(30.0, 100.0, 50.0) == 30.0  # other borrowing adds nothing to it
    assert entry_debt_left(30.0, 10.0, 0.0) == 10.0  # no more than all bank debt
    assert entry_debt_left(30.0, 0.0, 5.0) == 0.0


def test_uncovered_receivables_case() -> None:
    assert uncovered_receivables(8.0, 0.95) == pytest.approx(0.4)


def test_called_guarantee_case() -> None:
    """Debt of 100 stands for a third on guarantees (.25 of assets beside .5); of that third 80 percent are covered."""
    assert called_guarantee(100.0, 0.5, 0.25, 0.8) == pytest.approx(100.0 / 3.0 * 0.8)
    assert called_guarantee(100.0, 0.5, 0.0, 0.8) == 0.0
    assert called_guarantee(0.0, 0.5, 0.25, 1.0) == 0.0
    assert called_guarantee(100.0, 0.0, 0.25, 1.2) == pytest.approx(100.0)
