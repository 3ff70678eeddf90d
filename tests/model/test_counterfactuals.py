"""What the shipped counterfactuals change, and in which direction, on the same draws as history."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from worlds import fingerprint, finished, tables

from expansion_sim.codes import CLUSTER, HOSTS
from expansion_sim.model import ExpansionModel

SCALE, LAST = 0.002, 1994
CHINA = 1 << HOSTS.index("CHN")


def world(name: str) -> ExpansionModel:
    """A scenario to 1994, the firms of some years kept."""
    return finished(name, SCALE, kept=(1978, 1980, 1983, 1987, 1991, LAST), **{"years.last": LAST})


def events(name: str, *kinds: str) -> pd.DataFrame:
    """Events of the given kinds."""
    table = tables(world(name)).events
    return table[table["event"].isin(kinds)]


def projects(name: str, first: int, last: int) -> float:
    """New own and collective plants, weighted."""
    new = events(name, "enter", "add_host")
    new = new[new["mode"].isin(["fdi", "cluster"]) & new["year"].between(first, last)]
    return float(new["weight"].to_numpy().sum(dtype=float))


def test_history_has_what_the_counterfactuals_take_away() -> None:
    assert projects("history", 1986, 1989) > 0.0
    last = world("history").snapshots[LAST]
    assert ((last["plant_hosts"] | last["cluster_hosts"] | last["contract_hosts"]) & CHINA != 0).any()
    assert {programme.id for programme in world("history").programmes if programme.open_in(LAST)} >= {"P02", "P40", "P43"}
    assert (last["followed"] == 1).any()
    assert world("history").customers["offshore_total"].max() > 0.1


def test_without_the_plaza_accord_fewer_plants_are_opened() -> None:
    assert projects("no_plaza", 1955, 1983) == pytest.approx(projects("history", 1955, 1983))
    assert projects("no_plaza", 1986, 1989) < 0.8 * projects("history", 1986, 1989)


def test_a_weak_yen_keeps_some_plants_at_home_and_sells_more_abroad() -> None:
    assert projects("no_plaza", 1986, 1994) < projects("weak_yen", 1986, 1994) < projects("history", 1986, 1994)
    weak, recorded = (world(name).living() for name in ("weak_yen", "history"))
    assert weak["export_sales"].astype(float) @ weak["weight"] > recorded["export_sales"].astype(float) @ recorded["weight"]


def test_a_closed_china_has_no_plant_and_no_contract_after_1979() -> None:
    for year, firms in world("china_closed").snapshots.items():
        if year >= 1980:
            assert ((firms["plant_hosts"] | firms["cluster_hosts"]) & CHINA == 0).all(), year
            assert (firms["contract_hosts"] & CHINA == 0).all(), year
    last = world("china_closed").snapshots[LAST]
    assert (last["markets"] != 0).any()  # exports go on, though a closed country takes few goods
    assert world("china_closed").customers["offshore"][:, HOSTS.index("CHN")].max() == 0.0


def test_without_cooperatives_nobody_enters_together() -> None:
    model = world("no_cooperatives")
    assert model.cooperatives_founded == 0
    for firms in model.snapshots.values():
        assert (firms["cluster_hosts"] == 0).all()
        assert (firms["wish_mode"] != CLUSTER).all()
        assert (firms["cooperative"] == -1).all()


def test_when_customers_stay_nobody_follows() -> None:
    model = world("parents_stay")
    assert model.customers["offshore_total"].max() == 0.0
    assert not events("parents_stay", "invited", "delisted").size
    assert (tables(model).events["followed"] == 0).all()
    assert model.living()["order_level"].max() <= 1.0  # below one only where a customer failed
    assert projects("parents_stay", 1986, 1994) < projects("history", 1986, 1994)


def test_without_support_nothing_is_awarded_or_spent() -> None:
    model = world("no_support")
    assert model.programmes == []
    assert tables(model).programmes["spending_million_yen"].sum() == 0.0
    assert not events("no_support", "award").size
    firms = model.living()
    for column in ("award", "subsidy", "supported", "pledge"):
        assert (firms[column] == 0).all(), column
    assert (firms["programme"] == -1).all()


def test_support_moves_firms_little() -> None:
    """Published effects are modest: the programmes of the years to 1994 change the number of exporters by little in so small a sample."""
    abroad = {name: sum(firms["weight"][firms["channels"] != 0].sum(dtype=float) for firms in world(name).snapshots.values())
              for name in ("history", "no_support")}
    assert 0.97 < abroad["history"] / abroad["no_support"] < 1.3


def test_worlds_agree_until_they_are_made_to_differ() -> None:
    """The yen of no_plaza departs in 1985; expectations look no further than the year after."""
    before, same = world("history").snapshots[1983], world("no_plaza").snapshots[1983]
    for name in before.dtype.names:
        assert np.array_equal(before[name], same[name]), name
    assert fingerprint(world("history")) != fingerprint(world("no_plaza"))
