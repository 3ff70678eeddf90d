"""Conditions tied to support, worked by hand."""

from __future__ import annotations

import pytest

from expansion_sim.behaviour.conditions import jobs_at_stake, jobs_floor, municipal_score, repayment_due


def test_jobs_at_stake_case() -> None:
    assert jobs_at_stake(50.0, 0.3, 0.0) == pytest.approx(15.0)
    assert jobs_at_stake(50.0, 0.3, 0.5) == pytest.approx(7.5)  # a pledge keeps half of them


def test_municipal_score_case() -> None:
    assert municipal_score(1.0, 15.0, 50.0, 0.1, 2.0) == pytest.approx(0.2)  # 1 - 2 (.3 + .1)
    assert municipal_score(1.0, 0.0, 50.0, 0.0, 2.0) == 1.0


def test_jobs_floor_case() -> None:
    assert jobs_floor(50.0, 0.2) == pytest.approx(40.0)


def test_repayment_due_case() -> None:
    assert repayment_due(3.0, 39.0, 40.0) == 3.0
    assert repayment_due(3.0, 40.0, 40.0) == 0.0
