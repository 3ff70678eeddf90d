"""A branch gives to the last bit what its scenario gives from the first year on, and takes nothing from the model it left."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
import pytest
from worlds import differences, fingerprint, steps

from expansion_sim import load_scenario
from expansion_sim.branching import branches, renumber_firms
from expansion_sim.errors import InputError
from expansion_sim.model import ExpansionModel
from expansion_sim.population.schema import COLUMNS, empty_firms
from expansion_sim.scenario.divergence import first_difference
from expansion_sim.scenario.spec import Scenario

NEW = ('[{name = "Late grant", agency = "A body of its own", instrument = "grant", start_year = 2012, modes = ["direct", "fdi"], '
       "rate_percent = 60.0, cap_million_yen = 40.0}]")
#: Two worlds, what is changed in each, and the year from which they can differ.
PAIRS: dict[str, tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]], int | None]] = {
    "rate and cap": (
        ("history", {"support.programme.P17.rate_percent": 100.0, "support.programme.P17.cap_million_yen": 300.0}), ("history", {}), 2022),
    "dated value": (
        ("history", {"support.programme.P15.value": [{"term": "rate_percent", "from": 2009, "value": 100.0}]}), ("history", {}), 2009),
    "disabled in the middle of the list": (("history", {}), ("history", {"support.disable": ["P01", "P20", "P29"]}), 2010),
    "added at the end": (("history", {}), ("history", {"support.programme": NEW}), 2012),
    "none since 2010": (("no_support_since_2010", {}), ("history", {}), 2010),
    "reserves disabled": (("history", {}), ("history", {"support.disable": ["P43"]}), 1955),
    "the yen from a year": (("history", {}), ("history", {"drivers.yen": [{"from": 1990, "value": 200.0}]}), 1990),
    "a closed host": (("history", {}), ("china_closed", {}), 1979),
    "two outlooks": (("outlook_2035_yen_110", {}), ("outlook_2035_yen_180", {}), 2024),
    "a longer run": (("history", {}), ("outlook_2035", {}), None),
    "a shorter run": (("outlook_2035_yen_110", {}), ("history", {}), 2024),
}
BRANCHED = [name for name, (_, _, year) in PAIRS.items() if year != 1955]


def pair(name: str) -> tuple[Scenario, Scenario, int | None]:
    one, other, year = PAIRS[name]
    return (*(_world(*side) for side in (one, other)), year)


_worlds: dict[str, Scenario] = {}


def _world(name: str, changes: dict[str, Any]) -> Scenario:
    key = f"{name}{changes}"
    if key not in _worlds:
        text = [f"{at}={value}" for at, value in changes.items() if isinstance(value, str)]
        overrides = text or {at: value for at, value in changes.items()}
        _worlds[key] = load_scenario(name, overrides).model_copy(update={"scale": 0.001, "seed": 5})
    return _worlds[key]


_finished: dict[str, ExpansionModel] = {}


def whole(world: Scenario) -> ExpansionModel:
    """A run from the first year on, made once."""
    key = world.model_dump_json()
    if key not in _finished:
        _finished[key] = ExpansionModel(world).run()
    return _finished[key]


def assert_same_run(branched: ExpansionModel, expected: ExpansionModel) -> None:
    """Every table, every firm, every number of the collector, every agent."""
    for name, table in expected.recorder.frames()._asdict().items():
        assert getattr(branched.recorder.frames(), name).equals(table), name
    assert fingerprint(branched) == fingerprint(expected)
    assert differences(branched.living(), expected.living()) == []
    assert branched.datacollector.get_model_vars_dataframe().equals(expected.datacollector.get_model_vars_dataframe())
    assert branched.steps == expected.steps
    assert branched.running == expected.running
    agents = [mesa.Model.agents.fget(model) for model in (branched, expected)]
    assert [(type(a), a.unique_id) for a in agents[0]] == [(type(a), a.unique_id) for a in agents[1]]
    books = [{agency.name: (agency.spent, agency.lent) for agency in model.agency_of_row.values()} for model in (branched, expected)]
    assert books[0] == books[1]
    assert branched._next_id == expected._next_id
    assert branched.random.getstate() == expected.random.getstate()
    assert branched.rng.bit_generator.state == expected.rng.bit_generator.state


@pytest.mark.parametrize("name", PAIRS)
def test_the_first_year_of_difference_is_known_and_does_not_depend_on_the_order(name: str) -> None:
    one, other, year = pair(name)
    assert first_difference(one, other) == first_difference(other, one) == year


@pytest.mark.parametrize("name", PAIRS)
def test_worlds_do_not_differ_before_that_year_and_do_so_later(name: str) -> None:
    one, other, year = pair(name)
    tables = [whole(world).recorder.frames() for world in (one, other)]
    for frame in ("yearly", "events", "programmes", "surveys"):
        before = [getattr(table, frame) for table in tables]
        before = [table[table["year"] < (year or 2025)].reset_index(drop=True) for table in before]
        for column in before[0]:
            left, right = (table[column].astype(object) if table[column].dtype == "category" else table[column] for table in before)
            assert left.equals(right), (frame, column)
    if one.years.last == other.years.last:
        assert not tables[0].yearly.equals(tables[1].yearly)  # or the pair tests nothing


@pytest.mark.parametrize("name", BRANCHED)
def test_a_branch_is_the_run_from_the_start_and_leaves_its_model_alone(name: str) -> None:
    one, other, year = pair(name)
    trunk = ExpansionModel(one)
    while trunk.year < (year - 1 if year else min(one.years.last, other.years.last)):
        trunk.step()
    before = fingerprint(trunk)
    branched = trunk.branch(other)
    assert (branched.year, branched.spec, branched.seed) == (trunk.year, other, trunk.seed)
    assert_same_run(branched.run(), whole(other))
    assert fingerprint(trunk) == before
    assert_same_run(trunk.run(), whole(one))


def test_nothing_that_is_written_is_shared() -> None:
    trunk = steps(ExpansionModel(_world("history", {}), rng=3), 40)
    branched = trunk.branch(trunk.spec)
    for name, value in vars(trunk).items():
        for array in arrays(value):
            for other in arrays(vars(branched)[name]):
                assert not np.shares_memory(array, other), name
    assert branched.population is not trunk.population
    trunk.step()
    assert branched.year == trunk.year - 1
    assert fingerprint(branched.branch(branched.spec)) == fingerprint(branched)


def arrays(value: Any) -> list[np.ndarray]:
    """Arrays in an attribute, one level down."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, (list, tuple)):
        return [array for part in value for array in arrays(part)]
    return [array for array in vars(value).values() if isinstance(array, np.ndarray)] if hasattr(value, "__dict__") else []


