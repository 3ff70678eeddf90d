"""Applications, places and awards: who is served, how much, and that the agencies' books add up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
from own_programme import SCALE, TERMS, world
from worlds import build, steps, tables

from expansion_sim.agents.support_agency import SupportAgency
from expansion_sim.behaviour.phases import appraise
from expansion_sim.codes import CLUSTER, DIRECT, HOSTS
from expansion_sim.model import ExpansionModel
from expansion_sim.policy.awards import Competition, groups_compete
from expansion_sim.policy.drafts import PROMISE_DTYPE
from expansion_sim.policy.record import historical_programmes
from expansion_sim.population.schema import empty_firms

USA, THAILAND = HOSTS.index("USA"), HOSTS.index("THA")
@pytest.fixture(scope="module")
def market_test(tmp_path_factory: pytest.TempPathFactory) -> ExpansionModel:
    """Fifteen years, 1955-69, with the programme open from 1962 to 1967."""
    return world(tmp_path_factory.mktemp("market_test"), 15)


class Decision(NamedTuple):
    """What agencies promised in one year, before firms act.

    Attributes:
        year: The year.
        promises: policy.drafts.PROMISE_DTYPE.
        firms: Records of the firms of the promises, copied.
        costs: What their plans cost, million yen.
    """

    year: int
    promises: np.ndarray
    firms: np.ndarray
    costs: np.ndarray


@cache
def decisions() -> tuple[ExpansionModel, list[Decision]]:
    """History, finished, and the promises of every year."""
    model = build(scale=0.002)
    found = []
    apply = model.groups_apply

    def watched() -> None:
        apply()
        promises = np.concatenate([np.zeros(0, PROMISE_DTYPE), *model.promises])
        firms = model.population.firms.take(promises["row"])
        costs = np.array([appraise(firm, int(firm["wish_mode"]), int(firm["wish_host"]), model.context)[2] for firm in firms])
        found.append(Decision(model.year, promises, firms, costs))

    model.groups_apply = watched
    return model.run(), found


def promises() -> Iterator[tuple[int, np.void, np.void, float, Any]]:
    """Every promise of history: year, promise, firm, cost of its plan, programme with the terms of the year."""
    model, years = decisions()
    for year, made, firms, costs in years:
        for promise, firm, cost in zip(made, firms, costs, strict=True):
            yield year, promise, firm, cost, model.programmes[promise["programme"]].at(year)


def test_the_best_scores_are_served_until_the_places_are_gone() -> None:
    agency = next(iter(build().agents_by_type[SupportAgency]))
    programme = replace(historical_programmes()[14], places=11.0)
    scores, weights, ask = np.array([0.1, 0.9, 0.5, 0.7]), np.array([1.0, 6.0, 50.0, 5.0]), np.full(4, 2.0)
    assert agency.select(programme, scores, weights, ask).tolist() == [0.0, 2.0, 0.0, 2.0]
    assert agency.select(replace(programme, places=10.0), scores, weights, ask).tolist() == [0.0, 2.0, 0.0, 0.0]
    assert agency.select(replace(programme, places=0.0), scores, weights, ask).tolist() == [0.0] * 4
    assert (agency.select(replace(programme, places=None), scores, weights, ask) == 2.0).all()


def test_in_a_sample_the_last_places_are_met_on_average() -> None:
    """Of 400 rows that stand for 50 firms each, one for 20 places: two in five are served."""
    agency = next(iter(build().agents_by_type[SupportAgency]))
    programme = replace(historical_programmes()[14], places=20.0)
    one, fifty = np.ones(1), np.full(1, 50.0)
    served = [agency.select(programme, one, fifty, one, np.array([luck]))[0] for luck in (np.arange(400) + 0.5) / 400]
    assert sum(served) == 160.0


def test_the_budget_is_never_exceeded_and_the_last_one_gets_what_is_left() -> None:
    agency = next(iter(build().agents_by_type[SupportAgency]))
    programme = replace(historical_programmes()[14], places=None, budget=20.0)
    granted = agency.select(programme, np.array([3.0, 2.0, 1.0]), np.array([4.0, 2.0, 1.0]), np.array([4.0, 3.0, 1.0]))
    assert granted.tolist() == [4.0, 2.0, 0.0]


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
    assert (table["awards"] <= 120.0 + heaviest).all()  # a row of several firms may get the last places, on average rightly
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
    known = "support.office_contact = 0.02\n"  # most firms with a plan hear of it
    wide = world(tmp_path, 13, known, places_per_year="1e9", cap_million_yen="1e3")
    none = world(tmp_path, 13, known, places_per_year="0.0")

    def exporters(model: ExpansionModel) -> float:
        firms = model.living()
        return float(firms["weight"][firms["markets"] & (1 << USA | 1 << THAILAND) != 0].sum(dtype=float))

    assert exporters(wide) > exporters(none)
    assert tables(none).programmes["awards"].sum() == 0.0
    assert tables(none).programmes["applications"].sum() > 0.0


def test_small_firms_only(tmp_path: Path) -> None:
    model = world(tmp_path, 13, small_only="true", places_per_year="1e9", modes="['indirect']")
    supported = model.living()[model.living()["supported"] != 0]
    limit = model.industries["small_limit"][supported["industry"]]
    assert supported.size > 0
    assert (supported["employees"] <= 2.0 * limit).all()  # they may have grown since


def test_a_condition_binds_the_home_plant(tmp_path: Path) -> None:
    model = world(tmp_path, 10, condition_keep_home_plant="true", claw_back_percent="100.0", places_per_year="1e9")
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


def test_effort_keeps_small_plans_away(tmp_path: Path, market_test: ExpansionModel) -> None:
    costly = tables(world(tmp_path, 15, effort_million_yen="4.0")).programmes
    free = tables(market_test).programmes
    assert costly["applications"].sum() < 0.7 * free["applications"].sum()


def test_the_score_decides_and_is_kept_for_both_sides_of_the_cut_off(tmp_path: Path) -> None:
    model = world(tmp_path, 10, places_per_year="60.0")
    model.step()
    (filed,) = model.applications
    served = filed["granted"] > 0.0
    assert served.any()
    assert (~served).any()
    assert filed["score"][served].min() > filed["cut_off"][0] > filed["score"][~served].max()
    firms = model.population.firms
    rows = {int(firm): row for row, firm in enumerate(firms["firm"])}
    living = [entry for entry in filed if int(entry["firm"]) in rows]  # one may have closed in the year
    assert len(living) >= len(filed) - 1
    for entry in living:
        firm = firms[rows[int(entry["firm"])]]
        assert firm["scored_by"] == entry["programme"]
        assert float(firm["score"]) == pytest.approx(float(entry["score"] - entry["cut_off"]), abs=1e-5)


@pytest.mark.parametrize("selection", ["first_come", "lottery"])
def test_the_queue_and_the_lottery_do_not_look_at_the_plan(tmp_path: Path, selection: str) -> None:
    model = world(tmp_path, 12, places_per_year="80.0", selection=f"'{selection}'")
    scored = world(tmp_path, 12, places_per_year="80.0")
    gap = {}
    for name, other in ((selection, model), ("score", scored)):
        (filed,) = other.applications
        served = filed["granted"] > 0.0
        gap[name] = float(filed["score"][served].mean() - filed["score"][~served].mean())
        assert served.any()
        assert (~served).any()
    assert gap["score"] > gap[selection] + 0.2


def test_a_threshold_refuses_weak_plans(tmp_path: Path) -> None:
    model = world(tmp_path, 12, places_per_year="1e9", score_threshold="1.0")
    (filed,) = model.applications
    assert np.array_equal(filed["granted"] > 0.0, filed["score"] >= 1.0)


def test_another_programme_changes_nobody_s_luck(tmp_path: Path) -> None:
    """The same firms hear of a programme, with the same scores, whether or not another one exists."""
    alone = world(tmp_path, 8, places_per_year="0.0")
    second = "".join(f"{key} = {value}\n" for key, value in {**TERMS, "places_per_year": "0.0"}.items())
    text = (tmp_path / "own.toml").read_text(encoding="utf-8") + f'[[support.programme]]\nname = "Second"\n{second}'
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    both = steps(build(str(tmp_path / "own.toml"), SCALE), 8)
    (one,) = alone.applications
    first = next(filed for filed in both.applications if both.programmes[filed["programme"][0]].name == "Market test")
    assert first["firm"].tolist() == one["firm"].tolist()
    assert first["score"].tolist() == one["score"].tolist()


def test_a_promise_is_within_the_cap_and_the_kind_of_its_programme() -> None:
    seen = set()
    for year, promise, firm, cost, programme in promises():
        members = 1.0 if not programme.for_groups else programme.group_size
        assert programme.cap is None or promise["amount"] <= programme.cap / members * (1.0 + 1e-6), programme.id
        if firm["wish_mode"] != CLUSTER:  # a member's cost is known only when the group has met; the promise is cut to it then
            assert promise["amount"] <= programme.share_paid * cost * (1.0 + 1e-5), programme.id
        assert firm["wish_mode"] in programme.acting_modes, programme.id
        assert firm["wish_host"] in programme.hosts or firm["wish_host"] < 0, programme.id
        assert programme.start <= year, programme.id
        assert promise["loan"] == ("loan" in programme.lever), programme.id
        seen.add(programme.id)
    assert {"P07", "P15", "P17", "P21", "P24", "P29", "P38", "P51"} <= seen
    assert "P19" not in seen  # no place


def test_overlapping_awards_and_loans_never_exceed_what_the_plan_costs_the_firm() -> None:
    several = 0
    for _, made, firms, costs in decisions()[1]:
        award = np.bincount(made["row"], np.where(made["loan"], 0.0, made["amount"]), firms.size and int(made["row"].max()) + 1)
        loan = np.bincount(made["row"], np.where(made["loan"], made["amount"], 0.0), award.size)
        for row, firm, cost in zip(made["row"], firms, costs, strict=True):
            assert award[row] == pytest.approx(float(firm["award"]), rel=1e-5, abs=1e-6)
            assert float(firm["loan"]) <= loan[row] * (1.0 + 1e-5) + 1e-6  # less where a joint award came after
            assert award[row] + float(firm["loan"]) <= cost * (1.0 + 1e-5)
        several += int((np.unique(made["row"], return_counts=True)[1] > 1).sum())
    assert several > 20


def joint_award(cost: float, lent: float) -> tuple[np.ndarray, np.ndarray]:
    """Awards and own loans of two members of a group after one joint programme: half the cost, 20 million yen for the group."""
    firms = empty_firms(2)
    firms["weight"], firms["cooperative"], firms["loan"] = 1.0, 7, lent
    group = SimpleNamespace(number=7, members=2.0, groups=1.0, host=THAILAND)
    agency = SimpleNamespace(select=lambda programme, ranks, weights, amounts, luck: amounts)
    model = SimpleNamespace(population=SimpleNamespace(firms=firms), agency_of_row={0: agency}, parameters=[{"gain_cluster_saving": 0.45}],
                            seed=1, year=2015, promises=[])
    plans = Competition(np.arange(2), np.full(2, cost), np.zeros(2), np.full(2, lent), np.zeros(2))
    joint = next(p for p in historical_programmes() if p.id == "P16")
    groups_compete(model, plans, [group], 0, replace(joint, rate=0.5, group_size=2))
    return firms["award"], firms["loan"]


def test_a_group_gets_no_more_than_the_joint_cap() -> None:
    small, large = joint_award(100.0, 0.0)[0], joint_award(10000.0, 0.0)[0]
    common = 100.0 * 0.45 / 10.0 / (1.0 - 0.45 * 0.9)
    assert small == pytest.approx(0.5 * common)
    assert large.sum() == pytest.approx(20.0)


def test_joint_awards_find_the_cost_that_members_own_loans_would_pay() -> None:
    """Awards first: the loan is for what they leave, although members were promised theirs before the group came together."""
    award, loan = joint_award(100.0, 99.0)
    assert award == pytest.approx(joint_award(100.0, 0.0)[0])
    assert loan == pytest.approx(100.0 - award)


def test_history_awards_within_the_places_of_the_year() -> None:
    model, _ = decisions()
    table = tables(model).programmes
    by_programme = table.groupby("programme", observed=True)[["applications", "awards"]].sum()
    assert (by_programme["applications"] >= by_programme["awards"]).all()
    names = {programme.name: programme for programme in model.programmes}
    heaviest = float(model.living()["weight"].max())
    for row in table.itertuples():
        programme = names[row.programme].at(row.year)
        assert row.awards == 0.0 or programme.open_in(row.year)
        local = 20.0 if programme.instrument == "local_conditional_support" else 1.0  # each town has places of its own
        if programme.places is not None and not programme.for_groups:
            assert row.awards <= local * (programme.places + heaviest)
