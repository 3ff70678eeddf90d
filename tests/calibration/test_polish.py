"""The polish: facts that contradict each other no longer pull, points stay in the box, and finished runs are used again."""

from __future__ import annotations

import numpy as np
import pytest
from choice_model import FACTS, PRIOR, PUBLISHED_ERROR, SEARCH, shares, simulate
from workers import choosing

from expansion_sim.calibration.estimate import POLISHED, Estimate, Problem, estimate
from expansion_sim.calibration.evaluate import Simulator
from expansion_sim.calibration.misfit import Misfit, Term
from expansion_sim.calibration.polish import corrected, polish, regression_slopes, soft_count
from expansion_sim.scenario import load_scenario

SMALL = SEARCH.model_copy(update={
    "ensemble": 60, "starts": ("shipped",), "rounds": 4, "noise_seeds": 6, "final_seeds": 10, "draws": 50, "predictive": 4,
    "polish": 6, "polish_seeds": 8,
})


def contradictory(number: int) -> Misfit:
    """Facts that hold exactly in one world, and one more that says something else about the first of them, with certainty."""
    truth = np.clip(np.random.default_rng(2000 + number).normal(size=PRIOR.size), -1.5, 1.5)
    values = shares(PRIOR.values(truth))[0]
    terms = [Term(k, f"F{k}", f"F{k}", "band", float(v), 2.0 * PUBLISHED_ERROR) for k, v in enumerate(values)]
    other = values[0] + (0.4 if values[0] < 0.5 else -0.4)
    return Misfit([*terms, Term(0, "outlier", "outlier", "band", float(other), PUBLISHED_ERROR)])


def estimated(number: int, told=lambda text: None, evaluate=simulate, **changes) -> Estimate:
    return estimate(Problem(PRIOR, evaluate, contradictory(number), SMALL.model_copy(update=changes), 1, 5), told)


def within(result: Estimate) -> int:
    """Facts that hold at an estimate in very many firms."""
    return int(result.problem.misfit.facts_within(shares(PRIOR.values(result.u))[0]))


def test_more_facts_hold_after_the_polish_than_at_least_squares_with_a_contradictory_fact() -> None:
    least_squares, polished = ([within(estimated(number, polish=points)) for number in (1, 2, 3, 5)] for points in (0, 6))
    assert sum(least_squares) < 4 * FACTS - 4
    assert all(after >= before for before, after in zip(least_squares, polished, strict=True))
    assert sum(polished) >= sum(least_squares) + 4


def test_the_choice_is_by_facts_on_fresh_seeds_told_in_one_line_and_first_among_candidates() -> None:
    lines: list[str] = []
    result = estimated(2, lines.append)
    other = next(name for name in result.contest if name != POLISHED)
    assert result.contest[POLISHED] > result.contest[other]
    line = f"facts within tolerance on fresh seeds: polished {result.contest[POLISHED]}, {other} {result.contest[other]}; chosen: polished"
    assert lines[-1] == line
    assert result.candidates["candidate"].iloc[0] == POLISHED
    np.testing.assert_allclose(PRIOR.values(result.u), result.candidates.loc[0, PRIOR.names].to_numpy(float))
    polish_rows = result.rounds[result.rounds["search"] == "polish"]
    assert polish_rows["within"].notna().all() and len(polish_rows) == 1 + SMALL.polish
    assert result.candidates["objective"].iloc[0] > result.candidates["objective"].min(), "least squares alone would not choose it"


def test_a_polish_that_gains_nothing_leaves_the_winner() -> None:
    facts = [Term(k, f"F{k}", f"F{k}", "band", 0.5, 10.0) for k in range(FACTS)]  # every point meets them all
    result = estimate(Problem(PRIOR, simulate, Misfit(facts), SMALL, 1, 5))
    assert set(result.contest.values()) == {FACTS}
    assert result.candidates["candidate"].iloc[0] != POLISHED
    assert result.candidates["candidate"].iloc[-1] == POLISHED
    np.testing.assert_allclose(PRIOR.values(result.u), result.candidates.loc[0, PRIOR.names].to_numpy(float))


def test_without_the_polish_everything_is_as_it_was_and_the_same_seed_gives_the_same() -> None:
    first, again, without = estimated(1), estimated(1), estimated(1, polish=0)
    np.testing.assert_array_equal(first.posterior, again.posterior)
    assert first.contest == again.contest and without.contest == {}
    assert not without.candidates["candidate"].eq(POLISHED).any()
    np.testing.assert_array_equal(without.before, first.before)


