"""Terms that a scenario states and that act on nothing in it: legal, but most likely not what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from expansion_sim.codes import HOME
from expansion_sim.errors import InputError
from expansion_sim.policy.instruments import INSTRUMENTS, SERVING, USUAL_KEYS
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.record import stated_programmes
from expansion_sim.policy.usual import acting_keys
from expansion_sim.scenario.marked import Place
from expansion_sim.scenario.spec import Scenario

#: Key of ``[[support.instrument]]`` -> key by which one programme states the same itself.
_OWN_KEY = {"strength": "rate_percent", "receivables_cover_percent": "cover_percent", "mutual_cover_percent": "cover_percent"}
_REACH = "support.local.reach_percent"
_MOST_NAMED = 5


class Stated:
    """Terms of whole instruments that a scenario states, told apart by whether they act.

    Args:
        scenario: The scenario.
        origins: Dotted key -> ``file:line`` or ``--set``, as :class:`expansion_sim.scenario.load.Traced` has them.

    Attributes:
        acting: Keys such as ``support.instrument.advice.strength`` that act on a programme at least.
        idle: Key -> what is told about a term that acts on none. Both are empty where support is off as a whole.
    """

    def __init__(self, scenario: Scenario, origins: Mapping[str, str]) -> None:
        self.acting: set[str] = set()
        self.idle: dict[str, InputError] = {}
        support = scenario.support
        stated = _stated_keys(scenario)
        if not stated or not support.enabled or not scenario.mechanisms.programmes:
            return
        programmes = stated_programmes(support)
        used = acting_keys(programmes)
        for key, (at, words, name, term) in stated.items():
            if key in used:
                self.acting.add(key)
            else:
                place = _place(origins.get(at, scenario.name))
                told = _no_local() if key == _REACH else _why(name, term, programmes)
                self.idle[key] = InputError(f"has no effect: {told}", file=place.file, line=place.line, key=words)


def idle_terms(scenario: Scenario, origins: Mapping[str, str]) -> list[InputError]:
    """What a scenario states of whole instruments that acts on none of its programmes, one line each; see :class:`Stated`."""
    return list(Stated(scenario, origins).idle.values())


def programme_can(column: str, programme: Programme) -> bool:
    """Whether a column of the table of programmes can be other than zero.

    Args:
        column: ``applications``, ``awards`` or ``spending_million_yen``.
        programme: The programme.
    """
    if column != "spending_million_yen":
        return programme.awards or programme.registers
    serves = programme.lever in SERVING and programme.cost_per_use > 0.0
    return programme.awards or serves or programme.lever == "cover" or programme.agreement_help > 0.0


def always_zero(column: str, names: Iterable[str], worlds: Sequence[Scenario]) -> str:
    """Why a column of one programme is zero in every one of some worlds; empty where it need not be.

    Args:
        column: As for :func:`programme_can`.
        names: Names and ids that the programme may have.
        worlds: Scenarios in which it is looked at.
    """
    wanted = set(names)
    found = {p for world in worlds if world.support.enabled for p in stated_programmes(world.support) if {p.id, p.name} & wanted}
    if not found:
        return "it is 0 in every run: no world of this experiment has this programme; name one that it has, by id or name"
    if any(programme_can(column, programme) for programme in found):
        return ""
    kinds = " or ".join(sorted({programme.instrument for programme in found}))
    paying = sorted(programme.id for programme in found if programme_can("spending_million_yen", programme))
    instead = f"programme:{paying[0]}:spending_million_yen" if paying else "a yearly outcome on which it acts, such as yearly:abroad,"
    why = "pays no firm" if column == "spending_million_yen" else "selects nobody" if kinds != "advice" else "selects nobody without places"
    return f"it is 0 in every run: a programme of the kind {kinds} {why}; keep {instead} instead"


def _stated_keys(scenario: Scenario) -> dict[str, tuple[str, str, str, str]]:
    """Key by name -> (key of its origin, key for messages, instrument, term)."""
    found = {
        f"support.instrument.{entry.name}.{term}": (
            f"support.instrument.{place}.{term}", f"support.instrument[{entry.name}].{term}", str(entry.name), term,
        )
        for place, entry in enumerate(scenario.support.instrument) for term in USUAL_KEYS if getattr(entry, term) is not None
    }
    if scenario.support.local.reach_percent is not None:
        found[_REACH] = (_REACH, _REACH, "", "reach_percent")
    return found


def _place(origin: str) -> Place:
    file, _, line = origin.rpartition(":")
    return Place(file, int(line)) if file and line.isdecimal() else Place(origin)


def _no_local() -> str:
    return "no programme of this world is local or serves single districts; give one of them local = true, or districts"


def _why(instrument: str, term: str, programmes: Iterable[Programme]) -> str:
    """Why a term of an instrument acts on none of the programmes, and what to set instead."""
    mine = [programme for programme in programmes if programme.instrument == instrument]
    if not mine:
        return f"this world has no programme of the kind {instrument}; add one with [[support.programme]], or leave the term out"
    if INSTRUMENTS[instrument].lever in SERVING and term == "strength":
        return f"every {instrument} programme has places and acts on the firms that register alone; {_instead(mine, 'places_per_year')}"
    if INSTRUMENTS[instrument].lever == "insurance":
        home = term == "mutual_cover_percent"
        mine = [programme for programme in mine if any((mode == HOME) == home for mode in programme.modes)]
        if not mine:
            return f"no {instrument} programme serves {'business at home' if home else 'a mode abroad'}; see modes of [[support.programme]]"
    what = "rate" if term == "strength" else "cover" if "cover" in term else term
    return f"every {instrument} programme states its own {what}; {_instead(mine, _OWN_KEY.get(term, term))}"


def _instead(programmes: Sequence[Programme], term: str) -> str:
    ids = [programme.id for programme in programmes]
    others = ", ".join(ids[1:_MOST_NAMED]) + (" and so on" if len(ids) > _MOST_NAMED else "")
    return f"set support.programme.{ids[0]}.{term} instead" + (f" (likewise for {others})" if others else "")
