"""What is kept of a run: names such as ``yearly:firms_in_mode{mode=fdi}``, checked before anything runs, and their measures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from expansion_sim.codes import INDUSTRIES, MODES, SIZE_CLASSES, SIZE_EDGES
from expansion_sim.errors import InputError, allowed_names
from expansion_sim.population.schema import BY_NAME as COLUMNS
from expansion_sim.results.frames import DIMENSIONS
from expansion_sim.results.measures import FIRMS_IN_HOST, FIRMS_IN_MODE, STOCKS, UNITS

#: Numbers of the whole economy that the model records beside the declared measures, with their units.
SCALARS = {
    "parents_abroad_share": "share",
    "parents_offshore_share": "share",
    "cooperative_candidates": "firms",
    "cooperatives_founded": "groups",
}
KINDS = ("yearly", "survey", "fact", "deviation", "hit", "programme", "share", "final")
PROGRAMME_COLUMNS = ("applications", "awards", "spending_million_yen")
#: Quantiles kept of a firm's variable, in percent.
QUANTILES = (1, *range(5, 100, 5), 99)
_DISTRIBUTION = (*(f":q{level:02d}" for level in QUANTILES), ":mean", ":firms")
_NAME = re.compile(r"(?P<kind>[^:{}]+):(?P<name>[^{}]+?)(?:\{(?P<labels>[^{}]*)\})?")

_STOCK_MARGINS = ((), ("industry",), ("size_class",), ("industry", "size_class"))
_FLOW_MARGINS = (
    (),
    ("industry",),
    ("mode",),
    ("host",),
    ("mode", "industry"),
    ("mode", "host"),
    ("host", "industry"),
    ("mode", "host", "industry"),
    ("mode", "size_class"),
)
_MODE_MARGINS = (("mode",), ("industry", "mode"), ("size_class", "mode"))
_HOST_MARGINS = (("mode", "host"), ("industry", "mode", "host"))

#: Values of one outcome: years and values of the same shape; year 0 for an outcome of the whole run.
Measured = tuple[np.ndarray, np.ndarray]
Labels = dict[str, tuple[str, ...]]


class Outcome(NamedTuple):
    """One kept outcome.

    Attributes:
        name: Name in the store.
        unit: Unit of the values.
        measure: Function of a run -> list of (suffix of the name, years, values).
        optional: Whether it may have no value in a run: a survey without anybody in its frame, a fact that does not occur.
        suffixes: What is added to the name in the store, one per series that it gives.
    """

    name: str
    unit: str
    measure: Callable[[Any], Iterator[tuple[str, np.ndarray, np.ndarray]]]
    optional: bool
    suffixes: tuple[str, ...] = ("",)


class OutcomeSet:
    """The outcomes of an experiment; pickled by their names.

    Args:
        first: First year of the runs.
        last: Last year of the runs.

    Attributes:
        outcomes: What is kept, in order.
        surveys: Whether the runs must take surveys.
        firms_years: Years in which the runs must keep their firms.
    """

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last
        self.outcomes: list[Outcome] = []
        self.surveys = False
        self.firms_years: set[int] = set()
        self._added: list[tuple[str, tuple[int, ...]]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by names: measures are functions made on the spot."""
        return _restored, (self.first, self.last, self._added)

    def add(self, text: str, years: tuple[int, ...] = ()) -> None:
        """Keep an outcome.

        Args:
            text: Its name, with ``*`` for all surveys, facts or programmes.
            years: Years kept; all when empty.

        Raises:
            InputError: A name that is not known, or labels that were not recorded together.
        """
        match = _NAME.fullmatch(text)
        if match is None or match["kind"] not in KINDS:
            kind = text.partition(":")[0]
            raise InputError(f"{text!r} is no outcome; it starts with a kind and a colon: {allowed_names(kind, KINDS)}")
        labels = _labels(match["labels"] or "", text)
        kept = tuple(sorted(years))
        if kept and not any(self.first <= year <= self.last for year in kept):
            raise InputError(f"{text!r}: none of {', '.join(map(str, kept))} is simulated; runs are {self.first} to {self.last}")
        for name in _expanded(match["kind"], match["name"], self.first, self.last):
            full = f"{match['kind']}:{name}" + (f"{{{match['labels']}}}" if match["labels"] else "")
            if any(outcome.name == full for outcome in self.outcomes):
                raise InputError(f"{full!r} stands twice")
            self.outcomes.append(getattr(self, f"_{match['kind']}")(full, name, labels, kept))
        self._added.append((text, years))

    @property
    def units(self) -> dict[str, str]:
        """Unit by name in the store."""
        return {outcome.name + suffix: outcome.unit for outcome in self.outcomes for suffix in outcome.suffixes}

    def _yearly(self, full: str, name: str, labels: Labels, years: tuple[int, ...]) -> Outcome:
        _known(name, (*UNITS, *SCALARS), "measure")
        _check_margin(name, labels)

        def measure(run: Any) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
            at, values = run.series(name, since=min(years, default=0), **labels)
            kept = np.isin(at, years) if years else slice(None)
            yield "", at[kept], values[kept]

        return Outcome(full, UNITS.get(name, SCALARS.get(name, "")), measure, False)

    def _survey(self, full: str, name: str, labels: Labels, years: tuple[int, ...]) -> Outcome:
        from expansion_sim.validation.surveys import BY_NAME

        _no_labels(full, labels)
        _known(name, tuple(BY_NAME), "survey")
        self.surveys = True
        asked = BY_NAME[name].years
        taken = np.array([year for year in asked if self.first <= year <= self.last and (not years or year in years)], int)
        if not taken.size:
            raise InputError(f"the survey {name!r} is taken in {', '.join(map(str, asked))}, none of which is kept")

        def measure(run: Any) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
            rows = run.surveys[run.surveys["survey"] == name]
            yield "", taken, rows.set_index("year")["value"].reindex(taken).to_numpy(float)

        return Outcome(full, BY_NAME[name].unit, measure, True)

    def _fact(self, full: str, name: str, labels: Labels, years: tuple[int, ...]) -> Outcome:
        return self._of_fact(full, name, labels, lambda values, fact: float(values.mean(axis=0)[0]))

    def _deviation(self, full: str, name: str, labels: Labels, years: tuple[int, ...]) -> Outcome:
        outcome = self._of_fact(full, name, labels, lambda values, fact: _tolerance(fact).deviation(values.mean(axis=0)))
        return outcome._replace(unit="half-widths of the tolerance")

    def _hit(self, full: str, name: str, labels: Labels, years: tuple[int, ...]) -> Outcome:
        outcome = self._of_fact(full, name, labels, lambda values, fact: float(_tolerance(fact).holds(values)))
        return outcome._replace(unit="0/1")

    def _of_fact(self, full: str, name: str, labels: Labels, number: Callable[[np.ndarray, Any], float]) -> Outcome:
        """A number about one published fact, through the lens and the rule that validation uses."""
        _no_labels(full, labels)
        facts = _facts()
        _known(name, tuple(facts), "fact")
        fact = facts[name]
        self.surveys = True

        def measure(run: Any) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
            values = _reading(run, name)
            yield "", np.zeros(1, int), np.array([np.nan if values is None else number(values, fact)])

        return Outcome(full, fact["unit"], measure, True)

    def _programme(self, full: str, name: str, labels: Labels, years: tuple[int, ...]) -> Outcome:
        _no_labels(full, labels)
        programme, _, column = name.rpartition(":")
        _known(column, PROGRAMME_COLUMNS, "column of programmes")
        names = _programme_names(programme)

        def measure(run: Any) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
            first, last = run.years
            span = np.arange(first, last + 1)
            totals = run.programme_totals(column, names, span)
            kept = np.isin(span, years) if years else slice(None)
            yield "", span[kept], totals[kept]

        return Outcome(full, "million yen 2015 a year" if column == PROGRAMME_COLUMNS[-1] else "firms a year", measure, False)

    def _share(self, full: str, name: str, labels: Labels, years: tuple[int, ...]) -> Outcome:
        """Share of firms using a mode, seen through a lens, percent; at the end unless years are named."""
        from expansion_sim.validation import measures
        from expansion_sim.validation.lenses import LENSES
        from expansion_sim.validation.snapshot import Snapshot

        _known(name, (*MODES, "abroad"), "mode")
        lens = _single(full, labels, "lens", tuple(LENSES))
        statistic = measures.share_abroad if name == "abroad" else measures.share_using(MODES.index(name))
        kept = self._with_firms(years)

        def measure(run: Any) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
            snapshots = [Snapshot(run.snapshots[year], year, run.snapshots[year]["alive"] == 1) for year in kept]
            yield "", np.array(kept), np.array([statistic(firms, firms.weights(LENSES[lens].weights)) for firms in snapshots])

        return Outcome(full, "percent", measure, True)

    def _final(self, full: str, name: str, labels: Labels, years: tuple[int, ...]) -> Outcome:
        """Weighted quantiles, mean and number of firms of a state variable at the end of a year."""
        scalars = tuple(column for column in COLUMNS if not COLUMNS[column].shape)
        _known(name, scalars, "variable of firms")
        _check_labels(full, labels, {"industry": INDUSTRIES, "size_class": SIZE_CLASSES, "mode": MODES})
        kept = self._with_firms(years)

        def measure(run: Any) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
            each = [_distribution(run.snapshots[year], name, labels) for year in kept]
            for position, suffix in enumerate(_DISTRIBUTION):
                yield suffix, np.array(kept), np.array([values[position] for values in each])

        return Outcome(full, COLUMNS[name].unit, measure, True, _DISTRIBUTION)

    def _with_firms(self, years: tuple[int, ...]) -> tuple[int, ...]:
        kept = tuple(year for year in years if self.first <= year <= self.last) or (self.last,)
        self.firms_years.update(kept)
        return kept


