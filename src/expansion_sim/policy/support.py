"""The support table of a year: what entitlements offer a small or other firm in each mode and host."""

from __future__ import annotations

import numpy as np

from expansion_sim.codes import HOSTS, MODES
from expansion_sim.policy.instruments import INSTRUMENTS
from expansion_sim.policy.programmes import Programme

#: One record per (small firm 0/1, mode). ``relief`` is the share of sunk cost taken over, per host; ``relief_any`` its largest value.
SUPPORT_DTYPE = np.dtype(
    [("relief", "f8", (len(HOSTS),))]
    + [(name, "f8") for name in ("relief_any", "relief_cap", "advice", "knowledge", "cover", "rate_discount", "insured", "use_cut")],
)
NO_CAP = 1e9
COMMON_PART = 0.45  # share of a collective plant's cost that is common (gain.cluster_saving)


def no_support() -> np.ndarray:
    """The table with nothing on offer, shape (2, 7)."""
    table = np.zeros((2, len(MODES)), SUPPORT_DTYPE)
    table["relief_cap"] = NO_CAP
    return table


def support_table(programmes: list[Programme], year: int) -> tuple[np.ndarray, float]:
    """Entitlements open in ``year``.

    Args:
        programmes: All programmes of the scenario.
        year: Calendar year.

    Returns:
        The table, shape (2, 7), dtype :data:`SUPPORT_DTYPE`, and the share of extra foreign tax that is relieved at home. Programmes of one
        instrument add up to the instrument's limit.
    """
    table, relief_abroad = no_support(), 0.0
    totals: dict[tuple[str, int, int], float] = {}
    for programme in programmes:
        instrument = INSTRUMENTS[programme.instrument]
        if not programme.open_in(year) or instrument.lever == "award":
            continue
        strength = programme.strength(instrument.strength)
        if instrument.lever == "relief_abroad":
            relief_abroad = min(instrument.limit, relief_abroad + strength)
            continue
        for small in (0, 1):
            if programme.small_only and not small:
                continue
            for mode in programme.levers_in(instrument.lever):
                key = (programme.instrument, small, mode)
                added = min(strength, instrument.limit - totals.get(key, 0.0))
                totals[key] = totals.get(key, 0.0) + added
                if instrument.lever == "joint":  # joint grants and joint-site loans pay a part of the common part
                    add_lever(table[small, mode], "relief", added * COMMON_PART, programme)
                else:
                    add_lever(table[small, mode], instrument.lever, added, programme)
    table["relief_any"] = table["relief"].max(axis=2)
    return table, relief_abroad


def add_lever(cell: np.void, lever: str, strength: float, programme: Programme) -> None:
    """Add one programme's strength to a cell; a relief acts in the programme's hosts only."""
    if lever == "relief":
        cell["relief"][programme.host_rows] = np.minimum(0.8, cell["relief"][programme.host_rows] + strength)
    else:
        cell[lever] += strength

