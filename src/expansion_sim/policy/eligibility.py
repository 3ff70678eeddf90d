"""Whom a programme may serve."""

from __future__ import annotations

from typing import Any

import numpy as np

from expansion_sim.codes import CLUSTER, DISTRICTS, HOSTS, INDUSTRIES, MODES, SIZE_CLASSES, SIZE_EDGES, STAGES
from expansion_sim.policy.programmes import Programme
from expansion_sim.population.schema import stage_of


def eligible(programme: Programme, firms: np.ndarray, model: Any) -> np.ndarray:
    """Which plans a programme may serve: mode, host, and what :func:`serves` asks of the firm; shape (n,)."""
    ok = among(programme.acting_modes, len(MODES))[firms["wish_mode"]]
    ok &= among(programme.hosts, len(HOSTS))[firms["wish_host"]] | (firms["wish_host"] < 0)
    if programme.groups_only:
        ok &= firms["wish_mode"] == CLUSTER
    if programme.keep_home_plant:
        ok &= firms["pledge"] == 0  # one pledge at a time
    return ok & serves(programme, firms, model)


def serves(programme: Programme, firms: np.ndarray, model: Any) -> np.ndarray:
    """Which firms a programme may serve by size, industry, district and stage; shape (n,)."""
    ok = np.ones(firms.size, bool)
    if programme.small_only:
        ok &= firms["employees"] <= model.industries["small_limit"][firms["industry"]]
    if programme.industries:
        ok &= among(programme.industries, len(INDUSTRIES))[firms["industry"]]
    if programme.size_classes:
        classes = np.searchsorted(SIZE_EDGES, firms["employees"], side="right")
        ok &= among(programme.size_classes, len(SIZE_CLASSES))[classes]
    if programme.districts:
        ok &= among(programme.districts, len(DISTRICTS))[firms["district"]]
    if programme.stages:
        ok &= among(programme.stages, len(STAGES))[stage_of(firms)]
    return ok


def among(chosen: tuple[int, ...], number: int) -> np.ndarray:
    """Which of ``number`` codes are chosen, shape (number,)."""
    mask = np.zeros(number, bool)
    mask[list(chosen)] = True
    return mask
