"""The model: a world of firms, large customers, agencies, districts, cooperatives and hosts, one year a step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import mesa
import numpy as np

from expansion_sim import compiled_code
from expansion_sim.agents.columnar_model import ColumnarModel
from expansion_sim.agents.cooperative import Cooperative, count_members, recruit
from expansion_sim.agents.firm_set import FirmSet
from expansion_sim.agents.host import Host
from expansion_sim.agents.municipality import Municipality
from expansion_sim.agents.parent_firm import ParentFirm
from expansion_sim.agents.sme import PHASES, overridden_phases
from expansion_sim.agents.support_agency import SupportAgency, agency_of
from expansion_sim.behaviour import kernel, phases
from expansion_sim.behaviour.banks import fill_banks
from expansion_sim.behaviour.context import open_context, part
from expansion_sim.behaviour.offshoring import made_abroad, step_customers
from expansion_sim.behaviour.tables import fill_markets, fill_year, learn_usual_imports, remembered_appreciation, room_of
from expansion_sim.branching import branch
from expansion_sim.codes import CLUSTER, CONTRACT, DISTRICTS, FDI, HOST_GROUP_OF, HOST_GROUPS, HOSTS, INDUSTRIES, MANUFACTURING
from expansion_sim.compat import is_mesa_scenario
from expansion_sim.history import load_history
from expansion_sim.history.drivers import build_drivers
from expansion_sim.parameters import parameters_record
from expansion_sim.policy.awards import decide_awards, decide_group_awards
from expansion_sim.policy.books import book_year
from expansion_sim.policy.calendar import ways_in_year
from expansion_sim.policy.offers import contacts_of, tell_offers
from expansion_sim.policy.record import stated_programmes
from expansion_sim.policy.registration import register_firms, tell_registrations
from expansion_sim.policy.support import support_on_offer
from expansion_sim.population.founding import CUSTOMERS, found_industries, found_population
from expansion_sim.population.population import Population, lowest_free, taken
from expansion_sim.randomness import seed_from
from expansion_sim.results.recorder import Recorder

compiled_code.drop_damaged()

FELLOWS_UNIT = 40.0  # plants per room that count as one in the pull of fellow plants
DEFAULT_SCALE = 0.002  # ExpansionModel() runs a small history


class Aggregates(NamedTuple):
    """Sums over firms at the end of last year, which all firms act on (see behaviour.kernel.sums).

    Attributes:
        stocks: (industry, size, measure).
        modes: (industry, size, mode).
        hosts: (industry, mode, host).
        districts: (industry, district, firms, firms abroad, jobs at home, jobs gone abroad).
        closing: (industry, 4).
    """

    stocks: np.ndarray
    modes: np.ndarray
    hosts: np.ndarray
    districts: np.ndarray
    closing: np.ndarray


def total(model: ExpansionModel, measure: int) -> float:
    """Sum over all firms of one measure of results.measures.STOCKS at the year's end."""
    return float(model.aggregates.stocks[..., measure].sum())


