"""The firms of a model as a Mesa AgentSet over columns.

A :class:`FirmSet` is either all living firms of the population, always up to date, or a chosen part of them, kept as
row numbers and ids: a row that has come to hold another firm is not mistaken for the one chosen. Anything said of a
column (get, set, agg, sort, groupby, select with a mask) runs at the speed of arrays; functions of single agents run
on agents made one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import TYPE_CHECKING, Any, Self

import mesa
import numpy as np

from expansion_sim.agents.agent_set import NOTHING, OnDemandSet, checked_mask, limit
from expansion_sim.agents.sme import IDENTITY, SME, agent_of, fitted, overridden_phases
from expansion_sim.codes import ABROAD, INDUSTRIES, STAGES
from expansion_sim.compat import GroupBy
from expansion_sim.population.schema import BY_NAME, stage_of

if TYPE_CHECKING:
    from expansion_sim.agents.columnar_model import ColumnarModel

#: Attributes of SME that are worked out for all firms at once; each takes the population and returns one value per row.
WORKED_OUT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "unique_id": lambda firms: firms["firm"],
    "row": lambda firms: np.arange(len(firms)),
    "stage": lambda firms: np.array(STAGES)[stage_of(firms)],
    "abroad": lambda firms: stage_of(firms) == ABROAD,
    "industry_name": lambda firms: np.array(INDUSTRIES)[firms["industry"]],
}

#: Functions that :meth:`FirmSet.agg` knows by name.
AGGREGATES: dict[str, Callable[..., Any]] = {
    "sum": np.sum, "mean": np.mean, "median": np.median, "min": np.min, "max": np.max, "std": np.std, "var": np.var,
}  # fmt: skip


class FirmSet(OnDemandSet):
    """Living firms of a model.

    Args:
        model: Model with the population.
        rows: Rows of the firms, in order; None for all living firms, whoever they are when the set is asked.

    Raises:
        FirmGoneError: If one of the rows holds no living firm.
    """

    def __init__(self, model: ColumnarModel, rows: Any = None) -> None:
        super().__init__(model)
        self._keys: np.ndarray | None = None
        self._chosen_by_row: np.ndarray | None = None
        if rows is not None:
            wanted = dict.fromkeys(np.asarray(rows, dtype=np.intp).tolist())
            self._keys = _keys_of(SME(model, row) for row in wanted)

    # --- keys: column 0 the row, column 1 the id of the firm chosen ---------------------------------------------------
    @property
    def rows(self) -> np.ndarray:
        """Rows of the firms in the population, shape (n,), in the order of the set."""
        if self._keys is None:
            return np.flatnonzero(self.model.population.firms["alive"])
        return self._current()[:, 0].copy()

    def _current(self) -> np.ndarray:
        firms = self.model.population.firms
        if self._keys is None:
            rows = np.flatnonzero(firms["alive"])
            return np.stack((rows, firms["firm"][rows]), axis=1)
        rows, ids = self._keys.T
        there = (firms["firm"][rows] == ids) & (firms["alive"][rows] == 1)
        if not there.all():
            self._keys = self._keys[there]  # ids are never reused, so who is gone stays gone
        return self._keys

    def _each(self, keys: np.ndarray) -> Iterator[tuple[int, SME]]:
        model, sme_class = self.model, self.model.sme_class
        firms: np.ndarray | None = None
        for position, (row, firm) in enumerate(keys.tolist()):
            if model.population.firms is not firms:  # it may be replaced while the firms are gone through
                firms = model.population.firms
                alive, ids = firms["alive"], firms["firm"]
            if alive.item(row) == 1 and ids.item(row) == firm:
                yield position, agent_of(sme_class, model, row, firm)

    def _at(self, positions: np.ndarray) -> np.ndarray:
        """Keys of the firms at some positions; for all living firms cheaper than all keys first."""
        if self._keys is not None:
            return self._current()[positions]
        rows = self.rows[positions]
        return np.stack((rows, self.model.population.firms["firm"][rows]), axis=1)

    def _new(self, keys: np.ndarray) -> FirmSet:
        return FirmSet(self.model)._become(keys)

    def _become(self, keys: np.ndarray | None) -> Self:
        self._keys, self._chosen_by_row = keys, None
        return self

    def _from_iterable(self, agents: Iterable[mesa.Agent]) -> OnDemandSet:
        if isinstance(agents, FirmSet) and agents.model is self.model:
            return agents.copy()
        members = list(dict.fromkeys(agents))
        if all(isinstance(agent, SME) for agent in members):
            return self._new(_keys_of(self._own(agent) for agent in members))
        from expansion_sim.agents.union import ModelAgents  # the union is made of firms too

        return ModelAgents(self.model, members)

    def _update(self, agents: Iterable[Any]) -> Self:
        chosen = self._from_iterable(agents)
        if not isinstance(chosen, FirmSet):
            raise TypeError("a set of firms holds firms only; use | to get a set of firms and other agents")
        return self._become(chosen._current())

    def _own(self, agent: Any) -> SME:
        """The agent itself, if it is a living firm of this model."""
        if not isinstance(agent, SME):
            raise TypeError(f"a set of firms holds firms only, not {agent!r}; use | to get a set of firms and other agents")
        if agent.model is not self.model or not agent.alive:
            raise ValueError(f"{agent!r} is not a living firm of this model")
        return agent

    # --- membership ---------------------------------------------------------------------------------------------------
    def __len__(self) -> int:
        if self._keys is None:
            return int(np.count_nonzero(self.model.population.firms["alive"]))
        return len(self._current())

    def __contains__(self, agent: object) -> bool:
        if not isinstance(agent, SME) or agent.model is not self.model or not agent.alive:
            return False
        return self._keys is None or self._chosen(agent)

    def _chosen(self, agent: SME) -> bool:
        """Whether this firm is one of the chosen; the first question makes a table by row for all later ones."""
        if self._chosen_by_row is None:
            self._chosen_by_row = np.full(len(self.model.population.firms), -1, np.int64)
            rows, ids = self._current().T
            self._chosen_by_row[rows] = ids
        return agent.row < len(self._chosen_by_row) and self._chosen_by_row.item(agent.row) == agent.unique_id

    def add(self, agent: Any) -> None:
        """Put a living firm of this model at the end, if it is not in the set."""
        if self._own(agent) not in self:
            self._become(np.concatenate((self._current(), _keys_of([agent]))))

    def discard(self, agent: Any) -> None:
        """Take a firm out of this set, if it is there; it stays in the model."""
        if agent in self:
            keys = self._current()
            self._become(keys[keys[:, 1] != agent.unique_id])

    def __getstate__(self) -> dict[str, Any]:
        """Return model and keys; all living firms stay 'all living firms'."""
        return {"model": self.model, "keys": self._keys}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over model and keys."""
        self.model = state["model"]
        self._become(state["keys"])

    # --- set algebra: by ids when both are firms of this model --------------------------------------------------------
    def __eq__(self, other: object) -> bool:
        if not self._comparable(other):
            return super().__eq__(other)
        return np.array_equal(np.sort(self._current()[:, 1]), np.sort(other._current()[:, 1]))  # type: ignore[attr-defined]

    __hash__ = None  # type: ignore[assignment]

    def __le__(self, other: Any) -> bool:
        return self._inside(other).all().item() if self._comparable(other) else super().__le__(other)

    def __ge__(self, other: Any) -> bool:
        return other._inside(self).all().item() if self._comparable(other) else super().__ge__(other)

    def isdisjoint(self, other: Any) -> bool:
        """Tell whether no firm is in both."""
        return not self._inside(other).any().item() if self._comparable(other) else super().isdisjoint(other)

    def __and__(self, other: Any) -> Any:
        return other._new(other._current()[other._inside(self)]) if self._comparable(other) else super().__and__(other)

    def __or__(self, other: Any) -> Any:
        if not self._comparable(other):
            return super().__or__(other)
        return self._new(np.concatenate((self._current(), other._current()[~other._inside(self)])))

    def __sub__(self, other: Any) -> Any:
        if self._comparable(other):
            return self._new(self._current()[~self._inside(other)])
        if not isinstance(other, Iterable):
            return NotImplemented
        unwanted = set(other)
        return self._from_iterable(agent for agent in self if agent not in unwanted)

    def _comparable(self, other: object) -> bool:
        return isinstance(other, FirmSet) and other.model is self.model

    def _inside(self, other: FirmSet) -> np.ndarray:
        """Which firms of this set are also in the other, shape (n,)."""
        inside = np.zeros(len(self.model.population.firms), np.bool_)
        inside[other.rows] = True
        return inside[self.rows]

    # --- subsets and order --------------------------------------------------------------------------------------------
    def select(
        self,
        filter_func: Callable[[SME], bool] | np.ndarray | list[bool] | None = None,
        at_most: float = inf,
        inplace: bool = False,
        agent_type: type[mesa.Agent] | None = None,
    ) -> FirmSet:
        """Return the firms that pass a test; see :meth:`OnDemandSet.select`. A mask in the order of :meth:`column`."""
        if agent_type is not None and not issubclass(self.model.sme_class, agent_type):
            at_most = 0
        if filter_func is None or callable(filter_func):
            return super().select(filter_func, at_most, inplace)
        size = len(self)
        keys = self._at(np.flatnonzero(checked_mask(filter_func, size))[: limit(at_most, size)])
        return self._become(keys) if inplace else self._new(keys)

    def sort(self, key: Callable[[SME], Any] | str, ascending: bool = False, inplace: bool = False) -> FirmSet:
        """Return the firms sorted by an attribute or a function; equal ones keep their order. Descending unless told."""
        if not isinstance(key, str) or not self.is_columnar(key):
            return super().sort(key, ascending, inplace)
        values = self.column(key)
        if values.ndim > 1:
            return super().sort(key, ascending, inplace)
        if ascending:
            keys = self._at(np.argsort(values, kind="stable"))
        else:  # sorting the reversed column and reading it backwards keeps equal ones in order
            keys = self._at(len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1])
        return self._become(keys) if inplace else self._new(keys)

    # --- columns ------------------------------------------------------------------------------------------------------
    def is_columnar(self, name: str) -> bool:
        """Tell whether an attribute can be read for all firms at once: a column that the agents' class does not redefine."""
        if name not in BY_NAME and name not in WORKED_OUT:
            return False
        return getattr(self.model.sme_class, name) is getattr(SME, name)

    def column(self, name: str) -> np.ndarray:
        """Return an attribute of all firms as an array, shape (n,) or (n, elements), a copy in the order of the set.

        Args:
            name: Column of population/schema.py, or ``unique_id``, ``row``, ``stage``, ``abroad``, ``industry_name``.

        Raises:
            AttributeError: If there is no such column.
        """
        firms = self.model.population.firms
        if name in WORKED_OUT:
            return WORKED_OUT[name](firms)[self.rows]
        if name not in BY_NAME:
            raise AttributeError(f"the population has no column {name!r}; columns are listed in population/schema.py")
        return firms[name][self.rows]

    def _values(self, name: str, default: Any) -> list[Any]:
        if not self.is_columnar(name):
            return super()._values(name, default)
        values = self.column(name).tolist()
        return [tuple(value) for value in values] if name in BY_NAME and BY_NAME[name].shape else values

    def set(self, attr_name: str, value: Any) -> Self:
        """Write a column: one value for all, or an array with one per firm in the order of the set. Returns self.

        Raises:
            TypeError, OverflowError: If values do not fit the column's type.
            ValueError: If the shape is neither that of one cell nor that of the whole column.
        """
        if attr_name in IDENTITY or attr_name not in BY_NAME or not self.is_columnar(attr_name):
            return super().set(attr_name, value)
        column = self.model.population.firms[attr_name]
        rows = self.rows
        values = fitted(value, column.dtype)
        if values.shape not in (column.shape[1:], (len(rows), *column.shape[1:])):
            raise ValueError(f"{attr_name} of {len(rows)} firms cannot be set from shape {values.shape}")
        column[rows] = values
        return self

    def agg(self, attribute: str, func: Any) -> Any:
        """Return a function of an attribute's values, as a Python number where it is one.

        Rows count once each: for totals of the country multiply by the column ``weight``.

        Args:
            attribute: Column or other attribute.
            func: Function of a sequence, or one of the names in AGGREGATES, or several of these. NumPy's functions and
                names run on the column; any other function gets the list of values, as in Mesa.

        Raises:
            ValueError: If a name is not known.
        """
        if not isinstance(func, str) and not callable(func):
            return [self.agg(attribute, one) for one in func]
        if isinstance(func, str) and func not in AGGREGATES:
            raise ValueError(f"unknown function {func!r}; known by name are {', '.join(AGGREGATES)}")
        call = AGGREGATES[func] if isinstance(func, str) else func
        numpy_function = isinstance(call, np.ufunc) or str(getattr(call, "__module__", "")).startswith("numpy")
        if numpy_function and self.is_columnar(attribute):
            result = call(_wide(self.column(attribute)))
        else:
            result = call(self._values(attribute, NOTHING))
        return result.item() if isinstance(result, np.generic) else result

    def groupby(self, by: Callable[[SME], Any] | str, result_type: str = "agentset") -> GroupBy:
        """Group by an attribute or a function; see :meth:`OnDemandSet.groupby`."""
        if not isinstance(by, str) or not self.is_columnar(by):
            return super().groupby(by, result_type)
        values = self.column(by)
        if values.ndim > 1:
            return super().groupby(by, result_type)
        names, first, codes = np.unique(values, return_index=True, return_inverse=True)
        members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes, minlength=len(names)))[:-1])
        in_order = np.argsort(first)
        groups = {names[group].item(): members[group] for group in in_order.tolist()}
        return self._grouped(self._current(), groups, result_type)

    def _grouped(self, keys: np.ndarray, groups: dict[Any, np.ndarray], result_type: str) -> GroupBy:
        grouped = super()._grouped(keys, groups, result_type)
        return FirmGroups(grouped.groups) if result_type == "agentset" else grouped

    # --- the year -----------------------------------------------------------------------------------------------------
    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Self:
        """Call a method or a function on every firm; ``do("step")`` runs the model's kernel. Returns self.

        Firms act on last year's aggregates, so the order in which they step does not matter. When the agents' class
        overrides ``step`` or one of its phases, every firm is called by itself.
        """
        if method != "step" or args or kwargs or overridden_phases(self.model.sme_class):
            return super().do(method, *args, **kwargs)
        self.model.step_firms(None if self._keys is None else self.rows)
        return self

    def shuffle_do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Self:
        """Do the same in random order; the kernel needs no order, so for ``"step"`` nothing is drawn then. Returns self."""
        if method != "step" or args or kwargs or overridden_phases(self.model.sme_class):
            return super().shuffle_do(method, *args, **kwargs)
        return self.do("step")


class FirmGroups(GroupBy):
    """Groups of firms, aggregated by columns."""

    def agg(self, attr_name: str, func: Any) -> dict[Any, Any]:
        """Return the result of :meth:`FirmSet.agg` for every group."""
        return {name: group.agg(attr_name, func) for name, group in self.groups.items()}


def _keys_of(agents: Iterable[SME]) -> np.ndarray:
    """Rows and ids of agents, shape (n, 2)."""
    pairs = [(agent.row, agent.unique_id) for agent in agents]
    return np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)


def _wide(values: np.ndarray) -> np.ndarray:
    """Numbers at full width, so that sums do not wrap and equal those of Python numbers; anything else as it is."""
    wide = {"b": np.int64, "i": np.int64, "u": np.int64, "f": np.float64}.get(values.dtype.kind)
    return values if wide is None else values.astype(wide)
