"""Figures of the ways abroad: how many firms use each, and how many take each up."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from expansion_sim.figures import style
from expansion_sim.figures.style import MODE_LOOKS
from expansion_sim.results.frames import series
from expansion_sim.results.measures import FIRMS_IN_MODE


def mode_mix(yearly: pd.DataFrame, note: str = "") -> Figure:
    """Firms using each mode, on a logarithmic axis, and the mix of modes in percent.

    Args:
        yearly: Tidy yearly table of a run.
        note: Source line.

    Returns:
        Two panels over the years. A firm with several modes counts in each of them.
    """
    stocks = {mode: series(yearly, FIRMS_IN_MODE, mode=mode) for mode in MODE_LOOKS}
    with style.drawing():
        figure, axes = style.new_figure(2, 1, 5.9, note, right=0.755)
        _levels(axes[0, 0], stocks)
        _mix(axes[1, 0], stocks)
    return figure


def entries(yearly: pd.DataFrame, note: str = "") -> Figure:
    """Firms that take up each mode, one small panel per mode with its own scale.

    Args:
        yearly: Tidy yearly table of a run.
        note: Source line.
    """
    with style.drawing():
        figure, axes = style.new_figure(3, 2, 6.3, note, right=0.985, hspace=0.42, wspace=0.27)
        for position, (panel, (mode, look)) in enumerate(zip(axes.flat, MODE_LOOKS.items(), strict=True)):
            flow = series(yearly, "entries", mode=mode)
            style.years_axis(panel, flow.index, names=position < 2, label=position >= 4, narrow=True)
            style.fan(panel, flow, look._replace(marker=""))
            panel.set_ylim(0, max(1.0, 1.08 * float(np.nanmax(flow.to_numpy()))))
            panel.set_ylabel("Firms a year" if position % 2 == 0 else "")
            style.plain_numbers(panel)
            style.panel_title(panel, f"{'abcdef'[position]}  {look.name}", names=position < 2)
    return figure


def _levels(panel: Axes, stocks: dict[str, pd.DataFrame]) -> None:
    years = next(iter(stocks.values())).index
    style.years_axis(panel, years, label=False)
    panel.set_yscale("log")
    lines = [style.fan(panel, stock, MODE_LOOKS[mode], floor=1.0, offset=3 * i) for i, (mode, stock) in enumerate(stocks.items())]
    highest = max(float(stock.to_numpy().max()) for stock in stocks.values())
    drawn = np.concatenate([line[np.isfinite(line)] for line in lines])
    lowest = float(drawn.min()) if drawn.size else 1.0
    panel.set_ylim(10.0 ** np.floor(np.log10(lowest)), max(10.0 * lowest, 2.0 * highest))
    panel.set_ylabel("Firms (log scale)")
    style.plain_numbers(panel)
    style.panel_title(panel, "a  Firms using each mode")
    looks = MODE_LOOKS.values()
    style.side_labels(panel, [line[-1] for line in lines], [look.name for look in looks], [look.colour for look in looks])


def _mix(panel: Axes, stocks: dict[str, pd.DataFrame]) -> None:
    means = {mode: stock.mean(axis=1) for mode, stock in stocks.items()}
    total = sum(means.values())
    shares = {mode: (100.0 * mean / total.where(total > 0)) for mode, mean in means.items()}
    years = total.index
    style.years_axis(panel, years, names=False)
    bottom = np.zeros(len(years))
    middles = []
    for mode, share in shares.items():
        look, top = MODE_LOOKS[mode], bottom + share.to_numpy()
        panel.fill_between(years, bottom, top, facecolor=look.colour, edgecolor="white", hatch=look.hatch, linewidth=0.4)
        middles.append((bottom[-1] + top[-1]) / 2 if share.iloc[-1] >= 0.05 else np.nan)
        bottom = top
    panel.set_ylim(0, 100)
    panel.set_ylabel("Share of all uses of a mode (%)")
    style.panel_title(panel, "b  The mix of modes", names=False)
    texts = [f"{look.name} {_percent(share.iloc[-1])}" for look, share in zip(MODE_LOOKS.values(), shares.values(), strict=True)]
    style.side_labels(panel, middles, texts, [look.colour for look in MODE_LOOKS.values()])


def _percent(value: float) -> str:
    """Whole percent, one decimal below ten."""
    return f"{value:.0f}%" if value >= 10 else f"{value:.1f}%"
