"""FirmSet against a plain Mesa AgentSet of real agents with the same values."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesa.agent import AgentSet
from small_model import Ministry, Population, SmallModel, ids

from expansion_sim.agents.firm_set import FirmSet
from expansion_sim.agents.sme import SME
from expansion_sim.population.schema import empty_firms


class PlainFirm(mesa.Agent):
    """A Mesa agent of the usual kind with the same attributes."""

    def __init__(
        self, model: mesa.Model, firm: int, employees: float, cash: float, industry: int, taste: tuple[float, ...]
    ) -> None:
        super().__init__(model)
        self.firm, self.employees, self.cash, self.industry, self.taste = firm, employees, cash, industry, taste

    def double(self, factor: float = 2.0) -> float:
        """Return a multiple of cash."""
        return self.cash * factor


class DoublingFirm(SME):
    """The same method on demand."""

    def double(self, factor: float = 2.0) -> float:
        """Return a multiple of cash."""
        return self.cash * factor


FIRM_VALUES = st.tuples(
    st.sampled_from([1.0, 2.0, 20.0, 49.5]),
    st.floats(-1e6, 1e6, width=32, allow_subnormal=False),
    st.integers(0, 10),
    st.booleans(),
)
TESTS: dict[str, Callable[[Any], bool]] = {
    "many": lambda firm: firm.employees > 2,
    "none": lambda firm: False,
    "rich light": lambda firm: firm.cash > 0 and firm.industry < 3,
}
pytestmark = pytest.mark.filterwarnings("ignore:No Agents specified:UserWarning")  # Mesa's own sets in set operations


def twins(values: list[tuple[float, float, int, bool]], seed: int = 5) -> tuple[AgentSet, FirmSet, list[PlainFirm]]:
    """The same firms as a plain AgentSet and as a FirmSet; rows whose last value is False stay free in the latter."""
    plain_model = mesa.Model(rng=seed)
    model = SmallModel(number=0, rng=seed, ministries=0)
    model.sme_class = DoublingFirm
    firms = empty_firms(len(values))
    plain = []
    for row, (employees, cash, industry, there) in enumerate(values):
        taste = (cash, *[0.0] * 6)
        firms[["firm", "alive", "employees", "cash", "industry"]][row] = (1000 + row, there, employees, cash, industry)
        firms["taste"][row] = taste
        if there:
            plain.append(PlainFirm(plain_model, 1000 + row, employees, cash, industry, taste))
    model.population = Population(firms)
    plain_model.random.seed(seed)
    model.random.seed(seed)
    return AgentSet(plain, random=plain_model.random), model.firms, plain


populations = st.lists(FIRM_VALUES, max_size=25)


@settings(deadline=None)
@given(populations, st.sampled_from([None, *TESTS]), st.sampled_from([0, 1, 3, 100, 0.0, 0.34, 1.0, 2.5, float("inf")]))
def test_select_docks(values: list, test: str | None, at_most: float) -> None:
    plain, firms, _keep = twins(values)
    function = None if test is None else TESTS[test]
    wanted = ids(plain.select(function, at_most))
    assert ids(firms.select(function, at_most)) == wanted
    assert isinstance(firms.select(function, at_most), FirmSet)
    assert ids(plain.select(function, at_most, agent_type=mesa.Agent)) == ids(
        firms.select(function, at_most, agent_type=mesa.Agent)
    )
    assert ids(firms.select(function, at_most, agent_type=Ministry)) == []
    if function is not None:
        mask = np.array([function(firm) for firm in firms], dtype=bool)
        assert ids(firms.select(mask, at_most)) == wanted
        assert ids(firms.select(mask.tolist() if mask.size else mask, at_most)) == wanted
    in_place = firms.copy()
    assert in_place.select(function, at_most, inplace=True) is in_place
    assert ids(in_place) == wanted


@settings(deadline=None)
@given(populations, st.sampled_from(["cash", "employees", "industry", "taste", lambda firm: -firm.employees]), st.booleans())
def test_sort_docks(values: list, key: Any, ascending: bool) -> None:
    plain, firms, _keep = twins(values)
    wanted = ids(plain.sort(key, ascending))
    assert ids(firms.sort(key, ascending)) == wanted
    in_place = firms.copy()
    assert in_place.sort(key, ascending, inplace=True) is in_place
    assert ids(in_place) == wanted
    assert ids(firms.sort("cash").sort(key, ascending)) == ids(plain.sort("cash").sort(key, ascending))


@settings(deadline=None)
@given(populations)
def test_shuffle_docks(values: list) -> None:
    plain, firms, _keep = twins(values)
    assert ids(firms.shuffle()) == ids(plain.shuffle())
    in_place = firms.copy()
    assert ids(in_place.shuffle(inplace=True)) == ids(copy.copy(plain).shuffle(inplace=True))
    order: tuple[list[int], list[int]] = ([], [])
    firms.shuffle_do(lambda firm: order[0].append(firm.firm))
    plain.shuffle_do(lambda firm: order[1].append(firm.firm))
    assert order[0] == order[1]


@settings(deadline=None)
@given(populations, st.sampled_from(["industry", "employees", "taste", lambda firm: firm.cash > 0]))
def test_groupby_docks(values: list, by: Any) -> None:
    plain, firms, _keep = twins(values)
    wanted, groups = plain.groupby(by), firms.groupby(by)
    assert list(groups.groups) == list(wanted.groups)
    assert {name: ids(group) for name, group in groups} == {name: ids(group) for name, group in wanted}
    assert groups.count() == wanted.count()
    assert len(groups) == len(wanted)
    assert groups.agg("cash", sum) == wanted.agg("cash", sum)
    assert groups.agg("industry", np.max) == wanted.agg("industry", np.max)
    assert groups.map(len) == wanted.map(len)
    lists = firms.groupby(by, result_type="list")
    assert {name: ids(group) for name, group in lists} == {name: ids(group) for name, group in plain.groupby(by, "list")}
    assert all(isinstance(group, list) for group in lists.groups.values())


@settings(deadline=None)
@given(st.lists(FIRM_VALUES, min_size=1, max_size=25).filter(lambda values: any(value[3] for value in values)))
def test_agg_and_get_dock(values: list) -> None:
    plain, firms, _keep = twins(values)
    for name in ("cash", "employees", "industry", "taste", "firm"):
        assert firms.get(name) == plain.get(name)
        for function in (np.sum, np.mean, np.max, np.median, np.std, len, min, max, sorted):
            assert firms.agg(name, function) == plain.agg(name, function)
    for name in ("cash", "industry"):
        assert firms.agg(name, [sum, np.min]) == plain.agg(name, [sum, np.min])
        assert firms.agg(name, ["sum", "mean"]) == [np.sum(plain.get(name)), np.mean(plain.get(name))]
        assert type(firms.agg(name, np.sum)) in (int, float)
    assert firms.get(["cash", "industry"]) == plain.get(["cash", "industry"])
    assert firms.get([]) == plain.get([])
    assert firms.get("mood", "default", 3) == plain.get("mood", "default", 3)
    assert firms.get(["mood", "firm"], "default") == plain.get(["mood", "firm"], "default")
    assert firms.map("double", factor=3.0) == plain.map("double", factor=3.0)
    assert firms.map(operator.attrgetter("cash")) == plain.map(operator.attrgetter("cash"))


@settings(deadline=None)
@given(populations, st.sampled_from(list(TESTS)), st.sampled_from(list(TESTS)))
@pytest.mark.parametrize("operation", [operator.and_, operator.or_, operator.sub, operator.xor])
def test_set_algebra_docks(operation: Callable, values: list, first: str, second: str) -> None:
    plain, firms, _keep = twins(values)
    plain_pair = plain.select(TESTS[first]).sort("cash"), plain.select(TESTS[second])
    pair = firms.select(TESTS[first]).sort("cash"), firms.select(TESTS[second])
    wanted = ids(operation(*plain_pair))
    assert ids(operation(*pair)) == wanted
    assert isinstance(operation(*pair), FirmSet)
    assert ids(operation(pair[0], pair[1].to_list())) == wanted
    assert ids(operation(firms, pair[1])) == ids(operation(plain, plain_pair[1]))
    in_place = getattr(operator, f"i{operation.__name__.rstrip('_')}")
    changed = in_place(pair[0].copy(), pair[1])
    assert set(ids(changed)) == set(wanted)
    for compare in (operator.eq, operator.le, operator.lt, operator.ge, operator.gt):
        assert compare(*pair) == compare(*plain_pair)
        assert compare(pair[0], firms) == compare(plain_pair[0], plain)
    assert pair[0].isdisjoint(pair[1]) == plain_pair[0].isdisjoint(plain_pair[1])
