"""What only FirmSet can do: rows as agents, columns, firms that come and go on the way, steps by the kernel."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesa.agent import AgentSet
from small_model import Ministry, SmallModel, ids

from expansion_sim.agents.firm_set import FirmSet
from expansion_sim.agents.sme import SME, FirmGoneError
from expansion_sim.agents.union import ModelAgents


def test_sequence(model: SmallModel) -> None:
    firms = model.firms
    assert len(firms) == 12
    assert firms[0].unique_id == 100
    assert firms[-1].unique_id == 111
    assert ids(firms[2:5]) == [102, 103, 104]
    assert ids(firms[::-4]) == [111, 107, 103]
    assert ids(reversed(firms)) == list(range(111, 99, -1))
    assert firms.index(SME(model, 6)) == 3
    assert firms.count(SME(model, 6)) == 1
    assert firms.rows.tolist() == list(range(0, 24, 2))
    for position in (12, -13):
        with pytest.raises(IndexError):
            firms[position]
    with pytest.raises(TypeError):
        firms["cash"]
    assert "FirmSet of 12" in repr(firms)


def test_membership(model: SmallModel) -> None:
    firms, other = model.firms, SmallModel()
    assert SME(model, 0) in firms
    assert SME(other, 0) not in firms
    assert model.ministries[0] not in firms
    assert 100 not in firms
    few = firms.select(at_most=3)
    assert SME(model, 6) not in few
    few.add(SME(model, 6))
    few.add(SME(model, 6))
    assert ids(few) == [100, 101, 102, 103]
    few.discard(SME(model, 0))
    few.discard(SME(model, 20))
    few.remove(SME(model, 2))
    assert ids(few) == [102, 103]
    with pytest.raises(KeyError):
        few.remove(SME(model, 2))
    with pytest.raises(TypeError, match=r"use \|"):
        few.add(model.ministries[0])
    with pytest.raises(ValueError, match="not a living firm of this model"):
        few.add(SME(other, 0))
    assert SME(model, 2) not in few
    model.population.firms["firm"][4] = 900
    assert SME(model, 4) not in few
    model.population.firms["firm"][4] = 102
    assert few.pop().unique_id == 102
    few.clear()
    assert len(few) == 0
    assert len(model.firms) == 12


def test_all_firms_follow_the_population_and_chosen_ones_do_not_grow(model: SmallModel) -> None:
    everybody, chosen = model.firms, model.firms.select(lambda firm: firm.employees > 5)
    size = len(chosen)
    firms = model.population.firms
    firms["alive"][1], firms["firm"][1], firms["employees"][1] = 1, 500, 90.0
    assert len(everybody) == 13
    assert len(chosen) == size
    gone = chosen.to_list()[0]
    firms["firm"][gone.row] = 501  # closed, and the row given to a new firm
    assert len(chosen) == size - 1
    assert gone not in chosen
    assert len(everybody) == 13
    assert 501 in everybody.get("firm")
    assert 501 not in chosen.get("firm")


def test_firms_removed_on_the_way_are_skipped(model: SmallModel) -> None:
    def close_next(firm: SME) -> int:
        if firm.row + 2 < 24:
            SME(firm.model, firm.row + 2).remove()
        return firm.unique_id

    assert model.firms.map(close_next) == [100, 102, 104, 106, 108, 110]
    assert len(model.firms) == 6


def test_a_row_refilled_on_the_way_is_skipped_too(model: SmallModel) -> None:
    def replace_next(firm: SME) -> int:
        if firm.unique_id == 100:
            firm.model.population.firms = firm.model.population.firms.copy()
            firm.model.population.firms["firm"][2] = 900
        return firm.unique_id

    assert model.firms.map(replace_next) == [100, *range(102, 112)]
    assert 900 in model.firms.get("firm")


def test_a_filter_that_closes_firms_does_not_shift_the_others(model: SmallModel) -> None:
    def picky(firm: SME) -> bool:
        if firm.unique_id == 100:
            SME(firm.model, 2).remove()
        return firm.unique_id in (100, 105)

    assert ids(model.firms.select(picky)) == [100, 105]


def test_rows_given_to_a_set_must_hold_firms(model: SmallModel) -> None:
    assert ids(FirmSet(model, [4, 0, 4])) == [102, 100]
    assert len(FirmSet(model, [])) == 0
    with pytest.raises(FirmGoneError):
        FirmSet(model, [0, 1])


@pytest.mark.parametrize("mask", [np.ones(11, bool), np.ones(12, int), np.ones((12, 1), bool)])
def test_a_mask_that_does_not_fit_is_refused(model: SmallModel, mask: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a mask for this set"):
        model.firms.select(mask)


def test_columns(model: SmallModel) -> None:
    firms = model.firms.sort("cash", ascending=True)
    assert firms.column("cash").dtype == np.float32
    assert firms.column("cash").tolist() == sorted(model.firms.get("cash"))
    assert firms.column("taste").shape == (12, 7)
    firms.column("cash")[:] = 0.0  # a copy
    assert min(model.firms.get("cash")) == 1.0
    assert model.firms.get("stage") == [firm.stage for firm in model.firms] == ["not_interested", "interested"] * 6
    for name in ("abroad", "industry_name", "unique_id", "row"):
        assert model.firms.get(name) == [getattr(firm, name) for firm in model.firms]
    assert model.firms.get("modes") == [()] * 12
    with pytest.raises(AttributeError, match="no column 'mood'"):
        firms.column("mood")
    with pytest.raises(AttributeError):
        firms.get("mood")
    with pytest.raises(ValueError, match="Unknown handle_missing option"):
        firms.get("cash", "ignore")
    with pytest.raises(ValueError, match="known by name are"):
        firms.agg("cash", "total")


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 1)] * 6), min_size=1, max_size=20))
def test_stage_of_an_agent_is_that_of_the_column(bits: list[tuple[int, ...]]) -> None:
    model = SmallModel(number=len(bits))
    names = ("interested", "wish_mode", "channels", "contract_hosts", "plant_hosts", "cluster_hosts")
    for name, values in zip(names, zip(*bits, strict=True), strict=True):
        model.firms.set(name, values)
    assert model.firms.get("stage") == [firm.stage for firm in model.firms]
    assert model.firms.get("abroad") == [firm.abroad for firm in model.firms]


def test_set_writes_columns(model: SmallModel) -> None:
    some = model.firms.select(lambda firm: firm.industry == 0)
    assert some.set("cash", 3.0) is some
    assert model.firms.get("cash").count(3.0) == 4
    some.set("cash", np.arange(4.0))
    assert some.get("cash") == [0.0, 1.0, 2.0, 3.0]
    some.set("taste", range(7)).set("birth_year", 1950)
    assert some.get("taste") == [tuple(map(float, range(7)))] * 4
    assert SME(model, 2).taste == (0.0,) * 7
    for name, value, error in (
        ("cash", np.zeros(3), ValueError),
        ("industry", 300, OverflowError),
        ("industry", 1.5, TypeError),
        ("cash", "x", TypeError),
        ("firm", 3, AttributeError),
        ("alive", 0, AttributeError),
        ("mood", 0, AttributeError),
    ):
        with pytest.raises(error):
            some.set(name, value)


def test_a_subclass_that_redefines_a_column_is_asked_agent_by_agent(model: SmallModel) -> None:
    class Braggart(SME):
        @property
        def cash(self) -> float:
            return 1e9

    model.sme_class = Braggart
    assert model.firms.get("cash") == [1e9] * 12
    assert model.firms.agg("cash", np.mean) == 1e9
    assert list(model.firms.groupby("cash").groups) == [1e9]


def test_copies_pickles_and_deep_copies(model: SmallModel) -> None:
    some = model.firms.select(lambda firm: firm.cash > 5)
    twin = copy.copy(some)
    twin.discard(twin[0])
    assert len(twin) == len(some) - 1
    for made in (pickle.loads(pickle.dumps(some)), copy.deepcopy(some)):
        assert ids(made) == ids(some)
        assert made.model is not model
        made.set("cash", 0.0)
        assert min(some.get("cash")) > 5
    frozen, live = copy.copy(model.firms), pickle.loads(pickle.dumps(model.firms))
    assert frozen == model.firms
    model.population.firms["alive"][1] = 1
    live.model.population.firms["alive"][1] = 1
    assert len(frozen) == 12  # a copy keeps the firms it had
    assert len(live) == 13  # all living firms are pickled as 'all living firms'


def test_do_step_uses_the_kernel_for_all_and_for_some(model: SmallModel) -> None:
    assert model.firms.do("step") is not None
    assert model.kernel_calls == [None]
    model.firms.select(at_most=2).do("step")
    assert model.kernel_calls[1].tolist() == [0, 2]
    model.firms.shuffle_do("step")
    assert len(model.kernel_calls) == 3
    model.firms.do(SME.step)
    assert len(model.kernel_calls) == 3
    assert len(model.log) == 5 * (12 + 2 + 12 + 12)


@pytest.mark.parametrize("whole", [True, False])
def test_a_subclass_that_overrides_steps_by_itself(model: SmallModel, whole: bool) -> None:
    class Cautious(SME):
        def step(self) -> None:
            if self.cash > 5:
                super().step()

    class Planless(SME):
        def plan(self) -> None:
            self.quality = 1.0

    model.sme_class = Cautious if whole else Planless
    rich = sum(cash > 5 for cash in model.firms.get("cash"))
    model.step()
    model.firms.shuffle_do("step")
    assert model.kernel_calls == []
    assert len(model.log) == 2 * (rich * 5 if whole else 12 * 4)
    assert model.firms.get("quality") == [0.0 if whole else 1.0] * 12
    assert {type(firm) for firm in model.firms} == {model.sme_class}


def test_kernel_and_agents_agree() -> None:
    class Plain(SME):
        def step(self) -> None:
            super().step()

    fast, slow = SmallModel(), SmallModel()
    slow.sme_class = Plain
    for _ in range(3):
        fast.step()
        slow.step()
    assert (fast.population.firms == slow.population.firms).all()


def test_firms_and_others_unite(model: SmallModel) -> None:
    ministries = AgentSet(model.ministries, random=model.random)
    few = model.firms.select(at_most=2)
    for union in (few | ministries, few | model.ministries, few | model.agents_by_type[Ministry]):
        assert isinstance(union, ModelAgents)
        assert union.to_list() == [*few, *model.ministries]
    assert (ministries | few).to_list() == [*model.ministries, *few]
    assert (ministries ^ few) == (few ^ ministries) == (few | ministries)
    assert (ministries & few).to_list() == []
    assert (few & ministries).to_list() == []
    assert (ministries - few).to_list() == model.ministries
    assert (few - ministries) == few
    assert few.isdisjoint(ministries)
    with pytest.raises(TypeError, match=r"use \|"):
        few |= ministries
    with pytest.raises(TypeError):
        few | 3