def test_a_branch_at_every_kind_of_moment() -> None:
    """Before the first year, in the middle more than once, and at the end."""
    world = _world("history", {})
    first = ExpansionModel(world).branch(world)
    assert_same_run(steps(steps(first, 30).branch(world), 30).branch(world).run().branch(world), whole(world))


def test_worlds_that_differ_earlier_are_refused() -> None:
    trunk = steps(ExpansionModel(_world("history", {}), rng=5), 36)
    with pytest.raises(InputError, match=r"can differ from 1990 on, and the model stands at the end of 1990: branch off before"):
        trunk.branch(pair("the yen from a year")[1])
    short = trunk.spec.model_copy(update={"years": trunk.spec.years.model_copy(update={"last": 1980})})
    with pytest.raises(InputError, match="a world that ends in 1980 cannot branch off from the end of 1990"):
        trunk.branch(short)
    mesa.Agent(trunk)
    with pytest.raises(TypeError, match="agents of class Agent cannot branch"):
        trunk.branch(trunk.spec)


@pytest.mark.parametrize("change", [
    {"parameters.attention.base": 0.011}, {"parameters.industry.machinery.exposure": 0.5}, {"mechanisms.noise": False}, {"scale": 0.002},
    {"population.stratified": False}, {"population.closures": "free"}, {"output.surveys": False}, {"seed": 6},
], ids=str)  # fmt: skip
def test_what_holds_from_the_start_leaves_no_common_past(change: dict[str, Any]) -> None:
    world = load_scenario("history", {"scale": 0.001})
    assert first_difference(world, load_scenario("history", {"scale": 0.001, **change})) == 1955


@pytest.mark.parametrize(("change", "year"), [
    ({"output.figures": False, "replications": 3, "name": "other"}, None), ({"output.firms_years": [1980, 1990]}, 1980), ({"years.last": 1990}, 1990),
    ({"support.from_year": 2010}, 1955), ({"mechanisms.programmes": False}, 1955), ({"parameters.attention.base": "shipped"}, None),
], ids=str)  # fmt: skip
def test_what_else_is_compared(change: dict[str, Any], year: int | None) -> None:
    from expansion_sim.parameters import load_parameters

    change = {key: load_parameters()["attention.base"].value if value == "shipped" else value for key, value in change.items()}
    assert first_difference(load_scenario("history"), load_scenario("history", change)) == year


def test_rows_of_programmes_are_renumbered() -> None:
    firms = empty_firms(3)
    firms["programme"], firms["loan_programme"], firms["awarded"] = [0, 2, -1], [-1, 1, 2], [0b001, 0b101, 0b100]
    renumber_firms(firms, np.array([-1, 0, 3, -1]))
    assert firms["programme"].tolist() == [-1, 3, -1]
    assert firms["loan_programme"].tolist() == [-1, 0, 3]
    assert firms["awarded"].tolist() == [0, 0b1000, 0b1000]


def test_every_column_with_rows_of_programmes_is_renumbered() -> None:
    firms, rows = empty_firms(1), np.array([1, 2, 3, -1])
    for name in (column.name for column in COLUMNS if column.unit.startswith("row of programmes")):
        firms[name] = 1
    for name in (column.name for column in COLUMNS if column.unit == "bits of programme rows"):
        firms[name] = 0b010
    before = firms.copy()
    renumber_firms(firms, rows)
    changed = {column.name for column in COLUMNS if firms[column.name].tobytes() != before[column.name].tobytes()}
    assert changed == {column.name for column in COLUMNS if "of programme" in column.unit}
    assert all(int(firms[name][0]) in (2, 0b100) for name in changed)


def test_a_subclass_branches_only_when_it_says_how() -> None:
    class Extended(ExpansionModel):
        """Has a state of its own, perhaps."""

    class Knowing(ExpansionModel):
        """Says so."""

        branch = ExpansionModel.branch

    assert [branches(kind) for kind in (ExpansionModel, Extended, Knowing, lambda scenario, rng: None)] == [True, False, True, False]
