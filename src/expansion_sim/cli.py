"""The command line: thin commands over the public functions of the package.

Exit codes: 0 done, 1 the run failed, 2 the input is wrong, 130 interrupted. Heavy packages are imported inside the commands, so
that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from expansion_sim.errors import InputError, InputErrors, allowed_names

if TYPE_CHECKING:
    from expansion_sim.scenario.spec import Scenario

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


class Parser(argparse.ArgumentParser):
    """An argument parser that raises InputError and takes no abbreviations."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, allow_abbrev=False, **kwargs)

    def error(self, message: str) -> NoReturn:
        """Turn a parsing problem into wrong input."""
        raise InputError(f"{message} (see {self.prog} --help)")


class ShowVersion(argparse.Action):
    """``--version``: looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print the version and stop."""
        from expansion_sim import __version__

        print(f"expansion-sim {__version__}")
        parser.exit(DONE)


def build_parser() -> tuple[Parser, dict[str, Parser]]:
    """The parser, and the parser of each command by name."""
    parser = Parser(prog="expansion-sim", description="How Japan's small firms went abroad: simulate, plot and score scenarios.")
    parser.add_argument("--version", action=ShowVersion, nargs=0, help="print the version")
    parser.add_argument("--traceback", action="store_true", help="show where a run failed")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", title="commands", parser_class=Parser)
    found: dict[str, Parser] = {}
    for name, add in _COMMANDS.items():
        add(commands, found)
        found[name] = commands.choices[name]
    return parser, found


def _add_run(commands: Any, found: dict[str, Parser]) -> None:
    command = commands.add_parser("run", help="simulate a scenario", description=_RUN, epilog=_RUN_EXAMPLES)
    command.add_argument("scenario", metavar="SCENARIO", help="name of a shipped scenario, or path of a TOML file")
    _add_world(command)
    command.add_argument("--firms", metavar="Y,Y", type=_years, help="years in which every firm is written out, such as 1990,2011")
    command.add_argument("--out", metavar="DIR", type=Path, help="run directory (default: runs/NAME)")
    command.add_argument("--csv", action="store_true", help="write a CSV twin of every table")
    command.add_argument("--no-figures", action="store_true", help="draw no figures")
    _add_voice(command)
    command.set_defaults(act=run)


def _add_plot(commands: Any, found: dict[str, Parser]) -> None:
    command = commands.add_parser("plot", help="draw figures of a finished run", description="Draw figures of a run directory again.")
    command.add_argument("run", metavar="DIR", type=Path, help="run directory")
    command.add_argument("--kind", metavar="KIND", nargs="+", action="extend", help="figures to draw (default: all): mode-mix, entries, ...")
    command.add_argument("--out", metavar="DIR", type=Path, help="folder for the figures (default: DIR/figures)")
    _add_voice(command)
    command.set_defaults(act=plot)


def _add_validate(commands: Any, found: dict[str, Parser]) -> None:
    command = commands.add_parser("validate", help="score a run on published facts", description=_VALIDATE)
    command.add_argument("run", metavar="DIR|SCENARIO", nargs="?", default="history", help="run directory, or a scenario to simulate first (default: history)")
    _add_world(command)
    _add_voice(command)
    command.set_defaults(act=validate)


