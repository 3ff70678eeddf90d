"""A comparison that simulates the common past once tells the same as one that simulates it twice."""

from __future__ import annotations

import pytest

from expansion_sim import compare
from expansion_sim.comparison.comparison import COMPARISON
from expansion_sim.model import ExpansionModel

SMALL = {"scale": 0.001, "output.surveys": False}


@pytest.mark.parametrize(
    ("base", "other"),
    [("no_support_since_2010", "history"), ("history", "no_package_2011_13"), ("no_plaza", "history"), ("history", "history")],
)  # fmt: skip
def test_tables_are_the_same(base: str, other: str) -> None:
    together, apart = (compare(base, other, overrides=SMALL, shared_past=shared) for shared in (True, False))
    for name in COMPARISON.tables:
        assert getattr(together, name).equals(getattr(apart, name)), name


def test_the_past_is_simulated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    years: list[int] = []
    step = ExpansionModel.step
    monkeypatch.setattr(ExpansionModel, "step", lambda model: years.append(model.year) or step(model))
    compare("no_support_since_2010", "history", overrides={**SMALL, "years.last": 2012})
    assert len(years) == 55 + 2 * 3
    years.clear()
    compare("history", "history", overrides={**SMALL, "years.last": 1960}, shared_past=False)
    assert len(years) == 2 * 6


def test_a_class_that_does_not_say_how_to_branch_is_run_twice() -> None:
    made = []

    class Counted(ExpansionModel):
        def __init__(self, *args: object, **kwargs: object) -> None:
            made.append(1)
            super().__init__(*args, **kwargs)

    compare("history", "history", overrides={**SMALL, "years.last": 1957}, model_class=Counted)
    assert len(made) == 2
