"""An outcome against one numeric factor: means with intervals at its levels, a line for each level of another factor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.observations import main_points, mean_by_row, points_of, varied_factors
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.figures import style
from expansion_sim.figures.experiment.fan import LOOKS, MOST_LINES, make_room_for_numbers, no_difference
from expansion_sim.figures.experiment.labels import factor_axis, factor_words, number, value_words
from expansion_sim.figures.experiment.view import View

#: Fewest levels of a factor that make a line worth drawing.
FEWEST_LEVELS = 3
#: Share of the distance between neighbouring levels over which lines are moved apart, so that their whiskers do not hide each other.
_APART = 0.08
_MOST_TICKS = 9
_LEAST_GAP = 0.07  # between neighbouring numbers, as a share of the axis
_NAMES = ("label",)  # columns that name points and are no factors


class Arrangement(NamedTuple):
    """How the points of a design become lines.

    Attributes:
        x: Numeric factor along the axis.
        lines: Factors whose levels have a line each; none for a single line.
        averaged: Factors over whose levels means are taken.
    """

    x: str
    lines: tuple[str, ...]
    averaged: tuple[str, ...]


def arranged(points: pd.DataFrame, kind: str) -> Arrangement | None:
    """How a figure against one factor shows the points of a grid or list; None where none does.

    The axis is the first numeric factor with the most levels. In a grid the next factor with few levels has the lines and the rest is
    averaged over; in a list, whose points are no crossing, every combination of the others that has several levels is a line.

    Args:
        points: Factor values by point, bases left out.
        kind: Kind of the design.
    """
    varied = [name for name in varied_factors(points) if name not in _NAMES]
    levels = {name: points[name].nunique() for name in varied if is_numeric(points[name]) and points[name].nunique() >= FEWEST_LEVELS}
    if kind not in ("grid", "list") or not levels:
        return None
    x = max(levels, key=lambda name: levels[name])
    others = [name for name in varied if name != x]
    if kind == "grid":
        line = next((name for name in others if points[name].astype(str).nunique() <= MOST_LINES), None)
        return Arrangement(x, () if line is None else (line,), tuple(name for name in others if name != line))
    groups = points.groupby([points[name].astype(str) for name in others])[x].nunique() if others else pd.Series([len(points)])
    if len(groups) > MOST_LINES or groups.min() < FEWEST_LEVELS - 1:
        return None
    return Arrangement(x, tuple(others), ())


def is_numeric(values: pd.Series) -> bool:
    """Whether all values are numbers, true and false left aside."""
    return all(isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_)) and value == value for value in values)


def arrangement_of(view: View) -> Arrangement | None:
    """See :func:`arranged`."""
    design = view.results.design
    return arranged(points_of(design).loc[main_points(design)], view.results.experiment.design.kind)


def draw_response(view: View) -> Figure:
    """Outcome, or its difference from the base, against one numeric factor.

    Raises:
        InputError: The design has no numeric factor with three or more levels, or too many combinations of the others.
    """
    found = arrangement_of(view)
    if found is None:
        told = "a figure against one factor needs a grid or list with a numeric factor of three levels or more, and few of the others"
        raise InputError(told, file=str(view.results.path))
    values = responses(view.results, view.outcome, view.year, **view.asked)
    table = _means(values, points_of(view.results.design).loc[values.index], found)
    what = ["Markers: means over replications; whiskers: 95% intervals."] if values.shape[1] > 1 else []
    what += [f"Averaged over {', '.join(map(factor_words, found.averaged))}."] if found.averaged else []
    legend = ", ".join(factor_axis(view.results, name) for name in found.lines)
    label = view.label(than_base=view.paired, dated=False)
    title = "Difference from the base" if view.paired else "Mean"
    return response(
        table, factor_axis(view.results, found.x), label, view.note(" ".join(what).strip()), legend,
        title=", ".join(filter(None, (title, view.when()))), difference=view.paired,
    )


def _means(values: pd.DataFrame, points: pd.DataFrame, found: Arrangement) -> pd.DataFrame:
    """Mean and interval over replications of each cell, points that share one averaged in every replication."""
    names = pd.Series([", ".join(value_words(value) for value in row) for row in points[list(found.lines)].to_numpy(object)], points.index)
    order = {name: place for place, name in enumerate(dict.fromkeys(names))}
    cells = values.groupby([names.map(order), points[found.x].astype(float)], sort=True).mean()
    mean, low, high, _ = mean_by_row(cells.to_numpy(float))
    lines = cells.index.get_level_values(0).map({place: name for name, place in order.items()})
    return pd.DataFrame({"line": lines, "x": cells.index.get_level_values(1), "mean": mean, "low": low, "high": high})


def response(
    table: pd.DataFrame, x_label: str, label: str, note: str = "", legend: str = "", *, title: str = "", difference: bool = False,
) -> Figure:
    """Means with intervals against the levels of one factor.

    Args:
        table: Columns line (name, '' for a single one), x, mean, low, high; low and high are NaN where there is no interval.
        x_label: Label of the factor, with unit.
        label: Label of the outcome, with unit.
        note: Source line.
        legend: What the names of the lines are levels of.
        title: Title.
        difference: Whether means are differences from a base, so that the line of none is drawn.
    """
    names = list(dict.fromkeys(table["line"]))
    several = len(names) > 1
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.4, note, right=0.76 if several else 0.96, bottom=0.46)
        panel = axes[0, 0]
        for place, (name, shift) in enumerate(zip(names, _shifts(table["x"], len(names)), strict=True)):
            _line(panel, table[table["line"] == name], shift, LOOKS[place]._replace(name=style.wrapped(name, 22)))
        if difference:
            no_difference(panel)
        low, high = panel.get_ylim()
        if 0 <= low < 0.4 * high:
            panel.set_ylim(0, high)
        panel.set_xlabel(style.wrapped(x_label, 70))
        _ticks(panel, np.unique(table["x"].to_numpy(float)))
        panel.set_ylabel(style.wrapped(label, 44))
        panel.yaxis.set_major_formatter(number)
        style.panel_title(panel, style.wrapped(title, 70), names=False)
        if several:
            panel.legend(title=style.wrapped(legend, 24), title_fontsize=7.5, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)
        make_room_for_numbers(figure, panel)
    return figure


def _line(panel: style.Axes, rows: pd.DataFrame, shift: float, look: style.Look) -> None:
    """One line with markers at its levels and whiskers where there is an interval."""
    x = rows["x"].to_numpy(float) + shift
    panel.plot(x, rows["mean"], color=look.colour, linestyle=look.line, linewidth=1.0, marker=look.marker, markersize=4.0, label=look.name)
    known = np.isfinite(rows["low"].to_numpy(float))
    panel.vlines(x[known], rows["low"][known], rows["high"][known], color=look.colour, linewidth=1.0)


def _ticks(panel: style.Axes, levels: np.ndarray) -> None:
    """Numbers at the levels themselves where they have room, else at even steps."""
    gaps = np.diff(levels)
    if levels.size <= _MOST_TICKS and gaps.min() > _LEAST_GAP * (levels[-1] - levels[0]):
        panel.set_xticks(levels)
    else:
        panel.xaxis.set_major_locator(MaxNLocator(_MOST_TICKS - 1, steps=[1, 2, 5, 10]))
    panel.xaxis.set_major_formatter(number)


def _shifts(x: pd.Series, lines: int) -> Sequence[float]:
    """How far each line is moved along the axis: less than the levels are apart."""
    levels = np.unique(x.to_numpy(float))
    room = _APART * float(np.diff(levels).min()) if levels.size > 1 else 0.0
    return [0.0] if lines == 1 else np.linspace(-room / 2, room / 2, lines).tolist()
