"""The events table: one case per kind of event."""

from __future__ import annotations

import numpy as np

from expansion_sim.codes import CLUSTER, DIRECT, EVENTS, FDI, HOSTS, INDIRECT
from expansion_sim.population.schema import empty_firms
from expansion_sim.results.event_log import EVENT_COLUMNS, EventLog, Happenings, events_frame


def bits(*names: str) -> int:
    return sum(1 << EVENTS.index(name) for name in names)


def rows_of(programmes: tuple[str, ...] = (), **columns) -> list[tuple[str, str, str]]:
    """(event, mode, host) rows of one firm in one year."""
    firm = empty_firms(1)
    firm["weight"] = 1
    for name, value in columns.items():
        firm[name] = value
    return [tuple(row) for row in table_of(firm, programmes)[["event", "mode", "host"]].to_numpy()]


def table_of(firms: np.ndarray, programmes: tuple[str, ...] = ()):
    log = EventLog()
    log.add(1990, firms)
    rows = log.rows()
    return events_frame(rows, Happenings(rows), programmes)


def test_entry() -> None:
    got = rows_of(events=bits("enter"), event_mode=DIRECT, event_host=HOSTS.index("USA"))
    assert got == [("enter", "direct", "USA")]


def test_switch_stands_beside_the_entry_and_the_leave() -> None:
    got = rows_of(events=bits("enter", "switch", "leave"), event_mode=DIRECT, event_host=HOSTS.index("DEU"), left_modes=1 << INDIRECT)
    assert got == [("enter", "direct", "DEU"), ("leave", "indirect", ""), ("switch", "direct", "DEU")]


def test_a_further_market_can_replace_a_mode_as_well() -> None:
    got = rows_of(events=bits("add_host", "switch", "leave"), event_mode=DIRECT, event_host=HOSTS.index("DEU"), left_modes=1 << INDIRECT)
    assert got == [("leave", "indirect", ""), ("switch", "direct", "DEU"), ("add_host", "direct", "DEU")]


def test_leaving_several_modes_gives_a_row_each_and_the_host_to_plants_only() -> None:
    got = rows_of(events=bits("leave"), left_modes=1 << INDIRECT | 1 << FDI, left_host=HOSTS.index("CHN"))
    assert got == [("leave", "indirect", ""), ("leave", "fdi", "CHN")]


def test_closure_of_a_firm_in_a_mode_is_not_a_leave() -> None:
    got = rows_of(events=bits("closure"), left_modes=1 << FDI | 1 << DIRECT)
    assert got == [("closure", "direct", ""), ("closure", "fdi", "")]
    assert rows_of(events=bits("closure", "default"), left_modes=1 << CLUSTER) == [("default", "cluster", "")]


def test_births_and_closures_at_home_are_not_told() -> None:
    assert rows_of(events=bits("birth")) == []
    assert rows_of(events=bits("closure")) == []
    assert rows_of(events=bits("closure", "default")) == [("default", "", "")]


def test_further_hosts() -> None:
    mode_and_host = {"event_mode": FDI, "event_host": HOSTS.index("VNM")}
    assert rows_of(events=bits("add_host"), **mode_and_host) == [("add_host", "fdi", "VNM")]
    assert rows_of(events=bits("add_host", "enter"), **mode_and_host) == [("enter", "fdi", "VNM")]
    assert rows_of(events=bits("drop_host"), left_host=HOSTS.index("VNM")) == [("drop_host", "", "VNM")]


def test_reshoring_award_invitation_and_delisting() -> None:
    got = rows_of(events=bits("reshore", "leave"), left_modes=1 << FDI, left_host=0)
    assert got == [("leave", "fdi", "CHN"), ("reshore", "fdi", "CHN")]
    assert rows_of(events=bits("award")) == [("award", "", "")]
    assert rows_of(events=bits("invited"), invited_host=5) == [("invited", "", "THA")]
    assert rows_of(events=bits("delisted")) == [("delisted", "", "")]


def test_a_plan_that_lacked_the_money_is_told_at_its_mode() -> None:
    assert rows_of(events=bits("unfunded"), unfunded=FDI) == [("unfunded", "fdi", "")]


def test_columns_and_labels() -> None:
    firms = empty_firms(2)
    firms["firm"], firms["weight"], firms["employees"] = (7, 3), 2.5, (20.5, 20.4)
    firms["events"] = bits("award")
    firms["programme"], firms["followed"], firms["parent"] = (1, -1), (1, 0), (4, -1)
    table = table_of(firms, ("loan", "advice", "fair"))
    assert tuple(table.columns) == EVENT_COLUMNS
    assert table["programme"].tolist() == ["advice", ""]
    assert table["size_class"].tolist() == ["21-49", "5-20"]
    assert table["firm"].tolist() == [7, 3]
    assert table["followed"].tolist() == [True, False]
    assert table["parent"].tolist() == [4, -1]
    assert table["district"].tolist() == ["Hamamatsu", "Hamamatsu"]


def test_programmes_without_names_are_told_by_row() -> None:
    firms = empty_firms(1)
    firms["events"], firms["programme"] = bits("award"), 12
    assert table_of(firms)["programme"].tolist() == ["12"]


def test_spell_length_belongs_to_what_ended() -> None:
    firms = empty_firms(1)
    firms["events"], firms["event_mode"], firms["left_modes"], firms["years_in_mode"] = bits("enter", "switch"), DIRECT, 1 << INDIRECT, 9
    table = table_of(firms).set_index("event")
    assert table["years_in_mode"].to_dict() == {"enter": 0, "leave": 9, "switch": 0}


def test_an_empty_log_has_all_columns() -> None:
    assert tuple(table_of(empty_firms(0)).columns) == EVENT_COLUMNS


def test_a_branch_of_a_log_has_its_past_under_new_rows_of_programmes() -> None:
    log, rows = EventLog(), empty_firms(3)
    rows["events"], rows["programme"], rows["firm"] = 1 << EVENTS.index("award"), [-1, 0, 1], [5, 6, 7]
    for year in (1990, 1991):
        log.add(year, rows)
    branch = log.branched(np.array([2, 0, -1]))
    branch.add(1992, rows)
    assert branch.since(1991)["programme"].tolist() == [-1, 2, 0, -1, 0, 1]
    further = branch.branched(np.array([1, 0, 2, -1]))
    assert further.since(1992)["programme"].tolist() == [-1, 1, 0]
    assert further.rows()["programme"].tolist() == [-1, 2, 1, -1, 2, 1, -1, 1, 0]
    assert branch.rows()["programme"].tolist() == [-1, 2, 0, -1, 2, 0, -1, 0, 1]
    assert log.rows()["programme"].tolist() == [-1, 0, 1] * 2 and len(log) == 6
