"""Conservation of public money: firms' records, the programme table and the agencies' books are the same money in every year."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from worlds import LIVELY, build, tables

from expansion_sim import load_scenario
from expansion_sim.agents.support_agency import SupportAgency, agency_of
from expansion_sim.behaviour.kernel import HAS_EVENT
from expansion_sim.behaviour.public_loans import entry_debt_left, mean_cover
from expansion_sim.codes import ELSEWHERE, HOME
from expansion_sim.model import ExpansionModel
from expansion_sim.policy.entitlements import covers_of
from expansion_sim.policy.record import historical_programmes
from expansion_sim.scenario.support import ProgrammeSpec


def money(model: ExpansionModel) -> tuple[float, float]:
    """What all firms received net of what they paid back, interest waived and debts not paid included, and what they borrowed publicly."""
    firms = model.population.firms
    told = (model.marks & HAS_EVENT) != 0
    weight = firms["weight"].astype(float)
    flows = {name: weight * firms[name] for name in ("granted", "clawed_back", "lent", "interest_saved")}
    lived = (firms["alive"] == 1) | told
    lost = sum(float((weight * firms[name]).sum()) for name in ("interest_saved", "written_off", "called"))
    return float((flows["granted"] - flows["clawed_back"])[lived].sum()) + lost, float(flows["lent"][lived].sum())


#: Advice and matching cost nothing, and nobody helps with agreements: all spending is then money of firms.
NO_SERVICES = {f"support.programme.{p.id}.{key}": "0.0" for p in historical_programmes() for key, asked in
               (("use_cost_million_yen", p.lever in ("advice", "knowledge")), ("agreement_help_percent", p.agreement_help > 0.0)) if asked}


@cache
def books() -> tuple[ExpansionModel, list[tuple[int, float, float, np.ndarray]]]:
    """A lively history: for each year the firms' sums before booking, and the table after it."""
    model = build(scale=0.001, **LIVELY, **NO_SERVICES)
    found: list[Any] = []
    pay = model.agencies_pay

    def watched() -> None:
        received, lent = money(model)
        pay()
        found.append((model.year, received, lent, model.programme_table.copy()))

    model.agencies_pay = watched
    return model.run(), found


def test_firms_receive_what_the_table_spends_in_every_year() -> None:
    paid = 0.0
    for year, received, lent, table in books()[1]:
        assert table["spending"].sum() == pytest.approx(received, rel=1e-5, abs=1e-6), year
        assert table["lending"].sum() == pytest.approx(lent, rel=1e-5, abs=1e-6), year
        paid += received
    assert paid > 100.0


def test_the_agencies_spend_what_the_table_spends() -> None:
    model, years = books()
    agencies = list(model.agents_by_type[SupportAgency])
    for agency in agencies:
        rows = [row for row, _ in agency.programmes]
        spent = sum(table["spending"][np.isin(table["programme"], rows)].sum() for _, _, _, table in years)
        lent = sum(table["lending"][np.isin(table["programme"], rows)].sum() for _, _, _, table in years)
        assert agency.spent == pytest.approx(spent, rel=1e-9, abs=1e-9), agency.name
        assert agency.lent == pytest.approx(lent, rel=1e-9, abs=1e-9), agency.name
    frame = tables(model).programmes
    assert sum(agency.spent for agency in agencies) == pytest.approx(frame["spending_million_yen"].sum())
    assert sum(agency.lent for agency in agencies) == pytest.approx(frame["lending_million_yen"].sum())
    assert sum(agency.lent for agency in agencies) > 0.0


def test_what_was_promised_to_dropped_plans_returns() -> None:
    """Less is paid than was promised, and firms whose plan was dropped got nothing."""
    model = build(scale=0.001, **LIVELY)
    dropped = 0
    while model.running:
        model.step()
        promises = np.concatenate([model.promises[0][:0], *model.promises]) if model.promises else None
        if promises is None or not promises.size:
            continue
        firms = model.population.firms.take(promises["row"])
        same = firms["firm"] == promises["firm"]
        unpaid = same & (firms["granted"] == 0.0) & (firms["lent"] == 0.0)
        assert (firms["event_mode"][unpaid & (promises["amount"] > 1e-3) & ~promises["loan"]] == 0).all()
        dropped += int(unpaid.sum())
    assert dropped > 0


