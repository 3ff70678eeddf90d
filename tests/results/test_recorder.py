"""Recording: totals by hand, zeros, refusals, cost."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.codes import EVENTS, FDI, HOSTS, INDUSTRIES, MODES, SIZE_CLASSES
from expansion_sim.population.schema import empty_firms
from expansion_sim.results.flows import FLOW_KINDS, MARGINS
from expansion_sim.results.frames import YEARLY_COLUMNS, series
from expansion_sim.results.measures import STOCKS, UNITS
from expansion_sim.results.recorder import PROGRAMME_COLUMNS, RecordedTables, Recorder

STOCK_SHAPE = (len(INDUSTRIES), len(SIZE_CLASSES), len(STOCKS))


def test_stocks_come_back_by_industry_size_and_in_total() -> None:
    recorder = Recorder(2000, 2002)
    for year in (2000, 2001):
        table = np.zeros(STOCK_SHAPE)
        table[1, 0, STOCKS.index("firms")] = 10 + year
        table[1, 4, STOCKS.index("firms")] = 3
        table[7, 4, STOCKS.index("firms")] = 5
        recorder.stocks(year, table)
    yearly = recorder.frames().yearly
    assert tuple(yearly.columns) == YEARLY_COLUMNS
    assert series(yearly, "firms").loc[2001, 0] == 2019
    assert series(yearly, "firms", industry="machinery").loc[2001, 0] == 2014
    assert series(yearly, "firms", size_class="100+").loc[2000, 0] == 8
    assert series(yearly, "firms", industry=("machinery", "information"), size_class="100+").loc[2000, 0] == 8
    assert series(yearly, "firms").index.tolist() == [2000, 2001]  # 2002 was not simulated


def test_zero_rows_are_left_out_but_totals_are_not() -> None:
    recorder = Recorder(2000, 2000)
    recorder.stocks(2000, np.zeros(STOCK_SHAPE))
    yearly = recorder.frames().yearly
    assert (yearly["value"] == 0).all()
    assert set(yearly["measure"]) >= set(STOCKS)
    assert (yearly["industry"] == "").all()
    assert series(yearly, "employees", industry="light").loc[2000, 0] == 0


def test_flows_read_alone_are_those_of_the_table() -> None:
    draws, recorder = np.random.default_rng(4), Recorder(1990, 1993)
    for year in (1990, 1991, 1992):
        firms = empty_firms(400)
        firms["weight"], firms["employees"] = draws.uniform(1.0, 90.0, 400), draws.uniform(1.0, 200.0, 400)
        firms["industry"], firms["events"] = draws.integers(0, len(INDUSTRIES), 400), draws.integers(0, 1 << len(EVENTS), 400)
        firms["event_mode"], firms["event_host"] = draws.integers(0, len(MODES), 400), draws.integers(-1, len(HOSTS), 400)
        firms["left_modes"] = draws.integers(0, 64, 400) * 2
        recorder.stocks(year, np.zeros(STOCK_SHAPE))
        recorder.events(year, firms)
    whole, alone = recorder.frames().yearly, RecordedTables(recorder)
    names = {"mode": "fdi", "host": "CHN", "industry": INDUSTRIES[1], "size_class": SIZE_CLASSES[2]}
    for measure in FLOW_KINDS:
        for dimensions in MARGINS:
            labels = {name: names[name] for name in dimensions}
            table = series(whole, measure, **labels)
            for since in (0, 1991):
                years, values = alone.series(measure, since, **{name: (label,) for name, label in labels.items()})
                assert years.tolist() == table.loc[since:].index.tolist()
                assert values.tolist() == table.loc[since:, 0].tolist()
    assert "yearly" not in vars(alone)  # it was not built


def test_flows_are_counted_from_the_rows() -> None:
    firms = empty_firms(3)
    firms["weight"], firms["employees"], firms["industry"] = (10.0, 2.0, 1.0), (8, 30, 200), (0, 1, 1)
    firms["events"][0] = 1 << EVENTS.index("enter")
    firms["event_mode"][0], firms["event_host"][0] = FDI, HOSTS.index("THA")
    firms["events"][1] = 1 << EVENTS.index("add_host")
    firms["event_mode"][1], firms["event_host"][1] = FDI, HOSTS.index("CHN")
    firms["events"][2] = 1 << EVENTS.index("leave")
    firms["left_modes"][2], firms["left_host"][2] = 1 << FDI | 1 << 1, HOSTS.index("USA")
    recorder = Recorder(1990, 1990)
    recorder.stocks(1990, np.zeros(STOCK_SHAPE))
    recorder.events(1990, firms)
    yearly = recorder.frames().yearly

    def at(measure: str, **labels: str) -> float:
        return float(series(yearly, measure, **labels).loc[1990, 0])

    assert at("entries", mode="fdi") == at("entries") == 10
    assert at("projects") == at("projects", mode="fdi") == 12
    assert at("projects", host="CHN") == at("projects", host="CHN", mode="fdi") == at("projects", industry="machinery") == 2
    assert at("leaves", mode="fdi") == at("leaves", mode="indirect") == at("leaves", mode="fdi", host="USA") == 1
    assert at("leaves") == 2  # two modes given up
    assert at("entries", mode="fdi", size_class="5-20") == 10


def test_every_label_and_measure_is_declared(frames) -> None:
    scalars = {"parents_offshore_share"}
    assert set(frames.yearly["measure"].unique()) == set(UNITS) | scalars
    assert set(frames.yearly["mode"].unique()) == {"", *MODES}
    assert np.isfinite(frames.yearly["value"]).all()
    assert not frames.yearly.duplicated(list(YEARLY_COLUMNS[:-1])).any()


def test_margins_add_up(frames) -> None:
    for measure in ("entries", "projects", "firms_in_mode"):
        total = series(frames.yearly, measure, mode=MODES)
        parts = series(frames.yearly, measure, mode=MODES, industry=INDUSTRIES)
        np.testing.assert_allclose(parts, total)


@pytest.mark.parametrize("table", [np.zeros((11, 5, 3)), np.full(STOCK_SHAPE, np.nan), np.full(STOCK_SHAPE, np.inf)])
def test_wrong_tables_are_refused(table: np.ndarray) -> None:
    with pytest.raises(ValueError, match="year 1990"):
        Recorder(1990, 1990).stocks(1990, table)


def test_years_outside_the_run_are_refused() -> None:
    recorder = Recorder(1990, 1991)
    for year in (1989, 1992):
        with pytest.raises(ValueError, match="outside 1990-1991"):
            recorder.events(year, empty_firms(0))


def test_programmes_carry_names_and_leave_open_what_needs_a_comparison(frames) -> None:
    programmes = frames.programmes
    assert tuple(programmes.columns) == PROGRAMME_COLUMNS
    assert set(programmes["programme"]) == {"loan", "advice"}
    assert programmes["additional"].isna().all()
    assert len(frames.surveys) == 70


def test_tables_do_not_share_memory_with_the_model() -> None:
    recorder, table = Recorder(1990, 1990), np.ones(STOCK_SHAPE)
    recorder.stocks(1990, table)
    table[:] = 7
    assert series(recorder.frames().yearly, "firms").loc[1990, 0] == 55
