"""Programmes as data: the record, what a scenario takes away, adds or changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, ECOMMERCE, FDI, HOSTS, INDIRECT
from expansion_sim.policy.instruments import INSTRUMENTS
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.record import DEVELOPING, historical_programmes, hosts_of, modes_of, scenario_programmes
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


def test_an_own_programme_joins_the_record(tmp_path: Path) -> None:
    programmes = scenario_programmes(scenario(tmp_path, OWN).support)
    assert len(programmes) == 55
    own = programmes[-1]
    assert (own.name, own.agency, own.start, own.end) == ("Market test", "Chamber", 1960, 1969)
    assert (own.rate, own.cap, own.places, own.selection) == (0.5, 4.0, 30.0, "lottery")
    assert own.modes == (DIRECT,)
    assert own.hosts == (HOSTS.index("USA"), HOSTS.index("THA"))
    assert own.id not in by_id()


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
])
def test_the_terms_of_an_own_programme_are_kept(tmp_path: Path, key: str, value: str, field: str, expected: object) -> None:
    own = scenario_programmes(scenario(tmp_path, OWN + f"{key} = {value}\n").support)[-1]
    assert getattr(own, field) == expected


def test_an_award_is_a_share_of_cost_up_to_the_cap() -> None:
    brand, patents, pilot = (by_id()[name] for name in ("P15", "P21", "P24"))
    assert brand.award_for(4.0, 0.5) == 2.0  # no rate stated: the instrument's
    assert brand.award_for(400.0, 0.5) == 5.0
    assert patents.award_for(4.0, 0.9) == 2.0  # the stated half
    assert pilot.award_for(100.0, 0.5) == 15.0
