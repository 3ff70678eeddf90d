"""Accounting identities of the tidy tables: what must add up in every year of every run.

A violation is data, not an exception: a test asserts that the list is empty, a doctor prints it.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from expansion_sim.codes import INDUSTRIES, MODES, SIZE_CLASSES
from expansion_sim.results.frames import replication_of, series
from expansion_sim.results.measures import FIRMS_IN_HOST, FIRMS_IN_MODE, STOCKS

_ABROAD_MODES = MODES[1:]
_HOSTED_MODES = ("direct", "contract", "fdi", "cluster")


class RunTables(Protocol):
    """Anything with a yearly and an events table: a Run, or the Frames of a recorder."""

    yearly: pd.DataFrame
    events: pd.DataFrame


class Violation(NamedTuple):
    """One identity that does not hold.

    Attributes:
        identity: The identity in words.
        what: Industry, mode or measure concerned.
        replication: Replication, from 0.
        year: Year.
        left: Left-hand side.
        right: Right-hand side.
    """

    identity: str
    what: str
    replication: int
    year: int
    left: float
    right: float


def check(tables: RunTables, tolerance: float = 1e-6) -> list[Violation]:
    """Check every identity in every year and replication.

    Args:
        tables: A run, or the frames of one replication.
        tolerance: Allowed difference relative to the larger stock involved.

    Returns:
        The violations, empty when all is well. Changes are checked from the second recorded year on.
    """
    yearly = tables.yearly
    return [
        violation
        for identity in (_population, _modes, _stages, _hosts, _totals, _signs)
        for violation in identity(yearly, tolerance)
    ] + _events(yearly, tables.events, tolerance)


def _population(yearly: pd.DataFrame, tolerance: float) -> list[Violation]:
    """Change in firms = births - closures, in total and by industry; defaults are among the closures."""
    found, identity = [], "change in firms = births - closures"
    for industry in ("", *INDUSTRIES):
        firms, births, closures, defaults = (
            series(yearly, name, industry=industry) for name in ("firms", "births", "closures", "defaults")
        )
        found += _unequal(identity, industry or "all", firms.diff(), births - closures, firms, tolerance)
        found += _above("defaults are among the closures", industry or "all", defaults, closures, firms, tolerance)
    return found


def _modes(yearly: pd.DataFrame, tolerance: float) -> list[Violation]:
    """Change in firms in a mode = entries - leaves - leaves by closure, in total and by industry."""
    found, identity = [], "change in firms in a mode = entries - leaves"
    for industry in ("", *INDUSTRIES):
        for mode in _ABROAD_MODES:
            stock, entries, leaves, closed = (
                series(yearly, name, industry=industry, mode=mode)
                for name in (FIRMS_IN_MODE, "entries", "leaves", "leaves_by_closure")
            )
            what = f"{industry or 'all'}, {mode}"
            found += _unequal(identity, what, stock.diff(), entries - leaves - closed, stock, tolerance)
    return found


def _stages(yearly: pd.DataFrame, tolerance: float) -> list[Violation]:
    """Home and abroad add up to all firms; one mode holds at most those abroad, all modes together at least."""
    firms, abroad, home = series(yearly, "firms"), series(yearly, "abroad"), series(yearly, FIRMS_IN_MODE, mode="home")
    stages = abroad + series(yearly, "interested") + series(yearly, "planning")
    found = _unequal("firms at home + firms abroad = firms", "all", home + abroad, firms, firms, tolerance)
    found += _above("abroad + planning + interested is at most all firms", "all", stages, firms, firms, tolerance)
    for mode in _ABROAD_MODES:
        users = series(yearly, FIRMS_IN_MODE, mode=mode)
        found += _above("firms in a mode are among those abroad", mode, users, abroad, firms, tolerance)
    used = series(yearly, FIRMS_IN_MODE, mode=_ABROAD_MODES)
    return found + _above("every firm abroad uses a mode", "all", abroad, used, firms, tolerance)


def _hosts(yearly: pd.DataFrame, tolerance: float) -> list[Violation]:
    """A firm that exports directly has a market, one with a plant or contract a host; the other modes record none."""
    found = []
    for mode in _HOSTED_MODES:
        stock = series(yearly, FIRMS_IN_MODE, mode=mode)
        in_hosts = _over_hosts(yearly, mode)
        found += _above("firms in a mode have a host or market", mode, stock, in_hosts, stock, tolerance)
    return found


def _over_hosts(yearly: pd.DataFrame, mode: str) -> pd.DataFrame:
    hosts = [host for host in yearly["host"].cat.categories if host]
    return series(yearly, FIRMS_IN_HOST, mode=mode, host=hosts)


def _totals(yearly: pd.DataFrame, tolerance: float) -> list[Violation]:
    """Every stock's total is the sum over industries and over size classes."""
    found = []
    for measure in STOCKS:
        total = series(yearly, measure)
        for dimension, labels in (("industry", INDUSTRIES), ("size_class", SIZE_CLASSES)):
            parts = series(yearly, measure, **{dimension: labels})
            found += _unequal(f"total = sum over {dimension}", measure, parts, total, total, tolerance)
    return found


