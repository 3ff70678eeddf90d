"""Writing scenario files and hearing what is wrong with them."""

import pytest

from expansion_sim.errors import InputError
from expansion_sim.scenario import load_scenario

#: A scenario with one programme of its own, whose places are uncertain.
OWN = """\
schema_version = 1
extends = "history"
[[support.programme]]
name = "Market test"
agency = "Chamber"
instrument = "grant"
start_year = 1990
modes = ["direct"]
[[support.programme.value]]
term = "places_per_year"
from = 1990
value = 30.0
low = 10.0
high = 60.0
source = "assumption"
"""


def write(path, text):
    """Write a file and return its name."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return str(path)


def problems(path, overrides=()):
    """The lines told about a wrong scenario."""
    with pytest.raises(InputError) as caught:
        load_scenario(path, overrides)
    return str(caught.value).splitlines()
