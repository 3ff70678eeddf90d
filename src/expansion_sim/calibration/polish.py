"""The last stage of the search: a point moved until as many facts as possible are within tolerance.

Least squares, bent or not, is pulled by facts that contradict each other: it ends between them and may meet neither. Here a fact
counts by how surely it is met, the product over its readings of 1 / (1 + exp(b / s)), b the distance beyond the tolerance in its
half-widths and s a softness; a fact far out of reach then pulls nowhere. The readings around the best point so far are a linear
function of the parameters, at first from a regression over the ensembles, then corrected after every new point by Broyden's
rank-one update. The next point maximises the soft count less a small quadratic penalty inside a trust region.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_expit

from expansion_sim.calibration.kalman import completed
from expansion_sim.calibration.misfit import MISSING, Misfit
from expansion_sim.calibration.regression import left_out_errors

Measure = Callable[[np.ndarray], np.ndarray]
#: Softness s of the count by which points are judged, and of the maximisations, from smooth to sharp; half-widths of tolerances.
_JUDGED, _SOFTNESS = 0.15, (0.4, 0.2)
#: Reach of the trust region per coordinate after a gain and after a failure, in spreads of the ensembles.
_REACH, _REACH_AFTER_FAILURE = 0.35, 0.2
#: Facts that a step of one spread in one coordinate costs, away from the best point and away from the start.
_STEP_COST, _DISTANCE_COST = 0.15, 0.02
#: Share of the surrogate's error taken over by an update; the rest is put down to luck.
_DAMPING = 0.7
#: Share of the runs nearest to the start that the regression uses, and quantiles to which their readings are clipped.
_NEAREST, _CLIPPED = 0.75, (0.02, 0.98)
_RIDGES = 10.0 ** np.arange(0.5, 4.1, 0.5)
_ITERATIONS, _DIFFERENCE = 12, 1e-4


class Visit(NamedTuple):
    """One measured point: coordinates ``u``, shape (d,), mean readings ``y``, shape (readings,), and facts met, by the soft count."""

    u: np.ndarray
    y: np.ndarray
    met: float


def polish(
    measure: Measure, misfit: Misfit, start: np.ndarray, u: np.ndarray, y: np.ndarray, points: int, limit: float = 2.5,
) -> Iterator[Visit]:
    """Measure the start, then points with more facts within tolerance; the best visit has most facts met.

    Args:
        measure: Mean readings at a point, on seeds common to all points; shape (d,) to (readings,).
        misfit: Which readings agree with which facts.
        start: First point, shape (d,).
        u: Points evaluated before, shape (n, d).
        y: Their readings, shape (n, readings), NaN where missing.
        points: Points after the start.
        limit: Largest coordinate; further out nothing is left of the prior.
    """
    u, y = nearest(start, u, y)
    spread = np.maximum(u.std(axis=0), 1e-6)
    slopes = regression_slopes(u / spread, y)
    best = last = _visit(measure, misfit, start)
    yield best
    reach = _REACH
    for _ in range(points):
        ahead = _next_point(misfit, best, slopes, spread, start, reach, limit)
        visit = _visit(measure, misfit, ahead)
        slopes = corrected(slopes, (visit.u - last.u) / spread, visit.y - last.y)
        reach = _REACH if visit.met > best.met else _REACH_AFTER_FAILURE
        best, last = max(best, visit, key=lambda one: one.met), visit
        yield visit


def soft_count(misfit: Misfit, y: np.ndarray, softness: float = _JUDGED) -> np.ndarray:
    """Facts within tolerance, each between 0 and 1, shape (...).

    Args:
        misfit: Which readings agree with which facts.
        y: Mean readings, shape (..., readings); a missing one counts as a large miss.
        softness: Width of the transition from within to beyond, in half-widths of tolerances.
    """
    beyond = misfit.beyond(y)
    met = log_expit(-np.where(np.isfinite(beyond), beyond, MISSING) / softness)
    return np.exp(met @ misfit.of_fact).sum(axis=-1)


def nearest(start: np.ndarray, u: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The runs nearest to a point, which are those of the later ensembles: coordinates and readings."""
    away = ((u - start) ** 2).sum(axis=1)
    chosen = away <= np.quantile(away, _NEAREST)
    return u[chosen], y[chosen]


def regression_slopes(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Change of each reading per unit of each coordinate, by ridge regression; shape (readings, d).

    Readings are clipped at their outer quantiles, since a few runs that break out would rule the slope. The ridge of each reading is
    the one with the least error of leaving one run out; readings that fewer than half of the runs give get slopes of zero.

    Args:
        z: Points in coordinates of even spread, shape (n, d).
        y: Readings, shape (n, readings), NaN where missing.
    """
    filled, kept = completed(y)
    target = np.clip(filled, *np.quantile(filled, _CLIPPED, axis=0))
    target = target - target.mean(axis=0)
    left, singular, right = np.linalg.svd(z - z.mean(axis=0), full_matrices=False)
    projected = left.T @ target
    errors = [left_out_errors(left, singular, projected, target, ridge) for ridge in _RIDGES]
    ridges = _RIDGES[np.argmin(errors, axis=0)]
    slopes = np.zeros((y.shape[1], z.shape[1]))
    slopes[kept] = (projected * singular[:, None] / (singular[:, None] ** 2 + ridges)).T @ right
    return slopes


def corrected(slopes: np.ndarray, step: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Broyden's update, damped: slopes that foresee most of the change of the readings over a step.

    Args:
        slopes: Shape (readings, d).
        step: Step between two measured points, shape (d,).
        change: Change of the readings, shape (readings,); NaN changes nothing.
    """
    length = float(step @ step)
    if length == 0.0:
        return slopes
    error = change - slopes @ step
    return slopes + _DAMPING * np.outer(np.where(np.isfinite(error), error, 0.0), step / length)


def _visit(measure: Measure, misfit: Misfit, u: np.ndarray) -> Visit:
    y = measure(u)
    return Visit(u, y, float(soft_count(misfit, y)))


def _next_point(
    misfit: Misfit, best: Visit, slopes: np.ndarray, spread: np.ndarray, start: np.ndarray, reach: float, limit: float,
) -> np.ndarray:
    """The point that the surrogate expects to be best, shape (d,)."""
    low, high = (np.clip(best.u + sign * reach * spread, -limit, limit) for sign in (-1.0, 1.0))
    low, high = (low - best.u) / spread, (high - best.u) / spread
    from_start = (best.u - start) / spread
    step = np.clip(np.zeros_like(best.u), low, high)
    for softness in _SOFTNESS:
        def loss(steps: np.ndarray, softness: float = softness) -> np.ndarray:
            cost = _STEP_COST * (steps**2).sum(axis=-1) + _DISTANCE_COST * ((from_start + steps) ** 2).sum(axis=-1)
            return cost - soft_count(misfit, best.y + steps @ slopes.T, softness)

        found = minimize(
            _with_gradient, step, args=(loss,), jac=True, method="L-BFGS-B", bounds=list(zip(low, high, strict=True)),
            options={"maxiter": _ITERATIONS},
        )
        step = found.x
    return np.clip(best.u + spread * step, -limit, limit)


def _with_gradient(x: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> tuple[float, np.ndarray]:
    """A function of rows of points, with its gradient by differences, all in one call."""
    values = function(np.vstack([x, x + _DIFFERENCE * np.eye(x.size)]))
    return float(values[0]), (values[1:] - values[0]) / _DIFFERENCE
