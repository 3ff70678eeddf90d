"""Leaving a mode, coming home, closing (rules 12 and 14)."""

from __future__ import annotations

import math

from numba import njit

from expansion_sim.behaviour.choice import logistic
from expansion_sim.elementary import exp, log


@njit(cache=True)
def export_exit_hazard(years: float, base: float, mismatch: float, fade: float, gap: float, slope: float, weight: float) -> float:
    """Yearly hazard of an export spell: b + m e^(-f t) + w logistic(-s gap), at most .95.

    Args:
        years: t in the spell; the mismatch shows early, so the hazard falls with years.
        base: b.
        mismatch: m.
        fade: f, 1 a year.
        gap: Log of gain over cost above the exit threshold.
        slope: s.
        weight: w, hazard of a spell far below the threshold.

    Source: studies of the duration of export spells (T180); additive form an assumption.
    """
    early = mismatch * exp(-fade * max(years, 0.0)) if mismatch > 0.0 else 0.0
    return min(0.95, base + early + weight * logistic(-slope * gap))


@njit(cache=True)
def plant_exit_hazard(years: float, distance: float, base: float, per_year: float, per_distance: float, gap: float, slope: float,
                      weight: float) -> float:
    """Yearly hazard of a plant: b (1 + y t)(1 + d km) + w logistic(-s gap), at most .95; low, rising with years and distance.

    Args:
        years: t since opening.
        distance: km, thousand km from Tokyo.
        base: b.
        per_year: y.
        per_distance: d.
        gap: Log of gain over cost above the exit threshold.
        slope: s.
        weight: w.

    Source: study of affiliates and export spells (T180); form an assumption.
    """
    steady = base * (1.0 + per_year * max(years, 0.0)) * (1.0 + per_distance * distance)
    return min(0.95, steady + weight * logistic(-slope * gap))


@njit(cache=True)
def reshoring_hazard(base: float, gap: float, risk: float, risk_weight: float) -> float:
    """Yearly hazard of bringing work home: b e^(-gap/2 clipped to [-1, 2]) (1 + r max(0, risk)), at most .5.

    Args:
        base: b, when the gain is at the threshold.
        gap: Log of gain over cost above the exit threshold.
        risk: Geopolitical risk above calm.
        risk_weight: r.

    Source: 15 percent in ten years (JFC survey 2023); form and caps assumptions.
    """
    return min(0.5, base * exp(min(2.0, max(-1.0, -0.5 * gap))) * (1.0 + risk_weight * max(0.0, risk)))


@njit(cache=True, forceinline=True)
def closure_weight(employees: float, productivity: float, size_power: float, productivity_power: float) -> float:
    """Relative hazard of closing for reasons other than default: (n / 5)^(-e) e^(-q a), between .05 and 5.

    Args:
        employees: n.
        productivity: a relative to the mean, log points.
        size_power: e.
        productivity_power: q.

    Source: small and unproductive firms close more often; form and caps assumptions.
    """
    return min(5.0, max(0.05, exp(-size_power * log(max(employees, 0.5) / 5.0) - productivity_power * productivity)))


@njit(cache=True)
def closure_hazard(recorded: float, settled: float, weight: float, mean_weight: float) -> float:
    """Hazard of closing: max(0, x - d) w / W, at most .9.

    Demography is data: the recorded closure rate of the year is kept, the model decides who closes.

    Args:
        recorded: x, recorded rate of the industry.
        settled: d, share that defaulted or found no successor last year.
        weight: w, relative hazard of the firm.
        mean_weight: W, mean of w over the industry last year.

    Source: recorded closure rates (history/data).
    """
    return min(0.9, max(0.0, recorded - settled) * weight / max(mean_weight, 1e-9))


@njit(cache=True)
def successor_found(base: float, employees: float) -> float:
    """Chance that an owner past retirement finds a successor: min(.98, p (n / 5)^.25).

    Args:
        base: p, chance at five employees.
        employees: n, persons.

    Source: assumption; larger firms find successors more often.
    """
    return min(0.98, base * math.pow(max(employees, 1.0) / 5.0, 0.25))
