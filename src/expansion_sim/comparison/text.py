"""A comparison in words, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from expansion_sim.codes import HOST_NAMES, HOSTS
from expansion_sim.comparison.abroad import LABELS
from expansion_sim.comparison.effects import effect
from expansion_sim.comparison.headline import STATISTICS
from expansion_sim.comparison.programmes import programmes_differ
from expansion_sim.errors import InputError
from expansion_sim.policy.instruments import AWARDING, INSTRUMENTS
from expansion_sim.results.tables import MODE_NAMES, format_number

#: Columns of the tables by group: heading and measure with the column it is read from.
_BY_GROUP = (
    ("in BASE", "abroad", "base"),
    ("in OTHER", "abroad", "other"),
    ("additional", "additional", "other"),
    ("displaced", "displaced", "base"),
    ("supported", "supported", "other"),
    ("deadweight", "deadweight", "other"),
)
#: Instruments whose users are selected: among plans, or among firms that register.
_SELECTING = tuple(name for name, instrument in INSTRUMENTS.items() if instrument.lever in (*AWARDING, "advice"))
_MOST_PROGRAMMES = 12  # that are printed one by one


def summary(comparison: Any, years: Sequence[int] | None = None, by: Sequence[str] = ("mode",)) -> str:
    """The printed report: which world is the reference, the headline numbers, the effects by group of firms.

    Args:
        comparison: A :class:`expansion_sim.comparison.Comparison`.
        years: Years shown; the last one by default.
        by: Dimensions of :data:`expansion_sim.comparison.abroad.LABELS`, a table for each, in the last of the years.

    Raises:
        InputError: A year that was not compared.
    """
    years = chosen_years(comparison.years, years)
    parts = [
        _opening(comparison),
        _headline_text(comparison, years),
        _swap_hint(comparison),
        _whose_support(comparison),
        _money_at_home(comparison, years[-1]),
        *(_group_text(comparison, years[-1], dimension) for dimension in by),
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
            + (", assumed terms of support drawn anew for each pair" if record.get("terms") else "")
        )
    )
    return (
        f"BASE, the reference: {world_name(comparison, 'base')}\nOTHER:               {world_name(comparison, 'other')}\n"
        f"Differences are OTHER minus BASE. Additional: abroad in OTHER only; displaced: abroad in BASE only.\n{draws}"
    )


def _headline_text(comparison: Any, years: Sequence[int]) -> str:
    table = comparison.headline.set_index(["statistic", "year"])
    rows, about_money = {}, programmes_differ(comparison)
    for statistic in STATISTICS:
        if statistic.per_money and not about_money:
            continue
        paired = comparison.replications > 1 and statistic.below is not None
        cells = [_cell(table.loc[(statistic.name, year)], paired) for year in years]
        if set(cells) != {"-"}:
            rows[f"{statistic.name} [{statistic.unit}]"] = cells
    return aligned_table(rows, [str(year) for year in years])


def _group_text(comparison: Any, year: int, dimension: str) -> str:
    """Firms abroad in each group of one dimension; groups without any firm abroad are left out."""
    rows = {}
    effects = comparison.effects[comparison.effects["year"] == year]
    for label in LABELS[dimension]:
        values = [effect(effects, measure, **{dimension: label})[column].get(year, 0.0) for _, measure, column in _BY_GROUP]
        if any(values):
            rows[_shown(dimension, label)] = [format_number(float(value)) for value in values]
    if not rows:
        return ""
    several = " (a firm may use several)" if dimension in ("mode", "host") else ""
    title = f"Firms abroad by {dimension.replace('_', ' ')} in {year}{several}\n"
    return title + aligned_table(rows, [heading for heading, *_ in _BY_GROUP])


def _shown(dimension: str, label: str) -> str:
    """A label as the report prints it."""
    if dimension == "host":
        return HOST_NAMES[HOSTS.index(label)]
    return MODE_NAMES[label] if dimension == "mode" else label


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
    if not programmes_differ(comparison):
        return "Both worlds have the same programmes: supported firms and their deadweight say nothing about what differs."
    return (
        "Supported firms and their deadweight count every programme of OTHER, those that BASE has as well included; "
        "the table of users tells those of the programmes that differ."
    )


def _money_at_home(comparison: Any, year: int) -> str:
    """How much of the public money has nothing to do with business abroad, where there is such money."""
    home = effect(comparison.effects, "spending_at_home").loc[:year, "difference"].sum()
    if home == 0.0:
        return ""
    return (
        f"Of the public money, {format_number(float(home))} million yen are guarantees called on debt that was not drawn for going abroad; "
        "costs per firm and sums per yen leave them out, but not what these guarantees do for firms."
    )


def _users_text(comparison: Any) -> str:
    """Users over all years of the programmes of OTHER that BASE has not, or has on other terms; by instrument when they are many."""
    same = comparison.record.get("same_programmes", ())
    used = comparison.programmes
    used = used[(used["world"] == "other") & ~used["programme"].isin(same)]
    named = used[(used["users"] > 0.0) & used["instrument"].isin(_SELECTING)]
    at_large = used[used["served"] > 0.0] if "served" in used else used[:0]
    key = "programme" if len({*named["programme"], *at_large["programme"]}) <= _MOST_PROGRAMMES else "instrument"
    rows = {name: _named_row(part, comparison.replications) for name, part in _parts(named, key)}
    rows |= {f"{name}, at large": _row_at_large(part, comparison.replications) for name, part in _parts(at_large, key)}
    if not rows:
        return ""
    heads = ["users", "additional", "first steps abroad", "additional among these", "million yen"]
    which = "of programmes that BASE has not, or has on other terms" if same else "of programmes in OTHER"
    title = f"Users {which}, all years: steps not taken in BASE by the end of the year"
    return f"{title}\n{aligned_table(rows, heads)}{_ABOUT_AT_LARGE if len(at_large) else ''}"


_ABOUT_AT_LARGE = (
    "\nAt large: firms expected to ask for advice or to be matched, once for each programme and year; no firm is named, so no step is "
    "judged.\nWhat they bring about is in the tables above."
)


def _parts(used: pd.DataFrame, key: str) -> list[tuple[str, pd.DataFrame]]:
    """Rows of the table of programmes by programme or instrument, in alphabetical order."""
    return [(str(name).replace("_", " "), part) for name, part in used.groupby(used[key].astype(str))]


def _named_row(part: pd.DataFrame, replications: int) -> list[str]:
    """Cells of users that are known by name and judged."""
    names = ("users", "additional", "newcomers", "newcomers_additional", "spending_million_yen")
    users, additional, first, first_additional, money = (part[name].sum() / replications for name in names)
    shares = _percent(additional, users), _percent(first_additional, first)
    return [format_number(users), shares[0], format_number(first), shares[1], format_number(money)]


def _row_at_large(part: pd.DataFrame, replications: int) -> list[str]:
    """Cells of firms that are served without being known."""
    served, money = (format_number(float(part[name].sum() / replications)) for name in ("served", "spending_million_yen"))
    return [served, "-", "-", "-", money]


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


def _cell(row: pd.Series, ratio_of_pairs: bool) -> str:
    """A number with its interval; a ratio of several pairs that has none is no number to quote."""
    if not np.isfinite(row["value"]):
        return "-"
    if ratio_of_pairs and not np.isfinite(row["low"]):
        return "not bounded"
    if np.isfinite(row["low"]):
        return f"{format_number(row['value'])} ({format_number(row['low'])} to {format_number(row['high'])})"
    return format_number(row["value"])