def _restored(first: int, last: int, added: list[tuple[str, tuple[int, ...]]]) -> OutcomeSet:
    outcomes = OutcomeSet(first, last)
    for text, years in added:
        outcomes.add(text, years)
    return outcomes


def _labels(text: str, outcome: str) -> Labels:
    """``mode=fdi,host=CHN|VNM`` as dimension -> labels to be added up."""
    found: Labels = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise InputError(f"{outcome!r}: {part!r} must be dimension=label, such as mode=fdi")
        found[name.strip()] = tuple(label.strip() for label in value.split("|"))
    return found


def _expanded(kind: str, name: str, first: int, last: int) -> list[str]:
    """The names that ``*`` stands for."""
    if name != "*":
        return [name]
    if kind == "survey":
        from expansion_sim.validation.surveys import BY_NAME

        return [survey for survey in BY_NAME if any(first <= year <= last for year in BY_NAME[survey].years)]
    if kind in ("fact", "deviation", "hit"):
        from expansion_sim.validation.unanswered import NOT_HELD

        return [fact for fact in _facts() if fact not in NOT_HELD]
    raise InputError(f"'*' stands for all surveys or facts, not for {kind} outcomes")


def _known(name: str, allowed: tuple[str, ...], what: str, listed: int = 20) -> None:
    """Refuse a name that is not allowed; up to ``listed`` names are told."""
    if name not in allowed:
        raise InputError(f"no {what} {name!r}; {allowed_names(name, allowed, listed)}".rstrip("; "))


