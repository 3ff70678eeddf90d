"""Yearly gain of each mode before its fixed cost (rule 4). All gains are million yen of 2015 a year."""

from __future__ import annotations

import math

from numba import njit

from expansion_sim.elementary import exp, power


@njit(cache=True, error_model="numpy")  # a look at every divisor would keep loops over hosts from vectors
def variable_profit(sales: float, elasticity: float) -> float:
    """Gross profit of monopolistic competition: R / sigma.

    Args:
        sales: R, million yen a year.
        elasticity: sigma, above 1.

    Source: Melitz 2003.
    """
    return sales / elasticity


@njit(cache=True)
def productivity_effect(productivity: float, quality: float, elasticity: float, reward: float) -> float:
    """Foreign demand relative to the mean firm: e^(min(r (sigma - 1 - .83) a, 2) + q).

    Home sales already carry a loading of productivity, so only the rest, (sigma - 1) - .83, is left here; capped at e^2 because
    capacity is.

    Args:
        productivity: a, log points.
        quality: q, log points of demand abroad.
        elasticity: sigma.
        reward: r, part of the advantage that foreign demand rewards; 1 in the limit of Melitz, where productivity is all that firms
            differ in and is measured without error.

    Source: Melitz 2003; the part rewarded and the cap are assumptions.
    """
    return exp(min(reward * (elasticity - 1.0 - 0.83) * productivity, 2.0) + quality)


@njit(cache=True, error_model="numpy")
def within_capacity(demand: float, limit: float) -> float:
    """Foreign sales a firm can serve: D L / (D + L).

    Close to D while D is small against the limit; a firm cannot export many times what it sells at home without becoming a large one.

    Args:
        demand: D, what foreign customers would buy, million yen.
        limit: L, most it can serve, million yen; 0 or more.

    Source: assumption.
    """
    return demand * limit / (demand + limit) if demand > 0.0 and limit > 0.0 else 0.0


@njit(cache=True, forceinline=True, error_model="numpy")
def share_served(demand: float, limit: float, openness: float) -> float:
    """Share of what is asked of an own base that it serves, all its buyers alike: o S / D, S as in :func:`within_capacity`.

    Args:
        demand: D, what its host, third markets and plants of large customers would buy, million yen.
        limit: L, most it can serve, million yen.
        openness: o, of the host, 0 to 1: in a half-closed one the base serves only what is open to it.

    Source: assumption.
    """
    return within_capacity(demand, limit) * openness / max(demand, 1e-12)


@njit(cache=True)
def left_at_price(margin: float, elasticity: float) -> float:
    """Demand at a price that somebody between maker and customer has raised, over demand without him: (1 + m)^(1 - sigma).

    Args:
        margin: m, what he adds to the price, share.
        elasticity: sigma.

    Source: demand of monopolistic competition.
    """
    return power(1.0 + margin, 1.0 - elasticity)


@njit(cache=True)
def indirect_sales(sales: float, demand: float, reach: float, left: float) -> float:
    """Sales through trading houses: h D r x.

    Args:
        sales: h, home sales.
        demand: D, foreign demand per home sales over all markets.
        reach: r, share of it that a trading house opens to one small firm.
        left: x, see :func:`left_at_price`, with the mark-up of the house.

    Source: demand of monopolistic competition at a price raised by the house's margin; reach an assumption.
    """
    return sales * demand * reach * left


@njit(cache=True)
def left_to_channel(sales: float, covered: float, rivalry: float) -> float:
    """Sales that a trading house or a mall still makes beside channels the firm has already: R (1 - c)(1 - r).

    The same foreign customers buy through one channel or another; and a house or a distributor does little for a maker that sells past it.

    Args:
        sales: R, sales of the channel if the firm had no other one.
        covered: c, share of foreign demand in the firm's own markets, 0 to 1.
        rivalry: r, part of the rest that is lost to the other channel, 0 for a firm without one.

    Source: assumption.
    """
    return sales * (1.0 - covered) * (1.0 - rivalry)


@njit(cache=True)
def direct_reach(years: float, start: float, speed: float) -> float:
    """Share of a market's demand that a direct exporter reaches: r0 + (1 - r0)(1 - e^(-t/T)).

    Args:
        years: t in the market.
        start: r0 in the first year.
        speed: T, years.

    Source: exporters grow in their first years; form an assumption.
    """
    return start + (1.0 - start) * (1.0 - exp(-max(years, 0.0) / speed))


@njit(cache=True)
def mall_diffusion(year: float, start: float, middle: float, growth: float) -> float:
    """Diffusion of cross-border malls, 0 to 1: logistic in the year, 0 before they exist.

    Args:
        year: Calendar year.
        start: Year of the first malls.
        middle: Year in which half of the diffusion is done.
        growth: 1 a year.

    Source: assumption, a logistic from the first malls of about 1998.
    """
    if year < start:
        return 0.0
    return 1.0 / (1.0 + math.exp(-growth * (year - middle)))


@njit(cache=True)
def mall_sales(sales: float, demand: float, consumer: float, reach: float, diffusion: float, left: float) -> float:
    """Sales on cross-border malls: h D c r d x, with c the share of consumer goods and d the malls' diffusion.

    Args:
        sales: h, home sales, million yen.
        demand: D, foreign demand per home sales over all markets.
        consumer: c, share of consumer goods, 0 to 1.
        reach: r, share of demand that a mall opens to one small firm.
        diffusion: d, see :func:`mall_diffusion`.
        left: x, see :func:`left_at_price`, with the fee of the mall.

    Source: demand of monopolistic competition at a price raised by the fee; reach and diffusion assumptions.
    """
    return sales * demand * consumer * reach * diffusion * left


