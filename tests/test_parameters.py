"""The file of parameters: every value within its range, sourced, and reachable by the rules."""

from __future__ import annotations

from pathlib import Path

import pytest

import expansion_sim
from expansion_sim.behaviour.tables import industry_table
from expansion_sim.codes import LIGHT, MACHINERY
from expansion_sim.errors import InputError
from expansion_sim.parameters import all_parameters, industry_parameters, load_parameters, parameters_record
from expansion_sim.scenario import load_scenario

SOURCES = Path(expansion_sim.__file__).parent


def test_every_value_is_in_its_range_and_sourced() -> None:
    for name, parameter in all_parameters().items():
        assert parameter.low <= parameter.value <= parameter.high, name
        assert parameter.low < parameter.high, name
        assert parameter.provenance in ("A", "C", "S", "V"), name
        assert parameter.unit and len(parameter.source) > 10, name


def test_every_parameter_is_used_by_a_rule() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    unused = [name for name in load_parameters() if name.replace(".", "_") not in code]
    assert unused == []


def test_overrides_reach_the_record_and_wrong_ones_are_refused() -> None:
    record = parameters_record({"band.risk": 0.31})
    assert record["band_risk"][0] == 0.31
    assert record["band_entry_scale"][0] == load_parameters()["band.entry_scale"].value
    with pytest.raises(InputError, match=r"did you mean band\.risk"):
        parameters_record({"band.rsk": 0.3})
    with pytest.raises(InputError, match="outside"):
        parameters_record({"band.risk": 5.0})


def test_values_of_industries_are_parameters_of_a_scenario() -> None:
    scenario = load_scenario("history", {"parameters.industry.machinery.exposure": 0.4})
    assert scenario.parameters == {"industry.machinery.exposure": 0.4}
    table = industry_table(scenario.parameters)
    assert table["exposure"][MACHINERY] == 0.4
    assert table["exposure"][LIGHT] == industry_parameters()["industry.light.exposure"].value
    assert parameters_record(scenario.parameters) == parameters_record()
    with pytest.raises(InputError, match=r"industry\.machinery\.exposure"):
        load_scenario("history", {"parameters.industry.machinery.exposre": 0.4})
    with pytest.raises(InputError, match="out of range"):
        load_scenario("history", {"parameters.industry.machinery.exposure": -1.0})
