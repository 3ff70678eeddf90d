"""The command line: thin commands over the public functions of the package.

Exit codes: 0 done, 1 the run failed, 2 the input is wrong, 3 some runs of a sweep failed, 130 interrupted, 143 ended by
SIGTERM. Heavy packages are imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expansion_sim.arguments import build_parsers, parse, settings_of
from expansion_sim.documentation import commands as documents
from expansion_sim.errors import InputError, InputErrors, told_in_a_line, warn_without_effect
from expansion_sim.experiment import commands as experiments
from expansion_sim.experiment import listing
from expansion_sim.json_output import errors_json, print_json

if TYPE_CHECKING:
    from expansion_sim.scenario.spec import Scenario

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: Arguments without the program's name; those of the process by default.

    Returns:
        The exit code.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _answered(given)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader of our output has gone, answers to mistakes included; keep Python from complaining at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _answered(given: list[str]) -> int:
    """Run the command that is given; what goes wrong is told in a line, and is an exit code."""
    try:
        args = parse(given)
        with told_in_a_line():
            return COMMANDS[args.command](args)
    except InputError as error:
        print(error if error.file else f"expansion-sim: {error}", file=sys.stderr)
        if "--json" in given:
            print_json({"status": "wrong input", "errors": errors_json(error)})
        return WRONG_INPUT
    except KeyboardInterrupt:
        print("expansion-sim: interrupted; an unfinished run is not kept", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        if "--traceback" in given:
            raise
        print(f"expansion-sim: failed: {_failure(error)}", file=sys.stderr)
        return FAILED


def run(args: argparse.Namespace) -> int:
    """``run``: simulate, save, draw, tell."""
    from expansion_sim.results.store import RunWriter

    scenario = _scenario(args, args.scenario)
    out = args.out or Path("runs") / scenario.name
    with RunWriter(out, args.csv) as sink:
        finished = _simulated(scenario, args, sink).commit(sink)
    figures = [] if args.no_figures or not scenario.output.figures else _drawn(finished, out / "figures")
    _tell(args, finished, out, figures)
    return DONE


def _drawn(finished: Any, out: Path) -> list[Path]:
    from expansion_sim.figures import plot_run

    return plot_run(finished, out=out)


def _tell(args: argparse.Namespace, finished: Any, out: Path, figures: list[Path]) -> None:
    """Print what a run gave: the phase table, or everything but the tables as JSON."""
    from expansion_sim.results.tables import format_table, phase_table

    if args.json:
        record = {key: value for key, value in finished.record.items() if key not in ("scenario", "files", "terms")}
        head = {"status": "done", "out": str(out), "scenario": finished.scenario.name}
        print_json({**record, **head, "figures": figures, "phases": phase_table(finished).to_dict("records")})
    elif not args.quiet:
        print(f"{finished.scenario.title or finished.scenario.name}\n\n{format_table(phase_table(finished))}\n")
        print(f"the simulation took {finished.record['timing']['seconds']:.1f} s; tables in {out}{os.sep}")
        for path in figures:
            print(f"figure {path}")


def compare(args: argparse.Namespace) -> int:
    """``compare``: two worlds on the same draws; save, draw, tell."""
    from expansion_sim.comparison import compare as paired
    from expansion_sim.comparison.comparison import COMPARISON
    from expansion_sim.comparison.pairing import common_years, open_sides, side_name
    from expansion_sim.comparison.text import chosen_years
    from expansion_sim.results.store import RunWriter

    sides = open_sides(args.base, args.other, settings_of(args))
    years = chosen_years(common_years(*sides), args.year)
    out = args.out or Path("runs") / "-".join(side_name(side) for side in sides)
    with RunWriter(out, args.csv, COMPARISON) as writer, ExitStack() as stack:
        progress = None if args.quiet else stack.enter_context(_progress(sides[0], args.replications, args.parameters))
        found = paired(*sides, args.replications, progress, parameters=args.parameters, draw_terms=args.terms == "ranges",
                       workers=args.workers, discount=args.discount / 100.0, shared_past=args.shared_past).commit(writer)
    _tell_compared(args, found, out, years, [] if args.no_figures else _drawn(found, out / "figures"))
    return DONE


def _tell_compared(args: argparse.Namespace, found: Any, out: Path, years: list[int], figures: list[Path]) -> None:
    """Print what a comparison gave: the report in words, or the headline numbers as JSON."""
    from expansion_sim.comparison.text import summary

    if args.json:
        shown = found.headline[found.headline["year"].isin(years)].to_dict("records")
        head = {key: value for key, value in found.record.items() if key not in ("base", "other", "files", "parameters", "terms")}
        names = {side: found.record[side]["scenario"]["name"] for side in ("base", "other")}
        print_json({"status": "done", "out": str(out), **names, **head, "figures": figures, "headline": shown})
    elif not args.quiet:
        print(f"{summary(found, years, args.by)}\n\ntables in {out}{os.sep}")
        for path in figures:
            print(f"figure {path}")


def plot(args: argparse.Namespace) -> int:
    """``plot``: figures of a finished run, comparison or sweep."""
    paths = _figures_of_sweep(args) if (args.run / "sweep.json").exists() else _figures_of_run(args)
    if args.json:
        print_json({"status": "done", "figures": paths})
    elif not args.quiet:
        print("\n".join(map(str, paths)))
    return DONE


def _figures_of_run(args: argparse.Namespace) -> list[Path]:
    from expansion_sim.comparison.comparison import COMPARISON, open_comparison
    from expansion_sim.figures import plot_run
    from expansion_sim.results.run import open_run
    from expansion_sim.results.store import is_kind

    given = [name for name in ("outcome", "year", "threshold") if getattr(args, name)]
    if given:
        raise InputError(f"--{given[0]} is for sweeps; {args.run} is not the directory of one")
    finished = open_comparison(args.run) if is_kind(args.run, COMPARISON) else open_run(args.run)
    return plot_run(finished, args.kind, args.out)


def _figures_of_sweep(args: argparse.Namespace) -> list[Path]:
    from expansion_sim.experiment.analysis.tables import question_of
    from expansion_sim.experiment.results import open_results
    from expansion_sim.figures.experiment import plot_results

    results = open_results(args.run)
    asked = question_of(results, args.outcome, args.year, args.threshold, missing=args.missing)
    threshold = asked.thresholds[0] if asked.thresholds else None
    chosen: dict[str, Any] = {"outcomes": asked.outcomes, "year": asked.year, "threshold": threshold, "missing": asked.missing}
    return plot_results(results, args.kind, args.out, **chosen)


def analyse(args: argparse.Namespace) -> int:
    """``analyse``: the tables that suit a sweep's design."""
    from expansion_sim.experiment.analysis import tables, telling
    from expansion_sim.experiment.results import open_results

    results = open_results(args.dir)
    question = tables.question_of(results, args.outcome, args.year, args.threshold, args.level, args.missing)
    found = tables.analyse(results, question)
    paths = tables.write_tables(found, args.out or results.path / "analysis")
    if args.json:
        print_json({"status": "done", "files": paths, **{name: table.to_dict("records") for name, table in found.items()}})
    elif not args.quiet:
        print(f"{results.experiment.title or results.experiment.name}\n\n{telling.told(found, results, question)}")
        print("\n".join(map(str, paths)))
    return DONE


