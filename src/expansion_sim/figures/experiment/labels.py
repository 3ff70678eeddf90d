"""Plain words for the outcomes, factors and points of a sweep."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from expansion_sim.codes import HOST_NAMES, HOSTS
from expansion_sim.experiment.analysis.observations import bases_of, factor_names, main_points, points_of, varied_factors
from expansion_sim.experiment.analysis.units import UNIT_OF_ENDING, factor_unit, unit_of
from expansion_sim.results.measures import UNITS
from expansion_sim.results.tables import MODE_NAMES

#: Most factors that name a point; with more it has its number.
MOST_VALUES = 4
_MOST_STATED = 3  # keys of a base that a note names
_MEASURE_WORDS = {
    "abroad": "Firms abroad", "firms_in_mode": "Firms", "firms_in_host": "Firms", "entries": "New entries",
    "projects": "New plants", "foreign_jobs": "Jobs in plants abroad", "employees": "Jobs at home",
    "export_sales": "Export sales", "plant_sales": "Sales of plants abroad", "home_sales": "Sales in Japan",
    "leaves": "Exits from a mode",
}
#: Ending of a distribution's outcome -> words.
_STATISTICS = {"mean": "mean", "firms": "number of firms"} | {f"q{share:02d}": f"{share}% quantile" for share in range(1, 100)}
_NAMES = MODE_NAMES | dict(zip(HOSTS, HOST_NAMES, strict=True))
#: Sizes of numbers too long to be written in full, the largest first.
_WORDS_OF_SIZE = ((1e12, "trn"), (1e9, "bn"), (1e6, "m"))


def outcome_words(name: str) -> str:
    """An outcome in plain words, such as 'Firms, own plant (FDI)' for ``yearly:firms_in_mode{mode=fdi}``."""
    kind, _, rest = name.rpartition(":") if name.count(":") == 1 else name.partition(":")
    rest, _, statistic = rest.rpartition(":") if kind == "final" and ":" in rest else (rest, "", "")
    measure, _, labels = rest.partition("{")
    if kind == "programme":
        programme, _, column = rest.rpartition(":")
        who = "" if programme == "*" else f", programme {programme}"
        column = column.removesuffix("_million_yen").replace("_", " ")
        return f"{column.capitalize()} of support{who}" if column == "spending" else f"{column.capitalize()}{who}"
    words = _MEASURE_WORDS.get(measure, measure.replace("_", " ").replace(":", " "))
    if kind == "share":
        words = f"Share of firms: {_NAMES.get(measure, measure)}"
    elif kind == "final":
        words = f"{measure.replace('_', ' ')} at the end"  # of a firm, not of all
    elif kind in ("fact", "deviation", "survey", "hit"):
        words = f"{kind.capitalize()} {words}"
    where = [_NAMES.get(value, value.replace("_", " ")) for value in re.findall(r"=([^,}]+)", labels)]
    where += [_STATISTICS.get(statistic, statistic)]
    return ", ".join([words[:1].upper() + words[1:], *filter(None, where)])


def outcome_label(name: str, unit: str | None = None, *, difference: bool = False, more_than: str = "") -> str:
    """An axis label: the outcome in words with its unit in brackets.

    Args:
        name: Name of the outcome in the store.
        unit: Unit; None looks it up among the measures.
        difference: Whether differences from a base are shown.
        more_than: What the outcome is more than, such as 'the base', where differences are called so.
    """
    if unit is None:
        unit = UNITS.get(name.removeprefix("yearly:").partition("{")[0], "")
    words = outcome_words(name)
    words = f"Change in {in_sentence(words)}" if difference else words
    words = f"{words}: more than in {more_than}" if more_than else words
    return f"{words} ({unit})" if unit else words


def base_words(design: pd.DataFrame) -> str:
    """What points are compared with, in words: the label of the base, 'the base', or the twin of each point."""
    bases = bases_of(design)
    if len(bases) > 1:
        return "its twin"
    label = str(points_of(design).loc[bases[0], "label"]) if len(bases) and "label" in factor_names(design) else "base"
    return "the base" if label == "base" else f"'{label}'"


def base_note(results: Any) -> str:
    """A sentence on what the base sets; nothing where the experiment does not say."""
    pairing = getattr(results.experiment, "pairing", None)
    if pairing is None:
        return ""
    twin = "Twin of each point" if pairing.each else "Base"
    stated = [setting_words(key, value) for key, value in pairing.base.items()]
    if not stated:
        return f"{twin}: the scenario as it is."
    return f"{twin}: {', '.join(stated[:_MOST_STATED])}{' and more' if len(stated) > _MOST_STATED else ''}."


def setting_words(key: str, value: Any) -> str:
    """What a key of a scenario is set to, in words: 'no support', 'without P17', 'P17: rate 0 %'."""
    if key == "support.enabled":
        return "with support" if value else "no support"
    if key == "support.disable":
        return f"without {value_words(value)}" if value else "all programmes"
    unit = unit_of(_dated_key(key))
    return f"{factor_words(key)} {value_words(value)}" + (f" {unit}" if unit and not unit[0].isdigit() else "")


def factor_label(key: str) -> str:
    """A factor in words with its unit where one is declared, such as 'P17: rate (%)'."""
    return _with_unit(factor_words(key), unit_of(_dated_key(key)))


def factor_axis(results: Any, name: str) -> str:
    """As :func:`factor_label` for a factor of a sweep; one with a name of its own takes the unit of its key."""
    return _with_unit(factor_words(name), unit_of(_dated_key(name)) or factor_unit(results, name))


def _with_unit(words: str, unit: str) -> str:
    return f"{words} ({unit})" if unit else words


def factor_words(key: str) -> str:
    """A factor in words without its unit: short enough for a list."""
    key = _dated_key(key)
    if "." not in key or (" " in key and '"' not in key):  # a name that the experiment gives
        return _without_unit(key).replace("_", " ")
    kinds = ("support.programme.", "support.agency.", "support.instrument.", "parameters.")
    parts = _parts(key.removeprefix(next((kind for kind in kinds if key.startswith(kind)), "")))
    last = _without_unit(parts[-1]).replace("_", " ")
    before = parts[-2].replace("_", " ") if len(parts) > 1 else ""
    return f"{before}: {last}" if before else last


def _dated_key(key: str) -> str:
    """The key of a dated value, such as ``support.programme.P43.value.0.value``, as programme, years and term."""
    from expansion_sim.scenario.recorded import recorded_programmes

    parts = _parts(key)
    if parts[:2] != ["support", "programme"] or len(parts) != 6 or parts[3] != "value":
        return key
    name, number, dated = parts[2], int(parts[4]), recorded_programmes().get(parts[2], {}).get("value", [])
    if number >= len(dated):
        return f'support.programme."{name}".dated_value_{number + 1}'
    return f'support.programme."{name} from {dated[number]["from"]}".{dated[number]["term"]}'


def _without_unit(name: str) -> str:
    ending = next((ending for ending in UNIT_OF_ENDING if name.endswith(ending)), "")
    return name.removesuffix(ending)


def _parts(key: str) -> list[str]:
    """Parts of a dotted key; a quoted part may hold dots."""
    return [part.strip('"') for part in re.findall(r'"[^"]*"|[^."]+', key)]


def in_sentence(label: str) -> str:
    """A label as it stands inside a sentence."""
    return f"{label[:1].lower()}{label[1:]}" if label[1:2].islower() else label


def number(value: float, _: object = None) -> str:
    """A tick's number in full, thousands separated; with the word for it from ten million on, where it would not fit."""
    for size, word in _WORDS_OF_SIZE:
        if abs(value) >= 10_000_000 and abs(value) >= size:
            return f"{value / size:,.4g} {word}"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:g}"