def _no_labels(full: str, labels: Labels) -> None:
    if labels:
        raise InputError(f"{full!r} takes nothing in braces")


def _single(full: str, labels: Labels, dimension: str, allowed: tuple[str, ...]) -> str:
    if tuple(labels) != (dimension,) or len(labels[dimension]) != 1:
        raise InputError(f"{full!r} needs {{{dimension}=...}} in braces, and nothing else")
    _known(labels[dimension][0], allowed, dimension, len(allowed))
    return labels[dimension][0]


def _check_labels(full: str, labels: Labels, allowed: dict[str, tuple[str, ...]]) -> None:
    for dimension, values in labels.items():
        _known(dimension, tuple(allowed), "dimension")
        for value in values:
            _known(value, allowed[dimension], dimension)


def _check_margin(measure: str, labels: Labels) -> None:
    """Refuse labels whose combination is not recorded: the table would read as zero."""
    _check_labels(measure, labels, {name: values[1:] for name, values in DIMENSIONS.items()})
    if measure in SCALARS:
        margins: tuple[tuple[str, ...], ...] = ((),)
    elif measure in STOCKS:
        margins = _STOCK_MARGINS
    else:
        margins = {FIRMS_IN_MODE: _MODE_MARGINS, FIRMS_IN_HOST: _HOST_MARGINS}.get(measure, _FLOW_MARGINS)
    if set(labels) not in [set(margin) for margin in margins]:
        told = "; ".join(" and ".join(margin) or "no dimension" for margin in margins)
        raise InputError(f"{measure!r} is not recorded by {' and '.join(labels) or 'no dimension'} (recorded: {told})")


