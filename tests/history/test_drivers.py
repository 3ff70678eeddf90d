"""Drivers follow the record, and a scenario's own paths move what hangs on them and nothing else."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expansion_sim.codes import HOST_GROUP_OF, HOSTS
from expansion_sim.errors import InputError
from expansion_sim.history import load_history
from expansion_sim.history.drivers import Drivers, build_drivers, smoothed, yen_volatility
from expansion_sim.history.events import decaying_shocks
from expansion_sim.history.fields import HOST_DTYPE, JAPAN_DTYPE
from expansion_sim.history.overrides import swung

WAGES_AND_MARKETS = {"wage", "wage_expected", "relative_wage", "relative_wage_expected", "market", "market_ratio", "income"}
USA, CHN, THA, VNM = (HOSTS.index(host) for host in ("USA", "CHN", "THA", "VNM"))


def entry(value: float, from_: int | None = None, to: int | None = None, **words: str) -> SimpleNamespace:
    """An entry of a drivers specification."""
    return SimpleNamespace(from_=from_, to=to, value=value, **words)


def build(first: int = 1955, last: int = 2024, seed: int = 0, **spec: object) -> Drivers:
    """Drivers of a specification that has only the named parts."""
    return build_drivers(load_history(), SimpleNamespace(**spec) if spec else None, first, last, seed)


@pytest.fixture(scope="module")
def record() -> Drivers:
    """Drivers of the record."""
    return build()


def differing(a: np.ndarray, b: np.ndarray) -> set[str]:
    """Fields in which two record arrays differ by more than rounding."""
    return {name for name in a.dtype.names if not np.allclose(a[name], b[name], rtol=1e-12, atol=1e-15)}


def test_shape_types_and_finite_values(record: Drivers) -> None:
    assert record.japan.shape == (70,) and record.japan.dtype == JAPAN_DTYPE
    assert record.hosts.shape == (70, 16) and record.hosts.dtype == HOST_DTYPE
    for table in (record.japan, record.hosts):
        assert all(np.isfinite(table[name]).all() for name in table.dtype.names)
    assert (record.hosts["group"] == np.array(HOST_GROUP_OF)).all()
    assert ((record.hosts["openness"] >= 0) & (record.hosts["openness"] <= 1)).all()
    assert (record.hosts["risk"] >= 0).all() and (np.abs(record.japan["credit"]) <= 1).all()


def test_values_worked_by_hand(record: Drivers) -> None:
    japan, hosts = record.year(1985)
    assert japan["year"] == 1985 and japan["yen"] == 238.5 and japan["cpi"] == pytest.approx(0.8536)
    assert japan["wage"] == pytest.approx(13690 * 238.5 / 1e6 / 0.8536)
    assert japan["real_rate"] == pytest.approx(0.06806 - (85.36 / 83.66 - 1))
    assert japan["freedom"] == 1.0 and japan["tax"] == pytest.approx(0.433) and japan["reer"] == 107.3
    history = load_history()
    labour, gdp = history.series("labour_cost_usd_per_worker", "THA", 1985), history.series("gdp_usd_bn", "THA", 1985)
    assert hosts["relative_wage"][THA] == pytest.approx(labour / 13690)
    assert hosts["market_ratio"][THA] == pytest.approx(gdp / 1427)
    assert hosts["market"][THA] == pytest.approx(gdp * 1e9 * 238.5 / 1e6 / 0.8536)
    assert hosts["freight"][USA] == pytest.approx(0.05 + 0.012 * hosts["distance_km"][USA] / 1000)
    # credit: year-end discount rates 5.5, 5.0, 5.0 (1982-84) and 5.0, no credit event before 1990
    assert japan["credit"] == pytest.approx((15.5 / 3 - 5.0) / 4)
    assert record.year(1986)[0]["yen_change"] == pytest.approx(np.log(168.3 / 238.5))


def test_2015_is_the_base(record: Drivers) -> None:
    japan, hosts = record.year(2015)
    assert japan["demand"] == pytest.approx(1) and japan["productivity"] == pytest.approx(1) and japan["cpi"] == 1
    assert japan["gdp"] == pytest.approx(4445 * 121.0 * 1e3)
    assert hosts["ulc_ratio"] == pytest.approx(1) and hosts["productivity_ratio"] == pytest.approx(hosts["income"])


def test_the_yen_of_the_record_shows_in_the_ratios(record: Drivers) -> None:
    """Relative wages, the rise of 1985-95 and the real exchange rate of the World Bank agree."""
    usa = record.hosts["ulc_ratio"][:, USA]
    year = record.index
    assert usa[year(1995)] < 0.5 < 0.9 < usa[year(1985)] < usa[year(2024)] < usa[year(1962)]
    thai = record.hosts["relative_wage"][:, THA]
    assert thai[year(1967)] == pytest.approx(0.17, abs=0.01) and thai[year(1988)] == pytest.approx(0.05, abs=0.01)
    assert record.hosts["relative_wage"][year(1995), CHN] < 0.02 and record.hosts["relative_wage"][year(2020), CHN] > 0.25
    # weights of Japan's partners in the index before 1980, see series.toml
    weights = {"USA": 0.42, "DEU": 0.08, "KOR": 0.08, "TWN": 0.07, "GBR": 0.06, "HKG": 0.06, "SGP": 0.05, "FRA": 0.04,
               "THA": 0.04, "IDN": 0.04, "MYS": 0.03, "PHL": 0.03}
    mine = sum(w * np.log(record.hosts["ulc_ratio"][:, HOSTS.index(h)]) for h, w in weights.items())
    changes = np.diff(mine)[year(1961):], -np.diff(np.log(record.japan["reer"]))[year(1961):]
    assert np.corrcoef(*changes)[0, 1] > 0.95


def test_credit_is_tight_when_money_was(record: Drivers) -> None:
    credit = {y: record.year(y)[0]["credit"] for y in (1973, 1986, 1990, 1997, 2008)}
    assert credit[1973] == -1 and credit[1990] == -1 and credit[1986] > 0.3 and credit[1997] < -0.3 and credit[2008] < -0.3


def test_tiananmen_is_a_shock_that_fades(record: Drivers) -> None:
    risk = record.hosts["risk"][:, CHN]
    at = record.index
    assert risk[at(1988)] == 0 and risk[at(1989)] >= 0.5 and 0.2 < risk[at(1990)] < 0.4 and risk[at(1992)] < 0.1
    assert decaying_shocks(np.array([1988, 1989, 1991]), np.array([1989]), np.array([0.5])).tolist() == [0, 0.5, 0.125]


def test_expectations_start_at_the_first_value_and_halve_the_gap(record: Drivers) -> None:
    wage, expected = record.hosts["wage"], record.hosts["wage_expected"]
    assert expected[0] == pytest.approx(wage[0])
    assert np.log(expected[1:]) == pytest.approx(0.5 * np.log(expected[:-1]) + 0.5 * np.log(wage[1:]))
    assert smoothed(np.array([1.0, 3.0, 3.0])).tolist() == [1.0, 2.0, 2.5]
    assert record.japan["demand_outlook"][0] == record.japan["growth"][0]


def test_volatility_is_the_spread_of_five_changes(record: Drivers) -> None:
    change = record.japan["yen_change"]
    assert (record.japan["volatility"][:16] == 0.02).all()
    row = record.index(1988)
    assert record.japan["volatility"][row] == pytest.approx(np.std(change[row - 4:row + 1], ddof=1))
    assert yen_volatility(np.zeros(3)).tolist() == [0.02] * 3


def test_rivals_are_open_output_over_japans_in_volumes(record: Drivers) -> None:
    hosts, japan = record.hosts, record.japan
    at, base = record.index(1990), record.index(2015)
    history = load_history()
    people = history.matrix("population_million") / history.japan["population_million"].to_numpy()[:, None]
    open_output = (hosts["productivity_ratio"] * people * hosts["openness"]).sum(axis=1)
    assert japan["rivals"][base] == pytest.approx(1.0)
    assert japan["rivals"][at] == pytest.approx(open_output[at] / open_output[base])
    assert japan["rivals"][0] > 1.0 > 0.6 > japan["rivals"][at]  # Japan catches up until 1990, then others do
    weak = build(yen_factor=[entry(1.5)])
    assert (weak.japan["rivals"] == japan["rivals"]).all()  # counted in volumes: the yen makes no rivals
    closed = build(host=[entry(0.0, 2000, series="openness", host="CHN")])
    row = record.index(2020)
    assert closed.japan["rivals"][row] == pytest.approx(japan["rivals"][row] - open_output_of(record, CHN, row) / open_output[base])


def open_output_of(drivers: Drivers, host: int, row: int) -> float:
    """Open output of one host over Japan's in volumes."""
    history = load_history()
    people = history.matrix("population_million")[row, host] / history.japan["population_million"].to_numpy()[row]
    return float(drivers.hosts["productivity_ratio"][row, host] * people * drivers.hosts["openness"][row, host])


