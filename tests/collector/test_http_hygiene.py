"""What every answer of both ports says of itself and does not say of us, whatever was asked."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen

from logcenter_collector.app import utc_now
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.web.rules import API_RULES, DASHBOARD_RULES, Rules
from logcenter_collector.web.ui.app import create_dashboard
from logcenter_collector.web.ui.front import open_front
from support.collector import Collector
from support.doors import open_door
from support.raw import ask
from support.sending import a_report, fresh_project
from support.served import dispatch_of, served

REPORT = "/api/v1/logs/report"
PORTS = ["api_url", "dashboard_url"]


def routes_of(rules: Rules) -> list[tuple[str, str]]:
    """Return method and address of every route, with something in the place of each parameter."""
    named = [rule.split(" ") for rule in rules]  # as many as there are routes, or no collector would start
    more = {(method, path) for _, path in named for method in ("HEAD", "OPTIONS")}
    return sorted((method, re.sub(r"\{[^}]+\}", "1", path)) for method, path in {*map(tuple, named), *more})


API, DASHBOARD = routes_of(API_RULES), routes_of(DASHBOARD_RULES)
EVERY_ROUTE = [("api_url", *route) for route in API] + [("dashboard_url", *route) for route in DASHBOARD]
ODD_ONES = [
    (port, method, path)
    for port in PORTS
    for method, path in [("GET", "/nothing"), ("DELETE", "/"), ("TRACE", "/"), ("GET", "/issues/x"), ("GET", "/%00")]
]


def _as_read(headers: httpx.Headers) -> list[tuple[str, str]]:
    """Return the headers of an answer whose body is unpacked already."""
    return [(name, value) for name, value in headers.multi_items() if name.lower() != "content-encoding"]


@frozen
class Place:
    """A collector that has an issue and assets to show."""

    collector: Collector
    client: httpx.Client

    def ask(self, port: str, method: str, path: str, **request: Any) -> httpx.Response:
        url = getattr(self.collector, port) + path
        with self.client.stream(method, url, **request) as response:
            is_endless = response.headers.get("content-type", "").startswith("text/event-stream")
            body = next(response.iter_raw()) if is_endless else response.read()
        return httpx.Response(response.status_code, headers=_as_read(response.headers), content=body)


@pytest.fixture(scope="module")
def place(shared_collector: Collector) -> Iterator[Place]:
    shared_collector.report(a_report(fresh_project(), stack_trace=["ValueError: no such user"]))
    with httpx.Client(timeout=30, trust_env=False) as client:
        yield Place(shared_collector, client)


def is_of_reports(path: str) -> bool:
    return path.startswith(REPORT)


@pytest.mark.parametrize(("port", "method", "path"), EVERY_ROUTE + ODD_ONES)
def test_every_answer_tells_the_browser_what_it_may_be_used_for(
    place: Place, port: str, method: str, path: str
) -> None:
    headers = place.ask(port, method, path).headers

    assert ["nosniff"] == headers.get_list("x-content-type-options")
    assert is_of_reports(path) or "default-src 'none'" in headers["content-security-policy"]
    assert is_of_reports(path) or "frame-ancestors 'none'" in headers["content-security-policy"]
    assert is_of_reports(path) or {"no-referrer", "same-origin"} >= {headers["referrer-policy"]}


@pytest.mark.parametrize(("port", "method", "path"), EVERY_ROUTE + ODD_ONES)
def test_no_answer_names_what_serves_it(place: Place, port: str, method: str, path: str) -> None:
    answer = place.ask(port, method, path)

    assert not {"server", "x-powered-by", "via"} & answer.headers.keys()
    assert not [word for word in ("Traceback", 'File "', "site-packages") if word in answer.text]


@pytest.mark.parametrize(("port", "method", "path"), EVERY_ROUTE + ODD_ONES)
def test_every_answer_with_a_body_says_of_what_type_it_is(place: Place, port: str, method: str, path: str) -> None:
    answer = place.ask(port, method, path)

    media_type = answer.headers.get("content-type", "")
    assert not answer.content or media_type
    assert not media_type.startswith("text/html") or "charset=utf-8" in media_type


@pytest.mark.parametrize(("port", "path"), [(port, path) for port, method, path in EVERY_ROUTE if method == "GET"])
def test_what_somebody_reads_is_kept_by_no_shared_cache(place: Place, port: str, path: str) -> None:
    answer = place.ask(port, "GET", path)

    if "/static/" not in path and "/assets/" not in path:
        assert {"no-store", "no-cache"} & set(answer.headers["cache-control"].split(", "))


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "PATCH", "BREW"])
def test_a_method_that_nothing_needs_is_not_answered(place: Place, port: str, method: str) -> None:
    path = "/api/v1/issues" if port == "api_url" else "/"
    answer = ask(
        getattr(place.collector, port),
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Secret: do not say it back\r\n\r\n".encode(),
    )

    assert answer is not None
    assert answer.status in {400, 405}
    assert b"do not say it back" not in answer.body


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
def test_a_connection_becomes_nothing_else_than_http_1(place: Place, port: str, upgrade: str) -> None:
    path = "/healthz" if port == "api_url" else "/"
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: {upgrade}\r\n"
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

    answer = ask(getattr(place.collector, port), (head + key).encode())

    assert answer is not None
    assert 200 == answer.status


BUG = "the password is 1234"


class Broken(SqlStore):
    """A store with a bug."""

    def issues(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError(BUG)


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Broken]:
    with closing(Broken(f"sqlite:///{tmp_path / 'logs.db'}")) as store:
        yield store


def assert_shows_nothing(answer: httpx.Response) -> None:
    assert 500 == answer.status_code
    assert BUG not in answer.text
    assert "RuntimeError" not in answer.text


async def test_a_bug_shows_nothing_of_itself_on_the_api(broken: Broken) -> None:
    async with served(broken) as client:
        answer = await client.get("/api/v1/issues")

    assert_shows_nothing(answer)
    assert {"title", "status", "detail"} == answer.json().keys()


async def test_a_bug_shows_nothing_of_itself_on_the_dashboard(broken: Broken) -> None:
    front = open_front(open_door(broken), utc_now)
    dispatch = dispatch_of(broken, utc_now)
    dashboard: Any = create_dashboard(broken, dispatch, front=front, api_url="", clock=utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(dashboard), base_url="http://localhost") as client:
        answer = await client.get("/")

    assert_shows_nothing(answer)


@pytest.fixture(scope="module")
def behind_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the dashboard of a collector that people reach through a proxy."""
    said = tmp_path_factory.mktemp("tls") / "said.log"
    with socket.create_server(("127.0.0.1", 0)) as free:  # it announces where people find it, and not its port
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "logcenter_collector", "serve", "--port", "0", "--dashboard-port", str(port)]
    command += ["--database-url", f"sqlite:///{said.parent / 'logs.db'}", "--public-url", "https://logs.example"]
    with said.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT) as process:
        try:
            deadline = time.monotonic() + 30
            while "dashboard https://logs.example" not in said.read_text():
                assert process.poll() is None, said.read_text()
                assert time.monotonic() < deadline, said.read_text()
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.mark.parametrize("path", ["/", "/nothing", "/static/style.css"])
def test_where_people_come_by_https_browsers_keep_to_it_for_a_year(behind_tls: str, path: str) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(retries=5), base_url=behind_tls, trust_env=False) as client:
        answer = client.get(path)

    assert "max-age=31536000" == answer.headers["strict-transport-security"]


@pytest.mark.parametrize("port", PORTS)
def test_where_nothing_speaks_https_browsers_are_not_sent_there(place: Place, port: str) -> None:
    assert "strict-transport-security" not in place.ask(port, "GET", "/").headers
