"""Taxes on business abroad, worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.taxes import (
    corporation_tax,
    extra_tax,
    reserve_deposit,
    reserve_release,
    reserve_value,
    tax_on_profit_abroad,
)

rate = st.floats(0.0, 0.6)
share = st.floats(0.0, 1.0)


def test_tax_on_profit_abroad_case() -> None:
    assert tax_on_profit_abroad(0.25, 0.40, 1.0, 0.0) == pytest.approx(0.40)  # full credit: the higher rate
    assert tax_on_profit_abroad(0.45, 0.40, 1.0, 0.0) == pytest.approx(0.45)  # nothing is paid back
    assert tax_on_profit_abroad(0.25, 0.40, 0.0, 0.0) == pytest.approx(0.55)  # .25 + .40 x .75
    assert tax_on_profit_abroad(0.25, 0.40, 1.0, 0.95) == pytest.approx(0.2575)  # .25 + .05 x .15
    assert tax_on_profit_abroad(0.25, 0.40, 0.5, 0.0) == pytest.approx(0.475)  # .25 + .40 x .875 - .125


@given(host=rate, home=rate, credit=share, exempt=share, more=share)
def test_relief_never_raises_the_tax(host: float, home: float, credit: float, exempt: float, more: float) -> None:
    tax = tax_on_profit_abroad(host, home, credit, exempt)
    assert host <= tax <= host + home
    assert tax_on_profit_abroad(host, home, min(1.0, credit + more), exempt) <= tax + 1e-12
    assert tax_on_profit_abroad(host, home, credit, min(1.0, exempt + more)) <= tax + 1e-12


def test_extra_tax_case() -> None:
    assert extra_tax(0.40, 0.40) == pytest.approx(0.0)
    assert extra_tax(0.55, 0.40) == pytest.approx(0.25)  # 1 - .45 / .60
    assert (1.0 - extra_tax(0.2575, 0.40)) * (1.0 - 0.40) == pytest.approx(1.0 - 0.2575)  # lower abroad: a gain


def test_corporation_tax_case() -> None:
    assert corporation_tax(10.0, 2.0, 0.5, 0.4) == pytest.approx(3.4)
    assert corporation_tax(10.0, 0.0, 0.0, 0.4) == pytest.approx(4.0)
    assert corporation_tax(-10.0, 0.0, 1.0, 0.4) == 0.0


@given(profit=st.floats(-1e4, 1e4), rate_=rate, more=share)
def test_tax_never_gives_money(profit: float, rate_: float, more: float) -> None:
    tax = corporation_tax(profit, 0.0, 0.0, rate_)
    assert 0.0 <= tax <= max(0.0, profit)
    assert corporation_tax(profit, 0.0, 0.0, min(1.0, rate_ + more)) >= tax


def test_reserve_deposit_case() -> None:
    assert reserve_deposit(40.0, 0.15, 100.0) == pytest.approx(6.0)
    assert reserve_deposit(40.0, 0.15, 2.5) == 2.5
    assert reserve_deposit(40.0, 0.15, -1.0) == 0.0


def test_reserve_release_case() -> None:
    """Ten million put aside in year 0: nothing for five years, two million a year from the fifth to the ninth, then nothing is left."""
    balance, released = 10.0, []
    for years in range(1, 12):
        part = reserve_release(balance, float(years))
        released.append(part)
        balance -= part
    assert released == pytest.approx([0.0] * 4 + [2.0] * 5 + [0.0] * 2)


def test_reserve_value_case() -> None:
    # discount 10 %: mean of 1.1^-5..1.1^-9 = (.62092 + .56447 + .51316 + .46651 + .42410) / 5 = .51783
    assert reserve_value(0.2, 0.4, 0.1) == pytest.approx(0.2 * 0.4 * (1.0 - 0.517832), abs=1e-6)
    assert reserve_value(0.2, 0.4, 0.0) == pytest.approx(0.0)  # money later is worth as much as now
