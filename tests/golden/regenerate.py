"""Write the golden numbers anew: ``python tests/golden/regenerate.py``.

Do so after a deliberate change of rules, parameters or data, look at the difference, and say in the changelog why it changed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("history_small.json")
SCALE, SEED = 0.002, 1
MODES = ("indirect", "direct", "ecommerce", "contract", "fdi", "cluster")
STOCKS = (
    "firms", "abroad", "interested", "employees", "home_sales", "export_sales", "plant_sales", "foreign_jobs", "profit", "cash",
    "debt",
)


def measured() -> dict[str, Any]:
    """A few dozen numbers of a small run of history, 1955-2024, by group and name."""
    from expansion_sim.model import ExpansionModel
    from expansion_sim.results.frames import series

    model = ExpansionModel("history", rng=SEED, scale=SCALE).run()
    frames = model.recorder.frames()
    yearly, events = frames.yearly, frames.events.astype({"weight": "float64"})
    entered = events[events["event"] == "enter"]
    projects = events[events["event"].isin(["enter", "add_host"]) & events["mode"].isin(["fdi", "cluster"])]
    decades = entered.assign(decade=entered["year"] // 10 * 10).groupby(["mode", "decade"], observed=True)["weight"].sum()
    by_host = projects.groupby("host", observed=True)["weight"].sum()
    table = {
        "stocks": {f"{name} {year}": float(series(yearly, name)[0][year]) for name in STOCKS for year in (1970, 1990, 2024)},
        "firms in mode": {f"{mode} {year}": float(series(yearly, "firms_in_mode", mode=mode)[0][year])
                          for mode in MODES for year in (1970, 1990, 2010, 2024)},
        "entries": {f"{mode} {decade}s": float(decades.get((mode, decade), 0.0))
                    for mode in MODES for decade in range(1950, 2030, 10)},
        "host shares of projects": {str(host): float(share) for host, share in (by_host / by_host.sum()).items()},
        "events": {str(name): int(number) for name, number in events["event"].value_counts(sort=False).items()},
        "programmes": {name: float(frames.programmes[name].sum()) for name in ("applications", "awards", "spending_million_yen")},
        "customers": {"share abroad 2024": float(model.customers["offshore_total"].mean())},
        "surveys": {"measured": len(frames.surveys)},
    }
    return {group: dict(sorted(values.items())) for group, values in table.items()}


def main() -> None:
    """Measure and write."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
    FILE.write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
