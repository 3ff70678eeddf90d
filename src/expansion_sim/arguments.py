"""What can be typed after ``expansion-sim``: commands, options and their help."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from expansion_sim.errors import InputError, allowed_names

_RUN = "Simulate a scenario, print what happened in each phase, write tables and figures."
_RUN_EXAMPLES = """examples:
  expansion-sim run history
  expansion-sim run no_plaza --replications 20 --out runs/no_plaza
  expansion-sim run history --set mechanisms.band=false --set parameters.band.risk=0.3 --until 1990"""
_VALIDATE = "Compare a run with every published fact: hit, miss, or not computed and why. Misses do not change the exit code."
_ECONOMETRICS = ("Run published regressions on panels of simulated firms: estimate, standard error and verdict of each. "
                 "Needs the extra analysis.")
_DOCTOR = "Check Python, packages, data, cache, font and memory."
_DOC = "Documents that the package makes about itself."
_VALIDATION = ("Write the validation report: scores, misses with their explanations, ablations, docking, virtual econometrics. "
               "Not built while a miss has no explanation. Needs the extra analysis.")
_ODD = "Write the ODD+D description of the model, made from its state variables, rules, parameters, schedule and data."
_SHOW = "values of a scenario with their origin, as TOML that can be saved and run"


class Parser(argparse.ArgumentParser):
    """An argument parser that raises InputError and takes no abbreviations."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False, **kwargs})

    def error(self, message: str) -> NoReturn:
        """Turn a parsing problem into wrong input."""
        raise InputError(f"{message} (see {self.prog} --help)")


class ShowVersion(argparse.Action):
    """``--version``: looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print the version and stop."""
        from expansion_sim import __version__

        print(f"expansion-sim {__version__}")
        parser.exit(0)


