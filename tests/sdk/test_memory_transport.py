from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given

from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.report import Report, ReportedError
from logcenter_sdk.encoded import Encoded
from logcenter_sdk.transports.base import DeliveryError, RefusedError, UnreachableError
from logcenter_sdk.transports.memory import MemoryTransport
from logcenter_sdk.wire import encode
from support.reports import reports

REPORT = Report(
    project_id="shop",
    environment="test",
    level="ERROR",
    error=ReportedError(type="ValueError", message="x", stack_trace=("a",)),
    timestamp=datetime(2026, 2, 20, tzinfo=UTC).isoformat(),
)


def test_reports_are_those_that_the_wire_would_carry() -> None:
    transport = MemoryTransport()

    transport.send(evolve(REPORT, environment="a\ud800\x00", context={"at": (1, 2)}))

    assert [evolve(REPORT, environment="a\ufffd\ufffd", context={"at": [1, 2]})] == transport.reports


def test_a_batch_is_answered_one_by_one_and_what_is_wrong_is_not_kept() -> None:
    transport = MemoryTransport()
    good = encode(REPORT).body

    results = transport.send_bodies([good, b'{"project_id": "shop"}', b"no json", good])

    assert [Answer(Outcome.NEW, 1), 400, 400, Answer(Outcome.NEW, 2)] == [
        result.status if isinstance(result, DeliveryError) else result for result in results
    ]
    assert ([REPORT, REPORT], [4]) == (transport.reports, transport.requests)


def test_nothing_to_send_is_no_request() -> None:
    transport = MemoryTransport()

    assert ([], []) == (transport.send_bodies([]), transport.requests)


def test_one_wrong_report_is_refused_as_a_collector_does() -> None:
    with pytest.raises(RefusedError, match="is missing"):
        MemoryTransport().send_bodies([b"{}"])


def test_while_it_fails_nothing_is_kept() -> None:
    transport = MemoryTransport()
    transport.failure = UnreachableError("refused")

    with pytest.raises(UnreachableError, match="refused"):
        transport.send_bodies([encode(REPORT).body] * 2)
    with pytest.raises(UnreachableError, match="refused"):
        transport.send(REPORT)

    assert ([], []) == (transport.reports, transport.requests)


def test_what_json_cannot_say_is_a_delivery_error() -> None:
    with pytest.raises(DeliveryError, match="JSON"):
        MemoryTransport().send(evolve(REPORT, context={"n": float("nan")}))


def test_an_encoded_report_stands_for_its_occurrences() -> None:
    assert (1, 40) == (encode(REPORT).occurrences, encode(evolve(REPORT, occurrences=40)).occurrences)


@given(reports())
def test_every_report_can_be_encoded_and_is_read_back(report: Report) -> None:
    encoded = encode(report)
    transport = MemoryTransport()

    transport.send_bodies([encoded.body])

    assert encoded == Encoded(report.occurrences or 1, encode(transport.reports[0]).body)
