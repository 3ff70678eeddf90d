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

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis.observations import mean_by_row, points_of, varied_factors
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.experiment.analysis.swings import MOST_LEVELS
from expansion_sim.figures import style
from expansion_sim.figures.experiment.labels import factor_axis, factor_words, number, value_words
from expansion_sim.figures.experiment.view import View

#: Most cells that get a number.
MOST_NUMBERS = 100


def draw_heat_map(view: View) -> Figure:
    """Mean outcome, or paired difference, over the first two factors that vary."""
    values = responses(view.results, view.outcome, view.year, **view.asked)
    points = points_of(view.results.design).loc[values.index]
    varied = [name for name in varied_factors(points) if points[name].nunique() <= MOST_LEVELS * 2]
    if len(varied) < 2:
        raise InputError("a heat map needs two factors with few levels each; this sweep has not", file=str(view.results.path))
    x, y = varied[:2]
    cells = values.groupby([points[y], points[x]], sort=True).mean()
    mean, low, high, _ = mean_by_row(cells.to_numpy(float))
    told = view.paired and bool(np.isfinite(low).any())  # one replication cannot tell a difference from zero
    table = pd.DataFrame({"mean": mean, "distinct": (low > 0) | (high < 0) if told else True}, index=cells.index)
    extra = ["Numbers: means over replications."] if values.shape[1] > 1 else []
    extra += ["Lines: equal outcome, marked on the colour bar."] if _shown_contours(table) is not None else []
    extra += ["Hatched: 95% interval of paired differences holds zero."] if told and not table["distinct"].all() else []
    extra += [f"Averaged over {', '.join(map(factor_words, varied[2:]))}."] if len(varied) > 2 else []
    labels = factor_axis(view.results, x), factor_axis(view.results, y), view.label(difference=view.paired)
    return heat_map(table, *labels, view.note(" ".join(extra)), difference=view.paired)


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
        lines = _contours(panel, _shown_contours(table))
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


def _shown_contours(table: pd.DataFrame) -> np.ma.MaskedArray | None:
    """Means between which lines of equal outcome are drawn, cells that cannot be told from zero masked; None where there are none.

    Lines need three levels of each lever, and neighbouring cells of two by two that are all distinct and not all equal.
    """
    values, sure = table["mean"].unstack().to_numpy(float), table["distinct"].unstack(fill_value=False).to_numpy(bool)
    if min(values.shape) < 3 or not np.isfinite(values).all() or np.ptp(values) == 0:
        return None
    whole = sure[1:, 1:] & sure[:-1, 1:] & sure[1:, :-1] & sure[:-1, :-1]
    return np.ma.masked_array(values, ~sure) if whole.any() and np.ptp(values[sure]) > 0 else None


def _contours(panel: Axes, shown: np.ma.MaskedArray | None) -> ContourSet | None:
    """Thin lines of equal outcome; the colour bar says which value each has."""
    if shown is None:
        return None
    sides: dict[str, Any] = {"mode": "edge"}  # so that lines run to the border
    wide = np.ma.masked_array(np.pad(shown.data, 1, **sides), np.pad(np.ma.getmaskarray(shown), 1, **sides))
    levels = np.linspace(float(shown.min()), float(shown.max()), 6)[1:-1]
    centres = (np.concatenate([[0.0], np.arange(size) + 0.5, [size]]) for size in reversed(shown.shape))
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
            text = f"{value:,.{decimals}f}"
            panel.text(column + 0.5, row + 0.5, text if text.strip("-0.") else "0", bbox=box, **look)


def _decimals(values: np.ndarray) -> int:
    """Decimals that all cells share, from three significant digits of the largest."""
    most = float(np.nanmax(np.abs(values)))
    return int(np.clip(2 - np.floor(np.log10(most)), 0, 4)) if most > 0 else 0


def _levels(panel: Axes, mean: pd.DataFrame, x_label: str, y_label: str) -> None:
    for axis, levels in ((panel.xaxis, mean.columns), (panel.yaxis, mean.index)):
        texts = [style.wrapped(value_words(level), 16 if axis is panel.xaxis else 11) for level in levels]
        axis.set_ticks(np.arange(len(levels)) + 0.5, texts)
    panel.tick_params(length=0)
    panel.set_xlabel(x_label)
    panel.set_ylabel(y_label)
