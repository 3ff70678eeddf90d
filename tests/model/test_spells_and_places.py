"""Staying abroad, coming home and where firms go, over seventy years of history."""

from __future__ import annotations

from typing import Any

import numpy as np
from panels import is_abroad, mean, panel
from worlds import finished, tables

from expansion_sim.codes import DIRECT, FDI, HOSTS, INFORMATION, MANUFACTURING
from expansion_sim.population.attributes import NICHE_KNOWLEDGE

YEARS = range(1985, 2024)


def hazards(mode: int) -> list[float]:
    """Share of spells that end in a year, by completed years: none, one and two, three to nine, ten and more."""
    world, at_risk, ended = panel(), np.zeros(4), np.zeros(4)
    for year in YEARS:
        before, after = world.pairs(year, year + 1)
        since = before["since"][:, mode].astype(int)
        running = since > 0
        age = np.searchsorted([1, 3, 10], year - since[running], side="right")
        weight = before["weight"][running].astype(float)
        over = after["since"][running, mode] != since[running]
        at_risk += np.bincount(age, weight, 4)
        ended += np.bincount(age[over], weight[over], 4)
    return [float(value) for value in ended / at_risk]


def test_many_exporters_stop_after_a_year_and_few_after_ten() -> None:
    falling = hazards(DIRECT)
    assert falling == sorted(falling, reverse=True)
    assert falling[0] > 0.25
    assert falling[3] < 0.06


def test_plants_are_seldom_closed_and_more_often_when_they_are_old() -> None:
    young, _, grown, old = hazards(FDI)
    assert max(young, grown, old) < 0.05
    assert old > grown > 0.0
    assert grown < hazards(DIRECT)[1]


def test_knowledge_of_firms_that_are_no_longer_abroad_fades() -> None:
    ratios = []
    for year in YEARS:
        before, after = panel().pairs(year, year + 1)
        idle = ~is_abroad(before) & ~is_abroad(after) & (before["knowledge"].max(axis=1) > 0.3)
        ratios.extend(after["knowledge"].max(axis=1)[idle] / before["knowledge"].max(axis=1)[idle])
    assert len(ratios) > 500
    assert 0.89 < np.mean(ratios) < 0.96  # nine tenths are kept, peers and banks tell a little


def test_firms_that_left_a_market_come_back_sooner_than_others_begin() -> None:
    """Direct exporters that stopped and are at home: in the next five years more of them export again than of firms that never did."""
    again, first = [], []
    for year in range(1980, 2015, 2):
        now, later = panel().pairs(year, year + 5)
        bit = 1 << DIRECT
        idle = ~is_abroad(now) & np.isin(now["industry"], MANUFACTURING) & (now["employees"] > 10.0)
        back = ((later["since"][:, DIRECT] > year), later["weight"].astype(float))
        for chosen, group in ((again, idle & (now["ever"] & bit != 0)), (first, idle & (now["ever"] == 0))):
            chosen.append((back[1][group] @ back[0][group], back[1][group].sum()))
    shares = [float(np.sum([hit for hit, _ in side]) / np.sum([all_ for _, all_ in side])) for side in (again, first)]
    assert shares[0] > 1.5 * shares[1]
    assert 0.02 < shares[0] < 0.8


def test_born_globals_look_abroad_from_the_first_year_and_go_early() -> None:
    """Firms born with a niche within five years of their foundation, beside others of their industries."""
    world, sides = panel(), {True: [], False: []}
    for year in range(1970, 2019):
        born, grown = world.pairs(year, year + 5)
        new = (born["birth_year"] == year) & np.isin(born["industry"], (*MANUFACTURING, INFORMATION))
        niche = born["knowledge"].max(axis=1) >= NICHE_KNOWLEDGE - 0.1
        assert born["interested"][new & niche].all()
        for side, chosen in sides.items():
            chosen.append(grown[new & (niche == side)])
    niche, other = (np.concatenate(sides[side]) for side in (True, False))
    assert niche.size > 50
    assert mean(is_abroad(niche), niche) > 3.0 * mean(is_abroad(other), other)


