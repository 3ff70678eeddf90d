"""Applications, places and awards: who is served, how much, and that the agencies' books add up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import build, steps, tables

from expansion_sim.agents.support_agency import SupportAgency
from expansion_sim.behaviour.appraisal import after_relief
from expansion_sim.behaviour.phases import appraise, small_code
from expansion_sim.codes import DIRECT, FDI, HOSTS
from expansion_sim.model import ExpansionModel
from expansion_sim.policy.record import historical_programmes

USA, THAILAND = HOSTS.index("USA"), HOSTS.index("THA")
LIVELY = """
[parameters]
attention.base = 0.05
attention.decide = 0.5
"""
TERMS = {"agency": "'Chamber'", "instrument": "'grant'", "start_year": "1962", "end_year": "1967", "rate_percent": "50.0",
         "cap_million_yen": "4.0", "places_per_year": "900.0", "modes": "['direct']", "hosts": "['USA', 'THA']"}


def world(folder: Path, years: int, **terms: str) -> ExpansionModel:
    """Some years of a lively world whose only programme is "Market test"."""
    lines = "\n".join(f"{key} = {value}" for key, value in {**TERMS, **terms}.items())
    disabled = [programme.id for programme in historical_programmes()]
    path = folder / "own.toml"
    path.write_text(f'schema_version = 1\nextends = "history"\n{LIVELY}\n[support]\ndisable = {disabled}\n'
                    f'[[support.programme]]\nname = "Market test"\n{lines}\n', encoding="utf-8")
    return steps(build(str(path), 0.002), years)


@pytest.fixture(scope="module")
def market_test(tmp_path_factory: pytest.TempPathFactory) -> ExpansionModel:
    """Fifteen years, 1955-69, with the programme open from 1962 to 1967."""
    return world(tmp_path_factory.mktemp("market_test"), 15)


@cache
def decisions() -> list[tuple[ExpansionModel, np.ndarray, Any]]:
    """Awards of history, 2004-24: for each year the firms with an award and their costs, before they act."""
    model = build(scale=0.002)
    found = []
    decide = model.agencies_decide

    def watched() -> None:
        decide()
        rows = model.planners[model.population.firms["award"][model.planners] > 0.0]
        firms = model.population.firms[rows].copy()
        found.append((model.year, firms, [own_cost(firm, model.context) for firm in firms]))

    model.agencies_decide = watched
    model.run()
    return [(model, firms, costs) for _, firms, costs in found]


def own_cost(firm: np.void, context: tuple) -> float:
    """What the firm would have to pay for its plan this year, million yen, after what entitlements take over."""
    mode, host = int(firm["wish_mode"]), int(firm["wish_host"])
    _, _, sunk, _ = appraise(firm, mode, host, context)
    help_ = context[4][small_code(firm, context), mode]
    return after_relief(sunk, help_["relief"][host] if host >= 0 else help_["relief_any"], help_["relief_cap"])


def awards() -> Iterator[tuple[np.void, float, Any]]:
    """Every award of history: firm, its cost, programme."""
    for model, firms, costs in decisions():
        for firm, cost in zip(firms, costs, strict=True):
            yield firm, cost, model.programmes[firm["programme"]]


def test_the_best_scores_are_served_until_the_places_are_gone() -> None:
    agency = next(iter(build().agents_by_type[SupportAgency]))
    programme = replace(historical_programmes()[14], places=10.0)
    scores, weights = np.array([0.1, 0.9, 0.5, 0.7]), np.array([1.0, 6.0, 50.0, 5.0])
    assert agency.select(programme, scores, weights).tolist() == [False, True, False, True]
    assert agency.select(replace(programme, places=11.0), scores, weights).tolist() == [False, True, False, True]
    assert agency.select(replace(programme, places=12.0), scores, weights).tolist() == [False, True, True, True]
    assert agency.select(replace(programme, places=0.0), scores, weights).tolist() == [False] * 4
    assert agency.select(replace(programme, places=None), scores, weights).all()


def test_the_own_programme_supports_entries_of_its_kind_in_its_years(market_test: ExpansionModel) -> None:
    events = tables(market_test).events
    given = events[events["event"] == "award"]
    assert len(given) > 10
    assert given["year"].between(1962, 1967).all()
    assert set(given["mode"]) == {"direct"}
    assert set(given["host"]) <= {"USA", "THA"}
    assert set(given["programme"]) == {"Market test"}
    firms = market_test.living()
    assert ((firms["supported"] == 0) | (firms["supported"] == 1 << DIRECT)).all()
    assert np.array_equal(firms["supported"] != 0, firms["subsidy"] > 0.0)


def test_places_bind(market_test: ExpansionModel) -> None:
    table = tables(market_test).programmes
    assert (table["year"].min(), table["year"].max()) == (1962, 1967)
    heaviest = market_test.living()["weight"].max()
    assert (table["awards"] <= 900.0 + heaviest).all()
    assert (table["applications"] >= table["awards"]).all()
    assert (table["applications"] > table["awards"]).any()


def test_the_agency_spends_what_is_awarded(market_test: ExpansionModel) -> None:
    (agency,) = market_test.agents_by_type[SupportAgency]
    table = tables(market_test).programmes
    assert agency.name == "Chamber"
    assert agency.spent == pytest.approx(table["spending_million_yen"].sum())
    assert agency.spent > 0.0
    assert (table["spending_million_yen"] <= 4.0 * table["awards"] * (1.0 + 1e-6)).all()


def test_support_brings_more_entries(tmp_path: Path, market_test: ExpansionModel) -> None:
    """Half of the cost paid for everybody who asks, against no place at all, on the same draws."""
    wide = world(tmp_path, 13, places_per_year="1e9", cap_million_yen="1e3")
    none = world(tmp_path, 13, places_per_year="0.0")

    def exporters(model: ExpansionModel) -> float:
        firms = model.living()
        return float(firms["weight"][firms["markets"] & (1 << USA | 1 << THAILAND) != 0].sum(dtype=float))

    assert exporters(wide) > exporters(none)
    assert tables(none).programmes["awards"].sum() == 0.0
    assert tables(none).programmes["applications"].sum() > 0.0


def test_small_firms_only(tmp_path: Path) -> None:
    model = world(tmp_path, 10, small_only="true", places_per_year="1e9")
    supported = model.living()[model.living()["supported"] != 0]
    limit = model.industries["small_limit"][supported["industry"]]
    assert supported.size > 0
    assert (supported["employees"] <= 2.0 * limit).all()  # they may have grown since


def test_a_condition_binds_the_home_plant(tmp_path: Path) -> None:
    model = world(tmp_path, 10, condition_keep_home_plant="true", places_per_year="1e9")
    firms = model.living()
    assert (firms["pledge"] == 1).sum() > 0
    assert (firms["pledge"][firms["supported"] != 0] == 1).all()


def test_only_the_industries_of_the_programme(tmp_path: Path) -> None:
    model = world(tmp_path, 10, industries="['machinery']", places_per_year="1e9")
    supported = model.living()[model.living()["supported"] != 0]
    assert supported.size > 0
    assert set(supported["industry"]) == {1}


def test_a_budget_limits_the_money_of_a_year(tmp_path: Path) -> None:
    free = tables(world(tmp_path, 10, places_per_year="1e9")).programmes
    budget = 0.1 * float(free["spending_million_yen"].max())
    bound = tables(world(tmp_path, 10, places_per_year="1e9", budget_million_yen=str(budget))).programmes
    assert 0.0 < bound["spending_million_yen"].sum() < 0.7 * free["spending_million_yen"].sum()
    assert (bound["applications"] > bound["awards"]).any()


def test_groups_only(tmp_path: Path) -> None:
    """Direct export is nobody's group plan, so a programme for groups alone serves nobody in it."""
    table = tables(world(tmp_path, 10, groups_only="true", places_per_year="1e9")).programmes
    assert table["awards"].sum() == 0.0


