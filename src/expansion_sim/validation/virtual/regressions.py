"""The estimators of the studies, all from statsmodels: within-firm least squares, binary and count models, conditional logit.

Weights are those of the sampled firms; standard errors are clustered, because a firm (or a host) appears in several years.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd


class Fit(NamedTuple):
    """Coefficients and clustered standard errors by name, and the number of observations."""

    value: dict[str, float]
    error: dict[str, float]
    n: int


def within(frame: pd.DataFrame, outcome: str, regressors: list[str], unit: str = "firm", time: str = "year") -> Fit:
    """Least squares with unit and time effects, weighted by ``weight``, clustered by unit.

    Args:
        frame: One row per unit and time, with a column ``weight``.
        outcome: Name of the outcome.
        regressors: Names of the regressors.
        unit: Column of the units.
        time: Column of the times.
    """
    import statsmodels.api as sm

    rows = frame[frame.groupby(unit)[time].transform("size") > 1]
    dummies = pd.get_dummies(rows[time], prefix="t", drop_first=True, dtype=float)
    values = pd.concat([rows[[outcome, *regressors]].astype(float), dummies], axis=1)
    demeaned = values - _unit_means(values, rows["weight"], rows[unit])
    moving = [*regressors, *dummies.columns]
    if len(rows) <= len(moving) + 1 or rows[unit].nunique() < 2:
        return _nothing(regressors, len(rows))
    fitted = sm.WLS(demeaned[outcome], demeaned[moving], weights=rows["weight"]).fit(**_clusters(rows[unit]))
    return _named(fitted, regressors, len(rows))


def _unit_means(values: pd.DataFrame, weights: pd.Series, units: pd.Series) -> pd.DataFrame:
    """Weighted mean of every column over the rows of each unit, aligned with the rows."""
    total = weights.groupby(units).transform("sum")
    return values.mul(weights, axis=0).groupby(units).transform("sum").div(total, axis=0)


def linear(frame: pd.DataFrame, outcome: str, regressors: list[str], effects: list[str], cluster: str) -> Fit:
    """Least squares with a constant and dummies, weighted by ``weight``, clustered.

    Args:
        frame: One row per observation, with a column ``weight``.
        outcome: Name of the outcome.
        regressors: Names of the regressors, covariates among them.
        effects: Columns that enter as dummies.
        cluster: Column of the clusters.
    """
    import statsmodels.api as sm

    parts = [frame[regressors].astype(float)]
    parts += [pd.get_dummies(frame[name], prefix=name, drop_first=True, dtype=float) for name in effects]
    design = sm.add_constant(pd.concat(parts, axis=1), has_constant="add")
    if len(frame) <= design.shape[1] or frame[cluster].nunique() < 2:
        return _nothing(regressors, len(frame))
    fitted = sm.WLS(frame[outcome].astype(float), design, weights=frame["weight"]).fit(**_clusters(frame[cluster]))
    return _named(fitted, regressors, len(frame))


def binary(frame: pd.DataFrame, outcome: str, regressors: list[str], effects: list[str], cluster: str,
           link: str = "logit") -> Fit:
    """Logit or complementary log-log model with dummies, weighted by ``weight``, clustered.

    Args:
        frame: One row per observation, with a column ``weight``.
        outcome: 0/1, or a share with the number it is of in ``weight``.
        regressors: Names of the regressors.
        effects: Columns that enter as dummies.
        cluster: Column of the clusters.
        link: "logit" or "cloglog"; the latter is the discrete form of a proportional hazard.
    """
    import statsmodels.api as sm

    links = {"logit": sm.families.links.Logit(), "cloglog": sm.families.links.CLogLog()}
    return _generalised(frame, outcome, regressors, effects, cluster, sm.families.Binomial(links[link]))


def counts(frame: pd.DataFrame, outcome: str, regressors: list[str], effects: list[str], cluster: str) -> Fit:
    """Poisson pseudo maximum likelihood with dummies, clustered; arguments as :func:`binary`."""
    import statsmodels.api as sm

    alive = [frame.groupby(name)[outcome].transform("sum") > 0 for name in effects]
    kept = frame[np.logical_and.reduce(alive)] if alive else frame  # an effect without events has no finite estimate
    return _generalised(kept, outcome, regressors, effects, cluster, sm.families.Poisson())


def _generalised(frame: pd.DataFrame, outcome: str, regressors: list[str], effects: list[str], cluster: str, family: Any) -> Fit:
    import statsmodels.api as sm

    parts = [frame[regressors].astype(float)]
    parts += [pd.get_dummies(frame[name], prefix=name, drop_first=True, dtype=float) for name in effects]
    design = sm.add_constant(pd.concat(parts, axis=1), has_constant="add")
    one_sided = frame[outcome].sum() == 0 or (isinstance(family, sm.families.Binomial) and frame[outcome].mean() == 1.0)
    if one_sided or len(frame) <= design.shape[1]:
        return _nothing(regressors, len(frame))
    weights = frame["weight"] / frame["weight"].mean()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # separation shows as an infinite error, which becomes "not computed"
        model = sm.GLM(frame[outcome].astype(float), design, family=family, var_weights=weights)
        fitted = model.fit(**_clusters(frame[cluster]))
    return _named(fitted, regressors, len(frame))


def conditional(frame: pd.DataFrame, chosen: str, regressors: list[str], group: str) -> Fit:
    """Conditional logit of one alternative among those of a group (McFadden), unweighted.

    Args:
        frame: One row per group and alternative.
        chosen: 1 for the alternative taken.
        regressors: Attributes of the alternatives.
        group: Column of the choices.
    """
    from statsmodels.discrete.conditional_models import ConditionalLogit

    moving = [name for name in regressors if frame[name].nunique() > 1]
    if frame[chosen].sum() <= len(moving) or len(moving) < len(regressors):
        return _nothing(regressors, int(frame[chosen].sum()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = ConditionalLogit(frame[chosen].astype(float), frame[moving].astype(float), groups=frame[group]).fit(disp=False)
    return _named(fitted, regressors, int(frame[chosen].sum()))


def _clusters(groups: pd.Series) -> dict[str, Any]:
    return {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(groups)[0]}}


def _named(fitted: Any, regressors: list[str], n: int) -> Fit:
    values, errors = ({name: float(column[name]) for name in regressors} for column in (fitted.params, fitted.bse))
    return Fit(values, errors, n)


def _nothing(regressors: list[str], n: int) -> Fit:
    return Fit(dict.fromkeys(regressors, np.nan), dict.fromkeys(regressors, np.nan), n)
