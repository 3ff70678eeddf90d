"""Cooperatives: how firms of one district and family come together for a collective plant, and how they part."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from expansion_sim.behaviour.collective import joins
from expansion_sim.behaviour.cooperation import leadership
from expansion_sim.codes import CLUSTER, DISTRICTS, ELSEWHERE, HOST_NAMES
from expansion_sim.population.draws import uniforms
from expansion_sim.randomness import Stream


class Cooperative(mesa.Agent):
    """A group of firms with a collective plant.

    Args:
        model: The model.
        number: Identity written into the members' column ``cooperative``.
        district: Position in codes.DISTRICTS.
        family: Family of industries that can share a plant.
        host: Position in codes.HOSTS.
        members: Firms it was founded with, weighted and capped at the largest size.
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


def numbers_in_use(firms: np.ndarray, rows: np.ndarray) -> frozenset[int]:
    """Numbers of the cooperatives that the living firms in some rows belong to.

    Args:
        firms: Shape (n,), FIRM_DTYPE.
        rows: Rows that may hold members.
    """
    living = rows[firms["alive"][rows] == 1]
    return frozenset(np.unique(firms["cooperative"][living]).tolist())


def recruit(model: Any, planners: np.ndarray) -> tuple[int, float]:
    """Let leaders call meetings and found cooperatives among last year's plans for a collective plant.

    Args:
        model: The model; members' column ``cooperative`` is written.
        planners: Rows with a plan.

    Returns:
        Candidates and groups founded (groups weighted by what they stand for).
    """
    firms, p = model.population.firms, model.parameters[0]
    rows = planners[(firms["wish_mode"][planners] == CLUSTER) & (firms["district"][planners] != ELSEWHERE)]
    if rows.size == 0:
        return 0, 0.0
    family = model.industries["family"][firms["industry"][rows]].astype(np.int64)
    keys = (firms["district"][rows].astype(np.int64) * 8 + family) * 16 + firms["wish_host"][rows]
    founded = 0.0
    for key in np.unique(keys):
        founded += call_meeting(model, rows[keys == key], int(key), p)
    return rows.size, founded


def call_meeting(model: Any, rows: np.ndarray, key: int, p: np.void) -> float:
    """One district, family and host: a leader invites, members accept, a group is founded at quorum; returns groups founded."""
    firms = model.population.firms.take(rows)
    leads = zip(firms["employees"], firms["knowledge"].max(axis=1), firms["risk_tolerance"], strict=True)
    leader = int(np.argmax([leadership(*character) for character in leads]))
    draws = uniforms(model.seed, int(Stream.COOPERATIVE), model.year, np.ascontiguousarray(firms["firm"]))
    chance = 1.0 - (1.0 - p["cooperative_lead"]) ** float(firms["weight"].sum())
    if draws[leader, 0] >= min(0.5, chance):
        return 0.0
    largest = p["cooperative_largest"] * (0.3 + 0.7 * float(draws[leader, 2]))
    members_of = draws[:, 1] < p["cooperative_tie"]  # those who listen
    members_of[leader] = True
    size = max(p["cooperative_quorum"], min(float(firms["weight"][members_of].sum()), largest))
    for i in np.flatnonzero(members_of):
        members_of[i] = i == leader or joins(model.population.firms, int(rows[i]), model.world, size)
    members = float(firms["weight"][members_of].sum())
    if members < p["cooperative_quorum"]:
        return 0.0
    size = min(members, largest)
    groups = members / max(size, p["cooperative_quorum"]) if model.scale < 1.0 else 1.0
    model.cooperatives_founded += 1
    number = model.cooperatives_founded
    Cooperative(model, number, key // 128, key // 16 % 8, key % 16, max(size, p["cooperative_quorum"]), groups)
    model.population.firms["cooperative"][rows[members_of]] = number
    return groups
