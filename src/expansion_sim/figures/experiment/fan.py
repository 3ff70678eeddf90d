"""An outcome over the years: a fan for each point, or one over all points of a large design."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from expansion_sim.experiment.analysis.observations import mean_by_row
from expansion_sim.figures import style
from expansion_sim.figures.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION, Look

LOOKS = (
    Look("", BLACK, "-", "o"), Look("", VERMILLION, (0, (7, 1.3)), "s"), Look("", BLUE, (0, (4, 1.5)), "^"),
    Look("", GREEN, (0, (4, 1.5, 1, 1.5)), "D"), Look("", ORANGE, (0, (1, 1)), "v"), Look("", PURPLE, (0, (2, 2)), "P"),
)
#: Most points that get a line each.
MOST_LINES = len(LOOKS)


def fan(values: pd.DataFrame, names: dict[int, str], label: str, note: str = "", *, difference: bool = False) -> Figure:
    """One line with bands per point.

    Args:
        values: Index (point, year), one column per replication.
        names: Name of each point drawn, at most :data:`MOST_LINES`.
        label: Label of the outcome, with unit.
        note: Source line.
        difference: Whether the values are differences: means with their intervals and the line of no difference, in place of medians
            with bands.
    """
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.4, note, right=0.70)
        panel = axes[0, 0]
        years = values.index.get_level_values("year").unique()
        style.years_axis(panel, years.to_numpy(int), narrow=True)
        every = max(1, min(10, len(years) // 3))
        ends, looks = [], []
        for position, (point, name) in enumerate(names.items()):
            look = LOOKS[position]._replace(name=name)
            of_point = pd.DataFrame(values.xs(point, level="point"))
            draw = mean_line if difference else style.fan
            line = draw(panel, of_point, look, offset=2 * position, mark_every=every)
            ends.append(float(line[-1]))
            looks.append(look)
        _finish(figure, panel, label, ends, looks, difference)
    return figure


def mean_line(axes: style.Axes, table: pd.DataFrame, look: Look, *, mark_every: int = 10, offset: int = 0) -> np.ndarray:
    """Draw the mean over replications with its 95 % interval, which a single replication does not have.

    Args:
        axes: Where to draw.
        table: Years x replications; NaN is left out.
        look: How to draw it.
        mark_every: Years between markers.
        offset: First year with a marker.

    Returns:
        The means, shape (years,).
    """
    years = table.index.to_numpy()
    mean, low, high, _ = mean_by_row(table.to_numpy(float))
    if np.isfinite(low).any():
        axes.fill_between(years, low, high, color=look.colour, alpha=0.12, linewidth=0)
        for bound in (low, high):  # edges tell bands apart that lie on each other
            axes.plot(years, bound, color=look.colour, linestyle=look.line, linewidth=0.5, alpha=0.7)
    axes.plot(
        years, mean, color=look.colour, linestyle=look.line, marker=look.marker or None, markersize=3.2, markeredgewidth=0,
        markevery=(offset % mark_every, mark_every), label=look.name, solid_capstyle="round",
    )
    return mean


def no_difference(axes: style.Axes) -> None:
    """Mark the height at which nothing differs from the base, and keep it in sight."""
    low, high = axes.get_ylim()
    axes.axhline(0.0, color=GREY, linewidth=0.9, zorder=1.5)
    axes.set_ylim(min(low, 0.0), max(high, 0.0))


def fan_of_points(
    means: pd.DataFrame, label: str, note: str = "", base: pd.Series | None = None, *, whole: pd.DataFrame | None = None,
    difference: bool = False,
) -> Figure:
    """The spread of the points of a design over the years, which is no uncertainty, their mean with its interval, and the base's line.

    Args:
        means: Years x points, means over replications.
        label: Label of the outcome, with unit.
        note: Source line.
        base: Mean of the base point by year, None without one.
        whole: Years x replications, mean over all points in each; its interval is drawn. None takes the mean of ``means`` without one.
        difference: Whether the means are of differences, so that the line of none is drawn.
    """
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.4, note, right=0.70)
        panel = axes[0, 0]
        style.years_axis(panel, means.index.to_numpy(int), narrow=True)
        for share, colour, name in ((0.9, "#DDDDDD", "90% of the points"), (0.5, "#B5B5B5", "middle half of the points")):
            low, high = (means.quantile(0.5 + side * share / 2, axis=1).to_numpy(float) for side in (-1, 1))
            panel.fill_between(means.index, low, high, color=colour, linewidth=0, label=name)
        for place, edge in enumerate((means.max(axis=1), means.min(axis=1))):
            panel.plot(means.index, edge, color=GREY, linewidth=0.6, linestyle=(0, (2, 1.5)), label="" if place else "highest and lowest point")
        mean_line(panel, means.mean(axis=1).to_frame() if whole is None else whole, Look("mean of all points", BLUE, "-", "s"))
        if base is not None:
            panel.plot(base.index, base, color=BLACK, linewidth=1.2, linestyle=(0, (5, 1.5)), label="base")
        _finish(figure, panel, label, [], [], difference)
        style.panel_title(panel, f"Spread over the {means.shape[1]:,} points of the design")
        panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=6.8, borderaxespad=0.0)
    return figure


def _finish(figure: Figure, panel: style.Axes, label: str, ends: list[float], looks: list[Look], difference: bool = False) -> None:
    if difference:
        no_difference(panel)
    low, high = panel.get_ylim()
    span = float(high - low)
    if low >= 0 and low < 0.4 * high:
        panel.set_ylim(0, high)
    elif span <= 1e-12 * max(abs(low), 1.0):
        panel.set_ylim(low - 1, high + 1)
    panel.set_ylabel(style.wrapped(label, 44))
    style.plain_numbers(panel)
    style.panel_title(panel, "Difference over the years" if difference else "Path over the years")
    make_room_for_numbers(figure, panel)
    names = [style.wrapped(look.name, 26) for look in looks]
    style.side_labels(panel, np.array(ends).tolist(), names, [look.colour for look in looks], size=7.0)


def make_room_for_numbers(figure: Figure, panel: style.Axes) -> None:
    """Widen the left margin when long numbers push the axis label over the edge."""
    figure.canvas.draw()
    box = panel.yaxis.get_tightbbox()
    if box is not None and box.x0 < 0.01 * figure.bbox.width:
        figure.subplots_adjust(left=figure.subplotpars.left + 0.01 - box.x0 / figure.bbox.width)
        figure.canvas.draw()
