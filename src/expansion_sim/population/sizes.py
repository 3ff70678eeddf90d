"""The size distribution of SMEs: how many persons work in a firm, by industry.

A lognormal body up to the small-firm limit of the Basic Act and a Pareto tail above it. The body has the spread of the Credit
Risk Database and the median that a lognormal from one person up needs to have the counted share of small firms. A lognormal alone
cannot also have the counted persons per SME: its tail is too thin (mean 5.2 against 8.8 counted). Large sizes are known to follow
a power law (Axtell 2001), so the tail is Pareto; its exponent is fitted to the persons per SME, in manufacturing (2008) and in
all industries together (2014). Above the employees' limit of the Basic Act a firm is an SME only while its capital is within the
other limit; the share of such firms follows from the number of large firms counted in 2014.

Persons are those at work in the firm, the owner included, as a continuous number of at least one.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from expansion_sim.codes import CONSTRUCTION, INDUSTRIES, MANUFACTURING, OTHER, RETAIL, WHOLESALE
from expansion_sim.population.paths import RECORDED_INDUSTRIES, firms_path, record

#: Basic Act on SMEs (as amended 1999): most persons, most capital (million yen), most persons of a small firm.
EMPLOYEES_LIMIT = (300.0, 300.0, 300.0, 100.0, 50.0, 50.0, 100.0, 100.0, 300.0, 300.0, 300.0)
CAPITAL_LIMIT = (300.0, 300.0, 300.0, 100.0, 50.0, 50.0, 50.0, 50.0, 300.0, 300.0, 300.0)
SMALL_LIMIT = (20.0, 20.0, 20.0, 5.0, 5.0, 5.0, 5.0, 5.0, 20.0, 20.0, 20.0)
#: No SME is larger than this, whatever its capital; persons. Assumption.
LARGEST_SME = 1000.0
#: Year of the counts the distribution is fitted to.
FIT_YEAR = 2014
#: Year of the SME basic survey's persons in manufacturing, which fix its tail.
MANUFACTURING_YEAR = 2008

#: One row per industry: lognormal body (mu, sigma) between 1 and ``cut``, Pareto ``exponent`` above; ``small`` is the share of
#: small firms, ``limit`` the employees' limit, ``within`` the share of firms above it that are SMEs by capital, ``top`` the
#: largest.
LAW_DTYPE = np.dtype([(name, "f8") for name in ("mu", "sigma", "exponent", "cut", "limit", "top", "small", "within")])

_OTHER_SECTIONS = ("mining", "electricity_gas", "finance", "real_estate")


def recorded_name(industry: int) -> str:
    """Name of an industry in the population record; the three parts of manufacturing share one.

    Args:
        industry: Code of INDUSTRIES.
    """
    return "manufacturing" if industry in MANUFACTURING else INDUSTRIES[industry]


def within_limits(industry: int, employees: float, capital: float) -> bool:
    """Whether a firm is an SME under the Basic Act: capital or employees within the limit.

    Args:
        industry: Code of INDUSTRIES.
        employees: Persons.
        capital: Million yen.
    """
    return employees <= EMPLOYEES_LIMIT[industry] or capital <= CAPITAL_LIMIT[industry]


@cache
def size_laws() -> np.ndarray:
    """The fitted size distribution of every industry, shape (11,), dtype :data:`LAW_DTYPE`."""
    persons = manufacturing_persons_per_sme()
    manufacturing = brentq(lambda exponent: float(mean_size(_laws(exponent, 1.0)[:1])[0]) - persons, 0.3, 2.5)
    target = record("employees_per_firm", "all_nonprimary", FIT_YEAR)
    weights = firms_path(FIT_YEAR, FIT_YEAR)[0]

    def excess(exponent: float) -> float:
        return float(weights @ mean_size(_laws(manufacturing, exponent)) / weights.sum() - target)

    laws = _laws(manufacturing, brentq(excess, 0.3, 2.5))
    laws.flags.writeable = False
    return laws


def _laws(manufacturing: float, rest: float) -> np.ndarray:
    laws = np.zeros(len(INDUSTRIES), LAW_DTYPE)
    large = _large_share(rest)
    for industry in range(len(INDUSTRIES)):
        sigma, small, cut = body_sigma(industry), small_share(industry), SMALL_LIMIT[industry]
        exponent = manufacturing if industry in MANUFACTURING else rest
        over, beyond = (EMPLOYEES_LIMIT[industry] / cut) ** -exponent, (LARGEST_SME / cut) ** -exponent
        within = min(1.0, max(0.0, (over - large[industry]) / (over - beyond)))
        mu = _body_mu(sigma, small, cut)
        laws[industry] = (mu, sigma, exponent, cut, EMPLOYEES_LIMIT[industry], LARGEST_SME, small, within)
    return laws


def _body_mu(sigma: float, small: float, cut: float) -> float:
    """Log median of a lognormal that, cut off below one person, has the share ``small`` up to ``cut`` persons."""
    def excess(mu: float) -> float:
        below = ndtr(mu / sigma)
        return 1.0 - ndtr((mu - np.log(cut)) / sigma) / below - small

    return float(brentq(excess, -6.0, np.log(cut)))


def body_sigma(industry: int) -> float:
    """Standard deviation of log employees in the Credit Risk Database 2015; other industries like construction.

    Args:
        industry: Code of INDUSTRIES.
    """
    name = "construction" if industry == OTHER else recorded_name(industry)
    return record("lognormal_sigma_employees", name, 2015)


@cache
def small_share(industry: int) -> float:
    """Share of small firms among the SMEs of an industry in 2014.

    Args:
        industry: Code of INDUSTRIES.
    """
    if industry == OTHER:
        return _other_firms("small") / _other_firms("sme")
    return record("small_share_of_smes", recorded_name(industry), FIT_YEAR, "small") / 100.0


def _other_firms(size_class: str) -> float:
    """Firms of the industry 'other' in 2014: mining, electricity and gas, finance, real estate."""
    return sum(record("number_of_firms", name, FIT_YEAR, size_class) for name in _OTHER_SECTIONS)


@cache
def _medium_and_large() -> tuple[np.ndarray, np.ndarray]:
    """Counted medium-sized and large firms of 2014 by recorded industry; large ones of trade not yet split."""
    counted = {"wholesale": "wholesale_retail", "retail": "wholesale_retail"}
    large = [
        _other_firms("large") if name == "other" else record("number_of_firms", counted.get(name, name), FIT_YEAR, "large")
        for name in RECORDED_INDUSTRIES
    ]
    stock = firms_path(FIT_YEAR, FIT_YEAR)[0]
    codes = [MANUFACTURING[0], *range(3, len(INDUSTRIES))]
    stock = np.concatenate([[stock[:3].sum()], stock[3:]])
    medium = stock * (1.0 - np.array([small_share(code) for code in codes]))
    return medium, np.array(large)


def _large_share(rest: float) -> np.ndarray:
    """Large firms over medium-sized and large ones, shape (11,); trade is split like its firms above the limits."""
    medium, large = (counts.copy() for counts in _medium_and_large())
    trade = np.array([WHOLESALE, RETAIL])
    over = np.array([(EMPLOYEES_LIMIT[k] / SMALL_LIMIT[k]) ** -rest for k in trade]) * medium[trade - 2]
    large[trade - 2] *= over / over.sum()
    share = large / (medium + large)
    return np.concatenate([np.repeat(share[0], 3), share[1:]])


def manufacturing_persons_per_sme() -> float:
    """Persons per manufacturing SME in 2008: its share of all SMEs' persons in the SME basic survey over the number of firms."""
    persons = record("persons_basic_survey", "all", MANUFACTURING_YEAR)
    share = record("share_of_sme_persons_basic_survey", "manufacturing", MANUFACTURING_YEAR) / 100.0
    return persons * share / float(firms_path(MANUFACTURING_YEAR, MANUFACTURING_YEAR)[0, :3].sum())


