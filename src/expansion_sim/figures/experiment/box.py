"""Scenario discovery: the ranges of factors that lead beyond a threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from expansion_sim.experiment import analysis
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.experiment.analysis.units import short_number
from expansion_sim.figures import style
from expansion_sim.figures.experiment.labels import factor_axis, factor_words, value_words
from expansion_sim.figures.experiment.view import View
from expansion_sim.figures.style import BLACK, SKY, VERMILLION
from expansion_sim.results.tables import format_number


def draw_box(view: View) -> Figure:
    """Ranges of factors that lead beyond a threshold."""
    threshold = view.threshold
    if threshold is None:
        threshold = float(np.nanmean(responses(view.results, view.outcome, view.year, **view.asked).to_numpy(float)))
    found = analysis.discover(view.results, view.outcome, threshold, view.year, **view.asked)
    shown = [_shown_range(view, row) for row in found.box.itertuples()]
    ranges = pd.DataFrame(shown, columns=["name", "low", "high", "text", "least", "most"])
    label = f"{view.label(difference=view.paired)}: more than {format_number(threshold)}"
    what = f"Box (diamond in b): density {found.density:.2f}, coverage {found.coverage:.2f}, mass {found.mass:.2f}"
    note = view.note(f"{what}; density over all {found.cases} cases {found.base_rate:.2f}.")
    figure = box_ranges(ranges, found.trajectory, label, note)
    mark_chosen(figure, found.coverage, found.density)
    return figure


def _shown_range(view: View, row: Any) -> tuple[str, float, float, str, str, str]:
    """A restriction as shares of the design's range, in words, and the ends of that range."""
    if row.choices:
        return factor_words(row.factor), 0.0, 1.0, f"only {', '.join(map(value_words, row.choices.split(', ')))}", "", ""
    scale = np.log if _on_log_scale(view.results, row.factor) else float
    low, high = (row.least if np.isnan(row.low) else row.low), (row.most if np.isnan(row.high) else row.high)
    lower, upper = short_number(low), short_number(high)
    words = f"above {lower}" if np.isnan(row.high) else f"below {upper}" if np.isnan(row.low) else f"{lower} to {upper}"
    least, most = scale(row.least), scale(row.most)
    shares = [float((scale(end) - least) / (most - least)) for end in (low, high)]
    return factor_axis(view.results, row.factor), shares[0], shares[1], words, short_number(row.least), short_number(row.most)


def _on_log_scale(results: Any, name: str) -> bool:
    """Whether a factor fills its range evenly in its logarithm."""
    return any(factor.column == name and factor.transform == "log" for factor in getattr(results.experiment, "factor", ()))


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
