"""What a sweep says: intervals, distributions, paired differences, sensitivity, scenario discovery, cost against effect.

Every function takes :class:`expansion_sim.experiment.results.Results` and gives tidy tables; figures are drawn from the same
tables in :mod:`expansion_sim.figures.experiment`.
"""

from expansion_sim.experiment.analysis.discovery import Discovery, discover
from expansion_sim.experiment.analysis.distribution import quantile_curves
from expansion_sim.experiment.analysis.morris import MorrisIndices, morris_indices
from expansion_sim.experiment.analysis.paired import differences, paired_differences
from expansion_sim.experiment.analysis.pareto import non_dominated, pareto_front
from expansion_sim.experiment.analysis.probability import ecdfs, exceedance, sample_exceedance, weighted_ecdf, wilson_interval
from expansion_sim.experiment.analysis.sobol import SobolIndices, sobol_indices
from expansion_sim.experiment.analysis.summary import means, yearly_bands, yearly_means

__all__ = [
    "Discovery", "MorrisIndices", "SobolIndices", "differences", "discover", "ecdfs", "exceedance", "means", "morris_indices",
    "non_dominated", "paired_differences", "pareto_front", "quantile_curves", "sample_exceedance", "sobol_indices", "weighted_ecdf",
    "wilson_interval", "yearly_bands", "yearly_means",
]
