"""All agents of a model as one Mesa AgentSet: the firms on demand and Mesa's own agents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from math import inf
from typing import TYPE_CHECKING, Any, Self

import mesa
import numpy as np

from expansion_sim.agents.agent_set import OnDemandSet, limit
from expansion_sim.agents.sme import SME

if TYPE_CHECKING:
    from expansion_sim.agents.columnar_model import ColumnarModel


class ModelAgents(OnDemandSet):
    """Firms and other agents of a model.

    Without ``agents`` it is all of them, always up to date: first the firms by row, then the others as registered. A
    chosen part holds its agents, but leaves out those that have been removed from the model.

    Args:
        model: The model.
        agents: Agents of the model, in order; None for all.

    Raises:
        ValueError: If an agent is not (or no longer) in the model.
    """

    def __init__(self, model: ColumnarModel, agents: Iterable[mesa.Agent] | None = None) -> None:
        super().__init__(model)
        self._chosen: dict[mesa.Agent, None] | None = None
        if agents is not None:
            self._chosen = dict.fromkeys(agents)
            for agent in self._chosen:
                if not self._in_model(agent):
                    raise ValueError(f"{agent!r} is not in this model")

    def _in_model(self, agent: object) -> bool:
        if isinstance(agent, SME):
            return agent.model is self.model and agent.alive == 1
        return agent in self.model.other_agents

    def _current(self) -> np.ndarray:
        members = list(self)
        keys = np.empty(len(members), dtype=object)
        keys[:] = members
        return keys

    def _each(self, keys: np.ndarray) -> Iterator[tuple[int, Any]]:
        return ((position, agent) for position, agent in enumerate(keys) if self._in_model(agent))

    def _new(self, keys: np.ndarray) -> ModelAgents:
        return ModelAgents(self.model)._become(keys)

    def _become(self, keys: np.ndarray) -> Self:
        self._chosen = dict.fromkeys(keys)
        return self

    def _from_iterable(self, agents: Iterable[mesa.Agent]) -> ModelAgents:
        return ModelAgents(self.model, agents)

    def __len__(self) -> int:
        if self._chosen is None:
            return len(self.model.firms) + len(self.model.other_agents)
        return sum(map(self._in_model, self._chosen))

    def __iter__(self) -> Iterator[Any]:
        if self._chosen is None:
            return chain(self.model.firms, list(self.model.other_agents))
        return (agent for agent in list(self._chosen) if self._in_model(agent))

    def __contains__(self, agent: object) -> bool:
        return (self._chosen is None or agent in self._chosen) and self._in_model(agent)

    def add(self, agent: Any) -> None:
        """Put an agent of the model at the end, if it is not in the set.

        Raises:
            ValueError: If it is not in the model.
        """
        if not self._in_model(agent):
            raise ValueError(f"{agent!r} is not in this model")
        if self._chosen is not None:
            self._chosen[agent] = None

    def discard(self, agent: Any) -> None:
        """Take an agent out of this set, if it is there; it stays in the model."""
        if agent in self:
            self._chosen = {member: None for member in self if member != agent}

    def __getstate__(self) -> dict[str, Any]:
        """Return model and agents; all agents stay 'all agents'."""
        return {"model": self.model, "chosen": None if self._chosen is None else list(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over model and agents."""
        self.model = state["model"]
        self._chosen = None if state["chosen"] is None else dict.fromkeys(state["chosen"])

    def select(
        self,
        filter_func: Callable[[Any], bool] | np.ndarray | list[bool] | None = None,
        at_most: float = inf,
        inplace: bool = False,
        agent_type: type[mesa.Agent] | None = None,
    ) -> OnDemandSet:
        """Return the agents that pass a test; firms alone come as a FirmSet. See :meth:`OnDemandSet.select`."""
        by_agent = filter_func is None or callable(filter_func)
        if agent_type is not None and self._chosen is None and by_agent and not inplace:
            most = limit(at_most, len(self))
            if issubclass(agent_type, SME):
                return self.model.firms.select(filter_func, most, agent_type=agent_type)
            if not issubclass(self.model.sme_class, agent_type):
                return ModelAgents(self.model, self.model.other_agents).select(filter_func, most, agent_type=agent_type)
        return super().select(filter_func, at_most, inplace, agent_type)

    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Self:
        """Call a method or a function on every agent; firms together, so that ``do("step")`` uses the kernel. Returns self."""
        if self._chosen is not None:
            return super().do(method, *args, **kwargs)
        others = ModelAgents(self.model, self.model.other_agents)
        self.model.firms.do(method, *args, **kwargs)
        others.do(method, *args, **kwargs)
        return self

    def _values(self, name: str, default: Any) -> list[Any]:
        if self._chosen is not None:
            return super()._values(name, default)
        others = ModelAgents(self.model, self.model.other_agents)
        return self.model.firms._values(name, default) + others._values(name, default)
