"""Programme by programme: how many of its users took a step that they would not have taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from expansion_sim.codes import HOSTS, MODES

PROGRAMME_COLUMNS = (
    "world", "year", "programme", "instrument", "applications", "awards", "spending_million_yen", "users", "additional", "deadweight",
    "brought_forward",
)


def programme_use(base: Any, other: Any, frames: Sequence[Any]) -> pd.DataFrame:
    """Users of every programme in both worlds, judged by the counterpart.

    Args:
        base: Stepped world of the reference, with ``model.programmes`` and ``uses``.
        other: The same for the world compared with it.
        frames: Tables of BASE and OTHER.

    Returns:
        PROGRAMME_COLUMNS. A user is a firm that took a supported step (entered a mode, market or host) in that year; additional ones
        had not taken it in the counterpart by the end of the year, the rest is deadweight; ``brought_forward`` are those additional
        ones that take it there in a later year of the comparison. Applications, awards and spending are those of the table of
        programmes, which counts awards when they are promised; NaN for entitlements that book none.
    """
    found = []
    for world, stepped, mine, counterpart in (("base", base, 0, 1), ("other", other, 1, 0)):
        uses = _use_frame(np.concatenate(stepped.uses), frames[counterpart].events)
        found.append(_by_programme(world, uses, stepped.model.programmes, frames[mine].programmes))
    return pd.concat(found, ignore_index=True)[list(PROGRAMME_COLUMNS)]


def _use_frame(uses: np.ndarray, counterpart_events: pd.DataFrame) -> pd.DataFrame:
    """Weighted users with their judgement, one row per use."""
    frame = pd.DataFrame({name: uses[name] for name in ("year", "programme", "firm", "mode", "host", "weight", "additional")})
    later = last_entries(counterpart_events)
    keys = pd.MultiIndex.from_frame(frame[["firm", "mode", "host"]])
    last = later.reindex(keys).to_numpy()
    forward = frame["additional"] & (last > frame["year"])
    return frame.assign(
        additional=frame["weight"].where(frame["additional"], 0.0), deadweight=frame["weight"].where(~frame["additional"], 0.0),
        brought_forward=frame["weight"].where(forward, 0.0),
    )


def last_entries(events: pd.DataFrame) -> pd.Series:
    """Last year in which each firm entered each mode and host, by (firm, mode, host) in codes."""
    entries = events[events["event"].isin(["enter", "add_host", "switch"])]
    codes = {"firm": entries["firm"].to_numpy()}
    codes["mode"] = pd.Categorical(entries["mode"], categories=MODES).codes
    codes["host"] = pd.Categorical(entries["host"], categories=HOSTS).codes
    return entries["year"].astype(float).groupby([codes["firm"], codes["mode"], codes["host"]]).max()


def _by_programme(world: str, uses: pd.DataFrame, programmes: Sequence[Any], table: pd.DataFrame) -> pd.DataFrame:
    """Sums by year and programme, beside what the agencies booked."""
    names = np.array([programme.name for programme in programmes], dtype=object)
    kinds = {programme.name: programme.instrument for programme in programmes}
    uses = uses.assign(programme=names[uses["programme"].to_numpy()] if len(names) else "", users=uses["weight"])
    summed = uses.groupby(["year", "programme"])[["users", "additional", "deadweight", "brought_forward"]].sum().reset_index()
    booked = table[["year", "programme", "applications", "awards", "spending_million_yen"]]
    booked = booked.assign(programme=booked["programme"].astype(object))
    whole = booked.merge(summed, on=["year", "programme"], how="outer", sort=True)
    filled = {name: 0.0 for name in ("users", "additional", "deadweight", "brought_forward")}
    whole = whole.fillna(filled)
    return whole.assign(world=world, instrument=whole["programme"].map(kinds).astype(object))
