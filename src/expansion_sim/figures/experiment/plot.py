"""Draw the figures of a sweep: which suit its design, and from which tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.experiment import analysis
from expansion_sim.experiment.analysis.choosing import (
    SAMPLED,
    SCREENING,
    default_outcomes,
    distribution_of,
    fronts,
    has_front,
    tell_left_out,
    why_no_front,
)
from expansion_sim.experiment.analysis.distribution import quantiles_of
from expansion_sim.experiment.analysis.gaps import leave_out
from expansion_sim.experiment.analysis.observations import Missing, NothingVaries, Year, main_points, points_of, varied_factors, years_of
from expansion_sim.experiment.analysis.paired import responses
from expansion_sim.experiment.analysis.swings import swings
from expansion_sim.experiment.spec import DUMMY
from expansion_sim.figures.experiment import box, chances, front, heat_map, paths, quantiles, ranking, response, spread
from expansion_sim.figures.experiment.labels import factor_axis, factor_words, point_labels, value_words
from expansion_sim.figures.experiment.view import Unsuited, View
from expansion_sim.figures.plot import write


def plot_results(
    results: Any, kinds: Iterable[str] | None = None, out: str | Path | None = None, *, outcomes: Sequence[str] | None = None,
    year: Year = None, threshold: float | None = None, missing: Missing = "raise",
) -> list[Path]:
    """Draw figures of a sweep.

    Args:
        results: A sweep's results.
        kinds: Names of figures, None for those that suit the design; underscores are read as hyphens.
        out: Folder for the files; None takes ``figures`` in the sweep's directory.
        outcomes: Outcomes drawn; None for one of everything that is named, of which only the first gets every figure where none are named.
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
    names = tuple(outcomes) if outcomes else default_outcomes(results, year)
    named = [_known(kind) for kind in kinds] if kinds is not None else None
    if not outcomes and named != list(_WHOLE):
        tell_left_out(results, names, year)
    refused: dict[str, Unsuited] = {}
    drawn = set()
    for place, outcome in enumerate(names):
        view = View(results, outcome, year, threshold if outcomes or place == 0 else None, missing)
        if named is not None:
            wanted = [kind for kind in named if kind not in _WHOLE]
        else:
            wanted = suited(view) if outcomes or place == 0 else [most_telling(view)]
        for kind in wanted:
            try:
                figure = KINDS[kind](view)
            except NothingVaries:
                if named is not None:  # what was asked for by name must come or say why not
                    raise
            except Unsuited as why:
                if outcomes:
                    raise
                refused.setdefault(kind, why)
            else:
                drawn.add(kind)
                yield _stem(kind, outcome), figure
    for kind, why in refused.items():
        if kind not in drawn:
            raise why
    yield from _fronts(View(results, names[0], year, threshold, missing), named, tuple(outcomes or ()))


def _fronts(view: View, named: list[str] | None, asked: tuple[str, ...]) -> Iterator[tuple[str, Figure]]:
    """A front for each gain asked for, where one was named or suits; where it does not come, the reason is told."""
    if (named is None and not has_front(view.results)) or (named is not None and "front" not in named):
        return
    reason = why_no_front(view.results, view.year, asked)
    if reason and named is None:
        leave_out(f"no front: {reason}")
        return
    ends = fronts(view.results, asked)
    if not ends or not view.paired:
        yield "front", front.draw_front(view)  # says what is missing
    for cost, gain in ends:
        yield f"front_{_slug(gain)}" if asked else "front", front.front_of(view, cost, gain)


