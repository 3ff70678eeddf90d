"""How sure the estimate is: standard errors, the test of overidentification, identification, sensitivity and ridges.

With residuals r = G u + ... in standard errors, W = diag(Gamma)^-1 and the prior N(0, I) on the coordinates,

    H = (G' W G + I)^-1,   V = H (G' W Gamma W G + I) H,   Gamma = I + (1 + 1/R) Omega,

Gamma holds the publishing error of the facts (the identity), the luck of the one history that happened (Omega, of one run) and
that of the R runs behind the estimate (Omega / R). G is a regression on noisy runs, and squares of slopes hold the squares of their errors:
E[G' W G] is too large by sum(W noise) C, with C the covariance of a row of G at unit noise. That much is taken off, so that a parameter on which
the runs tell nothing is not said to be known. Sensitivity of parameters to facts is -H G' W (Andrews, Gentzkow and Shapiro
2017). Where the model misses facts by more than Gamma explains, Gamma is widened by J over its degrees of freedom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats


class Inference(NamedTuple):
    """What can be said about the estimate, in the normal coordinates of the prior.

    Attributes:
        covariance: Of the estimate, widened for misfit, shape (d, d).
        widened: Factor on Gamma for misfit, at least 1.
        sensitivity: Change of each coordinate per standard error of each fact's reading, shape (d, m).
        singular: Singular values of W^.5 G, largest first, shape (d,); below 1 the prior says more than the facts.
        j: Squared residuals weighted by the inverse of Gamma.
        freedom: Residuals less parameters that the facts determine.
        p: Probability of a larger j if the model were right.
        informed: Share of each coordinate's variance under the prior that the facts take away, shape (d,).
    """

    covariance: np.ndarray
    widened: float
    sensitivity: np.ndarray
    singular: np.ndarray
    j: float
    freedom: float
    p: float
    informed: np.ndarray


def total_variance(omega: np.ndarray, runs: int) -> np.ndarray:
    """Gamma, shape (m, m): publishing error, luck of history, luck of the runs.

    Args:
        omega: Covariance of the residuals of single runs at one point, shape (m, m).
        runs: R, runs behind the simulated residuals.
    """
    return np.eye(len(omega)) + (1.0 + 1.0 / runs) * omega


def shrunk_covariance(deviations: np.ndarray, freedom: int) -> np.ndarray:
    """Covariance with correlations shrunk towards zero in the way that its few degrees of freedom ask for.

    Args:
        deviations: Residuals less their mean at their point, shape (n, m).
        freedom: Degrees of freedom, n less the number of points.
    """
    covariance = deviations.T @ deviations / max(freedom, 1)
    share = min(1.0, freedom / (freedom + deviations.shape[1]))
    return share * covariance + (1.0 - share) * np.diag(np.diag(covariance))


def infer(slope: np.ndarray, residuals: np.ndarray, gamma: np.ndarray, noise: np.ndarray, errors: np.ndarray) -> Inference:
    """Standard errors and diagnostics at the estimate.

    Args:
        slope: G, shape (m, d).
        residuals: Residuals at the estimate on fresh seeds, shape (m,).
        gamma: Total variance, shape (m, m).
        noise: Variance of the runs around the line from which the slopes were read, shape (m,).
        errors: C, covariance of one row of the slope at unit noise, shape (d, d); zero where the slopes are known.
    """
    d = slope.shape[1]
    weights = 1.0 / np.diag(gamma)
    information = _positive((slope.T * weights) @ slope - (weights * noise).sum() * errors)
    determined = float(np.trace(np.linalg.solve(information + np.eye(d), information)))
    j, freedom = float(residuals @ np.linalg.solve(gamma, residuals)), max(residuals.size - determined, 1.0)
    widened = max(1.0, j / freedom)
    bread = np.linalg.inv(information / widened + np.eye(d))
    projection = bread @ (slope.T * (weights / widened))
    spread = _positive((slope.T * weights) @ gamma @ (slope.T * weights).T - (weights * noise).sum() * errors)  # G' W Gamma W G
    covariance = bread @ (spread / widened + np.eye(d)) @ bread
    singular = np.sqrt(np.maximum(np.linalg.eigvalsh(information), 0.0))[::-1]
    informed = 1.0 - np.clip(np.diag(bread), 0.0, 1.0)
    return Inference(covariance, widened, -projection, singular, j, freedom, float(stats.chi2.sf(j, freedom)), informed)


def _positive(matrix: np.ndarray) -> np.ndarray:
    """The nearest symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T))
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)


def ridges(covariance: np.ndarray, names: list[str], least: float = 0.3) -> list[tuple[str, str, float]]:
    """Pairs of parameters whose estimates move together, strongest first.

    Args:
        covariance: Shape (d, d).
        names: Names of the parameters.
        least: Smallest correlation told.
    """
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    rows, columns = np.triu_indices(len(names), 1)
    found = [(names[i], names[j], float(correlation[i, j])) for i, j in zip(rows, columns, strict=True)]
    return sorted((pair for pair in found if abs(pair[2]) >= least), key=lambda pair: -abs(pair[2]))


def draws(centre: np.ndarray, covariance: np.ndarray, count: int, rng: np.random.Generator, limit: float = 2.5) -> np.ndarray:
    """Rows of the posterior in normal coordinates, shape (count, d)."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.clip(centre + rng.normal(size=(count, centre.size)) @ root.T, -limit, limit)
