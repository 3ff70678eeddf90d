"""One pair of worlds, stepped side by side on the same draws and compared at the end of every year."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.branching import branches, rows_of
from expansion_sim.comparison.abroad import firms_abroad
from expansion_sim.comparison.counts import Counts, count_pair, counts_frame
from expansion_sim.comparison.ledger import Ledger
from expansion_sim.comparison.levels import levels_frame
from expansion_sim.comparison.programmes import Used, programme_use
from expansion_sim.comparison.users import EntryWatch, judge
from expansion_sim.scenario.divergence import first_difference
from expansion_sim.scenario.spec import Scenario


class Pair(NamedTuple):
    """What one replication of a comparison gave.

    Attributes:
        effects: year, measure, industry, size_class, mode, host, district, base, other; '' stands for all.
        firms: Firms abroad in one world only, see :mod:`expansion_sim.comparison.ledger`.
        programmes: Users of programmes in both worlds, see :mod:`expansion_sim.comparison.programmes`.
    """

    effects: pd.DataFrame
    firms: pd.DataFrame
    programmes: pd.DataFrame


class Stepped:
    """A model with the watch over its entries."""

    def __init__(self, model: Any) -> None:
        self.model, self.watch = model, EntryWatch()
        self.uses: list[np.ndarray] = []
        self.served: list[tuple[int, str, float]] = []  # year, programme, weighted firms

    def step(self) -> np.ndarray:
        """Simulate the next year; returns the modes that each row entered under an entitlement, as bits."""
        self.watch.before(self.model)
        self.model.step()
        bits, uses = self.watch.after(self.model)
        self.uses.append(uses)
        names, year = self.model.programmes, self.model.year
        self.served += [(year, names[row].name, firms) for row, firms in getattr(self.model, "served", ())]
        return bits

    def branch(self, scenario: Scenario) -> Stepped:
        """The same past in another world, which goes on by itself."""
        other = Stepped(self.model.branch(scenario))
        other.watch, other.uses = copy.deepcopy(self.watch), [uses.copy() for uses in self.uses]
        other.served = list(self.served)
        rows = rows_of(self.model.programmes, other.model.programmes)
        for uses in other.uses:
            uses["programme"] = rows[uses["programme"]]
        return other

    def used(self, frames: Any) -> Used:
        """What the users of programmes did, at the end."""
        programmes = [(programme.name, programme.instrument) for programme in self.model.programmes]
        return Used(np.concatenate(self.uses), programmes, frames.programmes, frames.events, self.served)


def step_pair(
    base: Scenario,
    other: Scenario,
    seed: int,
    model_class: Callable[..., Any],
    progress: Callable[[int], None] | None = None,
    shared_past: bool = True,
) -> Pair:
    """Simulate both worlds to their last year and compare them every year.

    Args:
        base: Scenario of the reference.
        other: Scenario compared with it.
        seed: Key of all draws of both.
        model_class: Model to run.
        progress: Called with every year done.
        shared_past: Simulate years in which the worlds cannot differ once; the result is the same.
    """
    parting = first_year_apart(base, other, seed, shared_past and branches(model_class))
    here = Stepped(model_class(base, rng=seed))
    there = Stepped(model_class(other, rng=seed)) if parting <= base.years.first else here
    ledger, years = Ledger(), dict[int, Counts]()
    for year in range(base.years.first, base.years.last + 1):
        if year == parting and there is here:
            there = here.branch(other)
        years[year] = step_both(here, there, year, ledger)
        if progress is not None:
            progress(year)
    if there is here:
        there = here.branch(other)
    frames = [world.model.recorder.frames() for world in (here, there)]
    levels = levels_frame([frame.yearly for frame in frames], [frame.programmes for frame in frames])
    effects = pd.concat([counts_frame(years), levels], ignore_index=True)
    used = [world.used(frame) for world, frame in zip((here, there), frames, strict=True)]
    return Pair(effects, ledger.frame(), programme_use(*used))


def first_year_apart(base: Scenario, other: Scenario, seed: int, shared: bool) -> int:
    """Year from which two worlds are simulated apart; the one after the last when they cannot differ."""
    if not shared:
        return base.years.first
    year = first_difference(base, other, seed)
    return base.years.last + 1 if year is None else year


def step_both(here: Stepped, there: Stepped, year: int, ledger: Ledger) -> Counts:
    """Simulate a year of both worlds, which may still be one and the same, and compare them."""
    abroad = [firms_abroad(world.model.population.firms, bits) for world, bits in [(w, w.step()) for w in dict.fromkeys((here, there))]]
    judge(here.uses[-1], abroad[-1])
    if there is not here:
        judge(there.uses[-1], abroad[0])
    return count_pair(abroad[0], abroad[-1]) | ledger.add(year, abroad[0], abroad[-1])
