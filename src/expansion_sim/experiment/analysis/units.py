"""Units and values of the factors of a sweep: declared ones of parameters, for terms of programmes the ending of the key."""

from __future__ import annotations

from typing import Any

from expansion_sim.parameters import all_parameters

#: Ending of a key or of a factor's name -> its unit.
UNIT_OF_ENDING = {"_percent": "%", "_million_yen": "million yen", "_points": "percentage points", "_per_year": "a year"}


def unit_of(key: str) -> str:
    """Unit of a key of the scenario, or of a name that ends like one; empty where none is known."""
    declared = all_parameters().get(key.removeprefix("parameters."))
    if declared is not None:
        return "" if declared.unit == "1" else str(declared.unit)
    return next((unit for ending, unit in UNIT_OF_ENDING.items() if key.rstrip('"').endswith(ending)), "")


def short_number(value: float) -> str:
    """A factor's value in three significant digits, from a thousand on whole with thousands separated; no exponents of large numbers."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def factor_unit(results: Any, name: str) -> str:
    """Unit of a factor of a sweep: that of its name, or of the key it stands for when the file gives it a name of its own.

    Args:
        results: A sweep's results.
        name: Column of the factor in the design.
    """
    factors = getattr(results.experiment, "factor", ())
    key = next((factor.key[0] for factor in factors if factor.column == name and not factor.labels), name)
    return unit_of(name) or unit_of(key)
