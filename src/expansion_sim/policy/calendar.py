"""Which programmes are open in a year, and with what terms: worked out once for all models that have the same programmes."""

from __future__ import annotations

from functools import lru_cache

from expansion_sim.policy.programmes import Programme


@lru_cache(maxsize=4096)  # sweeps have many lists of programmes, and every one of them its years
def open_in_year(programmes: tuple[Programme, ...], year: int) -> tuple[tuple[int, Programme], ...]:
    """Open programmes with their rows and the terms of the year, see :meth:`Programme.at`.

    Args:
        programmes: All programmes of the scenario.
        year: Calendar year.
    """
    return tuple((row, programme.at(year)) for row, programme in enumerate(programmes) if programme.open_in(year))
