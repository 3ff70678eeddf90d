"""Firms in columns behind Mesa's own interfaces: agents, types, data collection, batch runs, memory."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any

import mesa
import numpy as np
import pytest
from mesa.agent import AgentSet
from small_model import Ministry, SmallModel

from expansion_sim.agents.columnar_model import ColumnarModel
from expansion_sim.agents.firm_set import FirmSet
from expansion_sim.agents.sme import SME, FirmGoneError
from expansion_sim.agents.union import ModelAgents


def test_agents_are_firms_and_others(model: SmallModel) -> None:
    assert isinstance(model.agents, AgentSet)
    assert len(model.agents) == 14
    assert model.agents.to_list() == [*model.firms, *model.ministries]
    assert model.agent_types == [SME, Ministry]
    assert isinstance(model.agents_by_type[SME], FirmSet)
    assert len(model.agents_by_type[Ministry]) == 2
    assert model.agents.get("unique_id") == [*range(100, 112), -2, -3]
    with pytest.raises(AttributeError, match=r"model\.agents"):
        model.agents = []


def test_registration(model: SmallModel) -> None:
    third = Ministry(model)
    assert third.unique_id == -4
    assert third in model.agents
    third.remove()
    third.remove()
    assert third not in model.agents
    firm = model.firms[0]
    model.register_agent(firm)
    assert len(model.firms) == 12
    model.deregister_agent(firm)
    assert len(model.firms) == 11
    with pytest.raises(KeyError):
        model.deregister_agent(firm)
    with pytest.raises(FirmGoneError):
        model.register_agent(firm)
    model.remove_all_agents()
    assert len(model.agents) == len(model.firms) == 0
    assert list(model.agents) == []


class Town(mesa.Agent):
    """An agent over a row of a table."""

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        self.row = row


def test_deferred_agents_are_made_when_asked_for_and_stand_before_all_others() -> None:
    model = SmallModel(ministries=0)
    model.defer_agents(Town, 3)
    assert Ministry(model).unique_id == -5
    assert model.has_deferred
    assert len(model.made_agents(Town)) == 0
    assert list(model.agents_by_type) == [SME, Town, Ministry]
    assert [(type(agent), agent.unique_id) for agent in model.other_agents] == [(Town, -2), (Town, -3), (Town, -4), (Ministry, -5)]
    assert [town.row for town in model.agents_by_type[Town]] == [0, 1, 2]
    assert not model.has_deferred
    assert Ministry(model).unique_id == -6
    model.remove_all_agents()
    assert len(model.agents) == 0


def test_a_subclass_is_the_type_of_the_firms(model: SmallModel) -> None:
    class Exporter(SME):
        pass

    model.sme_class = Exporter
    assert model.agent_types == [Exporter, Ministry]
    assert len(model.agents.select(agent_type=SME)) == 12
    assert type(next(iter(model.agents))) is Exporter


def test_union_selects_sorts_shuffles_and_groups(model: SmallModel) -> None:
    agents = model.agents
    assert isinstance(agents.select(agent_type=SME), FirmSet)
    assert agents.select(agent_type=Ministry).to_list() == model.ministries
    assert len(agents.select(at_most=0.5, agent_type=mesa.Agent)) == 7
    assert len(agents.select(lambda agent: agent.unique_id < 102)) == 4
    assert agents.select(np.arange(14) > 11).to_list() == model.ministries
    assert [agent.unique_id for agent in agents.sort("unique_id", ascending=True)][:3] == [-3, -2, 100]
    assert set(agents.shuffle()) == set(agents)
    assert agents.groupby(type).count() == {SME: 12, Ministry: 2}
    assert agents.agg("unique_id", max) == 111
    assert agents.agg("unique_id", [min, max]) == [-3, 111]
    assert agents.get("budget", "default", 0.0) == [0.0] * 12 + [100.0] * 2
    assert agents[-1] is model.ministries[1]
    with pytest.raises(AttributeError):
        agents.get("budget")
    with pytest.raises(AttributeError, match="would be lost"):
        agents.set("colour", "red")


def test_union_calls_everybody(model: SmallModel) -> None:
    model.agents.do("step")
    assert model.kernel_calls == [None]
    assert [ministry.budget for ministry in model.ministries] == [99.0, 99.0]
    model.agents.shuffle_do("step")
    assert [ministry.budget for ministry in model.ministries] == [98.0, 98.0]
    assert len(model.log) == 2 * 12 * 5
    assert len({row for _, row in model.log}) == 12
    assert model.agents.map(lambda agent: agent.unique_id) == model.agents.get("unique_id")


def test_a_chosen_union_leaves_out_the_removed(model: SmallModel) -> None:
    chosen = model.agents.select(lambda agent: True)
    model.close_firm(0)
    model.ministries[0].remove()
    assert len(chosen) == 12
    assert 100 not in chosen.get("unique_id")
    chosen.discard(model.ministries[1])
    assert len(chosen) == 11
    assert len(model.agents) == 12
    chosen.add(model.ministries[1])
    with pytest.raises(ValueError, match="not in this model"):
        chosen.add(model.ministries[0])
    assert (model.agents - model.firms).to_list() == [model.ministries[1]]
    assert len(model.agents & model.firms) == 11
    assert model.agents | model.firms == model.agents
    some = model.agents.shuffle(inplace=True)
    some -= model.firms
    assert some.to_list() == [model.ministries[1]]
    assert len(model.agents) == 12


def test_union_copies_and_pickles(model: SmallModel) -> None:
    frozen = copy.copy(model.agents)
    Ministry(model)
    assert (len(frozen), len(model.agents)) == (14, 15)
    for made in (pickle.loads(pickle.dumps(frozen)), copy.deepcopy(frozen)):
        assert made.get("unique_id") == frozen.get("unique_id")
        assert isinstance(made, ModelAgents)
        assert made.model is not model


@pytest.mark.parametrize("make", [lambda model: pickle.loads(pickle.dumps(model)), copy.deepcopy])
def test_a_copied_model_goes_on_alike(make: Any) -> None:
    model = SmallModel()
    model.step()
    twin = make(model)
    model.step()
    twin.step()
    assert twin.steps == model.steps == 2
    assert (twin.population.firms == model.population.firms).all()
    assert twin.population.firms is not model.population.firms


def test_data_collector(model: SmallModel) -> None:
    model.datacollector = mesa.DataCollector(
        model_reporters={"firms": lambda m: len(m.firms), "cash": lambda m: m.firms.agg("cash", np.sum)},
        agent_reporters={"number": "unique_id", "kind": lambda agent: type(agent).__name__},
        agenttype_reporters={SME: {"cash": "cash", "stage": "stage", "since": "since"}, Ministry: {"budget": "budget"}},
    )
    model.step()
    model.firms[0].remove()
    model.step()
    assert model.datacollector.get_model_vars_dataframe()["firms"].tolist() == [12, 11]
    agents = model.datacollector.get_agent_vars_dataframe()
    assert len(agents) == 14 + 13
    assert agents.index.is_unique
    assert (agents["number"] == agents.index.get_level_values("AgentID")).all()
    firms = model.datacollector.get_agenttype_vars_dataframe(SME)
    assert len(firms) == 12 + 11
    assert firms["cash"].max() == 10.0
    assert len(model.datacollector.get_agenttype_vars_dataframe(Ministry)) == 4


def test_data_collector_by_a_base_class(model: SmallModel) -> None:
    model.datacollector = mesa.DataCollector(agenttype_reporters={mesa.Agent: {"number": "unique_id"}})
    model.step()
    assert len(model.datacollector.get_agenttype_vars_dataframe(mesa.Agent)) == 14


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_batch_run() -> None:
    results = mesa.batch_run(
        SmallModel, {"number": [3, 5], "rng": [1]} if mesa.__version__ < "3.4" else {"number": [3, 5]},
        max_steps=2, number_processes=1, data_collection_period=1, display_progress=False,
    )  # fmt: skip
    assert {(row["number"], row["firms"]) for row in results} == {(3, 3), (5, 5)}


@pytest.mark.parametrize("rng", [None, 3, np.int64(3), [1, 2], np.random.SeedSequence(4), np.random.default_rng(5)])
def test_seeds(rng: Any) -> None:
    model = ColumnarModel(rng=rng)
    assert 0 <= model.random.random() < 1
    assert 0 <= model.rng.random() < 1
    if isinstance(rng, int | np.integer):
        assert ColumnarModel(rng=3).random.random() == mesa.Model(rng=3).random.random()


def test_a_model_without_rules_says_so() -> None:
    with pytest.raises(NotImplementedError, match="no rules for phase 'plan'"):
        ColumnarModel().firm_phase("plan", 0)


def test_a_model_is_freed_after_use() -> None:
    model = SmallModel()
    model.step()
    firms, agents = model.firms.select(at_most=2), list(model.agents)
    array, itself = weakref.ref(model.population.firms), weakref.ref(model)
    del model, firms, agents
    gc.collect()
    assert itself() is None
    assert array() is None


def test_in_place_changes_of_the_view_do_not_touch_the_population(model: SmallModel) -> None:
    model.firms.select(lambda firm: False, inplace=True)
    model.agents.clear()
    model.firms.remove(model.firms[0])
    assert len(model.firms) == 12
    assert len(model.agents) == 14
