"""The firms of one year as surveys read them, and what every survey derives from a firm's columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from expansion_sim.history import load_history


class Snapshot:
    """The firms of one year with contiguous copies of the columns that were asked for.

    Reads like the record array it wraps (``firms["employees"]``), only faster when many statistics read the same columns.

    Args:
        firms: Records, dtype FIRM_DTYPE.
        year: Calendar year.
        rows: Which of them to read, shape (len(firms),), bool; None for all. Only the columns asked for are copied.
    """

    def __init__(self, firms: np.ndarray, year: int, rows: np.ndarray | None = None) -> None:
        self.firms, self.year, self.rows = firms, year, rows
        self._columns: dict[str, np.ndarray] = {}
        self._weights: dict[Weights, np.ndarray] = {}
        self._derived: dict[Callable[[Any], Any], Any] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._columns:
            column = self.firms[name]
            self._columns[name] = np.ascontiguousarray(column) if self.rows is None else column[self.rows]
        return self._columns[name]

    def __len__(self) -> int:
        return len(self.firms) if self.rows is None else int(np.count_nonzero(self.rows))

    def weights(self, lens: Weights) -> np.ndarray:
        """Weights of a lens function, computed once; lenses build on one another."""
        if lens not in self._weights:
            self._weights[lens] = lens(self, self.year)
        return self._weights[lens]

    def derived(self, function: Callable[[Any], Any]) -> Any:
        """What a function of the whole snapshot returns, computed once; several statistics read it."""
        if function not in self._derived:
            self._derived[function] = function(self)
        return self._derived[function]


Firms = np.ndarray | Snapshot
Weights = Callable[[Firms, int], np.ndarray]


def weigh(lens: Weights, firms: Firms, year: int) -> np.ndarray:
    """Weights of a lens, shape (n,); from the snapshot's store where there is one."""
    return firms.weights(lens) if isinstance(firms, Snapshot) else lens(firms, year)


def total_sales(firms: Firms) -> np.ndarray:
    """Sales from home, exports included, million yen at 2015 prices."""
    return firms["home_sales"].astype(float) + firms["export_sales"]


@lru_cache(maxsize=128)
def price_level(year: int) -> float:
    """Consumer prices relative to 2015, to state money as the surveys of the year did."""
    return load_history().series("cpi_2015_100", year=year) / 100.0


def abroad(firms: Firms) -> np.ndarray:
    """Firms with at least one mode abroad: an export channel, contract production, an own or collective plant."""
    return (firms["channels"] > 0) | (firms["contract_hosts"] > 0) | (firms["plant_hosts"] > 0) | (firms["cluster_hosts"] > 0)
