"""From arrays to tidy frames and back to series.

The yearly table is long: year, measure, industry, size_class, mode, host, value. An empty label means 'all'. Rows with the
value zero are left out unless they belong to a total that is always written, so **an absent row means zero**; read the table
with :func:`series`, which puts the zeros back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from expansion_sim.codes import HOSTS, INDUSTRIES, MODES, SIZE_CLASSES

#: Labels of each dimension of the yearly table; code 0 is '' (all).
DIMENSIONS: dict[str, tuple[str, ...]] = {
    "industry": ("", *INDUSTRIES),
    "size_class": ("", *SIZE_CLASSES),
    "mode": ("", *MODES),
    "host": ("", *HOSTS),
}

YEARLY_COLUMNS = ("year", "measure", *DIMENSIONS, "value")


class TidyRows:
    """Collects blocks of tidy rows as codes and builds one frame at the end."""

    def __init__(self) -> None:
        self._measures: list[str] = []
        self._blocks: list[dict[str, np.ndarray]] = []

    def add(self, measure: str, years: np.ndarray, values: np.ndarray, dimensions: Sequence[str], *, zeros: bool = False) -> None:
        """Append the cells of ``values`` as rows.

        Args:
            measure: Name of the measure.
            years: Years of the first axis, shape (Y,).
            values: Shape (Y, ...) with one further axis per name in ``dimensions``, in codes order.
            dimensions: Names of the further axes, keys of :data:`DIMENSIONS`.
            zeros: Write cells that are zero too.
        """
        where = np.nonzero(np.ones(values.shape, bool) if zeros else values)
        block = {name: np.zeros(where[0].size, np.int8) for name in DIMENSIONS}
        for name, position in zip(dimensions, where[1:], strict=True):
            block[name] = (position + 1).astype(np.int8)
        block["year"] = years[where[0]].astype(np.int16)
        block["value"] = values[where].astype(np.float64)
        block["measure"] = np.full(where[0].size, self._code(measure), np.int16)
        self._blocks.append(block)

    def add_margins(
        self, measure: str, years: np.ndarray, values: np.ndarray, dimensions: Sequence[str],
        keep: Iterable[Sequence[str]], always: Iterable[Sequence[str]] = (),
    ) -> None:
        """Append sums of ``values`` over all axes but the kept ones, once per entry of ``keep`` and ``always``.

        Args:
            measure: Name of the measure.
            years: Years of the first axis, shape (Y,).
            values: Shape (Y, ...), one further axis per name in ``dimensions``.
            dimensions: Names of the further axes.
            keep: Subsets of ``dimensions`` to keep, written without zeros.
            always: Subsets written with zeros.
        """
        for subsets, zeros in ((keep, False), (always, True)):
            for kept in subsets:
                summed = tuple(axis + 1 for axis, name in enumerate(dimensions) if name not in kept)
                self.add(measure, years, values.sum(axis=summed), [name for name in dimensions if name in kept], zeros=zeros)

    def frame(self) -> pd.DataFrame:
        """All rows as one frame with categorical labels, in the order in which they were added."""
        if not self._blocks:
            columns = {name: pd.Categorical([]) for name in ("measure", *DIMENSIONS)}
            return pd.DataFrame({"year": np.empty(0, np.int16), **columns, "value": np.empty(0)})[list(YEARLY_COLUMNS)]
        joined = {name: np.concatenate([block[name] for block in self._blocks]) for name in YEARLY_COLUMNS}
        joined["measure"] = labelled(joined["measure"], self._measures)
        for name, labels in DIMENSIONS.items():
            joined[name] = labelled(joined[name], labels)
        return pd.DataFrame(joined, copy=False)

    def _code(self, measure: str) -> int:
        if measure not in self._measures:
            self._measures.append(measure)
        return self._measures.index(measure)


def labelled(codes: np.ndarray, labels: Sequence[str]) -> pd.Categorical:
    """Codes as a categorical of ``labels`` without checking every value twice."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(labels), dtype="str"))


def stack_replications(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One frame out of one per replication, with a first column ``replication`` when there are several."""
    if len(frames) == 1:
        return frames[0]
    frames = [frame.copy(deep=False) for frame in frames]
    for name in frames[0].columns:
        if isinstance(frames[0][name].dtype, pd.CategoricalDtype):
            labels = list(dict.fromkeys(label for frame in frames for label in frame[name].cat.categories))
            for frame in frames:
                frame[name] = frame[name].cat.set_categories(labels)
    for replication, frame in enumerate(frames):
        frame.insert(0, "replication", np.full(len(frame), replication, np.int16))
    return pd.concat(frames, ignore_index=True)


def series(
    yearly: pd.DataFrame, measure: str, *, industry: str | Sequence[str] = "", size_class: str | Sequence[str] = "",
    mode: str | Sequence[str] = "", host: str | Sequence[str] = "",
) -> pd.DataFrame:
    """One measure as years x replications, zeros put back.

    Args:
        yearly: The tidy yearly table of a run.
        measure: Name of the measure.
        industry: Label, '' for all, or several labels to be added up; the same for the other dimensions.
        size_class: As industry.
        mode: As industry.
        host: As industry.

    Returns:
        Index year (every year of the table), one column per replication.
    """
    rows = np.flatnonzero(_matches(yearly["measure"], (measure,)))
    for name, labels in {"industry": industry, "size_class": size_class, "mode": mode, "host": host}.items():
        rows = rows[_matches(yearly[name], (labels,) if isinstance(labels, str) else tuple(labels), rows)]
    return _pivot(yearly, rows)


def replication_of(frame: pd.DataFrame) -> np.ndarray:
    """Replication of every row, zero where the frame has only one."""
    if "replication" in frame.columns:
        return frame["replication"].to_numpy()
    return np.zeros(len(frame), np.int16)


def _matches(column: pd.Series, labels: tuple[str, ...], rows: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Whether the label of each of the rows is one of ``labels``; compares codes, not strings."""
    codes = column.array.codes[rows]
    wanted = np.isin(column.array.categories.to_numpy(), labels)
    return wanted[codes] if wanted.size else np.zeros(codes.size, bool)


def _pivot(yearly: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Sum the values of the rows by year and replication, over all years and replications of the whole table."""
    years = yearly["year"].to_numpy()
    if not years.size:
        return pd.DataFrame(index=pd.Index([], name="year"))
    replication = replication_of(yearly)
    first, span, count = int(years.min()), int(years.max()) - int(years.min()) + 1, int(replication.max()) + 1
    cell = (years[rows].astype(np.int64) - first) * count + replication[rows]
    total = np.bincount(cell, weights=yearly["value"].to_numpy()[rows], minlength=span * count)
    index = pd.RangeIndex(first, first + span, name="year")
    return pd.DataFrame(total.reshape(span, count), index=index, columns=pd.RangeIndex(count, name="replication"))


def counts(cells: Mapping[str, np.ndarray], shape: Sequence[int], weights: np.ndarray) -> np.ndarray:
    """Weighted counts in a table of the given shape.

    Args:
        cells: One index array per axis, all of the same length n.
        shape: Shape of the table.
        weights: Weight of each item, shape (n,).
    """
    if not weights.size:
        return np.zeros(tuple(shape))
    flat = np.ravel_multi_index([np.asarray(index, np.intp) for index in cells.values()], tuple(shape))
    return np.bincount(flat, weights=weights, minlength=int(np.prod(shape))).reshape(tuple(shape))
