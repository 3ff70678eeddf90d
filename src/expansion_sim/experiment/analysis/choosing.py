"""Which outcomes of a sweep are shown unless others are named, and which are set against each other as cost and gain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from expansion_sim.experiment.analysis.gaps import leave_out
from expansion_sim.experiment.analysis.observations import Year, bases_of, known_outcome, outcome_names, why_no_sum, why_not

if TYPE_CHECKING:
    from expansion_sim.experiment.results import Results

SPENDING = ":spending_million_yen"
#: Designs whose points stand for nothing by themselves: only their indices are read.
SCREENING = ("morris", "saltelli")
#: Designs whose points are a sample of ranges.
SAMPLED = ("latin_hypercube", "sobol")
#: Most outcomes shown unless others are named.
MOST_OUTCOMES = 8
_MOST_NAMED = 6  # outcomes that a line about those left out names


def is_paired(results: Results) -> bool:
    """Whether the design compares points with a base."""
    return bool(len(bases_of(results.design)))


def distribution_of(outcome: str) -> str:
    """The final distribution that an outcome is part of, such as ``final:employees`` of ``final:employees:q50``; empty for others."""
    if not outcome.startswith("final:"):
        return ""
    stem, _, last = outcome.rpartition(":")
    return stem if (stem != "final" and last in ("mean", "firms")) or (last[:1] == "q" and last[1:].isdigit()) else outcome


def asked_outcome(results: Results, name: str) -> str:
    """The outcome that a name asks for: itself, or the mean of a final distribution.

    Raises:
        InputError: The sweep has no such outcome.
    """
    mean = f"{name}:mean"
    return mean if distribution_of(mean) == name and mean in outcome_names(results) else known_outcome(results, name)


def default_outcomes(results: Results, year: Year = None) -> tuple[str, ...]:
    """The first outcome of everything that the experiment names, then further ones, up to :data:`MOST_OUTCOMES`.

    A final distribution is there with its mean. Left aside are the spending that the front has as its cost, what has no value in any
    run, and what has none in the year asked for (a sum over the years, where it has none).

    Args:
        results: A sweep's results.
        year: Year asked for.
    """
    fronted = has_front(results) and not why_no_front(results, year)
    aside = {cost for cost, _ in fronts(results)} if fronted else set()
    names = [name for name in outcome_names(results) if name not in aside]
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_group(results, name), []).append(name)
    ranked = [_first(group) for group in groups.values()]
    ranked += [name for key, group in groups.items() if not key.startswith("final:") for name in group[1:]]
    chosen: list[str] = []
    for name in ranked:
        if len(chosen) < MOST_OUTCOMES and not why_not(results, name, year) and _has_values(results, name):
            chosen.append(name)
    return tuple(chosen) or tuple(names[:1])


def tell_left_out(results: Results, shown: Sequence[str], year: Year = None) -> None:
    """Say which outcomes are not shown though nobody named others, why, and how to ask for them."""
    seen = {distribution_of(name) or name for name in shown}
    if has_front(results) and not why_no_front(results, year):
        seen |= {cost for cost, _ in fronts(results)}
    rest = list(dict.fromkeys(distribution_of(name) or name for name in outcome_names(results)))
    rest = [name for name in rest if name not in seen]
    if rest:
        more = f" and {len(rest) - _MOST_NAMED} more" if len(rest) > _MOST_NAMED else ""
        leave_out(f"not shown: {', '.join(rest[:_MOST_NAMED])}{more}; ask with --outcome NAME")


def fronts(results: Results, asked: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Outcomes of cost and gain of every front; none without both.

    Args:
        results: A sweep's results.
        asked: Outcomes asked for: the first spending among them is the cost, every other is a gain. Without any, the first spending of the
            sweep, and firms abroad or else the first yearly outcome.
    """
    names = outcome_names(results)
    cost = next((name for name in (*asked, *names) if name.endswith(SPENDING)), None)
    gains = [name for name in asked if not name.endswith(SPENDING)]
    yearly = [name for name in names if name.startswith("yearly:")]
    gains = gains or ["yearly:abroad" if "yearly:abroad" in yearly else name for name in yearly[:1]]
    return [] if cost is None else [(cost, gain) for gain in gains]


def has_front(results: Results) -> bool:
    """Whether cost is set against gain: in paired designs whose points are alternatives, not steps of a screening."""
    return is_paired(results) and bool(fronts(results)) and results.experiment.design.kind not in SCREENING


def why_no_front(results: Results, year: Year = None, asked: Sequence[str] = ()) -> str:
    """Why there is no front in a sweep that could have one: a cost that has no sum, or no gain in the year; else empty."""
    for cost, gain in fronts(results, asked):
        reason = why_no_sum(results, cost) or why_not(results, gain, year)
        if reason:
            return reason
    return ""


def _group(results: Results, name: str) -> str:
    """What the experiment named to keep an outcome: a final distribution, ``fact:*``, or the outcome itself."""
    kind = name.partition(":")[0]
    named = getattr(results.experiment, "outcomes", ()), (each.name for each in getattr(results.experiment, "outcome", ()))
    if any(f"{kind}:*" in texts for texts in map(tuple, named)):
        return f"{kind}:*"
    return distribution_of(name) or name


def _first(group: Sequence[str]) -> str:
    return next((name for name in group if name.startswith("final:") and name.endswith(":mean")), group[0])


def _has_values(results: Results, name: str) -> bool:
    return len(results.table([name], missing="drop")) > 0
