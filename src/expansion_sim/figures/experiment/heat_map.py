"""Two policy levers at once: a table in colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from expansion_sim.figures import style
from expansion_sim.figures.experiment.labels import number

#: Most cells that get a number.
MOST_NUMBERS = 100


def heat_map(table: pd.DataFrame, x_label: str, y_label: str, label: str, note: str = "", *, difference: bool = False) -> Figure:
    """Mean outcome over two levers.

    Args:
        table: Index (y, x), columns mean and, for differences, distinct.
        x_label: Label of the lever along the x axis, with unit.
        y_label: Label of the lever along the y axis, with unit.
        label: Label of the outcome, with unit.
        note: Source line.
        difference: Whether means are differences from a base: then colours part at zero and cells that cannot be told from zero
            are hatched.
    """
    mean = table["mean"].unstack()
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.9, note, left=0.13, right=0.78, bottom=0.46)
        panel = axes[0, 0]
        colours, norm = _colours(mean.to_numpy(float), difference)
        image = panel.pcolormesh(mean.to_numpy(float), cmap=colours, norm=norm, edgecolor="white", linewidth=0.6)
        lines = _contours(panel, mean.to_numpy(float))
        if difference:
            _hatch(panel, ~table["distinct"].unstack().to_numpy(bool))
        _numbers(panel, mean.to_numpy(float), image)
        _levels(panel, mean, x_label, y_label)
        panel.set_title("Change against the base" if difference else "Mean over two factors")
        bar = figure.colorbar(image, cax=figure.add_axes((0.80, panel.get_position().y0, 0.022, panel.get_position().height)))
        bar.set_label(style.wrapped(label, 44), fontsize=7.5)
        bar.outline.set_linewidth(0.4)
        bar.ax.yaxis.set_major_formatter(number)
        if lines is not None:
            bar.add_lines(lines)
    return figure


def _colours(values: np.ndarray, difference: bool) -> tuple[str, Normalize]:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if difference and low < 0 < high:
        reach = max(abs(low), abs(high)) or 1.0
        return "PuOr_r", TwoSlopeNorm(0.0, -reach, reach)
    low, high = (min(low, 0.0), max(high, 0.0)) if difference else (low, high)
    return "cividis", Normalize(low, high if high > low else low + 1.0)


def _contours(panel: Axes, values: np.ndarray) -> ContourSet | None:
    """Thin lines of equal outcome; the colour bar says which value each has."""
    if min(values.shape) < 3 or not np.isfinite(values).all() or np.ptp(values) == 0:
        return None
    wide = np.pad(values, 1, mode="edge")  # so that lines run to the border
    levels = np.linspace(values.min(), values.max(), 6)[1:-1]
    centres = (np.concatenate([[0.0], np.arange(size) + 0.5, [size]]) for size in reversed(values.shape))
    return panel.contour(*centres, wide, levels=levels, colors="black", linewidths=0.7)


def _hatch(panel: Axes, unsure: np.ndarray) -> None:
    for row, column in np.argwhere(unsure):
        panel.add_patch(Rectangle((column, row), 1, 1, fill=False, hatch="////", edgecolor="#888888", linewidth=0))


def _numbers(panel: Axes, values: np.ndarray, image: Any) -> None:
    if values.size > MOST_NUMBERS:
        return
    decimals = _decimals(values)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            red, green, blue, _ = image.cmap(image.norm(value))
            dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
            box = {"boxstyle": "round,pad=0.15", "facecolor": (red, green, blue), "edgecolor": "none"}  # keeps lines off
            look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 6.8, "color": "white" if dark else "black"}
            panel.text(column + 0.5, row + 0.5, f"{value:,.{decimals}f}" if value else "0", bbox=box, **look)


def _decimals(values: np.ndarray) -> int:
    """Decimals that all cells share, from three significant digits of the largest."""
    most = float(np.nanmax(np.abs(values)))
    return int(np.clip(2 - np.floor(np.log10(most)), 0, 4)) if most > 0 else 0


def _levels(panel: Axes, mean: pd.DataFrame, x_label: str, y_label: str) -> None:
    for axis, levels in ((panel.xaxis, mean.columns), (panel.yaxis, mean.index)):
        texts = [f"{level:g}" if isinstance(level, (int, float)) else str(level) for level in levels]
        axis.set_ticks(np.arange(len(levels)) + 0.5, texts)
    panel.tick_params(length=0)
    panel.set_xlabel(x_label)
    panel.set_ylabel(y_label)
