"""``/metrics``: every report is counted once, as accepted or rejected, and the rest of what an operator watches."""

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from prometheus_client.openmetrics import parser as openmetrics

from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.refusal import Reason, RefusedError
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.store.base import Arrival, Store, StoreUnavailableError
from logcenter_collector.web import survey
from logcenter_collector.web.scrape import Scrape
from logcenter_collector.web.survey import Survey
from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.status import Status
from support.collector import Collector, start
from support.metrics import ACCEPTED, REJECTED, Scraped, scrape
from support.sending import a_report, another_error, fresh_project

BATCH = "/api/v1/logs/report/batch"


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """One collector for the tests of this file that look only at what is counted while they run."""
    collector = start(tmp_path_factory.mktemp("counting") / "logcenter.db")
    yield collector
    assert collector.stop() == 0


def test_accepted_and_rejected_by_reason_are_what_was_sent_to_the_unit(counting: Collector) -> None:
    collector, project, before = counting, fresh_project(), scrape(counting)
    good, wrong = a_report(project), a_report(project, level="FATAL")
    large = a_report(project, context={"body": "x" * 1024 * 1024})

    collector.report(good)
    collector.report(good)
    assert 400 == collector.post_report(b"{").status_code
    assert 400 == collector.post_report(b"").status_code
    assert 400 == collector.post_report(wrong).status_code
    assert 413 == collector.post_report(large).status_code
    assert 413 == collector.post_report(gzip.compress(b" " * 2**21), headers={"Content-Encoding": "gzip"}).status_code
    assert 415 == collector.post_report(good, headers={"Content-Encoding": "br"}).status_code
    assert (
        200 == collector.report_batch([good, wrong, "no report", large, a_report(project, line_number=7)]).status_code
    )
    assert 413 == collector.report_batch([good] * 501).status_code
    assert 400 == collector.client.post(BATCH, content=b"{}").status_code
    assert 413 == collector.client.post(BATCH, content=b" " * (8 * 2**20 + 1)).status_code
    assert 200 == collector.report_batch([]).status_code
    sent = 8 + 5 + 501 + 1 + 1

    seen = scrape(collector, before)
    assert {"new": 2, "deduplicated": 2} == seen.by("outcome", ACCEPTED, project=project, source="runtime")
    assert {
        "not_json": 2,
        "invalid_fields": 4,
        "too_large": 4,
        "unknown_encoding": 1,
        "too_many": 501,
    } == seen.by("reason", REJECTED)
    assert sent == seen.total(ACCEPTED) + seen.total(REJECTED)


def test_a_report_whose_connection_ends_too_early_is_counted_and_breaks_nothing(counting: Collector) -> None:
    before = scrape(counting)
    host, port = counting.client.base_url.host, counting.client.base_url.port
    with socket.create_connection((host, port or 80)) as connection:
        connection.sendall(b"POST /api/v1/logs/report HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")

    deadline = time.monotonic() + 20
    while not (rejected := scrape(counting, before).by("reason", REJECTED)):
        assert time.monotonic() < deadline
        time.sleep(0.05)

    assert {"cut_off": 1} == rejected
    assert "Traceback" not in counting.output.read_text(encoding="utf-8")


def test_a_regression_is_an_outcome_of_its_own(counting: Collector) -> None:
    project = fresh_project()
    issue_id = counting.report(a_report(project, source="cicd"))["id"]
    counting.move(issue_id, "VERIFYING", "PENDING_FIX", "FIXING", "FIXED")

    counting.report(a_report(project, source="cicd"))

    assert {"new": 1, "regression": 1} == scrape(counting).by("outcome", ACCEPTED, project=project, source="cicd")


def test_issues_are_counted_by_the_status_that_they_have_now(
    start_collector: Callable[..., Collector], database_url: str
) -> None:
    collector = start_collector(database=database_url)
    first, second, _ = (collector.report(a_report("p", **another_error()))["id"] for _ in range(3))
    collector.move(first, "VERIFYING", "CANNOT_REPRODUCE")
    collector.move(second, "VERIFYING")

    seen = scrape(collector)

    assert {"NEW": 1, "VERIFYING": 1, "CANNOT_REPRODUCE": 1} == seen.by("status", "logcenter_issues")
    assert set(Status) == {sample.labels["status"] for sample in seen.samples("logcenter_issues")}
    assert 100_000 < seen.total("logcenter_database_bytes") < 100_000_000


