"""Published facts and their scores: survey frames, declared moments, tolerances and the table of verdicts."""

from expansion_sim.validation.surveys import measure_surveys, surveys_for_year
from expansion_sim.validation.validate import load_targets, summary, validate

__all__ = ["load_targets", "measure_surveys", "summary", "surveys_for_year", "validate"]
