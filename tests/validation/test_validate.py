"""The table of verdicts: complete, in order, with a reason wherever something is missing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from expansion_sim.errors import InputError
from expansion_sim.validation import load_targets, summary, validate
from expansion_sim.validation.figure import validation_figure
from expansion_sim.validation.happenings import member_range
from expansion_sim.validation.moments import MOMENTS
from expansion_sim.validation.surveys import ANSWERED_BY
from expansion_sim.validation.tables import RunTables
from expansion_sim.validation.text import format_table
from expansion_sim.validation.unanswered import NOT_HELD
from expansion_sim.validation.validate import COLUMNS


@pytest.fixture(scope="module")
def table(run: SimpleNamespace) -> pd.DataFrame:
    return validate(run)


def verdict(table: pd.DataFrame, fact: str) -> str:
    return table.set_index("id").loc[fact, "verdict"]


def test_every_shipped_fact_is_declared_exactly_once() -> None:
    declared = [*ANSWERED_BY, *MOMENTS, *NOT_HELD]
    assert len(declared) == len(set(declared))
    assert set(declared) == set(load_targets()["id"])


def test_one_row_per_fact_in_order_and_nothing_silent(table: pd.DataFrame) -> None:
    assert len(table) == 165 and tuple(table.columns) == COLUMNS
    assert table["id"].tolist() == load_targets()["id"].tolist()
    missing = table[table["verdict"] == "not computed"]
    assert set(missing["id"]) == set(NOT_HELD)
    assert (missing["reason"].str.len() > 20).all() and missing["simulated"].isna().all()
    assert table.loc[~table["id"].isin(NOT_HELD), "simulated"].notna().all()


def test_facts_of_the_drawn_record_are_hit(table: pd.DataFrame) -> None:
    hits = (
        "T004",
        "T005",
        "T006",
        "T007",
        "T008",
        "T010",
        "T011",
        "T012",
        "T018",
        "T020",
        "T026",
        "T029",
        "T030",
        "T032",
        "T033",
        "T037",
        "T041",
        "T042",
        "T152",
        "T154",
    )
    assert [fact for fact in hits if verdict(table, fact) != "hit"] == []
    row = table.set_index("id").loc["T018"]
    assert row["simulated"] == pytest.approx(190) and row["published"] == "178" and row["deviation"] == pytest.approx(12 / 44.5)


def test_misses_say_on_which_side(table: pd.DataFrame) -> None:
    rows = table.set_index("id")
    assert rows.loc["T064", "verdict"] == "miss" and rows.loc["T064", "reason"] == "below"
    assert rows.loc["T055", "verdict"] == "miss" and rows.loc["T055", "reason"] == "above"
    assert "direct first in wholesale fails" in rows.loc["T122", "reason"]
    assert rows.loc["T147", "simulated"] == 20.0


def test_replications_give_a_mean_and_an_interval(replicated: SimpleNamespace) -> None:
    row = validate(replicated).set_index("id").loc["T018"]
    runs = 190 * (1 + 0.05 * np.arange(5))
    assert row["simulated"] == pytest.approx(runs.mean())
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(runs, [0.05, 0.95])))


def test_a_shorter_run_says_where_it_ends(run: SimpleNamespace) -> None:
    frames = {name: frame[frame["year"] <= 1990] for name, frame in vars(run).items()}
    table = validate(SimpleNamespace(**frames)).set_index("id")
    assert table.loc["T064", "reason"] == "the run ends in 1990, before 2023"
    assert table.loc["T033", "reason"] == "the run ends in 1990, before 1994"
    assert table.loc["T018", "verdict"] == "hit" and len(table) == 165


def test_a_run_that_starts_late_says_so(run: SimpleNamespace) -> None:
    frames = {name: frame[frame["year"] >= 1980] for name, frame in vars(run).items()}
    assert validate(SimpleNamespace(**frames)).set_index("id").loc["T018", "reason"] == "the run starts in 1980, after 1972"


def test_missing_tables_are_reasons_not_errors(run: SimpleNamespace) -> None:
    empty = {name: frame.iloc[:0] for name, frame in vars(run).items()}
    table = validate(
        SimpleNamespace(
            **{**vars(run), "surveys": empty["surveys"], "programmes": empty["programmes"], "events": empty["events"]}
        )
    )
    rows = table.set_index("id")
    assert rows.loc["T064", "reason"] == "the run did not take the survey 'jfc.abroad.manufacturing' of 2023"
    assert (
        "records no application" in rows.loc["T149", "reason"]
        and rows.loc["T037", "reason"] == "the run holds no supplier that opened a plant in 1990-99"
    )
    assert (validate(SimpleNamespace(**empty))["verdict"] == "not computed").all()


def test_an_empty_frame_is_not_read_as_zero(run: SimpleNamespace) -> None:
    surveys = run.surveys.copy()
    surveys.loc[surveys["survey"] == "jfc.fdi.transport", "value"] = np.nan
    surveys.loc[surveys["survey"] == "jfc.fdi.wholesale", "value"] = np.nan
    row = validate(SimpleNamespace(**{**vars(run), "surveys": surveys})).set_index("id").loc["T101"]
    assert row["verdict"] == "not computed" and "no simulated firm" in row["reason"]


def test_facts_of_ones_own_by_name_of_the_survey(run: SimpleNamespace) -> None:
    facts = (
        load_targets().head(1).assign(id="X1", value="9.5", unit="percent", tolerance="+-1 pp", measure="jfc.abroad.retail@2023")
    )
    assert validate(run, facts)["verdict"].tolist() == ["hit"]
    assert "no measure is declared" in validate(run, facts.drop(columns="measure"))["reason"][0]
    with pytest.raises(InputError, match=r"no survey 'jfc.abroad.retial@2023'.*jfc.abroad.retail"):
        validate(run, facts.assign(measure="jfc.abroad.retial@2023"))


def test_summary_and_text_count_the_same(table: pd.DataFrame) -> None:
    counts = summary(table)
    assert counts["hit"] + counts["miss"] + counts["not computed"] == counts["total"] == 165
    text = format_table(table)
    assert f"{counts['hit']} of {counts['computable']} computable facts" in text
    assert all(fact in text for fact in table["id"])


def test_figure_shows_every_computed_fact(table: pd.DataFrame, replicated: SimpleNamespace) -> None:
    for shown in (table, validate(replicated)):
        figure = validation_figure(shown)
        labels = [label.get_text() for axes in figure.axes for label in axes.get_yticklabels()]
        assert len(labels) == summary(shown)["computable"]


def test_members_of_cooperatives_in_a_sample_are_divided_by_the_groups_they_stand_for(run: SimpleNamespace) -> None:
    """At full scale 4 to 25 members; ten times the weight with the same groups founded gives 10 x 319 members over 22 groups."""
    tables = RunTables(run)
    assert member_range(tables).tolist() == [[14, 6, 23]]
    sampled = RunTables(SimpleNamespace(**{**vars(run), "events": run.events.assign(weight=10.0)}))
    assert member_range(sampled).tolist() == [[145, 145, 145]]


def test_withdrawals_add_those_who_gave_up_one_of_several_bases(run: SimpleNamespace) -> None:
    """Of twelve who dropped a host five left altogether (the survey has them) and one closed: six more than its ten."""
    surveys = run.surveys.copy()
    surveys.loc[surveys["survey"] == "ever_fdi.firms", "value"] = 64.0
    row = validate(SimpleNamespace(**{**vars(run), "surveys": surveys})).set_index("id").loc["T183"]
    assert row["simulated"] == pytest.approx(100 * (10 + 6) / 64) and row["verdict"] == "hit"