def test_commits_are_counted_with_their_size_and_their_time(counting: Collector) -> None:
    before = scrape(counting)
    counting.report(a_report("p"))
    counting.report_batch([a_report("p")] * 30)

    seen = scrape(counting, before)

    assert (2, 31) == (seen.total("logcenter_batch_reports_count"), seen.total("logcenter_batch_reports_sum"))
    assert (1, 2) == tuple(seen.total("logcenter_batch_reports_bucket", le=bound) for bound in ("20.0", "50.0"))
    assert 2 == seen.total("logcenter_commit_seconds_count") == seen.total("logcenter_commit_seconds_bucket", le="+Inf")
    assert 0 < seen.total("logcenter_commit_seconds_sum")


def test_metrics_come_as_text_and_where_it_is_asked_for_as_openmetrics(counting: Collector) -> None:
    counting.report(a_report(fresh_project()))
    ask = counting.client.get

    plain, open_ = ask("/metrics"), ask("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert "text/plain; version=0.0.4; charset=utf-8" == plain.headers["content-type"]
    assert "application/openmetrics-text; version=1.0.0; charset=utf-8" == open_.headers["content-type"]
    named = {family.name for family in openmetrics.text_string_to_metric_families(open_.text)}  # type: ignore[no-untyped-call] # it has no types
    assert {"logcenter_build", "logcenter_reports", "logcenter_issues", "process_resident_memory_bytes"} <= named
    assert {"logcenter_build_info", "logcenter_reports_total", "process_cpu_seconds_total"} <= Scraped(
        plain.text
    ).families
    assert (200, b"") == ((head := counting.client.head("/metrics")).status_code, head.content)
    assert 405 == counting.client.post("/metrics").status_code


class BlockedStore:
    """A store that waits until it is let go on, and fails where a report's message says so."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.counted = 0
        self.fails = False

    def record(self, arrivals: Sequence[Arrival]) -> list[Answer]:
        self.may_go_on.wait(10)
        messages = [arrival.report.error.message for arrival in arrivals]
        if "locked" in messages:
            raise StoreUnavailableError("locked")
        if "poison" in messages:
            raise ValueError("poison")
        return [Answer(Outcome.NEW, 1)] * len(arrivals)

    def count_by_status(self) -> Mapping[Status, int]:
        self.may_go_on.wait(10)
        self.counted += 1
        if self.fails:
            raise StoreUnavailableError("locked")
        return {Status.NEW: self.counted}

    def size_bytes(self) -> int:
        return 4096

    def alarms_waiting(self) -> int:
        return 0


def body(message: str = "m") -> bytes:
    return json.dumps(a_report("p", message=message)).encode()


async def outcome_of(answer: Any) -> int:
    try:
        await answer
    except RefusedError as refusal:
        return refusal.problem.status
    return 200


@pytest.fixture
def store() -> BlockedStore:
    return BlockedStore()


def running(store: BlockedStore, **limits: int) -> Pipeline:
    given = {"queue_limit": 100, "queue_bytes": 10_000, "batch_limit": 100} | limits
    runner = Runner(cast("Store", store), **given)
    runner.start()
    return Pipeline(runner, lambda: datetime.now(UTC), 10_000)


async def scraped(pipeline: Pipeline, store: BlockedStore) -> Scraped:
    text, _ = await Scrape(pipeline.runner, Survey(cast("Store", store)), "1.0").render("")
    return Scraped(text.decode())


async def test_what_a_full_queue_refuses_is_counted_report_by_report_and_what_waits_is_shown(
    store: BlockedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "PATIENCE_SECONDS", 0.01)
    pipeline = running(store, queue_limit=2)
    sent = [asyncio.create_task(outcome_of(pipeline.report(body())))]
    await asyncio.sleep(0.1)
    sent += [asyncio.create_task(outcome_of(pipeline.report(body()))) for _ in range(2)]
    await asyncio.sleep(0.1)

    seen = await scraped(pipeline, store)
    refused = await outcome_of(pipeline.batch(b"[%b, %b, {}]" % (body(), body())))
    store.may_go_on.set()

    assert (2, 2 * len(body())) == (seen.total("logcenter_queue_reports"), seen.total("logcenter_queue_bytes"))
    assert [200] * 3 + [503] == [*await asyncio.gather(*sent), refused]
    await pipeline.runner.stop()
    seen = await scraped(pipeline, store)
    assert {"queue_full": 2, "invalid_fields": 1} == seen.by("reason", REJECTED)
    assert (3, 0) == (seen.total(ACCEPTED), seen.total("logcenter_queue_reports"))


async def test_what_the_storage_did_not_take_is_counted_by_why(store: BlockedStore) -> None:
    store.may_go_on.set()
    pipeline = running(store)

    assert 503 == await outcome_of(pipeline.batch(b"[%b, %b]" % (body(), body("locked"))))
    assert 500 == await outcome_of(pipeline.report(body("poison")))
    assert 3 == len(await pipeline.batch(b"[%b, %b, %b]" % (body(), body("poison"), body())))
    await pipeline.runner.stop()

    seen = await scraped(pipeline, store)
    assert {"storage_unavailable": 2, "cannot_be_stored": 2} == seen.by("reason", REJECTED)
    assert 2 == seen.total(ACCEPTED)


async def test_a_bug_in_reading_a_report_is_counted_too(store: BlockedStore) -> None:
    def broken() -> datetime:
        raise RuntimeError("a bug")

    pipeline = Pipeline(Runner(cast("Store", store), queue_limit=1, queue_bytes=1, batch_limit=1), broken, 10_000)

    with pytest.raises(RuntimeError):
        await pipeline.report(body())
    with pytest.raises(RuntimeError):
        pipeline.take(body(), print)

    assert 2 == pipeline.counts.snapshot().rejected[Reason.INTERNAL_ERROR]


async def test_reports_that_come_the_short_way_are_counted_as_well(store: BlockedStore) -> None:
    pipeline = running(store, queue_limit=1)
    delivered: list[Answer | RefusedError] = []

    pipeline.take(body(), delivered.append)
    await asyncio.sleep(0.1)
    for sent in (body(), body(), b"{", b"{}", b" " * 10_001):
        pipeline.take(sent, delivered.append)
    store.may_go_on.set()
    await pipeline.runner.stop()

    refused = [outcome.reason for outcome in delivered if isinstance(outcome, RefusedError)]
    assert [Reason.QUEUE_FULL, Reason.NOT_JSON, Reason.INVALID_FIELDS, Reason.TOO_LARGE] == refused
    seen = await scraped(pipeline, store)
    assert dict.fromkeys(refused, 1) == seen.by("reason", REJECTED)
    assert 2 == seen.total(ACCEPTED) == len(delivered) - len(refused)


async def test_what_the_storage_holds_is_counted_once_a_minute_however_often_it_is_asked_for(
    store: BlockedStore,
) -> None:
    now = 0.0
    asked = Survey(cast("Store", store), lambda: now)
    store.may_go_on.set()

    first, second = await asyncio.gather(asked.stored(), asked.stored())
    now = survey.FRESH_SECONDS - 1
    third = await asked.stored()
    now = survey.FRESH_SECONDS
    last = await asked.stored()

    assert [1, 1, 1, 2] == [stored.issues[Status.NEW] for stored in (first, second, third, last) if stored]


async def test_a_storage_that_takes_long_to_say_what_it_holds_is_asked_less_often(store: BlockedStore) -> None:
    now = 0.0
    asked = Survey(cast("Store", store), lambda: now)
    first = asyncio.create_task(asked.stored())
    await asyncio.sleep(0.1)
    now = 2.0
    store.may_go_on.set()
    await first

    now = 2 + 199
    assert 1 == (await asked.stored() or pytest.fail("nothing")).issues[Status.NEW]
    now = 2 + 200
    assert 2 == (await asked.stored() or pytest.fail("nothing")).issues[Status.NEW]


async def test_a_storage_that_cannot_be_read_leaves_its_metrics_out_and_is_asked_again(store: BlockedStore) -> None:
    asked = Survey(cast("Store", store), lambda: 0.0)
    store.may_go_on.set()
    store.fails = True

    assert None is await asked.stored()
    store.fails = False
    assert None is not await asked.stored()


async def test_a_scrape_does_not_wait_for_a_storage_that_hangs(
    store: BlockedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "PATIENCE_SECONDS", 0.01)
    asked = Survey(cast("Store", store), lambda: 0.0)

    assert [None, None] == [await asked.stored(), await asked.stored()]
    store.may_go_on.set()
    monkeypatch.setattr(survey, "PATIENCE_SECONDS", 10)
    stored = await asked.stored()

    assert stored is not None
    assert {Status.NEW: 1} == stored.issues


def test_requests_that_report_nothing_are_not_counted(counting: Collector) -> None:
    before = scrape(counting)

    assert 404 == counting.client.get(f"/api/v1/issues/{2**60}").status_code
    assert 405 == counting.client.get("/api/v1/logs/report").status_code
    assert 400 == counting.client.put("/api/v1/projects/p", json={"name": 1}).status_code

    assert 0 == (seen := scrape(counting, before)).total(ACCEPTED) + seen.total(REJECTED)


def test_projects_by_the_hundred_do_not_make_labels_by_the_hundred(counting: Collector) -> None:
    before = scrape(counting)
    assert 200 == counting.report_batch([a_report(f"p{number}") for number in range(250)]).status_code

    seen = scrape(counting, before)

    assert 201 == len({sample.labels["project"] for sample in seen.samples(ACCEPTED)})
    assert 50 <= seen.total(ACCEPTED, project="other") < 250 == seen.total(ACCEPTED)
