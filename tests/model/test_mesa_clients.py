"""The model as any Mesa model: agents and their types, data collection, batch runs, subclasses, copies, memory."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections.abc import Callable

import mesa
import numpy as np
import pytest
from worlds import LIVELY, build, changed_founding, differences, fingerprint, history, steps

from expansion_sim.agents.cooperative import Cooperative
from expansion_sim.agents.firm_set import FirmSet
from expansion_sim.agents.host import Host
from expansion_sim.agents.municipality import Municipality
from expansion_sim.agents.parent_firm import ParentFirm
from expansion_sim.agents.sme import SME
from expansion_sim.agents.support_agency import SupportAgency
from expansion_sim.codes import DISTRICTS, HOSTS
from expansion_sim.model import ExpansionModel

OTHERS = (ParentFirm, Host, Municipality, SupportAgency)


def jobs_at_home(model: ExpansionModel) -> float:
    """Weighted employees, as a user might write it."""
    return model.firms.agg("employees", lambda values: float((values * model.living()["weight"]).sum()))


class Observed(ExpansionModel):
    """A model with reporters of all kinds in place of its own; it collects every year as before."""

    def __init__(self, scale: float = 0.001, rng: int | None = None, decide: float = 0.2) -> None:
        super().__init__("history", rng=rng, scale=scale, **{"output.surveys": "false", "parameters.attention.decide": decide})
        self.datacollector = mesa.DataCollector(
            model_reporters={"year": "year", "firms": lambda model: len(model.firms), "jobs": jobs_at_home},
            agenttype_reporters={
                SME: {"stage": "stage", "employees": "employees", "modes": "modes"},
                ParentFirm: {"offshore": "offshore_share", "industry": "industry"},
                Host: {"plants": "plants", "wage": lambda host: host.driver("relative_wage")},
                SupportAgency: {"spent": "spent"},
                Municipality: {"local_firms": "firms", "abroad": "share_abroad"},
            },
        )


class Homebody(SME):
    """Never makes a plan."""

    __slots__ = ()

    def plan(self) -> None:
        pass


class Homebodies(ExpansionModel):
    sme_class = Homebody


def few(model_class: type[ExpansionModel], one_in: int = 20) -> ExpansionModel:
    """A lively world of one firm in so many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("expansion_sim.model.found_population", changed_founding(lambda firms, founders: firms[::one_in]))
        return build(model_class=model_class, **LIVELY)


def test_all_kinds_of_agents_are_in_the_model() -> None:
    model = steps(build(), 1)
    assert set(model.agents_by_type) >= {SME, *OTHERS}
    assert set(model.agent_types) == set(model.agents_by_type)
    assert all(issubclass(kind, mesa.Agent) for kind in (SME, Cooperative, *OTHERS))
    assert len(model.agents) == sum(len(agents) for agents in model.agents_by_type.values())
    assert isinstance(model.agents_by_type[SME], FirmSet)
    assert len(model.agents_by_type[SME]) == model.population.count == model.living().size
    assert len(model.agents_by_type[ParentFirm]) == model.customers.size
    assert [host.code for host in model.agents_by_type[Host]] == list(HOSTS)
    assert [town.name for town in model.agents_by_type[Municipality]] == list(DISTRICTS)
    numbers = [agent.unique_id for kind in OTHERS for agent in model.agents_by_type[kind]]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) < 0 <= min(model.firms.get("unique_id"))


def test_every_programme_has_one_agency() -> None:
    model = build()
    rows = sorted(row for agency in model.agents_by_type[SupportAgency] for row, _ in agency.programmes)
    assert rows == list(range(len(model.programmes)))
    jica = next(agency for agency in model.agents_by_type[SupportAgency] if agency.name == "JICA")
    assert [programme.id for _, programme in jica.open_programmes(2020)] == ["P23", "P24", "P25"]
    assert jica.open_programmes(2000) == []


def test_agents_see_the_columns_and_aggregates() -> None:
    model = history()
    abroad = model.firms.select(lambda firm: firm.abroad)
    assert 0 < len(abroad) < len(model.firms)
    with_plant = model.firms.select(model.living()["plant_hosts"] != 0)
    assert all("fdi" in firm.modes and firm.hosts for firm in with_plant)
    china = list(model.agents_by_type[Host])[HOSTS.index("CHN")]
    in_china = sum(firm.weight for firm in model.firms if (firm.plant_hosts | firm.cluster_hosts) & 1)
    assert china.plants == pytest.approx(in_china)
    assert china.plants > 0.0
    assert sum(host.contracts for host in model.agents_by_type[Host]) > 0.0
    towns = sum(town.firms for town in model.agents_by_type[Municipality])
    assert towns == pytest.approx(float(model.living()["weight"].sum(dtype=float)))


