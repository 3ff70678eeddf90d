"""Loading an experiment: the file, the worlds it starts from, and every problem told at its line before anything runs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from expansion_sim.errors import InputError, InputErrors, allowed_names
from expansion_sim.experiment.outcomes import OutcomeSet, programme_asked
from expansion_sim.experiment.points import Point, points_of
from expansion_sim.experiment.spec import SAMPLED, SCENARIO, Experiment
from expansion_sim.experiment.worlds import Worlds
from expansion_sim.policy.terms import dotted
from expansion_sim.scenario.check import told
from expansion_sim.scenario.files import display_name, read_scenario
from expansion_sim.scenario.idle import Stated, always_zero
from expansion_sim.scenario.load import Traced
from expansion_sim.scenario.marked import Marked, Place, Setting, apply_setting, at, error_at, mark_value, parse_setting, plain
from expansion_sim.scenario.spec import Scenario

#: Points that are checked whole before the start; of larger designs every factor is checked by its extremes.
_CHECKED_WHOLE = 500


class Loaded(NamedTuple):
    """An experiment ready to run.

    Attributes:
        experiment: The experiment.
        worlds: Scenarios it starts from.
        points: Its points, base worlds included.
        outcomes: What is kept of a run.
        source: Absolute path of the file; None for one made by a program.
        overrides: Texts ``key=value`` that changed keys of the file from outside.
        idle: What it states that acts on nothing, and outcomes that are zero whatever happens.
    """

    experiment: Experiment
    worlds: Worlds
    points: list[Point]
    outcomes: OutcomeSet
    source: Path | None = None
    overrides: tuple[str, ...] = ()
    idle: tuple[InputError, ...] = ()


@cache
def shipped_folder() -> Path:
    """Folder of the experiments that ship with the package: inside it when installed, beside ``src`` in the source tree."""
    packaged = Path(__file__).resolve().parents[1] / "experiments"
    source = Path(__file__).resolve().parents[3]
    return packaged if packaged.is_dir() or not (source / "pyproject.toml").is_file() else source / "experiments"


def shipped_names() -> list[str]:
    """Names of the shipped experiments in alphabetical order."""
    return sorted(path.stem for path in shipped_folder().glob("*.toml"))


def find_experiment(wanted: str | os.PathLike[str]) -> Path:
    """Path of an experiment: a shipped name, or a path.

    Raises:
        InputError: There is no such experiment.
    """
    text = os.fspath(wanted)
    if text.endswith(".toml") or os.sep in text:
        return Path(text)
    if text in shipped_names():
        return shipped_folder() / f"{text}.toml"
    near = allowed_names(text, shipped_names())
    raise InputError(f"no experiment of this name ships with the package; {near}".rstrip("; "), key=text or "''")


def load_experiment(path_or_name: str | os.PathLike[str], overrides: Iterable[str] = ()) -> Loaded:
    """Load an experiment file and check all of it.

    Args:
        path_or_name: Path of a TOML file, or the name of a shipped experiment.
        overrides: Texts ``key=value`` that change keys of the experiment, such as ``replications=2`` or ``settings.scale=0.002``.

    Raises:
        InputError: The file cannot be found or read, or something in it is wrong; all problems are told at once.
    """
    path = find_experiment(path_or_name)
    root = read_scenario(path, "an experiment")
    if "search" in root.value and "design" not in root.value:
        raise error_at(root.value["search"].place, "search", f"this file is for another command: expansion-sim calibrate {os.fspath(path_or_name)}")
    overrides = tuple(overrides)
    for text in overrides:
        root = apply_setting(root, parse_setting(text))
    if "name" not in root.value:
        root.value["name"] = Marked(path.stem, Place(display_name(path)))
    return checked(root, path.parent)._replace(source=path.absolute(), overrides=overrides)


def experiment_from(values: dict[str, Any], worlds: dict[str, Any] | None = None) -> Loaded:
    """An experiment from plain data, as an experiment file would have it.

    Args:
        values: Keys of the file, nested or dotted.
        worlds: Scenarios by name as :meth:`Worlds.plain` gives them; None to read them.

    Raises:
        InputErrors: Everything that is wrong.
    """
    return checked(mark_value(values, Place("experiment")), None, worlds)


def checked(root: Marked, folder: Path | None, worlds: dict[str, Any] | None = None) -> Loaded:
    """Check a whole experiment.

    Args:
        root: The file with places.
        folder: Its folder, from which paths of scenarios are read; None for the working directory.
        worlds: Scenarios already read.
    """
    root = _normal(root)
    try:
        experiment = Experiment.model_validate(plain(root))
    except ValidationError as error:
        errors = [told(root, item, Experiment) for item in error.errors(include_url=False)]
        raise InputErrors(sorted(errors, key=lambda e: e.line or 0)) from None
    try:
        found = Worlds(worlds) if worlds is not None else Worlds.read(_worlds_named(root, experiment), folder)
        years = _given_worlds(root, experiment, found)[0].years
        points = points_of(experiment, found)
    except InputErrors as several:
        raise InputErrors([_placed(error) for error in several.errors]) from None
    except InputError as error:
        if error.file is None:
            place = at(root, _path(error.key)).place
            error = error_at(place, error.key or "", error.message)
        raise InputErrors([error]) from None
    outcomes = OutcomeSet(years.first, years.last)
    tried, wrong = _tried(root, points, found, sampled=experiment.design.kind in SAMPLED)
    unkept, partly = _years_outside(root, experiment, outcomes)
    errors = [*(unkept or _add_outcomes(root, experiment, outcomes)), *wrong]
    if errors:
        raise InputErrors(sorted(errors[:50], key=lambda error: error.line or 0))
    idle = (*_idle(tried), *_always_zero(root, experiment, [world.scenario for world in tried]), *partly)
    return Loaded(experiment, found, points, outcomes, idle=idle)


def _normal(root: Marked) -> Marked:
    """Shorthands written out: ``design = "grid"``, a single key, tables in place of dotted keys."""
    if not isinstance(root.value, dict):
        return root
    tables = dict(root.value)
    if isinstance((design := tables.get("design", Marked(None, root.place))).value, str):
        tables["design"] = Marked({"kind": design}, design.place)
    if "settings" in tables:
        tables["settings"] = _flat(tables["settings"])
    if isinstance((points := tables.get("point", Marked(None, root.place))).value, list):
        tables["point"] = Marked([_flat(point) for point in points.value], points.place)
    if isinstance((pairing := tables.get("pairing", Marked(None, root.place))).value, dict) and "base" in pairing.value:
        tables["pairing"] = Marked({**pairing.value, "base": _flat(pairing.value["base"])}, pairing.place)
    if isinstance((factors := tables.get("factor", Marked(None, root.place))).value, list):
        tables["factor"] = Marked([_one_key(factor) for factor in factors.value], factors.place)
    return Marked(tables, root.place)


def _one_key(factor: Marked) -> Marked:
    if isinstance(factor.value, dict) and isinstance((key := factor.value.get("key", factor)).value, str):
        return Marked({**factor.value, "key": Marked([key], key.place)}, factor.place)
    return factor


def _flat(marked: Marked) -> Marked:
    """Tables as dotted keys; the first part of each may be written as a dotted key itself."""
    if not isinstance(marked.value, dict):
        return marked
    found: dict[str, Marked] = {}

    def walk(inner: Marked, name: str) -> None:
        if isinstance(inner.value, dict) and (inner.value or not name):
            for part, below in inner.value.items():
                walk(below, f"{name}.{dotted(part)}" if name else part)
        else:
            found[name] = inner

    walk(marked, "")
    return Marked(found, marked.place)


def _worlds_named(root: Marked, experiment: Experiment) -> list[tuple[str, Marked, str]]:
    """Every scenario that is named, with what names it: (name, place, key)."""
    found = [(experiment.scenario, at(root, ("scenario",)), SCENARIO)]
    for index, factor in enumerate(experiment.factor):
        if factor.key == (SCENARIO,):
            found += [
                (str(value), at(root, ("factor", index, "values", i)), f"factor[{index}].values[{i}]")
                for i, value in enumerate(factor.values)
            ]
    for index, point in enumerate(experiment.point):
        if SCENARIO in point:
            found.append((str(point[SCENARIO]), at(root, ("point", index, SCENARIO)), f"point[{index}].{SCENARIO}"))
    return found


def _path(key: str | None) -> tuple[str | int, ...]:
    """``factor[0].values`` as a path."""
    parts = (key or "").replace("[", ".").replace("]", "").split(".")
    return tuple(int(part) if part.isdecimal() else part for part in parts if part)


def _outcomes_named(experiment: Experiment) -> list[tuple[str, tuple[int, ...], tuple[str | int, ...]]]:
    """Name, years kept and path of every outcome."""
    found: list[tuple[str, tuple[int, ...], tuple[str | int, ...]]]
    found = [(name, experiment.years, ("outcomes", i)) for i, name in enumerate(experiment.outcomes)]
    return found + [(entry.name, entry.years or experiment.years, ("outcome", i, "name")) for i, entry in enumerate(experiment.outcome)]


def _idle(tried: list[Traced]) -> list[InputError]:
    """Terms that act on nothing in any of the worlds that state them."""
    acting, idle = set[str](), dict[str, InputError]()
    for world in tried:
        stated = Stated(*world)
        acting |= stated.acting
        idle = stated.idle | idle
    return [_placed(told) for key, told in idle.items() if key not in acting]


def _always_zero(root: Marked, experiment: Experiment, worlds: list[Scenario]) -> list[InputError]:
    """Outcomes of single programmes that are zero in all of the worlds."""
    found, apart = [], list({world.support: world for world in worlds if world.mechanisms.programmes}.values())
    for name, _, path in _outcomes_named(experiment):
        asked = programme_asked(name)
        if asked is not None and (why := always_zero(asked.column, asked.names, apart)):
            found.append(error_at(at(root, path).place, f"{path[0]}[{path[1]}]", f"{name!r} says nothing: {why}"))
    return found


def _years_outside(root: Marked, experiment: Experiment, outcomes: OutcomeSet) -> tuple[list[InputError], list[InputError]]:
    """Lists of kept years without any that is simulated, which would keep nothing, and single years that are not simulated."""
    lists: list[tuple[tuple[int, ...], tuple[str | int, ...], str]] = [(experiment.years, ("years",), "years")]
    lists += [(entry.years, ("outcome", i, "years"), f"outcome[{i}].years") for i, entry in enumerate(experiment.outcome)]
    unkept, partly = list[InputError](), list[InputError]()
    for years, path, key in lists:
        outside = [year for year in years if not outcomes.first <= year <= outcomes.last]
        if not outside:
            continue
        told = ", ".join(map(str, outside)) if len(outside) < 5 else f"{len(outside)} years from {min(outside)} to {max(outside)}"
        runs = f"runs are {outcomes.first} to {outcomes.last}"
        if outside == [*years]:
            unkept.append(error_at(at(root, path).place, key, f"none of {told} is simulated, so nothing would be kept; {runs}"))
        else:
            partly.append(error_at(at(root, path).place, key, f"has no effect for {told}: {runs}"))
    return unkept, partly


def _add_outcomes(root: Marked, experiment: Experiment, outcomes: OutcomeSet) -> list[InputError]:
    """Fill ``outcomes``; what is wrong with them, at its lines."""
    errors = []
    for name, kept, path in _outcomes_named(experiment):
        try:
            outcomes.add(name, kept)
        except InputError as error:
            errors.append(error_at(at(root, path).place, f"{path[0]}[{path[1]}]", error.message))
    return errors


def _given_worlds(root: Marked, experiment: Experiment, worlds: Worlds) -> list[Scenario]:
    """The world that all points start from and, where all have one base, that base.

    They are made before any point, so that a mistake in them is told at its own line and not once for every point. A base of every point's
    own is only tried on top of the points, which may state what it takes back.
    """
    settings = _settings(experiment.settings, at(root, ("settings",)))
    layers = [settings]
    if experiment.pairing is not None and not experiment.pairing.each:
        layers.append([*settings, *_settings(experiment.pairing.base, at(root, ("pairing", "base")))])
    return [worlds.scenario(experiment.scenario, layer) for layer in layers]


def _settings(values: dict[str, Any], marked: Marked) -> list[Setting]:
    """Settings that remember the line of the experiment that gives them."""
    return [Setting(key, value, str(at(marked, (key,)).place)) for key, value in values.items()]


def _tried(root: Marked, points: list[Point], worlds: Worlds, sampled: bool) -> tuple[list[Traced], list[InputError]]:
    """The scenarios of all points, or of enough points that every factor shows its extremes, and what is wrong with them."""
    chosen = points if len(points) <= _CHECKED_WHOLE else _extremes(points)
    errors: dict[Any, InputError] = {}  # of the samples of one range, which stand at one line, only the first is told
    found: list[Traced] = []
    for point in chosen:
        settings = [Setting(key, value, str(at(root, path).place)) for key, value, path in point.sourced]
        try:
            found.append(worlds.traced(point.world, settings))
        except InputErrors as several:
            for error in several.errors:
                errors.setdefault((error.file, error.line, error.key) if sampled else str(error), _placed(error))
        except InputError as error:
            errors.setdefault(str(error), _placed(error))
    return found, list(errors.values())


def _placed(error: InputError) -> InputError:
    """An error about a setting, whose origin is a line of the experiment, with file and line apart."""
    file, _, line = (error.file or "").rpartition(":")
    if error.line is not None or not line.isdecimal():
        return error
    return InputError(error.message, file=file, key=error.key, line=int(line))


def _extremes(points: list[Point]) -> list[Point]:
    """Few points in which every factor takes its lowest and its highest value, or each of its choices."""
    chosen: list[Point] = []
    for column in points[0].columns:
        values = {point.columns[column] for point in points}
        known = [value for value in values if isinstance(value, (int, float))]
        for value in (min(known), max(known)) if known else sorted(values, key=str):
            if not any(point.columns[column] == value for point in chosen):
                chosen.append(next(point for point in points if point.columns[column] == value))
    return chosen
