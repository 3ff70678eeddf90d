"""One text of each rule: the kernel over all firms and agents stepping one by one agree bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from worlds import LIVELY, build, changed_founding, differences, steps, tables

from expansion_sim.agents.sme import SME
from expansion_sim.model import ExpansionModel

ONE_IN = 6  # of the smallest world's three thousand firms


class Stepping(SME):
    """A firm with a step of its own, so that every firm is stepped by itself in Python."""

    __slots__ = ()

    def step(self) -> None:
        super().step()


class AgentByAgent(ExpansionModel):
    sme_class = Stepping


@pytest.fixture(scope="module")
def pair() -> tuple[ExpansionModel, ExpansionModel, list[tuple[int, list[str]]]]:
    """The same 500 firms for seventy years by the kernel and by agents, and the years and columns in which they differed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("expansion_sim.model.found_population", changed_founding(lambda firms, founders: firms[::ONE_IN]))
        eventful = {**LIVELY, "parameters.parent.invite": 0.3, "parameters.parent.delist": 0.3}
        kernel, agents = build(**eventful), build(model_class=AgentByAgent, **eventful)
        differing = []
        while kernel.running:
            kernel.step()
            agents.step()
            names = differences(kernel.population.firms, agents.population.firms)
            if names:
                differing.append((kernel.year, names))
                break
    return kernel, agents, differing


def test_every_column_of_every_firm_agrees_in_every_year(pair: Any) -> None:
    kernel, agents, differing = pair
    assert not differing
    assert kernel.year == agents.year == 2024
    assert 400 < kernel.population.count < 900


def test_aggregates_and_tables_agree(pair: Any) -> None:
    kernel, agents, _ = pair
    for name, left, right in zip(kernel.aggregates._fields, kernel.aggregates, agents.aggregates, strict=True):
        assert np.array_equal(left, right), name
    assert tables(kernel).yearly.equals(tables(agents).yearly)
    assert tables(kernel).events.equals(tables(agents).events)


def test_the_firms_went_through_all_that_can_happen(pair: Any) -> None:
    """Otherwise the agreement would say little."""
    events = tables(pair[0]).events
    seen = set(events["event"])
    assert seen >= {"enter", "leave", "reshore", "default", "closure", "award", "invited", "delisted", "add_host", "drop_host"}
    entered = events[events["event"] == "enter"].groupby("mode", observed=True).size()
    assert set(entered.index) >= {"indirect", "direct", "ecommerce", "contract", "fdi"}
    assert entered["fdi"] >= 20


def test_agents_stepped_by_hand_in_any_order_do_what_the_kernel_does() -> None:
    kernel, by_hand = (steps(build(**LIVELY), 12) for _ in range(2))
    rows = np.flatnonzero(kernel.population.living)[:300]
    for model in (kernel, by_hand):
        model.year += 1
        model.advance_drivers()
    kernel.agents_by_type[SME].do("step")
    for row in rows[::-1]:
        SME(by_hand, row).step()
    assert not differences(kernel.population.firms[rows], by_hand.population.firms[rows])
    assert (kernel.population.firms["alive"][rows] == 0).any()
