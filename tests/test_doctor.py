"""The doctor finds what is broken and never raises."""

from collections import namedtuple
from importlib import metadata
from types import SimpleNamespace

import pytest

from expansion_sim import doctor
from expansion_sim.doctor import BROKEN, OK, WARNING, examine


def test_a_sound_installation_has_nothing_broken():
    findings = {finding.check: finding for finding in examine()}
    assert set(findings) == set(doctor.CHECKS)
    assert {name: finding.text for name, finding in findings.items() if finding.state == BROKEN} == {}
    assert "54 programmes" in findings["data"].text


def test_an_unsupported_python_is_broken(monkeypatch):
    version = namedtuple("version", "major minor micro")
    monkeypatch.setattr(doctor.sys, "version_info", version(3, 10, 4))
    assert doctor.check_python() == (BROKEN, "3.10.4; 3.11, 3.12 or 3.13 is needed")


@pytest.mark.parametrize(("version", "state"), [("3.2.9", BROKEN), ("3.3.0", OK), ("3.5.1rc1", OK), ("4.0.0", BROKEN)])
def test_versions_of_mesa(monkeypatch, version, state):
    real = metadata.version
    monkeypatch.setattr(doctor.metadata, "version", lambda name: version if name == "mesa" else real(name))
    found, text = doctor.check_packages()
    assert found == state
    assert f"mesa {version}" in text


def test_a_missing_package_is_named(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(doctor, "import_module", absent)
    state, text = doctor.check_packages()
    assert state == BROKEN
    assert "networkx cannot be imported" in text


def test_a_check_that_fails_is_a_finding(monkeypatch):
    def fail():
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(doctor, "CHECKS", {"data": fail})
    assert examine() == [doctor.Finding("data", BROKEN, "RuntimeError: two lines")]


def test_missing_scenarios_are_broken(monkeypatch):
    monkeypatch.setattr("expansion_sim.scenario.list_scenarios", list)
    assert doctor.check_data()[0] == BROKEN


@pytest.mark.parametrize(("gigabytes", "state"), [(0.2, BROKEN), (1.0, WARNING), (8.0, OK), (None, OK)])
def test_memory(monkeypatch, gigabytes, state):
    monkeypatch.setattr(doctor, "_free_memory", lambda: None if gigabytes is None else int(gigabytes * 1024**3))
    assert doctor.check_memory()[0] == state


def test_a_cache_that_cannot_be_written_is_a_warning(monkeypatch):
    monkeypatch.setattr(doctor, "_writable", lambda folder: False)
    state, text = doctor.check_cache()
    assert state == WARNING
    assert "NUMBA_CACHE_DIR" in text
    assert doctor.check_disk()[0] == WARNING


def test_little_space_on_disk_is_a_warning(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: SimpleNamespace(free=10))
    assert doctor.check_disk()[0] == WARNING
