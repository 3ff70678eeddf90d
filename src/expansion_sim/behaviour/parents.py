"""Large customers (rule 9): their share of production abroad, the orders they take along, whom they invite."""

from __future__ import annotations

import math

from numba import njit

from expansion_sim.behaviour.choice import logistic


@njit(cache=True)
def wanted_offshore_share(largest: float, saving: float, sensitivity: float, friction: float, freedom: float) -> float:
    """Share of production a large firm wants abroad: m F (1 - e^(-z (4 max(0, s) + f))).

    Args:
        largest: m, most it would move.
        saving: s, best share of unit cost saved.
        sensitivity: z, firm-specific.
        friction: f, trade friction on its exports, 0 or more.
        freedom: F, freedom of outward investment, 0 to 1.

    Source: assumption.
    """
    return largest * freedom * (1.0 - math.exp(-sensitivity * (4.0 * max(0.0, saving) + friction)))


@njit(cache=True)
def local_business(orientation: float, market: float, barrier: float, weight: float) -> float:
    """Business that a large firm wins by making where it sells, relative to its production at home: w e E L.

    A large firm serves a whole country from its plants, so it counts the market in full, where a base of a small firm serves a region.

    Args:
        orientation: e, exports over sales.
        market: E, market of the host over Japan's, less where people have little income, see gains.local_sales.
        barrier: L, see :func:`lost_to_barriers`.
        weight: w, gain on what is made and sold there relative to cost saved on production.

    Source: proximity against concentration, horizontal investment goes to large markets behind freight and tariffs (Brainard 1997); form
    and weight assumptions.
    """
    return weight * orientation * market * barrier


@njit(cache=True)
def lost_to_barriers(trade_cost: float, elasticity: float) -> float:
    """Share of a market's demand that an exporter loses to freight and tariff and a plant there does not: 1 - tau^(1 - sigma).

    Args:
        trade_cost: tau, iceberg cost.
        elasticity: sigma.

    Source: demand of monopolistic competition.
    """
    return 1.0 - math.pow(trade_cost, 1.0 - elasticity)


@njit(cache=True)
def export_friction(income: float, exports: float, tariff: float, elasticity: float) -> float:
    """Pressure on exporters to produce in a market instead: min(1, y) D (1 + t)^(sigma - 1).

    Rich countries answer exports that do well with quotas, dumping cases and restraints; a tariff takes sales from exports that a plant
    behind it would have.

    Args:
        income: y, income per head over Japan's.
        exports: D, demand for Japan's exports there before the tariff, in units of the home bias of foreign demand.
        tariff: t, share of value.
        elasticity: sigma.

    Source: trade friction of the 1980s and tariff-jumping investment (Blonigen 2002); form an assumption.
    """
    return min(1.0, income) * exports * math.pow(1.0 + tariff, elasticity - 1.0)


@njit(cache=True)
def probability_to_start(start: float, gain_weight: float, saving: float, size_weight: float, size: float, freedom: float) -> float:
    """Yearly chance that a large firm opens its first plant abroad: F logistic(a + b s + c log size) .

    Args:
        start: a.
        gain_weight: b.
        saving: s, best share of unit cost saved.
        size_weight: c.
        size: Sales relative to the mean large firm.
        freedom: F.

    Source: large firms abroad 1997 and 2021 (T041, T042); larger firms first, an assumption on form.
    """
    return freedom * logistic(start + gain_weight * saving + size_weight * math.log(max(size, 1e-3)))


@njit(cache=True)
def large_projects(new_host: bool, sales: float, per_host: float) -> float:
    """New plants abroad of a large customer and the large firms it stands for in a year: k s^(1/2) in a host new to it, else 0.

    What it adds in a host where it produces already enlarges the plants there and is no new project.

    Args:
        new_host: Whether this year's move goes to a host where it has not produced.
        sales: s, relative to the mean large firm; large firms open larger plants, not as many more.
        per_host: k, new plants per host entered.

    Source: large makers' projects of 1972 (Liu and Zhou 2024); square root an assumption.
    """
    return per_host * math.sqrt(max(0.0, sales)) if new_host else 0.0


@njit(cache=True)
def next_order_level(level: float, moved: float, pass_through: float, growth_back: float, lump: float, draw: float, recovery: float) -> float:
    """Orders of a supplier relative to before any shift.

    l' = l + r (1 - l) + g d - w l with chance p d / w, and without the last term otherwise.

    A customer moves one part after another: most suppliers of a mover lose nothing and gain from its growth, the maker of the part that is now
    made abroad loses nearly all of its orders. What comes home comes back to all alike, by p d.

    Args:
        level: l.
        moved: d, change of the customer's share of production abroad in the year.
        pass_through: p, mean share of orders lost per share moved.
        growth_back: g, orders that come with the customer's own growth.
        lump: w, share of its orders that a supplier who is hit loses.
        draw: Uniform, whether it is hit.
        recovery: r, 1 a year.

    Returns:
        l' between 0 and 2. The mean effect at l = 1 is (g - p) d, so it is not negative when g >= p; single suppliers lose much.

    Source: mean effect not negative (T201), a loss of 28 percent of sales documented; form, lump and recovery assumptions.
    """
    lost = lump * level if draw * lump < pass_through * moved else 0.0
    back = -pass_through * min(0.0, moved)
    return min(2.0, max(0.0, level + recovery * (1.0 - level) + growth_back * moved - lost + back))


@njit(cache=True)
def orders_kept(order_share: float, level: float) -> float:
    """Factor on home sales: 1 - o (1 - l), with o the share of the main customer and l the level of its orders.

    Args:
        order_share: o, 0 to 1.
        level: l, 1 before any shift.

    Source: definition.
    """
    return max(0.02, 1.0 - order_share * (1.0 - level))


@njit(cache=True)
def failure_hazard(base: float, surprise: float, slope: float) -> float:
    """Yearly hazard that a large customer fails: b e^(-s min(0, g)), at most .2.

    Args:
        base: b in a normal year.
        surprise: g, growth less its outlook, fraction.
        slope: s per unit of growth.

    Source: assumption.
    """
    return min(0.2, base * math.exp(-slope * min(0.0, surprise)))


@njit(cache=True)
def bad_debt(sales: float, order_share: float, lost: float, covered: float) -> float:
    """Money a supplier loses when its main customer fails: h o l (1 - c), million yen.

    Args:
        sales: h, home sales a year.
        order_share: o, share of the customer.
        lost: l, receivables lost, years of sales.
        covered: c, share covered by mutual aid against chain bankruptcy.

    Source: assumption, receivables of about two months.
    """
    return sales * order_share * lost * (1.0 - min(1.0, covered))
