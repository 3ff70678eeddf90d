"""Programmes as data: the record, what a scenario takes away, adds or changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, DISTRICTS, ECOMMERCE, FDI, HOSTS, INDIRECT
from expansion_sim.errors import InputError
from expansion_sim.policy.instruments import INSTRUMENTS
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.record import DEVELOPING, historical_programmes, hosts_of, modes_of, scenario_programmes
from expansion_sim.policy.terms import stated_terms
from expansion_sim.results.run import simulate
from expansion_sim.scenario.load import load_scenario
from expansion_sim.scenario.spec import Scenario

OWN = """
schema_version = 1
extends = "history"

[[support.programme]]
name = "Market test"
agency = "Chamber"
instrument = "grant"
start_year = 1960
end_year = 1969
rate_percent = 50.0
cap_million_yen = 4.0
places_per_year = 30.0
selection = "lottery"
modes = ["direct"]
hosts = ["USA", "THA"]
"""


def by_id() -> dict[str, Programme]:
    return {programme.id: programme for programme in historical_programmes()}


def scenario(tmp_path: Path, text: str) -> Scenario:
    """A scenario from its text."""
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def test_the_record_has_54_programmes() -> None:
    programmes = historical_programmes()
    assert len(programmes) == len(by_id()) == 54
    assert len({programme.name for programme in programmes}) == 54
    for programme in programmes:
        assert programme.instrument in INSTRUMENTS, programme.id
        assert programme.agency, programme.id
        assert 1945 <= programme.start <= 2024, programme.id
        assert programme.end is None or programme.end >= programme.start, programme.id
        assert programme.modes, programme.id
        assert set(programme.modes) <= set(range(7)), programme.id
        assert programme.hosts, programme.id
        assert set(programme.hosts) <= set(range(len(HOSTS))), programme.id
        assert programme.rate is None or 0.0 < programme.rate <= 1.0, programme.id
        assert programme.discount is None or 0.0 < programme.discount < 0.05, programme.id
        assert programme.cap is None or programme.cap > 0.0, programme.id


def test_recorded_terms() -> None:
    programmes = by_id()
    brand = programmes["P15"]
    assert (brand.start, brand.end, brand.cap, brand.modes) == (2004, 2021, 5.0, (INDIRECT, DIRECT))
    assert programmes["P17"].rate == pytest.approx(2 / 3, abs=1e-3)
    assert programmes["P17"].modes == (INDIRECT, DIRECT, CONTRACT, FDI)
    assert programmes["P32"].discount == pytest.approx(0.009)
    assert programmes["P33"].modes == (FDI, CLUSTER)
    assert programmes["P52"].keep_home_plant
    assert sum(programme.keep_home_plant for programme in programmes.values()) == 1
    assert {name for name, programme in programmes.items() if programme.small_only} == {"P20", "P31"}


def test_official_development_assistance_serves_developing_hosts() -> None:
    expected = {HOSTS.index(code) for code in DEVELOPING}
    assert HOSTS.index("KOR") not in expected
    assert HOSTS.index("USA") not in expected
    for name in ("P23", "P24", "P25"):
        assert set(by_id()[name].hosts) == expected, name
    asean = {HOSTS[host] for host in by_id()["P54"].hosts}
    assert asean == {"SGP", "THA", "IDN", "MYS", "VNM", "PHL"}


def test_modes_and_hosts_are_read_from_words() -> None:
    assert modes_of("direct_export; fdi") == (DIRECT, FDI)
    assert modes_of("ecommerce, cluster, ecommerce") == (ECOMMERCE, CLUSTER)
    assert hosts_of("CHN; THA") == (HOSTS.index("CHN"), HOSTS.index("THA"))
    assert hosts_of("") == hosts_of(None) == tuple(range(len(HOSTS)))


def test_a_programme_runs_from_its_first_to_its_last_year() -> None:
    loan = by_id()["P28"]
    assert [loan.open_in(year) for year in (1970, 1971, 1984, 1985)] == [False, True, True, False]
    assert by_id()["P02"].open_in(2024)


def test_history_uses_the_whole_record_and_no_support_none() -> None:
    assert [programme.id for programme in scenario_programmes(load_scenario("history").support)] == list(by_id())
    assert scenario_programmes(load_scenario("no_support").support) == []


def test_programmes_are_disabled_by_id_or_name() -> None:
    name = by_id()["P02"].name
    chosen = load_scenario("history", (f'support.disable=["P01", "{name}"]',)).support
    left = {programme.id for programme in scenario_programmes(chosen)}
    assert left == set(by_id()) - {"P01", "P02"}


def test_no_programme_before_the_first_year_of_support() -> None:
    programmes = scenario_programmes(load_scenario("history", ("support.from_year=1990",)).support)
    assert len(programmes) == 54
    assert not any(programme.open_in(year) for programme in programmes for year in range(1955, 1990))
    later = {programme.id: programme.start for programme in programmes}
    assert later["P02"] == 1990
    assert later["P15"] == 2004
    changed = scenario_programmes(load_scenario("history", ("support.from_year=1990", "support.programme.P02.use_cost_million_yen=10")).support)
    assert {programme.id: programme.start for programme in changed} == later  # one that a scenario changes waits as well


def test_an_own_programme_joins_the_record(tmp_path: Path) -> None:
    programmes = scenario_programmes(scenario(tmp_path, OWN).support)
    assert len(programmes) == 55
    own = programmes[-1]
    assert (own.name, own.agency, own.start, own.end) == ("Market test", "Chamber", 1960, 1969)
    assert (own.rate, own.cap, own.places, own.selection) == (0.5, 4.0, 30.0, "lottery")
    assert own.modes == (DIRECT,)
    assert own.hosts == (HOSTS.index("USA"), HOSTS.index("THA"))
    assert own.id not in by_id()


def test_stating_a_recorded_term_once_more_changes_nothing() -> None:
    """The programme keeps its place, hence its turn in selection, and its numbers to the last digit."""
    again = {"support.programme.P40.cover_percent": 80.0, "support.programme.P29.rate_discount_points": 0.9}
    stated = scenario_programmes(load_scenario("history", again).support)
    assert [programme.id for programme in stated] == list(by_id())
    assert by_id()["P40"] == next(programme for programme in stated if programme.id == "P40")
    assert by_id()["P29"].loan_discount == next(programme for programme in stated if programme.id == "P29").loan_discount
    small = {"scale": 0.001, "years.last": 2014, "output.surveys": False}
    worlds = [simulate(load_scenario("history", {**small, **more})) for more in ({}, again)]
    pd.testing.assert_frame_equal(worlds[0].yearly, worlds[1].yearly, check_exact=True)
    pd.testing.assert_frame_equal(worlds[0].programmes, worlds[1].programmes, check_exact=True)


def test_a_recorded_programme_is_changed_by_its_id(tmp_path: Path) -> None:
    terms = 'name = "P15"\nstart_year = 1990\nplaces_per_year = 500.0\n'
    text = f'schema_version = 1\nextends = "history"\n[[support.programme]]\n{terms}'
    programmes = scenario_programmes(scenario(tmp_path, text).support)
    assert len(programmes) == 54
    changed = next(programme for programme in programmes if programme.name == by_id()["P15"].name)
    assert (changed.start, changed.places) == (1990, 500.0)
    assert (changed.end, changed.cap, changed.modes, changed.agency) == (2021, 5.0, (INDIRECT, DIRECT), by_id()["P15"].agency)


@pytest.mark.parametrize(("key", "value", "field", "expected"), [
    ("local", "true", "local", True),
    ("industries", '["machinery"]', "industries", (1,)),
    ("small_only", "true", "small_only", True),
    ("condition_keep_home_plant", "true", "keep_home_plant", True),
    ("claw_back_percent", "30.0", "claw_back", 0.3),
    ("own_share_percent", "40.0", "own_share", 0.4),
    ("score_threshold", "0.5", "threshold", 0.5),
    ("effort_million_yen", "0.7", "effort", 0.7),
    ("start_month", "10", "start_month", 10),
    ("agreement_help_percent", "20.0", "agreement_help", 0.2),
    ("districts", '["Suwa"]', "districts", (9,)),
    ("size_classes", '["5-20"]', "size_classes", (1,)),
    ("stages", '["planning"]', "stages", (2,)),
])
def test_the_terms_of_an_own_programme_are_kept(tmp_path: Path, key: str, value: str, field: str, expected: object) -> None:
    own = scenario_programmes(scenario(tmp_path, OWN + f"{key} = {value}\n").support)[-1]
    assert getattr(own, field) == expected


def test_the_fewest_members_of_a_joint_programme_are_kept(tmp_path: Path) -> None:
    own = OWN.replace('"grant"', '"joint_grant"').replace('["direct"]', '["cluster"]') + "group_size = 5\n"
    assert scenario_programmes(scenario(tmp_path, own).support)[-1].group_size == 5


def test_an_award_is_a_share_of_cost_up_to_the_cap() -> None:
    brand, patents, pilot, unstated, infringement = (by_id()[name] for name in ("P15", "P21", "P24", "P23", "P22"))
    assert brand.award_for(400.0) == 5.0  # the cap
    assert patents.award_for(4.0) == 2.0  # the stated half
    assert unstated.award_for(4.0) == 4.0 * stated_terms().usual["pilot_grant"].strength  # no rate stated: the instrument's
    assert infringement.award_for(3.0) == pytest.approx(2.001)
    assert infringement.award_for(400.0) == 4.0
    assert pilot.award_for(100.0) == 15.0


def test_values_change_from_their_years_on() -> None:
    programme = replace(by_id()["P15"], dated=((2010, "rate", 0.25), (2014, "cap", 1.0), (2016, "places", 7.0)))
    assert [programme.at(year).rate for year in (2009, 2010, 2020)] == [programme.rate, 0.25, 0.25]
    assert [programme.at(year).cap for year in (2013, 2014)] == [5.0, 1.0]
    assert [programme.at(year).places for year in (2015, 2016)] == [120.0, 7.0]


def test_dated_values_are_written_in_a_scenario(tmp_path: Path) -> None:
    dated = '[[support.programme.value]]\nterm = "rate_percent"\nfrom = 1965\nvalue = 20.0\nsource = "budget of 1965"\n'
    own = scenario_programmes(scenario(tmp_path, OWN + dated).support)[-1]
    assert own.dated == ((1965, "rate", 0.2),)
    assert (own.at(1964).rate, own.at(1965).rate) == (0.5, 0.2)


def test_a_programme_that_opens_late_in_its_first_year_has_fewer_places() -> None:
    first_time = by_id()["P09"]
    assert first_time.registers
    assert first_time.at(2022).places == pytest.approx(first_time.places / 12.0)  # it opened in December
    assert first_time.at(2023).places == first_time.places


def test_what_the_firm_must_bear() -> None:
    brand, loan = by_id()["P15"], by_id()["P29"]
    assert brand.share_kept == pytest.approx(1.0 - brand.rate)
    assert loan.share_kept == 0.0
    assert replace(brand, own_share=0.1).share_kept == 0.1


def test_every_programme_has_draws_of_its_own() -> None:
    keys = {programme.draw_key for programme in by_id().values()}
    assert len(keys) == 54
    assert min(keys) > 2100  # never a year


def test_local_programmes_serve_their_districts() -> None:
    ward = by_id()["P53"]
    assert [DISTRICTS[district] for district in ward.districts] == ["Ota-ku"]
    assert (ward.part, ward.area) == (1.0, 0.1)
    assert (by_id()["P26"].part, by_id()["P02"].part) == (0.1, 1.0)


def test_more_programmes_than_a_firm_can_remember_are_refused(tmp_path: Path) -> None:
    entries = "".join(
        f'[[support.programme]]\nname = "Own {i}"\ninstrument = "grant"\nstart_year = 1990\nmodes = ["fdi"]\n' for i in range(10)
    )
    with pytest.raises(InputError, match="at most 63"):
        scenario_programmes(scenario(tmp_path, f'schema_version = 1\nextends = "history"\n{entries}').support)
