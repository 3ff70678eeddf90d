"""How an outcome spreads over replications, point by point: ridges where there are enough, dots where there are few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy import stats

from expansion_sim.figures import style
from expansion_sim.figures.experiment.labels import number
from expansion_sim.figures.style import BLACK, SKY

#: Most points drawn; of more, those at even steps of the median are shown.
MOST_POINTS = 24
#: Replications from which a smooth density says more than the dots themselves.
ENOUGH = 10


def ridges(values: pd.DataFrame, names: Sequence[str], label: str, note: str = "", base: float | None = None) -> Figure:
    """One ridge per point: density over replications, the middle half as a thick line, the median as a dot.

    Args:
        values: Index point, one column per replication; NaN is left out.
        names: Name of each point, in order.
        label: Label of the outcome, with unit.
        note: Source line.
        base: Median of the base, drawn as a line.
    """
    with style.drawing():
        wrapped = [style.wrapped(name, 34) for name in names]
        lines = max((name.count("\n") + 1 for name in wrapped), default=1)
        height = 1.40 + (0.25 if lines == 1 else 0.04 + 0.13 * lines) * len(values)
        figure, axes = style.new_figure(1, 1, max(height, 2.2), note, left=0.36, right=0.97, top=1 - 0.34 / max(height, 2.2))
        panel = axes[0, 0]
        for place, row in enumerate(values.to_numpy(float)):
            _ridge(panel, row[np.isfinite(row)], len(values) - 1 - place)
        if base is not None:
            panel.axvline(base, color=BLACK, linewidth=0.7, linestyle=(0, (4, 2)), zorder=0.5)
        panel.set_yticks(range(len(values) - 1, -1, -1), wrapped)
        panel.set_ylim(-0.6, len(values) - 0.1)
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="y", color="#E4E4E4", linewidth=0.5)
        panel.set_xlabel(label)
        panel.set_title("Spread over replications")
        panel.xaxis.set_major_locator(MaxNLocator(5))
        panel.xaxis.set_major_formatter(number)
    return figure


def evenly_spread(values: pd.DataFrame, most: int = MOST_POINTS) -> pd.DataFrame:
    """At most so many points, by median from low to high at even steps; all, in their order, where they fit."""
    if len(values) <= most:
        return values
    order = values.median(axis=1).sort_values().index
    return values.loc[order[np.unique(np.linspace(0, len(order) - 1, most).round().astype(int))]]


def _ridge(panel: Axes, row: np.ndarray, at: int) -> None:
    if not row.size:
        return
    if row.size >= ENOUGH and np.ptp(row) > 1e-9 * max(1.0, float(np.abs(row).max())):
        density = stats.gaussian_kde(row)
        reach = 1.5 * float(np.sqrt(density.covariance[0, 0]))
        grid = np.linspace(row.min() - reach, row.max() + reach, 200)
        height = density(grid)
        top = at + 0.8 * height / height.max()
        panel.fill_between(grid, at, top, facecolor=SKY, edgecolor=BLACK, linewidth=0.5, alpha=0.75, zorder=2 - at / 1e3)
    else:
        panel.plot(row, np.full(row.size, float(at)), "|", color=BLACK, markersize=6, markeredgewidth=0.7)
    low, middle, high = np.quantile(row, [0.25, 0.5, 0.75])
    panel.plot([low, high], [at, at], color=BLACK, linewidth=2.2, solid_capstyle="butt", zorder=3)
    panel.plot([middle], [at], "o", color="white", markeredgecolor=BLACK, markersize=4, zorder=4)
