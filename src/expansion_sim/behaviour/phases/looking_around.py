"""Phase 4: knowledge of the host groups, and whether the firm starts, keeps or loses interest in going abroad."""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.appraisal import GROUP_OF
from expansion_sim.behaviour.attention import attention_rate, character_factor, people_factor, probability_of_noticing
from expansion_sim.behaviour.learning import next_knowledge
from expansion_sim.behaviour.output import learning_by_exporting
from expansion_sim.behaviour.phases.prospects import HOST_COUNT, bank_of, small_code
from expansion_sim.behaviour.phases.spells import DELISTED_BIT, INVITED_BIT
from expansion_sim.codes import HOME, HOST_GROUPS
from expansion_sim.elementary import lowest_bit
from expansion_sim.randomness import Stream, uniform4

GROUPS = len(HOST_GROUPS)
GROUP_MASK = np.array([sum(1 << g for g in range(HOST_COUNT) if GROUP_OF[g] == group) for group in range(GROUPS)], dtype=np.int64)
ATTENTION, INVITATION = int(Stream.ATTENTION), int(Stream.INVITATION)


@njit(cache=True)
def look_around(f, c) -> None:
    """Knowledge of the host groups, and whether the firm starts, keeps or loses interest in going abroad."""
    character = character_factor(f.patience, f.risk_tolerance, c[8][0].attention_character)
    people = people_factor(f.employees, c[8][0].attention_size)
    look_around_with(f, c, character, people, uniform4(c[9], ATTENTION, c[0][0].year, f.firm))


@njit(cache=True, forceinline=True)
def look_around_with(f, c, character: float, people: float, u) -> None:
    """The phase with the factors of the owner's character and of the firm's people and draw ATTENTION at hand: notices, interest fades."""
    if f.alive == 0:
        return
    y, industry, support, peers, p = c[0][0], c[1][f.industry], c[4], c[5][f.industry, f.district], c[8][0]
    hear_customer(f, c)
    help_ = support[small_code(f, c), HOME]
    bank = max(0.0, bank_of(f, c) + 0.3) if f.employees > 20.0 else 0.0
    most = update_knowledge(f, peers, help_.knowledge, bank, c)
    if f.interested == 1 and f.wish_mode == HOME and u[1] < p.attention_fade:
        f.interested = 0
    if f.interested == 1:
        return
    if y.attention == 0:
        f.interested = 1
        return
    lost = p.attention_lost_orders * f.order_share * max(0.0, 1.0 - f.order_level) * y.network
    told = attention_rate(
        p.attention_base * industry.interest, p.attention_knowledge * most, p.attention_peers * peers, p.attention_bank * bank * industry.exposure,
        p.attention_advice * help_.advice * industry.interest, p.attention_cooperative_talk * c[6][f.district] * industry.exposure, lost,
        p.attention_price_news * industry.exposure * y.appreciation,
    )
    invited = p.attention_invitation if f.invited_host >= 0 else 0.0
    rate = told * people * character * y.shelving + invited
    if u[0] < rate and u[0] < probability_of_noticing(rate):  # 1 - e^-x is below x, so for most firms the exponential need not be known
        f.interested = 1


@njit(cache=True)
def hear_customer(f, c) -> None:
    """A supplier's side of an invitation: receive it, let it lapse, or be dropped for having declined."""
    y, customers, p, seed = c[0][0], c[3], c[8][0], c[9]
    if f.parent < 0 or y.network == 0:
        return
    u = uniform4(seed, INVITATION, y.year, f.firm)
    if f.invited_host >= 0 and u[1] < 0.5:
        f.invited_host = -1
        if u[2] < p.parent_delist:
            f.delisted = 1
            f.order_level *= 0.5
            f.events |= DELISTED_BIT
    host = customers[f.parent].invite_host
    if host >= 0 and not (f.plant_hosts | f.cluster_hosts) & (1 << host) and u[0] < p.parent_invite * min(1.0, f.employees / 50.0):
        f.invited_host = host
        f.events |= INVITED_BIT


@njit(cache=True, forceinline=True)
def update_knowledge(f, peers: float, advice: float, bank: float, c) -> float:
    """Knowledge per host group for next year; returns the largest."""
    p, y = c[8][0], c[0][0]
    active = f.markets | f.contract_hosts | f.plant_hosts | f.cluster_hosts
    keep, learned = p.knowledge_keep, p.knowledge_activity  # read once: compiled code cannot know that the loop leaves them alone
    peers, advice, bank = p.knowledge_peers * peers, p.knowledge_advice * advice, p.knowledge_bank * bank
    most = 0.0
    for group in range(GROUPS):
        activity = learned if active & GROUP_MASK[group] else 0.0
        weight = c[7][group]
        value = next_knowledge(f.knowledge[group], keep, activity, peers * weight, advice * weight, bank * weight)
        f.knowledge[group] = value
        most = max(most, value)
    if active and y.learning == 1 and f.export_sales > 0.0:
        f.ability += mean_learning(f, c)
    return most


@njit(cache=True)
def mean_learning(f, c) -> float:
    """Ability gained from this year's direct exports, the best market's, log points."""
    p, markets = c[8][0], c[2]
    best, left = 0.0, np.int64(f.markets)
    while left:
        m = markets[f.industry, lowest_bit(left)]
        left &= left - 1
        best = max(best, learning_by_exporting(p.productivity_learning, m.income, m.growth, f.employees))
    return best
