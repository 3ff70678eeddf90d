"""The validation report: every fact and its score, what is missed and why, ablations, docking, virtual econometrics, limits."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.documentation.ablations import OUTCOMES, ablations
from expansion_sim.documentation.explanations import Explained, check_misses, group_of, load_explanations
from expansion_sim.documentation.markdown import filled, table
from expansion_sim.documentation.write import write_document
from expansion_sim.results.run import Run, simulate
from expansion_sim.scenario.load import load_scenario
from expansion_sim.validation.validate import HIT, MISS, NOT_COMPUTED, summary, validate

TEMPLATE = "validation_template.md"
FIGURES = "figures"  # folder beside the report


class Evidence(NamedTuple):
    """What the report is made of.

    Attributes:
        run: Description of the run: scenario, seed, scale, replications, version.
        facts: Verdicts, see :func:`expansion_sim.validation.validate`.
        explained: Explanations of misses.
        spare: Ids with an explanation that were not missed.
        ablations: See :mod:`expansion_sim.documentation.ablations`.
        docking: See :func:`expansion_sim.validation.docking.dock.dock`.
        econometrics: See :mod:`expansion_sim.validation.virtual`.
    """

    run: dict[str, Any]
    facts: pd.DataFrame
    explained: Explained
    spare: list[str]
    ablations: pd.DataFrame
    docking: pd.DataFrame
    econometrics: pd.DataFrame


def build_report(out: Path, scenario: str = "history", settings: Sequence[Any] = (),
                 tell: Callable[[str], None] = lambda _: None) -> list[Path]:
    """Simulate, score, ablate, dock, estimate, and write the report with its figures.

    Misses are checked for explanations before the longer parts begin.

    Args:
        out: File of the report; figures go to a folder ``figures`` beside it.
        scenario: Name or path.
        settings: Settings of the scenario, scale and replications among them.
        tell: Called with what is being done.

    Returns:
        The files written.

    Raises:
        InputError: A miss without an explanation; nothing is written then.
    """
    from expansion_sim.validation.docking.dock import dock
    from expansion_sim.validation.virtual.study import econometrics, need_statsmodels

    need_statsmodels()
    world, explained = load_scenario(scenario, settings), load_explanations()
    tell(f"{world.replications} replications of {world.name}")
    run = simulate(world)
    facts = validate(run)
    spare = check_misses(facts, explained)
    without = ablations(scenario, settings, run, facts, lambda switch: tell(f"without {switch}"))
    tell("docking")
    docked = dock()
    tell("virtual econometrics")
    evidence = Evidence(_described(run), facts, explained, spare, without, docked, econometrics(scenario, settings))
    return write_report(out, evidence)


def write_report(out: Path, evidence: Evidence) -> list[Path]:
    """Write the report and its figures, the report last.

    Args:
        out: File of the report.
        evidence: What it is made of.
    """
    from expansion_sim.figures.ablations import ablation_figure
    from expansion_sim.validation.figure import validation_figure

    without = ablation_figure(evidence.ablations, source(evidence))
    figures = {"validation_facts": validation_figure(evidence.facts), "ablations": without}
    paths = []
    for name, figure in figures.items():
        paths.append(out.parent / FIGURES / f"{name}.png")
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=160)
        write_document(paths[-1], picture.getvalue())
    write_document(out, report_text(evidence))
    return [*paths, out]


def report_text(evidence: Evidence) -> str:
    """The report, Markdown."""
    template = resources.files("expansion_sim.documentation").joinpath(TEMPLATE).read_text(encoding="utf-8")
    sections: dict[str, Callable[[], str]] = {
        "source": lambda: source(evidence), "command": lambda: command(evidence), "score": lambda: score(evidence),
        "groups": lambda: groups(evidence), "misses": lambda: misses(evidence), "hits": lambda: hits(evidence),
        "not_computed": lambda: not_computed(evidence), "built_in": lambda: built_in(evidence), "idle": lambda: idle(evidence),
        "ablations": lambda: ablation_table(evidence), "docking": lambda: docking(evidence),
        "econometrics": lambda: econometrics_table(evidence),
    }
    return filled(template, TEMPLATE, sections)


# --- sections ---------------------------------------------------------------------------------------------------------


def source(evidence: Evidence) -> str:
    """What was run."""
    run = evidence.run
    version = f"expansion_sim {run['version']}".strip()
    return (f"Source: {version}, scenario '{run['scenario']}', seed {run['seed']}, scale {run['scale']:g}, "
            f"{run['replications']} replications.")


def command(evidence: Evidence) -> str:
    """The command that makes the report."""
    run = evidence.run
    options = f"--scale {run['scale']:g} --replications {run['replications']} --seed {run['seed']}"
    return f"expansion-sim doc validation {run['scenario']} {options}"


def score(evidence: Evidence) -> str:
    """Counts of verdicts, with and without the facts that are built in."""
    all_, tests = summary(evidence.facts), summary(_tests(evidence))
    return (f"{all_['hit']} of {all_['computable']} computable facts are within their tolerance ({all_['hit_percent']:.0f} %); "
            f"{all_['not computed']} of {all_['total']} cannot be computed. Without the facts that are built in: "
            f"{tests['hit']} of {tests['computable']} ({tests['hit_percent']:.0f} %).")


def _tests(evidence: Evidence) -> pd.DataFrame:
    return evidence.facts[~evidence.facts["id"].isin(evidence.explained.built_in)]


def groups(evidence: Evidence) -> str:
    """Score per group of facts."""
    grouped = evidence.facts.assign(group=[group_of(lens, evidence.explained.groups) for lens in evidence.facts["lens"]])
    order = [name for name in (*evidence.explained.groups, *grouped["group"].unique()) if name in set(grouped["group"])]
    rows = []
    for name in dict.fromkeys(order):
        counts = summary(grouped[grouped["group"] == name])
        share = f"{counts['hit_percent']:.0f}" if counts["computable"] else ""
        rows.append((name, counts["total"], counts[HIT], counts[MISS], counts[NOT_COMPUTED], share))
    return table(("group of facts", "facts", "hit", "missed", "not computed", "hit, % of computable"), rows)


def misses(evidence: Evidence) -> str:
    """Every miss with its explanation."""
    rows = [(*_fact(row), evidence.explained.misses[row["id"]].why) for row in _rows(evidence, MISS)]
    return table((*_FACT, "why"), rows) if rows else "No fact is missed."


def hits(evidence: Evidence) -> str:
    """Every hit."""
    return table(_FACT, [_fact(row) for row in _rows(evidence, HIT)])


def not_computed(evidence: Evidence) -> str:
    """Every fact that cannot be computed, and why."""
    rows = [(row["id"], row["statistic"], row["reason"]) for row in _rows(evidence, NOT_COMPUTED)]
    return table(("id", "fact", "why not"), rows)


_FACT = ("id", "fact", "frame", "period", "published", "tolerance", "simulated", "90 % of replications")


def _rows(evidence: Evidence, verdict: str) -> list[dict]:
    return evidence.facts[evidence.facts["verdict"] == verdict].to_dict("records")


def _fact(row: dict) -> tuple[str, ...]:
    """Cells of one computed fact."""
    spread = f"{row['low']:.4g} to {row['high']:.4g}" if np.isfinite(row["low"]) else ""
    published = f"{row['published']} {row['unit']}".strip()
    return (row["id"], row["statistic"], row["lens"], row["period"], published, row["tolerance"], row["readings"], spread)


def built_in(evidence: Evidence) -> str:
    """Facts that are no test, and why."""
    rows = evidence.explained.built_in.items()
    return table(("id", "why it is no test"), rows) if rows else "None."


def ablation_table(evidence: Evidence) -> str:
    """What is lost without each mechanism."""
    rows = [
        (f"`{row['switch']}`", row["mechanism"], row["hits"], _listed(row["lost"]), _listed(row["gained"]),
         *(f"{row[name]:.2f}" for name in OUTCOMES), row["evidence"]) for row in evidence.ablations.to_dict("records")
    ]
    outcomes = [f"{name}, ratio" for name in OUTCOMES]
    return table(("switched off", "mechanism", "hits", "facts lost", "facts gained", *outcomes, "own evidence"), rows)


def _listed(ids: list[str]) -> str:
    return f"{len(ids)}: {', '.join(ids)}" if ids else "0"


def idle(evidence: Evidence) -> str:
    """Mechanisms that change nothing or hardly anything."""
    rows = evidence.ablations[evidence.ablations["remark"] != ""]
    if not len(rows):
        return ("Every mechanism moves at least one fact or one of the outcomes by a hundredth. Where the count of hits without a mechanism is "
                "no lower than with it, the published facts do not need it: it then rests on its own evidence and on what policies do to it.")
    return "\n".join(f"- `{row['switch']}` {row['remark']}." for row in rows.to_dict("records"))


def docking(evidence: Evidence) -> str:
    """Closed forms beside the reduced model."""
    rows = [(row["textbook"], row["quantity"], f"{row['simulated']:.4g}", f"{row['closed_form']:.4g}", f"{row['tolerance']:.2g}",
             "yes" if row["agrees"] else "**no**") for row in evidence.docking.to_dict("records")]
    return table(("textbook", "quantity", "model", "closed form", "tolerance", "agrees"), rows)


def econometrics_table(evidence: Evidence) -> str:
    """Published regressions on simulated panels."""
    rows = [(row["study"], row["fact"], row["coefficient"], _number(row["estimate"]), _number(row["error"]), row["n"] or "",
             row["published"], row["simulated_size"], row["published_size"], row["verdict"], row["note"])
            for row in evidence.econometrics.to_dict("records")]
    return table(("study", "fact", "coefficient", "estimate", "s.e.", "n", "published", "simulated size", "published size", "verdict", "note"), rows)


def _number(value: float) -> str:
    """Three digits; nothing for what was not estimated."""
    return f"{value:.3g}" if np.isfinite(value) else ""


def _described(run: Run) -> dict[str, Any]:
    record = run.record
    return {
        "scenario": record["scenario"]["name"], "seed": run.seed, "scale": record["scale"], "replications": run.replications,
        "version": record["versions"].get("expansion-sim", ""),
    }
