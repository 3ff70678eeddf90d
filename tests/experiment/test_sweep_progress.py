"""What a sweep tells while it runs: a bar with rate and time left on a terminal, plain lines elsewhere."""

import io
import re

import pytest

from expansion_sim.experiment import progress
from expansion_sim.experiment.progress import SweepProgress, duration
from expansion_sim.experiment.runner import Counts


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Pretend."""
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand, seconds."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])
    return now


def told(stream, clock, seconds, counts):
    """What a sweep of these counts writes, so many seconds after each other."""
    with SweepProgress(stream) as tell:
        for each in counts:
            tell(each)
            clock[0] += seconds
    return stream.getvalue()


def test_a_terminal_gets_one_bar_with_rate_time_left_and_failures():
    with SweepProgress(Terminal()) as tell:
        for done in range(0, 41, 10):
            tell(Counts(done, 40, 2 if done else 0))
    text = tell.stream.getvalue()
    last = text.split("\r")[-1]
    assert "40/40" in last and "2 failed" in last
    assert re.search(r"\[\d\d:\d\d<\d\d:\d\d, +[\d.]+(run/s|s/run)", last), last
    assert text.count("\n") <= 1, "one line that is written over"


def test_plain_streams_get_lines_with_rate_and_time_left_every_ten_seconds(clock):
    lines = told(io.StringIO(), clock, 5.0, [Counts(done, 100, 0) for done in range(0, 101, 10)]).splitlines()
    assert lines == [
        "20/100 runs, 2 runs/s, 40 s left", "40/100 runs, 2 runs/s, 30 s left", "60/100 runs, 2 runs/s, 20 s left",
        "80/100 runs, 2 runs/s, 10 s left", "100/100 runs, 2 runs/s",
    ]


def test_runs_of_an_earlier_attempt_do_not_count_for_the_rate(clock):
    lines = told(io.StringIO(), clock, 20.0, [Counts(80, 100, 1), Counts(90, 100, 1), Counts(100, 100, 3)]).splitlines()
    assert lines == [
        "going on after 80 of 100 runs", "90/100 runs, 1 failed, 0.5 runs/s, 20 s left", "100/100 runs, 3 failed, 0.5 runs/s",
    ]


def test_a_long_wait_before_the_first_run_is_explained_once_and_a_short_one_is_not(monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 0.01)
    with SweepProgress(io.StringIO()) as tell:
        tell._waiting.join(30.0)
        tell(Counts(0, 2, 0))
    assert tell.stream.getvalue().splitlines() == [
        "getting ready; the rules are compiled once for each version of them, about a minute",
    ]
    monkeypatch.setattr(progress, "_PATIENCE", 60.0)
    with SweepProgress(io.StringIO()) as tell:
        tell(Counts(0, 2, 0))
        assert not tell.stream.getvalue()
    tell._waiting.join(30.0)
    assert not tell._waiting.is_alive(), "no timer outlives the sweep"


def test_times_as_people_say_them():
    assert [duration(seconds) for seconds in (0.4, 99, 100, 3600, 9000)] == ["0 s", "99 s", "2 min", "60 min", "2.5 h"]
