"""A run made of numbers alone: the published record drawn by hand, so that every computable fact can be read."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from expansion_sim.codes import HOSTS, INDUSTRIES, MODES
from expansion_sim.results.frames import TidyRows, stack_replications
from expansion_sim.validation.surveys import SURVEYS

YEARS = np.arange(1955, 2025)
CHINA = HOSTS.index("CHN")


def projects_path() -> np.ndarray:
    """SME projects a year, 1955-2024: two waves, a dip, the surge of the late 1980s."""
    knots = {
        1955: 1,
        1965: 10,
        1968: 14,
        1969: 90,
        1971: 100,
        1972: 190,
        1973: 420,
        1974: 200,
        1977: 120,
        1978: 180,
        1984: 312,
        1985: 318,
        1986: 599,
        1988: 1625,
        1994: 1200,
        2024: 900,
    }
    return np.interp(YEARS, list(knots), list(knots.values()))


def china_share() -> np.ndarray:
    """China's share of projects by year."""
    return np.interp(YEARS, [1978, 1989, 1994, 2024], [0.0, 0.061, 0.63, 0.2])


def yearly_table(scale: float = 1.0) -> pd.DataFrame:
    """Yearly table with projects by industry and host, stocks of modes, sales and the parents' share abroad."""
    rows, total = TidyRows(), scale * projects_path()
    heavy = np.interp(YEARS, [1960, 1973, 2024], [0.2, 0.52, 0.8])
    industries = np.zeros((YEARS.size, len(INDUSTRIES)))
    industries[:, 0], industries[:, 1] = total * (1 - heavy), total * heavy
    hosts = np.outer(total, np.full(len(HOSTS), 1.0)) * ((1 - china_share()) / (len(HOSTS) - 1))[:, None]
    hosts[:, CHINA] = total * china_share()
    rows.add("projects", YEARS, industries, ("industry",))
    rows.add("projects", YEARS, hosts, ("host",))
    rows.add("projects", YEARS, total, (), zeros=True)
    modes = np.zeros((YEARS.size, len(MODES)))
    modes[:, 1], modes[:, 5] = 5000.0, 0.1 * total
    rows.add("firms_in_mode", YEARS, modes, ("mode",), zeros=True)
    exports = np.zeros((YEARS.size, len(INDUSTRIES)))
    exports[:, 0], exports[:, 1], exports[:, 2] = 100 - (YEARS - 1955), 10.0 + (YEARS - 1955), 30.0
    rows.add("export_sales", YEARS, exports, ("industry",))
    rows.add("export_sales", YEARS, np.full(YEARS.size, 140.0), (), zeros=True)
    rows.add("local_sales", YEARS, np.where(YEARS >= 2001, 200.0, 20.0), (), zeros=True)
    rows.add("plant_sales", YEARS, np.full(YEARS.size, 300.0), (), zeros=True)
    for measure, factor in (("large_projects", 0.3), ("large_projects_manufacturing", 0.9)):
        rows.add(measure, YEARS, factor * np.interp(YEARS, [1955, 1973, 1976, 1990], [10.0, 300.0, 700.0, 700.0]), (), zeros=True)
    rows.add("cooperatives_founded", YEARS, np.where(YEARS == 2011, 22.0, 0.0), (), zeros=True)
    rows.add("parents_abroad_share", YEARS, np.interp(YEARS, [1955, 1997, 2021], [0.0, 0.268, 0.32]), (), zeros=True)
    return rows.frame()


def events_table() -> pd.DataFrame:
    """Cooperatives of 4 to 25 members in 2011, followers of 1995, withdrawals in 2005, registrants of 2022."""
    rows = [
        (2011, 1000 * cooperative + member, "enter", "cluster", cooperative, -1, False, "")
        for cooperative, size in enumerate(range(4, 26))
        for member in range(size)
    ]
    rows += [(1995, 500_000 + firm, "enter", "fdi", -1, 3, firm < 34, "") for firm in range(100)]
    rows += [(2005, 500_000 + firm, "leave", "fdi", -1, 3, False, "") for firm in range(25)]
    rows += [(2006, 500_000 + firm, "drop_host", "", -1, 3, False, "") for firm in range(20, 32)]
    rows += [(2006, 600_000, "drop_host", "", -1, -1, False, "")]  # an export market
    rows += [(2008, 500_031, "closure", "fdi", -1, 3, False, "")]
    rows += [(2022, 600_000 + firm, "award", "", -1, -1, False, "P09") for firm in range(50)]
    rows += [(2023, 600_000 + firm, "enter", "direct", -1, -1, False, "P09") for firm in range(10)]
    columns = ["year", "firm", "event", "mode", "cooperative", "parent", "followed", "programme"]
    table = pd.DataFrame(rows, columns=columns).assign(host="CHN", weight=1.0)
    table.loc[table["firm"] == 600_000, "host"] = ""
    return table.astype(dict.fromkeys(("event", "mode", "host", "programme"), "category"))


def surveys_table(value: float = 10.0) -> pd.DataFrame:
    """Every declared survey with one value."""
    rows = [(year, survey.name, value) for survey in SURVEYS for year in survey.years]
    return pd.DataFrame(rows, columns=["year", "survey", "value"]).astype({"survey": "category"})


def programmes_table() -> pd.DataFrame:
    """A thousand awards a year for the programmes the facts name."""
    rows = [
        (year, programme, 2000.0, 1000.0, 1000.0)
        for year in range(2010, 2024)
        for programme in ("P09", "P23", "P24", "P25", "P29", "P30")
    ]
    return pd.DataFrame(rows, columns=["year", "programme", "applications", "awards", "taken_up"]).astype({"programme": "category"})


def make_run(replications: int = 1, last: int = 2024) -> SimpleNamespace:
    """A synthetic run; replications differ by 5 % in their projects."""
    scales = [1.0 + 0.05 * r for r in range(replications)]
    frames = {
        "yearly": [yearly_table(scale) for scale in scales],
        "events": [events_table()] * replications,
        "programmes": [programmes_table()] * replications,
        "surveys": [surveys_table(10.0 * scale) for scale in scales],
    }
    stacked = {name: stack_replications(tables) for name, tables in frames.items()}
    return SimpleNamespace(**{name: table[table["year"] <= last] for name, table in stacked.items()})


@pytest.fixture(scope="session")
def run() -> SimpleNamespace:
    """One replication."""
    return make_run()


@pytest.fixture(scope="session")
def replicated() -> SimpleNamespace:
    """Five replications."""
    return make_run(5)
