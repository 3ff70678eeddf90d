"""Unit costs at home and abroad, freight, tariffs and agreements (rules 2 and 3)."""

from __future__ import annotations

import math

from numba import njit

from expansion_sim.elementary import exp


@njit(cache=True)
def productivity_reached(relative_output: float, elasticity: float) -> float:
    """Share of Japanese productivity reached in a host: kappa = min(1, y^e).

    Args:
        relative_output: y, host output per head over Japan's, 1.
        elasticity: e, 1.

    Source: assumption; plants of multinationals are more productive than local firms, less than at home.
    """
    return min(1.0, math.pow(max(relative_output, 1e-3), elasticity))


@njit(cache=True)
def labour_cost_ratio(relative_wage: float, reached: float, labour_share: float) -> float:
    """Unit cost in a host over Japan's at equal skill: 1 - s + s w_g / (w_J kappa).

    Materials and machines cost the same everywhere, so only the labour share s moves. The Cobb-Douglas form (w_g/(w_J kappa))^s
    lets unit cost vanish with wages and sends every plant to the poorest country; with fixed proportions the saving is bounded by s,
    and distance, openness and markets decide among cheap hosts, as they did.

    Args:
        relative_wage: w_g / w_J at the year's yen, 1.
        reached: kappa, 1.
        labour_share: s, 1.

    Source: assumption, fixed proportions.
    """
    return 1.0 - labour_share + labour_share * relative_wage / reached


@njit(cache=True)
def host_fixed_cost(relative_wage: float, local_share: float) -> float:
    """Cost that is partly paid abroad over the same at Japan's wages: 1 - f + f min(4, w_g/w_J).

    The administration of a plant in its host, and what direct exports cost where they are sold.

    Args:
        relative_wage: w_g / w_J at the year's yen.
        local_share: f, share paid at local wages.

    Source: assumption.
    """
    return 1.0 - local_share + local_share * min(4.0, relative_wage)


@njit(cache=True)
def cost_of_return(years_away: float, saved: float, lasting: float) -> float:
    """Sunk cost of a mode for a firm that was in it before, over that of a newcomer: 1 - s e^(-t/T).

    Papers, contacts and distributors of a former exporter are still there for a year or two.

    Args:
        years_away: t since it left, 0 or more.
        saved: s, part that is saved by coming back at once.
        lasting: T, years.

    Source: exporters that return after a year pay less, after two or three as much as newcomers (Roberts and Tybout 1997); form an
    assumption.
    """
    return 1.0 - saved * exp(-years_away / lasting)


@njit(cache=True)
def local_competitiveness(relative_output: float, reached: float, labour_share: float, elasticity: float) -> float:
    """Demand for goods made in a host by a Japanese plant relative to local firms: min(4, (1 - s + s y / kappa)^(1 - sigma)).

    A local firm has unit labour cost w_g / A_g, the plant w_g / (A_J kappa); their ratio is y / kappa.

    Args:
        relative_output: y, host output per head over Japan's.
        reached: kappa, share of Japanese productivity reached.
        labour_share: s.
        elasticity: sigma.

    Source: demand of monopolistic competition (Melitz 2003) at relative unit cost; the cap an assumption.
    """
    return min(4.0, math.pow(1.0 - labour_share + labour_share * relative_output / reached, 1.0 - elasticity))


@njit(cache=True)
def plant_cost_ratio(labour_ratio: float, productivity: float, transfer: float, friction: float, skill: float, knowledge: float) -> float:
    """Unit cost of a plant abroad over the firm's own at home: q e^((1-nu) a) (1 + x e^(-l a) (1 - K)).

    Running a plant far away takes management that the productive have more of: the friction of a newcomer falls with productivity.

    Args:
        labour_ratio: q, unit cost there over Japan's at equal skill, 1.
        productivity: a, log points relative to the mean firm.
        transfer: nu, share of own productivity that can be carried abroad.
        friction: x, extra cost of a mean firm that knows nothing of the host, 1.
        skill: l, how fast the friction falls with productivity, per log point.
        knowledge: K, 0 to 1.

    Source: unfamiliarity costs an assumption; selection of owners of plants by productivity (Tomiura, Wakasugi).
    """
    return cost_ratio_at(labour_ratio, left_behind(productivity, transfer), friction * friction_of_skill(productivity, skill), knowledge)


