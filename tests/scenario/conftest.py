"""Every test of scenario files works in a folder of its own."""

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test works in a folder of its own, so that messages hold short paths."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
