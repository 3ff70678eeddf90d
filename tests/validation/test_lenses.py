"""Every frame on a handful of firms, with weights worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.codes import CONSTRUCTION, CONTRACT, LIGHT, MACHINERY, RETAIL, WHOLESALE
from expansion_sim.population.schema import empty_firms
from expansion_sim.population.sizes import credit_tilt
from expansion_sim.validation.frames import JFC_SIZE_TILT, TDB_MIX, jfc_sample
from expansion_sim.validation.lenses import LENSES
from expansion_sim.validation.snapshot import Snapshot, price_level


def firms(**columns: object) -> np.ndarray:
    """Living firms of weight one with the given columns; the first column sets their number."""
    rows = empty_firms(len(next(iter(columns.values()))))
    rows["alive"], rows["weight"] = 1, 1.0
    for name, values in columns.items():
        rows[name] = values
    return rows


def weights(lens: str, rows: np.ndarray, year: int = 2023) -> list[float]:
    return LENSES[lens].weights(rows, year).tolist()


def test_all_smes_needs_one_of_the_two_limits() -> None:
    rows = firms(
        industry=[LIGHT, LIGHT, RETAIL, RETAIL, WHOLESALE], employees=[400, 400, 60, 50, 100], capital=[300, 301, 51, 900, 101]
    )
    assert weights("all_smes", rows) == [1, 0, 0, 1, 1]


def test_dead_rows_have_no_weight_in_any_frame() -> None:
    rows = firms(industry=[LIGHT], employees=[60], capital=[40], channels=[3], home_sales=[1000.0], markets=[1])
    rows["alive"] = 0
    assert all(weights(name, rows) == [0.0] for name in LENSES)


def test_basic_survey_needs_50_persons_30_million_and_a_covered_industry() -> None:
    rows = firms(
        industry=[LIGHT, LIGHT, LIGHT, CONSTRUCTION, WHOLESALE], employees=[50, 49, 50, 80, 60], capital=[30, 30, 29, 100, 40]
    )
    rows["weight"] = 7.0
    makers, trade = 21640.0 * 12634.0 / 27988.0, 21640.0 * 5500.0 / 27988.0  # SMEs of FY2015, mix of FY2017
    assert weights("basic_survey", rows) == pytest.approx([makers, 0, 0, 0, trade])
    assert weights("basic_survey_manufacturing", rows) == pytest.approx([makers, 0, 0, 0, 0])
    assert weights("basic_survey_other", rows) == pytest.approx([0, 0, 0, 0, trade])


def test_census_of_manufactures_by_size() -> None:
    rows = firms(industry=[LIGHT, MACHINERY, MACHINERY, RETAIL], employees=[3.9, 4, 29.5, 10])
    assert weights("census_manufactures", rows) == [0, 1, 1, 0]
    assert weights("census_4_10", rows) == [0, 1, 0, 0]
    assert weights("census_4_29", rows) == [0, 1, 1, 0]


def test_jfc_borrowers_have_the_industry_mix_of_the_sample_and_its_tilt() -> None:
    """Light with 5 persons x 10 and machinery with 20 persons x 1, tilted by size, share the 1,480 manufacturers."""
    rows = firms(industry=[LIGHT, MACHINERY, WHOLESALE, WHOLESALE], employees=[5, 20, 30, 4], weight=[10, 1, 3, 100])
    light = 1480 * 10.0 / (10.0 + 4.0**JFC_SIZE_TILT)
    assert weights("jfc_borrowers", rows) == pytest.approx([light, 1480 - light, 548, 0], rel=1e-6)
    assert weights("jfc_manufacturing", rows) == pytest.approx([light, 1480 - light, 0, 0], rel=1e-6)
    assert sum(jfc_sample().values()) == pytest.approx(3790)


def test_corporations_rise_with_size() -> None:
    rows = firms(industry=[LIGHT] * 4, employees=[2, 10, 30, 200], weight=[100] * 4)
    assert weights("corporations", rows) == pytest.approx([25, 70, 95, 99])


def test_the_bureau_has_its_own_size_tilt_and_industry_mix() -> None:
    """Light with 16 and 81 persons: chances of being a corporation .70 and .99, tilts 16^.25 = 2 and 81^.25 = 3; 26 makers to 18 wholesalers."""
    rows = firms(industry=[LIGHT, LIGHT, WHOLESALE, WHOLESALE], employees=[16, 81, 30, 4], weight=[100, 10, 1, 50])
    small, large = 100 * 0.70 * 2.0, 10 * 0.99 * 3.0
    total = small + large
    assert weights("tdb_sample", rows) == pytest.approx([26 * small / total, 26 * large / total, 18, 0])


def test_tdb_classes_go_by_sales_at_prices_of_the_year() -> None:
    """One billion yen of 2024 is less at prices of 2015, by the price level."""
    billion = 1000.0 / price_level(2024)
    rows = firms(
        industry=[LIGHT] * 4, employees=[60] * 4, home_sales=[0.99 * billion, 0.6 * billion, 4.9 * billion, 10.1 * billion]
    )
    rows["export_sales"] = [0.0, 0.41 * billion, 0.2 * billion, 0.0]
    names = ("tdb_below_1bn", "tdb_1_5bn", "tdb_5_10bn", "tdb_from_10bn")
    assert [int(np.argmax(LENSES[name].weights(rows, 2024))) for name in names] == [0, 1, 2, 3]
    assert sum(LENSES[name].weights(rows, 2024).sum() for name in names) == pytest.approx(TDB_MIX["manufacturing"])


def test_internationalised_are_those_with_any_mode() -> None:
    rows = firms(industry=[LIGHT] * 5, employees=[4, 16, 16, 16, 16])
    rows["channels"][1], rows["contract_hosts"][2], rows["cluster_hosts"][3] = 4, 1, 2
    assert weights("internationalised", rows) == [0, 1, 1, 1, 0]
    assert weights("smrj_internationalised", rows) == pytest.approx([0, *[16.0**JFC_SIZE_TILT] * 3, 0])


def test_producers_abroad_include_those_who_gave_up_within_ten_years() -> None:
    rows = firms(industry=[LIGHT] * 4, employees=[9] * 4)
    rows["plant_hosts"][0] = 1
    rows["left"][1, CONTRACT], rows["left"][2, CONTRACT] = 2014, 2013
    assert (LENSES["producers_abroad"].weights(rows, 2023) > 0).tolist() == [True, True, False, False]


def test_niche_leaders_are_the_most_differentiated_direct_exporters() -> None:
    rows = firms(industry=[LIGHT] * 41, employees=[30] * 41, quality=np.arange(41.0), channels=[2] * 40 + [1])
    assert np.flatnonzero(LENSES["niche_leaders"].weights(rows, 2020)).tolist() == [37, 38, 39]


def test_credit_risk_database_tilts_by_size() -> None:
    rows = firms(industry=[LIGHT, LIGHT, RETAIL], employees=[7, 70, 8])
    expected = [7 ** credit_tilt(LIGHT), 70 ** credit_tilt(LIGHT), 8 ** credit_tilt(RETAIL)]
    assert weights("credit_risk_database", rows) == pytest.approx(expected, rel=1e-6)


def test_a_snapshot_gives_the_same_weights_as_the_records() -> None:
    rng = np.random.default_rng(5)
    rows = firms(
        industry=rng.integers(0, 11, 300), employees=np.exp(rng.normal(2.5, 1.3, 300)), home_sales=np.exp(rng.normal(5, 2, 300))
    )
    rows["capital"], rows["channels"], rows["quality"] = rng.uniform(1, 200, 300), rng.integers(0, 8, 300), rng.normal(0, 1, 300)
    snapshot = Snapshot(rows, 2023)
    for lens in LENSES.values():
        np.testing.assert_array_equal(snapshot.weights(lens.weights), lens.weights(rows, 2023))
