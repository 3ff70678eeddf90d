"""Names of outcomes and what they measure."""

import pickle

import numpy as np
import pytest

from expansion_sim.errors import InputError
from expansion_sim.experiment.outcomes import QUANTILES, OutcomeSet
from expansion_sim.experiment.worker import measured, simulated
from expansion_sim.results.frames import series
from expansion_sim.results.run import simulate
from expansion_sim.scenario import load_scenario
from expansion_sim.validation import validate

SCENARIO = {"scale": 0.001, "years.last": 1962, "output.firms_years": [1960, 1962]}


@pytest.fixture(scope="module")
def run():
    """One run as workers make it."""
    return simulated(load_scenario("history", SCENARIO))


@pytest.fixture(scope="module")
def told():
    """The same run as ``run`` makes it."""
    return simulate(load_scenario("history", SCENARIO))


def taken(run, *names, years=()):
    outcomes = OutcomeSet(1955, 1962)
    for name in names:
        outcomes.add(name, years)
    result = measured(0, run, pickle.loads(pickle.dumps(outcomes)))
    assert (result.status, result.reason) == ("ok", "")
    assert set(result.names) <= set(outcomes.units)
    stops = np.cumsum((0, *result.lengths))
    return {
        name: (result.years[a:b].tolist(), result.values[a:b]) for name, a, b in zip(result.names, stops, stops[1:], strict=False)
    }


def test_yearly_measures_are_those_of_the_run(run, told):
    found = taken(
        run,
        "yearly:abroad",
        "yearly:firms_in_mode{mode=indirect}",
        "yearly:employees{industry=light|machinery}",
        "yearly:entries{mode=direct,host=USA}",
        "yearly:parents_abroad_share",
        "yearly:debt{industry=retail,size_class=5-20}",
        "yearly:firms_in_host{industry=light,mode=indirect,host=USA|GBR}",
        "yearly:firms_in_mode{size_class=5-20,mode=home}",
    )
    assert found["yearly:abroad"][0] == list(range(1955, 1963))
    for name, expected in {
        "yearly:abroad": series(told.yearly, "abroad"),
        "yearly:firms_in_mode{mode=indirect}": series(told.yearly, "firms_in_mode", mode="indirect"),
        "yearly:employees{industry=light|machinery}": series(told.yearly, "employees", industry=("light", "machinery")),
        "yearly:entries{mode=direct,host=USA}": series(told.yearly, "entries", mode="direct", host="USA"),
        "yearly:parents_abroad_share": series(told.yearly, "parents_abroad_share"),
        "yearly:debt{industry=retail,size_class=5-20}": series(told.yearly, "debt", industry="retail", size_class="5-20"),
        "yearly:firms_in_host{industry=light,mode=indirect,host=USA|GBR}": series(
            told.yearly, "firms_in_host", industry="light", mode="indirect", host=("USA", "GBR")
        ),
        "yearly:firms_in_mode{size_class=5-20,mode=home}": series(told.yearly, "firms_in_mode", size_class="5-20", mode="home"),
    }.items():
        assert found[name][1].tolist() == expected[0].tolist()
    assert found["yearly:abroad"][1].max() > 0


def test_years_limit_what_is_kept(run):
    found = taken(run, "yearly:abroad", "programme:P02:awards", years=(1957, 1961))
    assert found["yearly:abroad"][0] == found["programme:P02:awards"][0] == [1957, 1961]


def test_final_distributions_are_weighted_quantiles_of_the_firms(run):
    found = taken(run, "final:employees{industry=machinery}")
    firms = run.snapshots[1962]
    firms = firms[(firms["alive"] == 1) & (firms["industry"] == 1)]
    weights, values = firms["weight"].astype(float), firms["employees"].astype(float)
    assert found["final:employees{industry=machinery}:firms"][1][0] == pytest.approx(weights.sum())
    assert found["final:employees{industry=machinery}:mean"][1][0] == pytest.approx(np.average(values, weights=weights))
    for level in QUANTILES:
        years, (value,) = found[f"final:employees{{industry=machinery}}:q{level:02d}"]
        assert years == [1962]
        assert weights[values < value].sum() <= level / 100 * weights.sum() * (1 + 1e-9)
        assert weights[values <= value].sum() >= level / 100 * weights.sum() * (1 - 1e-9)


