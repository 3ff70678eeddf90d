"""The recorded stock of SMEs, and flows that lead from one year's stock to the next."""

import numpy as np
import pytest

from expansion_sim.codes import ACCOMMODATION_FOOD, LIGHT, MACHINERY, PROCESS
from expansion_sim.errors import InputError
from expansion_sim.population import demography
from expansion_sim.population.paths import firms_path, industry_shares, record, recorded_exit_rate, sme_path


def test_the_peak_and_the_last_count_are_the_published_ones():
    path = sme_path(1955, 2024)
    assert 1955 + int(path.argmax()) == 1986
    assert path.max() == pytest.approx(5.35e6, rel=0.005)  # 5.351 million firms of all sizes
    assert path[2021 - 1955] == pytest.approx(3_364_891, rel=0.0005)


def test_industries_add_up_to_the_total():
    assert np.allclose(firms_path(1955, 2035).sum(axis=1), sme_path(1955, 2035))


def test_counted_years_give_the_counts_back():
    assert firms_path(2014, 2014)[0, :3].sum() == pytest.approx(413_339, rel=0.001)
    assert firms_path(2021, 2021)[0, ACCOMMODATION_FOOD] == pytest.approx(422_300, rel=0.001)


def test_manufacturing_is_split_by_the_declared_shares():
    shares = industry_shares(np.array([1955, 1970, 1985]))[:, [LIGHT, MACHINERY, PROCESS]]
    shares /= shares.sum(axis=1, keepdims=True)
    assert np.allclose(shares, [[0.50, 0.25, 0.25], [0.45, 0.31, 0.24], [0.40, 0.37, 0.23]])


def test_later_years_lose_43_000_firms_a_year_down_to_a_floor():
    path = sme_path(2024, 2100)
    assert path[1] == pytest.approx(path[0] - 43_000)
    assert path[-1] == pytest.approx(0.25 * path[0])


def test_years_outside_the_record_are_refused():
    with pytest.raises(InputError, match="1955"):
        sme_path(1950, 1960)
    with pytest.raises(InputError):
        sme_path(1990, 1980)
    with pytest.raises(InputError, match="exactly one"):
        record("number_of_firms", "nowhere", 2014)


@pytest.mark.parametrize("year", [1955, 1973, 1986, 2008, 2018, 2024, 2030])
def test_flows_lead_to_the_next_stock(year):
    now, following = firms_path(year, year + 1)
    births, rate = demography.births(year), demography.expected_closures(year)
    assert (births >= 0).all()
    assert np.allclose(now * (1 - rate) + births, following)
    assert (rate >= recorded_exit_rate(year, year) - 1e-12).all()


def test_an_industry_that_shrinks_faster_than_the_exit_rate_closes_more_and_founds_none():
    now, following = firms_path(2018, 2019)[:, ACCOMMODATION_FOOD]
    assert demography.expected_closures(2018)[ACCOMMODATION_FOOD] == pytest.approx(1 - following / now)
    assert demography.births(2018)[ACCOMMODATION_FOOD] == pytest.approx(0.0, abs=1e-6)


def test_births_of_the_sixties_by_hand():
    stock, following = 3_423_000.0, 3_509_000.0  # 1965 and 1966, exit rate 2.5 percent
    assert demography.births(1965).sum() == pytest.approx(following - stock + 0.025 * stock)
