"""Comparisons of simulated worlds: identities that hold whatever the rules say."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from expansion_sim import Comparison, compare, load_scenario, simulate
from expansion_sim.codes import DISTRICTS, HOSTS, INDUSTRIES, MODES, SIZE_CLASSES
from expansion_sim.comparison.effects import effect
from expansion_sim.comparison.text import summary
from expansion_sim.errors import InputError
from expansion_sim.policy.instruments import SERVING
from expansion_sim.policy.record import scenario_programmes
from expansion_sim.results.frames import series
from expansion_sim.results.tables import format_number

SMALL = {"scale": 0.001, "output.surveys": False}
KEYS = ["year", "measure", "industry", "size_class", "mode", "host", "district"]


@cache
def support() -> Comparison:
    """History against a world without support."""
    return compare("no_support", "history", overrides=SMALL)


@cache
def run(name: str, replications: int = 1, kept: tuple[int, ...] = ()):
    return simulate(load_scenario(name, {**SMALL, "output.firms_years": list(kept)}), replications)


def margin(found: Comparison, measure: str, **labels: str) -> pd.DataFrame:
    """One measure over all years, absent rows as zeros."""
    return effect(found.effects, measure, **labels).reindex(range(1955, 2025), fill_value=0.0)


GROUPS = [
    {},
    *({"industry": name} for name in INDUSTRIES),
    *({"size_class": name} for name in SIZE_CLASSES),
    *({"mode": name} for name in MODES[1:]),
    {"mode": "fdi", "host": "CHN"},
    {"mode": "direct", "host": "USA"},
    {"industry": "light", "mode": "indirect"},
]


@pytest.mark.parametrize("labels", GROUPS, ids=str)
def test_additional_less_displaced_is_the_difference_of_stocks_in_the_yearly_tables(labels: dict[str, str]) -> None:
    found = support()
    measure = "firms_in_host" if "host" in labels else "firms_in_mode" if "mode" in labels else "abroad"
    before, after = (series(run(name).yearly, measure, **labels)[0] for name in ("no_support", "history"))
    gained, lost = margin(found, "additional", **labels)["other"], margin(found, "displaced", **labels)["base"]
    np.testing.assert_allclose(gained - lost, after - before, atol=1e-6)
    np.testing.assert_allclose(margin(found, "abroad", **labels)["base"], before, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("labels", [{}, {"mode": "direct"}, {"industry": "machinery"}, {"district": "elsewhere"}], ids=str)
@pytest.mark.parametrize(
    ("helped", "additional", "deadweight"),
    [
        ("supported", "supported_additional", "deadweight"),
        ("entitled", "entitled_additional", "entitled_deadweight"),
    ],
)
def test_additional_and_deadweight_add_up(labels: dict[str, str], helped: str, additional: str, deadweight: str) -> None:
    found = support()
    for side in ("base", "other"):
        parts = margin(found, additional, **labels)[side] + margin(found, deadweight, **labels)[side]
        np.testing.assert_allclose(parts, margin(found, helped, **labels)[side], rtol=1e-12)
        both_and_one = margin(found, "abroad_in_both", **labels)[side] + margin(found, "additional", **labels)[side]
        whole = both_and_one + margin(found, "displaced", **labels)[side]
        np.testing.assert_allclose(whole, margin(found, "abroad", **labels)[side], rtol=1e-12)
    assert margin(found, helped)["other"].max() > 0.0
    assert margin(found, helped)["base"].max() == 0.0


@pytest.mark.parametrize(
    ("dimension", "names"), [("industry", INDUSTRIES), ("size_class", SIZE_CLASSES), ("district", DISTRICTS)]
)
def test_groups_add_up_to_the_total(dimension: str, names: tuple[str, ...]) -> None:
    for side in ("base", "other"):
        parts = sum(margin(support(), "abroad", **{dimension: name})[side] for name in names)
        np.testing.assert_allclose(parts, margin(support(), "abroad")[side], rtol=1e-9)
    assert margin(support(), "additional", host=HOSTS[0])["other"].max() > 0.0


def test_levels_are_those_of_the_yearly_tables() -> None:
    for measure in ("employees", "export_sales", "profit", "closures", "foreign_jobs"):
        for side, name in (("base", "no_support"), ("other", "history")):
            np.testing.assert_array_equal(margin(support(), measure)[side], series(run(name).yearly, measure)[0])


def test_users_of_awards_are_the_award_events_and_money_is_that_of_the_agencies() -> None:
    table = support().programmes
    other = table[table["world"] == "other"]
    events = run("history").events
    paid = events[events["event"] == "award"]
    named = paid.groupby(["year", "programme"], observed=True)["weight"].sum()
    users = other.set_index(["year", "programme"])["users"]
    named.index = named.index.set_levels(named.index.levels[1].astype(object), level=1)
    found = users.reindex(named.index)
    assert named.size > 20
    assert (found >= named * (1.0 - 1e-6)).all()  # a firm with several programmes is named with one of them
    spent = run("history").programmes["spending_million_yen"].sum()
    assert other["spending_million_yen"].sum() == pytest.approx(spent)
    parts = other["additional"] + other["deadweight"] + other["stayed_home"]
    np.testing.assert_allclose(parts, other["users"], rtol=1e-12)
    assert (other["brought_forward"] <= other["additional"] + 1e-9).all()
    assert 0.0 < other["additional"].sum() < other["users"].sum()


def test_firms_served_at_large_are_those_that_advice_and_matching_cost_for() -> None:
    """What a programme of advice without places books is its number of firms times what one of them costs, beside help with agreements."""
    other = support().programmes.query("world == 'other'").set_index("programme")
    programmes = scenario_programmes(load_scenario("history").support)
    at_large = {p.name: p for p in programmes
                if p.lever in SERVING and not p.registers and p.agreement_help == 0.0 and p.cost_per_use > 0.0}
    assert len(at_large) >= 5
    for name, programme in at_large.items():
        rows = other.loc[[name]]
        np.testing.assert_allclose(rows["served"] * programme.cost_per_use, rows["spending_million_yen"], rtol=1e-9)
    rest = other[~other.index.isin([p.name for p in programmes if p.lever in SERVING and not p.registers])]
    assert (rest["served"] == 0.0).all() and (rest["users"] > 0.0).any()
    assert (support().programmes.query("world == 'base'")["served"] == 0.0).all()


def test_users_of_advice_are_printed_beside_those_that_are_named() -> None:
    found = support()
    lines = summary(found).split("Users of programmes")[1].splitlines()
    served = found.programmes.query("world == 'other' and instrument == 'advice' and served > 0")
    row = next(line for line in lines if line.startswith("advice, at large"))
    firms, money = (format_number(float(served[name].sum())) for name in ("served", "spending_million_yen"))
    assert row.split()[3:] == [firms, "-", "-", "-", money]
    assert any(line.startswith("matching, at large") for line in lines)
    assert any(line.startswith("advice  ") and "%" in line for line in lines)  # those that register are judged
    assert sum(line.startswith("At large: firms expected to ask for advice") for line in lines) == 1
    earlier = replace(found, programmes=found.programmes.drop(columns="served"))  # a directory written by an earlier version
    assert [line for line in summary(earlier).splitlines() if "at large" in line.lower()] == []


def test_finished_runs_do_not_tell_who_was_served_at_large(tmp_path: Path) -> None:
    for name in ("no_support", "history"):
        simulate(load_scenario(name, {**SMALL, "years.last": 1958})).save(tmp_path / name)
    found = compare(tmp_path / "no_support", tmp_path / "history")
    assert found.programmes["served"].isna().all()
    assert "at large" not in summary(found)


def test_named_firms_weigh_as_much_as_the_counts() -> None:
    found = support()
    only = found.firms[found.firms["world"] == "other"]
    assert only["firm"].is_unique
    firm_years = (only["weight"] * only["years"]).sum()
    assert firm_years == pytest.approx(margin(found, "additional")["other"].sum())
    never = only.loc[only["never_in_counterpart"], "weight"].sum()
    assert never == pytest.approx(margin(found, "ever_additional")["other"].iloc[-1])


def test_a_world_compared_with_itself_differs_in_nothing() -> None:
    same = compare("history", "history", overrides={**SMALL, "years.last": 1985})
    assert (same.effects["difference"] == 0.0).all()
    assert same.firms.empty
    assert same.effects.loc[same.effects["measure"].isin(["additional", "displaced"]), ["base", "other"]].eq(0.0).all(axis=None)
    shown = same.headline.dropna(subset="value").set_index("statistic")["value"]
    assert shown.filter(like="difference").eq(0.0).all()
    assert shown["supported firms"].max() > 0.0
    assert same.programmes["users"].sum() > 0.0
    assert (same.programmes[["additional", "newcomers_additional"]] == 0.0).all(axis=None)  # steps given up in the same year included


def test_an_inert_programme_changes_nobody(tmp_path: Path) -> None:
    """A programme that nobody fits: one more row, draws and place in the list, and nothing else."""
    (tmp_path / "inert.toml").write_text("""
