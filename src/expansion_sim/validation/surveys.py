"""Surveys of the simulated firms: which statistic, through which lens, in which years, and which published fact it answers.

The model calls :func:`measure_surveys` once a year with its firms; in years without a survey that costs nothing. A survey
is one declared row; the same statistic is also taken where no fact is at hand (retail and information, years between), so that
further facts need no further code. No published value is used here.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from expansion_sim.codes import DIRECT, EXPORT_MODES, HOSTS, INDIRECT
from expansion_sim.validation import econometrics as econ
from expansion_sim.validation import measures as m
from expansion_sim.validation.declaration import Survey
from expansion_sim.validation.frames import TDB_CLASSES
from expansion_sim.validation.jfc_survey import FIRST_MODES, jfc_questions
from expansion_sim.validation.lenses import LENSES
from expansion_sim.validation.snapshot import Snapshot

#: Years in which the panel-like regressions are run, and the length of the employment profile after the start of FDI.
TRANSITION_YEARS, STARTER_YEARS, STARTER_SPAN = (1997, 2001, 2005, 2009), (2003, 2005, 2007, 2009), 10


def _basic_survey() -> list[Survey]:
    """Basic Survey of enterprises, and the base survey of corporations."""
    years = (1997, 2001, 2006, 2011, 2015, 2016, 2021)
    trade = (1997, 2001, 2006, 2011, 2015, 2016, 2019, 2021)
    goods, others = "basic_survey_manufacturing", "basic_survey_other"
    proxy_order = "sales through trading houses count as domestic; exports of e-commerce count as direct"
    return [
        Survey("basic.direct_export", "basic_survey", years, m.share_using(DIRECT), "percent", {"T039": 2021, "T301": 2015}),
        Survey("basic.affiliates", "basic_survey", years, m.share_using(*m.OWN_FDI), "percent", {"T043": 1997, "T044": 2021}),
        Survey("basic.export_ratio", "basic_survey", trade, m.export_ratio, "percent", {"T047": 2015, "T302": 2001}, proxy_order),
        Survey(
            "basic.exports_manufacturing",
            goods,
            trade,
            m.exports_trillion,
            "JPY trillion",
            {"T049": 1997, "T050": 2019},
            proxy_order,
        ),
        Survey("basic.exports_other", others, trade, m.exports_trillion, "JPY trillion", {"T051": 2016}, proxy_order),
        Survey("basic.exports", "basic_survey", trade, m.exports_trillion, "JPY trillion", {"T303": 2001, "T304": 2015}, proxy_order),
        Survey("basic.exporters_manufacturing", goods, (2000, 2005, 2010), m.count_direct_exporters, "firms"),
        Survey("corporations.affiliates", "corporations", (2013,), m.share_using(*m.OWN_FDI), "percent", {"T053": 2013}),
    ]


def _censuses() -> list[Survey]:
    """Censuses, business registers and the credit risk database."""
    census, smes = "census_manufactures", "all_smes"
    return [
        Survey("census.direct_export", census, (2001, 2005, 2009, 2013), m.share_using(DIRECT), "percent", {"T055": 2009}),
        Survey("census.direct_export_0_3", "makers_0_3", (2008,), m.share_using(DIRECT), "percent", {"T305": 2008}),
        Survey("census.direct_export_4_10", "census_4_10", (2009,), m.share_using(DIRECT), "percent", {"T056": 2009}),
        Survey(
            "manufacturing.direct_export", "manufacturing_smes", (2009, 2013), m.share_using(DIRECT), "percent", {"T058": 2013}
        ),
        Survey(
            "manufacturing.direct_export_small", "small_manufacturing", (2013,), m.share_using(DIRECT), "percent", {"T059": 2013}
        ),
        Survey(
            "manufacturing.export_201_300",
            "manufacturing_201_300",
            (2011,),
            m.share_using(DIRECT),
            "percent",
            {"T060": 2011},
            "exporters are firms that export directly",
        ),
        Survey("census.shipments_4_29", "census_4_29", (1990, 2009), m.shipments_trillion, "JPY trillion"),
        Survey(
            "smes.small_share",
            smes,
            (2014,),
            m.share_small,
            "percent",
            {"T002": 2014},
            "large firms, .3 % of firms, are not in the base",
        ),
        Survey("smes.count", smes, (1981, 1986, 1991, 1996, 2001, 2006, 2014, 2021), m.count, "firms", {"T003": 2021}),
        Survey("insurance.entry_rate", "employment_insurance", (2013, 2023), m.share_born, "percent a year", {"T217": 2023}),
        Survey(
            "crd.median_employees",
            "crd_manufacturing",
            (2015,),
            m.median_employees,
            "persons",
            {"T218": 2015},
            "the population is built with this source: a check of the synthesis",
        ),
        Survey(
            "crd.median_sales",
            "crd_manufacturing",
            (2015,),
            m.median_sales,
            "JPY million",
            {"T219": 2015},
            "the population is built with this source: a check of the synthesis",
        ),
    ]


def _bureau_sample() -> list[Survey]:
    """Exporters in the sample of Teikoku Databank."""
    facts = {"below_1bn": ("T157", "T158"), "1_5bn": ("T160", "T161"), "5_10bn": ("T162", "T163"), "from_10bn": ("T164", "T165")}
    rows = [
        Survey(f"tdb.{mode}.{name}", f"tdb_{name}", (2024,), m.share_using(code), "percent", {facts[name][at]: 2024})
        for name in TDB_CLASSES
        for at, (mode, code) in enumerate((("direct", DIRECT), ("indirect", INDIRECT)))
    ]
    return rows + [
        Survey(f"tdb.log_sales_slope.{mode}", "tdb_sample", (2024,), econ.log_sales_slope(code), "slope")
        for mode, code in (("indirect", INDIRECT), ("direct", DIRECT))
    ]


def _hosts_of_internationalised() -> list[Survey]:
    """Where internationalised SMEs are active (SMRJ)."""
    hosts = {"CHN": "T123", "USA": "T124", "KOR": "T125", "THA": "T126", "VNM": "T127"}
    return [
        Survey(
            f"smrj.active_in.{host}",
            "smrj_internationalised",
            (2024,),
            m.share_active_in(code),
            "percent",
            {hosts[host]: 2024} if host in hosts else {},
            "North America is the United States" if host == "USA" else "",
        )
        for code, host in enumerate(HOSTS)
    ]


def _success_abroad() -> list[Survey]:
    """What being abroad brings: revenue, margins, jobs (TSR, SMRJ, niche leaders)."""
    return [
        Survey(
            "tsr.material_revenue",
            "internationalised",
            (2022,),
            m.share_material,
            "percent",
            {"T140": 2022},
            f"material: {m.MATERIAL_SHARE:.0%} of sales or more made abroad",
        ),
        Survey(
            "niche.operating_margin",
            "niche_leaders",
            (2020,),
            m.operating_margin,
            "percent",
            {"T142": 2020},
            "profit before corporate tax",
        ),
        Survey(
            "exporters.agreement_use",
            "smrj_internationalised",
            (2022,),
            m.share_using_agreements,
            "percent",
            {"T137": 2022},
            "direct exporters to countries with an agreement in use by anybody",
        ),
        Survey(
            "internationalised.jobs_unchanged",
            "internationalised",
            (2016,),
            m.share_with_same_jobs,
            "percent",
            {"T198": 2016},
            f"home jobs within {m.SAME_JOBS:.0%} of what they would be without exports and plants; all modes together",
        ),
        Survey("niche.overseas_share", "niche_leaders", (2020,), m.mean_overseas_share, "percent", {"T143": 2020}),
    ]


def _entrants_and_exporters() -> list[Survey]:
    """Money put into projects, premia, first modes and the sales of exporters."""
    return [
        Survey(
            "projects.mean_amount",
            "all_smes",
            (1986,),
            m.mean_project_amount,
            "USD million",
            {"T034": 1986},
            "the firm's own money put into entering, grants left out",
        ),
        Survey(
            "smes.productivity_premium",
            "all_smes",
            (2011,),
            m.productivity_premium,
            "log points",
            {"T145": 2011},
            "sales per person stand for labour productivity",
        ),
        Survey(
            "first_entry.fdi",
            "internationalised",
            (2011,),
            m.first_mode_share(FIRST_MODES["fdi"], 2000, 2011),
            "percent",
            {"T135": 2011},
        ),
        Survey("exporters.mean_sales_below_3bn", "all_smes", (2013, 2022), m.exporters_mean_sales(3000.0, since=2013), "JPY million"),
    ]


def _studies() -> list[Survey]:
    """Cross-sections of published studies; several feed one fact in moments.py."""
    network, goods, plants = "network_manufacturers", "basic_survey_manufacturing", m.OWN_FDI
    rows = [
        Survey(f"network.median_sales.{name}", network, (2005,), m.median_sales_ratio(group), "ratio")
        for name, group in (("indirect", 1), ("direct", 2))
    ]
    rows += [
        Survey(f"network.dominance.{variable}.{name}", network, (2005,), econ.dominance(variable, group), "margin")
        for variable in ("sales", "productivity")
        for name, group in (("indirect", 1), ("direct", 2))
    ]
    rows += [
        Survey(
            f"manufacturing.mean_productivity.{group}", "census_manufactures", (2000,), m.mean_productivity(group), "log points"
        )
        for group in ("fdi", "contract", "export", "home")
    ]
    rows += [
        Survey("ever_fdi.firms", "all_smes", (2013,), m.count_ever_in_plants, "firms"),
        Survey("ever_fdi.gave_up_mode", "all_smes", (2013,), m.count_left_plants, "firms"),
        Survey("state_dependence.export", goods, TRANSITION_YEARS, econ.state_dependence(*EXPORT_MODES), "ratio"),
        Survey("state_dependence.fdi", goods, TRANSITION_YEARS, econ.state_dependence(*plants), "ratio"),
        Survey(
            "preferences_over_productivity",
            "census_manufactures",
            (2008,),
            econ.preferences_over_productivity,
            "ratio",
            {"T176": 2008},
            "manufacturers with 4+ employees",
        ),
        Survey(
            "exit.export_slope_on_years", "manufacturing_smes", TRANSITION_YEARS, econ.exit_slope((DIRECT,), "years"), "slope"
        ),
        Survey("exit.fdi_slope_on_years", "all_smes", TRANSITION_YEARS, econ.exit_slope(plants, "years"), "slope"),
        Survey("exit.fdi_slope_on_distance", "all_smes", TRANSITION_YEARS, econ.exit_slope(plants, "distance"), "slope"),
        Survey("exit.fdi_hazard", "all_smes", TRANSITION_YEARS, econ.exit_hazard(*plants), "percent a year"),
        Survey("exit.export_hazard", "all_smes", TRANSITION_YEARS, econ.exit_hazard(DIRECT), "percent a year"),
    ]
    rows += [
        Survey(f"starters.employment.{years}", "basic_survey", STARTER_YEARS, econ.starters_employment(years), "ratio")
        for years in range(1, STARTER_SPAN + 1)
    ]
    return rows


SURVEYS: tuple[Survey, ...] = (*jfc_questions(), *_basic_survey(), *_censuses(), *_bureau_sample(), *_hosts_of_internationalised(),
                                *_success_abroad(), *_entrants_and_exporters(), *_studies())
#: Survey by name.
BY_NAME: dict[str, Survey] = {survey.name: survey for survey in SURVEYS}
#: Fact -> (survey, year) for the facts a survey answers as it is.
ANSWERED_BY: dict[str, tuple[Survey, int]] = {fact: (survey, year) for survey in SURVEYS for fact, year in survey.answers.items()}
SURVEY_YEARS: frozenset[int] = frozenset(year for survey in SURVEYS for year in survey.years)


@lru_cache(maxsize=128)
def surveys_for_year(year: int) -> tuple[Survey, ...]:
    """Surveys asked in a year."""
    return tuple(survey for survey in SURVEYS if year in survey.years)


def measure_surveys(firms: np.ndarray, year: int) -> dict[str, float]:
    """Take all surveys of a year.

    Args:
        firms: Rows of firms, dtype FIRM_DTYPE, as they stand at the end of the year with the year's events; free rows are left out.
        year: Calendar year.

    Returns:
        Name -> value in the survey's unit; NaN where nobody is in the frame. Empty in years without a survey.
    """
    if year not in SURVEY_YEARS:
        return {}
    snapshot = Snapshot(firms, year, firms["alive"] == 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            survey.name: survey.measure(snapshot, snapshot.weights(LENSES[survey.lens].weights))
            for survey in surveys_for_year(year)
        }
