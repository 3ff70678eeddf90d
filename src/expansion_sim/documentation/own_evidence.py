"""What each mechanism does, in one or two numbers with it and without it.

Many published facts do not depend on how long firms wait or on who can pay; a count of facts alone would call such a mechanism idle. So
the table of ablations shows beside it an outcome on which the mechanism itself works.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.codes import MODES
from expansion_sim.history import load_history
from expansion_sim.history.drivers import Drivers, build_drivers
from expansion_sim.results.frames import series
from expansion_sim.results.run import Run

ENTERED = ("enter", "add_host")
PLANTS = ("fdi", "cluster")
SMALL = ("1-4", "5-20")  # the small firms of the Basic Act in manufacturing
FLOATING = 1974  # the first year whose change of the yen is that of a floating rate
FOLLOWING = (1990, 1999)  # period of the published share of followers (T037)
RISEN = (1986, 1988)  # years after the accord in which exporters had reason to stop
LATE = 2010  # programmes of the record are many from then on
TIGHT = 0.1  # share of years, those with the tightest credit, that count as crises; as many easy years are compared


class Outcome(NamedTuple):
    """A number with the mechanism and without it.

    Attributes:
        name: What it is, with unit.
        measure: Its value in a run, mean over replications; NaN where the run does not tell.
        digits: Digits after the point.
    """

    name: str
    measure: Callable[[Run], float]
    digits: int = 0


def own_evidence(switch: str, base: Run, without: Run) -> str:
    """The outcomes of a mechanism with it and without it, one line.

    Args:
        switch: Field of :class:`expansion_sim.scenario.spec.Mechanisms`.
        base: The full run.
        without: The run without the mechanism, on the same draws.
    """
    told = [_told(outcome, outcome.measure(base), outcome.measure(without)) for outcome in OUTCOMES_OF.get(switch, ())]
    return "; ".join(text for text in told if text)


def _told(outcome: Outcome, with_it: float, without_it: float) -> str:
    """One outcome in words; a number that a run does not tell is left out."""
    cells = [f"{value:.{outcome.digits}f}" if np.isfinite(value) else "" for value in (with_it, without_it)]
    if not any(cells):
        return ""
    return f"{outcome.name} {cells[0] or '-'}" + (f" (without: {cells[1]})" if cells[1] else "")


# --- measures ------------------------------------------------------------------------------------------------------------


def yearly_mean(measure: str, first: int = 0, last: int = 9999, **labels: Any) -> Callable[[Run], float]:
    """Mean of a measure of the yearly table over the years from ``first`` to ``last``."""
    def read(run: Run) -> float:
        table = series(run.yearly, measure, **labels)
        chosen = table[(table.index >= first) & (table.index <= last)].to_numpy()
        return float(chosen.mean()) if chosen.size else np.nan
    return read


def last_share(*measures: str) -> Callable[[Run], float]:
    """Percent of all firms that the measures add up to, last year."""
    def read(run: Run) -> float:
        tables = [series(run.yearly, name).iloc[-1].mean() for name in (*measures, "firms")]
        return 100.0 * float(sum(tables[:-1])) / tables[-1] if tables[-1] else np.nan
    return read


def ratio(upper: Callable[[Run], float], lower: Callable[[Run], float], factor: float = 1.0) -> Callable[[Run], float]:
    """One measure over another."""
    def read(run: Run) -> float:
        below = lower(run)
        return factor * upper(run) / below if below else np.nan
    return read


def drivers_of(run: Run) -> Drivers | None:
    """The paths of the run's drivers; None when it does not know its scenario."""
    spec = run.scenario
    return build_drivers(load_history(), spec.drivers, spec.years.first, spec.years.last, run.seed) if spec is not None else None


def yen_elasticity(run: Run) -> float:
    """Percent by which new direct exporters change when the yen was one percent weaker the year before, when they planned.

    Slope of the log change of entries on last year's log change of yen per dollar, from the first year of floating on.
    """
    drivers, entries = drivers_of(run), series(run.yearly, "entries", mode="direct")
    logs = np.log(np.maximum(entries.to_numpy().mean(axis=1), 1.0))
    first = int(entries.index[0]) if len(entries) else FLOATING
    years = np.arange(max(FLOATING, first) + 1, first + logs.size)
    if drivers is None or years.size < 3:
        return np.nan
    yen = np.array([float(drivers.year(year - 1)[0]["yen_change"]) for year in years])
    slope, _ = np.polyfit(yen, logs[years - first] - logs[years - first - 1], 1)
    return float(slope)


