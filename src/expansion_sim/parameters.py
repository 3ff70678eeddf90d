"""The parameters of the model: loaded from one dated, sourced file, overridden by scenarios, handed to the kernel as a record."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from expansion_sim.errors import InputError


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


def parameters_record(overrides: Mapping[str, float] | None = None) -> np.ndarray:
    """Parameters as a zero-dimensional structured array with fields like ``band_entry_scale`` (all f8).

    Args:
        overrides: Values by dotted name.

    Raises:
        InputError: For an unknown name or a value outside the declared range.
    """
    known = load_parameters()
    values = {name: parameter.value for name, parameter in known.items()}
    for name, value in (overrides or {}).items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise InputError(f"parameters.{name}: unknown parameter" + (f"; did you mean {near[0]}?" if near else ""))
        if not known[name].low <= value <= known[name].high:
            raise InputError(f"parameters.{name}: {value} is outside {known[name].low} to {known[name].high} {known[name].unit}")
        values[name] = float(value)
    record = np.zeros(1, np.dtype([(name.replace(".", "_"), "f8") for name in values]))
    for name, value in values.items():
        record[name.replace(".", "_")] = value
    return record
