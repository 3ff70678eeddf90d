"""Compiled code is never older than the rules it was compiled from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import expansion_sim
from expansion_sim import compiled_code

PACKAGE = Path(expansion_sim.__file__).parent
#: A rule of appraisal.py that calls a rule of output.py; prints its value and where it is kept.
ASK = """
import numpy as np
from expansion_sim import compiled_code
from expansion_sim.behaviour import appraisal
from expansion_sim.behaviour.tables import YEAR_DTYPE
from expansion_sim.population.schema import empty_firms
compiled_code.drop_damaged()
firms, year, parameters = empty_firms(1), np.ones(1, YEAR_DTYPE), np.ones(1, [("fixed_scale", "f8"), ("fixed_scale_export", "f8")])
firms["home_sales"] = 50.0
print(appraisal.cost_scale(firms[0], 2, year[0], parameters[0]), sum(appraisal.cost_scale.stats.cache_hits.values()))
"""


def ask(folder: Path, **environment: str) -> tuple[float, bool]:
    """Value of the rule in the package under ``folder`` and whether it came from kept code."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT")}
    kept |= {"PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(folder / "cache")} | environment
    answer = subprocess.run([sys.executable, "-W", "default", "-c", ASK], env=kept, capture_output=True, text=True, check=True)
    value, hits = answer.stdout.split()
    return float(value), hits != "0"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Folder with a copy of the package's code."""
    shutil.copytree(PACKAGE, tmp_path / "expansion_sim", ignore=shutil.ignore_patterns("__pycache__", "figures"))
    return tmp_path


def edit(folder: Path) -> None:
    """Make fixed costs three times as high in the file of the rule."""
    path = folder / "expansion_sim" / "behaviour" / "output.py"
    text = path.read_text(encoding="utf-8")
    body = text.index("return", text.index("def fixed_cost_scale("))
    path.write_text(text[:body] + "return 3.0 * (" + text[body + len("return") :].replace("\n", ")\n", 1), encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="the folder of caches is set as on Linux")
def test_an_edited_rule_is_used_at_once_by_rules_of_other_files(copied: Path) -> None:
    before, kept = ask(copied)
    assert not kept
    assert ask(copied) == (before, True)
    edit(copied)
    after, kept = ask(copied)
    assert after == pytest.approx(3.0 * before)
    assert not kept
    folders = list((copied / "cache" / "expansion_sim" / "numba").iterdir())
    assert len(folders) == 2
    inherited = ask(copied, NUMBA_CACHE_DIR=str(min(folders, key=lambda folder: folder.stat().st_mtime)))
    assert inherited == (after, True)  # a parent's folder is not taken over when the code has changed since
    for path in (copied / "cache").rglob("*cost_scale*.nb*"):
        path.write_bytes(path.read_bytes()[:-100])
    assert ask(copied) == (after, False)


def test_every_file_with_compiled_functions_counts() -> None:
    texts = {str(path): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    compiled = {path for path, text in texts.items() if re.search(r"^@njit", text, re.MULTILINE)}
    assert compiled
    assert compiled <= set(compiled_code.source_files())


def test_a_rule_in_a_folder_of_its_own_names_another_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_code, "_PACKAGE", str(tmp_path))
    monkeypatch.setattr(compiled_code, "SOURCES", ("behaviour", "codes.py"))
    deep = tmp_path / "behaviour" / "phases"
    deep.mkdir(parents=True)
    for path in (tmp_path / "codes.py", tmp_path / "behaviour" / "costs.py", deep / "planning.py"):
        path.write_text("A = 1\n", encoding="utf-8")
    (deep / "notes.txt").write_text("no code", encoding="utf-8")
    assert [Path(path).name for path in compiled_code.source_files()] == ["costs.py", "planning.py", "codes.py"]
    before = compiled_code.fingerprint()
    (deep / "planning.py").write_text("A = 2\n", encoding="utf-8")
    edited = compiled_code.fingerprint()
    (deep / "planning.py").rename(tmp_path / "behaviour" / "planning.py")
    assert len({before, edited, compiled_code.fingerprint()}) == 3


def test_a_folder_of_the_user_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert compiled_code.choose_folder() is None
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path)


@pytest.fixture
def private_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty user folder."""
    import numba

    monkeypatch.setattr(compiled_code, "user_folder", lambda: str(tmp_path / "numba"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(numba.config, "CACHE_DIR", numba.config.CACHE_DIR)
    return tmp_path / "numba"


def test_without_readable_sources_nothing_kept_is_used(private_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> str:
        raise OSError("no such folder")

    monkeypatch.setattr(compiled_code, "fingerprint", unreadable)
    folder = Path(compiled_code.choose_folder() or "")
    assert folder.is_dir()
    assert not list(folder.iterdir())
    assert folder != private_cache
    assert not private_cache.exists()


def test_states_of_the_code_used_last_are_kept(private_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_code, "KEPT", 3)
    for number in range(5):
        monkeypatch.setattr(compiled_code, "fingerprint", lambda number=number: f"state{number}")
        folder = Path(compiled_code.choose_folder() or "")
        os.utime(folder, (number, number))
    assert {folder.name for folder in private_cache.iterdir()} == {"state2", "state3", "state4"}


def test_numba_already_imported_is_told(private_cache: Path) -> None:
    import numba

    assert compiled_code.choose_folder() == numba.config.CACHE_DIR == os.environ["NUMBA_CACHE_DIR"]


def test_where_nothing_can_be_written_a_temporary_folder_serves(private_cache: Path) -> None:
    private_cache.write_text("a file where the folder should be")
    folder = compiled_code.choose_folder()
    assert folder is not None
    assert os.access(folder, os.W_OK)
    assert not folder.startswith(str(private_cache))


def test_only_damaged_files_are_removed(tmp_path: Path) -> None:
    place = tmp_path / "behaviour_123"
    place.mkdir()
    for name, content in (("whole.nbi", b"\x80."), ("empty.nbc", b""), ("cut.1.nbc", b"\x80\x05"), ("other.txt", b"")):
        (place / name).write_bytes(content)
    with pytest.warns(UserWarning, match="2 damaged files"):
        assert compiled_code.drop_damaged(str(tmp_path)) == 2
    assert sorted(path.name for path in place.iterdir()) == ["other.txt", "whole.nbi"]
    assert compiled_code.drop_damaged(str(tmp_path)) == 0
