"""Figures of sweeps: what each shows, what suits a design, text inside the page."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from drawn_sweeps import ABROAD, BOUNDS, CAP, RATE, SPENDING, YEARS, ablations, cost, firms, grid, latin, long_names, morris, saltelli, two_points
from matplotlib.figure import Figure
from synthetic_sweep import SyntheticResults, design_of, saltelli_design, sweep_of

from expansion_sim.errors import InputError
from expansion_sim.experiment.analysis import pareto_front
from expansion_sim.experiment.analysis.gaps import LeftOut
from expansion_sim.experiment.analysis.observations import NothingVaries
from expansion_sim.experiment.spec import Factor
from expansion_sim.figures.experiment import KINDS, fan, plot_results
from expansion_sim.figures.experiment.labels import (
    factor_axis,
    factor_label,
    number,
    outcome_label,
    outcome_words,
    point_labels,
    setting_words,
    source_note,
    value_words,
)
from expansion_sim.figures.experiment.plot import View, suited

CASES: list[tuple[str, Callable[[], SyntheticResults]]] = [
    *((kind, grid) for kind in ("fan", "levels", "response", "ridges", "heat-map", "tornado", "ecdf", "exceedance", "front")),
    *((kind, latin) for kind in ("fan", "ridges", "tornado", "ecdf", "box")),
    ("exceedance", latin), ("sobol", saltelli), ("morris", morris), *((kind, two_points) for kind in ("fan", "ridges", "ecdf", "exceedance")),
    *((kind, long_names) for kind in ("fan", "levels", "response", "heat-map", "ridges", "tornado", "ecdf", "exceedance", "front")),
    *((kind, ablations) for kind in ("fan", "levels", "response", "ridges", "ecdf", "exceedance")),
]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]}-{case[1].__name__}")
def figure(request: pytest.FixtureRequest) -> Figure:
    kind, make = request.param
    return KINDS[kind](View(make(), ABROAD))


def test_axes_are_labelled_and_the_source_is_named(figure: Figure) -> None:
    assert any(text.get_text().startswith("Source: expansion_sim, experiment 'synthetic'") for text in figure.texts)
    assert any(axes.get_xlabel() for axes in figure.axes)
    assert figure.get_supylabel() or figure.axes[0].get_ylabel() or figure.axes[0].get_yticklabels()
    labels = " ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))
    assert "firms" in labels  # the unit of the outcome


def test_no_text_is_cut_off_and_none_is_tiny(figure: Figure) -> None:
    figure.canvas.draw()
    beyond = [  # ticks beyond the limits exist but are not drawn
        label
        for axes in figure.axes
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim()))
        for tick, label in zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
        if not min(limits) <= tick <= max(limits)
    ]
    for text in figure.findobj(matplotlib.text.Text):
        if not text.get_visible() or not text.get_text().strip():
            continue
        box, page = text.get_window_extent(), figure.bbox
        inside = box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1 and box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1
        assert inside or text in beyond, text.get_text()
        assert text.get_fontsize() >= 6.0


def test_no_two_numbers_of_an_axis_touch(figure: Figure) -> None:
    figure.canvas.draw()
    for axes in figure.axes:
        low, high = sorted(axes.get_xlim())
        ticks = zip(axes.get_xticks(), axes.get_xticklabels(), strict=False)
        boxes = sorted((label.get_window_extent() for at, label in ticks if low <= at <= high), key=lambda box: box.x0)
        assert all(one.x1 < other.x0 for one, other in pairwise(boxes)), axes.get_xlabel()


def test_named_worlds_have_a_panel_each_on_one_scale_with_the_base_behind() -> None:
    drawn = KINDS["levels"](View(ablations(), ABROAD))
    shown = [panel for panel in drawn.axes if panel.get_visible()]
    assert [panel.get_title(loc="left") for panel in shown] == [f"without mechanism number {number}" for number in range(1, 10)]
    assert len({panel.get_ylim() for panel in shown}) == 1
    assert all({"base", ""} == {line.get_label().lstrip("_child0123456789") for line in panel.get_lines() if len(line.get_xdata()) > 2}
               for panel in shown)


def test_long_numbers_of_ticks_are_shortened() -> None:
    assert [number(value) for value in (0.5, 1500, 9_999_999, 25e6, -3.2e10, 4e12)] == ["0.5", "1,500", "9,999,999", "25 m", "-32 bn", "4 trn"]


def test_millions_do_not_push_the_label_of_a_fan_over_the_edge() -> None:
    years = pd.Index(range(1990, 2000), name="year")
    means = pd.DataFrame({point: np.linspace(1e6, 2.5e6 + point, 10) for point in range(9)}, index=years)
    drawn = fan.fan_of_points(means, "Jobs in plants abroad (persons)", "Source: none")
    drawn.canvas.draw()
    assert drawn.axes[0].yaxis.label.get_window_extent().x0 >= 0


def test_the_axis_label_keeps_clear_of_the_source(figure: Figure) -> None:
    figure.canvas.draw()
    source = next(text for text in figure.texts if text.get_text().startswith("Source")).get_window_extent()
    for axes in figure.axes:
        if axes.get_xlabel():
            assert axes.xaxis.label.get_window_extent().y0 >= source.y1 - 1


def test_what_suits_a_design() -> None:
    assert suited(View(grid(), ABROAD)) == ["fan", "response", "heat-map", "ridges", "exceedance", "tornado", "ecdf"]
    assert suited(View(latin(), ABROAD)) == ["fan", "tornado", "exceedance", "box", "ecdf"]
    assert suited(View(saltelli(), ABROAD)) == ["fan", "sobol", "ecdf"]
    assert suited(View(morris(), ABROAD)) == ["fan", "morris"]
    assert suited(View(two_points(), ABROAD)) == ["fan", "ridges", "exceedance", "ecdf"]


def test_files_of_a_sweep(tmp_path: Path) -> None:
    paths = plot_results(grid(), out=tmp_path)
    assert sorted(path.stem for path in paths if path.suffix == ".png") == [
        "ecdf_abroad", "exceedance_abroad", "fan_abroad", "front", "heat_map_abroad", "response_abroad", "ridges_abroad", "tornado_abroad",
    ]
    assert all(path.stat().st_size > 5000 for path in paths)
    only = plot_results(grid(), ["heat_map"], tmp_path / "one", year=1990)
    assert [path.name for path in only] == ["heat_map_abroad.png", "heat_map_abroad.svg"]


def test_only_the_first_of_several_outcomes_gets_every_figure(tmp_path: Path) -> None:
    """Of the others the one figure that answers what the design asks, unless outcomes are named."""
    design = grid().design
    two = sweep_of(design, {ABROAD: lambda d, _: d[RATE].to_numpy(), "yearly:projects": lambda d, _: d[CAP].to_numpy()}, YEARS[-2:], kind="grid")
    drawn = {path.stem for path in plot_results(two, out=tmp_path)}
    assert {stem for stem in drawn if stem.endswith("projects")} == {"heat_map_projects"}
    assert len({stem for stem in drawn if stem.endswith("abroad")}) == 7
    named = {path.stem for path in plot_results(two, out=tmp_path / "named", outcomes=[ABROAD, "yearly:projects"])}
    assert len({stem for stem in named if stem.endswith("projects")}) == 7


def test_a_heat_map_shows_the_differences_and_hatches_what_is_not_distinct() -> None:
    def null_cap(design: pd.DataFrame, year: np.ndarray) -> np.ndarray:
        luck = np.random.default_rng(2).normal(size=len(design))
        return (design[RATE] + 5.0 * luck * (design[RATE] == 30.0)).to_numpy()

    design = design_of(pd.DataFrame([(0.0, 0.0), *((rate, cap) for rate in (0.0, 30.0, 90.0) for cap in (5.0, 20.0, 60.0))],
                                    columns=[RATE, CAP]), 6, base=0)
    panel = KINDS["heat-map"](View(sweep_of(design, {ABROAD: null_cap}, kind="grid"), ABROAD)).axes[0]
    numbers = [text.get_text() for text in panel.texts]
    assert numbers.count("90.0") == 3
    assert numbers.count("0") == 3
    hatched = {patch.get_xy() for patch in panel.patches if patch.get_hatch()}
    assert hatched == {(0.0, 0.0), (0.0, 1.0), (0.0, 2.0)}


def test_unknown_kinds_name_the_nearest_and_asked_figures_say_why_not(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'heat-map'"):
        plot_results(grid(), ["heatmap"], tmp_path)
    with pytest.raises(InputError, match="needs two factors"):
        plot_results(two_points(), ["heat-map"], tmp_path)
    with pytest.raises(InputError, match="a front needs a paired design"):
        plot_results(two_points(), ["front"], tmp_path)
    with pytest.raises(InputError, match="has no blocks"):
        plot_results(grid(), ["sobol"], tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_does_not_vary_is_left_out_unless_asked_for(tmp_path: Path) -> None:
    flat = sweep_of(saltelli_design(BOUNDS, 8), {ABROAD: lambda d, _: np.full(len(d), 3.0)}, YEARS[-2:], kind="saltelli")
    assert not [path for path in plot_results(flat, out=tmp_path) if "sobol" in path.name]
    with pytest.raises(NothingVaries):
        plot_results(flat, ["sobol"], tmp_path)


def test_failed_runs_are_refused(tmp_path: Path) -> None:
    design = design_of(pd.DataFrame({RATE: [0.0, 50.0], CAP: 10.0}), 3)
    results = sweep_of(design, {ABROAD: firms}, YEARS, failed=(1,))
    with pytest.raises(InputError, match="missing or not finite"):
        plot_results(results, ["fan"], tmp_path)
    assert plot_results(results, ["fan", "ridges"], tmp_path, missing="drop")


def test_labels_are_plain_words_with_units() -> None:
    assert outcome_label(ABROAD) == "Firms abroad (firms)"
    assert outcome_label(ABROAD, difference=True) == "Change in firms abroad (firms)"
    assert outcome_words("yearly:firms_in_mode{mode=fdi}") == "Firms, own plant (FDI)"
    assert outcome_words("yearly:projects{host=CHN}") == "New plants, China"
    assert outcome_words(SPENDING) == "Spending of support"
    assert outcome_words("programme:P17:awards") == "Awards, programme P17"
    assert factor_label(RATE) == "Plant grant: rate (%)"
    assert factor_label("support.programme.P17.cap_million_yen") == "P17: cap (million yen)"
    assert factor_label("parameters.productivity.shock") == "productivity: shock (log points)"
    assert factor_label("yen level") == "yen level"
    assert factor_label("cap_million_yen") == "cap (million yen)"
    assert factor_label("discount_points") == "discount (percentage points)"
    assert factor_label("cover_percent") == "cover (%)"
    assert factor_label("support.programme.P17.places_per_year") == "P17: places (a year)"
    assert factor_label("support.instrument.grant.effort_million_yen") == "grant: effort (million yen)"
    assert factor_label("support.local.reach_percent") == "local: reach (%)"
    assert factor_label("parameters.industry.light.margin") == "light: margin (ratio)"


def test_quantiles_of_firms_keep_their_names() -> None:
    assert outcome_words("final:relocated{industry=machinery}:q99") == "Relocated at the end, machinery, 99% quantile"
    assert outcome_words("final:relocated:mean") == "Relocated at the end, mean"


def test_factors_with_names_of_their_own_take_the_unit_of_their_key() -> None:
    results = grid()
    results.experiment.factor = (Factor(key=("parameters.parent.pace",), name="pace"), Factor(key=("support.programme.P17.rate_percent",), name="r"))
    assert factor_axis(results, "pace") == "pace (1 a year)"
    assert factor_axis(results, "r") == "r (%)"
    assert factor_axis(results, CAP) == "Plant grant: cap (million yen)"


def test_luck_that_is_shared_is_taken_out_of_spread_and_chances() -> None:
    for kind in ("ridges", "exceedance"):
        panel = KINDS[kind](View(grid(), ABROAD)).axes[0]
        assert panel.get_xlabel().startswith("Change in firms abroad")


def test_chosen_worlds_are_no_distribution() -> None:
    """The pooled runs of worlds that somebody chose have no probability: telling points are drawn instead, of paired differences."""
    panel = KINDS["ecdf"](View(grid(), ABROAD)).axes[0]
    assert {text.get_text() for text in panel.get_legend().get_texts()} == {"rate 0, cap 5", "rate 60, cap 20", "rate 90, cap 200"}
    assert panel.get_xlabel().startswith("Change in firms abroad")


def test_a_sample_is_pooled_with_its_interval_and_without_the_base() -> None:
    results = latin()
    panel = KINDS["exceedance"](View(results, ABROAD)).axes[0]
    assert panel.get_title(loc="left") == "Chance of more over all points of the sample" and len(panel.collections) == 1
    assert panel.get_legend() is None and len(panel.get_lines()) == 1
    steps = KINDS["ecdf"](View(results, ABROAD)).axes[0].get_lines()
    assert len(steps) == 1 and len(steps[0].get_xdata()) == 161  # 80 points of two replications, and the start


def test_the_box_names_the_ends_of_the_design() -> None:
    panel = KINDS["box"](View(latin(), ABROAD)).axes[0]
    assert len(panel.texts) == 3 * len(panel.get_yticks())


def test_points_are_named_by_what_differs() -> None:
    assert point_labels(grid().design, [0, 2]) == ["base", "rate 0, cap 20"]
    assert point_labels(two_points().design, [0, 1]) == ["Plant grant: rate 0", "Plant grant: rate 50"]
    many = design_of(pd.DataFrame(np.random.default_rng(1).random((3, 6)), columns=list("abcdef")))
    assert point_labels(many, [0, 2]) == ["point 0", "point 2"]
    labelled = design_of(pd.DataFrame({"label": ["as it was", "no Plaza"], "scenario": ["history", "no_plaza"]}))
    assert point_labels(labelled, [0, 1]) == ["as it was", "no Plaza"]


def test_settings_read_as_words() -> None:
    switched = {"network": [True, False], "off": ["without P01", '["P17"]']}
    table = pd.DataFrame({"world": ["history", "no_support"], **switched, "rate_percent": [5.0, 7.5]})
    assert point_labels(design_of(table), [0, 1]) == [
        "world: history, network on, without P01, rate 5", "world: no support, network off, off: P17, rate 7.5"]
    assert [value_words(value) for value in (True, np.False_, "[]", ["P01", "P02"], 0.25)] == ["on", "off", "none", "P01, P02", "0.25"]
    assert setting_words("support.enabled", False) == "no support"
    assert setting_words("support.programme.P17.rate_percent", 0.0) == "P17: rate 0 %"
    assert setting_words("mechanisms.finance", False) == "mechanisms: finance off"


def test_the_source_names_title_scale_and_base() -> None:
    results = grid()
    results.experiment.settings, results.experiment.title = {"scale": 0.01}, "Rate by cap"
    assert source_note(results) == ("Source: expansion_sim, experiment 'synthetic' (Rate by cap) on scenario 'history', 1% sample, seed 1; "
                                    "16 points and a base, 12 replications.")
    alone = sweep_of(design_of(pd.DataFrame({RATE: [1.0]})), {ABROAD: lambda d, _: d[RATE].to_numpy()}, kind="grid")
    alone.record = {"worlds": {"history": {"scale": 1.0}}}  # type: ignore[attr-defined]
    assert source_note(alone).endswith("all firms, seed 1; 1 point, one replication, without intervals.")


def test_both_bars_of_a_tornado_show_where_both_ends_lie_on_one_side() -> None:
    """A hump: both ends of the rate lie below the mean over all points."""
    points = pd.DataFrame({RATE: [0.0, 1.0, 2.0] * 2, "network": [True] * 3 + [False] * 3})
    hump = {ABROAD: lambda d, _: np.where(d[RATE] == 1.0, 30.0, d[RATE]) + 2.0 * d["network"]}
    panel = KINDS["tornado"](View(sweep_of(design_of(points, 2), hump, kind="grid"), ABROAD)).axes[0]
    bars = [patch for patch in panel.patches if patch.get_height() < 0.5]
    low, high = (next(bar for bar in bars if bar.get_width() == pytest.approx(width)) for width in (-10.0 - 2 / 3, -8.0 - 2 / 3))
    assert low.get_y() >= high.get_y() + high.get_height() - 1e-9
    assert [text.get_text() for text in panel.get_legend().get_texts()] == [
        "low end, or choice with the lowest mean", "high end, or choice with the highest mean"]
    assert "network\noff against on" in {label.get_text() for label in panel.get_yticklabels()}


def test_contours_keep_off_cells_that_cannot_be_told_from_zero_and_the_note_speaks_of_them_only_then() -> None:
    rates, caps = (0.0, 30.0, 60.0, 90.0), (5.0, 20.0, 60.0)
    points = pd.DataFrame([(0.0, 0.0), *((rate, cap) for rate in rates for cap in caps)], columns=[RATE, CAP])

    def unsure(design: pd.DataFrame, year: np.ndarray) -> np.ndarray:
        luck = np.random.default_rng(2).normal(size=len(design))
        return (design[RATE] * design[CAP] + 50.0 * luck * (design[RATE] == 30.0)).to_numpy()

    figure = KINDS["heat-map"](View(sweep_of(design_of(points, 6, base=0), {ABROAD: unsure}, kind="grid"), ABROAD))
    paths = [path for drawn in figure.axes[0].collections if hasattr(drawn, "levels") for path in drawn.get_paths()]
    reach = np.concatenate([path.vertices for path in paths if len(path.vertices)])
    assert reach[:, 1].max() <= 3.0 and reach[:, 0].min() >= 0.0
    assert "Lines: equal outcome" in figure.texts[0].get_text().replace("\n", " ")
    flat = {ABROAD: lambda d, _: np.random.default_rng(1).normal(size=len(d))}
    nothing = KINDS["heat-map"](View(sweep_of(design_of(points, 6, base=0), flat, kind="grid"), ABROAD))
    assert "Lines: equal outcome" not in nothing.texts[0].get_text().replace("\n", " ")


def test_switches_of_a_heat_map_are_on_and_off() -> None:
    points = pd.DataFrame({"network": [True, True, False, False], "support.disable": ['["P17"]', "[]", '["P17"]', "[]"]})
    answer = {ABROAD: lambda d, _: 1.0 * d["network"]}
    panel = KINDS["heat-map"](View(sweep_of(design_of(points, 2), answer, kind="grid"), ABROAD)).axes[0]
    assert [text.get_text() for text in panel.get_xticklabels()] == ["off", "on"]
    assert {text.get_text() for text in panel.get_yticklabels()} == {"P17", "none"}


def test_whiskers_of_a_front_are_those_of_the_front_and_its_key_has_units() -> None:
    figure = KINDS["front"](View(grid(), ABROAD))
    key = next(text.get_text().replace("\n", " ") for text in figure.texts if text.get_text().startswith("On the front"))
    bars = [len(drawn.get_segments()) for drawn in figure.axes[0].collections if hasattr(drawn, "get_segments")]
    table = pareto_front(grid(), SPENDING, ABROAD)
    assert bars == [table["on_front"].sum()] * 2 and bars[0] < len(table)
    assert "rate (%)" in key and "cap (million yen)" in key and "share of resamples" in key
    single = sweep_of(design_of(pd.DataFrame({RATE: [0.0, 30.0], CAP: [0.0, 5.0]}), 1, base=0), {ABROAD: firms, SPENDING: cost}, YEARS, kind="grid")
    alone = KINDS["front"](View(single, ABROAD))
    words = " ".join(text.get_text() for text in alone.texts)
    assert "resamples" not in words and "Whiskers" not in words


STATISTICS = ("q10", "q50", "q90", "mean")


def sizes() -> SyntheticResults:
    """Sizes of firms in a base and two points, of which one doubles the largest."""
    size = {"q10": 2.0, "q50": 10.0, "q90": 100.0, "mean": 30.0}
    answers: dict[str, Any] = {
        f"final:employees:{part}": (lambda d, _, part=part: size[part] * np.where((d[RATE] == 9.0) & (part == "q90"), 2.0, 1.0))
        for part in STATISTICS
    }
    return sweep_of(design_of(pd.DataFrame({RATE: [0.0, 5.0, 9.0]}), 3, base=0), answers | {ABROAD: firms_of_rate}, kind="grid")


def firms_of_rate(design: pd.DataFrame, _: np.ndarray) -> np.ndarray:
    return design[RATE].to_numpy()


def test_a_final_distribution_is_a_curve_with_the_base_beside_it() -> None:
    figure = KINDS["distribution"](View(sizes(), "final:employees:mean"))
    curves, apart = figure.axes
    drawn = {line.get_label(): line.get_ydata().tolist() for line in curves.get_lines()}
    assert drawn == {"base": [2.0, 10.0, 100.0], "Plant grant: rate 5": [2.0, 10.0, 100.0], "Plant grant: rate 9": [2.0, 10.0, 200.0]}
    assert curves.get_yscale() == "log" and curves.get_ylabel().replace("\n", " ") == "Employees at the end (firms)"
    assert any(np.allclose(line.get_ydata(), [0.0, 0.0, 100.0]) for line in apart.get_lines())  # percent of the base
    assert suited(View(sizes(), "final:employees:mean"))[0] == "distribution"


def test_figures_of_defaults_are_those_of_the_outcomes_that_can_give_them(tmp_path: Path) -> None:
    paths = plot_results(sizes(), ["distribution"], tmp_path)
    assert [path.name for path in paths if path.suffix == ".png"] == ["distribution_final_employees.png"]
    with pytest.raises(InputError, match="'yearly:abroad' is no distribution over firms"):
        plot_results(sizes(), ["distribution"], tmp_path, outcomes=[ABROAD])
    with pytest.raises(InputError, match="recorded once per run"):
        plot_results(sizes(), ["fan"], tmp_path)


def test_a_point_without_a_finished_run_is_left_out_of_every_figure_and_the_note_says_so(tmp_path: Path) -> None:
    points = pd.DataFrame({RATE: [0.0, 30.0, 60.0, 90.0], CAP: [0.0, 5.0, 5.0, 5.0]})
    results = sweep_of(design_of(points, 3, base=0), {ABROAD: firms, SPENDING: cost}, YEARS, failed=(3, 4, 5), noise=5.0, kind="grid")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert plot_results(results, None, tmp_path, missing="drop")
    for kind in ("fan", "ridges", "exceedance", "ecdf", "response", "tornado", "front"):
        figure = KINDS[kind](View(results, ABROAD, missing="drop"))
        note = " ".join(text.get_text() for text in figure.texts).replace("\n", " ")
        assert "3 of 12 runs have no value and are left out, point 1 with all runs." in note, kind


def test_a_front_with_gaps_in_its_cost_is_refused_by_name_and_left_out_else(tmp_path: Path) -> None:
    points = pd.DataFrame({RATE: [0.0, 30.0, 60.0], CAP: [0.0, 5.0, 5.0]})
    results = sweep_of(design_of(points, 2, base=0), {ABROAD: firms, SPENDING: cost}, (1980, 1985, 1990), kind="grid")
    with pytest.raises(InputError, match="1981-1984, 1986-1989 were not kept"):
        plot_results(results, ["front"], tmp_path)
    with pytest.warns(LeftOut, match="no front: no sum of"):
        assert not [path for path in plot_results(results, None, tmp_path) if "front" in path.name]
