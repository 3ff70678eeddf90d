"""Writing scenario files and hearing what is wrong with them."""

import pytest

from expansion_sim.errors import InputError
from expansion_sim.scenario import load_scenario


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
