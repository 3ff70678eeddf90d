"""Figure of where the plants go: shares of hosts in new projects, with China's rise."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from expansion_sim.figures import style
from expansion_sim.figures.style import Look
from expansion_sim.results.frames import series

#: Years over which the shares of the stacked panel are averaged.
_WINDOW = 3


class HostGroup(NamedTuple):
    """Hosts shown as one area."""

    look: Look
    hosts: tuple[str, ...]


HOST_GROUPS: tuple[HostGroup, ...] = (
    HostGroup(Look("China", style.VERMILLION), ("CHN",)),
    HostGroup(Look("Korea, Taiwan", style.SKY, hatch="////"), ("KOR", "TWN")),
    HostGroup(Look("Hong Kong, Singapore", style.BLUE), ("HKG", "SGP")),
    HostGroup(Look("Thailand", style.YELLOW), ("THA",)),
    HostGroup(Look("Indonesia, Malaysia,\nPhilippines", style.ORANGE, hatch="\\\\\\\\"), ("IDN", "MYS", "PHL")),
    HostGroup(Look("Vietnam", style.GREEN), ("VNM",)),
    HostGroup(Look("India", style.BLACK), ("IND",)),
    HostGroup(Look("United States, Mexico", style.PURPLE, hatch="...."), ("USA", "MEX")),
    HostGroup(Look("Europe", "#BDBDBD"), ("DEU", "GBR", "FRA")),
)


def host_mix(yearly: pd.DataFrame, china: pd.DataFrame | None = None, note: str = "") -> Figure:
    """Shares of hosts in new own and collective plants, and China's share beside the published points.

    Args:
        yearly: Tidy yearly table of a run.
        china: Published shares of China: year, value in percent.
        note: Source line.
    """
    with style.drawing():
        figure, axes = style.new_figure(2, 1, 5.9, note, right=0.755)
        _stacked(axes[0, 0], yearly)
        _china(axes[1, 0], yearly, china)
    return figure


def shares_of_hosts(yearly: pd.DataFrame, window: int = _WINDOW) -> dict[str, pd.Series]:
    """Share of each host group in projects, percent, over ``window`` years around each year; NaN without projects."""
    sums = {group.look.name: _smooth(series(yearly, "projects", host=group.hosts).mean(axis=1), window) for group in HOST_GROUPS}
    total = sum(sums.values())
    return {name: 100.0 * value / total.where(total > 0) for name, value in sums.items()}


def china_share(yearly: pd.DataFrame) -> pd.DataFrame:
    """China's share in the projects of each year, percent, years x replications; NaN in years without projects."""
    total = series(yearly, "projects")
    return 100.0 * series(yearly, "projects", host="CHN") / total.where(total > 0)


def _smooth(values: pd.Series, window: int) -> pd.Series:
    return values.rolling(window, center=True, min_periods=1).sum()


def _stacked(panel: Axes, yearly: pd.DataFrame) -> None:
    shares = shares_of_hosts(yearly)
    years = next(iter(shares.values())).index
    style.years_axis(panel, years, label=False)
    panel.set_ylim(0, 100)
    bottom, middles = np.zeros(len(years)), []
    for group, share in zip(HOST_GROUPS, shares.values(), strict=True):
        look, top = group.look, bottom + share.to_numpy()
        panel.fill_between(years, bottom, top, facecolor=look.colour, edgecolor="white", hatch=look.hatch, linewidth=0.4)
        middles.append((bottom[-1] + top[-1]) / 2)
        bottom = top
    if not np.isfinite(middles).any():
        style.nothing_to_show(panel, "no new plants abroad in this run")
    for year in (1989, 1994):
        if years[0] <= year <= years[-1]:
            panel.axvline(year, color="white", linewidth=2.2)
            panel.axvline(year, color="black", linewidth=0.9, linestyle=(0, (3, 2)))
    panel.set_ylabel("Share of projects (%)")
    style.panel_title(panel, f"a  Hosts of new plants ({_WINDOW}-year averages; dashed: 1989 and 1994)")
    style.side_labels(panel, middles, [group.look.name for group in HOST_GROUPS], [group.look.colour for group in HOST_GROUPS])


def _china(panel: Axes, yearly: pd.DataFrame, published: pd.DataFrame | None) -> None:
    share = china_share(yearly)
    style.years_axis(panel, share.index, names=False)
    panel.axvspan(1989, 1994, color=style.YELLOW, alpha=0.30, linewidth=0, zorder=0)
    style.fan(panel, share, Look("Simulated", style.VERMILLION))
    if published is not None:
        published = published[published["year"].between(share.index[0], share.index[-1])]
    if published is not None and len(published):
        panel.plot(published["year"], published["value"], linestyle="", marker="o", markersize=5.5, markerfacecolor="white",
                   markeredgecolor="black", markeredgewidth=1.2, label="Published", zorder=5)
        for row in published.itertuples():
            text = f"{row.value:g}% in {row.year}"
            box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
            panel.annotate(text, (row.year, row.value), (-7, 5), textcoords="offset points", ha="right", fontsize=7, bbox=box)
    panel.set_ylim(0, 100)
    panel.set_ylabel("Share of projects (%)")
    style.panel_title(panel, "b  China's share, year by year (shaded: 1989-94)", names=False)
    panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)
