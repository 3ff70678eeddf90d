"""A plausible economy made of numbers alone, to drive the recorder and the figures without the model's rules.

Firms enter and leave modes at rates that resemble the four phases. Stocks are counted from the firms' own rows, so what the
recorder writes must pass every identity.
"""

from __future__ import annotations

import numpy as np

from expansion_sim.codes import EVENTS, HOSTS, INDUSTRIES, MODES, SIZE_CLASSES, SIZE_EDGES
from expansion_sim.population.schema import empty_firms
from expansion_sim.results.measures import STOCKS
from expansion_sim.results.recorder import Recorder
from expansion_sim.scenario.spec import Output, Scenario, Years

BIT = {name: 1 << position for position, name in enumerate(EVENTS)}
PLANT_COLUMNS = {4: "contract_hosts", 5: "plant_hosts", 6: "cluster_hosts"}

#: Yearly chance of taking up a mode at its best time, first year, year of half of the way, years of the rise.
_RATES = {1: (0.004, 1955, 1962, 4.0), 2: (0.003, 1958, 1990, 12.0), 3: (0.001, 1998, 2012, 5.0), 4: (0.0015, 1968, 1995, 8.0),
          5: (0.0015, 1965, 1986, 5.0), 6: (0.0002, 2008, 2011, 1.0)}


def entry_rate(mode: int, year: int) -> float:
    """Chance that a firm takes up ``mode`` in ``year``: a rise, and a dip in 1974-77 for plants."""
    top, first, middle, width = _RATES[mode]
    dip = 0.3 if mode == 5 and 1974 <= year <= 1977 else 1.0
    return 0.0 if year < first else dip * top / (1.0 + np.exp(-(year - middle) / width))


def host_odds(year: int) -> np.ndarray:
    """Odds of the sixteen hosts: China from nothing to two thirds between 1985 and 1994."""
    odds = np.array([0.1, 3, 3, 2, 1.5, 1.5, 1, 1, 0.1, 0.8, 0.2, 0.3, 4, 0.6, 0.6, 0.4])
    odds[0] += 35 / (1 + np.exp(-(year - 1992) / 1.2)) - 25 / (1 + np.exp(-(year - 2012) / 3))
    odds[8] += 6 / (1 + np.exp(-(year - 2010) / 3))
    return odds / odds.sum()


