"""Rows that go through the year together: which they are, and what all of them take at once by vector instructions.

See :func:`expansion_sim.behaviour.kernel.step_rows`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.appraisal import relative_productivity
from expansion_sim.behaviour.attention import character_factor, people_factor
from expansion_sim.behaviour.finance import cash_kept
from expansion_sim.behaviour.phases import act, develop, log_full_sales, sell_at_home, settle_work
from expansion_sim.behaviour.phases.prospects import STANDING_DTYPE, bank_of, small_code
from expansion_sim.behaviour.phases.settling import books_alone, cash_and_draw, margin_of, money_terms, rate_of
from expansion_sim.behaviour.survival import closure_weight
from expansion_sim.behaviour.taxes import corporation_tax
from expansion_sim.codes import HOME
from expansion_sim.elementary import exp
from expansion_sim.population.schema import EVERY_YEAR_BYTES, FIRM_DTYPE
from expansion_sim.prefetch import LINE, fetch
from expansion_sim.randomness import Stream, as_uniforms, draw_words, fill_normals

ROW_BYTES = FIRM_DTYPE.itemsize
TOGETHER = 32  # rows that go through a year together; they and the next ones fit into the nearest cache
#: What the money of these rows follows from: margin factor of the industry, relative productivity, quality, debt, assets, cover of the
#: guarantee, home sales, cash, sales, health of the bank, usual debt, sales of plants; and what becomes of it: paid out, profit, interest
#: rate, cash before it borrows, what it borrows, assets.
BOOK_DTYPE = np.dtype([(name, "f8", (TOGETHER,)) for name in (
    "trade", "relative", "quality", "debt", "assets", "cover", "home", "cash", "sales", "bank", "leverage", "plants",
    "paid_out", "profit", "rate", "closing", "draw", "wealth",
)])
#: What is at hand of these rows: draws by stream and place, identities, home sales with no order lost (at output per worker of 2015),
#: employees at average orders, shock of the margin in standard deviations, factor of the owner's character, profit abroad, weight among
#: closures, cash kept, factor of the firm's people; books, whether money is settled by them, standing of firms abroad.
HAND_DTYPE = np.dtype([("words", "u4", (4, 4, TOGETHER)), ("ids", "i8", (TOGETHER,))] + [
    (name, "f8", (TOGETHER,)) for name in ("sales", "persons", "margin", "character", "foreign", "weight", "kept", "people")
] + [("books", BOOK_DTYPE), ("booked", "i8", (TOGETHER,)), ("standing", STANDING_DTYPE, (TOGETHER,))])
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


@njit(cache=True, error_model="numpy")
def settle_money_of(firms: np.ndarray, rows: np.ndarray, number: int, c: np.record, hand: np.record) -> None:
    """Profit, cash and debt of those among some rows whose books stand alone; they are marked as booked.

    The same rules as in settle_money of :mod:`expansion_sim.behaviour.phases.settling`, without what needs a pledge, a public loan, a reserve
    or an entry; the other rows are worked out as well, which costs nothing more, and left as they are.
    """
    y, p, b = c[0][0], c[8][0], hand.books
    terms = money_terms(y, p)
    for i in range(number):
        f = firms[rows[i]]
        industry = c[1][f.industry]
        hand.booked[i] = f.alive == 1 and books_alone(f)
        b.trade[i], b.relative[i], b.quality[i] = industry.margin, relative_productivity(f, industry), f.quality
        b.debt[i], b.assets[i], b.cover[i], b.home[i] = f.debt, f.assets, c[4][small_code(f, c), HOME].cover, f.home_sales
        b.cash[i], b.sales[i], b.bank[i], b.leverage[i] = f.cash, f.home_sales + f.export_sales, bank_of(f, c), f.leverage
        b.plants[i], b.paid_out[i] = f.plant_sales, f.paid_out
    for i in range(TOGETHER):
        debt, assets, cover, home = b.debt[i], b.assets[i], b.cover[i], b.home[i]
        rate = rate_of(debt, assets, cover, terms)
        margin = margin_of(b.trade[i], b.relative[i], b.quality[i], hand.margin[i], terms)
        profit = home * (margin + terms.usual) - rate * debt + 0.0 + hand.foreign[i]  # no interest is waived
        profit -= corporation_tax(profit, 0.0, 0.0, terms.tax)
        cash, draw = cash_and_draw(b.cash[i], profit, b.sales[i], hand.kept[i], max(0.0, debt), assets, cover, b.bank[i], b.leverage[i], home, terms)
        b.paid_out[i] += b.cash[i] + profit - cash
        b.profit[i], b.rate[i], b.closing[i], b.draw[i] = profit, rate, cash, draw
        b.wealth[i] = assets + terms.investment * (terms.capital_output * home + 0.5 * b.plants[i] - assets)
    for i in range(number):
        if hand.booked[i]:
            f = firms[rows[i]]
            f.profit, f.interest, f.paid_out, f.assets = b.profit[i], b.rate[i], b.paid_out[i], b.wealth[i]
            f.debt += b.draw[i]
            f.borrowed += b.draw[i]
            f.cash = b.closing[i] + b.draw[i]
            f.interest_saved, f.tax_deferred, f.reserve_since = 0.0, 0.0, 0


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
