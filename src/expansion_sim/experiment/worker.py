"""What a worker process does: simulate a few runs, measure their outcomes, return numbers. Failures are data."""

from __future__ import annotations

import gc
import os
import re
import socket
import sys
import threading
import time
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from expansion_sim.errors import InputError
from expansion_sim.experiment.outcomes import OutcomeSet
from expansion_sim.experiment.trunk import Trunk
from expansion_sim.results.recorder import RecordedTables
from expansion_sim.scenario.spec import Scenario

OK, ERROR, CRASHED, NONFINITE = "ok", "error", "crashed", "nonfinite"
STATUSES = (OK, ERROR, CRASHED, NONFINITE)
#: The package's own model, imported when the first run needs it.
OWN_MODEL = "expansion_sim.model:ExpansionModel"
#: Environment of a worker: one thread each, because the workers themselves are what runs side by side.
ONE_THREAD = {name: "1" for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
#: Runs of one process go one after another, also where a cluster gives a process several threads.
_TURN = threading.Lock()
_own_process = False
_frozen = False  # whether the collector looks at new objects only
#: The trunk of the last family, and the model it is made of, for the family's next task.
_kept: tuple[Trunk, str] | None = None
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


class Task(NamedTuple):
    """Some runs for one worker.

    Attributes:
        orders: Positions of the runs in the plan.
        scenarios: Scenario of each run, with its seed; text says why there is none.
        outcomes: What is kept.
        model: Class of the model as ``module:Class``; the package's own when empty.
        code: Hash of the package that the worker must have; not checked when empty.
        trunk: World that the common past of the runs is simulated in; None for runs each on its own.
        keep: Whether the worker keeps that past for a next task.
    """

    orders: tuple[int, ...]
    scenarios: tuple[Scenario | str, ...]
    outcomes: OutcomeSet
    model: str = ""
    code: str = ""
    trunk: Scenario | None = None
    keep: bool = False


class RunResult(NamedTuple):
    """What came of one run.

    Attributes:
        order: Position of the run in the plan.
        status: One of STATUSES.
        reason: Why it failed, empty for ok.
        names: Names of the outcomes.
        lengths: Number of values of each outcome.
        years: Year of each value, int16; 0 without one.
        values: Values, float64.
        seconds: Time the run took; never stored, since stores must not depend on the machine.
    """

    order: int
    status: str
    reason: str = ""
    names: tuple[str, ...] = ()
    lengths: tuple[int, ...] = ()
    years: np.ndarray = np.empty(0, np.int16)
    values: np.ndarray = np.empty(0)
    seconds: float = 0.0


class CodeDiffers(InputError):
    """A worker has other code than the process that runs the sweep."""


def run_task(task: Task) -> list[RunResult]:
    """Simulate the runs of a task, one after another.

    Raises:
        CodeDiffers: This process has other code than the task wants.
    """
    use_one_thread()
    with _TURN:
        _check_code(task.code)
        trunk = None if task.trunk is None else trunk_of(task, task.trunk)
        results = []
        for order, scenario in zip(task.orders, task.scenarios, strict=True):
            results.append(run_one(order, scenario, task, trunk))
            if trunk is not None:
                free_models()  # one trunk and one run at a time, however many runs a task has
        if trunk is None:
            free_models()
        elif not task.keep:
            forget_trunk()
        return results


def run_one(order: int, scenario: Scenario | str, task: Task, trunk: Trunk | None = None) -> RunResult:
    """Simulate one run; what goes wrong is told in its status and reason."""
    if isinstance(scenario, str):
        return RunResult(order, ERROR, scenario)
    begun = None if trunk is None else trunk.branch(scenario)
    started = time.perf_counter()  # without the common past, which the family's next runs do not take again
    try:
        result = measured(order, simulated(scenario, task.model, begun), task.outcomes)
    except Exception as error:  # any failure of a run is an answer about that run
        result = RunResult(order, ERROR, told(error))
    return result._replace(seconds=time.perf_counter() - started)


def trunk_of(task: Task, world: Scenario) -> Trunk:
    """The trunk of a task's family: the one kept from its last task, or a new one in place of that of another family."""
    global _kept  # a property of this process
    if _kept is None or _kept[1] != task.model or _kept[0].world != world:
        forget_trunk()
        _kept = Trunk(world, lambda scenario: new_model(scenario, task.model)), task.model
    return _kept[0]


def forget_trunk() -> None:
    """Free the trunk, if there is one."""
    global _kept  # a property of this process
    if _kept is not None:
        _kept = None
        _see_all()
        free_models()


def free_models() -> None:
    """Free the firms of finished runs: a Mesa model holds cycles, which wait for the collector whatever the size of their arrays.

    In a process that does nothing else, what is left after a run (what was imported, compiled or worked out for the next ones, and a trunk
    until it is forgotten) is taken out of the collector's sight, which makes this much faster.
    """
    global _frozen  # a property of this process
    gc.collect()
    if _own_process:
        gc.freeze()
        _frozen = True


def _see_all() -> None:
    """Bring back into the collector's sight what was taken out of it."""
    global _frozen  # a property of this process
    if _frozen:
        gc.unfreeze()
        _frozen = False


def dedicate_process() -> None:
    """Say that this process does nothing but run tasks."""
    global _own_process
    _own_process = True


class OneRun(RecordedTables):
    """One run as outcomes read it: the tables of :class:`expansion_sim.results.run.Run`, built on demand.

    Args:
        model: A model that has been run to its end.

    Attributes:
        years: First and last year.
        snapshots: Year -> firms, for the years asked for.
    """

    def __init__(self, model: Any) -> None:
        super().__init__(model.recorder)
        self.years = (int(model.recorder.first), int(model.recorder.last))
        self.snapshots: dict[int, np.ndarray] = dict(model.snapshots)


def simulated(scenario: Scenario, model: str = "", begun: Any = None) -> OneRun:
    """Run a scenario once, from its seed as it stands.

    Args:
        scenario: The scenario.
        model: Class of the model as ``module:Class``; the package's own when empty.
        begun: Model of it that has some years behind it; None for one before its first year.
    """
    made = new_model(scenario, model) if begun is None else begun
    while made.year < scenario.years.last:
        made.step()
    return OneRun(made)


def new_model(scenario: Scenario, model: str = "") -> Any:
    """A model of a scenario before its first year."""
    return model_class(model or OWN_MODEL)(scenario, rng=scenario.seed)


def model_class(path: str) -> Any:
    """The class behind ``module:Class``.

    Raises:
        InputError: There is none.
    """
    module, _, name = path.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"no class {path!r} ({error}); write it as module:Class", key="model") from None


