"""Every figure draws, says what it shows, keeps its text apart and inside, and leaves no global state behind."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from expansion_sim.errors import InputError
from expansion_sim.figures import KINDS, plot_run, style
from expansion_sim.figures.hosts import HOST_GROUPS, china_share, shares_of_hosts
from expansion_sim.results.frames import series
from expansion_sim.results.run import Run

RUNS = ("single", "several", "short")


@pytest.fixture(scope="module", params=[(kind, run) for kind in KINDS for run in RUNS], ids=lambda case: "-".join(case))
def figure(request: pytest.FixtureRequest) -> Figure:
    """Every kind of figure for every run."""
    kind, run = request.param
    return KINDS[kind](request.getfixturevalue(run))


def texts_of(figure: Figure) -> list[matplotlib.text.Text]:
    """All texts that are seen, drawn once so that their places are known."""
    figure.canvas.draw()
    return [text for text in figure.findobj(matplotlib.text.Text) if text.get_visible() and text.get_text().strip()]


def test_axes_have_labels_and_the_figure_a_source(figure: Figure) -> None:
    assert any(text.get_text().startswith("Source: expansion_sim") for text in figure.texts)
    for axes in figure.axes:
        assert axes.get_title("left").strip()
    assert sum(bool(axes.get_ylabel()) for axes in figure.axes) >= 1 or figure.axes[0].get_xlabel()
    assert sum(bool(axes.get_xlabel()) for axes in figure.axes) >= 1


def test_no_text_is_cut_off(figure: Figure) -> None:
    page = figure.bbox
    for text in texts_of(figure):
        box = text.get_window_extent()
        outside = box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1 or box.y0 < page.y0 - 1 or box.y1 > page.y1 + 1
        ticks = [label for axes in figure.axes for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
        if outside and text in ticks:  # ticks beyond the limits exist but are not drawn
            continue
        assert not outside, text.get_text()


def test_labels_do_not_overlap(figure: Figure) -> None:
    figure.canvas.draw()
    for axes in figure.axes:
        beside = [text for text in axes.texts if text.get_visible() and text.get_text()]
        boxes = [text.get_window_extent().padded(-1.0) for text in beside]
        for (first, one), (second, other) in combinations(zip(beside, boxes, strict=True), 2):
            assert not one.overlaps(other), (first.get_text(), second.get_text())


def test_type_is_legible_in_print(figure: Figure) -> None:
    assert min(text.get_fontsize() for text in texts_of(figure)) >= 6.0


def test_files_are_written_and_repeatable(single: Run, tmp_path: Path) -> None:
    paths = plot_run(single, ["mode-mix", "fdi_record"], out=tmp_path / "a")
    assert [path.name for path in paths] == ["mode_mix.png", "mode_mix.svg", "fdi_record.png", "fdi_record.svg"]
    again = plot_run(single, ["mode-mix"], out=tmp_path / "b")
    assert again[1].read_bytes() == paths[1].read_bytes()
    assert ElementTree.parse(paths[1]).getroot().tag.endswith("svg")
    width = int.from_bytes(paths[0].read_bytes()[16:20], "big")
    assert width == round(style.WIDTH * 200)


def test_figures_of_a_saved_run_go_into_its_directory(short: Run, tmp_path: Path) -> None:
    saved = short.save(tmp_path / "run")
    paths = plot_run(saved, ["jobs"])
    assert paths[0] == tmp_path / "run" / "figures" / "jobs.png"
    with pytest.raises(InputError, match="name a folder"):
        plot_run(short)


def test_unknown_kinds_name_the_nearest(single: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean mode-mix"):
        plot_run(single, ["mode-mx"], out=tmp_path)


def test_no_global_state_changes(single: Run) -> None:
    before = dict(matplotlib.rcParams)
    KINDS["jobs"](single)
    assert dict(matplotlib.rcParams) == before
    import sys

    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_several_replications_show_bands_and_one_does_not(single: Run, several: Run) -> None:
    def areas(run: Run) -> int:
        return len(KINDS["entries"](run).axes[0].collections)

    assert areas(several) == areas(single) + 2
    note = "bands: 50% and 90% of replications"
    assert any(note in " ".join(text.get_text().split()) for text in KINDS["entries"](several).texts)
    assert not any("bands" in text.get_text() for text in KINDS["entries"](single).texts)


def test_published_points_are_shown_where_the_run_has_the_years(single: Run, short: Run) -> None:
    def labels(run: Run) -> list[str]:
        return KINDS["fdi-record"](run).axes[1].get_legend_handles_labels()[1]

    assert "Manufacturing, published" in labels(single)
    assert not any("published" in label for label in labels(short))


def test_host_shares_cover_every_host_once_and_sum_to_a_hundred(single: Run) -> None:
    hosts = [host for group in HOST_GROUPS for host in group.hosts]
    assert len(hosts) == len(set(hosts)) == 16
    shares = np.array(list(shares_of_hosts(single.yearly).values()))
    known = np.isfinite(shares[0])
    np.testing.assert_allclose(shares[:, known].sum(axis=0), 100.0)
    projects = series(single.yearly, "projects")
    china = series(single.yearly, "projects", host="CHN")
    year = int(projects.index[projects[0] > 0][-1])
    assert china_share(single.yearly).loc[year, 0] == pytest.approx(100 * china.loc[year, 0] / projects.loc[year, 0])


def test_one_replication_shows_sizes_with_a_note(single: Run, several: Run) -> None:
    assert any("One replication" in text.get_text() for text in KINDS["distribution"](single).texts)
    assert len(KINDS["distribution"](several).axes) == 6
