"""Programmes with which firms register: interested firms that hear of them get advice, and agencies keep them in view."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from expansion_sim.behaviour.applications import probability_of_hearing
from expansion_sim.behaviour.attention import MOST_PEOPLE, people_factor
from expansion_sim.behaviour.kernel import ALIVE, HAS_EVENT, HAS_PLAN, IS_ENTITLED
from expansion_sim.behaviour.public_support import AWARD_BIT
from expansion_sim.behaviour.together import fetch_head
from expansion_sim.codes import ECOMMERCE, INDIRECT
from expansion_sim.policy.eligibility import serves
from expansion_sim.policy.programmes import Programme
from expansion_sim.population.population import taken
from expansion_sim.randomness import WORD, Stream, as_uniforms, draw_words

TOGETHER = 256  # rows whose draws are taken together
SURELY = 1.0 + 1e-9  # what a first look may not leave out for the sake of rounding
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
    population, agency = model.population, model.agency_of_row[row]
    firms = population.firms
    part = programme.part * open_part(model.programmes[row], programme)
    rows, queue, luck = queue_of(firms, population.identities, model.marks, agency.contact, part, programme.draw_key, 1 << row, model.world)
    wants = wanted(programme, firms, rows, model)
    rows = rows[wants]
    if rows.size == 0:
        return 0.0, 0.0
    weights = firms["weight"][rows].astype(float)
    places = agency.select(programme, -queue[wants], weights, np.ones(rows.size), luck[wants])
    served = rows[places > 0.0]
    advise(model, served, row)
    return float(weights.sum()), float(weights[places > 0.0].sum())


def open_part(stated: Programme, programme: Programme) -> float:
    """Share of the year in which a programme is open: its places now over its usual ones."""
    usual = stated.places or 0.0
    return min(1.0, (programme.places or 0.0) / usual) if usual > 0.0 and not stated.dated else 1.0


def wanted(programme: Programme, firms: np.ndarray, rows: np.ndarray, model: Any) -> np.ndarray:
    """Which firms a programme registers: those it serves that are in none of its modes, shape (n,); exports count as one."""
    chosen = taken(firms, rows)
    modes = [mode for mode in programme.modes if mode not in EXPORTS]
    if any(mode in EXPORTS for mode in programme.modes):
        modes += list(EXPORTS)
    used = np.zeros(rows.size, bool)
    for mode in modes:
        used |= (chosen["ever"] >> mode & 1) == 1
    return ~used & serves(programme, chosen, model)


@njit(cache=True)
def queue_of(
    firms: np.ndarray, identities: np.ndarray, marks: np.ndarray, contact: float, part: float, key: int, bit: int, world: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of firms that hear of a programme, their places in the queue, (0, 1), and luck for the last places; each of shape (n,).

    All living firms draw, but few of them so that they may hear at all, with as many people as there can be; only the records of those are
    read. Interested firms are among those marked as entitled.
    """
    c = world[0]
    y, p, seed = c[0][0], c[8][0], c[9]
    rows, queue, luck, number = np.empty(firms.size, np.int64), np.empty(firms.size), np.empty(firms.size), 0
    here, ids, words = np.empty(TOGETHER, np.int64), np.empty(TOGETHER, np.int64), np.empty((4, TOGETHER), np.uint32)
    near, keens = np.empty(TOGETHER, np.int64), np.array([p.attention_advice, p.support_interested, 1.0, 1.0])
    with_plan = SURELY * probability_of_hearing(contact * keens.max(), MOST_PEOPLE, part)
    interested = SURELY * probability_of_hearing(contact * max(keens[0], keens[1]), MOST_PEOPLE, part)
    at_home = SURELY * probability_of_hearing(contact * keens[0], MOST_PEOPLE, part)
    for start in range(0, firms.size, TOGETHER):
        found = living(identities, marks, start, min(start + TOGETHER, firms.size), here, ids)
        draw_words(words, seed, REGISTRATION, y.year + key, ids[:found])
        close = 0
        for i in range(found):
            near[close] = i
            mark = marks[here[i]]
            close += (words[0, i] + 0.5) * WORD < (with_plan if mark & HAS_PLAN else interested if mark & IS_ENTITLED else at_home)
        for i in near[:close]:
            fetch_head(firms, here[i])
        for i in near[:close]:
            u = as_uniforms((words[0, i], words[1, i], words[2, i], words[3, i]))
            if hears(firms[here[i]], u[0], contact, part, bit, keens, p):
                rows[number], queue[number], luck[number] = here[i], u[1], u[2]
                number += 1
    return rows[:number], queue[:number], luck[:number]


@njit(cache=True)
def living(identities: np.ndarray, marks: np.ndarray, start: int, stop: int, rows: np.ndarray, ids: np.ndarray) -> int:
    """Write living firms among some rows and their identities; returns their number."""
    number = 0
    for row in range(start, stop):
        rows[number], ids[number] = row, identities[row]  # written and counted without a branch: who lives cannot be foretold
        number += marks[row] & ALIVE != 0
    return number


@njit(cache=True)
def hears(f: np.record, u: float, contact: float, part: float, bit: int, keens: np.ndarray, p: np.record) -> bool:
    """Whether a firm hears of a programme that it is not registered with.

    Firms with a plan listen with the attention of their people, interested ones less, others as far as advice makes firms look abroad:
    ``keens`` of firms without interest, with interest, with a plan. 1 - e^-x is below x, so for a draw above ``part * contact * keen *
    MOST_PEOPLE`` the rest need not be asked.
    """
    keen = keens[2 * (f.wish_mode > 0) + (f.interested == 1)]
    if f.alive == 0 or f.awarded & bit or u >= part * contact * keen * MOST_PEOPLE:
        return False
    return u < probability_of_hearing(contact * keen, people_factor(f.employees, p.attention_size), part)


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