def point_labels(design: pd.DataFrame, points: Sequence[int]) -> list[str]:
    """Name of each point: its label, the values of the factors that differ between points, or its number where those are many."""
    table = points_of(design)
    base = set(bases_of(design))
    if "label" in factor_names(design):
        return [str(table.loc[point, "label"]) for point in points]
    varied = varied_factors(table)
    if len(varied) > MOST_VALUES:
        return ["base" if point in base else f"point {point}" for point in points]
    return ["base" if point in base else _values(table.loc[point, varied], varied) for point in points]


def _values(row: Any, varied: Sequence[str]) -> str:
    if len(varied) == 1:
        return _setting(factor_words(varied[0]), row.iloc[0])
    return ", ".join(_setting(factor_words(name).rpartition(": ")[2], value) for name, value in zip(varied, row, strict=True))


def _setting(name: str, value: Any) -> str:
    """A factor with its value: 'rate 20', 'network on', 'world: no support'; a name of several words stands by itself."""
    words = value_words(value)
    if not isinstance(value, str) or words in ("on", "off"):
        return f"{name} {words}"
    return words if " " in value else f"{name}: {words}"


def value_words(value: Any) -> str:
    """A factor's value in words: numbers with four digits, switches as on and off, lists by their items."""
    if isinstance(value, (bool, np.bool_)) or value in ("True", "False"):
        return "on" if str(value) == "True" else "off"
    if isinstance(value, (int, float, np.number)):
        return f"{value:.4g}" if value == value else "as it is"
    if value is None:
        return "as it is"
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, (list, tuple)):
        return ", ".join(map(value_words, value)) or "none"
    return str(value).replace("_", " ")


def source_note(results: Any, extra: str = "") -> str:
    """Source line: experiment with its title, scenario, scale of the sample, seed, points and replications."""
    design, experiment = results.design, results.experiment
    points, bases, replications = len(main_points(design)), len(bases_of(design)), design["replication"].nunique()
    title = f" ({experiment.title})" if experiment.title else ""
    base = " and a base" if bases == 1 else " with a twin each" if bases else ""
    text = f"Source: expansion_sim, experiment '{experiment.name}'{title} on scenario '{experiment.scenario}', {_scale_words(results)}"
    text += f"seed {experiment.seed}; {points:,} {'points' if points > 1 else 'point'}{base}, "
    alone = "one replication, without intervals" if experiment.design.kind in ("grid", "list") else "one replication"
    text += f"{f'{replications:,} replications' if replications > 1 else alone}."
    return f"{text} {extra}".strip()


def _scale_words(results: Any) -> str:
    """Share of the country's firms that is simulated, such as '1% sample, '; nothing where it is not known."""
    if "scale" in results.design or any("scale" in factor.key for factor in getattr(results.experiment, "factor", ())):
        return "scale varies, "
    worlds: dict[str, dict[str, Any]] = getattr(results, "record", {}).get("worlds", {})
    world = worlds.get(results.experiment.scenario) or next(iter(worlds.values()), {})
    scale = getattr(results.experiment, "settings", {}).get("scale", world.get("scale"))
    return "" if scale is None else "all firms, " if scale == 1 else f"{100 * scale:.3g}% sample, "
