"""What can be typed after ``expansion-sim``: commands, options and their help."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from expansion_sim.errors import InputError, allowed_names
from expansion_sim.experiment import listing

_RUN = "Simulate a scenario, print what happened in each phase, write tables and figures."
_RUN_EXAMPLES = """examples:
  expansion-sim run history
  expansion-sim run no_plaza --replications 20 --out runs/no_plaza
  expansion-sim run history --set mechanisms.band=false --set parameters.band.risk=0.3 --until 1990"""
GROUPS = ("mode", "industry", "size_class", "host", "district")  # of firms, as comparison.abroad tells them apart
_COMPARE = """Compare two worlds firm by firm on the same draws: two scenarios, or two finished run directories.

BASE is the reference: every difference is OTHER minus BASE. Additional firms are abroad in OTHER only, displaced ones in BASE
only; deadweight is supported in OTHER and abroad in BASE as well."""
_COMPARE_EXAMPLES = """examples:
  expansion-sim compare no_support history
  expansion-sim compare no_support history --replications 20 --workers 2 --year 1990,2024 --out runs/support
  expansion-sim compare runs/a runs/b"""
_VALIDATE = "Compare a run with every published fact: hit, miss, or not computed and why. Misses do not change the exit code."
_CALIBRATE = "Estimate parameters from published facts. The same command continues after an interruption; finished runs are kept."
_ECONOMETRICS = ("Run published regressions on panels of simulated firms: estimate, standard error and verdict of each. "
                 "Needs the extra analysis.")
_SWEEP = "Run an experiment: many runs of a scenario with different settings and draws. Finished runs survive any interruption."
_SWEEP_EXAMPLES = """examples:
  expansion-sim sweep subsidy_rate_by_cap
  expansion-sim sweep my_experiment.toml --workers 8 --out runs/mine --set replications=5 settings.scale=0.002
  expansion-sim sweep sobol_policy --scheduler tcp://127.0.0.1:8786"""
_RESUME = "Finish an interrupted sweep; the result is the same as without the interruption."
_ANALYSE = "Print the tables that suit a sweep's design and write them to analysis/*.csv."
_ANALYSED = """examples:
  expansion-sim analyse runs/subsidy_rate_by_cap
  expansion-sim analyse runs/mine --outcome yearly:abroad --year 2015 --threshold 500 --json"""
#: Options that stand for keys of the scenario.
_KEYS = {
    "scale": "scale", "seed": "seed", "replications": "replications", "until": "years.last", "firms": "output.firms_years",
}
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
    _describe_compare(commands.add_parser("compare", help="compare two scenarios or runs firm by firm", description=_COMPARE,
                                          epilog=_COMPARE_EXAMPLES))
    _describe_plot(commands.add_parser("plot", help="draw figures", description="Draw figures of a finished run, comparison or sweep."))
    _describe_validate(commands.add_parser("validate", help="score a run on published facts", description=_VALIDATE))
    _describe_calibrate(commands.add_parser("calibrate", help="estimate parameters from published facts", description=_CALIBRATE))
    _describe_sweeps(commands)
    _describe_analyse(commands.add_parser("analyse", help="tables of a sweep", description=_ANALYSE, epilog=_ANALYSED))
    scenario = commands.add_parser("scenario", help="list, show and check scenarios", description="Scenarios and their schema.")
    actions = scenario.add_subparsers(metavar="ACTION", title="actions", parser_class=Parser)
    _describe_scenario_actions(actions)
    experiment = commands.add_parser("experiment", help="list and check experiments, and what they can keep",
                                     description="Experiments, their schema and outcomes.")
    of_experiments = experiment.add_subparsers(metavar="ACTION", title="actions", parser_class=Parser)
    listing.describe(of_experiments, _say_json)
    _describe_econometrics(commands.add_parser("econometrics", help="run published regressions on simulated firms",
                                               description=_ECONOMETRICS))
    _say_json(commands.add_parser("doctor", help="check this installation", description=_DOCTOR))
    documents = commands.add_parser("doc", help="write a document made from the package", description=_DOC)
    kinds = documents.add_subparsers(metavar="DOCUMENT", title="documents", parser_class=Parser)
    _describe_documents(kinds)
    found = {"": program, **commands.choices, **{f"scenario {name}": action for name, action in actions.choices.items()}}
    found |= {f"experiment {name}": action for name, action in of_experiments.choices.items()}
    found |= {f"doc {name}": kind for name, kind in kinds.choices.items()}
    for name, parser in found.items():
        parser.set_defaults(command=name)
    return found


