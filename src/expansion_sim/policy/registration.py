"""Programmes with which firms register: interested firms that hear of them get advice, and agencies keep them in view."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from expansion_sim.behaviour.applications import probability_of_hearing
from expansion_sim.behaviour.attention import MOST_PEOPLE, people_factor
from expansion_sim.behaviour.kernel import ALIVE, HAS_EVENT, HAS_PLAN, IS_ENTITLED
from expansion_sim.behaviour.phases.prospects import small_code
from expansion_sim.behaviour.public_support import AWARD_BIT, class_of, is_newcomer
from expansion_sim.behaviour.together import fetch_head, fetch_row
from expansion_sim.codes import ABROAD, ECOMMERCE, INDIRECT, INTERESTED, NOT_INTERESTED, PLANNING
from expansion_sim.policy.offers import bits, stated_offer
from expansion_sim.policy.programmes import Programme
from expansion_sim.randomness import WORD, Stream, as_uniforms, draw_words

AHEAD = 8  # rows that are asked for before they are needed
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
    population, agency, bit = model.population, model.agency_of_row[row], 1 << row
    part = programme.part * open_part(model.programmes[row], programme)
    rows, queue, luck, weights = queue_of(population.firms, population.identities, model.marks, stated_offer(programme), agency.contact, part,
                                          bit, modes_apart(programme), model.world)
    if rows.size == 0:
        return 0.0, 0.0
    places = agency.select(programme, -queue, weights, np.ones(rows.size), luck)
    served, ids = advise(population.firms, rows, places, bit, model.world)
    model.registered.append((row, served, ids))
    return float(weights.sum()), float(weights[places > 0.0].sum())


def open_part(stated: Programme, programme: Programme) -> float:
    """Share of the year in which a programme is open: its places now over its usual ones."""
    usual = stated.places or 0.0
    return min(1.0, (programme.places or 0.0) / usual) if usual > 0.0 and not stated.dated else 1.0


def modes_apart(programme: Programme) -> int:
    """Modes as bits of which a firm may have used none to register with a programme: those that it serves, where exports count as one."""
    return bits(programme.modes) | (bits(EXPORTS) if any(mode in EXPORTS for mode in programme.modes) else 0)


@njit(cache=True)
def queue_of(
    firms: np.ndarray, identities: np.ndarray, marks: np.ndarray, terms: np.ndarray, contact: float, part: float, bit: int, apart: int,
    world: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows of firms that hear of a programme and may register, places in the queue, (0, 1), luck for the last places, weights; each of shape (n,).

    All living firms draw, but few of them so that they may hear at all, with as many people as there can be; only the records of those are
    read. Interested firms are among those marked as entitled.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE.
        identities: Identities of the firms in these rows, of the same shape.
        marks: Their marks, of the same shape.
        terms: What the programme states, shape (1,), policy.offers.OFFER_DTYPE.
        contact: Rate at which its agency gets in touch with firms.
        part: Share of the firms that it may serve which it reaches this year.
        bit: The programme as a bit of ``awarded``.
        apart: See :func:`modes_apart`.
        world: Context of the year, shape (1,).
    """
    c, t = world[0], terms[0]
    year, p, seed = c[0][0].year + t.draw, c[8][0], c[9]
    keens = np.array([p.attention_advice, p.support_interested, 1.0, 1.0])
    near = who_may_hear(identities, marks, contact, part, keens, seed, year)
    rows, queue, luck, weights = np.empty(near.size, np.int64), np.empty(near.size), np.empty(near.size), np.empty(near.size)
    ids, words, heard, number = np.empty(TOGETHER, np.int64), np.empty((4, TOGETHER), np.uint32), np.empty(TOGETHER, np.int64), 0
    for start in range(0, near.size, TOGETHER):
        some, hearers = near[start : start + TOGETHER], 0
        for i in range(some.size):
            ids[i] = identities[some[i]]
        draw_words(words, seed, REGISTRATION, year, ids[: some.size])
        for i in range(some.size):
            fetch_head(firms, near[min(start + i + AHEAD, near.size - 1)])
            heard[hearers] = i
            hearers += hears(firms[some[i]], (words[0, i] + 0.5) * WORD, contact, part, bit, keens, p)
        for j in range(hearers):
            fetch_row(firms, some[heard[min(j + AHEAD, hearers - 1)]])
            i = heard[j]
            f = firms[some[i]]
            if f.ever & apart == 0 and serves(f, t, c):
                u = as_uniforms((words[0, i], words[1, i], words[2, i], words[3, i]))
                rows[number], queue[number], luck[number], weights[number] = some[i], u[1], u[2], f.weight
                number += 1
    return rows[:number], queue[:number], luck[:number], weights[:number]


