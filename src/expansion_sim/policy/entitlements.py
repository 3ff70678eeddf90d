"""What support costs that nobody has to be selected for: advice, agreements, tax not paid, guarantees called, public loans lost.

Money is booked in the year in which it leaves the state, at the programme it belongs to. Advice and matching cost the agency's people a
sum per firm served; that sum is an assumption where no budget is published (policy/terms.toml). Fees for guarantees and
premiums for insurance are left out, as firms do not pay them in the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit

from expansion_sim.behaviour.attention import people_factor
from expansion_sim.behaviour.kernel import IS_ENTITLED, marked
from expansion_sim.behaviour.phases import gain_so_far, plants_gain, small_code
from expansion_sim.behaviour.public_support import KINDS, MOST_CODES, add_whom, class_of, is_newcomer
from expansion_sim.behaviour.taxes import tax_on_profit_abroad
from expansion_sim.codes import ABROAD, DIRECT, FDI, HOME, INTERESTED, MODES, PLANNING
from expansion_sim.elementary import exp
from expansion_sim.policy.calendar import open_in_year
from expansion_sim.policy.instruments import INSTRUMENTS, SERVING
from expansion_sim.policy.offers import OFFER_DTYPE, stated_offer
from expansion_sim.policy.programmes import Programme
from expansion_sim.policy.support import strength_at_large
from expansion_sim.population.schema import FIRM_DTYPE
from expansion_sim.prefetch import fetch

PLANTS = 1 << FDI | 1 << MODES.index("cluster")
#: Money of all firms in a year that is divided among programmes afterwards.
AGREEMENTS, RESERVE_EXPORTS, RESERVE_PLANTS, CREDIT, EXEMPTION, CALLED, CALLED_ABROAD = range(7)
FLOWS = 7
#: Where in a record stands what is read of most rows: the first and the last of columns that stand side by side.
NEEDED = tuple(FIRM_DTYPE.fields[name][1]  # type: ignore[index]
               for name in ("firm", "weight", "written_off", "interest_saved", "contract_hosts", "district"))
ROW_BYTES = FIRM_DTYPE.itemsize
AHEAD = 8  # rows that are asked for before they are needed
TOGETHER = 64  # firms whose use of services is worked out together
#: Of these firms: services that serve each as bits, firms it stands for, its persons (then the factor of its people), how much it listens.
CLIENTS_DTYPE = np.dtype([("served", "i8", (TOGETHER,))] + [(name, "f8", (TOGETHER,)) for name in ("weight", "people", "listens")])
SPENT = (AGREEMENTS, CALLED, CALLED_ABROAD)  # the other flows are tax not collected


def book_entitlements(model: Any, advised: Sequence[tuple[int, float]], spending: np.ndarray, foregone: np.ndarray, at_home: np.ndarray) -> None:
    """Add what entitlements cost this year to the books, and leave ``served``: rows of services and the weighted firms they served.

    Args:
        model: The model after its firms lived through the year; ``served`` is written.
        advised: Rows of programmes with which firms registered this year, and the weighted firms.
        spending: Per programme, million yen 2015, changed in place.
        foregone: Tax not collected per programme, million yen 2015, changed in place.
        at_home: Part of spending that serves business at home, per programme, million yen 2015, changed in place.
    """
    rows, services = services_of(model)
    uses, flows = entitled(model.population.firms, marked(model.marks, IS_ENTITLED), services, tax_relief(model), model.world, spending)
    model.served = list(zip(rows, uses.tolist(), strict=True))
    for row, served in model.served:
        spending[row] += served * model.programmes[row].cost_per_use
    for row, weight in advised:
        spending[row] += weight * model.programmes[row].cost_per_use
    for flow, (weights, total) in shares_of(tuple(model.programmes), model.year).items():
        if flows[flow] != 0.0 and total > 0.0:
            books = spending if flow in SPENT else foregone
            parts = flows[flow] * weights / total
            books += parts
            if flow == CALLED:
                at_home += parts


def services_of(model: Any) -> tuple[list[int], np.ndarray]:
    """Open programmes that serve firms at a cost per use and keep no places: rows, and terms as compiled code reads them."""
    rows, stated = _stated_services(tuple(model.programmes), model.year)
    services = stated.copy()
    bodies = [model.agency_of_row[row] for row in rows]
    contacts = {body: body.contact for body in set(bodies)}  # few bodies run many programmes
    services["contact"], services["success"] = [contacts[body] for body in bodies], 1.0
    return rows, services


@lru_cache(maxsize=1024)
def _stated_services(programmes: tuple[Programme, ...], year: int) -> tuple[list[int], np.ndarray]:
    """Rows of the services of a year and what their terms say; not to be changed."""
    found = [(row, p) for row, p in open_in_year(programmes, year)
             if p.lever in SERVING and not programmes[row].registers and programmes[row].cost_per_use > 0.0]
    services = np.zeros(len(found), OFFER_DTYPE)
    for place, (_, programme) in enumerate(found):
        services[place] = stated_offer(programme)[0]
    return [row for row, _ in found], services


def tax_relief(model: Any) -> np.ndarray:
    """Tax not paid per yen of profit from each host: by the credit for foreign tax, and by the exemption on top of it; shape (16, 2)."""
    year = model.year_record[0]
    home, credit, exempt = float(year["tax"]), float(year["tax_credit"]), float(year["tax_exempt"])
    return relief_from(model.host_drivers["tax"].astype(float), home, credit, exempt)


@njit(cache=True)
def relief_from(taxes: np.ndarray, home: float, credit: float, exempt: float) -> np.ndarray:
    """:func:`tax_relief` from the tax rates of the hosts, shape (16,), the rate in Japan and the shares credited and exempt."""
    relief = np.zeros((taxes.size, 2))
    for row in range(taxes.size):
        none = tax_on_profit_abroad(taxes[row], home, 0.0, 0.0)
        credited = tax_on_profit_abroad(taxes[row], home, credit, 0.0)
        relief[row, 0], relief[row, 1] = none - credited, credited - tax_on_profit_abroad(taxes[row], home, credit, exempt)
    return relief


@lru_cache(maxsize=1024)
def shares_of(programmes: tuple[Programme, ...], year: int) -> dict[int, tuple[np.ndarray, float]]:
    """How each flow is divided among the programmes: by strength, the closed ones included where money still flows back.

    Args:
        programmes: All programmes of the scenario.
        year: Calendar year.

    Returns:
        Weights, shape (programmes,), and their sum, by flow; not to be changed.
    """
    def weigh(weight: Any, open_only: bool = True) -> np.ndarray:
        return np.array([weight(p) if p.open_in(year) or not open_only else 0.0 for p in programmes], float)

    def serves_plants(p: Programme) -> bool:
        return FDI in p.modes

    weights = {
        AGREEMENTS: weigh(lambda p: p.agreement_help * p.area),
        RESERVE_EXPORTS: weigh(lambda p: p.lever == "reserve" and not serves_plants(p), False),
        RESERVE_PLANTS: weigh(lambda p: p.lever == "reserve" and serves_plants(p), False),
        CREDIT: weigh(lambda p: p.lever == "tax" and p.credits),
        EXEMPTION: weigh(lambda p: p.lever == "tax" and not p.credits),
        CALLED: covers_of([p if p.open_in(year) and HOME in p.modes else None for p in programmes]),
        CALLED_ABROAD: covers_of([p if p.start <= year and set(p.modes) - {HOME} else None for p in programmes]),
    }
    # summed one by one, so that a further programme without weight changes no digit
    return {flow: (each, sum(each.tolist())) for flow, each in weights.items()}


def covers_of(programmes: Sequence[Programme | None]) -> np.ndarray:
    """Cover that each programme adds to those before it, up to the limit of guarantees: what it answers for when loans default; shape (n,).

    Args:
        programmes: Those that guarantee the loans, in the order of the scenario, the closed ones included where their loans still run;
            None and programmes of other kinds answer for nothing.
    """
    covers, limit = np.zeros(len(programmes)), INSTRUMENTS["loan_guarantee"].limit
    for row, programme in enumerate(programmes):
        if programme is not None and programme.lever == "cover":
            covers[row] = min(strength_at_large(programme), limit - covers.sum())
    return covers


@njit(cache=True)
def entitled(firms: np.ndarray, rows: np.ndarray, services: np.ndarray, relief: np.ndarray, world: np.ndarray, spending: np.ndarray
             ) -> tuple[np.ndarray, np.ndarray]:
    """Uses of services and money of entitlements, summed over firms; loans lost and interest waived go straight into the books.

    Args:
        firms: Shape (rows,), FIRM_DTYPE; what is booked for firms that closed this year is taken off their rows.
        rows: Rows that the kernel has marked, see behaviour.kernel.is_entitled; no other row adds anything.
        services: Programmes of advice and matching, shape (n,), policy.offers.OFFER_DTYPE.
        relief: See :func:`tax_relief`.
        world: Context of the year, shape (1,).
        spending: Per programme, changed in place.

    Returns:
        Weighted firms served by each service, shape (n,); million yen 2015 by flow, shape (7,).
    """
    c = world[0]
    uses, flows, whom = np.zeros(services.size), np.zeros(FLOWS), whom_served(services)
    clients, number = np.empty(1, CLIENTS_DTYPE), 0
    size, interested = c[8][0].attention_size, c[8][0].support_interested
    contacts, body = bodies_of(services)
    for at in range(rows.size):
        fetch_needed(firms, rows[min(at + AHEAD, rows.size - 1)])
        f = firms[rows[at]]
        weight = np.float64(f.weight)
        if f.interest_saved > 0.0 or f.written_off > 0.0:
            spending[f.loan_programme] += weight * (np.float64(f.interest_saved) + np.float64(f.written_off))
        if f.tax_deferred != 0.0:  # what few firms have stands in the second half of a record, which is not fetched
            flows[RESERVE_PLANTS if f.ever & PLANTS else RESERVE_EXPORTS] += weight * f.tax_deferred
        if f.called != 0.0:
            flows[CALLED] += weight * (np.float64(f.called) - np.float64(f.called_abroad))
            flows[CALLED_ABROAD] += weight * f.called_abroad
        if f.alive == 0:  # closed this year; the row may stay free for years
            f.interest_saved, f.written_off, f.tax_deferred, f.called, f.called_abroad = 0.0, 0.0, 0.0, 0.0, 0.0
            continue
        if f.agreements != 0:
            flows[AGREEMENTS] += weight * agreement_money(f, c)
        if f.plant_hosts != 0 or f.cluster_hosts != 0:
            earned, host = plant_profit(f, c)
            flows[CREDIT] += weight * earned * relief[host, 0]
            flows[EXEMPTION] += weight * earned * relief[host, 1]
        if f.interested == 1 or not is_newcomer(f):
            some = clients[0]
            some.served[number], some.weight[number], some.people[number] = services_for(f, whom, c), weight, f.employees
            some.listens[number] = interested if stage_of(f) == INTERESTED else 1.0  # whoever has no plan yet listens less
            number += 1
            if number == TOGETHER:
                add_uses(clients, number, services, contacts, body, size, uses)
                number = 0
    add_uses(clients, number, services, contacts, body, size, uses)
    return uses, flows


@njit(cache=True)
def fetch_needed(firms: np.ndarray, row: int) -> None:
    """Ask for what :func:`entitled` reads of most rows: few lines of memory, which it waits for more than it computes."""
    first = firms.ctypes.data + row * ROW_BYTES
    for offset in NEEDED:
        fetch(np.uint64(first + offset))  # type: ignore[call-arg]  # the context of an intrinsic is not given


@njit(cache=True)
def agreement_money(f: np.record, c: np.record) -> float:
    """What help with agreements saves a firm this year, million yen 2015."""
    markets, bits = 0, f.agreements
    while bits:
        markets += bits & 1
        bits >>= 1
    return markets * c[8][0].cost_agreement_use * c[0][0].wage * c[4][small_code(f, c), DIRECT].use_cut


@njit(cache=True)
def plant_profit(f: np.record, c: np.record) -> tuple[float, int]:
    """Profit of all plants of a firm before tax, million yen 2015, and the host that earns most, at whose rate it is taxed."""
    plants = plants_gain(f, c)
    return max(0.0, gain_so_far(f, plants, c)) / (1.0 - c[2][f.industry, plants.best].tax), plants.best


@njit(cache=True)
def whom_served(services: np.ndarray) -> np.ndarray:
    """Services of each stage, industry, district, size class and kind of firm (0, 1 for a small one) as bits, shape (5, most codes)."""
    whom = np.zeros((KINDS, MOST_CODES), np.int64)
    for s in range(services.size):
        add_whom(whom, services[s], s)
    return whom


@njit(cache=True)
def stage_of(f: np.record) -> int:
    """Stage of a firm that looks abroad, code of STAGES."""
    return ABROAD if not is_newcomer(f) else PLANNING if f.wish_mode != HOME else INTERESTED


@njit(cache=True, forceinline=True)
def services_for(f: np.record, whom: np.ndarray, c: np.record) -> int:
    """Services that serve a firm as bits, see :func:`whom_served`."""
    return (whom[0, stage_of(f)] & whom[1, f.industry] & whom[2, f.district] & whom[3, class_of(f.employees)]
            & whom[4, small_code(f, c)])


@njit(cache=True)
def bodies_of(services: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different rates of contact of services, shape (bodies,), and which is that of each service: few bodies run many services."""
    contacts, body, number = np.empty(services.size), np.empty(services.size, np.int64), 0
    for s in range(services.size):
        at = 0
        while at < number and contacts[at] != services[s].contact:
            at += 1
        if at == number:
            contacts[at] = services[s].contact
            number += 1
        body[s] = at
    return contacts[:number], body


