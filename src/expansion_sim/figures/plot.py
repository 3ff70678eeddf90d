"""Draw the figures of a run and write them as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from expansion_sim.errors import InputError
from expansion_sim.figures import distribution, hosts, jobs, modes, policy, projects, style
from expansion_sim.figures.published import published_china_shares, published_projects
from expansion_sim.history import load_history

DPI = 200


def _fdi_record(run: Any) -> Figure:
    return projects.fdi_record(run.yearly, published_projects(load_history().targets), _note(run, _PROJECTS_SOURCE))


def _host_mix(run: Any) -> Figure:
    return hosts.host_mix(run.yearly, published_china_shares(load_history().targets), _note(run, "Published: Liu and Zhou 2024."))


_PROJECTS_SOURCE = (
    "Published: notified new projects of small and medium firms, Liu and Zhou 2024 and Diet minutes; "
    "derived: 1988 over the published ratio."
)

#: Name of every figure -> run to figure. A new figure is one line here.
KINDS: dict[str, Callable[[Any], Figure]] = {
    "mode-mix": lambda run: modes.mode_mix(run.yearly, _note(run, "A firm with several modes counts in each.")),
    "entries": lambda run: modes.entries(run.yearly, _note(run)),
    "host-mix": _host_mix,
    "fdi-record": _fdi_record,
    "jobs": lambda run: jobs.jobs(run.yearly, _note(run)),
    "distribution": lambda run: distribution.distribution(run.yearly, _note(run, bands=False)),
}


#: Figures of a comparison of two worlds.
COMPARISON_KINDS: dict[str, Callable[[Any], Figure]] = {
    "policy": policy.policy,
    "policy-groups": policy.policy_groups,
}


def plot_run(run: Any, kinds: Iterable[str] | None = None, out: str | Path | None = None) -> list[Path]:
    """Draw figures of a run, or of a comparison of two worlds.

    Args:
        run: A run or a comparison, saved or not.
        kinds: Names of figures, None for all of its kind (KINDS or COMPARISON_KINDS); underscores are read as hyphens.
        out: Folder for the files, made if needed; None takes ``figures`` in the run's directory.

    Returns:
        The files written, a PNG of 200 dots per inch and an SVG for each figure.

    Raises:
        InputError: An unknown kind, or no folder for a run that was not saved.
    """
    known = COMPARISON_KINDS if hasattr(run, "effects") else KINDS
    chosen = list(known) if kinds is None else [_known(kind, known) for kind in kinds]
    if out is None and run.path is None:
        raise InputError("the run is not saved: name a folder for its figures")
    folder = Path(out) if out is not None else run.path / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    return [path for kind in chosen for path in write(known[kind](run), folder / kind.replace("-", "_"))]


def write(figure: Figure, stem: Path) -> list[Path]:
    """Write one figure as ``stem``.png and ``stem``.svg; the same figure gives the same bytes."""
    paths = [stem.with_suffix(".png"), stem.with_suffix(".svg")]
    with style.drawing():
        figure.savefig(paths[0], dpi=DPI)
        figure.savefig(paths[1], metadata={"Date": None})
    return paths


def _known(kind: str, known: Mapping[str, Any]) -> str:
    name = kind.replace("_", "-")
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(f"unknown figure {kind!r} (known: {', '.join(known)}){hint}")
    return name


def _note(run: Any, extra: str = "", *, bands: bool = True) -> str:
    """Source line: scenario, seed, scale, replications and what the bands mean."""
    record = run.record
    scale = f"{100 * record['scale']:g}% sample weighted to the country" if record["scale"] < 1 else "all firms"
    count = run.replications
    name = record["scenario"].get("name", "")
    text = f"Source: expansion_sim, scenario '{name}', seed {run.seed}, {scale}; "
    text += "one replication." if count == 1 else f"{count} replications."
    if count > 1 and bands:
        text += " Lines: medians; bands: 50% and 90% of replications."
    return f"{text} {extra}".strip()
