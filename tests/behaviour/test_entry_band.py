"""The band against the problem it stands for: entry and exit under uncertainty (Dixit 1989), solved by dynamic programming.

A firm compares once a year; the log of gain over yearly fixed cost follows a random walk without drift, sd v a year;
entering costs k years of fixed cost, leaving costs nothing, and the future is discounted at 7 percent a year. In this
normalisation the power laws hold for k from half a year to twelve years and v from .1 to .4: at worst 10 percent off for
entry and 23 percent off for exit. The discount rate matters little between 6 and 8 percent. A firm that could decide at
any moment (Dixit's continuous time) has a wider band, by .04 to .2 log points on each side.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from expansion_sim.behaviour.option import entry_threshold, exit_threshold
from expansion_sim.parameters import load_parameters
from expansion_sim.validation.docking.band import continuous_band, solved_band

RATE = 0.07
SUNK_RATIOS = (0.5, 1.0, 2.0, 4.0, 8.0, 12.0)
RISKS = (0.1, 0.2, 0.3, 0.4)


def published_band(sunk_ratio: float, risk: float) -> tuple[float, float]:
    """Entry and exit threshold of the power laws at the published coefficients."""
    return entry_threshold(sunk_ratio, risk, 0.348, 0.566, 0.264), exit_threshold(sunk_ratio, risk, 0.536, 0.411, 0.734)


def deviations(sunk_ratios: tuple[float, ...], risks: tuple[float, ...], rate: float = RATE) -> np.ndarray:
    """Power law over solution less one, shape (sunk ratios, risks, entry and exit)."""
    table = [[np.divide(published_band(k, v), solved_band(k, v, rate)) - 1.0 for v in risks] for k in sunk_ratios]
    return np.array(table)


def test_programming_agrees_with_smooth_pasting_when_decisions_are_frequent() -> None:
    """The solver itself: as decisions become frequent it tends to Dixit's closed form, with the root of the interval."""
    for k, v in ((1.0, 0.2), (4.0, 0.3)):
        enter, leave = continuous_band(k, v, RATE)
        errors = []
        for years in (1.0 / 10.0, 1.0 / 40.0):
            high, low = solved_band(k, v, RATE, years)
            errors.append((enter - high, low - leave))
        fine = 2.0 * np.array(errors[1]) - np.array(errors[0])  # the error falls with the root of the interval: halved
        assert np.abs(fine).max() < 0.01


def test_entry_threshold_within_13_percent_for_half_to_twelve_years_of_fixed_cost_and_risk_of_10_to_40_percent() -> None:
    off = deviations(SUNK_RATIOS, RISKS)[..., 0]
    assert np.abs(off).max() < 0.13
    assert np.sqrt((off**2).mean()) < 0.06


def test_exit_threshold_within_25_percent_for_half_to_twelve_years_of_fixed_cost_and_risk_of_10_to_40_percent() -> None:
    off = deviations(SUNK_RATIOS, RISKS)[..., 1]
    assert np.abs(off).max() < 0.25
    assert np.sqrt((off**2).mean()) < 0.15


@pytest.mark.parametrize("rate", [0.06, 0.08])
def test_discount_rate_matters_little(rate: float) -> None:
    off = deviations((1.0, 2.0, 4.0), RISKS, rate)
    assert np.abs(off).max() < 0.25


def test_outside_the_range_the_exit_law_is_too_wide_for_tiny_sunk_costs_and_for_large_ones_at_little_risk() -> None:
    """Where not to trust it: k = .25 at v = .4 (exit half too deep) and k = 32 at v = .05 (more than twice too deep)."""
    assert deviations((0.25,), (0.4,))[0, 0, 1] > 0.4
    assert deviations((32.0,), (0.05,))[0, 0, 1] > 1.0
    assert np.abs(deviations((0.25, 16.0, 32.0), (0.1, 0.2, 0.4))[..., 0]).max() < 0.3  # entry holds far longer


def test_a_firm_that_could_decide_at_any_moment_would_wait_longer() -> None:
    """The power laws are those of yearly decisions: the continuous-time band is wider on both sides."""
    for k, v in ((1.0, 0.1), (1.0, 0.3), (2.0, 0.2), (4.0, 0.3)):
        (enter, leave), (high, low) = published_band(k, v), continuous_band(k, v, RATE)
        assert enter < high
        assert leave > low


def test_shipped_sunk_over_fixed_costs_and_risk_lie_in_the_range() -> None:
    """The laws are used where they hold."""
    value = {name: parameter.value for name, parameter in load_parameters().items()}
    for mode in ("indirect", "direct", "ecommerce", "contract", "plant"):
        assert 0.5 <= value[f"sunk.{mode}"] * value["sunk.own_effort"] / value[f"fixed.{mode}"] <= 12.0
    assert 0.1 <= value["band.risk"] <= 0.4


@pytest.mark.parametrize(("k", "v"), [(1.0, 0.2), (2.0, 0.3), (8.0, 0.2)])
def test_risk_makes_firms_wait_beyond_the_static_trigger(k: float, v: float) -> None:
    """At the same discount rate the option to wait raises the entry trigger above log(1 + r k)."""
    assert published_band(k, v)[0] > math.log(1.0 + RATE * k)
