"""A real HTTP server that stands in for the collector: it records requests and answers as it is told."""

import gzip
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    client: tuple[str, int]


Behaviour = Callable[[BaseHTTPRequestHandler, Request], None]


def reply(status: int, body: object, **headers: str) -> Behaviour:
    def behave(handler: BaseHTTPRequestHandler, _request: Request) -> None:
        content = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return behave


def hang(handler: BaseHTTPRequestHandler, _request: Request) -> None:
    collector: FakeCollector = handler.server.collector  # type: ignore[attr-defined] # ours, set below
    collector.ended.wait(30)
    handler.close_connection = True


def dribble(handler: BaseHTTPRequestHandler, _request: Request) -> None:
    """Send a header that never ends, one byte at a time, faster than any timeout of a single read."""
    collector: FakeCollector = handler.server.collector  # type: ignore[attr-defined] # ours, set below
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not collector.ended.wait(0.05):
        try:
            handler.wfile.write(b"x")
        except OSError:
            return


class FakeCollector:
    """Records what it is sent. ``behaviours`` are used up one per request; after them it answers as a collector."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.behaviours: list[Behaviour] = []
        self.always: Behaviour | None = None
        self.ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._server.daemon_threads = True
        self._server.collector = self  # type: ignore[attr-defined] # the handler finds its way back
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def reports(self) -> list[dict[str, Any]]:
        """Every report, of whichever route."""
        return [report for request in self.requests for report in _reports_of(request)]

    def answer(self, path: str, behaviour: Behaviour) -> None:
        """Behave like that on one path from now on."""

        def behave(handler: BaseHTTPRequestHandler, request: Request) -> None:
            (behaviour if request.path == path else _as_a_collector)(handler, request)

        self.always = behave

    def wait_for(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        deadline = time.monotonic() + seconds
        while len(self.reports) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.reports

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _reports_of(request: Request) -> list[dict[str, Any]]:
    match request.path:
        case "/api/v1/logs/report":
            return [request.body]
        case "/api/v1/logs/report/batch":
            return list(request.body)
        case _:
            return []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        collector: FakeCollector = self.server.collector  # type: ignore[attr-defined] # ours
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        request = Request(
            self.command, self.path, dict(self.headers), json.loads(content or b"null"), self.client_address
        )
        collector.requests.append(request)
        behave = collector.behaviours.pop(0) if collector.behaviours else collector.always or _as_a_collector
        behave(self, request)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        pass


def _as_a_collector(handler: BaseHTTPRequestHandler, request: Request) -> None:
    if request.method == "GET":
        reply(200, _SAID[request.path])(handler, request)
    elif request.method == "PUT":
        reply(200, {"project_id": request.path.rpartition("/")[2], **request.body})(handler, request)
    elif request.path.endswith("/batch"):
        reply(200, [_REPORTED] * len(request.body))(handler, request)
    else:
        reply(200, _REPORTED)(handler, request)


_REPORTED = {"message": "Log reported", "id": 7}
_SAID = {"/healthz": {"status": "ok"}, "/readyz": {"status": "ready"}, "/openapi.json": {"info": {"version": "1.2.3"}}}
