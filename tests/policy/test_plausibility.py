"""Signs that published evaluations of support agree on; sizes are reported by comparisons, not asserted here."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_programme import world
from worlds import build, steps, tables

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
    assert double < 1.5 * none


def test_grants_mostly_pay_firms_that_would_have_gone(grants: dict[str, ExpansionModel]) -> None:
    """Paired by the same draws: more than half of the supported exporters export without the grant as well."""
    without = exporting(grants["none"])
    paid = supported(grants["double"])
    anyway = sum(weight for firm, weight in paid.items() if firm in without)
    assert paid
    assert anyway > 0.5 * sum(paid.values())


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
    """A lively world from 1955 to 1984 with some costs changed."""
    return steps(build(scale=0.002, **{"parameters.attention.base": 0.05, **parameters}), 30)


def leaving(model: ExpansionModel) -> float:
    """Direct exporters that gave up per exporter and year, 1960-84."""
    yearly = tables(model).yearly
    left, stock = series(yearly, "leaves", mode="direct")[0], series(yearly, "firms_in_mode", mode="direct")[0]
    return float(left.loc[1960:].sum() / stock.loc[1960:].sum())


def test_a_lower_entry_cost_raises_churn_and_a_lower_running_cost_raises_staying() -> None:
    base = build(scale=0.002).parameters[0]
    plain = exporters_of()
    cheap_entry = exporters_of(**{"parameters.sunk.direct": 0.5 * float(base["sunk_direct"])})
    cheap_running = exporters_of(**{"parameters.fixed.direct": 0.6 * float(base["fixed_direct"])})
    assert leaving(cheap_entry) > leaving(plain) > leaving(cheap_running)


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
