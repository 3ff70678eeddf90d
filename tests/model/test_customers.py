"""Large customers: how far they move, with and without the freedom to do so, and what their suppliers see of it."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import build, finished, history, steps, tables

from expansion_sim.agents.parent_firm import ParentFirm
from expansion_sim.codes import HOSTS, INDUSTRIES
from expansion_sim.model import ExpansionModel
from expansion_sim.results.frames import series

NO_FREEDOM = {"drivers.japan": "[{series = 'freedom', from = 1955, value = 0.0}]"}


def test_shares_abroad_are_shares() -> None:
    model = history()
    customers, most = model.customers, float(model.parameters[0]["parent_offshore_max"])
    assert customers["offshore"].min() >= 0.0
    assert customers["offshore"].sum(axis=1) == pytest.approx(customers["offshore_total"])
    assert 0.0 < customers["offshore_total"].max() <= most
    assert (customers["offshore_total"][customers["started"] == 0] == 0.0).all()
    assert (customers["started"] >= 0).all()
    assert customers["invite_host"].max() < len(HOSTS)


def test_the_share_abroad_is_small_before_the_eighties_and_grows() -> None:
    share = series(tables(history()).yearly, "parents_offshore_share")[0]
    started = series(tables(history()).yearly, "parents_abroad_share")[0]
    assert share.between(0.0, 1.0).all()
    assert share[1955] < share[1985] < share[2010]
    assert started.between(0.0, 1.0).all()
    assert share[1970] < 0.05


def test_agents_of_customers_read_their_row() -> None:
    model = history()
    for agent in model.agents_by_type[ParentFirm]:
        row = model.customers[agent.row]
        assert agent.offshore_share == row["offshore_total"]
        assert agent.industry == INDUSTRIES[row["industry"]]
        assert sum(agent.hosts.values()) == pytest.approx(agent.offshore_share)


def test_customers_step_alike_as_agents_and_together() -> None:
    together, one_by_one = (steps(build(), 20) for _ in range(2))
    for model in (together, one_by_one):
        model.year += 1
        model.advance_drivers()
    together.customers_decide()
    one_by_one.agents_by_type[ParentFirm].do("step")
    for name in together.customers.dtype.names:
        assert np.array_equal(together.customers[name], one_by_one.customers[name]), name


def unfree() -> ExpansionModel:
    """A Japan that never allows investment abroad."""
    return finished("history", 0.004, **{"years.last": 1985, **NO_FREEDOM})


def test_without_freedom_no_customer_and_no_small_firm_invests_abroad() -> None:
    model = unfree()
    assert model.customers["offshore_total"].max() == 0.0
    assert (model.customers["started"] == 0).all()
    firms = model.living()
    assert (firms["plant_hosts"] == 0).all()
    assert (firms["cluster_hosts"] == 0).all()
    assert (firms["ever"] & (1 << 5 | 1 << 6) == 0).all()
    assert np.isfinite(firms["cash"]).all()


def test_without_freedom_of_travel_goods_still_go_through_trading_houses() -> None:
    firms = unfree().living()
    assert (firms["channels"] & 1 != 0).any()
    assert (firms["channels"] & 2 == 0).all()


def test_suppliers_are_invited_only_where_their_customer_goes() -> None:
    model = build(**{"parameters.parent.invite": 1.0})
    seen = 0
    while model.year < 1990:
        model.step()
        firms = model.living()
        rows = np.flatnonzero((firms["events"] & 1 << 8) != 0)  # codes.EVENTS: invited
        hosts = firms["invited_host"][rows]
        assert (hosts == model.customers["invite_host"][firms["parent"][rows]]).all(), model.year
        seen += rows.size
    assert seen > 0
