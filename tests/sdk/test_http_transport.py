import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.report import Report, ReportedError
from logcenter_sdk.contract.status import Status
from logcenter_sdk.transports.base import (
    DeliveryError,
    DeniedError,
    RefusedError,
    TooLargeError,
    UnavailableError,
    UnexpectedAnswerError,
    UnreachableError,
)
from logcenter_sdk.transports.http import HttpTransport
from sdk.fake_collector import Behaviour, FakeCollector, dribble, hang, reply

REPORT = Report(
    project_id="shop",
    environment="production",
    level="ERROR",
    error=ReportedError(type="ValueError", message="x", stack_trace=("a", "b")),
    context={"n": None, "deep": [1, {"a": "\ud800"}]},
)

Connect = Callable[..., HttpTransport]


@pytest.fixture
def connect() -> Iterator[Connect]:
    with ExitStack() as opened:

        def open_transport(url: str, **settings: Any) -> HttpTransport:
            return opened.enter_context(closing(HttpTransport(url, **settings)))

        yield open_transport


def test_a_report_is_posted_without_the_fields_that_it_leaves_open(collector: FakeCollector, connect: Connect) -> None:
    answer = connect(collector.url + "/").send(REPORT)

    assert Answer(Outcome.NEW, 7) == answer
    assert [
        {
            "project_id": "shop",
            "environment": "production",
            "level": "ERROR",
            "error": {"type": "ValueError", "message": "x", "stack_trace": ["a", "b"]},
            "context": {"n": None, "deep": [1, {"a": "\ufffd"}]},
        }
    ] == collector.reports


def test_every_answer_of_the_contract_is_read(collector: FakeCollector, connect: Connect) -> None:
    collector.behaviours = [
        reply(200, {"message": "Log deduplicated", "id": 3, "status": "FIXING"}),
        reply(200, {"message": "Regression detected, reopened", "id": 4}),
    ]
    transport = connect(collector.url)

    assert Answer(Outcome.DEDUPLICATED, 3, Status.FIXING) == transport.send(REPORT)
    assert Answer(Outcome.REGRESSION, 4) == transport.send(REPORT)


def test_key_and_token_travel_in_their_headers_and_not_where_there_are_none(
    collector: FakeCollector, connect: Connect
) -> None:
    connect(collector.url, key="k", token="t").send(REPORT)
    connect(collector.url).send(REPORT)

    assert [("k", "Bearer t"), (None, None)] == [
        (request.headers.get("X-Log-Center-Key"), request.headers.get("Authorization"))
        for request in collector.requests
    ]


def test_connections_are_kept_alive_and_opened_again_after_close(collector: FakeCollector, connect: Connect) -> None:
    transport = connect(collector.url)

    for _ in range(3):
        transport.send(REPORT)
    transport.close()
    transport.send(REPORT)

    assert 4 == len(collector.reports)


def test_a_refusal_names_the_wrong_fields(collector: FakeCollector, connect: Connect) -> None:
    errors = [{"field": "level", "message": "must be one of ERROR, WARNING, CRITICAL"}]
    collector.always = reply(400, {"title": "Bad Request", "status": 400, "detail": "wrong", "errors": errors})

    with pytest.raises(RefusedError, match="400: wrong; level must be one of") as caught:
        connect(collector.url).send(REPORT)

    assert 400 == caught.value.status
    assert (FieldError("level", "must be one of ERROR, WARNING, CRITICAL"),) == caught.value.errors


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_a_collector_that_cannot_take_it_now_says_when_to_come_back(
    collector: FakeCollector, connect: Connect, status: int
) -> None:
    collector.always = reply(status, {"title": "later"}, Retry_After="7")

    with pytest.raises(UnavailableError, match="later") as caught:
        connect(collector.url).send(REPORT)

    assert (status, 7.0) == (caught.value.status, caught.value.retry_after_seconds)


