"""Signs that published evaluations of support agree on; sizes are reported by comparisons, not asserted here."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_programme import world
from worlds import LIVELY, build, steps, tables

from expansion_sim.codes import DIRECT
from expansion_sim.model import ExpansionModel
from expansion_sim.results.frames import series

YEARS = 15  # 1955-69; the programme runs from 1962 to 1967


@pytest.fixture(scope="module")
def grants(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ExpansionModel]:
    """The same world without a grant, with grants of 40 and of 80 percent for everybody, and with few places."""
    folder = tmp_path_factory.mktemp("grants")
    terms = {"hosts": "[]", "places_per_year": "1e9", "cap_million_yen": "1e3"}
    known = "support.office_contact = 0.02\n"  # most firms with a plan hear of it
    return {
        "none": world(folder, YEARS, known, **{**terms, "places_per_year": "0.0"}),
        "single": world(folder, YEARS, known, **terms, rate_percent="40.0"),
        "double": world(folder, YEARS, known, **terms, rate_percent="80.0"),
        "small": world(folder, YEARS, known, **{**terms, "places_per_year": "200.0"}, rate_percent="80.0"),
    }


def entries(model: ExpansionModel) -> float:
    """Entries into direct export while the programme runs, and in the year after, when the last plans are carried out."""
    return float(series(tables(model).yearly, "entries", mode="direct")[0].loc[1963:1968].sum())


def exporting(model: ExpansionModel) -> dict[int, float]:
    """Weight of the firms that ever exported directly, by id."""
    firms = model.living()
    out = firms[(firms["ever"] >> DIRECT & 1) == 1]
    return dict(zip(out["firm"].tolist(), out["weight"].astype(float).tolist(), strict=True))


def supported(model: ExpansionModel) -> dict[int, float]:
    """Weight of the living firms that a grant was paid to, by id."""
    firms = model.living()
    paid = firms[firms["supported"] != 0]
    return dict(zip(paid["firm"].tolist(), paid["weight"].astype(float).tolist(), strict=True))


def test_grants_bring_more_entries_but_a_doubled_grant_does_not_double_them(grants: dict[str, ExpansionModel]) -> None:
    none, single, double = (entries(grants[name]) for name in ("none", "single", "double"))
    assert none < double
    assert double < 1.5 * single
    assert double < 2.0 * none  # even four fifths of the cost paid to everybody


def test_grants_mostly_pay_firms_that_would_have_gone(grants: dict[str, ExpansionModel]) -> None:
    """Paired by the same draws: more than half of the supported exporters export without the grant as well."""
    without = exporting(grants["none"])
    paid = supported(grants["double"])
    anyway = sum(weight for firm, weight in paid.items() if firm in without)
    assert paid
    assert anyway > 0.5 * sum(paid.values())


def test_some_grants_bring_firms_that_would_not_have_gone(grants: dict[str, ExpansionModel]) -> None:
    """On the same draws firms export that do not without grants, and more of them the more is paid."""
    without = exporting(grants["none"])
    brought = {name: sum(weight for firm, weight in supported(grants[name]).items() if firm not in without) for name in ("single", "double")}
    assert 0.0 < brought["single"] < brought["double"]


def test_no_call_no_plan_made_for_it(tmp_path: Path) -> None:
    """Firms that work out a plan for a call are the larger part of what grants bring about."""
    terms = {"hosts": "[]", "places_per_year": "1e9", "cap_million_yen": "1e3", "rate_percent": "80.0"}
    found = {}
    for call in ("0.0", "0.3"):
        known = f"support.office_contact = 0.02\nattention.expand = 0.3\nsupport.call = {call}\n"  # most planners are abroad
        with_grant, without = (exporting(world(tmp_path, YEARS, known, **{**terms, "places_per_year": places})) for places in ("1e9", "0.0"))
        found[call] = sum(with_grant.values()) - sum(without.values())
    assert found["0.3"] > found["0.0"] >= 0.0


def test_a_larger_programme_reaches_weaker_plans_so_a_yen_does_less(grants: dict[str, ExpansionModel]) -> None:
    """Exports of supported firms per yen paid out fall with the places."""
    per_yen = {}
    for name in ("small", "double"):
        firms = grants[name].living()
        paid = firms[firms["supported"] != 0]
        money = tables(grants[name]).programmes["spending_million_yen"].sum()
        per_yen[name] = float((paid["weight"].astype(float) * paid["export_sales"]).sum() / money)
    assert per_yen["double"] < per_yen["small"]


@cache
def exporters_of(**parameters: Any) -> ExpansionModel:
    """A lively world from 1955 to 1984 with some costs changed, and a look at its firms in 1972."""
    return steps(build(scale=0.005, **{"parameters.attention.base": 0.05, "output.firms_years": [1972], **parameters}), 30)


def churn(model: ExpansionModel) -> float:
    """Firms that took up or gave up direct export per exporter and year, 1960-84."""
    came, left, stock = (series(tables(model).yearly, name, mode="direct")[0].loc[1960:].sum() for name in ("entries", "leaves", "firms_in_mode"))
    return float((came + left) / stock)


def spells_of(model: ExpansionModel) -> dict[int, int]:
    """Direct exporters of 1972 and the year in which their spell began."""
    firms = model.snapshots[1972]
    at_it = firms["since"][:, DIRECT] > 0
    return dict(zip(firms["firm"][at_it].tolist(), firms["since"][at_it, DIRECT].tolist(), strict=True))


def staying(model: ExpansionModel, firms: set[int]) -> float:
    """Share of some exporters of 1972 that are still in the same spell in 1984; those that closed are not."""
    began, now = spells_of(model), model.living()
    still = {firm: since for firm, since in zip(now["firm"].tolist(), now["since"][:, DIRECT].tolist(), strict=True)}
    return float(np.mean([still.get(firm) == began[firm] for firm in firms]))


def test_a_lower_entry_cost_raises_churn() -> None:
    base = build(scale=0.002).parameters[0]
    assert churn(exporters_of(**{"parameters.sunk.direct": 0.2 * float(base["sunk_direct"])})) > 1.01 * churn(exporters_of())


def test_a_lower_running_cost_raises_staying() -> None:
    """Of the same firms: over all exporters, weaker ones that it draws in hide it."""
    base = build(scale=0.002).parameters[0]
    plain, cheap = exporters_of(), exporters_of(**{"parameters.fixed.direct": 0.6 * float(base["fixed_direct"])})
    both = set(spells_of(plain)) & set(spells_of(cheap))
    assert len(both) > 50
    assert staying(cheap, both) > staying(plain, both) + 0.05


def test_fairs_turn_entries_to_far_markets(tmp_path: Path) -> None:
    """Aid to exhibit everywhere raises the share of new direct markets that are far away."""
    terms = {"hosts": "[]", "places_per_year": "1e9", "instrument": "'trade_fair'", "rate_percent": "50.0", "cap_million_yen": "1e3"}
    share = {}
    for name, rate in (("fairs", "50.0"), ("none", "0.0")):
        model = world(tmp_path, YEARS, **{**terms, "rate_percent": rate})
        events = tables(model).events
        entered = events[(events["mode"] == "direct") & events["event"].isin(["enter", "add_host"]) & events["year"].between(1963, 1967)]
        far = entered["host"].isin(["USA", "DEU", "GBR", "FRA", "MEX", "IND"])
        share[name] = float(np.average(far, weights=entered["weight"]))
    assert share["fairs"] > share["none"]


def test_guarantees_raise_leverage() -> None:
    """Debt over assets of small firms is higher where the state guarantees loans; the rate they pay follows from leverage alone."""
    def leverage(cover: str) -> float:
        firms = steps(build(scale=0.001, **{"support.programme.P40.cover_percent": cover}), 45).living()
        weight = firms["weight"].astype(float)
        return float((weight * firms["debt"]).sum() / (weight * firms["assets"]).sum())

    assert leverage("100.0") > leverage("0.0")


def test_keeping_the_home_plant_keeps_jobs_at_home() -> None:
    """Firms bound by the condition of their town have more jobs at home, on average, than the same firms without the condition."""
    terms = {"support.programme.P52.start_year": "1985", "support.programme.P52.places_per_year": "1e6", "support.programme.P52.rate_percent": "40.0"}
    worlds = {}
    for bound in ("true", "false"):
        condition = {"support.programme.P52.condition_keep_home_plant": bound}
        worlds[bound] = steps(build(scale=0.002, **LIVELY, **terms, **condition), 38).living()
    pledged = worlds["true"][worlds["true"]["pledge"] == 1]
    _, here, there = np.intersect1d(pledged["firm"], worlds["false"]["firm"], return_indices=True)
    kept, free = pledged[here], worlds["false"][there]
    same = free["plant_hosts"] == kept["plant_hosts"]
    assert same.sum() > 5
    weight = kept["weight"].astype(float)[same]
    assert np.average(kept["employees"][same], weights=weight) > np.average(free["employees"][same], weights=weight)
