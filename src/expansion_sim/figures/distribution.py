"""Figure of distributions: outcomes over replications, or the sizes of firms by mode when there is only one history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from expansion_sim.codes import SIZE_CLASSES
from expansion_sim.figures import style
from expansion_sim.figures.hosts import china_share
from expansion_sim.figures.style import MODE_LOOKS
from expansion_sim.results.frames import series
from expansion_sim.results.intervals import mean_interval
from expansion_sim.results.measures import FIRMS_IN_MODE
from expansion_sim.results.tables import format_number


class Outcome(NamedTuple):
    """One outcome of a history.

    Attributes:
        title: What it is, with the year as {year}.
        unit: Unit of the axis.
        year: Year, None for the last one.
        measure: Yearly table -> years x replications.
    """

    title: str
    unit: str
    year: int | None
    measure: Callable[[pd.DataFrame], pd.DataFrame]


OUTCOMES: tuple[Outcome, ...] = (
    Outcome("Firms abroad, {year}", "% of firms", None, lambda y: 100 * series(y, "abroad") / series(y, "firms")),
    Outcome("Firms with own plants, {year}", "thousand firms", None, lambda y: series(y, FIRMS_IN_MODE, mode="fdi") / 1e3),
    Outcome("FDI projects, {year}", "projects", 1988, lambda y: series(y, "projects")),
    Outcome("China's share, {year}", "% of projects", 1994, china_share),
    Outcome("Jobs abroad, {year}", "thousand persons", None, lambda y: series(y, "foreign_jobs") / 1e3),
    Outcome("Exports, {year}", "trillion yen of 2015", None, lambda y: series(y, "export_sales") / 1e6),
)

_SIZE_LOOKS = (("#F7F7F7", ""), (style.SKY, "...."), (style.GREEN, ""), (style.ORANGE, "////"), (style.BLUE, ""))


def distribution(yearly: pd.DataFrame, note: str = "") -> Figure:
    """Distribution of outcomes over replications; with one replication, sizes of the firms in each mode.

    Args:
        yearly: Tidy yearly table of a run.
        note: Source line.
    """
    with style.drawing():
        if series(yearly, "firms").shape[1] > 1:
            return _over_replications(yearly, note)
        return _sizes_by_mode(yearly, note)


def _over_replications(yearly: pd.DataFrame, note: str) -> Figure:
    """Empirical distribution functions with the mean and the 95 % interval of the mean."""
    text = f"{note} Steps: empirical distribution over replications; dot and bar: mean and its 95% interval."
    figure, axes = style.new_figure(2, 3, 4.5, text, right=0.985, left=0.085, hspace=0.62, wspace=0.30, top=0.94)
    for position, (panel, outcome) in enumerate(zip(axes.flat, OUTCOMES, strict=True)):
        table = outcome.measure(yearly)
        year = table.index[-1] if outcome.year is None else outcome.year
        values = table.loc[year].dropna().to_numpy() if year in table.index else np.empty(0)
        _ecdf(panel, values)
        panel.set_xlabel(f"{outcome.unit}")
        panel.set_ylabel("Share of replications" if position % 3 == 0 else "")
        panel.set_title(f"{'abcdef'[position]}  {outcome.title.format(year=year)}", fontsize=7.6)
    return figure


def _ecdf(panel: Axes, values: np.ndarray) -> None:
    panel.set_ylim(0, 1.02)
    panel.set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    panel.xaxis.set_major_locator(MaxNLocator(4))
    if values.size and np.abs(values).max() >= 1000:
        panel.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    if values.size < 2:
        panel.set_xticks([])
        style.nothing_to_show(panel, "not in this run")
        return
    panel.axhline(0.5, color="#DDDDDD", linewidth=0.6, zorder=0)
    panel.ecdf(values, color=style.BLUE, linewidth=1.3)
    shares = np.arange(1, values.size + 1) / values.size
    panel.plot(np.sort(values), shares, linestyle="", marker="o", markersize=2.6, color=style.BLUE)
    interval = mean_interval(values)
    panel.errorbar(
        [interval.mean], [0.5], xerr=[[interval.mean - interval.low], [interval.high - interval.mean]], marker="D", markersize=4,
        color=style.VERMILLION, markeredgecolor="black", markeredgewidth=0.6, capsize=2.5, elinewidth=1.2, zorder=5,
    )


def _sizes_by_mode(yearly: pd.DataFrame, note: str) -> Figure:
    """Stacked bars: employees at home of all firms and of the firms in each mode, last year."""
    text = f"{note} One replication shows no distribution of outcomes; ask for several to see it."
    figure, axes = style.new_figure(1, 1, 3.6, text, right=0.80, left=0.20, top=0.91, bottom=0.62)
    panel = axes[0, 0]
    rows = {"All firms": _sizes(yearly, "firms")}
    rows |= {look.name: _sizes(yearly, FIRMS_IN_MODE, mode) for mode, look in MODE_LOOKS.items()}
    year = yearly["year"].max()
    for place, counts in enumerate(rows.values()):
        _bar(panel, place, 100 * counts / counts.sum() if counts.sum() > 0 else np.zeros(counts.size))
        panel.text(102, place, f"{format_number(float(f'{counts.sum():.3g}'))} firms", va="center", fontsize=7.5)
    panel.set_yticks(range(len(rows)), list(rows))
    panel.invert_yaxis()
    panel.tick_params(axis="y", length=0)
    panel.set_xlim(0, 100)
    panel.set_xlabel("Share of the firms using the mode (%)")
    panel.set_title(f"Size of firms by mode, {year}: employees at home")
    handles, labels = panel.get_legend_handles_labels()
    spacing = {"ncols": 5, "columnspacing": 1.2, "handlelength": 1.4}
    figure.legend(handles[:5], labels[:5], loc="lower left", bbox_to_anchor=(0.19, 0.30 / 3.6), **spacing)
    return figure


def _sizes(yearly: pd.DataFrame, measure: str, mode: str = "") -> np.ndarray:
    """Firms by size class in the last year, shape (5,)."""
    return np.array([series(yearly, measure, mode=mode, size_class=size).iloc[-1, 0] for size in SIZE_CLASSES])


def _bar(panel: Axes, place: int, shares: np.ndarray) -> None:
    left = 0.0
    for share, size, (colour, hatch) in zip(shares, SIZE_CLASSES, _SIZE_LOOKS, strict=True):
        look: dict[str, Any] = {"facecolor": colour, "edgecolor": "black", "linewidth": 0.4, "hatch": hatch, "label": size}
        panel.barh(place, share, left=left, height=0.72, **look)
        left += share
