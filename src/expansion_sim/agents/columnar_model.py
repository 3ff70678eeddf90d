"""A Mesa model whose firms are columns: ``model.agents`` and its relatives include them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import mesa
import numpy as np

from expansion_sim.agents.firm_set import FirmSet
from expansion_sim.agents.sme import SME
from expansion_sim.agents.union import ModelAgents
from expansion_sim.compat import mesa_agents, number_agent, plain_rng


class HasFirms(Protocol):
    """What the model's ``population`` has to offer.

    Attributes:
        firms: One record per firm, shape (rows,), dtype FIRM_DTYPE. A living firm keeps its row; the array itself may be
            replaced by a longer one.
    """

    firms: np.ndarray


class ColumnarModel(mesa.Model):
    """Base of a model with a population of firms in columns and other agents in Mesa's own way.

    Other agents are numbered -2, -3, ...: the ids of firms are 0 or more and -1 means no firm, so ``unique_id`` tells
    all agents of a model apart.

    A model contains reference cycles (Mesa wraps ``step``), so it is freed by the garbage collector and not at once.

    Attributes:
        population: The firms; set it before asking for agents.
        sme_class: Class of the agents made for firms; a subclass of SME may be given on the model's class or the model.

    Args:
        rng: Seed or generator of ``model.rng`` and ``model.random``.
        kwargs: Passed on to other base classes.
    """

    sme_class: type[SME] = SME
    population: HasFirms

    def __init__(self, *, rng: Any = None, **kwargs: Any) -> None:
        self._deferred: list[tuple[Callable[[Any, int], mesa.Agent], int, int]] = []
        super().__init__(rng=plain_rng(rng), **kwargs)
        self._next_id = -2

    # --- what the model of a world provides -----------------------------------------------------------------------------
    def firm_phase(self, phase: str, row: int) -> None:
        """Run one phase of the year, a name of sme.PHASES, on the firm in ``row``.

        Raises:
            NotImplementedError: If the model has no rules for its firms.
        """
        raise NotImplementedError(f"{type(self).__name__} has no rules for phase {phase!r} of a firm")

    def step_firms(self, rows: np.ndarray | None = None) -> None:
        """Run the year of the firms in ``rows`` (None for all) when their class overrides no phase.

        Here one firm after the other; a model with a kernel runs it instead, with the same result.
        """
        for firm in FirmSet(self, rows):
            firm.step()

    def close_firm(self, row: int) -> None:
        """Close the firm in ``row``; a model may have more to do, such as recording the event."""
        self.population.firms["alive"][row] = 0

    # --- agents that are made when somebody asks for them ---------------------------------------------------------------
    def defer_agents(self, kind: type[mesa.Agent], number: int) -> None:
        """Take in agents whose state lies in columns: ``kind(model, row)`` for each row. They are numbered now and come before all others.

        Making a thousand of them takes longer than a year of theirs, and a run that nobody looks at needs none.
        """
        self._deferred.append((kind, number, self._next_id))
        self._next_id -= number

    @property
    def has_deferred(self) -> bool:
        """Whether there are agents that nobody has asked for."""
        return bool(self._deferred)

    @property
    def other_agents(self) -> Any:
        """All agents but the firms, in order of registration."""
        self.make_deferred()
        return mesa_agents(self)

    def made_agents(self, kind: type[mesa.Agent]) -> Any:
        """Agents of a class that exist, in order of registration; does not make those that nobody has asked for."""
        return super().agents_by_type.get(kind, ())

    def make_deferred(self) -> None:
        """Make the deferred agents, and register the others behind them again, with the numbers they have."""
        if not self._deferred:
            return
        deferred, self._deferred = self._deferred, []
        others, following = list(mesa_agents(self)), self._next_id
        for agent in others:
            super().deregister_agent(agent)
        for make, number, first in deferred:
            self._next_id = first
            for row in range(number):
                make(self, row)
        self._next_id = following
        for agent in others:
            number = agent.unique_id
            super().register_agent(agent)
            number_agent(self, agent, number)

    # --- agents -----------------------------------------------------------------------------------------------------------
    @property
    def firms(self) -> FirmSet:
        """All living firms. In-place changes of order or members concern the set returned, never the population."""
        return FirmSet(self)

    @property
    def agents(self) -> ModelAgents:
        """All agents: the firms, then the others in order of registration."""
        return ModelAgents(self)

    @agents.setter
    def agents(self, agents: Any) -> None:
        mesa.Model.agents.fset(self, agents)

    @property
    def agent_types(self) -> list[type]:
        """Classes of the agents, the firms' first."""
        return list(self.agents_by_type)

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], Any]:
        """The agents of each class: a FirmSet for the firms, Mesa's own sets for the others."""
        in_order = {type(agent): None for agent in self.other_agents}  # those without an agent come last
        sets = super().agents_by_type
        return {self.sme_class: self.firms, **{kind: sets[kind] for kind in (*in_order, *sets)}}

    def register_agent(self, agent: mesa.Agent) -> None:
        """Take a new agent into the model; firms are in it as long as they live.

        Raises:
            FirmGoneError: If the agent is a closed firm.
        """
        if isinstance(agent, SME):
            agent.__class__(self, agent.row)
            return
        super().register_agent(agent)
        number_agent(self, agent, self._next_id)
        self._next_id -= 1

    def deregister_agent(self, agent: mesa.Agent) -> None:
        """Take an agent out of the model; a firm is closed.

        Raises:
            KeyError: If the agent is not in the model.
        """
        if not isinstance(agent, SME):
            super().deregister_agent(agent)
        elif agent in self.firms:
            self.close_firm(agent.row)
        else:
            raise KeyError(agent)

    def remove_all_agents(self) -> None:
        """Close all firms and remove all other agents."""
        self.firms.do("remove")
        self.make_deferred()
        super().remove_all_agents()