class SyntheticModel:
    """Has the interface of ExpansionModel that ``simulate`` uses: year, running, step, recorder, snapshots.

    Args:
        scenario: Anything with ``years.first``, ``years.last`` and ``output.firms_years``.
        rng: Seed.
        firms: Rows of the population.
    """

    def __init__(self, scenario, rng=1, firms: int = 4000) -> None:
        self.spec, self.rng = scenario, np.random.default_rng(rng)
        self.year, self.last = scenario.years.first - 1, scenario.years.last
        self.recorder = Recorder(scenario.years.first, scenario.years.last, programmes=("loan", "advice"))
        self.snapshots: dict[int, np.ndarray] = {}
        self.snapshot_sink = None
        self.firms = empty_firms(firms)
        self.next_id = 0
        self._found(np.arange(firms))

    @property
    def running(self) -> bool:
        return self.year < self.last

    def step(self) -> None:
        """One year: deaths, entries, losses, then the record."""
        self.year += 1
        firms, rng = self.firms, self.rng
        firms["events"] = 0
        for name, none in (("event_mode", 0), ("left_modes", 0), ("event_host", -1), ("left_host", -1), ("invited_host", -1)):
            firms[name] = none
        firms["employees"] *= np.exp(rng.normal(0, 0.05, firms.size)).astype("f4")
        dead = rng.random(firms.size) < 0.04
        broke = dead & (rng.random(firms.size) < 0.3)
        firms["left_modes"][dead] = self._modes()[dead]
        firms["events"][dead] |= BIT["closure"]
        firms["events"][broke] |= BIT["default"]
        self._leave(~dead)
        self._enter(~dead)
        gone = firms[dead]
        born = np.flatnonzero(dead)
        self._found(born)
        firms["events"][born] |= BIT["birth"]
        self._record(gone)

    def run(self) -> None:
        while self.running:
            self.step()

    def _found(self, rows: np.ndarray) -> None:
        fresh, rng = empty_firms(rows.size), self.rng
        fresh["alive"], fresh["birth_year"] = 1, self.year
        fresh["firm"] = self.next_id + np.arange(rows.size)
        self.next_id += rows.size
        fresh["industry"] = rng.integers(0, len(INDUSTRIES), rows.size)
        fresh["district"] = rng.integers(0, 20, rows.size)
        fresh["employees"] = np.exp(rng.normal(2.0, 1.2, rows.size))
        fresh["weight"] = np.where(fresh["employees"] > 50, 0.1, 1.0) * (4e6 / self.firms.size)
        self.firms[rows] = fresh

    def _modes(self) -> np.ndarray:
        firms = self.firms
        bits = (firms["channels"].astype(np.uint8) << 1).astype(np.uint8)
        for mode, column in PLANT_COLUMNS.items():
            bits |= np.where(firms[column] > 0, 1 << mode, 0).astype(np.uint8)
        return bits

    def _leave(self, alive: np.ndarray) -> None:
        firms = self.firms
        for mode in range(1, len(MODES)):
            quits = alive & ((self._modes() >> mode & 1) == 1) & (firms["left_modes"] == 0) & (self.rng.random(firms.size) < 0.05)
            firms["left_modes"][quits] |= 1 << mode
            firms["events"][quits] |= BIT["leave"]
            firms["years_in_mode"][quits] = 7
            if mode in PLANT_COLUMNS:
                hosts = firms[PLANT_COLUMNS[mode]][quits].astype(np.int32)
                firms["left_host"][quits] = np.log2(hosts & -hosts)
                firms[PLANT_COLUMNS[mode]][quits] = 0
                back = quits & (self.rng.random(firms.size) < 0.2)
                firms["events"][back] |= BIT["reshore"]
            else:
                firms["channels"][quits] &= np.uint8(255 - (1 << (mode - 1)))
        firms["markets"][firms["channels"] == 0] = 0

    def _enter(self, alive: np.ndarray) -> None:
        firms, rng = self.firms, self.rng
        for mode in range(1, len(MODES)):
            fresh = alive & (firms["event_mode"] == 0) & (firms["left_modes"] == 0)
            fresh &= rng.random(firms.size) < entry_rate(mode, self.year)
            host = rng.choice(len(HOSTS), firms.size, p=host_odds(self.year))
            inside = (self._modes() >> mode & 1) == 1
            column = PLANT_COLUMNS.get(mode, "markets")
            fresh &= ~(inside & ((firms[column] >> host & 1) == 1))
            firms["events"][fresh & ~inside] |= BIT["enter"]
            firms["events"][fresh & inside] |= BIT["add_host"]
            firms["event_mode"][fresh], firms["event_host"][fresh] = mode, host[fresh]
            firms[column][fresh] |= (1 << host[fresh]).astype("u2")
            if mode not in PLANT_COLUMNS:
                firms["channels"][fresh] |= 1 << (mode - 1)
        helped = (firms["event_mode"] > 0) & (rng.random(firms.size) < 0.1)
        firms["events"][helped] |= BIT["award"]
        firms["programme"][helped] = 0

    def _record(self, gone: np.ndarray) -> None:
        firms, recorder, year = self.firms, self.recorder, self.year
        recorder.stocks(year, self._stock_table(gone))
        recorder.mode_stocks(year, self._mode_table())
        recorder.host_stocks(year, self._host_table())
        happened = firms["events"] & ~np.uint32(BIT["birth"]) != 0
        recorder.events(year, np.concatenate([gone, firms[happened & (firms["events"] & BIT["closure"] == 0)]]))
        recorder.scalars(year, {"parents_offshore_share": min(0.3, 0.004 * (year - 1954))})
        amounts = ("applications", "awards", "spending", "lending", "taken_up", "foregone", "at_home")
        table = np.zeros(2, [("programme", "i4"), *((name, "f8") for name in amounts)])
        table["programme"] = [0, 1]
        table["applications"], table["awards"], table["spending"] = 20, 10, 55.5
        recorder.programmes(year, table)
        recorder.surveys(year, {"share_abroad": float((self._modes() > 0).mean())})
        if year in self.spec.output.firms_years:
            if self.snapshot_sink is not None:
                self.snapshot_sink(year, firms)
            else:
                self.snapshots[year] = firms[firms["alive"] == 1].copy()

    def _cells(self, firms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return firms["industry"], np.searchsorted(SIZE_EDGES, firms["employees"], side="right")

    def _stock_table(self, gone: np.ndarray) -> np.ndarray:
        firms, table = self.firms, np.zeros((len(INDUSTRIES), len(SIZE_CLASSES), len(STOCKS)))
        weight = firms["weight"].astype(float)
        abroad = self._modes() > 0
        plants = (firms["plant_hosts"] > 0) | (firms["cluster_hosts"] > 0)
        persons = firms["employees"]
        values = {
            "firms": 1.0, "births": firms["birth_year"] == self.year, "abroad": abroad,
            "interested": ~abroad & (firms["firm"] % 7 == 0), "planning": ~abroad & (firms["firm"] % 37 == 1),
            "employees": persons, "home_sales": 15.0 * persons, "export_sales": 2.0 * persons * (firms["channels"] > 0),
            "plant_sales": 3.0 * persons * plants, "foreign_jobs": 0.8 * persons * plants, "profit": 0.3 * persons,
            "cash": 2.0 * persons, "debt": 4.0 * persons, "relocated_jobs": 0.1 * persons * plants,
        }
        for name, value in values.items():
            np.add.at(table[..., STOCKS.index(name)], self._cells(firms), weight * value)
        np.add.at(table[..., STOCKS.index("closures")], self._cells(gone), gone["weight"].astype(float))
        broke = gone[(gone["events"] & BIT["default"]) != 0]
        np.add.at(table[..., STOCKS.index("defaults")], self._cells(broke), broke["weight"].astype(float))
        return table

    def _mode_table(self) -> np.ndarray:
        table, bits = np.zeros((len(INDUSTRIES), len(SIZE_CLASSES), len(MODES))), self._modes()
        for mode in range(len(MODES)):
            inside = bits == 0 if mode == 0 else (bits >> mode & 1) == 1
            np.add.at(table[..., mode], self._cells(self.firms[inside]), self.firms["weight"][inside].astype(float))
        return table

    def _host_table(self) -> np.ndarray:
        table, bits, firms = np.zeros((len(INDUSTRIES), len(MODES), len(HOSTS))), self._modes(), self.firms
        for mode in range(1, len(MODES)):
            hosts = firms[PLANT_COLUMNS.get(mode, "markets")]
            for host in range(len(HOSTS)):
                inside = ((bits >> mode & 1) == 1) & ((hosts >> host & 1) == 1)
                np.add.at(table[:, mode, host], firms["industry"][inside], firms["weight"][inside].astype(float))
        return table


def synthetic_scenario(last: int = 2024, firms_years: tuple[int, ...] = ()) -> Scenario:
    """A scenario with a name, years and snapshots; the synthetic model reads nothing else."""
    return Scenario(schema_version=1, name="synthetic", years=Years(last=last), output=Output(firms_years=firms_years))
