"""Knowledge of host groups (rule 11), worked by hand from the published equation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.behaviour.learning import inherited_ties, next_knowledge

share = st.floats(0.0, 1.0)


def test_next_knowledge_case() -> None:
    # k K + activity + peers + advice + bank = .9 x .5 + .12 + .02 + .01 + .005
    assert next_knowledge(0.5, 0.9, 0.12, 0.02, 0.01, 0.005) == pytest.approx(0.605)
    assert next_knowledge(1.0, 0.9, 0.12, 0.0, 0.0, 0.0) == 1.0  # capped
    assert next_knowledge(0.0, 0.9, 0.0, 0.0, 0.0, 0.0) == 0.0


def test_knowledge_fades_and_settles() -> None:
    """Without contact it fades by a tenth a year; with inflow s below .1 it settles at s / (1 - k), with more at one."""
    fading, steady, active = 1.0, 0.0, 0.0
    for _ in range(300):
        fading = next_knowledge(fading, 0.9, 0.0, 0.0, 0.0, 0.0)
        steady = next_knowledge(steady, 0.9, 0.05, 0.0, 0.0, 0.0)
        active = next_knowledge(active, 0.9, 0.12, 0.0, 0.0, 0.0)
    assert fading == pytest.approx(0.9**300)
    assert steady == pytest.approx(0.5)
    assert active == 1.0


def test_inherited_ties_end_with_a_generation() -> None:
    assert inherited_ties(1915.0, 0.4) == 0.4
    assert inherited_ties(1929.5, 0.4) == 0.4
    assert inherited_ties(1930.0, 0.4) == 0.0


@given(k=share, keep=share, inflow=st.lists(share, min_size=4, max_size=4), more=share)
def test_knowledge_stays_between_nothing_and_all(k: float, keep: float, inflow: list[float], more: float) -> None:
    value = next_knowledge(k, keep, *inflow)
    assert 0.0 <= value <= 1.0
    assert next_knowledge(k, keep, inflow[0] + more, *inflow[1:]) >= value
    assert next_knowledge(min(1.0, k + more), keep, *inflow) >= value
