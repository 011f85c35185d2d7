import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.util import FileWrapper, setup_testing_defaults

import httpx
import pytest

import logcenter_sdk
from logcenter_sdk.integrations.wsgi import LogCenterMiddleware
from sdk.fake_collector import FakeCollector

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Closing:
    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"chunk"

    def close(self) -> None:
        self.closed += 1
        if self.failure is not None:
            raise self.failure


def request(app: Application, **environ: Any) -> tuple[list[tuple[Any, ...]], Iterable[bytes]]:
    """Call an application as a server does; return how it started its answers, and the body."""
    setup_testing_defaults(environ)
    started: list[tuple[Any, ...]] = []
    return started, app(environ, lambda *answer: started.append(answer))


def answering(body: Iterable[bytes]) -> Application:
    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return body

    return app


def test_an_error_of_the_application_is_one_report_and_the_very_same_exception_goes_on(
    installed: FakeCollector,
) -> None:
    error = ValueError("the one")

    def app(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        raise error

    with pytest.raises(ValueError, match="the one") as caught:
        request(
            LogCenterMiddleware(LogCenterMiddleware(app)),
            SCRIPT_NAME="/shop",
            PATH_INFO="/\u00c3\u00a4",
            QUERY_STRING="page=2&token=hush",
            HTTP_COOKIE="session=hush",
        )

    assert (error, None, False) == (caught.value, error.__cause__, error.__suppress_context__)
    assert logcenter_sdk.flush(10)
    assert [{"url": "/shop/ä?page=2&token=[masked]", "method": "GET"}] == [
        report["context"] for report in installed.reports
    ]


def test_an_error_while_the_body_is_sent_is_reported(installed: FakeCollector) -> None:
    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"first"
        raise ValueError("in the body")

    _started, body = request(LogCenterMiddleware(app))
    chunks = iter(body)

    assert b"first" == next(chunks)
    with pytest.raises(ValueError, match="in the body"):
        next(chunks)
    assert logcenter_sdk.flush(10)
    assert ["in the body"] == [report["error"]["message"] for report in installed.reports]


def test_an_error_while_the_body_is_closed_is_reported(installed: FakeCollector) -> None:
    _started, body = request(LogCenterMiddleware(answering(Closing(ValueError("at the end")))))

    with pytest.raises(ValueError, match="at the end"):
        body.close()  # type: ignore[attr-defined] # as servers do

    assert logcenter_sdk.flush(10)
    assert ["at the end"] == [report["error"]["message"] for report in installed.reports]


def test_a_body_arrives_whole_and_is_closed_once() -> None:
    body = Closing()

    _started, actual = request(LogCenterMiddleware(answering(body)))

    assert [b"chunk"] == list(actual)
    actual.close()  # type: ignore[attr-defined] # as servers do
    assert 1 == body.closed


def test_a_generator_is_closed_as_without_us() -> None:
    closed: list[str] = []

    def generate() -> Iterator[bytes]:
        try:
            yield b"first"
        finally:
            closed.append("closed")

    _started, body = request(LogCenterMiddleware(answering(generate())))
    next(iter(body))
    body.close()  # type: ignore[attr-defined] # as servers do

    assert ["closed"] == closed


@pytest.mark.parametrize("body", [[b"x"], (b"x",), FileWrapper(BytesIO(b"x"))])
def test_what_is_there_already_reaches_the_server_as_it_is(body: Iterable[bytes]) -> None:
    environ = {"wsgi.file_wrapper": FileWrapper}

    assert body is request(LogCenterMiddleware(answering(body)), **environ)[1]


def failing_answer(status: str) -> Application:
    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        try:
            int("three")
        except ValueError:
            start_response(status, [], sys.exc_info())
        return [b"sorry"]

    return app


@pytest.mark.parametrize(("status", "count"), [("500 Internal Server Error", 1), ("400 Bad Request", 0)])
def test_an_error_that_the_application_answers_itself_is_reported_when_the_server_is_at_fault(
    installed: FakeCollector, status: str, count: int
) -> None:
    started, body = request(LogCenterMiddleware(failing_answer(status)))

    assert (status, ValueError, [b"sorry"]) == (started[0][0], started[0][2][0], body)
    assert logcenter_sdk.flush(10)
    assert count == len(installed.reports)


def test_without_an_exception_the_server_is_told_of_none() -> None:
    started, _body = request(LogCenterMiddleware(answering([])))

    assert [("200 OK", [])] == started


class Hostile:
    def __getattribute__(self, name: str) -> Any:
        raise SystemExit(name)


def test_a_request_that_cannot_be_read_does_not_cost_the_report(installed: FakeCollector) -> None:
    def app(_environ: dict[str, Any], _start_response: Any) -> list[bytes]:
        raise ValueError("the one")

    names = ("PATH_INFO", "QUERY_STRING", "REQUEST_METHOD")
    with pytest.raises(ValueError, match="the one"):
        LogCenterMiddleware(app)({name: Hostile() for name in names}, print)

    assert logcenter_sdk.flush(10)
    assert ["the one"] == [report["error"]["message"] for report in installed.reports]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        pass


def test_a_real_server_answers_as_before(installed: FakeCollector) -> None:
    with make_server("127.0.0.1", 0, LogCenterMiddleware(failing_answer("500 Sorry")), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        response = httpx.get(f"http://127.0.0.1:{server.server_port}/x", trust_env=False)
        thread.join(10)

    assert (500, "sorry", "5") == (response.status_code, response.text, response.headers["content-length"])
    assert logcenter_sdk.flush(10)
    assert ["/x"] == [report["context"]["url"] for report in installed.reports]
