"""Every mechanism switched off in turn, with the draws of the full model: which facts are lost, and whether anything changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from expansion_sim.documentation.own_evidence import own_evidence
from expansion_sim.results.frames import series
from expansion_sim.results.run import Run, simulate
from expansion_sim.scenario.load import load_scenario
from expansion_sim.scenario.spec import Mechanisms
from expansion_sim.validation.validate import HIT, validate

#: Outcomes shown beside the facts: name -> measure, labels, and whether years add up (else the last year counts).
OUTCOMES: dict[str, tuple[str, dict[str, Any], bool]] = {
    "firms abroad": ("abroad", {}, False),
    "plants opened": ("projects", {}, True),
    "export sales": ("export_sales", {}, False),
    "jobs abroad": ("foreign_jobs", {}, False),
}
COLUMNS = ("switch", "mechanism", "hits", "lost", "gained", *OUTCOMES, "evidence", "remark")
SAME, UNMOVED = "changes nothing: wrong, or should go", "moves no fact and no outcome by a hundredth"


def ablations(scenario: str, settings: Sequence[Any], base: Run, facts: pd.DataFrame,
              tell: Callable[[str], None] = lambda _: None,
              switches: Sequence[str] = tuple(Mechanisms.model_fields)) -> pd.DataFrame:
    """Run a scenario without each mechanism that it has on, seeds paired with the full run.

    Args:
        scenario: Name or path.
        settings: Settings of the full run.
        base: The full run.
        facts: Its verdicts.
        tell: Called with the name of each switch before it is run.
        switches: Fields of :class:`Mechanisms`.

    Returns:
        Columns :data:`COLUMNS`; lost and gained are lists of ids; outcomes are ratios to the full run, means over replications;
        evidence tells what the mechanism itself does, see :mod:`expansion_sim.documentation.own_evidence`.
    """
    rows = []
    for switch in switches:
        if base.scenario is not None and not getattr(base.scenario.mechanisms, switch):
            continue
        tell(switch)
        without = simulate(load_scenario(scenario, [*settings, f"mechanisms.{switch}=false"]), base.replications)
        about = {"switch": switch, "mechanism": Mechanisms.model_fields[switch].description}
        rows.append({**about, **compared(base, facts, without), "evidence": own_evidence(switch, base, without)})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def compared(base: Run, facts: pd.DataFrame, without: Run) -> dict[str, Any]:
    """What a run without a mechanism loses and gains against the full one.

    Args:
        base: The full run.
        facts: Its verdicts.
        without: The run without the mechanism.
    """
    verdicts = validate(without).set_index("id")["verdict"]
    before = facts.set_index("id")["verdict"]
    lost = [fact for fact in before.index if before[fact] == HIT and verdicts[fact] != HIT]
    gained = [fact for fact in before.index if before[fact] != HIT and verdicts[fact] == HIT]
    ratios = {name: _ratio(without, base, *outcome) for name, outcome in OUTCOMES.items()}
    return {"hits": int((verdicts == HIT).sum()), "lost": lost, "gained": gained, **ratios,
            "remark": _remark(base, without, lost + gained, list(ratios.values()))}


def _ratio(without: Run, base: Run, measure: str, labels: dict[str, Any], adds_up: bool) -> float:
    """An outcome without the mechanism over that with it."""
    values = []
    for run in (without, base):
        table = series(run.yearly, measure, **labels)
        values.append(float((table.sum() if adds_up else table.iloc[-1]).mean()))
    return values[0] / values[1] if values[1] else np.nan


def _remark(base: Run, without: Run, moved: list[str], ratios: list[float]) -> str:
    """What to say about a mechanism that does little."""
    if base.yearly.equals(without.yearly):
        return SAME
    return UNMOVED if not moved and all(abs(ratio - 1.0) < 0.01 for ratio in ratios) else ""
