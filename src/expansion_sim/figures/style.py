"""One look for all figures: palette, sizes, phase bands, fans, labels and notes.

Colours are those of Okabe and Ito (2008), which stay apart for colour-blind readers; line styles, markers and hatches repeat the
distinction for greyscale print. Figures are 6.5 inches wide, the text width of a paper, so that type is 8 points there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import blended_transform_factory

from expansion_sim.results.phases import PHASES, phases_within

BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)
GREY = "#7F7F7F"
WIDTH = 6.5
_NAMES = [phase.name for phase in PHASES]

_RC: dict[Any, Any] = {
    "font.family": "DejaVu Sans", "font.size": 8.0,
    "axes.titlesize": 8.5, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.labelsize": 8.0,
    "xtick.labelsize": 7.5, "ytick.labelsize": 7.5, "legend.fontsize": 7.5, "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.6, "axes.axisbelow": True, "axes.grid": False,
    "xtick.major.width": 0.6, "ytick.major.width": 0.6, "xtick.major.size": 2.5, "ytick.major.size": 2.5, "ytick.minor.size": 0.0,
    "lines.linewidth": 1.4, "hatch.linewidth": 0.5, "svg.fonttype": "path", "svg.hashsalt": "expansion_sim",
}


class Look(NamedTuple):
    """How one series is drawn.

    Attributes:
        name: Name in labels.
        colour: Line or area colour.
        line: Matplotlib line style.
        marker: Marker, repeated every few years.
        hatch: Hatch of areas and bars.
    """

    name: str
    colour: str
    line: str | tuple[int, tuple[float, ...]] = "-"
    marker: str = ""
    hatch: str = ""


MODE_LOOKS: dict[str, Look] = {
    "indirect": Look("Indirect export", SKY, "-", "o", ""),
    "direct": Look("Direct export", BLUE, (0, (7, 1.3)), "s", "\\\\\\\\"),
    "ecommerce": Look("E-commerce", PURPLE, (0, (1, 1)), "v", "...."),
    "contract": Look("Contract production", ORANGE, (0, (4, 1.5)), "^", "////"),
    "fdi": Look("Own plant (FDI)", VERMILLION, "-", "D", ""),
    "cluster": Look("Collective plant", BLACK, (0, (4, 1.5, 1, 1.5)), "P", "xxxx"),
}


@contextmanager
def drawing() -> Iterator[None]:
    """Use the package's look inside the block; the user's settings are back afterwards."""
    with matplotlib.rc_context(_RC):
        yield


def new_figure(
    rows: int, columns: int, height: float, note: str, *, left: float = 0.115, right: float = 0.775, **margins: float,
) -> tuple[Figure, np.ndarray]:
    """A figure with axes of fixed margins and a source line at the lower left.

    Margins are fixed, not fitted, so that labels beside the axes can be placed exactly.

    Args:
        rows: Rows of axes.
        columns: Columns of axes.
        height: Height in inches.
        note: Source line, wrapped to the width; the axes keep clear of it.
        left: Left end of the axes, as a share of the width.
        right: Right end of the axes.
        margins: Further arguments of ``Figure.subplots_adjust``; ``bottom`` is in inches above the note.

    Returns:
        The figure and its axes, shape (rows, columns).
    """
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False)
    text = wrapped(note)
    lines = text.count("\n") + 1 if text else 0
    bottom = (0.10 + 0.115 * lines + margins.pop("bottom", 0.42)) / height
    room = {"left": left, "right": right, "bottom": bottom, "top": 1 - 0.40 / height, "hspace": 0.28, "wspace": 0.28}
    figure.subplots_adjust(**(room | margins))
    figure.text(0.012, 0.06 / height, text, fontsize=6.3, color="#333333", ha="left", va="bottom", linespacing=1.25)
    return figure, axes


def years_axis(
    axes: Axes, years: Sequence[int] | np.ndarray, *, names: bool = True, label: bool = True, narrow: bool = False,
) -> None:
    """Set the years as x axis and shade every other historical phase.

    Args:
        axes: Where to draw.
        years: Years shown.
        names: Write the phases' names above the axes.
        label: Write 'Year' below the axes.
        narrow: Short names in smaller type.
    """
    first, last = int(min(years)), int(max(years))
    axes.set_xlim(first - 0.5, last + 0.5)
    above = blended_transform_factory(axes.transData, axes.transAxes)
    for phase in phases_within(first, last):
        if phase.first > first:
            axes.axvline(phase.first - 0.5, color="#BBBBBB", linewidth=0.6, zorder=2.5)
        if _NAMES.index(phase.name) % 2:
            axes.axvspan(phase.first - 0.5, phase.last + 0.5, color="#F3F3F3", linewidth=0, zorder=-1)
        if names and phase.last - phase.first > 3:
            look: dict[str, Any] = {"ha": "center", "va": "bottom", "style": "italic", "color": "#444444"}
            look["fontsize"] = 6.2 if narrow else 7.0
            name = phase.short if narrow else phase.name
            axes.text((phase.first + phase.last) / 2, 1.0, name, transform=above, **look)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))
    if label:
        axes.set_xlabel("Year")


def panel_title(axes: Axes, text: str, *, names: bool = True) -> None:
    """Bold title at the left, above the names of the phases where there are any."""
    axes.set_title(text, pad=12 if names else 4)


def fan(
    axes: Axes, table: pd.DataFrame, look: Look, *, floor: float | None = None, bands: bool = True, mark_every: int = 10,
    offset: int = 0,
) -> np.ndarray:
    """Draw one series: a line, and bands of 50 % and 90 % of replications when there are several.

    Args:
        axes: Where to draw.
        table: Years x replications.
        look: How to draw it.
        floor: Values below it are not drawn (for logarithmic axes).
        bands: Draw the bands.
        mark_every: Years between markers.
        offset: First year with a marker, so that markers of different series do not coincide.

    Returns:
        The values of the line: the median over replications, shape (years,).
    """
    years, bottom = table.index.to_numpy(), -np.inf if floor is None else floor
    if bands and table.shape[1] > 1:
        for share in (0.5, 0.9):
            low, high = (table.quantile(0.5 + side * share / 2, axis=1).to_numpy() for side in (-1, 1))
            low, high = np.maximum(low, bottom), np.maximum(high, bottom)
            axes.fill_between(years, low, high, color=look.colour, alpha=0.18, linewidth=0)
    middle = table.median(axis=1).to_numpy(float)
    shown = np.where(middle >= bottom, middle, np.nan)
    axes.plot(
        years, shown, color=look.colour, linestyle=look.line, marker=look.marker or None, markersize=3.2, markeredgewidth=0,
        markevery=(offset % mark_every, mark_every), label=look.name, solid_capstyle="round",
    )
    return shown


def side_labels(axes: Axes, heights: Sequence[float], texts: Sequence[str], colours: Sequence[str], size: float = 7.5) -> None:
    """Write labels to the right of the axes at data heights, pushed apart where they would overlap.

    Args:
        axes: Axes whose limits and position are final.
        heights: Data heights; labels whose height is not finite are left out.
        texts: Labels.
        colours: Colour of the short line that ties a label to its series; text is black for contrast.
        size: Font size in points.
    """
    figure = axes.get_figure()
    shown = [position for position, height in enumerate(heights) if np.isfinite(height)]
    if not shown or figure is None:
        return
    axes.get_ylim()  # settles limits that Matplotlib would work out only when it draws
    pixels = axes.transData.transform([(0.0, heights[position]) for position in shown])[:, 1]
    box = axes.get_window_extent()
    wanted = np.clip((pixels - box.y0) / box.height, 0.0, 1.0)
    lines = np.array([texts[position].count("\n") + 1 for position in shown])
    gap = 1.25 * size / 72 * figure.dpi / box.height
    placed = spread(wanted, gap * lines)
    for position, at, to in zip(shown, wanted, placed, strict=True):
        tie: dict[str, Any] = {"color": colours[position], "linewidth": 1.0, "clip_on": False}
        axes.plot([1.005, 1.022, 1.03], [at, to, to], transform=axes.transAxes, **tie)
        axes.text(1.037, to, texts[position], transform=axes.transAxes, fontsize=size, va="center", ha="left", linespacing=1.0)


def spread(wanted: np.ndarray, sizes: np.ndarray, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Places as near as possible to the wanted ones at which labels of the given sizes do not overlap.

    Args:
        wanted: Wanted centres, shape (n,).
        sizes: Height of each label, shape (n,), in the unit of ``wanted``.
        low: Lower end of the room.
        high: Upper end of the room.

    Returns:
        Centres in the order of ``wanted``; neighbours keep at least the mean of their sizes, and the order is kept.
        When the room is too small the labels run over its upper end rather than into each other.
    """
    order = np.argsort(wanted, kind="stable")
    half = sizes[order] / 2
    steps = np.concatenate([[0.0], np.cumsum(half[1:] + half[:-1])])
    # with the steps taken out, 'no overlap' becomes 'not decreasing': least squares by pooling adjacent violators
    pools: list[list[float]] = []
    for value in wanted[order] - steps:
        pools.append([value, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (first, m), (second, n) = pools[-2], pools.pop()
            pools[-1] = [(first * m + second * n) / (m + n), m + n]
    base = np.concatenate([np.full(int(count), value) for value, count in pools])
    base = np.maximum(np.minimum(base, high - half[-1] - steps[-1]), low + half[0]) if base.size else base
    placed = np.empty_like(base)
    placed[order] = base + steps
    return placed


def plain_numbers(axes: Axes) -> None:
    """Write the numbers of the y axis in full with thousands separated."""
    write = FuncFormatter(lambda value, _: f"{value:,.0f}" if abs(value) >= 1 or value == 0 else f"{value:g}")
    axes.yaxis.set_major_formatter(write)


def wrapped(text: str, width: int = 128) -> str:
    """Break a note into lines of at most ``width`` characters."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def nothing_to_show(axes: Axes, text: str) -> None:
    """Say in the axes why they are empty."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=8, color="#555555")