def validate(args: argparse.Namespace) -> int:
    """``validate``: the table of published facts."""
    from expansion_sim.results.run import open_run
    from expansion_sim.validation import summary
    from expansion_sim.validation import validate as score
    from expansion_sim.validation.periods import split_by_period
    from expansion_sim.validation.text import format_table

    if Path(args.run).is_dir():
        options = ("set", "scale", "seed", "replications", "until", "parameters")
        changed = [name for name in options if getattr(args, name) not in (None, [])] + ["terms"] * (args.terms == "ranges")
        if changed:
            raise InputError(f"{args.run} is a finished run: --{changed[0]} cannot change it; name a scenario instead")
        judged = open_run(args.run)
    else:
        judged = _simulated(_scenario(args, args.run), args)
    table = score(judged)
    parts = {} if args.split is None else {name: summary(part) for name, part in split_by_period(table, args.split).items()}
    if args.json:
        print_json({"status": "done", "summary": summary(table), "parts": parts, "facts": table.to_dict("records")})
    elif not args.quiet:
        print(format_table(table))
        for name, part in parts.items():
            print(f"facts {name}: {part['hit']} of {part['computable']} within tolerance ({part['hit_percent']:.0f} %)")
    return DONE


def calibrate(args: argparse.Namespace) -> int:
    """``calibrate``: estimate parameters, write the report."""
    from expansion_sim.calibration.calibrate import calibrate as estimated
    from expansion_sim.calibration.report import fact_table
    from expansion_sim.progress import Steps

    for name in ("workers", "rounds"):
        if getattr(args, name) is not None and getattr(args, name) < 1:
            raise InputError(f"--{name} must be 1 or more, got {getattr(args, name)}")
    out = args.out or Path("runs") / args.experiment.stem
    try:
        with Steps("run", args.quiet) as steps:
            result = estimated(args.experiment, out, args.workers or os.cpu_count() or 1, args.rounds, steps.tell, steps)
    except KeyboardInterrupt:
        print(f"expansion-sim: interrupted; finished runs are kept in {out}, the same command goes on from there", file=sys.stderr)
        return INTERRUPTED
    facts = fact_table(result)
    counts = {when: int(facts[f"hit_{when}"].sum()) for when in ("before", "after")}
    if args.json:
        print_json({"status": "done", "out": out, "facts": len(facts), "hits": counts, "j": result.inference.j})
    elif not args.quiet:
        print(f"{counts['after']} of {len(facts)} facts within tolerance, {counts['before']} before; see {out / 'report.md'}")
    return DONE


