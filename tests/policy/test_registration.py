"""Programmes with which firms register: whom they take, within their places, and what becomes of the firms."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from worlds import build, tables

from expansion_sim.model import ExpansionModel

OPEN = {"support.programme.P09.start_year": "2000", "support.programme.P09.start_month": "1"}


def row_of(model: ExpansionModel) -> int:
    return next(row for row, programme in enumerate(model.programmes) if programme.id == "P09")


@cache
def registered() -> tuple[ExpansionModel, list[tuple[int, np.ndarray]]]:
    """A world in which first-time exporters can register from 2000 on, and who registered each year."""
    model = build(scale=0.002, **OPEN, **{"years.last": "2006"})
    found = []
    decide = model.agencies_decide

    def watched() -> None:
        decide()
        rows = [rows for row, rows, _ in model.registered if row == row_of(model)]
        found.append((model.year, model.population.firms[np.concatenate(rows)].copy() if rows else np.zeros(0)))

    model.agencies_decide = watched
    return model.run(), found


def test_nobody_registers_before_it_opens_twice_or_as_an_exporter() -> None:
    seen: set[int] = set()
    for year, firms in registered()[1]:
        assert firms.size == 0 or year >= 2000
        if firms.size:
            assert (firms["ever"] & 0b1110 == 0).all()
            assert (firms["advised"] == year).all()
            assert (firms["interested"] == 1).all()
            assert not seen & set(firms["firm"].tolist())
            seen |= set(firms["firm"].tolist())
    assert len(seen) > 50


def test_places_bind_and_the_table_counts_registrations() -> None:
    model, years = registered()
    table = tables(model).programmes
    name = model.programmes[row_of(model)].name
    rows = table[table["programme"] == name].set_index("year")
    for year, firms in years:
        if firms.size:
            assert rows["awards"][year] == pytest.approx(firms["weight"].sum(dtype=float), rel=1e-6)
            assert rows["awards"][year] <= 12_000.0 + firms["weight"].max()
            assert rows["taken_up"][year] == pytest.approx(rows["awards"][year])
    served = rows["awards"].sum() * model.programmes[row_of(model)].cost_per_use
    assert rows["spending_million_yen"].sum() == pytest.approx(served)  # the advisers' time, no money to the firm


def test_registration_stands_in_the_event_log_under_its_programme() -> None:
    model, years = registered()
    events = tables(model).events
    told = events[(events["event"] == "award") & (events["programme"] == model.programmes[row_of(model)].name)]
    noted = sum(firms.size for _, firms in years)
    assert 0.9 * noted <= len(told) <= noted  # a few closed in the same year


def test_advised_firms_take_up_exports_more_often_than_without_the_programme() -> None:
    model, years = registered()
    plain = build(scale=0.002, **{"support.disable": '["P09"]', "years.last": "2006"}).run()
    ids = np.concatenate([firms["firm"] for _, firms in years if firms.size])
    share = {}
    for name, other in (("with", model), ("without", plain)):
        firms = other.living()
        firms = firms[np.isin(firms["firm"], ids)]
        share[name] = float(np.average(firms["ever"] & 0b1110 != 0, weights=firms["weight"]))
    assert share["with"] > share["without"] > 0.0
    assert share["with"] < 0.6
