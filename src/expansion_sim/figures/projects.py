"""Figure of the simulated record of foreign direct investment projects against the published one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from expansion_sim.figures import style
from expansion_sim.figures.style import Look
from expansion_sim.results.frames import series
from expansion_sim.results.tables import MANUFACTURING_NAMES

_LOOKS = {
    "all": Look("All industries, simulated", style.BLUE, "-"),
    "manufacturing": Look("Manufacturing, simulated", style.VERMILLION, (0, (4, 1.5))),
}
#: Years of the linear panel, in which all published counts lie.
_ZOOM = (1965, 1995)
_MARKERS = {"all": "s", "manufacturing": "o"}


def fdi_record(yearly: pd.DataFrame, published: pd.DataFrame | None = None, note: str = "") -> Figure:
    """New plants abroad of small and medium firms a year, simulated and published.

    Args:
        yearly: Tidy yearly table of a run.
        published: Published counts, see :func:`expansion_sim.figures.published.published_projects`.
        note: Source line.

    Returns:
        Two panels: a linear axis over the years around the published counts, in which waves and troughs are seen, and a
        logarithmic one over all years, in which distances are ratios; its bars span half to twice the published count.
    """
    flows = {"all": series(yearly, "projects"), "manufacturing": series(yearly, "projects", industry=MANUFACTURING_NAMES)}
    with style.drawing():
        figure, axes = style.new_figure(2, 1, 6.0, note, right=0.97, top=0.845, hspace=0.36)
        _levels(axes[0, 0], flows, published)
        _ratios(axes[1, 0], flows, published)
        handles, labels = axes[1, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper left", bbox_to_anchor=(0.085, 0.995), ncols=2, columnspacing=1.5)
    return figure


def _levels(panel: Axes, flows: dict[str, pd.DataFrame], published: pd.DataFrame | None) -> None:
    """Linear axis, only the years around the published counts."""
    years = flows["all"].index
    near = [year for year in years if _ZOOM[0] <= year <= _ZOOM[1]] or list(years)
    style.years_axis(panel, near, label=False)
    for industries, flow in flows.items():
        style.fan(panel, flow.loc[near[0] : near[-1]], _LOOKS[industries])
    shown = _within(published, near)
    _points(panel, shown, bars=False)
    highest = max([float(flow.loc[near].to_numpy().max()) for flow in flows.values()] + list(shown["value"]))
    panel.set_ylim(0.0, 1.1 * max(1.0, highest))
    panel.set_ylabel("New projects a year")
    style.plain_numbers(panel)
    style.panel_title(panel, "a  Levels, years around the published counts")


def _ratios(panel: Axes, flows: dict[str, pd.DataFrame], published: pd.DataFrame | None) -> None:
    """Logarithmic axis, all years, no bands: a band that reaches zero has no place on it."""
    years = flows["all"].index
    style.years_axis(panel, years)
    panel.set_yscale("log")
    for industries, flow in flows.items():
        style.fan(panel, flow, _LOOKS[industries], floor=1.0, bands=False)
    shown = _within(published, years)
    _points(panel, shown, bars=True)
    highest = max([float(flow.median(axis=1).max()) for flow in flows.values()] + list(shown["value"]))
    panel.set_ylim(10.0, max(100.0, 3.0 * highest))
    panel.set_ylabel("New projects a year (log scale)")
    style.plain_numbers(panel)
    style.panel_title(panel, "b  All years; bars span half to twice the published count")


def _within(published: pd.DataFrame | None, years: Sequence[int]) -> pd.DataFrame:
    if published is None:
        return pd.DataFrame(columns=["year", "value", "industries", "how"])
    return published[(published["year"] >= years[0]) & (published["year"] <= years[-1])]


def _points(panel: Axes, published: pd.DataFrame, *, bars: bool) -> None:
    for (how, industries), rows in published.sort_values("how", ascending=False).groupby(["how", "industries"], sort=False):
        values = rows["value"].to_numpy(float)
        spans = np.vstack([values / 2, values]) if bars else None
        colour = _LOOKS[industries].colour
        panel.errorbar(
            rows["year"], values, yerr=spans, linestyle="", marker=_MARKERS[industries], markersize=5,
            markerfacecolor="white" if how == "derived" else colour, markeredgecolor="black", markeredgewidth=0.8, ecolor="black",
            elinewidth=0.7, capsize=1.8, zorder=6,
            label=f"{'All industries' if industries == 'all' else 'Manufacturing'}, {how}",
        )