def _describe_run(parser: Parser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help="name of a shipped scenario, or path of a TOML file")
    _change_world(parser)
    _draw_parameters(parser)
    parser.add_argument("--firms", metavar="Y,Y", type=_years, help="years in which every firm is written out, as 1990,2011")
    parser.add_argument("--out", metavar="DIR", type=Path, help="run directory (default: runs/NAME)")
    parser.add_argument("--csv", action="store_true", help="write a CSV twin of every table")
    parser.add_argument("--no-figures", action="store_true", help="draw no figures")
    _be_quiet(parser)


def _describe_compare(parser: Parser) -> None:
    parser.add_argument("base", metavar="BASE", help="the reference: a scenario's name or path, or a run directory")
    parser.add_argument("other", metavar="OTHER", help="what is compared with it, of the same kind")
    _change_world(parser)
    parser.add_argument("--year", metavar="Y,Y", type=_years, help="years shown in the printed table (default: the last)")
    parser.add_argument("--by", metavar="GROUP", nargs="+", choices=GROUPS, default=["mode"],
                        help=f"groups for which firms are printed: {', '.join(GROUPS)} (default: mode)")
    draws = ("draw the parameters of each pair: 'posterior' for the shipped posterior, or a Parquet or CSV file with a column per parameter; "
             "replication r uses row r in both worlds")
    parser.add_argument("--parameters", metavar="posterior|FILE", help=draws)
    _draw_terms(parser)
    parser.add_argument("--discount", metavar="PERCENT", type=float, default=0.0, help="discount sums of money and sales")
    parser.add_argument("--workers", metavar="N", type=int, default=1, help="processes; results do not depend on it")
    _share_the_past(parser)
    parser.add_argument("--out", metavar="DIR", type=Path, help="directory (default: runs/BASE-OTHER)")
    parser.add_argument("--csv", action="store_true", help="write a CSV twin of every table")
    parser.add_argument("--no-figures", action="store_true", help="draw no figures")
    _be_quiet(parser)


def _share_the_past(parser: Parser) -> None:
    told = "simulate every run from its first year, also where others have the same past; slower, with the same result"
    parser.add_argument("--no-shared-past", dest="shared_past", action="store_false", help=told)


