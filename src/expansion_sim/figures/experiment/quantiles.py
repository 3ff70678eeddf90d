"""A variable's final distribution over the firms of a run: its quantiles, the base beside the points."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from expansion_sim.experiment.analysis.choosing import distribution_of
from expansion_sim.experiment.analysis.distribution import quantile_curves, quantiles_of
from expansion_sim.experiment.analysis.observations import bases_of, when_words
from expansion_sim.figures import style
from expansion_sim.figures.experiment.fan import LOOKS, MOST_LINES
from expansion_sim.figures.experiment.labels import number, outcome_label, point_labels
from expansion_sim.figures.experiment.view import Unsuited, View
from expansion_sim.figures.style import GREY

#: Largest over smallest quantile from which, all being positive, a logarithmic axis shows more.
_WIDE = 20.0
_TELLING = "Points with the lowest, middle and highest median."


def draw_distribution(view: View) -> Figure:
    """Quantiles at few or telling points with the base beside them, and the paired differences of each quantile.

    Raises:
        InputError: The outcome is part of no final distribution, or was not kept in the year.
    """
    if not quantiles_of(view.results, view.outcome):
        told = f"{view.outcome!r} is no distribution over firms: keep one with outcomes = ['final:employees'] or another variable"
        raise Unsuited(told, file=str(view.results.path))
    table = quantile_curves(view.results, view.outcome, view.year, **view.asked)
    design, bases = view.results.design, bases_of(view.results.design)
    points, told = _chosen(table, bases)
    names = dict(zip(points, point_labels(design, points), strict=True))
    first = next(iter(quantiles_of(view.results, view.outcome).values()))
    when = when_words(view.results, first, view.year)
    label = outcome_label(distribution_of(view.outcome), view.results.unit(first))
    interval = "Bands and whiskers: 95% intervals over replications." if table["low"].notna().any() else ""
    return distribution(table, names, f"{label}, {when}" if when else label, view.note(f"{interval} {told}".strip()))


def _chosen(table: pd.DataFrame, bases: pd.Index) -> tuple[list[int], str]:
    """Points drawn, a common base first, and what is to be said of the choice."""
    medians = table["mean"].unstack("quantile").dropna(how="all").pipe(lambda wide: wide.iloc[:, wide.shape[1] // 2])
    main, base = medians.drop(bases, errors="ignore").sort_values(), [int(bases[0])] if len(bases) == 1 else []
    if len(main) + len(base) <= MOST_LINES:
        return [*base, *map(int, sorted(main.index))], ""
    return [*base, *dict.fromkeys(map(int, main.index[[0, len(main) // 2, -1]]))], _TELLING


def distribution(table: pd.DataFrame, names: dict[int, str], label: str, note: str = "") -> Figure:
    """Quantile curves, and where the table has differences a second panel with them: in percent of the base where all is positive.

    Args:
        table: Index (point, quantile in percent), columns mean, low, high and perhaps difference, difference_low, difference_high.
        names: Points drawn, with their names, in the order of their looks.
        label: Label of the variable, with unit.
        note: Source line.
    """
    paired = "difference" in table and table.loc[list(names), "difference"].notna().any()
    with style.drawing():
        figure, axes = style.new_figure(1, 2 if paired else 1, 3.4, note, right=0.965, left=0.10, wspace=0.34, bottom=0.86)
        low, high = table["mean"].min(), table["mean"].max()
        for place, (point, name) in enumerate(names.items()):
            rows, look = table.xs(point, level="point"), LOOKS[place]._replace(name=style.wrapped(name, 40))
            _curve(axes[0, 0], rows["mean"], rows["low"], rows["high"], look)
            if paired and rows["difference"].notna().any():
                unit = (rows["mean"] - rows["difference"]) / 100.0 if low > 0 else 1.0
                _points(axes[0, 1], rows, look, 0.5 * (place - len(names) / 2), unit)
        if low > 0 and high > _WIDE * low:
            axes[0, 0].set_yscale("log")
        axes[0, 0].set_ylabel(style.wrapped(label, 36))
        style.panel_title(axes[0, 0], "a  Quantiles over firms" if paired else "Quantiles over firms", names=False)
        if paired:
            axes[0, 1].axhline(0.0, color=GREY, linewidth=0.9, zorder=1.5)
            axes[0, 1].set_ylabel("% of the base's quantile" if low > 0 else "Same unit as in a")
            style.panel_title(axes[0, 1], "b  Difference from the base", names=False)
            axes[0, 1].yaxis.set_major_locator(MaxNLocator(6))
        for panel in axes[0]:
            panel.set_xlim(0, 100)
            panel.set_xlabel("Firms at or below (%)")
            panel.yaxis.set_major_formatter(number)
        handles, texts = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, texts, loc="lower left", bbox_to_anchor=(0.09, (0.14 + 0.115 * _lines(note)) / 3.4), ncols=3, fontsize=6.8)
    return figure


def _lines(note: str) -> int:
    return style.wrapped(note).count("\n") + 1


def _curve(panel: Axes, mean: pd.Series, low: pd.Series, high: pd.Series, look: style.Look) -> None:
    at = mean.index.to_numpy(float)
    panel.fill_between(at, low, high, color=look.colour, alpha=0.15, linewidth=0)
    panel.plot(at, mean, color=look.colour, linestyle=look.line, marker=look.marker, markersize=3.0, label=look.name)


def _points(panel: Axes, rows: pd.DataFrame, look: style.Look, shift: float, unit: pd.Series | float) -> None:
    """Differences with whiskers, in a unit, moved aside a little so that points do not hide each other."""
    middle, low, high = (rows[name] / unit for name in ("difference", "difference_low", "difference_high"))
    error = np.nan_to_num(np.clip(np.asarray([middle - low, high - middle], float), 0.0, None))
    panel.errorbar(
        rows.index.to_numpy(float) + shift, middle, yerr=error, fmt=look.marker, markersize=3.2, color=look.colour, elinewidth=0.7,
        linestyle=look.line, linewidth=0.6,
    )
