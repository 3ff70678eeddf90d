"""What the command line tells about experiments before one is run: which ship, what a file may say, what can be kept, whether a file is right."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

DONE, WRONG_INPUT = 0, 2


class ListedExperiment(NamedTuple):
    """One line of ``experiment list``.

    Attributes:
        name: Name for the command line.
        command: Command that runs it, ``sweep`` or ``calibrate``.
        title: Its title.
        question: What it asks: the first line of its file.
        path: Its file.
    """

    name: str
    command: str
    title: str
    question: str
    path: Path


class OutcomeKind(NamedTuple):
    """A kind of outcome.

    Attributes:
        form: How its names are written.
        text: What is kept.
        names: What may stand after the colon, with units where they have one; empty where a table of the package lists it.
    """

    form: str
    text: str
    names: tuple[str, ...] = ()


def list_experiments() -> list[ListedExperiment]:
    """The shipped experiments in alphabetical order."""
    from expansion_sim.experiment.load import shipped_folder, shipped_names
    from expansion_sim.scenario.files import read_scenario
    from expansion_sim.scenario.marked import plain

    found = []
    for name in shipped_names():
        path = shipped_folder() / f"{name}.toml"
        values = plain(read_scenario(path, "an experiment"))
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        command = "sweep" if "design" in values else "calibrate"
        found.append(ListedExperiment(name, command, str(values.get("title", "")), first.lstrip("# ") if first.startswith("#") else "", path))
    return found


def outcome_kinds() -> Iterator[OutcomeKind]:
    """Every kind of outcome with the names that it may have."""
    from expansion_sim.codes import MODES
    from expansion_sim.experiment.outcomes import PROGRAMME_COLUMNS, SCALARS
    from expansion_sim.population.schema import COLUMNS
    from expansion_sim.results.measures import UNITS
    from expansion_sim.validation.lenses import LENSES

    measures = tuple(f"{name} ({unit})" for name, unit in {**UNITS, **SCALARS}.items())
    braces = "; dimension=label in braces takes a part, such as {mode=fdi,host=CHN|VNM}"
    yield OutcomeKind("yearly:MEASURE{...}", f"a measure of every year{braces}", measures)
    yield OutcomeKind("programme:ID:COLUMN", "money, applications or awards of a programme by year; * for all programmes together", PROGRAMME_COLUMNS)
    yield OutcomeKind("share:MODE{lens=LENS}", "percent of the firms of a survey's frame that use a mode, at the end or in the years named",
                      (*MODES, "abroad", *(f"lens={name}" for name in LENSES)))
    variables = tuple(f"{column.name} ({column.unit})" for column in COLUMNS if not column.shape and column.dtype.startswith("f"))
    yield OutcomeKind("final:VARIABLE{...}", "quantiles, mean and number of firms of a variable of firms, at the end or in the years named; "
                      "industry, size_class or mode in braces", variables)
    yield OutcomeKind("survey:NAME", "a question as a survey would have asked it, in its years; * for all (surveys.parquet of a run names them)")
    yield OutcomeKind("fact:ID, deviation:ID, hit:ID",
                      "the reading of a published fact (T001...), its distance from the fact in half-widths of the tolerance, or whether it is "
                      "within (0/1); * for all facts (docs/validation.md lists them)")


def outcomes_text() -> str:
    """What an experiment can keep, as text."""
    from textwrap import fill

    lines = ["What an experiment can keep of a run (outcomes = [...]; [[outcome]] gives one its own years).", ""]
    for kind in outcome_kinds():
        lines += [kind.form, fill(kind.text, 110, initial_indent="    ", subsequent_indent="    ")]
        lines += [fill(", ".join(kind.names), 110, initial_indent="      ", subsequent_indent="      ", break_on_hyphens=False)] if kind.names else []
        lines.append("")
    return "\n".join(lines)


def schema_text() -> str:
    """Every key of an experiment file with type, unit, range, default and explanation."""
    from expansion_sim.experiment.spec import SCHEMA_VERSION, Experiment
    from expansion_sim.scenario.fields import keys
    from expansion_sim.scenario.report import key_lines

    head = [f"Keys of an experiment file, schema_version = {SCHEMA_VERSION}.",
            "What outcomes may be: expansion-sim experiment outcomes. Keys of [settings], factors and points: expansion-sim scenario schema.", ""]
    return "\n".join([*head, *(line for entry in keys(Experiment) for line in key_lines(entry))])


def schema_json() -> str:
    """The schema as JSON Schema, for editors that check TOML."""
    from expansion_sim.experiment.spec import Experiment

    return json.dumps(Experiment.model_json_schema(), indent=2, sort_keys=True)


# --- the commands ---------------------------------------------------------------------------------------------------------


def experiment_list(args: argparse.Namespace) -> int:
    """``experiment list``."""
    from expansion_sim.json_output import print_json

    listed = list_experiments()
    if args.json:
        print_json([{**entry._asdict(), "path": str(entry.path)} for entry in listed])
        return DONE
    width = max(len(entry.name) for entry in listed)
    for entry in listed:
        print(f"{entry.name:<{width}}  {entry.title}{'' if entry.command == 'sweep' else f' ({entry.command})'}\n{'':<{width}}  {entry.question}")
    return DONE


def experiment_check(args: argparse.Namespace) -> int:
    """``experiment check``: 2 when any file is wrong."""
    from expansion_sim.errors import InputError, InputErrors, warn_without_effect
    from expansion_sim.experiment.load import load_experiment
    from expansion_sim.experiment.sweep import plan_of
    from expansion_sim.json_output import errors_json, print_json

    found: list[dict[str, Any]] = []
    for file in args.files:
        try:
            loaded = load_experiment(file, args.set)
        except InputError as error:
            found.append({"file": file, "ok": False, "errors": errors_json(error if isinstance(error, InputErrors) else InputErrors([error]))})
            print(error, file=sys.stderr)
            continue
        warn_without_effect(loaded.idle)
        points, runs = len(loaded.points), len(plan_of(loaded).runs)
        warnings = [told for each in loaded.idle for told in errors_json(each)]
        found.append({"file": file, "ok": True, "design": loaded.experiment.design.kind, "points": points, "runs": runs, "warnings": warnings})
        if not args.json:
            print(f"{file}: ok, {loaded.experiment.design.kind}, {points} points, {runs} runs")
    if args.json:
        print_json(found)
    return DONE if all(entry["ok"] for entry in found) else WRONG_INPUT


def experiment_schema(args: argparse.Namespace) -> int:
    """``experiment schema``."""
    print(schema_json() if args.json else schema_text())
    return DONE


def experiment_outcomes(args: argparse.Namespace) -> int:
    """``experiment outcomes``."""
    from expansion_sim.json_output import print_json

    if args.json:
        print_json([kind._asdict() for kind in outcome_kinds()])
    else:
        print(outcomes_text(), end="")
    return DONE


def describe(actions: Any, say_json: Any) -> None:
    """The arguments of these commands.

    Args:
        actions: Where the parser of each is added.
        say_json: Gives a parser the option ``--json``.
    """
    texts: Sequence[tuple[str, str]] = (
        ("list", "experiments that ship with the package"), ("schema", "every key with type, unit, range, default and explanation"),
        ("outcomes", "what an experiment can keep of a run, with units"),
    )
    for name, text in texts:
        say_json(actions.add_parser(name, help=text, description=f"Print {text}."))
    check = actions.add_parser("check", help="check experiment files; every problem is told", description="Check experiment files, and say "
                               "how many points and runs each has.")
    check.add_argument("files", metavar="FILE", nargs="+", help="paths or names")
    check.add_argument("--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], help="change values of each first")
    say_json(check)
