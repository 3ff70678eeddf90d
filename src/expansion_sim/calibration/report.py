"""The report of a calibration: tables of parameters, facts, sensitivities and ridges, the posterior, a page of text and figures.

Files: ``parameters.csv``, ``facts.csv``, ``sensitivity.csv``, ``ridges.csv``, ``rounds.csv``, ``candidates.csv``,
``posterior.parquet``, ``predictive.parquet`` (readings of single runs with drawn parameters), ``estimate.toml`` (a scenario with
the estimated values), ``report.md`` and ``figures/``.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from expansion_sim.calibration.estimate import Estimate, chosen, mean_readings
from expansion_sim.calibration.inference import ridges
from expansion_sim.calibration.misfit import Misfit, all_terms
from expansion_sim.calibration.readings import column_names, reading_labels
from expansion_sim.calibration.spec import Calibration
from expansion_sim.calibration.writing import write_csv, write_figure, write_parquet, write_text
from expansion_sim.validation import load_targets
from expansion_sim.validation.tolerance import parse_tolerance

#: Share of the posterior inside the intervals told.
LEVEL = 0.9
#: Significant digits of estimates written as values.
DIGITS = 3


def write_report(result: Estimate, spec: Calibration, out: Path) -> None:
    """Write every file of the report.

    Args:
        result: The estimate.
        spec: The experiment.
        out: Folder, made when needed.
    """
    from expansion_sim.calibration.figure import posterior_figure, sensitivity_figure

    out.mkdir(parents=True, exist_ok=True)
    parameters, facts, sensitivity = parameter_table(result), fact_table(result), sensitivity_table(result)
    tables = {
        "parameters": parameters, "facts": facts, "sensitivity": sensitivity, "ridges": ridge_table(result),
        "rounds": result.rounds, "candidates": result.candidates,
    }
    for name, table in tables.items():
        write_csv(out / f"{name}.csv", table)
    posterior = pd.DataFrame(result.posterior, columns=result.problem.prior.names)
    write_parquet(out / "posterior.parquet", posterior)
    write_parquet(out / "predictive.parquet", pd.DataFrame(result.predictive, columns=column_names()))
    write_text(out / "estimate.toml", scenario_text(spec, parameters))
    write_text(out / "report.md", report_text(result, spec, tables))
    note = f"{spec.title or 'Calibration'}; scale {spec.settings.scale:g}, {spec.search.ensemble} evaluations a round."
    write_figure(out / "figures" / "posterior.png", posterior_figure(parameters, note))
    write_figure(out / "figures" / "sensitivity.png", sensitivity_figure(sensitivity, parameters, note))


def parameter_table(result: Estimate) -> pd.DataFrame:
    """One row per parameter: group, prior, shipped value, estimate, standard error, interval, what the facts say.

    ``standard_error`` is the spread of the posterior rows in the parameter's own unit; ``low`` and ``high`` hold 90 % of them;
    ``informed`` is the share of the prior variance that the facts take away.
    """
    prior, parameters = result.problem.prior, result.problem.prior.parameters
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(result.posterior, [tail, 1.0 - tail], axis=0)
    return pd.DataFrame({
        "parameter": prior.names,
        "group": [p.group for p in parameters],
        "scale": ["log" if p.log else "linear" for p in parameters],
        "prior_low": [p.low for p in parameters],
        "prior_high": [p.high for p in parameters],
        "shipped": [p.shipped for p in parameters],
        "estimate": prior.values(result.u),
        "standard_error": result.posterior.std(axis=0, ddof=1),
        "low": low,
        "high": high,
        "informed": result.inference.informed,
    })


def fact_table(result: Estimate) -> pd.DataFrame:
    """One row per computable fact: published, simulated before and after on fresh seeds, verdicts, whether it was used.

    ``before`` and ``after`` are means of the first reading, ``low`` and ``high`` hold 90 % of single runs with parameters drawn
    from the posterior; ``miss_before`` and ``miss_after`` are the residual furthest off, in standard errors of the fact.
    """
    targets = load_targets().astype(str)
    used, misfit = set(result.problem.misfit.facts), result.problem.misfit
    every = Misfit(all_terms(targets), misfit.errors_per_tolerance, misfit.bend).scaled_by(result.predictive)
    computable = set(every.facts)
    rows = []
    for fact in targets.to_dict("records"):
        if fact["id"] in computable:
            row = {name: fact[name] for name in ("id", "statistic", "lens", "period")}
            row |= {"published": fact["value"], "tolerance": fact["tolerance"], "used": fact["id"] in used}
            rows.append(row | _simulated(fact, result, every))
    return pd.DataFrame(rows)


def _simulated(fact: dict, result: Estimate, every: Misfit) -> dict[str, float | bool]:
    """What the shipped values and the estimate say about a fact."""
    columns = [column for column, (target, _) in enumerate(reading_labels()) if target == fact["id"]]
    places = [place for place, term in enumerate(every.terms) if term.fact == fact["id"]]
    tolerance = parse_tolerance(fact["tolerance"], fact["value"], fact["unit"])
    row: dict[str, float | bool] = {}
    for when, y in (("before", result.before), ("after", result.after)):
        known = y[:, columns][np.isfinite(y[:, columns]).all(axis=1)]
        residuals = every.raw(mean_readings(y[None])[0])[places]
        row[when] = float(known[:, 0].mean()) if len(known) else math.nan
        row[f"hit_{when}"] = bool(len(known)) and tolerance.holds(known)
        row[f"miss_{when}"] = float(max(residuals, key=abs))
    drawn = result.predictive[:, columns[0]]
    drawn = drawn[np.isfinite(drawn)]
    row["low"], row["high"] = np.quantile(drawn, [0.05, 0.95]) if len(drawn) else (math.nan, math.nan)
    return row


def sensitivity_table(result: Estimate) -> pd.DataFrame:
    """Change of each estimate, in its standard errors, per standard error of each fact: parameters x readings."""
    spread = np.sqrt(np.diag(result.inference.covariance))
    names = [term.name for term in result.problem.misfit.terms]
    table = pd.DataFrame(-result.inference.sensitivity / spread[:, None], columns=names)
    return pd.concat([pd.Series(result.problem.prior.names, name="parameter"), table], axis=1)


def ridge_table(result: Estimate) -> pd.DataFrame:
    """Pairs of parameters that the facts hold together rather than apart."""
    pairs = ridges(result.inference.covariance, result.problem.prior.names)
    return pd.DataFrame(pairs, columns=["parameter", "other", "correlation"])


def scenario_text(spec: Calibration, parameters: pd.DataFrame) -> str:
    """The estimate as a scenario file."""
    extends = spec.scenario.replace("\\", "/")
    title = f"{spec.title or 'Calibration'}: estimate"
    lines = ["schema_version = 1", f'extends = "{extends}"', f'title = "{title}"', "", "[parameters]"]
    for row in parameters.to_dict("records"):
        lines.append(f"{row['parameter']} = {_inside(row)!r}")
    return "\n".join(lines) + "\n"


def _inside(row: dict) -> float:
    """The estimate with few digits, still inside its prior."""
    return min(max(significant(row["estimate"]), row["prior_low"]), row["prior_high"])


def significant(value: float, digits: int = DIGITS) -> float:
    """A number rounded to significant digits."""
    return float(f"{value:.{digits}g}")


def report_text(result: Estimate, spec: Calibration, tables: dict[str, pd.DataFrame]) -> str:
    """The page of text."""
    facts = tables["facts"]
    parts = [("used", facts[facts["used"]]), ("not used", facts[~facts["used"]])]
    missed = facts[~facts["hit_after"]].drop(columns=["hit_before", "hit_after"])
    lines = [
        f"# {spec.title or 'Calibration'}", "",
        f"{result.problem.prior.size} parameters, {int(facts['used'].sum())} facts with {len(result.problem.misfit.terms)} "
        f"readings, scenario {spec.scenario} at scale {spec.settings.scale:g}. Best candidate: "
        f"{result.candidates['candidate'].iloc[0]}.", "", *_contest_text(result),
        "| facts | computable | within tolerance before | after |", "|---|---|---|---|",
        *[_counts(name, part) for name, part in parts if len(part)], "",
        _fit_text(result), "",
        "## Parameters", "", *_markdown(tables["parameters"]), "",
        "## Facts missed at the estimate", "", *_markdown(missed), "",
        "## Ridges", "", *_markdown(tables["ridges"].head(40)), "",
        "## Most telling facts per parameter", "", *_telling(tables["sensitivity"]), "",
        "## Candidates on fresh seeds", "", *_markdown(result.candidates[["candidate", "objective", "within"]]), "",
        "Figures: [posterior](figures/posterior.png), [sensitivity](figures/sensitivity.png).",
    ]
    return "\n".join(lines) + "\n"


def _contest_text(result: Estimate) -> list[str]:
    """Whether polishing was worth it, as a paragraph; nothing when nothing was polished."""
    if not result.contest:
        return []
    of = result.problem.misfit.of_fact.shape[1]
    counts = " and ".join(f"{count} of {of} facts at '{name}'" for name, count in result.contest.items())
    return [f"On fresh seeds {counts} are within tolerance; '{chosen(result.contest)}' was chosen.", ""]


def _fit_text(result: Estimate) -> str:
    """The test of fit and how much the facts identify."""
    inference = result.inference
    weak, singular = int((inference.singular < 1.0).sum()), inference.singular
    return (
        f"J = {inference.j:.0f} with {inference.freedom:.0f} degrees of freedom (p = {inference.p:.2g}); standard errors are "
        f"widened by the square root of {inference.widened:.2f}. {weak} of {singular.size} directions are known from the prior "
        f"rather than from the facts (singular values of W^.5 G from {singular[0]:.1f} down to {singular[-1]:.2g})."
    )


def _counts(name: str, facts: pd.DataFrame) -> str:
    hits = [facts[f"hit_{when}"] for when in ("before", "after")]
    before, after = (f"{int(hit.sum())} ({100 * hit.mean():.0f} %)" for hit in hits)
    return f"| {name} | {len(facts)} | {before} | {after} |"


def _telling(sensitivity: pd.DataFrame, most: int = 4) -> list[str]:
    """The facts that move each parameter most."""
    lines = ["| parameter | facts, change in standard errors |", "|---|---|"]
    for _, row in sensitivity.iterrows():
        values = row.drop("parameter").astype(float)
        top = values.abs().sort_values(ascending=False).index[:most]
        lines.append(f"| {row['parameter']} | {', '.join(f'{name} {values[name]:+.2f}' for name in top)} |")
    return lines


def _markdown(table: pd.DataFrame) -> list[str]:
    """A table as Markdown with short numbers."""
    def cell(value: object) -> str:
        text = f"{value:.3g}" if isinstance(value, float) else str(value)
        return text.replace("|", "/")

    head = ["| " + " | ".join(map(str, table.columns)) + " |", "|" + "---|" * len(table.columns)]
    return head + ["| " + " | ".join(cell(value) for value in row) + " |" for row in table.itertuples(index=False)]
