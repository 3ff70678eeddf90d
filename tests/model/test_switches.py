"""Every mechanism can be switched off, and what is missing then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from worlds import LIVELY, common, fingerprint, finished, tables

from expansion_sim.codes import BAND, DIRECT, FDI, STATIC
from expansion_sim.model import ExpansionModel
from expansion_sim.population.schema import stage_of
from expansion_sim.results.frames import series
from expansion_sim.scenario.spec import Mechanisms

LAST = 1972


def world(*off: str, scale: float = 0.001, **overrides: Any) -> ExpansionModel:
    """History to 1972 without some mechanisms, the firms of three years kept."""
    switches = {f"mechanisms.{name}": "false" for name in off}
    return finished("history", scale, kept=(1962, LAST - 1, LAST), **{"years.last": LAST, **switches, **overrides})


def lively(*off: str, **overrides: Any) -> ExpansionModel:
    """The same to 1980 in a world with plants and groups enough."""
    return world(*off, scale=0.003, **{**LIVELY, "years.last": 1980, **overrides})


def share(model: ExpansionModel, chosen: np.ndarray) -> float:
    """Weighted share of the living firms of the last year."""
    return float(np.average(chosen, weights=model.living()["weight"]))


@pytest.mark.parametrize("name", sorted(Mechanisms.model_fields))
def test_every_switch_changes_something(name: str) -> None:
    assert fingerprint(lively(name)) != fingerprint(lively())


def test_without_attention_everybody_is_interested() -> None:
    firms = world("attention").living()
    settled = firms["birth_year"] < LAST
    assert (firms["interested"][settled] == 1).all()
    assert share(world("attention"), stage_of(firms) == 3) > share(world(), stage_of(world().living()) == 3)


def test_without_finance_more_plants_are_opened() -> None:
    opened = []
    cautious_banks = {"parameters.finance.collateral": 0.2, "parameters.finance.guarantee": 0.0,
                      "parameters.sunk.plant": 500.0, "parameters.sunk.own_effort": 1.5}
    for off in ((), ("finance",)):
        events = tables(lively(*off, **cautious_banks)).events
        opened.append(((events["event"] == "enter") & (events["mode"] == "fdi")).sum())
    assert opened[1] > 1.1 * opened[0] > 0


def test_without_taste_exporters_are_not_sorted_by_taste() -> None:
    def preferred(model: ExpansionModel) -> float:
        firms = model.living()
        return float(firms["taste"][firms["ever"] & (1 << DIRECT) != 0, DIRECT].mean())

    assert preferred(lively()) > 0.25
    assert abs(preferred(lively("taste"))) < 0.25


def test_without_noise_productivity_returns_to_ability() -> None:
    kept = world("noise").snapshots
    before, now = common(kept[LAST - 1], kept[LAST])
    home = now["ever"] == 0
    persistence = float(world().parameters[0]["productivity_persistence"])
    gap = [(firms["productivity"] - firms["ability"])[home].astype(float) for firms in (before, now)]
    assert gap[1] == pytest.approx(persistence * gap[0], abs=1e-5)
    assert np.array_equal(before["log_size"], now["log_size"])


def test_without_learning_ability_is_for_life() -> None:
    for off, changed in (((), True), (("learning",), False)):
        kept = world(*off, **{"parameters.attention.base": 0.05}).snapshots
        before, now = common(kept[1962], kept[LAST])
        assert (now["ability"] != before["ability"]).any() == changed, off
        assert (now["ability"] >= before["ability"]).all()


def test_without_the_band_those_who_would_wait_open_plants_as_well() -> None:
    """The value of waiting holds back firms that look at it, and nobody else; of three samples together, as each has some seventy owners."""
    def with_plant(*off: str) -> tuple[int, int]:
        owners = [firms["expectation"][firms["ever"] & (1 << FDI) != 0] for firms in (lively(*off, seed=seed).living() for seed in (1, 2, 3))]
        every = np.concatenate(owners)
        return int((every == BAND).sum()), int((every == STATIC).sum())

    waiting, static = with_plant()
    at_once, static_then = with_plant("band")
    assert at_once > 1.1 * waiting
    assert static == pytest.approx(static_then, rel=0.1)


def test_without_the_network_customers_do_not_matter_but_go_abroad() -> None:
    model = world("network")
    firms = model.living()
    assert (firms["order_level"] == 1.0).all()
    assert (firms["invited_host"] == -1).all()
    assert (firms["followed"] == 0).all()
    assert not set(tables(model).events["event"]) & {"invited", "delisted"}
    assert model.customers["offshore_total"].max() > 0.0
    assert series(tables(model).yearly, "large_projects")[0].sum() > 0.0


def test_customers_that_stay_take_nothing_along_but_can_fail() -> None:
    model = world("parents_offshore")
    firms = model.living()
    assert model.customers["offshore_total"].max() == 0.0
    assert series(tables(model).yearly, "large_projects")[0].sum() == 0.0
    assert (firms["invited_host"] == -1).all()
    assert firms["order_level"].max() <= 1.0  # orders that come with a customer's growth abroad are missing
    below = firms[firms["order_level"] < 1.0]
    assert below.size and (model.customers["failed"][below["parent"]] + model.customers["failed"][below["second_customer"]] > 0).all()


def test_without_both_not_even_failures_are_felt() -> None:
    firms = world("network", "parents_offshore").living()
    assert (firms["order_level"] == 1.0).all()


def test_closures_left_to_fate_are_fewer_than_recorded() -> None:
    free = world(**{"population.closures": "free"})
    recorded = world()
    assert free.population.weighted_count > recorded.population.weighted_count
    assert tables(free).yearly is not tables(recorded).yearly
