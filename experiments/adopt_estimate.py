"""Take the estimate of a calibration over into the shipped parameters, and its posterior into the package.

    python experiments/adopt_estimate.py runs/calibration

rewrites the values (nothing else) in ``parameters.toml`` and ``behaviour/industries.toml`` and writes
``calibration/data/posterior.csv``, a thinned posterior with few digits. Look at the difference before committing it.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

import pandas as pd

import expansion_sim
from expansion_sim.calibration.report import significant
from expansion_sim.calibration.writing import write_text
from expansion_sim.codes import INDUSTRIES
from expansion_sim.parameters import INDUSTRY, all_parameters
from expansion_sim.whole_files import aside

PACKAGE = Path(expansion_sim.__file__).parent
ROWS = 200


def with_value(text: str, name: str, value: float) -> str:
    """The text of ``parameters.toml`` with one value replaced.

    Raises:
        SystemExit: The parameter does not stand there once.
    """
    section, key = name.split(".")
    pattern = re.compile(rf"(^\[{section}\]$(?:\n(?!\[).*)*?\n{key} *= *\{{ *value *= *)[^,]+", re.MULTILINE)
    changed, count = pattern.subn(lambda match: f"{match[1]}{value!r}", text)
    if count != 1:
        raise SystemExit(f"{name} stands {count} times in parameters.toml")
    return changed


def with_industry_value(text: str, name: str, value: float) -> str:
    """The text of ``industries.toml`` with one value of one row replaced."""
    _, industry, key = name.split(".")
    row = tomllib.loads(text)["values"][key]
    row[INDUSTRIES.index(industry)] = value
    return re.sub(rf"^({key} *= *)\[.*\]", lambda match: f"{match[1]}{row!r}", text, count=1, flags=re.MULTILINE)


def main() -> None:
    """Rewrite the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calibration", type=Path, help="folder of a finished calibration")
    folder = parser.parse_args().calibration
    rules, industries = PACKAGE / "parameters.toml", PACKAGE / "behaviour" / "industries.toml"
    texts = {path: path.read_text(encoding="utf-8") for path in (rules, industries)}
    known = all_parameters()
    for row in pd.read_csv(folder / "parameters.csv").to_dict("records"):
        name = row["parameter"]
        value = min(max(significant(row["estimate"]), known[name].low), known[name].high)
        if name.startswith(f"{INDUSTRY}."):
            texts[industries] = with_industry_value(texts[industries], name, value)
        else:
            texts[rules] = with_value(texts[rules], name, value)
    for path, text in texts.items():
        tomllib.loads(text)
        write_text(path, text)
    posterior = pd.read_parquet(folder / "posterior.parquet").head(ROWS)
    within = {name: posterior[name].clip(known[name].low, known[name].high) for name in posterior}
    with aside(PACKAGE / "calibration" / "data" / "posterior.csv") as temporary:
        pd.DataFrame(within).map(significant).to_csv(temporary, index=False, lineterminator="\n")
    print(f"{rules}, {industries} and calibration/data/posterior.csv are rewritten; look at the difference")


if __name__ == "__main__":
    main()
