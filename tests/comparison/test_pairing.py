"""What is refused before anything is simulated, and draws of parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest
from planned import PlannedModel, planned

from expansion_sim import compare
from expansion_sim.comparison.draws import read_draws
from expansion_sim.errors import InputError
from expansion_sim.posterior import load_posterior
from expansion_sim.scenario.spec import Population, Years


class Recalling(PlannedModel):
    """Remembers with which parameters and seed it was made."""

    made: ClassVar[list[tuple[str, dict[str, float], int]]] = []

    def __init__(self, scenario: Any, rng: int = 0) -> None:
        super().__init__(scenario, rng)
        self.made.append((scenario.name, dict(scenario.parameters), rng))


@pytest.fixture(autouse=True)
def _forget() -> None:
    Recalling.made.clear()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 2}, "the seed is 2 in BASE and 1 in OTHER"),
        ({"scale": 0.5}, "the scale is 0.5 in BASE and 0.01 in OTHER"),
        ({"years": Years(last=1957)}, "the last year is 1957 in BASE and 1958 in OTHER; set it for both, as with --until"),
        (
            {"population": Population(stratified=False)},
            r"the sampling \(population.stratified\) is False in BASE and True in OTHER",
        ),
    ],
)
def test_worlds_whose_firms_have_other_luck_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told) as error:
        compare(planned("without", **changes), planned("with"), model_class=Recalling)
    assert "\n" not in str(error.value)
    assert Recalling.made == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"replications": 0}, "replications must be 1 or more, got 0"),
        ({"workers": 0}, "workers must be 1 or more, got 0"),
        ({"parameters": []}, "there is no draw of parameters"),
        ({"parameters": [{"band.rsk": 0.3}]}, "band.rsk: unknown parameter; did you mean 'band.risk'"),
        ({"parameters": [{"band.risk": 99.0}]}, "band.risk: 99.0 in draw 0 is outside"),
        ({"parameters": [{"band.risk": 0.3}], "replications": 2}, "2 replications need as many draws of parameters, there are 1"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        compare(planned("without"), planned("with"), model_class=Recalling, **given)
    assert Recalling.made == []


def test_draws_may_not_wipe_out_what_the_worlds_differ_in() -> None:
    with pytest.raises(InputError, match=r"parameters\.band\.risk: the draws of parameters set what the two scenarios differ in"):
        compare(planned("without", parameters={"band.risk": 0.2}), planned("with"), parameters=[{"band.risk": 0.3}])


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_replication_r_uses_row_r_in_both_worlds(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame({"band.risk": [0.2, 0.25, 0.3], "finance.need": [0.5, 0.6, 0.7]})
    path = tmp_path / f"draws{suffix}"
    table.to_csv(path, index=False) if suffix == ".csv" else table.to_parquet(path)
    found = compare(planned("without"), planned("with"), parameters=path, model_class=Recalling)
    assert found.replications == 3
    seeds = found.record["seeds"]
    assert len(set(seeds)) == 3 and seeds[0] == 1
    expected = [
        (name, row, seed) for row, seed in zip(table.to_dict("records"), seeds, strict=True) for name in ("without", "with")
    ]
    assert Recalling.made == expected
    assert found.record["parameters"] == table.to_dict("records")


def test_a_scenarios_own_parameters_stay_beside_a_draw() -> None:
    own = {"parameters": {"choice.gain": 1.0}}
    compare(planned("without", **own), planned("with", **own), parameters=[{"band.risk": 0.3}], model_class=Recalling)
    assert Recalling.made[0][1] == {"choice.gain": 1.0, "band.risk": 0.3}


def test_the_shipped_posterior_gives_each_pair_the_row_that_a_run_of_this_seed_takes() -> None:
    """What one world states itself is drawn in neither; draws of industries are among them."""
    posterior, own = load_posterior("posterior"), {"parameters": {"choice.gain": 1.0}}
    found = compare(planned("without"), planned("with", **own), 2, parameters="posterior", model_class=Recalling)
    for number, draw in enumerate(found.record["parameters"]):
        row = dict(zip(posterior.names, posterior.rows[posterior.row_of(1, number)], strict=True))
        assert draw == {name: value for name, value in row.items() if name != "choice.gain"}
        assert [made[1] for made in Recalling.made[2 * number : 2 * number + 2]] == [draw, draw | own["parameters"]]
    assert "industry.machinery.tradable" in draw


def test_a_posterior_of_a_calibration_is_a_file_of_draws(tmp_path: Path) -> None:
    posterior = load_posterior("posterior")
    pd.DataFrame(posterior.rows, columns=list(posterior.names)).to_parquet(tmp_path / "posterior.parquet")
    assert len(read_draws(tmp_path / "posterior.parquet")) == len(posterior.rows)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("draws.txt", "", "are 'posterior' or a .parquet or .csv file"),
        ("gone.csv", None, "gone.csv: there is no such file"),
        ("empty.csv", "", "empty.csv: cannot be read"),
        ("broken.parquet", "PAR1", "broken.parquet: cannot be read"),
        ("words.csv", "band.risk\nmuch\n", "'much' in draw 0 is outside"),
        ("holes.csv", "band.risk,finance.need\n0.2,\n", "nan in draw 0 is outside"),
    ],
)
def test_a_file_of_draws_that_cannot_be_used(tmp_path: Path, name: str, content: str | None, told: str) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=told) as error:
        read_draws(tmp_path / name)
    assert "\n" not in str(error.value)
