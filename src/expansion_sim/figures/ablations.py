"""Facts lost and gained without each mechanism."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from expansion_sim.figures.style import BLUE, VERMILLION, drawing, new_figure


def ablation_figure(table: pd.DataFrame, note: str) -> Figure:
    """Bars of facts lost (left, hatched) and gained (right) per mechanism, most lost at the top.

    Args:
        table: Columns switch, lost and gained (lists of ids), see :mod:`expansion_sim.documentation.ablations`.
        note: Source line.
    """
    lost, gained = table["lost"].map(len).to_numpy(), table["gained"].map(len).to_numpy()
    order = np.argsort(gained - lost, kind="stable")
    places = np.arange(order.size)
    with drawing():
        figure, grid = new_figure(1, 1, 1.1 + 0.24 * max(1, order.size), note, left=0.2, right=0.97, top=0.97)
        axes = grid[0, 0]
        axes.barh(places, -lost[order], color=VERMILLION, hatch="////", edgecolor="white", linewidth=0.0, height=0.7)
        axes.barh(places, gained[order], color=BLUE, height=0.7)
        for place, row in zip(places, order, strict=True):
            axes.text(-lost[row] - 0.3, place, str(lost[row]), ha="right", va="center", fontsize=7)
            axes.text(gained[row] + 0.3, place, str(gained[row]), ha="left", va="center", fontsize=7)
        axes.axvline(0.0, color="black", linewidth=0.6)
        axes.set_yticks(places, table["switch"].to_numpy()[order])
        axes.invert_yaxis()
        reach = max(lost.max(initial=1), gained.max(initial=1)) * 1.12 + 1.0
        axes.set_xlim(-reach, reach)
        axes.xaxis.set_major_locator(MaxNLocator(9, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):g}"))
        axes.set_xlabel("Published facts lost without the mechanism (left, hatched) and gained (right), number")
        axes.tick_params(axis="y", length=0)
    return figure
