"""Jobs at home and abroad (rule 13)."""

from __future__ import annotations

import math

from numba import njit

from expansion_sim.elementary import exp, power


@njit(cache=True)
def home_job_factor(years: float, drop: float, drop_years: float, gain: float, gain_years: float, pledged: bool) -> float:
    """Home jobs of a starter of FDI relative to staying: (1 - d (1 - e^(-t/T1))) (1 + g (1 - e^(-(t/T2)^2))).

    With d .17, T1 1.2, g .30, T2 6 the factor is .90 after three years and passes one after about six and a half. A pledge to keep the home
    plant floors it at one.

    Args:
        years: t since the first plant.
        drop: d, share moved.
        drop_years: T1.
        gain: g, growth of the parts that stay.
        gain_years: T2.
        pledged: Whether a pledge binds.

    Source: study of FDI starters in the Basic Survey (T196, T197); form an assumption.
    """
    factor = (1.0 - drop * (1.0 - math.exp(-years / drop_years))) * (1.0 + gain * (1.0 - math.exp(-((years / gain_years) ** 2))))
    return max(1.0, factor) if pledged else factor


@njit(cache=True)
def jobs_at_output(output_ratio: float, elasticity: float) -> float:
    """Employees at home relative to those at average orders: max(q, .05)^e.

    Args:
        output_ratio: q, home output (orders kept and exports) over home sales at average orders.
        elasticity: e.

    Source: assumption, an elasticity of employment to output below one.
    """
    return power(max(output_ratio, 0.05), elasticity)


@njit(cache=True)
def employees_for(log_size: float, at_output: float, plant_factor: float) -> float:
    """Employees at home: e^s j f, at least one person.

    Args:
        log_size: s, log persons at average orders.
        at_output: j, see :func:`jobs_at_output`.
        plant_factor: f, effect of own plants abroad.

    Source: definition.
    """
    return employees_of(exp(log_size), at_output, plant_factor)


@njit(cache=True)
def employees_of(persons: float, at_output: float, plant_factor: float) -> float:
    """:func:`employees_for` of a firm with ``persons`` employees at average orders.

    Args:
        persons: Employees at average orders.
        at_output: j, see :func:`jobs_at_output`.
        plant_factor: f, effect of own plants abroad.

    Source: definition.
    """
    return max(1.0, persons * at_output * plant_factor)


@njit(cache=True)
def jobs_abroad(employees: float, relocated: float, local_ratio: float, per_job: float) -> float:
    """Persons employed in own and collective plants abroad: n (m + l) k.

    Args:
        employees: n at home.
        relocated: m, share of production moved.
        local_ratio: l, sales of the plants in their hosts over home sales.
        per_job: k, persons there per person here.

    Source: assumption.
    """
    return employees * (relocated + local_ratio) * per_job
