"""The ODD+D description says what the package says, and is made again when the package changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from expansion_sim import parameters
from expansion_sim.agents.sme import PHASES
from expansion_sim.cli import main
from expansion_sim.documentation import odd, source_text
from expansion_sim.documentation.markdown import table
from expansion_sim.documentation.write import write_document
from expansion_sim.errors import InputError
from expansion_sim.population.schema import COLUMNS
from expansion_sim.randomness import Stream

SHIPPED = Path(__file__).parents[2] / "docs" / "odd.md"


def test_shipped_description_is_up_to_date() -> None:
    stale = "docs/odd.md is stale; make it again with: expansion-sim doc odd"
    assert SHIPPED.read_text(encoding="utf-8") == odd.odd_document(), stale


def test_every_state_variable_parameter_stream_and_programme_is_in_it() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert all(f"| `{column.name}`" in text for column in COLUMNS)
    assert all(f"| `{name}` | {p.value:g} |" in text for name, p in parameters.load_parameters().items())
    assert len(source_text.members_with_comments("randomness.py", "Stream")) == len(Stream)
    assert "{{" not in text


def test_schedule_is_that_of_the_models_step() -> None:
    steps = [name for name, _ in source_text.steps_of("model.py", "ExpansionModel", "step")]
    assert steps.index("agencies_decide") < steps.index("firms_live") < steps.index("record")
    lines = odd.schedule()
    assert all(doc for _, doc in source_text.steps_of("model.py", "ExpansionModel", "step"))
    assert [line.split("`")[1] for line in lines.splitlines() if line.startswith("   -")] == list(PHASES)


def test_document_follows_a_changed_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {**parameters.load_parameters()}
    changed["band.risk"] = changed["band.risk"]._replace(value=0.123)
    monkeypatch.setattr(parameters, "load_parameters", lambda: changed)
    assert "| `band.risk` | 0.123 |" in odd.odd_document()
    assert odd.odd_document() != SHIPPED.read_text(encoding="utf-8")


def test_check_tells_a_stale_file_from_a_current_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "odd.md"
    assert main(["doc", "odd", "--check", "--out", str(file)]) == 1
    assert main(["doc", "odd", "--out", str(file)]) == 0
    assert main(["doc", "odd", "--check", "--out", str(file)]) == 0
    file.write_text(file.read_text(encoding="utf-8").replace("Purpose", "Aim", 1), encoding="utf-8")
    capsys.readouterr()
    assert main(["doc", "odd", "--check", "--out", str(file)]) == 1
    assert "stale" in capsys.readouterr().out


def test_template_and_sections_must_match(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(odd.SECTIONS, "weather", lambda: "")
    with pytest.raises(InputError, match="not asked for: weather"):
        odd.odd_document()


def test_rule_is_rendered_with_its_equation_and_symbols() -> None:
    text = odd.submodels()
    assert "**entry_threshold**(sunk_ratio, risk, scale, sunk_power, risk_power)" in text
    assert ".348 k^.566 v^.264" in text
    assert "- sunk_ratio: k, sunk over yearly fixed cost." in text


def test_table_escapes_bars() -> None:
    assert table(("a",), (("x|y",),)) == "| a |\n|---|\n| x\\|y |"


def test_failed_writing_leaves_the_old_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.md"
    write_document(file, "old")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        write_document(file, "new")
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
    with pytest.raises(InputError, match="folder"):
        write_document(tmp_path, "text")
