"""A second model that goes on from where a first one stands, in another world that has been the same so far.

Everything that a model writes is copied. What belongs to the world (drivers, programmes, agencies) is made from the new scenario, and rows
of programmes are renumbered where the two worlds have different lists. So a branch gives to the last bit what its scenario gives from
the first year on.
"""

from __future__ import annotations

import copy
from typing import Any

import mesa
import numpy as np

from expansion_sim.agents.columnar_model import ColumnarModel
from expansion_sim.agents.cooperative import Cooperative
from expansion_sim.agents.host import Host
from expansion_sim.agents.municipality import Municipality
from expansion_sim.agents.parent_firm import ParentFirm
from expansion_sim.agents.support_agency import SupportAgency
from expansion_sim.compat import mesa_agents
from expansion_sim.errors import InputError
from expansion_sim.population.population import write_rows_of_programmes
from expansion_sim.population.schema import copied

#: Attributes of a model that follow from its scenario, and those taken over in a way of their own.
_OF_THE_SCENARIO = {"spec", "scale", "first_year", "last_year", "drivers", "appreciation", "programmes", "host_drivers", "agency_of_row"}
_TAKEN_OVER = {"world", "population", "success", "recorder", "snapshot_sink"}
#: Agents that every world has, in a number that does not depend on the scenario.
_EVERYWHERE = (ParentFirm, Host, Municipality)
_OF_THE_AGENT = {"model", "unique_id", "programmes"}


def branches(model_class: Any) -> bool:
    """Whether runs of a class may share their past: it says itself how to branch. A subclass may have a state that its base does not copy."""
    return "branch" in vars(model_class) if isinstance(model_class, type) else False


def branch(model: Any, scenario: Any) -> Any:
    """A new, independent model of another scenario that goes on from this model's year.

    Its results are to the last bit those of the scenario from its first year on; what was changed from outside is copied with the
    state. Snapshots are kept, not handed to this model's ``snapshot_sink``.

    Args:
        model: The model; it is not changed, and neither writes what the other reads.
        scenario: A Scenario whose world cannot differ from this one's up to this model's year, see
            :func:`expansion_sim.scenario.divergence.first_difference`. Its seed is left aside: the branch has this model's.

    Raises:
        InputError: The worlds can differ earlier, or the scenario ends before this model's year.
        TypeError: The model has agents of a class that is not known here.
    """
    check_common_past(model, scenario)
    twin = object.__new__(type(model))
    ColumnarModel.__init__(twin, rng=model.seed)
    rows = _open_world(model, twin, scenario)
    known = _found_agents(model, twin)
    names = [name for name in vars(model) if name not in vars(twin) and name not in _OF_THE_SCENARIO | _TAKEN_OVER]
    vars(twin).update({name: _second_of(vars(model)[name], known) for name in names})
    twin.recorder = model.recorder.branched(scenario.years.last, [programme.name for programme in twin.programmes], rows)
    moved = rows if renumbers(rows) else None
    twin.population = model.population.with_programmes(moved)
    if moved is not None:
        _renumber(twin, moved)
    _go_on(model, twin)
    return twin


def _second_of(value: Any, known: dict[int, Any]) -> Any:
    """A copy of a part of the state; records of firms by their bytes, see population.schema.copied."""
    if type(value) is np.ndarray and value.dtype.names and value.flags.c_contiguous and not value.dtype.hasobject:
        return copied(value)
    return copy.deepcopy(value, known)


def check_common_past(model: Any, scenario: Any) -> None:
    """Refuse a world that this model's past is not the past of.

    Raises:
        InputError: As said.
    """
    from expansion_sim.scenario.divergence import first_difference  # the schema of scenarios is not needed to import the model

    if model.year > scenario.years.last:
        raise InputError(f"a world that ends in {scenario.years.last} cannot branch off from the end of {model.year}")
    year = first_difference(model.spec, scenario, seed=model.seed)
    if year is not None and year <= max(model.year, model.first_year):
        raise InputError(f"the worlds can differ from {year} on, and the model stands at the end of {model.year}: branch off before")


def _open_world(model: Any, twin: Any, scenario: Any) -> np.ndarray:
    """What the new scenario says of the world; returns the new row of each old programme, see :func:`rows_of`."""
    from expansion_sim.scenario.divergence import appreciation_of, drivers_of, programmes_of

    twin.spec, twin.scale, twin.snapshot_sink = scenario, scenario.scale, None
    twin.first_year, twin.last_year = scenario.years.first, scenario.years.last
    twin.drivers = copy.deepcopy(drivers_of(scenario, model.seed))
    twin.appreciation = appreciation_of(scenario, twin.drivers)
    twin.host_drivers = twin.drivers.year(max(model.year, model.first_year))[1]
    twin.programmes, twin.agency_of_row = list(programmes_of(scenario)), {}
    twin.world = model.world.copy()
    rows = rows_of(model.programmes, twin.programmes)
    twin.success = np.ones(len(twin.programmes))
    old = np.flatnonzero(rows[:-1] >= 0)
    twin.success[rows[old]] = model.success[old]
    return rows


