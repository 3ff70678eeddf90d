"""Parameters drawn from a posterior, so that uncertainty about them goes on into every interval.

A posterior is a table with one row per draw and one column per parameter, as a calibration writes it (Parquet or CSV). A
replication takes one row, chosen by seed and replication alone: two worlds with one seed are compared under the same parameters.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.parameters import all_parameters

if TYPE_CHECKING:
    from expansion_sim.scenario.spec import Scenario

#: Name under which the posterior that ships with the package is asked for.
SHIPPED = "posterior"
_SHIPPED_FILE = Path(__file__).parent / "calibration" / "data" / "posterior.csv"


class Posterior(NamedTuple):
    """Draws of parameters.

    Attributes:
        names: Names of the parameters, d of them.
        rows: Values, shape (n, d), each within its declared range.
        source: Where they were read from.
        sha256: Hash of that file.
    """

    names: tuple[str, ...]
    rows: np.ndarray
    source: str
    sha256: str

    def row_of(self, seed: int, replication: int) -> int:
        """Row of a replication: no row comes twice before every row was used."""
        order = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,))).permutation(len(self.rows))
        return int(order[replication % len(order)])

    def applied(self, scenario: Scenario, replication: int) -> Scenario:
        """The scenario with the draw of one replication; parameters that the scenario sets itself keep their values."""
        drawn = dict(zip(self.names, map(float, self.rows[self.row_of(scenario.seed, replication)]), strict=True))
        return scenario.model_copy(update={"parameters": {**drawn, **scenario.parameters}})

    def record(self, scenario: Scenario, replications: int) -> dict[str, Any]:
        """What ``run.json`` tells: source, hash, the row and the values of every replication."""
        rows = [self.row_of(scenario.seed, replication) for replication in range(replications)]
        free = [place for place, name in enumerate(self.names) if name not in scenario.parameters]
        values = {self.names[place]: [float(self.rows[row, place]) for row in rows] for place in free}
        return {"source": self.source, "sha256": self.sha256, "rows": rows, "values": values}


def load_posterior(named: str | Path) -> Posterior:
    """Read a posterior.

    Args:
        named: "posterior" for the one that ships with the package, else a Parquet or CSV file.

    Raises:
        InputError: No such file, or a table that is no posterior of this model.
    """
    shipped = str(named) == SHIPPED
    path = _SHIPPED_FILE if shipped else Path(named)
    if not path.is_file():
        raise InputError(f"no file {path}; allowed: '{SHIPPED}' or the posterior.parquet of a calibration", key="--parameters")
    try:
        table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
        values = table.to_numpy(float)
    except (ValueError, OSError) as error:
        raise InputError(f"this is no table of draws: {error}", file=str(path)) from error
    _check(table, values, str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Posterior(tuple(table.columns), values, SHIPPED if shipped else str(path), digest)


def _check(table: pd.DataFrame, values: np.ndarray, file: str) -> None:
    """Refuse unknown parameters, gaps, and values outside the declared ranges."""
    known = all_parameters()
    if not values.size:
        raise InputError("the table of draws is empty", file=file)
    for place, name in enumerate(map(str, table.columns)):
        if name not in known:
            raise InputError(f"unknown parameter; {allowed_names(name, list(known))}".rstrip("; "), file=file, key=name)
        low, high = known[name].low, known[name].high
        outside = ~((values[:, place] >= low) & (values[:, place] <= high))
        if outside.any():
            row = int(np.argmax(outside))
            allowed = f"{low:g} to {high:g} {known[name].unit}"
            raise InputError(f"{values[row, place]:g} in row {row} is outside {allowed}", file=file, key=name)
