"""Mesa's AgentSet over agents that are made on demand.

Mesa's own set holds its agents by weak references. Agents made on demand are held by nobody else, so such a set would
be empty as soon as it is made, without a word. :class:`OnDemandSet` overrides every method of Mesa's class that
touches its storage and says the same things (order, rounding, results) about keys from which agents are made.

A subclass gives five things: ``_current`` (an array of keys, one per agent), ``_each`` (agents of keys, those removed
meanwhile left out), ``_new`` (a set of keys), ``_become`` (take over the keys) and ``_from_iterable``.
"""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from math import ceil, inf
from random import Random
from typing import TYPE_CHECKING, Any, Self

import mesa
import numpy as np

from expansion_sim.compat import AgentSet, GroupBy

if TYPE_CHECKING:
    from expansion_sim.agents.columnar_model import ColumnarModel

#: Stands for 'no default: a missing attribute is an error'.
NOTHING = object()


class OnDemandSet(AgentSet):
    """An ordered set of agents of one model; what it returns are again such sets.

    A set that was selected, sorted, shuffled or copied keeps the agents it had, less those removed from the model since.

    Args:
        model: The model of the agents.
    """

    def __init__(self, model: ColumnarModel) -> None:
        self.model = model

    @property
    def random(self) -> Random:
        """The model's own random numbers, as in Mesa."""
        return self.model.random

    # --- what a subclass gives ----------------------------------------------------------------------------------------
    @abstractmethod
    def _current(self) -> np.ndarray:
        """Keys of the agents now in the set, shape (n, ...)."""

    @abstractmethod
    def _each(self, keys: np.ndarray) -> Iterator[tuple[int, mesa.Agent]]:
        """Position and agent of each key, except agents removed in the meantime."""

    @abstractmethod
    def _new(self, keys: np.ndarray) -> OnDemandSet:
        """A set of the agents of these keys."""

    @abstractmethod
    def _become(self, keys: np.ndarray) -> Self:
        """Hold the agents of these keys from now on; returns self."""

    @abstractmethod
    def _from_iterable(self, agents: Iterable[mesa.Agent]) -> OnDemandSet:
        """A set of the given agents, in their order; the standard set operations are built on this."""

    # --- a sequence ---------------------------------------------------------------------------------------------------
    def __iter__(self) -> Iterator[Any]:
        return (agent for _, agent in self._each(self._current()))

    def __reversed__(self) -> Iterator[Any]:
        return (agent for _, agent in self._each(self._current()[::-1]))

    def __getitem__(self, item: Any) -> Any:
        """Return the agent at a position, or the list of agents of a slice; better ``to_list()`` than many of these."""
        if isinstance(item, slice):
            return [agent for _, agent in self._each(self._current()[item])]
        keys = self._current()
        position = operator.index(item)
        if not -len(keys) <= position < len(keys):
            raise IndexError(f"position {position} of a set of {len(keys)} agents")
        position %= len(keys)
        return next(self._each(keys[position : position + 1]))[1]

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Return the position of an agent, as a list does."""
        return self.to_list().index(value, start, len(self) if stop is None else stop)

    def count(self, value: Any) -> int:
        """Return 1 for a member, else 0."""
        return int(value in self)

    def to_list(self) -> list[Any]:
        """Return the agents as a list."""
        return list(self)

    # --- subsets and order --------------------------------------------------------------------------------------------
    def select(
        self,
        filter_func: Callable[[Any], bool] | np.ndarray | list[bool] | None = None,
        at_most: float = inf,
        inplace: bool = False,
        agent_type: type[mesa.Agent] | None = None,
    ) -> Any:
        """Return the agents that pass a test, in order.

        Args:
            filter_func: Test of one agent, or a boolean mask with one element per agent of this set (much faster).
            at_most: The first so many; a float up to 1.0 is a share of this set, rounded down.
            inplace: Keep only these in this set, instead of making a new one.
            agent_type: Only agents of this class.

        Raises:
            ValueError: If a mask is not boolean or not as long as the set.
        """
        keys = self._current()
        most = limit(at_most, len(keys))
        if filter_func is not None and not callable(filter_func):
            keys, filter_func = keys[checked_mask(filter_func, len(keys))], None
        if filter_func is None and agent_type is None:
            chosen: Any = slice(0, most)
        else:
            passing = (
                position
                for position, agent in self._each(keys)
                if (filter_func is None or filter_func(agent)) and (agent_type is None or isinstance(agent, agent_type))
            )
            chosen = _positions(islice(passing, most))
        return self._become(keys[chosen]) if inplace else self._new(keys[chosen])

    def shuffle(self, inplace: bool = False) -> Any:
        """Return the agents in random order: the order Mesa's own set would give for the same random state."""
        keys = self._current()
        order = list(range(len(keys)))
        self.random.shuffle(order)
        keys = keys[_positions(order)]
        return self._become(keys) if inplace else self._new(keys)

    def sort(self, key: Callable[[Any], Any] | str, ascending: bool = False, inplace: bool = False) -> Any:
        """Return the agents sorted by an attribute or a function; equal ones keep their order. Descending unless told."""
        read = operator.attrgetter(key) if isinstance(key, str) else key
        keys = self._current()
        values = [(read(agent), position) for position, agent in self._each(keys)]
        values.sort(key=operator.itemgetter(0), reverse=not ascending)
        keys = keys[_positions(position for _, position in values)]
        return self._become(keys) if inplace else self._new(keys)

    def copy(self) -> Any:
        """Return a set of the agents now in this one; later changes to either do not touch the other."""
        return self._new(self._current())

    __copy__ = copy

    # --- calling the agents -------------------------------------------------------------------------------------------
    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a method, or a function of the agent, on every agent; those removed on the way are skipped. Returns self."""
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Do the same in random order; the order of the set itself stays. Returns self."""
        self.shuffle().map(method, *args, **kwargs)
        return self

    def map(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Return the results of calling a method, or a function of the agent, on every agent."""
        if isinstance(method, str):
            return [getattr(agent, method)(*args, **kwargs) for agent in self]
        return [method(agent, *args, **kwargs) for agent in self]

    # --- attributes ---------------------------------------------------------------------------------------------------
    def get(self, attr_names: Any, handle_missing: str = "error", default_value: Any = None) -> list[Any]:
        """Return one attribute of every agent as a list, or a list of lists for a list of names.

        Args:
            attr_names: Name, or names.
            handle_missing: ``"error"``, or ``"default"`` to use ``default_value`` for agents without the attribute.
            default_value: Value for agents without the attribute.

        Raises:
            AttributeError: If an agent lacks the attribute.
            ValueError: If ``handle_missing`` is neither.
        """
        if handle_missing not in ("error", "default"):
            raise ValueError(f"Unknown handle_missing option: {handle_missing}, should be one of 'error' or 'default'")
        default = NOTHING if handle_missing == "error" else default_value
        if isinstance(attr_names, str):
            return self._values(attr_names, default)
        columns = [self._values(name, default) for name in attr_names]
        return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(len(self))]

    def _values(self, name: str, default: Any) -> list[Any]:
        """One attribute of every agent."""
        if default is NOTHING:
            return [getattr(agent, name) for agent in self]
        return [getattr(agent, name, default) for agent in self]

    def set(self, attr_name: str, value: Any) -> Any:
        """Give an attribute of every agent the same value. Returns self."""
        for agent in self:
            setattr(agent, attr_name, value)
        return self

    def agg(self, attribute: str, func: Any) -> Any:
        """Return a function of the list of an attribute's values, or a list of results for several functions."""
        values = self._values(attribute, NOTHING)
        return func(values) if callable(func) else [one(values) for one in func]

    def groupby(self, by: Callable[[Any], Any] | str, result_type: str = "agentset") -> GroupBy:
        """Group by an attribute or a function; groups stand in order of their first agent.

        Args:
            by: Attribute, or function of the agent.
            result_type: ``"agentset"`` for sets, ``"list"`` for lists of agents.
        """
        read = operator.attrgetter(by) if isinstance(by, str) else by
        keys = self._current()
        groups: dict[Any, list[int]] = {}
        for position, agent in self._each(keys):
            groups.setdefault(read(agent), []).append(position)
        return self._grouped(keys, {name: _positions(members) for name, members in groups.items()}, result_type)

    def _grouped(self, keys: np.ndarray, groups: dict[Any, np.ndarray], result_type: str) -> GroupBy:
        """Groups as Mesa's GroupBy."""
        sets = {name: self._new(keys[members]) for name, members in groups.items()}
        return GroupBy(sets if result_type == "agentset" else {name: group.to_list() for name, group in sets.items()})

    # --- membership ---------------------------------------------------------------------------------------------------
    def remove(self, agent: Any) -> None:
        """Take an agent out of this set; it stays in the model.

        Raises:
            KeyError: If it is not in the set.
        """
        if agent not in self:
            raise KeyError(agent)
        self.discard(agent)

    def clear(self) -> None:
        """Take all agents out of this set; they stay in the model."""
        self._become(self._current()[:0])

    def _update(self, agents: Iterable[Any]) -> Any:
        """Hold the given agents from now on, as Mesa's own methods ask for."""
        return self._become(self._from_iterable(agents)._current())

    # Reflected operations are overridden so that Python asks this class first: the left set might hold weak references.
    def __ror__(self, other: Any) -> Any:
        if not isinstance(other, Iterable):
            return NotImplemented
        return self._from_iterable([*other, *self])

    def __rand__(self, other: Any) -> Any:
        if not isinstance(other, Iterable):
            return NotImplemented
        wanted = set(other)
        return self._from_iterable(agent for agent in self if agent in wanted)

    def __rsub__(self, other: Any) -> Any:
        if not isinstance(other, Iterable):
            return NotImplemented
        return self._from_iterable(agent for agent in other if agent not in self)

    def __rxor__(self, other: Any) -> Any:
        if not isinstance(other, Iterable):
            return NotImplemented
        return self ^ self._from_iterable(other)

    def __ior__(self, other: Any) -> Any:
        return self._update([*self, *other])

    def __iand__(self, other: Any) -> Any:
        return self._update(self & other)

    def __isub__(self, other: Any) -> Any:
        return self._update(self - other)

    def __ixor__(self, other: Any) -> Any:
        return self._update(self ^ other)

    def __repr__(self) -> str:
        """Return class, number and the first agents."""
        first = ", ".join(repr(agent) for _, agent in self._each(self._current()[:3]))
        return f"<{type(self).__name__} of {len(self)}: {first}{', ...' if len(self) > 3 else ''}>"


def limit(at_most: float, size: int) -> int:
    """Number of agents that ``at_most`` allows: a float up to 1.0 is a share rounded down, as in Mesa."""
    if isinstance(at_most, float) and at_most <= 1.0:
        at_most = int(size * at_most)
    return max(0, min(size, size if at_most == inf else ceil(at_most)))


def checked_mask(values: Any, size: int) -> np.ndarray:
    """Mask as a boolean array, refused when it does not fit."""
    mask = np.asarray(values)
    if mask.dtype != np.bool_ or mask.shape != (size,):
        raise ValueError(f"a mask for this set is boolean of shape ({size},), not {mask.dtype} of shape {mask.shape}")
    return mask


def _positions(positions: Iterable[int]) -> np.ndarray:
    """Positions as an index array, also when there are none."""
    return np.fromiter(positions, dtype=np.intp)
