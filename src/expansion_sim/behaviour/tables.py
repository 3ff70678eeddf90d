"""What is the same for all firms of a year: the year itself, the industries, and every industry in every host.

The rules of costs, gains and choice are called here once per (industry, host) instead of once per firm; nothing is computed here
that is not a rule.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import numpy as np
from numba import njit

from expansion_sim.behaviour.attention import outlook_factor
from expansion_sim.behaviour.choice import fellow_pull, host_pull
from expansion_sim.behaviour.competition import demand_after_stealing, demand_left, import_capacity
from expansion_sim.behaviour.costs import (
    affiliates_market,
    export_margin,
    foreign_demand,
    goods_access,
    host_fixed_cost,
    host_friction,
    labour_cost_ratio,
    left_by_rivals,
    local_competitiveness,
    market_size,
    productivity_reached,
    quality_access,
    trade_cost,
)
from expansion_sim.behaviour.employment import jobs_at_output
from expansion_sim.behaviour.gains import affiliates_orders, income_to_spend, left_at_price, local_sales, mall_diffusion, third_market_sales
from expansion_sim.behaviour.output import demand_swing
from expansion_sim.behaviour.parents import export_friction, lost_to_barriers
from expansion_sim.behaviour.taxes import extra_tax, tax_on_profit_abroad
from expansion_sim.codes import HOSTS, INDUSTRIES
from expansion_sim.history import load_history
from expansion_sim.history.drivers import build_drivers
from expansion_sim.parameters import INDUSTRY

FIRST_YEAR = 1955  # of the record
LEAST_CAPITAL_LAW = 1991  # the revised Commercial Code comes into force: capital is counted at prices of today from then on
REFERENCE_YEAR = 2015  # sales of a firm of given size and what imports could be are fitted to this year

#: Scalars of the year; rates are fractions, money relative to 2015 where it is an index.
YEAR_DTYPE = np.dtype(
    [("year", "i8")]
    + [(name, "f8") for name in (
        "wage", "index", "growth", "outlook", "lending_rate", "stance", "tax", "freedom", "volatility", "appreciation", "wage_growth", "malls",
        "information", "selling", "rivals", "capital_price", "capital_price_before", "tax_credit", "tax_exempt", "swing", "shelving",
    )]
    + [(name, "i8") for name in ("attention", "finance", "network", "parents_offshore", "taste", "band", "noise", "learning",
                               "cooperatives")],
)

#: Industries: constants, then what changes from year to year.
INDUSTRY_DTYPE = np.dtype(
    [(name, "f8") for name in (
        "elasticity", "labour_share", "tradable", "relocatable", "local", "needs", "to_firms", "consumer", "traded_goods", "exposure",
        "interest", "margin", "family",
        "sales_level", "sales_size", "small_limit", "largest",
        "closure_rate", "settled", "mean_weight", "mean_productivity", "imports", "usual_imports", "demand_left", "moved",
        "jobs_left", "jobs_unstolen", "left_by_house", "left_by_mall",
    )]
    + [("world_demand", "f8", (2,)), ("world_margin", "f8", (2,))],
)

#: Every industry in every host; pairs are (static, expected) views of the same cost. What is read together stands together: exports, then
#: contracts, then plants.
MARKET_DTYPE = np.dtype(
    [("demand", "f8", (2,)), ("demand_agreement", "f8", (2,)), ("margin", "f8", (2,)), ("access", "f8"), ("general", "f8"), ("cost", "f8", (2,))]
    + [(name, "f8") for name in (
        "friction", "return_cost", "hold_up", "openness", "fellow_pull", "contract_pull", "pull", "local", "platform", "orders", "tax", "fixed",
        "risk", "distance", "income", "growth", "market", "fellows", "trade_friction", "barrier",
    )],
)


@cache
def industry_constants() -> dict[str, list[float]]:
    """Constants per industry from ``industries.toml``, by name, in the order of codes.INDUSTRIES."""
    values = tomllib.loads(resources.files("expansion_sim.behaviour").joinpath("industries.toml").read_text(encoding="utf-8"))["values"]
    for name, row in values.items():
        if len(row) != len(INDUSTRIES):
            raise ValueError(f"industries.toml: {name} has {len(row)} values, {len(INDUSTRIES)} industries")
    return values


def industry_table(overrides: Mapping[str, float] | None = None) -> np.ndarray:
    """Industries with their constants, shape (11,), dtype :data:`INDUSTRY_DTYPE`; yearly fields are zero, mean weights one.

    Args:
        overrides: Parameters of a scenario; those named ``industry.machinery.exposure`` and the like replace constants.
    """
    table = np.zeros(len(INDUSTRIES), INDUSTRY_DTYPE)
    for name, row in industry_constants().items():
        table[name] = row
    for key, value in (overrides or {}).items():
        if key.startswith(f"{INDUSTRY}."):
            _, industry, name = key.split(".")
            table[name][INDUSTRIES.index(industry)] = value
    table["mean_weight"] = 1.0
    table["demand_left"] = table["jobs_left"] = table["jobs_unstolen"] = 1.0
    return table


def fill_year(year: np.ndarray, japan: np.void, before: np.void, appreciation: float, parameters: np.ndarray) -> None:
    """Write Japan's drivers of one year into the YEAR record, shape (1,).

    Args:
        year: Record to fill.
        japan: Drivers of the year (history.drivers.JAPAN_DTYPE).
        before: Drivers of the year before; wages are compared over two years.
        appreciation: What firms remember of the yen's rise, log points, see :func:`remembered_appreciation`.
        parameters: Parameter record.
    """
    p = parameters[0]
    year["year"] = int(japan["year"])
    year["wage"] = japan["wage"] / REFERENCE_WAGE
    year["index"] = japan["productivity"]
    year["growth"], year["outlook"] = japan["growth"], japan["demand_outlook"]
    growth, outlook = float(japan["growth"]), float(japan["demand_outlook"])
    year["swing"] = demand_swing(growth, outlook, p["productivity_cycle"])
    year["shelving"] = outlook_factor(outlook, growth, p["attention_outlook"])
    year["lending_rate"], year["stance"] = japan["lending_rate"], japan["credit"]
    year["tax"], year["freedom"], year["volatility"] = japan["tax"], japan["freedom"], japan["volatility"]
    year["appreciation"] = appreciation
    year["wage_growth"] = 0.5 * (japan["wage_growth"] + before["wage_growth"]) - LASTING_WAGE_GROWTH
    year["malls"] = mall_diffusion(float(japan["year"]), p["export_mall_start"], p["export_mall_middle"], p["export_mall_growth"])
    year["capital_price"], year["capital_price_before"] = capital_price(japan), capital_price(before)
    year["rivals"] = left_by_rivals(float(japan["rivals"]), p["export_rivals"])
    year["information"] = math.exp(-p["export_information_trend"] * (float(japan["year"]) - 2015.0))
    year["selling"] = year["information"] * host_fixed_cost(float(japan["wage_abroad"]), p["fixed_abroad"])


def capital_price(japan: np.void) -> float:
    """Price level in which paid-in capital is counted: consumer prices, 2015 = 1, and 1 from :data:`LEAST_CAPITAL_LAW` on."""
    return float(japan["cpi"]) if int(japan["year"]) < LEAST_CAPITAL_LAW else 1.0


def remembered_appreciation(yen_change: np.ndarray, memory: float) -> np.ndarray:
    """How much of the yen's rise firms still feel when they plan at the end of a year: A' = max(0, m A - change), log points.

    The change is that of the year-end rate, taken as the mean of the changes of this and the next yearly average, because plans are made at
    the end of the year at the rate of the day.

    Args:
        yen_change: Log changes of the yearly average of yen per dollar, shape (years,); negative when the yen rises.
        memory: m, share that lasts from year to year.

    Returns:
        Shape (years,).
    """
    following = np.append(yen_change[1:], yen_change[-1:])
    felt = np.zeros(yen_change.size)
    for i, change in enumerate(0.5 * (yen_change + following)):
        felt[i] = max(0.0, (memory * felt[i - 1] if i else 0.0) - change)
    return felt


LASTING_WAGE_GROWTH = 0.02  # real wage growth a year that firms take for granted (mean of 1955-2024 about .027)
REFERENCE_WAGE = 4.407  # million yen a worker in 2015 (Penn World Table labour income per person engaged)


@njit(cache=True)
def fill_markets(markets, industries, hosts, fellows, affiliates, y, p) -> None:
    """Fill every industry in every host for one year.

    Args:
        markets: Shape (11, 16), dtype :data:`MARKET_DTYPE`, overwritten.
        industries: Shape (11,), ``world_demand`` and ``world_margin``, its mean gross margin, are overwritten.
        hosts: Shape (16,), history.drivers.HOST_DTYPE.
        fellows: Plants of Japanese small firms per unit of a host's room last year, shape (11, 16).
        affiliates: Production of large customers in each host over all of theirs last year, shape (16,).
        y: YEAR record.
        p: Parameter record.
    """
    for k in range(industries.size):
        industry = industries[k]
        industry.world_demand[:] = 0.0
        industry.world_margin[:] = 0.0
        imports = 0.0
        for g in range(hosts.size):
            fill_market(markets[k, g], industry, hosts[g], fellows[k, g], affiliates[g], y, p)
            for view in range(2):
                industry.world_demand[view] += markets[k, g].demand[view]
                industry.world_margin[view] += markets[k, g].demand[view] * markets[k, g].margin[view]
            m = markets[k, g]
            imports += import_capacity(m.openness, hosts[g].market_ratio, p.competition_size, m.cost[0], m.return_cost)
        for view in range(2):
            industry.world_margin[view] /= max(industry.world_demand[view], 1e-12)
        industry.left_by_house = left_at_price(p.export_trading_margin, industry.elasticity)
        industry.left_by_mall = left_at_price(p.export_mall_fee, industry.elasticity)
        industry.imports = imports
        industry.demand_left = demand_left(p.competition_imports, industry.exposure, imports, industry.usual_imports)
        stayer = industry.demand_left * demand_after_stealing(p.competition_stealing, industry.moved)
        industry.jobs_left = jobs_at_output(stayer, p.jobs_elasticity)
        industry.jobs_unstolen = jobs_at_output(industry.demand_left, p.jobs_elasticity)


@njit(cache=True)
def fill_market(m, industry, host, fellows, affiliates, y, p) -> None:
    """One industry in one host: the rules of cost, demand and pull at this year's drivers."""
    cut = p.cost_agreement_cut if host.agreement > 0.0 else 0.0
    freight = host.freight * y.information
    plain, reduced = trade_cost(freight, host.tariff, 0.0), trade_cost(freight, host.tariff, cut)
    reached = productivity_reached(host.productivity_ratio, p.cost_productivity_reached)
    tradable = industry.tradable * goods_access(host.openness)
    general = market_size(host.market_ratio, p.export_market, host.distance_km / 1000.0, p.export_distance)
    # What large customers lose to a tariff is measured before rivals: their wish to move behind it was set so, see parents.export_friction.
    untaxed = foreign_demand(goods_access(host.openness), general, host.ulc_ratio, industry.labour_share, p.export_pass_through, 1.0 + freight,
                             industry.elasticity)
    general *= y.rivals
    market = general + affiliates_market(industry.to_firms, affiliates, p.export_market, p.export_affiliates)
    m.general = general / max(market, 1e-12)
    for view in range(2):
        ulc = host.ulc_ratio if view == 0 else host.ulc_ratio_expected
        wage = host.relative_wage if view == 0 else host.relative_wage_expected
        m.demand[view] = foreign_demand(tradable, market, ulc, industry.labour_share, p.export_pass_through, plain, industry.elasticity)
        m.demand_agreement[view] = foreign_demand(tradable, market, ulc, industry.labour_share, p.export_pass_through, reduced, industry.elasticity)
        m.margin[view] = export_margin(ulc, industry.labour_share, p.export_pass_through, industry.elasticity)
        m.cost[view] = labour_cost_ratio(wage, reached, industry.labour_share)
    m.trade_friction = export_friction(host.income, untaxed, host.tariff, industry.elasticity)
    m.barrier = lost_to_barriers(plain, industry.elasticity)
    m.friction = host_friction(p.cost_friction, p.cost_friction_poor, host.productivity_ratio) * y.information
    m.return_cost = freight * p.cost_return_freight + host.home_tariff
    m.platform = third_market_sales(p.gain_platform, host.third_tariff, industry.elasticity)
    m.access = quality_access(host.income, p.export_quality_gap)
    spent = income_to_spend(host.income, industry.needs)
    m.local = local_sales(1.0, industry.local, host.market_ratio, p.gain_local_market, spent, p.gain_local_income)
    m.local *= local_competitiveness(host.productivity_ratio, reached, industry.labour_share, industry.elasticity)
    m.market = local_sales(1.0, 1.0, host.market_ratio, 1.0, host.income, p.gain_local_income)
    m.orders = affiliates_orders(industry.to_firms, affiliates, p.gain_local_market, p.gain_affiliates)
    m.fixed = host_fixed_cost(host.relative_wage, p.cost_fixed_local)
    m.distance, m.risk, m.openness = host.distance_km / 1000.0, max(0.0, host.risk), host.openness
    m.income, m.growth = host.income, host.growth
    m.tax = extra_tax(tax_on_profit_abroad(host.tax, y.tax, y.tax_credit, y.tax_exempt), y.tax)
    m.fellows, m.fellow_pull = fellows, fellow_pull(fellows, p.choice_fellows, p.choice_crowding)
    m.hold_up = p.gain_contract_surcharge + p.gain_contract_hold_up * (1.0 - host.openness)
    m.pull = host_pull(host.openness, p.choice_openness, m.distance, p.choice_distance, m.risk, p.choice_risk, host.growth, p.choice_growth)
    # A contractor needs no licence of his own, only trade with the host: openness weighs half.
    m.contract_pull = host_pull(host.openness, 0.5 * p.choice_openness, m.distance, p.choice_distance, m.risk, p.choice_risk,
                                host.growth, p.choice_growth)


