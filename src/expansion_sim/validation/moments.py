"""Published facts computed after the run, from its yearly, events, programmes and surveys tables.

A moment returns its readings per replication: shape (R,) for one number, (R, k) for several. Facts about signs, orders and modes
are oriented so that every reading is positive when the fact holds. Dates are found by one stated rule each, from the simulated
flows alone. Projects are new own or collective plants, further hosts included, as the notifications count them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from expansion_sim.codes import HOSTS, INDUSTRIES, MANUFACTURING
from expansion_sim.validation import dating, estimators, happenings
from expansion_sim.validation.jfc_survey import FIRST_MODES
from expansion_sim.validation.surveys import STARTER_SPAN, STARTER_YEARS, TRANSITION_YEARS
from expansion_sim.validation.tables import NotComputed, RunTables

MAKERS = tuple(INDUSTRIES[code] for code in MANUFACTURING)
PLANTS = happenings.PLANTS
_SME = {"industry": MAKERS}


@dataclass(frozen=True)
class Moment:
    """One published fact computed from the tables of a run.

    Attributes:
        target: Id of the fact.
        measure: Function of the tables -> readings, shape (R,) or (R, k).
        labels: Names of the readings.
        note: Rule or difference from what was published, if any.
    """

    target: str
    measure: Callable[[RunTables], np.ndarray]
    labels: tuple[str, ...] = ("value",)
    note: str = ""


def projects(tables: RunTables, **labels: object) -> pd.DataFrame:
    """SME projects a year, years x replications."""
    return tables.series("projects", **labels)


def _projects_in(year: int, **labels: object) -> Callable[[RunTables], np.ndarray]:
    return lambda tables: tables.at("projects", year, **labels)


def _growth(measure: str, after: int, before: int, **labels: object) -> Callable[[RunTables], np.ndarray]:
    def ratio(tables: RunTables) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = tables.at(measure, after, **labels) / tables.at(measure, before, **labels)
        return np.where(np.isfinite(values), values, np.nan)

    return ratio


def _share_of_projects(host: str, year: int) -> Callable[[RunTables], np.ndarray]:
    def share(tables: RunTables) -> np.ndarray:
        every, there = tables.at("projects", year), tables.at("projects", year, host=host)
        return 100.0 * there / np.where(every > 0, every, np.nan)

    return share


def _sme_share(year: int, manufacturing: bool) -> Callable[[RunTables], np.ndarray]:
    """Share of SMEs in new plants, percent; large customers stand for large firms."""

    def share(tables: RunTables) -> np.ndarray:
        small = tables.at("projects", year, **(_SME if manufacturing else {}))
        large = tables.at("large_projects_manufacturing" if manufacturing else "large_projects", year)
        return 100.0 * small / np.maximum(small + large, 1e-9)

    return share


def _all_projects(year: int) -> Callable[[RunTables], np.ndarray]:
    return lambda tables: tables.at("projects", year, **_SME) + tables.at("large_projects_manufacturing", year)


def _share_after_crisis(tables: RunTables) -> np.ndarray:
    """Highest share of SMEs in manufacturing projects of 1974-77, percent."""
    return np.max([_sme_share(year, True)(tables) for year in range(1974, 1978)], axis=0)


def _share_rises_again(tables: RunTables) -> np.ndarray:
    """Year after the lowest share of SMEs in manufacturing projects, three-year means, of 1974-82."""
    tables.need(1973, 1983)
    small, large = projects(tables, **_SME), tables.series("large_projects_manufacturing")
    share = (small / (small + large)).rolling(3, center=True).mean().loc[1974:1982]
    return share.idxmin().to_numpy(float) + 1.0


def _dates(
    rule: Callable[[pd.DataFrame], np.ndarray], first: int, last: int, **labels: object
) -> Callable[[RunTables], np.ndarray]:
    """A dating rule on the projects of all SMEs, which needs the years from first to last."""

    def found(tables: RunTables) -> np.ndarray:
        tables.need(first, last)
        return rule(projects(tables, **labels))

    return found


def _export_stage(tables: RunTables) -> np.ndarray:
    tables.need(1955, 1992)
    exporters = sum(tables.series("firms_in_mode", mode=mode) for mode in ("indirect", "direct"))
    producers = sum(tables.series("firms_in_mode", mode=mode) for mode in ("contract", *PLANTS))
    start = dating.first_year_above(exporters, producers)
    return np.column_stack([start, dating.take_off(projects(tables)) - 1])


def _local_sales_lead(tables: RunTables) -> np.ndarray:
    """The year of the lead; a run that ends without it has missed the date and gives the year after its last one."""
    tables.need(1985, 2004)
    local = tables.series("local_sales")
    lead = dating.final_lead(local, tables.series("plant_sales") - local, first=1985)
    return np.where(np.isfinite(lead), lead, float(local.index[-1]) + 1.0)


def _acceleration(tables: RunTables) -> np.ndarray:
    tables.need(1965, 2004)
    return np.column_stack([dating.surge(projects(tables)), _local_sales_lead(tables) - 1])


def _heavy_lead(tables: RunTables) -> np.ndarray:
    tables.need(1960, 1985)
    heavy, light = projects(tables, industry=("machinery", "process")), projects(tables, industry="light")
    return dating.lasting_lead(heavy, light, first=1960, years=2)


def _competitiveness(tables: RunTables) -> np.ndarray:
    def change(industry: str) -> np.ndarray:
        before, after = (
            tables.at("export_sales", year, industry=industry) / tables.at("export_sales", year, industry=MAKERS)
            for year in (1971, 1985)
        )
        return after - before

    return np.column_stack([-change("light"), change("machinery")])


def _offshore_parents(year: int) -> Callable[[RunTables], np.ndarray]:
    return lambda tables: 100.0 * tables.at("parents_abroad_share", year)


def _survey_ratio(name: str, after: int, before: int) -> Callable[[RunTables], np.ndarray]:
    return lambda tables: tables.survey(name, after) / tables.survey(name, before)


def _surveys(*names_years: tuple[str, int]) -> Callable[[RunTables], np.ndarray]:
    return lambda tables: np.column_stack([tables.survey(name, year) for name, year in names_years])


def _mean_over_years(name: str, years: tuple[int, ...]) -> Callable[[RunTables], np.ndarray]:
    def mean(tables: RunTables) -> np.ndarray:
        return _nanmean(np.array([_or_nan(tables, name, year) for year in years]))

    return mean


def _or_nan(tables: RunTables, name: str, year: int) -> np.ndarray:
    """A survey, NaN where its frame was empty; other gaps are reported."""
    try:
        return tables.survey(name, year)
    except NotComputed as reason:
        if "no simulated firm" in str(reason):
            return np.full(tables.replications, np.nan)
        raise


def _nanmean(values: np.ndarray) -> np.ndarray:
    """Mean over the first axis of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    return np.where(known.any(axis=0), np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)


