"""A comparison in words, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from expansion_sim.codes import HOST_NAMES, HOSTS, MODES
from expansion_sim.comparison.effects import effect
from expansion_sim.comparison.headline import STATISTICS
from expansion_sim.errors import InputError
from expansion_sim.policy.instruments import AWARDING, INSTRUMENTS
from expansion_sim.results.tables import MODE_NAMES, format_number

#: Rows of the table by mode: heading and measure with the column it is read from.
_BY_MODE = (
    ("in BASE", "abroad", "base"),
    ("in OTHER", "abroad", "other"),
    ("additional", "additional", "other"),
    ("displaced", "displaced", "base"),
    ("supported", "supported", "other"),
    ("deadweight", "deadweight", "other"),
)
#: Instruments whose users are selected among plans.
_AWARDING = tuple(name for name, instrument in INSTRUMENTS.items() if instrument.lever in AWARDING)


def summary(comparison: Any, years: Sequence[int] | None = None) -> str:
    """The printed report: which world is the reference, the headline numbers, the effects by mode.

    Args:
        comparison: A :class:`expansion_sim.comparison.Comparison`.
        years: Years shown; the last one by default.

    Raises:
        InputError: A year that was not compared.
    """
    years = chosen_years(comparison.years, years)
    parts = [
        _opening(comparison),
        _headline_text(comparison, years),
        _swap_hint(comparison),
        _whose_support(comparison),
        _largest_programme(comparison),
        _mode_text(comparison, years[-1]),
        _users_text(comparison),
        _unbooked(comparison),
        _example(comparison, years[-1]),
    ]
    return "\n\n".join(part for part in parts if part)


def chosen_years(compared: tuple[int, int], years: Sequence[int] | None) -> list[int]:
    """The years asked for, checked against the first and last year compared; the last one by default."""
    first, last = compared
    for year in years or ():
        if not first <= year <= last:
            raise InputError(f"--year {year} was not compared (years {first} to {last})")
    return list(years or [last])


def world_name(comparison: Any, side: str) -> str:
    """Title and name of a world, such as ``No support (no_support)``."""
    scenario = comparison.record[side]["scenario"]
    return f"{scenario['title']} ({scenario['name']})" if scenario.get("title") else str(scenario["name"])


def _opening(comparison: Any) -> str:
    count, record = comparison.replications, comparison.record
    draws = (
        "one pair of runs on the same draws; no interval without --replications"
        if count == 1
        else (
            f"{count} pairs of runs, each on the same draws; in brackets {100 * record['level']:g} % intervals of the mean"
            + (", parameters drawn anew for each pair" if record.get("parameters") else "")
        )
    )
    return (
        f"BASE, the reference: {world_name(comparison, 'base')}\nOTHER:               {world_name(comparison, 'other')}\n"
        f"Differences are OTHER minus BASE. Additional: abroad in OTHER only; displaced: abroad in BASE only.\n{draws}"
    )


def _headline_text(comparison: Any, years: Sequence[int]) -> str:
    table = comparison.headline.set_index(["statistic", "year"])
    rows = {}
    for statistic in STATISTICS:
        cells = [_cell(table.loc[(statistic.name, year)]) for year in years]
        if set(cells) != {"-"}:
            rows[f"{statistic.name} [{statistic.unit}]"] = cells
    return aligned_table(rows, [str(year) for year in years])


def _mode_text(comparison: Any, year: int) -> str:
    rows = {}
    for mode in MODES[1:]:
        values = [effect(comparison.effects, measure, mode=mode)[column].get(year, 0.0) for _, measure, column in _BY_MODE]
        if any(values):
            rows[MODE_NAMES[mode]] = [format_number(float(value)) for value in values]
    if not rows:
        return ""
    return f"Firms by mode in {year} (a firm may use several)\n" + aligned_table(rows, [heading for heading, *_ in _BY_MODE])


def _swap_hint(comparison: Any) -> str:
    """What to do when the support asked about stands in the reference."""
    supported = effect(comparison.effects, "supported")
    if supported["other"].any() or not supported["base"].any():
        return ""
    return (
        "The support is in BASE: displaced firms are those that are abroad only with it. "
        "Swap the two to read its deadweight and cost per additional firm."
    )


def _whose_support(comparison: Any) -> str:
    """That supported firms are those of every programme, where both worlds have some."""
    supported = effect(comparison.effects, "supported")
    if not supported["other"].any() or not supported["base"].any():
        return ""
    return (
        "Supported firms and their deadweight count every programme of OTHER, those that BASE has as well included; "
        "the table programmes tells them apart."
    )


def _largest_programme(comparison: Any) -> str:
    """The programme that most of the difference in public money belongs to, so that nobody takes its cost for that of all."""
    used = comparison.programmes
    sign = np.where(used["world"] == "other", 1.0, -1.0)
    money = (used["spending_million_yen"] * sign).groupby(used["programme"].astype(str)).sum() / comparison.replications
    total = float(money.sum())
    if len(money[money != 0.0]) < 2 or total <= 0.0 or not 0.5 * total < float(money.max()) < 0.99 * total:
        return ""
    return (
        f"{100.0 * float(money.max()) / total:.0f} % of the difference in public money of all years belongs to one programme: "
        f"{money.idxmax()}. Where a programme also serves firms at home, as guarantees do, cost per additional firm holds that money too."
    )


def _users_text(comparison: Any) -> str:
    """Users of programmes in OTHER over all years by instrument, and how many of them took a step only because of the difference."""
    used = comparison.programmes
    used = used[(used["world"] == "other") & (used["users"] > 0.0) & used["instrument"].isin(_AWARDING)]
    rows = {}
    for instrument, part in used.groupby("instrument", observed=True):
        names = ("users", "additional", "newcomers", "newcomers_additional")
        users, additional, first, first_additional = (part[name].sum() / comparison.replications for name in names)
        shares = _percent(additional, users), _percent(first_additional, first)
        rows[str(instrument).replace("_", " ")] = [format_number(users), shares[0], format_number(first), shares[1]]
    if not rows:
        return ""
    heads = ["users", "additional", "first steps abroad", "additional among these"]
    return "Users of programmes in OTHER, all years: steps not taken in BASE by the end of the year\n" + aligned_table(rows, heads)


def _percent(part: float, whole: float) -> str:
    return f"{100.0 * part / whole:.1f} %" if whole > 0.0 else "-"


def _unbooked(comparison: Any) -> str:
    """What the public money of the table leaves out."""
    table = effect(comparison.effects, "foregone")
    if not (table["difference"] != 0.0).any():
        return ""
    return "Public money does not include tax that is not collected, fees of guarantees and premiums of insurance."


def _example(comparison: Any, year: int) -> str:
    """One firm by name, so that nobody takes the effects for a regression."""
    firms = comparison.firms
    found = firms[(firms["world"] == "other") & firms["never_in_counterpart"] & (firms["last_year"] >= year)]
    if found.empty:
        return ""
    firm = found.sort_values(["years", "weight"], ascending=False, kind="stable").iloc[0]
    host = f" in {HOST_NAMES[HOSTS.index(firm['host'])]}" if firm["host"] else ""
    size = f"{firm['size_class']} employees, " if firm["size_class"] else ""
    return (
        f"For example firm {firm['firm']} ({firm['industry']}, {size}{firm['district']}) is abroad since "
        f"{firm['first_year']} in OTHER only: {MODE_NAMES[firm['mode']]}{host}. All such firms: table firms."
    )


def aligned_table(rows: dict[str, list[str]], heads: Sequence[str]) -> str:
    """Rows of cells under right-aligned heads."""
    left = max(map(len, rows), default=0)
    widths = [max(len(head), *(len(cells[column]) for cells in rows.values())) for column, head in enumerate(heads)]
    lines = [" " * left + "".join(f"  {head:>{width}}" for head, width in zip(heads, widths, strict=True))]
    for name, cells in rows.items():
        lines.append(f"{name:<{left}}" + "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True)))
    return "\n".join(lines)


def _cell(row: pd.Series) -> str:
    if not np.isfinite(row["value"]):
        return "-"
    if np.isfinite(row["low"]):
        return f"{format_number(row['value'])} ({format_number(row['low'])} to {format_number(row['high'])})"
    return format_number(row["value"])
