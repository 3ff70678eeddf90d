"""What may be compared: two scenarios, or two finished runs, that share seed, scale, sampling and years."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from expansion_sim.errors import InputError, warn_without_effect
from expansion_sim.results.run import Run, open_run
from expansion_sim.scenario.idle import Stated
from expansion_sim.scenario.load import read_world, traced
from expansion_sim.scenario.spec import Scenario

Side = Scenario | Run
#: What two worlds must share, by the key in the resolved scenario.
_SHARED = {
    "seed": ("seed",),
    "scale": ("scale",),
    "sampling (population.stratified)": ("population", "stratified"),
    "first year": ("years", "first"),
    "last year": ("years", "last"),
}


def open_sides(
    base: str | os.PathLike[str] | Side, other: str | os.PathLike[str] | Side, overrides: Sequence[Any] | Mapping[str, Any] = (),
) -> tuple[Side, Side]:
    """Both sides of a comparison: scenarios by name or path, or finished runs by their directories.

    Args:
        base: Name, path, or what is already loaded.
        other: The same.
        overrides: Values on top of scenarios named here, as :func:`expansion_sim.load_scenario` takes them.

    Raises:
        InputError: There is no such thing, or a finished run was to be changed.

    Warns:
        WithoutEffect: A file states what acts on nothing in its world, or a value on top acts in neither world.
    """
    (here, mine), (there, theirs) = (_opened(named, overrides) for named in (base, other))
    acting = mine.acting | theirs.acting if mine and theirs else set()
    told = {(key, line.file, line.line): line for stated in (mine, theirs) if stated for key, line in stated.idle.items()}
    warn_without_effect(line for (key, *_), line in told.items() if line.line is not None or key not in acting)
    return here, there


def _opened(named: str | os.PathLike[str] | Side, overrides: Sequence[Any] | Mapping[str, Any]) -> tuple[Side, Stated | None]:
    """One side, and which of its terms act where it is a scenario named here."""
    if isinstance(named, Scenario):
        return named, None
    is_run = isinstance(named, Run) or Path(named).is_dir()
    if is_run and overrides:
        raise InputError(
            f"{'this' if isinstance(named, Run) else named} is a finished run: its values cannot be changed; "
            "name a scenario instead"
        )
    if isinstance(named, Run):
        return named, None
    if is_run:
        return open_run(os.fspath(named)), None
    found = traced(read_world(named), overrides)
    return found.scenario, Stated(*found)


def side_name(side: Side) -> str:
    """Name of a scenario, or of that of a finished run."""
    return side.name if isinstance(side, Scenario) else str(side.record["scenario"]["name"])


def common_years(base: Side, other: Side) -> tuple[int, int]:
    """First and last year that both have."""
    spans = [(side.years.first, side.years.last) if isinstance(side, Scenario) else side.years for side in (base, other)]
    return max(first for first, _ in spans), min(last for _, last in spans)


def check_scenarios(base: Scenario, other: Scenario) -> None:
    """Refuse worlds whose firms do not have the same luck.

    Raises:
        InputError: Seed, scale, sampling or years differ.
    """
    _check_shared(
        base.model_dump(mode="json"), other.model_dump(mode="json"), tuple(_SHARED), "set it for both, as with --until or --set"
    )


def check_runs(base: Run, other: Run) -> range:
    """Refuse runs that cannot be paired.

    Returns:
        The years that both have.

    Raises:
        InputError: Seed, scale, sampling or number of replications differ, or the years do not overlap.
    """
    shared = tuple(name for name in _SHARED if name != "last year")
    _check_shared(base.record["scenario"], other.record["scenario"], shared, "run one of them again")
    if base.replications != other.replications:
        raise InputError(
            f"the runs cannot be paired: replications are {base.replications} in BASE and {other.replications} in OTHER"
        )
    first, last = common_years(base, other)
    return range(first, last + 1)


def check_draws(base: Scenario, other: Scenario, draws: Sequence[Mapping[str, float]], replications: int) -> None:
    """Refuse draws of parameters that are too few, or that would wipe out what the scenarios differ in.

    Raises:
        InputError: As said.
    """
    if len(draws) < replications:
        raise InputError(f"{replications} replications need as many draws of parameters, there are {len(draws)}")
    for name in draws[0]:
        if base.parameters.get(name) != other.parameters.get(name):
            raise InputError(
                "the draws of parameters set what the two scenarios differ in; leave it out of the draws",
                key=f"parameters.{name}",
            )


def _check_shared(base: Mapping[str, Any], other: Mapping[str, Any], names: Sequence[str], cure: str) -> None:
    for name in names:
        here, there = (_at(side, _SHARED[name]) for side in (base, other))
        if here != there:
            raise InputError(f"the worlds cannot be paired: the {name} is {here} in BASE and {there} in OTHER; {cure}")


def _at(tables: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = tables
    for part in path:
        found = found[part]
    return found
