"""When to enter and when to leave: the band of inaction (rule 5)."""

from __future__ import annotations

import math

from numba import njit

from expansion_sim.codes import BAND
from expansion_sim.elementary import exp, log


@njit(cache=True, forceinline=True)
def entry_threshold(sunk_ratio: float, risk: float, scale: float, sunk_power: float, risk_power: float) -> float:
    """Log of gain over yearly cost above which a firm enters: .348 k^.566 v^.264.

    Args:
        sunk_ratio: k, sunk over yearly fixed cost.
        risk: v, sd of log profit a year.
        scale: .348 at the published fit.
        sunk_power: .566.
        risk_power: .264.

    Returns:
        Log points, 0 or more. Source: power-law fit to the entry-exit problem of Dixit (1989) solved with yearly decisions at a discount rate
        of about .07, for k from .5 to 12 and v from .1 to .4.
    """
    return scale * band_width(sunk_ratio, risk, sunk_power, risk_power)


@njit(cache=True)
def exit_threshold(sunk_ratio: float, risk: float, scale: float, sunk_power: float, risk_power: float) -> float:
    """Log of gain over yearly cost below which a firm leaves: -.536 k^.411 v^.734.

    Args:
        sunk_ratio: k, sunk over yearly fixed cost.
        risk: v, sd of log profit a year.
        scale: .536 at the published fit.
        sunk_power: .411.
        risk_power: .734.

    Source: the same fit as :func:`entry_threshold`.
    """
    return -scale * band_width(sunk_ratio, risk, sunk_power, risk_power)


@njit(cache=True, forceinline=True)
def band_width(sunk_ratio: float, risk: float, sunk_power: float, risk_power: float) -> float:
    """k^a v^b, 0 without sunk cost.

    Args:
        sunk_ratio: k, sunk over yearly fixed cost.
        risk: v, sd of log profit a year.
        sunk_power: a.
        risk_power: b.

    Source: form of the fit of :func:`entry_threshold`.
    """
    return exp(sunk_power * log(sunk_ratio) + risk_power * log(max(risk, 1e-6))) if sunk_ratio > 1e-300 else 0.0


@njit(cache=True, forceinline=True)
def static_threshold(sunk_ratio: float, discount: float) -> float:
    """Threshold of a firm that sees no risk: the gain must cover the fixed cost and the interest on the sunk cost, log(1 + r k).

    Args:
        sunk_ratio: k, sunk over yearly fixed cost.
        discount: r, 1 a year.

    Source: Marshallian trigger.
    """
    return log(1.0 + discount * max(sunk_ratio, 0.0))


@njit(cache=True, forceinline=True)
def threshold_to_enter(expectation: int, sunk_ratio: float, risk: float, discount: float, scale: float, sunk_power: float,
                       risk_power: float) -> float:
    """Entry threshold by kind of expectation: the band for random-walk firms, the Marshallian trigger for the others.

    Args:
        expectation: Code of EXPECTATIONS.
        sunk_ratio: k.
        risk: v, sd of log profit a year.
        discount: r, 1 a year, for firms that see no risk.
        scale: See :func:`entry_threshold`, as the next two.
        sunk_power: Power of k.
        risk_power: Power of v.

    Source: Dixit 1989 for the band, Marshall for the others.
    """
    if expectation == BAND:
        return entry_threshold(sunk_ratio, risk, scale, sunk_power, risk_power)
    return static_threshold(sunk_ratio, discount)


@njit(cache=True)
def threshold_to_stay(expectation: int, sunk_ratio: float, risk: float, scale: float, sunk_power: float, risk_power: float) -> float:
    """Exit threshold by kind of expectation: the band for random-walk firms, zero profit for the others.

    Args:
        expectation: Code of EXPECTATIONS.
        sunk_ratio: k.
        risk: v, sd of log profit a year.
        scale: See :func:`exit_threshold`, as the next two.
        sunk_power: Power of k.
        risk_power: Power of v.

    Source: Dixit 1989 for the band, Marshall for the others.
    """
    if expectation == BAND:
        return exit_threshold(sunk_ratio, risk, scale, sunk_power, risk_power)
    return 0.0


@njit(cache=True)
def profit_risk(calm: float, per_yen: float, yen_volatility: float, per_host: float, host_risk: float, insured: float) -> float:
    """Sd of log foreign profit a year: sqrt(v0^2 + (c_y s_y)^2) + c_h max(0, r), lowered by insurance.

    Args:
        calm: v0.
        per_yen: c_y, pass-through of yen volatility.
        yen_volatility: s_y, sd of yearly log changes.
        per_host: c_h, per unit of geopolitical risk above calm.
        host_risk: r.
        insured: Share of the risk that insurance takes over, 0 to 1.

    Source: independent shocks of profit and yen; additive risk of hosts an assumption.
    """
    market = per_yen * yen_volatility
    return (math.sqrt(calm * calm + market * market) + per_host * max(0.0, host_risk)) * (1.0 - insured)
