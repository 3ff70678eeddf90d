"""What the command line tells about experiments: the list, the schema, what can be kept, and whether files are right."""

import json

import pytest

from expansion_sim.cli import main
from expansion_sim.experiment.listing import list_experiments, outcome_kinds, schema_json, schema_text
from expansion_sim.experiment.load import shipped_names
from expansion_sim.experiment.outcomes import KINDS, OutcomeSet
from expansion_sim.experiment.spec import Design, Experiment, Factor


def test_every_shipped_experiment_is_listed_with_its_question_and_command(capsys):
    listed = {entry.name: entry for entry in list_experiments()}
    assert [*listed] == shipped_names()
    assert all(entry.title and entry.question for entry in listed.values())
    assert listed["wage_gap"].command == "sweep" and listed["calibration"].command == "calibrate"
    assert main(["experiment", "list", "--json"]) == 0
    assert [entry["name"] for entry in json.loads(capsys.readouterr().out)] == shipped_names()


def test_the_schema_explains_every_key_of_every_table():
    text = schema_text()
    for model, table in ((Experiment, ""), (Factor, "factor."), (Design, "design.")):
        for name, field in model.model_fields.items():
            assert f"{table}{name}" in text and str(field.description) in text
    assert "[[factor]]" in text and "[design]" in text and "\n[pairing]" in text
    assert set(json.loads(schema_json())["properties"]) == set(Experiment.model_fields)


def test_names_that_are_listed_can_be_kept():
    kinds = {kind.form.partition(":")[0]: kind for kind in outcome_kinds() if "," not in kind.form}
    assert {*kinds, "fact", "deviation", "hit"} == set(KINDS)
    kept = OutcomeSet(1955, 2024)
    by_mode = {"firms_in_mode": "{mode=fdi}", "firms_in_host": "{mode=fdi,host=CHN}"}
    for name in (text.split(" (")[0] for text in kinds["yearly"].names):
        kept.add(f"yearly:{name}{by_mode.get(name, '')}")
    for name in kinds["final"].names:
        kept.add(f"final:{name.split(' (')[0]}", (2024,))
    for name in kinds["programme"].names:
        kept.add(f"programme:P17:{name}")
    lenses = [name for name in kinds["share"].names if name.startswith("lens=")]
    for name in kinds["share"].names:
        kept.add(f"share:fdi{{{name}}}" if name in lenses else f"share:{name}{{{lenses[0]}}}") if name != "fdi" else None
    assert len(kept.outcomes) == sum(len(kind.names) for kind in kinds.values()) - 1


@pytest.mark.parametrize(("text", "code", "told"), [("", 0, "tiny.toml: ok, grid, 2 points, 6 runs"), ("scael = 1\n", 2, "tiny.toml:6: scael")])
def test_check_tells_points_and_runs_or_what_is_wrong(write, capsys, text, code, told):
    path = write(
        'schema_version = 1\noutcomes = ["yearly:abroad"]\ndesign = "grid"\nreplications = 3\n[settings]\n' + text + "years.last = 1960\n"
        '[[factor]]\nkey = "scale"\nvalues = [0.001, 0.002]\n'
    )
    assert main(["experiment", "check", str(path)]) == code
    said = capsys.readouterr()
    assert told in said.out + said.err
    assert main(["experiment", "check", str(path), "--json"]) == code
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["ok"] is (code == 0) and (entry["runs"] == 6 if code == 0 else entry["errors"][0]["line"] == 6)
