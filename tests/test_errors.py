"""Errors for wrong input: one line each, whole through pickling, with the nearest name."""

import pickle

import pytest

from expansion_sim.errors import InputError, InputErrors, allowed_names, nearest


def test_one_error_is_one_line_with_its_place():
    assert str(InputError("is\nwrong", file="a.toml", line=3, key="seed")) == "a.toml:3: seed: is wrong"
    assert str(InputError("is wrong", file="--set", key="seed")) == "--set: seed: is wrong"
    assert str(InputError("is wrong")) == "is wrong"


def test_several_errors_are_one_line_each_and_survive_pickling():
    errors = InputErrors([InputError("one", file="a", line=1), InputError("two", key="k")])
    again = pickle.loads(pickle.dumps(errors))
    assert str(again) == str(errors) == "a:1: one\nk: two"
    assert (again.file, again.line, again.key) == ("a", 1, None)
    assert isinstance(again, InputError)


@pytest.mark.parametrize(("name", "expected"), [("scal", "scale"), ("SCALE", "scale"), ("sede", "seed"), ("qwertz", None)])
def test_nearest_name(name, expected):
    assert nearest(name, ["scale", "seed", "years"]) == expected


def test_allowed_names_say_what_is_known():
    assert allowed_names("scal", ["scale", "seed"]) == "did you mean 'scale'? (allowed: scale, seed)"
    assert allowed_names("xyz", ["scale", "seed"]) == "allowed: scale, seed"
    assert allowed_names("n7x", [f"name{i}" for i in range(99)], most=3) == ""
    assert allowed_names("x", []) == ""
