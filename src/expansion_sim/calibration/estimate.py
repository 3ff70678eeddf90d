"""The search from start to posterior: space-filling ensembles, Kalman inversion, Gauss-Newton, polish, inference on fresh seeds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.calibration.evaluate import Evaluate
from expansion_sim.calibration.inference import Inference, draws, infer, shrunk_covariance, total_variance
from expansion_sim.calibration.kalman import completed, kalman_step, step_size
from expansion_sim.calibration.misfit import MISSING, Misfit
from expansion_sim.calibration.polish import polish
from expansion_sim.calibration.prior import Prior
from expansion_sim.calibration.regression import Line, best_point, fit_line
from expansion_sim.calibration.spec import Search
from expansion_sim.errors import InputError

#: Streams of seeds: ensembles, noise, choice among candidates, report, perturbations, draws, refinement, prediction, polish, contest.
_ENSEMBLE, _NOISE, _CHOICE, _REPORT, _PERTURB, _DRAW, _REFINE, _PREDICT, _POLISH, _CONTEST = range(10)
#: Name of the polished point among candidates.
POLISHED = "polished"
#: Least width of the ensembles of the refinement, and their width relative to the ensemble before.
_LEAST_WIDTH, _NARROWER = 0.15, 0.8


class Problem(NamedTuple):
    """What is estimated.

    Attributes:
        prior: Parameters and their prior.
        evaluate: Readings of points.
        misfit: Residuals of readings.
        search: Starts, rounds, ensemble.
        seeds: Runs averaged per evaluation.
        seed: Seed of everything.
    """

    prior: Prior
    evaluate: Evaluate
    misfit: Misfit
    search: Search
    seeds: int
    seed: int


class Evaluations(NamedTuple):
    """Evaluated points: coordinates ``u``, shape (n, d), and mean readings ``y``, shape (n, readings)."""

    u: np.ndarray
    y: np.ndarray

    def more(self, other: Evaluations) -> Evaluations:
        """These and others."""
        return Evaluations(np.vstack([self.u, other.u]), np.vstack([self.y, other.y]))


class Estimate(NamedTuple):
    """The result.

    Attributes:
        problem: What was estimated, with the misfit as scaled.
        u: Estimate in normal coordinates, shape (d,).
        inference: Standard errors and diagnostics.
        line: Residuals as a local linear function of the coordinates.
        gamma: Total variance of the residuals, shape (m, m).
        before: Readings of the shipped values on fresh seeds, shape (S, readings).
        after: Readings of the estimate on the same fresh seeds.
        rounds: One row per round: start, round, time, objective; for points of the polish also facts within tolerance.
        candidates: One row per candidate, the chosen one first: name, objective, facts within tolerance, one column per parameter.
        contest: Facts within tolerance at the polished point and at the best candidate before it, on seeds of their own; empty
            when nothing was polished.
        posterior: Rows of parameter values, shape (draws, d).
        predictive: Readings of the first rows of the posterior, one run each, shape (predictive, readings).
    """

    problem: Problem
    u: np.ndarray
    inference: Inference
    line: Line
    gamma: np.ndarray
    before: np.ndarray
    after: np.ndarray
    rounds: pd.DataFrame
    candidates: pd.DataFrame
    contest: dict[str, int]
    posterior: np.ndarray
    predictive: np.ndarray


def estimate(problem: Problem, told: Callable[[str], None] = lambda text: None) -> Estimate:
    """Estimate the parameters.

    Args:
        problem: What is estimated.
        told: Called with a line of text after every round.

    Raises:
        InputError: The runs hold none of the chosen facts.
    """
    search, shipped = problem.search, problem.prior.shipped()
    first = _evaluated(problem, _start(problem, 0), _ENSEMBLE, 0, 0)
    if not np.isfinite(problem.misfit.raw(first.y)).mean(axis=0).max(initial=0.0) >= 0.5:
        raise InputError("hardly any run answers any of the chosen facts; are the years simulated long enough?", key="facts")
    problem = problem._replace(misfit=problem.misfit.scaled_by(first.y))
    omega = _luck(problem, shipped, _NOISE, search.noise_seeds)
    variances = 1.0 + np.diag(omega)
    rounds: list[dict[str, object]] = []
    ends: dict[str, np.ndarray] = {"shipped values": shipped} if "shipped" in search.starts else {}
    every = None
    for start in range(len(search.starts)):
        end, seen = _invert(problem, start, variances, rounds, told)
        ends[f"start {start + 1} ({search.starts[start]})"] = end
        every = seen if every is None else every.more(seen)
    assert every is not None
    candidates = _judged(problem, ends, variances, told)
    centre = ends[str(candidates["candidate"].iloc[0])]
    refined, every = _refine(problem, centre, every, variances, rounds, told)
    if refined:
        candidates = _judged(problem, ends | refined, variances, told)
        centre = (ends | refined)[str(candidates["candidate"].iloc[0])]
    contest: dict[str, int] = {}
    if search.polish:
        polished = _polished(problem, centre, every, variances, rounds, told)
        contest = _contest(problem, {POLISHED: polished, str(candidates["candidate"].iloc[0]): centre}, told)
        row, won = _judged(problem, {POLISHED: polished}, variances), chosen(contest) == POLISHED
        candidates = pd.concat([row, candidates] if won else [candidates, row], ignore_index=True)
        centre = polished if won else centre
    return _concluded(problem, centre, every, pd.DataFrame(rounds), candidates, contest)


def chosen(contest: dict[str, int]) -> str:
    """The winner of a contest: the polished point must have more facts within tolerance, not as many."""
    return max(contest, key=lambda name: (contest[name], name != POLISHED))


def objective(problem: Problem, u: np.ndarray, y: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Weighted squared bent residuals plus the prior's |u|^2, shape (n,).

    Args:
        problem: What is estimated.
        u: Points, shape (n, d).
        y: Mean readings, shape (n, readings).
        variances: Diagonal of Gamma, shape (m,).
    """
    raw = problem.misfit.raw(y)
    bent = problem.misfit.bent(np.where(np.isfinite(raw), raw, MISSING))
    return (bent**2 / variances).sum(axis=1) + (u**2).sum(axis=1)


