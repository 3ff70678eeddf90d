"""Firms raise their paid-in capital as prices rise, until the law of 1991; so old firms are in the frames that ask for capital."""

import numpy as np
import pytest

from expansion_sim.model import ExpansionModel
from expansion_sim.scenario.load import load_scenario


@pytest.fixture(scope="module")
def model() -> ExpansionModel:
    """Ten thousand firms, before their first year."""
    return ExpansionModel(load_scenario("history", ("scale=0.002",)), rng=3)


def capital_of(model: ExpansionModel) -> dict[int, float]:
    """Paid-in capital of the living by firm."""
    firms = model.living()
    return dict(zip(firms["firm"].tolist(), firms["capital"].tolist(), strict=True))


def test_capital_follows_prices_until_1991(model: ExpansionModel) -> None:
    while model.year < 1970:
        model.step()
    before = capital_of(model)
    while model.year < 1980:
        model.step()
    after, price = capital_of(model), {int(row["year"]): float(row["cpi"]) for row in model.drivers.japan}
    lasting = sorted(before.keys() & after.keys())
    grown = np.array([after[firm] / before[firm] for firm in lasting])
    assert len(lasting) > 1000
    assert grown == pytest.approx(price[1980] / price[1970], rel=1e-4)  # the oil crises: prices more than double
    while model.year < 1991:
        model.step()
    at_law = capital_of(model)
    while model.year < 1995:
        model.step()
    later = capital_of(model)
    assert all(later[firm] == at_law[firm] for firm in later.keys() & at_law.keys())
    lived = sorted(before.keys() & later.keys())
    assert np.array([later[firm] / before[firm] for firm in lived]) == pytest.approx(1.0 / price[1970], rel=1e-4)
