"""What the surveys measure: statistics of the firms of one year seen through a lens.

Every statistic takes a :class:`Snapshot` and the weights of a lens (shape (n,)) and returns one number. Functions with arguments
return such a statistic; they are combined with lenses and years in surveys.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, ECOMMERCE, EVENTS, EXPORT_MODES, FDI, HOME, INDIRECT, PLANNING
from expansion_sim.history import load_history
from expansion_sim.population.schema import stage_of
from expansion_sim.validation import estimators
from expansion_sim.validation.frames import SURVEY_INDUSTRIES, is_small, jfc_borrowers, within
from expansion_sim.validation.snapshot import Snapshot, abroad, price_level, total_sales

Statistic = Callable[[Snapshot, np.ndarray], float]

#: Own FDI as surveys ask for it: an affiliate or base abroad, alone or with others.
OWN_FDI = (FDI, CLUSTER)
PLANTS_COLUMNS = {CONTRACT: "contract_hosts", FDI: "plant_hosts", CLUSTER: "cluster_hosts"}
#: Event bits of a new project: an entry or a further host.
NEW_PROJECT = sum(1 << EVENTS.index(name) for name in ("enter", "add_host"))
#: Industries of the 2023 survey with their printed rank by share abroad; construction and accommodation are level.
PRINTED_RANKS = {
    "manufacturing": 1,
    "wholesale": 2,
    "information": 3,
    "retail": 4,
    "services": 5,
    "construction": 6.5,
    "accommodation_food": 6.5,
    "transport": 8,
}
#: Share of sales made abroad from which overseas business counts as having raised revenue materially. Assumption.
MATERIAL_SHARE = 0.1
#: Change of home jobs that a firm would report as none, and persons per unit of output as in parameters.toml (jobs.elasticity).
SAME_JOBS, JOBS_PER_OUTPUT = 0.05, 0.8


def uses(firms: Snapshot, mode: int) -> np.ndarray:
    """Firms in a mode this year, shape (n,)."""
    return firms["channels"] & (1 << (mode - 1)) > 0 if mode in EXPORT_MODES else firms[PLANTS_COLUMNS[mode]] > 0


def uses_any(firms: Snapshot, modes: Sequence[int]) -> np.ndarray:
    """Firms in at least one of the modes, shape (n,)."""
    return np.logical_or.reduce([uses(firms, mode) for mode in modes])


def share_using(*modes: int) -> Statistic:
    """Share of firms in at least one of the modes, percent."""
    return lambda firms, weights: estimators.share(uses_any(firms, modes), weights)


def share_abroad(firms: Snapshot, weights: np.ndarray) -> float:
    """Share of firms with at least one mode abroad, percent."""
    return estimators.share(abroad(firms), weights)


def share_small(firms: Snapshot, weights: np.ndarray) -> float:
    """Share of small firms of the Basic Act, percent."""
    return estimators.share(is_small(firms), weights)


def share_in_stage(*stages: int) -> Statistic:
    """Share of firms in one of the stages on the way abroad, percent of all firms."""
    return lambda firms, weights: estimators.share(np.isin(firms.derived(stage_of), stages), weights)


def share_active_in(host: int) -> Statistic:
    """Share of firms that sell to or produce in a country, percent."""

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        anywhere = firms["markets"] | firms["contract_hosts"] | firms["plant_hosts"] | firms["cluster_hosts"]
        return estimators.share(anywhere & (1 << host) > 0, weights)

    return statistic


def share_planning_mode(mode: int) -> Statistic:
    """Share of the firms with a plan that name the mode, percent."""

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        return estimators.share(firms["wish_mode"] == mode, np.where(firms.derived(stage_of) == PLANNING, weights, 0.0))

    return statistic


def share_born(firms: Snapshot, weights: np.ndarray) -> float:
    """Entry rate: firms founded this year, percent of firms."""
    return estimators.share(firms["birth_year"] == firms.year, weights)


def share_reshored(firms: Snapshot, weights: np.ndarray) -> float:
    """Share of firms that brought work home within the last ten years, percent."""
    return estimators.share(firms["reshored"] > firms.year - 10, weights)


def count(firms: Snapshot, weights: np.ndarray) -> float:
    """Number of firms."""
    return float(weights.sum())


def count_direct_exporters(firms: Snapshot, weights: np.ndarray) -> float:
    """Number of firms that export directly."""
    return float(weights[uses(firms, DIRECT)].sum())


def count_ever_in_plants(firms: Snapshot, weights: np.ndarray) -> float:
    """Number of firms that ever had an own or collective plant."""
    return float(weights[firms["ever"] & sum(1 << mode for mode in OWN_FDI) > 0].sum())


def count_left_plants(firms: Snapshot, weights: np.ndarray) -> float:
    """Number of firms that once gave up their last own or their last collective plant."""
    return float(weights[(firms["left"][:, OWN_FDI] > 0).any(axis=1)].sum())


def direct_exports(firms: Snapshot) -> np.ndarray:
    """Exports of firms that export directly or by e-commerce, million yen 2015; through others alone they count as domestic."""
    return np.where(uses_any(firms, (DIRECT, ECOMMERCE)), firms["export_sales"], 0.0).astype(float)


def exports_trillion(firms: Snapshot, weights: np.ndarray) -> float:
    """Direct exports, trillion yen at prices of the year."""
    return estimators.total(direct_exports(firms), weights) * price_level(firms.year) / 1e6


def export_ratio(firms: Snapshot, weights: np.ndarray) -> float:
    """Direct exports over sales of all firms in the frame, percent."""
    sales = estimators.total(total_sales(firms), weights)
    return 100.0 * estimators.total(direct_exports(firms), weights) / sales if sales > 0 else math.nan


def shipments_trillion(firms: Snapshot, weights: np.ndarray) -> float:
    """Sales from home, trillion yen at prices of the year."""
    return estimators.total(total_sales(firms), weights) * price_level(firms.year) / 1e6


def share_using_agreements(firms: Snapshot, weights: np.ndarray) -> float:
    """Share of direct exporters to partner countries that use a trade agreement, percent; a partner is where anybody does."""
    partners = int(np.bitwise_or.reduce(firms["agreements"])) if len(firms) else 0
    return estimators.share(firms["agreements"] > 0, np.where(firms["markets"] & partners > 0, weights, 0.0))


def exporters_mean_sales(below: float, since: int) -> Statistic:
    """Mean sales of direct exporters under a limit that have exported for some time, million yen at prices of the year.

    Args:
        below: Limit of sales, million yen at prices of the year.
        since: They have exported since this year or longer.
    """

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        sales = total_sales(firms) * price_level(firms.year)
        return estimators.mean(sales, np.where(uses(firms, DIRECT) & (sales < below) & (firms["since"][:, DIRECT] <= since), weights, 0.0))

    return statistic


def median_employees(firms: Snapshot, weights: np.ndarray) -> float:
    """Median employees, persons."""
    return estimators.median(firms["employees"].astype(float), weights)


def median_sales(firms: Snapshot, weights: np.ndarray) -> float:
    """Median sales, million yen at prices of the year."""
    return estimators.median(total_sales(firms), weights) * price_level(firms.year)


def by_export_channel(firms: Snapshot) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Firms that do not export, that export only through others, and that export directly (or by e-commerce)."""
    direct = uses_any(firms, (DIRECT, ECOMMERCE))
    indirect = uses(firms, INDIRECT) & ~direct
    return ~(direct | indirect), indirect, direct


