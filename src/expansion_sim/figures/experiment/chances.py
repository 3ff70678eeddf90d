"""Distributions and chances: distribution functions, exceedance, cost against effect, the boxes of scenario discovery."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from expansion_sim.figures import style
from expansion_sim.figures.experiment.fan import LOOKS
from expansion_sim.figures.experiment.labels import number
from expansion_sim.figures.style import BLACK, BLUE, GREY, SKY, VERMILLION

#: Most points of a front that are named.
_MOST_NAMED = 14


def ecdf(table: pd.DataFrame, names: Mapping[int, str], label: str, note: str = "") -> Figure:
    """Distribution functions over replications, and over all runs.

    Args:
        table: Columns point (-1 for all runs), value, share.
        names: Points drawn, with their names.
        label: Label of the outcome, with unit.
        note: Source line.
    """
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.2, note, right=0.66 if len(names) > 1 else 0.96)
        panel = axes[0, 0]
        for position, (point, name) in enumerate(names.items()):
            rows, look = table[table["point"] == point], LOOKS[position % len(LOOKS)]
            steps = np.concatenate([[rows["value"].iloc[0]], rows["value"]]), np.concatenate([[0.0], rows["share"]])
            panel.step(*steps, where="post", color=look.colour, linestyle=look.line, label=style.wrapped(name, 27))
        panel.set_ylim(0, 1.02)
        panel.set_ylabel("Share of runs at or below")
        _value_axis(panel, label, "Distribution of runs")
    return figure


def exceedance(table: pd.DataFrame, names: Mapping[int, str], label: str, note: str = "") -> Figure:
    """Chance that an outcome exceeds a threshold, with Wilson intervals.

    Args:
        table: Columns point, threshold, probability, low, high.
        names: Points drawn, with their names.
        label: Label of the outcome, with unit.
        note: Source line.
    """
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.2, note, right=0.66)
        panel = axes[0, 0]
        for position, (point, name) in enumerate(names.items()):
            rows, look = table[table["point"] == point].sort_values("threshold"), LOOKS[position % len(LOOKS)]
            panel.fill_between(rows["threshold"], rows["low"], rows["high"], color=look.colour, alpha=0.15, linewidth=0)
            panel.plot(rows["threshold"], rows["probability"], color=look.colour, linestyle=look.line, label=style.wrapped(name, 27))
        panel.set_ylim(-0.02, 1.02)
        panel.set_ylabel("Probability of more")
        _value_axis(panel, label, "Chance of more")
    return figure


def front(table: pd.DataFrame, names: Mapping[int, str], cost_label: str, gain_label: str, note: str = "") -> Figure:
    """Cost against gain with intervals; the front as a line, its points numbered.

    Args:
        table: As :func:`expansion_sim.experiment.analysis.pareto.pareto_front` returns.
        names: Names of the points.
        cost_label: Label of the cost, with unit.
        gain_label: Label of the gain, with unit.
        note: Source line.
    """
    best = table[table["on_front"]].sort_values("cost")
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.8, note, left=0.13, right=0.62, bottom=0.56)
        panel = axes[0, 0]
        for rows, colour, marker, size in ((table[~table["on_front"]], GREY, "o", 3.0), (best, BLUE, "D", 4.6)):
            panel.errorbar(
                rows["cost"], rows["gain"], xerr=_reach(rows, "cost"), yerr=_reach(rows, "gain"), fmt=marker, markersize=size,
                color=colour, ecolor=colour, elinewidth=0.6, markeredgecolor="white", markeredgewidth=0.4,
            )
        panel.step(best["cost"], best["gain"], where="post", color=BLUE, linewidth=1.1)
        panel.plot([0.0], [0.0], "s", color="white", markeredgecolor=BLACK, markeredgewidth=0.8, markersize=6.5, zorder=1.5)
        lines = ["On the front [share of resamples]"]
        for place, ((x, y), alike) in enumerate(list(best.groupby(["cost", "gain"]))[:_MOST_NAMED], start=1):
            panel.annotate(str(place), (x, y), xytext=(-3, 4), textcoords="offset points", fontsize=6.8, ha="right")
            others = f" and {len(alike) - 1} alike" if len(alike) > 1 else ""
            told = f"{names[alike.index[0]]}{others} [{100 * alike['on_front_share'].iloc[0]:.0f}%]"
            lines.append(f"{place}  " + style.wrapped(told, 38).replace("\n", "\n    "))
        if best.empty:
            lines = ["No point is on the front:", "the base costs no more and gains no less."]
        figure.text(0.64, panel.get_position().y1, "\n".join(lines), fontsize=6.6, va="top", linespacing=1.45)
        panel.set_xlabel(style.wrapped(cost_label, 52))
        panel.set_ylabel(style.wrapped(gain_label, 52))
        panel.set_title("Cost against effect")
        panel.xaxis.set_major_locator(MaxNLocator(4))
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(number)
    return figure


def box_ranges(ranges: pd.DataFrame, trajectory: pd.DataFrame, label: str, note: str = "") -> Figure:
    """The box of scenario discovery: its ranges inside those of the design, and density against coverage of every peel.

    Args:
        ranges: Columns name, low, high as shares of the design's range (0 to 1), text (the limits in words), least, most (the ends
            of the design's range in words).
        trajectory: Columns density, coverage.
        label: What is asked about.
        note: Source line.
    """
    with style.drawing():
        figure, axes = style.new_figure(1, 2, 3.0, note, left=0.25, right=0.97, wspace=0.32)
        left, right = axes[0]
        at = np.arange(len(ranges))[::-1]
        left.barh(at, np.ones(len(ranges)), height=0.5, color="#EDEDED")
        left.barh(at, ranges["high"] - ranges["low"], left=ranges["low"], height=0.5, color=SKY, edgecolor=BLACK, linewidth=0.5)
        for place, text in zip(at, ranges["text"], strict=True):
            left.text(0.5, place + 0.29, text, fontsize=6.8, ha="center", va="bottom")
        for side, (x, column) in {"left": (0.0, "least"), "right": (1.0, "most")}.items():
            for place, end in zip(at, ranges[column], strict=True):
                left.text(x, place - 0.29, end, fontsize=6.4, ha=side, va="top")
        left.set_yticks(at, [style.wrapped(name, 24) for name in ranges["name"]])
        left.set_ylim(min(-0.6, len(ranges) - 3.2), max(len(ranges) - 0.2, 1.0))
        left.set_xlim(0, 1)
        left.set_xticks([])
        left.set_xlabel("Grey: whole range of the design")
        style.panel_title(left, "a  Box", names=False)
        right.plot(trajectory["coverage"], trajectory["density"], "o-", color=BLACK, markersize=2.6, linewidth=0.7)
        right.set_xlim(0, 1.03)
        right.set_ylim(0, 1.03)
        right.set_xlabel("Coverage")
        right.set_ylabel("Density")
        style.panel_title(right, "b  Density against coverage", names=False)
        figure.text(0.012, 0.97, label, fontsize=7.5, va="top")
    return figure


def mark_chosen(figure: Figure, coverage: float, density: float) -> None:
    """Mark the chosen box among the peels."""
    figure.axes[1].plot([coverage], [density], "D", color=VERMILLION, markersize=5, markeredgecolor="white")


def _value_axis(panel: Axes, label: str, title: str) -> None:
    panel.set_xlabel(label)
    panel.set_title(title)
    panel.xaxis.set_major_locator(MaxNLocator(5))
    panel.xaxis.set_major_formatter(number)
    if len(panel.get_lines()) > 1:
        panel.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), fontsize=6.8, handlelength=3.0)


def _reach(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Distances from the mean to the bounds of its interval, zero where there is none; shape (2, n)."""
    reach = [rows[name] - rows[f"{name}_low"], rows[f"{name}_high"] - rows[name]]
    return np.nan_to_num(np.clip(np.asarray(reach, float), 0, None))