def test_a_redirect_is_not_followed(collector: FakeCollector, connect: Connect) -> None:
    collector.always = reply(307, {}, Location=f"{collector.url}/elsewhere")

    with pytest.raises(UnexpectedAnswerError, match="/elsewhere"):
        connect(collector.url).send(REPORT)

    assert 1 == len(collector.requests)


@pytest.mark.parametrize("body", [{"ok": True}, ["x"], "hello", {"message": "Log reported"}])
def test_an_answer_of_something_else_is_told_from_a_collectors(
    collector: FakeCollector, connect: Connect, body: object
) -> None:
    collector.always = reply(200, body)

    with pytest.raises(UnexpectedAnswerError, match="not as Log Center does"):
        connect(collector.url).send(REPORT)


@pytest.mark.parametrize("behaviour", [hang, dribble])
def test_a_request_ends_in_time_whatever_the_server_does(
    collector: FakeCollector, connect: Connect, behaviour: Behaviour
) -> None:
    collector.always = behaviour
    transport = connect(collector.url, timeout_seconds=0.4)

    started = time.monotonic()
    with pytest.raises(UnreachableError, match=r"within 0\.4 s"):
        transport.send(REPORT)

    assert 3 > time.monotonic() - started


def test_one_request_can_have_a_bound_of_its_own(collector: FakeCollector, connect: Connect) -> None:
    collector.always = hang

    with pytest.raises(UnreachableError, match=r"within 0\.2 s"):
        connect(collector.url, timeout_seconds=20).send(REPORT, timeout_seconds=0.2)


def test_nobody_listening_is_unreachable(connect: Connect) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

        with pytest.raises(UnreachableError, match="cannot reach"):
            connect(url).send(REPORT)


def test_what_json_cannot_say_is_a_delivery_error_and_reaches_nobody(
    collector: FakeCollector, connect: Connect
) -> None:
    with pytest.raises(DeliveryError, match="JSON"):
        connect(collector.url).put_project("shop", {"name": float("nan")})

    assert [] == collector.requests


def test_a_project_is_put_at_its_own_path(collector: FakeCollector, connect: Connect) -> None:
    connect(collector.url).put_project("shop", {"name": "Shop", "repo_url": None})

    [request] = collector.requests
    assert ("PUT", "/api/v1/projects/shop", {"name": "Shop", "repo_url": None}) == (
        request.method,
        request.path,
        request.body,
    )


def test_a_proxy_carries_the_request(collector: FakeCollector, connect: Connect) -> None:
    connect("http://collector.invalid:8002", proxy=collector.url).send(REPORT)

    assert ["http://collector.invalid:8002/api/v1/logs/report"] == [request.path for request in collector.requests]


BODIES = [b'{"n":1}', b'{"n":2}', b'{"n":3}']


def test_one_body_takes_the_route_of_reports_and_several_that_of_batches(
    collector: FakeCollector, connect: Connect
) -> None:
    transport = connect(collector.url)

    assert [Answer(Outcome.NEW, 7)] == transport.send_bodies(BODIES[:1])
    assert [Answer(Outcome.NEW, 7)] * 3 == transport.send_bodies(BODIES)
    assert [
        ("/api/v1/logs/report", {"n": 1}),
        ("/api/v1/logs/report/batch", [{"n": 1}, {"n": 2}, {"n": 3}]),
    ] == [(request.path, request.body) for request in collector.requests]


def test_nothing_to_send_asks_nobody(collector: FakeCollector, connect: Connect) -> None:
    assert [] == connect(collector.url).send_bodies([])
    assert [] == collector.requests


