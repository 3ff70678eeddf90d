"""Figure of jobs: at home in small and medium firms, in their plants abroad, and what going abroad did to jobs at home."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from expansion_sim.figures import style
from expansion_sim.figures.style import Look
from expansion_sim.results.frames import series

#: What moved the home jobs: measure, look, label.
_BALANCE = (
    ("jobs_by_plant", Look("At firms with plants", style.BLUE), "Firms with\nplants abroad"),
    ("jobs_by_rivals", Look("At firms that stayed", style.VERMILLION, (0, (4, 1.5))), "Firms that stayed"),
)


def jobs(yearly: pd.DataFrame, note: str = "") -> Figure:
    """Persons employed at home; in plants abroad beside the home jobs that relocated work stands for; gains and losses at home.

    The third panel has the effect on the firms that went beside the effect on their rivals who stayed, and the balance of both.

    Args:
        yearly: Tidy yearly table of a run.
        note: Source line.
    """
    home = series(yearly, "employees") / 1e6
    abroad, moved = series(yearly, "foreign_jobs") / 1e3, series(yearly, "relocated_jobs") / 1e3
    with style.drawing():
        figure, axes = style.new_figure(3, 1, 7.6, note)
        panel = axes[0, 0]
        style.years_axis(panel, home.index, label=False)
        style.fan(panel, home, Look("At home", style.BLUE))
        panel.set_ylim(0, 1.1 * max(float(home.to_numpy().max()), 1e-3))
        panel.set_ylabel("Persons (million)")
        style.panel_title(panel, "a  Employees of small and medium firms in Japan")
        panel = axes[1, 0]
        style.years_axis(panel, home.index, names=False, label=False)
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
        _balance(axes[2, 0], yearly)
    return figure


def _balance(panel: Axes, yearly: pd.DataFrame) -> None:
    """Home jobs gained and lost by going abroad, and both together."""
    parts = [series(yearly, measure) / 1e3 for measure, _, _ in _BALANCE]
    style.years_axis(panel, parts[0].index, names=False)
    panel.axhline(0.0, color=style.BLACK, linewidth=0.6)
    lines = [style.fan(panel, part, look) for part, (_, look, _) in zip(parts, _BALANCE, strict=True)]
    lines.append(style.fan(panel, parts[0] + parts[1], Look("Both", style.BLACK, (0, (1, 1.5)))))
    extent = 1.1 * max(float(max(part.abs().to_numpy().max() for part in (*parts, parts[0] + parts[1]))), 1e-3)
    panel.set_ylim(-extent, extent)
    panel.set_ylabel("Persons (thousand)")
    style.panel_title(panel, "c  Home jobs gained or lost by going abroad", names=False)
    names = [*(label for _, _, label in _BALANCE), "Both together"]
    style.side_labels(panel, [line[-1] for line in lines], names, [style.BLUE, style.VERMILLION, style.BLACK])