def cumulative(laws: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Share of SMEs with at most ``sizes`` persons, shape (laws, sizes).

    Args:
        laws: Size laws, shape (laws,), dtype :data:`LAW_DTYPE`.
        sizes: Persons, shape (sizes,).
    """
    law, x = laws[:, None], sizes[None, :]
    floor, ceiling = ndtr(-law["mu"] / law["sigma"]), ndtr((np.log(law["cut"]) - law["mu"]) / law["sigma"])
    body = ndtr((np.log(np.clip(x, 1.0, law["cut"])) - law["mu"]) / law["sigma"])
    inside = tail_mass(law, law["cut"], np.clip(x, law["cut"], law["limit"]))
    over = tail_mass(law, law["limit"], np.clip(x, law["limit"], law["top"]))
    whole = tail_mass(law, law["cut"], law["limit"]) + law["within"] * tail_mass(law, law["limit"], law["top"])
    return law["small"] * (body - floor) / (ceiling - floor) + (1.0 - law["small"]) * (inside + law["within"] * over) / whole


def tail_mass(law: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Pareto mass between two sizes relative to all above the cut: (low/cut)^-a - (high/cut)^-a; shapes broadcast.

    Args:
        law: Size laws.
        low: Persons, at least the cut.
        high: Persons, at least ``low``.
    """
    return (low / law["cut"]) ** -law["exponent"] - (high / law["cut"]) ** -law["exponent"]


def size_grid(laws: np.ndarray, cells: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Sizes and their shares on a fine logarithmic grid, for means and tilts.

    Args:
        laws: Size laws, shape (laws,).
        cells: Number of cells.

    Returns:
        Persons in the middle of the cells, shape (cells,), and shares of firms, shape (laws, cells), rows adding up to 1.
    """
    edges = np.exp(np.linspace(0.0, np.log(LARGEST_SME), cells + 1))
    return np.sqrt(edges[1:] * edges[:-1]), np.diff(cumulative(laws, edges), axis=1)


def mean_size(laws: np.ndarray) -> np.ndarray:
    """Mean persons per firm, shape (laws,).

    Args:
        laws: Size laws, shape (laws,).
    """
    sizes, shares = size_grid(laws)
    return shares @ sizes


@cache
def credit_tilt(industry: int) -> float:
    """Power theta of size by which the firms of the Credit Risk Database are weighted, 1.

    A borrower database holds larger firms than the country: weighting firms by employees ** theta gives its median employees.
    For a pure lognormal theta would be ln(its median / country's median) / sigma ** 2; here it is solved on the fitted law.
    Industries without figures of their own take the theta that gives the median of all industries together.

    Args:
        industry: Code of INDUSTRIES.
    """
    if not has_credit_figures(industry):
        return _tilt(firms_path(FIT_YEAR, FIT_YEAR)[0], record("crd_median_employees", "all", 2015))
    alone = np.zeros(len(INDUSTRIES))
    alone[industry] = 1.0
    return _tilt(alone, record("crd_median_employees", recorded_name(industry), 2015))


def _tilt(weights: np.ndarray, median: float) -> float:
    """Theta at which the firms of the weighted industries have the given median; weights of shape (11,), persons."""
    sizes, shares = size_grid(size_laws())
    pooled = weights @ shares

    def excess(theta: float) -> float:
        tilted = pooled * sizes**theta
        return float(np.interp(np.log(median), np.log(sizes), np.cumsum(tilted) / tilted.sum()) - 0.5)

    return float(brentq(excess, -2.0, 2.0, xtol=1e-6))


def has_credit_figures(industry: int) -> bool:
    """Whether the Credit Risk Database 2015 has figures of the industry itself.

    Args:
        industry: Code of INDUSTRIES.
    """
    return industry in (*MANUFACTURING, CONSTRUCTION)
