"""When to enter and when to leave (rule 5), worked by hand from the published equations."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.option import (
    band_width,
    entry_threshold,
    exit_threshold,
    profit_risk,
    static_threshold,
    threshold_to_enter,
    threshold_to_stay,
)
from expansion_sim.codes import ADAPTIVE, BAND, STATIC

ENTRY = (0.348, 0.566, 0.264)
EXIT = (0.536, 0.411, 0.734)
sunk_ratio = st.floats(0.01, 20.0)
risk = st.floats(0.02, 0.6)


def test_entry_threshold_case() -> None:
    assert entry_threshold(1.0, 1.0, *ENTRY) == 0.348
    # powers that can be done by hand: .3 x 4^.5 x .0625^.25 = .3 x 2 x .5
    assert entry_threshold(4.0, 0.0625, 0.3, 0.5, 0.25) == pytest.approx(0.3)
    # published fit at k = 2, v = .2: .348 x 2^.566 (1.48040) x .2^.264 (.65385)
    assert entry_threshold(2.0, 0.2, *ENTRY) == pytest.approx(0.33685, rel=1e-4)


def test_exit_threshold_case() -> None:
    assert exit_threshold(1.0, 1.0, *EXIT) == -0.536
    # -.5 x 4^.5 x .25^.5
    assert exit_threshold(4.0, 0.25, 0.5, 0.5, 0.5) == pytest.approx(-0.5)
    # published fit at k = 2, v = .2: -.536 x 2^.411 (1.32961) x .2^.734 (.30687)
    assert exit_threshold(2.0, 0.2, *EXIT) == pytest.approx(-0.21870, rel=1e-4)


def test_band_width_case() -> None:
    assert band_width(4.0, 0.25, 0.5, 1.5) == pytest.approx(2.0 * 0.125)
    assert band_width(0.0, 0.25, 0.5, 1.5) == 0.0


def test_no_sunk_cost_no_band() -> None:
    assert entry_threshold(0.0, 0.2, *ENTRY) == 0.0
    assert entry_threshold(-1.0, 0.2, *ENTRY) == 0.0
    assert exit_threshold(0.0, 0.2, *EXIT) == 0.0
    assert static_threshold(0.0, 0.1) == 0.0
    assert static_threshold(-1.0, 0.1) == 0.0


@given(k=sunk_ratio, v=risk, more=st.floats(0.0, 1.0))
def test_band_widens_with_sunk_cost_and_risk(k: float, v: float, more: float) -> None:
    assert entry_threshold(k, v, *ENTRY) <= entry_threshold(k + more, v, *ENTRY)
    assert entry_threshold(k, v, *ENTRY) <= entry_threshold(k, v + more, *ENTRY)
    assert exit_threshold(k, v, *EXIT) >= exit_threshold(k + more, v, *EXIT)
    assert exit_threshold(k, v, *EXIT) >= exit_threshold(k, v + more, *EXIT)
    assert exit_threshold(k, v, *EXIT) < 0.0 < entry_threshold(k, v, *ENTRY)


def test_static_threshold_case() -> None:
    # log(1 + .1 x 5) = log 1.5
    assert static_threshold(5.0, 0.1) == pytest.approx(0.4054651)


def test_expectations_choose_the_threshold() -> None:
    band = (0.1, *ENTRY)
    assert threshold_to_enter(BAND, 2.0, 0.2, *band) == entry_threshold(2.0, 0.2, *ENTRY)
    for kind in (STATIC, ADAPTIVE):
        assert threshold_to_enter(kind, 2.0, 0.2, *band) == static_threshold(2.0, 0.1)
        assert threshold_to_stay(kind, 2.0, 0.2, *EXIT) == 0.0  # zero profit
    assert threshold_to_stay(BAND, 2.0, 0.2, *EXIT) == exit_threshold(2.0, 0.2, *EXIT)


def test_profit_risk_case() -> None:
    # (sqrt(.3^2 + (2 x .2)^2) + .1 x .5)(1 - .2) = (.5 + .05) x .8
    assert profit_risk(0.3, 2.0, 0.2, 0.1, 0.5, 0.2) == pytest.approx(0.44)
    assert profit_risk(0.3, 2.0, 0.0, 0.1, 0.0, 0.0) == pytest.approx(0.3)  # calm
    assert profit_risk(0.3, 2.0, 0.0, 0.1, -1.0, 0.0) == pytest.approx(0.3)  # calmer than calm is calm
    assert profit_risk(0.3, 2.0, 0.2, 0.1, 0.5, 1.0) == 0.0  # fully insured


@given(volatility=st.floats(0.0, 0.3), host=st.floats(-1.0, 3.0), more=st.floats(0.0, 1.0), insured=st.floats(0.0, 1.0))
def test_risk_rises_with_the_yen_and_the_host(volatility: float, host: float, more: float, insured: float) -> None:
    base = profit_risk(0.2, 1.0, volatility, 0.12, host, insured)
    assert base <= profit_risk(0.2, 1.0, volatility + more, 0.12, host, insured) + 1e-12
    assert base <= profit_risk(0.2, 1.0, volatility, 0.12, host + more, insured) + 1e-12
    assert 0.0 <= base <= math.hypot(0.2, volatility) + 0.12 * max(0.0, host) + 1e-12
