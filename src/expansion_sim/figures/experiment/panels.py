"""Named worlds side by side: each in a panel of its own over the same axes, with the base behind it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from expansion_sim.figures import style
from expansion_sim.figures.experiment.fan import mean_line, no_difference
from expansion_sim.figures.style import BLACK, BLUE, Look

#: Most worlds that get a panel each.
MOST_PANELS = 15
_COLUMNS = 3
_BASE, _WORLD = Look("base", BLACK, (0, (1, 1))), Look("", BLUE)


def worlds(
    values: pd.DataFrame, names: dict[int, str], label: str, note: str = "", base: int | None = None, *, difference: bool = False,
) -> Figure:
    """One panel per world: its median and band of replications as a fan, the median of the base as a dotted line.

    Args:
        values: Index (point, year), one column per replication.
        names: Name of each world drawn, at most :data:`MOST_PANELS`.
        label: Label of the outcome, with unit.
        note: Source line.
        base: Point of the base, None without one.
        difference: Whether the values are differences: means with their intervals and the line of no difference.
    """
    rows = -(-len(names) // _COLUMNS)
    with style.drawing():
        figure, axes = style.new_figure(rows, _COLUMNS, 0.9 + 1.35 * rows, note, left=0.135, right=0.975, hspace=0.42, wspace=0.16)
        panels = axes.ravel()
        for panel, (point, name) in zip(panels, names.items(), strict=False):
            _world(panel, values, point, name, base, difference)
        for panel in panels[len(names) :]:
            panel.set_visible(False)
        _share_axes(panels[: len(names)])
        figure.supylabel(style.wrapped(label, 60), fontsize=8.0, x=0.012)
    return figure


def _world(panel: style.Axes, values: pd.DataFrame, point: int, name: str, base: int | None, difference: bool) -> None:
    of_point = pd.DataFrame(values.xs(point, level="point"))
    style.years_axis(panel, of_point.index.to_numpy(int), names=False)
    if difference:
        mean_line(panel, of_point, _WORLD)
        no_difference(panel)
    else:
        style.fan(panel, of_point, _WORLD)
    if base is not None:
        style.fan(panel, pd.DataFrame(values.xs(base, level="point")), _BASE, bands=False)
    panel.set_title(style.wrapped(name, 30), fontsize=7.5, pad=3)
    panel.locator_params(axis="x", nbins=4)


def _share_axes(panels: Sequence[style.Axes]) -> None:
    """One scale for all; numbers stand at the left, and below the lowest panel of each column."""
    low, high = (pick(panel.get_ylim()[side] for panel in panels) for side, pick in ((0, min), (1, max)))
    for place, panel in enumerate(panels):
        panel.set_ylim(0 if 0 <= low < 0.4 * high else low, high)
        panel.locator_params(axis="y", nbins=4)
        style.plain_numbers(panel)
        panel.tick_params(labelleft=place % _COLUMNS == 0)
        lowest = place + _COLUMNS >= len(panels)
        panel.tick_params(labelbottom=lowest)
        panel.set_xlabel("Year" if lowest else "")
