"""The kernel maps the phases: same records as firm by firm, sums that add up."""

from __future__ import annotations

import numpy as np
import pytest

from expansion_sim.behaviour import kernel, phases
from expansion_sim.codes import FDI, INDUSTRIES

NUMBER = 400


def mixed(world, seed: int = 3) -> np.ndarray:
    """Firms of all industries and sizes, some dead, some with customers, all with noise."""
    rng = np.random.default_rng(seed)
    world.year["noise"], world.industries["closure_rate"] = 1, 0.03
    world.customers["invite_host"][0], world.customers["offshore_change"][0] = 0, 0.05
    firms = world.firms(
        NUMBER,
        log_size=rng.normal(2.5, 1.2, NUMBER).clip(0.0, 6.5),
        industry=rng.integers(0, len(INDUSTRIES), NUMBER),
        district=rng.integers(0, 20, NUMBER),
        parent=rng.integers(-1, 2, NUMBER),
        order_share=0.2,
        ability=rng.normal(0.0, 0.5, NUMBER),
        taste=rng.normal(size=(NUMBER, 7)),
        expectation=rng.integers(0, 3, NUMBER),
        weight=rng.uniform(0.5, 20.0, NUMBER),
        interested=rng.integers(0, 2, NUMBER),
        owner_age=rng.uniform(30.0, 80.0, NUMBER),
    )
    firms["productivity"] = firms["ability"]
    firms["alive"][::17] = 0
    return firms


def marked_living(firms: np.ndarray) -> np.ndarray:
    """Marks of firms before their first year."""
    return np.where(firms["alive"] == 1, kernel.ALIVE, 0).astype(np.uint8)


def years(world, firms: np.ndarray, marks: np.ndarray, number: int) -> None:
    """Run the kernel over some years."""
    for year in range(1990, 1990 + number):
        world.year["year"] = year
        kernel.step_firms(firms, marks, world.record)


def test_kernel_and_single_phases_agree_bit_for_bit(world) -> None:
    together, alone = mixed(world), mixed(world)
    marks = marked_living(together)
    for year in range(1990, 1998):
        world.year["year"] = year
        kernel.step_firms(together, marks, world.record)
        for row in np.flatnonzero(alone["alive"]):
            for phase in (phases.produce, phases.act, phases.settle, phases.look_around, phases.plan):
                phase(alone[row], world.context)
        assert world.same(together, alone)
    assert (together["ever"] != 0).any()
    assert (together["alive"] == 0).sum() > NUMBER // 17 + 1


def test_more_firms_change_nobodys_life(world) -> None:
    alone, among = mixed(world)[:100].copy(), mixed(world)
    years(world, alone, marked_living(alone), 5)
    years(world, among, marked_living(among), 5)
    assert world.same(alone, among[:100])


def test_the_dead_stay_untouched(world) -> None:
    firms, marks = mixed(world), np.full(NUMBER, 255, np.uint8)
    dead = firms["alive"] == 0
    before = firms[dead].copy()
    years(world, firms, marks, 2)
    assert world.same(firms[dead], before)
    assert (marks[dead] == 0).all()


def test_sums_add_up(world) -> None:
    firms = mixed(world)
    marks = marked_living(firms)
    years(world, firms, marks, 6)
    stocks, modes, hosts, districts, closing = kernel.sums(firms, marks, world.record)
    living = firms[firms["alive"] == 1]
    weight = living["weight"].astype(float)
    assert stocks[..., kernel.FIRMS].sum() == pytest.approx(weight.sum())
    for measure, column in (
        (kernel.EMPLOYEES, "employees"),
        (kernel.CASH, "cash"),
        (kernel.DEBT, "debt"),
        (kernel.PROFIT, "profit"),
    ):
        assert stocks[..., measure].sum() == pytest.approx((weight * living[column]).sum(), rel=1e-6)
    assert modes[..., 0].sum() + stocks[..., kernel.ABROAD].sum() == pytest.approx(weight.sum())
    for mode in range(1, 7):
        assert modes[..., mode].sum() == pytest.approx(weight[living["since"][:, mode] > 0].sum())
    in_plants = (living["plant_hosts"] != 0) | (living["cluster_hosts"] != 0)
    assert hosts[:, FDI:].sum() >= weight[in_plants].sum() - 1e-6
    assert districts[..., 0].sum() == pytest.approx(weight.sum())
    assert districts[..., 1].sum() == pytest.approx(stocks[..., kernel.ABROAD].sum())
    assert closing[:, 0].sum() == pytest.approx(weight.sum() + stocks[..., kernel.CLOSURES].sum())
    assert stocks[..., kernel.DEFAULTS].sum() <= stocks[..., kernel.CLOSURES].sum()


