"""The declared surveys: well formed, silent in other years, and right on a handful of firms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from expansion_sim.codes import CONTRACT, DIRECT, EVENTS, FDI, INDIRECT, LIGHT, MODES, WHOLESALE
from expansion_sim.history import load_history
from expansion_sim.population.schema import empty_firms
from expansion_sim.validation import econometrics as econ
from expansion_sim.validation import measures as m
from expansion_sim.validation.lenses import LENSES
from expansion_sim.validation.snapshot import Snapshot, price_level
from expansion_sim.validation.surveys import ANSWERED_BY, BY_NAME, SURVEYS, measure_surveys, surveys_for_year


def firms(number: int, **columns: object) -> np.ndarray:
    rows = empty_firms(number)
    rows["alive"], rows["weight"], rows["employees"], rows["industry"] = 1, 1.0, 60, LIGHT
    rows["capital"], rows["home_sales"] = 40.0, 1000.0
    for name, values in columns.items():
        rows[name] = values
    return rows


def test_declarations_are_unique_and_complete() -> None:
    assert len(BY_NAME) == len(SURVEYS)
    assert len(ANSWERED_BY) == sum(len(survey.target_ids) for survey in SURVEYS)
    for survey in SURVEYS:
        assert survey.lens in LENSES and survey.years and survey.unit
        assert set(survey.answers.values()) <= set(survey.years)


def test_ordinary_years_cost_nothing() -> None:
    assert measure_surveys(firms(3), 1960) == {} and surveys_for_year(1960) == ()


def test_every_survey_of_its_year_is_answered_with_a_number() -> None:
    rows = firms(4)
    for year in (1986, 1997, 2005, 2023, 2024):
        values = measure_surveys(rows, year)
        assert set(values) == {survey.name for survey in surveys_for_year(year)}
        assert all(isinstance(value, float) for value in values.values())


def test_shares_by_mode_of_a_few_borrowers() -> None:
    """Two manufacturers of equal size, one with direct export and a plant; one wholesaler with a plan."""
    rows = firms(3, industry=[LIGHT, LIGHT, WHOLESALE], wish_mode=[0, 0, INDIRECT])
    rows["channels"][0], rows["plant_hosts"][0] = 2, 1
    values = measure_surveys(rows, 2023)
    assert values["jfc.abroad.manufacturing"] == values["jfc.direct.manufacturing"] == values["jfc.fdi.manufacturing"] == 50
    assert values["jfc.indirect.manufacturing"] == values["jfc.abroad.wholesale"] == 0
    assert values["jfc.planning.wholesale"] == values["jfc.interested_or_planning.wholesale"] == 100
    assert values["jfc.abroad.all"] == pytest.approx(100 * 740 / (1480 + 548))
    assert values["jfc.planners_name_indirect"] == 100
    assert math.isnan(values["jfc.abroad.retail"])


def test_collective_plants_count_as_own_fdi() -> None:
    rows = firms(2, cluster_hosts=[1, 0])
    assert measure_surveys(rows, 2021)["basic.affiliates"] == 50


def test_exports_at_prices_of_the_year_without_trading_houses() -> None:
    rows = firms(2, channels=[2, 1], export_sales=[2e6, 5e6], home_sales=[2e6, 0.0])
    values = measure_surveys(rows, 2015)
    assert values["basic.export_ratio"] == pytest.approx(100 * 2 / 9)
    makers = 21640.0 * 12634.0 / 27988.0  # the two rows stand for all makers of the survey
    assert measure_surveys(rows, 2019)["basic.exports_manufacturing"] == pytest.approx(makers / 2 * 2.0 * price_level(2019))


def test_mean_amount_of_new_projects_in_dollars() -> None:
    rows = firms(3, invested=[100.0, 300.0, 900.0], event_mode=[FDI, FDI, CONTRACT])
    rows["events"] = [1 << EVENTS.index("enter"), 1 << EVENTS.index("add_host"), 1 << EVENTS.index("enter")]
    dollars = 200.0 * price_level(1986) / load_history().series("jpy_per_usd", year=1986)
    assert measure_surveys(rows, 1986)["projects.mean_amount"] == pytest.approx(dollars)


def test_first_modes_by_span_of_years() -> None:
    rows = firms(4, first_mode=[DIRECT, INDIRECT, FDI, 0], first_year=[1970, 1975, 1978, 0])
    values = measure_surveys(rows, 2023)
    assert values["jfc.first_mode.1960_79.fdi"] == pytest.approx(100 / 3)
    assert math.isnan(values["jfc.first_mode.2000_09.fdi"])


def test_exit_of_this_year_is_seen_in_the_state() -> None:
    """Of three exporters of last year one left; the newcomer of this year is not at risk."""
    rows = firms(5, channels=[2, 2, 0, 2, 0])
    rows["since"][[0, 1, 3], DIRECT] = [2000, 2007, 2009]
    rows["left_modes"][2], rows["years_in_mode"][2], rows["left"][2, DIRECT] = 1 << DIRECT, 4, 2009
    snapshot = Snapshot(rows, 2009)
    assert econ.exit_hazard(DIRECT)(snapshot, np.ones(5)) == pytest.approx(100 / 3)
    assert econ.in_before(snapshot, (DIRECT,)).tolist() == [True, True, True, False, False]


def test_exit_slope_has_the_sign_of_the_hazard() -> None:
    """Four of ten leave young spells, one of ten old ones."""
    rows = firms(20, channels=2)
    years = np.repeat([2, 12], 10)
    rows["since"][:, DIRECT] = 2009 - years
    gone = np.r_[0:4, 10:11]
    rows["channels"][gone], rows["left_modes"][gone], rows["years_in_mode"][gone] = 0, 1 << DIRECT, years[gone]
    rows["since"][gone, DIRECT] = 0
    slope = econ.exit_slope((DIRECT,), "years")(Snapshot(rows, 2009), np.ones(20))
    assert slope == pytest.approx(math.log((1 / 9) / (4 / 6)) / 10, rel=1e-3)


def test_starters_employment_relative_to_permanent_size() -> None:
    rows = firms(3, employees=[90, 100, 200], log_size=np.log([100, 100, 200]))
    rows["since"][0, FDI], rows["plant_hosts"][0], rows["ever"][0] = 2006, 1, 1 << FDI
    assert econ.starters_employment(3)(Snapshot(rows, 2009), np.ones(3)) == pytest.approx(0.9, rel=1e-5)
    assert math.isnan(econ.starters_employment(4)(Snapshot(rows, 2009), np.ones(3)))


def test_state_dependence_outweighs_productivity_when_status_persists() -> None:
    rng = np.random.default_rng(1)
    rows = firms(3000, productivity=rng.normal(0, 1, 3000))
    inside = rng.random(3000) < 0.3
    rows["channels"] = np.where(np.where(rng.random(3000) < 0.95, inside, ~inside), 2, 0)
    rows["since"][:, DIRECT] = np.where(inside, 1990, np.where(rows["channels"] > 0, 2001, 0))
    rows["left"][:, DIRECT] = np.where(inside & (rows["channels"] == 0), 2001, 0)
    assert econ.state_dependence(DIRECT)(Snapshot(rows, 2001), np.ones(3000)) > 10


def test_median_sales_by_channel() -> None:
    rows = firms(6, channels=[0, 0, 1, 1, 3, 2], home_sales=[10, 10, 30, 30, 120, 120])
    snapshot = Snapshot(rows, 2005)
    assert m.median_sales_ratio(1)(snapshot, np.ones(6)) == 3 and m.median_sales_ratio(2)(snapshot, np.ones(6)) == 12


def test_all_modes_can_be_asked_for() -> None:
    rows = firms(1, channels=7, contract_hosts=1, plant_hosts=1, cluster_hosts=1)
    assert all(m.uses(Snapshot(rows, 2000), mode).all() for mode in range(1, len(MODES)))
