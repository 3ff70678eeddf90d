"""Models for tests of the runner: a number or two a year, and the ways in which a run can go wrong.

What happens is decided by parameters of the scenario, so that experiment files can ask for it: ``attention.base`` is the level,
``attention.peers`` chooses a behaviour (0 as usual).
"""

import copy
import os
import signal
import time
from pathlib import Path

import numpy as np

from expansion_sim.experiment.worker import ONE_THREAD
from expansion_sim.policy.record import scenario_programmes
from expansion_sim.results.recorder import Recorder

RAISE, KILL, NEED_FLAG, SLEEP, KILL_ONCE = 0.1, 0.2, 0.3, 0.4, 0.5
#: Programme whose cost per use decides what a BranchingModel does from its first year on, 1958.
DESK = "P02"


def hold(folder):
    """Let the first two runs that come here pass and stop all others until their process is ended: a sweep that cannot finish."""
    folder.mkdir(exist_ok=True)
    for number in range(2):
        try:
            (folder / str(number)).touch(exist_ok=False)
            return
        except FileExistsError:
            continue
    time.sleep(600.0)


class TinyModel:
    """Abroad = level times a draw of the seed, the same in every process."""

    def __init__(self, scenario, rng=1):
        self.spec, self.seed = scenario, int(rng)
        self.year, self.last = scenario.years.first - 1, scenario.years.last
        self.recorder = Recorder(scenario.years.first, scenario.years.last)
        self.snapshots, self.snapshot_sink = {}, None
        self.level = scenario.parameters.get("attention.base", 0.005)
        self.draw = np.random.default_rng(self.seed).random(scenario.years.last - scenario.years.first + 1)
        self._behave(scenario.parameters.get("attention.peers", 0.0))

    def _behave(self, behaviour):
        if behaviour == RAISE:
            raise ArithmeticError(f"no such world: {self!r}")
        if behaviour == KILL:
            if "TINY_DEATHS" in os.environ:
                with open(os.environ["TINY_DEATHS"], "a") as log:
                    log.write(f"{os.getpid()}\n")
            os.kill(os.getpid(), signal.SIGKILL)
        if behaviour == NEED_FLAG and not Path(os.environ["TINY_FLAG"]).exists():
            raise OSError("a licence server that is away for a while")
        if behaviour == KILL_ONCE and not (flag := Path(os.environ["TINY_FLAG"])).exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if behaviour == SLEEP and "TINY_HOLD" in os.environ:
            hold(Path(os.environ["TINY_HOLD"]))
        elif behaviour == SLEEP:
            time.sleep(float(os.environ.get("TINY_SLEEP", "0.2")))

    def step(self):
        self.year += 1
        table = np.zeros(self.recorder.table.stocks.shape[1:])
        table[0, 0, 0] = 1000.0
        table[0, 0, 4] = self.level * self.draw[self.year - self.spec.years.first]
        self.recorder.stocks(self.year, table)
        self.recorder.scalars(self.year, {"parents_abroad_share": self.level})


class ThreadsModel(TinyModel):
    """Its share is the most threads that anything in its process may start."""

    def __init__(self, scenario, rng=1):
        super().__init__(scenario, rng)
        import numba

        self.level = max(numba.get_num_threads(), *(int(os.environ[name]) for name in ONE_THREAD))


class BranchingModel(TinyModel):
    """The same with a past that can be shared: level and behaviour come from a programme's cost per use, and so from its first year on.

    Every simulated year is noted in the file TINY_YEARS, with the process.
    """

    def __init__(self, scenario, rng=1):
        super().__init__(scenario, rng)
        self._begin(scenario)

    def _begin(self, scenario):
        self.spec, self.desk = scenario, next(p for p in scenario_programmes(scenario.support) if p.id == DESK)
        self._behave(self.desk.use_cost)

    def branch(self, scenario):
        assert scenario.seed == self.seed
        other = copy.deepcopy(self)
        other._begin(scenario)
        return other

    def step(self):
        if "TINY_YEARS" in os.environ:
            with open(os.environ["TINY_YEARS"], "a") as log:
                log.write(f"{os.getpid()} {self.year + 1}\n")
        self.level = 1.0 + self.desk.use_cost * self.desk.open_in(self.year + 1)
        super().step()
