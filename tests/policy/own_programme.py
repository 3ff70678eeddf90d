"""Lively worlds whose only support is one programme of our own."""

from __future__ import annotations

from pathlib import Path

from worlds import build, steps

from expansion_sim.model import ExpansionModel
from expansion_sim.policy.record import historical_programmes

LIVELY = """
[parameters]
attention.base = 0.05
attention.decide = 0.5
sunk.direct = 15.0  # costs weigh heavily, so that a grant shows in a small sample
fixed.direct = 4.0
band.discount = 0.3
choice.gain = 3.0
export.distance = 0.0  # distant markets within reach
product.to_order = 0.0  # everybody has something to sell abroad
product.to_order_supplier = 0.0
export.rivalry = 0.0
"""
SCALE = 0.005
HEARD_OF = "support.office_contact = 0.006\n"  # by more firms with a plan than there are places
TERMS = {"agency": "'Chamber'", "instrument": "'grant'", "start_year": "1962", "end_year": "1967", "rate_percent": "50.0",
         "cap_million_yen": "4.0", "places_per_year": "120.0", "effort_million_yen": "0.0", "modes": "['direct']", "hosts": "['USA', 'THA']"}


def world(folder: Path, years: int, parameters: str = HEARD_OF, **terms: str) -> ExpansionModel:
    """Some years of a lively world whose only programme is "Market test"."""
    lines = "\n".join(f"{key} = {value}" for key, value in {**TERMS, **terms}.items())
    disabled = [programme.id for programme in historical_programmes()]
    path = folder / "own.toml"
    path.write_text(f'schema_version = 1\nextends = "history"\n{LIVELY}{parameters}\n[support]\ndisable = {disabled}\n'
                    f'[[support.programme]]\nname = "Market test"\n{lines}\n', encoding="utf-8")
    return steps(build(str(path), SCALE), years)
