"""Strata and the sampling design."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expansion_sim.codes import MACHINERY, RETAIL, SIZE_EDGES
from expansion_sim.errors import InputError
from expansion_sim.population.paths import firms_path
from expansion_sim.population.sizes import cumulative, size_laws
from expansion_sim.population.strata import STRATA, class_shares, make_design, strata_table, stratum_propensity

MEAN_STOCK = (firms_path(1955, 2024).mean(axis=0)[:, None] * class_shares()).ravel()


def test_class_shares_are_differences_of_the_distribution():
    below = cumulative(size_laws(), np.array([1.0, *SIZE_EDGES, 1000.0]))
    assert np.allclose(class_shares(), np.diff(below, axis=1), atol=1e-9)


def test_pieces_of_a_stratum_meet():
    table = strata_table()
    retail = table[RETAIL * 5 + 3]  # 50-99 persons: wholly above retail's limit of 50 employees
    assert retail["mass"][0] == retail["mass"][1] == 0 and retail["mass"][2] > 0
    assert tuple(table[MACHINERY * 5 + 1][["smallest", "largest"]]) == (5.0, 20.5)
    assert (table["low"] <= table["high"]).all()


def test_one_to_one_has_weights_of_exactly_one():
    assert (make_design(1.0).weight == 1.0).all()
    assert (make_design(1.0, stratified=False).weight == 1.0).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(0.001, 1.0), st.booleans())
def test_any_scale_keeps_the_promised_number_of_rows(scale, stratified):
    design = make_design(scale, stratified)
    assert (design.rate <= 1.0).all() and (design.weight >= 1.0).all()
    assert np.allclose(design.rate * design.weight, 1.0)
    assert design.rate @ MEAN_STOCK == pytest.approx(scale * MEAN_STOCK.sum(), rel=1e-9)
    if not stratified:
        assert np.allclose(design.weight, 1.0 / scale)


def test_sampling_follows_the_square_root_of_the_chance_to_go_abroad():
    design, chance = make_design(0.01), stratum_propensity()
    free = design.rate < 1.0
    ratio = design.rate[free] / np.sqrt(chance[free])
    assert np.allclose(ratio, ratio[0])
    assert design.weight[MACHINERY * 5 + 4] < 10 < 50 < design.weight[MACHINERY * 5]


def test_one_percent_runs_have_the_rows_they_were_planned_for():
    assert 50_000 < make_design(0.01).rows(1955, 2024) < 58_000
    assert make_design(1.0).rows(1955, 2024) >= 5_339_000
    assert len(make_design(0.01).rate) == STRATA == 55


@pytest.mark.parametrize("scale", [0.0, 0.0009, 1.1, float("nan")])
def test_scale_out_of_range_is_refused(scale):
    with pytest.raises(InputError, match="scale"):
        make_design(scale)
