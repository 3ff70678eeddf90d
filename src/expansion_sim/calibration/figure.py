"""Figures of a calibration: prior against posterior, and which fact moves which parameter."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from expansion_sim.figures.style import BLUE, GREY, VERMILLION, WIDTH, drawing, wrapped

_ROW = 0.135
#: Readings shown in the sensitivity map: those that move some parameter most.
MOST_FACTS = 60


def posterior_figure(parameters: pd.DataFrame, note: str) -> Figure:
    """Intervals of all parameters on the scale of their priors, grouped, in two columns.

    Args:
        parameters: Table of :func:`expansion_sim.calibration.report.parameter_table`.
        note: Source line.
    """
    rows = parameters.reset_index(drop=True)
    half = max(1, (len(rows) + 1) // 2)
    height = 1.15 + _ROW * half
    with drawing():
        figure = Figure(figsize=(WIDTH * 1.3, height))
        FigureCanvasAgg(figure)
        for axes, part in zip(figure.subplots(1, 2), (rows.iloc[:half], rows.iloc[half:]), strict=True):
            _intervals(axes, part, half)
        figure.subplots_adjust(left=0.25, right=0.97, bottom=0.78 / height, top=1 - 0.12 / height, wspace=1.05)
        text = f"{note} Grey: prior; bar: 90 % of the posterior; dot: estimate; open triangle: value shipped before."
        figure.text(0.01, 0.08 / height, wrapped(text, 160), fontsize=6.5, color="#444444", va="bottom")
    return figure


def _intervals(axes: Axes, rows: pd.DataFrame, most: int) -> None:
    for place, row in enumerate(rows.to_dict("records")):
        low, high, estimate, shipped = (_share(row, row[name]) for name in ("low", "high", "estimate", "shipped"))
        axes.plot([0, 1], [place, place], color="#DDDDDD", linewidth=3.2, solid_capstyle="butt", zorder=1)
        axes.plot([low, high], [place, place], color=BLUE, linewidth=1.6, solid_capstyle="butt", zorder=2)
        axes.plot(estimate, place, "o", color=BLUE, markersize=3.4, zorder=3)
        axes.plot(shipped, place, "^", color=VERMILLION, markerfacecolor="none", markersize=3.6, markeredgewidth=0.8, zorder=4)
    groups = rows["group"].tolist()
    for place in range(1, len(groups)):
        if groups[place] != groups[place - 1]:
            axes.axhline(place - 0.5, color=GREY, linewidth=0.5)
    axes.set_ylim(most - 0.4, -0.6)
    axes.set_xlim(-0.02, 1.02)
    axes.set_yticks(range(len(rows)), [_label(row) for row in rows.to_dict("records")], fontsize=5.8)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([0, 0.5, 1], ["lowest", "middle", "highest"], fontsize=6.5)
    axes.set_xlabel("Place in the prior (on its scale, linear or log)", fontsize=7)


def _label(row: dict) -> str:
    return f"{row['parameter']}  {row['prior_low']:.3g} - {row['prior_high']:.3g}"


def _share(row: dict, value: float) -> float:
    """Place of a value in the prior, 0 to 1."""
    low, high = row["prior_low"], row["prior_high"]
    if row["scale"] == "log":
        low, high, value = np.log(low), np.log(high), np.log(max(value, 1e-300))
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def sensitivity_figure(sensitivity: pd.DataFrame, parameters: pd.DataFrame, note: str) -> Figure:
    """Map of parameters x readings: change of the estimate in its standard errors per standard error of the fact.

    Args:
        sensitivity: Table of :func:`expansion_sim.calibration.report.sensitivity_table`.
        parameters: Table of parameters, for the groups.
        note: Source line.
    """
    values = sensitivity.drop(columns="parameter")
    shown = sorted(values.abs().max().sort_values(ascending=False).index[:MOST_FACTS], key=list(values.columns).index)
    values = values[shown]
    height = 1.5 + 0.105 * len(values)
    edge = max(0.05, float(np.quantile(values.abs().to_numpy(), 0.99)))
    with drawing():
        figure = Figure(figsize=(WIDTH * 1.3, height))
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        image = axes.imshow(values.to_numpy(), cmap="PuOr", vmin=-edge, vmax=edge, aspect="auto", interpolation="nearest")
        axes.set_yticks(range(len(values)), sensitivity["parameter"], fontsize=5.2)
        axes.set_xticks(range(len(shown)), shown, rotation=90, fontsize=5.0)
        axes.set_xlabel("Published fact (id, reading)")
        _group_lines(axes, parameters["group"].tolist())
        _signs(axes, values.to_numpy(), edge)
        bar = figure.colorbar(image, ax=axes, fraction=0.03, pad=0.015)
        bar.set_label("Standard errors of the estimate\nper standard error of the fact", fontsize=6.5)
        bar.ax.tick_params(labelsize=6.5)
        bottom = 0.95 / height
        figure.subplots_adjust(left=0.2, right=0.91, bottom=bottom, top=1 - 0.1 / height)
        text = (
            f"{note} Sensitivity of estimates to facts (Andrews, Gentzkow and Shapiro 2017); the {len(shown)} readings that tell "
            "most. Signs mark cells beyond half the scale."
        )
        figure.text(0.01, 0.06 / height, wrapped(text, 160), fontsize=6.5, color="#444444", va="bottom")
    return figure


def _group_lines(axes: Axes, groups: list[str]) -> None:
    for place in range(1, len(groups)):
        if groups[place] != groups[place - 1]:
            axes.axhline(place - 0.5, color="#000000", linewidth=0.5)


def _signs(axes: Axes, values: np.ndarray, edge: float) -> None:
    """Write the sign of large cells, so that it can be told in grey."""
    for row, column in zip(*np.nonzero(np.abs(values) > 0.5 * edge), strict=True):
        sign = "+" if values[row, column] > 0 else "\N{MINUS SIGN}"
        axes.text(column, row, sign, ha="center", va="center", fontsize=5.0, color="white")
