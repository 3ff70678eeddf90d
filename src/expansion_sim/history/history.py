"""The recorded history as one object that answers by name, host and year."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import overload

import numpy as np
import pandas as pd

from expansion_sim.codes import HOSTS
from expansion_sim.errors import InputError
from expansion_sim.history.events import event_effects
from expansion_sim.history.metadata import Declarations, SeriesMeta, nearest, read_declarations
from expansion_sim.history.tables import TEXT_TABLES, check_openness, check_population, check_text, check_yearly, read_table

HOME = "JPN"


class History:
    """Japan 1955-2024 and sixteen hosts, as recorded; read it, do not write to it.

    Attributes:
        japan: Series of Japan, indexed by year.
        hosts: Series of the hosts, indexed by (host, year).
        events: Dated events with kind, direction in words, source, and the machine columns host, channel, sign
            (several separated by ``;``).
        event_effects: The same, one row per event, host and channel, sign +1 or -1.
        openness_steps: Steps of openness to foreign investment, with reason and evidence; JPN_outward is Japan's own control.
        programmes: Support programmes: id, name, body, instrument, years, rates, caps, eligibility, modes, hosts.
        targets: Published facts to be scored.
        places: Main commercial city of each host and its distance from Tokyo, km.
        population_table: Firm counts, sizes and rates, long form.
        declarations: What series.toml declares.
    """

    def __init__(self, directory: Path) -> None:
        """Read and check all tables in ``directory``.

        Raises:
            InputError: A file is missing or does not hold what series.toml declares.
        """
        self.declarations: Declarations = read_declarations(directory / "series.toml")
        japan, hosts = read_table(directory, "japan"), read_table(directory, "hosts")
        check_yearly(japan, self.declarations.japan, "japan.csv")
        check_yearly(hosts, self.declarations.hosts, "hosts.csv", HOSTS)
        tables = {name: read_table(directory, name) for name in TEXT_TABLES}
        for name, table in tables.items():
            check_text(table, name, self.declarations)
        self.population_table = read_table(directory, "sme_population")
        check_population(self.population_table, self.declarations, "sme_population.csv")
        self.japan = japan.set_index("year").sort_index()
        self.hosts = hosts.set_index(["host", "year"]).sort_index()
        check_openness(tables["openness_steps"], hosts, self.japan)
        self.events, self.openness_steps = tables["events"], tables["openness_steps"]
        self.programmes, self.targets = tables["programmes"], tables["targets"]
        self.places = tables["places"].set_index("host").loc[list(HOSTS)]
        self.event_effects = event_effects(self.events)
        self._matrices: dict[str, np.ndarray] = {}

    @property
    def first_year(self) -> int:
        """First recorded year."""
        return int(self.japan.index[0])

    @property
    def last_year(self) -> int:
        """Last recorded year."""
        return int(self.japan.index[-1])

    @overload
    def series(self, name: str, host: str | None = None, year: None = None) -> pd.Series: ...
    @overload
    def series(self, name: str, host: str | None, year: int) -> float: ...
    @overload
    def series(self, name: str, host: str | None = None, *, year: int) -> float: ...
    def series(self, name: str, host: str | None = None, year: int | None = None) -> pd.Series | float:
        """Values of a recorded series, in the unit of :meth:`metadata`.

        Args:
            name: Series, for example ``jpy_per_usd`` or ``labour_cost_usd_per_worker``.
            host: Host code; None or ``JPN`` for Japan.
            year: One year, or None for all.

        Returns:
            A float for one year, else a Series indexed by year; years in declared gaps are left out.

        Raises:
            InputError: Unknown name or host (with the nearest), or a year without a value (with the allowed range).
        """
        meta = self.metadata(name, host)
        if meta.table == "hosts" and host is None:
            raise InputError(f"{name} is a series of the hosts; give a host (allowed: {', '.join(HOSTS)})", key="host")
        values = self.japan[name] if meta.table == "japan" else self.hosts.loc[host, name]
        if year is None:
            return values.dropna()
        if year not in meta.years():
            gaps = "".join(f", without {a}-{b}" for a, b in meta.gaps)
            raise InputError(f"no value of {name} in {year} (allowed {meta.first_year}-{meta.last_year}{gaps})", key=name)
        return float(values.loc[year])

    def metadata(self, name: str, host: str | None = None) -> SeriesMeta:
        """Declaration of a series: unit, source, licence, years, gaps, splices, filling and quality.

        Args:
            name: Series name.
            host: Host code; ``JPN`` for Japan; None for Japan's series of that name, else the hosts'.

        Raises:
            InputError: Unknown name or host, with the nearest.
        """
        if host is not None and host not in (HOME, *HOSTS):
            raise InputError(f"unknown host {host}; {nearest(host, [HOME, *HOSTS])}", key="host")
        japan, hosts = self.declarations.japan, self.declarations.hosts
        declared = {**hosts, **japan} if host is None else japan if host == HOME else hosts
        if name not in declared:
            raise InputError(f"unknown series {name}; {nearest(name, sorted(declared))}", key="series")
        return declared[name]

    def matrix(self, name: str) -> np.ndarray:
        """A host series for all years, shape (years, 16) in the order of codes.HOSTS, in its declared unit.

        Raises:
            InputError: Unknown name, with the nearest.
        """
        self.metadata(name, HOSTS[0])
        if name not in self._matrices:
            self._matrices[name] = self.hosts[name].unstack("host").loc[:, list(HOSTS)].to_numpy(float)
        return self._matrices[name].copy()

    def population(self, series: str, industry: str | None = None, year: int | None = None) -> pd.DataFrame | pd.Series | float:
        """Firm counts, sizes and rates.

        Args:
            series: Name in sme_population.csv, for example ``sme_firms_path`` or ``crd_median_employees``.
            industry: One industry of that series, or None for all.
            year: One year, or None for all.

        Returns:
            A float when ``year`` is given and one row is left; a Series indexed by year when no year stands twice; else the rows.

        Raises:
            InputError: Unknown series, industry or year, with the nearest or what is allowed.
        """
        if series not in self.declarations.population:
            raise InputError(f"unknown series {series}; {nearest(series, sorted(self.declarations.population))}", key="series")
        rows = self.population_table[self.population_table["series"] == series]
        for column, wanted in (("industry", industry), ("year", year)):
            if wanted is not None:
                known = sorted(set(rows[column]))
                if wanted not in known:
                    hint = nearest(str(wanted), [str(k) for k in known])
                    raise InputError(f"{series} has no {column} {wanted}; {hint}", key=column)
                rows = rows[rows[column] == wanted]
        if len(rows) == 1 and year is not None:
            return float(rows["value"].iloc[0])
        if not rows["year"].duplicated().any():
            return rows.set_index("year")["value"].sort_index()
        return rows.reset_index(drop=True)


@lru_cache(maxsize=4)
def load_history(directory: Path | None = None) -> History:
    """The history shipped with the package, or one of the same form in another folder; read and checked once.

    Args:
        directory: Folder with the CSV files and series.toml; None for the shipped data.

    Raises:
        InputError: A file is missing or does not hold what it declares.
    """
    return History(directory or Path(str(files("expansion_sim.history") / "data")))
