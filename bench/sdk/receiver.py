"""The other side of all SDKs: one HTTP server on 127.0.0.1 that answers each as its own would, or fails as it is told.

It keeps bodies as they came and reads them when it is asked, so that it takes little of the machine meanwhile.
"""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal

from attrs import frozen

from arrivals import BATCH, HONEYBADGER, OTLP, Arrival, plain_bytes, read

Mode = Literal["ok", "429", "500", "hang", "refused", "committed"]
"""``hang`` reads and never answers, ``refused`` does not listen, ``committed`` keeps the events but never answers."""

MODES: Final[tuple[Mode, ...]] = ("ok", "429", "500", "hang", "refused", "committed")
_KEPT: Final = frozenset({"ok", "committed"})
_SILENT: Final = frozenset({"hang", "committed"})
_FAILURES: Final = {"429": b"429 Too Many Requests\r\nRetry-After: 1", "500": b"500 Internal Server Error"}


@frozen
class Request:
    """A request that was kept."""

    at: float
    path: str
    encoding: str
    body: bytes

    def arrivals(self) -> list[Arrival]:
        """Return its events."""
        return read(self.path, self.encoding, self.body)


class Receiver:
    """The server, in a thread of its own."""

    def __init__(self, *, keep: bool = True) -> None:
        self._keep = keep
        self.requests: list[Request] = []
        self.answered = 0
        self.unreadable = 0
        self._torn = 0
        self._loop = asyncio.new_event_loop()
        self._mode: Mode = "ok"
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Transport] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self._run(self._listen())

    @property
    def url(self) -> str:
        """Where it listens, or will again."""
        return f"http://127.0.0.1:{self.port}"

    def arrivals(self) -> list[Arrival]:
        """Return all events that were kept so far, in order, and count the requests that hold none to be read."""
        found: list[Arrival] = []
        self.unreadable = self._torn
        for request in tuple(self.requests):
            try:
                found += request.arrivals()
            except ValueError:
                self.unreadable += 1
        return found

    def become(self, mode: Mode) -> None:
        """Work or fail from now on; who waits for an answer that will not come is cut off."""
        self._run(self._become(mode))

    def stop(self) -> None:
        """End the server and its thread."""
        self.become("refused")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Any) -> None:  # noqa: ANN401 - a coroutine of nothing
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            lambda: _Connection(self), "127.0.0.1", self.port, backlog=1_024, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _become(self, mode: Mode) -> None:
        was, self._mode = self._mode, mode
        if was in _SILENT or mode == "refused":
            for transport in tuple(self._open):
                transport.abort()
        if mode == "refused" and self._server is not None:
            self._server.close()
            self._server = None
        if mode != "refused" and self._server is None:
            await self._listen()

    def torn(self) -> None:
        """Count something that is not even HTTP."""
        self._torn += 1

    def opened(self, transport: asyncio.Transport) -> None:
        """Remember a connection."""
        self._open.add(transport)

    def closed(self, transport: asyncio.Transport) -> None:
        """Forget a connection."""
        self._open.discard(transport)

    def answer(self, path: str, encoding: str, body: bytes) -> bytes | None:
        """Keep a request if this is a time to keep them, and return its answer, None for none."""
        self.answered += self._mode == "ok"
        if self._mode in _KEPT and self._keep:
            self.requests.append(Request(time.monotonic(), path, encoding, body))
        if self._mode in _SILENT:
            return None
        failure = _FAILURES.get(self._mode)
        return _good(path, encoding, body) if failure is None else _response(failure, b"{}")


@contextmanager
def receiver(*, keep: bool = True) -> Iterator[Receiver]:
    """Run a receiver, which keeps what it gets unless that would be too much."""
    running = Receiver(keep=keep)
    try:
        yield running
    finally:
        running.stop()


class _Connection(asyncio.Protocol):
    """HTTP/1.1 as far as the SDKs speak it: requests one after the other, with a length."""

    def __init__(self, owner: Receiver) -> None:
        self._owner = owner
        self._read = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._owner.opened(transport)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._transport is not None:
            self._owner.closed(self._transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        assert self._transport is not None
        try:
            self._answer_all(self._transport)
        except (ValueError, IndexError):
            # Two processes that share a connection after a fork write into each other's requests.
            self._owner.torn()
            self._transport.abort()

    def _answer_all(self, transport: asyncio.Transport) -> None:
        while (request := split(self._read)) is not None:
            path, headers, body, self._read = request
            answer = self._owner.answer(path, headers.get("content-encoding", ""), body)
            if answer is None:
                return
            transport.write(answer)
            if headers.get("connection", "").lower() == "close":
                transport.close()


def split(received: bytes) -> tuple[str, dict[str, str], bytes, bytes] | None:
    """Return the path, headers and body of the first request and what follows it; None while it is not complete."""
    head, found, rest = received.partition(b"\r\n\r\n")
    if not found:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    size = int(headers.get("content-length", 0))
    if len(rest) < size:
        return None
    return first.split(" ")[1], headers, rest[:size], rest[size:]


def _good(path: str, encoding: str, body: bytes) -> bytes:
    one = {"message": "Log deduplicated", "id": 1, "status": "NEW"}
    if path.startswith(OTLP):
        return _response(b"200 OK", b"", b"application/x-protobuf")
    if path.startswith(HONEYBADGER):
        return _response(b"201 Created", b'{"id": "1"}')
    if path == BATCH:
        return _response(b"200 OK", json.dumps([one] * len(json.loads(plain_bytes(encoding, body)))).encode())
    return _response(b"200 OK", json.dumps(one).encode())


def _response(status: bytes, body: bytes, kind: bytes = b"application/json") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (status, kind, len(body), body)
