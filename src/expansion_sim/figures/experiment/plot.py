"""Draw the figures of a sweep: which suit its design, and from which tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.experiment import analysis
from expansion_sim.experiment.analysis.observations import (
    Missing,
    NothingVaries,
    Year,
    bases_of,
    main_points,
    mean_by_row,
    points_of,
    varied_factors,
    years_of,
)
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.experiment.analysis.swings import MOST_LEVELS, swings
from expansion_sim.experiment.analysis.tables import default_outcomes, front_outcomes, has_front
from expansion_sim.experiment.analysis.units import short_number
from expansion_sim.figures.experiment import chances, fan, heat_map, paths, ranking, response, spread
from expansion_sim.figures.experiment.labels import (
    factor_axis,
    factor_words,
    in_sentence,
    outcome_words,
    point_labels,
)
from expansion_sim.figures.experiment.view import View
from expansion_sim.figures.plot import write
from expansion_sim.results.tables import format_number


def plot_results(
    results: Any, kinds: Iterable[str] | None = None, out: str | Path | None = None, *, outcomes: Sequence[str] | None = None,
    year: Year = None, threshold: float | None = None, missing: Missing = "raise",
) -> list[Path]:
    """Draw figures of a sweep.

    Args:
        results: A sweep's results.
        kinds: Names of figures, None for those that suit the design; underscores are read as hyphens.
        out: Folder for the files; None takes ``figures`` in the sweep's directory.
        outcomes: Outcomes drawn; None for the first few of the experiment, of which only the first gets every figure where none are named.
        year: Year of yearly outcomes, ``total`` for the sum over years, None for the last.
        threshold: Threshold of scenario discovery.
        missing: Refuse failed runs, or leave them out.

    Returns:
        The files written, PNG and SVG of each figure.

    Raises:
        InputError: An unknown kind or outcome, a kind that the design cannot give, or failed runs.
    """
    folder = Path(out) if out is not None else Path(results.path) / "figures"
    drawn = list(_drawn(results, kinds, outcomes, year, threshold, missing))
    folder.mkdir(parents=True, exist_ok=True)
    return [path for stem, figure in drawn for path in write(figure, folder / stem)]


def _drawn(
    results: Any, kinds: Iterable[str] | None, outcomes: Sequence[str] | None, year: Year, threshold: float | None,
    missing: Missing,
) -> Iterator[tuple[str, Figure]]:
    names = tuple(outcomes) if outcomes else default_outcomes(results)
    named = [_known(kind) for kind in kinds] if kinds is not None else None
    for place, outcome in enumerate(names):
        view = View(results, outcome, year, threshold, missing)
        if named is not None:
            wanted = [kind for kind in named if kind not in _WHOLE]
        else:
            wanted = suited(view) if outcomes or place == 0 else [most_telling(view)]
        for kind in wanted:
            with suppress(*([NothingVaries] if named is None else [])):  # what was asked for by name must come or say why not
                yield f"{kind.replace('-', '_')}_{_slug(outcome)}", KINDS[kind](view)
    view = View(results, names[0], year, threshold, missing)
    for kind in _WHOLE:
        if kind in named if named is not None else has_front(results):
            yield kind, KINDS[kind](view)


def suited(view: View) -> list[str]:
    """Names of the figures that suit a sweep's design."""
    design = view.results.design
    points, replications = main_points(design), design["replication"].nunique()
    varied = varied_factors(points_of(design).loc[points])
    kind = view.results.experiment.design.kind
    chosen = ["fan"] if len(years_of(view.results, view.outcome)) > 1 else []
    if response.arrangement_of(view) is not None:
        chosen.append("response")
    if kind == "saltelli":
        return [*chosen, "sobol", "ecdf"]
    if kind == "morris":
        return [*chosen, "morris"]
    if kind == "grid" and len(varied) >= 2:
        chosen.append("heat-map")
    if len(points) <= spread.MOST_POINTS and replications > 1:
        chosen += ["ridges", "exceedance"]
    if len(varied) > 1 and kind != "list":
        chosen.append("tornado")
    if kind in ("latin_hypercube", "sobol"):
        chosen += ["box"] if len(points) >= 50 else []
    return [*chosen, "ecdf"]


def most_telling(view: View) -> str:
    """Name of the one figure that answers what the design asks: what matters, which levels, or how it goes over the years."""
    fits = suited(view)
    return next(kind for kind in ("sobol", "morris", "heat-map", "response", "tornado", "fan", "ridges", "ecdf") if kind in fits)


def draw_ridges(view: View) -> Figure:
    """Spread over replications at each point: of the paired difference where there is one, since luck that is shared says nothing."""
    values = responses(view.results, view.outcome, view.year, **view.asked)
    shown = spread.evenly_spread(values)
    left_out = f"{len(shown)} of {len(values)} points, at even steps of the median." if len(shown) < len(values) else ""
    what = "Thick line: middle half of replications; dot: median" + ("; dashed: as the base." if view.paired else ".")
    names = point_labels(view.results.design, list(shown.index))
    base = 0.0 if view.paired else None
    return spread.ridges(shown, names, view.label(difference=view.paired), view.note(f"{what} {left_out}".strip()), base)