class ExpansionModel(ColumnarModel):
    """Japan's small and medium-sized firms and what takes them abroad.

    Args:
        scenario: A Scenario, the name of a shipped one or a path; None (or a Scenario of Mesa's own) for a small history.
        rng: Seed of all draws, or a NumPy generator; None takes the scenario's seed.
        overrides: Single values by dotted key, such as ``scale=0.01`` or ``**{"parameters.band.risk": 0.3}``.

    Attributes:
        year: Last simulated year; the year before the first until :meth:`step` was called.
        spec: The scenario.
        seed: Key of all draws.
        population: The firms in columns.
        world: What firms read this year, see :mod:`expansion_sim.behaviour.context`; its parts are attributes, too.
        recorder: What the results are made of.
        snapshots: Copies of the living firms in the years asked for.
        snapshot_sink: When set, called with the year and all rows of firms instead of keeping a copy in ``snapshots``.

    Raises:
        InputError: For a scenario or an override that cannot be used.
    """

    population: Population
    branch = branch
    year_record = part("year", "Year record, shape (1,), behaviour.tables.YEAR_DTYPE.")
    industries = part("industries", "Industries, shape (11,), behaviour.tables.INDUSTRY_DTYPE.")
    markets = part("markets", "Every industry in every host, shape (11, 16), behaviour.tables.MARKET_DTYPE.")
    customers = part("customers", "Large customers, shape (n,), population.parents.PARENT_DTYPE.")
    support = part("support", "Support on offer by small firm (0, 1) and mode, shape (2, 7), policy.support.SUPPORT_DTYPE.")
    peers = part("peers", "Share of firms abroad by industry and district, shape (11, 20).")
    talk = part("talk", "Cooperatives heard of in each district, shape (20,).")
    group_activity = part("group_activity", "Activity in each group of hosts relative to the busiest, shape (6,).")
    parameters = part("parameters", "Parameter record, shape (1,), see :mod:`expansion_sim.parameters`.")

    def __init__(self, scenario: Any = None, rng: Any = None, **overrides: Any) -> None:
        from expansion_sim.scenario.load import load_scenario  # the schema of scenarios is not needed to import the model

        if is_mesa_scenario(scenario):
            scenario = None
        if scenario is None:
            overrides = {"scale": DEFAULT_SCALE, **overrides}
        if scenario is None or isinstance(scenario, str) or hasattr(scenario, "__fspath__"):
            scenario = load_scenario(scenario or "history", tuple(f"{key}={setting(value)}" for key, value in overrides.items()))
        elif overrides:
            raise TypeError("overrides need a scenario's name or path, not a loaded scenario")
        self.seed = scenario.seed if rng is None else seed_from(rng)
        super().__init__(rng=self.seed)
        self.spec = scenario
        self.scale = scenario.scale
        self.first_year, self.last_year = scenario.years.first, scenario.years.last
        self.year = self.first_year - 1
        self.snapshot_sink: Callable[[int, np.ndarray], None] | None = None
        self._open_world()
        self._found_agents()
        self.datacollector = mesa.DataCollector(model_reporters=REPORTERS)

    # --- setting up ---------------------------------------------------------------------------------------------------------
    def _open_world(self) -> None:
        """Drivers, programmes, population and empty tables of the first year."""
        spec = self.spec
        parameters = parameters_record(spec.parameters)
        self.world = open_context(CUSTOMERS, parameters.dtype, self.seed)
        self.parameters, self.industries = parameters, found_industries(spec.parameters)
        self.drivers = build_drivers(load_history(), spec.drivers, self.first_year, self.last_year, self.seed)
        memory = float(self.parameters[0]["attention_memory"])
        self.appreciation = remembered_appreciation(self.drivers.japan["yen_change"], memory)
        self.programmes = list(stated_programmes(spec.support)) if spec.mechanisms.programmes else []
        self.population, self.demography, self.customers = found_population(self)
        self.marks = np.zeros(self.population.firms.size, np.uint8)
        self.marks[self.population.firms["alive"] == 1] = kernel.ALIVE
        self.marks[self.population.firms["interested"] == 1] |= kernel.IS_ENTITLED
        self._set_switches()
        learn_usual_imports(self.industries, self.parameters)
        self.success = np.ones(len(self.programmes))  # share of applications served of late, as firms know it
        self.agency_of_row: dict[int, SupportAgency] = {}
        self.promises: list[np.ndarray] = []
        self.applications: list[np.ndarray] = []
        self.registered: list[tuple[int, np.ndarray, np.ndarray]] = []
        self._offer_support(self.first_year)
        self.group_activity = 0.3
        self.fellows = np.zeros((len(INDUSTRIES), len(HOSTS)))
        self.cooperatives_founded, self.cooperatives_alive = 0, frozenset[int]()
        self.snapshots: dict[int, np.ndarray] = {}
        self.recorder = Recorder(self.first_year, self.last_year, [programme.name for programme in self.programmes])
        self._fill_drivers(self.first_year)
        self.aggregates = Aggregates(*kernel.sums(self.population.firms, self.marks, self.world))
        self._learn_aggregates()

    def _set_switches(self) -> None:
        """Mechanisms of the scenario as flags of the year record."""
        for name in ("attention", "finance", "network", "parents_offshore", "taste", "band", "noise", "learning", "cooperatives"):
            self.year_record[name] = int(getattr(self.spec.mechanisms, name))

    def _found_agents(self) -> None:
        """Customers, hosts, municipalities and agencies as Mesa agents."""
        self.defer_agents(ParentFirm, self.customers.size)
        for row in range(len(HOSTS)):
            Host(self, row)
        for row in range(len(DISTRICTS)):
            Municipality(self, row)
        bodies: dict[str, list] = {}
        for row, programme in enumerate(self.programmes):
            bodies.setdefault(agency_of(programme.agency), []).append((row, programme))
        for name, programmes in bodies.items():
            agency = SupportAgency(self, name, programmes)
            self.agency_of_row |= {row: agency for row, _ in programmes}

    @property
    def context(self) -> Any:
        """What a firm's phases read this year, as they take it; a record over ``world``."""
        return self.world[0]

    # --- the year -----------------------------------------------------------------------------------------------------------
    def step(self) -> None:
        """One year: what comes from outside, what others decide about last year's plans, what firms do, who comes and goes."""
        self.year += 1
        self.advance_drivers()
        self.customers_decide()
        self.agencies_decide()
        self.cooperatives_recruit()
        self.groups_apply()
        self.firms_live()
        self.agencies_pay()
        newborn = self.firms_are_born()
        self.add_up(newborn)
        self.record()
        self.datacollector.collect(self)
        if self.year >= self.last_year:
            self.running = False

    def run(self) -> ExpansionModel:
        """Step to the last year and return the model."""
        while self.running:
            self.step()
        return self

    def run_model(self) -> None:
        """Mesa's name for :meth:`run`."""
        self.run()

    def advance_drivers(self) -> None:
        """Prices, wages, markets, openness, risk and the support on offer this year."""
        self._offer_support(self.year)
        self._fill_drivers(self.year)

    def _offer_support(self, year: int) -> None:
        ways, contacts = ways_in_year(tuple(self.programmes), year), contacts_of(self.agency_of_row)
        chances = {row: self._chance(row, contacts.get(row, 0.0)) for row, _ in ways.joint}
        self.support, self.year_record["tax_credit"], self.year_record["tax_exempt"] = support_on_offer(ways, chances)
        tell_offers(self.world["offers"][0], ways, contacts, self.success)

    def _chance(self, row: int, contact: float) -> float:
        """Chance of a firm of twenty persons to hear of a joint programme and be served, as planners know it from last year."""
        return self.programmes[row].part * (1.0 - np.exp(-contact)) * self.success[row]

    def _fill_drivers(self, year: int) -> None:
        japan, self.host_drivers = self.drivers.year(year)
        before, _ = self.drivers.year(max(self.first_year, year - 1))
        fill_banks(self.world["banks"][0], float(japan["credit"]), self.seed, year, int(self.year_record[0]["noise"]), self.parameters[0])
        fill_year(self.year_record, japan, before, self.appreciation[self.drivers.index(year)], self.parameters)
        self.industries["closure_rate"] = self.demography.closure_rates(year)
        fill_markets(self.markets, self.industries, self.host_drivers, self.fellows, made_abroad(self.customers), self.year_record[0],
                     self.parameters[0])

    def customers_decide(self) -> None:
        """Large customers move production, take orders along, invite suppliers."""
        step_customers(self.customers, self.context)

    def agencies_decide(self) -> None:
        """Agencies register firms and select among last year's plans; what they promise waits for the firms to act."""
        self.planners = kernel.marked(self.marks, kernel.HAS_PLAN)
        self.programme_table = decide_awards(self, self.planners)
        register_firms(self, self.programme_table)

    def groups_apply(self) -> None:
        """Groups that came together this year apply to joint programmes."""
        decide_group_awards(self, self.programme_table)

    def agencies_pay(self) -> None:
        """Agencies book what firms took up and paid back."""
        tell_registrations(self)
        book_year(self, self.programme_table)

    def cooperatives_recruit(self) -> None:
        """Leaders bring firms with a plan for a collective plant together; groups without members dissolve."""
        self.candidates, self.groups_founded = 0, 0.0
        if self.spec.mechanisms.cooperatives:
            self.candidates, self.groups_founded = recruit(self, self.planners)
        groups = self.made_agents(Cooperative)
        if groups:
            members = kernel.marked(self.marks, kernel.IS_MEMBER)
            self.cooperatives_alive = frozenset(count_members(self, members))
            groups.do("step")

    def firms_live(self) -> None:
        """Every firm's year: by the kernel, or agent by agent when the class of firms overrides a phase."""
        if overridden_phases(self.sme_class):
            FirmSet(self).do("step")
            kernel.mark_firms(self.population.firms, self.marks)
            self.living_sums = kernel.sums(self.population.firms, self.marks, self.world)
        else:
            self.step_firms()

    def step_firms(self, rows: np.ndarray | None = None) -> None:
        """Run the kernel over all firms, or the same compiled year over some rows."""
        firms = self.population.firms
        if rows is None:
            self.living_sums = kernel.step_firms(firms, self.marks, self.world)
            return
        for row in rows:
            for phase in range(len(PHASES)):
                kernel.run_phase(firms, row, self.world, phase)
        kernel.mark_firms(firms, self.marks)

    def firm_phase(self, phase: str, row: int) -> None:
        """Run one phase of the year on one firm, with the function that the kernel maps."""
        if phase == PHASES[0]:
            self.marks[row] |= kernel.BEGUN
        kernel.run_phase(self.population.firms, row, self.world, PHASES.index(phase))

    def close_firm(self, row: int) -> None:
        """Close a firm from outside the rules; it counts among the closures of the year that is under way or comes next."""
        firm = self.population.firms[row]
        if not self.marks[row] & kernel.BEGUN:
            phases.clear_year(firm)  # what happened to it last year has been told
        phases.close(firm, phases.CLOSURE_BIT, self.year)
        self.marks[row] &= kernel.ALIVE

    def firms_are_born(self) -> np.ndarray:
        """Keep what happened to firms this year, then put the newborn into free rows; returns the newborn, shape (n,)."""
        self.told = taken(self.population.firms, kernel.marked(self.marks, kernel.HAS_EVENT))
        newborn = self.demography.births(self.year, self.seed)
        rows = self.population.add(newborn, lowest_free(self.marks, kernel.ALIVE, newborn.size))
        if self.marks.size < self.population.firms.size:
            self.marks = np.concatenate([self.marks, np.zeros(self.population.firms.size - self.marks.size, np.uint8)])
        self.marks[rows] = np.where(newborn["interested"] == 1, kernel.ALIVE | kernel.IS_ENTITLED, kernel.ALIVE)
        return newborn

    def add_up(self, newborn: np.ndarray) -> None:
        """Aggregates of the year's end, newborn firms included."""
        born = Aggregates(*kernel.sums(newborn, np.full(newborn.size, kernel.ALIVE, np.uint8), self.world))
        self.aggregates = Aggregates(*map(np.add, self.living_sums, born))
        self.aggregates.stocks[..., kernel.BIRTHS] = born.stocks[..., kernel.FIRMS]
        self._learn_aggregates()

    def _learn_aggregates(self) -> None:
        """What firms will see of each other next year: peers, fellow plants, talk, closure hazards."""
        a = self.aggregates
        firms, abroad = a.districts[:, :, 0], a.districts[:, :, 1]
        industry_share = abroad.sum(axis=1) / np.maximum(firms.sum(axis=1), 1.0)
        self.peers = (abroad + 20.0 * industry_share[:, None]) / (firms + 20.0)  # small districts lean on the industry
        plants = a.hosts[:, (FDI, CLUSTER), :].sum(axis=1) + 0.3 * a.hosts[:, CONTRACT, :]
        self.fellows = (plants + 0.3 * (plants.sum(axis=0) - plants)) / (FELLOWS_UNIT * room_of(self.host_drivers))
        active = a.hosts.sum(axis=(0, 1))
        by_group = np.bincount(HOST_GROUP_OF, weights=active, minlength=len(HOST_GROUPS))
        if by_group.max() > 0.0:
            self.group_activity = by_group / by_group.max()
        self.talk = self._talk()
        lived = np.maximum(a.closing[:, 0], 1e-9)
        if a.closing[:, 0].sum() > 0.0:
            self.industries["settled"] = a.closing[:, 1] / lived
            self.industries["mean_weight"] = np.where(a.closing[:, 0] > 0.0, a.closing[:, 2] / lived, 1.0)
            self.industries["mean_productivity"] = a.closing[:, 3] / lived
        employees = a.stocks[..., kernel.EMPLOYEES].sum(axis=1)
        self.industries["moved"] = a.stocks[..., kernel.RELOCATED_JOBS].sum(axis=1) / np.maximum(employees, 1e-9)

    def _talk(self) -> np.ndarray:
        """Cooperatives heard of in each district, capped at one."""
        talk = [0.0] * len(DISTRICTS)  # a list, because single cells of an array take their time
        for group in self.made_agents(Cooperative):
            talk[group.district] = min(1.0, talk[group.district] + group.groups / 3.0)
        return np.array(talk)

    def record(self) -> None:
        """Hand the year to the recorder, survey the firms, keep snapshots."""
        year, recorder, a = self.year, self.recorder, self.aggregates
        recorder.stocks(year, a.stocks)
        recorder.mode_stocks(year, a.modes)
        recorder.host_stocks(year, a.hosts)
        recorder.events(year, self.told)
        if self.programme_table.size:
            recorder.programmes(year, self.programme_table)
        recorder.scalars(year, {
            "parents_abroad_share": float((self.customers["started"] > 0).mean()),
            "parents_offshore_share": float(np.average(self.customers["offshore_total"], weights=self.customers["sales"])),
            "large_projects": float(self.customers["projects"].sum()),
            "large_projects_manufacturing": float(self.customers["projects"][_MANUFACTURES[self.customers["industry"]]].sum()),
            "cooperative_candidates": float(self.candidates),
            "cooperatives_founded": float(self.groups_founded),
        })
        self._survey()
        if year in self.spec.output.firms_years:
            self._keep_firms()

    def _keep_firms(self) -> None:
        """Hand the firms of this year to the sink, which need not copy them, or keep a copy."""
        if self.snapshot_sink is None:
            self.snapshots[self.year] = self.living()
        else:
            self.snapshot_sink(self.year, self.population.firms)

    def _survey(self) -> None:
        """Ask the firms what the surveys of this year asked."""
        if not self.spec.output.surveys:
            return
        from expansion_sim.validation.surveys import measure_surveys, surveys_for_year

        if surveys_for_year(self.year):
            self.recorder.surveys(self.year, measure_surveys(self.population.firms, self.year))

    def living(self) -> np.ndarray:
        """A copy of the living firms' records, shape (n,), FIRM_DTYPE."""
        return self.population.firms.compress(self.population.living)


_MANUFACTURES = np.isin(np.arange(len(INDUSTRIES)), MANUFACTURING)
#: What the model's own data collector keeps of a year: weighted sums over firms.
_SUMS = {"firms": kernel.FIRMS, "abroad": kernel.ABROAD, "employees": kernel.EMPLOYEES, "export_sales": kernel.EXPORT_SALES,
         "plant_sales": kernel.PLANT_SALES, "foreign_jobs": kernel.FOREIGN_JOBS}
REPORTERS: dict[str, Any] = {"year": "year"} | {name: partial(total, measure=position) for name, position in _SUMS.items()}


def setting(value: Any) -> str:
    """An override in TOML; text is passed on as it stands, as on the command line."""
    from expansion_sim.scenario.render import toml_value

    return value if isinstance(value, str) else toml_value(value.item() if isinstance(value, np.generic) else value)