def test_points_go_to_the_edge_of_the_box_and_not_over_it_when_every_fact_lies_outside() -> None:
    rng = np.random.default_rng(0)
    u = 0.5 * rng.normal(size=(80, 3)) + 2.0
    misfit = Misfit([Term(k, f"F{k}", f"F{k}", "band", 4.0, 1.4) for k in range(3)])
    visits = list(polish(lambda point: point.copy(), misfit, np.array([2.3, 2.576, 2.0]), u, u, 8))
    assert len(visits) == 9
    points = np.array([visit.u for visit in visits[1:]])
    assert points.max() == 2.5 and points[-1].min() > 2.3
    assert visits[-1].met > visits[0].met


def test_finished_runs_of_an_interrupted_polish_are_not_simulated_again(tmp_path, monkeypatch) -> None:
    small = {"ensemble": 24, "rounds": 1, "refinements": 1, "polish": 3, "polish_seeds": 4, "final_seeds": 4}
    columns = [f"F{k}" for k in range(FACTS)]

    def run(folder, told=lambda text: None) -> Estimate:
        (tmp_path / f"{folder}-marks").mkdir(exist_ok=True)
        monkeypatch.setenv("MARKS", str(tmp_path / f"{folder}-marks"))
        with Simulator(load_scenario("history"), columns, tmp_path / folder, 1, run=choosing) as simulator:
            return estimated(1, told, simulator, **small)

    def interrupt(text: str) -> None:
        if text.startswith("polish, point 1/3"):
            raise KeyboardInterrupt

    whole = run("whole")
    with pytest.raises(KeyboardInterrupt):
        run("stopped", interrupt)
    before = len(list((tmp_path / "stopped-marks").iterdir()))
    resumed = run("stopped")
    np.testing.assert_array_equal(resumed.posterior, whole.posterior)
    assert resumed.contest == whole.contest
    marks = [len(list((tmp_path / f"{folder}-marks").iterdir())) for folder in ("stopped", "whole")]
    assert marks[0] == marks[1] > before


def test_a_fact_counts_by_its_least_certain_readings() -> None:
    terms = [Term(0, "A", "A.0", "band", 1.0, 2.0), Term(1, "A", "A.1", "band", 1.0, 2.0), Term(2, "B", "B", "below", 5.0, 1.0)]
    y = np.array([[1.0, 3.0, 5.5], [3.0, 3.0, np.nan]])

    def met(beyond: float) -> float:
        return 1.0 / (1.0 + np.exp(beyond / 0.2))

    expected = [met(-1.0) * met(0.0) + met(0.5), 0.25]  # what is missing counts as a large miss
    np.testing.assert_allclose(soft_count(Misfit(terms), y, 0.2), expected, atol=1e-12)


def test_slopes_are_found_in_noise_beside_gaps_and_runs_that_break_out() -> None:
    rng = np.random.default_rng(4)
    z, slopes = rng.normal(size=(400, 20)), np.zeros((4, 20))
    slopes[0, 3], slopes[1, 5] = 2.0, -1.0
    y = z @ slopes.T + 0.3 * rng.normal(size=(400, 4))
    y[:2, 0] += 1000.0
    y[rng.random(400) < 0.3, 1] = np.nan
    y[:, 2] = 7.0
    y[:300, 3] = np.nan
    found = regression_slopes(z, y)
    assert found[0, 3] == pytest.approx(2.0, abs=0.15)
    assert found[1, 5] == pytest.approx(-0.7, abs=0.1)  # gaps take the mean, which weakens the slope by their share
    assert np.abs(np.delete(found[0], 3)).max() < 0.15
    assert not found[2:].any(), "no slope where nothing varies or most is missing"


def test_an_update_foresees_seven_tenths_of_what_was_not_foreseen_and_leaves_other_directions() -> None:
    slopes = np.array([[1.0, 2.0], [0.0, 1.0]])
    step = np.array([2.0, 0.0])
    better = corrected(slopes, step, np.array([12.0, np.nan]))
    np.testing.assert_allclose(better, [[1.0 + 0.7 * 5.0, 2.0], [0.0, 1.0]])
    np.testing.assert_array_equal(corrected(slopes, 0.0 * step, np.array([12.0, 1.0])), slopes)
