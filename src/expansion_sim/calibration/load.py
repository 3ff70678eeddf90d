"""Reading a calibration experiment: TOML to :class:`Calibration`, every error with file and line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from expansion_sim.calibration.prior import GroupedParameter, prior_of
from expansion_sim.calibration.spec import Calibration
from expansion_sim.errors import InputError, InputErrors, allowed_names, nearest
from expansion_sim.history import load_history
from expansion_sim.parameters import Parameter, all_parameters
from expansion_sim.scenario import fields
from expansion_sim.scenario.files import read_scenario
from expansion_sim.scenario.marked import Marked, at, error_at, plain


def load_calibration(path: str | os.PathLike[str]) -> Calibration:
    """Read a calibration experiment.

    Args:
        path: TOML file.

    Raises:
        InputErrors: Everything that is wrong: keys, types, ranges, parameters, facts, priors.
    """
    root = read_scenario(Path(path))
    try:
        spec = Calibration.model_validate(plain(root))
    except ValidationError as error:
        told = [_told(root, item) for item in error.errors(include_url=False)]
        raise InputErrors(sorted(told, key=lambda one: one.line or 0)) from None
    errors = [*_group_errors(root, spec), *_fact_errors(root, spec)]
    if errors:
        raise InputErrors(errors)
    return spec


def grouped_parameters(spec: Calibration) -> list[GroupedParameter]:
    """Every parameter to estimate with its group and prior, in the order of the file.

    Raises:
        InputError: A prior that is empty or outside the declared range.
    """
    known = all_parameters()
    return [
        prior_of(name, known[name], group)
        for group in spec.group for pattern in group.parameters for name in matching(pattern, known)
    ]


def matching(pattern: str, known: dict[str, Parameter]) -> list[str]:
    """Names of parameters that a name or pattern stands for; values of zero have no scale and match by full name only."""
    if pattern in known:
        return [pattern]
    return [name for name, parameter in known.items() if fnmatchcase(name, pattern) and parameter.value != 0.0]


def _told(root: Marked, item: Any) -> InputError:
    """One of pydantic's errors at its line."""
    path = tuple(item["loc"])
    context = item.get("ctx", {})
    if item["type"] == "scenario":
        path, message = (*path, *context["below"]), str(context["problem"])
    elif item["type"] == "extra_forbidden":
        keys = fields.key_names(fields.model_at(path[:-1], Calibration))
        message = f"unknown key; {allowed_names(str(path[-1]), keys)}".rstrip("; ")
    else:
        message = f"{item['msg'][0].lower()}{item['msg'][1:]}"
    return error_at(at(root, path).place, ".".join(map(str, path)), message)


def _group_errors(root: Marked, spec: Calibration) -> Iterator[InputError]:
    known, seen = all_parameters(), dict[str, str]()
    for index, group in enumerate(spec.group):
        for place, pattern in enumerate(group.parameters):
            marked = at(root, ("group", index, "parameters", place))
            label = f"group.{group.name}.parameters"
            names = matching(pattern, known)
            if not names:
                close = nearest(pattern, known)
                yield error_at(marked.place, label, f"no parameter {pattern!r}" + (f"; did you mean {close!r}?" if close else ""))
            for name in names:
                if name in seen:
                    yield error_at(marked.place, label, f"{name} is in the group {seen[name]!r} already")
                seen[name] = group.name
                try:
                    prior_of(name, known[name], group)
                except InputError as error:
                    yield error_at(at(root, ("group", index)).place, label, f"{name}: {error.message}")


def _fact_errors(root: Marked, spec: Calibration) -> Iterator[InputError]:
    targets = load_history().targets
    for name in ("include", "exclude", "also"):
        for place, item in enumerate(getattr(spec.facts, name)):
            if not selects(item, targets["id"], targets["lens"]).any():
                marked = at(root, ("facts", name, place))
                near = nearest(item, [*targets["id"], *targets["lens"].unique()])
                yield error_at(marked.place, f"facts.{name}", f"no fact {item!r}" + (f"; did you mean {near!r}?" if near else ""))


def selects(item: str, ids: Any, lenses: Any) -> Any:
    """Which facts an entry of a list stands for: an id, or a pattern of the lens; a boolean column."""
    return (ids == item) | lenses.map(lambda lens: fnmatchcase(lens, item))
