"""A collector that is away for a while: nothing is lost, nothing counted twice, and nobody waits for it."""

import os
import random
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

import logcenter_sdk
from logcenter_sdk import client, delivery, retry
from logcenter_sdk.cache_folder import folder_for
from logcenter_sdk.settings import present_settings
from logcenter_sdk.worker import importing
from sdk.conftest import Run
from sdk.fake_collector import Behaviour, FakeCollector, Request, hang, reply

LATER = 0.05


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses of an outage, 100 times shorter."""
    monkeypatch.setattr(retry, "SHORTEST_PAUSE_SECONDS", LATER)
    monkeypatch.setattr(retry, "LONGEST_PAUSE_SECONDS", 2 * LATER)
    monkeypatch.setattr(delivery, "_DENIED_SECONDS", LATER)


@pytest.fixture(params=["disk", "memory", "a home that may not be written"])
def spooling(request: pytest.FixtureRequest, collector: FakeCollector) -> Iterator[FakeCollector]:
    """A collector that this process reports to, with each place for what it does not take."""
    places: dict[str, dict[str, Any]] = {
        "disk": {},
        "memory": {"spool": False},
        "a home that may not be written": {"spool_directory": "/dev/null"},
    }
    settings = present_settings(project_id="shop", url=collector.url, timeout_seconds=0.3, **places[request.param])
    client.configure(settings)
    yield collector
    client.close(1)


def kinds(count: int) -> list[type[Exception]]:
    return [type(f"Kind{number}Error", (Exception,), {}) for number in range(count)]


def delivered(collector: FakeCollector, away: int) -> Counter[str]:
    """What a collector has counted that answered the first ``away`` requests with a no, and all later ones."""
    found: dict[str, tuple[str, int]] = {}
    for request in collector.requests[away:]:
        for report in request.body if isinstance(request.body, list) else [request.body]:
            found[report["event_id"]] = report["error"]["type"], report.get("occurrences") or 1
    counted: Counter[str] = Counter()
    for kind, occurrences in found.values():
        counted[kind] += occurrences
    return counted


@pytest.mark.parametrize(
    "behaviour",
    [
        reply(429, {}, Retry_After="0"),
        reply(500, {"title": "broken"}),
        reply(408, {}),
        reply(401, {}),
        reply(403, {}),
        hang,
    ],
    ids=["429", "500", "408", "401", "403", "hang"],
)
def test_after_an_outage_everything_is_delivered_once(spooling: FakeCollector, behaviour: Behaviour) -> None:
    spooling.always = behaviour
    expected = dict.fromkeys((kind.__name__ for kind in kinds(30)), 20)
    for _ in range(2):
        for kind in kinds(30):
            for _ in range(10):
                logcenter_sdk.capture_exception(kind())
        logcenter_sdk.flush(0.2)
    before = logcenter_sdk.stats()
    assert (600, 0, 600) == (before.captured, before.sent, before.spooled + before.waiting)

    away = len(spooling.requests)
    spooling.always = None
    spooling.ended.set()  # what hangs ends
    logcenter_sdk.capture_exception(KeyError("wakes"))
    until = time.monotonic() + 20
    while logcenter_sdk.stats().sent < 601 and time.monotonic() < until:
        time.sleep(0.01)  # flush does not wait where the key is wrong

    assert expected | {"KeyError": 1} == delivered(spooling, away)
    stats = logcenter_sdk.stats()
    assert (601, 601, 0, 0, {}) == (stats.captured, stats.sent, stats.spooled, stats.waiting, stats.dropped)


def test_a_collector_that_refuses_connections_gets_it_all_later(collector: FakeCollector) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as reserved:
        port = reserved.getsockname()[1]
    client.configure(present_settings(project_id="shop", url=f"http://127.0.0.1:{port}"))
    for kind in kinds(30):
        logcenter_sdk.capture_exception(kind())
    until = time.monotonic() + 20
    while logcenter_sdk.stats().waiting and time.monotonic() < until:
        assert not logcenter_sdk.flush(0.1)
    assert 30 == logcenter_sdk.stats().spooled

    present = client.present_client()
    assert present is not None
    assert present.outbox._delivery is not None
    present.outbox._delivery._transport._url = collector.url  # type: ignore[attr-defined] # it is back, elsewhere
    assert logcenter_sdk.flush(20)

    assert 30 == len({report["event_id"] for report in collector.reports}) == logcenter_sdk.stats().sent


def test_the_applications_own_random_numbers_stay_as_they_are(collector: FakeCollector) -> None:
    collector.always = reply(503, {})
    client.configure(present_settings(project_id="shop", url=collector.url, spool=False, sample_rate=0.999))
    before = random.getstate()
    for kind in kinds(10):
        logcenter_sdk.capture_exception(kind())
    until = time.monotonic() + 20
    while len(collector.requests) < 3 and time.monotonic() < until:
        logcenter_sdk.flush(0.1)

    assert before == random.getstate()
    assert len(collector.requests) >= 3


def test_a_batch_of_which_some_must_wait_is_not_sent_again_at_once(installed: FakeCollector) -> None:
    """The collector takes the first of each batch only, three times."""
    answered = {"message": "Log reported", "id": 1}
    busy = {"status": 503, "title": "busy"}

    def partly(handler: object, request: Request) -> None:
        entries = [answered] + [busy] * (len(request.body) - 1)
        (reply(200, entries) if isinstance(request.body, list) else reply(200, answered))(handler, request)  # type: ignore[arg-type] # as given

    installed.behaviours = [partly] * 3
    for kind in kinds(10):
        logcenter_sdk.capture_exception(kind())
    assert logcenter_sdk.flush(20)

    assert 10 == len({report["event_id"] for report in installed.reports}) == logcenter_sdk.stats().sent
    assert len(installed.requests) <= 5


def test_of_a_batch_with_one_wrong_report_the_others_are_taken(installed: FakeCollector) -> None:
    def partly(handler: object, request: Request) -> None:
        entries = [{"message": "Log reported", "id": 1} for _ in request.body]
        reply(200, [{"status": 400, "title": "Bad"}, *entries[1:]])(handler, request)  # type: ignore[arg-type] # as given

    installed.always = partly
    with importing():  # the worker waits, so that all are one batch
        for kind in kinds(10):
            logcenter_sdk.capture_exception(kind())
    assert logcenter_sdk.flush(20)

    stats = logcenter_sdk.stats()
    assert (10, 9, {"refused": 1}, 0) == (stats.captured, stats.sent, stats.dropped, stats.waiting)
    assert 1 == len(installed.requests)


def test_a_batch_that_is_too_large_is_halved_and_a_report_that_is_too_large_shrunk(installed: FakeCollector) -> None:
    sizes: list[int] = []

    def strict(handler: object, request: Request) -> None:
        size = len(str(request.body))
        sizes.append(size)
        count = len(request.body) if isinstance(request.body, list) else 1
        answer = {"message": "Log reported", "id": 1}
        answers: object = [answer] * count if isinstance(request.body, list) else answer
        (reply(413, {"title": "Too large"}) if size > 2_000 else reply(200, answers))(handler, request)  # type: ignore[arg-type] # as given

    installed.always = strict
    for kind in kinds(12):
        logcenter_sdk.capture_exception(kind("x"), context={"large": ["y" * 100] * 50})
    assert logcenter_sdk.flush(20)

    stats = logcenter_sdk.stats()
    assert (12, 12, {}) == (stats.captured, stats.sent, stats.dropped)
    assert max(sizes) > 2_000


def test_what_not_even_the_smallest_form_gets_through_is_counted(installed: FakeCollector) -> None:
    installed.always = reply(413, {"title": "Too large"})
    logcenter_sdk.capture_exception(KeyError("huge"))

    assert logcenter_sdk.flush(20)
    assert {"too_large": 1} == logcenter_sdk.stats().dropped


SPOOLS = """
import logcenter_sdk, sys
logcenter_sdk.install_hook(project_id="shop", url="{url}")
for number in range(40):
    logcenter_sdk.capture_exception(type(f"Kind{number}Error", (Exception,), {})(number))
