"""Which factors matter: tornado, Sobol bars, Morris's plane."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from expansion_sim.figures import style
from expansion_sim.figures.style import BLACK, GREY, ORANGE, SKY, VERMILLION

#: Most factors drawn; the others are counted in the note.
MOST_FACTORS = 20
_WHISKER: dict[str, Any] = {"ecolor": BLACK, "elinewidth": 0.7, "capsize": 1.8}


def tornado(table: pd.DataFrame, label: str, note: str = "") -> Figure:
    """Mean outcome at the low and the high end of every factor, the widest swing on top.

    Args:
        table: As :func:`expansion_sim.experiment.analysis.swings.swings` returns, with a column ``name``.
        label: Label of the outcome, with unit.
        note: Source line.
    """
    shown = table.head(MOST_FACTORS)
    with style.drawing():
        figure, panel = _list_of(shown["name"], _and_others(note, table))
        for end, colour, hatch in (("low", SKY, ""), ("high", ORANGE, "////")):
            at = np.arange(len(shown))[::-1]
            panel.barh(at, shown[end], height=0.62, color=colour, hatch=hatch, edgecolor=BLACK, linewidth=0.4,
                       label=f"{end} end of the range")
            error = np.abs(shown[[f"{end}_lower", f"{end}_upper"]].to_numpy(float).T - shown[end].to_numpy(float))
            shift = 0.14 if end == "high" else -0.14
            panel.errorbar(shown[end], at + shift, xerr=np.nan_to_num(error), fmt="none", **_WHISKER)
        panel.axvline(0, color=BLACK, linewidth=0.8)
        panel.set_xlabel(f"{label}: difference from the mean over all points")
        panel.legend(loc="lower right", fontsize=6.8)
        panel.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    return figure


def sobol_bars(table: pd.DataFrame, floor: float, label: str, note: str = "") -> Figure:
    """First-order and total Sobol indices with intervals, and the floor set by the inert dummy.

    Args:
        table: Columns name, first, first_low, first_high, total, total_low, total_high.
        floor: Upper bound of the dummy's total index; NaN without a dummy.
        label: Label of the outcome.
        note: Source line.
    """
    ordered = table.sort_values("total", ascending=False)
    shown = ordered.head(MOST_FACTORS)
    with style.drawing():
        figure, panel = _list_of(shown["name"], _and_others(note, ordered))
        at = np.arange(len(shown))[::-1]
        for kind, colour, hatch, shift in (("total", SKY, "", 0.17), ("first", ORANGE, "////", -0.17)):
            value = shown[kind].to_numpy(float)
            panel.barh(at + shift, value, height=0.34, color=colour, hatch=hatch, edgecolor=BLACK, linewidth=0.4,
                       label={"total": "total: with all interactions", "first": "first order: alone"}[kind])
            error = np.clip([value - shown[f"{kind}_low"], shown[f"{kind}_high"] - value], 0, None)
            panel.errorbar(value, at + shift, xerr=error, fmt="none", **_WHISKER)
        _floor(panel, floor)
        panel.set_xlim(min(0.0, panel.get_xlim()[0]), max(1.0, panel.get_xlim()[1]))
        panel.set_xlabel(f"Sobol index: share of the variance of\n{label}")
        panel.legend(loc="lower right", fontsize=6.8)
    return figure


def morris_plane(table: pd.DataFrame, floor: float, label: str, note: str = "") -> Figure:
    """Mean absolute elementary effect against spread of effects.

    Args:
        table: Columns name, mu_star, mu_star_low, mu_star_high, sigma.
        floor: Upper bound of the dummy's mu*; NaN without a dummy.
        label: Label of the outcome, with unit.
        note: Source line.
    """
    ordered = table.sort_values("mu_star", ascending=False)
    named = ordered.head(12)
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.9, note, left=0.12, right=0.66)
        panel = axes[0, 0]
        error = [ordered["mu_star"] - ordered["mu_star_low"], ordered["mu_star_high"] - ordered["mu_star"]]
        panel.errorbar(ordered["mu_star"], ordered["sigma"], xerr=np.clip(error, 0, None), fmt="o", markersize=3.6, color=BLACK,
                       ecolor=GREY, elinewidth=0.7)
        reach = float(max(ordered["mu_star_high"].max(), ordered["sigma"].max())) or 1.0
        panel.plot([0, reach], [0, reach], color=GREY, linewidth=0.7, linestyle=(0, (4, 2)))
        panel.text(0.97 * reach, 0.99 * reach, "spread = mean effect", fontsize=6.3, ha="right", va="bottom", color="#555555")
        panel.set_xlim(-0.02 * reach, 1.05 * reach)
        panel.set_ylim(-0.02 * reach, 1.08 * reach)
        _floor(panel, floor)
        for number, (x, y) in enumerate(zip(named["mu_star"], named["sigma"], strict=True), start=1):
            panel.annotate(str(number), (x, y), xytext=(3, 3), textcoords="offset points", fontsize=6.8)
        lines = "\n".join(f"{number}  {style.wrapped(name, 30)}" for number, name in enumerate(named["name"], start=1))
        figure.text(0.68, panel.get_position().y1, lines, fontsize=7.0, va="top", linespacing=1.5)
        panel.set_xlabel(style.wrapped(f"mu*: mean absolute effect of a factor's full range on {label}", 70))
        panel.set_ylabel("sigma: spread of the effect (interaction, curvature)")
        panel.set_title(" ")
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    return figure


def _list_of(names: pd.Series, note: str) -> tuple[Figure, Axes]:
    """Axes with one line per factor, names at the left."""
    height = 1.55 + 0.27 * len(names)
    figure, axes = style.new_figure(1, 1, height, note, left=0.33, right=0.97, bottom=0.56, top=1 - 0.12 / height)
    panel = axes[0, 0]
    panel.set_yticks(range(len(names) - 1, -1, -1), [style.wrapped(name, 40) for name in names])
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(-0.6, len(names) - 0.4)
    panel.set_title(" ")
    return figure, panel


def _floor(panel: Axes, floor: float) -> None:
    if np.isfinite(floor):
        panel.axvline(floor, color=VERMILLION, linewidth=1.0, linestyle=(0, (2, 2)), label="floor: bound of the inert dummy")


def _and_others(note: str, table: pd.DataFrame) -> str:
    rest = len(table) - MOST_FACTORS
    return f"{note} {rest} factors of less influence are not shown." if rest > 0 else note
