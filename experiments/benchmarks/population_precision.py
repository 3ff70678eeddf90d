"""How precise the weighted counts of a sample are against the whole population, when the firms are made.

Run: python experiments/benchmarks/population_precision.py [--scale 0.01] [--year 1986] [--seeds 20]

For each measure: its value in the 1:1 population, and the root mean square error of samples with other seeds, relative to it,
for the stratified design and for equal weights of the same scale. 'Firms going abroad' are the expected rare events of one
year, 1,600 in the country, spread over firms by the rough propensity of the design; its error is that of a Poisson count.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from expansion_sim.codes import INDUSTRIES, SIZE_CLASSES, SIZE_EDGES
from expansion_sim.population.parents import make_parents
from expansion_sim.population.strata import PROPENSITY, PROPENSITY_SIZE_POWER, Design, make_design
from expansion_sim.population.synthesis import initial_firms

EVENTS = 1600.0


def measures(firms: np.ndarray) -> dict[str, float]:
    """Weighted counts and totals of a population by name: firms, persons, or trillion yen a year at the productivity of 2015."""
    weight, employees, industry = firms["weight"].astype(float), firms["employees"].astype(float), firms["industry"]
    classes = np.searchsorted(SIZE_EDGES, employees, side="right")
    table = {"firms": weight.sum(), "persons": weight @ employees, "home sales": weight @ firms["home_sales"].astype(float) / 1e6}
    for code, name in enumerate(SIZE_CLASSES):
        table[f"firms of {name} persons"] = weight[classes == code].sum()
    for code, name in enumerate(INDUSTRIES):
        table[f"{name}: firms"] = weight[industry == code].sum()
        table[f"{name}: firms of 50+ persons"] = weight[(industry == code) & (employees >= 50)].sum()
    makers = industry < 3
    table["manufacturing: 50+ persons and 30+ m capital"] = weight[makers & (employees >= 50) & (firms["capital"] >= 30)].sum()
    table["manufacturing: firms with a large customer"] = weight[makers & (firms["parent"] >= 0)].sum()
    return table


def rare_event_error(firms: np.ndarray) -> float:
    """Relative standard error of a weighted count of EVENTS independent rare events of one year."""
    chance = np.array(PROPENSITY)[firms["industry"]] * firms["employees"].astype(float) ** PROPENSITY_SIZE_POWER
    weight = firms["weight"].astype(float)
    chance *= EVENTS / (weight @ chance)
    return float(np.sqrt(weight**2 @ chance) / EVENTS)


def errors(design: Design, whole: dict[str, float], year: int, seeds: int,
           parents: np.ndarray) -> tuple[dict[str, float], float, int]:
    """Relative root mean square error per measure, of the rare events, and the mean number of rows."""
    squares, rare, rows = dict.fromkeys(whole, 0.0), 0.0, 0
    for seed in range(1, seeds + 1):
        firms = initial_firms(design, year, seed, parents=parents)
        for name, value in measures(firms).items():
            squares[name] += (value / whole[name] - 1.0) ** 2 / seeds
        rare += rare_event_error(firms) / seeds
        rows += len(firms)
    return {name: float(np.sqrt(value)) for name, value in squares.items()}, rare, rows // seeds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Precision of weighted samples against the 1:1 population.")
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--year", type=int, default=1986)
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    parents = make_parents()
    initial_firms(make_design(0.001), options.year, parents=parents)  # compile
    started = time.perf_counter()
    firms = initial_firms(make_design(1.0), options.year, parents=parents)
    print(f"1:1 in {options.year}: {len(firms):,} rows, {firms.nbytes / 1e9:.2f} GB, {time.perf_counter() - started:.1f} s")
    whole, whole_rare = measures(firms), rare_event_error(firms)
    del firms
    designs = [make_design(options.scale, stratified) for stratified in (True, False)]
    results = [errors(design, whole, options.year, options.seeds, parents) for design in designs]
    (stratified, rare, rows), (equal, equal_rare, equal_rows) = results
    print(f"scale {options.scale}: {rows:,} rows stratified, {equal_rows:,} rows of equal weight; {options.seeds} seeds\n")
    print(f"{'measure':48s}{'1:1':>14s}{'stratified %':>14s}{'equal %':>10s}")
    for name, value in whole.items():
        print(f"{name:48s}{value:14,.0f}{100 * stratified[name]:14.2f}{100 * equal[name]:10.2f}")
    label = f"firms going abroad in a year (1:1 error {100 * whole_rare:.1f} %)"
    print(f"{label:48s}{EVENTS:14,.0f}{100 * rare:14.1f}{100 * equal_rare:10.1f}")


if __name__ == "__main__":
    main()
