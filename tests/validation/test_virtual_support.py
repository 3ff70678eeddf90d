"""Studies of support on toy panels with a known effect: they find it where a simpler design is misled, and nothing where nothing is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("statsmodels")

from expansion_sim.codes import HOSTS, MANUFACTURING
from expansion_sim.validation.virtual import cutoff, guarantee, regressions, support
from expansion_sim.validation.virtual.estimate import AGREES, NOT_COMPUTED, WIDTH
from expansion_sim.validation.virtual.panel import Panel
from expansion_sim.validation.virtual.study import stacked

YEARS = range(guarantee.COHORTS[0] - guarantee.HISTORY, guarantee.COHORTS[-1] + guarantee.LATER + 1)
FIRMS = 6000


def worlds_of_borrowers(effect: float) -> tuple[Panel, Panel]:
    """Leverage swings around each firm's usual one; firms whose leverage is falling use the guarantee, which adds ``effect`` for good.

    With an effect of nothing in the years that are read, users owe more in the year of first use only.
    """
    rng = np.random.default_rng(1)
    usual, assets = rng.uniform(0.4, 0.8, FIRMS), np.exp(rng.normal(5.0, 0.5, FIRMS))
    start, swing = rng.integers(guarantee.COHORTS[0], guarantee.COHORTS[-1] + 1, FIRMS), np.zeros((len(YEARS) + 20, FIRMS))
    for t in range(2, len(swing)):
        swing[t] = 1.5 * swing[t - 1] - 0.7 * swing[t - 2] + rng.normal(0.0, 0.02, FIRMS)
    swing = dict(zip(YEARS, swing[20:], strict=True))
    fall = np.array([swing[year - 2][i] - swing[year - 1][i] for i, year in enumerate(start)])
    user = fall + rng.normal(0.0, 0.03, FIRMS) > 0.05
    mine, twin = {}, {}
    for year in YEARS:
        added = user * np.where(year > start, effect, np.where(year == start, 0.05, 0.0))
        for panel, gain in ((mine, added), (twin, 0.0)):
            debt = (usual + swing[year] + gain) * assets
            rate, sales = rng.normal(0.02, 0.002, FIRMS), assets * np.exp(rng.normal(0.0, 0.05, FIRMS))
            columns = (np.arange(FIRMS), np.ones(FIRMS), np.full(FIRMS, MANUFACTURING[0]), debt, assets, rate, sales)
            panel[year] = np.rec.fromarrays(columns, names="firm,weight,industry,debt,assets,interest,home_sales").view(np.ndarray)
    return tuple(Panel(firms, {}, None, pd.DataFrame(), {}, {}, {}) for firms in (mine, twin))


@pytest.mark.parametrize("effect", [0.0, 0.02])
def test_users_of_the_guarantee_are_compared_with_firms_of_the_same_past(effect: float) -> None:
    """Falling leverage falls on for a while: against firms of equal leverage in one year, a guarantee that raises it seems to lower it."""
    rows = stacked([guarantee.guarantee_rows(*worlds_of_borrowers(effect))])
    # when nothing lasts, twins owe the same again; users are dated by the year in which they differ
    assert guarantee.true_effect(rows) == pytest.approx(effect, abs=1e-12)
    naive = regressions.linear(rows, "leverage", ["user", "last", "last_square"], ["cohort"], "firm")
    assert naive.value["user"] + WIDTH * naive.error["user"] < 0.0
    leverage, _, long_loans = guarantee.guarantee(rows)
    assert abs(leverage.estimate - effect) < 4.0 * leverage.error < 0.012
    assert (leverage.verdict == AGREES) == (effect > 0.0)
    assert f"in truth {effect:.3f}" in leverage.note
    assert long_loans.verdict == NOT_COMPUTED


def test_users_are_dated_by_their_first_year() -> None:
    def world(debts: dict[int, list[float]]) -> Panel:
        firms = {year: np.rec.fromarrays((np.arange(3), np.array(debt)), names="firm,debt").view(np.ndarray) for year, debt in debts.items()}
        return Panel(firms, {}, None, pd.DataFrame(), {}, {}, {})

    level = [10.0, 10.0, 10.0]
    mine = world({1998: level, 1999: [11.0, 10.4, 10.0], 2000: [12.0, 10.6, 10.0], 2001: level})
    assert guarantee.first_use(mine, world(dict.fromkeys(guarantee.COHORTS, level))).to_dict() == {0: 1999.0, 1: 2000.0}


def applicants(jump: float) -> pd.DataFrame:
    """Applications of firms of very different size to two programmes; jobs two years later rise with the score and by ``jump`` at the cut-off."""
    rng = np.random.default_rng(6)
    n = 4000
    score, before, programme = rng.uniform(-1.0, 1.0, n), rng.normal(3.0, 1.3, n), rng.integers(0, 2, n)
    growth = 0.05 * score + 0.03 * score * (score > 0) + jump * (score >= 0) + rng.normal(0.0, 0.05, n)
    return pd.DataFrame({"firm": np.arange(n), "programme": programme, "year": 2010, "score": score, "weight": 1.0, "before": before,
                         "outcome": before + 0.5 * programme + growth})


@pytest.mark.parametrize("jump", [0.0, 0.03])
def test_discontinuity_sees_a_small_jump_through_differences_of_size(jump: float) -> None:
    rows = applicants(jump)
    value, error, n = cutoff.discontinuity(rows, "outcome", ["before"])
    assert abs(value - jump) < 4.0 * error < 0.03
    assert n == 4000
    assert cutoff.discontinuity(rows, "outcome", [])[1] > 10.0 * error


def test_discontinuity_needs_firms_on_both_sides() -> None:
    rows = pd.DataFrame({"firm": range(60), "programme": 0, "year": 2010, "score": np.linspace(-1.0, 0.02, 60), "outcome": 1.0, "weight": 1.0})
    assert np.isnan(cutoff.discontinuity(rows, "outcome", [])[0])


def entries(effect: float, far: float, replications: int) -> pd.DataFrame:
    """Entries by market in two worlds of several replications: fairs add ``effect`` everywhere and ``far`` in the markets after the fifth."""
    rng = np.random.default_rng(3)
    rows = pd.MultiIndex.from_product([range(replications), support.FAIR_YEARS, HOSTS], names=["replication", "year", "host"]).to_frame(index=False)
    distant = ~rows["host"].isin(["KOR", "CHN", "TWN", "HKG", "PHL"])
    lift = (rows["year"] >= support.FAIR_START) * (effect + far * distant)
    rows["new_without"] = rng.uniform(50.0, 150.0, len(rows))
    rows["new"] = rows["new_without"] * np.exp(lift + rng.normal(0.0, 0.03, len(rows)) * (rows["year"] >= support.FAIR_START))
    return rows


def test_fairs_are_found_in_far_markets() -> None:
    everywhere, on_top = support.fairs(entries(0.003, 0.01, 6))
    assert abs(on_top.estimate - 0.01) < 4.0 * on_top.error < 0.015
    assert (everywhere.verdict, on_top.verdict) == (AGREES, AGREES)
    assert "6 replications" in on_top.note
    assert all(abs(estimate.estimate) < 4.0 * estimate.error for estimate in support.fairs(entries(0.0, 0.0, 6)))