import time
until = time.monotonic() + 20
while logcenter_sdk.stats().waiting and time.monotonic() < until: logcenter_sdk.flush(0.1)
print(logcenter_sdk.stats().spooled)
"""
TAKES_OVER = """
import logcenter_sdk, sys
logcenter_sdk.install_hook(project_id="shop", url="{url}")
logcenter_sdk.capture_exception(KeyError("own"))
assert logcenter_sdk.flush(30)
import time
until = time.monotonic() + 20
while logcenter_sdk.stats().waiting and time.monotonic() < until: time.sleep(0.01)
stats = logcenter_sdk.stats()
assert (stats.captured, stats.sent, stats.spooled, stats.waiting) == (1, 1, 0, 0), stats
print(stats.recovered)
"""


def test_the_next_process_delivers_what_an_earlier_one_could_not(run: Run, collector: FakeCollector) -> None:
    collector.always = reply(503, {})
    spooled = run(SPOOLS, url=collector.url)
    away = len(collector.requests)
    collector.always = None

    recovered = [run(TAKES_OVER, url=collector.url) for _ in range(2)]

    assert ("40\n", "") == (spooled.stdout, spooled.stderr)
    assert [("40\n", ""), ("0\n", "")] == [(each.stdout, each.stderr) for each in recovered]
    assert dict.fromkeys((f"Kind{number}Error" for number in range(40)), 1) | {"KeyError": 2} == delivered(
        collector, away
    )


def test_corrupt_entries_are_left_out_and_the_others_delivered(run: Run, collector: FakeCollector) -> None:
    collector.always = reply(503, {})
    run(SPOOLS, url=collector.url)
    run(SPOOLS, url=collector.url)
    folder = folder_for(collector.url, "shop", os.environ)
    assert folder is not None
    first, *others = sorted(folder.iterdir())
    first.write_bytes(os.urandom(first.stat().st_size))
    (folder / "no entry at all").write_text("x")
    away = len(collector.requests)
    collector.always = None

    recovered = run(TAKES_OVER, url=collector.url)

    assert others
    assert "" == recovered.stderr
    assert 0 < int(recovered.stdout) < 80
    assert int(recovered.stdout) + 1 == delivered(collector, away).total()
    assert [] == list(folder.iterdir())


def test_a_flush_does_not_wait_for_what_another_process_has_taken_over(
    run: Run, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.configure(present_settings(project_id="shop", url=collector.url))
    monkeypatch.setattr(retry, "SHORTEST_PAUSE_SECONDS", 50.0)
    monkeypatch.setattr(retry, "LONGEST_PAUSE_SECONDS", 60.0)
    collector.always = reply(503, {})
    logcenter_sdk.capture_exception(ValueError("first"))
    until = time.monotonic() + 20
    while not logcenter_sdk.stats().spooled and time.monotonic() < until:
        logcenter_sdk.flush(0.1)
    collector.always = None

    assert "1\n" == run(TAKES_OVER, url=collector.url).stdout

    assert logcenter_sdk.flush(0)
