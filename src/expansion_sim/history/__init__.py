"""The recorded history: yearly series, events, openness, firm counts and programmes, each with its source and gaps declared."""

from expansion_sim.history.history import History, load_history
from expansion_sim.history.metadata import SeriesMeta

__all__ = ["History", "SeriesMeta", "load_history"]
