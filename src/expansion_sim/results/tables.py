"""Summary tables of a run, for the terminal and for papers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.codes import HOST_NAMES, HOSTS, INDUSTRIES, MANUFACTURING, MODES
from expansion_sim.results.frames import series
from expansion_sim.results.intervals import mean_interval
from expansion_sim.results.measures import FIRMS_IN_MODE
from expansion_sim.results.phases import Phase, phases_within

MANUFACTURING_NAMES = tuple(INDUSTRIES[code] for code in MANUFACTURING)
MODE_NAMES = {
    "home": "home only", "indirect": "indirect export", "direct": "direct export", "ecommerce": "e-commerce",
    "contract": "contract production", "fdi": "own plant (FDI)", "cluster": "collective plant",
}
PHASE_COLUMNS = ("phase", "section", "statistic", "unit", "value", "low", "high", "text")


class Statistic(NamedTuple):
    """One row of the phase table.

    Attributes:
        section: Heading under which it stands.
        name: Name of the statistic.
        unit: Unit.
        measure: Years x replications of the phase's years -> one value per replication, shape (replications,).
    """

    section: str
    name: str
    unit: str
    measure: Callable[[pd.DataFrame, slice], np.ndarray]


def phase_table(run: Any, level: float = 0.95) -> pd.DataFrame:
    """What happened in each historical phase.

    Args:
        run: A run, or anything with a tidy ``yearly`` table.
        level: Coverage of the interval over replications.

    Returns:
        Long table: phase, section, statistic, unit, value (mean over replications), low, high (NaN with one replication), text
        (for statistics that are names: the leading hosts). Phases outside the run are left out, partly covered ones are cut
        and named with the years covered.
    """
    yearly = run.yearly
    first, last = int(yearly["year"].min()), int(yearly["year"].max())
    rows = []
    for phase in phases_within(first, last):
        years = slice(phase.first, phase.last)
        for statistic in _STATISTICS:
            interval = mean_interval(statistic.measure(yearly, years), level)
            numbers = (float(interval.mean), float(interval.low), float(interval.high))
            rows.append((phase.label, statistic.section, statistic.name, statistic.unit, *numbers, ""))
        unknown = (float("nan"),) * 3
        for place, host in enumerate(leading_hosts(yearly, phase), start=1):
            rows.append((phase.label, "leading hosts", f"number {place}", "% of projects", *unknown, host))
    return pd.DataFrame(rows, columns=list(PHASE_COLUMNS))


def leading_hosts(yearly: pd.DataFrame, phase: Phase, count: int = 3) -> list[str]:
    """The hosts with most projects of a phase, such as 'China 41 %'; empty strings where there are fewer hosts."""
    span = slice(phase.first, phase.last)
    projects = {
        name: series(yearly, "projects", host=host).loc[span].to_numpy().sum()
        for host, name in zip(HOSTS, HOST_NAMES, strict=True)
    }
    total = sum(projects.values())
    top = sorted((name for name in projects if projects[name] > 0), key=lambda name: -projects[name])[:count]
    return [f"{name} {100 * projects[name] / total:.0f} %" for name in top] + [""] * (count - len(top))


def format_table(table: pd.DataFrame) -> str:
    """The phase table as text: a block per section, a column per phase, intervals in brackets where there are any."""
    phases = list(dict.fromkeys(table["phase"]))
    cells = {(row.phase, row.section, row.statistic): _cell(row) for row in table.itertuples()}
    heads = list(dict.fromkeys(zip(table["section"], table["statistic"], table["unit"], strict=True)))
    names = {(section, statistic): f"  {statistic} [{unit}]" for section, statistic, unit in heads}
    left = max(map(len, [*names.values(), *table["section"]]))
    widths = [max(len(phase), *(len(cells[(phase, *key)]) for key in names)) for phase in phases]
    lines = [" " * left + "".join(f"  {phase:>{width}}" for phase, width in zip(phases, widths, strict=True))]
    section = None
    for key, name in names.items():
        if key[0] != section:
            section = key[0]
            lines.append(section)
        values = [f"  {cells[(phase, *key)]:>{width}}" for phase, width in zip(phases, widths, strict=True)]
        lines.append(f"{name:<{left}}" + "".join(values))
    return "\n".join(lines)


def format_number(value: float) -> str:
    """Three significant digits, thousands separated, no exponent; a dash for what is not known."""
    if not np.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    return f"{value:,.{min(digits, 4)}f}"


def _cell(row: Any) -> str:
    if row.text or not np.isfinite(row.value):
        return row.text or "-"
    if np.isfinite(row.low):
        return f"{format_number(row.value)} ({format_number(row.low)} to {format_number(row.high)})"
    return format_number(row.value)


def _mean_of(measure: str, factor: float = 1.0, **labels: Any) -> Callable[[pd.DataFrame, slice], np.ndarray]:
    """Yearly mean over the phase."""
    return lambda yearly, years: factor * series(yearly, measure, **labels).loc[years].to_numpy().mean(axis=0)


def _end_of(measure: str, factor: float = 1.0, **labels: Any) -> Callable[[pd.DataFrame, slice], np.ndarray]:
    """Value of the phase's last year."""
    return lambda yearly, years: factor * series(yearly, measure, **labels).loc[years].to_numpy()[-1]


def _share_at_end(part: str) -> Callable[[pd.DataFrame, slice], np.ndarray]:
    """Percent of all firms in the phase's last year."""
    return lambda yearly, years: 100.0 * _end_of(part)(yearly, years) / _end_of("firms")(yearly, years)


def _largest(measure: str, **labels: Any) -> Callable[[pd.DataFrame, slice], np.ndarray]:
    """Largest year of the phase."""
    return lambda yearly, years: series(yearly, measure, **labels).loc[years].to_numpy().max(axis=0)


def _statistics() -> Iterator[Statistic]:
    yield Statistic("firms", "firms at the end", "thousand", _end_of("firms", 1e-3))
    yield Statistic("firms", "births a year", "thousand", _mean_of("births", 1e-3))
    yield Statistic("firms", "closures a year", "thousand", _mean_of("closures", 1e-3))
    yield Statistic("firms", "abroad at the end", "% of firms", _share_at_end("abroad"))
    yield Statistic("firms", "interested at the end", "% of firms", _share_at_end("interested"))
    yield Statistic("firms", "planning at the end", "% of firms", _share_at_end("planning"))
    for mode in MODES[1:]:
        yield Statistic("entries a year", MODE_NAMES[mode], "firms", _mean_of("entries", mode=mode))
    for mode in MODES[1:]:
        yield Statistic("firms in the mode, end of phase", MODE_NAMES[mode], "firms", _end_of(FIRMS_IN_MODE, mode=mode))
    plants = "new plants abroad"
    yield Statistic(plants, "projects a year", "projects", _mean_of("projects"))
    yield Statistic(plants, "projects a year, manufacturing", "projects", _mean_of("projects", industry=MANUFACTURING_NAMES))
    yield Statistic(plants, "best year", "projects", _largest("projects"))
    yield Statistic("sales and jobs, end of phase", "exports", "trillion yen 2015", _end_of("export_sales", 1e-6))
    yield Statistic("sales and jobs, end of phase", "output of plants abroad", "trillion yen 2015", _end_of("plant_sales", 1e-6))
    yield Statistic("sales and jobs, end of phase", "jobs at home", "million", _end_of("employees", 1e-6))
    yield Statistic("sales and jobs, end of phase", "jobs abroad", "thousand", _end_of("foreign_jobs", 1e-3))


_STATISTICS: tuple[Statistic, ...] = tuple(_statistics())
