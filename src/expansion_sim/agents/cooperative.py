"""Cooperatives: how firms of one district and family come together for a collective plant, and how they part."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
from numba import njit

from expansion_sim.behaviour.collective import leader_of, seat
from expansion_sim.behaviour.cooperation import meetings_expected
from expansion_sim.behaviour.kernel import LOOKS_AROUND, marked
from expansion_sim.codes import CLUSTER, DISTRICTS, ELSEWHERE, HOME, HOST_NAMES
from expansion_sim.population.draws import uniforms
from expansion_sim.randomness import Stream

#: The smallest group as a share of the largest; sizes between are equally likely.
SMALLEST = 0.15


class Cooperative(mesa.Agent):
    """A group of firms with a collective plant.

    Args:
        model: The model.
        number: Identity written into the members' column ``cooperative``.
        district: Position in codes.DISTRICTS.
        family: Family of industries that can share a plant.
        host: Position in codes.HOSTS.
        members: Firms in one such group.
        groups: How many such groups of the country it stands for, 1 at full scale.
    """

    def __init__(self, model: Any, number: int, district: int, family: int, host: int, members: float, groups: float) -> None:
        super().__init__(model)
        self.number, self.district, self.family, self.host = number, district, family, host
        self.members, self.groups = members, groups
        self.founded = model.year
        self.name = f"{DISTRICTS[district]} group in {HOST_NAMES[host]}, {model.year}"

    def step(self) -> None:
        """Dissolve when no member is left after the founding year."""
        if self.model.year > self.founded and self.number not in self.model.cooperatives_alive:
            self.remove()


def count_members(model: Any, rows: np.ndarray) -> dict[int, float]:
    """Write into the members' records how many share each collective plant this year.

    A member that leaves raises the others' part of the common cost, so one departure can bring on the next.

    Args:
        model: The model.
        rows: Rows that may hold members.

    Returns:
        Members by number of the cooperative; groups without members are missing.
    """
    firms = model.population.firms
    rows, numbers, counts, weights = add_up_members(firms, rows)
    groups = {group.number: group for group in model.made_agents(Cooperative)}
    members, shared = {}, np.zeros(weights.size)
    for number in np.flatnonzero(counts).tolist():
        group = groups[number]
        group.members = members[number] = shared[number] = float(weights[number]) / group.groups
    firms["members"][rows] = shared[numbers]
    return members


@njit(cache=True)
def add_up_members(firms: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Members among some rows, and rows and firms of the country in each group.

    Args:
        firms: Shape (all rows,), FIRM_DTYPE.
        rows: Rows that may hold members.

    Returns:
        Rows of members and the number of the group of each, shape (n,); rows and weighted firms by number of the group, shape (groups,).
    """
    members, numbers, found, highest = np.empty(rows.size, np.int64), np.empty(rows.size, np.int64), 0, -1
    for row in rows:
        f = firms[row]
        if f.alive == 1 and f.cooperative >= 0:
            members[found], numbers[found] = row, f.cooperative
            highest = max(highest, numbers[found])
            found += 1
    counts, weights = np.zeros(highest + 1, np.int64), np.zeros(highest + 1)
    for i in range(found):
        counts[numbers[i]] += 1
        weights[numbers[i]] += firms[members[i]].weight
    return members[:found], numbers[:found], counts, weights


