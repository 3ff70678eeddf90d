"""What must add up in every year: firms, modes, money, jobs, and the bits in which a firm's state is written."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from worlds import LIVELY, common, finished, history, in_mode, tables

from expansion_sim.behaviour.kernel import CLOSURES, FIRMS
from expansion_sim.codes import CLUSTER, DIRECT, DISTRICTS, FDI, HOME, HOSTS, INDUSTRIES, MODES
from expansion_sim.model import ExpansionModel
from expansion_sim.population.schema import FIRM_DTYPE, stage_of
from expansion_sim.results.frames import series
from expansion_sim.results.identities import check

WORLDS = ("history", "lively")
FLOATS = [name for name in FIRM_DTYPE.names if FIRM_DTYPE[name].base.kind == "f"]
SHARES = ("order_share", "relocated", "knowledge")
NOT_NEGATIVE = (
    "weight", "home_sales", "capital", "assets", "cash", "debt", "order_level", "owner_age", "export_sales", "plant_sales",
    "foreign_jobs", "invested", "paid_out", "award", "subsidy",
)
FLAGS = ("alive", "interested", "followed", "delisted", "pledge")


@cache
def world(name: str) -> ExpansionModel:
    """A finished world with the firms of every year."""
    return history() if name == "history" else finished("history", kept=range(1955, 2025), **LIVELY)


def years(name: str) -> Iterator[tuple[int, np.ndarray]]:
    """Year and living firms, in order."""
    yield from sorted(world(name).snapshots.items())


def pairs(name: str) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Year, and the firms alive at the end of both the year before and this one, row by row."""
    for (_, before), (year, now) in pairwise(years(name)):
        yield year, *common(before, now)


@pytest.mark.parametrize("name", WORLDS)
def test_the_recorded_tables_add_up(name: str) -> None:
    assert check(tables(world(name))) == []


@pytest.mark.parametrize("name", WORLDS)
def test_births_less_closures_are_the_change_in_firms(name: str) -> None:
    yearly = tables(world(name)).yearly
    births, closures = series(yearly, "births")[0], series(yearly, "closures")[0]
    stock = {year: firms["weight"].sum(dtype=float) for year, firms in years(name)}
    for year in range(1956, 2025):
        assert stock[year] - stock[year - 1] == pytest.approx(births[year] - closures[year], abs=1e-6 * stock[year]), year


@pytest.mark.parametrize("name", WORLDS)
def test_entries_less_leaves_are_the_change_of_every_mode(name: str) -> None:
    yearly = tables(world(name)).yearly
    for mode in range(1, 7):
        names = ("entries", "leaves", "leaves_by_closure")
        entries, leaves, closed = (series(yearly, flow, mode=MODES[mode])[0] for flow in names)
        stock = {year: firms["weight"][in_mode(firms)[:, mode]].sum(dtype=float) for year, firms in years(name)}
        change = np.diff([stock[year] for year in range(1955, 2025)])
        flows = (entries - leaves - closed).loc[1956:].to_numpy()
        assert change == pytest.approx(flows, abs=1e-3), MODES[mode]


@pytest.mark.parametrize("name", WORLDS)
def test_firms_at_home_and_abroad_are_all_firms(name: str) -> None:
    yearly = tables(world(name)).yearly
    home = series(yearly, "firms_in_mode", mode="home")[0]
    abroad = series(yearly, "abroad")[0]
    for year, firms in years(name):
        out = stage_of(firms) == 3
        weight = firms["weight"].astype(float)
        assert home[year] == pytest.approx(weight[~out].sum(), rel=1e-9), year
        assert abroad[year] == pytest.approx(weight[out].sum(), abs=1e-3), year
        assert home[year] + abroad[year] == pytest.approx(weight.sum(), rel=1e-9), year


@pytest.mark.parametrize("name", WORLDS)
def test_money_in_is_money_out_for_every_firm(name: str) -> None:
    """Change of cash = profit + borrowed - paid out - invested; change of debt = borrowed; columns hold 24 bits."""
    for year, before, now in pairs(name):
        flows = {column: now[column].astype(float) for column in ("profit", "borrowed", "paid_out", "invested")}
        size = 1.0 + np.abs(before["cash"]) + np.abs(now["cash"]) + before["debt"] + sum(np.abs(flow) for flow in flows.values())
        cash = now["cash"].astype(float) - before["cash"]
        gap = cash - (flows["profit"] + flows["borrowed"] - flows["paid_out"] - flows["invested"])
        assert (np.abs(gap) < 1e-6 * size).all(), (year, np.abs(gap / size).max())
        debt = now["debt"].astype(float) - before["debt"] - flows["borrowed"]
        assert (np.abs(debt) < 1e-6 * size).all(), (year, np.abs(debt / size).max())


@pytest.mark.parametrize("name", WORLDS)
def test_values_are_finite_and_within_their_ranges(name: str) -> None:
    for year, firms in years(name):
        for column in FLOATS:
            assert np.isfinite(firms[column]).all(), (year, column)
        for column in SHARES:
            assert firms[column].min() >= 0.0, (year, column)
            assert firms[column].max() <= 1.0, (year, column)
        for column in NOT_NEGATIVE:
            assert firms[column].min() >= 0.0, (year, column)
        for column in FLAGS:
            assert set(np.unique(firms[column])) <= {0, 1}, (year, column)
        assert firms["employees"].min() >= 1.0, year
        assert firms["order_level"].max() <= 2.0, year


