"""A firm on demand: reading, writing, identity, the year, and what is refused."""

from __future__ import annotations

import copy
import pickle
import sys

import numpy as np
import pytest
from small_model import SmallModel

from expansion_sim.agents.sme import PHASES, SME, FirmGoneError, overridden_phases
from expansion_sim.codes import HOSTS
from expansion_sim.population.schema import COLUMNS


@pytest.fixture
def firm(model: SmallModel) -> SME:
    """The firm 101 in row 2."""
    return SME(model, 2)


def test_every_column_is_an_attribute_with_python_values(firm: SME) -> None:
    for column in COLUMNS:
        value = getattr(firm, column.name)
        values = value if column.shape else (value,)
        assert isinstance(values, tuple)
        assert len(values) == (column.shape[0] if column.shape else 1)
        assert {type(item) for item in values} == {float if column.dtype == "f4" else int}, column.name


def test_writing_goes_to_the_column(model: SmallModel, firm: SME) -> None:
    firm.cash = 2.5
    firm.markets = 1 << 15
    firm.since = (0, 1960, 0, 0, 0, 1985, 0)
    assert model.population.firms["cash"][2] == 2.5
    assert model.population.firms["markets"][2] == 32768
    assert model.population.firms["since"][2].tolist() == [0, 1960, 0, 0, 0, 1985, 0]
    assert SME(model, 2).since == (0, 1960, 0, 0, 0, 1985, 0)
    assert SME(model, 4).cash != 2.5


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("markets", 1 << 16, OverflowError),
        ("industry", -1, OverflowError),
        ("birth_year", 1960.5, TypeError),
        ("cash", "much", ValueError),
        ("taste", 0.0, ValueError),
        ("taste", (1.0, 2.0), ValueError),
        ("since", (0.5,) * 7, TypeError),
        ("since", (70000,) * 7, OverflowError),
        ("firm", 7, AttributeError),
        ("alive", 0, AttributeError),
        ("unique_id", 7, AttributeError),
        ("row", 4, AttributeError),
        ("stage", "abroad", AttributeError),
        ("mood", 1, AttributeError),
        ("pos", (0, 0), AttributeError),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(
    model: SmallModel, firm: SME, name: str, value: object, error: type
) -> None:
    before = model.population.firms.copy()
    with pytest.raises(error):
        setattr(firm, name, value)
    assert (model.population.firms == before).all()


def test_own_attributes_of_a_subclass_are_refused_but_its_properties_work(model: SmallModel) -> None:
    class Debtor(SME):
        __slots__ = ("note",)
        rate = 0.1

        @property
        def loan(self) -> float:
            return self.debt

        @loan.setter
        def loan(self, value: float) -> None:
            self.debt = value

    model.sme_class = Debtor
    debtor = model.firms.to_list()[0]
    debtor.loan = 3.0
    assert model.population.firms["debt"][0] == 3.0
    for name in ("note", "rate"):
        with pytest.raises(AttributeError, match="would be lost"):
            setattr(debtor, name, 1)


def test_identity_is_the_firm_and_not_the_object(model: SmallModel, firm: SME) -> None:
    same = model.firms.to_list()[1]
    assert firm == same
    assert firm is not same
    assert len({firm, same}) == 1
    assert firm != SME(model, 4)
    assert firm != SME(SmallModel(), 2)
    assert firm != 101
    assert (firm.unique_id, firm.firm, firm.row) == (101, 101, 2)


def test_a_closed_firm_says_so(model: SmallModel, firm: SME) -> None:
    model.close_firm(2)
    assert firm.alive == 0
    assert "closed" in repr(firm)
    assert firm.unique_id == 101
    for use in (lambda: firm.cash, lambda: setattr(firm, "cash", 1.0), lambda: firm.stage, firm.produce, lambda: SME(model, 2)):
        with pytest.raises(FirmGoneError):
            use()
    assert firm not in model.firms


def test_a_row_with_another_firm_is_not_mistaken_for_the_old_one(model: SmallModel, firm: SME) -> None:
    model.population.firms["firm"][2] = 999
    with pytest.raises(FirmGoneError, match="firm 101 is closed"):
        _ = firm.cash
    assert SME(model, 2).unique_id == 999
    assert SME(model, 2) != firm


