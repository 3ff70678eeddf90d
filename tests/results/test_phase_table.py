"""The phase table: its numbers, its phases, its text."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.results.frames import series
from expansion_sim.results.phases import PHASES, phases_within
from expansion_sim.results.tables import format_number, format_table, phase_table


def test_numbers_are_those_of_the_yearly_table(frames) -> None:
    table = phase_table(frames).set_index(["phase", "section", "statistic"])
    row = table.loc[("FDI take-off 1970-84", "entries a year", "own plant (FDI)")]
    expected = series(frames.yearly, "entries", mode="fdi").loc[1970:1984, 0].mean()
    assert row["value"] == pytest.approx(expected)
    share = table.loc[("Global 2000-24", "firms", "abroad at the end"), "value"]
    last = {name: series(frames.yearly, name).loc[2024, 0] for name in ("abroad", "firms")}
    assert share == pytest.approx(100 * last["abroad"] / last["firms"])


def test_one_replication_has_no_interval_and_several_have(frames, run) -> None:
    assert phase_table(frames)["low"].isna().all()
    several = phase_table(run).query("text == '' and section == 'firms'")
    assert (several["low"] <= several["value"]).all() and (several["value"] <= several["high"]).all()


def test_phases_are_cut_to_the_run(run) -> None:
    phases = list(dict.fromkeys(phase_table(run)["phase"]))
    assert phases == ["Export-led 1955-69", "FDI take-off 1970-84", "Acceleration 1985-85"]
    assert [phase.label for phase in phases_within(1990, 2035)] == ["Acceleration 1990-99", "Global 2000-35"]
    assert [(phase.first, phase.last) for phase in PHASES] == [(1955, 1969), (1970, 1984), (1985, 1999), (2000, 2024)]


def test_leading_hosts_name_china_at_the_end(frames) -> None:
    table = phase_table(frames)
    hosts = table[(table["section"] == "leading hosts") & (table["phase"] == "Global 2000-24")]
    assert hosts["text"].iloc[0].startswith("China ")
    assert len(hosts) == 3


def test_text_has_one_line_per_statistic_and_fits_a_terminal(frames, run) -> None:
    table = phase_table(frames)
    text = format_table(table)
    assert "own plant (FDI) [firms]" in text
    assert max(map(len, text.splitlines())) <= 140
    assert len(text.splitlines()) == 1 + table["section"].nunique() + len(table) // 4
    assert " to " in format_table(phase_table(run))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1234567.0, "1,234,567"), (12.34, "12.3"), (0.01234, "0.0123"), (-5.0, "-5.00"), (np.nan, "-")],
)
def test_numbers_are_written_plainly(value: float, text: str) -> None:
    assert format_number(value) == text
