"""Figures of an outcome over the years, from the results of a sweep: differences from the base where there is one, else levels."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.choosing import SAMPLED
from expansion_sim.experiment.analysis.gaps import with_values
from expansion_sim.experiment.analysis.observations import bases_of, by_year, main_points, years_of
from expansion_sim.experiment.analysis.paired import yearly_differences
from expansion_sim.figures.experiment import fan, panels
from expansion_sim.figures.experiment.labels import point_labels
from expansion_sim.figures.experiment.view import Unsuited, View

_BEFORE = 5  # years shown before points begin to differ from the base
_INTERVAL = "Lines: means of paired differences; bands: 95% intervals over replications."
_BANDS = "Lines: medians; bands: 50% and 90% of replications."


def draw_fan(view: View) -> Figure:
    """Outcome over the years: as more than in the base where points are paired with one, whose levels hide small differences.

    Raises:
        InputError: The outcome was kept for less than two years.
    """
    _refuse_single_years(view)
    return _differences(view) if view.paired else draw_levels(view)


def draw_levels(view: View) -> Figure:
    """Outcome over the years as it is, the base among the points.

    Raises:
        InputError: Every point has a base of its own, so that levels of points are no answer; or there are less than two years.
    """
    _refuse_single_years(view)
    design = view.results.design
    bases = bases_of(design)
    if len(bases) > 1:
        raise InputError("every point has a twin of its own: draw the fan of differences", file=str(view.results.path))
    values = with_values(by_year(view.results, view.outcome, view.missing))
    label, several = view.label(dated=False), design["replication"].nunique() > 1
    points = list(values.index.get_level_values("point").unique())
    if len(points) <= fan.MOST_LINES:
        names = dict(zip(points, point_labels(design, points), strict=True))
        return fan.fan(values, names, label, view.note(_BANDS if several else ""))
    main, base = main_points(design), bases[0] if len(bases) else None
    if _named_worlds(view, main):
        what = f"{_BANDS if several else ''} {'Dotted: the base.' if base is not None else ''}"
        return panels.worlds(values, _names(view, main), label, view.note(what.strip()), base)
    main_values = values[values.index.get_level_values("point").isin(main)]
    bases_mean = None if base is None or base not in points else values.xs(base, level="point").mean(axis=1)
    return _of_points(view, main_values, label, bases_mean)


def _differences(view: View) -> Figure:
    """Each point less its base in the same replication, with the line of no difference."""
    values = _from_parting(with_values(yearly_differences(view.results, view.outcome, missing=view.missing)))
    points = values.index.get_level_values("point").unique()
    label, interval = view.label(than_base=True, dated=False), _INTERVAL if values.shape[1] > 1 else ""
    if len(points) <= fan.MOST_LINES:
        return fan.fan(values, _names(view, points), label, view.note(interval), difference=True)
    if _named_worlds(view, points):
        return panels.worlds(values, _names(view, points), label, view.note(interval), difference=True)
    return _of_points(view, values, label, difference=True)


def _of_points(view: View, values: pd.DataFrame, label: str, base: pd.Series | None = None, *, difference: bool = False) -> Figure:
    """Many points at once: how they spread, and their mean with the interval that the design gives it."""
    means = values.mean(axis=1).unstack("point")
    whole, over = values.groupby("year").mean(), "replications"
    if values.shape[1] < 2 and view.results.experiment.design.kind in SAMPLED:  # points drawn at random are what the mean varies with
        whole, over = means, "points"
    what = "Grey: how the points of the design differ, which is no uncertainty."
    what += f" Blue band: 95% interval of the mean over {over}." if whole.shape[1] > 1 else ""
    return fan.fan_of_points(means, label, view.note(what), base, whole=whole, difference=difference)


def _refuse_single_years(view: View) -> None:
    years = years_of(view.results, view.outcome)
    if len(years) < 2:
        kept = f"was kept for {years[0]} alone" if years else "is recorded once per run"
        told = f"a figure over the years needs two or more; {view.outcome!r} {kept}: ask for --kind ridges, exceedance or ecdf"
        raise Unsuited(told, file=str(view.results.path))


def _from_parting(values: pd.DataFrame) -> pd.DataFrame:
    """Differences from a few years before the first one on, so that a common past takes no room; all where nothing differs."""
    years = values.index.get_level_values("year").to_numpy(int)
    apart = years[(values.fillna(0.0) != 0.0).any(axis=1).to_numpy()]
    if not apart.size:
        return values
    return values[years >= min(int(apart.min()) - _BEFORE, int(years.max()) - 2 * _BEFORE)]


def _named_worlds(view: View, points: pd.Index) -> bool:
    """Whether the points are worlds with names, not a sample of anything, and few enough for a panel each."""
    return view.results.experiment.design.kind == "list" and len(points) <= panels.MOST_PANELS


def _names(view: View, points: pd.Index) -> dict[int, str]:
    return dict(zip(points, point_labels(view.results.design, list(points)), strict=True))
