"""Which firms a published number describes: one function per survey frame, from firms to weights.

No two published shares describe the same firms: export shares run from .2 to 21 % by frame. Every function takes the firms (records
of population/schema.py, or a :class:`Snapshot` of them) and the year, and returns one weight per row: 0 outside the frame, else
the firm's own weight times what the frame or its sampling does to it. What is assumed beyond a source stands beside the frame in
:mod:`expansion_sim.validation.lenses`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np

from expansion_sim.codes import (
    ACCOMMODATION_FOOD,
    CONSTRUCTION,
    CONTRACT,
    INDUSTRIES,
    INFORMATION,
    MANUFACTURING,
    OTHER,
    SIZE_EDGES,
    TRANSPORT,
)
from expansion_sim.history import load_history
from expansion_sim.population.sizes import CAPITAL_LIMIT, EMPLOYEES_LIMIT, SMALL_LIMIT, credit_tilt
from expansion_sim.validation import estimators
from expansion_sim.validation.snapshot import Firms, Weights, abroad, price_level, total_sales, weigh

#: Exponent of employees in the chance to be a JFC borrower in the sample: an assumption, one number for all industries. On the
#: size distribution of SMEs it gives borrowers of 79 persons on average, as the JFC reports for the direct loans of its SME unit
#: in FY2021.
JFC_SIZE_TILT: Final = 0.46
#: Chance of being a corporation by size class; weighs to about 1.45 of 3.8 million firms, the SME basic survey of 2004.
CORPORATE_SHARE: Final = (0.25, 0.70, 0.95, 0.99, 0.99)
#: Share of the most differentiated direct exporters of manufacturing that count as niche leaders.
NICHE_SHARE: Final = 0.05
#: Edges of the sales classes of the TDB sample, million yen at prices of the year.
TDB_CLASSES: Final = {"below_1bn": (0.0, 1e3), "1_5bn": (1e3, 5e3), "5_10bn": (5e3, 1e4), "from_10bn": (1e4, np.inf)}

#: Exponent of employees in the chance to be in the TDB sample: gives the printed numbers of firms by sales class (70, 24, 4 and 2 %).
TDB_SIZE_TILT: Final = 0.25
#: Industry mix of the TDB sample, percent: an assumption. Manufacturing is about a quarter and wholesale a fifth of the bureau's surveys,
#: more than among all SMEs, because suppliers of other firms are whom others ask the bureau about.
TDB_MIX: Final = {
    "manufacturing": 26.0, "wholesale": 18.0, "construction": 18.0, "services": 16.0, "retail": 8.0, "transport": 5.0, "information": 4.0,
    "accommodation_food": 2.0, "other": 3.0,
}

#: Industries as the 2023 survey prints them: manufacturing in one.
SURVEY_INDUSTRIES: Final[dict[str, tuple[int, ...]]] = {
    "manufacturing": MANUFACTURING,
    **{name: (code,) for code, name in enumerate(INDUSTRIES) if code not in MANUFACTURING},
}
#: Industries pooled because the 2023 survey found nobody there: in e-commerce, and in indirect export.
POOLED_INDUSTRIES: Final[dict[str, tuple[int, ...]]] = {
    "without_ecommerce": (ACCOMMODATION_FOOD, INFORMATION, CONSTRUCTION, TRANSPORT),
    "without_indirect": (ACCOMMODATION_FOOD, TRANSPORT),
}
_CAPITAL_LIMIT, _EMPLOYEES_LIMIT, _SMALL_LIMIT = np.array([CAPITAL_LIMIT, EMPLOYEES_LIMIT, SMALL_LIMIT])


def is_small(firms: Firms) -> np.ndarray:
    """Small firms of the Basic Act: 20 employees or fewer, in commerce and services 5 or fewer."""
    return firms["employees"] <= _SMALL_LIMIT[firms["industry"]]


def all_smes(firms: Firms, year: int) -> np.ndarray:
    """Living firms within the SME Basic Act: capital or employees at most the limit of the industry."""
    industry = firms["industry"]
    small_enough = (firms["capital"] <= _CAPITAL_LIMIT[industry]) | (firms["employees"] <= _EMPLOYEES_LIMIT[industry])
    return np.where((firms["alive"] == 1) & small_enough, firms["weight"], 0.0).astype(float)


def corporations(firms: Firms, year: int) -> np.ndarray:
    """SMEs times the chance of being a corporation in their size class (CORPORATE_SHARE)."""
    size_class = np.searchsorted(SIZE_EDGES, firms["employees"], side="right")
    return weigh(all_smes, firms, year) * np.asarray(CORPORATE_SHARE)[size_class]


def manufacturing_smes(firms: Firms, year: int) -> np.ndarray:
    """All manufacturing SMEs."""
    return within(all_smes, MANUFACTURING)(firms, year)


def within(base: Weights, industries: tuple[int, ...] | None = None, employees: tuple[float, float] = (0, np.inf)) -> Weights:
    """A lens narrowed to industries and a range of employees.

    Args:
        base: Lens function.
        industries: Codes, or None for all.
        employees: Lower bound included, upper bound excluded.
    """

    def weights(firms: Firms, year: int) -> np.ndarray:
        persons = firms["employees"]
        keep = (persons >= employees[0]) & (persons < employees[1])
        if industries is not None:
            keep &= np.isin(firms["industry"], industries)
        return np.where(keep, weigh(base, firms, year), 0.0)

    return weights


def basic_survey(firms: Firms, year: int) -> np.ndarray:
    """SMEs with 50 or more employees and 30 million yen or more of capital, outside construction, transport and other.

    Every industry is scaled to the number of its SMEs in the survey, see :func:`basic_survey_firms`, as survey weights are.
    """
    inside = (firms["employees"] >= 50) & (firms["capital"] >= 30) & ~np.isin(firms["industry"], (CONSTRUCTION, TRANSPORT, OTHER))
    weights = np.where(inside, weigh(all_smes, firms, year), 0.0)
    return weights * _basic_survey_factors(np.bincount(firms["industry"], weights, len(INDUSTRIES)))[firms["industry"]]


def _basic_survey_factors(mass: np.ndarray) -> np.ndarray:
    """Factors that give firms in the frame the survey's number of firms in each industry; shape (11,).

    The survey asks all of manufacturing and wholesale but only some services (no health, education or hotels), so the firms of a
    whole industry of services would weigh too much.

    Args:
        mass: Weighted firms of 50 persons and 30 million yen by industry, shape (11,).
    """
    factor = np.ones(len(INDUSTRIES))
    for name, firms in basic_survey_firms().items():
        codes = list(MANUFACTURING) if name == "manufacturing" else list(SURVEY_INDUSTRIES[name])
        total = mass[codes].sum()
        if total > 0.0:
            factor[codes] = firms / total
    return factor


@lru_cache(maxsize=1)
def basic_survey_firms() -> dict[str, float]:
    """SMEs in the Basic Survey by industry: those of FY2015 in all, with the mix that firms of all sizes had in FY2017.

    The survey's size hardly changes: 29,376 firms of all sizes in 2011, 28,759 in 2015.
    """
    history = load_history()
    names = ("manufacturing", "wholesale", "retail", "accommodation_food", "services", "information")
    count = {name: float(history.population("basic_survey_by_industry", name, 2017)) for name in names}
    smes = float(history.population("basic_survey_smes", "all", 2015))
    return {name: smes * count[name] / sum(count.values()) for name in names}


def census_manufactures(firms: Firms, year: int) -> np.ndarray:
    """Manufacturing SMEs with 4 or more employees."""
    return within(all_smes, MANUFACTURING, (4, np.inf))(firms, year)


@lru_cache(maxsize=1)
def jfc_sample() -> dict[str, float]:
    """Firms in the JFC sample of 2023 by survey industry; 'other' is what the printed total leaves."""
    history = load_history()
    counts = {
        name: float(history.population("jfc_sample_by_industry", name, 2023)) for name in SURVEY_INDUSTRIES if name != "other"
    }
    return counts | {"other": float(history.population("jfc_sample", year=2023)) - sum(counts.values())}


def jfc_borrowers(firms: Firms, year: int) -> np.ndarray:
    """Borrowers as sampled in 2023: within an industry weight times employees^JFC_SIZE_TILT of SMEs with 5 or more employees.

    Each industry is scaled to its number of firms in the sample, so that totals have the industry mix of the survey.
    """
    tilted = within(all_smes, employees=(5, np.inf))(firms, year) * firms["employees"].astype(float) ** JFC_SIZE_TILT
    return _with_mix(firms, tilted, jfc_sample())


def _with_mix(firms: Firms, weights: np.ndarray, mix: Mapping[str, float]) -> np.ndarray:
    """Weights scaled so that each industry as surveyed has its part of the sample.

    Args:
        firms: Records, shape (n,).
        weights: Weights inside the frame, shape (n,).
        mix: Part of the sample by name in SURVEY_INDUSTRIES.
    """
    mass = np.bincount(firms["industry"], weights=weights, minlength=len(INDUSTRIES))
    factor = np.zeros(len(INDUSTRIES))
    for name, part in mix.items():
        codes = list(SURVEY_INDUSTRIES[name])
        if mass[codes].sum() > 0:
            factor[codes] = part / mass[codes].sum()
    return weights * factor[firms["industry"]]


def tdb_sample(firms: Firms, year: int) -> np.ndarray:
    """SMEs that answered Teikoku Databank: corporations with 5 or more employees, tilted by size, with the industry mix TDB_MIX."""
    tilted = within(corporations, employees=(5, np.inf))(firms, year) * np.maximum(firms["employees"].astype(float), 1.0) ** TDB_SIZE_TILT
    return _with_mix(firms, tilted, TDB_MIX)


def tdb_by_sales(low: float, high: float) -> Weights:
    """The TDB sample in one sales class.

    Args:
        low: Million yen at prices of the year, included.
        high: Excluded.
    """

    def weights(firms: Firms, year: int) -> np.ndarray:
        sales = total_sales(firms) * price_level(year)
        return np.where((sales >= low) & (sales < high), weigh(tdb_sample, firms, year), 0.0)

    return weights


def network_manufacturers(firms: Firms, year: int) -> np.ndarray:
    """Manufacturing corporations, as in the files of credit bureaus behind the supplier-network studies."""
    return within(corporations, MANUFACTURING)(firms, year)


def credit_risk_database(firms: Firms, year: int) -> np.ndarray:
    """SMEs that borrow from banks: weight times employees^tilt, the tilt by industry as in population/sizes.py."""
    tilt = np.array([credit_tilt(industry) for industry in range(len(INDUSTRIES))])[firms["industry"]]
    return weigh(all_smes, firms, year) * np.maximum(firms["employees"].astype(float), 1.0) ** tilt


def internationalised(firms: Firms, year: int) -> np.ndarray:
    """SMEs with at least one mode abroad."""
    return np.where(abroad(firms), weigh(all_smes, firms, year), 0.0)


def smrj_internationalised(firms: Firms, year: int) -> np.ndarray:
    """Internationalised SMEs among the clients of public support: 5 or more employees, tilted by size like the JFC sample."""
    tilt = firms["employees"].astype(float) ** JFC_SIZE_TILT
    return within(internationalised, employees=(5, np.inf))(firms, year) * tilt


def producers_abroad(firms: Firms, year: int) -> np.ndarray:
    """JFC borrowers with own plants or contract production now, or that gave one up in the last ten years."""
    now = (firms["contract_hosts"] > 0) | (firms["plant_hosts"] > 0) | (firms["cluster_hosts"] > 0)
    gave_up = (firms["left"][:, CONTRACT:] > year - 10).any(axis=1)
    return np.where(now | gave_up, weigh(jfc_borrowers, firms, year), 0.0)


def niche_leaders(firms: Firms, year: int) -> np.ndarray:
    """The NICHE_SHARE most differentiated of the manufacturing SMEs that export directly."""
    exporters = np.where(firms["channels"] & 2 > 0, weigh(manufacturing_smes, firms, year), 0.0)
    edge = estimators.quantile(firms["quality"].astype(float), exporters, 1 - NICHE_SHARE)
    return np.where(firms["quality"] >= edge, exporters, 0.0)


def employment_insurance(firms: Firms, year: int) -> np.ndarray:
    """SMEs with somebody to insure: 2 or more persons."""
    return within(all_smes, employees=(2, np.inf))(firms, year)
