"""Take the estimate of a calibration over into the shipped parameters, and its posterior into the package.

    python experiments/adopt_estimate.py runs/calibration

rewrites the values (nothing else) in ``parameters.toml`` and ``behaviour/industries.toml`` and writes
``calibration/data/posterior.csv``, a thinned posterior with few digits. Look at the difference before committing it.

    python experiments/adopt_estimate.py runs/calibration --recentre

leaves the values alone and moves the posterior to them: where the shipped values were refined after the calibration, its spread
still holds, but around another point.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

import expansion_sim
from expansion_sim.calibration.prior import GroupedParameter, Prior
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


def recentred(posterior: pd.DataFrame, parameters: pd.DataFrame, shipped: dict[str, float]) -> pd.DataFrame:
    """Draws moved to the shipped values: their medians, in the prior's coordinates, with the spread they have there.

    Args:
        posterior: Draws, one column per parameter.
        parameters: Table of parameters of the calibration: name, group, prior, scale, shipped value at the time.
        shipped: Values that ship now.

    Returns:
        Draws without the parameters whose shipped value lies outside the prior of the calibration: draws cannot surround it, so all keep it.
    """
    inside = [row.prior_low <= shipped[row.parameter] <= row.prior_high for row in parameters.itertuples()]
    outside, parameters = parameters["parameter"][[not within for within in inside]].tolist(), parameters[inside]
    if outside:
        print(f"set outside the prior of the calibration, so without draws: {', '.join(outside)}")
    prior = Prior([
        GroupedParameter(row.parameter, row.group, row.prior_low, row.prior_high, row.scale == "log", row.shipped)
        for row in parameters.itertuples()
    ])
    u = prior.coordinates(posterior[prior.names].to_numpy(float))
    centre = prior.coordinates(np.array([shipped[name] for name in prior.names]))
    return pd.DataFrame(prior.values(u + centre - np.median(u, axis=0)), columns=prior.names)


def rewrite_values(parameters: pd.DataFrame) -> None:
    """Write the estimates into the two files of values."""
    known, rules, industries = all_parameters(), PACKAGE / "parameters.toml", PACKAGE / "behaviour" / "industries.toml"
    texts = {path: path.read_text(encoding="utf-8") for path in (rules, industries)}
    for row in parameters.to_dict("records"):
        name = row["parameter"]
        value = min(max(significant(row["estimate"]), known[name].low), known[name].high)
        if name.startswith(f"{INDUSTRY}."):
            texts[industries] = with_industry_value(texts[industries], name, value)
        else:
            texts[rules] = with_value(texts[rules], name, value)
    for path, text in texts.items():
        tomllib.loads(text)
        write_text(path, text)
    print(f"{rules} and {industries} are rewritten")


def write_posterior(posterior: pd.DataFrame, path: Path) -> None:
    """Write draws with few digits, inside the declared ranges."""
    known = all_parameters()
    short = posterior.map(significant)
    within = {name: short[name].clip(known[name].low, known[name].high) for name in short}
    with aside(path) as temporary:
        pd.DataFrame(within).to_csv(temporary, index=False, lineterminator="\n")
    print(f"{path} is rewritten; look at the difference")


def main() -> None:
    """Rewrite the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calibration", type=Path, help="folder of a finished calibration")
    parser.add_argument("--recentre", action="store_true", help="keep the shipped values and move the posterior to them")
    parser.add_argument("--without", nargs="*", default=[], metavar="NAME", help="parameters that are no longer estimated and get no draws")
    asked = parser.parse_args()
    parameters = pd.read_csv(asked.calibration / "parameters.csv")
    posterior = pd.read_parquet(asked.calibration / "posterior.parquet").head(ROWS)
    if asked.recentre:
        posterior = recentred(posterior, parameters, {name: known.value for name, known in all_parameters().items()})
    else:
        rewrite_values(parameters)
    write_posterior(posterior.drop(columns=asked.without), PACKAGE / "calibration" / "data" / "posterior.csv")


if __name__ == "__main__":
    main()
