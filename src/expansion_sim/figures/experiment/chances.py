"""Chances: distribution functions, and the probability of more than any threshold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from expansion_sim.experiment import analysis
from expansion_sim.experiment.analysis.choosing import SAMPLED, SCREENING
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.figures import style
from expansion_sim.figures.experiment.fan import LOOKS, MOST_LINES
from expansion_sim.figures.experiment.labels import number, point_labels
from expansion_sim.figures.experiment.view import View

_TELLING = "Points with the lowest, middle and highest mean."
_THRESHOLDS = 60
_WHISKERS = 4  # intervals drawn of each line


def draw_ecdf(view: View) -> Figure:
    """Distribution functions: over the sample of a sampled design, else of each point or of telling ones; of paired differences."""
    table = analysis.ecdfs(view.results, view.outcome, view.year, **view.asked)
    names, told = _lines(view)
    return ecdf(table, names or {-1: _pooled(view)}, view.label(difference=view.paired), view.note(told))


def draw_exceedance(view: View) -> Figure:
    """Probability of more than any threshold, over the sample of a sampled design, else over replications at few or telling points."""
    values = responses(view.results, view.outcome, view.year, **view.asked).to_numpy(float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.02 * (high - low) or 1.0
    thresholds = np.linspace(low - margin, high + margin, _THRESHOLDS).tolist()
    names, told = _lines(view)
    if names:
        table = analysis.exceedance(view.results, view.outcome, thresholds, view.year, **view.asked)
        words = f"Whiskers: 95% Wilson intervals over replications. {told}"
    else:
        names = {-1: _pooled(view)}
        table = analysis.sample_exceedance(view.results, view.outcome, thresholds, view.year, **view.asked).assign(point=-1)
        words = "Band: 95% Wilson interval over points."
    return exceedance(table, names, view.label(difference=view.paired), view.note(words.strip()))


def _lines(view: View) -> tuple[dict[int, str], str]:
    """Points that get a line each with their names, and what is to be said of the choice; none where all runs are pooled."""
    kind, design = view.results.experiment.design.kind, view.results.design
    if kind in (*SAMPLED, *SCREENING) or design["replication"].nunique() < 2:
        return {}, ""
    means = responses(view.results, view.outcome, view.year, **view.asked).mean(axis=1).sort_values()
    few = len(means) <= MOST_LINES
    points = sorted(means.index) if few else list(dict.fromkeys(means.index[[0, len(means) // 2, -1]]))
    return dict(zip(points, point_labels(design, points), strict=True)), "" if few else _TELLING


def _pooled(view: View) -> str:
    return "all points of the sample" if view.results.experiment.design.kind in SAMPLED else "all runs"


def ecdf(table: pd.DataFrame, names: Mapping[int, str], label: str, note: str = "") -> Figure:
    """Distribution functions over replications, or over all runs.

    Args:
        table: Columns point (-1 for all runs), value, share.
        names: Points drawn, with their names.
        label: Label of the outcome, with unit.
        note: Source line.
    """
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.2, note, right=0.66 if len(names) > 1 else 0.96)
        panel = axes[0, 0]
        for position, (point, name) in enumerate(names.items()):
            rows, look = table[table["point"] == point], LOOKS[position % len(LOOKS)]
            steps = np.concatenate([[rows["value"].iloc[0]], rows["value"]]), np.concatenate([[0.0], rows["share"]])
            panel.step(*steps, where="post", color=look.colour, linestyle=look.line, label=style.wrapped(name, 27))
        panel.set_ylim(0, 1.02)
        panel.set_ylabel("Share of runs at or below")
        _value_axis(panel, label, _title("Distribution", names))
    return figure


def exceedance(table: pd.DataFrame, names: Mapping[int, str], label: str, note: str = "") -> Figure:
    """Chance that an outcome exceeds a threshold, with its interval: a band for one line, whiskers beside each other for several.

    Args:
        table: Columns point, threshold, probability, low, high.
        names: Points drawn, with their names.
        label: Label of the outcome, with unit.
        note: Source line.
    """
    with style.drawing():
        figure, axes = style.new_figure(1, 1, 3.2, note, right=0.66 if len(names) > 1 else 0.96)
        panel = axes[0, 0]
        for position, (point, name) in enumerate(names.items()):
            rows, look = table[table["point"] == point].sort_values("threshold"), LOOKS[position % len(LOOKS)]
            at, share, low, high = (rows[column].to_numpy(float) for column in ("threshold", "probability", "low", "high"))
            panel.plot(at, share, color=look.colour, linestyle=look.line, label=style.wrapped(name, 27))
            if len(names) == 1:
                panel.fill_between(at, low, high, color=look.colour, alpha=0.15, linewidth=0)
                continue
            moving = np.flatnonzero((share > 0.0) & (share < 1.0))
            every = max(1, len(moving) // _WHISKERS)
            some = moving[position % every :: every]  # beside those of other lines, none on top of another
            error = np.clip([share[some] - low[some], high[some] - share[some]], 0.0, None)
            panel.errorbar(at[some], share[some], yerr=error, fmt=look.marker, markersize=3.0, color=look.colour, elinewidth=0.8, capsize=1.5)
        panel.set_ylim(-0.02, 1.02)
        panel.set_ylabel("Probability of more")
        _value_axis(panel, label, _title("Chance of more", names))
    return figure


def _title(what: str, names: Mapping[int, str]) -> str:
    """What the lines are over: replications of a point, or the runs that are pooled."""
    return f"{what} over {names[-1]}" if -1 in names else f"{what} over replications"


def _value_axis(panel: Axes, label: str, title: str) -> None:
    panel.set_xlabel(label)
    panel.set_title(title)
    panel.xaxis.set_major_locator(MaxNLocator(5))
    panel.xaxis.set_major_formatter(number)
    if len(panel.get_legend_handles_labels()[1]) > 1:
        panel.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), fontsize=6.8, handlelength=3.0)
