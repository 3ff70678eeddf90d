"""In which year two worlds with the same draws can first differ, so that the years before need to be simulated only once.

The answer leans on what a model is given, never on what it does: parameters, switches, sampling, the drivers of every year and the
programmes of every year. What is not known to be harmless counts from the first year. The answer may be too early, never too late.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from expansion_sim.behaviour.tables import industry_table, remembered_appreciation
from expansion_sim.history import load_history
from expansion_sim.history.drivers import Drivers, build_drivers
from expansion_sim.parameters import parameters_record
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.record import stated_programmes
from expansion_sim.scenario.spec import Scenario

#: Levers whose programmes get a part of the money whether they are open or not (policy.entitlements.shares_of).
WEIGHED_WHEN_CLOSED = ("reserve",)


def first_difference(one: Scenario, other: Scenario, seed: int | None = None) -> int | None:
    """First year in which two worlds can differ, what was founded before the first year included.

    Args:
        one: A scenario.
        other: Another one.
        seed: Key of all draws of both; None for the seeds of the scenarios, which must be the same for a common past.

    Returns:
        The year, proven from what the worlds are given and so perhaps too early; None when nothing differs in the years that both
        have. The worlds agree in all results of the years before: tables, snapshots and state of every firm.
    """
    first = min(one.years.first, other.years.first)
    if (seed is None and one.seed != other.seed) or fixed_from_the_start(one) != fixed_from_the_start(other):
        return first
    years = range(first, min(one.years.last, other.years.last) + 1)
    seed = one.seed if seed is None else seed
    kept = set(one.output.firms_years) ^ set(other.output.firms_years)
    found = [min(kept, default=None), _drivers_differ(one, other, seed, years),
             programmes_differ(programmes_of(one), programmes_of(other), years)]
    return min((year for year in found if year is not None and year in years), default=None)


def fixed_from_the_start(scenario: Scenario) -> tuple[Any, ...]:
    """What two worlds must share to have any past in common; can be hashed.

    The switch of programmes only says whether there are any. What is told of a scenario (name, title, figures, number of replications)
    says nothing about one run.
    """
    values, switches = constants(tuple(sorted(scenario.parameters.items()))), scenario.mechanisms.model_copy(update={"programmes": True})
    reach = tuple((agency.name, agency.offices, agency.experts) for agency in scenario.support.agency)
    return scenario.years.first, scenario.scale, scenario.population, switches, scenario.output.surveys, values, reach


@lru_cache(maxsize=256)
def constants(parameters: tuple[tuple[str, float], ...]) -> tuple[bytes, bytes]:
    """Parameter record and industries of some parameters of a scenario, as the bytes that a model is given."""
    given = dict(parameters)
    return parameters_record(given).tobytes(), industry_table(given).tobytes()


# --- drivers --------------------------------------------------------------------------------------------------------------


def drivers_of(scenario: Scenario, seed: int) -> Drivers:
    """Drivers of a scenario, not to be changed; built once for all worlds that share them.

    Args:
        scenario: The scenario.
        seed: Key of the draws, which only a future drawn from the past needs.
    """
    drawn = seed if scenario.drivers.future == "bootstrap" else 0
    return _built(scenario.drivers, scenario.years.first, scenario.years.last, drawn)


@lru_cache(maxsize=128)
def _built(spec: Any, first: int, last: int, seed: int) -> Drivers:
    return build_drivers(load_history(), spec, first, last, seed)


def appreciation_of(scenario: Scenario, drivers: Drivers) -> np.ndarray:
    """What firms remember of the yen's rise in every year, shape (years,); it looks a year ahead."""
    memory = float(parameters_record(scenario.parameters)[0]["attention_memory"])
    return remembered_appreciation(drivers.japan["yen_change"], memory)


def _drivers_differ(one: Scenario, other: Scenario, seed: int, years: range) -> int | None:
    """First year whose drivers differ; a year reads its own and earlier ones."""
    if one.drivers == other.drivers and one.years.last == other.years.last:
        return None
    number, unlike = len(years), np.zeros(len(years), bool)
    sides = [(drivers_of(world, seed), world) for world in (one, other)]
    here, there = ((drivers.japan, drivers.hosts, appreciation_of(world, drivers)) for drivers, world in sides)
    for left, right in zip(here, there, strict=True):
        rows = np.asarray(left[:number] != right[:number])
        unlike |= rows.reshape(number, -1).any(axis=1)
    return years[int(np.argmax(unlike))] if unlike.any() else None


# --- programmes -----------------------------------------------------------------------------------------------------------


def programmes_of(scenario: Scenario) -> tuple[Programme, ...]:
    """Programmes of a scenario by row."""
    return stated_programmes(scenario.support) if scenario.mechanisms.programmes else ()


def identity(programme: Programme) -> tuple[str, str]:
    """What makes a programme the same one in two worlds: its id keys its draws, its name stands in the tables."""
    return programme.id, programme.name


@lru_cache(maxsize=1024)  # every branch asks twice, and every replication of a sweep for the same lists
def programmes_differ(one: tuple[Programme, ...], other: tuple[Programme, ...], years: range) -> int | None:
    """First year in which programmes act differently.

    A programme that only one world has counts from the year in which it opens. Until then it moves the rows of those behind it and
    nothing else: programmes are gone through in order, one that is closed adds nothing to any sum, and its row is only a label. So what
    both have must stand in the same order.
    """
    here, there = ({identity(programme): programme for programme in programmes} for programmes in (one, other))
    if len(here) < len(one) or len(there) < len(other):
        return years[0]
    if [key for key in here if key in there] != [key for key in there if key in here]:
        return years[0]
    found = (programme_differs(here.get(key), there.get(key), years) for key in {**here, **there})
    return min((year for year in found if year is not None), default=None)


def programme_differs(one: Programme | None, other: Programme | None, years: Iterable[int]) -> int | None:
    """First year in which one programme acts differently in two worlds; None for a world that does not have it."""
    if one == other:
        return None
    years = list(years)
    if _weighed_when_closed(one) != _weighed_when_closed(other):
        return years[0]
    return next((year for year in years if _acting(one, year) != _acting(other, year)), None)


def _weighed_when_closed(programme: Programme | None) -> tuple[Any, ...] | None:
    """What is read of a programme in years in which it is closed, beside its row."""
    if programme is None or programme.lever not in WEIGHED_WHEN_CLOSED:
        return None
    return programme.instrument, programme.modes


def _acting(programme: Programme | None, year: int) -> tuple[Any, ...] | None:
    """All that is read of a programme in a year, in which it may be closed: terms as stated and as they hold in the year.

    Advice with places asks whether any of its values is dated (policy.registration.open_part).
    """
    if programme is None or not programme.open_in(year):
        return None
    plain = {"start": 0, "end": None, "dated": ()}
    dated = bool(programme.dated) and programme.registers
    return replace(programme, **plain), replace(programme.at(year), **plain), dated  # type: ignore[arg-type]