def rows_of(before: list[Any], after: list[Any]) -> np.ndarray:
    """Row in one list of programmes of each programme of another list, shape (n + 1,); -1 where there is none, and for row -1."""
    from expansion_sim.scenario.divergence import identity

    places = {identity(programme): row for row, programme in enumerate(after)}
    return np.array([*(places.get(identity(programme), -1) for programme in before), -1], np.int64)


def renumbers(rows: np.ndarray) -> bool:
    """Whether any programme that both worlds have stands in another row."""
    return bool(((rows >= 0) & (rows != np.arange(rows.size))).any())


# --- agents ---------------------------------------------------------------------------------------------------------------


def _found_agents(model: Any, twin: Any) -> dict[int, Any]:
    """Agents of the new world in the state of the old ones; returns what a copy has in place of what, by identity of the old.

    Raises:
        TypeError: An agent of another class.
    """
    known: dict[int, Any] = {id(model): twin, id(model.demography.design): model.demography.design}
    twin._found_agents()
    if not model.has_deferred:
        twin.make_deferred()  # somebody has asked for all agents here, and may have left something with them
    by_type = mesa.Model.agents_by_type.fget(model)  # without the firms
    pairs = [pair for kind in _EVERYWHERE for pair in zip(model.made_agents(kind), twin.made_agents(kind), strict=True)]
    pairs += _agencies(model, twin)
    shift = len(mesa_agents(twin)) - (len(mesa_agents(model)) - len(by_type.get(Cooperative, ())))
    for group in by_type.get(Cooperative, ()):
        pairs.append((group, _second(group, twin, group.unique_id - shift)))
    strangers = [kind.__name__ for kind in by_type if kind not in (*_EVERYWHERE, SupportAgency, Cooperative)]
    if strangers:
        raise TypeError(f"a model with agents of class {strangers[0]} cannot branch: nobody knows what they hold")
    twin._next_id = model._next_id - shift
    known |= {id(old): new for old, new in pairs}
    for old, new in pairs:
        _copy_state(old, new, known)
    return known


def _agencies(model: Any, twin: Any) -> list[tuple[Any, Any]]:
    """Agencies that both worlds have; those of the new one alone have done nothing so far."""
    before, after = ({agency.name: agency for agency in each.agency_of_row.values()} for each in (model, twin))
    return [(agency, after[name]) for name, agency in before.items() if name in after]


def _second(group: Cooperative, twin: Any, unique_id: int) -> Cooperative:
    """A cooperative without state in the new model."""
    second = object.__new__(type(group))
    second.model, second.unique_id = twin, unique_id
    twin.register_agent(second)
    second.unique_id = unique_id  # registration gives a number of its own
    return second


def _copy_state(old: Any, new: Any, known: dict[int, Any]) -> None:
    state = vars(new)
    for name, value in vars(old).items():
        if name not in _OF_THE_AGENT:
            state[name] = value if isinstance(value, (int, float, str)) else copy.deepcopy(value, known)


# --- rows of programmes, and Mesa's own ---------------------------------------------------------------------------------------


def _renumber(twin: Any, rows: np.ndarray) -> None:
    """Write the new rows of programmes wherever the state names one; the firms have them."""
    last = vars(twin)  # the year's own tables, which a model before its first year does not have
    for firms in (*twin.snapshots.values(), *(last[name] for name in ("told",) if name in last)):
        renumber_firms(firms, rows)
    for table in (*twin.promises, *twin.applications, *(last[name] for name in ("programme_table",) if name in last)):
        table["programme"] = rows[table["programme"]]
    twin.registered = [(int(rows[row]), where, ids) for row, where, ids in twin.registered]
    if "served" in last:
        twin.served = [(int(rows[row]), firms) for row, firms in twin.served]


def renumber_firms(firms: np.ndarray, rows: np.ndarray) -> None:
    """Write new rows of programmes into records of firms.

    Args:
        firms: Shape (n,), FIRM_DTYPE, changed in place.
        rows: See :func:`rows_of`.
    """
    write_rows_of_programmes(firms, rows)


def _go_on(model: Any, twin: Any) -> None:
    """Mesa's own counters and random numbers; whether the last year has come."""
    for name in ("steps", "time"):
        if name in vars(model):
            setattr(twin, name, getattr(model, name))
    twin.random.setstate(model.random.getstate())
    twin.rng.bit_generator.state = model.rng.bit_generator.state
    twin.running = twin.year < twin.last_year
