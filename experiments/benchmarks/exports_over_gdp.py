"""Is demand for Japan's goods abroad about what its exports were? Makers' demand over home sales beside recorded exports over GDP.

    python experiments/benchmarks/exports_over_gdp.py

Exports over GDP are no fact that the model is fitted to, and nothing in it reads them. Both series are shown relative to 2015, with rivals in
world markets (``export.rivals`` as shipped) and without (0). Printed last: how far the logs lie apart, root mean square over all years.
"""

from __future__ import annotations

import numpy as np

from expansion_sim.codes import MANUFACTURING
from expansion_sim.history import load_history
from expansion_sim.model import ExpansionModel
from expansion_sim.scenario.load import load_scenario

SCALE, SHOWN, BASE = 0.001, (1956, 1965, 1975, 1985, 1990, 1995, 2000, 2005, 2011, 2015, 2020, 2024), 2015


def demand_abroad(*settings: str) -> dict[int, float]:
    """Makers' demand abroad over home sales by year: mean of the industries' world demand, relative to 2015."""
    model = ExpansionModel(load_scenario("history", (f"scale={SCALE}", *settings)), rng=1)
    found = {}
    while model.year < model.last_year:
        model.step()
        found[model.year] = float(np.log(model.industries["world_demand"][list(MANUFACTURING), 0]).mean())
    return {year: float(np.exp(value - found[BASE])) for year, value in found.items()}


def main() -> None:
    """Print the three series and their distance."""
    japan = load_history().japan
    recorded = (japan["exports_usd_bn"] / japan["gdp_usd_bn"]).to_dict()
    recorded = {int(year): value / recorded[BASE] for year, value in recorded.items()}
    series = {"exports over GDP": recorded, "demand": demand_abroad(), "without rivals": demand_abroad("parameters.export.rivals=0.0")}
    print("year  " + "  ".join(f"{name:>16}" for name in series))
    for year in SHOWN:
        print(f"{year}  " + "  ".join(f"{values[year]:16.2f}" for values in series.values()))
    for name in ("demand", "without rivals"):
        gap = [np.log(series[name][year] / recorded[year]) for year in series[name]]
        print(f"{name}: root mean square distance {np.sqrt(np.mean(np.square(gap))):.2f} log points")


if __name__ == "__main__":
    main()
