"""Figures of a run: a tidy frame goes in, a Matplotlib figure comes out, no global state changes."""

from expansion_sim.figures.plot import KINDS, plot_run

__all__ = ["KINDS", "plot_run"]
