"""The recorded history answers by name, host and year, and refuses incomplete data."""

import math
import shutil
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from expansion_sim.codes import HOSTS
from expansion_sim.errors import InputError
from expansion_sim.history import History, load_history

DATA = Path(str(files("expansion_sim.history") / "data"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the data that a test may break."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def edit(path: Path, change) -> None:
    """Rewrite a CSV after ``change`` has altered its rows of words."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    change(table).to_csv(path, index=False)


def set_cell(path: Path, rows: dict[str, str], column: str, value: str) -> None:
    """Set one cell of the row in which every column of ``rows`` has the given value."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        mask = pd.Series(True, index=table.index)
        for name, wanted in rows.items():
            mask &= table[name] == wanted
        assert mask.sum() == 1
        table.loc[mask, column] = value
        return table

    edit(path, change)


def test_series_of_japan_and_hosts() -> None:
    history = load_history()
    assert history.series("jpy_per_usd", year=1985) == 238.5
    assert history.series("jpy_per_usd", host="JPN", year=1986) == 168.3
    assert history.series("labour_cost_usd_per_worker", "CHN", 1990) < history.series("labour_cost_usd_per_worker", "THA", 1990)
    yen = history.series("jpy_per_usd")
    assert list(yen.index) == list(range(1955, 2025)) and (yen.loc[1955:1970] == 360).all()
    assert len(history.series("gpr", "VNM")) == 70
    assert history.matrix("fdi_openness").shape == (70, 16)
    assert history.matrix("fdi_openness")[1979 - 1955, HOSTS.index("CHN")] == 0.1


def test_matrix_is_a_copy() -> None:
    history = load_history()
    history.matrix("gpr")[:] = 0.0
    assert history.matrix("gpr").min() > 0.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("jpy_per_us",), "did you mean jpy_per_usd"),
        (("tarif_percent", "CHN"), "did you mean tariff_percent"),
        (("gpr", "CHI"), "did you mean CHN"),
        (("gpr",), "give a host"),
        (("jpy_per_usd", None, 1954), "allowed 1955-2024"),
        (("reer_2020_100", None, 1959), "allowed 1960-2024"),
        (("fdi_notified_usd_bn", None, 1992), "without 1990-1994"),
        (("cpi_2015_100", "CHN"), "unknown series cpi_2015_100"),
    ],
)
def test_wrong_questions_name_what_is_allowed(arguments: tuple, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        load_history().series(*arguments)
    assert "\n" not in str(error.value)


def test_metadata_declares_unit_source_gaps_and_quality() -> None:
    history = load_history()
    lending = history.metadata("lending_rate_percent")
    assert lending.quality_of(1985) == "assumption: follows the discount rate"
    assert lending.quality_of(2000) == "retrieved"
    assert history.metadata("fdi_notified_usd_bn").gaps == ((1990, 1994),)
    assert history.metadata("outward_fdi_freedom").quality_of(1972).startswith("assumption")
    tariff = history.metadata("tariff_percent", "VNM")
    assert tariff.quality_of(1960, "VNM").startswith("assumption") and tariff.table == "hosts"
    assert history.metadata("gdp_usd_bn").table == "japan"
    with pytest.raises(InputError, match="no value of reer_2020_100 for JPN in 1958"):
        history.metadata("reer_2020_100").quality_of(1958)


def test_every_cell_has_a_quality_and_every_series_its_words() -> None:
    declared = load_history().declarations
    for meta in declared.japan.values():
        assert all(meta.quality_of(year) for year in meta.years())
    for meta in declared.hosts.values():
        assert all(meta.quality_of(year, host) for year in meta.years() for host in HOSTS)
    for meta in (*declared.japan.values(), *declared.hosts.values()):
        assert meta.unit and meta.source and meta.licence and meta.filling


def test_population_series() -> None:
    history = load_history()
    assert history.population("sme_firms_path", year=1986) == pytest.approx(5.34e6, rel=0.02)
    assert history.population("sme_firms_path", year=2021) == pytest.approx(3.36e6, rel=0.01)
    assert len(history.population("entry_rate_path")) == 70
    assert history.population("crd_median_employees", "manufacturing", 2015) == 7
    assert set(history.population("sme_rule_employees_max")["value"]) == {300, 100, 50}
    with pytest.raises(InputError, match="did you mean sme_firms_path"):
        history.population("sme_firm_path")
    with pytest.raises(InputError, match="has no industry"):
        history.population("sme_firms_path", "manufacturing")


def test_tables_are_whole() -> None:
    history = load_history()
    assert len(history.programmes) == 54 and history.programmes["id"].is_unique
    assert len(history.events) == 106 and len(history.targets) == 165 and history.targets["id"].is_unique
    assert len(history.openness_steps) == 73 and list(history.places.index) == list(HOSTS)
    assert set(history.programmes["level"]) == {"national", "local", "private"}
    ended = history.programmes.dropna(subset="end_year")
    assert (ended["end_year"] >= ended["start_year"]).all()


def test_distances_are_great_circles_from_tokyo() -> None:
    for place in load_history().places.itertuples():
        here, there = math.radians(35.68), math.radians(place.latitude)
        turn = math.cos(math.radians(place.longitude - 139.77))
        cosine = math.sin(here) * math.sin(there) + math.cos(here) * math.cos(there) * turn
        assert place.distance_km == pytest.approx(6371 * math.acos(cosine), abs=2)


def test_event_effects_are_one_row_per_host_and_channel() -> None:
    effects = load_history().event_effects
    crisis = effects[effects["event"] == "Asian financial crisis"]
    assert set(crisis["host"]) == {"THA", "IDN", "KOR", "MYS", "PHL"} and set(crisis["sign"]) == {-1}
    world = effects[effects["event"] == "Global financial crisis"].set_index("channel")["sign"]
    assert world.to_dict() == {"demand": -1, "credit": -1, "yen": 1}
    assert "Peak of SME FDI projects (1,625, 76 percent)" not in set(effects["event"])  # an outcome moves nothing


@pytest.mark.parametrize(
    ("file", "rows", "column", "words"),
    [
        ("japan.csv", {"year": "1986"}, "jpy_per_usd", "japan.csv: jpy_per_usd: no value in 1986"),
        ("hosts.csv", {"year": "1990", "host": "VNM"}, "tariff_percent", "hosts.csv: tariff_percent: no value for VNM in 1990"),
        ("sme_population.csv", {"year": "1970", "series": "exit_rate_path"}, "value", "exit_rate_path: no value in 1970"),
        ("programmes.csv", {"id": "P07"}, "instrument", "programmes.csv:8: instrument: blank cell"),
    ],
)
def test_a_blank_cell_stops_loading(copy: Path, file: str, rows: dict[str, str], column: str, words: str) -> None:
    set_cell(copy / file, rows, column, "")
    with pytest.raises(InputError) as error:
        History(copy)
    assert words in str(error.value)


def test_a_missing_or_doubled_year_stops_loading(copy: Path) -> None:
    edit(copy / "japan.csv", lambda table: table[table["year"] != "1999"])
    with pytest.raises(InputError, match="no value in 1999"):
        History(copy)
    shutil.copy(DATA / "japan.csv", copy / "japan.csv")
    edit(copy / "hosts.csv", lambda table: pd.concat([table, table.iloc[[3]]]))
    with pytest.raises(InputError, match="two rows for CHN 1958"):
        History(copy)


def test_a_value_outside_the_declared_years_stops_loading(copy: Path) -> None:
    set_cell(copy / "japan.csv", {"year": "1992"}, "fdi_notified_usd_bn", "34.1")
    with pytest.raises(InputError, match="value in 1992, outside the declared years"):
        History(copy)


def test_an_undeclared_column_or_file_stops_loading(copy: Path) -> None:
    edit(copy / "japan.csv", lambda table: table.assign(moon="1"))
    with pytest.raises(InputError, match="moon: column without a declaration"):
        History(copy)
    (copy / "japan.csv").unlink()
    with pytest.raises(InputError, match=r"japan\.csv: cannot read"):
        History(copy)


def test_an_unquoted_comma_stops_loading(copy: Path) -> None:
    path = copy / "openness_steps.csv"
    row = "CHN,1955,1956,0.1,assumption,a reason, with a comma,evidence\n"
    path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")
    with pytest.raises(InputError, match=r"openness_steps\.csv: not a clean table"):
        History(copy)


def test_steps_that_disagree_with_the_yearly_openness_stop_loading(copy: Path) -> None:
    set_cell(copy / "openness_steps.csv", {"host": "CHN", "from_year": "1992"}, "value", "0.7")
    with pytest.raises(InputError, match="steps of CHN disagree with the yearly values in 1992"):
        History(copy)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [("channel", "riks", "did you mean risk"), ("host", "CHX", "did you mean CHN"), ("sign", "+;-", "one sign")],
)
def test_a_wrong_event_code_stops_loading(copy: Path, column: str, value: str, words: str) -> None:
    set_cell(copy / "events.csv", {"event": "Anti-Japanese protests in China"}, column, value)
    with pytest.raises(InputError, match=words):
        History(copy)


def test_bad_declarations_stop_loading(copy: Path) -> None:
    (copy / "series.toml").write_text("[japan", encoding="utf-8")
    with pytest.raises(InputError, match="bad declaration"):
        History(copy)


def test_loading_twice_gives_the_same_object() -> None:
    assert load_history() is load_history()