def _first_modes(span: str, tables: RunTables) -> dict[str, np.ndarray]:
    return {mode: tables.survey(f"jfc.first_mode.{span}.{mode}", 2023) for mode in FIRST_MODES}


def _modal_export(tables: RunTables) -> np.ndarray:
    shares = _first_modes("1960_79", tables)
    return shares["indirect"] + shares["direct"] - np.maximum(shares["contract"], shares["fdi"])


def _modal_contract(tables: RunTables) -> np.ndarray:
    shares = _first_modes("2000_09", tables)
    return shares["contract"] - np.max([value for mode, value in shares.items() if mode != "contract"], axis=0)


def _production_rises_most(tables: RunTables) -> np.ndarray:
    before, after = _first_modes("1960_79", tables), _first_modes("1980_99", tables)
    rise = {mode: after[mode] - before[mode] for mode in FIRST_MODES}
    return np.minimum(rise["fdi"], rise["contract"]) - np.max(
        [rise[mode] for mode in ("indirect", "direct", "ecommerce")], axis=0
    )


def _modal_by_industry(tables: RunTables) -> np.ndarray:
    leads = []
    for industry, leader in (("manufacturing", "fdi"), ("wholesale", "direct")):
        shares = {mode: tables.survey(f"jfc.{mode}.{industry}", 2023) for mode in FIRST_MODES}
        leads.append(shares[leader] - np.max([value for mode, value in shares.items() if mode != leader], axis=0))
    return np.column_stack(leads)


def _ecommerce_material(tables: RunTables) -> np.ndarray:
    return tables.survey("jfc.first_mode.2010_on.ecommerce", 2023) - 5.0


def _slopes_on_sales(tables: RunTables) -> np.ndarray:
    indirect, direct = (tables.survey(f"tdb.log_sales_slope.{mode}", 2024) for mode in ("indirect", "direct"))
    return np.column_stack([indirect, direct, direct - indirect])


def _state_dependence(tables: RunTables) -> np.ndarray:
    return np.fmin(*(_mean_over_years(f"state_dependence.{what}", TRANSITION_YEARS)(tables) for what in ("export", "fdi")))


