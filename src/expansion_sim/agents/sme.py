"""One small or medium-sized firm as a Mesa agent, made on demand over a row of the population.

The state lives in the structured array ``model.population.firms`` (population/schema.py). An :class:`SME` only knows
its row and the id of the firm in it; reading and writing an attribute reads and writes the column. It costs about 80
bytes while somebody holds it and nothing otherwise.

A subclass may override the whole :meth:`SME.step` or one of its phases; give it to the model as ``sme_class``. Own
attributes on an agent are refused, because the next time the firm is asked for a new object would come without them.
"""

from __future__ import annotations

import operator
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from expansion_sim.codes import (
    ABROAD,
    EXPORT_MODES,
    HOME,
    HOST_NAMES,
    INDUSTRIES,
    INTERESTED,
    MODES,
    NOT_INTERESTED,
    PLANNING,
    PLANT_MODES,
    STAGES,
)
from expansion_sim.population.schema import COLUMNS, Column

if TYPE_CHECKING:
    from expansion_sim.agents.columnar_model import ColumnarModel

#: The phases of a firm's year, in the order in which :meth:`SME.step` and the kernel run them.
PHASES = ("produce", "act", "settle", "look_around", "plan")

#: Columns that an agent may read but not write: they say which firm a row holds.
IDENTITY = ("firm", "alive")


class FirmGoneError(LookupError):
    """The firm of an agent is closed, so it has no state to read or write any more."""


def holds(firms: np.ndarray, row: int, firm: int) -> bool:
    """Tell whether ``row`` of the population holds the living firm with id ``firm``.

    Args:
        firms: The population, shape (rows,), dtype FIRM_DTYPE.
        row: Row number.
        firm: Id of a firm.
    """
    return row < len(firms) and firms["firm"].item(row) == firm and firms["alive"].item(row) == 1


