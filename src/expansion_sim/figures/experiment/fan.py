"""An outcome over the years: a fan for each point, or one over all points of a large design."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from expansion_sim.figures import style
from expansion_sim.figures.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, Look

LOOKS = (
    Look("", BLACK, "-", "o"), Look("", VERMILLION, (0, (7, 1.3)), "s"), Look("", BLUE, (0, (4, 1.5)), "^"),
    Look("", GREEN, (0, (4, 1.5, 1, 1.5)), "D"), Look("", ORANGE, (0, (1, 1)), "v"), Look("", PURPLE, (0, (2, 2)), "P"),
)
#: Most points that get a line each.
MOST_LINES = len(LOOKS)


def fan(values: pd.DataFrame, names: dict[int, str], label: str, note: str = "") -> Figure:
    """One line with bands per point.

    Args:
        values: Index (point, year), one column per replication.
        names: Name of each point drawn, at most :data:`MOST_LINES`.
        label: Label of the outcome, with unit.
        note: Source line.
    """
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.4, note, right=0.70)
        panel = axes[0, 0]
        years = values.index.get_level_values("year").unique()
        style.years_axis(panel, years.to_numpy(int), narrow=True)
        several = len(years) > 1
        ends, looks = [], []
        for position, (point, name) in enumerate(names.items()):
            look = LOOKS[position]._replace(name=name)
            of_point = pd.DataFrame(values.xs(point, level="point"))
            line = style.fan(panel, of_point, look, offset=2 * position, mark_every=10 if several else 1)
            ends.append(float(line[-1]))
            looks.append(look)
        _finish(figure, panel, label, ends, looks)
    return figure


def fan_of_points(means: pd.DataFrame, label: str, note: str = "", base: pd.Series | None = None) -> Figure:
    """The spread of all points over the years, and the base's line.

    Args:
        means: Years x points, means over replications.
        label: Label of the outcome, with unit.
        note: Source line.
        base: Mean of the base point by year, None without one.
    """
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.4, note, right=0.80)
        panel = axes[0, 0]
        style.years_axis(panel, means.index.to_numpy(int), narrow=True)
        look = Look("median point", BLUE, (0, (7, 1.3)), "s")
        ends = [float(style.fan(panel, means, look)[-1])]
        looks = [look]
        panel.plot(means.index, means.max(axis=1), color=SKY, linewidth=0.6)
        panel.plot(means.index, means.min(axis=1), color=SKY, linewidth=0.6)
        if base is not None:
            panel.plot(base.index, base, color=BLACK, linewidth=1.2)
            ends.append(float(base.iloc[-1]))
            looks.append(Look("base", BLACK))
        _finish(figure, panel, label, ends, looks)
    return figure


def _finish(figure: Figure, panel: style.Axes, label: str, ends: list[float], looks: list[Look]) -> None:
    low, high = panel.get_ylim()
    span = float(high - low)
    if low >= 0 and low < 0.4 * high:
        panel.set_ylim(0, high)
    elif span <= 1e-12 * max(abs(low), 1.0):
        panel.set_ylim(low - 1, high + 1)
    panel.set_ylabel(style.wrapped(label, 44))
    style.plain_numbers(panel)
    style.panel_title(panel, "Path over the years")
    _make_room_for_numbers(figure, panel)
    names = [style.wrapped(look.name, 26) for look in looks]
    style.side_labels(panel, np.array(ends).tolist(), names, [look.colour for look in looks], size=7.0)


def _make_room_for_numbers(figure: Figure, panel: style.Axes) -> None:
    """Widen the left margin when long numbers push the axis label over the edge."""
    figure.canvas.draw()
    box = panel.yaxis.get_tightbbox()
    if box is not None and box.x0 < 0.01 * figure.bbox.width:
        figure.subplots_adjust(left=figure.subplotpars.left + 0.01 - box.x0 / figure.bbox.width)
        figure.canvas.draw()
