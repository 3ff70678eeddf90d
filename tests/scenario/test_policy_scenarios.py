"""The shipped policy scenarios say what they change, change that and nothing else."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from expansion_sim import ExpansionModel, compare, load_scenario
from expansion_sim.arguments import parse
from expansion_sim.codes import HOME, HOSTS
from expansion_sim.comparison.effects import effect
from expansion_sim.scenario.files import shipped_folder, shipped_names

POLICIES = (
    "no_support_abroad", "no_support_since_2010", "package_2011_13", "no_package_2011_13", "no_first_time_exporters", "grants_doubled", "no_grants",
    "loans_instead_of_grants", "guarantees_instead_of_loans", "joint_grants_only", "keep_the_plant", "no_condition",
    "agreements_used_by_all",
)
OUTLOOKS = tuple(f"outlook_2035{ending}" for ending in ("", "_yen_110", "_yen_150", "_yen_180", "_friend_shoring", "_tariff_war"))
GRANTS = {"grant", "pilot_grant", "joint_grant"}


@cache
def programmes(name: str) -> dict[str, object]:
    """Programmes of a scenario by id."""
    model = ExpansionModel(name, scale=0.001)
    return {programme.id: programme for programme in model.programmes}


@cache
def drivers(name: str, seed: int = 1) -> ExpansionModel:
    return ExpansionModel(name, rng=seed, scale=0.001)


@pytest.mark.parametrize("name", [*POLICIES, *OUTLOOKS])
def test_each_says_what_it_changes_and_ends_in_a_command(name: str) -> None:
    text = Path(shipped_folder() / f"{name}.toml").read_text(encoding="utf-8")
    comment = " ".join(line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#"))
    assert "What it changes:" in comment and "What to look for:" in comment
    commands = re.findall(r"^#   expansion-sim (.+)$", text, flags=re.MULTILINE)
    named = []
    for command in commands:
        args = parse(shlex.split(command))
        named += [args.base, args.other] if args.command == "compare" else [args.scenario]
    assert name in named and set(named) <= set(shipped_names())
    scenario = load_scenario(name)
    assert scenario.title and scenario.description


def test_without_support_abroad_only_help_at_home_is_left() -> None:
    left, recorded = programmes("no_support_abroad"), programmes("history")
    assert set(left) == {name for name, p in recorded.items() if p.modes[0] == HOME and p.instrument in ("loan_guarantee", "insurance")}
    assert all(programme.modes == (HOME,) for programme in left.values())


def test_support_ends_in_2009() -> None:
    changed, recorded = programmes("no_support_since_2010"), programmes("history")
    assert not [name for name, programme in changed.items() if programme.open_in(2010) or programme.open_in(2024)]
    for year in (1960, 1990, 2009):
        assert {n for n, p in changed.items() if p.open_in(year)} == {n for n, p in recorded.items() if p.open_in(year)}


def test_until_2009_the_world_without_later_support_is_history() -> None:
    same = compare("no_support_since_2010", "history", overrides={"scale": 0.001, "output.surveys": False, "years.last": 2009})
    money = same.effects["measure"].isin(["spending", "foregone"])  # sums over programmes in another order: the last digit
    assert (same.effects.loc[~money, "difference"] == 0.0).all()
    np.testing.assert_allclose(same.effects.loc[money, "other"], same.effects.loc[money, "base"], rtol=1e-12)
    assert same.firms.empty


def test_the_package_and_the_rest_are_the_whole_record() -> None:
    package, rest = programmes("package_2011_13"), programmes("no_package_2011_13")
    assert {*package, *rest} == {*programmes("history")}
    assert not {*package} & {*rest}
    assert all(2010 <= programme.start <= 2013 for programme in package.values())
    assert len(package) > 10


def test_grants_are_doubled_and_nothing_else() -> None:
    doubled, recorded = programmes("grants_doubled"), programmes("history")
    for name, before in recorded.items():
        after = doubled[name]
        factor = 2.0 if before.instrument in GRANTS else 1.0
        for term in ("places", "cap"):
            was = getattr(before, term)
            assert getattr(after, term) == (None if was is None else factor * was), (name, term)
        assert (after.rate, after.start, after.end, after.modes) == (before.rate, before.start, before.end, before.modes)


def test_no_grants_leaves_all_other_instruments() -> None:
    left = programmes("no_grants")
    gone = {name: programme for name, programme in programmes("history").items() if name not in left}
    assert {programme.instrument for programme in gone.values()} == GRANTS
    assert not {programme.instrument for programme in left.values()} & GRANTS


@pytest.mark.parametrize(("name", "instrument", "gone"), [
    ("loans_instead_of_grants", "loan", {"P15", "P16", "P17", "P18", "P20", "P26"}),
    ("guarantees_instead_of_loans", "loan_guarantee", {"P28", *(f"P{n}" for n in range(29, 37)), "P50"}),
    ("joint_grants_only", "joint_grant", {f"P{n}" for n in range(15, 27)}),
])
def test_one_instrument_in_place_of_another(name: str, instrument: str, gone: set[str]) -> None:
    mine, recorded = programmes(name), programmes("history")
    assert [programme.instrument for key, programme in mine.items() if key not in recorded] == [instrument]
    assert {key for key in recorded if key not in mine} == gone


def test_the_condition_is_on_and_off() -> None:
    bound = {name for name, programme in programmes("keep_the_plant").items() if programme.keep_home_plant}
    assert bound == {"P17", "P21", "P22", "P23", "P25", "P52"}
    assert {name for name, programme in programmes("history").items() if programme.keep_home_plant} == {"P52"}
    assert not [programme for programme in programmes("no_condition").values() if programme.keep_home_plant]


def test_agreements_cost_nothing_and_every_direct_exporter_sells_more_at_once() -> None:
    """In the first year with an agreement (Singapore, 2002) firms are the same and only their sales and costs differ."""
    found = compare("history", "agreements_used_by_all", overrides={"scale": 0.002, "output.surveys": False, "years.last": 2002})
    first = effect(found.effects, "export_sales")
    changed = first.index[first["difference"] != 0.0]
    assert changed[0] >= 2000 and first.loc[changed[0], "difference"] > 0.0
    assert effect(found.effects, "profit").loc[changed[0], "difference"] > 0.0


@pytest.mark.parametrize("yen", [110, 150, 180])
def test_outlooks_differ_in_the_yen_alone(yen: int) -> None:
    name = f"outlook_2035_yen_{yen}"
    mine, reference = drivers(name).drivers, drivers("outlook_2035").drivers
    later = mine.japan["year"] >= 2025
    assert (mine.japan["yen"][later] == yen).all()
    for column in ("growth", "lending_rate"):
        np.testing.assert_array_equal(mine.japan[column], reference.japan[column])
    np.testing.assert_array_equal(mine.japan["yen"][~later], reference.japan["yen"][~later])


def test_paths_are_drawn_anew_in_each_replication() -> None:
    first, second = (drivers("outlook_2035", seed).drivers.japan for seed in (1, 2))
    later = first["year"] >= 2025
    assert not np.array_equal(first["growth"][later], second["growth"][later])
    np.testing.assert_array_equal(first["growth"][~later], second["growth"][~later])


@pytest.mark.parametrize(("name", "series", "host", "value"), [
    ("outlook_2035_friend_shoring", "openness", "CHN", 0.5), ("outlook_2035_friend_shoring", "openness", "VNM", 0.95),
    ("outlook_2035_friend_shoring", "home_tariff", "CHN", 0.1), ("outlook_2035_tariff_war", "third_tariff", "CHN", 0.2),
    ("outlook_2035_tariff_war", "tariff", "USA", 0.25), ("outlook_2035_tariff_war", "agreement", "DEU", 0.0),
])
def test_outlooks_with_other_hosts(name: str, series: str, host: str, value: float) -> None:
    before, after = (drivers(world).drivers.hosts[series][:, HOSTS.index(host)] for world in ("outlook_2035", name))
    year = drivers(name).drivers.japan["year"]
    assert after[year == 2025] == before[year == 2025]
    assert (after[year >= 2026] == pytest.approx(value)) and value != before[year == 2026][0]
