"""Luck belongs to a firm: seeds, one more firm, another policy."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from worlds import build, changed_founding, common, differences, fingerprint, steps

from expansion_sim.model import ExpansionModel
from expansion_sim.population.schema import FIRM_DTYPE

#: What a firm gets at birth or from its own draws alone, whatever others do and whatever support there is.
OWN_LUCK = (
    "firm", "weight", "birth_year", "industry", "district", "parent", "second_customer", "log_size", "capital", "order_share",
    "quality", "patience", "risk_tolerance", "expectation", "taste",
)


def with_one_more(firms: np.ndarray, founders: bool) -> np.ndarray:
    """The founders with a large exporter-to-be in front of them."""
    if not founders:
        return firms
    stranger = firms[np.argmax(firms["employees"])].copy()
    stranger["firm"] = firms["firm"].max() + 1
    return np.concatenate([[stranger], firms])


def never_abroad(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Firms that were never abroad in either world: what they learned abroad cannot have changed their productivity."""
    return (left["ever"] == 0) & (right["ever"] == 0)


@cache
def plain(years: int) -> ExpansionModel:
    return steps(build(), years)


@cache
def one_more(years: int) -> ExpansionModel:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("expansion_sim.model.found_population", changed_founding(with_one_more))
        return steps(build(), years)


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    seeds = {name: fingerprint(steps(build(rng=rng), 2)) for name, rng in (("a", 5), ("b", np.int64(5)), ("c", 6))}
    assert seeds["a"] == seeds["b"] != seeds["c"]


def test_the_seed_of_the_scenario_holds_without_rng() -> None:
    assert fingerprint(steps(build(seed=5), 1)) == fingerprint(steps(build(rng=5), 1))


def test_a_numpy_generator_seeds_the_draws() -> None:
    first, again, next_draw = np.random.default_rng(3), np.random.default_rng(3), np.random.default_rng(3)
    next_draw.random()
    same = [fingerprint(steps(build(rng=rng), 1)) for rng in (first, again, next_draw)]
    assert same[0] == same[1] != same[2]


def test_one_more_firm_leaves_the_first_year_of_all_others_alone() -> None:
    before, after = common(plain(1).living(), one_more(1).living())
    assert before.size == plain(1).population.count
    assert one_more(1).population.count in (before.size, before.size + 1)
    assert not differences(before, after)


def test_one_more_firm_never_changes_the_draws_of_others() -> None:
    before, after = common(plain(15).living(), one_more(15).living())
    assert before.size > 0.95 * plain(15).population.count
    assert not differences(before, after, OWN_LUCK)
    home = never_abroad(before, after)
    assert not differences(before[home], after[home], ("ability", "productivity"))
    assert fingerprint(plain(15)) != fingerprint(one_more(15))


def test_a_policy_changes_nobody_before_its_first_year() -> None:
    with_support, without = build(**{"support.from_year": 1960}), build("no_support")
    for year in range(1955, 1960):
        steps(with_support, 1)
        steps(without, 1)
        assert not differences(with_support.living(), without.living()), year
    steps(with_support, 3)
    steps(without, 3)
    assert fingerprint(with_support) != fingerprint(without)


def test_a_policy_never_changes_draws() -> None:
    with_support, without = common(plain(15).living(), steps(build("no_support"), 15).living())
    assert not differences(with_support, without, OWN_LUCK)
    home = never_abroad(with_support, without)
    assert not differences(with_support[home], without[home], ("ability", "productivity"))
    assert differences(with_support, without)


def test_a_larger_scale_keeps_the_firms_of_a_smaller_one() -> None:
    small, large = build(), build(scale=0.002)
    mine, same = common(small.living(), large.living())
    assert mine.size > 0.9 * small.population.count
    others = [name for name in FIRM_DTYPE.names if name != "weight"]
    assert not differences(mine, same, others)