def test_wages_abroad_are_a_mean_by_gravity_and_move_with_the_yen(record: Drivers) -> None:
    row = record.index(1985)
    hosts = record.hosts[row]
    weight = hosts["market"] * hosts["openness"] / hosts["distance_km"]
    by_hand = sum(float(w * x) for w, x in zip(weight, hosts["relative_wage"], strict=True)) / float(weight.sum())
    assert record.japan["wage_abroad"][row] == pytest.approx(by_hand)
    weak = build(yen_factor=[entry(1.25)])
    assert weak.japan["wage_abroad"] == pytest.approx(1.25 * record.japan["wage_abroad"])


def test_a_world_of_closed_hosts_has_no_rivals_and_still_a_mean_wage(record: Drivers) -> None:
    closed = build(host=[entry(0.0, 1990, series="openness", host=host) for host in HOSTS])
    after = slice(record.index(1990), None)
    assert (closed.japan["rivals"][after] == 0.0).all()
    assert np.isfinite(closed.japan["wage_abroad"]).all() and (closed.japan["wage_abroad"][after] > 0.0).all()


def test_a_late_start_keeps_the_past(record: Drivers) -> None:
    late = build(first=1985, last=1999)
    assert (late.japan == record.japan[30:45]).all() and (late.hosts == record.hosts[30:45]).all()
    assert late.index(1985) == 0
    with pytest.raises(InputError, match="allowed 1985-1999"):
        late.year(1984)


