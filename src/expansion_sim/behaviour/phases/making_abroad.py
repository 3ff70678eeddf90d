"""Phase 3, production abroad: gains of contractors and plants, and which of them end or come home."""

from __future__ import annotations

from numba import njit

from expansion_sim.behaviour.appraisal import (
    base_sales,
    contract_gain,
    contracted_share,
    cost_scale,
    fixed_cost,
    members_of,
    plant_parts,
    risk_of,
    stay_gap,
)
from expansion_sim.behaviour.choice import NO_GAIN
from expansion_sim.behaviour.gains import plant_gain as plant_net
from expansion_sim.behaviour.phases.prospects import HOST_COUNT
from expansion_sim.behaviour.phases.spells import RESHORE_BIT, close_plant, leave
from expansion_sim.behaviour.survival import export_exit_hazard, plant_exit_hazard, reshoring_hazard
from expansion_sim.codes import CLUSTER, CONTRACT, FDI


@njit(cache=True)
def settle_contract(f, c, u: float, u_reshore: float) -> float:
    """Contract production of the year and its end; returns its profit."""
    if f.contract_hosts == 0:
        return 0.0
    y, industry, markets, p = c[0][0], c[1][f.industry], c[2], c[8][0]
    scale = cost_scale(f, CONTRACT, y, p)
    best, host = NO_GAIN, -1
    for g in range(HOST_COUNT):
        if f.contract_hosts & (1 << g):
            gain = contract_gain(f, industry, markets[f.industry, g], g, y, p, 0)
            if gain > best:
                best, host = gain, g
    fixed = fixed_cost(CONTRACT, scale, members_of(f), y, p)
    years = float(y.year - f.since[CONTRACT])
    if years > 0.0:
        m = markets[f.industry, host]
        gap = stay_gap(f, y, CONTRACT, best, fixed, scale, 1.0, risk_of(y, m.risk, 0.0, p), p)
        home = u_reshore < reshoring_hazard(p.exit_reshore, gap, m.risk, p.exit_reshore_risk)
        if home or u < export_exit_hazard(years, p.exit_contract_base, 0.0, p.exit_mismatch_fade, gap, p.exit_slope, p.exit_margin_hazard):
            f.contract_hosts = 0
            leave(f, CONTRACT, host, y.year)
            if home:
                f.events |= RESHORE_BIT
                f.reshored = y.year
            return 0.0
    f.contract_output = f.home_sales * contracted_share(f, industry, p)
    return best - fixed


@njit(cache=True)
def settle_plants(f, c, u: float, u_reshore: float) -> float:
    """Own and collective plants of the year, after the weakest one may have been closed; returns their profit."""
    if f.plant_hosts == 0 and f.cluster_hosts == 0:
        return 0.0
    y, p = c[0][0], c[8][0]
    consider_closing(f, c, u, u_reshore)
    saved, inside, count, best, _, _, sales = plants_gain(f, c)
    if count == 0:
        return 0.0
    mode = FDI if f.plant_hosts != 0 else CLUSTER
    fixed = fixed_cost(mode, cost_scale(f, mode, y, p), members_of(f), y, p) * c[2][f.industry, best].fixed
    started = share_started(f, y, p)
    f.local_sales = sales * started / (1.0 + p.gain_platform)  # the rest goes to third markets
    f.plant_sales = sales * started + f.home_sales * f.relocated
    return gain_so_far(f, saved, inside, c) - fixed * (1.0 + p.sunk_further_plant * (count - 1))


@njit(cache=True)
def share_started(f, y, p) -> float:
    """Share of what a base sells in full that it sells by now."""
    return min(1.0, (years_of_plants(f, y.year) + 1.0) / p.gain_start_years)


@njit(cache=True)
def gain_so_far(f, saved: float, inside: float, c) -> float:
    """Gain of plants that are still starting: the saving on what has been moved, the profit on what the bases sell by now."""
    industry = c[1][f.industry]
    moved = min(1.0, f.relocated / industry.relocatable) if industry.relocatable > 0.0 else 0.0
    return saved * moved + inside * share_started(f, c[0][0], c[8][0])


@njit(cache=True)
def consider_closing(f, c, u: float, u_reshore: float) -> None:
    """Close the weakest plant by the hazards of leaving and of coming home; members of a cooperative are locked in at first."""
    y, p = c[0][0], c[8][0]
    _, _, count, _, least, weakest, _ = plants_gain(f, c)
    mode = CLUSTER if f.cluster_hosts & (1 << weakest) else FDI
    years = float(y.year - f.since[mode])
    if years <= 0.0 or (mode == CLUSTER and years < p.cooperative_lock_in):
        return
    m, scale = c[2][f.industry, weakest], cost_scale(f, FDI, y, p)
    more = p.sunk_further_plant if count > 1 else 1.0  # of several plants, the last one opened is what closing would save
    fixed = fixed_cost(mode, scale, members_of(f), y, p) * m.fixed * more
    gap = stay_gap(f, y, mode, least, fixed, scale, more, risk_of(y, m.risk, 0.0, p), p)
    home = u_reshore < reshoring_hazard(p.exit_reshore, gap, m.risk, p.exit_reshore_risk) and f.relocated > 0.0
    hazard = plant_exit_hazard(years, m.distance, p.exit_plant_base, p.exit_plant_years, p.exit_plant_distance, gap, p.exit_slope,
                               p.exit_plant_margin)
    if home or u < hazard:
        close_plant(f, mode, weakest, home, y.year)
        if not home and u_reshore > 1.0 - p.exit_relocate:
            f.interested = 1  # looks for another base


@njit(cache=True)
def plants_gain(f, c) -> tuple[float, float, int, int, float, int, float]:
    """Saving and other gain of all plants in full, their number, best host, weakest host's gain, weakest host, sales of the bases.

    What can be moved is moved once, at the host where it saves most.
    """
    y, industry, markets, customers, p = c[0][0], c[1][f.industry], c[2], c[3], c[8][0]
    saved, inside, count, best, weakest, least, most, sales = 0.0, 0.0, 0, -1, -1, 1e30, -1e30, 0.0
    hosts = f.plant_hosts | f.cluster_hosts
    for g in range(HOST_COUNT):
        if hosts & (1 << g):
            m = markets[f.industry, g]
            saving, local = plant_parts(f, industry, m, g, customers, y, p, 0)
            gain = plant_net(saving, local, m.tax)
            saved = max(saved, saving * (1.0 - m.tax))
            inside += local * (1.0 - m.tax)
            sales += base_sales(f, industry, m, p)
            count += 1
            if gain < least:
                weakest, least = g, gain
            if gain > most:
                best, most = g, gain
    return saved, inside, count, best, least, weakest, sales


@njit(cache=True)
def years_of_plants(f, year: int) -> float:
    """Years since the oldest running plant, own or collective, was opened."""
    start = year
    if f.since[FDI] > 0:
        start = min(start, int(f.since[FDI]))
    if f.since[CLUSTER] > 0:
        start = min(start, int(f.since[CLUSTER]))
    return float(year - start)