HOST_COUNT = len(HOSTS)


@cache
def _reference_drivers() -> tuple[np.void, np.ndarray]:
    """Japan's and the hosts' recorded drivers of the reference year."""
    return build_drivers(load_history(), None, FIRST_YEAR, REFERENCE_YEAR).year(REFERENCE_YEAR)


def learn_usual_imports(industries: np.ndarray, parameters: np.ndarray) -> None:
    """What imports could be in 2015 of the record, against which a firm's home demand is measured in every world.

    Args:
        industries: INDUSTRY records, shape (11,); ``usual_imports`` is written, other yearly fields are left as of 2015.
        parameters: The parameter record, shape (1,).
    """
    japan, hosts = _reference_drivers()
    year, markets = np.zeros(1, YEAR_DTYPE), np.zeros((len(INDUSTRIES), len(HOSTS)), MARKET_DTYPE)
    fill_year(year, japan, japan, 0.0, parameters)
    fill_markets(markets, industries, hosts, np.zeros(markets.shape), np.zeros(len(HOSTS)), year[0], parameters[0])
    industries["usual_imports"] = industries["imports"]


def room_of(hosts: np.ndarray) -> np.ndarray:
    """Room for plants in each host: root of its population relative to fifty million (from market and income), shape (16,)."""
    people = hosts["market"] / np.maximum(hosts["income"], 1e-6)
    reference = 50.0e6 * 8.0  # fifty million persons at Japan's output per head of about eight million yen (2015) per worker
    return np.sqrt(np.maximum(people / reference, 0.02))
