"""The context of a year: everything that the phases of a firm read, in one record.

It is one record and not a tuple of ten arrays because compiled code hands a record on as one address. The arrays would be seventy
numbers that every call from phase to phase copies, which took longer than the rules themselves.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from expansion_sim.behaviour.tables import INDUSTRY_DTYPE, MARKET_DTYPE, YEAR_DTYPE
from expansion_sim.codes import BANKS, DISTRICTS, HOST_GROUPS, HOSTS, INDUSTRIES, MODES
from expansion_sim.policy.offers import MOST_OFFERS, OFFER_DTYPE
from expansion_sim.policy.support import SUPPORT_DTYPE
from expansion_sim.population.parents import PARENT_DTYPE

#: Parts of the context, in the order in which the phases count them: ``c[0]`` is the year.
PARTS = ("year", "industries", "markets", "customers", "support", "peers", "talk", "group_activity", "parameters")


def open_context(customers: int, parameters: np.dtype, seed: int) -> np.ndarray:
    """An empty context, shape (1,): zeros but for the seed.

    Args:
        customers: Number of large customers.
        parameters: Type of the parameter record.
        seed: Key of all draws.

    Returns:
        Fields of :data:`PARTS`, ``seed``, ``offers`` (63,) and ``banks`` (48,), the health of main banks: year (1,), industries (11,),
        markets (11, 16), customers (n,), support (2, 7), peers (11, 20), talk (20,), group_activity (6,), parameters (1,).
    """
    context = np.zeros(1, context_dtype(customers, parameters))
    context["seed"] = seed
    return context


@lru_cache(maxsize=16)
def context_dtype(customers: int, parameters: np.dtype) -> np.dtype:
    """Type of the context. Models share it: compiled code knows a type again at once only when it is the very same object.

    Args:
        customers: Number of large customers.
        parameters: Type of the parameter record.
    """
    number, hosts, districts = len(INDUSTRIES), len(HOSTS), len(DISTRICTS)
    forms: dict[str, tuple[Any, tuple[int, ...]]] = {
        "year": (YEAR_DTYPE, (1,)),
        "industries": (INDUSTRY_DTYPE, (number,)),
        "markets": (MARKET_DTYPE, (number, hosts)),
        "customers": (PARENT_DTYPE, (customers,)),
        "support": (SUPPORT_DTYPE, (2, len(MODES))),
        "peers": ("f8", (number, districts)),
        "talk": ("f8", (districts,)),
        "group_activity": ("f8", (len(HOST_GROUPS),)),
        "parameters": (parameters, (1,)),
    }
    return np.dtype([*((name, *forms[name]) for name in PARTS), ("seed", "i8"), ("offers", OFFER_DTYPE, (MOST_OFFERS,)),
                     ("banks", "f8", (BANKS,))], align=True)


def part(name: str, meaning: str) -> property:
    """A part of ``self.world``, the context of a model, as an attribute: a view to read and to write; what is assigned is copied.

    Args:
        name: Name in :data:`PARTS`.
        meaning: Its docstring.
    """

    def read(model: Any) -> np.ndarray:
        return model.world[name][0]

    def write(model: Any, values: np.ndarray) -> None:
        model.world[name][0][...] = values

    return property(read, write, doc=meaning)
