"""Who joins a collective plant."""

from __future__ import annotations

import numpy as np

from expansion_sim.behaviour import phases
from expansion_sim.behaviour.collective import joins
from expansion_sim.codes import CLUSTER

CHINA = 0


def candidate(world, **columns) -> np.ndarray:
    """A firm of eight persons that wants a collective plant in China."""
    firms = world.firms(1, log_size=np.log(8.0), wish_mode=CLUSTER, wish_host=CHINA, **columns)
    firms["expectation"] = 0
    return firms


def test_a_shared_plant_that_pays_is_joined_and_one_that_does_not_is_not(world) -> None:
    world.set(fixed_plant=20.0, sunk_plant=60.0, gain_cluster_saving=0.45, choice_taste=0.0)
    record = world.record
    gain_high, gain_low = candidate(world), candidate(world)
    for firms in (gain_high, gain_low):
        firms["cash"], firms["assets"] = 0.0, 0.0  # cannot go alone
    record["markets"][0]["local"][:] = 2.0
    assert joins(gain_high, 0, record, CHINA, 10.0)
    record["markets"][0]["local"][:], record["markets"][0]["cost"][:] = 0.0, 2.0
    assert not joins(gain_low, 0, record, CHINA, 10.0)


def test_who_can_go_alone_does_not_join(world) -> None:
    world.set(choice_taste=0.0)
    record = world.record
    record["markets"][0]["local"][:] = 50.0
    rich, poor = candidate(world), candidate(world)
    rich["cash"], poor["cash"] = 1e6, 0.0
    poor["assets"], poor["debt"] = 0.0, 0.0
    assert not joins(rich, 0, record, CHINA, 10.0)
    assert joins(poor, 0, record, CHINA, 10.0)


def test_each_departure_makes_the_next_one_likelier(world) -> None:
    """Those who stay share the common cost: near the threshold, members of a group that shrank leave more often."""
    world.keep_everybody().set(exit_slope=5.0, exit_plant_margin=0.5, choice_taste=0.0, gain_cluster_saving=0.6)
    left = []
    for members in (20.0, 4.0, 2.0, 1.0):
        columns = {"relocated": 0.1, "cooperative": 1, "members": members, "expectation": 0}
        firms = [world.spell(CLUSTER, CHINA, 1980, firm=number, **columns) for number in range(300)]
        for firm in firms:
            phases.settle(firm, world.context)
        left.append(sum(int(firm["cluster_hosts"] == 0) for firm in firms))
    assert left == sorted(left)
    assert left[-1] > left[0] + 15


def test_a_larger_group_makes_joining_easier(world) -> None:
    world.set(choice_taste=0.0)
    record = world.record
    firms = candidate(world)
    firms["cash"], firms["assets"] = 0.0, 0.0
    answers = []
    for local in np.linspace(0.0, 3.0, 60):
        record["markets"][0]["local"][:] = local
        answers.append((joins(firms, 0, record, CHINA, 4.0), joins(firms, 0, record, CHINA, 20.0)))
    four, twenty = (sum(answer[i] for answer in answers) for i in range(2))
    assert 0 < four <= twenty
