"""From factors and a design to points: which settings of which world, in which columns, in which block."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from expansion_sim.errors import InputError, allowed_names, nearest
from expansion_sim.experiment.spec import DUMMY, SAMPLED, SCENARIO, Experiment, Factor
from expansion_sim.experiment.worlds import Worlds
from expansion_sim.parameters import all_parameters
from expansion_sim.policy.terms import dotted
from expansion_sim.scenario.assumed import assumed_terms, declared_terms, is_whole
from expansion_sim.scenario.marked import Setting, key_parts
from expansion_sim.scenario.recorded import recorded_programmes
from expansion_sim.scenario.render import resolved

#: One setting with the path in the experiment file that gives it.
Sourced = tuple[str, Any, tuple[str | int, ...]]
_PARAMETERS = "parameters."
#: Key of a point in a list design that names it.
LABEL = "label"


@dataclass(frozen=True)
class Point:
    """One combination of settings.

    Attributes:
        index: Number of the point, from 0; bases come last.
        world: Scenario it starts from, as the experiment names it.
        sourced: Settings in order, each with what gives it.
        columns: Value per column of the design.
        block: Saltelli block or Morris trajectory, -1 elsewhere.
        role: ``point`` or ``base``.
        base: Index of the base world it is compared with, -1 without one.
        draws: Points with the same number share their random draws.
    """

    index: int
    world: str
    sourced: tuple[Sourced, ...]
    columns: dict[str, Any]
    block: int = -1
    role: str = "point"
    base: int = -1
    draws: int = 0


def points_of(experiment: Experiment, worlds: Worlds) -> list[Point]:
    """All points of an experiment, base worlds included.

    Raises:
        InputError: A factor that cannot be used, without a file; ``key`` leads to it.
    """
    design = experiment.design
    if design.kind == "list":
        points = _listed(experiment, worlds)
    else:
        factors = spelled_out(experiment, worlds)
        rows, blocks = _rows(experiment, factors)
        points = [
            _point(experiment, factors, index, row, block) for index, (row, block) in enumerate(zip(rows, blocks, strict=True))
        ]
    points = [_drawn(point, _sharing(experiment)) for point in points]
    return [*_paired(experiment, points, worlds)]


@dataclass(frozen=True)
class Axis:
    """A factor spelled out: its keys, and its values or its range.

    Attributes:
        factor: The factor of the file.
        path: Where it stands.
        keys: Keys it sets; empty for the dummy.
        column: Name of its column.
        low: Lower end, NaN for choices.
        high: Upper end, NaN for choices.
        whole: Whether only whole numbers are allowed.
    """

    factor: Factor
    path: tuple[str | int, ...]
    keys: tuple[str, ...]
    column: str
    low: float = math.nan
    high: float = math.nan
    whole: bool = False

    def at(self, share: float) -> Any:
        """The value at a share of the way through the range or the list of values, 0 to 1."""
        values = self.factor.values
        if values:
            return values[min(int(share * len(values)), len(values) - 1)]
        if self.whole:
            return int(min(self.low + math.floor(share * (self.high - self.low + 1)), self.high))
        if self.factor.transform == "log":
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        return min(max(value, self.low), self.high)  # rounding must not leave the range

    def settings(self, value: Any) -> list[Sourced]:
        """Settings that give the factor a value."""
        path = (*self.path, "values", self.factor.values.index(value)) if self.factor.values else self.path
        if self.keys == (SCENARIO,) or not self.keys:
            return []
        each = value if len(self.keys) > 1 and isinstance(value, (list, tuple)) else [value] * len(self.keys)
        return [(key, part, path) for key, part in zip(self.keys, each, strict=True)]

    def shown(self, value: Any) -> Any:
        """The value as the design's column has it."""
        labels = self.factor.labels
        return labels[self.factor.values.index(value)] if labels else plain_cell(value)


