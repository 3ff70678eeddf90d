"""Keyed random numbers: the published generator, its independence over keys, and what 'keyed' promises a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy.special import ndtri
from scipy.stats import chi2, kstest

from expansion_sim.randomness import Stream, draw_first_words, draw_words, normal, philox, philox_block, seed_from, uniform4

ALL_ONES = 0xFFFFFFFF
SEED = 20_260_101

#: Counter, key and output of Philox4x32-10 in the known-answer file of Random123 (Salmon et al. 2011).
KNOWN_ANSWERS = {
    "zeros": ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    "ones": ((ALL_ONES,) * 4, (ALL_ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    "pi": (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
}


@njit
def fill_uniforms(seed: int, streams: np.ndarray, years: np.ndarray, firms: np.ndarray, out: np.ndarray) -> None:
    """Uniforms of many keys, shape (n, 4)."""
    for i in range(firms.size):
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = uniform4(seed, streams[i], years[i], firms[i])


def draws(seed: int = SEED, stream: object = 6, year: object = 1990, firm: object = 0) -> np.ndarray:
    """Uniforms with NumPy broadcasting over the keys, shape (n, 4)."""
    streams, years, firms = (
        np.ascontiguousarray(a) for a in np.broadcast_arrays(*(np.atleast_1d(np.int64(a)) for a in (stream, year, firm)))
    )
    out = np.empty((firms.size, 4))
    fill_uniforms(seed, streams, years, firms, out)
    return out


def uniformity(sample: np.ndarray, bins: int = 32) -> float:
    """p-value of the chi-square test that a sample in (0, 1) is uniform."""
    counts = np.bincount((sample * bins).astype(int), minlength=bins)
    expected = sample.size / bins
    return float(chi2.sf(((counts - expected) ** 2 / expected).sum(), bins - 1))


def independence(a: np.ndarray, b: np.ndarray, bins: int = 12) -> float:
    """p-value of the chi-square test that pairs fill the unit square evenly."""
    cells = (a * bins).astype(int) * bins + (b * bins).astype(int)
    return uniformity((cells + 0.5) / bins**2, bins**2)


# --- the generator ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", KNOWN_ANSWERS)
def test_published_known_answers(name: str) -> None:
    counter, key, answer = KNOWN_ANSWERS[name]
    assert philox_block(*counter, *key) == answer


@pytest.mark.parametrize("name", KNOWN_ANSWERS)
def test_known_answers_without_compilation(name: str) -> None:
    counter, key, answer = KNOWN_ANSWERS[name]
    with np.errstate(over="ignore"):  # 32-bit arithmetic wraps on purpose
        assert tuple(int(word) for word in philox_block.py_func(*counter, *key)) == answer


@pytest.mark.parametrize(
    ("firm", "seed"),
    [(5, 9), (2**32 + 5, 9), (2**40 + 3, 2**45 + 17), (2**62 + 1, 2**63 - 1)],
)
def test_counter_and_key_hold_all_64_bits(firm: int, seed: int) -> None:
    """Counter words are (firm low, firm high, year, stream), key words (seed low, seed high)."""
    assert philox(seed, 3, 1987, firm) == philox_block(firm & ALL_ONES, firm >> 32, 1987, 3, seed & ALL_ONES, seed >> 32)


def test_negative_firm_is_its_two_complement() -> None:
    """-1 is 64 ones: a valid key of its own, not firm 0 and not 2**32 - 1."""
    assert philox(7, 0, 2000, -1) == philox_block(ALL_ONES, ALL_ONES, 2000, 0, 7, 0)
    keys = (-(2**63), -2, -1, 0, 1, 2**32 - 1, 2**32, 2**63 - 1)
    assert len({uniform4(7, 0, 2000, firm) for firm in keys}) == len(keys)


def test_every_part_of_the_key_matters() -> None:
    base = (1, 2, 1990, 4)
    others = [tuple(v + (i == j) for j, v in enumerate(base)) for i in range(4)]
    assert len({uniform4(*key) for key in (base, *others)}) == 5


# --- uniforms ---------------------------------------------------------------------------------------------------------------
@settings(deadline=None)  # the first call may compile
@given(
    seed=st.integers(0, 2**63 - 1), stream=st.integers(0, 40), year=st.integers(1900, 2100), firm=st.integers(-(2**63), 2**63 - 1)
)
def test_uniforms_lie_strictly_inside(seed: int, stream: int, year: int, firm: int) -> None:
    assert all(0.0 < u < 1.0 for u in uniform4(seed, stream, year, firm))


def test_uniform_is_the_middle_of_its_cell() -> None:
    """(word + 1/2) / 2**32: the smallest is 2**-33, the largest 1 - 2**-33; checked on the words of one key."""
    words, uniforms = philox(1, 2, 1990, 4), uniform4(1, 2, 1990, 4)
    assert uniforms == tuple((word + 0.5) / 2.0**32 for word in words)
    assert 0.0 < (0 + 0.5) / 2.0**32
    assert (ALL_ONES + 0.5) / 2.0**32 < 1.0


N = 40_000


@pytest.mark.parametrize(
    ("what", "sample"),
    [
        ("firms", draws(firm=np.arange(N))),
        ("years", draws(year=np.arange(N))),
        ("streams", draws(stream=np.arange(N))),
        ("negative firms", draws(firm=-np.arange(1, N + 1))),
        ("firms far apart", draws(firm=np.arange(N) * 2**40)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_uniform_over_neighbouring_keys(what: str, sample: np.ndarray) -> None:
    """Each of the four numbers, and the four against each other; p above .001 at this fixed seed."""
    for j in range(4):
        assert uniformity(sample[:, j]) > 1e-3
        assert independence(sample[:, j], sample[:, (j + 1) % 4]) > 1e-3


@pytest.mark.parametrize("shift", ["firm", "year", "stream", "seed"])
def test_neighbours_are_independent(shift: str) -> None:
    """A firm against the next firm, the same firm a year later, in the next stream, in the next replication."""
    firms = np.arange(N)
    key = {"seed": SEED, "stream": 6, "year": 1990, "firm": firms}
    here, there = draws(**key), draws(**{**key, shift: key[shift] + 1})
    for j in range(4):
        assert independence(here[:, j], there[:, j]) > 1e-3
        assert abs(np.corrcoef(here[:, j], there[:, j])[0, 1]) < 4.0 / math.sqrt(N)


def test_mean_over_seventy_years_of_one_firm() -> None:
    """Means over 70 years have the variance of independent draws: 1/(12 x 70)."""
    firms, years = np.meshgrid(np.arange(4_000), np.arange(1955, 2025), indexing="ij")
    means = draws(firm=firms.ravel(), year=years.ravel())[:, 0].reshape(firms.shape).mean(axis=1)
    assert means.mean() == pytest.approx(0.5, abs=4.0 * math.sqrt(1.0 / (12 * 70 * 4_000)))
    assert means.var() == pytest.approx(1.0 / (12 * 70), rel=0.1)


def test_streams_are_not_renumbered() -> None:
    """Renumbering a stream changes every stored result; new ones are appended."""
    values = [stream.value for stream in Stream]
    assert values == sorted(set(values))
    assert values[:17] == list(range(17))
    assert [Stream.APPLICATION, Stream.MUTUAL_AID, Stream.REGISTRATION] == [20, 21, 22]
    names = (
        "BIRTH_SIZE",
        "BIRTH_PLACE",
        "BIRTH_TASTE_EXPORT",
        "BIRTH_TASTE_PLANT",
        "BIRTH_OWNER",
        "BIRTH_NICHE",
        "OUTPUT",
        "ATTENTION",
        "CHOICE",
        "SURVIVAL",
        "SELECTION",
        "PARENT",
        "COOPERATIVE",
        "RESHORE",
        "SCENARIO",
        "LEAVING",
        "INVITATION",
    )
    assert tuple(stream.name for stream in Stream)[: len(names)] == names


def test_one_more_firm_changes_nobody_elses_draws() -> None:
    ids = np.array([3, 8, 21, 34])
    few, more = draws(firm=ids), draws(firm=np.concatenate([[1], ids, [99]]))
    np.testing.assert_array_equal(few, more[1:-1])
    np.testing.assert_array_equal(few, draws(firm=ids[::-1])[::-1])


# --- normals ----------------------------------------------------------------------------------------------------------------
def test_normal_against_scipy() -> None:
    """Absolute error below 1e-8 from the smallest to the largest uniform, the joints of the approximation included."""
    edge = 2.0**-33
    joints = [0.02425, np.nextafter(0.02425, 0), np.nextafter(0.02425, 1), 1 - 0.02425, np.nextafter(1 - 0.02425, 1)]
    grid = np.concatenate([np.geomspace(edge, 0.5, 4_000), 1.0 - np.geomspace(edge, 0.5, 4_000), joints])
    assert np.abs(np.array([normal(u) for u in grid]) - ndtri(grid)).max() < 1e-8


def test_normal_is_monotone_and_centred() -> None:
    grid = np.linspace(2.0**-33, 1.0 - 2.0**-33, 20_001)
    assert (np.diff([normal(u) for u in grid]) > 0.0).all()
    assert normal(0.5) == 0.0


@settings(deadline=None)  # the first call may compile
@given(st.floats(2.0**-33, 0.5))
def test_normal_is_odd(u: float) -> None:
    assert normal(u) == pytest.approx(-normal(1.0 - u), abs=1e-6)


def test_normal_draws_follow_the_normal_law() -> None:
    sample = np.array([normal(u) for u in draws(firm=np.arange(20_000))[:, 0]])
    assert kstest(sample, "norm").pvalue > 1e-3


# --- seeds ------------------------------------------------------------------------------------------------------------------
def test_seed_from_what_mesa_passes() -> None:
    assert seed_from(None) == 0
    assert seed_from(42) == 42
    assert seed_from(np.int64(42)) == 42
    assert seed_from(np.random.default_rng(3)) == int(np.random.default_rng(3).integers(0, 2**63 - 1))


@settings(deadline=None)  # the first call may compile
@given(st.integers(-(2**80), 2**80))
def test_seed_fits_a_signed_64_bit_key(rng: int) -> None:
    assert 0 <= seed_from(rng) < 2**63
    assert seed_from(seed_from(rng)) == seed_from(rng)


def test_seed_from_refuses_nonsense() -> None:
    with pytest.raises((TypeError, ValueError)):
        seed_from("tomorrow")  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [1, 7, 64])
def test_draws_made_together_are_those_made_one_by_one(number: int) -> None:
    firms = (np.arange(number, dtype=np.int64) * 977 << 20) + 3
    words = np.zeros((4, number), np.uint32)
    draw_words(words, 2**62 + 5, Stream.CHOICE, 1990, firms)
    assert [tuple(column) for column in words.T.tolist()] == [philox(2**62 + 5, Stream.CHOICE, 1990, int(firm)) for firm in firms]


def test_first_words_of_many_programmes_are_those_of_single_draws() -> None:
    years, words = np.arange(1990, 1990 + 4096 * 29, 4096, dtype=np.uint32), np.empty(29, np.uint32)
    draw_first_words(words, 2**63 - 5, int(Stream.APPLICATION), years, 2**40 + 7)
    assert words.tolist() == [philox(2**63 - 5, int(Stream.APPLICATION), int(year), 2**40 + 7)[0] for year in years]
