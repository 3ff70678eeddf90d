"""What customers' moves abroad, and their failures, do to their suppliers over seventy years."""

from __future__ import annotations

import numpy as np
import pytest
from panels import mean, panel, quantile
from worlds import tables

from expansion_sim.behaviour.offshoring import made_abroad
from expansion_sim.codes import MANUFACTURING
from expansion_sim.results.frames import series

FIRST, LAST = 1985, 1990


def moved_much() -> tuple[np.ndarray, np.ndarray]:
    """Suppliers at both ends of 1985-90 whose main customer is in the upper tenth of movers and did not fail."""
    world = panel()
    before, after = world.pairs(FIRST, LAST)
    tied = before["parent"] >= 0
    before, after = before[tied], after[tied]
    years = range(FIRST + 1, LAST + 1)
    moved = sum(world.customers[year]["offshore_change"][before["parent"]] for year in years)
    failed = np.any([world.customers[year]["failed"][before["parent"]] == year for year in years], axis=0)
    moving = moved > 0.0
    chosen = (moved >= quantile(moved[moving], before[moving], 0.9)) & ~failed
    return before[chosen], after[chosen]


def by_orders(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Change of home sales that is due to the main customer's orders, share."""
    kept = [1.0 - firms["order_share"].astype(float) * (1.0 - firms["order_level"]) for firms in (before, after)]
    return kept[1] / kept[0] - 1.0


def test_large_firms_abroad_in_1997_and_2021() -> None:
    """26.8 and 32 percent in the Basic Survey (T041, T042)."""
    share = series(tables(panel().model).yearly, "parents_abroad_share")[0]
    assert 100.0 * share[1997] == pytest.approx(26.8, abs=3.0)
    assert 100.0 * share[2021] == pytest.approx(32.0, abs=3.0)


def test_large_firms_answer_cost_and_freedom() -> None:
    """Their production abroad grows when the yen is strong and little is produced where nobody may go."""
    made = {year: float(made_abroad(panel().customers[year]).sum()) for year in (1969, 1985, 1995)}
    assert made[1969] < 0.2 * made[1985] < 0.2 * made[1995]


def test_ties_have_one_main_customer_and_some_a_second_one() -> None:
    firms = panel().firms[2000]
    firms = firms[np.isin(firms["industry"], MANUFACTURING)]
    tied = firms["parent"] >= 0
    assert 0.2 < mean(tied, firms) < 0.6
    assert 0.2 < mean(firms["second_customer"][tied] >= 0, firms[tied]) < 0.4
    assert (firms["second_customer"][~tied] == -1).all()
    _, suppliers = np.unique(firms["parent"][tied], return_counts=True)
    assert suppliers.max() > 5 * np.median(suppliers)  # degrees are as unequal as customers' sales


def test_moves_of_customers_do_not_cost_their_suppliers_orders_on_average() -> None:
    """Over three windows of five years, all suppliers whose customers went on existing; one window of a small sample has luck of a percent."""
    world, means = panel(), []
    for first in (1985, 1990, 1997):
        before, after = world.pairs(first, first + 5)
        years = range(first + 1, first + 6)
        failed = np.any([world.customers[year]["failed"][before["parent"]] == year for year in years], axis=0)
        kept = (before["parent"] >= 0) & ~failed
        means.append(mean(by_orders(before[kept], after[kept]), before[kept]))
    assert np.mean(means) > -0.002


def test_some_suppliers_of_customers_that_moved_much_lose_a_quarter_of_their_sales() -> None:
    """The fifth percentile of what they sell at home after five years, whatever the reason."""
    before, after = moved_much()
    assert quantile(after["home_sales"] / before["home_sales"] - 1.0, before, 0.05) <= -0.22


def test_the_orders_themselves_have_the_documented_tail() -> None:
    """A loss of 28 percent of sales by a customer's move is documented; one in twenty loses a quarter or more, the mean nothing."""
    before, after = moved_much()
    assert quantile(by_orders(before, after), before, 0.05) <= -0.25


def test_a_third_of_the_suppliers_that_built_plants_in_the_nineties_followed() -> None:
    """34 percent (T037), with the sampling error of a few hundred rows."""
    events = tables(panel().model).events
    new = events[(events["event"] == "enter") & events["mode"].isin(["fdi", "cluster"]) & events["year"].between(1990, 1999)]
    new = new[new["parent"] >= 0]
    weights = new["weight"].astype(float)
    assert len(new) > 50
    assert 0.2 < weights[new["followed"]].sum() / weights.sum() < 0.5


def test_failure_of_a_customer_takes_cash_and_orders_from_its_suppliers() -> None:
    world, lost, others, levels = panel(), [], [], []
    for year in range(1970, 2024):
        before, after = world.pairs(year, year + 1)
        tied = after["parent"] >= 0
        before, after = before[tied], after[tied]
        failed = world.customers[year + 1]["failed"][after["parent"]] == year + 1
        if failed.any():
            change = (after["cash"].astype(float) - before["cash"]) / before["home_sales"]
            lost.extend(change[failed])
            others.append(change[~failed].mean())
            levels.extend((after["order_level"] / before["order_level"])[failed])
    assert len(lost) > 100
    assert np.mean(lost) < np.mean(others) - 0.02
    assert np.median(levels) < 0.5


def test_customers_that_fail_can_take_their_suppliers_with_them() -> None:
    """With the same draws and a failure every few years, more firms default than where no customer fails."""
    defaults = [series(tables(panel(0.002, **{"years.last": 1985, "parameters.parent.failure": hazard}).model).yearly, "defaults")[0].sum()
                for hazard in (0.0, 0.05)]
    assert defaults[1] > 1.02 * defaults[0] > 0.0
