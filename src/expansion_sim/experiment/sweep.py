"""Running an experiment into a directory, going on with an unfinished one, and evaluating settings chosen by a program."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from expansion_sim.errors import InputError, InputErrors, warn_without_effect
from expansion_sim.experiment import fingerprint
from expansion_sim.experiment.load import Loaded, experiment_from, load_experiment
from expansion_sim.experiment.local import Crew, ExecutorCrew, LocalCrew, usable_processors
from expansion_sim.experiment.lock import DirectoryLock
from expansion_sim.experiment.pending import Batch, ByFamily, InOrder, Pending, shares_draws
from expansion_sim.experiment.plan import Plan
from expansion_sim.experiment.record import check_file, check_same, record_of, resolved_experiment
from expansion_sim.experiment.results import Results, open_results
from expansion_sim.experiment.runner import Counts, Runner
from expansion_sim.experiment.spec import Experiment
from expansion_sim.experiment.store import DESIGN, RECORD, SweepStore, read_record, write_json
from expansion_sim.experiment.worker import OWN_MODEL, Task, model_class, told
from expansion_sim.scenario.marked import Setting
from expansion_sim.scenario.spec import Scenario
from expansion_sim.whole_files import write_whole

if TYPE_CHECKING:
    import pandas as pd
    from distributed import Client

Progress = Callable[[Counts], None]
#: Scenarios of points that are kept: every replication asks for all of them again.
_WORLDS_KEPT = 4096


def sweep(
    experiment: str | os.PathLike[str] | dict[str, Any] | Experiment | Loaded,
    workers: int | None = None,
    scheduler: str | Client | None = None,
    executor: Executor | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
    overrides: Iterable[str] = (),
    anyway: bool = False,
    shared_past: bool = True,
) -> Results:
    """Run an experiment, or go on with it where it has been started in ``out``.

    Args:
        experiment: Path, name of a shipped experiment, plain data as in a file, or what :func:`load_experiment` gave.
        workers: Processes on this machine; by default one per processor.
        scheduler: Address of a Dask scheduler to use instead, such as ``tcp://10.0.0.1:8786``, or a client of one.
        executor: Any executor of ``concurrent.futures`` to use instead; it stays open.
        out: Directory of the sweep, by default ``runs/NAME``.
        progress: Called with :class:`Counts` after every task.
        overrides: Texts ``key=value`` on top of a file.
        anyway: Go on in a directory although the code has changed since it was begun.
        shared_past: Simulate years in which runs with the same draws cannot differ once; not a byte of the results depends on it.

    Returns:
        The results; runs that failed are in them with status and reason.

    Raises:
        InputError: The experiment cannot be used, or ``out`` holds something else or is in use.
        OSError: Results cannot be written; finished runs are kept.
    """
    loaded = as_loaded(experiment, overrides)
    folder = Path(out) if out is not None else Path("runs") / loaded.experiment.name
    return _swept(loaded, folder.absolute(), _crew_maker(workers, scheduler, executor), progress, anyway, shared_past)


def resume(
    path: str | Path,
    workers: int | None = None,
    scheduler: str | Client | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    anyway: bool = False,
    retry_failed: bool = False,
    shared_past: bool = True,
) -> Results:
    """Finish the sweep in a directory; every run and byte is what it would have been without the interruption.

    Args:
        path: Directory of the sweep.
        workers: As for :func:`sweep`, and so the others.
        scheduler: Address of a Dask scheduler.
        executor: An executor.
        progress: Called after every task.
        anyway: Go on although the code, or the files the sweep was started from, have changed; the recorded experiment is run.
        retry_failed: Run failed runs again as well; those that were good are not touched.
        shared_past: As for :func:`sweep`.

    Raises:
        InputError: No sweep there, in use, or code, scenario or experiment have changed; the message says what.
    """
    folder = Path(path).absolute()
    record = read_record(folder)
    loaded = experiment_from(record["experiment"], record["worlds"])
    if record["source"] is not None:
        loaded = loaded._replace(source=Path(record["source"]))
    if not anyway:
        check_file(record, folder)
    return _swept(loaded, folder, _crew_maker(workers, scheduler, executor), progress, anyway, shared_past, retry_failed)


def run_points(
    experiment: str | os.PathLike[str] | dict[str, Any] | Experiment | Loaded,
    points: pd.DataFrame | Sequence[dict[str, Any]],
    store_path: str | Path,
    **options: Any,
) -> Results:
    """Evaluate settings chosen by a program, such as one round of a calibration; calling it again goes on where it stopped.

    Args:
        experiment: Gives scenario, settings, replications, seed, pairing and outcomes; its factors and design are left aside.
        points: Dotted key -> value per point; a data frame has one column per key.
        store_path: Directory of this round.
        options: As for :func:`sweep`: workers, scheduler, executor, progress, anyway, shared_past. ``seed`` and ``replications``
            replace those of the experiment; a round with its own ``seed`` has fresh draws.

    Returns:
        Results whose point ``i`` is the i-th of ``points``.
    """
    given = points if isinstance(points, (list, tuple)) else points.to_dict("records")  # type: ignore[union-attr]
    loaded = as_loaded(experiment, ())
    values = resolved_experiment(loaded.experiment)
    values |= {name: options.pop(name) for name in ("seed", "replications") if name in options}
    draws = "common" if loaded.experiment.design.draws == "auto" else loaded.experiment.design.draws
    values |= {"factor": [], "point": [_python(point) for point in given], "design": {"kind": "list", "draws": draws}}
    return sweep(experiment_from(values, loaded.worlds.plain()), out=store_path, **options)


def as_loaded(experiment: str | os.PathLike[str] | dict[str, Any] | Experiment | Loaded, overrides: Iterable[str]) -> Loaded:
    """An experiment ready to run, from whatever names it.

    Warns:
        WithoutEffect: Something that it states acts on nothing.
    """
    if isinstance(experiment, Loaded):
        return experiment
    if isinstance(experiment, Experiment):
        loaded = experiment_from(resolved_experiment(experiment))
    elif isinstance(experiment, dict):
        loaded = experiment_from(experiment)
    else:
        loaded = load_experiment(experiment, overrides)
    warn_without_effect(loaded.idle)
    return loaded


def plan_of(loaded: Loaded) -> Plan:
    """All runs of an experiment."""
    experiment = loaded.experiment
    return Plan(loaded.points, experiment.replications, experiment.seed, experiment.design.kind)


def _python(point: Mapping[Any, Any]) -> dict[str, Any]:
    """NumPy scalars as Python's, which the schema of scenarios wants."""
    return {key: value.item() if hasattr(value, "item") else value for key, value in point.items()}


