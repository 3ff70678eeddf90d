"""Programmes with which firms register: interested firms that hear of them get advice, and agencies keep them in view."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from expansion_sim.behaviour.applications import probability_of_hearing
from expansion_sim.behaviour.attention import people_factor
from expansion_sim.behaviour.kernel import ALIVE, HAS_EVENT
from expansion_sim.behaviour.public_support import AWARD_BIT
from expansion_sim.codes import ECOMMERCE, INDIRECT
from expansion_sim.policy.eligibility import serves
from expansion_sim.policy.programmes import Programme
from expansion_sim.randomness import Stream, uniform4

REGISTRATION = int(Stream.REGISTRATION)
EXPORTS = range(INDIRECT, ECOMMERCE + 1)


def register_firms(model: Any, table: np.ndarray) -> None:
    """Let firms register with every open programme that takes registrations; nobody registers twice.

    Args:
        model: The model; interest, knowledge and ``awarded`` of those registered are written.
        table: Table of the year, changed in place.
    """
    model.registered = []
    for entry in table:
        row = int(entry["programme"])
        if model.programmes[row].registers:
            programme = model.programmes[row].at(model.year)
            entry["applications"], entry["awards"] = register(model, row, programme)


def register(model: Any, row: int, programme: Programme) -> tuple[float, float]:
    """Registrations with one programme; applications and awards as weighted firms."""
    firms, agency = model.population.firms, model.agency_of_row[row]
    part = programme.part * open_part(model.programmes[row], programme)
    queue, luck = queue_of(firms, agency.contact, part, programme.draw_key, 1 << row, model.world)
    rows = np.flatnonzero(queue > 0.0)
    rows = rows[wanted(programme, firms, rows, model)]
    if rows.size == 0:
        return 0.0, 0.0
    weights = firms["weight"][rows].astype(float)
    places = agency.select(programme, -queue[rows], weights, np.ones(rows.size), luck[rows])
    served = rows[places > 0.0]
    advise(model, served, row)
    return float(weights.sum()), float(weights[places > 0.0].sum())


def open_part(stated: Programme, programme: Programme) -> float:
    """Share of the year in which a programme is open: its places now over its usual ones."""
    usual = stated.places or 0.0
    return min(1.0, (programme.places or 0.0) / usual) if usual > 0.0 and not stated.dated else 1.0


def wanted(programme: Programme, firms: np.ndarray, rows: np.ndarray, model: Any) -> np.ndarray:
    """Which firms a programme registers: those it serves that are in none of its modes, shape (n,); exports count as one."""
    chosen = firms.take(rows)
    modes = [mode for mode in programme.modes if mode not in EXPORTS]
    if any(mode in EXPORTS for mode in programme.modes):
        modes += list(EXPORTS)
    used = np.zeros(rows.size, bool)
    for mode in modes:
        used |= (chosen["ever"] >> mode & 1) == 1
    return ~used & serves(programme, chosen, model)


@njit(cache=True)
def queue_of(firms: np.ndarray, contact: float, part: float, key: int, bit: int, world: np.ndarray
             ) -> tuple[np.ndarray, np.ndarray]:
    """Place in the queue of firms that hear of a programme, (0, 1), 0 for all others, and luck for the last places; shape (rows,).

    Firms with a plan listen with the attention of their people, interested ones less, others as far as advice makes firms look abroad.
    """
    c = world[0]
    y, p, seed = c[0][0], c[8][0], c[9]
    queue, luck = np.zeros(firms.size), np.zeros(firms.size)
    for i in range(firms.size):
        f = firms[i]
        if f.alive == 0 or f.awarded & bit:
            continue
        keen = 1.0 if f.wish_mode > 0 else p.support_interested if f.interested == 1 else p.attention_advice
        u = uniform4(seed, REGISTRATION, y.year + key, f.firm)
        if u[0] < probability_of_hearing(contact * keen, people_factor(f.employees, p.attention_size), part):
            queue[i], luck[i] = u[1], u[2]
    return queue, luck


def advise(model: Any, rows: np.ndarray, row: int) -> None:
    """Register firms: they are interested, learn of every group of hosts, and advisers work out a plan with them.

    The plan comes from public_support.chance_of_deciding; registered firms stand in the programme's list.
    """
    firms = model.population.firms
    firms["interested"][rows], firms["advised"][rows] = 1, model.year
    more = model.parameters[0]["support_registration_knowledge"]
    firms["knowledge"][rows] = np.minimum(1.0, firms["knowledge"][rows] + more)
    firms["awarded"][rows] |= np.int64(1 << row)
    model.registered.append((row, rows, firms["firm"][rows].copy()))


def tell_registrations(model: Any) -> None:
    """Mark registration among the events of the year, once the firms have lived through it."""
    firms = model.population.firms
    for row, rows, ids in model.registered:
        here = rows[(firms["firm"][rows] == ids) & (model.marks[rows] & ALIVE != 0)]
        firms["events"][here] |= AWARD_BIT
        firms["programme"][here] = row
        model.marks[here] |= HAS_EVENT