def draw_heat_map(view: View) -> Figure:
    """Mean outcome, or paired difference, over the first two factors that vary."""
    values = responses(view.results, view.outcome, view.year, **view.asked)
    points = points_of(view.results.design).loc[values.index]
    varied = [name for name in varied_factors(points) if points[name].nunique() <= MOST_LEVELS * 2]
    if len(varied) < 2:
        raise InputError("a heat map needs two factors with few levels each; this sweep has not", file=str(view.results.path))
    x, y = varied[:2]
    cells = values.groupby([points[y], points[x]], sort=True).mean()
    mean, low, high, _ = mean_by_row(cells.to_numpy(float))
    table = pd.DataFrame({"mean": mean, "distinct": (low > 0) | (high < 0)}, index=cells.index)
    extra = ["Numbers: means over replications; lines: equal outcome, marked on the colour bar."]
    extra += ["Hatched: 95% interval of paired differences holds zero."] if view.paired and values.shape[1] > 1 else []
    extra += [f"Averaged over {', '.join(map(factor_words, varied[2:]))}."] if len(varied) > 2 else []
    labels = factor_axis(view.results, x), factor_axis(view.results, y), view.label(difference=view.paired)
    return heat_map.heat_map(table, *labels, view.note(" ".join(extra)), difference=view.paired)


def draw_tornado(view: View) -> Figure:
    """Swing of the outcome from one end of each factor to the other."""
    table = swings(view.results, view.outcome, view.year, **view.asked)
    names = [_in_a_line(factor_axis(view.results, name), factor_words(name)) for name in table["factor"]]
    ends = pd.Series(names, table.index) + "\n" + table["low_at"] + " against " + table["high_at"]
    grid = view.results.experiment.design.kind in ("grid", "list")
    what = "Below each name: the two ends. Whiskers: 95% intervals over " + ("replications." if grid else "points.")
    return ranking.tornado(table.assign(name=ends), view.label(difference=view.paired), view.note(what))


def _in_a_line(full: str, short: str, most: int = 36) -> str:
    return full if len(full) <= most else short


def draw_sobol(view: View) -> Figure:
    """Sobol indices with intervals."""
    found = analysis.sobol_indices(view.results, view.outcome, view.year, **view.asked)
    what = f"{found.blocks} blocks with shared draws; whiskers: 95% of resampled blocks. {_seed_words(found.seed_share)}"
    table = found.indices.assign(name=found.indices["factor"].map(factor_words))
    return ranking.sobol_bars(table, found.floor, view.label(difference=view.paired), view.note(what))


def draw_morris(view: View) -> Figure:
    """Morris's elementary effects."""
    levels = view.results.experiment.design.levels
    found = analysis.morris_indices(view.results, view.outcome, view.year, levels=levels, **view.asked)
    what = f"{found.blocks} trajectories with shared draws; whiskers: 95% of resampled ones. {_seed_words(found.seed_share)}"
    table = found.indices.assign(name=found.indices["factor"].map(factor_words))
    return ranking.morris_plane(table, found.floor, view.label(difference=view.paired), view.note(what))


def _seed_words(share: float) -> str:
    if not np.isfinite(share):
        return "With one replication the share of the draws is not known."
    percent = f"{100 * share:.0f}%" if share >= 0.01 else "Less than 1%"
    return f"{percent} of the variance of single runs is due to the draws."


def draw_ecdf(view: View) -> Figure:
    """Distribution functions: of each point where they are few, of telling ones where points were chosen, else over all runs."""
    table = analysis.ecdfs(view.results, view.outcome, view.year, missing=view.missing)
    names, left_out = _few_points(view), ""
    if not names and view.results.experiment.design.kind in ("grid", "list") and view.results.design["replication"].nunique() > 1:
        names, left_out = _telling_points(view), _TELLING
    return chances.ecdf(table, names or {-1: "all runs"}, view.label(), view.note(left_out))


