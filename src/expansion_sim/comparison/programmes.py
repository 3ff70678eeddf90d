"""Programme by programme: how many of its users took a step that they would not have taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from expansion_sim.codes import HOME, HOSTS, MODES
from expansion_sim.comparison.abroad import codes_of
from expansion_sim.policy.record import scenario_programmes

#: Events that tell of an entry.
ENTRIES = ("enter", "add_host", "switch")
#: Weighted users, and how they are judged.
JUDGED = ("users", "additional", "deadweight", "stayed_home", "brought_forward", "newcomers", "newcomers_additional")
PROGRAMME_COLUMNS = ("world", "year", "programme", "instrument", "applications", "awards", "spending_million_yen", *JUDGED, "served")


class Used(NamedTuple):
    """What the users of one world did.

    Attributes:
        uses: Uses of programmes, judged, USE_DTYPE of :mod:`expansion_sim.comparison.users`.
        programmes: Name and instrument of each programme by row.
        table: Table of programmes of the world: what the agencies booked.
        events: Table of events of the world.
        served: (year, programme, weighted firms) of programmes that serve firms at large; None where it is not known.
    """

    uses: np.ndarray
    programmes: Sequence[tuple[str, str]]
    table: pd.DataFrame
    events: pd.DataFrame
    served: Sequence[tuple[int, str, float]] | None = None


def same_programmes(base: Any, other: Any) -> list[str]:
    """Names of the programmes that both worlds have on the same terms, in order.

    Args:
        base: ``Scenario.support`` of the reference.
        other: The same of the world compared with it.
    """
    mine, theirs = ({programme.name: replace(programme, id="") for programme in scenario_programmes(support)} for support in (base, other))
    return sorted(name for name, programme in mine.items() if theirs.get(name) == programme)


def programmes_differ(comparison: Any) -> bool:
    """Whether the two worlds differ in support at all, so that a cost per additional firm has a meaning; true where that is not known.

    Args:
        comparison: A :class:`expansion_sim.comparison.Comparison`.
    """
    same = comparison.record.get("same_programmes")
    return same is None or not set(comparison.programmes["programme"].astype(str)) <= set(same)


def programme_use(base: Used, other: Used) -> pd.DataFrame:
    """Users of every programme in both worlds, judged by the counterpart.

    Args:
        base: The reference.
        other: The world compared with it.

    Returns:
        PROGRAMME_COLUMNS. A user is a firm that took a supported step (entered a mode, market or host) in that year; additional
        ones had not taken it in the counterpart by the end of the year (nor taken it that year and given it up again), the rest is
        deadweight; ``brought_forward`` are those additional ones that take it there in a later year of the comparison. Firms that
        registered are additional when they enter anything from then on, and nothing in the counterpart; ``stayed_home`` are those
        that enter nothing. ``newcomers`` are users whose first step abroad it was, ``newcomers_additional`` the additional ones
        among them. Applications, awards and spending are those of the table of programmes, which counts awards when they are
        promised; NaN for programmes that book nothing. ``served`` are firms that advice or matching without places served in that year:
        an expected number, from chances that nobody draws, so that no firm is named and none is judged; NaN where runs do not tell it.
    """
    worlds = (("base", base, other), ("other", other, base))
    found = [_by_programme(name, here, _use_frame(here.uses, here.events, there.events)) for name, here, there in worlds]
    return pd.concat(found, ignore_index=True)[list(PROGRAMME_COLUMNS)]


def _use_frame(uses: np.ndarray, events: pd.DataFrame, counterpart_events: pd.DataFrame) -> pd.DataFrame:
    """Weighted users with their judgement, one row per use."""
    frame = pd.DataFrame({name: uses[name] for name in ("year", "programme", "firm", "mode", "host", "weight", "additional")})
    frame["additional"] &= ~same_step(frame, counterpart_events)
    keys = pd.MultiIndex.from_frame(frame[["firm", "mode", "host"]])
    forward = frame["additional"] & (last_entries(counterpart_events).reindex(keys).to_numpy() > frame["year"])
    registered = frame["mode"] == HOME
    here, there = (_since(table, frame) for table in (events, counterpart_events))
    additional = frame["additional"].where(~registered, here & ~there)
    stayed = registered & ~here
    new = first_steps(frame, events) & ~registered
    masks = (frame["weight"] > 0.0, additional, ~additional & ~stayed, stayed, forward & ~registered, new, new & additional)
    return frame.assign(**{name: frame["weight"].where(mask, 0.0) for name, mask in zip(JUDGED, masks, strict=True)})


def same_step(uses: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    """Whether each user entered the same mode and host in the same year there, left again by the end of the year or not; shape (n,).

    A use whose host is not known is compared by its mode. A firm and year have one entry.
    """
    entries = events[events["event"].isin(ENTRIES)].drop_duplicates(["firm", "year"])
    keys = [entries["firm"].to_numpy(), entries["year"].to_numpy(int)]
    codes = pd.DataFrame({"mode": codes_of(entries["mode"], MODES), "host": codes_of(entries["host"], HOSTS)}, pd.MultiIndex.from_arrays(keys))
    there = codes.reindex(pd.MultiIndex.from_arrays([uses["firm"], uses["year"].astype(int)]))
    host = uses["host"].to_numpy()
    return np.asarray((there["mode"].to_numpy() == uses["mode"].to_numpy()) & ((host < 0) | (there["host"].to_numpy() == host)))


def first_steps(uses: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    """Whether each use was for the firm's first entry into anything abroad, shape (n,)."""
    first = events[events["event"].isin(ENTRIES)].groupby("firm")["year"].min()
    return np.asarray(first.reindex(uses["firm"]).to_numpy() == uses["year"].to_numpy())


def _since(events: pd.DataFrame, uses: pd.DataFrame) -> np.ndarray:
    """Whether the firm of each use entered anything in the year of the use or later."""
    entries = events[events["event"].isin(ENTRIES)]
    last = entries.groupby("firm")["year"].max().astype(float)
    return np.asarray(last.reindex(uses["firm"]).to_numpy() >= uses["year"].to_numpy())


def last_entries(events: pd.DataFrame) -> pd.Series:
    """Last year in which each firm entered each mode and host, by (firm, mode, host) in codes."""
    entries = events[events["event"].isin(ENTRIES)]
    codes = {"firm": entries["firm"].to_numpy()}
    codes["mode"] = codes_of(entries["mode"], MODES)
    codes["host"] = codes_of(entries["host"], HOSTS)
    return entries["year"].astype(float).groupby([codes["firm"], codes["mode"], codes["host"]]).max()


def _by_programme(world: str, used: Used, uses: pd.DataFrame) -> pd.DataFrame:
    """Sums by year and programme, beside what the agencies booked."""
    names = np.array([name for name, _ in used.programmes], dtype=object)
    uses = uses.assign(programme=names[uses["programme"].to_numpy()] if names.size else "")
    summed = uses.groupby(["year", "programme"])[list(JUDGED)].sum().reset_index()
    booked = used.table[["year", "programme", "applications", "awards", "spending_million_yen"]]
    booked = booked.assign(programme=booked["programme"].astype(object))
    whole = booked.merge(summed, on=["year", "programme"], how="outer", sort=True).fillna(dict.fromkeys(JUDGED, 0.0))
    served = None if used.served is None else {(year, name): firms for year, name, firms in used.served}
    keys = zip(whole["year"], whole["programme"], strict=True)
    whole = whole.assign(served=np.nan if served is None else [served.get(key, 0.0) for key in keys])
    return whole.assign(world=world, instrument=whole["programme"].map(dict(used.programmes)).astype(object))
