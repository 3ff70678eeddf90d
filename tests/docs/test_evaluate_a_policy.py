"""The how-to on policies: its files, commands and Python run as they stand, on a small sample."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from expansion_sim.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "evaluate-a-policy.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
SMALL = {"run": ["--scale", "0.001", "--no-figures"], "compare": ["--scale", "0.001"]}


def small(command: str) -> list[str]:
    """Arguments of a command of the page, with a small sample and few replications; finished runs are taken as they are."""
    program, *arguments = shlex.split(command)
    assert program == "expansion-sim"
    if arguments[1].startswith("runs/"):
        return arguments
    fewer = ["--replications", "2", "--workers", "1"] if "--replications" in arguments else []
    return [*arguments, *SMALL.get(arguments[0], []), *fewer]


def test_every_block_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = []
    for language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "toml":
            name = text.splitlines()[0].removeprefix("# ")
            (tmp_path / name).write_text(text, encoding="utf-8")
        elif language == "python":
            exec(compile(text, str(PAGE), "exec"), {})
        for command in text.splitlines() if language == "sh" else ():
            assert main(small(command)) == 0, (command, capsys.readouterr().err)
        ran.append(language)
    assert ran.count("sh") == 10 and ran.count("python") == 2
    assert (tmp_path / "runs" / "market_grant" / "figures" / "policy.png").is_file()
    told = capsys.readouterr().out
    users = next(line for line in told.splitlines() if line.startswith("First market grant  "))
    assert float(users.split()[3].replace(",", "")) > 0.0 and float(users.split()[4]) > 0.0  # the page's programme shows an effect
    assert told.count("Differences are OTHER minus BASE.") == 8
    explained = r"^\| ((?:additional|displaced|firms|deadweight|cost) [^|]*?) \|"
    rows = re.findall(explained, PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 7
    for row in rows:  # the table explains rows that are printed
        assert f"{row} [" in told, row