def _add_scenario(commands: Any, found: dict[str, Parser]) -> None:
    group = commands.add_parser("scenario", help="list, show and check scenarios", description="List, show and check scenario files.")
    group.set_defaults(act=lambda args: group.error("list, show, check or schema is missing"))
    actions = group.add_subparsers(metavar="ACTION", dest="action", title="actions", parser_class=Parser)
    command = actions.add_parser("list", help="scenarios that ship with the package")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(act=scenario_list)
    command = actions.add_parser("show", help="values of a scenario with their origin, as TOML that can be saved and run")
    command.add_argument("scenario", metavar="SCENARIO", help="name or path")
    command.add_argument("--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], help="change values first")
    command.add_argument("--resolved", action="store_true", help="also every default and every parameter of the rules")
    command.add_argument("--json", action="store_true", help="print JSON: values, origins and hash")
    command.set_defaults(act=scenario_show)
    command = actions.add_parser("check", help="check scenario files; every problem is told")
    command.add_argument("files", metavar="FILE", nargs="+", help="paths or names")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(act=scenario_check)
    command = actions.add_parser("schema", help="every key with type, unit, range, default and explanation")
    command.add_argument("--json", action="store_true", help="print a JSON Schema")
    command.set_defaults(act=scenario_schema)
    found.update({f"scenario {name}": action for name, action in actions.choices.items()})


def _add_doctor(commands: Any, found: dict[str, Parser]) -> None:
    command = commands.add_parser("doctor", help="check this installation", description="Check Python, packages, data, cache, font and memory.")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(act=doctor)


_COMMANDS = {"run": _add_run, "plot": _add_plot, "validate": _add_validate, "scenario": _add_scenario, "doctor": _add_doctor}
_RUN = "Simulate a scenario, print what happened in each phase, write tables and figures."
_RUN_EXAMPLES = """examples:
  expansion-sim run history
  expansion-sim run no_plaza --replications 20 --out runs/no_plaza
  expansion-sim run history --set mechanisms.band=false --set parameters.band.risk=0.3 --until 1990"""
_VALIDATE = "Compare a run with every published fact: hit, miss, or not computed and why. Misses do not change the exit code."


def _add_world(command: Parser) -> None:
    """Options that change the scenario."""
    command.add_argument("--set", metavar="KEY=VALUE", nargs="+", action="extend", default=[], help="change values of the scenario; repeatable")
    command.add_argument("--scale", type=float, help="firms simulated for each firm of the country, 0.001 to 1")
    command.add_argument("--seed", type=int, help="base seed of all draws")
    command.add_argument("--replications", metavar="N", type=int, help="runs with different draws; results get intervals")
    command.add_argument("--until", metavar="YEAR", type=int, help="last year")


def _add_voice(command: Parser) -> None:
    """Options about what is printed."""
    command.add_argument("--json", action="store_true", help="print JSON to standard output")
    command.add_argument("--quiet", action="store_true", help="print no progress and no tables")


def _years(text: str) -> list[int]:
    try:
        return [int(year) for year in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be years with commas between, such as 1990,2011") from None


# --- commands ---------------------------------------------------------------------------------------------------------------
def run(args: argparse.Namespace) -> int:
    """``run``: simulate, save, draw, tell."""
    from expansion_sim.figures import plot_run
    from expansion_sim.results.store import RunWriter
    from expansion_sim.results.tables import format_table, phase_table

    scenario = _scenario(args, args.scenario)
    out = args.out or Path("runs") / scenario.name
    with RunWriter(out, args.csv) as sink:
        finished = _simulated(scenario, args.quiet, sink).commit(sink)
    figures = [] if args.no_figures or not scenario.output.figures else plot_run(finished, out=out / "figures")
    table = phase_table(finished)
    if args.json:
        record = {key: value for key, value in finished.record.items() if key not in ("scenario", "files")}
        _print_json({"status": "done", "out": str(out), "scenario": scenario.name, **record,
                     "figures": [str(path) for path in figures], "phases": table.to_dict("records")})
    elif not args.quiet:
        print(f"{scenario.title or scenario.name}\n\n{format_table(table)}\n")
        print(f"{finished.record['timing']['seconds']:.1f} s of simulation; tables in {out}{os.sep}")
        print("\n".join(f"figure {path}" for path in figures if path.suffix == ".png"))
    return DONE


def plot(args: argparse.Namespace) -> int:
    """``plot``: figures of a finished run."""
    from expansion_sim.figures import plot_run
    from expansion_sim.results.run import open_run

    paths = [str(path) for path in plot_run(open_run(args.run), args.kind, args.out)]
    if args.json:
        _print_json({"status": "done", "figures": paths})
    elif not args.quiet:
        print("\n".join(paths))
    return DONE


def validate(args: argparse.Namespace) -> int:
    """``validate``: the table of published facts."""
    from expansion_sim.results.run import open_run
    from expansion_sim.validation import summary
    from expansion_sim.validation import validate as score
    from expansion_sim.validation.text import format_table

    if Path(args.run).is_dir():
        if changed := [name for name in ("set", "scale", "seed", "replications", "until") if getattr(args, name) not in (None, [])]:
            raise InputError(f"{args.run} is a finished run: --{changed[0]} cannot change it; name a scenario instead")
        judged = open_run(args.run)
    else:
        judged = _simulated(_scenario(args, args.run), args.quiet)
    table = score(judged)
    if args.json:
        _print_json({"status": "done", "summary": summary(table), "facts": table.to_dict("records")})
    elif not args.quiet:
        print(format_table(table))
    return DONE


def scenario_list(args: argparse.Namespace) -> int:
    """``scenario list``."""
    from expansion_sim.scenario.files import list_scenarios

    listed = list_scenarios()
    if args.json:
        _print_json([{**entry._asdict(), "path": str(entry.path)} for entry in listed])
    else:
        from expansion_sim.scenario.report import list_text

        print(list_text(listed))
    return DONE


def scenario_show(args: argparse.Namespace) -> int:
    """``scenario show``."""
    from expansion_sim.scenario import load_traced, resolved, scenario_hash
    from expansion_sim.scenario.report import show_text

    traced = load_traced(args.scenario, args.set)
    if args.json:
        _print_json({"scenario": resolved(traced.scenario), "origins": traced.origins, "sha256": scenario_hash(traced.scenario)})
    else:
        print(show_text(traced, args.resolved), end="")
    return DONE


def scenario_check(args: argparse.Namespace) -> int:
    """``scenario check``: 2 when any file is wrong."""
    from expansion_sim.scenario.load import check_files
    from expansion_sim.scenario.render import scenario_hash

    results = check_files(args.files)
    wrong = [result for _, result in results if isinstance(result, InputErrors)]
    if args.json:
        _print_json([
            {"file": file, "ok": False, "errors": _errors_json(result)} if isinstance(result, InputErrors)
            else {"file": file, "ok": True, "sha256": scenario_hash(result)} for file, result in results
        ])
        return WRONG_INPUT if wrong else DONE
    for file, result in results:
        if isinstance(result, InputErrors):
            print(result, file=sys.stderr)
        else:
            print(f"{file}: ok, {result.years.first}-{result.years.last}, sha256 {scenario_hash(result)[:12]}")
    return WRONG_INPUT if wrong else DONE


def scenario_schema(args: argparse.Namespace) -> int:
    """``scenario schema``."""
    from expansion_sim.scenario.report import schema_json, schema_text

    print(schema_json() if args.json else schema_text())
    return DONE


def doctor(args: argparse.Namespace) -> int:
    """``doctor``: 1 when something is broken."""
    from expansion_sim.doctor import BROKEN, examine

    findings = examine()
    if args.json:
        _print_json([finding._asdict() for finding in findings])
    else:
        print("\n".join(f"{finding.state:8} {finding.check:9} {finding.text}" for finding in findings))
    return FAILED if any(finding.state == BROKEN for finding in findings) else DONE


# --- shared by the commands -------------------------------------------------------------------------------------------------
def _scenario(args: argparse.Namespace, named: str) -> Scenario:
    """Load the scenario with ``--set`` and the options that stand for keys on top."""
    from expansion_sim.scenario import load_scenario
    from expansion_sim.scenario.marked import Setting

    keys = {"scale": "scale", "seed": "seed", "replications": "replications", "until": "years.last", "firms": "output.firms_years"}
    given = {option: getattr(args, option, None) for option in keys}
    options = [Setting(keys[option], value, f"--{option}") for option, value in given.items() if value is not None]
    return load_scenario(named, [*args.set, *options])


def _simulated(scenario: Scenario, quiet: bool, sink: Any = None) -> Any:
    """Simulate with progress on standard error."""
    from expansion_sim.progress import Progress
    from expansion_sim.results.run import simulate

    with ExitStack() as stack:
        years = scenario.years
        progress = None if quiet else stack.enter_context(Progress(years.first, years.last, scenario.replications))
        return simulate(scenario, progress=progress, sink=sink)


def _print_json(value: Any) -> None:
    print(json.dumps(_finite(value), indent=2, allow_nan=False, default=_plain))


def _finite(value: Any) -> Any:
    """JSON has no NaN: what is not known becomes null."""
    if isinstance(value, dict):
        return {str(key): _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    """NumPy scalars as Python's, anything else as text."""
    return _finite(value.item()) if hasattr(value, "item") else str(value)


def _errors_json(error: InputError) -> list[dict[str, Any]]:
    errors = error.errors if isinstance(error, InputErrors) else (error,)
    return [{"file": e.file, "line": e.line, "key": e.key, "message": e.message} for e in errors]


# --- entry ------------------------------------------------------------------------------------------------------------------
def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: Arguments without the program's name; those of the process by default.

    Returns:
        The exit code.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _dispatch(given)
        sys.stdout.flush()
        return code
    except InputError as error:
        print(error if error.file else f"expansion-sim: {error}", file=sys.stderr)
        if "--json" in given:
            _print_json({"status": "wrong input", "errors": _errors_json(error)})
        return WRONG_INPUT
    except KeyboardInterrupt:
        print("expansion-sim: interrupted; an unfinished run is not kept", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone; keep Python from complaining at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if "--traceback" in given:
            raise
        print(f"expansion-sim: failed: {_failure(error)}", file=sys.stderr)
        return FAILED


def _dispatch(given: list[str]) -> int:
    parser, commands = build_parser()
    command = _command_named(given, commands)
    args, unknown = parser.parse_known_args(given)
    if unknown:
        options = re.findall(r"--[a-z][a-z-]*", (commands[command] if command else parser).format_help())
        near = allowed_names(unknown[0], sorted(set(options), key=options.index))
        raise InputError(f"{f'{command}: ' if command else ''}{unknown[0]!r} is not known here; {near}".rstrip("; "))
    if args.command is None:
        parser.print_help(sys.stderr)
        return WRONG_INPUT
    return int(args.act(args))


def _command_named(given: list[str], commands: dict[str, Parser]) -> str:
    """The command asked for, with its action; empty without one.

    Raises:
        InputError: There is no such command.
    """
    command = ""
    for word in [word for word in given if not word.startswith("-")][:2]:
        below = [name.removeprefix(f"{command} ") for name in commands if (name.startswith(f"{command} ") if command else " " not in name)]
        if not below:
            break
        if word not in below:
            raise InputError(f"{f'{command}: ' if command else ''}no command {word!r}; {allowed_names(word, below)}")
        command = f"{command} {word}".strip()
    return command


def _failure(error: Exception) -> str:
    """One line about a failure that is not the input's fault."""
    if isinstance(error, MemoryError):
        return "not enough memory; try a smaller --scale"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
    return f"{type(error).__name__}: {' '.join(str(error).split())} (expansion-sim --traceback ... shows where)"


if __name__ == "__main__":
    sys.exit(main())
