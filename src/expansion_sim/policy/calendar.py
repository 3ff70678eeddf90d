"""Which programmes are open in a year, and with what terms: worked out once for all models that have the same programmes."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from expansion_sim.policy.programmes import Programme


class Ways(NamedTuple):
    """Programmes open in a year by the way in which they reach firms, with the terms of the year.

    Attributes:
        at_large: Those that act on all firms they serve, and those that award but also help with agreements.
        rows: Rows of those that award to single firms.
        single: They themselves.
        joint: Those for which groups apply, with their rows.
    """

    at_large: tuple[Programme, ...]
    rows: tuple[int, ...]
    single: tuple[Programme, ...]
    joint: tuple[tuple[int, Programme], ...]


@lru_cache(maxsize=4096)  # sweeps have many lists of programmes, and every one of them its years
def open_in_year(programmes: tuple[Programme, ...], year: int) -> tuple[tuple[int, Programme], ...]:
    """Open programmes with their rows and the terms of the year, see :meth:`Programme.at`.

    Args:
        programmes: All programmes of the scenario.
        year: Calendar year.
    """
    return _open_since(programmes, _turn_before(programmes, year))


@lru_cache(maxsize=1024)
def _open_since(programmes: tuple[Programme, ...], year: int) -> tuple[tuple[int, Programme], ...]:
    return tuple((row, terms_of(programme, year)) for row, programme in enumerate(programmes) if programme.open_in(year))


def _turn_before(programmes: tuple[Programme, ...], year: int) -> int:
    """The last year up to this one that brought a change of what is open or of its terms; in most years nothing is new."""
    turns = _turns(programmes)
    return turns[bisect_right(turns, year) - 1] if turns and turns[0] <= year else year


@lru_cache(maxsize=1024)
def _turns(programmes: tuple[Programme, ...]) -> list[int]:
    """Years that bring a change, increasing: a programme opens, has its second year, takes other values, or is closed. Not to be changed."""
    years: set[int] = set()
    for programme in programmes:
        years |= {programme.start, programme.start + 1, *(first for first, _, _ in programme.dated)}
        if programme.end is not None:
            years.add(programme.end + 1)
    return sorted(years)


def terms_of(programme: Programme, year: int) -> Programme:
    """:meth:`Programme.at`, the very same programme every time: what is kept by programmes is found faster by the same than by equal ones."""
    return _dated_terms(programme, year) if programme.dated or year == programme.start else programme


@lru_cache(maxsize=4096)
def _dated_terms(programme: Programme, year: int) -> Programme:
    return programme.at(year)


@lru_cache(maxsize=4096)
def ways_in_year(programmes: tuple[Programme, ...], year: int) -> Ways:
    """Open programmes of a year by the way in which they reach firms, see :func:`open_in_year`."""
    return _ways_since(programmes, _turn_before(programmes, year))


@lru_cache(maxsize=1024)
def _ways_since(programmes: tuple[Programme, ...], year: int) -> Ways:
    at_large: list[Programme] = []
    rows: list[int] = []
    single: list[Programme] = []
    joint: list[tuple[int, Programme]] = []
    for row, programme in _open_since(programmes, year):
        acts_at_large, awards, for_groups = _way(programme)
        if acts_at_large:
            at_large.append(programme)
        if for_groups:
            joint.append((row, programme))
        elif awards:
            rows.append(row)
            single.append(programme)
    return Ways(tuple(at_large), tuple(rows), tuple(single), tuple(joint))


@lru_cache(maxsize=4096)
def _way(programme: Programme) -> tuple[bool, bool, bool]:
    """Whether a programme acts at large, whether it awards, and whether groups apply to it."""
    return not programme.awards or programme.agreement_help != 0.0, programme.awards, programme.for_groups
