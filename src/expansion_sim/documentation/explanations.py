"""Why facts are missed: kept beside the code by the fact's id, checked against the misses of a run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

import pandas as pd

from expansion_sim.errors import InputError
from expansion_sim.validation.validate import MISS, load_targets

FILE = "explanations.toml"
OTHER = "Other regularities"


class Explanation(NamedTuple):
    """Why a fact is missed.

    Attributes:
        why: One or two sentences.
        side: On which side it is missed, a word of the first part of the verdict's reason; an explanation of one side does not
            explain the other. Empty for any.
    """

    why: str
    side: str


class Explained(NamedTuple):
    """What is kept beside the facts.

    Attributes:
        groups: Name of a group of facts -> words of which the lens holds one; the first group that fits takes the fact.
        misses: Id -> explanation.
        built_in: Id -> why the fact is no test of the model.
    """

    groups: dict[str, list[str]]
    misses: dict[str, Explanation]
    built_in: dict[str, str]


@cache
def load_explanations() -> Explained:
    """The shipped explanations.

    Raises:
        InputError: An id that is no fact.
    """
    text = resources.files("expansion_sim.documentation").joinpath(FILE).read_text(encoding="utf-8")
    return read_explanations(tomllib.loads(text))


def read_explanations(tables: Mapping) -> Explained:
    """Explanations from the tables of a file; arguments and errors as :func:`load_explanations`.

    Args:
        tables: Parsed TOML with the tables groups, misses and built_in.
    """
    known = set(load_targets()["id"])
    for place in ("misses", "built_in"):
        for fact in tables.get(place, {}):
            if fact not in known:
                raise InputError(f"{fact} is no published fact", file=FILE, key=f"{place}.{fact}")
    misses = {fact: Explanation(entry["why"], entry.get("side", "")) for fact, entry in tables.get("misses", {}).items()}
    return Explained(dict(tables.get("groups", {})), misses, dict(tables.get("built_in", {})))


def check_misses(facts: pd.DataFrame, explained: Explained) -> list[str]:
    """Refuse a miss that nothing explains.

    Args:
        facts: Result of :func:`expansion_sim.validation.validate`.
        explained: The explanations.

    Returns:
        Ids with an explanation that were not missed, or not on that side: candidates for removal.

    Raises:
        InputError: Misses without an explanation, each with what was simulated.
    """
    missed = facts[facts["verdict"] == MISS]
    open_ = [row for row in missed.to_dict("records") if not explains(explained.misses.get(row["id"]), row["reason"])]
    if open_:
        lines = "; ".join(f"{row['id']} ({row['statistic'][:60]}, published {row['published']}, simulated {row['readings']}, "
                          f"{row['reason'].split(';')[0]})" for row in open_)
        raise InputError(f"{len(open_)} misses without an explanation: {lines}", file=FILE, key="misses")
    return sorted(set(explained.misses) - set(missed["id"]))


def explains(explanation: Explanation | None, reason: str) -> bool:
    """Whether an explanation is for the side on which a fact was missed.

    Args:
        explanation: The explanation, None without one.
        reason: Reason of the verdict; its first part is the side.
    """
    return explanation is not None and explanation.side in reason.split(";")[0]


def group_of(lens: str, groups: Mapping[str, list[str]]) -> str:
    """Group of a fact by its lens."""
    return next((name for name, words in groups.items() if any(word in lens for word in words)), OTHER)
