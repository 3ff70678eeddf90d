"""Jobs at home beside the balance of all, successions, and when money binds."""

from __future__ import annotations

import numpy as np
from panels import mean, panel
from worlds import build, tables

from expansion_sim.codes import EVENTS, FDI
from expansion_sim.figures.jobs import jobs
from expansion_sim.results.frames import series

SUCCESSION = 1 << EVENTS.index("succession")
CRISES, CALM = (1998, 1999, 2009, 2010), (1995, 1996, 2004, 2005, 2006, 2014, 2015)


def jobs_of_starters(first: int, last: int) -> float:
    """Home jobs that own plants cost or brought, as a share of those without them, by years since the first plant."""
    changes, weights = [], []
    for year, firms in panel().firms.items():
        since = firms["since"][:, FDI].astype(int)
        chosen = firms[(since > 0) & (year - since >= first) & (year - since <= last)]
        changes.extend(chosen["jobs_by_plant"] / np.maximum(chosen["employees"] - chosen["jobs_by_plant"], 1.0))
        weights.extend(chosen["weight"].astype(float))
    return float(np.average(changes, weights=weights))


def test_starters_lose_jobs_first_and_nothing_after_some_years_while_the_balance_of_all_is_negative() -> None:
    assert jobs_of_starters(2, 4) < -0.05
    assert jobs_of_starters(2, 4) < jobs_of_starters(6, 8) < jobs_of_starters(9, 30)
    assert -0.02 < jobs_of_starters(9, 30) < 0.1
    yearly = tables(panel().model).yearly
    balance = series(yearly, "jobs_by_plant")[0] + series(yearly, "jobs_by_rivals")[0]
    assert (balance.loc[1990:2020] < 0.0).all()
    assert (series(yearly, "jobs_by_rivals")[0].loc[1980:] < 0.0).all()


def test_both_are_shown_side_by_side() -> None:
    panel_of_balance = jobs(tables(panel().model).yearly).axes[2]
    shown = [text.get_text() for text in panel_of_balance.texts] + [line.get_label() for line in panel_of_balance.lines]
    assert any("plants" in text for text in shown)
    assert any("stayed" in text for text in shown)


def test_jobs_leave_industrial_districts() -> None:
    districts = panel().model.aggregates.districts
    assert (districts[:, :-1, 3].sum(axis=0) > 0.0).sum() > 10


def test_owners_past_retirement_close_for_want_of_a_successor() -> None:
    model, closed = build(scale=0.002), []
    limit, pay = float(model.parameters[0]["closure_succession_age"]), model.agencies_pay

    def watched() -> None:  # before the newborn take the rows of those who have closed
        firms = model.population.firms
        closed.extend(firms["owner_age"][(firms["alive"] == 0) & (firms["events"] & SUCCESSION != 0)])
        pay()

    model.agencies_pay = watched  # type: ignore[method-assign]
    while model.year < 1970:
        model.step()
    assert len(closed) > 20
    assert min(closed) > limit


def unfunded(years: tuple[int, ...], modes: tuple[str, ...], sizes: tuple[str, ...]) -> float:
    """Share of the plans that would pay which cash and credit do not cover."""
    events = tables(panel(0.01).model).events
    chosen = events[events["year"].isin(years) & events["mode"].isin(modes) & events["size_class"].isin(sizes)]
    weights = chosen["weight"].astype(float)
    stopped = weights[chosen["event"] == "unfunded"].sum()
    return float(stopped / (stopped + weights[chosen["event"].isin(["enter", "add_host"])].sum()))


EXPORTS, SMALL, LARGE = ("indirect", "direct"), ("1-4", "5-20"), ("50-99", "100+")


def test_money_binds_small_firms() -> None:
    every = tuple(range(1985, 2025))
    assert unfunded(every, ("fdi", "cluster"), SMALL) > 0.4
    assert unfunded(every, ("fdi", "cluster"), SMALL) > 3.0 * unfunded(every, ("fdi", "cluster"), LARGE)
    assert unfunded(every, EXPORTS, SMALL) > 1.5 * unfunded(every, EXPORTS, LARGE)


def test_credit_matters_in_crises_and_little_in_calm_years() -> None:
    crisis, calm = unfunded(CRISES, EXPORTS, SMALL), unfunded(CALM, EXPORTS, SMALL)
    assert crisis > 1.3 * calm
    assert calm < 0.12


def test_no_plan_lacks_money_without_the_mechanism() -> None:
    model = panel(0.002, **{"mechanisms.finance": "false", "years.last": 1985}).model
    assert not (tables(model).events["event"] == "unfunded").any()
    assert mean(model.living()["unfunded"] == 0, model.living()) == 1.0
