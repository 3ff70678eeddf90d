"""Figures of a comparison: whom a policy took abroad, by which way, and what it cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from expansion_sim.codes import DISTRICTS, HOST_NAMES, HOSTS, INDUSTRIES, MODES, SIZE_CLASSES
from expansion_sim.comparison.effects import effect
from expansion_sim.comparison.headline import statistic
from expansion_sim.comparison.programmes import programmes_differ
from expansion_sim.figures import style
from expansion_sim.figures.style import MODE_LOOKS, Look

ADDITIONAL = Look("Additional", style.VERMILLION, "-", "D", "")
DISPLACED = Look("Displaced", style.BLUE, (0, (4, 1.5)), "s", "////")
NET = Look("Difference", style.BLACK, "-", "", "")
FIRST, SECOND = Look("First", style.BLACK, "-", "", ""), Look("Second", style.BLUE, (0, (4, 1.5)), "s", "")
COST = Look("Cost", style.BLACK, "-", "o", "")  # with a mark for every year: years without a bounded cost may stand between them
_TALLEST = 5.0  # times the highest cost that the axis of costs reaches; intervals beyond it run off the axis
_LEAST_YEARS = 3  # with a cost; fewer are chance
_BEFORE = 5  # years shown before the two worlds begin to differ


def policy(comparison: Any) -> Figure:
    """Additional and displaced firms over the years, effects by mode in the last year, jobs, cost per additional firm.

    Args:
        comparison: A :class:`expansion_sim.comparison.Comparison`.

    Returns:
        Four panels; bands and whiskers are intervals of the mean over replications. Where the worlds have the same programmes the last one
        shows sales abroad instead of a cost.
    """
    with style.drawing():
        several = comparison.replications > 1 and programmes_differ(comparison)
        unbounded = " A cost is drawn where the data bound it: where firms that never would have gone are significant." if several else ""
        figure, axes = style.new_figure(4, 1, 9.8, note(comparison) + unbounded, left=0.195, right=0.79, hspace=0.46)
        _firms(axes[0, 0], comparison)
        _groups(axes[1, 0], comparison, "mode", MODES[1:], [MODE_LOOKS[mode].name for mode in MODES[1:]], "b")
        _jobs(axes[2, 0], comparison)
        last = _cost if programmes_differ(comparison) else _sales
        last(axes[3, 0], comparison)
    return figure


def policy_groups(comparison: Any) -> Figure:
    """Additional and displaced firms of the last year by industry, size class, host and district.

    Args:
        comparison: A :class:`expansion_sim.comparison.Comparison`.
    """
    industries = [name.replace("_", ", ").capitalize() for name in INDUSTRIES]
    with style.drawing():
        figure, axes = style.new_figure(4, 1, 12.5, note(comparison), left=0.20, right=0.95, hspace=0.3)
        _groups(axes[0, 0], comparison, "industry", INDUSTRIES, industries, "a")
        _groups(axes[1, 0], comparison, "size_class", SIZE_CLASSES, [f"{name} employees" for name in SIZE_CLASSES], "b")
        _groups(axes[2, 0], comparison, "host", HOSTS, list(HOST_NAMES), "c")
        _groups(axes[3, 0], comparison, "district", DISTRICTS, [name[0].upper() + name[1:] for name in DISTRICTS], "d")
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
    text += " Assumed terms of support drawn from their ranges for each pair." if record.get("terms") else ""
    return f"{text} Additional: abroad in OTHER only; displaced: abroad in BASE only."


def _firms(axes: Axes, comparison: Any) -> None:
    effects = comparison.effects
    first = first_shown(comparison)
    additional, displaced, net = (effect(effects, name).loc[first:] for name in ("additional", "displaced", "abroad"))
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


def first_shown(comparison: Any) -> int:
    """First year worth drawing: a few years before the first firm or yen that differs; the first of all when nothing does."""
    effects = comparison.effects[comparison.effects["measure"].isin(["additional", "displaced", "spending"])]
    different = effects.loc[(effects["base"] != effects["other"]), "year"]
    first, last = comparison.years
    return first if different.empty else max(first, min(int(different.min()) - _BEFORE, last - 2 * _BEFORE))


def _line(axes: Axes, table: pd.DataFrame, look: Look, column: str = "difference", every: int = 8) -> np.ndarray:
    """One line with its interval; returns its values."""
    years, values = table.index.to_numpy(), table[column].to_numpy(float)
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    if look is NET:  # edges alone: a third filled band would hide the two below it
        for edge in (low, high):
            axes.plot(years, edge, color=look.colour, linestyle=":", linewidth=0.8)
    else:
        axes.fill_between(years, low, high, color=look.colour, alpha=0.18, linewidth=0)
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
    axes.set_xlabel("Firms; one with several counts in each" if dimension in ("mode", "host") else "Firms")
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


def _sales(axes: Axes, comparison: Any) -> None:
    """Differences of exports and of sales of plants abroad, for worlds that differ in something else than support."""
    _two(axes, comparison, {"export_sales": "Exports", "plant_sales": "Sales of\nplants abroad"}, 1e-6)
    style.panel_title(axes, "d  Exports and sales of plants abroad, difference", names=False)
    axes.set_ylabel("Trillion yen of 2015 a year")


def _jobs(axes: Axes, comparison: Any) -> None:
    """Differences of jobs at home and in plants abroad."""
    _two(axes, comparison, {"employees": "At home", "foreign_jobs": "Abroad"}, 1e-3)
    style.panel_title(axes, "c  Jobs of all small and medium-sized firms, difference", names=False)
    axes.set_ylabel("Thousand persons")


def _two(axes: Axes, comparison: Any, measures: dict[str, str], scale: float) -> None:
    """Differences of two measures over the years with their bands."""
    tables = [scale * effect(comparison.effects, name).loc[first_shown(comparison) :] for name in measures]
    style.years_axis(axes, tables[0].index.to_numpy(), names=False)
    axes.axhline(0.0, color=style.GREY, linewidth=0.6)
    looks = (FIRST, SECOND)
    ends = [_line(axes, table, look)[-1] for table, look in zip(tables, looks, strict=True)]
    if not any(table["difference"].to_numpy(float).any() for table in tables):
        axes.set_ylim(-1.0, 1.0)
        axes.set_yticks([0.0])
    style.side_labels(axes, ends, list(measures.values()), [look.colour for look in looks])


def _cost(axes: Axes, comparison: Any) -> None:
    cost = statistic(comparison.headline, "cost per additional firm").loc[first_shown(comparison) :]
    money = statistic(comparison.headline, "public money for business abroad, difference so far")["value"].reindex(cost.index)
    bounded = np.isfinite(cost["low"]) if comparison.replications > 1 else np.isfinite(cost["value"])
    cost = cost.where((money != 0.0) & bounded & (bounded.sum() >= _LEAST_YEARS))
    style.years_axis(axes, cost.index.to_numpy(), names=False)
    style.panel_title(axes, "d  Money for business abroad so far per firm that never would have gone", names=False)
    axes.set_ylabel("Million yen of 2015 a firm")
    if not np.isfinite(cost["value"]).any():
        axes.set_yticks([])
        reason = "public money does not differ" if not (money != 0.0).any() else "no significant\ndifference in firms that ever went abroad"
        style.nothing_to_show(axes, f"no cost per firm: {reason}")
        return
    values = _line(axes, cost, COST, "value", every=1)
    dearest = float(np.nanmax(np.abs(cost["value"].to_numpy(float))))
    highest = min(float(np.nanmax(cost[["value", "high"]].to_numpy(float))), _TALLEST * dearest)
    axes.set_ylim(min(0.0, 1.1 * float(np.nanmin(cost["value"]))), 1.1 * max(highest, 1e-3))
    style.plain_numbers(axes)
    style.side_labels(axes, [values[np.isfinite(values)][-1]], ["Cost per\nadditional firm"], [COST.colour])