def _productivity_order(tables: RunTables) -> np.ndarray:
    groups = ("fdi", "contract", "export", "home")
    fdi, contract, export, home = (tables.survey(f"manufacturing.mean_productivity.{group}", 2000) for group in groups)
    return np.column_stack([fdi - np.maximum(contract, export), np.minimum(contract, export) - home])


def _exit_of_plants(tables: RunTables) -> np.ndarray:
    age, distance, plants, exports = (
        _mean_over_years(f"exit.{what}", TRANSITION_YEARS)(tables)
        for what in ("fdi_slope_on_years", "fdi_slope_on_distance", "fdi_hazard", "export_hazard")
    )
    return np.column_stack([age, distance, exports - plants])


def _employment_profile(tables: RunTables) -> np.ndarray:
    """Years x replications: employment of starters of FDI relative to others, mean over the cross-sections."""
    return np.array([_mean_over_years(f"starters.employment.{k}", STARTER_YEARS)(tables) for k in range(1, STARTER_SPAN + 1)])


def _year_of_recovery(tables: RunTables) -> np.ndarray:
    """First year after the start, past the lowest point, with relative employment above one; NaN if none within ten years."""
    profile = _employment_profile(tables)
    found = []
    for column in profile.T:
        lowest = int(np.nanargmin(column)) if np.isfinite(column).any() else column.size
        above = np.flatnonzero(column[lowest:] > 1.0)
        found.append(lowest + above[0] + 1 if above.size else np.nan)
    return np.array(found, float)


def _inverted_u(tables: RunTables) -> np.ndarray:
    """Slopes of projects by host and year of the 1990s on earlier projects there and their square, with host and year effects."""
    tables.need(1980, 1999)
    by_host = np.array([projects(tables, host=host).loc[:1999].to_numpy(float) for host in HOSTS])
    earlier = by_host.cumsum(axis=1)[:, -11:-1]
    slopes = []
    for r in range(tables.replications):
        before, flow = earlier[..., r], by_host[:, -10:, r]
        stock = before / max(before.max(), 1.0)
        host, year = (np.eye(n)[index.ravel()] for n, index in zip(flow.shape, np.indices(flow.shape), strict=True))
        columns = np.column_stack([stock.ravel(), stock.ravel() ** 2, host, year[:, 1:]])
        linear, square = estimators.least_squares(flow.ravel() / max(flow.mean(), 1e-9), columns)[:2]
        slopes.append((linear, -square))
    return np.array(slopes)


def _awards(ids: tuple[str, ...], first: int, last: int, factor: float = 1.0, column: str = "awards") -> Callable[[RunTables], np.ndarray]:
    return lambda tables: factor * tables.programme(ids, column, first, last)


def _registered(tables: RunTables) -> np.ndarray:
    """Registrations of the first nine months of the first-time exporter programme: December 2022 and eight months of 2023."""
    return _awards(("P09",), 2022, 2022)(tables) + _awards(("P09",), 2023, 2023, 8.0 / 12.0)(tables)


