"""The validation table as lines of text for a terminal."""

from __future__ import annotations

import math
import textwrap

import pandas as pd

from expansion_sim.validation.validate import HIT, MISS, summary

_MARKS = {HIT: "ok  ", MISS: "MISS"}


def number(value: float) -> str:
    """A number short enough for a column: 1,625, 34.2, .0713."""
    if math.isnan(value):
        return ""
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) >= 3000 or value != round(value) else f"{value:.0f}"
    return f"{value:.4g}" if abs(value) < 100 else f"{value:.1f}"


def format_table(table: pd.DataFrame, width: int = 130) -> str:
    """All facts as text: hits and misses in the order of the facts, then what was not computed, then the counts.

    Args:
        table: Result of :func:`expansion_sim.validation.validate.validate`.
        width: Characters per line.
    """
    room = max(30, width - 74)
    lines = [f"{'fact':5}{'':5}{'statistic':{room}} {'period':>11} {'published':>12} {'tolerance':>12} {'simulated':>10}  {'90 % of runs'}"]
    for row in table[table["verdict"].isin(_MARKS)].to_dict("records"):
        interval = "" if math.isnan(row["low"]) else f"{number(row['low'])} - {number(row['high'])}"
        lines.append(
            f"{row['id']:5}{_MARKS[row['verdict']]:5}{_cut(row['statistic'], room):{room}} {_cut(row['period'], 11):>11} "
            f"{_cut(row['published'], 12):>12} {_cut(row['tolerance'].split('(')[0].strip(), 12):>12} {number(row['simulated']):>10}  {interval}".rstrip()
        )
        if "," in row["readings"] or (row["verdict"] == MISS and row["reason"]):
            told = "; ".join(part for part in (row["readings"] if "," in row["readings"] else "", row["reason"]) if part)
            lines += textwrap.wrap(told, width - 10, initial_indent=" " * 10, subsequent_indent=" " * 10)
    rest = table[~table["verdict"].isin(_MARKS)]
    if len(rest):
        lines += ["", "Not computed"]
        lines += [f"{row['id']:5}{_cut(row['statistic'], room):{room}} {row['reason']}" for row in rest.to_dict("records")]
    counts = summary(table)
    lines += ["", f"{counts['hit']} of {counts['computable']} computable facts within tolerance ({counts['hit_percent']:.0f} %), "
              f"{counts['miss']} missed, {counts['not computed']} of {counts['total']} not computed"]
    return "\n".join(lines)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
