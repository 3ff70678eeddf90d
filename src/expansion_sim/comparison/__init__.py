"""Two worlds on the same draws, compared firm by firm.

The public names are imported when they are first used: a worker process imports this package before it knows how many threads it
may use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {"Comparison": "comparison", "compare": "comparison", "open_comparison": "comparison"}

__all__ = ["Comparison", "compare", "open_comparison"]


def __getattr__(name: str) -> Any:
    """Import a public name from its home."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