def _swept(
    loaded: Loaded, folder: Path, make_crew: Callable[[], Crew], progress: Progress | None, anyway: bool, shared_past: bool,
    retry_failed: bool = False,
) -> Results:
    _check_model(loaded)
    plan = plan_of(loaded)
    _make_folder(folder)
    with DirectoryLock(folder):
        _begin(loaded, plan, folder, anyway)
        store = SweepStore(folder, plan)
        if retry_failed:
            store.forget_failed()
        if not store.done:
            _run(loaded, plan, store, make_crew, progress, shared_past)
        store.finish()
    return open_results(folder)


def _check_model(loaded: Loaded) -> None:
    """Refuse a model that cannot be imported, before anything is begun.

    Raises:
        InputError: It cannot, whatever its module raises.
    """
    named, file = loaded.experiment.model, str(loaded.source) if loaded.source else None
    if not named:
        return
    try:
        found = model_class(named)
    except InputError as error:
        hint = "; is the folder of its module on PYTHONPATH?" if "No module named" in error.message else ""
        raise InputError(f"{error.message}{hint}", file=file, key="model") from None
    except Exception as error:  # of somebody's own module
        raise InputError(f"{named!r} cannot be imported ({told(error)})", file=file, key="model") from None
    if not callable(found):
        raise InputError(f"{named!r} is no class", file=file, key="model")


