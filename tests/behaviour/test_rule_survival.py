"""Leaving, coming home, closing (rules 12 and 14), worked by hand from the published equations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.survival import (
    closure_hazard,
    closure_weight,
    export_exit_hazard,
    plant_exit_hazard,
    reshoring_hazard,
    successor_found,
)
from expansion_sim.parameters import load_parameters

share = st.floats(0.0, 1.0)
years = st.floats(0.0, 60.0)
gap = st.floats(-40.0, 10.0)


def shipped(*names: str) -> tuple[float, ...]:
    """Values of parameters by dotted name."""
    return tuple(load_parameters()[name].value for name in names)


EXPORT = ("exit.export_base", "exit.mismatch", "exit.mismatch_fade")
PLANT = ("exit.plant_base", "exit.plant_years", "exit.plant_distance")
BAND = ("exit.slope", "exit.margin_hazard")


def test_export_exit_hazard_case() -> None:
    # b + m e^(-f t) + w logistic(-s gap) = .04 + .2 e^(-.5 x 2) + .3 logistic(0) = .04 + .0735759 + .15
    assert export_exit_hazard(2.0, 0.04, 0.2, 0.5, 0.0, 1.5, 0.3) == pytest.approx(0.2635759)
    assert export_exit_hazard(-5.0, 0.04, 0.2, 0.5, 1e3, 1.5, 0.3) == pytest.approx(0.24)  # years count from zero
    assert export_exit_hazard(1e3, 0.04, 0.2, 0.5, 1e3, 1.5, 0.3) == pytest.approx(0.04)  # an old, good spell: the base
    assert export_exit_hazard(0.0, 0.6, 0.5, 0.5, -9.0, 1.5, 1.0) == 0.95


@given(t=years, more=years, gap=gap)
def test_export_hazard_falls_with_years(t: float, more: float, gap: float) -> None:
    base, margin = shipped(*EXPORT), shipped(*BAND)
    assert export_exit_hazard(t + more, *base, gap, *margin) <= export_exit_hazard(t, *base, gap, *margin) + 1e-12


@given(t=years, gap=gap, more=st.floats(0.0, 10.0))
def test_better_spells_last_longer(t: float, gap: float, more: float) -> None:
    exports, plants, margin = shipped(*EXPORT), shipped(*PLANT), shipped(*BAND)
    assert export_exit_hazard(t, *exports, gap + more, *margin) <= export_exit_hazard(t, *exports, gap, *margin) + 1e-12
    assert plant_exit_hazard(t, 3.0, *plants, gap + more, *margin) <= plant_exit_hazard(t, 3.0, *plants, gap, *margin) + 1e-12
    assert reshoring_hazard(0.015, gap + more, 0.5, 0.8) <= reshoring_hazard(0.015, gap, 0.5, 0.8) + 1e-12


def test_plant_exit_hazard_case() -> None:
    # b (1 + y t)(1 + d km) + w logistic(-s gap) = .02 (1 + .02 x 10)(1 + .05 x 4) + .3 x .5 = .02 x 1.2 x 1.2 + .15
    assert plant_exit_hazard(10.0, 4.0, 0.02, 0.02, 0.05, 0.0, 1.5, 0.3) == pytest.approx(0.1788)
    assert plant_exit_hazard(-1.0, 0.0, 0.02, 0.02, 0.05, 1e3, 1.5, 0.3) == pytest.approx(0.02)
    assert plant_exit_hazard(60.0, 15.0, 0.9, 0.1, 0.2, -9.0, 1.5, 1.0) == 0.95


@given(t=years, km=st.floats(0.0, 12.0), gap=gap, more=st.floats(0.0, 10.0))
def test_plant_hazard_rises_with_years_and_distance(t: float, km: float, gap: float, more: float) -> None:
    base, margin = shipped(*PLANT), shipped(*BAND)
    here = plant_exit_hazard(t, km, *base, gap, *margin)
    assert plant_exit_hazard(t + more, km, *base, gap, *margin) >= here
    assert plant_exit_hazard(t, km + more, *base, gap, *margin) >= here


def test_shipped_plants_last_longer_than_exports() -> None:
    """Ten years of a spell with a comfortable gain: fewer plants than exports close, and exports mostly in the first years."""
    exports, plants, margin = shipped(*EXPORT), shipped(*PLANT), shipped(*BAND)
    first, later = (export_exit_hazard(t, *exports, 2.0, *margin) for t in (0.0, 8.0))
    assert first > 2.0 * later
    ten_years = [float(t) for t in range(10)]
    plants_closed = sum(plant_exit_hazard(t, 3.0, *plants, 2.0, *margin) for t in ten_years)
    assert plants_closed < 0.6 * sum(export_exit_hazard(t, *exports, 2.0, *margin) for t in ten_years)


@given(
    t=st.floats(-5.0, 200.0),
    gap=st.floats(-1e3, 1e3),
    km=st.floats(0.0, 20.0),
    base=share,
    m=share,
    w=share,
    risk=st.floats(-2.0, 5.0),
)
def test_hazards_are_chances(t: float, gap: float, km: float, base: float, m: float, w: float, risk: float) -> None:
    assert 0.0 <= export_exit_hazard(t, base, m, 0.5, gap, 1.5, w) <= 0.95
    assert 0.0 <= plant_exit_hazard(t, km, base, 0.1, 0.2, gap, 1.5, w) <= 0.95
    assert 0.0 <= reshoring_hazard(base, gap, risk, 2.0) <= 0.5


def test_reshoring_hazard_case() -> None:
    # b e^(-gap/2)(1 + r risk) = .02 e^(-.5)(1 + .8 x .5) = .02 x .6065307 x 1.4
    assert reshoring_hazard(0.02, 1.0, 0.5, 0.8) == pytest.approx(0.0169829, rel=1e-5)
    assert reshoring_hazard(0.02, 0.0, 0.0, 0.8) == 0.02  # at the threshold in calm times
    assert reshoring_hazard(0.02, 50.0, 0.0, 0.8) == pytest.approx(0.02 * 0.3678794)  # at least e^-1 of it
    assert reshoring_hazard(0.02, -50.0, 0.0, 0.8) == pytest.approx(0.02 * 7.3890561)  # at most e^2 of it
    assert reshoring_hazard(0.02, 0.0, -3.0, 0.8) == 0.02  # calmer than calm is calm
    assert reshoring_hazard(0.2, -50.0, 5.0, 5.0) == 0.5


def test_closure_weight_case() -> None:
    # (n / 5)^-e e^(-q a) = (80 / 5)^-.25 e^(-.4 x .5) = .5 x .8187308
    assert closure_weight(80.0, 0.5, 0.25, 0.4) == pytest.approx(0.4093654)
    assert closure_weight(5.0, 0.0, 0.25, 0.4) == 1.0
    assert closure_weight(1e9, 9.0, 0.5, 1.0) == 0.05
    assert closure_weight(0.0, -9.0, 0.5, 1.0) == 5.0


@given(n=st.floats(0.0, 2e3), a=st.floats(-3.0, 3.0), more=share)
def test_small_and_unproductive_firms_close_first(n: float, a: float, more: float) -> None:
    weight = closure_weight(n, a, 0.25, 0.4)
    assert 0.05 <= weight <= 5.0
    assert closure_weight(n + more, a, 0.25, 0.4) <= weight
    assert closure_weight(n, a + more, 0.25, 0.4) <= weight


def test_closure_hazard_case() -> None:
    # (x - d) w / W = (.05 - .02) x 2 / 1.5
    assert closure_hazard(0.05, 0.02, 2.0, 1.5) == pytest.approx(0.04)
    assert closure_hazard(0.05, 0.08, 2.0, 1.5) == 0.0  # more defaults than recorded closures
    assert closure_hazard(0.9, 0.0, 5.0, 1.0) == 0.9
    assert closure_hazard(0.0, 0.0, 1.0, 0.0) == 0.0  # an empty industry


@given(
    weights=st.lists(st.floats(0.05, 5.0), min_size=1, max_size=30), recorded=st.floats(0.0, 0.15), settled=st.floats(0.0, 0.1)
)
def test_closures_follow_the_record_on_average(weights: list[float], recorded: float, settled: float) -> None:
    """Relative hazards decide who closes, not how many: the mean over firms is the recorded rate less what settled itself."""
    mean = sum(weights) / len(weights)
    hazards = [closure_hazard(recorded, settled, weight, mean) for weight in weights]
    if max(hazards) < 0.9:
        assert sum(hazards) / len(hazards) == pytest.approx(max(0.0, recorded - settled), abs=1e-12)


def test_successor_found_case() -> None:
    # p (n / 5)^.25 = .5 (80 / 5)^.25
    assert successor_found(0.4, 80.0) == pytest.approx(0.8)
    assert successor_found(0.5, 5.0) == 0.5
    assert successor_found(0.5, 1e4) == 0.98
    assert successor_found(0.5, 0.0) == pytest.approx(0.5 * 0.2**0.25)  # one person at least


@given(p=share, n=st.floats(0.0, 1e3), more=share)
def test_larger_firms_find_successors(p: float, n: float, more: float) -> None:
    assert 0.0 <= successor_found(p, n) <= successor_found(p, n + more) <= 0.98
