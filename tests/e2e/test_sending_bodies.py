"""What the SDK's transport sends, taken by a real collector."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve

from logcenter_sdk.contract.limits import REPORT_BYTES
from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.report import Report, ReportedError
from logcenter_sdk.retry import Fate, fate_of
from logcenter_sdk.shrink import shrunk
from logcenter_sdk.transports.base import DeliveryError, RefusedError, TooLargeError
from logcenter_sdk.transports.http import HttpTransport
from logcenter_sdk.wire import encode, to_bytes, to_wire
from support.collector import Collector


@pytest.fixture
def transport(shared_collector: Collector) -> Iterator[HttpTransport]:
    with closing(HttpTransport(shared_collector.api_url, timeout_seconds=30)) as opened:
        yield opened


@pytest.fixture
def make() -> Callable[..., Report]:
    """Make reports of a project of their own; the line tells them apart."""
    project_id = f"sdk-{uuid4()}"

    def report(line: int, **changes: Any) -> Report:
        error = ReportedError(
            type="ValueError", message="x", stack_trace=("a", "b"), file_path="shop/cart.py", line_number=line
        )
        return evolve(
            Report(project_id=project_id, environment="test", level="ERROR", error=error, event_id=str(uuid4())),
            **changes,
        )

    return report


def bodies(*reports: Report) -> list[bytes]:
    return [encode(report).body for report in reports]


def test_one_bad_report_takes_nothing_from_the_others(
    shared_collector: Collector, transport: HttpTransport, make: Callable[..., Report]
) -> None:
    good, same, other = make(1), make(1), make(2)

    results = transport.send_bodies([*bodies(good), b'{"project_id": "shop"}', *bodies(same, other)])

    assert [Outcome.NEW, RefusedError, Outcome.DEDUPLICATED, Outcome.NEW] == [
        result.outcome if isinstance(result, Answer) else type(result) for result in results
    ]
    refusal = results[1]
    assert isinstance(refusal, RefusedError)
    assert {"environment", "level", "error"} == {error.field for error in refusal.errors}
    assert {1: 2, 2: 1} == {
        issue["error"]["line_number"]: issue["occurrence_count"]
        for issue in shared_collector.issues(project_id=good.project_id)
    }


def test_a_batch_that_is_sent_again_counts_once(
    shared_collector: Collector, transport: HttpTransport, make: Callable[..., Report]
) -> None:
    batch = [make(line, occurrences=10) for line in range(20)]

    for _ in range(3):
        transport.send_bodies(bodies(*batch))
    transport.send(batch[0])

    counts = [issue["occurrence_count"] for issue in shared_collector.issues(project_id=batch[0].project_id, limit=50)]
    assert [10] * 20 == counts


@pytest.mark.parametrize("count", [1, 2])
def test_a_large_report_arrives_compressed_and_whole(
    shared_collector: Collector, transport: HttpTransport, make: Callable[..., Report], count: int
) -> None:
    reports = [make(line, context={"text": "déjà vu " * 2_000}) for line in range(count)]

    results = transport.send_bodies(bodies(*reports))

    answers = [result for result in results if isinstance(result, Answer)]
    assert [reports[0].context] * count == [shared_collector.issue(answer.issue_id)["context"] for answer in answers]


def test_a_report_that_is_too_large_is_taken_after_it_was_shrunk(
    transport: HttpTransport, make: Callable[..., Report]
) -> None:
    report = make(1, context={"text": "x" * REPORT_BYTES})
    wire = to_wire(report)

    with pytest.raises(TooLargeError):
        transport.send(report)

    for step in range(20):
        smaller = shrunk(wire, step)
        assert smaller is not None
        try:
            [result] = transport.send_bodies([to_bytes(smaller)])
        except TooLargeError:
            continue
        break
    assert isinstance(result, Answer)
    assert Outcome.NEW is result.outcome
    assert Outcome.DEDUPLICATED is transport.send(evolve(report, context=None, event_id=None)).outcome


def test_in_a_batch_only_the_report_that_is_too_large_is_refused(
    transport: HttpTransport, make: Callable[..., Report]
) -> None:
    small, large = make(1), make(2, context={"text": "x" * REPORT_BYTES})

    results = transport.send_bodies(bodies(small, large, small))

    assert [Fate.DELIVERED, Fate.SHRINK, Fate.DELIVERED] == [fate_of(result) for result in results]


def test_too_many_reports_are_refused_as_a_whole(transport: HttpTransport, make: Callable[..., Report]) -> None:
    with pytest.raises(TooLargeError, match="500"):
        transport.send_bodies(bodies(make(1)) * 501)


def test_where_nothing_listens_nothing_is_said_about_any_report(make: Callable[..., Report]) -> None:
    with closing(HttpTransport("http://127.0.0.1:9")) as transport, pytest.raises(DeliveryError) as caught:
        transport.send_bodies(bodies(make(1), make(2)))

    assert Fate.KEEP is fate_of(caught.value)
