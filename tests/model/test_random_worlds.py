"""Invariants in worlds drawn at random: any parameters within their declared ranges, any switches, any drivers allowed."""

from __future__ import annotations

import pickle
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import LIVELY, build, common, in_mode, steps

from expansion_sim.codes import DIRECT
from expansion_sim.model import ExpansionModel
from expansion_sim.parameters import load_parameters, parameters_record
from expansion_sim.population.schema import FIRM_DTYPE
from expansion_sim.results.identities import check
from expansion_sim.scenario.spec import Mechanisms

SOME = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
FLOATS = [name for name in FIRM_DTYPE.names if FIRM_DTYPE[name].base.kind == "f"]


@st.composite
def parameters(draw: Any) -> dict[str, float]:
    """Up to forty parameters anywhere in their ranges, the ends included; shares of expectations leave room for the rest."""
    known = load_parameters()
    names = draw(st.lists(st.sampled_from(sorted(known)), min_size=5, max_size=40, unique=True))
    values = {}
    for name in names:
        low, high = known[name].low, known[name].high
        values[name] = draw(st.sampled_from([low, high, 0.5 * (low + high)]) | st.floats(low, high))
    for name in ("band.share_static", "band.share_adaptive"):
        if name in values:
            values[name] = min(values[name], 0.5)
    return values


switches = st.fixed_dictionaries({name: st.booleans() for name in Mechanisms.model_fields})


def assert_sound(model: ExpansionModel) -> None:
    """Finite numbers, at least one employee, bits that agree with spells, tables that add up, no sum that is not a number."""
    firms = model.living()
    assert firms.size > 0
    for name in FLOATS:
        assert np.isfinite(firms[name]).all(), name
    assert firms["employees"].min() >= 1.0
    assert firms["cash"].min() >= 0.0
    assert firms["debt"].min() >= 0.0
    assert firms["knowledge"].min() >= 0.0
    used = in_mode(firms)
    assert np.array_equal(used, firms["since"] > 0)
    assert np.array_equal(firms["markets"] != 0, used[:, DIRECT])
    for name, array in zip(model.aggregates._fields, model.aggregates, strict=True):
        assert np.isfinite(array).all(), name
    shares = model.customers["offshore"]
    assert np.isfinite(shares).all()
    assert shares.min() >= 0.0
    assert model.customers["offshore_total"].max() <= 1.0
    assert check(model.recorder.frames()) == []


def assert_money(before: np.ndarray, after: np.ndarray) -> None:
    """Cash of every surviving firm changes by what it earned, borrowed, paid out and invested."""
    before, after = common(before, after)
    flows = [after[name].astype(float) for name in ("profit", "borrowed", "paid_out", "invested")]
    gap = after["cash"].astype(float) - before["cash"] - (flows[0] + flows[1] - flows[2] - flows[3])
    assert (np.abs(gap) < 1e-6 * (1.0 + np.abs(before["cash"]) + sum(np.abs(flow) for flow in flows))).all()


@SOME
@given(values=parameters(), mechanisms=switches, seed=st.integers(0, 2**63 - 1), yen=st.floats(1.0, 2000.0))
def test_any_world_lives_its_first_years(values: dict[str, float], mechanisms: dict[str, bool], seed: int, yen: float) -> None:
    chosen = {f"parameters.{name}": value for name, value in values.items()}
    chosen |= {f"mechanisms.{name}": str(value).lower() for name, value in mechanisms.items()}
    model = steps(build(rng=seed, **chosen, **{"drivers.yen": f"[{{from = 1955, value = {yen}}}]"}), 3)
    assert_sound(model)


@cache
def world_of_1990() -> bytes:
    """A lively world at the end of 1990, when firms are in every mode."""
    model = steps(build(**LIVELY, **{"years.last": 2000}), 36)
    assert model.year == 1990
    return pickle.dumps(model)


@SOME
@given(values=parameters(), mechanisms=switches)
def test_a_world_with_firms_abroad_bears_any_rules(values: dict[str, float], mechanisms: dict[str, bool]) -> None:
    """The rules change at the end of 1990; firms that are everywhere by then live on under them."""
    model = pickle.loads(world_of_1990())
    model.parameters = parameters_record(values)
    for name in ("attention", "finance", "taste", "band", "noise", "learning", "cooperatives", "network"):
        model.year_record[name] = int(mechanisms[name])
    for _ in range(4):
        before = model.living()
        model.step()
        assert_money(before, model.living())
    assert_sound(model)


@pytest.mark.parametrize("value", ["low", "high"])
def test_all_parameters_at_one_end(value: str) -> None:
    """All at the lower, all at the upper end of what a scenario may set."""
    values = {f"parameters.{name}": getattr(parameter, value) for name, parameter in load_parameters().items()}
    values |= {"parameters.band.share_static": 0.5, "parameters.band.share_adaptive": 0.5}
    assert_sound(steps(build(**values), 6))
