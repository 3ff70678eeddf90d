"""The published points beside the simulated record."""

from __future__ import annotations

import pytest

from expansion_sim.figures.published import published_china_shares, published_projects
from expansion_sim.history import load_history


def test_published_counts() -> None:
    table = published_projects(load_history().targets).set_index("year")
    assert table["value"].drop(1984).to_dict() == {1972: 178, 1973: 411, 1985: 318, 1986: 599, 1988: 1625}
    assert table.loc[1984, "value"] == pytest.approx(1625 / 5.2)
    assert table.loc[1984, "how"] == "derived"
    assert table["industries"].to_dict()[1973] == "manufacturing"
    assert (table["source"].str.len() > 5).all()


def test_facts_that_are_missing_are_left_out() -> None:
    targets = load_history().targets
    few = targets[targets["id"].isin(["T018", "T029"])]
    assert published_projects(few)["year"].tolist() == [1972, 1988]
    assert published_china_shares(few).empty


def test_china_shares() -> None:
    assert published_china_shares(load_history().targets).to_numpy().tolist() == [[1989, 6.1], [1994, 63.0]]