def test_each_entry_of_a_batchs_answer_is_an_answer_or_a_failure(collector: FakeCollector, connect: Connect) -> None:
    errors = [{"field": "level", "message": "is missing"}]
    entries: list[tuple[object, type[DeliveryError] | None]] = [
        ({"message": "Log deduplicated", "id": 3, "status": "FIXING"}, None),
        ({"title": "Invalid fields", "status": 400, "detail": "level", "errors": errors}, RefusedError),
        ({"title": "Body too large", "status": 413, "detail": "big"}, TooLargeError),
        ({"title": "Denied", "status": 403, "detail": "no"}, DeniedError),
        ({"title": "Not available now", "status": 503, "detail": "later"}, UnavailableError),
        ({"title": "Too many", "status": 429, "detail": "later"}, UnavailableError),
        ({"hello": 1}, UnexpectedAnswerError),
        ("?", UnexpectedAnswerError),
    ]
    collector.always = reply(200, [entry for entry, _kind in entries], Retry_After="5")

    first, *failures = connect(collector.url).send_bodies([b"{}"] * len(entries))

    assert Answer(Outcome.DEDUPLICATED, 3, Status.FIXING) == first
    assert [kind for _entry, kind in entries[1:]] == [type(failure) for failure in failures]
    assert isinstance(failures[0], RefusedError)
    assert (FieldError("level", "is missing"),) == failures[0].errors
    assert [5.0, 5.0] == [failure.retry_after_seconds for failure in failures if isinstance(failure, UnavailableError)]


@pytest.mark.parametrize("body", [[], [{"message": "Log reported", "id": 1}] * 4, {"message": "Log reported", "id": 1}])
def test_a_batchs_answer_of_another_length_is_none(collector: FakeCollector, connect: Connect, body: object) -> None:
    collector.always = reply(200, body)

    with pytest.raises(UnexpectedAnswerError, match="not as Log Center does"):
        connect(collector.url).send_bodies(BODIES)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RefusedError), (401, DeniedError), (403, DeniedError), (413, TooLargeError), (503, UnavailableError)],
)
@pytest.mark.parametrize("count", [1, 3])
def test_a_request_that_fails_as_a_whole_raises(
    collector: FakeCollector, connect: Connect, count: int, status: int, kind: type[DeliveryError]
) -> None:
    collector.always = reply(status, {"title": "no", "status": status, "detail": "no"})

    with pytest.raises(kind) as caught:
        connect(collector.url).send_bodies(BODIES[:count])

    assert (kind, status) == (type(caught.value), caught.value.status)


def test_what_is_over_a_kilobyte_is_compressed_and_the_rest_is_not(collector: FakeCollector, connect: Connect) -> None:
    transport = connect(collector.url)
    small, large = b'{"a":"%s"}' % (b"x" * 1016), b'{"a":"%s"}' % (b"x" * 1017)

    transport.send_bodies([small])
    transport.send_bodies([large])
    transport.send_bodies([small, small])

    assert [None, "gzip", "gzip"] == [request.headers.get("Content-Encoding") for request in collector.requests]
    assert [1024, 1025] == [len(small), len(large)]
    assert 200 > int(collector.requests[1].headers["Content-Length"])
    assert [{"a": "x" * 1016}, {"a": "x" * 1017}, {"a": "x" * 1016}, {"a": "x" * 1016}] == collector.reports


def test_batches_and_single_reports_share_one_connection(collector: FakeCollector, connect: Connect) -> None:
    transport = connect(collector.url)

    for _ in range(3):
        transport.send_bodies(BODIES)
        transport.send(REPORT)

    assert 1 == len({request.client for request in collector.requests})


@pytest.mark.parametrize("behaviour", [hang, dribble])
def test_a_batch_ends_in_time_whatever_the_server_does(
    collector: FakeCollector, connect: Connect, behaviour: Behaviour
) -> None:
    collector.always = behaviour

    with pytest.raises(UnreachableError, match=r"within 0\.4 s"):
        connect(collector.url, timeout_seconds=20).send_bodies(BODIES, timeout_seconds=0.4)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("1e9", 3600.0), ("-5", 0.0), ("inf", 3600.0), ("nan", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
)
def test_a_time_to_come_back_is_a_number_within_an_hour_or_none(
    collector: FakeCollector, connect: Connect, header: str, seconds: float | None
) -> None:
    collector.always = reply(503, {"title": "later"}, Retry_After=header)

    with pytest.raises(UnavailableError) as caught:
        connect(collector.url).send_bodies(BODIES)

    assert seconds == caught.value.retry_after_seconds
