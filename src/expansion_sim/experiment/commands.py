"""The commands ``sweep``, ``resume`` and ``status``: thin, over the public functions of this package."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results, SweepStatus

DONE, FAILED, SOME_FAILED, INTERRUPTED, TERMINATED = 0, 1, 3, 130, 143
#: What a full disk, a quota or a limit on the size of files looks like.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Terminated(KeyboardInterrupt):
    """The system asks the process to end: like Ctrl-C, and whoever asked sees it in the exit code."""


def sweep(args: argparse.Namespace) -> int:
    """``sweep``: run an experiment."""
    from expansion_sim.experiment.sweep import as_loaded
    from expansion_sim.experiment.sweep import sweep as run

    loaded = as_loaded(args.experiment, args.set)
    out = args.out or Path("runs") / loaded.experiment.name
    return _guarded(
        args,
        out,
        lambda progress: run(
            loaded,
            workers=args.workers,
            scheduler=args.scheduler,
            out=out,
            progress=progress,
            anyway=args.anyway,
            shared_past=args.shared_past,
        ),
    )


def resume(args: argparse.Namespace) -> int:
    """``resume``: finish a sweep."""
    from expansion_sim.experiment.sweep import resume as run

    return _guarded(
        args,
        args.dir,
        lambda progress: run(
            args.dir,
            workers=args.workers,
            scheduler=args.scheduler,
            progress=progress,
            anyway=args.anyway,
            retry_failed=args.retry_failed,
            shared_past=args.shared_past,
        ),
    )


def status(args: argparse.Namespace) -> int:
    """``status``: how far a sweep has come; 3 when runs of it failed, 1 when a file of it is damaged."""
    from expansion_sim.experiment.results import open_results

    found = open_results(args.dir).status(verify=True)
    _tell(args, args.dir, found)
    return FAILED if found.damaged else _code(found)


def _guarded(args: argparse.Namespace, out: Path, run: Callable[[Any], Results]) -> int:
    """Run with progress, and say what is kept when it ends before its time."""
    from expansion_sim.experiment.runner import WorkersFail

    with _ends_on_request(), ExitStack() as stack:
        progress = None
        if not args.quiet:
            from expansion_sim.experiment.progress import SweepProgress

            progress = stack.enter_context(SweepProgress())
        try:
            results = run(progress)
        except Terminated:
            stack.close()
            return _cut_short(args, out, "asked to end (SIGTERM)", TERMINATED)
        except KeyboardInterrupt:
            stack.close()
            return _cut_short(args, out, "interrupted", INTERRUPTED)
        except WorkersFail as error:
            stack.close()
            return _cut_short(args, out, str(error), FAILED)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            stack.close()
            return _cut_short(args, out, f"{os.strerror(error.errno or 0).lower()}: {error.filename or out}", FAILED)
    found = results.status()
    if args.json or not args.quiet:
        _tell(args, out, found)
    return _code(found)


@contextmanager
def _ends_on_request() -> Iterator[None]:
    """Raise :class:`Terminated` once on SIGTERM, with which batch systems and ``kill`` ask a process to end."""

    def end(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is ending; only SIGKILL is faster
        raise Terminated

    if threading.current_thread() is not threading.main_thread():  # only the main thread may ask for signals
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _cut_short(args: argparse.Namespace, out: Path, what: str, code: int) -> int:
    """Say why a sweep ended early, what is kept and how to go on."""
    from expansion_sim.errors import InputError
    from expansion_sim.experiment.results import open_results

    try:
        found = open_results(out).status()
    except InputError:
        print(f"expansion-sim: {what}; nothing was begun", file=sys.stderr)
        return code
    kept = f"{found.finished} of {found.total} runs are kept; go on with: expansion-sim resume {out}"
    print(f"expansion-sim: {what}; {kept}", file=sys.stderr)
    if args.json:
        _print(args, out, found, "failed" if code == FAILED else "interrupted")
    return code


def _tell(args: argparse.Namespace, out: Path, found: SweepStatus) -> None:
    if args.json:
        _print(args, out, found, found.state)
        return
    failed = found.finished - found.statuses.get("ok", 0)
    counted = ", ".join(f"{count} {name}" for name, count in found.statuses.items() if name != "ok")
    print(f"{found.name}: {found.state}, {found.finished} of {found.total} runs{f' ({counted})' if failed else ''} in {out}")
    for reason, count in list(found.reasons.items())[:5]:
        print(f"  {count} failed: {reason}")
    if failed:
        print(f"  to run them again: expansion-sim resume {out} --retry-failed")
    for name in found.damaged:
        print(f"  damaged: {name}; resume {'checks the shards and writes it' if name.endswith('.json') else 'runs its runs'} again")
    for name in found.strangers:
        print(f"  not counted: shards/{name}, which no record of the sweep names")


def _print(args: argparse.Namespace, out: Path, found: SweepStatus, state: str) -> None:
    from expansion_sim.json_output import print_json

    print_json({"status": state, "out": str(out), **{key: value for key, value in found._asdict().items() if key != "state"}})


def _code(found: SweepStatus) -> int:
    return SOME_FAILED if found.finished > found.statuses.get("ok", 0) else DONE
