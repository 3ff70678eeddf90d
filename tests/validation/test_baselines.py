"""Baselines and their scores, against closed forms and worked cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from expansion_sim.validation import load_targets
from expansion_sim.validation.baselines import (
    Fact,
    autoregression,
    ensemble_crps,
    last_value,
    normal_crps,
    read_facts,
    scaled,
    score_baselines,
    static_logit,
)


def fact(name: str, year: int, share: float, *, outcome: str = "direct", employees: float = 30.0, industry: str = "") -> Fact:
    return Fact(name, outcome, year, float(np.log(employees)), industry, float(scaled(share, True)), 0.2, True)


def test_crps_of_a_normal_by_integration_and_of_its_ensemble() -> None:
    rng = np.random.default_rng(1)
    grid = np.linspace(-12.0, 12.0, 200_001)
    from scipy.stats import norm

    exact = np.trapezoid((norm.cdf(grid, 0.5, 1.5) - (grid >= 1.0)) ** 2, grid)
    assert normal_crps(np.array([0.5]), np.array([1.5]), np.array([1.0]))[0] == pytest.approx(exact, rel=1e-4)
    assert ensemble_crps(rng.normal(0.5, 1.5, 40_000), 1.0) == pytest.approx(exact, rel=0.02)
    assert ensemble_crps(np.array([2.0, 4.0]), 3.0) == pytest.approx(1.0 - 0.5 * 2.0)
    assert np.isnan(ensemble_crps(np.array([1.0, np.nan]), 3.0))


def test_last_value_takes_the_nearest_year_of_the_same_series() -> None:
    train = [fact("a", 1990, 10.0), fact("b", 1998, 20.0), fact("c", 1999, 50.0, employees=500.0)]
    mean, sd = last_value(train, [fact("x", 2005, 1.0), fact("y", 2020, 1.0), fact("z", 2005, 1.0, outcome="abroad")])
    assert mean[:2] == pytest.approx(scaled(20.0, True))
    assert sd[1] > sd[0] > 0.0
    assert np.isnan(mean[2])


def test_autoregression_returns_to_the_mean_of_its_outcome() -> None:
    train = [fact("a", 1990, 10.0), fact("b", 1998, 40.0)]
    near, far = autoregression(train, [fact("x", 1999, 1.0), fact("y", 2400, 1.0)]).mean
    middle, last = np.mean(scaled(np.array([10.0, 40.0]), True)), scaled(40.0, True)
    assert middle < near < last
    assert far == pytest.approx(middle, abs=0.05)


def test_static_logit_finds_the_slope_on_size() -> None:
    sizes = (5.0, 20.0, 50.0, 100.0, 300.0)
    odds = [-4.0 + 0.6 * np.log(size / 30.0) for size in sizes]
    pairs = zip(sizes, odds, strict=True)
    train = [fact(f"t{k}", 2000, 100.0 / (1.0 + np.exp(-o)), employees=size) for k, (size, o) in enumerate(pairs)]
    mean, sd = static_logit(train, [fact("x", 2024, 1.0, employees=200.0), fact("y", 2024, 1.0, outcome="abroad")])
    assert mean[0] == pytest.approx(-4.0 + 0.6 * np.log(200.0 / 30.0), abs=0.05)
    assert np.isnan(mean[1])
    assert sd[0] < 0.2


def test_published_facts_are_read_as_they_are_meant() -> None:
    facts = {one.id: one for one in read_facts(load_targets())}
    assert facts["T043"].series == facts["T044"].series
    assert (facts["T043"].outcome, facts["T043"].year, facts["T044"].year) == ("fdi", 1997, 2021)
    assert facts["T049"].series != facts["T051"].series
    assert facts["T077"].outcome == "indirect" and facts["T084"].outcome == "direct" and facts["T077"].industry == "manufacturing"
    assert facts["T163"].size > facts["T158"].size
    assert not {"T009", "T012", "T025", "T030", "T155", "T194"} & set(facts)
    assert all(one.half > 0.0 for one in facts.values())
    assert scaled(50.0, True) == 0.0


def test_scores_cover_every_test_fact() -> None:
    facts = read_facts(load_targets())
    train, test = [f for f in facts if f.year < 2020], [f for f in facts if f.year >= 2020]
    table = score_baselines(train, test)
    assert list(table.index) == [f.id for f in test]
    assert isinstance(table, pd.DataFrame) and (table.dropna() > 0.0).all().all()
    assert table.notna().any().all()
