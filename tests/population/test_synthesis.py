"""New firms: exact strata, the medians of the record, and identities that do not depend on the scale."""

import math

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expansion_sim.codes import ELSEWHERE, INFORMATION, MACHINERY, PROCESS, RETAIL, SERVICES
from expansion_sim.errors import InputError
from expansion_sim.population import demography
from expansion_sim.population.attributes import home_sales, paid_in_capital, share_to_main_customer, size_in_stratum
from expansion_sim.population.balance import balance_laws
from expansion_sim.population.parents import BUYERS, make_parents
from expansion_sim.population.paths import firms_path
from expansion_sim.population.schema import FIRM_DTYPE, empty_firms
from expansion_sim.population.sizes import credit_tilt, size_laws, within_limits
from expansion_sim.population.strata import STRATA, class_shares, make_design, strata_table
from expansion_sim.population.synthesis import (
    EntryConditions,
    births,
    firm_id,
    initial_firms,
    rows_per_stratum,
    stratum_of,
)

PARENTS = make_parents()
FIXED = [name for name in FIRM_DTYPE.names if name != "weight"]


@pytest.fixture(scope="module")
def sample():
    return initial_firms(make_design(0.05), 2015, seed=7, parents=PARENTS)


def weighted_median(values, weights):
    order = np.argsort(values)
    steps = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(steps, 0.5 * steps[-1])])


def same(left, right, names=FIXED):
    return all((left[name] == right[name]).all() for name in names)


@pytest.mark.parametrize(("scale", "stratified"), [(0.001, True), (0.01, True), (0.01, False), (0.2, True)])
def test_weights_add_up_to_the_country(scale, stratified):
    design = make_design(scale, stratified)
    firms = initial_firms(design, 1990, seed=2)
    stock = (firms_path(1990, 1990)[0][:, None] * class_shares()).ravel()
    counted = np.bincount(stratum_of(firms), weights=firms["weight"].astype(float), minlength=STRATA)
    assert (np.abs(counted - stock) <= 1.01 * design.weight).all()  # at most one row too many or too few in each stratum


@settings(max_examples=15, deadline=None)
@given(st.floats(0.001, 0.02), st.integers(0, 2**62), st.integers(1955, 2030))
def test_any_scale_seed_and_year_gives_sound_rows(scale, seed, year):
    firms = births(make_design(scale), year, seed, parents=PARENTS)
    table = strata_table()[stratum_of(firms)]
    assert (firms["industry"] == table["industry"]).all()
    assert ((firms["employees"] >= table["smallest"]) & (firms["employees"] < table["largest"])).all()
    assert len(np.unique(firms["firm"])) == len(firms)
    assert (firms["alive"] == 1).all() and (firms["birth_year"] == year).all()
    for name in ("home_sales", "capital", "assets", "cash", "debt"):
        assert np.isfinite(firms[name]).all() and (firms[name] > 0).all()


def test_rows_of_a_stratum_are_rounded_at_random_but_kept_by_the_key():
    design, expected = make_design(0.01), np.full(STRATA, 130.0)
    rows = np.array([rows_per_stratum(design, expected, 1970, seed, True) for seed in range(400)])
    wanted = expected * design.rate
    assert (np.abs(rows - wanted) < 1.0).all()
    assert np.allclose(rows.mean(axis=0), wanted, atol=0.12)
    assert (rows[3] == rows_per_stratum(design, expected, 1970, 3, True)).all()


def test_another_scale_changes_nothing_but_the_weight():
    small, large = (initial_firms(make_design(scale), 1960, seed=9, parents=PARENTS) for scale in (0.004, 0.01))
    _, left, right = np.intersect1d(small["firm"], large["firm"], return_indices=True)
    assert len(left) == len(small)
    assert same(small[left], large[right])
    assert (large["weight"][right] < small["weight"][left]).all()


