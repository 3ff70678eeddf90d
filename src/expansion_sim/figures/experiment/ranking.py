"""Which factors matter: tornado, Sobol bars, Morris's plane."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from expansion_sim.figures import style
from expansion_sim.figures.experiment.labels import in_sentence, number
from expansion_sim.figures.style import BLACK, GREY, ORANGE, SKY, VERMILLION

#: Most factors drawn; the others are counted in the note.
MOST_FACTORS = 20
#: Most factors named in the plane of Morris effects.
_MOST_NAMED = 12
#: What the two bars of a tornado are, by whether there are ranges and whether there are choices among the factors.
_END_WORDS = {
    (True, False): "{0} end of the range", (False, True): "choice with the {1} mean", (True, True): "{0} end, or choice with the {1} mean",
    (False, False): "{0} end",
}
_WHISKER: dict[str, Any] = {"ecolor": BLACK, "elinewidth": 0.7, "capsize": 1.8}


def tornado(table: pd.DataFrame, label: str, note: str = "") -> Figure:
    """Mean outcome at the low and the high end of every factor, the widest swing on top; the bars of a factor lie side by side.

    Args:
        table: As :func:`expansion_sim.experiment.analysis.swings.swings` returns, with a column ``name``.
        label: Label of the outcome, with unit.
        note: Source line.
    """
    shown = table.head(MOST_FACTORS)
    with style.drawing():
        figure, panel = _list_of(shown["name"], _and_others(note, table), "From one end of each factor to the other")
        words = _END_WORDS[(shown["ends"] == "range").any(), (shown["ends"] == "choice").any()]
        at = np.arange(len(shown))[::-1]
        for end, colour, hatch, shift in (("low", SKY, "", 0.17), ("high", ORANGE, "////", -0.17)):
            panel.barh(at + shift, shown[end], height=0.34, color=colour, hatch=hatch, edgecolor=BLACK, linewidth=0.4,
                       label=words.format(end, f"{end}est"))
            error = np.abs(shown[[f"{end}_lower", f"{end}_upper"]].to_numpy(float).T - shown[end].to_numpy(float))
            panel.errorbar(shown[end], at + shift, xerr=np.nan_to_num(error), fmt="none", **_WHISKER)
        panel.axvline(0, color=BLACK, linewidth=0.8)
        panel.set_xlabel(f"{label}:\ndifference from the mean over all points")
        _legend_above(panel)
        panel.xaxis.set_major_formatter(number)
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
        figure, panel = _list_of(shown["name"], _and_others(note, ordered), "Where the variance comes from")
        at = np.arange(len(shown))[::-1]
        for kind, colour, hatch, shift in (("total", SKY, "", 0.17), ("first", ORANGE, "////", -0.17)):
            value = shown[kind].to_numpy(float)
            panel.barh(at + shift, value, height=0.34, color=colour, hatch=hatch, edgecolor=BLACK, linewidth=0.4,
                       label={"total": "total index", "first": "first-order index"}[kind])
            error = np.clip([value - shown[f"{kind}_low"], shown[f"{kind}_high"] - value], 0, None)
            panel.errorbar(value, at + shift, xerr=error, fmt="none", **_WHISKER)
        _floor(panel, floor)
        panel.set_xlim(min(0.0, panel.get_xlim()[0]), max(1.0, panel.get_xlim()[1]))
        panel.set_xlabel(f"Sobol index: share of the variance of\n{in_sentence(label)}")
        _legend_above(panel)
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
    least = floor if np.isfinite(floor) else 0.0
    above, surely = ordered["mu_star"] > least, ordered["mu_star_low"] > least
    named = ordered[above].head(_MOST_NAMED)
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.9, note, left=0.12, right=0.66, bottom=0.56)
        panel = axes[0, 0]
        error = [ordered["mu_star"] - ordered["mu_star_low"], ordered["mu_star_high"] - ordered["mu_star"]]
        panel.errorbar(ordered["mu_star"], ordered["sigma"], xerr=np.clip(error, 0, None), fmt="none", ecolor=GREY, elinewidth=0.7)
        for rows, face, word in ((ordered[surely], BLACK, None), (ordered[~surely], "white", "not surely above the floor")):
            panel.plot(rows["mu_star"], rows["sigma"], "o", markersize=3.6, color=BLACK, markerfacecolor=face, markeredgewidth=0.7,
                       label=word if word and len(rows) and above[~surely].any() else None)
        wide, high = (float(ordered[name].max()) or 1.0 for name in ("mu_star_high", "sigma"))
        panel.axline((0, 0), slope=1, color=GREY, linewidth=0.7, linestyle=(0, (4, 2)), label="spread = mean absolute effect")
        panel.set_xlim(-0.02 * wide, 1.05 * wide)
        panel.set_ylim(-0.02 * high, 1.15 * high)
        _floor(panel, floor)
        for (x, y), places in _labels(named, wide, high).items():
            panel.annotate(places, (x, y), xytext=(3, 3), textcoords="offset points", fontsize=6.8)
        lines = [f"{place}  " + style.wrapped(name, 36).replace("\n", "\n    ") for place, name in enumerate(named["name"], start=1)]
        less, rest = int(above.sum()) - len(named), int((~above).sum())
        lines += [f"{less} more of less effect"] if less else []
        lines += [f"{rest} not above the floor"] if rest else []
        figure.text(0.68, panel.get_position().y1, "\n".join(lines), fontsize=7.0, va="top", linespacing=1.5)
        panel.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, fontsize=6.8, borderaxespad=0.2, columnspacing=1.2)
        panel.set_xlabel(f"mu*: mean absolute effect of a factor's full range on\n{in_sentence(label)}")
        panel.set_ylabel("sigma: spread of the effect (interaction, curvature)")
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_locator(MaxNLocator(6))
            axis.set_major_formatter(number)
    return figure


def _labels(named: pd.DataFrame, wide: float, high: float) -> dict[tuple[float, float], str]:
    """Numbers of the named factors by place in the plane; those that would lie on each other stand together."""
    found: dict[tuple[float, float], str] = {}
    for place, (x, y) in enumerate(zip(named["mu_star"], named["sigma"], strict=True), start=1):
        near = next((at for at in found if abs(at[0] - x) < 0.025 * wide and abs(at[1] - y) < 0.04 * high), (x, y))
        found[near] = f"{found[near]}, {place}" if near in found else str(place)
    return found


def _list_of(names: pd.Series, note: str, title: str) -> tuple[Figure, Axes]:
    """Axes with one line per factor, names at the left."""
    height = 1.75 + 0.31 * len(names)
    figure, axes = style.new_figure(1, 1, height, note, left=0.33, right=0.97, bottom=0.56, top=1 - 0.5 / height)
    panel = axes[0, 0]
    panel.set_yticks(range(len(names) - 1, -1, -1), list(names))
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(-0.6, len(names) - 0.4)
    figure.text(0.012, 1 - 0.12 / height, title, fontsize=8.5, fontweight="bold", va="top")
    return figure, panel


def _legend_above(panel: Axes) -> None:
    panel.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, fontsize=6.8, borderaxespad=0.2, columnspacing=1.2)


def _floor(panel: Axes, floor: float) -> None:
    if np.isfinite(floor):
        panel.axvline(floor, color=VERMILLION, linewidth=1.0, linestyle=(0, (2, 2)), label="floor: inert dummy")


def _and_others(note: str, table: pd.DataFrame) -> str:
    rest = len(table) - MOST_FACTORS
    return f"{note} {rest} factors of less influence are not shown." if rest > 0 else note
