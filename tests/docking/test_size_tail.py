"""Without a network sizes follow Gibrat's law, and its Pareto tail is the closed one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from expansion_sim.population.balance import balance_laws
from expansion_sim.population.sizes import size_grid, size_laws
from expansion_sim.validation.docking.closed_forms import gibrat_index, hill_index, sales_tail
from expansion_sim.validation.docking.dock import dock_growth, dock_sales, dock_tail
from expansion_sim.validation.docking.size_tail import growth_in_model


def test_gibrat_index_by_hand() -> None:
    # zeta^2 s^2 / 2 = -log(1 - d): with 1 - d = e^-.02 and s = .2, zeta^2 = .04 / .04 = 1: Zipf
    assert gibrat_index(0.2, 1.0 - math.exp(-0.02)) == pytest.approx(1.0)
    # with growth m = .02: zeta .02 + zeta^2 .02 = .04 at zeta = 1
    assert gibrat_index(0.2, 1.0 - math.exp(-0.04), 0.02) == pytest.approx(1.0)


def test_hill_index_by_hand_and_on_a_pareto_sample() -> None:
    index, error = hill_index(np.array([1.0, 2.0, 4.0, 8.0]), 1.0)
    assert index == pytest.approx(1.0 / (2.0 * math.log(2.0)))
    assert error == pytest.approx(index / math.sqrt(3.0))
    sample = np.exp(np.random.default_rng(1).exponential(1.0 / 1.3, 50_000))
    index, error = hill_index(sample, 2.0)
    assert abs(index - 1.3) < 4.0 * error


@pytest.mark.parametrize(("sd", "exit_rate"), [(0.30, 0.05), (0.30, 0.08), (0.25, 0.06)])
def test_growth_by_the_rule_under_random_death_has_the_pareto_tail_of_kesten(sd: float, exit_rate: float) -> None:
    (tail,) = dock_tail(sd, exit_rate)
    assert tail.agrees, tail
    assert 0.9 < tail.closed_form < 1.5  # about Zipf, as firm sizes are
    assert abs(tail.simulated - gibrat_index(1.15 * sd, exit_rate)) > tail.tolerance  # another sd would be told apart


def test_growth_of_the_models_firms_does_not_depend_on_their_size() -> None:
    for docked in dock_growth():
        assert docked.agrees, docked


def test_growth_that_does_depend_on_the_level_is_told_apart() -> None:
    """The same estimator finds the mean reversion of productivity, far from Gibrat's zero."""
    growth = growth_in_model(10, 0.15, "productivity")
    assert growth.slope < -10.0 * growth.error


def test_sales_have_the_tail_that_the_laws_of_size_and_productivity_imply() -> None:
    for docked in dock_sales():
        assert docked.agrees, docked


def test_upper_tail_of_sales_is_about_zipf_where_the_size_law_is_pareto() -> None:
    """Between 1 and 10 billion yen the Pareto index of the exact law lies between .85 and 1.3; beyond, SMEs end."""
    for industry in range(len(size_laws())):
        law = balance_laws()[industry]
        sizes, shares = size_grid(size_laws()[industry : industry + 1])
        tail = sales_tail(np.array([1e3, 1e4]), sizes, shares[0], law["sales_level"], law["sales_elasticity"], 0.83 * 0.576)
        assert 0.85 < -math.log(tail[1] / tail[0]) / math.log(10.0) < 1.3
