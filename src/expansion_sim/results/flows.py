"""Flows of a year: firms that took up or gave up a mode, projects, reshorings, counted from the log of events."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from expansion_sim.codes import CLUSTER, FDI, HOSTS, INDUSTRIES, MODES, SIZE_CLASSES, SIZE_EDGES
from expansion_sim.results.event_log import Happenings
from expansion_sim.results.frames import TidyRows, counts

#: Event kinds behind every flow; projects are told apart by mode as well.
FLOW_KINDS: dict[str, tuple[str, ...]] = {
    "entries": ("enter",), "leaves": ("leave",), "leaves_by_closure": ("closure", "default"), "projects": ("enter", "add_host"),
    "reshorings": ("reshore",), "switches": ("switch",),
}


class Flow(NamedTuple):
    """Weighted counts of one flow; position 0 of modes and hosts is what has none.

    Attributes:
        full: Shape (years, modes + 1, hosts + 1, industries).
        sized: Shape (years, modes + 1, size classes).
    """

    full: np.ndarray
    sized: np.ndarray


#: What the yearly table tells of a flow, by dimension, in its order. The margins over modes and hosts include what has none, so that totals
#: are complete; rows of a mode or host carry only what belongs to it.
MARGINS: dict[tuple[str, ...], Callable[[Flow], np.ndarray]] = {
    ("mode", "host", "industry"): lambda flow: flow.full[:, 1:, 1:],
    ("mode", "host"): lambda flow: flow.full[:, 1:, 1:].sum(axis=3),
    ("host", "industry"): lambda flow: flow.full.sum(axis=1)[:, 1:],
    ("host",): lambda flow: flow.full.sum(axis=1)[:, 1:].sum(axis=2),
    ("mode", "industry"): lambda flow: flow.full[:, 1:].sum(axis=2),
    ("mode",): lambda flow: flow.full[:, 1:].sum(axis=2).sum(axis=2),
    ("industry",): lambda flow: flow.full.sum(axis=(1, 2)),
    (): lambda flow: flow.full.sum(axis=(1, 2, 3)),
    ("mode", "size_class"): lambda flow: flow.sized[:, 1:],
}
_WITH_ZEROS: tuple[tuple[str, ...], ...] = (("mode",), ())


def flow_of(measure: str, years: np.ndarray, log: np.ndarray, items: Happenings) -> Flow:
    """Count one flow.

    Args:
        measure: A key of :data:`FLOW_KINDS`.
        years: Recorded years, increasing.
        log: Rows of the log of events.
        items: The same rows taken apart.
    """
    chosen = items.of(*FLOW_KINDS[measure])
    if measure == "projects":
        chosen = chosen[np.isin(items.mode[chosen], (FDI, CLUSTER))]
    row = items.row[chosen]
    weight = log["weight"][row].astype(np.float64)
    year, mode, host = np.searchsorted(years, log["year"][row]), items.mode[chosen] + 1, items.host[chosen] + 1
    shape = (years.size, len(MODES) + 1, len(HOSTS) + 1, len(INDUSTRIES))
    full = counts({"year": year, "mode": mode, "host": host, "industry": log["industry"][row]}, shape, weight)
    size_class = np.searchsorted(SIZE_EDGES, log["employees"][row], side="right")
    sized = counts({"year": year, "mode": mode, "size_class": size_class}, (years.size, len(MODES) + 1, len(SIZE_CLASSES)), weight)
    return Flow(full, sized)


def add_flows(rows: TidyRows, years: np.ndarray, log: np.ndarray, items: Happenings) -> None:
    """Flows by mode, host and industry, by mode and size, and totals."""
    for measure in FLOW_KINDS:
        flow = flow_of(measure, years, log, items)
        for dimensions, margin in MARGINS.items():
            rows.add(measure, years, margin(flow), dimensions, zeros=dimensions in _WITH_ZEROS)


def margin_of(flow: Flow, names: set[str]) -> tuple[np.ndarray, tuple[str, ...]] | None:
    """One margin of a flow and its dimensions after the year; None where it is not told."""
    for dimensions, margin in MARGINS.items():
        if set(dimensions) == names:
            return margin(flow), dimensions
    return None