def test_public_debt_is_a_part_of_debt_and_falls_by_its_instalments() -> None:
    model = build(scale=0.001, **LIVELY, **{"output.firms_years": list(range(2005, 2025))}).run()
    years = sorted(model.snapshots.items())
    seen = 0
    for (_, before), (year, now) in pairwise(years):
        assert (now["public_debt"] >= 0.0).all(), year
        assert (now["public_debt"] <= now["debt"] * (1.0 + 1e-5) + 1e-4).all(), year
        _, left, right = np.intersect1d(before["firm"], now["firm"], return_indices=True)
        old, new = before[left], now[right]
        still = (new["lent"] == 0.0) & (old["public_debt"] > 0.0)
        due = np.minimum(old["public_debt"], old["public_instalment"])[still]
        assert new["public_debt"][still] == pytest.approx(old["public_debt"][still] - due, rel=1e-4, abs=1e-4), year
        seen += int(still.sum())
    assert seen > 50


def test_claw_back_is_booked_as_negative_spending_of_its_programme() -> None:
    """A pledge with no allowance at all is broken at once by many: the programme gets its money back."""
    def run(fall: str) -> ExpansionModel:
        overrides = {"support.programme.P52.claw_back_percent": fall, "support.programme.P52.places_per_year": "1e6",
                     "support.programme.P52.start_year": "1990", "support.programme.P52.rate_percent": "40.0"}
        return build(scale=0.002, **LIVELY, **overrides).run()

    strict, lax = run("0.0"), run("100.0")
    town = next(p.name for p in historical_programmes() if p.id == "P52")
    net, broken = {}, {}
    for name, model in (("strict", strict), ("lax", lax)):
        frames = tables(model)
        rows = frames.programmes[frames.programmes["programme"] == town]
        net[name] = rows["spending_million_yen"].sum() / rows["awards"].sum()
        broken[name] = int((frames.events["event"] == "claw_back").sum())
    assert broken["strict"] > 3 * broken["lax"] > 0  # the few of the lax world closed their home plant
    assert net["strict"] < 0.8 * net["lax"]


def test_the_pledge_is_for_those_who_took_conditional_money_only() -> None:
    model = build(scale=0.006, **LIVELY, **{"support.programme.P52.start_year": "1990", "support.programme.P52.places_per_year": "1e6"}).run()
    firms = model.living()
    row = next(i for i, programme in enumerate(model.programmes) if programme.id == "P52")
    bound = firms[firms["pledge"] == 1]
    assert bound.size > 0
    assert (bound["pledge_programme"] == row).all()
    assert (bound["awarded"] >> row & 1).all()
    assert (bound["district"] != ELSEWHERE).all()
    plants = firms[(firms["district"] != ELSEWHERE) & (firms["plant_hosts"] != 0)]
    assert (plants["pledge"] == 0).any()


def test_the_bodies_of_the_record_are_a_dozen_agencies_and_a_few_more() -> None:
    names = {agency_of(programme.agency) for programme in historical_programmes()}
    assert {"JETRO", "SMRJ", "Japan Finance Corporation", "NEXI", "JICA", "JBIC", "Japan Patent Office"} <= names
    assert len(names) < 18
    assert agency_of("A body nobody knows") == "A body nobody knows"


BAD_TIMES = {"parameters.profit.shock": 0.15, "parameters.profit.margin": 0.01}


# --- entitlements -----------------------------------------------------------------------------------------------------------
@cache
def bad_times() -> tuple[ExpansionModel, list[tuple[float, ...]]]:
    """A world of thin profits in which borrowers default: per year loans and guarantees lost by the firms, and all spending."""
    model = build(scale=0.001, **LIVELY, **NO_SERVICES, **BAD_TIMES)
    found, pay = [], model.agencies_pay

    def watched() -> None:
        firms = model.population.firms
        weight = firms["weight"].astype(float)
        before = [float((weight * firms[name]).sum()) for name in ("written_off", "called")]
        abroad = float((weight * firms["called_abroad"]).sum())
        pay()
        found.append((*before, float(model.programme_table["spending"].sum()), abroad))

    model.agencies_pay = watched
    return model.run(), found


def test_what_defaults_cost_lenders_and_guarantors_is_public_spending() -> None:
    model, years = bad_times()
    written_off, called, spent, _ = (sum(column) for column in zip(*years, strict=True))
    assert written_off > 0.0
    assert called > 0.0
    table = tables(model).programmes.groupby("programme", observed=True)["spending_million_yen"].sum()
    guarantees = sum(table.get(p.name, 0.0) for p in historical_programmes() if p.instrument == "loan_guarantee")
    assert guarantees == pytest.approx(called, rel=1e-5)
    assert spent > written_off + called


def test_guarantees_of_debt_at_home_are_told_apart_from_those_of_entries() -> None:
    """The firms' records and the books agree on both parts; only debt drawn for an entry is money for business abroad."""
    model, years = bad_times()
    called, abroad = (sum(year[place] for year in years) for place in (1, 3))
    table = tables(model).programmes
    assert 0.0 < abroad < called
    assert table["at_home_million_yen"].sum() == pytest.approx(called - abroad, rel=1e-5)
    at_home = table.groupby("programme", observed=True)["at_home_million_yen"].sum()
    home = {p.name for p in historical_programmes() if p.instrument == "loan_guarantee" and HOME in p.modes}
    assert set(at_home.index[at_home > 0.0]) <= home
    assert (table["at_home_million_yen"] <= table["spending_million_yen"] + 1e-9).all()