def _signs(yearly: pd.DataFrame, tolerance: float) -> list[Violation]:
    """Counts, persons and debt are not negative; jobs abroad need a plant abroad."""
    found = []
    for measure in (*STOCKS[:12], "debt", "relocated_jobs"):
        values = series(yearly, measure)
        found += _above("not negative", measure, -values, 0.0 * values, values, tolerance)
    plants = series(yearly, FIRMS_IN_MODE, mode=("fdi", "cluster"))
    jobs = series(yearly, "foreign_jobs").where(plants == 0, 0.0)
    return found + _above("jobs abroad need a plant abroad", "all", jobs, 0.0 * jobs, jobs, tolerance)


def _events(yearly: pd.DataFrame, events: pd.DataFrame, tolerance: float) -> list[Violation]:
    """Flows of the yearly table = weighted rows of the events table."""
    found = []
    kinds = {"entries": ("enter",), "leaves": ("leave",), "leaves_by_closure": ("closure", "default")}
    for measure, names in kinds.items():
        for mode in _ABROAD_MODES:
            flow = series(yearly, measure, mode=mode)
            chosen = events[events["event"].isin(names) & (events["mode"] == mode)]
            table = _weighted_rows(chosen, flow)
            found += _unequal(f"{measure} = weighted events", mode, flow, table, flow, tolerance)
    return found


def _weighted_rows(events: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """Sum of the weights of the rows by year and replication, in the layout of ``like``."""
    cell = (events["year"].to_numpy(np.int64) - like.index[0]) * like.shape[1] + replication_of(events)
    total = np.bincount(cell, weights=events["weight"].to_numpy(np.float64), minlength=like.size)
    return pd.DataFrame(total.reshape(like.shape), index=like.index, columns=like.columns)


def _unequal(
    identity: str, what: str, left: pd.DataFrame, right: pd.DataFrame, scale: pd.DataFrame, tolerance: float,
) -> list[Violation]:
    """Cells in which left and right differ by more than the tolerance; cells without a left side are skipped."""
    gap = (left - right).abs()
    return _listed(identity, what, left, right, gap > tolerance * scale.abs().clip(lower=1.0))


def _above(
    identity: str, what: str, left: pd.DataFrame, right: pd.DataFrame, scale: pd.DataFrame, tolerance: float,
) -> list[Violation]:
    """Cells in which left exceeds right by more than the tolerance."""
    return _listed(identity, what, left, right, left - right > tolerance * scale.abs().clip(lower=1.0))


def _listed(identity: str, what: str, left: pd.DataFrame, right: pd.DataFrame, wrong: pd.DataFrame) -> list[Violation]:
    return [
        Violation(identity, what, int(column), int(left.index[row]), float(left.iat[row, column]), float(right.iat[row, column]))
        for row, column in np.argwhere(wrong.to_numpy())
    ]
