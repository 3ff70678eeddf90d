"""What a firm can pay for (rule 7), worked by hand from the published equations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.finance import (
    bank_health,
    can_fund,
    cash_kept,
    cash_target,
    credit_ceiling,
    credit_line,
    debt_at_risk,
    exports_financed,
    free_cash,
    funding_need,
    interest_rate,
    loans_recalled,
    share_discounted,
)

money = st.floats(0.0, 1e4)
share = st.floats(0.0, 1.0)


def test_credit_ceiling_and_line_case() -> None:
    # A (lambda (1 + c s) + g cover) = 200 (.6 (1 + .4 x .5) + .1 x .5) = 200 x .77
    assert credit_ceiling(200.0, 0.6, 0.5, 0.4, 0.1, 0.5) == pytest.approx(154.0)
    assert credit_line(154.0, 90.0) == 64.0
    assert credit_line(154.0, 160.0) == 0.0  # indebted beyond the line
    assert credit_ceiling(0.0, 0.6, 1.0, 0.4, 0.1, 1.0) == 0.0  # nothing to pledge


@given(assets=money, stance=st.floats(-1.0, 1.0), cover=share, more=share)
def test_ceiling_by_stance_and_cover(assets: float, stance: float, cover: float, more: float) -> None:
    ceiling = credit_ceiling(assets, 0.6, stance, 0.35, 0.12, cover)
    assert ceiling >= 0.0
    assert credit_ceiling(assets, 0.6, stance + more, 0.35, 0.12, cover) >= ceiling - 1e-9
    assert credit_ceiling(assets, 0.6, stance, 0.35, 0.12, cover + more) >= ceiling - 1e-9


def test_cash_target_case() -> None:
    # s t l^-e = 200 x .15 x 4^-.5
    assert cash_target(200.0, 0.15, 4.0, 0.5) == pytest.approx(15.0)
    assert cash_target(200.0, 0.15, 1.0, 0.5) == pytest.approx(30.0)
    assert cash_target(200.0, 0.15, 4.0, 0.0) == pytest.approx(30.0)


def test_cash_kept_case() -> None:
    assert cash_kept(4.0, 0.5) == pytest.approx(0.5)
    assert cash_kept(0.0, 1.0) == pytest.approx(20.0)  # as at a twentieth of the usual debt


def test_free_cash_case() -> None:
    # c - m s = 30 - .06 x 200
    assert free_cash(30.0, 200.0, 0.06) == pytest.approx(18.0)
    assert free_cash(5.0, 200.0, 0.06) == 0.0
    assert free_cash(5.0, 200.0, 0.0) == 5.0


def test_loans_recalled_case() -> None:
    # r max(0, -h) max(0, D - L) = .5 x .6 x (100 - 60)
    assert loans_recalled(100.0, 60.0, 50.0, -0.6, 0.5) == pytest.approx(12.0)
    assert loans_recalled(100.0, 60.0, 5.0, -0.6, 0.5) == 5.0  # no more than there is
    assert loans_recalled(100.0, 60.0, 50.0, 0.3, 0.5) == 0.0  # a sound bank lives with it
    assert loans_recalled(50.0, 60.0, 50.0, -1.0, 0.5) == 0.0  # covered debt stays
    assert loans_recalled(100.0, 60.0, -5.0, -0.6, 0.5) == 0.0


def test_bank_health_case() -> None:
    # s + (c + d max(0, -s)) z = -.5 + (.1 + .8 x .5)(-.6)
    assert bank_health(-0.5, 0.1, 0.8, -0.6) == pytest.approx(-0.8)
    assert bank_health(0.4, 0.1, 0.8, 1.0) == pytest.approx(0.5)  # in easy years banks differ by the calm spread alone
    assert bank_health(-0.5, 0.1, 0.8, -3.0) == -1.0


@given(stance=st.floats(-1.0, 0.0), z=st.floats(0.1, 1.0))
def test_banks_drift_apart_when_credit_is_tight(stance: float, z: float) -> None:
    def gap(s: float) -> float:
        return bank_health(s, 0.02, 0.2, z) - bank_health(s, 0.02, 0.2, -z)

    assert gap(0.5 * stance) >= gap(0.0) - 1e-12


def test_share_discounted_case() -> None:
    # b + c h = .8 + .5 x (-.4)
    assert share_discounted(0.8, 0.5, -0.4) == pytest.approx(0.6)
    assert share_discounted(0.8, 0.5, 1.0) == 0.95  # a part is always carried by the firm
    assert share_discounted(0.3, 0.5, -1.0) == 0.0


def test_exports_financed_case() -> None:
    # F / (W (1 - d)) = 4 / (20 x .4)
    assert exports_financed(4.0, 20.0, 0.6) == pytest.approx(0.5)
    assert exports_financed(9.0, 20.0, 0.6) == 1.0
    assert exports_financed(0.0, 20.0, 0.6) == 0.0
    assert exports_financed(0.0, 0.0, 0.6) == 1.0  # nothing to finance
    assert exports_financed(-3.0, 20.0, 0.6) == 0.0  # in the red


@given(funds=money, receivables=money, discounted=share, more=share)
def test_a_sounder_bank_never_finances_less(funds: float, receivables: float, discounted: float, more: float) -> None:
    financed = exports_financed(funds, receivables, discounted)
    assert 0.0 <= financed <= exports_financed(funds, receivables, min(1.0, discounted + more))


def test_funding_need_case() -> None:
    # (S (1 - relief) - award) due + working capital = (40 x .75 - 10) x .5 + 6
    assert funding_need(40.0, 0.25, 10.0, 0.5, 6.0) == pytest.approx(16.0)
    assert funding_need(40.0, 0.25, 100.0, 0.5, 6.0) == 6.0  # a grant above the cost is not paid out
    assert funding_need(40.0, 1.0, 0.0, 0.5, 0.0) == 0.0


@given(sunk=money, relief=share, award=money, more=share, due=share)
def test_support_never_raises_the_need(sunk: float, relief: float, award: float, more: float, due: float) -> None:
    need = funding_need(sunk, relief, award, due, 5.0)
    assert need >= 5.0
    assert funding_need(sunk, min(1.0, relief + more), award, due, 5.0) <= need + 1e-9
    assert funding_need(sunk, relief, award + more, due, 5.0) <= need


def test_can_fund_case() -> None:
    assert can_fund(3.0, 4.0, 7.0)  # exactly enough is enough
    assert not can_fund(3.0, 3.9, 7.0)
    assert can_fund(0.0, 0.0, 0.0)
    assert not can_fund(-5.0, 4.0, 1.0)  # in the red already


def test_debt_at_risk_case() -> None:
    # D - g k A = 90 - .2 x .5 x 200
    assert debt_at_risk(90.0, 200.0, 0.2, 0.5) == pytest.approx(70.0)
    assert debt_at_risk(10.0, 200.0, 0.2, 0.5) == 0.0
    assert debt_at_risk(90.0, 200.0, 0.2, 0.0) == 90.0


def test_interest_rate_case() -> None:
    # r + p D/A - d = .04 + .012 x .5 - .009
    assert interest_rate(0.04, 50.0, 100.0, 0.012, 0.009) == pytest.approx(0.037)
    # leverage counts up to 2: .04 + .012 x 2
    assert interest_rate(0.04, 900.0, 100.0, 0.012, 0.0) == pytest.approx(0.064)
    assert interest_rate(0.0, 0.0, 100.0, 0.012, 0.009) == 0.0  # never below zero
    assert interest_rate(0.04, 1.0, 0.0, 0.012, 0.0) == pytest.approx(0.064)  # debt without assets


@given(debt=money, assets=money, more=money)
def test_premium_rises_with_debt_and_is_capped(debt: float, assets: float, more: float) -> None:
    rate = interest_rate(0.04, debt, assets, 0.012, 0.0)
    assert 0.04 <= rate <= interest_rate(0.04, debt + more, assets, 0.012, 0.0) <= 0.064 + 1e-12