@njit(cache=True)
def left_behind(productivity: float, transfer: float) -> float:
    """Unit cost abroad of a firm that carries only a part of its productivity there, over one that carries all: e^((1-nu) a).

    Args:
        productivity: a, log points relative to the mean firm.
        transfer: nu, share of own productivity that can be carried abroad.

    Source: assumption on how much technology travels.
    """
    return exp((1.0 - transfer) * productivity)


@njit(cache=True)
def friction_of_skill(productivity: float, skill: float) -> float:
    """Friction of a plant abroad relative to a mean firm's: e^(-l a), between e^-2 and e^2.

    Args:
        productivity: a, log points relative to the mean firm.
        skill: l, how fast the friction falls with productivity, per log point.

    Source: Tomiura, Wakasugi; the caps an assumption.
    """
    return exp(-min(2.0, max(-2.0, skill * productivity)))


@njit(cache=True)
def cost_ratio_at(labour_ratio: float, left: float, friction: float, knowledge: float) -> float:
    """:func:`plant_cost_ratio` in one host: q c (1 + x (1 - K)).

    Args:
        labour_ratio: q, unit cost there over Japan's at equal skill, 1.
        left: c, see :func:`left_behind`.
        friction: x, extra cost of this firm if it knew nothing of the host, 1.
        knowledge: K, 0 to 1.

    Source: assumption, knowledge takes the cost of unfamiliarity away.
    """
    return labour_ratio * left * (1.0 + friction * (1.0 - knowledge))


@njit(cache=True)
def host_friction(friction: float, poor: float, relative_output: float) -> float:
    """Extra unit cost in a host without knowledge: x (1 + p (1 - y)), y capped at 1.

    Args:
        friction: x, share of cost.
        poor: p, how much more where output per head is low.
        relative_output: y, host output per head over Japan's.

    Source: assumption.
    """
    return friction * (1.0 + poor * (1.0 - min(1.0, relative_output)))


@njit(cache=True)
def trade_cost(freight: float, tariff: float, cut: float) -> float:
    """Iceberg cost of selling into a market: tau = 1 + freight + tariff (1 - cut).

    Args:
        freight: Share of value.
        tariff: Share of value.
        cut: Share of the tariff that the agreement in use removes, 0 without use.

    Source: iceberg cost (Samuelson 1954).
    """
    return 1.0 + freight + tariff * (1.0 - cut)


@njit(cache=True)
def market_size(market_ratio: float, market_power: float, distance: float, distance_power: float) -> float:
    """Size of a market as an exporter meets it: (E_n/E_J)^mu (d/5)^-delta.

    Gravity: trade falls with distance far more than freight explains, through travel, time and ties.

    Args:
        market_ratio: E_n/E_J, market over Japan's at the year's yen.
        market_power: mu, elasticity of exports to the market's size.
        distance: d, 1000 km; nearer than 500 km counts as 500.
        distance_power: delta, elasticity of exports to distance beyond freight.

    Source: gravity estimates.
    """
    return math.pow(market_ratio, market_power) * math.pow(max(distance, 0.5) / 5.0, -distance_power)


@njit(cache=True)
def left_by_rivals(rivals: float, power: float) -> float:
    """Part of a market that other countries' exporters leave to Japan's, 2015 = 1: max(.1, S)^-kappa.

    Everybody's customers are wooed by everybody. When the rest of the world grows, its markets grow and so does what it offers there; in
    gravity the two cancel, and a country's exports over its own sales change with trade costs and prices alone. Where all others close, Japan's
    exporters still compete with one another: Japan was about a tenth of the open output of 2015.

    Args:
        rivals: S, output of the other open economies over Japan's in volumes, 2015 = 1.
        power: kappa, 1 in structural gravity, 0 for a world without rivals.

    Source: structural gravity, Anderson and van Wincoop 2003.
    """
    return math.pow(max(rivals, 0.1), -power)