@cache
def _facts() -> dict[str, dict[str, str]]:
    from expansion_sim.validation.validate import load_targets

    rows = load_targets().astype(str).to_dict("records")
    return {str(row["id"]): {str(name): str(value) for name, value in row.items()} for row in rows}


def _tolerance(fact: dict[str, str]) -> Any:
    from expansion_sim.validation.tolerance import parse_tolerance

    return parse_tolerance(fact["tolerance"], fact["value"], fact["unit"])


def _reading(run: Any, name: str) -> np.ndarray | None:
    """Readings of a fact, shape (replications, readings); None where the run does not hold it."""
    from expansion_sim.validation.tables import NotComputed, RunTables
    from expansion_sim.validation.validate import read

    try:
        return read(name, RunTables(run)).values
    except NotComputed:
        return None


class ProgrammeAsked(NamedTuple):
    """One programme that an outcome is about: names and ids that it may have, and the column of the table of programmes."""

    names: frozenset[str]
    column: str


def programme_asked(text: str) -> ProgrammeAsked | None:
    """The single programme that an outcome such as ``programme:P02:awards`` is about; None for all programmes and other outcomes."""
    kind, _, name = text.partition(":")
    programme, _, column = name.rpartition(":")
    names = _programme_names(programme) if kind == "programme" else None
    return None if names is None else ProgrammeAsked(frozenset(names), column)


def _programme_names(programme: str) -> set[str] | None:
    """Labels that a programme may have in the table; None for all programmes."""
    if programme == "*":
        return None
    recorded = _recorded_programmes()
    for known in recorded:
        if programme in known:
            return set(known)
    if re.fullmatch(r"P\d+", programme):
        _known(programme, tuple(identity for identity, _ in recorded), "programme")
    return {programme}  # a programme of the scenario's own


@cache
def _recorded_programmes() -> tuple[tuple[str, str], ...]:
    """Identity and name of every programme of the record; a worker makes the outcomes anew for each of its tasks."""
    from expansion_sim.policy.record import historical_programmes

    return tuple((programme.id, programme.name) for programme in historical_programmes())


def _distribution(firms: np.ndarray, name: str, labels: Labels) -> list[float]:
    """Quantiles, mean and number of the living firms with the given labels; NaN without any."""
    from expansion_sim.validation.estimators import mean

    chosen = firms[(firms["alive"] == 1) & _with_labels(firms, labels)]
    values, weights = chosen[name].astype(float), chosen["weight"].astype(float)
    if not values.size:
        return [np.nan] * (len(QUANTILES) + 1) + [0.0]
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order])
    at = np.searchsorted(cumulated, np.array(QUANTILES) / 100.0 * cumulated[-1] * (1 - 1e-12))
    return [*values[order][at].tolist(), mean(values, weights), float(weights.sum())]


def _with_labels(firms: np.ndarray, labels: Labels) -> np.ndarray:
    from expansion_sim.validation.measures import uses_any
    from expansion_sim.validation.snapshot import Snapshot

    inside = np.ones(len(firms), bool)
    for dimension, names in labels.items():
        if dimension == "industry":
            inside &= np.isin(firms["industry"], [INDUSTRIES.index(name) for name in names])
        elif dimension == "size_class":
            size = np.searchsorted(SIZE_EDGES, firms["employees"], side="right")
            inside &= np.isin(size, [SIZE_CLASSES.index(name) for name in names])
        else:
            inside &= uses_any(Snapshot(firms, 0), [MODES.index(name) for name in names])
    return inside
