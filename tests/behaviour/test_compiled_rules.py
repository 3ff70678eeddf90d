"""Every compiled rule gives, bit for bit, what its Python source gives; and every rule has a case worked by hand."""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
import struct
from pathlib import Path

import numpy as np
import pytest
from numba.extending import is_jitted

from expansion_sim import behaviour, randomness

#: Modules that put rules together over records and arrays; everything else in the package is a file of rules.
COMPOSITIONS = {"abreast", "appraisal", "collective", "tables", "phases", "offshoring", "kernel", "picking", "public_support", "together"}
CASES = 300
#: What may be negative; all other numbers are drawn from (0.01, 1.5).
SIGNED = {
    "ability",
    "productivity",
    "shock",
    "growth",
    "outlook",
    "stance",
    "patience",
    "risk_tolerance",
    "taste",
    "advantage",
    "advantage_shared",
    "threshold",
    "quality",
    "x",
    "saving",
    "moved",
    "luck",
    "surprise",
    "profit",
    "cash",
    "gap",
    "risk",
    "host_risk",
    "start",
    "extra",
    "employees",
    "openness",
    "fellows",
    "years",
    "sunk_ratio",
    "rate",
}
RANGES = {
    "elasticity": (1.1, 6.0),
    "year": (1955.0, 2060.0),
    "middle": (2005.0, 2025.0),
    "years": (-2.0, 70.0),
    "employees": (-1.0, 900.0),
    "sales": (1.0, 1e4),
    "assets": (0.0, 1e4),
    "debt": (0.0, 1e4),
    "cash": (-1e3, 1e4),
    "log_size": (0.0, 7.0),
    "gap": (-30.0, 30.0),
    "x": (-40.0, 40.0),
    "relative_output": (0.0, 2.0),
    "labour_share": (0.01, 0.99),
    "birth_year": (1880.0, 1990.0),
}


def rule_modules() -> list[str]:
    """Names of the files of rules."""
    return sorted(module.name for module in pkgutil.iter_modules(behaviour.__path__) if module.name not in COMPOSITIONS)


def compiled_functions(module: object) -> dict[str, object]:
    """Compiled functions that a module defines itself, by name."""
    own = {name: value for name, value in vars(module).items() if is_jitted(value)}
    return {name: value for name, value in own.items() if value.py_func.__module__ == module.__name__}


RULES = {
    f"{name}.{function}": rule
    for name in rule_modules()
    for function, rule in compiled_functions(importlib.import_module(f"expansion_sim.behaviour.{name}")).items()
}


def draw_argument(parameter: inspect.Parameter, rng: np.random.Generator) -> float | int | bool:
    """A random argument by the annotated type and the name of a parameter."""
    kind, name = str(parameter.annotation), parameter.name
    if kind == "bool":
        return bool(rng.integers(2))
    if kind == "int":
        return int(rng.integers(0, 3))
    assert kind == "float", f"{name}: a rule takes float, int or bool, not {kind}"
    low, high = RANGES.get(name, (-1.5, 1.5) if name in SIGNED else (0.01, 1.5))
    # Corners belong to the domain too.
    return float(rng.choice([low, high, rng.uniform(low, high)], p=[0.05, 0.05, 0.9]))


def bits(value: float | bool) -> bytes:
    """The 64 bits of a result."""
    return struct.pack("<d", float(value))


def test_the_files_of_rules_are_found() -> None:
    assert {
        "accounts",
        "attention",
        "choice",
        "cooperation",
        "costs",
        "employment",
        "finance",
        "gains",
        "learning",
        "option",
        "output",
        "parents",
        "survival",
    } <= set(rule_modules())
    assert COMPOSITIONS <= {module.name for module in pkgutil.iter_modules(behaviour.__path__)}
    assert len(RULES) >= 60


@pytest.mark.parametrize("name", RULES)
def test_compiled_and_plain_rule_agree_bit_for_bit(name: str) -> None:
    rule = RULES[name]
    parameters = inspect.signature(rule.py_func).parameters.values()
    rng = np.random.default_rng(sum(map(ord, name)))
    for _ in range(CASES):
        arguments = [draw_argument(parameter, rng) for parameter in parameters]
        compiled, plain = rule(*arguments), rule.py_func(*arguments)
        assert bits(compiled) == bits(plain), f"{name}{tuple(arguments)}: {compiled!r} compiled, {plain!r} plain"
        assert math.isfinite(compiled), f"{name}{tuple(arguments)} is {compiled!r}"


@pytest.mark.parametrize("name", RULES)
def test_rules_are_documented_and_typed(name: str) -> None:
    function = RULES[name].py_func
    assert inspect.getdoc(function)
    assert inspect.signature(function).return_annotation in ("float", "bool", "int")


@pytest.mark.parametrize("name", RULES)
def test_rules_explain_every_argument_and_name_their_source(name: str) -> None:
    """Readable on its own: each symbol with its meaning, and where the rule is from or that it is an assumption."""
    function = RULES[name].py_func
    text = inspect.getdoc(function) or ""
    explained = text.partition("Args:")[2]
    missing = [argument for argument in inspect.signature(function).parameters if f"\n    {argument}: " not in explained]
    assert not missing
    assert "Source:" in text


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_a_case_by_hand(name: str) -> None:
    module, function = name.split(".")
    assert f"{function}(" in (Path(__file__).parent / f"test_rule_{module}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("function", ["normal", "_tail"])
def test_compiled_normal_agrees_with_plain(function: str) -> None:
    compiled = getattr(randomness, function)
    low, high = (2.0**-33, 1.0 - 2.0**-33) if function == "normal" else (2.0, 7.0)
    for u in np.random.default_rng(1).uniform(low, high, 2_000):
        assert bits(compiled(u)) == bits(compiled.py_func(u))