def scenario_list(args: argparse.Namespace) -> int:
    """``scenario list``."""
    from expansion_sim.scenario.files import list_scenarios
    from expansion_sim.scenario.report import list_text

    listed = list_scenarios()
    if args.json:
        print_json([entry._asdict() for entry in listed])
    else:
        print(list_text(listed))
    return DONE


def scenario_show(args: argparse.Namespace) -> int:
    """``scenario show``."""
    from expansion_sim.scenario import load_traced, resolved, scenario_hash
    from expansion_sim.scenario.report import ranges_json, show_text

    traced = load_traced(args.scenario, args.set)
    if args.json:
        shown = {"scenario": resolved(traced.scenario), "origins": traced.origins, "ranges": ranges_json(traced.scenario)}
        print_json({**shown, "sha256": scenario_hash(traced.scenario)})
    else:
        print(show_text(traced, args.resolved), end="")
    return DONE


def scenario_check(args: argparse.Namespace) -> int:
    """``scenario check``: 2 when any file is wrong."""
    from expansion_sim.scenario.idle import idle_terms
    from expansion_sim.scenario.load import check_files
    from expansion_sim.scenario.render import scenario_hash

    found: list[dict[str, Any]] = []
    for file, result in check_files(args.files, args.set):
        if isinstance(result, InputErrors):
            found.append({"file": file, "ok": False, "errors": errors_json(result)})
            print(result, file=sys.stderr)
            continue
        scenario, idle = result.scenario, idle_terms(*result)
        warn_without_effect(idle)
        warnings = [told for each in idle for told in errors_json(each)]
        found.append({"file": file, "ok": True, "sha256": scenario_hash(scenario), "warnings": warnings})
        if not args.json:
            print(f"{file}: ok, {scenario.years.first}-{scenario.years.last}, sha256 {scenario_hash(scenario)[:12]}")
    if args.json:
        print_json(found)
    return DONE if all(entry["ok"] for entry in found) else WRONG_INPUT


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
        print_json([finding._asdict() for finding in findings])
    else:
        print("\n".join(f"{finding.state:8} {finding.check:9} {finding.text}" for finding in findings))
    return FAILED if any(finding.state == BROKEN for finding in findings) else DONE