def test_an_empty_specification_is_the_record(record: Drivers) -> None:
    same = build(yen=[], yen_factor=None, yen_hold_from=None, japan=[], host=[])
    assert (same.japan == record.japan).all() and (same.hosts == record.hosts).all()


def test_another_yen_moves_hosts_one_for_one_and_leaves_japan(record: Drivers) -> None:
    weak = build(yen=[entry(240.0, 1986, 2024)])
    assert differing(weak.japan, record.japan) == {"yen", "reer", "yen_change", "volatility", "wage_abroad"}
    assert differing(weak.hosts, record.hosts) == WAGES_AND_MARKETS | {"ulc_ratio", "ulc_ratio_expected"}
    ratio = (weak.japan["yen"] / record.japan["yen"])[:, None] * np.ones(16)
    assert (ratio[:31] == 1).all() and ratio[40, 0] == pytest.approx(240 / 93.96)
    for name in ("wage", "relative_wage", "market", "market_ratio", "income", "ulc_ratio"):
        assert weak.hosts[name] / record.hosts[name] == pytest.approx(ratio)
    assert weak.japan["reer"] * weak.japan["yen"] == pytest.approx(record.japan["reer"] * record.japan["yen"])


def test_yen_hold_path_and_factor_apply_in_this_order(record: Drivers) -> None:
    yen = build(yen_hold_from=1984, yen=[entry(180.0, 1990, 1994)], yen_factor=[entry(1.1, 1994)]).japan["yen"]
    at = record.index
    assert (yen[:at(1984)] == record.japan["yen"][:at(1984)]).all()
    assert (yen[at(1984):at(1990)] == 237.5).all() and (yen[at(1990):at(1994)] == 180).all()
    assert yen[at(1994)] == pytest.approx(198) and yen[at(2024)] == pytest.approx(237.5 * 1.1)


def test_swings_around_the_trend_of_eleven_years_worked_by_hand() -> None:
    assert swung(np.array([1.0, 2.0, 4.0]), 0.0) == pytest.approx([2.0, 2.0, 2.0])  # one trend: the mean of the logs
    assert swung(np.array([1.0, 2.0, 4.0]), 2.0) == pytest.approx([0.5, 2.0, 8.0])
    spike = np.exp(np.where(np.arange(13) == 6, 1.0, 0.0))
    trend = [0.0, 1 / 7, 1 / 8, 1 / 9, 1 / 10, *[1 / 11] * 3, 1 / 10, 1 / 9, 1 / 8, 1 / 7, 0.0]  # fewer years at the ends
    assert np.log(swung(spike, 0.0)) == pytest.approx(trend)
    assert np.log(swung(spike, 3.0)) == pytest.approx(3.0 * np.log(spike) - 2.0 * np.array(trend))


