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
    RefusedError,
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
