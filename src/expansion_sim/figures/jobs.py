"""Figure of jobs: at home in small and medium firms, and in their plants abroad."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from expansion_sim.figures import style
from expansion_sim.figures.style import Look
from expansion_sim.results.frames import series


def jobs(yearly: pd.DataFrame, note: str = "") -> Figure:
    """Persons employed at home, and in plants abroad beside the home jobs that relocated work stands for.

    Args:
        yearly: Tidy yearly table of a run.
        note: Source line.
    """
    home = series(yearly, "employees") / 1e6
    abroad, moved = series(yearly, "foreign_jobs") / 1e3, series(yearly, "relocated_jobs") / 1e3
    with style.drawing():
        figure, axes = style.new_figure(2, 1, 5.2, note)
        panel = axes[0, 0]
        style.years_axis(panel, home.index, label=False)
        style.fan(panel, home, Look("At home", style.BLUE))
        panel.set_ylim(0, 1.1 * max(float(home.to_numpy().max()), 1e-3))
        panel.set_ylabel("Persons (million)")
        style.panel_title(panel, "a  Employees of small and medium firms in Japan")
        panel = axes[1, 0]
        style.years_axis(panel, home.index, names=False)
        lines = [
            style.fan(panel, abroad, Look("In plants abroad", style.VERMILLION, "-", "D")),
            style.fan(panel, moved, Look("Home jobs moved", style.BLACK, (0, (4, 1.5)))),
        ]
        panel.set_ylim(0, 1.1 * max(float(np.nanmax([abroad.to_numpy().max(), moved.to_numpy().max()])), 1e-3))
        panel.set_ylabel("Persons (thousand)")
        style.plain_numbers(panel)
        style.panel_title(panel, "b  Employees abroad and home jobs moved abroad", names=False)
        names = ["In own and\ncollective plants", "Home jobs that\nrelocated work\nstands for"]
        style.side_labels(panel, [line[-1] for line in lines], names, [style.VERMILLION, style.BLACK])
    return figure
