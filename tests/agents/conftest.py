"""The small model of these tests as a fixture, and its module where every import mode of pytest finds it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from small_model import SmallModel


@pytest.fixture
def model() -> SmallModel:
    """Twelve firms and two ministries."""
    return SmallModel()
