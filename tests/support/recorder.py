"""A server that keeps every report that it gets and answers as a collector does."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any

from attrs import field, frozen


@frozen
class Recorder:
    """What arrived: method, headers and body of each request, in order."""

    url: str
    methods: list[str] = field(factory=list)
    paths: list[str] = field(factory=list)
    content_types: list[str] = field(factory=list)
    bodies: list[bytes] = field(factory=list)

    @property
    def reports(self) -> list[dict[str, Any]]:
        """Every report so far; raises ValueError when a body is no JSON."""
        return [json.loads(body) for body in list(self.bodies)]

    def wait_for(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        """Return the reports once there are ``count`` of them; AssertionError when they do not come."""
        until = monotonic() + seconds
        while len(self.bodies) < count and monotonic() < until:
            sleep(0.02)
        assert len(self.bodies) >= count, f"{len(self.bodies)} of {count} reports arrived"
        return self.reports


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.recorder = Recorder(f"http://127.0.0.1:{self.server_port}")


@contextmanager
def recording(status: int = 200) -> Iterator[Recorder]:
    """Run a recorder on a free port; every report is answered with ``status``."""
    server = _Server(status)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_OPTIONS(self) -> None:
        self.server.recorder.methods.append("OPTIONS")
        self._answer(204, b"")

    def do_PUT(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        recorder = self.server.recorder
        recorder.methods.append(self.command)
        recorder.paths.append(self.path)
        recorder.content_types.append(self.headers.get("Content-Type", ""))
        recorder.bodies.append(body)
        self._answer(self.server.status, b'{"message": "Log reported", "id": 1}')

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if origin := self.headers.get("Origin"):
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Credentials", "true")
            self.send_header("Access-Control-Allow-Headers", "content-type")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        del format, args
