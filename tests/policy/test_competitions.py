"""Competitions in compiled code: they decide what programmes decide one by one, and add up as NumPy does."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import build

from expansion_sim.agents.municipality import Municipality
from expansion_sim.agents.support_agency import SupportAgency
from expansion_sim.model import ExpansionModel
from expansion_sim.policy.competitions import contests_of, fit_in_order, served_weight, summed, with_more
from expansion_sim.policy.drafts import PROMISE_DTYPE
from expansion_sim.policy.record import historical_programmes


@pytest.mark.parametrize("number", [0, 1, 7, 8, 9, 15, 16, 127, 128, 129, 200, 257, 1000, 4099])
def test_sums_are_those_of_numpy_to_the_last_bit(number: int) -> None:
    values = np.random.default_rng(number).lognormal(0.0, 4.0, number)
    assert summed(values, number) == np.sum(values)
    assert summed(np.append(values, 1.0), number) == np.sum(values)
    granted = np.where(np.arange(number) % 3 == 0, 1.0, 0.0)
    assert served_weight(values, granted) == values[granted > 0.0].sum()


def test_equal_ranks_are_served_in_their_order_and_weak_plans_not_at_all() -> None:
    ranks, merits = np.array([1.0, 3.0, 1.0, 3.0, 2.0]), np.array([0.0, 0.0, 0.0, 0.0, -1.0])
    assert fit_in_order(ranks, merits, -np.inf).tolist() == [1, 3, 4, 0, 2]
    assert fit_in_order(ranks, merits, -0.5).tolist() == [1, 3, 0, 2]


def test_records_find_room() -> None:
    records, number = np.empty(1, PROMISE_DTYPE), 0
    for row in range(5):
        more = np.zeros(2, PROMISE_DTYPE)
        more["row"] = row
        records, number = with_more(records, number, more)
    assert records["row"][:number].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_loans_are_decided_last_and_towns_and_pledges_are_told() -> None:
    contests = contests_of(tuple(historical_programmes()), 2015)
    levers = ["loan" in contests.programmes[place][1].lever for place in contests.order]
    assert levers == sorted(levers)
    assert {True, False} == set(levers)
    assert contests.rows == tuple(row for row, _ in contests.programmes)
    by_town = [p.instrument == "local_conditional_support" for _, p in contests.programmes]
    assert contests.terms["by_town"].tolist() == by_town
    assert any(by_town)
    assert contests.terms["binds"].tolist() == [p.keep_home_plant and "loan" not in p.lever for _, p in contests.programmes]


def state(model: ExpansionModel) -> list[bytes]:
    """All that competitions write."""
    lists = (*model.promises, *model.applications)
    return [model.population.firms.tobytes(), model.success.tobytes(), model.programme_table.tobytes(), b"".join(x.tobytes() for x in lists)]


def test_in_compiled_code_as_one_programme_after_the_other() -> None:
    """An agency or a town with a selection of its own, which selects as all do, changes nothing: its programmes are decided one by one."""
    model, one_by_one, by_towns = (build(scale=0.002) for _ in range(3))
    for agency in one_by_one.agents_by_type[SupportAgency]:
        agency.select = agency.select
    for town in by_towns.agents_by_type[Municipality]:
        town.scores = town.scores
    while model.running:
        for each in (model, one_by_one, by_towns):
            each.step()
        if model.year % 5 == 0:
            assert state(model) == state(one_by_one) == state(by_towns)
    assert (model.population.firms["pledge_programme"] >= 0).any()
    assert sum(len(entries) for entries in model.applications) > 0
