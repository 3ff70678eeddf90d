"""One pair of worlds, stepped side by side on the same draws and compared at the end of every year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.comparison.abroad import firms_abroad
from expansion_sim.comparison.counts import Counts, count_pair, counts_frame
from expansion_sim.comparison.ledger import Ledger
from expansion_sim.comparison.levels import levels_frame
from expansion_sim.comparison.programmes import Used, programme_use
from expansion_sim.comparison.users import EntryWatch, judge
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

    def step(self) -> np.ndarray:
        """Simulate the next year; returns the modes that each row entered under an entitlement, as bits."""
        self.watch.before(self.model)
        self.model.step()
        bits, uses = self.watch.after(self.model)
        self.uses.append(uses)
        return bits

    def used(self, frames: Any) -> Used:
        """What the users of programmes did, at the end."""
        programmes = [(programme.name, programme.instrument) for programme in self.model.programmes]
        return Used(np.concatenate(self.uses), programmes, frames.programmes, frames.events)


def step_pair(
    base: Scenario,
    other: Scenario,
    seed: int,
    model_class: Callable[..., Any],
    progress: Callable[[int], None] | None = None,
) -> Pair:
    """Simulate both worlds to their last year and compare them every year.

    Args:
        base: Scenario of the reference.
        other: Scenario compared with it.
        seed: Key of all draws of both.
        model_class: Model to run.
        progress: Called with every year done.
    """
    worlds = [Stepped(model_class(scenario, rng=seed)) for scenario in (base, other)]
    ledger, years = Ledger(), dict[int, Counts]()
    for year in range(base.years.first, base.years.last + 1):
        here, there = (firms_abroad(world.model.population.firms, bits) for world, bits in [(w, w.step()) for w in worlds])
        judge(worlds[0].uses[-1], there)
        judge(worlds[1].uses[-1], here)
        ever = ledger.add(year, here, there)
        years[year] = count_pair(here, there) | ever
        if progress is not None:
            progress(year)
    frames = [world.model.recorder.frames() for world in worlds]
    levels = levels_frame([frame.yearly for frame in frames], [frame.programmes for frame in frames])
    effects = pd.concat([counts_frame(years), levels], ignore_index=True)
    used = [world.used(frame) for world, frame in zip(worlds, frames, strict=True)]
    return Pair(effects, ledger.frame(), programme_use(*used))
