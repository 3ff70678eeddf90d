"""One figure for the whole validation: where each simulated fact lies relative to its tolerance."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from expansion_sim.figures.style import BLUE, GREY, VERMILLION, WIDTH, drawing
from expansion_sim.validation.surveys import ANSWERED_BY
from expansion_sim.validation.tolerance import parse_tolerance
from expansion_sim.validation.validate import HIT, NOT_COMPUTED, summary

#: Half-widths of the tolerance shown; dots beyond are drawn at the edge as arrows.
EDGE = 5.0
_ROW = 0.118
_COLOURS = {HIT: BLUE, "miss": VERMILLION}


def validation_figure(table: pd.DataFrame) -> Figure:
    """Dots and intervals against published values, in half-widths of each tolerance, in two columns.

    The shaded band is the tolerance and its middle the published value (or the middle of the published range). Facts about signs,
    orders and dates with two readings have no scale of their own: they stand at the right as filled (hit) or open (miss) squares.

    Args:
        table: Result of :func:`expansion_sim.validation.validate.validate`.

    Returns:
        A figure of the width of a page.
    """
    shown = table[table["verdict"] != NOT_COMPUTED].reset_index(drop=True)
    half = max(1, math.ceil(len(shown) / 2))
    height = 1.0 + _ROW * half
    with drawing():
        figure = Figure(figsize=(WIDTH * 1.3, height))
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, 2)
        for ax, rows in zip(axes, (shown.iloc[:half], shown.iloc[half:]), strict=True):
            _panel(ax, rows.to_dict("records"), half)
        figure.subplots_adjust(left=0.25, right=0.975, bottom=0.80 / height, top=1 - 0.2 / height, wspace=1.0)
        figure.text(0.01, 0.10 / height, _note(table), fontsize=6.5, color="#444444", va="bottom")
    return figure


def _panel(axes: Axes, rows: list[dict], most: int) -> None:
    """One column of facts, first at the top."""
    axes.axvspan(-1, 1, color="#E8EEF4", linewidth=0)
    axes.axvline(0, color=GREY, linewidth=0.6)
    for place, row in enumerate(rows):
        colour = _COLOURS[row["verdict"]]
        deviation = row["deviation"]
        if np.isfinite(deviation):
            _dot(axes, place, row, deviation, colour)
        else:
            face = colour if row["verdict"] == HIT else "white"
            axes.plot(EDGE + 0.7, place, "s", color=colour, markerfacecolor=face, markersize=3, clip_on=False)
    axes.set_ylim(most - 0.4, -0.6)
    axes.set_xlim(-EDGE - 0.4, EDGE + 1.1)
    axes.set_yticks(range(len(rows)), [_label(row) for row in rows], fontsize=5.6)
    axes.set_xticks([-5, -3, -1, 0, 1, 3, 5])
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=7)
    axes.set_xlabel("Deviation, half-widths of the tolerance", fontsize=7)


def _dot(axes: Axes, place: int, row: dict, deviation: float, colour: str) -> None:
    """A dot with its interval over replications; an arrow where it lies outside the axes."""
    if np.isfinite(row["low"]) and "," not in row["readings"]:
        tolerance = parse_tolerance(row["tolerance"], row["published"], row["unit"])
        ends = np.clip([tolerance.deviation(np.array([row[end]])) for end in ("low", "high")], -EDGE, EDGE)
        axes.plot(ends, [place, place], color=colour, linewidth=0.9, solid_capstyle="butt")
    marker = ">" if deviation > EDGE else "<" if deviation < -EDGE else "o"
    axes.plot(min(EDGE, max(-EDGE, deviation)), place, marker, color=colour, markersize=3)


def _label(row: dict) -> str:
    """Id and a short name: the survey's where there is one, for the statistic alone does not tell the frames apart."""
    if row["id"] in ANSWERED_BY:
        survey, year = ANSWERED_BY[row["id"]]
        name = f"{survey.name} {year}"
    else:
        name = f"{row['statistic']}, {row['period']}"
    return f"{name if len(name) <= 38 else name[:37] + '…'}  {row['id']}"


def _note(table: pd.DataFrame) -> str:
    counts = summary(table)
    return (
        f"{counts['hit']} of {counts['computable']} computable facts within tolerance; {counts['not computed']} of "
        f"{counts['total']} not computed. Band: tolerance. Bars: 90 % of replications.\n"
        "Arrows: beyond five half-widths. Squares: facts about signs, orders, bounds and ranges (filled: hit, open: miss)."
    )
