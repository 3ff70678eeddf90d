"""Published regressions run on the firms of one year: the signs and slopes that surveys found with the same data a survey has.

Same form as measures.py: statistics of a :class:`Snapshot` and the weights of a lens. Only state of the year is used: a firm's record
says what it was in last year (``since``, ``left``, ``left_modes``, ``years_in_mode``), so a cross-section holds one transition.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from expansion_sim.codes import CONTRACT, FDI, LIGHT, MACHINERY
from expansion_sim.history import load_history
from expansion_sim.validation import estimators
from expansion_sim.validation.lenses import Snapshot, abroad, price_level, total_sales
from expansion_sim.validation.measures import OWN_FDI, Statistic, by_export_channel, uses, uses_any

_NEVER = np.iinfo(np.int16).max


def dominance(variable: str, group: int) -> Statistic:
    """Margin by which a group of :func:`by_export_channel` dominates the one below it to the first order.

    Args:
        variable: "sales" or "productivity".
        group: 1 indirect over none, 2 direct over indirect.
    """

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        values = total_sales(firms) if variable == "sales" else firms["productivity"].astype(float)
        groups = by_export_channel(firms)
        upper, lower = ((groups[g] & (weights > 0)) for g in (group, group - 1))
        return estimators.dominance_margin(values[upper], values[lower], weights[upper], weights[lower])

    return statistic


def log_sales_slope(mode: int) -> Statistic:
    """Logit slope of using a mode on log sales at prices of the year."""

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        sales = np.log(np.maximum(total_sales(firms) * price_level(firms.year), 1e-3))
        return float(estimators.logit(uses(firms, mode), sales[:, None], weights)[0])

    return statistic


def in_before(firms: Snapshot, modes: Sequence[int]) -> np.ndarray:
    """Firms that were in one of the modes at the end of last year, shape (n,)."""
    since, left, year = firms["since"], firms["left"], firms.year
    return np.logical_or.reduce([((since[:, m] > 0) & (since[:, m] < year)) | (left[:, m] == year) for m in modes])


def state_dependence(*modes: int) -> Statistic:
    """Effect of last year's status on being in the modes over the effect of one s.d. of productivity, in a logit.

    Controls: log employees and the part of manufacturing. The effect of productivity is taken without its sign.
    """

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        columns = [in_before(firms, modes).astype(float), estimators.standardised(firms["productivity"].astype(float), weights), *_controls(firms)]
        slopes = estimators.logit(uses_any(firms, modes), np.column_stack(columns), weights)
        return float(slopes[0] / max(abs(slopes[1]), 1e-3))

    return statistic


def preferences_over_productivity(firms: Snapshot, weights: np.ndarray) -> float:
    """Mean effect of one s.d. of risk tolerance and of patience on being abroad over that of one s.d. of productivity, in a logit."""
    names = ("productivity", "risk_tolerance", "patience")
    columns = [estimators.standardised(firms[name].astype(float), weights) for name in names]
    slopes = estimators.logit(abroad(firms), np.column_stack([*columns, *_controls(firms)]), weights)
    return float((slopes[1] + slopes[2]) / 2 / slopes[0])


def _controls(firms: Snapshot) -> list[np.ndarray]:
    """Log employees and dummies of light industry and machinery."""
    industry = firms["industry"]
    return [np.log(np.maximum(firms["employees"].astype(float), 1.0)), (industry == LIGHT).astype(float), (industry == MACHINERY).astype(float)]


def _spells(firms: Snapshot, modes: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Firms at risk of leaving the modes this year, whether they left, and the years they had been in, each shape (n,).

    At risk is who was in at the end of last year and lives on; firms that closed are censored.
    """
    bits = sum(1 << mode for mode in modes)
    left = firms["left_modes"] & bits > 0
    since = np.where(firms["since"][:, modes] > 0, firms["since"][:, modes], _NEVER).min(axis=1)
    stayed = ~left & uses_any(firms, modes) & (since < firms.year)
    years = np.where(left, firms["years_in_mode"], firms.year - since.astype(float))
    return left | stayed, left, years.astype(float)


def exit_hazard(*modes: int) -> Statistic:
    """Share of the firms in the modes last year that left them this year, percent."""

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        at_risk, left, _ = _spells(firms, modes)
        return estimators.share(left, weights * at_risk)

    return statistic


def exit_slope(modes: tuple[int, ...], on: str) -> Statistic:
    """Logit slope of leaving the modes on years in them or on distance, both among the regressors for plants.

    Args:
        modes: Codes of MODES.
        on: "years" or "distance" (thousand km from Tokyo to the hosts, mean over hosts; for who left, the host left).
    """

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        at_risk, left, years = _spells(firms, modes)
        columns = [years]
        if CONTRACT not in modes and FDI in modes:
            distance = _distance(firms, left)
            at_risk &= np.isfinite(distance)
            columns.append(np.nan_to_num(distance))
        slopes = estimators.logit(left, np.column_stack(columns), np.where(at_risk, weights, 0.0))
        return float(slopes[{"years": 0, "distance": 1}[on]])

    return statistic


def _distance(firms: Snapshot, left: np.ndarray) -> np.ndarray:
    """Mean distance to the hosts of own plants, or to the host left this year, thousand km; NaN without a known host."""
    km = load_history().places["distance_km"].to_numpy(float) / 1000.0
    hosts = firms["plant_hosts"] | firms["cluster_hosts"]
    inside = hosts[:, None] & (1 << np.arange(km.size)) > 0
    with np.errstate(invalid="ignore"):
        distance = inside @ km / inside.sum(axis=1)
    gone = firms["left_host"]
    return np.where(left, np.where(gone >= 0, km[np.maximum(gone, 0)], np.nan), distance)


def starters_employment(years: int) -> Statistic:
    """Employment, relative to permanent size, of firms in their ``years``-th year after the first own plant over that of firms without FDI.

    exp of the difference in mean log employees less permanent log size; only firms that kept the plant.
    """

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        relative = np.log(np.maximum(firms["employees"].astype(float), 1.0)) - firms["log_size"]
        since = firms["since"][:, OWN_FDI]
        first = np.where(since > 0, since, _NEVER).min(axis=1)
        starters = uses_any(firms, OWN_FDI) & (first == firms.year - years)
        others = firms["ever"] & sum(1 << mode for mode in OWN_FDI) == 0
        return math.exp(estimators.mean(relative, weights * starters) - estimators.mean(relative, weights * others))

    return statistic