def median_sales_ratio(group: int) -> Statistic:
    """Median sales of a group of :func:`by_export_channel` over those of firms that do not export.

    Args:
        group: 1 indirect, 2 direct.
    """

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        groups, sales = by_export_channel(firms), total_sales(firms)
        home = estimators.median(sales, np.where(groups[0], weights, 0.0))
        return estimators.median(sales, np.where(groups[group], weights, 0.0)) / home

    return statistic


def productivity_premium(firms: Snapshot, weights: np.ndarray) -> float:
    """Mean log sales per person of firms abroad less that of firms at home, log points."""
    labour_productivity = np.log(np.maximum(total_sales(firms), 1e-6) / np.maximum(firms["employees"], 1.0))
    outside = abroad(firms)
    return estimators.mean(labour_productivity, weights * outside) - estimators.mean(labour_productivity, weights * ~outside)


def mean_productivity(group: str) -> Statistic:
    """Mean log productivity of firms by what they do abroad, each firm in its furthest group.

    Args:
        group: "fdi", "contract" (no FDI), "export" (no production abroad) or "home".
    """

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        fdi, contract, export = uses_any(firms, OWN_FDI), uses(firms, CONTRACT), firms["channels"] > 0
        groups = {
            "fdi": fdi,
            "contract": contract & ~fdi,
            "export": export & ~(contract | fdi),
            "home": ~(fdi | contract | export),
        }
        return estimators.mean(firms["productivity"].astype(float), weights * groups[group])

    return statistic


