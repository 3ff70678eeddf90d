"""The survey of JFC borrowers of 2023: the table by industry, first modes by decade, plans, reshoring."""

from __future__ import annotations

from expansion_sim.codes import CLUSTER, CONTRACT, DIRECT, ECOMMERCE, FDI, INDIRECT, INTERESTED, NOT_INTERESTED, PLANNING
from expansion_sim.validation import measures as m
from expansion_sim.validation.declaration import Survey
from expansion_sim.validation.frames import SURVEY_INDUSTRIES

#: The 2023 table: questions by industry and for all borrowers, with the facts of each column.
_JFC_QUESTIONS: dict[str, m.Statistic] = {
    "abroad": m.share_abroad,
    "ecommerce": m.share_using(ECOMMERCE),
    "indirect": m.share_using(INDIRECT),
    "direct": m.share_using(DIRECT),
    "contract": m.share_using(CONTRACT),
    "fdi": m.share_using(*m.OWN_FDI),
    "interested_or_planning": m.share_in_stage(INTERESTED, PLANNING),
    "not_interested": m.share_in_stage(NOT_INTERESTED),
    "interested": m.share_in_stage(INTERESTED),
    "planning": m.share_in_stage(PLANNING),
}
_JFC_FACTS: dict[str, dict[str, str]] = {
    "all": {
        "abroad": "T115",
        "direct": "T116",
        "indirect": "T117",
        "fdi": "T118",
        "contract": "T119",
        "ecommerce": "T120",
        "not_interested": "T191",
        "interested": "T192",
        "planning": "T193",
    },
    "manufacturing": {
        "abroad": "T064",
        "ecommerce": "T072",
        "indirect": "T077",
        "direct": "T084",
        "contract": "T092",
        "fdi": "T100",
        "interested_or_planning": "T107",
    },
    "wholesale": {
        "abroad": "T065",
        "ecommerce": "T073",
        "indirect": "T078",
        "direct": "T085",
        "contract": "T093",
        "fdi": "T101",
        "interested_or_planning": "T108",
    },
    "accommodation_food": {
        "abroad": "T067",
        "direct": "T091",
        "contract": "T095",
        "fdi": "T103",
        "interested_or_planning": "T110",
    },
    "services": {
        "abroad": "T068",
        "ecommerce": "T075",
        "indirect": "T080",
        "direct": "T087",
        "contract": "T096",
        "fdi": "T104",
        "interested_or_planning": "T111",
    },
    "construction": {
        "abroad": "T070",
        "indirect": "T082",
        "direct": "T089",
        "contract": "T098",
        "fdi": "T106",
        "interested_or_planning": "T113",
    },
    "transport": {"abroad": "T071", "direct": "T090", "contract": "T099", "interested_or_planning": "T114"},
}
#: Spans of years of first going abroad in the JFC survey, and the modes it tells apart; collective plants count as FDI.
FIRST_MODE_SPANS = {"1960_79": (1960, 1979), "1980_99": (1980, 1999), "2000_09": (2000, 2009), "2010_on": (2010, 9999)}
FIRST_MODES = {
    "indirect": (INDIRECT,),
    "direct": (DIRECT,),
    "ecommerce": (ECOMMERCE,),
    "contract": (CONTRACT,),
    "fdi": (FDI, CLUSTER),
}


def jfc_questions() -> list[Survey]:
    """The table of the 2023 survey by industry, and what it says of plans, barriers and reshoring."""
    rows = []
    for industry in ("all", *SURVEY_INDUSTRIES):
        lens, facts = ("jfc_borrowers" if industry == "all" else f"jfc_{industry}"), _JFC_FACTS.get(industry, {})
        for question, statistic in _JFC_QUESTIONS.items():
            answers = {facts[question]: 2023} if question in facts else {}
            rows.append(Survey(f"jfc.{question}.{industry}", lens, (2023,), statistic, "percent", answers))
    rows += [
        Survey("jfc.ecommerce.pooled", "jfc_without_ecommerce", (2023,), m.share_using(ECOMMERCE), "percent", {"T076": 2023}),
        Survey("jfc.indirect.pooled", "jfc_without_indirect", (2023,), m.share_using(INDIRECT), "percent", {"T083": 2023}),
        Survey("jfc.industry_order", "jfc_borrowers", (2023,), m.industry_order, "rank correlation", {"T121": 2023}),
        Survey(
            "jfc.planners_name_indirect", "jfc_borrowers", (2023,), m.share_planning_mode(INDIRECT), "percent", {"T194": 2023}
        ),
        Survey("jfc.reshored_in_ten_years", "producers_abroad", (2023,), m.share_reshored, "percent", {"T188": 2023}),
    ]
    for industry in ("manufacturing", "wholesale"):
        rows += [
            Survey(f"jfc.first_mode.{industry}.{mode}", f"jfc_{industry}", (2023,), m.first_mode_share(codes), "percent")
            for mode, codes in FIRST_MODES.items()
        ]
    rows += [
        Survey(f"jfc.first_mode.{span}.{mode}", "jfc_borrowers", (2023,), m.first_mode_share(codes, *years), "percent")
        for span, years in FIRST_MODE_SPANS.items()
        for mode, codes in FIRST_MODES.items()
    ]
    return rows