def test_swings_of_the_yen_act_from_their_year_on_after_stated_paths_and_before_factors(record: Drivers) -> None:
    at, yen = record.index, record.japan["yen"]
    assert build(yen_swings=[entry(1.0)]).japan["yen"] == pytest.approx(yen)
    wild, calm = (build(yen_swings=[entry(value, 1985)]) for value in (2.0, 0.0))
    for other in (wild, calm):
        assert (other.japan["yen"][:at(1985)] == yen[:at(1985)]).all()
        assert differing(other.japan, record.japan) == {"yen", "reer", "yen_change", "volatility", "wage_abroad"}
    later = slice(at(1985), None)
    assert wild.japan["yen"][later] / yen[later] == pytest.approx(yen[later] / calm.japan["yen"][later])
    order = [drivers.japan["volatility"][at(1990):].mean() for drivers in (calm, record, wild)]
    assert order[0] < order[1] < order[2]
    both = build(yen=[entry(180.0, 1980, 2024)], yen_swings=[entry(0.0, 1990)], yen_factor=[entry(1.1, 1990)])
    assert both.japan["yen"][at(1990):] == pytest.approx(198.0)


def test_growth_of_japan_carries_volumes_productivity_and_wages(record: Drivers) -> None:
    slow = build(japan=[entry(0.02, 1960, 1969, series="growth")])
    at = record.index
    assert differing(slow.japan[:at(1960)], record.japan[:at(1960)]) == set()
    assert slow.japan["growth"][at(1960):at(1970)] == pytest.approx(0.02)
    assert slow.japan["growth"][at(1970):] == pytest.approx(record.japan["growth"][at(1970):])
    share = slow.japan["demand"] / record.japan["demand"]
    assert share[at(1970)] == pytest.approx(np.prod(1.02 / (1 + record.japan["growth"][at(1960):at(1970)])))
    for name in ("gdp", "productivity", "wage"):
        assert slow.japan[name] / record.japan[name] == pytest.approx(share)
    assert record.hosts["market_ratio"] / slow.hosts["market_ratio"] == pytest.approx(share[:, None] * np.ones(16))
    assert slow.hosts["ulc_ratio"] == pytest.approx(record.hosts["ulc_ratio"])  # wages follow productivity
    assert slow.hosts["market"] == pytest.approx(record.hosts["market"])


def test_growth_of_a_host_carries_its_market_and_wage(record: Drivers) -> None:
    other = build(host=[entry(0.0, 1980, 1989, series="growth", host="CHN")])
    changed = differing(other.hosts[:, CHN], record.hosts[:, CHN])
    assert changed == WAGES_AND_MARKETS | {"productivity_ratio", "growth"}
    rest = [h for h in range(16) if h != CHN]
    assert differing(other.hosts[:, rest], record.hosts[:, rest]) == set()
    assert differing(other.japan, record.japan) == {"wage_abroad", "rivals"}


def test_wage_factors_move_the_wage_gap_and_unit_labour_cost(record: Drivers) -> None:
    cheap = build(japan=[entry(0.5, 1990, None, series="wage_factor")])
    row = record.index(1995)
    assert cheap.japan["wage"][row] == pytest.approx(record.japan["wage"][row] / 2)
    assert cheap.hosts["ulc_ratio"][row] == pytest.approx(2 * record.hosts["ulc_ratio"][row])
    assert differing(cheap.hosts[:35], record.hosts[:35]) == set()
    dear = build(host=[entry(3.0, 2000, 2005, series="wage_factor", host="VNM")])
    assert dear.hosts["wage"][record.index(2003), VNM] == pytest.approx(3 * record.hosts["wage"][record.index(2003), VNM])
    assert differing(dear.japan, record.japan) == {"wage_abroad"}


def test_special_tariffs_count_by_the_market_that_takes_them(record: Drivers) -> None:
    """The United States' 17 points on Chinese goods in 2021, times their share in the GDP of the fifteen other hosts."""
    gdp = load_history().matrix("gdp_usd_bn")[2021 - 1955]
    share = gdp[HOSTS.index("USA")] / (gdp.sum() - gdp[CHN])
    assert 0.4 < share < 0.6
    assert record.hosts["third_tariff"][record.index(2021), CHN] == pytest.approx(0.17 * share)
    assert (record.hosts["third_tariff"][: record.index(2018)] == 0.0).all()
    assert (record.hosts["home_tariff"] == 0.0).all()


@pytest.mark.parametrize("series", ["openness", "tariff", "third_tariff", "home_tariff", "risk", "agreement", "tax"])
def test_a_host_series_is_set_alone(record: Drivers, series: str) -> None:
    closed = build(host=[entry(0.0, 1979, None, series=series, host="CHN")])
    assert differing(closed.hosts, record.hosts) <= {series}
    assert (closed.hosts[series][24:, CHN] == 0).all()
    assert (closed.hosts[series][:24] == record.hosts[series][:24]).all()


