"""Planted cases and what the EMA workbench's PRIM finds in them, stored for machines without the workbench.

    pip install ema_workbench
    python tests/experiment/prim_reference.py      # writes prim_reference.json beside this file

The workbench is no dependency: it needs a package under the GPL. Where it is installed, ``test_analysis_prim.py`` asks it again.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

STORED = Path(__file__).with_suffix(".json")
#: Cases, seed, share peeled off at a time, and the peel whose quasi-p-values are kept.
COUNT, SEED, ALPHA, STEP = 400, 9, 0.05, 25


def planted(count: int = 2000, seed: int = 3) -> tuple[pd.DataFrame, np.ndarray]:
    """Uniform cases in five dimensions; of interest where x < .3 and y > .6."""
    cases = pd.DataFrame(np.random.default_rng(seed).random((count, 5)), columns=list("xyzuv"))
    return cases, ((cases["x"] < 0.3) & (cases["y"] > 0.6)).to_numpy()


def workbench(count: int = COUNT, seed: int = SEED) -> dict[str, list[float] | dict[str, list[float]]]:
    """The workbench's peels, without those after which it widens the box again, and its quasi-p-values at one of them.

    Returns:
        density, coverage, mass and restricted (number of restricted factors) of every peel; limits of the box (low, high by factor)
        and quasi_p (low, high by factor; -1 where a side is not restricted) at peel STEP.
    """
    from ema_workbench.analysis.prim import Prim

    cases, interest = planted(count, seed)
    box = Prim(cases, interest, threshold=0.1, peel_alpha=ALPHA).find_box()
    peels = box.peeling_trajectory
    peels = peels[: int(peels["mass"].argmin()) + 1]
    limits = box.box_lims[STEP]
    whole = box.box_lims[0]
    restricted = [name for name in cases if not limits[name].equals(whole[name])]
    chances = box._calculate_quasi_p(STEP, restricted)
    found = {name: peels[name].tolist() for name in ("density", "coverage", "mass")}
    return found | {
        "restricted": peels["res_dim"].tolist(),
        "limits": {name: limits[name].tolist() for name in restricted},
        "quasi_p": {name: [float(chance) for chance in chances[name]] for name in restricted},
    }


if __name__ == "__main__":
    told = {"ema_workbench": version("ema_workbench"), "cases": COUNT, "seed": SEED, "alpha": ALPHA, "step": STEP} | workbench()
    STORED.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