extends = "history"
[[support.programme]]
name = "Nothing for anybody"
instrument = "grant"
start_year = 1960
modes = ["cluster"]
hosts = ["FRA"]
industries = ["other"]
""")
    found = compare("history", tmp_path / "inert.toml", overrides={**SMALL, "years.last": 1985})
    changed = found.effects[found.effects["difference"] != 0.0]
    assert changed.empty, changed["measure"].unique()
    assert found.firms.empty


def test_swapping_the_worlds_flips_every_difference() -> None:
    """Eleven years, in which only entitlements act."""
    short = {**SMALL, "years.last": 1975}
    forth = compare("no_support", "history", overrides=short).effects
    back = compare("history", "no_support", overrides=short).effects
    swap = {f"{prefix}additional": f"{prefix}displaced" for prefix in ("", "ever_")}
    swap |= {there: here for here, there in swap.items()}
    back = back.assign(measure=back["measure"].astype(str).replace(swap))
    joined = (
        forth.assign(measure=forth["measure"].astype(str)).merge(back, on=KEYS, how="outer", suffixes=("", "_back")).fillna(0.0)
    )
    assert np.array_equal(joined["difference"], -joined["difference_back"])
    assert np.array_equal(joined["base"], joined["other_back"])
    assert (joined["difference"] != 0.0).any()


def test_the_number_of_processes_changes_nothing() -> None:
    short = {**SMALL, "years.last": 1962}
    alone, together = (compare("no_support", "history", 2, overrides=short, workers=workers) for workers in (1, 2))
    for name in ("effects", "headline", "firms", "programmes"):
        pd.testing.assert_frame_equal(getattr(alone, name), getattr(together, name), check_exact=True)
    interval = effect(alone.effects, "abroad").loc[1962]
    assert interval["low"] < interval["difference"] < interval["high"]


def test_replications_are_paired_runs_of_their_own_seed() -> None:
    short = {**SMALL, "years.last": 1970}
    both = compare("no_support", "history", 2, overrides=short)
    second = compare("no_support", "history", 1, overrides={**short, "seed": both.record["seeds"][1]})
    first = compare("no_support", "history", 1, overrides=short)
    mean = (effect(first.effects, "abroad")["difference"] + effect(second.effects, "abroad")["difference"]) / 2
    np.testing.assert_allclose(effect(both.effects, "abroad")["difference"], mean)
    assert not first.effects["difference"].equals(second.effects["difference"])


# --- finished runs ----------------------------------------------------------------------------------------------------------
def test_finished_runs_tell_the_same_as_their_scenarios() -> None:
    runs = compare(run("no_support", kept=(1990, 2024)), run("history", kept=(1990, 2024)))
    joined = runs.effects.merge(support().effects, on=KEYS, how="left", suffixes=("_run", "")).fillna(0.0)
    helped = joined["measure"].isin(["supported", "supported_additional", "deadweight"])
    for side in ("base", "other"):
        np.testing.assert_allclose(joined.loc[~helped, f"{side}_run"], joined.loc[~helped, side], rtol=1e-12)
    totals = [effect(table, "supported")["other"].sum() for table in (runs.effects, support().effects)]
    assert totals[0] == pytest.approx(totals[1], rel=0.05)  # a run names one programme for a firm and year
    hosts = runs.effects[(runs.effects["host"] != "") & (runs.effects["measure"] == "additional")]
    assert set(hosts["year"]) == {1990, 2024}
    assert not runs.effects["measure"].isin(["entitled"]).any()
    shared = ["firm", "world", "first_year", "last_year", "years", "mode", "never_in_counterpart"]
    pd.testing.assert_frame_equal(runs.firms[shared], support().firms[shared])


def test_finished_runs_with_replications_have_intervals() -> None:
    runs = compare(*(simulate(load_scenario(name, {**SMALL, "years.last": 1970}), 2) for name in ("no_support", "history")))
    assert effect(runs.effects, "additional").loc[1970, ["low", "high"]].notna().all()
    assert (runs.effects["host"] == "").all() or "additional" not in set(runs.effects.loc[runs.effects["host"] != "", "measure"])


def test_runs_that_cannot_be_paired_are_refused() -> None:
    with pytest.raises(InputError, match="replications are 1 in BASE and 2 in OTHER"):
        compare(run("no_support"), simulate(load_scenario("history", {**SMALL, "years.last": 1956}), 2))
    other_seed = simulate(load_scenario("history", {**SMALL, "seed": 5, "years.last": 1956}))
    with pytest.raises(InputError, match="the seed is 1 in BASE and 5 in OTHER"):
        compare(run("no_support"), other_seed)
    with pytest.raises(InputError, match="finished runs have their replications"):
        compare(run("no_support"), run("history"), 3)
    with pytest.raises(InputError, match="one is a scenario and the other a finished run"):
        compare("history", run("history"))
