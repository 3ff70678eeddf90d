"""Rows that go through the year together: which they are, and what all of them take at once by vector instructions.

See :func:`expansion_sim.behaviour.kernel.step_rows`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.appraisal import STANDING_DTYPE, relative_productivity
from expansion_sim.behaviour.attention import character_factor, people_factor
from expansion_sim.behaviour.finance import cash_kept
from expansion_sim.behaviour.phases import act, develop, log_full_sales, sell_at_home, settle_work
from expansion_sim.behaviour.survival import closure_weight
from expansion_sim.elementary import exp
from expansion_sim.population.schema import EVERY_YEAR_BYTES, FIRM_DTYPE
from expansion_sim.prefetch import LINE, fetch
from expansion_sim.randomness import Stream, as_uniforms, draw_words, fill_normals

ROW_BYTES = FIRM_DTYPE.itemsize
TOGETHER = 32  # rows that go through a year together; they and the next ones fit into the nearest cache
#: What is at hand of these rows: draws by stream and place, identities, home sales with no order lost (at output per worker of 2015),
#: employees at average orders, shock of the margin in standard deviations, factor of the owner's character, profit abroad, weight among
#: closures, cash kept, factor of the firm's people, standing of firms abroad.
HAND_DTYPE = np.dtype([("words", "u4", (4, 4, TOGETHER)), ("ids", "i8", (TOGETHER,))] + [
    (name, "f8", (TOGETHER,)) for name in ("sales", "persons", "margin", "character", "foreign", "weight", "kept", "people")
] + [("standing", STANDING_DTYPE, (TOGETHER,))])
Uniforms = tuple[float, float, float, float]
OUTPUT, ATTENTION, CHOICE, SURVIVAL = (int(s) for s in (Stream.OUTPUT, Stream.ATTENTION, Stream.CHOICE, Stream.SURVIVAL))


# --- which rows -----------------------------------------------------------------------------------------------------------


@njit(cache=True)
def gather(firms: np.ndarray, marks: np.ndarray, row: int, stop: int, lived: int, rows: np.ndarray) -> tuple[int, int]:
    """The next rows of firms that lived at the end of last year or were born then, into ``rows``; all others lose their mark.

    Marks alone say which they are, and only the records of these rows are asked for: nearly half of all rows may be free.

    Args:
        firms: Shape (n,), FIRM_DTYPE.
        marks: Shape (n,), u1.
        row: Row to begin with.
        stop: Row to stop before.
        lived: Mark of a row that lived at the end of last year.
        rows: Overwritten, shape (TOGETHER + 1,).

    Returns:
        How many were found, and the row to go on from.
    """
    number = 0
    while row < stop and number < TOGETHER:
        lives = marks[row] & lived != 0
        rows[number] = row  # written and counted without a branch: who lives cannot be foretold
        number += lives
        marks[row] = marks[row] if lives else 0
        row += 1
    for i in range(number):
        fetch_head(firms, rows[i])
    return number, row


@njit(cache=True)
def fetch_row(firms: np.ndarray, row: int) -> None:
    """Ask for a row that will be worked on soon; one behind the last is nobody's."""
    first = firms.ctypes.data + row * ROW_BYTES
    for offset in range(0, ROW_BYTES + LINE, LINE):
        fetch(np.uint64(first + offset))  # type: ignore[call-arg]  # the context of an intrinsic is not given


@njit(cache=True)
def fetch_every_year(firms: np.ndarray, row: int) -> None:
    """:func:`fetch_row` without what firms at home have no use for, see population.schema.EVERY_YEAR."""
    first = firms.ctypes.data + row * ROW_BYTES
    for offset in range(0, EVERY_YEAR_BYTES + LINE, LINE):
        fetch(np.uint64(first + offset))  # type: ignore[call-arg]  # the context of an intrinsic is not given


@njit(cache=True)
def fetch_head(firms: np.ndarray, row: int) -> None:
    """Ask for the beginning of a row, where its identity stands and whether it is alive."""
    fetch(np.uint64(firms.ctypes.data + row * ROW_BYTES))  # type: ignore[call-arg]  # the context of an intrinsic is not given


# --- what they take at once -------------------------------------------------------------------------------------------------


@njit(cache=True)
def develop_firms(firms: np.ndarray, rows: np.ndarray, number: int, c: np.record, hand: np.record) -> None:
    """Productivity and size of some rows; then what they sell and employ with no order lost, and the factor of the owner's character."""
    p = c[8][0]
    fill_normals(hand.words[0, 0, :number], hand.sales[:number])
    fill_normals(hand.words[0, 2, :number], hand.persons[:number])
    fill_normals(hand.words[2, 2, :number], hand.margin[:number])
    for i in range(number):
        f = firms[rows[i]]
        if f.alive == 1:
            develop(f, c, hand.sales[i], hand.persons[i])
        hand.sales[i], hand.persons[i] = log_full_sales(f, c[1][f.industry]), f.log_size
        hand.character[i], hand.kept[i] = f.patience + f.risk_tolerance, f.leverage
    for i in range(number):
        hand.sales[i] = exp(hand.sales[i])
    for i in range(number):
        hand.persons[i] = exp(hand.persons[i])
    for i in range(number):
        hand.character[i] = character_factor(hand.character[i], 0.0, p.attention_character)
    for i in range(number):
        hand.kept[i] = cash_kept(hand.kept[i], p.finance_cash_leverage)


@njit(cache=True)
def work_firms(firms: np.ndarray, rows: np.ndarray, number: int, c: np.record, hand: np.record) -> None:
    """Home sales, plans carried out, sales abroad and jobs of some rows; then their weights among closures."""
    p = c[8][0]
    size, productivity = p.closure_size, p.closure_productivity
    for i in range(number):
        f = firms[rows[i]]
        if f.alive == 1:
            sell_at_home(f, c, hand.sales[i], luck(hand.words, 0, i)[3])
            act(f, c)
            hand.foreign[i] = settle_work(f, c, hand.persons[i], luck(hand.words, 3, i), hand.standing[i])
        hand.weight[i], hand.persons[i] = relative_productivity(f, c[1][f.industry]), f.employees
    for i in range(number):
        hand.weight[i] = closure_weight(hand.persons[i], hand.weight[i], size, productivity)
    for i in range(number):
        hand.people[i] = people_factor(hand.persons[i], p.attention_size)


@njit(cache=True)
def luck(words: np.ndarray, stream: int, i: int) -> Uniforms:
    """One firm's draw among those of :func:`draw_luck`: the same uniforms that a phase draws for a firm stepped alone."""
    return as_uniforms((words[stream, 0, i], words[stream, 1, i], words[stream, 2, i], words[stream, 3, i]))


@njit(cache=True)
def draw_luck(firms: np.ndarray, rows: np.ndarray, number: int, c: np.record, hand: np.record) -> None:
    """The draws that every firm takes every year, for some rows: of OUTPUT, ATTENTION, CHOICE and SURVIVAL."""
    words, ids = hand.words, hand.ids
    for i in range(number):
        ids[i] = firms[rows[i]].firm
    seed, year = c[9], c[0][0].year
    draw_words(words[0], seed, OUTPUT, year, ids[:number])
    draw_words(words[1], seed, ATTENTION, year, ids[:number])
    draw_words(words[2], seed, CHOICE, year, ids[:number])
    draw_words(words[3], seed, SURVIVAL, year, ids[:number])