def _make_folder(folder: Path) -> None:
    """Make the directory, or accept one that is empty or holds a sweep.

    Raises:
        InputError: It holds something else, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strangers = not (folder / RECORD).exists() and any(not path.name.startswith(".") for path in folder.iterdir())
    except OSError as error:
        raise InputError(f"cannot write a sweep to {folder}: {error.strerror or error}") from error
    if strangers:
        raise InputError(f"{folder} exists and is not the directory of a sweep; name another place")


def _begin(loaded: Loaded, plan: Plan, folder: Path, anyway: bool) -> None:
    """Write record and design, or check that those there are of the same experiment and code.

    Raises:
        InputError: They differ; the message says in what.
    """
    design = plan.table()
    if not (folder / RECORD).exists():
        write_json(folder / RECORD, record_of(loaded, plan))
    else:
        record = read_record(folder)
        check_same(record, loaded, folder)
        changed = fingerprint.difference(record["code"], fingerprint.code_record(loaded.experiment.model))
        if changed and not anyway:
            raise InputError(f"{folder} was begun with other code: {changed}; go back to it, or use --anyway and mix them")
    there = _read(folder / DESIGN)
    if there is None:
        write_whole(folder / DESIGN, _parquet(design))
    elif not there.equals(design):
        raise InputError(
            f"{folder / DESIGN} is not the design that the experiment gives now; remove it if it was changed by hand"
        )


def _read(path: Path) -> pa.Table | None:
    """A table; None when the file is absent or damaged beyond reading."""
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException):
        return None


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _run(
    loaded: Loaded, plan: Plan, store: SweepStore, make_crew: Callable[[], Crew], progress: Progress | None, shared_past: bool,
) -> None:
    read = lru_cache(maxsize=_WORLDS_KEPT)(partial(_world_of, loaded, plan))

    def scenario(order: int) -> Scenario | str:
        return _seeded(read(plan.runs[order].point), plan.runs[order].seed)

    crew = make_crew()
    try:
        if isinstance(crew, LocalCrew):
            warm_up(scenario(0), loaded.experiment.model)
        code = fingerprint.code_hash() if not isinstance(crew, LocalCrew) else ""

        def make_task(batch: Batch) -> Task:
            scenarios = tuple(scenario(order) for order in batch.orders)
            trunk = None if batch.family is None else batch.family.trunk
            return Task(batch.orders, scenarios, loaded.outcomes, loaded.experiment.model, code, trunk, crew.steady)

        orders = [run.order for run in plan.runs if run.order not in store.statuses]
        together = shared_past and shares_draws(plan) and _branches(loaded.experiment.model)
        pending: Pending = ByFamily(orders, plan, crew, scenario) if together else InOrder(orders)
        Runner(store, crew, pending, make_task, progress).run()
    finally:
        crew.close()


def _branches(model: str) -> bool:
    from expansion_sim.branching import branches  # brings Mesa and the compiler along

    try:
        return branches(model_class(model or OWN_MODEL))
    except Exception:  # whatever somebody's own module raises; each run tells it
        return False


def scenario_of(loaded: Loaded, plan: Plan, order: int) -> Scenario | str:
    """Scenario of a run with its seed, recording what the outcomes need; text when its settings do not go together."""
    run = plan.runs[order]
    return _seeded(_world_of(loaded, plan, run.point), run.seed)


def _world_of(loaded: Loaded, plan: Plan, number: int) -> Scenario | str:
    """Scenario of a point, the same for all of its runs."""
    point = plan.points[number]
    settings = [Setting(key, value, f"point {point.index}") for key, value, _ in point.sourced]
    try:
        scenario = loaded.worlds.scenario(point.world, settings)
    except InputErrors as error:
        return told(error.errors[0])
    output = scenario.output.model_copy(
        update={
            "surveys": loaded.outcomes.surveys,
            "firms_years": tuple(sorted(loaded.outcomes.firms_years)),
            "figures": False,
        }
    )
    return scenario.model_copy(update={"replications": 1, "output": output})


def _seeded(scenario: Scenario | str, seed: int) -> Scenario | str:
    return scenario if isinstance(scenario, str) else scenario.model_copy(update={"seed": seed})


def warm_up(scenario: Scenario | str, model: str) -> None:
    """Compile the rules once, into the cache that the workers read; a second when they are compiled already."""
    if model or isinstance(scenario, str):
        return
    from expansion_sim.results.run import simulate

    years = scenario.years.model_copy(update={"last": scenario.years.first + 1})
    output = scenario.output.model_copy(update={"firms_years": ()})
    simulate(scenario.model_copy(update={"scale": 0.001, "years": years, "output": output}))


def _crew_maker(workers: int | None, scheduler: str | Client | None, executor: Executor | None) -> Callable[[], Crew]:
    """Who runs the tasks, made only when there is something to run.

    Raises:
        InputError: More than one is named, a number of workers below one, or no address.
    """
    if workers is not None and workers < 1:
        raise InputError(f"workers must be 1 or more, got {workers}")
    if scheduler is not None and (executor is not None or workers is not None):
        raise InputError("name a scheduler, or workers of this machine, or an executor, not two of them")
    if executor is not None:
        return lambda: ExecutorCrew(executor, workers or getattr(executor, "_max_workers", None) or usable_processors())
    if scheduler is not None:
        from expansion_sim.experiment.cluster import DaskCrew, check_address

        if isinstance(scheduler, str):
            check_address(scheduler)
        return lambda: DaskCrew(scheduler)
    return lambda: LocalCrew(workers)