class SME(mesa.Agent):
    """A firm of the population; its attributes are the columns of population/schema.py.

    Scalars come as Python numbers, vectors (``taste``, ``knowledge``, ``since``, ``left``) as tuples. Money is million
    yen at 2015 prices. Two agents are equal when they stand for the same firm of the same model.

    Args:
        model: Model with the population.
        row: Row of a living firm.

    Raises:
        FirmGoneError: If there is no living firm in that row.
    """

    __slots__ = ("_firm", "model", "row")

    if TYPE_CHECKING:
        model: ColumnarModel
        row: int

        def __getattr__(self, name: str) -> Any:
            """Columns are attributes."""

    def __init__(self, model: ColumnarModel, row: int) -> None:
        row = operator.index(row)
        firms = model.population.firms
        if not 0 <= row < len(firms) or firms["alive"].item(row) != 1:
            raise FirmGoneError(f"row {row} of the population holds no living firm")
        _set_model(self, model)
        _set_row(self, row)
        _set_firm(self, firms["firm"].item(row))

    def __setattr__(self, name: str, value: Any) -> None:
        """Write a column or a property; anything else would be lost with this object and is refused."""
        target = getattr(type(self), name, None)
        if not hasattr(target, "__set__") or isinstance(target, MemberDescriptorType):
            raise AttributeError(
                f"cannot set {name!r}: firms are made on demand from the columns of the population, so the value would be "
                "lost; keep it in a column of population/schema.py or in the model, by unique_id"
            )
        super().__setattr__(name, value)

    @property
    def unique_id(self) -> int:
        """Id of the firm, never reused."""
        return self._firm

    @property
    def firm(self) -> int:
        """Id of the firm, never reused; the same as ``unique_id``."""
        return self._firm

    @property
    def alive(self) -> int:
        """1 while the firm exists, 0 afterwards; the only column that can be read of a closed firm."""
        return int(holds(self.model.population.firms, self.row, self._firm))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SME) and self._firm == other._firm and self.model is other.model

    def __hash__(self) -> int:
        return hash(self._firm)

    def __repr__(self) -> str:
        """Return class, firm, industry and stage, or that the firm is closed."""
        state = f"{self.industry_name}, {self.stage}" if self.alive else "closed"
        return f"<{type(self).__name__} {self._firm}: {state}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy as (class, model, row, firm): equality and hash hold from the first moment."""
        return agent_of, (type(self), self.model, self.row, self._firm)

    @classmethod
    def create_agents(cls, model: Any, n: int, *args: Any, **kwargs: Any) -> Any:
        """Refuse: Mesa's version would return a set of weak references that is empty at once.

        Raises:
            TypeError: Always.
        """
        raise TypeError("firms are rows of model.population: found them there; model.firms is the set of their agents")

    @classmethod
    def from_dataframe(cls, model: Any, df: Any, **kwargs: Any) -> Any:
        """Refuse, for the reason given at :meth:`create_agents`.

        Raises:
            TypeError: Always.
        """
        cls.create_agents(model, len(df))

    def remove(self) -> None:
        """Close the firm through ``model.close_firm``; nothing happens when it is closed already."""
        if self.alive:
            self.model.close_firm(self.row)

    # --- the year -----------------------------------------------------------------------------------------------------
    def step(self) -> None:
        """Live through one year: the five phases in order, until the firm closes.

        ``act`` carries out the plan made at the end of last year, on which agencies and cooperatives have decided
        between the years, so no firm has to wait for another one inside the year.
        """
        for phase in PHASES:
            if not self.alive:
                return
            getattr(self, phase)()

    def produce(self) -> None:
        """Draw productivity, orders and home demand of the year and sell at home."""
        self._run("produce")

    def act(self) -> None:
        """Carry out last year's plan: enter, stay, leave, bring work home."""
        self._run("act")

    def settle(self) -> None:
        """Sell abroad, pay, employ, borrow; default when cash and credit line are gone."""
        self._run("settle")

    def look_around(self) -> None:
        """Learn, hear from peers, banks and customers; perhaps become interested in going abroad."""
        self._run("look_around")

    def plan(self) -> None:
        """Weigh modes, markets and hosts and settle on a plan for next year."""
        self._run("plan")

    def _run(self, phase: str) -> None:
        """Run one phase with the compiled rules of the kernel on this firm's row."""
        _living(self)
        self.model.firm_phase(phase, self.row)

    # --- in the words of the surveys ------------------------------------------------------------------------------------
    @property
    def stage(self) -> str:
        """Stage on the way abroad, a name of codes.STAGES."""
        if self.abroad:
            return STAGES[ABROAD]
        if self.wish_mode > HOME:
            return STAGES[PLANNING]
        return STAGES[INTERESTED if self.interested else NOT_INTERESTED]

    @property
    def abroad(self) -> bool:
        """True when the firm exports or has production abroad in any form; the scalar twin of schema.stage_of."""
        firms = _living(self)
        return any(firms[name].item(self.row) for name in ("channels", "contract_hosts", "plant_hosts", "cluster_hosts"))

    @property
    def industry_name(self) -> str:
        """Industry, a name of codes.INDUSTRIES."""
        return INDUSTRIES[self.industry]

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names of the countries with production abroad: by contract, in an own plant or in a collective plant."""
        return _names(self.contract_hosts | self.plant_hosts | self.cluster_hosts)

    @property
    def export_markets(self) -> tuple[str, ...]:
        """Names of the countries to which the firm exports."""
        return _names(self.markets)

    @property
    def modes(self) -> tuple[str, ...]:
        """Modes in use besides selling at home, names of codes.MODES; empty for a firm that is only at home."""
        channels = self.channels
        plants = (self.contract_hosts, self.plant_hosts, self.cluster_hosts)
        exporting = [MODES[mode] for bit, mode in enumerate(EXPORT_MODES) if channels >> bit & 1]
        return (*exporting, *(MODES[mode] for mode, hosts in zip(PLANT_MODES, plants, strict=True) if hosts))


# Slots are written through their descriptors: SME.__setattr__ refuses them, and this is three times faster.
_set_model = SME.__dict__["model"].__set__
_set_row = SME.__dict__["row"].__set__
_set_firm = SME.__dict__["_firm"].__set__


def fitted(values: Any, dtype: np.dtype) -> np.ndarray:
    """Return values as a column's type, or refuse where they would be cut off or wrapped around silently.

    Args:
        values: Number or numbers, any shape.
        dtype: Type of the column.

    Raises:
        TypeError: If the values are not numbers, or not whole numbers for an integer column.
        OverflowError: If an integer does not fit.
    """
    given = np.asarray(values)
    whole = dtype.kind != "f"
    if given.dtype.kind not in ("biu" if whole else "biuf"):
        raise TypeError(f"expected {'whole ' if whole else ''}numbers for a column of type {dtype}, not {given.dtype}")
    if whole and given.size:
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        if given.min() < low or given.max() > high:
            raise OverflowError(f"a column of type {dtype} holds {low} to {high}, not {given.min()} to {given.max()}")
    return given.astype(dtype)


def agent_of(sme_class: type[SME], model: ColumnarModel, row: int, firm: int) -> SME:
    """Return the agent of a firm without calling ``Agent.__init__``, which would register it and hold it in memory.

    Args:
        sme_class: Class of the agent.
        model: Model with the population.
        row: Row of the firm.
        firm: Id of the firm in that row.
    """
    agent = object.__new__(sme_class)
    _set_model(agent, model)
    _set_row(agent, row)
    _set_firm(agent, firm)
    return agent


def overridden_phases(sme_class: type[SME]) -> frozenset[str]:
    """Return which of the phases and ``"step"`` a subclass defines anew; empty when the kernel can do all firms.

    Args:
        sme_class: SME or a subclass.
    """
    return frozenset(name for name in (*PHASES, "step") if getattr(sme_class, name) is not getattr(SME, name))


def _living(agent: SME) -> np.ndarray:
    """Return the population, once it is certain that the agent's row still holds its firm.

    Raises:
        FirmGoneError: If the firm is closed.
    """
    firms = agent.model.population.firms
    if not holds(firms, agent.row, agent._firm):
        raise FirmGoneError(f"firm {agent._firm} is closed: its row {agent.row} no longer holds it; ask `agent.alive` first")
    return firms


def _names(hosts: int) -> tuple[str, ...]:
    """Return the names of the countries in a bit set of hosts."""
    return tuple(name for bit, name in enumerate(HOST_NAMES) if hosts >> bit & 1)


def _scalar_attribute(column: Column) -> property:
    """Return the attribute of a scalar column; whole numbers only for integer columns, instead of cutting decimals off."""
    name = column.name
    convert = float if np.dtype(column.dtype).kind == "f" else operator.index

    def read(agent: SME) -> float | int:
        return _living(agent)[name].item(agent.row)

    def write(agent: SME, value: Any) -> None:
        _living(agent)[name][agent.row] = convert(value)

    return property(read, write, doc=f"{column.meaning} ({column.unit})")


def _vector_attribute(column: Column) -> property:
    """Return the attribute of a vector column, a tuple; it is written as a whole."""
    name, shape = column.name, column.shape

    def read(agent: SME) -> tuple[Any, ...]:
        return tuple(_living(agent)[name][agent.row].tolist())

    def write(agent: SME, value: Any) -> None:
        if np.shape(value) != shape:
            raise ValueError(f"{name} has shape {shape}, not {np.shape(value)}")
        column_of_all = _living(agent)[name]
        column_of_all[agent.row] = fitted(value, column_of_all.dtype)

    return property(read, write, doc=f"{column.meaning} ({column.unit}), one per name of Column.labels")


for _column in COLUMNS:
    if _column.name not in IDENTITY:
        setattr(SME, _column.name, _vector_attribute(_column) if _column.shape else _scalar_attribute(_column))
del _column