@pytest.mark.parametrize("row", [-1, 1, 24])
def test_no_agent_without_a_living_firm(model: SmallModel, row: int) -> None:
    with pytest.raises(FirmGoneError):
        SME(model, row)


def test_the_array_may_grow(model: SmallModel, firm: SME) -> None:
    model.population.firms = np.concatenate((model.population.firms, model.population.firms[:3]))
    firm.cash = 7.0
    assert model.population.firms["cash"][2] == 7.0


def test_remove_closes_the_firm_once(model: SmallModel, firm: SME) -> None:
    closed = []
    original = model.close_firm
    model.close_firm = lambda row: (closed.append(row), original(row))  # type: ignore[method-assign]
    firm.remove()
    firm.remove()
    assert closed == [2]
    assert len(model.firms) == 11


def test_firms_cannot_be_created_behind_the_population(model: SmallModel) -> None:
    with pytest.raises(TypeError, match=r"rows of model\.population"):
        SME.create_agents(model, 3)
    with pytest.raises(TypeError, match=r"rows of model\.population"):
        SME.from_dataframe(model, [])


def test_words_of_the_surveys(model: SmallModel, firm: SME) -> None:
    assert firm.industry_name == "machinery"
    assert (firm.stage, firm.abroad, firm.modes, firm.hosts, firm.export_markets) == ("interested", False, (), (), ())
    firm.wish_mode = 5
    assert firm.stage == "planning"
    firm.channels = 5
    firm.markets = 1 << HOSTS.index("USA") | 1 << HOSTS.index("CHN")
    firm.contract_hosts = 1 << HOSTS.index("CHN")
    firm.cluster_hosts = 1 << HOSTS.index("THA") | 1 << HOSTS.index("CHN")
    assert (firm.stage, firm.abroad) == ("abroad", True)
    assert firm.modes == ("indirect", "ecommerce", "contract", "cluster")
    assert firm.hosts == ("China", "Thailand")
    assert firm.export_markets == ("China", "United States")
    firm.plant_hosts = 1 << HOSTS.index("VNM")
    assert firm.modes[-2:] == ("fdi", "cluster")
    assert firm.hosts == ("China", "Thailand", "Vietnam")


def test_step_runs_the_five_phases_in_order(model: SmallModel, firm: SME) -> None:
    firm.step()
    assert model.log == [(phase, 2) for phase in PHASES]
    assert PHASES == ("produce", "act", "settle", "look_around", "plan")
    assert firm.debt == 12345.0


def test_a_firm_that_closes_skips_the_rest_of_its_year(model: SmallModel) -> None:
    class Failing(SME):
        def settle(self) -> None:
            super().settle()
            self.remove()

    model.sme_class = Failing
    model.firms.to_list()[1].step()
    assert [phase for phase, _ in model.log] == ["produce", "act", "settle"]


def test_overridden_phases() -> None:
    class Planner(SME):
        def plan(self) -> None:
            pass

    class Stepper(Planner):
        def step(self) -> None:
            super().step()

    assert overridden_phases(SME) == frozenset()
    assert overridden_phases(Planner) == {"plan"}
    assert overridden_phases(Stepper) == {"plan", "step"}


def test_copies_and_pickles(model: SmallModel, firm: SME) -> None:
    assert copy.copy(firm) == firm
    there = pickle.loads(pickle.dumps(firm))
    assert there.unique_id == 101
    assert there.cash == firm.cash
    assert there != firm  # another model
    deep = copy.deepcopy(firm)
    deep.cash = 99.0
    assert firm.cash != 99.0
    model.note = {firm: "in a dictionary of the model, which needs the hash while the model is being read"}
    again = pickle.loads(pickle.dumps(model))
    assert again.note[SME(again, 2)] == model.note[firm]


def test_an_agent_is_small(firm: SME) -> None:
    assert sys.getsizeof(firm) <= 96


def test_random_numbers_are_the_models(model: SmallModel, firm: SME) -> None:
    assert firm.rng is model.rng
    assert firm.random is model.random
