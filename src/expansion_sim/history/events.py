"""Events of the record and the shocks they give to the drivers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from expansion_sim.codes import HOSTS
from expansion_sim.errors import InputError
from expansion_sim.history.metadata import nearest

#: What an event can move. Only ``credit`` and, for events of kind shock, ``risk`` and ``openness`` enter the drivers:
#: the others are already in the recorded series (tariffs, yen, growth) or in the programmes, and would count twice.
CHANNELS = (
    "capacity", "control", "credit", "demand", "ecommerce", "export", "freedom", "friction", "home_cost", "import", "interest",
    "openness", "risk", "support", "tariff", "trade", "yen",
)
SHOCK_SIZE = 0.5
SHOCK_DECAY = 0.5


def event_effects(events: pd.DataFrame) -> pd.DataFrame:
    """One row per event, host and channel.

    Args:
        events: Columns year, event, kind, host, channel, sign; several hosts or channels are separated by ``;`` and the
            signs stand in the order of the channels.

    Returns:
        Columns year, event, kind, host ('' for Japan or all), channel, sign (+1 or -1; yen +1 = appreciation,
        friction, risk, control and tariff +1 = more of it). Events that are outcomes have no row.

    Raises:
        InputError: An unknown host, channel or sign, or counts that differ.
    """
    rows = []
    for number, event in enumerate(events.itertuples(index=False)):
        channels = [c for c in event.channel.split(";") if c]
        signs = [s for s in event.sign.split(";") if s]
        _check_effects(event.host, channels, signs, number + 2)
        for host in event.host.split(";"):
            for channel, sign in zip(channels, signs, strict=True):
                rows.append((int(event.year), event.event, event.kind, host, channel, 1 if sign == "+" else -1))
    return pd.DataFrame(rows, columns=["year", "event", "kind", "host", "channel", "sign"])


def _check_effects(hosts: str, channels: list[str], signs: list[str], line: int) -> None:
    for host in hosts.split(";"):
        if host and host not in HOSTS:
            raise InputError(f"unknown host {host}; {nearest(host, list(HOSTS))}", file="events.csv", key="host", line=line)
    for channel in channels:
        if channel not in CHANNELS:
            problem = f"unknown channel {channel}; {nearest(channel, list(CHANNELS))}"
            raise InputError(problem, file="events.csv", key="channel", line=line)
    if len(channels) != len(signs) or any(s not in ("+", "-") for s in signs):
        raise InputError("needs one sign + or - for each channel", file="events.csv", key="sign", line=line)


def decaying_shocks(years: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Sum of shocks that halve each year after they strike.

    Args:
        years: Years asked for, shape (n,).
        starts: Year of each shock, shape (k,).
        sizes: Size of each shock in its first year, shape (k,).

    Returns:
        Shape (n,), in the units of ``sizes``.
    """
    age = years[:, None] - starts[None, :]
    return np.where(age >= 0, SHOCK_DECAY ** np.maximum(age, 0), 0.0) @ sizes


def credit_shocks(effects: pd.DataFrame, years: np.ndarray) -> np.ndarray:
    """Credit events as additions to the credit stance, shape (n,): half a point, halving each year."""
    rows = effects[effects["channel"] == "credit"]
    return decaying_shocks(years, rows["year"].to_numpy(), SHOCK_SIZE * rows["sign"].to_numpy(float))


def risk_shocks(effects: pd.DataFrame, years: np.ndarray) -> np.ndarray:
    """Shock events at hosts as additions to risk, shape (n, 16): .5 for more risk or less openness, halving each year."""
    rows = effects[(effects["kind"] == "shock") & effects["channel"].isin(["risk", "openness"])]
    hosts, starts = rows["host"].to_numpy(), rows["year"].to_numpy()
    sizes = SHOCK_SIZE * np.where(rows["channel"] == "openness", -1.0, 1.0) * rows["sign"].to_numpy(float)
    result = np.zeros((len(years), len(HOSTS)))
    for column, host in enumerate(HOSTS):
        mine = hosts == host  # arrays, because pandas takes half a millisecond to choose rows, once for every host and run
        result[:, column] = decaying_shocks(years, starts[mine], sizes[mine])
    return result
