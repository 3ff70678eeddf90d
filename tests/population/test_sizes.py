"""The size distribution against the counts it must reproduce."""

import numpy as np
import pytest

from expansion_sim.codes import CONSTRUCTION, INDUSTRIES, MACHINERY, RETAIL, SERVICES, WHOLESALE
from expansion_sim.population.paths import firms_path
from expansion_sim.population.sizes import (
    SMALL_LIMIT,
    credit_tilt,
    cumulative,
    manufacturing_persons_per_sme,
    mean_size,
    size_grid,
    size_laws,
    within_limits,
)

STOCK_2014 = firms_path(2014, 2014)[0]


def tilted(industry):
    sizes, shares = size_grid(size_laws()[[industry]])
    weights = shares[0] * sizes ** credit_tilt(industry)
    return sizes, weights / weights.sum()


def test_distribution_runs_from_one_person_to_the_top():
    laws = size_laws()
    assert np.allclose(cumulative(laws, np.array([1.0, 1000.0])), [0.0, 1.0], atol=1e-12)
    assert (np.diff(cumulative(laws, np.geomspace(1, 1000, 500)), axis=1) >= 0).all()


def test_small_firms_have_their_counted_share():
    shares = np.array([cumulative(size_laws()[[k]], np.array([SMALL_LIMIT[k]]))[0, 0] for k in range(len(INDUSTRIES))])
    assert shares[MACHINERY] == pytest.approx(0.868)
    assert shares[RETAIL] == pytest.approx(0.796)
    assert STOCK_2014 @ shares / STOCK_2014.sum() == pytest.approx(0.854, abs=0.005)


def test_mean_persons_are_the_counted_ones():
    means = mean_size(size_laws())
    assert STOCK_2014 @ means / STOCK_2014.sum() == pytest.approx(8.82, abs=0.01)
    assert means[MACHINERY] == pytest.approx(manufacturing_persons_per_sme(), abs=0.01)
    assert manufacturing_persons_per_sme() == pytest.approx(30_640_000 * 0.213 / 456_000, rel=0.01)
    assert means[CONSTRUCTION] == pytest.approx(7.7, abs=0.5)  # the Credit Risk Database's mean, not fitted


def test_manufacturers_from_fifty_persons_are_20_to_25_thousand():
    share = 1 - cumulative(size_laws()[[MACHINERY]], np.array([50.0]))[0, 0]
    assert 20_000 <= STOCK_2014[:3].sum() * share <= 25_000


def test_large_firms_that_the_law_leaves_out_are_as_many_as_counted():
    law = size_laws()[MACHINERY]
    over, beyond = 15.0 ** -law["exponent"], 50.0 ** -law["exponent"]
    medium = STOCK_2014[:3].sum() * (1 - law["small"])
    inside = 1 - over + law["within"] * (over - beyond)
    assert medium / inside * (1 - inside) == pytest.approx(1957, rel=0.01)


def test_tilt_gives_the_credit_risk_database_median():
    sizes, weights = tilted(MACHINERY)
    assert np.interp(0.5, np.cumsum(weights), sizes) == pytest.approx(7.0, abs=0.05)
    assert 20 < weights @ sizes < 30  # 23.3 published; the Pareto tail makes it somewhat larger
    sizes, weights = tilted(CONSTRUCTION)
    assert np.interp(0.5, np.cumsum(weights), sizes) == pytest.approx(3.0, abs=0.05)


def test_industries_without_figures_share_the_tilt_of_all():
    assert credit_tilt(WHOLESALE) == credit_tilt(SERVICES) != credit_tilt(MACHINERY)
    assert credit_tilt(MACHINERY) > 0


def test_basic_act_takes_capital_or_employees():
    assert within_limits(MACHINERY, 300, 1000)
    assert within_limits(MACHINERY, 400, 300)
    assert not within_limits(MACHINERY, 301, 301)
    assert within_limits(WHOLESALE, 101, 100) and not within_limits(RETAIL, 51, 51)
    assert within_limits(SERVICES, 100, 60) and not within_limits(SERVICES, 101, 51)