def measured(order: int, run: Any, outcomes: OutcomeSet) -> RunResult:
    """Take the outcomes of a run; one that must have a finite value and has not makes the run nonfinite."""
    names, years, values, bad = [], [], [], ""
    for outcome in outcomes.outcomes:
        for suffix, at, found in outcome.measure(run):
            names.append(outcome.name + suffix)
            years.append(at.astype(np.int16))
            values.append(np.asarray(found, float))
            wrong = np.isinf(values[-1]) if outcome.optional else ~np.isfinite(values[-1])
            if wrong.any() and not bad:
                bad = f"{names[-1]} is {values[-1][wrong][0]} in {at[wrong][0]}" if at[wrong][0] else f"{names[-1]} is not finite"
    if bad:
        return RunResult(order, NONFINITE, bad)
    return RunResult(
        order, OK, "", tuple(names), tuple(len(part) for part in values), np.concatenate(years), np.concatenate(values)
    )


def told(error: BaseException) -> str:
    """One line about a failure, the same on every machine: no addresses, no line breaks."""
    return _ADDRESS.sub("0x...", " ".join(f"{type(error).__name__}: {error}".split()))[:500]


def use_one_thread() -> None:
    """Keep this process to one thread; before Numba is imported by its environment, afterwards by its configuration.

    Numba counts the threads that it would start when it is imported, which somebody may have done before the first task: then it is told for
    the thread that runs the task.
    """
    os.environ.update(ONE_THREAD)
    if "numba" in sys.modules:
        import numba

        numba.config.NUMBA_NUM_THREADS = 1  # type: ignore[attr-defined]  # set when Numba is imported
        if "numba.np.ufunc.parallel" in sys.modules and sys.modules["numba.np.ufunc.parallel"].NUM_THREADS > 1:
            numba.set_num_threads(1)


def _check_code(wanted: str) -> None:
    if not wanted:
        return
    from expansion_sim.experiment.fingerprint import code_hash

    if code_hash() != wanted:
        raise CodeDiffers(
            f"the worker on {socket.gethostname()} has other code than this process; install the same version everywhere"
        )