@njit(cache=True)
def relocation_saving(cost: float, cost_ratio: float, return_cost: float) -> float:
    """Cost saved by making the relocatable share abroad and sending it home: C max(0, 1 - c_g (1 + f)).

    Args:
        cost: C, what that share costs at home (home sales times unit cost over price times the share), million yen a year.
        cost_ratio: c_g, unit cost there over here.
        return_cost: f, freight home and Japan's tariff, share of value.

    Source: arithmetic; the share that can be moved is an assumption.
    """
    return cost * max(0.0, 1.0 - cost_ratio * (1.0 + return_cost))


@njit(cache=True)
def contract_saving(cost: float, cost_ratio: float, return_cost: float, surcharge: float) -> float:
    """Saving of contract production: as a plant on the share a contractor can do, cost raised by the hold-up surcharge.

    Args:
        cost: What that share costs at home, million yen a year.
        cost_ratio: Unit cost there over here at equal skill.
        return_cost: Freight home and Japan's tariff, share of value.
        surcharge: Contractor's margin, rejects and hold-up, share of cost.

    Source: the same; hold-up and rejects as a surcharge are an assumption.
    """
    return relocation_saving(cost, cost_ratio * (1.0 + surcharge), return_cost)


@njit(cache=True)
def local_sales(sales: float, local: float, market_ratio: float, market_power: float, income: float, income_elasticity: float) -> float:
    """Sales of a base in its host: h l (E_g/E_J)^mu min(1, y)^eta: only where people have income.

    One base of a small firm serves a region, so its sales rise less than the country (mu below 1).

    Args:
        sales: h, home sales.
        local: l, local sales per home sales at equal market and income.
        market_ratio: E_g/E_J.
        market_power: mu.
        income: y, income per head over Japan's that is left to spend, see :func:`income_to_spend`.
        income_elasticity: eta.

    Source: assumption.
    """
    if income <= 0.0:  # nothing to spend, also where sales do not depend on how much
        return 0.0
    return sales * local * math.pow(market_ratio, market_power) * math.pow(min(1.0, income), income_elasticity)


@njit(cache=True)
def income_to_spend(income: float, needs: float) -> float:
    """Income that is left when needs are met, Japan's mean = 1: max(0, y - s) / (1 - s).

    Services of a richer country are bought from what is left, so nobody buys them where incomes are below s; goods have s = 0.

    Args:
        income: y, income per head over Japan's.
        needs: s, income over Japan's at which the first ones are bought, below 1.

    Source: Stone-Geary demand (linear expenditure system); s an assumption.
    """
    return max(0.0, income - needs) / (1.0 - needs)


@njit(cache=True)
def third_market_sales(platform: float, tariff: float, elasticity: float) -> float:
    """Sales of a base to third markets over its sales in the host: P (1 + t)^(1 - sigma).

    Args:
        platform: P, without special tariffs.
        tariff: t, tariff of third markets on goods made in the host above that on goods of others, share of value.
        elasticity: sigma.

    Source: demand of monopolistic competition at a price raised by the tariff; P an assumption.
    """
    return platform * power(1.0 + tariff, 1.0 - elasticity)


@njit(cache=True)
def customer_orders(sales: float, order_share: float, customer_share: float) -> float:
    """What the main customer's plants in the host order from a base beside them: h o p.

    Args:
        sales: h, home sales.
        order_share: o, share of home sales to that customer.
        customer_share: p, share of the customer's production in the host.

    Source: assumption; suppliers follow to sell to the customer's plants.
    """
    return sales * order_share * customer_share


@njit(cache=True)
def affiliates_orders(to_firms: float, affiliates: float, market_power: float, weight: float) -> float:
    """What plants of large Japanese firms in the host order from a base beside them, whoever supplies them at home: b w A^mu.

    They are a market of their own, which wants parts made to order and no brand; one base serves a part of it, as with other customers (mu).

    Args:
        to_firms: b, share of what the industry makes that firms buy.
        affiliates: A, production of large customers in the host over all of theirs.
        market_power: mu.
        weight: w, orders per home sales if all production were there.

    Returns:
        Share of home sales.

    Source: bases of small firms in Asia sell to Japanese affiliates before they reach local customers; form and weight assumptions.
    """
    return to_firms * weight * math.pow(affiliates, market_power)


@njit(cache=True)
def share_moved(relocatable: float, plants: int, further: float) -> float:
    """Share of home production that moves to n plants abroad in time: min(.9, rho (1 + f (n - 1))), 0 without one.

    Args:
        relocatable: rho, what the first plant takes.
        plants: n, plants where moving saves something; a plant that is there for its market moves nothing.
        further: f, what each further plant takes relative to the first.

    Source: assumption.
    """
    return min(0.9, relocatable * (1.0 + further * (plants - 1))) if plants > 0 else 0.0


@njit(cache=True)
def plant_gain(saving: float, inside: float, tax: float) -> float:
    """Yearly gain of a plant: (saving + profit earned in the host)(1 - t).

    Args:
        saving: Saving on production sent home.
        inside: Profit on local sales, third markets and a main customer's orders.
        tax: t, extra tax of the host on the gain after relief at home, share.

    Source: arithmetic.
    """
    return (saving + inside) * (1.0 - tax)
