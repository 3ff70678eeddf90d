"""Main banks: their condition lasts, differs between banks, and is a function of seed and year alone."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.behaviour.banks import LASTING, bank_conditions, fill_banks
from expansion_sim.codes import BANKS
from expansion_sim.parameters import parameters_record


def test_conditions_are_standard_normal_and_last() -> None:
    paths = np.array([[bank_conditions(seed, year) for year in range(1990, 2000)] for seed in range(60)])
    assert paths.shape == (60, 10, BANKS)
    assert paths.mean() == pytest.approx(0.0, abs=0.05)
    assert paths.std() == pytest.approx(1.0, abs=0.03)
    now, before = paths[:, 1:].ravel(), paths[:, :-1].ravel()
    assert np.corrcoef(now, before)[0, 1] == pytest.approx(LASTING, abs=0.06)
    assert np.array_equal(bank_conditions(7, 1998), bank_conditions(7, 1998))


def test_banks_are_alike_without_noise_and_differ_most_in_a_crisis() -> None:
    p, banks = parameters_record()[0], np.zeros(BANKS)
    fill_banks(banks, -0.4, 3, 1998, 0, p)
    assert np.all(banks == -0.4)
    spread = []
    for stance in (0.0, -0.5):
        fill_banks(banks, stance, 3, 1998, 1, p)
        spread.append(banks.std())
    assert spread[1] > 2.0 * spread[0]