def econometrics(args: argparse.Namespace) -> int:
    """``econometrics``: published regressions on simulated firms."""
    from expansion_sim.documentation.write import write_document
    from expansion_sim.validation.virtual.estimate import format_table
    from expansion_sim.validation.virtual.study import econometrics as run_studies

    table = run_studies(args.scenario, settings_of(args))
    if args.out:
        write_document(args.out, table.to_csv(index=False))
    if args.json:
        print_json({"status": "done", "studies": table.to_dict("records")})
    elif not args.quiet:
        print(format_table(table))
    return DONE


def no_command(args: argparse.Namespace) -> int:
    """Nothing was asked for: tell what could be."""
    build_parsers()[args.command].print_help(sys.stderr)
    return WRONG_INPUT


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "": no_command, "run": run, "compare": compare, "plot": plot, "validate": validate, "doctor": doctor, "calibrate": calibrate,
    "sweep": experiments.sweep, "resume": experiments.resume, "status": experiments.status, "analyse": analyse,
    "scenario": no_command, "experiment": no_command,
    "experiment list": listing.experiment_list, "experiment check": listing.experiment_check,
    "experiment schema": listing.experiment_schema, "experiment outcomes": listing.experiment_outcomes,
    "scenario list": scenario_list, "scenario show": scenario_show, "scenario check": scenario_check,
    "scenario schema": scenario_schema,
    "econometrics": econometrics, "doc": no_command, "doc odd": documents.odd,
    "doc validation": documents.validation,
}


def _scenario(args: argparse.Namespace, named: str) -> Scenario:
    """Load the scenario with ``--set`` and the options that stand for keys on top."""
    from expansion_sim.scenario import load_scenario

    return load_scenario(named, settings_of(args))


def _simulated(scenario: Scenario, args: argparse.Namespace, sink: Any = None) -> Any:
    """Simulate with progress on standard error, with drawn parameters and terms when asked for."""
    from expansion_sim.posterior import load_posterior
    from expansion_sim.progress import Progress
    from expansion_sim.results.run import simulate

    drawn = None if args.parameters is None else load_posterior(args.parameters)
    with ExitStack() as stack:
        years = scenario.years
        progress = None if args.quiet else stack.enter_context(Progress(years.first, years.last, scenario.replications))
        return simulate(scenario, progress=progress, sink=sink, parameters=drawn, draw_terms=args.terms == "ranges")


def _progress(side: Any, replications: int | None, parameters: str | None = None) -> Any:
    """Progress of a comparison of scenarios, one replication per draw of parameters unless told otherwise; finished runs need none."""
    from contextlib import nullcontext

    from expansion_sim.comparison.draws import read_draws
    from expansion_sim.posterior import SHIPPED
    from expansion_sim.progress import Progress

    if not hasattr(side, "years") or isinstance(side.years, tuple):
        return nullcontext()
    if replications is None and parameters not in (None, SHIPPED):
        replications = len(read_draws(str(parameters)))
    return Progress(side.years.first, side.years.last, replications or side.replications)


def _failure(error: Exception) -> str:
    """One line about a failure that is not the input's fault."""
    if isinstance(error, MemoryError):
        return "not enough memory; try a smaller --scale"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
    return f"{type(error).__name__}: {' '.join(str(error).split())} (expansion-sim --traceback ... shows where)"


if __name__ == "__main__":
    sys.exit(main())
