"""The page of a calibration says how the estimate was chosen; readings come from a made-up model of every fact."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.calibration.calibrate import problem_of
from expansion_sim.calibration.estimate import Estimate, chosen, estimate
from expansion_sim.calibration.misfit import all_terms
from expansion_sim.calibration.readings import column_names
from expansion_sim.calibration.report import fact_table, parameter_table, report_text, ridge_table, sensitivity_table
from expansion_sim.calibration.spec import Calibration, ParameterGroup, Search
from expansion_sim.validation import load_targets

GROUPS = (ParameterGroup(name="attention", parameters=("attention.base", "attention.study", "attention.size"), factor=3.0),)
SEARCH = Search(ensemble=40, starts=("shipped",), rounds=2, refinements=1, noise_seeds=4, final_seeds=4, draws=20, predictive=4, polish_seeds=4)


def readings(points, seeds) -> np.ndarray:
    """Every reading near what is published, moved by the parameters in ways of its own."""
    rng, columns = np.random.default_rng(3), len(column_names())
    middle, moves = np.ones(columns), rng.normal(size=(columns, 3))
    for term in all_terms(load_targets()):
        middle[term.column] = term.middle or 1.0
    found = []
    for point, own in zip(points, seeds, strict=True):
        logs = np.log([point[name] for name in GROUPS[0].parameters]) + 4.0
        found.append([middle * (1.0 + 0.1 * moves @ logs + 0.05 * np.random.default_rng(seed).normal(size=columns)) for seed in own])
    return np.array(found)


def page(points: int) -> tuple[Estimate, str]:
    spec = Calibration(schema_version=1, group=GROUPS, search=SEARCH.model_copy(update={"polish": points}))
    result = estimate(problem_of(spec, readings))
    tables = {"parameters": parameter_table(result), "facts": fact_table(result), "sensitivity": sensitivity_table(result)}
    return result, report_text(result, spec, tables | {"ridges": ridge_table(result)})


def test_the_page_says_how_many_facts_each_point_meets_and_which_was_chosen() -> None:
    result, text = page(3)
    (polished, most), (other, fewer) = result.contest.items()
    of = result.problem.misfit.of_fact.shape[1]
    line = f"On fresh seeds {most} of {of} facts at '{polished}' and {fewer} of {of} facts at '{other}' are within tolerance; "
    assert f"{line}'{chosen(result.contest)}' was chosen." in text
    assert f"Best candidate: {chosen(result.contest)}." in text
    assert "| candidate | objective | within |" in text
    table = parameter_table(result).set_index("parameter")
    assert table["estimate"].to_dict() == pytest.approx(result.candidates.loc[0, list(table.index)].astype(float).to_dict())


def test_the_page_is_silent_about_a_polish_that_was_not_asked_for() -> None:
    result, text = page(0)
    assert result.contest == {} and "was chosen" not in text