def test_a_data_collector_reports_models_firms_and_other_agents() -> None:
    model = steps(Observed(rng=2), 3)
    yearly = model.datacollector.get_model_vars_dataframe()
    assert yearly["year"].tolist() == [1955, 1956, 1957]
    assert yearly["firms"].iloc[-1] == model.population.count
    assert (yearly["jobs"] > 1e6).all()
    firms = model.datacollector.get_agenttype_vars_dataframe(SME)
    assert len(firms) == yearly["firms"].sum()
    assert set(firms["stage"]) <= {"not_interested", "interested", "planning", "abroad"}
    assert firms["employees"].min() >= 1.0
    customers = model.datacollector.get_agenttype_vars_dataframe(ParentFirm)
    assert len(customers) == 3 * model.customers.size
    assert customers["offshore"].between(0.0, 1.0).all()
    assert len(model.datacollector.get_agenttype_vars_dataframe(Host)) == 3 * len(HOSTS)
    assert len(model.datacollector.get_agenttype_vars_dataframe(Municipality)) == 3 * len(DISTRICTS)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_batch_run_of_a_subclass_with_reporters() -> None:
    rows = mesa.batch_run(Observed, {"scale": [0.001, 0.002], "decide": [0.02, 1.0]}, max_steps=2, data_collection_period=1,
                          number_processes=1, display_progress=False)
    last = {(row["scale"], row["decide"]): row for row in rows if row["Step"] == max(r["Step"] for r in rows)}
    assert len(last) == 4
    assert last[0.002, 1.0]["firms"] > 1.5 * last[0.001, 1.0]["firms"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_batch_run_of_the_model_itself() -> None:
    """The model brings a data collector of its own; years and settings come as columns."""
    rows = mesa.batch_run(ExpansionModel, {"scale": [0.001, 0.002], "years.last": 1956}, iterations=1, number_processes=1,
                          data_collection_period=1, display_progress=False)
    assert {row["scale"] for row in rows} == {0.001, 0.002}
    assert len({row["Step"] for row in rows}) == 2  # Mesa 3.3 counts from 0, Mesa 3.5 tells the time
    assert len(set(rows[0]) - {"RunId", "iteration", "Step", "scale", "years.last", "rng"}) >= 3
    assert all(np.isfinite(value) for row in rows for value in row.values() if isinstance(value, float))


def test_the_model_has_defaults_and_stops_at_its_last_year() -> None:
    model = ExpansionModel(**{"years.last": 1957})
    assert model.scale == 0.002
    assert model.year == 1954
    assert model.run() is model
    assert model.year == 1957
    assert not model.running
    assert model.steps == 3


def test_overrides_take_python_values() -> None:
    model = ExpansionModel("history", scale=0.001, **{"mechanisms.band": False, "support.disable": ["P44"], "years.last": 1960})
    assert not model.spec.mechanisms.band
    assert model.spec.support.disable == ("P44",)
    with pytest.raises(TypeError, match="overrides"):
        ExpansionModel(model.spec, scale=0.002)


def test_firms_that_never_plan_never_go_abroad() -> None:
    model = steps(few(Homebodies), 20)
    assert set(model.firms.get("stage")) <= {"not_interested", "interested"}
    others = steps(few(ExpansionModel), 20)
    assert "abroad" in others.firms.get("stage")
    assert model.population.count == pytest.approx(others.population.count, rel=0.1)


def test_an_override_changes_only_what_it_overrides() -> None:
    """Until somebody would have acted on a first plan, homebodies live like everybody else but for the plan."""
    homebodies, others = steps(few(Homebodies), 1), steps(few(ExpansionModel), 1)
    assert set(differences(homebodies.population.firms, others.population.firms)) <= {"wish_mode", "wish_host", "wish_value"}


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_of_a_model_goes_on_alike(duplicate: Callable[[ExpansionModel], ExpansionModel]) -> None:
    model = steps(build(**LIVELY), 8)
    twin = duplicate(model)
    assert twin.population.firms is not model.population.firms
    for world in (model, twin):
        steps(world, 3)
    assert fingerprint(twin) == fingerprint(model)
    assert twin.recorder.frames().yearly.equals(model.recorder.frames().yearly)


def test_a_model_is_freed_after_use() -> None:
    model = steps(Observed(), 1)
    kept = model.firms.select(at_most=3).to_list()
    itself, firms = weakref.ref(model), weakref.ref(model.population.firms)
    del model, kept
    gc.collect()
    assert itself() is None
    assert firms() is None


def test_cooperatives_are_agents_while_they_have_members() -> None:
    model = build(**LIVELY, **{"parameters.cooperative.lead": 1.0})
    seen: dict[int, Cooperative] = {}
    quorum, apply, founders = float(model.parameters[0]["cooperative_quorum"]), model.groups_apply, {}

    def watched() -> None:  # groups have just been founded
        firms = model.population.firms
        for number in range(len(founders) + 1, model.cooperatives_founded + 1):
            founders[number] = float(firms["weight"][firms["cooperative"] == number].sum())
        apply()

    model.groups_apply = watched  # type: ignore[method-assign]
    while model.year < 2000:
        model.step()
        groups = list(model.agents_by_type.get(Cooperative, ()))
        firms = model.living()
        seen |= {group.number: group for group in groups}
        members = set(firms["cooperative"][firms["cluster_hosts"] != 0])
        assert members <= {group.number for group in groups}
        for group in groups:
            assert group.members > 0.0
            in_host = firms["cluster_hosts"][firms["cooperative"] == group.number]
            assert (in_host & (1 << group.host) == in_host).all()
    assert len(seen) == model.cooperatives_founded > 3
    assert min(founders.values()) >= quorum
    assert all(group.name.endswith(str(group.founded)) for group in seen.values())
