"""The threads of upkeep: what happens when a job fails, and how they end."""

import logging
import threading
import time
from collections.abc import Callable

import pytest
from attrs import define

from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.upkeep import lane
from logcenter_collector.upkeep.lane import Lane
from support.collector import Collector
from support.sending import a_report, another_error

WAIT = 20


@define
class Repeated:
    """A job that is due again at once."""

    name: str
    do: Callable[[threading.Event], object]
    period_seconds: float = 0.0

    def run(self, stopping: threading.Event) -> None:
        self.do(stopping)


def run_until_three(job: Callable[[], object]) -> None:
    """Run a job in a lane until it ran three times beside another."""
    times = {"job": 0, "other": 0}
    done = threading.Event()

    def count(name: str) -> None:
        times[name] += 1
        if min(times.values()) >= 3:
            done.set()

    def both(_stopping: threading.Event) -> None:
        count("job")
        job()

    running = Lane("test", [Repeated("job", both), Repeated("other", lambda _stopping: count("other"))])
    running.start()
    assert done.wait(WAIT)
    running.stop()


def test_jobs_of_a_lane_take_turns() -> None:
    run_until_three(lambda: None)


@pytest.mark.parametrize(
    ("error", "level"),
    [(StoreUnavailableError("locked"), logging.WARNING), (ZeroDivisionError("of ours"), logging.ERROR)],
)
def test_a_failing_job_is_logged_and_tried_again_and_the_others_go_on(
    error: Exception, level: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(lane, "RETRY_SECONDS", 0.0)
    run_until_three(fail)

    first = caplog.records[0]
    assert (level, True) == (first.levelno, "job" in first.getMessage())


def test_a_job_is_logged_when_the_storage_begins_to_fail_it_and_again_after_it_worked(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = StoreUnavailableError("gone")
    results = [gone, gone, gone, None, gone, gone]
    done = threading.Event()

    def work(_stopping: threading.Event) -> None:
        if not results:
            done.set()
        elif error := results.pop(0):
            raise error

    monkeypatch.setattr(lane, "RETRY_SECONDS", 0.0)
    running = Lane("test", [Repeated("job", work)])
    running.start()
    assert done.wait(WAIT)
    running.stop()

    assert 2 == len([record for record in caplog.records if record.levelno == logging.WARNING])


def test_stopping_ends_the_job_that_is_under_way() -> None:
    begun = threading.Event()
    ended: list[bool] = []

    def wait_for_the_end(stopping: threading.Event) -> None:
        begun.set()
        ended.append(stopping.wait(WAIT))

    running = Lane("test", [Repeated("job", wait_for_the_end)])
    running.start()
    begun.wait(WAIT)
    running.stop()

    assert [True] == ended


def test_a_lane_that_never_began_can_be_stopped() -> None:
    Lane("test", []).stop()


def test_a_running_collector_copies_its_log_into_the_database_long_before_a_writer_would(collector: Collector) -> None:
    at_first = collector.database.stat().st_size
    for _ in range(5):
        collector.report_batch([a_report("p", **another_error()) for _ in range(100)])

    deadline = time.monotonic() + WAIT
    while collector.database.stat().st_size <= at_first:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert 0 == collector.stop()
    assert "Traceback" not in collector.output.read_text(encoding="utf-8")
