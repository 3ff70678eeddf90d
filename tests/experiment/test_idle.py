"""Experiments that state or keep what acts on nothing: a line each, at its place, before anything runs."""

import pytest

from expansion_sim.cli import main
from expansion_sim.errors import WithoutEffect
from expansion_sim.experiment.load import find_experiment, load_experiment, shipped_names
from expansion_sim.experiment.sweep import as_loaded

TEXT = """\
schema_version = 1
scenario = "history"
design = "grid"
outcomes = ["programme:*:awards", "programme:P02:awards", "programme:P17:awards", "programme:P02:spending_million_yen"]
[settings]
scale = 0.001
years.last = 1956
support.instrument.grant.strength = 0.3
[[factor]]
key = "support.instrument.advice.strength"
values = [0.1, 0.2]
[pairing.base]
support.enabled = false
"""


def told(path):
    return [str(line) for line in load_experiment(path).idle]


def test_terms_and_outcomes_are_told_at_their_lines(write):
    lines = told(write(TEXT))
    assert len(lines) == 2
    assert "tiny.toml:8: support.instrument[grant].strength: has no effect: every grant programme states its own rate" in lines[0]
    assert "tiny.toml:4: outcomes[1]: 'programme:P02:awards' says nothing: it is 0 in every run: a programme of the kind advice" in lines[1]


def test_a_term_or_an_outcome_that_says_something_at_one_point_is_not_told(write):
    """Where one point of the experiment takes the rate of a grant away, the strength acts there."""
    own = '[[factor]]\nkey = "support.programme.P02.places_per_year"\nvalues = [100.0]\n'
    assert len(told(write(TEXT + own))) == 1
    grants = ["P15", "P17", "P18", "P19", "P20", "P21", "P22", "P26"]
    gone = TEXT.replace("[[factor]]", f'[[factor]]\nkey = "support.disable"\nvalues = [[], {grants}]\n[[factor]]')
    assert "support.instrument[grant].strength" in " ".join(told(write(gone)))
    new = gone.replace("[pairing.base]", '[[factor]]\nkey = "support.programme.P50.instrument"\nvalues = ["grant"]\n[pairing.base]')
    assert "support.instrument[grant].strength" not in " ".join(told(write(new)))


def test_a_programme_that_no_world_has(write):
    lines = told(write(TEXT.replace("programme:P02:awards", "programme:Plant grant:awards")))
    assert "'programme:Plant grant:awards' says nothing: it is 0 in every run: no world of this experiment has this programme" in lines[1]


def test_python_is_warned_once_and_the_command_line_prints_lines(write, tmp_path, capsys):
    path = write(TEXT)
    with pytest.warns(WithoutEffect) as caught:
        loaded = as_loaded(path, ())
    assert len(caught) == 2
    assert as_loaded(loaded, ()) is loaded
    assert main(["sweep", str(path), "--workers", "1", "--quiet", "--out", str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("warning: ")] == [f"warning: {line}" for line in told(path)]


def designed():
    """Shipped experiments with a design, but for the one that varies parameters of the rules alone and takes long to load."""
    texts = {name: find_experiment(name).read_text(encoding="utf-8") for name in shipped_names()}
    return [name for name, text in texts.items() if ("\ndesign = " in text or "\n[design]" in text) and name != "morris_parameters"]


@pytest.mark.parametrize("name", designed())
def test_shipped_experiments_state_nothing_in_vain(name):
    if name in ("assumed_terms", "sobol_policy"):
        pytest.importorskip("SALib")
    assert told(name) == []
