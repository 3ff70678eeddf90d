"""The guides in docs/how-to do what they say: their files and code blocks are taken out and run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
#: Guide -> packages without which it cannot be tried.
GUIDES = {
    "run-an-experiment": (), "mesa-batch-run": (), "salib": ("SALib",), "ema-workbench": ("ema_workbench",),
    "optuna": ("optuna",),
}
CAUGHT: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 500, "check": False}
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(guide: str) -> list[tuple[str, str]]:
    """Language and text of every code block of a guide."""
    return [(match[1], match[2]) for match in _BLOCK.finditer((HOW_TO / f"{guide}.md").read_text(encoding="utf-8"))]


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """Environment with a command ``expansion-sim`` that runs this source tree."""
    command = tmp_path / "bin" / "expansion-sim"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m expansion_sim "$@"\n')
    command.chmod(0o755)
    source = str(Path(__file__).parents[2] / "src")
    paths = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
    found = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": found, "PYTHONPATH": paths, "NUMBA_NUM_THREADS": "1"}


def follow(guide: str, folder: Path, shell: dict[str, str]) -> str:
    """Do what a guide says, block after block, and return what was printed."""
    said = []
    for number, (language, text) in enumerate(blocks(guide)):
        if language == "toml":
            (folder / text.partition("\n")[0].removeprefix("# ")).write_text(text)
            continue
        command = ["sh", "-e", "-c", text] if language == "bash" else [sys.executable, f"block_{number}.py"]
        if language == "python":
            (folder / f"block_{number}.py").write_text(text)
        done = subprocess.run(command, cwd=folder, env=shell, **CAUGHT)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        said.append(done.stdout)
    return "\n".join(said)


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_works(guide: str, tmp_path: Path, shell: dict[str, str]) -> None:
    for package in GUIDES[guide]:
        pytest.importorskip(package)
    said = follow(guide, tmp_path, shell)
    for words in WORDS[guide]:
        assert words in said
    assert not re.search(r"\bnan\b", said)
    if guide == "run-an-experiment":
        sweep = tmp_path / "runs" / "grant_rate_by_cap"
        assert {"differences.csv", "front.csv", "swings.csv"} <= {path.name for path in (sweep / "analysis").iterdir()}
        assert (sweep / "figures" / "heat_map_firms_in_mode_mode_fdi.png").exists()
        assert {path.name for path in (tmp_path / "figures").glob("*.png")} >= {"front.png", "heat_map_abroad.png"}


#: What each guide must print.
WORDS = {
    "run-an-experiment": ("40 of 40 runs", "Paired differences from the base", "Cost against effect", '"status": "done"'),
    "mesa-batch-run": ("difference of firms abroad, same draws:", "foreign_jobs"),
    "salib": ("parameters.attention.decide", "inert", "floor set by the dummy: 0.0", "blocks: 4"),
    "ema-workbench": ("decide", "density:"),
    "optuna": ("rate_percent", "gained", "spent"),
}


def test_every_block_is_run_or_shown() -> None:
    for guide in GUIDES:
        languages = {language for language, _ in blocks(guide)}
        assert languages and languages <= {"python", "bash", "toml"}


def test_inert_factor_of_the_salib_guide_scores_nothing(tmp_path: Path, shell: dict[str, str]) -> None:
    """Shared draws inside a block: the claim of the guide."""
    pytest.importorskip("SALib")
    (tmp_path / "block.py").write_text(blocks("salib")[0][1] + "\nprint('score', indices['ST'][2])\n")
    done = subprocess.run([sys.executable, "block.py"], cwd=tmp_path, env=shell, **CAUGHT)
    assert done.stdout.splitlines()[-1] == "score 0.0"