def test_stratified_or_not_a_firm_is_the_same():
    one, other = (births(make_design(0.01, stratified), 1988, seed=9, parents=PARENTS) for stratified in (True, False))
    _, left, right = np.intersect1d(one["firm"], other["firm"], return_indices=True)
    assert len(left) > 500 and same(one[left], other[right])


def test_initial_firms_and_births_of_the_same_year_have_different_ids():
    design = make_design(0.01)
    assert not np.intersect1d(initial_firms(design, 1955)["firm"], births(design, 1955)["firm"]).size


def test_id_holds_year_and_stratum():
    assert firm_id(1955, 7, 3) == 1955 * 2**32 + 7 * 2**24 + 3
    firms = births(make_design(0.01), 1971, seed=1)
    assert (firms["firm"] >> 32 == 1971).all()
    size_class = np.searchsorted([5, 20.5, 50, 100], firms["employees"], "right")
    assert (stratum_of(firms) == firms["industry"].astype(int) * 5 + size_class).all()


def test_threads_do_not_matter():
    design, threads = make_design(0.01), numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        alone = initial_firms(design, 1955, seed=5, parents=PARENTS)
    finally:
        numba.set_num_threads(threads)
    assert alone.tobytes() == initial_firms(design, 1955, seed=5, parents=PARENTS).tobytes()


def test_seed_changes_firms():
    design = make_design(0.01)
    assert (births(design, 1980, 1)["ability"][:100] != births(design, 1980, 2)["ability"][:100]).all()


def test_what_is_not_filled_stays_at_the_none_codes(sample):
    free = empty_firms(1)[0]
    untouched = ("wish_host", "invited_host", "cooperative", "programme", "event_host", "left_host", "wish_mode",
                 "channels", "markets", "plant_hosts", "first_year", "export_sales", "events", "profit")
    assert all((sample[name] == free[name]).all() for name in untouched)
    assert (sample["interested"] == (sample["knowledge"].max(axis=1) > 0.0)).all()  # born globals look abroad from the start
    assert (sample["since"] == 0).all() and (sample["taste"][:, 0] == 0).all()
    assert (sample["order_level"] == 1).all()


def test_spare_rows_are_free():
    design = make_design(0.001)
    firms = initial_firms(design, 1955, spare=10)
    assert (firms["alive"][-10:] == 0).all() and (firms["alive"][:-10] == 1).all()
    assert len(initial_firms(design, 1955, capacity=9000)) == 9000


@pytest.mark.parametrize(("column", "published", "tolerance"),
                         [("employees", 7.0, 0.05), ("home_sales", 100.1, 0.05), ("capital", 10.0, 0.10), ("assets", 91.9, 0.10)])
def test_medians_of_the_credit_risk_database_appear_through_its_tilt(sample, column, published, tolerance):
    makers = sample[sample["industry"] <= PROCESS]
    weights = makers["weight"] * makers["employees"].astype(float) ** credit_tilt(MACHINERY)
    assert weighted_median(makers[column].astype(float), weights) == pytest.approx(published, rel=tolerance)


def test_draws_have_their_moments(sample):
    for name, mean, spread in (("ability", 0, 0.5), ("productivity", 0, math.hypot(0.5, 0.15 / math.sqrt(1 - 0.85**2))),
                               ("patience", 0, 1), ("risk_tolerance", 0, 1), ("owner_age", 48, 11)):
        values = sample[name].astype(float)
        assert values.mean() == pytest.approx(mean, abs=0.02 * max(spread, 1))
        assert values.std() == pytest.approx(spread, rel=0.02)
    assert np.bincount(sample["expectation"]) / len(sample) == pytest.approx([0.35, 0.40, 0.25], abs=0.01)
    assert np.mean(2015 - sample["birth_year"]) == pytest.approx(12.5, abs=0.3)


