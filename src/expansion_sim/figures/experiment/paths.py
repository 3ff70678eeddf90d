"""Figures of an outcome over the years, from the results of a sweep: differences from the base where there is one, else levels."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.observations import bases_of, by_year, main_points
from expansion_sim.experiment.analysis.paired import yearly_differences
from expansion_sim.figures.experiment import fan, panels
from expansion_sim.figures.experiment.labels import base_note, point_labels
from expansion_sim.figures.experiment.view import View

_BEFORE = 5  # years shown before points begin to differ from the base
_INTERVAL = "Lines: means of paired differences; bands: 95% intervals over replications."
_BANDS = "Lines: medians; bands: 50% and 90% of replications."


def draw_fan(view: View) -> Figure:
    """Outcome over the years: as more than in the base where points are paired with one, whose levels hide small differences."""
    return _differences(view) if view.paired else draw_levels(view)


def draw_levels(view: View) -> Figure:
    """Outcome over the years as it is, the base among the points.

    Raises:
        InputError: Every point has a base of its own, so that levels of points are no answer.
    """
    design = view.results.design
    bases = bases_of(design)
    if len(bases) > 1:
        raise InputError("every point has a twin of its own: draw the fan of differences", file=str(view.results.path))
    values = by_year(view.results, view.outcome, view.missing)
    label, several = view.label(dated=False), design["replication"].nunique() > 1
    points = list(values.index.get_level_values("point").unique())
    if len(points) <= fan.MOST_LINES:
        names = dict(zip(points, point_labels(design, points), strict=True))
        return fan.fan(values, names, label, view.note(_BANDS if several else ""))
    main, base = main_points(design), bases[0] if len(bases) else None
    if _named_worlds(view, main):
        what = f"{_BANDS if several else ''} {'Dotted: the base.' if base is not None else ''}"
        return panels.worlds(values, _names(view, main), label, view.note(what.strip()), base)
    means = values.mean(axis=1).unstack("point")
    what = "Line: median over points of their means; bands: 50% and 90% of points; thin lines: lowest and highest."
    return fan.fan_of_points(means[main], label, view.note(what), None if base is None else means[base])


def _differences(view: View) -> Figure:
    """Each point less its base in the same replication, with the line of no difference."""
    values = _from_parting(yearly_differences(view.results, view.outcome, missing=view.missing))
    points = values.index.get_level_values("point").unique()
    label, about = view.label(than_base=True, dated=False), base_note(view.results)
    interval = _INTERVAL if values.shape[1] > 1 else ""
    if len(points) <= fan.MOST_LINES:
        return fan.fan(values, _names(view, points), label, view.note(f"{interval} {about}".strip()), difference=True)
    if _named_worlds(view, points):
        return panels.worlds(values, _names(view, points), label, view.note(f"{interval} {about}".strip()), difference=True)
    what = "Line: median over points of their mean differences; bands: 50% and 90% of points; thin lines: lowest and highest."
    return fan.fan_of_points(values.mean(axis=1).unstack("point"), label, view.note(f"{what} {about}".strip()), difference=True)


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