@pytest.mark.parametrize(("modes", "at_home"), [(("home",), 1.0), (("direct", "contract", "fdi", "cluster"), 0.0)])
def test_a_guarantee_costs_what_is_lost_on_the_loans_it_covers(modes: tuple[str, ...], at_home: float) -> None:
    """A guarantee for entries alone is booked although it serves nobody at home, and the other way round."""
    scenario = load_scenario("no_support", {**BAD_TIMES, "scale": 0.001, "support.enabled": True, "years.last": 1995})
    one = ProgrammeSpec(name="Cover", instrument="loan_guarantee", start_year=1955, cover_percent=100.0, modes=modes)
    disabled = tuple(programme.id for programme in historical_programmes())
    support = scenario.support.model_copy(update={"programme": (one,), "disable": disabled})
    table = tables(ExpansionModel(scenario.model_copy(update={"support": support})).run()).programmes
    assert table["spending_million_yen"].sum() > 0.0
    assert table["at_home_million_yen"].sum() == pytest.approx(at_home * table["spending_million_yen"].sum())


def test_debt_drawn_for_entries_is_a_part_of_bank_debt() -> None:
    firms = bad_times()[0].living()
    assert (firms["entry_debt"] > 0.0).any()
    assert (firms["entry_debt"] <= (firms["debt"] - firms["public_debt"]) * (1.0 + 1e-4) + 1e-3).all()
    assert ((firms["entry_cover"] >= 0.0) & (firms["entry_cover"] <= 1.0)).all()


def test_each_guarantee_answers_for_the_cover_it_adds() -> None:
    """80 percent at large, and full cover on top: the second answers for the fifth it adds."""
    first, second = (p for p in historical_programmes() if p.id in ("P40", "P41"))
    assert covers_of([first, second, None]).tolist() == pytest.approx([0.8, 0.2, 0.0])
    assert covers_of([None, second, first]).tolist() == pytest.approx([0.0, 1.0, 0.0])


def test_entry_debt_by_hand() -> None:
    assert mean_cover(30.0, 0.8, 10.0, 1.0) == pytest.approx(0.85)
    assert entry_debt_left(40.0, 100.0, -10.0) == pytest.approx(36.0)  # a tenth of all debt is repaid
    assert entry_debt_left(40.0, 100.0, 25.0) == 40.0  # new debt is for business at home
    assert entry_debt_left(40.0, 30.0, 0.0) == 30.0
    assert entry_debt_left(40.0, 0.0, 5.0) == 0.0


def test_a_loss_is_booked_once() -> None:
    """Rows of closed firms stay free for years; what they cost is taken off them when it is booked."""
    model, _ = bad_times()
    closed = model.population.firms[model.population.firms["alive"] == 0]
    for name in ("written_off", "called", "called_abroad", "interest_saved", "tax_deferred"):
        assert (closed[name] == 0.0).all(), name


def test_a_reserve_costs_tax_first_and_gives_it_back() -> None:
    """Deferred tax is negative when it falls due; over its life the state gets back what firms that live on put off."""
    programmes = tables(books()[0]).programmes
    name = next(p.name for p in historical_programmes() if p.id == "P43")
    reserve = programmes[programmes["programme"] == name].set_index("year")["foregone_million_yen"]
    assert reserve.max() > 0.0 > reserve.min()
    assert reserve.loc[2013:].sum() < 0.0  # closed since 2012


def test_services_cost_a_sum_per_firm_served() -> None:
    """Twice the cost per use, on the same draws, is twice the money and nothing else."""
    spent = {}
    for cost in ("0.05", "0.1"):
        model = build(scale=0.001, **{"support.programme.P02.use_cost_million_yen": cost, "years.last": "1965"}).run()
        frame = tables(model).programmes
        name = next(p.name for p in historical_programmes() if p.id == "P02")
        spent[cost] = frame.loc[frame["programme"] == name, "spending_million_yen"].sum()
    assert spent["0.1"] == pytest.approx(2.0 * spent["0.05"])
    assert spent["0.05"] > 0.0


def test_an_exemption_costs_the_tax_on_what_it_exempts() -> None:
    frame = tables(books()[0]).programmes
    name = next(p.name for p in historical_programmes() if p.id == "P45")
    exemption = frame[frame["programme"] == name].set_index("year")["foregone_million_yen"]
    assert exemption.index.min() == 2009
    assert (exemption > 0.0).all()