def recruit(model: Any, planners: np.ndarray) -> tuple[int, float]:
    """Let leaders call meetings and found cooperatives around last year's plans for a collective plant.

    Args:
        model: The model; members' columns ``cooperative``, ``members`` and, for those who join without a plan, the plan are written.
        planners: Rows with a plan.

    Returns:
        Firms with such a plan and groups founded, both as numbers of the country.
    """
    firms, p = model.population.firms, model.parameters[0]
    family = model.industries["family"].astype(np.int64)
    rows, keys = plans_together(firms, planners, family)
    if rows.size == 0:
        return 0, 0.0
    looking = marked(model.marks, LOOKS_AROUND)
    places = places_of(firms, looking, family)
    founded = sum(call_meeting(model, rows[keys == key], looking[places == key // 16], key, p) for key in sorted(set(keys.tolist())))
    return round(float(firms["weight"][rows].sum())), founded


@njit(cache=True)
def plans_together(firms: np.ndarray, planners: np.ndarray, family: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which of the rows with a plan plan a collective plant, and district, family and host of each in one number; shape (n,)."""
    rows, keys, found = np.empty(planners.size, np.int64), np.empty(planners.size, np.int64), 0
    for row in planners:
        f = firms[row]
        if f.wish_mode == CLUSTER and f.district != ELSEWHERE:
            rows[found], keys[found] = row, (f.district * 8 + family[f.industry]) * 16 + f.wish_host
            found += 1
    return rows[:found], keys[:found]


@njit(cache=True)
def places_of(firms: np.ndarray, rows: np.ndarray, family: np.ndarray) -> np.ndarray:
    """District and family of firms in one number, shape (n,)."""
    places = np.empty(rows.size, np.int64)
    for i in range(rows.size):
        places[i] = firms[rows[i]].district * 8 + family[firms[rows[i]].industry]
    return places


def call_meeting(model: Any, rows: np.ndarray, looking: np.ndarray, key: int, p: np.void) -> float:
    """One district, family and host: a leader invites, firms accept, a group is founded at quorum.

    In a sample a row stands for many firms, so one meeting of the table stands for several; expected groups and members do not
    depend on the scale.

    Args:
        model: The model.
        rows: Firms with the same plan.
        looking: Firms of the district and family that may be invited.
        key: District, family and host in one number.
        p: Parameter record.

    Returns:
        Groups founded, as a number of the country.
    """
    firms = model.population.firms
    leader = leader_of(firms, rows)
    luck = uniforms(model.seed, int(Stream.COOPERATIVE), model.year, firms["firm"][[leader]].astype(np.int64))[0]
    meetings = meetings_expected(float(firms["weight"][rows].sum()), p["cooperative_lead"])
    if luck[0] >= meetings:
        return 0.0
    size = max(p["cooperative_quorum"], p["cooperative_largest"] * (SMALLEST + (1.0 - SMALLEST) * float(luck[2])))
    meetings = max(1.0, meetings)
    members = gather(model, rows, looking, leader, key, size, meetings * size, p)
    weight = float(firms["weight"][members].sum())
    if weight < p["cooperative_quorum"]:
        return 0.0
    size = min(size, weight)
    groups = weight / size
    model.cooperatives_founded += 1
    Cooperative(model, model.cooperatives_founded, key // 128, key // 16 % 8, key % 16, size, groups)
    firms["cooperative"][members] = model.cooperatives_founded
    firms["members"][members] = size
    firms["wish_mode"][members], firms["wish_host"][members] = CLUSTER, key % 16
    return groups


def gather(model: Any, rows: np.ndarray, looking: np.ndarray, leader: int, key: int, size: float, room: float,
           p: np.void) -> np.ndarray:
    """Those who come to the meeting and join, the leader first, until the room is full.

    Args:
        model: The model.
        rows: Firms with the same plan.
        looking: Firms of the district and family that may be invited.
        leader: Row of the leader.
        key: District, family and host in one number.
        size: Members one group is planned for.
        room: Members of all groups that the meeting stands for.
        p: Parameter record.

    Returns:
        Rows of the members. A last row that stands for more firms than are wanted comes in by lot, so that the expected number is right.
    """
    firms = model.population.firms
    invited = np.concatenate([rows, neighbours(firms, looking)])
    draws = uniforms(model.seed, int(Stream.COOPERATIVE), model.year, firms["firm"][invited].astype(np.int64))
    ties = draws[:, 1] / np.where(np.arange(invited.size) < rows.size, p["cooperative_tie"], p["cooperative_tie"] * p["cooperative_neighbour"])
    ties[invited == leader] = -1.0
    near = np.flatnonzero(ties < 1.0)
    order = near[np.argsort(ties[near], kind="stable")]
    return seat(firms, invited[order], draws[order, 3], leader, model.world, key % 16, size, room)


def neighbours(firms: np.ndarray, looking: np.ndarray) -> np.ndarray:
    """Those of the firms that look around who are still there and have not joined another group this year; shape (n,)."""
    return looking[(firms["alive"][looking] == 1) & (firms["wish_mode"][looking] == HOME)]
