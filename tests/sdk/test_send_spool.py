"""``python -m logcenter_sdk send-spool``."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from logcenter_sdk.cache_folder import folder_for
from logcenter_sdk.commands.send_spool import Watched
from logcenter_sdk.contract.report import Report, ReportedError
from logcenter_sdk.spool import Spool
from logcenter_sdk.transports.base import RefusedError, TooLargeError
from logcenter_sdk.transports.memory import MemoryTransport
from logcenter_sdk.wire import encode
from sdk.fake_collector import FakeCollector, reply
from support.collector import Collector

REPORT = Report(
    project_id="shop",
    environment="test",
    level="ERROR",
    error=ReportedError(type="ValueError", message="left behind", stack_trace=("a",)),
    event_id=str(uuid.uuid4()),
)


def send_spool(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "logcenter_sdk", "send-spool", "--url", url, "--project", "shop", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def leave(url: str, count: int, directory: Path | None = None) -> Spool:
    spool = Spool(folder_for(url, "shop", os.environ, directory=str(directory) if directory else None))
    for number in range(count):
        report = evolve(REPORT, event_id=str(uuid.uuid4()), error=evolve(REPORT.error, line_number=number))
        assert spool.put([encode(report)])
    return spool


def test_what_waits_is_delivered_to_a_real_collector(start_collector: Callable[..., Collector]) -> None:
    collector = start_collector()
    spool = leave(collector.api_url, 3)

    finished = send_spool(collector.api_url)

    assert (0, "", "3 reports delivered, 0 refused, 0 left.") == (
        finished.returncode,
        finished.stderr,
        finished.stdout.splitlines()[-1],
    )
    assert (3, False) == (len(collector.issues()), spool.has_entries())


def test_an_empty_spool_asks_nobody(collector: FakeCollector) -> None:
    finished = send_spool(collector.url)

    assert (0, f"Nothing waits for shop at {collector.url}.\n") == (finished.returncode, finished.stdout)
    assert [] == collector.requests


def test_a_folder_of_ones_own_is_emptied(collector: FakeCollector, tmp_path: Path) -> None:
    leave(collector.url, 2, tmp_path / "kept")

    assert 0 == send_spool(collector.url, "--spool-directory", str(tmp_path / "kept")).returncode
    assert 2 == len(collector.reports)


def test_what_still_cannot_be_delivered_stays(collector: FakeCollector) -> None:
    collector.always = reply(503, {"detail": "The disk is full."})
    spool = leave(collector.url, 3)

    finished = send_spool(collector.url)

    assert (1, "0 reports delivered, 0 refused, 3 left.") == (finished.returncode, finished.stdout.splitlines()[-1])
    assert "503: The disk is full." in finished.stderr
    assert spool.has_entries()


def test_what_is_refused_for_good_is_told(collector: FakeCollector) -> None:
    collector.always = reply(400, {"detail": "This is no report."})
    spool = leave(collector.url, 1)

    finished = send_spool(collector.url)

    assert (1, "0 reports delivered, 1 refused, 0 left.") == (finished.returncode, finished.stdout.splitlines()[-1])
    assert "Refused for good: 400: This is no report.\n" == finished.stderr
    assert not spool.has_entries()


def test_what_another_process_sends_just_now_is_told(collector: FakeCollector) -> None:
    spool = leave(collector.url, 2)
    entry = spool.claim()
    assert entry is not None

    finished = send_spool(collector.url)

    assert (1, "1 reports delivered, 0 refused, 1 left.") == (finished.returncode, finished.stdout.splitlines()[-1])
    assert "1 of them are another process's just now" in finished.stderr


def test_it_says_from_time_to_time_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter([0.0, 0.4, 0.9, 1.1, 1.2, 2.5])
    watched = Watched(MemoryTransport(), 9, lambda: next(clock))

    for _ in range(5):
        watched.send_bodies([encode(REPORT).body])

    assert "3 of 9 reports …\n5 of 9 reports …\n" == capsys.readouterr().out


def test_a_shrunken_report_counts_once_and_a_refused_one_is_remembered() -> None:
    transport = MemoryTransport()
    watched = Watched(transport, 2)
    for failure in (TooLargeError("too large", status=413), RefusedError("no report", status=400)):
        transport.failure = failure
        with pytest.raises(RefusedError):
            watched.send_bodies([b"{}"])
    transport.failure = None
    watched.send_bodies([encode(REPORT).body])

    assert (1, 1, "400: no report", None) == (
        watched.delivered,
        watched.refused,
        str(watched.refusal),
        watched.failure,
    )
