"""Exponential and logarithm: accuracy against extended precision, edges, one number as in a vector."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit

from expansion_sim import elementary


@njit
def exp_all(values: np.ndarray) -> np.ndarray:
    """The exponential of many numbers, as loops of the kernel take it."""
    found = np.empty(values.size)
    for i in range(values.size):
        found[i] = elementary.exp(values[i])
    return found


@njit
def log_all(values: np.ndarray) -> np.ndarray:
    """The logarithm of many numbers."""
    found = np.empty(values.size)
    for i in range(values.size):
        found[i] = elementary.log(values[i])
    return found


def relative_error(found: np.ndarray, exact: np.ndarray) -> float:
    """Largest relative error."""
    return float(np.max(np.abs(found - exact) / np.abs(exact)))


def precise(values: np.ndarray) -> np.ndarray:
    """In extended precision, where the system has it."""
    if np.finfo(np.longdouble).eps > 1e-18:
        pytest.skip("no extended precision on this system")
    return values.astype(np.longdouble)


@pytest.mark.parametrize("width", [1.0, 30.0, 700.0])
def test_exp_is_right_to_the_last_digit_but_one(width: float) -> None:
    values = np.random.default_rng(1).uniform(-width, width, 100_000)
    assert relative_error(exp_all(values), np.exp(precise(values))) < 2.3e-16


@pytest.mark.parametrize("values", [np.linspace(0.3, 0.99, 50_000), np.linspace(1.01, 3.0, 50_000), np.exp(np.linspace(-600.0, 600.0, 50_001))[:-1]])
def test_log_is_right_to_the_last_digit_but_one(values: np.ndarray) -> None:
    exact = np.log(precise(values))
    assert relative_error(log_all(values)[exact != 0.0], exact[exact != 0.0]) < 2.3e-16


def test_log_near_one_keeps_its_relative_accuracy() -> None:
    values = 1.0 + np.linspace(1e-9, 1e-3, 10_000)
    assert relative_error(log_all(values), np.log(precise(values))) < 2.3e-16


def test_edges() -> None:
    assert (elementary.exp(0.0), elementary.log(1.0)) == (1.0, 0.0)
    assert math.isnan(elementary.exp(math.nan))
    assert elementary.exp(1e6) == elementary.exp(709.0) < math.inf
    assert elementary.exp(-1e6) == elementary.exp(-708.0) > 0.0
    for value in (0.0, -0.0, -1.0, math.nan):
        assert math.isnan(elementary.log(value))


def test_one_number_gives_what_a_vector_gives() -> None:
    values = np.random.default_rng(2).uniform(-20.0, 20.0, 1_001)
    assert [elementary.exp(value) for value in values] == exp_all(values).tolist()
    assert [elementary.log(value) for value in np.abs(values)] == log_all(np.abs(values)).tolist()


def test_bits_that_are_set_are_found_from_the_lowest_on() -> None:
    found, left = [], 0b1010_0000_0000_1001
    while left:
        found.append(elementary.lowest_bit(left))
        left &= left - 1
    assert found == [0, 3, 13, 15]
    assert elementary.lowest_bit(1 << 62) == 62
