"""The parameters of the model: loaded from dated, sourced files, overridden by scenarios, handed to the kernel as a record.

Those of the rules stand in ``parameters.toml``; what differs between industries stands in ``behaviour/industries.toml`` and bears
names such as ``industry.machinery.exposure``.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from expansion_sim.codes import INDUSTRIES
from expansion_sim.errors import InputError

#: First part of the names of values that differ between industries.
INDUSTRY = "industry"


class Parameter(NamedTuple):
    """One parameter: ``value`` in ``unit``, the range ``low`` to ``high`` that may be set, its mark and source."""

    value: float
    unit: str
    low: float
    high: float
    provenance: str
    source: str


@cache
def load_parameters() -> dict[str, Parameter]:
    """All parameters by dotted name, in file order."""
    text = resources.files("expansion_sim").joinpath("parameters.toml").read_text(encoding="utf-8")
    found = {}
    for section, entries in tomllib.loads(text).items():
        for key, entry in entries.items():
            found[f"{section}.{key}"] = Parameter(
                float(entry["value"]), entry["unit"], float(entry["low"]), float(entry["high"]), entry["mark"], entry["source"],
            )
    return found


@cache
def industry_parameters() -> dict[str, Parameter]:
    """What differs between industries, by names such as ``industry.machinery.exposure``, in file order."""
    text = resources.files("expansion_sim.behaviour").joinpath("industries.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    found = {}
    for name, limits in document["ranges"].items():
        for industry, value in zip(INDUSTRIES, document["values"][name], strict=True):
            declared = Parameter(float(value), limits["unit"], limits["low"], limits["high"], "A", limits["what"])
            found[f"{INDUSTRY}.{industry}.{name}"] = declared
    return found


@cache
def all_parameters() -> dict[str, Parameter]:
    """Everything a scenario may set below ``parameters``: the rules' parameters, then those of the industries."""
    return load_parameters() | industry_parameters()


@cache
def parameters_dtype() -> np.dtype:
    """Type of the parameter record; one object for all models, see :func:`expansion_sim.behaviour.context.context_dtype`."""
    return np.dtype([(name.replace(".", "_"), "f8") for name in load_parameters()])


def parameters_record(overrides: Mapping[str, float] | None = None) -> np.ndarray:
    """Parameters as a zero-dimensional structured array with fields like ``band_entry_scale`` (all f8).

    Args:
        overrides: Values by dotted name.

    Values of industries are checked and left to :func:`expansion_sim.behaviour.tables.industry_table`.

    Raises:
        InputError: For an unknown name or a value outside the declared range.
    """
    known = all_parameters()
    values = {name: parameter.value for name, parameter in load_parameters().items()}
    for name, value in (overrides or {}).items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise InputError(f"parameters.{name}: unknown parameter" + (f"; did you mean {near[0]}?" if near else ""))
        if not known[name].low <= value <= known[name].high:
            raise InputError(f"parameters.{name}: {value} is outside {known[name].low} to {known[name].high} {known[name].unit}")
        if name in values:
            values[name] = float(value)
    record = np.zeros(1, parameters_dtype())
    for name, value in values.items():
        record[name.replace(".", "_")] = value
    return record
