"""``sweep.json``: what a sweep is, and whether a directory holds the same one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from expansion_sim.errors import InputError
from expansion_sim.experiment.fingerprint import code_record
from expansion_sim.experiment.load import Loaded, load_experiment
from expansion_sim.experiment.plan import RUNS_PER_SHARD, STREAM, Plan
from expansion_sim.experiment.shards import SCHEMA
from expansion_sim.experiment.spec import Experiment
from expansion_sim.experiment.store import FORMAT, FORMAT_VERSION


def resolved_experiment(experiment: Experiment) -> dict[str, Any]:
    """Every key of an experiment, defaults included, as plain data."""
    return experiment.model_dump(mode="json", by_alias=True)


def record_of(loaded: Loaded, plan: Plan) -> dict[str, Any]:
    """What ``sweep.json`` tells; no time and no host, so that equal sweeps have equal files."""
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "experiment": resolved_experiment(loaded.experiment),
        "worlds": loaded.worlds.plain(),
        "source": None if loaded.source is None else str(loaded.source),
        "overridden": bool(loaded.overrides),
        **({"overrides": list(loaded.overrides)} if loaded.overrides else {}),
        "points": len(plan.points),
        "runs": len(plan.runs),
        "runs_per_shard": RUNS_PER_SHARD,
        "factors": plan.columns,
        "outcomes": {name: {"unit": unit} for name, unit in loaded.outcomes.units.items()},
        "columns": {field.name: {"type": str(field.type), "meaning": field.metadata[b"meaning"].decode()} for field in SCHEMA},
        "seeds": f"63 bits of numpy SeedSequence(experiment.seed, spawn_key=({STREAM}, draws, replication))",
        "code": code_record(loaded.experiment.model),
    }


def check_same(record: dict[str, Any], loaded: Loaded, folder: Path) -> None:
    """Refuse to go on with another experiment than the recorded one.

    Raises:
        InputError: They differ; the first key that does is named with both values.
    """
    pairs = (
        ("experiment", record["experiment"], resolved_experiment(loaded.experiment)),
        ("scenario", record["worlds"], loaded.worlds.plain()),
    )
    for what, before, now in pairs:
        if found := first_difference(before, json.loads(json.dumps(now))):
            key, old, new = found
            raise InputError(
                f"{folder} was begun with another {what}: {key} was {_short(old)} and is {_short(new)}; name another directory, "
                "or resume --anyway to run what was recorded"
            )


def check_file(record: dict[str, Any], folder: Path) -> None:
    """Refuse to go on when the file that a sweep was started from, with the same keys changed from outside, now gives another experiment.

    Nothing is compared where the file has gone, where there was none, and for records of earlier versions that do not tell what was changed.

    Raises:
        InputError: It gives another one, or cannot be used any more.
    """
    source = record["source"]
    overrides = record.get("overrides", [])
    if source is None or not Path(source).is_file() or (record["overridden"] and not overrides):
        return
    check_same(record, load_experiment(source, overrides), folder)


def first_difference(before: Any, now: Any, key: str = "") -> tuple[str, Any, Any] | None:
    """First dotted key at which two plain values differ, with both values; None when they are equal."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in (*before, *(name for name in now if name not in before)):
            if found := first_difference(before.get(name), now.get(name), f"{key}.{name}" if key else str(name)):
                return found
        return None
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for index, (one, other) in enumerate(zip(before, now, strict=True)):
            if found := first_difference(one, other, f"{key}[{index}]"):
                return found
        return None
    return None if before == now else (key, before, now)


def _short(value: Any) -> str:
    text = "absent" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
