"""Every tolerance in the shipped facts is understood, and nothing else is guessed at."""

from __future__ import annotations

import math

import numpy as np
import pytest

from expansion_sim.errors import InputError
from expansion_sim.validation import load_targets
from expansion_sim.validation.tolerance import BAND, COVERED, POSITIVE, SEEDS, parse_tolerance

FACTS = load_targets().astype(str).to_dict("records")


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["id"])
def test_every_fact_parses_and_its_published_number_passes(fact: dict[str, str]) -> None:
    tolerance = parse_tolerance(fact["tolerance"], fact["value"], fact["unit"])
    assert tolerance.kind in (BAND, COVERED, POSITIVE, SEEDS)
    if tolerance.kind == BAND and len(tolerance.bounds) == 1:
        try:
            published = float(fact["value"])
        except ValueError:
            return
        assert tolerance.holds(np.array([[published]]))


@pytest.mark.parametrize(
    ("text", "value", "bounds"),
    [
        ("+-25%", "178", [(133.5, 222.5)]),
        ("+-3 pp (sampling, n 3,790)", "18", [(15, 21)]),
        ("+-2 pp (2 s.e., n about 140, inferred)", "1.4", [(-0.6, 3.4)]),
        ("+-8 pp", "-43", [(-51, -35)]),
        ("+-20%", "-10", [(-12, -8)]),
        ("+-1 year", "1969-1973", [(1968, 1970), (1972, 1974)]),
        ("+-3 years", "1973", [(1970, 1976)]),
        ("+-10", "135", [(125, 145)]),
        ("4-6.5", "5.2", [(4, 6.5)]),
        ("2-4 and 8-16", "1:3:12", [(2, 4), (8, 16)]),
        ("3-100 a year", "3", [(3, 100)]),
        ("below 43", "40", [(-math.inf, 43)]),
        ("above 50", ">50", [(50, math.inf)]),
        (">10 (threshold is an assumption)", "10", [(10, math.inf)]),
        ("rank correlation >= 0.85", "order", [(0.85, math.inf)]),
    ],
)
def test_bands(text: str, value: str, bounds: list[tuple[float, float]]) -> None:
    tolerance = parse_tolerance(text, value)
    assert tolerance.kind == BAND
    assert [tuple(map(float, bound)) for bound in tolerance.bounds] == [tuple(map(float, bound)) for bound in bounds]


def test_two_slopes_must_keep_their_order() -> None:
    tolerance = parse_tolerance("order and +-0.12", "0.34", "slope of indirect; direct 0.54")
    assert tolerance.holds(np.array([[0.40, 0.50, 0.10]]))
    assert not tolerance.holds(np.array([[0.45, 0.44, -0.01]]))
    assert not tolerance.holds(np.array([[0.10, 0.54, 0.44]]))


def test_signs_must_all_hold_on_average() -> None:
    tolerance = parse_tolerance("both > 0", "+")
    assert tolerance.holds(np.array([[2.0, 1.0], [-1.0, 1.0]]))
    assert not tolerance.holds(np.array([[1.0, 0.0]]))


def test_share_of_runs_and_covered_range() -> None:
    runs = parse_tolerance("positive in 95% of runs", "1")
    assert runs.holds(np.array([[1.0]] * 19 + [[-1.0]])) and not runs.holds(np.array([[1.0]] * 18 + [[-1.0]] * 2))
    covered = parse_tolerance("inside the simulated 10-90% range", "10")
    assert covered.holds(np.array([[7.0, 4.0, 12.0]])) and not covered.holds(np.array([[5.0, 4.0, 9.0]]))


def test_deviation_is_measured_in_half_widths() -> None:
    assert parse_tolerance("+-25%", "100").deviation(np.array([150.0])) == pytest.approx(2.0)
    assert parse_tolerance("+-1 year", "1969-1973").deviation(np.array([1969.5, 1970.0])) == pytest.approx(-3.0)
    assert math.isnan(parse_tolerance("below 43", "40").deviation(np.array([50.0])))


@pytest.mark.parametrize(("text", "value"), [("roughly", "5"), ("+-3 pp", "order"), ("", "5")])
def test_anything_else_is_refused(text: str, value: str) -> None:
    with pytest.raises(InputError):
        parse_tolerance(text, value)


def test_as_many_readings_as_intervals() -> None:
    with pytest.raises(ValueError, match="2 readings for 1"):
        parse_tolerance("+-1", "5").holds(np.array([[5.0, 6.0]]))