def _describe_sweeps(commands: Any) -> None:
    sweep = commands.add_parser("sweep", help="run an experiment", description=_SWEEP, epilog=_SWEEP_EXAMPLES)
    sweep.add_argument("experiment", metavar="EXPERIMENT", help="name of a shipped experiment, or path of a TOML file")
    sweep.add_argument("--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], help="change keys of the experiment")
    sweep.add_argument("--out", metavar="DIR", type=Path, help="directory of the sweep (default: runs/NAME)")
    resume = commands.add_parser("resume", help="finish an interrupted sweep", description=_RESUME)
    resume.add_argument("dir", metavar="DIR", type=Path, help="directory of the sweep")
    resume.add_argument("--retry-failed", action="store_true", help="run failed runs again as well; good ones stay as they are")
    for parser in (sweep, resume):
        parser.add_argument("--workers", metavar="N", type=int, help="processes on this machine (default: one per processor)")
        parser.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler to use instead, as tcp://127.0.0.1:8786")
        parser.add_argument("--anyway", action="store_true", help="go on although the code has changed since the sweep was begun")
        _share_the_past(parser)
        _be_quiet(parser)
    status = commands.add_parser("status", help="how far a sweep has come", description="Tell how far a sweep has come.")
    status.add_argument("dir", metavar="DIR", type=Path, help="directory of the sweep")
    _say_json(status)


def _describe_analyse(parser: Parser) -> None:
    parser.add_argument("dir", metavar="DIR", type=Path, help="directory of a sweep")
    parser.add_argument("--level", metavar="SHARE", type=float, default=0.95, help="coverage of intervals (default: 0.95)")
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for the CSV files (default: DIR/analysis)")
    _ask_sweep(parser)
    _be_quiet(parser)


def _ask_sweep(parser: Parser) -> None:
    """Options about what is read from a sweep."""
    parser.add_argument("--outcome", metavar="NAME", nargs="+", action="extend",
                        help="outcomes (default: one of everything that is named, eight at most)")
    parser.add_argument("--year", metavar="YEAR", help="year of yearly outcomes, or total (default: the last)")
    parser.add_argument("--threshold", metavar="X", type=float, nargs="+", action="extend",
                        help="thresholds, of the difference from the base where points are paired with one: chances of more, and "
                             "factor ranges that lead to more than the first")
    parser.add_argument("--missing", choices=("raise", "drop"), default="raise", help="refuse failed runs, or leave them out")


def _describe_plot(parser: Parser) -> None:
    parser.add_argument("run", metavar="DIR", type=Path, help="directory of a run, a comparison or a sweep")
    kinds = "figures such as mode-mix, policy of a comparison, heat-map of a sweep (default: all that suit)"
    parser.add_argument("--kind", metavar="KIND", nargs="+", action="extend", help=kinds)
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder for the figures (default: DIR/figures)")
    _ask_sweep(parser)
    _be_quiet(parser)


def _describe_validate(parser: Parser) -> None:
    named = "run directory, or a scenario to simulate first (default: history)"
    parser.add_argument("run", metavar="DIR|SCENARIO", nargs="?", default="history", help=named)
    parser.add_argument("--split", metavar="YEAR", type=int, help="count the facts up to a year and the later ones apart")
    _change_world(parser)
    _draw_parameters(parser)
    _be_quiet(parser)


def _describe_calibrate(parser: Parser) -> None:
    parser.add_argument("experiment", metavar="EXPERIMENT", type=Path, help="TOML file such as experiments/calibration.toml")
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder of the report (default: runs/NAME)")
    parser.add_argument("--workers", metavar="N", type=int, help="worker processes (default: one for each processor)")
    parser.add_argument("--rounds", metavar="N", type=int, help="rounds of Kalman inversion in place of the experiment's")
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
    parser.add_argument("--replications", metavar="N", type=int, default=12, help="runs with different draws (default: 12)")
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
    check.add_argument("--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], help="change values of each first")
    _say_json(check)
    _say_json(actions.add_parser("schema", help="every key with type, unit, range, default and explanation"))


def _change_world(parser: Parser) -> None:
    """Options that change the scenario."""
    parser.add_argument("--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], help="change values; repeatable")
    parser.add_argument("--scale", type=float, help="firms simulated for each firm of the country, 0.001 to 1")
    parser.add_argument("--seed", type=int, help="base seed of all draws")
    parser.add_argument("--replications", metavar="N", type=int, help="runs with different draws; results get intervals")
    parser.add_argument("--until", metavar="YEAR", type=int, help="last year")


def _draw_parameters(parser: Parser) -> None:
    """Where each replication takes its parameters from."""
    told = "draw the parameters of each replication from a posterior: 'posterior' for the shipped one, or a calibration's file"
    parser.add_argument("--parameters", metavar="posterior|FILE", help=told)
    _draw_terms(parser)


def _draw_terms(parser: Parser) -> None:
    """Where each replication takes the terms of support from that nobody has published."""
    told = "'ranges' draws the assumed terms of support of each replication from their ranges (default: stated, the values as they stand)"
    parser.add_argument("--terms", choices=("stated", "ranges"), default="stated", help=told)


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


def settings_of(args: argparse.Namespace) -> list[Any]:
    """Settings of a scenario that a command line asks for: ``--set``, then the options that stand for keys, such as ``--scale``."""
    from expansion_sim.scenario.marked import Setting

    given = {option: getattr(args, option, None) for option in _KEYS}
    return [*args.set, *(Setting(_KEYS[option], value, f"--{option}") for option, value in given.items() if value is not None)]