def parse(given: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; ``command`` is the command asked for, such as ``scenario show``, empty without one.

    Args:
        given: Arguments without the program's name.

    Raises:
        InputError: Something is missing, unknown or of the wrong type.
    """
    commands = build_parsers()
    named = _command_named(given, list(commands))
    args, unknown = commands[""].parse_known_args(given)
    if unknown:
        options = re.findall(r"--[a-z][a-z-]*", commands[named].format_help())
        near = allowed_names(unknown[0], list(dict.fromkeys(options)))
        raise InputError(f"{f'{named}: ' if named else ''}{unknown[0]!r} is not known here; {near}".rstrip("; "))
    return args


def build_parsers() -> dict[str, Parser]:
    """The parser of each command by name; the empty name stands for the program."""
    program = Parser(prog="expansion-sim", description="How Japan's small firms went abroad: simulate, plot and score scenarios.")
    program.add_argument("--version", action=ShowVersion, nargs=0, help="print the version")
    program.add_argument("--traceback", action="store_true", help="show where a run failed")
    program.set_defaults(command="")
    commands = program.add_subparsers(metavar="COMMAND", title="commands", parser_class=Parser)
    _describe_run(commands.add_parser("run", help="simulate a scenario", description=_RUN, epilog=_RUN_EXAMPLES))
    _describe_plot(commands.add_parser("plot", help="draw figures of a finished run", description="Draw figures of a run again."))
    _describe_validate(commands.add_parser("validate", help="score a run on published facts", description=_VALIDATE))
    scenario = commands.add_parser("scenario", help="list, show and check scenarios", description="Scenarios and their schema.")
    actions = scenario.add_subparsers(metavar="ACTION", title="actions", parser_class=Parser)
    _describe_scenario_actions(actions)
    _describe_econometrics(commands.add_parser("econometrics", help="run published regressions on simulated firms",
                                               description=_ECONOMETRICS))
    _say_json(commands.add_parser("doctor", help="check this installation", description=_DOCTOR))
    documents = commands.add_parser("doc", help="write a document made from the package", description=_DOC)
    kinds = documents.add_subparsers(metavar="DOCUMENT", title="documents", parser_class=Parser)
    _describe_documents(kinds)
    found = {"": program, **commands.choices, **{f"scenario {name}": action for name, action in actions.choices.items()}}
    found |= {f"doc {name}": kind for name, kind in kinds.choices.items()}
    for name, parser in found.items():
        parser.set_defaults(command=name)
    return found


def _describe_run(parser: Parser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help="name of a shipped scenario, or path of a TOML file")
    _change_world(parser)
    parser.add_argument("--firms", metavar="Y,Y", type=_years, help="years in which every firm is written out, as 1990,2011")
    parser.add_argument("--out", metavar="DIR", type=Path, help="run directory (default: runs/NAME)")
    parser.add_argument("--csv", action="store_true", help="write a CSV twin of every table")
    parser.add_argument("--no-figures", action="store_true", help="draw no figures")
    _be_quiet(parser)


def _describe_plot(parser: Parser) -> None:
    parser.add_argument("run", metavar="DIR", type=Path, help="run directory")
    parser.add_argument("--kind", metavar="KIND", nargs="+", action="extend", help="figures such as mode-mix (default: all)")
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for the figures (default: DIR/figures)")
    _be_quiet(parser)


def _describe_validate(parser: Parser) -> None:
    named = "run directory, or a scenario to simulate first (default: history)"
    parser.add_argument("run", metavar="DIR|SCENARIO", nargs="?", default="history", help=named)
    _change_world(parser)
    _be_quiet(parser)


def _describe_econometrics(parser: Parser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", nargs="?", default="history", help="name or path (default: history)")
    parser.add_argument("--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], help="change values; repeatable")
    parser.add_argument("--scale", type=float, help="firms simulated for each firm of the country, 0.001 to 1")
    parser.add_argument("--seed", type=int, help="base seed of all draws")
    parser.add_argument("--out", metavar="FILE", type=Path, help="CSV file to write the table to")
    _be_quiet(parser)


def _describe_documents(kinds: Any) -> None:
    odd = kinds.add_parser("odd", help="ODD+D description of the model", description=_ODD)
    odd.add_argument("--out", metavar="FILE", type=Path, default=Path("docs/odd.md"), help="file to write (default: docs/odd.md)")
    _describe_validation_report(kinds.add_parser("validation", help="validation report", description=_VALIDATION))
    odd.add_argument("--check", action="store_true", help="write nothing; exit code 1 when the file is not up to date")


def _describe_validation_report(parser: Parser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", nargs="?", default="history", help="name or path (default: history)")
    parser.add_argument("--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], help="change values; repeatable")
    parser.add_argument("--scale", type=float, default=0.01, help="firms simulated for each firm of the country (default: 0.01)")
    parser.add_argument("--replications", metavar="N", type=int, default=3, help="runs with different draws (default: 3)")
    parser.add_argument("--seed", type=int, help="base seed of all draws")
    parser.add_argument("--out", metavar="FILE", type=Path, default=Path("docs/validation.md"),
                        help="file to write; figures go beside it (default: docs/validation.md)")
    parser.add_argument("--quiet", action="store_true", help="print no progress")


def _describe_scenario_actions(actions: Any) -> None:
    _say_json(actions.add_parser("list", help="scenarios that ship with the package"))
    show = actions.add_parser("show", help=_SHOW, description=f"Print {_SHOW}.")
    show.add_argument("scenario", metavar="SCENARIO", help="name or path")
    show.add_argument("--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], help="change values first")
    show.add_argument("--resolved", action="store_true", help="also every default and every parameter of the rules")
    _say_json(show)
    check = actions.add_parser("check", help="check scenario files; every problem is told")
    check.add_argument("files", metavar="FILE", nargs="+", help="paths or names")
    _say_json(check)
    _say_json(actions.add_parser("schema", help="every key with type, unit, range, default and explanation"))


def _change_world(parser: Parser) -> None:
    """Options that change the scenario."""
    parser.add_argument("--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], help="change values; repeatable")
    parser.add_argument("--scale", type=float, help="firms simulated for each firm of the country, 0.001 to 1")
    parser.add_argument("--seed", type=int, help="base seed of all draws")
    parser.add_argument("--replications", metavar="N", type=int, help="runs with different draws; results get intervals")
    parser.add_argument("--until", metavar="YEAR", type=int, help="last year")


def _be_quiet(parser: Parser) -> None:
    """Options about what is printed."""
    _say_json(parser)
    parser.add_argument("--quiet", action="store_true", help="print no progress and no tables")


def _say_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _years(text: str) -> list[int]:
    try:
        return [int(year) for year in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be years with commas between, such as 1990,2011") from None


def _command_named(given: Sequence[str], commands: Sequence[str]) -> str:
    """The command asked for, with its action; empty without one.

    Raises:
        InputError: There is no such command.
    """
    named = ""
    for word in [word for word in given if not word.startswith("-")][:2]:
        prefix = f"{named} " if named else ""
        below = [name.removeprefix(prefix) for name in commands if name.startswith(prefix) and name.removeprefix(prefix)]
        below = [name for name in below if " " not in name]
        if not below:
            break
        if word not in below:
            raise InputError(f"{named + ': ' if named else ''}no command {word!r}; {allowed_names(word, below)}")
        named = f"{prefix}{word}"
    return named
