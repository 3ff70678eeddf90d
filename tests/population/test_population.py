"""The array of firms and its free rows."""

import numpy as np
import pytest

from expansion_sim.errors import InputError
from expansion_sim.population.population import Population, lowest_free, taken
from expansion_sim.population.schema import FIRM_DTYPE, copied, empty_firms, joined


def newborn(n, first=100):
    rows = empty_firms(n)
    rows["firm"], rows["alive"], rows["weight"] = np.arange(first, first + n), 1, 2.0
    return rows


def test_newborn_take_the_lowest_free_rows_in_order():
    population = Population(empty_firms(6))
    population.firms["alive"] = [1, 0, 1, 0, 0, 1]
    assert population.add(newborn(2)).tolist() == [1, 3]
    assert population.firms["firm"].tolist()[1:4:2] == [100, 101]
    assert population.count == 5
    assert population.living.tolist() == [True, True, True, True, False, True]


def test_a_full_array_grows_by_a_twentieth_or_as_far_as_needed():
    population = Population(newborn(100, first=0))
    assert population.add(newborn(1)).tolist() == [100]
    assert len(population.firms) == 105
    population.add(newborn(50, first=500))
    assert len(population.firms) == 151 and population.count == 151
    assert population.firms["firm"][:101].tolist() == list(range(101))


def test_growing_fills_holes_first():
    population = Population(newborn(10, first=0))
    population.firms["alive"][4] = 0
    assert population.add(newborn(3)).tolist() == [4, 10, 11]
    assert population.firms["firm"][4] == 100


def test_weights_add_up_over_the_living_only():
    population = Population(newborn(4))
    population.firms["alive"][0] = 0
    assert population.weighted_count == 6.0


def test_adding_nobody_changes_nothing():
    population = Population(newborn(3))
    assert population.add(empty_firms(0)).size == 0 and population.count == 3


def test_only_firms_are_taken():
    with pytest.raises(InputError):
        Population(np.zeros(3))
    with pytest.raises(InputError):
        Population(np.zeros((2, 2), FIRM_DTYPE))


def test_records_copied_and_joined_by_their_bytes_are_the_same_records() -> None:
    firms = empty_firms(5)
    firms["cash"], firms["taste"] = np.arange(5), 0.5
    assert (copied(firms) == firms).all()
    assert not np.shares_memory(copied(firms), firms)
    assert (joined([firms[:2], firms[2:2], firms[2:]], firms.dtype) == firms).all()
    assert joined([], firms.dtype).shape == (0,)


def test_identities_follow_births_growth_copies_and_arrays_put_in_place() -> None:
    population = Population(newborn(4, first=0))
    population.firms["alive"][2] = 0
    assert population.identities.tolist() == [0, 1, 2, 3]
    population.add(newborn(1))
    assert population.identities.tolist() == [0, 1, 100, 3]
    other = population.__deepcopy__({})
    population.add(newborn(2, first=200))
    assert population.identities[:6].tolist() == [0, 1, 100, 3, 200, 201] and population.identities.size == population.firms.size
    assert other.identities.tolist() == [0, 1, 100, 3] and other.firms["firm"].tolist() == [0, 1, 100, 3]
    population.firms = newborn(2, first=7)
    assert population.identities.tolist() == [7, 8]


def test_the_lowest_rows_without_a_mark_are_found_as_far_as_there_are_any() -> None:
    marks = np.array([1, 2, 3, 0, 1, 2], np.uint8)
    assert lowest_free(marks, 1, 2).tolist() == [1, 3]
    assert lowest_free(marks, 1, 9).tolist() == [1, 3, 5]


def test_rows_taken_are_the_rows() -> None:
    firms = newborn(9)
    assert (taken(firms, np.array([8, 0, 3])) == firms[[8, 0, 3]]).all()
    assert taken(firms, np.empty(0, np.int64)).size == 0
