"""A scenario's own paths in place of the record: the yen, Japan, single hosts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from expansion_sim.codes import HOSTS
from expansion_sim.errors import InputError
from expansion_sim.history.metadata import nearest

#: What a scenario may set, with the allowed range of a value, in the units of the drivers.
YEN_LIMITS = {"yen": (1.0, 2000.0), "yen_factor": (0.05, 20.0), "yen_swings": (0.0, 3.0)}
#: Years over which the trend is taken that the yen swings around.
TREND_YEARS = 11
JAPAN_LIMITS = {
    "lending_rate": (-0.05, 0.5), "growth": (-0.5, 0.5), "freedom": (0.0, 1.0), "credit": (-1.0, 1.0), "tax": (0.0, 0.95),
    "wage_factor": (0.01, 100.0),
}
HOST_LIMITS = {
    "openness": (0.0, 1.0), "tariff": (0.0, 5.0), "third_tariff": (0.0, 5.0), "home_tariff": (0.0, 5.0),
    "risk": (0.0, 10.0), "agreement": (0.0, 1.0), "wage_factor": (0.01, 100.0),
    "growth": (-0.5, 0.5), "tax": (0.0, 0.95),
}


def entries_of(spec: Any, name: str) -> list[Any]:
    """Entries of one kind in a drivers specification; empty where it has none.

    Args:
        spec: Object with lists ``yen``, ``yen_factor``, ``japan`` and ``host``, or None for the record.
        name: Name of the list.
    """
    return list(getattr(spec, name, None) or ())


def yen_path(recorded: np.ndarray, years: np.ndarray, spec: Any) -> np.ndarray:
    """The scenario's yen per USD: the record, held from a year on, then stated values, then other swings, then factors.

    Args:
        recorded: Recorded and extended yen per USD, shape (n,).
        years: Calendar years, shape (n,).
        spec: Object with ``yen_hold_from`` (year or None), ``yen``, ``yen_swings`` and ``yen_factor`` (entries with from_, to,
            value), or None.

    Raises:
        InputError: A year or value that cannot be used.
    """
    yen = recorded.copy()
    hold = getattr(spec, "yen_hold_from", None)
    if hold is not None:
        if not years[0] <= hold <= years[-1]:
            raise InputError(f"year {hold} (allowed {years[0]}-{years[-1]})", key="drivers.yen_hold_from")
        yen[years >= hold] = yen[years == hold]
    for entry in entries_of(spec, "yen"):
        yen[_window(entry, years, "drivers.yen")] = _value(entry, YEN_LIMITS["yen"], "drivers.yen")
    for entry in entries_of(spec, "yen_swings"):
        window = _window(entry, years, "drivers.yen_swings")
        yen[window] = swung(yen, _value(entry, YEN_LIMITS["yen_swings"], "drivers.yen_swings"))[window]
    for entry in entries_of(spec, "yen_factor"):
        yen[_window(entry, years, "drivers.yen_factor")] *= _value(entry, YEN_LIMITS["yen_factor"], "drivers.yen_factor")
    return yen


def swung(yen: np.ndarray, factor: float) -> np.ndarray:
    """The yen with its swings around its trend multiplied, shape (n,).

    The trend is the mean of log yen over the :data:`TREND_YEARS` years around each year, fewer at the ends.

    Args:
        yen: Yen per USD, shape (n,).
        factor: 0 leaves the trend alone, 1 changes nothing, 2 doubles the swings.
    """
    logs, half = np.log(yen), TREND_YEARS // 2
    trend = np.array([logs[max(0, at - half) : at + half + 1].mean() for at in range(logs.size)])
    return np.exp(trend + factor * (logs - trend))


def override_japan(series: str, values: np.ndarray, years: np.ndarray, spec: Any) -> np.ndarray:
    """A series of Japan with the scenario's entries set, shape (n,).

    Args:
        series: Key of :data:`JAPAN_LIMITS`.
        values: What holds without a scenario, shape (n,), driver units.
        years: Calendar years, shape (n,).
        spec: Object with the list ``japan`` (entries with series, from_, to, value), or None.

    Raises:
        InputError: An unknown series, or a year or value that cannot be used.
    """
    result = values.copy()
    for entry in entries_of(spec, "japan"):
        _known(entry.series, JAPAN_LIMITS, "drivers.japan.series")
        if entry.series == series:
            key = f"drivers.japan.{series}"
            result[_window(entry, years, key)] = _value(entry, JAPAN_LIMITS[series], key)
    return result


def override_hosts(series: str, values: np.ndarray, years: np.ndarray, spec: Any) -> np.ndarray:
    """A series of the hosts with the scenario's entries set, shape (n, 16).

    Args:
        series: Key of :data:`HOST_LIMITS`.
        values: What holds without a scenario, shape (n, 16), driver units.
        years: Calendar years, shape (n,).
        spec: Object with the list ``host`` (entries with host, series, from_, to, value), or None.

    Raises:
        InputError: An unknown host or series, or a year or value that cannot be used.
    """
    result = values.copy()
    for entry in entries_of(spec, "host"):
        _known(entry.host, HOSTS, "drivers.host.host")
        _known(entry.series, HOST_LIMITS, "drivers.host.series")
        if entry.series == series:
            key = f"drivers.host.{entry.host}.{series}"
            result[_window(entry, years, key), HOSTS.index(entry.host)] = _value(entry, HOST_LIMITS[series], key)
    return result


def _known(name: str, allowed: Iterable[str], key: str) -> None:
    if name not in allowed:
        raise InputError(f"unknown name {name}; {nearest(name, list(allowed))}", key=key)


def _window(entry: Any, years: np.ndarray, key: str) -> np.ndarray:
    """Years of an entry as a mask, shape (n,); a missing end is open, and years after the last one are not reached."""
    first, last = entry.from_, entry.to
    if first is not None and last is not None and first > last:
        raise InputError(f"from {first} is after to {last}", key=key)
    if last is not None and last < years[0]:
        raise InputError(f"to {last} is before the first year {years[0]}", key=key)
    return (years >= (years[0] if first is None else first)) & (years <= (years[-1] if last is None else last))


def _value(entry: Any, limits: tuple[float, float], key: str) -> float:
    value = float(entry.value)
    if not math.isfinite(value) or not limits[0] <= value <= limits[1]:
        raise InputError(f"value {value:g} (allowed {limits[0]:g} to {limits[1]:g})", key=key)
    return value
