"""The identities hold for consistent tables and catch each kind of error."""

from __future__ import annotations

import pytest

from expansion_sim.results.identities import check
from expansion_sim.results.recorder import Frames


def spoiled(frames: Frames, measure: str, by: float, **labels: str) -> Frames:
    """The tables with one total of one year changed by ``by``."""
    yearly = frames.yearly.copy()
    rows = (yearly["measure"] == measure) & (yearly["year"] == 1990)
    for name in ("industry", "size_class", "mode", "host"):
        rows &= yearly[name] == labels.get(name, "")
    assert rows.sum() == 1
    yearly.loc[rows, "value"] += by
    return frames._replace(yearly=yearly)


def test_consistent_tables_have_no_violation(frames: Frames) -> None:
    assert check(frames) == []


def test_several_replications_are_checked_one_by_one(run) -> None:
    assert check(run) == []


@pytest.mark.parametrize(
    ("measure", "labels", "identity"),
    [
        ("births", {}, "change in firms = births - closures"),
        ("closures", {"industry": "light"}, "change in firms = births - closures"),
        ("entries", {"mode": "fdi"}, "change in firms in a mode = entries - leaves"),
        ("leaves_by_closure", {"mode": "direct"}, "change in firms in a mode = entries - leaves"),
        ("leaves", {"mode": "direct"}, "leaves = weighted events"),
        ("firms_in_mode", {"mode": "home"}, "firms at home + firms abroad = firms"),
        ("employees", {"size_class": "100+"}, "total = sum over size_class"),
    ],
)
def test_an_error_is_found_and_named(frames: Frames, measure: str, labels: dict[str, str], identity: str) -> None:
    violations = check(spoiled(frames, measure, 1e5, **labels))
    assert identity in {violation.identity for violation in violations}
    assert 1990 in {violation.year for violation in violations}


def test_impossible_values_are_found(frames: Frames) -> None:
    found = {violation.identity for violation in check(spoiled(frames, "foreign_jobs", -1e9))}
    assert "not negative" in found
    found = {violation.identity for violation in check(spoiled(frames, "defaults", 1e9))}
    assert "defaults are among the closures" in found


def test_rounding_is_not_an_error(frames: Frames) -> None:
    assert check(spoiled(frames, "births", 0.1)) == []  # of 137,000