def suited(view: View) -> list[str]:
    """Names of the figures that suit a sweep's design."""
    design = view.results.design
    points, replications = main_points(design), design["replication"].nunique()
    varied = varied_factors(points_of(design).loc[points])
    kind = view.results.experiment.design.kind
    chosen = ["fan"] if len(years_of(view.results, view.outcome)) > 1 else []
    if response.arrangement_of(view) is not None:
        chosen.append("response")
    chosen = ["distribution", *chosen] if quantiles_of(view.results, view.outcome) and kind not in (*SAMPLED, *SCREENING) else chosen
    if kind == "saltelli":
        return [*chosen, "sobol", "ecdf"]
    if kind == "morris":
        return [*chosen, "morris"]
    if kind == "grid" and len(varied) >= 2:
        chosen.append("heat-map")
    if len(points) <= spread.MOST_POINTS and replications > 1:
        chosen += ["ridges"] if kind in SAMPLED else ["ridges", "exceedance"]
    if len(varied) > 1 and kind != "list":
        chosen.append("tornado")
    if kind in SAMPLED:
        chosen += ["exceedance", "box"] if len(points) >= 50 else ["exceedance"]
    return [*chosen, "ecdf"]


def most_telling(view: View) -> str:
    """Name of the one figure that answers what the design asks: what matters, which levels, or how it goes over the years."""
    fits = suited(view)
    return next(kind for kind in ("sobol", "morris", "distribution", "heat-map", "response", "tornado", "fan", "ridges", "ecdf") if kind in fits)


def draw_ridges(view: View) -> Figure:
    """Spread over replications at each point: of the paired difference where there is one, since luck that is shared says nothing."""
    values = responses(view.results, view.outcome, view.year, **view.asked)
    shown = spread.evenly_spread(values)
    left_out = f"{len(shown)} of {len(values)} points, at even steps of the median." if len(shown) < len(values) else ""
    what = "Thick line: middle half of replications; dot: median" + ("; dashed: as the base." if view.paired else ".")
    names = point_labels(view.results.design, list(shown.index))
    base = 0.0 if view.paired else None
    return spread.ridges(shown, names, view.label(difference=view.paired), view.note(f"{what} {left_out}".strip()), base)


def draw_tornado(view: View) -> Figure:
    """Swing of the outcome from one end of each factor to the other."""
    table = swings(view.results, view.outcome, view.year, **view.asked)
    names = [_in_a_line(factor_axis(view.results, name), factor_words(name)) for name in table["factor"]]
    ends = pd.Series(names, table.index) + "\n" + table["low_at"].map(value_words) + " against " + table["high_at"].map(value_words)
    grid = view.results.experiment.design.kind in ("grid", "list")
    choices = (table["ends"] == "choice").any()
    what = f"Below each name: the two ends{', of choices those with the lowest and the highest mean' if choices else ''}."
    points = points_of(view.results.design).loc[main_points(view.results.design)]
    alone = [factor_words(name) for name in varied_factors(points) if name not in {*table["factor"], DUMMY}]
    what += f" Left out, as an end has a single point: {', '.join(alone)}." if alone else ""
    if table["low_lower"].notna().any():
        what += f" Whiskers: 95% intervals over {'replications' if grid else 'points'}."
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


#: Name of every figure of a sweep -> view to figure. A new figure is one line here.
KINDS: dict[str, Callable[[View], Figure]] = {
    "fan": paths.draw_fan, "levels": paths.draw_levels, "response": response.draw_response, "ridges": draw_ridges,
    "heat-map": heat_map.draw_heat_map, "tornado": draw_tornado, "sobol": draw_sobol, "morris": draw_morris, "ecdf": chances.draw_ecdf,
    "exceedance": chances.draw_exceedance, "distribution": quantiles.draw_distribution, "box": box.draw_box, "front": front.draw_front,
}
#: Figures of a sweep as a whole, not of one outcome.
_WHOLE = ("front",)


def _known(kind: str) -> str:
    name = kind.replace("_", "-")
    if name not in KINDS:
        raise InputError(f"unknown figure {kind!r} of a sweep; {allowed_names(name, tuple(KINDS))}")
    return name


def _stem(kind: str, outcome: str) -> str:
    """Name of a figure's file; that of a distribution is of all its quantiles."""
    return f"{kind.replace('-', '_')}_{_slug(distribution_of(outcome) if kind == 'distribution' else outcome)}"


def _slug(outcome: str) -> str:
    """An outcome's name as part of a file name."""
    return re.sub(r"[^A-Za-z0-9]+", "_", outcome.removeprefix("yearly:")).strip("_").lower()
