"""Cost against effect: which points no other beats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from expansion_sim.errors import InputError
from expansion_sim.experiment import analysis
from expansion_sim.experiment.analysis.choosing import fronts, why_no_front
from expansion_sim.experiment.analysis.observations import main_points, points_of, varied_factors
from expansion_sim.figures import style
from expansion_sim.figures.experiment.labels import MOST_VALUES, factor_axis, factor_words, number, point_labels
from expansion_sim.figures.experiment.view import View
from expansion_sim.figures.style import BLACK, BLUE, GREY

#: Most points of a front that are named.
_MOST_NAMED = 14


def draw_front(view: View) -> Figure:
    """Cost against the view's outcome, or against firms abroad where that is a cost itself; see :func:`front_of`."""
    ends = fronts(view.results, (view.outcome,))
    if not ends or not view.paired:
        told = "a front needs a paired design that keeps spending ('programme:*:spending_million_yen') and a yearly outcome"
        raise InputError(told, file=str(view.results.path))
    return front_of(view, *ends[0])


def front_of(view: View, cost: str, gain: str) -> Figure:
    """Cost against gain, both as paired differences from the base.

    Args:
        view: What is shown: its year is that of the gain; the cost is summed over the years.
        cost: Outcome to keep small.
        gain: Outcome to make large.

    Raises:
        InputError: The cost has no sum over the years, or the gain no such year.
    """
    reason = why_no_front(view.results, view.year, (cost, gain))
    if reason:
        raise InputError(reason, file=str(view.results.path))
    table = analysis.pareto_front(view.results, cost, gain, gain_year=view.year, missing=view.missing)
    names = dict(zip(table.index, point_labels(view.results.design, list(table.index)), strict=True))
    several = view.results.design["replication"].nunique() > 1
    what = "Against the base with the same draws; line: front; square: the base."
    what += " Whiskers, on the front alone: 95% intervals over replications." if several else ""
    costs, gains = view._replace(outcome=cost, year="total"), view._replace(outcome=gain)
    return front(table, names, costs.label(difference=True), gains.label(difference=True), gains.note(what), _settings(view))


def _settings(view: View) -> str:
    """Units of what the names of points are values of; nothing where points have labels or numbers."""
    design = view.results.design
    varied = varied_factors(points_of(design).loc[main_points(design)])
    if "label" in points_of(design) or len(varied) > MOST_VALUES:
        return ""
    axes = {name: factor_axis(view.results, name) for name in varied}
    return ", ".join(words for name, words in axes.items() if words != factor_words(name))


def front(table: pd.DataFrame, names: Mapping[int, str], cost_label: str, gain_label: str, note: str = "", settings: str = "") -> Figure:
    """Cost against gain; the front as a line, its points numbered and with intervals.

    Args:
        table: As :func:`expansion_sim.experiment.analysis.pareto.pareto_front` returns.
        names: Names of the points.
        cost_label: Label of the cost, with unit.
        gain_label: Label of the gain, with unit.
        note: Source line.
        settings: What the names are values of, with units.
    """
    best = table[table["on_front"]].sort_values("cost")
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.8, note, left=0.13, right=0.62, bottom=0.56)
        panel = axes[0, 0]
        rest = table[~table["on_front"]]
        panel.plot(rest["cost"], rest["gain"], "o", markersize=3.4, color=GREY, markeredgecolor="white", markeredgewidth=0.4)
        panel.errorbar(
            best["cost"], best["gain"], xerr=_reach(best, "cost"), yerr=_reach(best, "gain"), fmt="D", markersize=4.6,
            color=BLUE, ecolor=BLUE, elinewidth=0.7, capsize=1.5, markeredgecolor="white", markeredgewidth=0.4,
        )
        panel.step(best["cost"], best["gain"], where="post", color=BLUE, linewidth=1.1)
        panel.plot([0.0], [0.0], "s", color="white", markeredgecolor=BLACK, markeredgewidth=0.8, markersize=6.5, zorder=1.5)
        for place, ((x, y), _) in enumerate(_groups(best), start=1):
            panel.annotate(str(place), (x, y), xytext=(-3, 4), textcoords="offset points", fontsize=6.8, ha="right")
        lines = _key(best, names, settings)
        figure.text(0.64, panel.get_position().y1, "\n".join(lines), fontsize=6.6, va="top", linespacing=1.45)
        panel.set_xlabel(style.wrapped(cost_label, 52))
        panel.set_ylabel(style.wrapped(gain_label, 52))
        panel.set_title("Cost against effect")
        panel.xaxis.set_major_locator(MaxNLocator(4))
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(number)
    return figure


def _groups(best: pd.DataFrame) -> list[tuple[Any, pd.DataFrame]]:
    """Points of the front by their place, the cheapest first, as many as are named."""
    return list(best.groupby(["cost", "gain"]))[:_MOST_NAMED]


def _key(best: pd.DataFrame, names: Mapping[int, str], settings: str) -> list[str]:
    """Lines that say which point each number is, and how sure its place is where replications can tell."""
    if best.empty:
        return ["No point is on the front:", "the base costs no more and gains no less."]
    sure = best["on_front_share"].notna().any()
    lines = ["On the front" + (" [share of resamples]" if sure else ""), *(style.wrapped(settings, 40).split("\n") if settings else [])]
    for place, (_, alike) in enumerate(_groups(best), start=1):
        others = f" and {len(alike) - 1} alike" if len(alike) > 1 else ""
        share = f" [{100 * alike['on_front_share'].iloc[0]:.0f}%]" if sure else ""
        lines.append(f"{place}  " + style.wrapped(f"{names[alike.index[0]]}{others}{share}", 38).replace("\n", "\n    "))
    return lines


def _reach(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Distances from the mean to the bounds of its interval, zero where there is none; shape (2, n)."""
    reach = [rows[name] - rows[f"{name}_low"], rows[f"{name}_high"] - rows[name]]
    return np.nan_to_num(np.clip(np.asarray(reach, float), 0, None))
