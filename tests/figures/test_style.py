"""Placing of labels, wrapping of notes, colours that survive greyscale."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expansion_sim.figures import style
from expansion_sim.figures.style import MODE_LOOKS, spread, wrapped


def test_labels_with_room_stay_where_they_are() -> None:
    np.testing.assert_allclose(spread(np.array([0.9, 0.1, 0.5]), np.full(3, 0.1)), [0.9, 0.1, 0.5])


def test_crowded_labels_share_the_shift() -> None:
    np.testing.assert_allclose(spread(np.array([0.5, 0.5]), np.full(2, 0.1)), [0.45, 0.55])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9), st.floats(0.01, 0.1))
def test_labels_never_overlap_and_keep_their_order(wanted: list[float], size: float) -> None:
    heights = np.array(wanted)
    placed = spread(heights, np.full(heights.size, size))
    order = np.argsort(heights, kind="stable")
    assert (np.diff(placed[order]) >= size - 1e-9).all()
    assert placed.min() >= size / 2 - 1e-9
    assert placed.max() <= 1.0 - size / 2 + 1e-9


def test_notes_are_wrapped_between_words() -> None:
    text = "one two three " * 30
    lines = wrapped(text, 40).split("\n")
    assert max(map(len, lines)) <= 40
    assert " ".join(lines).split() == text.split()


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[position : position + 2], 16) for position in (1, 3, 5))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def test_modes_are_told_apart_without_colour() -> None:
    looks = list(MODE_LOOKS.values())
    for position, one in enumerate(looks):
        for other in looks[position + 1 :]:
            apart = abs(luminance(one.colour) - luminance(other.colour)) > 0.15
            assert apart or (one.line != other.line and one.marker != other.marker), (one.name, other.name)
    for below, above in pairwise(looks):
        assert below.hatch != above.hatch, "neighbours in the stacked mix need different hatches"


def test_the_users_settings_come_back() -> None:
    import matplotlib

    before = matplotlib.rcParams["font.size"]
    with pytest.raises(RuntimeError), style.drawing():
        raise RuntimeError
    assert matplotlib.rcParams["font.size"] == before
