"""Agent-based simulation of how Japanese small and medium-sized enterprises go abroad, 1955-2024 and beyond.

The public names are imported when they are first used, so that ``expansion-sim --help`` need not wait for Mesa and numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from expansion_sim import compiled_code

if TYPE_CHECKING:
    from expansion_sim.comparison.comparison import Comparison, compare, open_comparison
    from expansion_sim.experiment.results import Results, open_results
    from expansion_sim.experiment.sweep import sweep
    from expansion_sim.model import ExpansionModel
    from expansion_sim.results.run import Run, open_run, simulate
    from expansion_sim.scenario import Scenario, load_scenario
    from expansion_sim.validation import validate

_HOMES = {
    "Comparison": "expansion_sim.comparison",
    "compare": "expansion_sim.comparison",
    "open_comparison": "expansion_sim.comparison",
    "ExpansionModel": "expansion_sim.model",
    "Results": "expansion_sim.experiment.results",
    "Run": "expansion_sim.results.run",
    "Scenario": "expansion_sim.scenario",
    "load_scenario": "expansion_sim.scenario",
    "open_results": "expansion_sim.experiment.results",
    "open_run": "expansion_sim.results.run",
    "simulate": "expansion_sim.results.run",
    "sweep": "expansion_sim.experiment.sweep",
    "validate": "expansion_sim.validation",
}

compiled_code.choose_folder()

__all__ = [
    "Comparison", "ExpansionModel", "Results", "Run", "Scenario", "__version__", "compare", "load_scenario", "open_comparison",
    "open_results", "open_run", "simulate", "sweep", "validate",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its home, once."""
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            value: Any = version("expansion-sim")
        except PackageNotFoundError:  # run from the source tree without installing
            value = "0+source"
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names also before they are imported."""
    return sorted({*globals(), *__all__})
