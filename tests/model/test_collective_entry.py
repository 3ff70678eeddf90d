"""Cooperatives in history: who is in them, when they form, how many there are; the town that has to agree."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from panels import panel
from worlds import build, finished, tables

from expansion_sim.agents.municipality import Municipality
from expansion_sim.codes import DIRECT, DISTRICTS, FDI, MACHINERY
from expansion_sim.population.schema import empty_firms
from expansion_sim.results.frames import series


def test_members_of_a_group_share_district_family_and_host() -> None:
    world, groups = panel(), 0
    families = world.model.industries["family"]
    for firms in world.firms.values():
        members = firms[firms["cooperative"] >= 0]
        for number in np.unique(members["cooperative"]):
            group = members[members["cooperative"] == number]
            groups += 1
            assert np.unique(group["district"]).size == 1
            assert DISTRICTS[group["district"][0]] != "elsewhere"
            assert np.unique(families[group["industry"]]).size == 1
            assert np.bitwise_and.reduce(group["cluster_hosts"]) != 0
    assert groups > 20


def test_groups_are_tens_a_year_and_more_after_the_yen_has_risen() -> None:
    model = finished("history", 0.01)
    founded = series(tables(model).yearly, "cooperatives_founded")[0].loc[1981:]
    risen = np.array([model.appreciation[model.drivers.index(year - 1)] for year in founded.index])
    assert founded.max() < 100.0
    assert founded.mean() > 1.0
    assert founded[risen > 0.08].mean() > 1.3 * founded[risen < 0.03].mean()


def plans(mode: int) -> np.ndarray:
    """One maker of machines of fifty persons with a plan."""
    firms = empty_firms(1)
    firms["industry"], firms["employees"], firms["wish_mode"] = MACHINERY, 50.0, mode
    return firms


def test_a_town_asks_for_the_home_plant() -> None:
    """It weighs the jobs at stake: none by exports, fewer by a plant whose owner pledges to keep the home plant."""
    model = build()
    town = next(iter(model.agents_by_type[Municipality]))
    free, bound = (SimpleNamespace(keep_home_plant=keep) for keep in (False, True))
    score = np.array([0.2])
    export, plant, pledged = town.scores(free, plans(DIRECT), score), town.scores(free, plans(FDI), score), town.scores(bound, plans(FDI), score)
    assert export[0] == score[0]
    assert plant[0] < pledged[0] < export[0]
    model.parameters["support_hollowing"] = 10.0
    assert town.scores(free, plans(FDI), score)[0] < 0.0  # it refuses


def test_a_town_that_has_lost_jobs_asks_for_more() -> None:
    model = build()
    town = next(iter(model.agents_by_type[Municipality]))
    before = town.scores(SimpleNamespace(keep_home_plant=True), plans(FDI), np.array([1.0]))
    model.aggregates.districts[:, town.row, 3] = 0.5 * model.aggregates.districts[:, town.row, 2]
    assert town.hollowing == 0.5
    assert town.scores(SimpleNamespace(keep_home_plant=True), plans(FDI), np.array([1.0]))[0] < before[0]