_FIRST, _SPAN = ("relation",), ("start", "end")
MOMENTS: dict[str, Moment] = {
    moment.target: moment
    for moment in (
        Moment(
            "T004",
            _export_stage,
            _SPAN,
            "from exporters outnumbering producers abroad to the year before projects exceed twice their 1965-69 mean",
        ),
        Moment(
            "T005",
            _dates(lambda p: np.column_stack([dating.take_off(p), dating.surge(p) - 1]), 1965, 1992),
            _SPAN,
            "from projects above twice their 1965-69 mean to the year before the surge (half above the three years before)",
        ),
        Moment("T006", _acceleration, _SPAN, "from the surge to the year before plants lastingly sell more in their hosts than elsewhere"),
        Moment(
            "T007",
            _local_sales_lead,
            note="year from which on plants sell more in their hosts than at home and elsewhere; the year after the last one if never",
        ),
        Moment("T008", _heavy_lead, note="first of two years with more projects of machinery and process than of light industry"),
        Moment(
            "T009",
            _dates(dating.largest_jump, 1960, 1980),
            note="SME projects stand for all FDI; years after at least 10 projects",
        ),
        Moment(
            "T010",
            _dates(dating.first_wave, 1960, 1978),
            _SPAN,
            "from projects above half the mean of the ten years to the peak, to the peak before the fall; SME projects",
        ),
        Moment(
            "T011",
            _dates(dating.second_wave, 1965, 1992),
            _SPAN,
            "from the year after the trough to the year before the surge; SME projects",
        ),
        Moment(
            "T012",
            _competitiveness,
            ("light down", "machinery up"),
            "shares of SME manufacturing exports stand for revealed advantage",
        ),
        Moment("T016", _all_projects(1972), note="large customers stand for all large firms"),
        Moment("T018", _projects_in(1972, **_SME)),
        Moment("T019", _growth("projects", 1972, 1971, **_SME)),
        Moment("T020", _projects_in(1973, **_SME)),
        Moment("T021", _sme_share(1973, True), note="large customers stand for all large firms"),
        Moment("T022", _share_after_crisis, note="highest of the four years; large customers stand for all large firms"),
        Moment("T023", _share_rises_again, note="year after the lowest three-year mean of 1974-82"),
        Moment("T025", lambda tables: tables.total("projects", 1955, 1972)),
        Moment("T026", _projects_in(1985)),
        Moment("T029", _projects_in(1988)),
        Moment("T030", _growth("projects", 1988, 1984)),
        Moment("T031", _sme_share(1988, False), note="large customers stand for all large firms"),
        Moment("T032", _share_of_projects("CHN", 1989)),
        Moment("T033", _share_of_projects("CHN", 1994)),
        Moment("T037", happenings.followers, note="suppliers of a large customer that opened a plant"),
        Moment("T041", _offshore_parents(1997), note="large customers of SMEs stand for all large firms"),
        Moment("T042", _offshore_parents(2021), note="large customers of SMEs stand for all large firms"),
        Moment("T122", _modal_by_industry, ("FDI first in manufacturing", "direct first in wholesale"), "most used mode of 2023"),
        Moment("T131", _modal_export, _FIRST, "percentage points by which export leads; firms alive in 2023"),
        Moment("T132", _production_rises_most, _FIRST, "percentage points by which their rise leads; firms alive in 2023"),
        Moment("T133", _modal_contract, _FIRST, "percentage points by which contract leads; firms alive in 2023"),
        Moment("T134", _ecommerce_material, _FIRST, "material: 5 % of first modes; percentage points above"),
        Moment("T146", _registered, note="December 2022 and eight twelfths of 2023"),
        Moment("T147", happenings.registrants_exporting, note="by the end of 2024: a plan made in one year is carried out in the next"),
        Moment("T149", _awards(("P23", "P24", "P25"), 2010, 2023)),
        Moment("T150", _awards(("P29", "P30"), 2011, 2011, 0.5, "taken_up"), note="half of the loans drawn in 2011"),
        Moment("T152", happenings.member_range, ("median", "10 %", "90 %")),
        Moment("T153", happenings.member_range, ("median", "10 %", "90 %")),
        Moment("T154", happenings.groups_a_year, note="groups founded a year"),
        Moment("T155", lambda tables: 100.0 * (_survey_ratio("census.shipments_4_29", 2009, 1990)(tables) - 1)),
        Moment("T167", _slopes_on_sales, ("indirect", "direct", "difference")),
        Moment("T168", _survey_ratio("basic.exporters_manufacturing", 2010, 2000), note="SMEs only"),
        Moment(
            "T172",
            _surveys(("network.median_sales.indirect", 2005), ("network.median_sales.direct", 2005)),
            ("indirect : domestic", "direct : domestic"),
            "SMEs only",
        ),
        Moment(
            "T174",
            _surveys(*((f"network.dominance.{v}.{g}", 2005) for v in ("sales", "productivity") for g in ("indirect", "direct"))),
            ("sales indirect", "sales direct", "productivity indirect", "productivity direct"),
            "margins over the critical value; SMEs only",
        ),
        Moment("T175", _state_dependence, note="logit, the smaller of export and FDI; manufacturers of the Basic Survey"),
        Moment("T177", _productivity_order, ("FDI above contract and export", "contract and export above home")),
        Moment(
            "T179", lambda tables: -_mean_over_years("exit.export_slope_on_years", TRANSITION_YEARS)(tables), ("fall with years",)
        ),
        Moment("T180", _exit_of_plants, ("years", "distance", "below export")),
        Moment("T183", happenings.withdrawn, note="survivors of 2013 in the model"),
        Moment(
            "T196", lambda tables: _employment_profile(tables)[2], note="employment over permanent size; cross-sections 2003-09"
        ),
        Moment("T197", _year_of_recovery, note="employment over permanent size; cross-sections 2003-09"),
        Moment("T205", _inverted_u, ("linear", "minus square"), "prior entries only"),
        Moment(
            "T213",
            lambda tables: 100.0 * _survey_ratio("exporters.mean_sales_below_3bn", 2022, 2013)(tables),
            note="two cross-sections of those exporting since 2013 or longer",
        ),
    )
}