@pytest.mark.parametrize(
    ("series", "follows"), [("lending_rate", {"real_rate"}), ("freedom", set()), ("credit", set()), ("tax", set())]
)
def test_a_series_of_japan_is_set_with_what_follows(record: Drivers, series: str, follows: set[str]) -> None:
    other = build(japan=[entry(0.25, 1970, 1980, series=series)])
    assert differing(other.japan, record.japan) == {series} | follows
    assert (other.japan[series][15:26] == 0.25).all()


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (dict(yen=[entry(-1.0, 1990)]), "drivers.yen: value -1"),
        (dict(yen=[entry(float("nan"), 1990)]), "drivers.yen: value nan"),
        (dict(yen=[entry(100.0, 1999, 1990)]), "from 1999 is after to 1990"),
        (dict(yen=[entry(100.0, None, 1950)]), "before the first year"),
        (dict(yen_hold_from=1900), "year 1900"),
        (dict(yen_swings=[entry(3.5, 1990)]), r"drivers.yen_swings: value 3.5 \(allowed 0 to 3\)"),
        (dict(japan=[entry(1.0, 1990, series="wages_factor")]), "did you mean wage_factor"),
        (dict(host=[entry(1.0, 1990, series="opennes", host="CHN")]), "did you mean openness"),
        (dict(host=[entry(1.0, 1990, series="openness", host="CHI")]), "did you mean CHN"),
        (dict(host=[entry(1.5, 1990, series="openness", host="CHN")]), "drivers.host.CHN.openness: value 1.5 .allowed 0 to 1"),
        (dict(future="guess"), "unknown value guess"),
    ],
)
def test_entries_that_cannot_be_used_are_named(spec: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        build(**spec)


@pytest.mark.parametrize("years", [(1950, 2000), (2000, 1990), (1955, 2200)])
def test_years_that_cannot_be_used_are_refused(years: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="years"):
        build(*years)


def test_after_the_record_prices_hold_and_volumes_grow(record: Drivers) -> None:
    ahead = build(last=2035)
    assert (ahead.japan[:70] == record.japan).all() and (ahead.hosts[:70] == record.hosts).all()
    trend = record.japan["growth"][[64, 66, 67, 68, 69]].mean()  # 2019 and 2021-24
    assert ahead.japan["growth"][70:] == pytest.approx(trend)
    assert (ahead.japan["yen"][70:] == 151.5).all() and ahead.japan["inflation"][70:] == pytest.approx(0)
    assert ahead.hosts["ulc_ratio"][70:] == pytest.approx(np.tile(record.hosts["ulc_ratio"][-1], (11, 1)))
    assert (ahead.hosts["openness"][70:] == record.hosts["openness"][-1]).all()
    assert ahead.hosts["market_ratio"][80, VNM] > 1.5 * record.hosts["market_ratio"][-1, VNM]
    stated = build(last=2035, yen=[entry(110.0, 2025, 2035)])
    assert (stated.japan["yen"][70:] == 110).all()


def test_bootstrapped_futures_are_keyed_and_differ() -> None:
    one, again, other = (build(last=2040, seed=s, future="bootstrap") for s in (1, 1, 2))
    assert (one.japan == again.japan).all() and (one.hosts == again.hosts).all()
    assert not np.allclose(one.japan["yen"][70:], other.japan["yen"][70:])
    assert (one.japan["yen"][:70] == other.japan["yen"][:70]).all()
    shorter = build(last=2031, seed=1, future="bootstrap")
    assert (shorter.japan == one.japan[:77]).all() and (shorter.hosts == one.hosts[:77]).all()
    many = np.array([build(last=2040, seed=s, future="bootstrap").japan["yen"][-1] for s in range(60)])
    assert 80 < np.median(many) < 250 and many.std() > 10  # spreads around the last value, without a trend


@settings(max_examples=25, deadline=None)
@given(value=st.floats(60, 500), first=st.integers(1955, 2024), length=st.integers(0, 40))
def test_any_yen_keeps_the_identities(value: float, first: int, length: int) -> None:
    drivers = build(yen=[entry(value, first, first + length)])
    japan, hosts = drivers.japan, drivers.hosts
    assert hosts["relative_wage"] * japan["wage"][:, None] == pytest.approx(hosts["wage"])
    assert np.cumsum(japan["yen_change"]) == pytest.approx(np.log(japan["yen"] / japan["yen"][0]), abs=1e-12)
    assert japan["lending_rate"] - japan["inflation"] == pytest.approx(japan["real_rate"])
    assert (hosts["ulc_ratio"] > 0).all() and np.isfinite(hosts["ulc_ratio_expected"]).all()
