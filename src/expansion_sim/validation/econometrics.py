"""Published regressions run on the firms of one year: the signs and slopes that surveys found with the same data a survey has.

Same form as measures.py: statistics of a :class:`Snapshot` and the weights of a lens. Only the state of the year is used: a
firm's record says what it was in last year (``since``, ``left``, ``left_modes``, ``years_in_mode``), so a cross-section holds a
step of time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from expansion_sim.codes import FDI, LIGHT, MACHINERY
from expansion_sim.history import load_history
from expansion_sim.validation import estimators
from expansion_sim.validation.measures import OWN_FDI, Statistic, by_export_channel, uses, uses_any
from expansion_sim.validation.snapshot import Snapshot, abroad, price_level, total_sales

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
        productivity = estimators.standardised(firms["productivity"].astype(float), weights)
        columns = np.column_stack([in_before(firms, modes).astype(float), productivity, *_controls(firms)])
        slopes = estimators.logit(uses_any(firms, modes), columns, weights)
        return float(slopes[0] / max(abs(slopes[1]), 1e-3))

    return statistic


def preferences_over_productivity(firms: Snapshot, weights: np.ndarray) -> float:
    """Mean effect of one s.d. of risk tolerance and of patience on being abroad over that of productivity, in a logit."""
    names = ("productivity", "risk_tolerance", "patience")
    columns = [estimators.standardised(firms[name].astype(float), weights) for name in names]
    slopes = estimators.logit(abroad(firms), np.column_stack([*columns, *_controls(firms)]), weights)
    return float((slopes[1] + slopes[2]) / 2 / slopes[0])


def _controls(firms: Snapshot) -> list[np.ndarray]:
    """Log employees and dummies of light industry and machinery."""
    industry = firms["industry"]
    log_employees = np.log(np.maximum(firms["employees"].astype(float), 1.0))
    return [log_employees, (industry == LIGHT).astype(float), (industry == MACHINERY).astype(float)]


def spells(firms: Snapshot, modes: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Firms at risk of leaving the modes this year, whether they left, and the years they had been in.

    At risk is who was in at the end of last year and lives on; firms that closed are censored.

    Args:
        firms: The firms of a year.
        modes: Codes of MODES.

    Returns:
        Rows, shape (k,); left, shape (k,); years, shape (k,).
    """
    bits = sum(1 << mode for mode in modes)
    rows = np.flatnonzero(uses_any(firms, modes) | (firms["left_modes"] & bits > 0))
    left = firms["left_modes"][rows] & bits > 0
    since = firms["since"][rows][:, modes]
    start = np.where(since > 0, since, _NEVER).min(axis=1)
    years = np.where(left, firms["years_in_mode"][rows], firms.year - start.astype(float))
    at_risk = left | (start < firms.year)
    return rows[at_risk], left[at_risk], years[at_risk]


def exit_hazard(*modes: int) -> Statistic:
    """Share of the firms in the modes last year that left them this year, percent."""

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        rows, left, _ = spells(firms, modes)
        return estimators.share(left, weights[rows])

    return statistic


def exit_slope(modes: tuple[int, ...], on: str) -> Statistic:
    """Logit slope of leaving the modes on years in them or on distance, both among the regressors for plants.

    Args:
        modes: Codes of MODES, export modes or modes with plants.
        on: "years" or "distance" (thousand km from Tokyo to the hosts, mean over hosts; for who left, the host left).
    """

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        rows, left, years = spells(firms, modes)
        columns, known = [years], np.ones(rows.size, bool)
        if FDI in modes:
            distance = host_distance(firms, rows, left)
            known = np.isfinite(distance)
            columns.append(np.nan_to_num(distance))
        slopes = estimators.logit(left, np.column_stack(columns), np.where(known, weights[rows], 0.0))
        return float(slopes[{"years": 0, "distance": 1}[on]])

    return statistic


def host_distance(firms: Snapshot, rows: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Mean distance to the hosts of own plants, or to the host left this year, 1000 km, shape (k,); NaN without a known host.

    Args:
        firms: The firms of a year.
        rows: Rows of them, shape (k,).
        left: Which of these left their last host this year, shape (k,).
    """
    km = load_history().places["distance_km"].to_numpy(float) / 1000.0
    hosts = firms["plant_hosts"][rows] | firms["cluster_hosts"][rows]
    inside = hosts[:, None] & (1 << np.arange(km.size)) > 0
    with np.errstate(invalid="ignore"):
        distance = inside @ km / inside.sum(axis=1)
    gone = firms["left_host"][rows]
    return np.where(left, np.where(gone >= 0, km[np.maximum(gone, 0)], np.nan), distance)


def starters_employment(years: int) -> Statistic:
    """Employment, relative to permanent size, of firms some years after their first own plant over that of firms without FDI.

    exp of the difference in mean log employees less permanent log size; only firms that kept the plant.

    Args:
        years: Years since the start.
    """

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        relative, first = firms.derived(_relative_employment), firms.derived(_first_plant)
        starters = first == firms.year - years
        others = firms["ever"] & sum(1 << mode for mode in OWN_FDI) == 0
        return math.exp(estimators.mean(relative, weights * starters) - estimators.mean(relative, weights * others))

    return statistic


def _relative_employment(firms: Snapshot) -> np.ndarray:
    """Log employees less permanent log size, shape (n,)."""
    return np.log(np.maximum(firms["employees"].astype(float), 1.0)) - firms["log_size"]


def _first_plant(firms: Snapshot) -> np.ndarray:
    """First year of the current spell of own or collective plants, _NEVER without one, shape (n,)."""
    since = firms["since"][:, OWN_FDI]
    return np.where(since > 0, since, _NEVER).min(axis=1)
