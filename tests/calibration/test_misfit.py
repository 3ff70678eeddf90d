"""Residuals of readings, worked by hand, and the choice of facts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from expansion_sim.calibration.misfit import MISSING, Misfit, Term, all_terms, build_misfit, chosen_facts
from expansion_sim.calibration.readings import column_names, reading_labels
from expansion_sim.calibration.spec import FactsSpec
from expansion_sim.validation import load_targets
from expansion_sim.validation.periods import period_years, split_by_period
from expansion_sim.validation.tolerance import parse_tolerance


def judged(kind: str, middle: float, half: float, *readings: float) -> float:
    return float(Misfit([Term(0, "F", "F", kind, middle, half)]).raw(np.array([readings]))[0, 0])


def test_residuals_by_hand() -> None:
    assert judged("band", 20.0, 2.0, 21.0) == pytest.approx(1.0)  # half a tolerance is one standard error
    assert judged("log", 100.0, math.log(1.25), 125.0) == pytest.approx(2.0)
    assert judged("log", 100.0, math.log(1.25), 80.0) == pytest.approx(-2.0)
    assert judged("log", 100.0, math.log(1.25), 0.0) == pytest.approx(2.0 * math.log(0.02) / math.log(1.25))
    assert judged("below", 43.0, 10.0, 20.0) == 0.0
    assert judged("below", 43.0, 10.0, 43.0) == pytest.approx(1.0)  # at the bound the margin of half a scale is missing
    assert judged("above", 10.0, 2.5, 30.0) == 0.0
    assert judged("above", 10.0, 2.5, 5.0) == pytest.approx(-5.0)
    assert judged("positive", 0.0, 0.1, 0.2) == 0.0
    assert judged("positive", 0.0, 0.1, -0.1) == pytest.approx(-3.0)
    assert judged("covered", 10.0, 2.5, 7.0, 4.0, 12.0) == 0.0
    assert judged("covered", 10.0, 2.5, 7.0, 4.0, 5.0) == pytest.approx(-4.0)
    assert math.isnan(judged("band", 20.0, 2.0, math.nan))


def test_far_misses_pull_but_do_not_rule() -> None:
    misfit = Misfit([Term(0, "F", "F", "band", 0.0, 2.0)], bend=6.0)
    assert misfit.bent(np.array([0.5]))[0] == pytest.approx(0.5, rel=0.01)
    assert misfit.bent(np.array([1000.0]))[0] < 40.0
    assert misfit.slope(np.array([0.0, 6.0])) == pytest.approx([1.0, 1.0 / math.sqrt(2.0)])
    assert misfit.distance(np.array([[math.nan]]))[0] == pytest.approx(float(misfit.bent(np.array(MISSING))) ** 2)


def test_signs_take_their_scale_from_an_ensemble() -> None:
    misfit = Misfit([Term(0, "F", "F", "positive", 0.0, math.nan)])
    ensemble = np.random.default_rng(0).normal(scale=3.0, size=(5000, 1))
    assert misfit.scaled_by(ensemble).half[0] == pytest.approx(3.0, rel=0.05)


def test_a_zero_residual_is_a_hit_for_every_published_fact() -> None:
    """What the search aims at is what validation calls a hit."""
    by_id = {row["id"]: row for row in load_targets().astype(str).to_dict("records")}
    terms = all_terms(load_targets())
    misfit = Misfit(terms).scaled_by(np.random.default_rng(0).normal(size=(50, len(reading_labels()))))
    aimed = {
        "band": lambda term: term.middle, "log": lambda term: term.middle, "covered": lambda term: term.middle,
        "below": lambda term: term.middle - term.half, "above": lambda term: term.middle + term.half,
        "positive": lambda term: term.half,
    }
    row = np.full(len(reading_labels()), np.nan)
    for term in misfit.terms:
        row[term.column] = aimed[term.kind](term)
    for term in misfit.terms:
        if term.kind == "covered":
            row[term.column + 1 : term.column + 3] = (term.middle - 1.0, term.middle + 1.0)
    assert np.abs(misfit.raw(row)).max() == 0.0
    for fact in set(misfit.facts):
        columns = [place for place, (target, _) in enumerate(reading_labels()) if target == fact]
        tolerance = parse_tolerance(by_id[fact]["tolerance"], by_id[fact]["value"], by_id[fact]["unit"])
        assert tolerance.holds(row[None, columns]), fact


def test_facts_within_are_what_validation_calls_hits() -> None:
    rng, rows = np.random.default_rng(2), 400
    by_id = {row["id"]: row for row in load_targets().astype(str).to_dict("records")}
    misfit = Misfit(all_terms(load_targets())).scaled_by(rng.normal(size=(50, len(reading_labels()))))
    y = rng.normal(size=(rows, len(reading_labels())))
    for term in misfit.terms:
        scale = term.middle * math.expm1(term.half) if term.kind == "log" else term.half
        places = slice(term.column, term.column + (3 if term.kind == "covered" else 1))
        y[:, places] = term.middle + 1.2 * scale * y[:, places]
    y[:10] = np.nan
    expected = np.zeros(rows, int)
    for fact in dict.fromkeys(misfit.facts):
        columns = [place for place, (target, _) in enumerate(reading_labels()) if target == fact]
        tolerance = parse_tolerance(by_id[fact]["tolerance"], by_id[fact]["value"], by_id[fact]["unit"])
        expected += [tolerance.holds(row[None, columns]) for row in y]
    np.testing.assert_array_equal(misfit.facts_within(y), expected)
    assert expected[:10].max() == 0 and 0.3 < expected[10:].mean() / misfit.of_fact.shape[1] < 0.7


def test_ends_of_tolerances_belong_to_them_but_zero_is_not_positive() -> None:
    def within(kind: str, middle: float, half: float, *readings: float) -> bool:
        return bool(Misfit([Term(0, "F", "F", kind, middle, half)]).facts_within(np.array(readings)) == 1)

    assert within("log", 100.0, math.log(1.25), 75.0) and not within("log", 100.0, math.log(1.25), 74.9)
    assert within("below", 43.0, 10.0, 43.0) and not within("below", 43.0, 10.0, 43.1)
    assert within("above", 43.0, 10.0, 43.0) and not within("above", 43.0, 10.0, 42.9)
    assert within("positive", 0.0, 10.0, 0.1) and not within("positive", 0.0, 10.0, 0.0)
    assert within("covered", 10.0, 2.5, 7.0, 4.0, 10.0) and not within("covered", 10.0, 2.5, 7.0, 4.0, 9.9)


def test_every_reading_has_one_name() -> None:
    assert len(set(column_names())) == len(column_names()) == len(reading_labels())


def test_periods_as_written() -> None:
    assert period_years("FY2010-2023") == (2010, 2023)
    assert period_years("1990s") == (1990, 1999)
    assert period_years("2000-") == (2000, 2000)
    assert period_years("to 1972") == (1972, 1972)
    assert period_years("any") is None


def test_facts_are_chosen_by_id_lens_and_period() -> None:
    targets = load_targets()
    early = chosen_facts(FactsSpec(up_to=1999), targets)
    late = chosen_facts(FactsSpec(since=2000), targets)
    assert "T029" in early and "T044" in late
    assert not set(early) & set(late)
    crossed = chosen_facts(FactsSpec(up_to=1999, also=("JFC borrower*",)), targets)
    assert {"T115", "T029"} <= set(crossed) and "T044" not in crossed
    assert chosen_facts(FactsSpec(include=("T018", "T020"), exclude=("T020",)), targets) == ["T018"]
    assert set(build_misfit(FactsSpec(up_to=1999), targets).facts) <= set(early)


def test_facts_before_and_after_a_year_are_told_apart() -> None:
    parts = split_by_period(load_targets(), 1999)
    assert {"T029", "T037"} <= set(parts["up to 1999"]["id"])
    assert {"T044", "T196", "T215"} <= set(parts["after 1999"]["id"])  # also what has no year of its own
    assert sum(len(part) for part in parts.values()) == len(load_targets())