def draw_exceedance(view: View) -> Figure:
    """Probability of more than any threshold."""
    values = responses(view.results, view.outcome, view.year, **view.asked).to_numpy(float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.02 * (high - low) or 1.0
    thresholds = np.linspace(low - margin, high + margin, 60).tolist()
    table = analysis.exceedance(view.results, view.outcome, thresholds, view.year, **view.asked)
    names, left_out = _few_points(view), ""
    if not names:
        names, left_out = _telling_points(view), _TELLING
    names = {point: name for point, name in names.items() if point in set(table["point"])}  # the base differs from itself by nothing
    note = view.note(f"Bands: 95% Wilson intervals over replications. {left_out}".strip())
    return chances.exceedance(table, names, view.label(difference=view.paired), note)


_TELLING = "Points with the lowest, middle and highest mean."


def _few_points(view: View) -> dict[int, str]:
    """All points with their names where they are few; nothing otherwise."""
    points = [int(point) for point in sorted(view.results.design["point"].unique())]
    several = view.results.design["replication"].nunique() > 1
    if len(points) > fan.MOST_LINES or not several:
        return {}
    return dict(zip(points, point_labels(view.results.design, points), strict=True))


def _telling_points(view: View) -> dict[int, str]:
    """The points with the lowest, middle and highest mean, and the base."""
    means = responses(view.results, view.outcome, view.year, missing=view.missing).mean(axis=1).sort_values()
    bases = bases_of(view.results.design)
    points = [*dict.fromkeys(means.index[[0, len(means) // 2, -1]]), *(bases if len(bases) == 1 else [])]
    return dict(zip(points, point_labels(view.results.design, points), strict=True))


def draw_front(view: View) -> Figure:
    """Cost against additional firms."""
    ends = front_outcomes(view.results)
    if ends is None or not view.paired:
        told = "a front needs a paired design that keeps spending ('programme:*:spending_million_yen') and a yearly outcome"
        raise InputError(told, file=str(view.results.path))
    table = analysis.pareto_front(view.results, *ends, gain_year=view.year, missing=view.missing)
    names = dict(zip(table.index, point_labels(view.results.design, list(table.index)), strict=True))
    cost, gain = (View(view.results, outcome, year) for outcome, year in zip(ends, ("total", view.year), strict=True))
    cost_label = f"Cost: change in {in_sentence(outcome_words(ends[0]))} (million yen 2015), {cost.when()}"
    note = view.note("Against the base with the same draws; whiskers: 95% intervals over replications; line: front; square: the base.")
    return chances.front(table, names, cost_label, gain.label(difference=True), note)


def draw_box(view: View) -> Figure:
    """Ranges of factors that lead beyond a threshold."""
    threshold = view.threshold
    if threshold is None:
        threshold = float(np.nanmean(responses(view.results, view.outcome, view.year, **view.asked).to_numpy(float)))
    found = analysis.discover(view.results, view.outcome, threshold, view.year, **view.asked)
    shown = [_shown_range(view, row) for row in found.box.itertuples()]
    ranges = pd.DataFrame(shown, columns=["name", "low", "high", "text", "least", "most"])
    label = f"{view.label(difference=view.paired)}: more than {format_number(threshold)}"
    what = f"Box (diamond in b): density {found.density:.2f}, coverage {found.coverage:.2f}, mass {found.mass:.2f}"
    note = view.note(f"{what}; density over all {found.cases} cases {found.base_rate:.2f}.")
    figure = chances.box_ranges(ranges, found.trajectory, label, note)
    chances.mark_chosen(figure, found.coverage, found.density)
    return figure


def _shown_range(view: View, row: Any) -> tuple[str, float, float, str, str, str]:
    """A restriction as shares of the design's range, in words, and the ends of that range."""
    if row.choices:
        return factor_words(row.factor), 0.0, 1.0, f"only {row.choices}", "", ""
    scale = np.log if _on_log_scale(view.results, row.factor) else float
    low, high = (row.least if np.isnan(row.low) else row.low), (row.most if np.isnan(row.high) else row.high)
    lower, upper = short_number(low), short_number(high)
    words = f"above {lower}" if np.isnan(row.high) else f"below {upper}" if np.isnan(row.low) else f"{lower} to {upper}"
    least, most = scale(row.least), scale(row.most)
    shares = [float((scale(end) - least) / (most - least)) for end in (low, high)]
    return factor_axis(view.results, row.factor), shares[0], shares[1], words, short_number(row.least), short_number(row.most)


def _on_log_scale(results: Any, name: str) -> bool:
    """Whether a factor fills its range evenly in its logarithm."""
    return any(factor.column == name and factor.transform == "log" for factor in getattr(results.experiment, "factor", ()))


#: Name of every figure of a sweep -> view to figure. A new figure is one line here.
KINDS: dict[str, Callable[[View], Figure]] = {
    "fan": paths.draw_fan, "levels": paths.draw_levels, "response": response.draw_response, "ridges": draw_ridges,
    "heat-map": draw_heat_map, "tornado": draw_tornado, "sobol": draw_sobol, "morris": draw_morris, "ecdf": draw_ecdf,
    "exceedance": draw_exceedance, "box": draw_box, "front": draw_front,
}
#: Figures of a sweep as a whole, not of one outcome.
_WHOLE = ("front",)


def _known(kind: str) -> str:
    name = kind.replace("_", "-")
    if name not in KINDS:
        raise InputError(f"unknown figure {kind!r} of a sweep; {allowed_names(name, tuple(KINDS))}")
    return name


def _slug(outcome: str) -> str:
    """An outcome's name as part of a file name."""
    return re.sub(r"[^A-Za-z0-9]+", "_", outcome.removeprefix("yearly:")).strip("_").lower()
