"""The processes that the SDK's figures measure, against the real receiver: what they say must be what arrived."""

import sys
from pathlib import Path

import pytest

from receiver import receiver
from running import run
from tally import tally

PYTHON = Path(sys.executable)
SECONDS = 60


@pytest.mark.parametrize("sdk", ["floor", "logcenter"])
def test_a_burst_arrives_as_it_was_captured(sdk: str) -> None:
    with receiver() as server:
        ended = run(PYTHON, "burst", sdk, server.url, 5, 40, SECONDS, seconds=SECONDS)
        counts = tally(ended.the("end")["captured"], server.arrivals())
    assert (40, 0, 0) == (counts.captured, counts.lost, counts.double)
    assert "exited" in [line["event"] for line in ended.said]


def test_what_a_reporter_loses_is_seen() -> None:
    with receiver() as server:
        server.become("500")
        ended = run(PYTHON, "burst", "floor", server.url, 5, 40, SECONDS, seconds=SECONDS)
        assert 40 == tally(ended.the("end")["captured"], server.arrivals()).lost


def test_without_a_reporter_a_process_opens_nothing() -> None:
    result = run(PYTHON, "startup", "bare", "http://127.0.0.1:1", "watch", seconds=SECONDS).the("result")
    assert (0, 0, 0, 1) == (result["written"], result["processes"], result["connections"], result["threads"])


def test_a_process_that_does_not_end_in_time_is_killed_and_said_to_be() -> None:
    with receiver() as server:
        ended = run(PYTHON, "outage", "bare", server.url, 10, 60, 0, seconds=0)
    assert None is ended.code


def test_children_that_end_are_not_said_to_hang() -> None:
    with receiver() as server:
        ended = run(PYTHON, "forks", "floor", server.url, "os.fork", 2, SECONDS, seconds=SECONDS)
        captured = ended.the("result")["captured"]
    assert (2, 0) == (captured["ChildError"], ended.the("result")["hung"])
