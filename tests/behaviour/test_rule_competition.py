"""What others' production abroad does at home, worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.competition import demand_after_stealing, demand_left, import_capacity


def test_import_capacity_case() -> None:
    # o (E_g/E_J)^mu max(0, 1 - c (1 + f)) = .8 x 4^.5 x (1 - .6 x 1.1) = 1.6 x .34
    assert import_capacity(0.8, 4.0, 0.5, 0.6, 0.1) == pytest.approx(0.544)
    assert import_capacity(0.0, 4.0, 0.5, 0.6, 0.1) == 0.0  # closed
    assert import_capacity(0.8, 4.0, 0.5, 1.2, 0.1) == 0.0  # no cheaper


def test_demand_left_case() -> None:
    # e^(-w x (m - m0)) = e^(-.5 x .4 x (1.5 - .5)) = e^-.2
    assert demand_left(0.5, 0.4, 1.5, 0.5) == pytest.approx(0.8187308)
    assert demand_left(0.5, 0.4, 0.5, 0.5) == 1.0  # the reference year
    assert demand_left(0.5, 0.0, 9.0, 0.5) == 1.0  # an industry without foreign competition


@given(capacity=st.floats(0.0, 5.0), more=st.floats(0.0, 5.0))
def test_imports_never_raise_home_demand(capacity: float, more: float) -> None:
    assert demand_left(0.5, 1.0, capacity + more, 1.0) <= demand_left(0.5, 1.0, capacity, 1.0)


def test_demand_after_stealing_case() -> None:
    # 1 - g r = 1 - .3 x .2
    assert demand_after_stealing(0.3, 0.2) == pytest.approx(0.94)
    assert demand_after_stealing(0.3, 0.0) == 1.0
    assert demand_after_stealing(1.0, 0.9) == 0.5  # half of the market stays with whoever stays
