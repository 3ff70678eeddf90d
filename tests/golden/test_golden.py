"""A small run of history gives the numbers it gave before; see regenerate.py for a deliberate change."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from regenerate import FILE, measured


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    return measured()


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_the_same_numbers_are_measured(now: dict[str, Any], golden: dict[str, Any]) -> None:
    assert {group: list(values) for group, values in now.items()} == {group: list(values) for group, values in golden.items()}


@pytest.mark.parametrize("group", sorted(json.loads(FILE.read_text(encoding="utf-8"))))
def test_numbers(group: str, now: dict[str, Any], golden: dict[str, Any]) -> None:
    changed = {
        name: (value, now[group].get(name)) for name, value in golden[group].items()
        if now[group].get(name) != pytest.approx(value, rel=1e-6, abs=1e-9)
    }
    assert not changed, "golden and present values; if this is meant: python tests/golden/regenerate.py"