@njit(cache=True)
def who_may_hear(
    identities: np.ndarray, marks: np.ndarray, contact: float, part: float, keens: np.ndarray, seed: int, year: int,
) -> np.ndarray:
    """Rows of the living firms that would hear of a programme with as many people as there can be, shape (n,); see :func:`queue_of`.

    Free rows draw as well: to leave them out first takes longer than their draws.
    """
    rows, number, words = np.empty(marks.size, np.int64), 0, np.empty((4, TOGETHER), np.uint32)
    near = np.zeros(TOGETHER, np.uint8)
    eights = near.view(np.uint64)
    with_plan = SURELY * probability_of_hearing(contact * keens.max(), MOST_PEOPLE, part)
    interested = SURELY * probability_of_hearing(contact * max(keens[0], keens[1]), MOST_PEOPLE, part)
    at_home = SURELY * probability_of_hearing(contact * keens[0], MOST_PEOPLE, part)
    for start in range(0, marks.size, TOGETHER):
        some = marks[start : start + TOGETHER]
        draw_words(words, seed, REGISTRATION, year, identities[start : start + TOGETHER])
        for i in range(some.size):
            most = with_plan if some[i] & HAS_PLAN else interested if some[i] & IS_ENTITLED else at_home
            near[i] = (some[i] & ALIVE != 0) & ((words[0, i] + 0.5) * WORD < most)
        near[some.size :] = 0
        for k in range(eights.size):
            if eights[k] != 0:  # of most eight rows none
                for i in range(8 * k, 8 * k + 8):
                    if near[i]:
                        rows[number] = start + i
                        number += 1
    return rows[:number]


@njit(cache=True)
def serves(f: np.record, t: np.record, c: np.record) -> bool:
    """Whether a programme may serve a firm by size, industry, district and stage."""
    stage = ABROAD if not is_newcomer(f) else PLANNING if f.wish_mode > 0 else INTERESTED if f.interested > 0 else NOT_INTERESTED
    served = t.stages >> stage & t.industries >> f.industry & t.districts >> f.district & t.size_classes >> class_of(f.employees) & 1
    return served == 1 and (t.small_only == 0 or small_code(f, c) == 1)


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


@njit(cache=True)
def advise(firms: np.ndarray, rows: np.ndarray, places: np.ndarray, bit: int, world: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Register firms: they are interested, learn of every group of hosts, and advisers work out a plan with them.

    The plan comes from public_support.chance_of_deciding.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE, changed in place.
        rows: Rows of those that want to register, shape (n,).
        places: Above zero for those that may, shape (n,).
        bit: The programme as a bit of ``awarded``.
        world: Context of the year, shape (1,).

    Returns:
        Rows and identities of those registered.
    """
    c, served, ids, number = world[0], np.empty(rows.size, np.int64), np.empty(rows.size, np.int64), 0
    year, more = c[0][0].year, c[8][0].support_registration_knowledge
    for i in range(rows.size):
        if places[i] > 0.0:
            f = firms[rows[i]]
            f.interested, f.advised = 1, year
            for group in range(f.knowledge.size):
                f.knowledge[group] = min(1.0, f.knowledge[group] + more)
            f.awarded |= np.int64(bit)
            served[number], ids[number] = rows[i], f.firm
            number += 1
    return served[:number], ids[:number]


def tell_registrations(model: Any) -> None:
    """Mark registration among the events of the year, once the firms have lived through it."""
    for row, rows, ids in model.registered:
        tell(model.population.firms, model.marks, rows, ids, row)


@njit(cache=True)
def tell(firms: np.ndarray, marks: np.ndarray, rows: np.ndarray, ids: np.ndarray, programme: int) -> None:
    """Mark registration with one programme in the records of those firms that still live, and their rows as rows with an event."""
    for i in range(rows.size):
        fetch_row(firms, rows[min(i + AHEAD, rows.size - 1)])
        f = firms[rows[i]]
        if f.firm == ids[i] and marks[rows[i]] & ALIVE:
            f.events |= AWARD_BIT
            f.programme = programme
            marks[rows[i]] |= HAS_EVENT
