"""A model that plays back a written plan: who is where in which year, so that every count can be worked out by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from expansion_sim.codes import EVENTS, FDI, HOSTS, INDIRECT, INDUSTRIES, MODES, SIZE_CLASSES
from expansion_sim.population.schema import empty_firms
from expansion_sim.results.measures import STOCKS
from expansion_sim.results.recorder import Recorder
from expansion_sim.scenario.spec import Scenario, Years
from expansion_sim.scenario.support import Support

BIT = {name: 1 << position for position, name in enumerate(EVENTS)}
GRANT = SimpleNamespace(
    name="grant",
    instrument="grant",
    modes=(FDI,),
    hosts=(0,),
    industries=(),
    small_only=False,
    open_in=lambda year: True,
)
GUARANTEE = SimpleNamespace(
    name="guarantee",
    instrument="loan_guarantee",
    modes=(INDIRECT,),
    hosts=tuple(range(len(HOSTS))),
    industries=(),
    small_only=False,
    open_in=lambda year: True,
)


class Step(NamedTuple):
    """A firm enters a mode (and host) in a year and leaves it in another.

    Attributes:
        firm: Id.
        mode: Code of MODES.
        year: Year of entry.
        until: Year of leaving; a far one for never.
        award: Million yen.
    """

    firm: int
    mode: int
    year: int
    until: int = 9999
    award: float = 0.0


#: Plans by name of scenario. Firm 10 weighs 10, firm 20 weighs 20 and so on; all years are 1955 to 1958.
PLANS: dict[str, tuple[Step, ...]] = {
    "nothing": (),
    # 10 exports from 1955; 20 has a plant from 1956; 30 exports in 1956 only; 50 exports from 1958
    "without": (Step(10, INDIRECT, 1955), Step(20, FDI, 1956), Step(30, INDIRECT, 1956, 1957), Step(50, INDIRECT, 1958)),
    # as before with a grant for 20; 30 does not go; 40 goes with a grant in 1957; 50 goes a year earlier with one
    "with": (
        Step(10, INDIRECT, 1955),
        Step(20, FDI, 1956, award=2.0),
        Step(40, FDI, 1957, award=3.0),
        Step(50, INDIRECT, 1957, award=1.0),
    ),
}
FIRMS = (10, 20, 30, 40, 50)


class PlannedModel:
    """Has the parts of ExpansionModel that a comparison reads.

    Args:
        scenario: Its name chooses the plan.
        rng: Not used: nothing here is left to luck.
    """

    def __init__(self, scenario: Scenario, rng: int = 0) -> None:
        self.plan, self.year = PLANS[scenario.name], scenario.years.first - 1
        firms = empty_firms(len(FIRMS) + 1)
        firms["firm"][:-1], firms["alive"][:-1], firms["weight"][:-1] = FIRMS, 1, FIRMS
        firms["employees"], firms["industry"], firms["district"] = 10.0, np.arange(firms.size) % 2, 3
        self.population = SimpleNamespace(firms=firms)
        self.industries = np.zeros(len(INDUSTRIES), [("small_limit", "f8")])
        self.programmes = [GRANT, GUARANTEE] if scenario.support.enabled else []
        self.recorder = Recorder(scenario.years.first, scenario.years.last, [programme.name for programme in self.programmes])
        self._wish()

    def _wish(self) -> None:
        """Whoever enters next year has a plan now."""
        firms = self.population.firms
        entering = {step.firm: step.mode for step in self.plan if step.year == self.year + 1}
        firms["wish_mode"] = [entering.get(int(firm), 0) for firm in firms["firm"]]

    def step(self) -> None:
        """Play the next year."""
        self.year += 1
        firms = self.population.firms
        firms["events"], firms["left_modes"] = 0, 0
        spent = 0.0
        for step in self.plan:
            row = FIRMS.index(step.firm)
            if self.year == step.year:
                spent += self._enter(firms[row], step)
            if self.year == step.until:
                firms["events"][row] |= BIT["leave"]
                firms["left_modes"][row] |= 1 << step.mode
                self._set(firms[row], step.mode, 0)
        self.told = firms[firms["events"] != 0]
        self._record(spent)
        self._wish()

    def _enter(self, firm: Any, step: Step) -> float:
        firm["events"] |= BIT["enter"] | (BIT["award"] if step.award else 0)
        firm["event_mode"], firm["event_host"] = step.mode, 0 if step.mode == FDI else -1
        firm["programme"] = 0 if step.award else -1
        firm["supported"] |= (1 << step.mode) if step.award else 0
        self._set(firm, step.mode, 1)
        return float(step.award * firm["weight"])

    @staticmethod
    def _set(firm: Any, mode: int, value: int) -> None:
        firm["channels" if mode == INDIRECT else "plant_hosts"] = value

    def _record(self, spent: float) -> None:
        firms, recorder = self.population.firms, self.recorder
        living, abroad = firms["alive"] == 1, (firms["channels"] | firms["plant_hosts"]) != 0
        stocks = np.zeros((len(INDUSTRIES), len(SIZE_CLASSES), len(STOCKS)))
        for name, value in {"firms": living, "abroad": abroad, "export_sales": 5.0 * (firms["channels"] != 0)}.items():
            np.add.at(stocks[:, 1, STOCKS.index(name)], firms["industry"][living], (firms["weight"] * value)[living])
        recorder.stocks(self.year, stocks)
        recorder.mode_stocks(self.year, np.zeros((len(INDUSTRIES), len(SIZE_CLASSES), len(MODES))))
        recorder.host_stocks(self.year, np.zeros((len(INDUSTRIES), len(MODES), len(HOSTS))))
        recorder.events(self.year, self.told)
        columns = ("applications", "awards", "taken_up", "spending", "lending", "foregone", "at_home")
        table = np.zeros(1, [("programme", "i4"), *((name, "f8") for name in columns)])
        table["spending"] = spent
        if self.programmes:
            recorder.programmes(self.year, table)


def planned(name: str, **changes: Any) -> Scenario:
    """A scenario that plays a plan, 1955 to 1958; 'with' alone has support."""
    values = {"years": Years(last=1958), "support": Support(enabled=name == "with"), **changes}
    return Scenario(schema_version=1, name=name, **values)
