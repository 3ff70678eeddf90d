"""What is done to a model from outside: firms closed, snapshots taken, Mesa's own scenarios."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from worlds import LIVELY, build, fingerprint, steps

from expansion_sim.agents.sme import SME
from expansion_sim.behaviour.kernel import BIRTHS, CLOSURES, FIRMS
from expansion_sim.codes import FDI
from expansion_sim.model import ExpansionModel
from expansion_sim.results.identities import check


class Stepping(SME):
    """A firm with a step of its own, so that every firm is stepped by itself in Python."""

    __slots__ = ()

    def step(self) -> None:
        super().step()


class AgentByAgent(ExpansionModel):
    sme_class = Stepping


def eventful(model: ExpansionModel) -> np.ndarray:
    """Rows of firms in a mode abroad, and of some with a plan or with nothing at all."""
    firms = model.population.firms
    living = firms["alive"] == 1
    groups = (firms["since"].max(axis=1) > 0, firms["wish_mode"] > 0, firms["interested"] == 0, firms["events"] != 0)
    return np.unique(np.concatenate([np.flatnonzero(living & group)[:5] for group in groups]))


@pytest.mark.parametrize("model_class", [ExpansionModel, AgentByAgent])
def test_firms_closed_between_years_are_closures_of_the_next(model_class: type[ExpansionModel]) -> None:
    model = steps(build(model_class=model_class, **LIVELY), 14)
    rows = eventful(model)
    ids, abroad = set(model.population.firms["firm"][rows].tolist()), model.population.firms["since"][rows].max(axis=1) > 0
    before = model.aggregates.stocks[..., FIRMS].sum()
    entries = [row for row in model.recorder.log.rows() if row["firm"] in ids]
    for row in rows:
        model.close_firm(int(row))
    model.step()
    stocks = model.aggregates.stocks
    change = stocks[..., FIRMS].sum() - before
    assert change == pytest.approx(stocks[..., BIRTHS].sum() - stocks[..., CLOSURES].sum(), rel=1e-9)
    told = [row for row in model.recorder.log.rows() if row["firm"] in ids and row["year"] == model.year]
    assert len(told) == abroad.sum() > 0
    assert all(row["event_mode"] == 0 and row["left_modes"] != 0 for row in told)  # last year's entries are not told again
    assert len(entries) + len(told) == sum(row["firm"] in ids for row in model.recorder.log.rows())
    assert not ids & set(model.living()["firm"].tolist())
    steps(model, 3)
    assert check(model.recorder.frames()) == []


def test_kernel_and_agents_agree_on_firms_closed_from_outside() -> None:
    kernel, agents = (steps(build(model_class=model_class, **LIVELY), 12) for model_class in (ExpansionModel, AgentByAgent))
    for model in (kernel, agents):
        for row in eventful(model):
            model.close_firm(int(row))
        steps(model, 2)
    assert fingerprint(kernel) == fingerprint(agents)


class GivesUp(SME):
    """Closes its firm in the middle of the year once it has a plant."""

    __slots__ = ()

    def settle(self) -> None:
        if self.since[FDI] > 0:
            self.remove()
        else:
            super().settle()


class GivingUp(ExpansionModel):
    sme_class = GivesUp


def test_a_firm_that_closes_itself_in_the_year_of_its_entry_is_told_with_it() -> None:
    model = steps(build(model_class=GivingUp, **LIVELY), 14)
    log = model.recorder.log.rows()
    entered = log[(log["event_mode"] == FDI)]
    assert entered.size > 0
    assert (entered["left_modes"] & (1 << FDI) != 0).all()
    assert check(model.recorder.frames()) == []


def test_a_sink_gets_the_firms_and_nothing_is_kept() -> None:
    kept = steps(build(**{"output.firms_years": [1956, 1958]}), 4)
    handed: dict[int, np.ndarray] = {}

    def sink(year: int, firms: np.ndarray) -> None:
        handed[year] = firms[firms["alive"] == 1]

    model = build(**{"output.firms_years": [1956, 1958]})
    model.snapshot_sink = sink
    steps(model, 4)
    assert model.snapshots == {}
    assert list(handed) == list(kept.snapshots) == [1956, 1958]
    for year, firms in kept.snapshots.items():
        assert all(firms[name].tobytes() == handed[year][name].tobytes() for name in firms.dtype.names)


def test_a_scenario_of_mesa_says_nothing_about_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    own: Any = object()
    monkeypatch.setattr("expansion_sim.model.is_mesa_scenario", lambda value: value is own)
    assert ExpansionModel(own, rng=3).spec == ExpansionModel(rng=3).spec