@njit(cache=True)
def add_uses(
    clients: np.ndarray, number: int, services: np.ndarray, contacts: np.ndarray, body: np.ndarray, size: float, uses: np.ndarray,
) -> None:
    """Add the chances that some firms use each service this year, in their order; what all of them take by vector instructions.

    Args:
        clients: Shape (1,), :data:`CLIENTS_DTYPE`, changed in place.
        number: How many firms stand in it.
        services: See :func:`entitled`, shape (services,).
        contacts: See :func:`bodies_of`, like ``body``.
        body: Which of them is that of each service.
        size: Elasticity of the factor of a firm's people.
        uses: Weighted firms by service, changed in place.
    """
    some, heard = clients[0], np.empty((contacts.size, TOGETHER))
    people, listens = some.people, some.listens
    for i in range(number):
        people[i] = people_factor(people[i], size) * listens[i]
    for k in range(contacts.size):
        for i in range(number):
            heard[k, i] = exp(-(contacts[k] * people[i]))
    for s in range(services.size):
        part, k, used = services[s].part, body[s], uses[s]
        for i in range(number):
            used += some.weight[i] * (part * (1.0 - heard[k, i]) if some.served[i] >> s & 1 else 0.0)
        uses[s] = used
    clients[0].served[0] = 0  # a use after the loops: compiled code frees an array after its last use, whoever still writes on its record
