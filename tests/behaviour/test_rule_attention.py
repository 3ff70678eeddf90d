"""Attention before profit (rule 6), worked by hand from the published equations."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.attention import (
    attention_rate,
    character_factor,
    outlook_factor,
    people_factor,
    pressure_to_move,
    probability_of_calling_off,
    probability_of_noticing,
    probability_of_study,
)

rate = st.floats(0.0, 2.0)


def test_attention_rate_case() -> None:
    assert attention_rate(0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08) == pytest.approx(0.36)
    assert attention_rate(0.01, *(0.0,) * 7) == 0.01  # a firm that nobody talks to
    assert attention_rate(*(0.0,) * 8) == 0.0


@given(sources=st.lists(rate, min_size=8, max_size=8), which=st.integers(0, 7), more=rate)
def test_every_source_adds(sources: list[float], which: int, more: float) -> None:
    louder = [value + more * (i == which) for i, value in enumerate(sources)]
    assert attention_rate(*louder) >= attention_rate(*sources) - 1e-12


def test_probability_of_noticing_case() -> None:
    assert probability_of_noticing(math.log(2.0)) == pytest.approx(0.5)  # 1 - e^(-log 2)
    assert probability_of_noticing(0.0) == 0.0
    assert probability_of_noticing(-1.0) == 0.0
    assert probability_of_noticing(50.0) == pytest.approx(1.0)


@given(a=st.floats(0.0, 20.0), more=rate)
def test_probability_rises_with_the_rate(a: float, more: float) -> None:
    assert 0.0 <= probability_of_noticing(a) <= probability_of_noticing(a + more) <= 1.0


def test_people_factor_case() -> None:
    assert people_factor(20.0, 0.5) == 1.0
    assert people_factor(5.0, 0.5) == pytest.approx(0.5)  # (5 / 20)^.5
    assert people_factor(80.0, 0.5) == pytest.approx(2.0)
    assert people_factor(5_000.0, 0.5) == 3.0  # capped
    assert people_factor(0.0, 0.5) == pytest.approx(math.sqrt(0.5 / 20.0))  # half a person at least


@given(n=st.floats(0.0, 1_000.0), more=st.floats(0.0, 100.0), eta=st.floats(0.0, 1.0))
def test_larger_firms_have_more_people_for_it(n: float, more: float, eta: float) -> None:
    assert people_factor(n, eta) <= people_factor(n + more, eta) <= 3.0


def test_character_factor_case() -> None:
    # e^(.35 (1 + 1)) = e^.7
    assert character_factor(1.0, 1.0, 0.35) == pytest.approx(2.0137527)
    assert character_factor(1.0, -1.0, 0.35) == 1.0
    assert character_factor(2.0, 2.0, 0.0) == 1.0


def test_outlook_factor_case() -> None:
    # the worse of outlook and growth counts, when negative: e^(6 x -.05) = e^-.3
    assert outlook_factor(0.02, -0.05, 6.0) == pytest.approx(0.7408182)
    assert outlook_factor(-0.05, 0.02, 6.0) == pytest.approx(0.7408182)
    assert outlook_factor(0.02, 0.05, 6.0) == 1.0  # a boom does not make anybody look abroad


@given(o=st.floats(-0.2, 0.2), g=st.floats(-0.2, 0.2), weight=st.floats(0.0, 30.0))
def test_outlook_only_shelves_plans(o: float, g: float, weight: float) -> None:
    assert 0.0 < outlook_factor(o, g, weight) <= 1.0


def test_pressure_to_move_case() -> None:
    # (appreciation + wages) exposure + lost = (.15 + .05) x .7 + .1
    assert pressure_to_move(0.15, 0.05, 0.7, 0.1) == pytest.approx(0.24)
    assert pressure_to_move(0.2, -0.3, 0.7, 0.1) == pytest.approx(0.24)  # falling wages do not undo a risen yen
    assert pressure_to_move(0.2, 0.1, 0.0, -0.3) == 0.0  # no rivals abroad, orders grew


def test_probability_of_study_case() -> None:
    # q + w pressure = .08 + 2 x .24
    assert probability_of_study(0.08, 2.0, 0.24) == pytest.approx(0.56)
    assert probability_of_study(0.08, 2.0, 0.0) == 0.08  # a calm year
    assert probability_of_study(0.08, 2.0, 3.0) == 1.0


@given(
    rise=st.floats(0.0, 0.5),
    wages=st.floats(-0.2, 0.2),
    exposure=st.floats(0.0, 1.0),
    lost=st.floats(-1.0, 1.0),
    more=st.floats(0.0, 0.3),
)
def test_the_yen_wages_and_lost_orders_make_firms_study_plants(
    rise: float, wages: float, exposure: float, lost: float, more: float
) -> None:
    base = pressure_to_move(rise, wages, exposure, lost)
    assert 0.0 <= base <= pressure_to_move(rise + more, wages, exposure, lost)
    assert base <= min(pressure_to_move(rise, wages + more, exposure, lost), pressure_to_move(rise, wages, exposure, lost + more))
    assert probability_of_study(0.08, 2.0, base) <= probability_of_study(0.08, 2.0, base + more) <= 1.0


def test_plans_are_called_off_when_demand_disappoints() -> None:
    assert probability_of_calling_off(0.046, 40.0) == pytest.approx(0.841183)  # 1974: growth of -1.2 % where 3.4 % was the outlook
    assert probability_of_calling_off(-0.01, 40.0) == 0.0  # better than expected