def test_shares_through_a_lens_differ_from_raw_ones(run):
    found = taken(run, "share:indirect{lens=all_smes}", "share:indirect{lens=manufacturing_smes}", years=(1960,))
    raw, makers = (found[f"share:indirect{{lens={lens}}}"] for lens in ("all_smes", "manufacturing_smes"))
    assert raw[0] == [1960]
    assert 0 < raw[1][0] < makers[1][0] < 100


def test_facts_are_what_validation_says():
    scenario = load_scenario("history", {"scale": 0.001, "years.last": 1976})
    run, table = simulated(scenario), validate(simulate(scenario)).set_index("id")
    computed = table[table["simulated"].notna()].index
    assert len(computed)
    found = taken(run, "fact:*", "hit:*", "deviation:*")
    for fact in computed:
        assert found[f"fact:{fact}"][1][0] == pytest.approx(table.loc[fact, "simulated"])
        assert found[f"hit:{fact}"][1][0] == (table.loc[fact, "verdict"] == "hit")
    others = [name for name in found if name.startswith("fact:") and name.removeprefix("fact:") not in computed]
    assert others
    assert all(np.isnan(found[name][1]).all() for name in others)


def test_programmes_by_id_name_and_all_together(run):
    awards = {
        name: taken(run, f"programme:{name}:spending_million_yen")[f"programme:{name}:spending_million_yen"][1]
        for name in ("P02", "*")
    }
    table = run.programmes
    assert awards["*"].sum() == pytest.approx(table["spending_million_yen"].sum())
    assert (awards["P02"] <= awards["*"]).all()


def test_a_value_that_is_not_finite_makes_the_run_nonfinite(run):
    outcomes = OutcomeSet(1955, 1962)
    outcomes.add("yearly:abroad")
    broken = outcomes.outcomes[0]._replace(measure=lambda run: iter([("", np.array([1955, 1956]), np.array([1.0, np.inf]))]))
    outcomes.outcomes = [broken]
    result = measured(3, run, outcomes)
    assert (result.status, result.reason, result.values.size) == ("nonfinite", "yearly:abroad is inf in 1956", 0)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("yearly:abrod", "no measure 'abrod'; did you mean 'abroad'?"),
        ("yerly:abroad", "starts with a kind and a colon: did you mean 'yearly'?"),
        ("abroad", "'abroad' is no outcome"),
        (
            "yearly:firms_in_mode",
            "'firms_in_mode' is not recorded by no dimension (recorded: mode; industry and mode; size_class and mode)",
        ),
        ("yearly:abroad{mode=fdi}", "'abroad' is not recorded by mode"),
        ("yearly:firms_in_mode{mode=fdl}", "no mode 'fdl'; did you mean 'fdi'?"),
        ("yearly:firms_in_mode{mod=fdi}", "no dimension 'mod'; did you mean 'mode'?"),
        ("yearly:firms_in_mode{fdi}", "'fdi' must be dimension=label"),
        ("survey:basic.afiliates", "no survey 'basic.afiliates'; did you mean 'basic.affiliates'?"),
        ("survey:basic.affiliates", "is taken in 1997, 2001"),
        ("fact:T999", "no fact 'T999'"),
        ("programme:P99:awards", "no programme 'P99'"),
        ("programme:P17:award", "no column of programmes 'award'; did you mean 'awards'?"),
        ("final:employes", "no variable of firms 'employes'; did you mean 'employees'?"),
        ("share:fdi", "needs {lens=...} in braces"),
        ("share:fdi{lens=basic_survy}", "no lens 'basic_survy'; did you mean 'basic_survey'?"),
    ],
)
def test_wrong_names_get_one_clear_line(name, told):
    with pytest.raises(InputError) as error:
        OutcomeSet(1955, 1962).add(name)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