class Ranges:
    """Ranges that are declared: of parameters, and of terms of support that are not known exactly.

    Args:
        scenario: The world that an experiment starts from; None for history.

    Attributes:
        known: Key -> range, for every key that a factor may name without one.
        fitting: Keys that a pattern can mean: parameters, and terms that act in the world.
    """

    def __init__(self, scenario: Any = None) -> None:
        from expansion_sim.scenario.spec import Scenario

        world = Scenario(schema_version=1) if scenario is None else scenario
        parameters = {f"{_PARAMETERS}{name}": (parameter.low, parameter.high) for name, parameter in all_parameters().items()}
        self.known = parameters | {key: term.bounds for key, term in declared_terms(world).items()}
        self.fitting = [*parameters, *(term.key for term in assumed_terms(world))]

    def of(self, key: str) -> tuple[float, float] | None:
        """Range of a key, however its parts are quoted; None without one."""
        return self.known.get(key) or self.known.get(dotted(*key_parts(key)))


def spelled_out(experiment: Experiment, worlds: Worlds | None = None) -> list[Axis]:
    """Factors with patterns expanded and ranges filled in, the dummy of sensitivity designs included.

    Args:
        experiment: The experiment.
        worlds: Its scenarios, whose own programmes may declare ranges; None for those of the record alone.

    Raises:
        InputError: No parameter or term fits a pattern, a range is missing, or two factors have one column.
    """
    ranges = Ranges(None if worlds is None else worlds.scenario(experiment.scenario, _given(experiment)))
    found: list[Axis] = []
    for index, factor in enumerate(experiment.factor):
        found += _axes(factor, index, experiment.design.kind, ranges)
    if experiment.design.kind in ("morris", "saltelli") and experiment.design.dummy:
        found.append(Axis(Factor(key=(DUMMY,)), ("design",), (), DUMMY, 0.0, 1.0))
    columns = [axis.column for axis in found]
    for axis in found:
        if columns.count(axis.column) > 1:
            raise InputError(f"two factors have the column {axis.column!r}; name one of them", key=_words(axis.path))
    return found