def test_born_globals_go_abroad_earlier_and_earn_more() -> None:
    """Firms born with knowledge of the world and a niche, ten years later, beside others of their industries."""
    world, sides = panel(), {True: [], False: []}
    for year in range(1970, 2015):
        born, grown = world.pairs(year, year + 10)
        new = (born["birth_year"] == year) & np.isin(born["industry"], (*MANUFACTURING, INFORMATION))
        niche = born["knowledge"].max(axis=1) >= NICHE_KNOWLEDGE - 0.1
        for side, chosen in sides.items():
            chosen.append(grown[new & (niche == side)])
    niche, other = (np.concatenate(sides[side]) for side in (True, False))
    assert niche.size > 50
    margins = [mean(firms["profit"] / (firms["home_sales"] + firms["export_sales"]), firms) for firms in (niche, other)]
    assert margins[0] > margins[1] + 0.03
    assert mean(is_abroad(niche), niche) > 1.3 * mean(is_abroad(other), other)


def risky(**overrides: Any) -> float:
    """Work brought home from 2012 on, weighted, events of a world in which China becomes risky and dear, or does not."""
    events = tables(finished("history", 0.005, **overrides)).events
    home = events[(events["event"] == "reshore") & (events["year"] >= 2012)]
    return float(home["weight"].astype(float).sum())


def test_risk_and_wages_abroad_bring_work_home() -> None:
    risk = {"drivers.host": "[{host = 'CHN', series = 'risk', from = 2012, value = 3.0}]"}
    wages = {"drivers.host": "[{host = 'CHN', series = 'wage_factor', from = 2012, value = 3.0}]"}
    calm = risky()
    assert calm > 0.0
    assert risky(**risk) > 1.15 * calm
    assert risky(**wages) > calm


def made_in_china(**overrides: Any) -> tuple[float, float, float]:
    """Work brought home from China, firm-years of contracts and of plants there, 2012-24, in the world of :func:`risky`."""
    found = tables(finished("history", 0.005, **overrides))
    events, yearly = found.events, found.yearly
    home = events[(events["event"] == "reshore") & (events["host"] == "CHN") & (events["year"] >= 2012)]
    there = yearly[(yearly["measure"] == "firms_in_host") & (yearly["host"] == "CHN") & (yearly["year"] >= 2012)]
    years = {mode: float(there.loc[there["mode"] == mode, "value"].sum()) for mode in ("contract", "fdi", "cluster")}
    return float(home["weight"].astype(float).sum()), years["contract"], years["fdi"] + years["cluster"]


def test_tariffs_on_goods_made_abroad_bring_work_home_and_close_plants() -> None:
    """A tariff of a third that Japan and third markets take on goods made in China from 2012 on; fewer are left there to come home."""
    both = ", ".join(f"{{host = 'CHN', series = '{series}', from = 2012, value = 0.33}}" for series in ("home_tariff", "third_tariff"))
    home, contracts, plants = made_in_china()
    taxed_home, taxed_contracts, taxed_plants = made_in_china(**{"drivers.host": f"[{both}]"})
    assert taxed_home / (taxed_contracts + taxed_plants) > 1.3 * home / (contracts + plants)
    assert taxed_contracts < 0.5 * contracts and taxed_plants < plants


def test_services_go_where_people_have_income() -> None:
    """Hosts' income per head at the time a base is opened, services beside makers."""
    model = panel().model
    events = tables(model).events
    new = events[events["event"].isin(["enter", "add_host"]) & events["mode"].isin(["fdi", "cluster"])]
    income = np.array([model.drivers.year(year)[1]["income"][HOSTS.index(host)] for year, host in zip(new["year"], new["host"], strict=True)])
    weight = new["weight"].to_numpy(dtype=float)
    services = new["industry"].isin(["retail", "accommodation_food", "services"]).to_numpy()
    makers = new["industry"].isin(["light", "machinery", "process"]).to_numpy()
    assert services.sum() > 30
    assert np.average(income[services], weights=weight[services]) > 1.15 * np.average(income[makers], weights=weight[makers])


def test_the_record_reaches_both_sides_of_the_inverted_u() -> None:
    """Fellow plants draw others up to a point; hosts beyond it, full, repel."""
    world, p = panel(), panel().model.parameters[0]
    top = np.expm1(0.5 * p["choice_fellows"] / p["choice_crowding"])
    makers = np.array([fellows[list(MANUFACTURING)] for fellows in world.fellows.values()])
    assert (makers > top).any()
    assert ((makers > 0.05) & (makers < top)).any()
    market = world.model.markets[MANUFACTURING[1]]
    falls = market["fellows"] > top
    assert falls.any()
    assert market["fellow_pull"][falls].max() <= 0.25 * p["choice_fellows"] ** 2 / p["choice_crowding"] + 1e-12
