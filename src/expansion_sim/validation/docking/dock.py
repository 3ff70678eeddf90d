"""One table: what the reduced model does beside what the closed form says, with the tolerance of each comparison."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.behaviour.option import entry_threshold, exit_threshold
from expansion_sim.codes import DIRECT, FDI, MACHINERY
from expansion_sim.parameters import load_parameters
from expansion_sim.population.balance import ABILITY_SD, PERSISTENCE, SALES_LOADING, SHOCK_SD, balance_laws, productivity_sd
from expansion_sim.population.sizes import size_grid, size_laws
from expansion_sim.validation.docking.band import solved_band
from expansion_sim.validation.docking.closed_forms import (
    export_cutoff,
    gibrat_index,
    hill_index,
    plant_cutoff,
    sales_tail,
    share_above_normal,
    share_above_pareto,
    yearly_bar,
)
from expansion_sim.validation.docking.size_tail import grown_sizes, growth_in_model
from expansion_sim.validation.docking.textbook import TextbookModel, TextbookWorld, reference_sales

FIRMS = 20_000
SHAPE = 3.0  # Pareto index of productivity, above sigma - 1 so that sales have a mean
SPREAD = 0.5  # of lognormal productivity
YEARS = 4  # one to plan, one to enter, for each of two modes
#: Width of the step that the sharp logit leaves, log productivity: firms this close below a cut-off may enter within the
#: years run.
BLUR = 0.012
RATE = 0.07
SUNK_RATIOS, RISKS = (0.5, 1.0, 2.0, 4.0, 8.0, 12.0), (0.1, 0.2, 0.3, 0.4)
ENTRY_TOLERANCE, EXIT_TOLERANCE = 0.13, 0.25
COLUMNS = ("textbook", "quantity", "simulated", "closed_form", "tolerance", "agrees")


class Docked(NamedTuple):
    """One quantity in the reduced model and by its closed form; they agree within ``tolerance``."""

    textbook: str
    quantity: str
    simulated: float
    closed_form: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Whether they agree."""
        return abs(self.simulated - self.closed_form) <= self.tolerance


def pareto_sample(firms: int = FIRMS, shape: float = SHAPE, seed: int = 1) -> np.ndarray:
    """Logs of a Pareto sample from one up, shape (firms,)."""
    return np.random.default_rng(seed).exponential(1.0 / shape, firms)


def normal_sample(firms: int = FIRMS, spread: float = SPREAD, seed: int = 1) -> np.ndarray:
    """Logs of a lognormal sample with median one, shape (firms,)."""
    return np.random.default_rng(seed).normal(0.0, spread, firms)


def users(world: TextbookWorld, log_productivity: np.ndarray, mode: int) -> tuple[np.ndarray, float]:
    """Which firms use a mode after :data:`YEARS` years of a textbook world, shape (n,), and home sales of a mean firm."""
    model = TextbookModel(world, log_productivity)
    for _ in range(YEARS):
        model.step()
    return model.population.firms["since"][:, mode] > 0, reference_sales(model)


def simulated_cutoff(uses: np.ndarray, log_productivity: np.ndarray) -> float:
    """Log productivity with as many firms above it as use the mode; the cut-off when selection is strict."""
    return float(np.quantile(log_productivity, 1.0 - uses.mean()))


def bars(world: TextbookWorld, discount: float) -> tuple[float, float]:
    """Yearly profit asked for from exporting and from a plant on top, million yen."""
    if not world.band:
        export, plant = (world.export_fixed, world.export_sunk), (world.plant_fixed, world.plant_sunk)
        return yearly_bar(*export, discount), yearly_bar(*plant, discount)
    p = {name: parameter.value for name, parameter in load_parameters().items()}
    law = (p["band.entry_scale"], p["band.entry_sunk"], p["band.entry_risk"])
    return (world.export_fixed * math.exp(entry_threshold(world.export_sunk / world.export_fixed, world.risk, *law)),
            world.plant_fixed * math.exp(entry_threshold(world.plant_sunk / world.plant_fixed, world.risk, *law)))


def dock_export(world: TextbookWorld, sample: np.ndarray, share_above: Callable[[float], float], name: str) -> list[Docked]:
    """Cut-off and share of exporters beside Melitz's.

    Args:
        world: Textbook world.
        sample: Log productivity of the firms, shape (n,).
        share_above: Share of firms above a cut-off in the distribution that the sample is from.
        name: Name of the comparison.
    """
    uses, sales = users(world, sample, DIRECT)
    bar, _ = bars(world, load_parameters()["band.discount"].value)
    cutoff = export_cutoff(bar, sales, world.export_demand, world.elasticity)
    return _compared(name, "exporters", uses, sample, cutoff, share_above)


def dock_plant(world: TextbookWorld, sample: np.ndarray, share_above: Callable[[float], float], name: str) -> list[Docked]:
    """Cut-off and share of firms with a plant beside Helpman, Melitz and Yeaple's; arguments as :func:`dock_export`."""
    uses, sales = users(world, sample, FDI)
    export_bar, extra = bars(world, load_parameters()["band.discount"].value)
    full = world.export_demand + world.plant_demand
    cutoff = plant_cutoff(export_bar + extra, export_bar, sales, full, world.export_demand, world.elasticity)
    return _compared(name, "firms with a plant", uses, sample, cutoff, share_above)


