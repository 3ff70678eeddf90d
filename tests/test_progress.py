"""Progress: a bar on a terminal, one line per replication elsewhere."""

import io
import re

from expansion_sim import progress
from expansion_sim.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Pretend."""
        return True


def lived_through(stream):
    """Two replications of three years told to a stream."""
    with Progress(1955, 1957, 2, stream) as tell:
        for replication in range(2):
            for year in range(1955, 1958):
                tell(replication, year)
    return stream.getvalue()


def test_plain_streams_get_one_line_per_replication():
    lines = lived_through(io.StringIO()).splitlines()
    assert [re.sub(r"\d+\.\d s", "T", line) for line in lines] == [
        "replication 1/2: 1955-1957 in T", "replication 2/2: 1955-1957 in T",
    ]


def test_terminals_get_a_bar_with_replication_and_year():
    text = lived_through(Terminal())
    assert "\r" in text and "6" in text
    assert "replication 1/2: 1955" not in text


def test_a_long_wait_before_the_first_year_is_explained(monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 0.01)
    stream = io.StringIO()
    with Progress(1955, 1956, 1, stream) as tell:
        tell.waiting.join()
    assert "compiling" in stream.getvalue()


def test_a_quick_start_is_not_explained(monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 30.0)
    stream = io.StringIO()
    with Progress(1955, 1956, 1, stream) as tell:
        tell(0, 1955)
        assert tell.waiting.finished.is_set()
    assert stream.getvalue() == ""
