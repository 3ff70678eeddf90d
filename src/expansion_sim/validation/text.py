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


def format_table(table: pd.DataFrame, width: int = 150) -> str:
    """All facts as text: hits and misses in the order of the facts, then what was not computed, then the counts.

    Args:
        table: Result of :func:`expansion_sim.validation.validate.validate`.
        width: Characters per line.
    """
    room, frame = max(30, width - 100), 26
    layout = f"{{:5}}{{:5}}{{:{room}}} {{:{frame}}} {{:>11}} {{:>12}} {{:>12}} {{:>10}}  {{}}"
    lines = [layout.format("fact", "", "statistic", "frame", "period", "published", "tolerance", "simulated", "90 % of runs")]
    for row in table[table["verdict"].isin(_MARKS)].to_dict("records"):
        interval = "" if math.isnan(row["low"]) else f"{number(row['low'])} - {number(row['high'])}"
        tolerance = row["tolerance"].split("(")[0].strip()
        cells = (_cut(row["statistic"], room), _tail(row["lens"], frame), _cut(row["period"], 11), _cut(row["published"], 12))
        line = layout.format(row["id"], _MARKS[row["verdict"]], *cells, _cut(tolerance, 12), number(row["simulated"]), interval)
        lines.append(line.rstrip())
        if "," in row["readings"] or (row["verdict"] == MISS and row["reason"]):
            told = "; ".join(part for part in (row["readings"] if "," in row["readings"] else "", row["reason"]) if part)
            lines += textwrap.wrap(told, width - 10, initial_indent=" " * 10, subsequent_indent=" " * 10)
    rest = table[~table["verdict"].isin(_MARKS)]
    if len(rest):
        lines += ["", "Not computed"]
        lines += [f"{row['id']:5}{_cut(row['statistic'], room):{room}} {row['reason']}" for row in rest.to_dict("records")]
    counts = summary(table)
    lines += [
        "",
        f"{counts['hit']} of {counts['computable']} computable facts within tolerance ({counts['hit_percent']:.0f} %), "
        f"{counts['miss']} missed, {counts['not computed']} of {counts['total']} not computed",
    ]
    return "\n".join(lines)


def _tail(text: str, length: int) -> str:
    """The end of a text: frames differ in their last words."""
    return text if len(text) <= length else "…" + text[1 - length :]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