def _compared(name: str, who: str, uses: np.ndarray, sample: np.ndarray, cutoff: float,
              share_above: Callable[[float], float]) -> list[Docked]:
    """Cut-off within the logit's step and the error of a quantile; share within four standard errors and the same step."""
    share = share_above(cutoff)
    error = 4.0 * math.sqrt(share * (1.0 - share) / sample.size)
    density = (share_above(cutoff - 0.001) - share_above(cutoff + 0.001)) / 0.002
    return [
        Docked(name, f"cut-off of {who}, log productivity", simulated_cutoff(uses, sample), cutoff, BLUR + error / density),
        Docked(name, f"share of {who}", float(uses.mean()), share, error + density * BLUR),
    ]


def dock_band() -> list[Docked]:
    """Largest deviation of the power laws of the band from the solved problem, as a share of the solution."""
    p = {name: parameter.value for name, parameter in load_parameters().items()}
    entry, leave = ((p[f"band.{side}_scale"], p[f"band.{side}_sunk"], p[f"band.{side}_risk"]) for side in ("entry", "exit"))
    off = np.array([
        [entry_threshold(k, v, *entry) / solved[0] - 1.0, exit_threshold(k, v, *leave) / solved[1] - 1.0]
        for k in SUNK_RATIOS for v in RISKS for solved in [solved_band(k, v, RATE)]
    ])
    worst = np.abs(off).max(axis=0)
    return [
        Docked("Dixit 1989", "largest relative error of the entry threshold", float(worst[0]), 0.0, ENTRY_TOLERANCE),
        Docked("Dixit 1989", "largest relative error of the exit threshold", float(worst[1]), 0.0, EXIT_TOLERANCE),
    ]


def dock_growth(years: int = 10, size_shock: float = 0.15) -> list[Docked]:
    """Gibrat's law among the model's firms: growth does not depend on size, its variance adds up; productivity reverts."""
    size, work = growth_in_model(years, size_shock), growth_in_model(years, size_shock, "productivity")
    moving = productivity_sd() ** 2
    reversion = -moving / (ABILITY_SD**2 + moving) * (1.0 - PERSISTENCE**years)
    variance = years * size_shock**2
    margin = 4.0 * variance * math.sqrt(2.0 / size.firms)
    return [
        Docked("Gibrat", "slope of growth on log size", size.slope, 0.0, 4.0 * size.error),
        Docked("Gibrat", "variance of growth, log points squared", size.variance, variance, margin),
        Docked("AR(1) with fixed effect", "slope of growth on log productivity", work.slope, reversion, 4.0 * work.error),
    ]


def dock_tail(sd: float = 0.30, exit_rate: float = 0.05, firms: int = 100_000, years: int = 250) -> list[Docked]:
    """Pareto index of sizes grown by the model's rule under random death, beside Kesten's condition."""
    sizes = np.exp(grown_sizes(firms, years, sd, exit_rate, 1))
    index, error = hill_index(sizes, 10.0)
    return [Docked("Gibrat with random death", "Pareto index of the upper tail", index, gibrat_index(sd, exit_rate), 4.0 * error)]


def dock_sales(levels: tuple[float, ...] = (300.0, 1000.0, 3000.0), scale: float = 0.01) -> list[Docked]:
    """Shares of machinery firms of 1955 above some sales (at the productivity of 2015) beside the population's laws."""
    from expansion_sim.model import ExpansionModel

    model = ExpansionModel("history", scale=scale, **{"output.surveys": False})
    firms, index = model.living(), float(model.drivers.year(model.first_year)[0]["productivity"])
    firms = firms[firms["industry"] == MACHINERY]
    sales, weights = firms["home_sales"].astype(float) / index, firms["weight"].astype(float) / firms["weight"].sum()
    law = balance_laws()[MACHINERY]
    sizes, shares = size_grid(size_laws()[MACHINERY : MACHINERY + 1])
    spread = SALES_LOADING * math.hypot(ABILITY_SD, SHOCK_SD / math.sqrt(1.0 - PERSISTENCE**2))
    exact = sales_tail(np.array(levels), sizes, shares[0], law["sales_level"], law["sales_elasticity"], spread)
    rows = []
    for level, share in zip(levels, exact, strict=True):
        above = sales > level
        error = float(np.sqrt((weights**2 * (above - share) ** 2).sum()))
        name = f"share of makers of machines above {level:,.0f} million yen of sales"
        rows.append(Docked("Pareto tail of births", name, float(weights[above].sum()), float(share), 4.0 * error))
    return rows


def dock() -> pd.DataFrame:
    """Every comparison, columns :data:`COLUMNS`; takes about half a minute."""
    pareto, normal = pareto_sample(), normal_sample()
    plants = TextbookWorld(plant_demand=0.3)

    def above_pareto(cutoff: float) -> float:
        return share_above_pareto(cutoff, SHAPE)

    rows = [
        *dock_export(TextbookWorld(), pareto, above_pareto, "Melitz, Pareto"),
        *dock_export(TextbookWorld(), normal, lambda cutoff: share_above_normal(cutoff, SPREAD), "Melitz, lognormal"),
        *dock_export(TextbookWorld(band=True), pareto, above_pareto, "Melitz with the band"),
        *dock_plant(plants, pareto, above_pareto, "Helpman-Melitz-Yeaple"),
        *dock_band(), *dock_growth(), *dock_tail(), *dock_sales(),
    ]
    return pd.DataFrame([(*row, row.agrees) for row in rows], columns=list(COLUMNS))
