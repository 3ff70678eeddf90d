"""Draws of parameters, one row per replication, as a posterior gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.parameters import all_parameters
from expansion_sim.posterior import SHIPPED, load_posterior
from expansion_sim.scenario.spec import Scenario

Draw = Mapping[str, float]


def read_draws(path: str | Path) -> list[dict[str, float]]:
    """Read draws from a Parquet or CSV file: a column per parameter, a row per draw.

    Raises:
        InputError: The file cannot be read, has a column that is no parameter, or a value outside the declared range.
    """
    import pandas as pd

    file = Path(path)
    if file.suffix not in (".parquet", ".csv"):
        raise InputError(f"draws of parameters are '{SHIPPED}' or a .parquet or .csv file", file=str(path))
    try:
        table = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
    except FileNotFoundError:
        raise InputError("there is no such file", file=str(path)) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {' '.join(str(error).split())}", file=str(path)) from None
    rows: list[Any] = table.to_dict("records")
    return checked_draws(rows, str(path))


def checked_draws(draws: Sequence[Draw], file: str | None = None) -> list[dict[str, float]]:
    """The draws as plain numbers.

    Args:
        draws: Dotted parameter name -> value, one mapping per draw.
        file: Where they come from, for messages.

    Raises:
        InputError: No draw, an unknown parameter, or a value outside the declared range.
    """
    if not draws:
        raise InputError("there is no draw of parameters", file=file)
    known = all_parameters()
    for name in draws[0]:
        if name not in known:
            raise InputError(f"unknown parameter; {allowed_names(str(name), list(known))}".rstrip("; "), file=file, key=str(name))
    checked = []
    for row, draw in enumerate(draws):
        for name, value in draw.items():
            low, high = known[name].low, known[name].high
            if not isinstance(value, (int, float)) or not low <= value <= high:
                raise InputError(f"{value!r} in draw {row} is outside {low:g} to {high:g}", file=file, key=str(name))
        checked.append({str(name): float(value) for name, value in draw.items()})
    return checked


def posterior_draws(base: Scenario, other: Scenario, replications: int) -> list[dict[str, float]]:
    """Draws of the posterior that ships, one per replication, the rows that a run of the base scenario's seed takes.

    What either scenario states itself is drawn in neither, as in a run.
    """
    posterior = load_posterior(SHIPPED)
    free = [place for place, name in enumerate(posterior.names) if name not in base.parameters and name not in other.parameters]
    rows = [posterior.rows[posterior.row_of(base.seed, number)] for number in range(replications)]
    return [{posterior.names[place]: float(row[place]) for place in free} for row in rows]


def with_draw(scenario: Scenario, draw: Draw | None) -> Scenario:
    """The scenario with the parameters of a draw on top of its own."""
    if not draw:
        return scenario
    return scenario.model_copy(update={"parameters": {**scenario.parameters, **draw}})