def test_an_award_is_within_the_cap_and_the_rate_of_its_programme() -> None:
    seen = set()
    for firm, _, programme in awards():
        assert programme.cap is None or firm["award"] <= programme.cap * (1.0 + 1e-6), programme.id
        assert firm["wish_mode"] in programme.modes, programme.id
        assert firm["wish_host"] in programme.hosts or firm["wish_host"] < 0, programme.id
        seen.add(programme.id)
    assert {"P15", "P17", "P21"} <= seen
    assert "P19" not in seen  # no place


def test_an_award_never_exceeds_what_the_plan_costs_the_firm() -> None:
    given = [(float(firm["award"]), cost, programme.id) for firm, cost, programme in awards()]
    above = [entry for entry in given if entry[0] > entry[1] * (1.0 + 1e-5)]
    assert not above, f"{len(above)} of {len(given)} awards, the first (award, cost, programme): {above[:3]}"


def test_history_awards_and_spends_by_the_books() -> None:
    model = decisions()[0][0]
    table = tables(model).programmes
    agencies = {agency.name: agency.spent for agency in model.agents_by_type[SupportAgency]}
    assert sum(agencies.values()) == pytest.approx(table["spending_million_yen"].sum())
    assert agencies["Japan Patent Office"] > 0.0
    by_programme = table.groupby("programme", observed=True)[["applications", "awards"]].sum()
    assert (by_programme["applications"] >= by_programme["awards"]).all()
    names = {programme.name: programme for programme in model.programmes}
    heaviest = float(model.living()["weight"].max())
    for row in table.itertuples():
        programme = names[row.programme]
        assert programme.open_in(row.year)
        assert programme.places is None or row.awards <= programme.places + heaviest
    assert FDI in {firm["wish_mode"] for firm, _, _ in awards()}
