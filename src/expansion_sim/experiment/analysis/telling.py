"""The tables of a sweep as text for a terminal: what is shown, in which units, and of each table the telling rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from expansion_sim.experiment.analysis.choosing import SAMPLED, default_outcomes, fronts, is_paired
from expansion_sim.experiment.analysis.gaps import gap_words
from expansion_sim.experiment.analysis.observations import Year, main_points, observations, points_of, varied_factors, when_words
from expansion_sim.experiment.analysis.tables import PLAIN, Question
from expansion_sim.experiment.analysis.units import factor_unit

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results

#: Columns of factors that still leave room for numbers on a terminal.
_FEW_FACTORS = 8
_ORDER = ("quality", "sobol", "pairs", "morris", "box", "front", "differences", "swings", "exceedance")
_SCORES = {"sobol": "total", "morris": "mu_star"}
_OF_THE_BOX = ["threshold", "density", "coverage", "mass", "cases", "base_rate"]
_ALONE = "One replication: no intervals over draws, and nothing to tell how sure a place on a front is."
_TITLES = {
    "quality": "How far to trust the indices (floor: score of the inert dummy; seed_share: variance due to draws, unknown with one replication)",
    "sobol": "Sobol indices: shares of variance, the largest total first", "pairs": "Second-order Sobol indices",
    "morris": "Morris: effects per full range of a factor, in the unit of the outcome",
    "box": "Scenario discovery: factor ranges that lead beyond the threshold (least and most: ends of the design; p: chance of a fluke, at best)",
    "front": "Cost against effect, both against the base; the front first (its share: how often resampled replications keep the point there)",
    "differences": "Paired differences from the base",
    "swings": "From one end of each factor to the other (choices: from the lowest mean to the highest), less the mean over all points",
    "exceedance": "Probability of more than the threshold", "means": "Means over replications",
}


def told(tables: dict[str, pd.DataFrame], results: Results, question: Question = PLAIN, most: int = 30) -> str:
    """The tables as text: units and years first, then the telling tables, the first rows of each.

    Args:
        tables: As :func:`expansion_sim.experiment.analysis.tables.analyse` returns.
        results: The sweep they are about.
        question: What was asked of it.
        most: Most rows of a table.
    """
    order = list(_ORDER)
    if set(_SCORES) & set(tables):  # then single points are not the answer
        order.remove("differences")
    elif "differences" not in tables:
        order.append("means")
    if results.experiment.design.kind in SAMPLED:  # nor are those of a sample, as long as there is another one
        order = [name for name in order if name != "means"]
    parts = [_heading(results, question, "front" in tables)]
    parts += [_of_table(name, tables[name], most) for name in order if name in tables]
    return "\n".join(parts)


def _heading(results: Results, question: Question, fronted: bool) -> str:
    """Unit and year of every outcome, units of the factors, coverage of the intervals, and what has none."""
    paired, level = is_paired(results), f"{100 * question.level:g}%"
    chosen = question.outcomes or default_outcomes(results, question.year)
    lines = ["Outcomes, each less that of its base with the same draws:" if paired else "Outcomes:"]
    lines += [f"  {_described(results, name, question.year)}" for name in chosen]
    for cost, gain in fronts(results, question.outcomes) if fronted else ():
        lines += [f"  cost: {_described(results, cost, 'total')}", f"  gain: {_described(results, gain, question.year)}"]
    units = {name: factor_unit(results, name) for name in varied_factors(points_of(results.design).loc[main_points(results.design)])}
    known = [f"{name} ({unit})" for name, unit in units.items() if unit]
    lines += [f"Factors: {', '.join(known)}"] if known and len(known) <= 2 * _FEW_FACTORS else []
    if question.thresholds:
        lines.append(f"Thresholds are for {', '.join(question.outcomes or chosen[:1])}; --outcome NAME asks about others.")
    lines.append(f"Intervals cover {level}.")
    if question.missing == "drop":
        gaps = {name: gap_words(observations(results, name, question.year, "drop")) for name in chosen}
        lines += [f"{name}: {words}" for name, words in gaps.items() if words]
    if results.design["replication"].nunique() < 2:
        lines.append(_ALONE)
    return "\n".join([*lines, ""])


def _described(results: Results, name: str, year: Year) -> str:
    unit = results.unit(name)
    when = when_words(results, name, year)
    unit = unit.removesuffix(" a year") if when.startswith("sum") else unit  # a sum over years is no longer one a year
    return f"{name}: {', '.join(part for part in (unit, when) if part)}"


def _of_table(name: str, table: pd.DataFrame, most: int) -> str:
    below = ""
    if name == "box":
        below = _text(table[["outcome", *_OF_THE_BOX]].drop_duplicates()) + "\n"
        table = table.drop(columns=_OF_THE_BOX)
    elif name == "front":
        table = table.sort_values(["on_front", "cost"], ascending=[False, True], kind="stable")
        table = table.sort_values("outcome", key=lambda names: names.map(list(names.unique()).index), kind="stable")
    table = _named(table)
    first = _largest(table, _SCORES[name], most) if name in _SCORES else _whole_outcomes(table, most)
    rest = f"... {len(table) - len(first)} more rows in {name}.csv\n" if len(table) > len(first) else ""
    return f"{_TITLES[name]}\n{_text(first)}\n{below}{rest}"


def _text(table: pd.DataFrame) -> str:
    return str(table.to_string(index=False, float_format=_plain, na_rep="-"))


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """A table without the settings of its points where labels name them: on a terminal they would push the numbers out of sight."""
    columns = list(table.columns)
    first = next((columns.index(name) for name in ("mean", "cost", "threshold") if name in columns), 0)
    after = columns.index("label") + 1 if "label" in columns[:first] else first
    after = 2 if after > 2 + _FEW_FACTORS else after  # outcome and point say which
    return table.drop(columns=columns[after:first])


def _whole_outcomes(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """As many outcomes as find room, none of them cut; the first rows where not even one does."""
    if len(table) <= most or "outcome" not in table:
        return table.head(most)
    ends = (table["outcome"] != table["outcome"].shift(-1)).to_numpy().nonzero()[0] + 1
    fit = ends[ends <= most]
    return table.head(int(fit[-1]) if len(fit) else most)


def _largest(table: pd.DataFrame, score: str, most: int) -> pd.DataFrame:
    """The largest scores first, as many of every outcome; all where they find room."""
    outcomes = list(table["outcome"].unique())
    ranked = table.sort_values(score, ascending=False, kind="stable")
    if len(table) > most:
        ranked = ranked[ranked.groupby("outcome", sort=False).cumcount() < max(most // len(outcomes), 1)]
    return ranked.sort_values("outcome", key=lambda names: names.map(outcomes.index), kind="stable")


def _plain(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
