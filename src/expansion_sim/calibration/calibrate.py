"""From a calibration experiment to its report: scenario, facts, workers, search, tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from expansion_sim.calibration.estimate import Estimate, Problem, estimate
from expansion_sim.calibration.evaluate import Simulator
from expansion_sim.calibration.load import grouped_parameters, load_calibration
from expansion_sim.calibration.misfit import build_misfit
from expansion_sim.calibration.prior import Prior
from expansion_sim.calibration.readings import column_names
from expansion_sim.calibration.report import write_report
from expansion_sim.calibration.spec import Calibration
from expansion_sim.errors import InputError
from expansion_sim.scenario import load_scenario
from expansion_sim.scenario.spec import Scenario
from expansion_sim.validation import load_targets

#: Folder of finished runs inside the folder of a calibration.
RUNS = "runs"


def calibrate(
    experiment: str | os.PathLike[str], out: Path, workers: int = 2, rounds: int | None = None,
    told: Callable[[str], None] = lambda text: None, progress: Callable[[int, int], None] | None = None,
) -> Estimate:
    """Estimate, and write the report into a folder; the same call after an interruption continues.

    Args:
        experiment: TOML file of the experiment.
        out: Folder of the report and of the finished runs.
        workers: Worker processes.
        rounds: Rounds of Kalman inversion in place of the experiment's.
        told: Called with a line of text after every round.
        progress: Called with (finished, asked for) after every run of a round.

    Raises:
        InputError: The experiment cannot be used.
    """
    spec = load_calibration(experiment)
    if rounds is not None:
        spec = spec.model_copy(update={"search": spec.search.model_copy(update={"rounds": rounds})})
    with Simulator(scenario_of(spec, Path(experiment).parent), column_names(), out / RUNS, workers, progress) as simulator:
        result = estimate(problem_of(spec, simulator), told)
    write_report(result, spec, out)
    return result


def problem_of(spec: Calibration, evaluate: Any) -> Problem:
    """What an experiment estimates, given the means to simulate.

    Raises:
        InputError: None of the chosen facts can be computed.
    """
    misfit = build_misfit(spec.facts, load_targets())
    if not misfit.terms:
        raise InputError("none of the chosen facts can be computed from a run", key="facts")
    return Problem(Prior(grouped_parameters(spec)), evaluate, misfit, spec.search, spec.settings.seeds, spec.seed)


def scenario_of(spec: Calibration, folder: Path = Path()) -> Scenario:
    """The scenario that every evaluation starts from.

    Args:
        spec: The experiment.
        folder: Folder of the experiment's file, from which paths of scenarios are taken.
    """
    named = spec.scenario
    if (folder / named).is_file():
        named = str(folder / named)
    settings = dict(_flat(spec.settings.values)) | {"scale": spec.settings.scale, "output.figures": False, "replications": 1}
    return load_scenario(named, settings)


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Tables as dotted keys."""
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        found += _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [(f"{prefix}{name}", value)]
    return found
