"""The survey frames by name: which function weighs the firms, whom it describes, who defines it, what had to be assumed."""

from __future__ import annotations

from typing import Final, NamedTuple

from expansion_sim.codes import INDUSTRIES, MANUFACTURING
from expansion_sim.validation.frames import (
    POOLED_INDUSTRIES,
    SURVEY_INDUSTRIES,
    TDB_CLASSES,
    all_smes,
    basic_survey,
    census_manufactures,
    corporations,
    credit_risk_database,
    employment_insurance,
    internationalised,
    jfc_borrowers,
    manufacturing_smes,
    network_manufacturers,
    niche_leaders,
    producers_abroad,
    smrj_internationalised,
    tdb_by_sales,
    tdb_sample,
    within,
)
from expansion_sim.validation.snapshot import Weights


class Lens(NamedTuple):
    """A survey frame.

    Attributes:
        name: Key in :data:`LENSES`.
        weights: Function (firms, year) -> weights, shape (n,), float64.
        frame: Which firms, in words.
        source: Who defines the frame.
        assumes: What had to be assumed; empty when nothing.
    """

    name: str
    weights: Weights
    frame: str
    source: str
    assumes: str = ""


_ACT = "SME Basic Act as amended in 1999"
LENSES: Final[dict[str, Lens]] = {
    lens.name: lens
    for lens in (
        Lens("all_smes", all_smes, "all SMEs outside primary industry", _ACT, "the limits of 1999 for all years"),
        Lens(
            "corporations",
            corporations,
            "SMEs that are corporations",
            "SME basic survey, 1.45 million of 3.8 million in 2004",
            "the chance by size class, CORPORATE_SHARE",
        ),
        Lens("manufacturing_smes", manufacturing_smes, "all manufacturing SMEs", _ACT),
        Lens(
            "small_manufacturing", within(all_smes, MANUFACTURING, (0, 21)), "manufacturing SMEs with 20 or fewer employees", _ACT
        ),
        Lens(
            "manufacturing_201_300",
            within(all_smes, MANUFACTURING, (201, 301)),
            "manufacturing SMEs with 201-300 employees",
            _ACT,
        ),
        Lens(
            "basic_survey",
            basic_survey,
            "SMEs with 50+ employees and 30+ million yen capital",
            "METI Basic Survey of enterprises",
            "SMEs of FY2015 and mix of FY2017 in all years, split of trade and services partly ours; construction, transport, other are out",
        ),
        Lens(
            "basic_survey_manufacturing",
            within(basic_survey, MANUFACTURING),
            "manufacturing SMEs of the Basic Survey",
            "METI Basic Survey of enterprises",
        ),
        Lens(
            "basic_survey_other",
            within(basic_survey, tuple(range(MANUFACTURING[-1] + 1, len(INDUSTRIES)))),
            "non-manufacturing SMEs of the Basic Survey",
            "METI Basic Survey",
            "as basic_survey",
        ),
        Lens(
            "census_manufactures",
            census_manufactures,
            "manufacturing SMEs with 4+ employees",
            "Census of Manufactures",
            "one establishment per firm",
        ),
        Lens(
            "makers_0_3",
            within(all_smes, MANUFACTURING, (0, 4)),
            "manufacturers with up to 3 employees",
            "Census of Manufactures, all establishments",
            "one establishment per firm",
        ),
        Lens(
            "census_4_10",
            within(all_smes, MANUFACTURING, (4, 11)),
            "manufacturers with 4-10 employees",
            "Census of Manufactures",
            "one establishment per firm",
        ),
        Lens(
            "census_4_29",
            within(all_smes, MANUFACTURING, (4, 30)),
            "manufacturers with 4-29 employees",
            "Census of Manufactures",
            "one establishment per firm",
        ),
        Lens(
            "jfc_borrowers",
            jfc_borrowers,
            "borrowers sampled in the JFC survey of 2023",
            "sample by industry inferred from Liu and Zhou 2024, table 1",
            "JFC_SIZE_TILT and 5+ employees",
        ),
        *(
            Lens(f"jfc_{name}", within(jfc_borrowers, codes), f"the same, {name}", "as jfc_borrowers", "as jfc_borrowers")
            for name, codes in SURVEY_INDUSTRIES.items()
        ),
        *(
            Lens(
                f"jfc_{name}",
                within(jfc_borrowers, codes),
                f"the same, {', '.join(INDUSTRIES[code] for code in codes)}",
                "as jfc_borrowers",
                "as jfc_borrowers",
            )
            for name, codes in POOLED_INDUSTRIES.items()
        ),
        Lens(
            "tdb_sample",
            tdb_sample,
            "SMEs in the files of Teikoku Databank",
            "White Paper 2025",
            "corporations with 5+ employees, TDB_SIZE_TILT from the printed sales classes, TDB_MIX",
        ),
        *(
            Lens(
                f"tdb_{name}",
                tdb_by_sales(*edges),
                f"the same, sales class {name}",
                "White Paper 2025",
                "as tdb_sample; home sales and exports",
            )
            for name, edges in TDB_CLASSES.items()
        ),
        Lens(
            "network_manufacturers",
            network_manufacturers,
            "manufacturing corporations in a supplier network",
            "Fujii, Ono and Saito",
            "SMEs only; the published network also holds large firms",
        ),
        Lens(
            "credit_risk_database",
            credit_risk_database,
            "SMEs that borrow from banks",
            "Credit Risk Database 2015",
            "a size tilt by industry",
        ),
        Lens(
            "crd_manufacturing",
            within(credit_risk_database, MANUFACTURING),
            "the same, manufacturing",
            "Credit Risk Database 2015",
            "a size tilt that gives the median of 2015 on the synthetic sizes",
        ),
        Lens("internationalised", internationalised, "SMEs with a mode abroad", "Kawai; TSR survey 2022"),
        Lens(
            "smrj_internationalised",
            smrj_internationalised,
            "internationalised SMEs surveyed by SMRJ",
            "SMRJ survey 2024",
            "5+ employees, size tilt of the JFC sample",
        ),
        Lens(
            "producers_abroad",
            producers_abroad,
            "JFC borrowers with FDI or contract production in the last ten years",
            "JFC survey 2023",
            "as jfc_borrowers",
        ),
        Lens(
            "niche_leaders",
            niche_leaders,
            "SMEs that lead a world niche",
            "METI Global Niche Top 100 of 2020",
            "the NICHE_SHARE most differentiated direct exporters of manufacturing",
        ),
        Lens(
            "employment_insurance",
            employment_insurance,
            "SMEs in the employment insurance",
            "Annual Report on Employment Insurance",
            "2 or more persons",
        ),
    )
}