def test_tastes_are_correlated_within_exporting_and_within_producing_abroad(sample):
    correlation = np.corrcoef(sample["taste"][:, 1:].T)
    within = [correlation[i, j] for i, j in ((0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5))]
    assert within == pytest.approx([0.5] * 6, abs=0.02)
    assert np.abs(correlation[:3, 3:]).max() < 0.02


def test_born_globals_know_rich_markets(sample):
    can = (sample["industry"] <= PROCESS) | (sample["industry"] == INFORMATION)
    known = (sample["knowledge"] > 0).sum(axis=1)
    assert not known[~can].any() and set(known) == {0, 3}
    assert np.mean(known[can] > 0) == pytest.approx(0.015, abs=0.002)
    assert np.allclose(sample["knowledge"][known > 0][:, [1, 4, 5]], 0.6)
    assert sample["quality"][known > 0].mean() == pytest.approx(1.45, abs=0.05)


def test_makers_to_order_lack_demand_abroad_and_suppliers_are_more_often_among_them(sample):
    makers = sample[(sample["industry"] <= PROCESS) & (sample["knowledge"].max(axis=1) == 0.0)]
    tied = makers["parent"] >= 0
    # shares .7 and .4 of them lack two log points
    assert makers["quality"][tied].mean() == pytest.approx(-0.7 * 2.0, abs=0.05)
    assert makers["quality"][~tied].mean() == pytest.approx(-0.4 * 2.0, abs=0.05)
    others = sample[sample["industry"] > PROCESS]
    assert others["quality"][others["industry"] != INFORMATION].mean() == pytest.approx(0.0, abs=0.02)


def test_customers_are_large_firms_that_buy_from_the_industry(sample):
    sold = sample[sample["parent"] >= 0]
    for industry in np.unique(sold["industry"]):
        rows = sold[sold["industry"] == industry]
        assert np.isin(PARENTS["industry"][rows["parent"]], BUYERS[industry]).all()
    assert (sold["second_customer"] != sold["parent"]).all()
    assert np.mean(sold["second_customer"] >= 0) == pytest.approx(0.3, abs=0.01)
    assert sold["order_share"].mean() == pytest.approx(0.35, abs=0.01)
    assert (sample["order_share"][sample["parent"] < 0] == 0).all()
    machinery = sample[(sample["industry"] == MACHINERY) & (sample["employees"] >= 5)]
    assert np.mean(machinery["parent"] >= 0) == pytest.approx(0.55, abs=0.02)


def test_without_large_customers_nobody_has_one():
    firms = births(make_design(0.005), 1990)
    assert (firms["parent"] == -1).all() and (firms["second_customer"] == -1).all()


def test_districts_hold_an_eighth_of_manufacturing_and_nothing_else(sample):
    makers = sample["industry"] <= PROCESS
    assert (sample["district"][~makers] == ELSEWHERE).all()
    assert np.average(sample["district"][makers] != ELSEWHERE, weights=sample["weight"][makers]) == pytest.approx(0.126, abs=0.01)


def test_every_firm_is_an_sme_under_the_basic_act(sample):
    large = sample[sample["employees"] > 50]
    assert all(within_limits(int(f["industry"]), f["employees"], f["capital"]) for f in large)
    assert (large["employees"] > 300).any()


def test_times_scale_sales_and_early_capital():
    design, poor = make_design(0.005), EntryConditions(productivity_index=0.2, price_level=0.25)
    early, rich = births(design, 1960, conditions=poor), births(design, 1960)
    assert np.allclose(early["home_sales"], 0.2 * rich["home_sales"], rtol=1e-5)
    assert np.allclose(early["cash"], 0.2 * rich["cash"], rtol=1e-5)
    assert np.allclose(early["capital"][early["employees"] < 50], 0.25 * rich["capital"][early["employees"] < 50], rtol=1e-5)
    late = births(design, 1995, conditions=poor)
    assert (late["capital"] == births(design, 1995)["capital"]).all()