@njit(cache=True)
def affiliates_market(to_firms: float, affiliates: float, market_power: float, weight: float) -> float:
    """What plants of large Japanese firms add to a market for exporters: b w P^mu.

    They buy from suppliers at home as well, wherever they are, and only what firms buy.

    Args:
        to_firms: b, share of what the industry makes that firms buy.
        affiliates: P, production of large Japanese firms there over all of theirs, share.
        market_power: mu.
        weight: w, demand of their plants relative to that of a market as large as Japan.

    Source: assumption.
    """
    return to_firms * weight * math.pow(affiliates, market_power)


@njit(cache=True)
def foreign_demand(tradable: float, market: float, ulc_ratio: float, labour_share: float, pass_through: float, tau: float,
                   elasticity: float) -> float:
    """Foreign sales per home sales of a firm of mean productivity: b M (tau / (u^(s phi)))^(1 - sigma).

    Only the part phi of a cost advantage goes into the price abroad; the rest widens the margin (:func:`export_margin`). A weak yen so
    raises sales abroad less than profits, as Japan's exports since 2012 have shown.

    Args:
        tradable: b, 1.
        market: M, see :func:`market_size`.
        ulc_ratio: u, unit labour cost of the market over Japan's, 2015 = 1.
        labour_share: s, share of unit cost that follows wages.
        pass_through: phi, 0 to 1.
        tau: Iceberg cost.
        elasticity: sigma.

    Source: monopolistic competition (Melitz 2003) with the pass-through of Japanese exporters.
    """
    return tradable * market * math.pow(tau / math.pow(ulc_ratio, labour_share * pass_through), 1.0 - elasticity)


@njit(cache=True)
def export_margin(ulc_ratio: float, labour_share: float, pass_through: float, elasticity: float) -> float:
    """Gross profit on sales abroad: 1 - (1 - 1/sigma) u^(-s (1 - phi)), at least 0.

    The price abroad is the mark-up over cost, cost moved only by the part phi of the cost advantage. At u = 1 or phi = 1 this is 1/sigma,
    the margin of monopolistic competition; profit moves with cost as under full pass-through, to first order, because the price is near
    its best.

    Args:
        ulc_ratio: u, unit labour cost of the market over Japan's, 2015 = 1.
        labour_share: s, share of unit cost that follows wages.
        pass_through: phi, 0 to 1.
        elasticity: sigma.

    Source: monopolistic competition with partial pass-through.
    """
    return max(0.0, 1.0 - (1.0 - 1.0 / elasticity) * math.pow(ulc_ratio, -labour_share * (1.0 - pass_through)))


@njit(cache=True)
def agreement_pays(profit: float, profit_with: float, use_cost: float) -> bool:
    """Whether using an agreement is worth its yearly use cost (certificates of origin); large exporters use it more.

    Args:
        profit: Yearly profit in the market at the full tariff, million yen, like the other two.
        profit_with: The same at the tariff of the agreement.
        use_cost: Cost of certificates of origin a year.

    Source: use by large and small exporters in 2022 (Liu and Zhou 2024).
    """
    return profit_with - use_cost > profit


@njit(cache=True)
def quality_access(income: float, elasticity: float) -> float:
    """Demand under the firm's own name in a market richer than Japan: min(1, (1/y)^q).

    Args:
        income: y, the market's income per head over Japan's.
        elasticity: q, 1. Goods of a poorer country sell less under their own brand; trading houses sell on price.

    Source: assumption.
    """
    return min(1.0, math.pow(1.0 / max(income, 1e-3), elasticity))


@njit(cache=True)
def goods_access(openness: float) -> float:
    """Share of a market that foreign goods can reach: .15 + .85 o^.5.

    A country closed to foreign firms is largely closed to their goods as well (state trade, import licences, no diplomatic relations); the
    tariff series does not show it.

    Args:
        openness: o of the host to foreign firms, 0 to 1.

    Source: assumption.
    """
    return 0.15 + 0.85 * math.sqrt(max(openness, 0.0))
