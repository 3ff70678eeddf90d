"""What differs between the supported versions of Mesa: 3.3 (Python 3.11) up to 3.5 (Python 3.12 and later).

No other file of the package looks at the version. What the versions do differently and what is done about it:

* ``Model.__init__``: 3.5 deprecates ``seed=``, so only ``rng=`` is passed, and it hands NumPy integers to
  :class:`random.Random`, which refuses them: they become Python integers (:func:`plain_rng`).
* Numbering: 3.3 counts agents in a dictionary on the class, keyed by the model, which keeps every model alive for
  ever; 3.5 counts on the model. :func:`number_agent` gives the model's own numbers and drops the dictionary entry.
* Storage: ``Model._agents`` is gone in 3.5. Only the public getter of ``Model.agents`` is used (:func:`mesa_agents`).
* ``GroupBy`` moved to a module of its own.
* 3.5 has a ``Scenario`` of its own and gives one to models that have a parameter of that name when its page is reset
  (:func:`is_mesa_scenario`).
"""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
from mesa.agent import AgentSet

try:
    from mesa.agentset import GroupBy
except ImportError:
    from mesa.agent import GroupBy

try:
    from mesa.experimental.scenarios import Scenario as _MesaScenario
except ImportError:
    _MesaScenario = None

__all__ = ["AgentSet", "GroupBy", "is_mesa_scenario", "mesa_agents", "number_agent", "plain_rng"]


def plain_rng(rng: Any) -> Any:
    """Return ``rng`` in a form that every supported Mesa takes as the argument of that name.

    Args:
        rng: None, an integer, a sequence of integers, a ``SeedSequence``, a ``BitGenerator`` or a ``Generator``.
    """
    return int(rng) if isinstance(rng, np.integer) else rng


def mesa_agents(model: mesa.Model) -> Any:
    """Return Mesa's own set of the agents registered with ``model``, in order of registration, firms not included."""
    return mesa.Model.agents.fget(model)


def number_agent(model: mesa.Model, agent: mesa.Agent, unique_id: int) -> None:
    """Give a registered agent its number and free Mesa 3.3's counter, which would keep ``model`` alive.

    Args:
        model: The model of the agent.
        agent: Agent that Mesa has just registered.
        unique_id: Its number within the model.
    """
    agent.unique_id = unique_id
    counters = getattr(type(agent), "_ids", None)
    if counters is not None:
        counters.pop(model, None)


def is_mesa_scenario(value: object) -> bool:
    """Tell whether ``value`` is Mesa's own ``Scenario``, which says nothing about the world to simulate."""
    return _MesaScenario is not None and isinstance(value, _MesaScenario)