def test_births_follow_the_record_or_what_is_asked():
    design = make_design(0.05)
    assert births(design, 1975)["weight"].sum(dtype=float) == pytest.approx(demography.births(1975).sum(), rel=0.01)
    counts = np.zeros(11)
    counts[RETAIL] = 30_000
    asked = births(design, 1975, counts=counts)
    assert set(asked["industry"]) == {RETAIL} and asked["weight"].sum(dtype=float) == pytest.approx(30_000, rel=0.02)


def test_births_replace_what_closes_by_size():
    design, hazard = make_design(0.05, stratified=False), np.array([2.0, 1.0, 1.0, 1.0, 1.0])
    firms = births(design, 1975, hazard=hazard)
    share = np.mean(firms["employees"][firms["industry"] == SERVICES] < 5)
    plain = class_shares()[SERVICES, 0]
    assert share == pytest.approx(2 * plain / (1 + plain), abs=0.01)


@pytest.mark.parametrize("bad", [{"productivity_index": 0.0}, {"expectations": (0.5, 0.5, 0.5)}, {"niche_share": 2.0},
                                 {"productivity_index": float("nan")}])
def test_impossible_conditions_are_refused(bad):
    with pytest.raises(InputError):
        EntryConditions(**bad)


def test_sales_of_the_median_manufacturer_by_hand():
    law = balance_laws()[MACHINERY]
    assert law["sales_elasticity"] == pytest.approx(1.2, abs=0.001)
    assert home_sales(7.0, 0.0, 1.0, law) == pytest.approx(100.1)
    assert home_sales(14.0, 0.1, 0.5, law) == pytest.approx(100.1 * 2**1.20034 * math.exp(0.083) * 0.5, rel=1e-4)


def test_capital_by_hand():
    law = balance_laws()[MACHINERY]
    assert paid_in_capital(100.1, 7.0, 1.0, 0.0, law) == pytest.approx(10.0)
    one_sd = 100.1 * math.exp(1.922)
    assert paid_in_capital(one_sd, 70.0, 0.5, 0.0, law) == pytest.approx(10.0 * math.exp(1.38 * 0.7) * 0.5)
    assert paid_in_capital(one_sd, 301.0, 1.0, 4.0, law) == 300.0


def test_quantiles_of_a_stratum_by_hand():
    table, laws = strata_table(), size_laws()
    tail, law = table[MACHINERY * 5 + 3], laws[MACHINERY]  # 50-99 persons, pure Pareto tail
    a = law["exponent"]
    assert size_in_stratum(0.5, tail, law) == pytest.approx((0.5 * (50**-a + 100**-a)) ** (-1 / a), rel=1e-9)
    assert size_in_stratum(1e-9, tail, law) == pytest.approx(50.0)
    assert np.float32(size_in_stratum(1 - 1e-9, tail, law)) < 100
    assert size_in_stratum(1e-9, table[MACHINERY * 5], law) == pytest.approx(1.0, abs=1e-6)


def test_order_share_stays_a_share():
    assert 0.0 < share_to_main_customer(1e-9) < share_to_main_customer(0.5) < share_to_main_customer(1 - 1e-9) <= 1.0


def test_worlds_that_found_other_numbers_share_their_first_firms_of_each_stratum() -> None:
    """The firms of a year are kept for other worlds; they are those that each world would have made by itself, and its own to change."""
    design, hazard = make_design(0.01), np.array([2.0, 1.0, 1.0, 1.0, 1.0])
    alone = [births(make_design(0.01), 1980, 5, parents=PARENTS, hazard=each) for each in (None, hazard)]
    for expected, each in zip((*alone, *alone), (None, hazard, None, hazard), strict=True):
        found = births(design, 1980, 5, parents=PARENTS, hazard=each)
        assert found.tobytes() == expected.tobytes()
        found["cash"] = -1.0
    assert alone[0].size != alone[1].size