def seeds_for(seed: int, key: tuple[int, ...], points: int, each: int) -> list[list[int]]:
    """Fresh seeds of runs: ``each`` for every point, never used under another key."""
    words = np.random.SeedSequence(seed, spawn_key=key).generate_state(points * each, np.uint64) >> np.uint64(1)
    return [[int(word) for word in row] for row in words.reshape(points, each)]


def mean_readings(readings: np.ndarray) -> np.ndarray:
    """Mean over seeds of what is known, NaN where no seed gives an answer; shape (points, S, k) to (points, k)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(readings, axis=1)


def _evaluated(problem: Problem, u: np.ndarray, *key: int) -> Evaluations:
    seeds = seeds_for(problem.seed, key, len(u), problem.seeds)
    return Evaluations(u, mean_readings(problem.evaluate(problem.prior.points(u), seeds)))


def _start(problem: Problem, start: int) -> np.ndarray:
    """First ensemble of a start."""
    search, prior = problem.search, problem.prior
    seed = np.random.SeedSequence(problem.seed, spawn_key=(_PERTURB, start))
    if search.starts[start] == "prior":
        return prior.space_filling(search.ensemble, seed)
    return prior.space_filling(search.ensemble, seed, prior.shipped(), search.spread)


def _luck(problem: Problem, u: np.ndarray, stream: int, runs: int) -> np.ndarray:
    """Covariance of the bent residuals of single runs at one point, shape (m, m)."""
    single = problem.evaluate(problem.prior.points(u[None]), seeds_for(problem.seed, (stream,), 1, runs))[0]
    return _covariance_of_luck(problem.misfit, single)


def _covariance_of_luck(misfit: Misfit, single: np.ndarray) -> np.ndarray:
    """The same from readings, shape (runs, readings)."""
    residuals = misfit.bent(misfit.raw(single))
    known = np.isfinite(residuals)
    mean = np.where(known, residuals, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return shrunk_covariance(np.where(known, residuals - mean, 0.0), len(single) - 1)


def _invert(
    problem: Problem, start: int, variances: np.ndarray, rounds: list[dict[str, object]], told: Callable[[str], None],
) -> tuple[np.ndarray, Evaluations]:
    """Ensemble Kalman inversion from one start: the mean of the last ensemble and everything evaluated."""
    search, misfit = problem.search, problem.misfit
    u, time, every = _start(problem, start), 0.0, None
    for number in range(search.rounds):
        seen = _evaluated(problem, u, _ENSEMBLE, start, number)
        every = seen if every is None else every.more(seen)
        g, kept = completed(misfit.bent(misfit.raw(seen.y)))
        step = step_size(g, variances[kept], time, search.rounds - number)
        u, time = kalman_step(u, g, variances[kept], step, _generator(problem, _PERTURB, start, number)), time + step
        name = f"start {start + 1} ({search.starts[start]})"
        rounds.append(_row(name, number + 1, time, objective(problem, *seen, variances), seen.u))
        told(_line_of(rounds[-1], search.rounds))
        if time >= 1.0 - 1e-9:
            break
    assert every is not None
    return u.mean(axis=0), every


def _refine(
    problem: Problem, centre: np.ndarray, every: Evaluations, variances: np.ndarray, rounds: list[dict[str, object]],
    told: Callable[[str], None],
) -> tuple[dict[str, np.ndarray], Evaluations]:
    """Regression Gauss-Newton: the points it visits and everything evaluated."""
    search, misfit = problem.search, problem.misfit
    width = max(_LEAST_WIDTH, float(every.u[-search.ensemble :].std(axis=0).mean()))
    visited = {}
    for number in range(search.refinements):
        g, kept = completed(misfit.bent(misfit.raw(every.y)))
        centre = best_point(fit_line(every.u, g, centre, width), variances[kept], reach=2.0 * width)
        visited[f"refinement {number + 1}"] = centre
        width = max(_LEAST_WIDTH, _NARROWER * width)
        seed = np.random.SeedSequence(problem.seed, spawn_key=(_REFINE, number))
        around = np.clip(problem.prior.space_filling(search.ensemble, seed, centre, width), -2.5, 2.5)
        seen = _evaluated(problem, around, _REFINE, number)
        every = every.more(seen)
        rounds.append(_row("refinement", number + 1, 1.0, objective(problem, *seen, variances), seen.u))
        told(_line_of(rounds[-1], search.refinements))
    g, kept = completed(misfit.bent(misfit.raw(every.y)))
    visited["last line"] = best_point(fit_line(every.u, g, centre, width), variances[kept], reach=width)
    return visited, every


def _judged(
    problem: Problem, points: dict[str, np.ndarray], variances: np.ndarray, told: Callable[[str], None] = lambda text: None,
) -> pd.DataFrame:
    """Candidates on fresh seeds of their own, best first."""
    u = np.array(list(points.values()))
    seeds = seeds_for(problem.seed, (_CHOICE,), 1, max(2, problem.search.final_seeds // 2)) * len(u)
    y = mean_readings(problem.evaluate(problem.prior.points(u), seeds))
    scores = {"objective": objective(problem, u, y, variances), "within": problem.misfit.facts_within(y)}
    table = pd.DataFrame({"candidate": list(points), **scores})
    values = pd.DataFrame(problem.prior.values(u), columns=problem.prior.names)
    table = pd.concat([table, values], axis=1).sort_values("objective", ignore_index=True)
    told("on fresh seeds: " + ", ".join(f"{name} {value:.0f}" for name, value in table[["candidate", "objective"]].to_numpy()))
    return table


def _polished(
    problem: Problem, centre: np.ndarray, every: Evaluations, variances: np.ndarray, rounds: list[dict[str, object]],
    told: Callable[[str], None],
) -> np.ndarray:
    """The point around a candidate with most facts within tolerance on one set of seeds."""
    search, misfit = problem.search, problem.misfit
    seeds = seeds_for(problem.seed, (_POLISH,), 1, search.polish_seeds)
    best = None

    def measure(u: np.ndarray) -> np.ndarray:
        return mean_readings(problem.evaluate(problem.prior.points(u[None]), seeds))[0]

    for number, visit in enumerate(polish(measure, misfit, centre, *every, search.polish)):
        best = visit if best is None or visit.met > best.met else best
        within = int(misfit.facts_within(visit.y))
        values = objective(problem, visit.u[None], visit.y[None], variances)
        rounds.append(_row("polish", number, 1.0, values, visit.u[None]) | {"within": within})
        told(f"polish, point {number}/{search.polish}: {within} facts within tolerance, objective {values[0]:.0f}")
    assert best is not None
    return best.u


def _contest(problem: Problem, points: dict[str, np.ndarray], told: Callable[[str], None]) -> dict[str, int]:
    """Facts within tolerance at each point, on fresh seeds that are the same for all."""
    u = np.array(list(points.values()))
    seeds = seeds_for(problem.seed, (_CONTEST,), 1, problem.search.final_seeds) * len(u)
    within = problem.misfit.facts_within(mean_readings(problem.evaluate(problem.prior.points(u), seeds)))
    contest = dict(zip(points, map(int, within), strict=True))
    numbers = ", ".join(f"{name} {count}" for name, count in contest.items())
    told(f"facts within tolerance on fresh seeds: {numbers}; chosen: {chosen(contest)}")
    return contest


def _concluded(
    problem: Problem, u: np.ndarray, every: Evaluations, rounds: pd.DataFrame, candidates: pd.DataFrame, contest: dict[str, int],
) -> Estimate:
    """Inference at the estimate on seeds that no choice has seen."""
    search, misfit, prior = problem.search, problem.misfit, problem.prior
    both = np.array([prior.shipped(), u])
    before, after = problem.evaluate(prior.points(both), seeds_for(problem.seed, (_REPORT,), 1, search.final_seeds) * 2)
    gamma = total_variance(_covariance_of_luck(misfit, after), search.final_seeds)
    residuals = misfit.bent(misfit.raw(mean_readings(after[None])[0]))
    g, kept = completed(misfit.bent(misfit.raw(every.y)))
    width = max(_LEAST_WIDTH, float(every.u[-search.ensemble :].std(axis=0).mean()))
    line = _whole(fit_line(every.u, g, u, width), kept)
    known = np.isfinite(residuals) & kept
    inference = infer(line.slope[known], residuals[known], gamma[np.ix_(known, known)], line.noise[known], line.errors)
    sensitivity = np.zeros((prior.size, residuals.size))
    sensitivity[:, known] = inference.sensitivity
    inference = inference._replace(sensitivity=sensitivity)
    rows = prior.values(draws(u, inference.covariance, search.draws, _generator(problem, _DRAW)))
    points = [dict(zip(prior.names, map(float, row), strict=True)) for row in rows[: search.predictive]]
    predictive = problem.evaluate(points, seeds_for(problem.seed, (_PREDICT,), len(points), 1))[:, 0]
    return Estimate(problem, u, inference, line, gamma, before, after, rounds, candidates, contest, rows, predictive)


def _generator(problem: Problem, *key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(problem.seed, spawn_key=key))


def _whole(line: Line, kept: np.ndarray) -> Line:
    """The line over all residuals, zero slopes where too few runs gave an answer."""
    level, noise = np.full(kept.size, np.nan), np.full(kept.size, np.nan)
    slope = np.zeros((kept.size, line.centre.size))
    level[kept], noise[kept], slope[kept] = line.level, line.noise, line.slope
    return Line(line.centre, level, slope, noise, line.errors)


def _row(name: str, number: int, time: float, values: np.ndarray, u: np.ndarray) -> dict[str, object]:
    spread = float(u.std(axis=0).mean())
    mean, best = float(np.mean(values)), float(np.min(values))
    return {"search": name, "round": number, "time": time, "mean": mean, "best": best, "spread": spread}


def _line_of(row: dict[str, object], of: int) -> str:
    return (
        f"{row['search']}, round {row['round']}/{of}: objective mean {row['mean']:.0f}, best {row['best']:.0f}, "
        f"spread {row['spread']:.2f}, time {row['time']:.2f}"
    )
