"""Figures of a sweep: tables of :mod:`expansion_sim.experiment.analysis` go in, Matplotlib figures come out."""

from expansion_sim.figures.experiment.plot import KINDS, plot_results

__all__ = ["KINDS", "plot_results"]
