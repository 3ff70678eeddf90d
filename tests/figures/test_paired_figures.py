"""Figures of sweeps that ask by how much: differences from the base over the years, and an outcome against one numeric factor."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from synthetic_sweep import SyntheticResults, design_of, sweep_of

from expansion_sim.errors import InputError
from expansion_sim.figures.experiment import KINDS
from expansion_sim.figures.experiment.labels import base_note, outcome_label
from expansion_sim.figures.experiment.plot import most_telling, suited
from expansion_sim.figures.experiment.response import arranged
from expansion_sim.figures.experiment.view import View

ABROAD, RATE, CAP = "yearly:abroad", "rate_percent", "cap_million_yen"
YEARS = tuple(range(1980, 2001))
T_OF_TWO = 4.302652729911275  # Student's 97.5 % quantile with two degrees of freedom


def effect(design: pd.DataFrame, year: np.ndarray) -> np.ndarray:
    """Millions of firms, of which the rate moves a few hundred from 1991 on, in every replication a little more."""
    return 2e6 + (design[RATE] * (5.0 + design["replication"]) * (year > 1990)).to_numpy()


def paired(rates: tuple[float, ...] = (0.0, 10.0, 50.0), replications: int = 3, kind: str = "grid", **more: Any) -> SyntheticResults:
    design = design_of(pd.DataFrame({RATE: [0.0, *rates], **more}), replications, base=0)
    return sweep_of(design, {ABROAD: effect}, YEARS, noise=1000.0, kind=kind)


def lines_of(panel: Axes) -> dict[str, np.ndarray]:
    """Height of each named line."""
    return {str(line.get_label()): np.asarray(line.get_ydata(), float) for line in panel.get_lines() if not str(line.get_label()).startswith("_")}


def test_a_fan_of_a_paired_sweep_shows_differences_with_their_interval_and_the_line_of_none() -> None:
    panel = KINDS["fan"](View(paired(), ABROAD)).axes[0]
    found = lines_of(panel)
    assert set(found) == {"rate 0", "rate 10", "rate 50"}  # the base differs from itself by nothing
    np.testing.assert_allclose(found["rate 50"][-1], 50 * 6.0, atol=1e-6)
    np.testing.assert_allclose(found["rate 50"][0], 0.0, atol=1e-6)
    assert panel.get_ylabel().replace("\n", " ") == "Firms abroad: more than in the base (firms)"
    low, high = panel.get_ylim()
    assert low < 0 < high < 2e3
    flat = [line for line in panel.get_lines() if len(line.get_ydata()) == 2 and set(line.get_ydata()) == {0.0}]
    assert len(flat) == 1
    half = T_OF_TWO * np.std([250.0, 300.0, 350.0], ddof=1) / np.sqrt(3.0)
    edges = [float(np.asarray(line.get_ydata(), float)[-1]) for line in panel.get_lines() if str(line.get_label()).startswith("_child")]
    assert any(edge == pytest.approx(300 + half) for edge in edges) and any(edge == pytest.approx(300 - half) for edge in edges)


def test_a_common_past_takes_no_room() -> None:
    panel = KINDS["fan"](View(paired(), ABROAD)).axes[0]
    assert panel.get_xlim()[0] == 1986 - 0.5  # five years before 1991
    nothing = KINDS["fan"](View(paired(rates=(0.0, 0.0)), ABROAD)).axes[0]
    assert nothing.get_xlim()[0] == 1980 - 0.5


def test_one_replication_has_no_interval() -> None:
    panel = KINDS["fan"](View(paired(replications=1), ABROAD)).axes[0]
    assert not panel.collections


def test_levels_can_still_be_asked_for() -> None:
    panel = KINDS["levels"](View(paired(), ABROAD)).axes[0]
    assert "base" in lines_of(panel) and panel.get_ylim()[0] > 1e6
    assert panel.get_ylabel() == "Firms abroad (firms)"
    assert "levels" not in suited(View(paired(), ABROAD))


def test_many_points_and_named_worlds_show_differences_too() -> None:
    many = KINDS["fan"](View(paired(rates=tuple(np.linspace(0.0, 60.0, 20))), ABROAD)).axes[0]
    assert many.get_ylim()[1] < 1e3
    names = [f"world {number}" for number in range(9)]
    worlds = KINDS["fan"](View(paired(rates=tuple(np.linspace(0.0, 60.0, 8)), kind="list", label=names), ABROAD))
    shown = [panel for panel in worlds.axes if panel.get_visible()]
    assert len(shown) == 8 and len({panel.get_ylim() for panel in shown}) == 1 and shown[0].get_ylim()[1] < 1e3
    assert worlds.get_supylabel().replace("\n", " ") == "Firms abroad: more than in 'world 0' (firms)"


def test_a_point_with_a_twin_is_compared_with_it_and_has_no_levels() -> None:
    design = design_of(pd.DataFrame({RATE: [10.0, 20.0, 0.0, 0.0]}), 2)
    design["paired_with"] = [f"r{point + 2}-{turn}" if point < 2 else "" for point, turn in zip(design["point"], design["replication"], strict=True)]
    view = View(sweep_of(design, {ABROAD: effect}, YEARS, kind="grid"), ABROAD)
    assert KINDS["fan"](view).axes[0].get_ylabel().replace("\n", " ") == "Firms abroad: more than in its twin (firms)"
    with pytest.raises(InputError, match="twin of its own: draw the fan of differences"):
        KINDS["levels"](view)


def test_what_the_base_is_stands_in_the_note() -> None:
    results = paired()
    assert base_note(results) == ""
    results.experiment.pairing = SimpleNamespace(base={"support.disable": ["P17"], "scale": 0.01}, each=False)
    assert base_note(results) == "Base: without P17, scale 0.01."
    for kind in ("fan", "levels", "response", "ridges", "exceedance", "ecdf"):
        assert any("Base: without P17" in text.get_text().replace("\n", " ") for text in KINDS[kind](View(results, ABROAD)).texts), kind
    results.experiment.pairing = SimpleNamespace(base={}, each=True)
    assert base_note(results) == "Twin of each point: the scenario as it is."
    assert outcome_label(ABROAD, more_than="the base") == "Firms abroad: more than in the base (firms)"


def test_many_points_are_a_spread_and_their_mean_has_the_interval() -> None:
    """Twenty rates from 0 to 60, whose mean differs from the base by 30 (5, 6, 7) firms in the three replications."""
    panel = KINDS["fan"](View(paired(rates=tuple(np.linspace(0.0, 60.0, 20))), ABROAD)).axes[0]
    assert panel.get_title(loc="left") == "Spread over the 20 points of the design"
    assert "90% of the points" in {text.get_text() for text in panel.get_legend().get_texts()}
    np.testing.assert_allclose(lines_of(panel)["mean of all points"][-1], 180.0, atol=1e-6)
    half = T_OF_TWO * 30.0 / np.sqrt(3.0)
    ends = [float(np.asarray(line.get_ydata(), float)[-1]) for line in panel.get_lines()]
    assert any(end == pytest.approx(180 + half) for end in ends) and any(end == pytest.approx(180 - half) for end in ends)


def test_an_outcome_of_a_single_year_has_no_path() -> None:
    results = sweep_of(design_of(pd.DataFrame({RATE: [0.0, 1.0]}), 2, base=0), {"share:fdi": effect}, (2000,))
    for kind in ("fan", "levels"):
        with pytest.raises(InputError, match="'share:fdi' was kept for 2000 alone: ask for --kind ridges"):
            KINDS[kind](View(results, "share:fdi"))


def crossed(kind: str = "grid", base: int | None = None, **factors: tuple[Any, ...]) -> SyntheticResults:
    """Every combination of factors, with three replications."""
    index = pd.MultiIndex.from_product(factors.values(), names=list(factors))
    rows = index.to_frame(index=False)
    if base is not None:
        rows = pd.concat([rows.iloc[:1].assign(**{RATE: 0.0}), rows], ignore_index=True)
    return sweep_of(design_of(rows, 3, base=base), {ABROAD: effect}, (1995, 2000), noise=1000.0, kind=kind)


def test_a_response_has_a_line_for_each_level_of_another_factor_and_averages_over_the_rest() -> None:
    results = crossed(base=0, rate_percent=(0.0, 10.0, 30.0, 60.0), cap_million_yen=(5.0, 20.0), selection=("score", "lottery"))
    figure = KINDS["response"](View(results, ABROAD))
    panel = figure.axes[0]
    assert panel.get_xlabel() == "rate (%)" and panel.get_ylabel() == "Firms abroad: more than in the base (firms)"
    assert panel.get_title(loc="left") == "Difference from the base, 2000"
    assert [text.get_text() for text in panel.get_legend().get_texts()] == ["5", "20"]
    assert panel.get_legend().get_title().get_text() == "cap (million yen)"
    for line in lines_of(panel).values():
        if len(line) == 4:
            np.testing.assert_allclose(line, [0.0, 60.0, 180.0, 360.0], atol=1e-6)
    assert any("Averaged over selection." in text.get_text().replace("\n", " ") for text in figure.texts)
    whiskers = panel.collections[0].get_segments()
    half = T_OF_TWO * 60.0 / np.sqrt(3.0)  # 60 (5, 6, 7) has the deviation 60
    assert whiskers[-1][:, 1].tolist() == pytest.approx([360 - half, 360 + half])


def test_an_unpaired_response_shows_the_level_and_a_single_line_has_no_legend() -> None:
    panel = KINDS["response"](View(crossed(rate_percent=(0.0, 10.0, 30.0)), ABROAD)).axes[0]
    assert panel.get_ylabel() == "Firms abroad (firms)" and panel.get_title(loc="left") == "Mean, 2000" and panel.get_legend() is None
    assert panel.get_xticks().tolist() == [0.0, 10.0, 30.0]


def test_lines_lie_apart_by_less_than_the_levels() -> None:
    panel = KINDS["response"](View(crossed(rate_percent=(0.0, 10.0, 30.0), cap_million_yen=(5.0, 20.0)), ABROAD)).axes[0]
    first, second = (np.asarray(line.get_xdata(), float) for line in panel.get_lines()[:2])
    assert (second - first > 0).all() and (second - first < 1.0).all()


@pytest.mark.parametrize(("table", "kind", "expected"), [
    ({"a": [1, 2, 3]}, "grid", ("a", (), ())),
    ({"a": [1, 2, 1, 2]}, "grid", None),  # two levels are no line
    ({"a": ["x", "y", "z"]}, "grid", None),
    ({"a": [True, False, True]}, "grid", None),
    ({"a": [1.0, 2.0, 3.0], "label": ["x", "y", "z"]}, "list", ("a", (), ())),
    ({"a": [1, 2, 3, 1, 2, 3], "b": ["x"] * 3 + ["y"] * 3}, "list", ("a", ("b",), ())),
    ({"a": [1, 2, 3, 4], "b": [4, 1, 2, 3]}, "list", None),  # no crossing: every b has one a
    ({"a": [1, 2, 3], "b": [None, 2.0, 3.0]}, "sobol", None),
    ({"a": [1, 2, 3] * 7, "b": [*range(7)] * 3}, "grid", ("b", ("a",), ())),  # most levels along the axis, fewer as lines
])
def test_how_points_become_lines(table: dict[str, list[Any]], kind: str, expected: tuple[Any, ...] | None) -> None:
    found = arranged(pd.DataFrame(table), kind)
    assert (None if found is None else tuple(found)) == expected


def test_a_response_is_chosen_where_it_can_be_drawn_and_says_why_not_elsewhere() -> None:
    assert most_telling(View(paired(), ABROAD)) == "response"
    two = View(crossed(rate_percent=(0.0, 10.0), cap_million_yen=(5.0, 20.0)), ABROAD)
    assert "response" not in suited(two) and "heat-map" in suited(two)
    with pytest.raises(InputError, match="numeric factor of three levels or more"):
        KINDS["response"](two)
