"""The recorded programmes in the words of a scenario file, so that a scenario can change single terms of one."""

from __future__ import annotations

from typing import Any

from expansion_sim.codes import HOSTS, INDUSTRIES, MODES
from expansion_sim.policy.programmes import Programme, historical_programmes

#: Instruments whose stated rate is a cover.
_COVERS = ("loan_guarantee", "insurance")


def recorded_programmes() -> dict[str, dict[str, Any]]:
    """Terms of every recorded programme under its id and under its name; only what the record states."""
    found = {}
    for programme in historical_programmes():
        found[programme.id] = found[programme.name] = programme_terms(programme)
    return found


def programme_terms(programme: Programme) -> dict[str, Any]:
    """The keys of :class:`expansion_sim.scenario.spec.ProgrammeSpec` that say what ``programme`` says."""
    percent = None if programme.rate is None else round(100.0 * programme.rate, 6)
    terms = {
        "name": programme.name, "id": programme.id, "agency": programme.agency, "instrument": programme.instrument,
        "start_year": programme.start, "end_year": programme.end, "places_per_year": programme.places,
        "cover_percent" if programme.instrument in _COVERS else "rate_percent": percent,
        "cap_million_yen": programme.cap,
        "rate_discount_points": None if programme.discount is None else round(100.0 * programme.discount, 6),
        "modes": [MODES[mode] for mode in programme.modes],
        "hosts": [] if len(programme.hosts) == len(HOSTS) else [HOSTS[host] for host in programme.hosts],
        "industries": [INDUSTRIES[industry] for industry in programme.industries],
        "local": programme.local, "small_only": programme.small_only, "condition_keep_home_plant": programme.keep_home_plant,
        "selection": programme.selection,
    }
    return {name: value for name, value in terms.items() if value is not None}
