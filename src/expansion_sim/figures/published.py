"""Published counts of foreign direct investment by small firms, the points that figures show beside the simulation."""

from __future__ import annotations

import pandas as pd

#: Facts of history.targets that are counts of new projects in one year: id -> industries covered.
_COUNTS = {"T018": "manufacturing", "T020": "manufacturing", "T026": "all", "T029": "all"}
#: 599 projects worth 630 million dollars in 1986: the count behind the mean amount per project of target T034 (Diet minutes).
_PROJECTS_1986 = 599.0

PUBLISHED_COLUMNS = ("year", "value", "industries", "how", "source")


def published_projects(targets: pd.DataFrame) -> pd.DataFrame:
    """Published yearly counts of FDI projects by small and medium firms.

    Args:
        targets: The table of published facts, ``history.targets``.

    Returns:
        year, value (projects), industries ('manufacturing' or 'all'), how ('published' or 'derived'), source; by year. A
        fact missing from ``targets`` is left out. 1984 is derived: the count of 1988 over the published ratio of 1988 to 1984.
    """
    facts = targets.set_index("id")
    rows = [
        (int(facts.at[name, "period"]), float(facts.at[name, "value"]), industries, "published", facts.at[name, "source"])
        for name, industries in _COUNTS.items()
        if name in facts.index
    ]
    if "T034" in facts.index:
        rows.append((int(facts.at["T034", "period"]), _PROJECTS_1986, "all", "published", "Diet minutes"))
    if {"T029", "T030"} <= set(facts.index):
        ratio = float(facts.at["T030", "value"])
        rows.append((1984, float(facts.at["T029", "value"]) / ratio, "all", "derived", facts.at["T030", "source"]))
    return pd.DataFrame(rows, columns=list(PUBLISHED_COLUMNS)).sort_values("year", ignore_index=True)


def published_china_shares(targets: pd.DataFrame) -> pd.DataFrame:
    """Published share of China in the FDI projects of small firms: year, value (percent), by year."""
    facts = targets.set_index("id")
    rows = [(int(facts.at[name, "period"]), float(facts.at[name, "value"])) for name in ("T032", "T033") if name in facts.index]
    return pd.DataFrame(rows, columns=["year", "value"])
