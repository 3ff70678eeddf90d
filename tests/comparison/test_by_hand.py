"""Five firms whose lives are written down: every count of the comparison worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planned import PlannedModel, planned

from expansion_sim import Comparison, compare
from expansion_sim.comparison.effects import effect
from expansion_sim.comparison.headline import statistic


@pytest.fixture(scope="module")
def found() -> Comparison:
    """With support against without."""
    return compare(planned("without"), planned("with"), model_class=PlannedModel)


def column(found: Comparison, measure: str, side: str, **labels: str) -> list[float]:
    """Values of 1955 to 1958; a year without a row is zero."""
    return effect(found.effects, measure, **labels)[side].reindex(range(1955, 1959), fill_value=0.0).tolist()


def test_firms_abroad_in_both_worlds_and_in_one_only(found: Comparison) -> None:
    assert column(found, "abroad", "base") == [10, 60, 30, 80]  # 10; 10+20+30; 10+20; 10+20+50
    assert column(found, "abroad", "other") == [10, 30, 120, 120]  # 10; 10+20; 10+20+40+50
    assert column(found, "abroad_in_both", "base") == column(found, "abroad_in_both", "other") == [10, 30, 30, 80]
    assert column(found, "additional", "other") == [0, 0, 90, 40]  # 40 and 50 in 1957, 40 in 1958
    assert column(found, "displaced", "base") == [0, 30, 0, 0]
    assert column(found, "additional", "base") == column(found, "displaced", "other") == [0, 0, 0, 0]
    assert column(found, "abroad", "difference") == [0, -30, 90, 40]


def test_supported_firms_split_into_additional_and_deadweight(found: Comparison) -> None:
    assert column(found, "supported", "other") == [0, 20, 110, 110]
    assert column(found, "deadweight", "other") == [0, 20, 20, 70]  # 20 always; 50 once it is abroad in BASE, too
    assert column(found, "supported_additional", "other") == [0, 0, 90, 40]
    assert column(found, "supported", "base") == [0, 0, 0, 0]


def test_groups_by_mode_host_industry_and_district(found: Comparison) -> None:
    assert column(found, "additional", "other", mode="fdi") == [0, 0, 40, 40]
    assert column(found, "additional", "other", mode="indirect") == [0, 0, 50, 0]
    assert column(found, "displaced", "base", mode="indirect") == [0, 30, 0, 0]
    assert column(found, "additional", "other", host="CHN", mode="fdi") == [0, 0, 40, 40]
    assert column(found, "additional", "other", industry="machinery") == [0, 0, 40, 40]  # rows alternate light, machinery
    assert column(found, "additional", "other", industry="light") == [0, 0, 50, 0]
    assert column(found, "additional", "other", district="Sumida") == [0, 0, 90, 40]
    assert column(found, "additional", "other", size_class="5-20") == [0, 0, 90, 40]


def test_who_was_ever_abroad_in_one_world_only(found: Comparison) -> None:
    assert column(found, "ever_abroad", "base") == [10, 60, 60, 110]
    assert column(found, "ever_abroad", "other") == [10, 30, 120, 120]
    assert column(found, "ever_additional", "other") == [0, 0, 90, 40]
    assert column(found, "ever_displaced", "base") == [0, 30, 30, 30]


def test_firms_are_named(found: Comparison) -> None:
    firms = found.firms.set_index(["world", "firm"])
    assert sorted(firms.index) == [("base", 30), ("other", 40), ("other", 50)]
    plant, early, gone = firms.loc[("other", 40)], firms.loc[("other", 50)], firms.loc[("base", 30)]
    assert (plant["mode"], plant["host"], plant["first_year"], plant["last_year"], plant["years"]) == (
        "fdi",
        "CHN",
        1957,
        1958,
        2,
    )
    assert plant["never_in_counterpart"] and plant["supported"]
    assert (early["first_year"], early["last_year"], early["never_in_counterpart"]) == (1957, 1957, False)
    assert (gone["mode"], gone["host"], gone["years"], gone["never_in_counterpart"]) == ("indirect", "", 1, True)


def test_users_of_each_programme(found: Comparison) -> None:
    table = found.programmes[found.programmes["world"] == "other"].set_index(["programme", "year"])
    columns = ["users", "additional", "deadweight", "brought_forward"]
    assert table.loc[("grant", 1956), columns].tolist() == [20, 0, 20, 0]
    assert table.loc[("grant", 1957), columns].tolist() == [90, 90, 0, 50]  # 50 goes in BASE a year later
    assert table.loc[("grant", 1957), "spending_million_yen"] == 40 * 3.0 + 50 * 1.0
    assert table.loc[("guarantee", 1955), columns].tolist() == [
        10,
        0,
        10,
        0,
    ]  # an entitlement: whoever entered the mode it serves
    assert table.loc[("guarantee", 1957), columns].tolist() == [50, 50, 0, 50]
    assert (found.programmes["world"] == "other").all()


def test_entitled_firms(found: Comparison) -> None:
    assert column(found, "entitled", "other") == [10, 10, 60, 60]  # exporters: 10, later 50
    assert column(found, "entitled_deadweight", "other") == [10, 10, 10, 60]


def test_money_and_ratios(found: Comparison) -> None:
    def at(name: str) -> float:
        return float(statistic(found.headline, name)["value"].loc[1958])

    assert column(found, "spending", "other") == [0, 40, 170, 0]
    assert at("public money, difference so far") == 210
    assert at("public money for business abroad, difference so far") == 210
    assert at("cost per additional firm") == pytest.approx(210 / (120 - 110))
    assert at("cost per additional firm-year") == pytest.approx(210 / (0 - 30 + 90 + 40))
    assert at("deadweight among supported firms") == pytest.approx(100 * 70 / 110)
    assert at("exports per yen") == pytest.approx(5.0 * (0 - 30 + 50 + 0) / 210)


def test_discounting_sums_of_money() -> None:
    found = compare(planned("without"), planned("with"), model_class=PlannedModel, discount=0.1)
    money = statistic(found.headline, "public money, difference so far")["value"]
    assert money.loc[1958] == pytest.approx(40 / 1.1 + 170 / 1.1**2)


def test_reversing_the_arguments_flips_every_sign(found: Comparison) -> None:
    back = compare(planned("with"), planned("without"), model_class=PlannedModel)
    swap = {
        "additional": "displaced",
        "displaced": "additional",
        "ever_additional": "ever_displaced",
        "ever_displaced": "ever_additional",
    }
    keys = ["year", "measure", "industry", "size_class", "mode", "host", "district"]
    renamed = back.effects.assign(measure=back.effects["measure"].astype(str).replace(swap))
    forth = found.effects.assign(measure=found.effects["measure"].astype(str))
    joined = forth.merge(renamed, on=keys, how="outer", suffixes=("", "_back"), indicator=True)
    assert (joined["_merge"] == "both").all()
    pd.testing.assert_series_equal(joined["base"], joined["other_back"], check_names=False)
    pd.testing.assert_series_equal(joined["other"], joined["base_back"], check_names=False)
    assert np.array_equal(joined["difference"], -joined["difference_back"])


def test_a_world_compared_with_itself_gives_zero() -> None:
    same = compare(planned("with"), planned("with"), model_class=PlannedModel)
    assert (same.effects["difference"] == 0.0).all()
    assert same.firms.empty
    assert same.programmes["additional"].sum() == 0.0
    assert same.programmes["users"].sum() > 0.0
