"""What happened to a firm this year, written into its record: entries, exits, the closing of a plant and of the firm."""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.public_support import settle_closing
from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, EVENTS, FDI, HOME

(CLOSURE_BIT, DEFAULT_BIT, ENTER_BIT, LEAVE_BIT, SWITCH_BIT, RESHORE_BIT, AWARD_BIT, INVITED_BIT, DELISTED_BIT, ADD_BIT, DROP_BIT,
 SUCCESSION_BIT, UNFUNDED_BIT) = (
    1 << EVENTS.index(name) for name in ("closure", "default", "enter", "leave", "switch", "reshore", "award", "invited", "delisted",
                                         "add_host", "drop_host", "succession", "unfunded")
)
CHANNEL_BIT = np.array([0, 1, 2, 4, 0, 0, 0], dtype=np.int64)  # by mode


@njit(cache=True)
def clear_year(f) -> None:
    """Forget what happened last year."""
    f.events = 0
    f.event_mode, f.event_host = 0, -1
    f.left_modes, f.left_host, f.years_in_mode, f.unfunded = 0, -1, 0, 0
    f.borrowed, f.paid_out, f.invested = 0.0, 0.0, 0.0
    f.granted, f.clawed_back, f.lent, f.interest_saved = 0.0, 0.0, 0.0, 0.0
    f.written_off, f.called, f.called_abroad, f.tax_deferred = 0.0, 0.0, 0.0, 0.0


@njit(cache=True)
def clear_quiet_year(f) -> None:
    """:func:`clear_year` of a firm without an event; what lenders waived and tax put off are written anew every year that it lives."""
    f.borrowed, f.paid_out = 0.0, 0.0


@njit(cache=True)
def enter(f, mode: int, host: int, year: int) -> None:
    """Write an entry (or a further market or host) into the record."""
    new = f.since[mode] == 0
    if mode == DIRECT:
        f.markets |= 1 << host
    elif mode == CONTRACT:
        f.contract_hosts |= 1 << host
    elif mode == FDI:
        f.plant_hosts |= 1 << host
    elif mode == CLUSTER:
        f.cluster_hosts |= 1 << host
    f.channels |= CHANNEL_BIT[mode]
    if f.first_mode == HOME:
        f.first_mode, f.first_year = mode, year
    if new:
        f.since[mode] = year
    f.ever |= 1 << mode
    if f.award > 0.0 or f.lent > 0.0:
        f.supported |= 1 << mode
        f.subsidy += f.award
    if f.invited_host == host and (mode == FDI or mode == CLUSTER):
        f.followed = 1
        f.invited_host = -1
    f.events |= ENTER_BIT if new else ADD_BIT
    f.event_mode, f.event_host = mode, host


@njit(cache=True)
def leave(f, mode: int, host: int, year: int) -> None:
    """Write the end of a spell into the record."""
    f.left_modes |= 1 << mode
    f.years_in_mode = max(f.years_in_mode, year - f.since[mode])  # the longest of the spells that ended
    f.since[mode] = 0
    f.left[mode] = year
    f.left_host = host
    f.events |= LEAVE_BIT


@njit(cache=True)
def close_plant(f, mode: int, host: int, home: bool, year: int) -> None:
    """Close the plant in one host; the mode ends with its last host."""
    bit = 1 << host
    where = FDI if f.plant_hosts & bit else CLUSTER
    f.plant_hosts &= ~bit
    f.cluster_hosts &= ~bit
    if where == CLUSTER:
        f.cooperative = -1
    if (where == FDI and f.plant_hosts == 0) or (where == CLUSTER and f.cluster_hosts == 0):
        leave(f, where, host, year)
    else:
        f.events |= DROP_BIT
        f.left_host = host
    if home:
        f.events |= RESHORE_BIT
        f.reshored = year


@njit(cache=True)
def close(f, bit: int, year: int) -> None:
    """The firm ends; the modes it was in are noted so that stocks and flows balance."""
    for mode in range(1, 7):
        if f.since[mode] > 0:
            f.left_modes |= 1 << mode
            f.years_in_mode = max(f.years_in_mode, year - f.since[mode])
    settle_closing(f, bit)
    if f.left_modes == 0:
        f.events &= ~UNFUNDED_BIT  # the end of a firm at home is only counted, whatever it had planned
    f.events |= bit
    f.alive = 0
