"""With everything but productivity off, the model's own kernel gives the cut-offs of Melitz and of Helpman, Melitz and Yeaple."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from expansion_sim.codes import DIRECT, FDI
from expansion_sim.parameters import load_parameters
from expansion_sim.validation.docking import textbook
from expansion_sim.validation.docking.closed_forms import (
    export_cutoff,
    plant_cutoff,
    share_above_normal,
    share_above_pareto,
    yearly_bar,
)
from expansion_sim.validation.docking.dock import (
    BLUR,
    SHAPE,
    SPREAD,
    dock_export,
    dock_plant,
    normal_sample,
    pareto_sample,
    simulated_cutoff,
    users,
)
from expansion_sim.validation.docking.textbook import TextbookModel, TextbookWorld

WORLD = TextbookWorld()
WITH_PLANTS = TextbookWorld(plant_demand=0.3)
DISCOUNT = load_parameters()["band.discount"].value


def above_pareto(cutoff: float) -> float:
    return share_above_pareto(cutoff, SHAPE)


def above_normal(cutoff: float) -> float:
    return share_above_normal(cutoff, SPREAD)


@cache
def used(world: TextbookWorld, mode: int) -> tuple[np.ndarray, float]:
    return users(world, pareto_sample(), mode)


def test_closed_forms_by_hand() -> None:
    # sigma 3, F 10, B 20, D 1/4: phi^2 = 3 x 10 / 5 = 6
    assert export_cutoff(10.0, 20.0, 0.25, 3.0) == pytest.approx(math.log(6.0) / 2.0)
    # D_i 1, D_x 1/4, F_i 40, F_x 10: phi^2 = 3 x 30 / 15 = 6: here plants pay as soon as exports do
    assert plant_cutoff(40.0, 10.0, 20.0, 1.0, 0.25, 3.0) == pytest.approx(math.log(6.0) / 2.0)
    assert yearly_bar(40.0, 100.0, 0.1) == 50.0
    assert share_above_pareto(math.log(2.0), 3.0) == pytest.approx(1.0 / 8.0)
    assert share_above_pareto(-1.0, 3.0) == 1.0
    assert share_above_normal(1.0, 0.5) == pytest.approx(0.02275, abs=1e-5)


@pytest.mark.parametrize("world", [WORLD, replace(WORLD, freight=0.4, elasticity=3.0), replace(WORLD, band=True),
                                   replace(WORLD, band=True, risk=0.4)])
def test_exporters_are_those_above_melitz_cutoff(world: TextbookWorld) -> None:
    for sample, share in ((pareto_sample(), above_pareto), (normal_sample(), above_normal)):
        for docked in dock_export(world, sample, share, "Melitz"):
            assert docked.agrees, docked


def test_selection_is_strict() -> None:
    """No exporter is clearly less productive than a firm that stays at home."""
    uses, _ = used(WORLD, DIRECT)
    sample = pareto_sample()
    assert sample[~uses].max() - sample[uses].min() < 0.06
    assert 0.2 < uses.mean() < 0.8


def test_cutoff_rises_one_for_one_with_the_log_of_trade_cost() -> None:
    """Melitz: d log phi_x / d log tau = 1 whatever the elasticity."""
    dearer = replace(WORLD, freight=0.5)
    moved = simulated_cutoff(used(dearer, DIRECT)[0], pareto_sample()) - simulated_cutoff(used(WORLD, DIRECT)[0], pareto_sample())
    assert moved == pytest.approx(math.log(dearer.tau / WORLD.tau), abs=0.02)


def test_marginal_exporter_sells_at_home_what_melitz_says() -> None:
    """Between equal countries r_d(phi_x) = sigma F tau^(sigma - 1), the form of the cut-off without productivities.

    It needs home sales with loading sigma - 1, and the model's loading is .83: so sigma is 1.83.
    """
    world = TextbookWorld(elasticity=1.83, freight=0.25, export_fixed=290.0, export_sunk=150.0)
    model = TextbookModel(world, pareto_sample())
    for _ in range(3):
        model.step()
    firms = model.population.firms
    exporters = firms["since"][:, DIRECT] > 0
    marginal = np.quantile(firms["home_sales"], 1.0 - exporters.mean())
    bar = yearly_bar(world.export_fixed, world.export_sunk, DISCOUNT)
    assert 0.2 < exporters.mean() < 0.8
    assert marginal == pytest.approx(world.elasticity * bar * world.tau ** (world.elasticity - 1.0), rel=0.02)


def test_plants_are_of_those_above_the_cutoff_of_helpman_melitz_and_yeaple() -> None:
    for sample, share in ((pareto_sample(), above_pareto), (normal_sample(), above_normal)):
        for docked in dock_plant(WITH_PLANTS, sample, share, "Helpman-Melitz-Yeaple"):
            assert docked.agrees, docked


def test_firms_sort_into_home_exports_and_plants_by_productivity() -> None:
    exports, plants = used(WITH_PLANTS, DIRECT)[0], used(WITH_PLANTS, FDI)[0]
    sample = pareto_sample()
    assert exports[plants].all()  # a plant comes on top
    assert sample[plants].min() > sample[exports].min() + 0.2
    # Helpman, Melitz and Yeaple: under a Pareto law plants over exporters = (phi_i / phi_x)^-k
    ratio = math.exp(-SHAPE * (simulated_cutoff(plants, sample) - simulated_cutoff(exports, sample)))
    assert plants.sum() / exports.sum() == pytest.approx(ratio, rel=0.03)


def test_market_without_plants_has_none() -> None:
    assert not used(WORLD, FDI)[0].any()


# --- the comparisons can fail -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"freight": 0.30}, {"elasticity": 3.0}, {"export_fixed": 200.0}, {"market": 0.9}])
def test_a_slightly_different_textbook_is_told_apart(wrong: dict[str, float]) -> None:
    uses, sales = used(WORLD, DIRECT)
    other = replace(WORLD, **wrong)
    bar = yearly_bar(other.export_fixed, other.export_sunk, DISCOUNT)
    cutoff = export_cutoff(bar, sales, other.export_demand, other.elasticity)
    assert abs(simulated_cutoff(uses, pareto_sample()) - cutoff) > BLUR + 0.012


def test_band_moves_the_cutoff_by_its_threshold() -> None:
    static, band = (simulated_cutoff(used(replace(WORLD, band=on, risk=0.4), DIRECT)[0], pareto_sample()) for on in (False, True))
    assert band - static > 0.04


@pytest.mark.parametrize("back_on", ["attention", "taste"])
def test_a_mechanism_left_on_breaks_the_cutoff(monkeypatch: pytest.MonkeyPatch, back_on: str) -> None:
    """The agreement is due to the switches: attention keeps firms above the cut-off at home, taste moves each firm's own."""
    monkeypatch.setitem(textbook.SWITCHED_OFF, f"mechanisms.{back_on}", True)
    sample = pareto_sample()
    model = TextbookModel(WORLD, sample)
    if back_on == "taste":
        model.population.firms["taste"] = np.random.default_rng(2).normal(0.0, 60.0, (sample.size, 7))
    else:
        model.population.firms["interested"] = 0
    for _ in range(4):
        model.step()
    uses = model.population.firms["since"][:, DIRECT] > 0
    assert uses.any()
    assert sample[~uses].max() - sample[uses].min() > 0.2


def test_a_blunt_choice_breaks_the_cutoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textbook, "SHARP", load_parameters()["choice.gain"].value)
    uses, _ = users(WORLD, pareto_sample(), DIRECT)
    assert pareto_sample()[~uses].max() - pareto_sample()[uses].min() > 0.3