def test_closures_by_the_record_are_not_counted_as_settled(world) -> None:
    """Nobody defaults and nobody settles a succession: all who close do so by the record, however old the owner."""
    firms = world.firms(NUMBER, owner_age=80.0)
    marks = marked_living(firms)
    world.industries["closure_rate"] = 0.2
    world.set(closure_succession=0.0)
    years(world, firms, marks, 1)
    stocks, _, _, _, closing = kernel.sums(firms, marks, world.record)
    assert stocks[..., kernel.CLOSURES].sum() > 0.0
    assert closing[:, 1].sum() == stocks[..., kernel.DEFAULTS].sum() == 0.0


def test_rows_without_a_mark_are_left_alone(world) -> None:
    firms = mixed(world)
    marks, before = marked_living(firms), firms.copy()
    marks[5:40] = 0
    years(world, firms, marks, 1)
    assert world.same(firms[5:40], before[5:40])
    assert (marks[5:40] == 0).all()
    assert not world.same(firms[40:80], before[40:80])


def test_modes_and_bits_of_a_firm_agree(world) -> None:
    """Being in a mode, its spell and its hosts are three records of one fact."""
    firms = mixed(world)
    marks = marked_living(firms)
    for year in range(1990, 2002):
        world.year["year"] = year
        kernel.step_firms(firms, marks, world.record)
        living = firms[firms["alive"] == 1]
        for mode, column, bits in (
            (1, "channels", 1),
            (2, "channels", 2),
            (3, "channels", 4),
            (4, "contract_hosts", 0xFFFF),
            (5, "plant_hosts", 0xFFFF),
            (6, "cluster_hosts", 0xFFFF),
        ):
            assert ((living["since"][:, mode] > 0) == ((living[column] & bits) != 0)).all(), mode
        assert (((living["channels"] & 2) != 0) == (living["markets"] != 0)).all()
        assert (living["cash"] >= 0.0).all()
        assert ((living["knowledge"] >= 0.0) & (living["knowledge"] <= 1.0)).all()


def test_marks_tell_what_the_log_and_the_agencies_need(world) -> None:
    firms = mixed(world)
    marks = marked_living(firms)
    was_alive = firms["alive"] == 1
    years(world, firms, marks, 1)
    assert (((marks & kernel.WAS_ALIVE) != 0) == was_alive).all()
    assert (((marks & kernel.ALIVE) != 0) == (firms["alive"] == 1)).all()
    assert (((marks & kernel.HAS_PLAN) != 0) == ((firms["alive"] == 1) & (firms["wish_mode"] != 0))).all()


def test_sums_do_not_depend_on_how_rows_fill_blocks(world) -> None:
    """Blocks are added in order; a whole block of free rows in front changes nothing."""
    firms = mixed(world)
    marks = marked_living(firms)
    years(world, firms, marks, 2)
    padded = np.concatenate([np.zeros(kernel.BLOCK, firms.dtype), firms])
    shifted = np.concatenate([np.zeros(kernel.BLOCK, np.uint8), marks])
    for here, there in zip(kernel.sums(firms, marks, world.record), kernel.sums(padded, shifted, world.record), strict=True):
        np.testing.assert_array_equal(here, there)


@pytest.mark.parametrize(
    ("employees", "size"), [(1.0, 0), (4.9, 0), (5.0, 1), (20.0, 1), (20.5, 2), (49.9, 2), (50.0, 3), (99.9, 3), (100.0, 4)]
)
def test_size_classes(employees: float, size: int) -> None:
    assert kernel.size_class(employees) == size
