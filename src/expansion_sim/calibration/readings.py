"""What one run says about every computable fact, as one row of numbers.

A fact has one or several readings (start and end of a wave, one margin per named relation); the row holds all of them in the
order of the facts, NaN where the run gives no answer. The row does not depend on which facts an estimation uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from expansion_sim.history import load_history
from expansion_sim.validation.moments import MOMENTS
from expansion_sim.validation.surveys import ANSWERED_BY
from expansion_sim.validation.tables import NotComputed, RunTables
from expansion_sim.validation.validate import read


@cache
def reading_labels() -> tuple[tuple[str, int], ...]:
    """(fact, place of the reading) for every reading of every computable fact, in the order of the facts."""
    labels = []
    for target in load_history().targets["id"].astype(str):
        if target in ANSWERED_BY:
            labels.append((target, 0))
        elif target in MOMENTS:
            labels += [(target, place) for place in range(len(MOMENTS[target].labels))]
    return tuple(labels)


def column_names() -> list[str]:
    """Names of the readings as columns: ``T018``, or ``T010.0`` and ``T010.1`` for a fact of several."""
    labels = reading_labels()
    count = {target: sum(1 for other, _ in labels if other == target) for target, _ in labels}
    return [target if count[target] == 1 else f"{target}.{place}" for target, place in labels]


def readings(run: Any) -> np.ndarray:
    """The readings of a run, shape (replications, readings), NaN where it gives no answer.

    Args:
        run: A run, or anything with its four frames.
    """
    tables = RunTables(run)
    columns: list[np.ndarray] = []
    for target, count in _counts(reading_labels()):
        try:
            values = read(target, tables).values
        except NotComputed:
            values = np.full((tables.replications, count), np.nan)
        columns.append(values)
    return np.column_stack(columns)


def _counts(labels: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Facts with the number of their readings."""
    counts: dict[str, int] = {}
    for target, _ in labels:
        counts[target] = counts.get(target, 0) + 1
    return list(counts.items())