def _words(path: Sequence[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _given(experiment: Experiment) -> list[Setting]:
    """Settings of all points."""
    return [Setting(key, value, "experiment") for key, value in experiment.settings.items()]


def _axes(factor: Factor, index: int, kind: str, ranges: Ranges) -> list[Axis]:
    path: tuple[str | int, ...] = ("factor", index)
    keys = factor.key
    patterns = [key for key in keys if "*" in key]
    if patterns:
        return [_axis(factor, path, (key,), key, kind, ranges) for key in _fitting(factor, path, ranges.fitting)]
    for value in factor.values:
        if len(keys) > 1 and isinstance(value, (list, tuple)) and len(value) != len(keys):
            raise InputError(f"{len(value)} values for {len(keys)} keys", key=_words((*path, "values")))
    return [_axis(factor, path, keys, factor.column, kind, ranges)]


def _fitting(factor: Factor, path: tuple[str | int, ...], known: Sequence[str]) -> list[str]:
    """Parameters and assumed terms that a pattern means."""
    for name in factor.without:
        if not any(fnmatchcase(key, name) for key in known):
            raise InputError(
                f"{name!r} is no parameter or assumed term; {allowed_names(name, known)}".rstrip("; "), key=_words((*path, "without"))
            )
    found = [key for key in known if any(fnmatchcase(key, pattern) for pattern in factor.key)]
    if not found:
        raise InputError(
            f"no parameter fits {factor.key[0]!r}, nor an assumed term; patterns are such as 'parameters.attention.*' or 'support.*'",
            key=_words((*path, "key")),
        )
    return [key for key in found if not any(fnmatchcase(key, name) for name in factor.without)]


def _axis(factor: Factor, path: tuple[str | int, ...], keys: tuple[str, ...], column: str, kind: str, ranges: Ranges) -> Axis:
    if factor.values:
        return Axis(factor, path, keys, column)
    declared = ranges.of(keys[0])
    low = factor.low if factor.low is not None else declared[0] if declared else None
    high = factor.high if factor.high is not None else declared[1] if declared else None
    if low is None or high is None:
        near = nearest(keys[0], ranges.known)
        hint = f"did you mean {near!r}?" if near else "parameters and assumed terms of support have a declared range"
        raise InputError(f"needs values, or low and high; {hint}", key=_words(path))
    if declared and keys[0].startswith(_PARAMETERS) and not declared[0] <= low <= high <= declared[1]:
        end = "low" if low < declared[0] else "high"
        allowed = f"(allowed {declared[0]:g} to {declared[1]:g})"
        raise InputError(f"{low if end == 'low' else high:g} is out of the range of {keys[0]} {allowed}", key=_words((*path, end)))
    if factor.transform == "log" and low <= 0.0:
        raise InputError(
            f"the range starts at {low:g}, which has no logarithm; give low above 0", key=_words((*path, "transform"))
        )
    return Axis(factor, path, keys, column, float(low), float(high), is_whole(keys[0]))


def _rows(experiment: Experiment, axes: list[Axis]) -> tuple[Iterable[tuple[Any, ...]], list[int]]:
    """Values per point in order of the axes, and the block of each point."""
    from expansion_sim.experiment import design

    kind = experiment.design.kind
    if kind == "grid":
        rows = design.grid([axis.factor.values for axis in axes])
        return rows, [-1] * len(rows)
    assert kind in SAMPLED
    shares, block = design.sample(experiment, [axis.column for axis in axes])
    return [tuple(axis.at(share) for axis, share in zip(axes, row, strict=True)) for row in shares], block.tolist()


def _point(experiment: Experiment, axes: list[Axis], index: int, row: tuple[Any, ...], block: int) -> Point:
    sourced: list[Sourced] = _fixed(experiment)
    columns: dict[str, Any] = {}
    world = experiment.scenario
    for axis, value in zip(axes, row, strict=True):
        world = str(value) if axis.keys == (SCENARIO,) else world
        sourced += axis.settings(value)
        columns[axis.column] = axis.shown(value)
    return Point(index, world, tuple(sourced), columns, block)


def _fixed(experiment: Experiment) -> list[Sourced]:
    return [(key, value, ("settings", key)) for key, value in experiment.settings.items()]


def _listed(experiment: Experiment, worlds: Worlds) -> list[Point]:
    """Points of a list design; what a point leaves unsaid stands in its columns with the value of the base scenario."""
    keys = list(dict.fromkeys(key for point in experiment.point for key in point))
    unsaid = _standing(experiment, worlds, {key: key for key in keys})
    points = []
    for index, given in enumerate(experiment.point):
        sourced = _fixed(experiment)
        sourced += [(key, value, ("point", index, key)) for key, value in given.items() if key not in (SCENARIO, LABEL)]
        columns = {key: plain_cell(given.get(key, unsaid[key] if key != LABEL else f"point {index}")) for key in keys}
        points.append(Point(index, str(given.get(SCENARIO, experiment.scenario)), tuple(sourced), columns))
    return points


def _standing(
    experiment: Experiment,
    worlds: Worlds,
    keys: Mapping[str, str],
    on_top: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Values that hold where no point says anything.

    Args:
        experiment: Gives scenario and settings.
        worlds: Its scenarios.
        keys: Column -> dotted key.
        on_top: Further settings.

    Returns:
        Column -> value; None where the scenario has none.
    """
    settings = [*_given(experiment), *(Setting(key, value, "experiment") for key, value in on_top.items())]
    values = resolved(worlds.scenario(experiment.scenario, settings))
    parameters = {f"{_PARAMETERS}{name}": parameter.value for name, parameter in all_parameters().items()}
    parameters |= {f"{_PARAMETERS}{name}": value for name, value in values["parameters"].items()}
    found = {column: parameters[key] if key in parameters else _below(values, [*key_parts(key)]) for column, key in keys.items()}
    return found | {column: experiment.scenario for column, key in keys.items() if key == SCENARIO}


def _below(values: Any, parts: Sequence[str]) -> Any:
    """What stands at a dotted key of a resolved scenario; a term of a recorded programme where the scenario leaves it alone."""
    if parts[:2] == ["support", "programme"] and len(parts) == 4:
        return _term(values["support"], parts[2], parts[3])
    for part in parts:
        if isinstance(values, list) and part.isdecimal() and int(part) < len(values):
            values = values[int(part)]
        else:
            values = values.get(part) if isinstance(values, dict) else None
    return values


def _term(support: dict[str, Any], programme: str, term: str) -> Any:
    recorded = recorded_programmes().get(programme, {})
    names = {programme, recorded.get("id"), recorded.get("name")}
    if not support["enabled"] or names & {*support["disable"]}:
        return None
    own = [entry for entry in support["programme"] if {entry["name"], entry["id"]} & names]
    return (own[0] if own else recorded).get(term)


def plain_cell(value: Any) -> Any:
    """A value as a table holds it: numbers, true, false and text as they are, anything else as JSON."""
    return value if value is None or isinstance(value, (bool, int, float, str)) else json.dumps(value, ensure_ascii=False)


def _sharing(experiment: Experiment) -> str:
    """Who shares draws: ``common``, ``block`` or ``own``."""
    design, pairing = experiment.design, experiment.pairing
    if design.draws != "auto":
        return design.draws
    if design.kind in ("grid", "list") or (pairing is not None and not pairing.each):
        return "common"
    return "block" if design.kind in ("morris", "saltelli") else "own"


def _drawn(point: Point, sharing: str) -> Point:
    return replace(point, draws={"common": 0, "block": max(point.block, 0), "own": point.index}[sharing])


def _paired(experiment: Experiment, points: list[Point], worlds: Worlds) -> list[Point]:
    """Points with their base worlds behind them."""
    pairing = experiment.pairing
    if pairing is None:
        return points
    on_top: list[Sourced] = [(key, value, ("pairing", "base", key)) for key, value in pairing.base.items()]
    if pairing.each:
        paired = [replace(point, base=len(points) + at) for at, point in enumerate(points)]
        keys = _keys_of(experiment, points[0], worlds)
        twins = [
            replace(
                point,
                index=len(points) + at,
                block=-1,
                role="base",
                sourced=(*point.sourced, *on_top),
                columns=_replaced(point.columns, keys, pairing.base),
            )
            for at, point in enumerate(points)
        ]
        return [*paired, *twins]
    if _sharing(experiment) != "common":
        raise InputError("one base for all points needs draws = 'common', or pairing.each = true", key="design.draws")
    standing = _standing(experiment, worlds, _keys_of(experiment, points[0], worlds), pairing.base)
    columns = {column: "base" if column == LABEL else plain_cell(value) for column, value in standing.items()}
    base = Point(len(points), experiment.scenario, (*_fixed(experiment), *on_top), columns, role="base")
    return [*(replace(point, base=base.index) for point in points), base]


def _keys_of(experiment: Experiment, point: Point, worlds: Worlds) -> dict[str, str]:
    """Column -> the (first) key that it stands for."""
    if experiment.design.kind == "list":
        return {column: column for column in point.columns}
    return {axis.column: axis.keys[0] if axis.keys else axis.column for axis in spelled_out(experiment, worlds)}


def _replaced(columns: dict[str, Any], keys: Mapping[str, str], base: dict[str, Any]) -> dict[str, Any]:
    """Columns of a twin: those whose key the base sets have its value."""
    return {column: plain_cell(base[keys[column]]) if keys[column] in base else value for column, value in columns.items()}
