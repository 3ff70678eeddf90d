"""The table of large customers and the shares in which they buy."""

import numpy as np
import pytest

from expansion_sim.codes import INFORMATION, LIGHT, MACHINERY, TRANSPORT
from expansion_sim.errors import InputError
from expansion_sim.population.parents import BUYERS, INDUSTRY_SHARE, find_buyers, make_parents


def test_parents_have_their_industries_shares_and_start_at_home():
    parents = make_parents(300)
    for industry, share in INDUSTRY_SHARE.items():
        assert (parents["industry"] == industry).sum() == pytest.approx(300 * share, abs=1)
    assert parents["sales"].mean() == pytest.approx(1.0)
    assert (np.diff(parents["sales"]) < 0).all()
    assert (parents["offshore"] == 0).all() and (parents["order_factor"] == 1).all() and (parents["invite_host"] == -1).all()
    assert ((parents["export_orientation"] >= 0) & (parents["export_orientation"] <= 1)).all()


def test_sensitivity_is_lognormal_with_mean_one():
    logs = np.log(make_parents(5000)["sensitivity"])
    assert logs.std() == pytest.approx(0.5, abs=0.02)
    assert np.exp(logs).mean() == pytest.approx(1.0, abs=0.03)


def test_one_more_parent_changes_nobody_elses_character():
    few, more = make_parents(300, seed=4), make_parents(301, seed=4)
    for name in ("industry", "sensitivity", "export_orientation"):
        assert (few[name] == more[name][:300]).all()
    assert (make_parents(300, seed=5)["sensitivity"] != few["sensitivity"]).any()


def test_buyers_are_of_the_right_industries_in_proportion_to_sales():
    parents = make_parents(50)
    buyers = find_buyers(parents)
    for industry in (LIGHT, MACHINERY, INFORMATION, TRANSPORT):
        span = slice(buyers.start[industry], buyers.start[industry + 1])
        rows = buyers.parent[span]
        assert set(parents["industry"][rows]) <= set(BUYERS[industry])
        sales = parents["sales"][rows]
        assert np.allclose(np.diff(buyers.cumulative[span], prepend=0.0), sales / sales.sum())


def test_a_world_without_large_customers():
    buyers = find_buyers(None)
    assert (buyers.start == 0).all() and len(buyers.parent) == 0


@pytest.mark.parametrize("n", [0, 30_001])
def test_number_out_of_range_is_refused(n):
    with pytest.raises(InputError, match="parents"):
        make_parents(n)