def unfunded_share(tight: bool, modes: tuple[str, ...] = MODES[1:], sizes: tuple[str, ...] = SMALL) -> Callable[[Run], float]:
    """Percent of the plans due and paying that cash and credit do not cover, in the years of the tightest (easiest) credit."""
    def read(run: Run) -> float:
        drivers = drivers_of(run)
        if drivers is None:
            return np.nan
        first, last = int(run.scenario.years.first), int(run.scenario.years.last)  # type: ignore[union-attr]
        stance = pd.Series([float(drivers.year(year)[0]["credit"]) for year in range(first, last + 1)], range(first, last + 1))
        count = max(1, round(TIGHT * len(stance)))
        years = (stance.nsmallest(count) if tight else stance.nlargest(count)).index
        chosen = run.events[run.events["mode"].isin(modes) & run.events["size_class"].isin(sizes) & run.events["year"].isin(years)]
        weights = chosen["weight"].astype(float)
        stopped, carried = weights[chosen["event"] == "unfunded"].sum(), weights[chosen["event"].isin(ENTERED)].sum()
        return 100.0 * float(stopped / (stopped + carried)) if stopped + carried else np.nan
    return read


def followers(run: Run) -> float:
    """Percent of the suppliers of large customers that started a plant in the 1990s on an invitation."""
    events = run.events
    chosen = events[(events["event"] == "enter") & events["mode"].isin(PLANTS) & events["year"].between(*FOLLOWING) & (events["parent"] >= 0)]
    weights = chosen["weight"].astype(float)
    return 100.0 * float(weights[chosen["followed"]].sum() / weights.sum()) if len(chosen) else np.nan


EXPORT_STAYING = ratio(yearly_mean("leaves", mode="direct"), yearly_mean("firms_in_mode", mode="direct"), 100.0)
AFTER_THE_RISE = ratio(yearly_mean("leaves", *RISEN, mode="direct"), yearly_mean("firms_in_mode", *RISEN, mode="direct"), 100.0)
EXPORTS_EACH = ratio(yearly_mean("export_sales", LATE), yearly_mean("firms_in_mode", LATE, mode="direct"))
#: Outcomes by mechanism.
OUTCOMES_OF: dict[str, tuple[Outcome, ...]] = {
    "band": (
        Outcome("new direct exporters a year", yearly_mean("entries", mode="direct")),
        Outcome("direct exporters that stop a year, %", EXPORT_STAYING, 1),
        Outcome("in {}-{}, after the yen's rise".format(*RISEN), AFTER_THE_RISE, 1),
        Outcome("yen elasticity of new direct exporters", yen_elasticity, 2),
    ),
    "attention": (Outcome("firms that compare at all in the last year, %", last_share("interested", "planning", "abroad"), 1),),
    "network": (Outcome("followers among suppliers that started plants in the 1990s, %", followers, 1),),
    "finance": (
        Outcome("paying plans of firms up to 20 persons that lack the money, tightest credit, %", unfunded_share(True), 1),
        Outcome("easiest credit, %", unfunded_share(False), 1),
        Outcome("the same of plants, all sizes, tightest, %", unfunded_share(True, PLANTS, (*SMALL, "21-49", "50-99", "100+")), 1),
    ),
    "taste": (Outcome("direct exporters that stop a year, %", EXPORT_STAYING, 1),),
    "cooperatives": (
        Outcome("groups founded a year", yearly_mean("cooperatives_founded"), 1),
        Outcome("firms in collective plants, mean of years", yearly_mean("firms_in_mode", mode="cluster")),
    ),
    "programmes": (
        Outcome(f"new direct exporters a year since {LATE}", yearly_mean("entries", LATE, mode="direct")),
        Outcome("new plants", yearly_mean("projects", LATE)),
    ),
    "parents_offshore": (
        Outcome("large customers' new plants a year", yearly_mean("large_projects")),
        Outcome("new plants of small firms a year", yearly_mean("projects")),
    ),
    "learning": (Outcome("exports per direct exporter, million yen", EXPORTS_EACH, 1),),
    "noise": (Outcome("defaults a year", yearly_mean("defaults")),),
}
