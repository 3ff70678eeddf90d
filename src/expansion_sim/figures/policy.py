"""Figures of a comparison: whom a policy took abroad, by which way, and what it cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from expansion_sim.codes import HOST_NAMES, HOSTS, INDUSTRIES, MODES, SIZE_CLASSES
from expansion_sim.comparison.effects import effect
from expansion_sim.comparison.headline import statistic
from expansion_sim.figures import style
from expansion_sim.figures.style import MODE_LOOKS, Look

ADDITIONAL = Look("Additional", style.VERMILLION, "-", "D", "")
DISPLACED = Look("Displaced", style.BLUE, (0, (4, 1.5)), "s", "////")
NET = Look("Difference", style.BLACK, "-", "", "")
_TALLEST = 5.0  # times the highest cost that the axis of costs reaches; intervals beyond it run off the axis
_LEAST_SHARE = 0.02  # firms of the largest year below which a cost per firm is noise and not drawn


def policy(comparison: Any) -> Figure:
    """Additional and displaced firms over the years, effects by mode in the last year, cost per additional firm.

    Args:
        comparison: A :class:`expansion_sim.comparison.Comparison`.

    Returns:
        Three panels; bands and whiskers are intervals of the mean over replications.
    """
    with style.drawing():
        unbounded = " A cost without a band is not bounded by the data." if comparison.replications > 1 else ""
        figure, axes = style.new_figure(3, 1, 7.6, note(comparison) + unbounded, left=0.195, right=0.79, hspace=0.46)
        _firms(axes[0, 0], comparison)
        _groups(axes[1, 0], comparison, "mode", MODES[1:], [MODE_LOOKS[mode].name for mode in MODES[1:]], "b")
        _cost(axes[2, 0], comparison)
    return figure


def policy_groups(comparison: Any) -> Figure:
    """Additional and displaced firms of the last year by industry, size class and host.

    Args:
        comparison: A :class:`expansion_sim.comparison.Comparison`.
    """
    industries = [name.replace("_", ", ").capitalize() for name in INDUSTRIES]
    with style.drawing():
        figure, axes = style.new_figure(3, 1, 9.0, note(comparison), left=0.20, right=0.95, hspace=0.34)
        _groups(axes[0, 0], comparison, "industry", INDUSTRIES, industries, "a")
        _groups(axes[1, 0], comparison, "size_class", SIZE_CLASSES, [f"{name} employees" for name in SIZE_CLASSES], "b")
        _groups(axes[2, 0], comparison, "host", HOSTS, list(HOST_NAMES), "c")
    return figure


def note(comparison: Any) -> str:
    """Source line: the two worlds, seed, scale, replications and what the bands mean."""
    record, count = comparison.record, comparison.replications
    names = [record[side]["scenario"]["name"] for side in ("base", "other")]
    scale = f"{100 * record['scale']:g}% sample weighted to the country" if record["scale"] < 1 else "all firms"
    text = (
        f"Source: expansion_sim, '{names[1]}' (OTHER) against '{names[0]}' (BASE, the reference), same draws, "
        f"seed {record['seed']}, "
        f"{scale}; "
    )
    text += (
        "one pair of runs, no interval."
        if count == 1
        else f"{count} pairs of runs; {100 * record['level']:g}% intervals of the mean."
    )
    return f"{text} Additional: abroad in OTHER only; displaced: abroad in BASE only."


def _firms(axes: Axes, comparison: Any) -> None:
    effects = comparison.effects
    additional, displaced, net = (effect(effects, name) for name in ("additional", "displaced", "abroad"))
    style.years_axis(axes, additional.index.to_numpy(), label=False)
    axes.axhline(0.0, color=style.GREY, linewidth=0.6)
    lines = [_line(axes, additional, ADDITIONAL), _line(axes, displaced, DISPLACED), _line(axes, net, NET)]
    axes.set_ylabel("Firms")
    style.plain_numbers(axes)
    if not np.abs(np.concatenate(lines)).max() > 0.0:
        axes.set_ylim(-1.0, 1.0)
        axes.set_yticks([0.0])
    style.panel_title(axes, "a  Firms abroad in one world only")
    names = ["Additional", "Displaced\n(as a loss)", "Difference\nof firms abroad"]
    colours = [look.colour for look in (ADDITIONAL, DISPLACED, NET)]
    style.side_labels(axes, [line[-1] for line in lines], names, colours)


def _line(axes: Axes, table: pd.DataFrame, look: Look, column: str = "difference", every: int = 8) -> np.ndarray:
    """One line with its interval; returns its values."""
    years, values = table.index.to_numpy(), table[column].to_numpy(float)
    axes.fill_between(
        years, table["low"].to_numpy(float), table["high"].to_numpy(float), color=look.colour, alpha=0.18, linewidth=0
    )
    axes.plot(
        years,
        values,
        color=look.colour,
        linestyle=look.line,
        marker=look.marker or None,
        markersize=3.2,
        markeredgewidth=0,
        markevery=every,
        solid_capstyle="round",
    )
    return values


def _groups(axes: Axes, comparison: Any, dimension: str, labels: tuple[str, ...], names: list[str], letter: str) -> None:
    """Bars of additional and displaced firms per group in the last year, the difference with its interval on top."""
    last = comparison.years[1]
    places = np.arange(len(labels))[::-1]
    gained, lost, net = (_last(comparison, measure, dimension, labels) for measure in ("additional", "displaced", "abroad"))
    for table, look in ((gained, ADDITIONAL), (lost, DISPLACED)):
        axes.barh(
            places,
            table["difference"],
            height=0.62,
            color=look.colour,
            hatch=look.hatch,
            edgecolor="white",
            linewidth=0.4,
            label=look.name,
        )
    middle = net["difference"].to_numpy(float)
    reach = np.abs(net[["low", "high"]].to_numpy(float) - middle[:, None]).T
    axes.errorbar(
        middle, places, xerr=reach, fmt="o", color=style.BLACK, markersize=3.0, elinewidth=1.0, capsize=2.0, label="Difference"
    )
    axes.axvline(0.0, color=style.GREY, linewidth=0.6)
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("Firms" if dimension in ("industry", "size_class") else "Firms; one with several counts in each")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    if not any(table["difference"].to_numpy(float).any() for table in (gained, lost)):
        axes.set_xlim(-1.0, 1.0)
        axes.set_xticks([0.0])
    axes.legend(loc="best", fontsize=6.8)
    style.panel_title(axes, f"{letter}  By {dimension.replace('_', ' ')} in {last}", names=False)


def _last(comparison: Any, measure: str, dimension: str, labels: tuple[str, ...]) -> pd.DataFrame:
    """One measure per label in the last year, zero where a group has no row."""
    effects, last = comparison.effects, comparison.years[1]
    rows = [effect(effects[effects["year"] == last], measure, **{dimension: label}) for label in labels]
    empty = pd.Series({"difference": 0.0, "low": np.nan, "high": np.nan})
    return pd.DataFrame([row.iloc[0] if len(row) else empty for row in rows], index=labels)


def _cost(axes: Axes, comparison: Any) -> None:
    cost = statistic(comparison.headline, "cost per additional firm")
    money = statistic(comparison.headline, "public money, difference so far")["value"]
    firms = statistic(comparison.headline, "firms abroad that never would have gone, so far")["value"].abs()
    shown = (money != 0.0) & (firms > _LEAST_SHARE * max(float(firms.max()), 1e-9))
    cost = cost.where(shown.reindex(cost.index))
    style.years_axis(axes, cost.index.to_numpy(), names=False)
    style.panel_title(axes, "c  Public money so far per firm that never would have gone", names=False)
    axes.set_ylabel("Million yen of 2015 a firm")
    if not np.isfinite(cost["value"]).any():
        axes.set_yticks([])
        equal = "public money" if not (money != 0.0).any() else "who ever went abroad"
        style.nothing_to_show(axes, f"no cost per firm: the two worlds do not differ in {equal}")
        return
    values = _line(axes, cost, NET, "value")
    dearest = float(np.nanmax(np.abs(cost["value"].to_numpy(float))))
    highest = min(float(np.nanmax(cost[["value", "high"]].to_numpy(float))), _TALLEST * dearest)
    axes.set_ylim(min(0.0, 1.1 * float(np.nanmin(cost["value"]))), 1.1 * max(highest, 1e-3))
    style.plain_numbers(axes)
    style.side_labels(axes, [values[-1]], ["Cost per\nadditional firm"], [NET.colour])