def first_mode_share(modes: tuple[int, ...], first: int = 0, last: int = 9999) -> Statistic:
    """Among firms that first went abroad in a span of years: share whose first mode is one of the modes, percent.

    Args:
        modes: Codes of MODES.
        first: First year of going abroad.
        last: Last year of going abroad.
    """

    def statistic(firms: Snapshot, weights: np.ndarray) -> float:
        started = (firms["first_mode"] != HOME) & (firms["first_year"] >= first) & (firms["first_year"] <= last)
        return estimators.share(np.isin(firms["first_mode"], modes), weights * started)

    return statistic


def industry_order(firms: Snapshot, weights: np.ndarray) -> float:
    """Rank correlation between shares abroad by industry and the printed order of the 2023 survey."""
    shares = [share_abroad(firms, within(jfc_borrowers, SURVEY_INDUSTRIES[name])(firms, firms.year)) for name in PRINTED_RANKS]
    return estimators.rank_correlation(np.array(shares), np.array(list(PRINTED_RANKS.values()), float))


def overseas_share(firms: Snapshot) -> np.ndarray:
    """Share of exports and of sales of plants in their hosts in all sales, shape (n,)."""
    overseas = firms["export_sales"].astype(float) + firms["local_sales"]
    return overseas / np.maximum(firms["home_sales"] + overseas, 1e-6)


def share_with_same_jobs(firms: Snapshot, weights: np.ndarray) -> float:
    """Share of firms whose exports and plants changed their home jobs by less than SAME_JOBS, percent."""
    persons = np.maximum(firms["employees"].astype(float), 1.0)
    exports = 1.0 - (1.0 + firms["export_sales"] / np.maximum(firms["home_sales"], 1e-6)) ** -JOBS_PER_OUTPUT
    return estimators.share(np.abs(firms["jobs_by_plant"] / persons + exports) < SAME_JOBS, weights)


def share_material(firms: Snapshot, weights: np.ndarray) -> float:
    """Share of firms that make at least MATERIAL_SHARE of their sales abroad, percent."""
    return estimators.share(overseas_share(firms) >= MATERIAL_SHARE, weights)


def mean_overseas_share(firms: Snapshot, weights: np.ndarray) -> float:
    """Mean share of sales made abroad, percent."""
    return 100.0 * estimators.mean(overseas_share(firms), weights)


def operating_margin(firms: Snapshot, weights: np.ndarray) -> float:
    """Mean profit before corporate tax over sales, plants abroad included, percent."""
    tax = load_history().series("corporate_tax_percent", year=firms.year) / 100.0
    sales = total_sales(firms) + firms["local_sales"]
    before_tax = np.where(firms["profit"] > 0, firms["profit"] / (1 - tax), firms["profit"])
    return 100.0 * estimators.mean(before_tax / np.maximum(sales, 1e-6), weights)


def mean_project_amount(firms: Snapshot, weights: np.ndarray) -> float:
    """Mean amount put into a new own or collective plant, million USD at the prices and the exchange rate of the year."""
    opened = (firms["events"] & NEW_PROJECT > 0) & np.isin(firms["event_mode"], OWN_FDI)
    yen = estimators.mean(firms["invested"].astype(float), weights * opened) * price_level(firms.year)
    return yen / load_history().series("jpy_per_usd", year=firms.year)