@pytest.mark.parametrize("name", WORLDS)
def test_codes_point_to_something(name: str) -> None:
    model = world(name)
    for year, firms in years(name):
        assert (firms["alive"] == 1).all()
        assert np.unique(firms["firm"]).size == firms.size, year
        assert firms["industry"].max() < len(INDUSTRIES)
        assert firms["district"].max() < len(DISTRICTS)
        assert firms["parent"].max() < model.customers.size
        assert firms["programme"].max() < len(model.programmes)
        for column in ("wish_host", "event_host", "left_host", "invited_host"):
            assert firms[column].min() >= -1, (year, column)
            assert firms[column].max() < len(HOSTS), (year, column)
        assert (firms["birth_year"] <= year).all()


@pytest.mark.parametrize("name", WORLDS)
def test_channels_markets_and_hosts_say_the_same_as_the_spells(name: str) -> None:
    for year, firms in years(name):
        used = in_mode(firms)
        assert np.array_equal(used, firms["since"] > 0), year
        assert np.array_equal(firms["markets"] != 0, used[:, DIRECT]), year
        assert (firms["plant_hosts"] & firms["cluster_hosts"] == 0).all(), year
        assert np.array_equal(firms["cluster_hosts"] != 0, used[:, CLUSTER])
        assert (firms["cooperative"][used[:, CLUSTER]] >= 1).all(), year
        assert (firms["since"] <= year).all()
        assert (firms["left"] <= year).all()
        assert (firms["foreign_jobs"] > 0.0).sum() <= used[:, FDI:].any(axis=1).sum(), year
        assert (firms["export_sales"][~used[:, 1:4].any(axis=1)] == 0.0).all(), year
        assert (firms["plant_sales"][~used[:, 4:].any(axis=1)] == 0.0).all(), year


@pytest.mark.parametrize("name", WORLDS)
def test_the_past_of_a_firm_is_kept(name: str) -> None:
    for year, before, now in pairs(name):
        assert (now["ever"] & before["ever"] == before["ever"]).all(), year
        used = in_mode(now)
        assert ((now["ever"][:, None] >> np.arange(7) & 1)[used] == 1).all(), year
        assert np.array_equal(now["ever"] == 0, now["first_mode"] == HOME)
        assert np.array_equal(now["first_mode"] == HOME, now["first_year"] == 0)
        started = before["first_mode"] != HOME
        assert np.array_equal(now["first_mode"][started], before["first_mode"][started])
        stayed = (now["since"] > 0) & (before["since"] > 0)
        assert np.array_equal(now["since"][stayed], before["since"][stayed]), year


@pytest.mark.parametrize("name", WORLDS)
def test_what_happened_explains_what_changed(name: str) -> None:
    """A mode is new only with an entry in it, gone only with a bit in left_modes, and both are told."""
    for year, before, now in pairs(name):
        was, is_in = in_mode(before), in_mode(now)
        new, gone = is_in & ~was, was & ~is_in
        entered = now["event_mode"][:, None] == np.arange(7)
        assert (entered[new]).all(), year
        assert (now["left_modes"][:, None] >> np.arange(7) & 1)[gone].all(), year
        grown = [(now[column] & ~before[column]) != 0 for column in ("markets", "contract_hosts", "plant_hosts", "cluster_hosts")]
        changed = new.any(axis=1) | gone.any(axis=1) | np.any(grown, axis=0)
        assert (now["events"][changed] != 0).all(), year
        assert (np.sum(grown, axis=0) <= 1).all(), year  # one plan a year


@pytest.mark.parametrize("name", WORLDS)
def test_the_sums_of_the_model_are_those_of_its_firms(name: str) -> None:
    model = world(name)
    firms = model.living()
    weight = firms["weight"].astype(float)
    used = in_mode(firms)
    modes = model.aggregates.modes.sum(axis=(0, 1))
    assert modes[HOME] == pytest.approx(weight[~used.any(axis=1)].sum())
    assert modes[1:] == pytest.approx(weight @ used[:, 1:])
    for mode, column in ((DIRECT, "markets"), (FDI, "plant_hosts"), (CLUSTER, "cluster_hosts")):
        in_host = weight @ (firms[column][:, None] >> np.arange(len(HOSTS)) & 1)
        assert model.aggregates.hosts[:, mode].sum(axis=0) == pytest.approx(in_host)
    assert model.aggregates.districts[:, :, 0].sum() == pytest.approx(weight.sum())
    assert model.aggregates.stocks[..., FIRMS].sum() == pytest.approx(weight.sum())
    assert model.aggregates.stocks[..., CLOSURES].sum() > 0.0


def test_the_lively_world_tests_what_history_seldom_does() -> None:
    _, firms = max(years("lively"))
    ever = [(firms["ever"] >> mode & 1).sum() for mode in range(1, 7)]
    assert min(ever) >= 1
    assert min(ever[:5]) >= 10
