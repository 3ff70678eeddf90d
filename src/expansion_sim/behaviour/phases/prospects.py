"""What the firm reckons with in the year at hand: its demand, its credit line, what a mode would earn and cost it in a host."""

from __future__ import annotations

import numpy as np
from numba import njit

from expansion_sim.behaviour.appraisal import (
    base_sales,
    contract_gain,
    cost_scale,
    cost_scales,
    direct_demand,
    export_room,
    fixed_cost,
    foreign_effect,
    indirect_revenue,
    mall_revenue,
    members_of,
    next_plant_gain,
    standing_of,
    sunk_cost,
    view_of,
)
from expansion_sim.behaviour.competition import demand_after_stealing
from expansion_sim.behaviour.costs import cost_of_return
from expansion_sim.behaviour.finance import credit_ceiling, credit_line
from expansion_sim.behaviour.gains import left_to_channel, within_capacity
from expansion_sim.codes import BANKS, CONTRACT, DIRECT, ECOMMERCE, FDI, HOSTS, INDIRECT
from expansion_sim.elementary import lowest_bit

HOST_COUNT = len(HOSTS)
#: Standing of a firm in a year: whether it is known, the three of appraisal.standing_of and the two of appraisal.cost_scales.
STANDING_DTYPE = np.dtype([("known", "i8")] + [(name, "f8") for name in ("effect", "left", "skill", "exporting", "making")])


@njit(cache=True)
def appraise(f, mode: int, host: int, c) -> tuple[float, float, float, float]:
    """Gain and fixed cost a year, sunk cost, first year's foreign sales to be financed, of a mode (in a host); million yen 2015."""
    y, industries, markets, customers, support, p = c[0][0], c[1], c[2], c[3], c[4], c[8][0]
    industry, view, scale = industries[f.industry], view_of(f), cost_scale(f, mode, y, p)
    running, entering = further_shares(f, mode, y, p)
    fixed = fixed_cost(mode, scale, members_of(f), y, p) * running
    sunk = sunk_cost(mode, scale, members_of(f), y, p) * entering * (1.0 - customer_help(f, mode, host, p))
    if mode == INDIRECT:
        sales = house_sales(f, view, abroad_of(f, c), c)
        return sales * industry.world_margin[view], fixed, sunk, sales
    if mode == ECOMMERCE:
        sales = mall_sales(f, view, abroad_of(f, c), c)
        return sales * industry.world_margin[view], fixed, sunk, sales
    m = markets[f.industry, host]
    if mode == DIRECT:
        demand, use = direct_demand(f, industry, m, host, y, p, view, support[small_code(f, c), DIRECT].use_cut)
        sales = within_capacity(demand, export_room(f, p))
        effect, covered = abroad_of(f, c)
        lost = lost_to_own_market(f, whole_house_sales(f, effect, view, c), covered, m.demand[0], view, c)
        return max(0.0, sales * m.margin[view] - use - lost), fixed, sunk, sales * p.export_reach_start
    if mode == CONTRACT:
        return contract_gain(f, industry, m, host, y, p, view), fixed, sunk, 0.0
    own, ordered = base_sales(f, industry, m, host, customers, y, p)
    return next_plant_gain(f, industry, m, host, customers, y, p, view), fixed * m.fixed, sunk, (own + ordered) / p.gain_start_years


@njit(cache=True, forceinline=True)
def take_stand(f, industry, y, p, stand) -> None:
    """Write appraisal.standing_of and appraisal.cost_scales of a firm, which hold for a year once its home sales are known, into ``stand``."""
    stand.effect, stand.left, stand.skill = standing_of(f, industry, p)
    stand.exporting, stand.making = cost_scales(f, y, p)
    stand.known = 1


@njit(cache=True, forceinline=True)
def standing_in(stand) -> tuple[float, float, float]:
    """What :func:`take_stand` has written of appraisal.standing_of."""
    return stand.effect, stand.left, stand.skill


@njit(cache=True)
def abroad_of(f, c) -> tuple[float, float]:
    """What all channels of exports reckon with: effect of the firm on foreign demand, and share of that demand in its own markets.

    Whoever looks at several channels takes it once; see appraisal.foreign_effect and :func:`direct_cover`.
    """
    return foreign_effect(f, c[1][f.industry], c[8][0]), direct_cover(f, c)


@njit(cache=True)
def house_sales(f, view: int, abroad: tuple[float, float], c) -> float:
    """Yearly sales through a trading house, outside the firm's own markets and after what own channels take, million yen 2015.

    Args:
        f: Record of the firm.
        view: View of costs.
        abroad: See :func:`abroad_of`.
        c: Context of the year.
    """
    rivalry = c[8][0].export_rivalry if f.channels & 2 else 0.0
    return left_to_channel(whole_house_sales(f, abroad[0], view, c), abroad[1], rivalry)


@njit(cache=True)
def whole_house_sales(f, effect: float, view: int, c) -> float:
    """What a trading house would sell for the firm if it had no market of its own, million yen 2015 a year."""
    p = c[8][0]
    return indirect_revenue(f, effect, c[1][f.industry], p, view, export_room(f, p))


@njit(cache=True)
def lost_to_own_market(f, whole: float, covered: float, demand: float, view: int, c) -> float:
    """Gross profit through the trading house that a further market of its own costs the firm, million yen 2015 a year.

    Args:
        f: Record of the firm.
        whole: See :func:`whole_house_sales`.
        covered: Share of foreign demand in its markets so far.
        demand: Demand of the further market.
        view: View of costs.
        c: Context of the year.
    """
    if not f.channels & 1:
        return 0.0
    industry, rivalry = c[1][f.industry], c[8][0].export_rivalry
    before = left_to_channel(whole, covered, rivalry if f.channels & 2 else 0.0)
    after = left_to_channel(whole, min(1.0, covered + demand / max(industry.world_demand[0], 1e-12)), rivalry)
    return (before - after) * industry.world_margin[view]


@njit(cache=True)
def mall_sales(f, view: int, abroad: tuple[float, float], c) -> float:
    """Yearly sales on malls beside the channels the firm has already, million yen 2015; see :func:`house_sales`."""
    y, p = c[0][0], c[8][0]
    rivalry = p.export_rivalry if f.channels & 3 else 0.0
    return left_to_channel(mall_revenue(f, abroad[0], c[1][f.industry], y, p, view, export_room(f, p)), abroad[1], rivalry)


@njit(cache=True)
def direct_cover(f, c) -> float:
    """Share of the industry's foreign demand that lies in markets the firm serves itself, 0 to 1."""
    if f.markets == 0:
        return 0.0
    industry, markets = c[1][f.industry], c[2]
    covered, left = 0.0, np.int64(f.markets)
    while left:
        covered += markets[f.industry, lowest_bit(left)].demand[0]
        left &= left - 1
    return min(1.0, covered / max(industry.world_demand[0], 1e-12))


@njit(cache=True)
def further_shares(f, mode: int, y, p) -> tuple[float, float]:
    """Yearly and sunk cost of a further market or host relative to the first one of the mode, 1 for the first; less sunk for who returns."""
    if mode == DIRECT:
        return (p.fixed_market, p.sunk_further) if f.markets != 0 else (1.0, returning_share(f, mode, y, p))
    runs = f.plant_hosts != 0 or f.cluster_hosts != 0 if mode >= FDI else f.since[mode] > 0
    return (p.sunk_further_plant, p.sunk_further_plant) if runs else (1.0, returning_share(f, mode, y, p))


@njit(cache=True)
def returning_share(f, mode: int, y, p) -> float:
    """Share of the mode's sunk cost that the firm pays, below 1 where it left the mode not long ago; a plant that was sold is gone."""
    if f.left[mode] == 0 or mode >= FDI:
        return 1.0
    return cost_of_return(float(y.year - f.left[mode]), p.sunk_returning, p.sunk_returning_years)


@njit(cache=True)
def customer_help(f, mode: int, host: int, p) -> float:
    """Share of the sunk cost of a plant that a main customer's invitation saves: site, permits, first orders."""
    return p.parent_help if mode >= FDI and host >= 0 and f.invited_host == host else 0.0


@njit(cache=True)
def small_code(f, c) -> int:
    """1 for a small firm by the Basic Act's employee limit of its industry, else 0."""
    return 1 if f.employees <= c[1][f.industry].small_limit else 0


@njit(cache=True)
def line_of(f, mode: int, c) -> float:
    """Unused credit line for a mode, public guarantee included, million yen 2015."""
    return credit_line(ceiling_of(f, mode, c), f.debt - f.public_debt)  # public lenders ask for little collateral


@njit(cache=True)
def ceiling_of(f, mode: int, c) -> float:
    """Most that banks lend to the firm for a mode, public guarantee included, million yen 2015."""
    support, p = c[4], c[8][0]
    cover = support[small_code(f, c), mode].cover
    return credit_ceiling(f.assets, p.finance_collateral, bank_of(f, c), p.finance_cycle, p.finance_guarantee, cover)


@njit(cache=True)
def bank_of(f, c) -> float:
    """Health of the firm's main bank this year, -1 tight to 1 easy; firms are spread evenly over banks and stay with theirs."""
    return c[11][f.firm % BANKS]


@njit(cache=True)
def home_demand(f, industry, p) -> float:
    """Home demand relative to 2015 that imports, and rivals of the industry who moved, leave to the firm."""
    if f.relocated > 0.0:
        return industry.demand_left
    return industry.demand_left * demand_after_stealing(p.competition_stealing, industry.moved)
