"""An httpx transport whose bound is on the whole request.

httpx bounds each read and each write alone, so a server that sends one byte every two seconds would hold a request for
ever. Here every operation on the socket gets what is left of the request's time. Only resolving a host's name is the
operating system's and has no bound.

httpcore is what httpx is made of: httpx requires it and pins its major version, so the SDK does not require it again.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final
from weakref import WeakSet

import httpcore
import httpx

_WRITE_BYTES = 16 * 1024
OPEN: Final[WeakSet["_Stream"]] = WeakSet()
"""The connections of this process: a child that it forks closes its copies, or Python would warn of open sockets."""


class _Deadline(threading.local):
    """When the request that this thread makes must have ended, in seconds of the monotonic clock."""

    at = float("inf")

    def remaining(self) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the request's time is over")
        return min(left, threading.TIMEOUT_MAX)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline
        OPEN.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - ours is stricter
        return self._inner.read(max_bytes, self._deadline.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - ours is stricter
        for start in range(0, len(buffer), _WRITE_BYTES):
            self._inner.write(buffer[start : start + _WRITE_BYTES], self._deadline.remaining())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - ours is stricter
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._inner.start_tls(ssl_context, server_hostname, self._deadline.remaining()),
            self._deadline,
        )

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore has it
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: _Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - ours is stricter
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that takes it; all of them share the time that is left."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in _addresses(host, port):
            left = self._deadline.remaining()
            try:
                inner = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(inner, self._deadline)
        raise failure


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host}: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Body(httpx.SyncByteStream):
    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx_errors():
            yield from self._parts

    def close(self) -> None:
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()


class _as_httpx_errors:  # noqa: N801 - reads as what it does
    """Turns httpcore's errors into the one error of httpx that the caller looks for."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, httpcore.TimeoutException):
            raise httpx.TimeoutException(str(error)) from error
        if isinstance(error, httpcore.NetworkError | httpcore.ProtocolError | httpcore.ProxyError | OSError):
            raise httpx.TransportError(str(error)) from error
        if isinstance(error, httpcore.UnsupportedProtocol | httpcore.ConnectionNotAvailable):
            raise httpx.TransportError(str(error)) from error


class DeadlineTransport(httpx.BaseTransport):
    """Keeps connections alive; each request must end within ``request.extensions["deadline_seconds"]``."""

    def __init__(self, proxy: str | None = None, *, tls: bool) -> None:
        self._deadline = _Deadline()
        # Building a TLS context takes 20 ms, so plain HTTP does without.
        context = httpx.create_ssl_context() if tls or (proxy or "").startswith("https") else None
        settings: dict[str, Any] = {
            "ssl_context": context,
            "keepalive_expiry": 30.0,
            "network_backend": _Backend(self._deadline),
        }
        self._pool = _proxied(proxy, settings) if proxy else httpcore.ConnectionPool(**settings)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises httpx.TransportError."""
        seconds = request.extensions["deadline_seconds"]
        self._deadline.at = time.monotonic() + seconds
        with _as_httpx_errors():
            response = self._pool.handle_request(_httpcore_request(request, seconds))
        assert isinstance(response.stream, Iterable)
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response.stream),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


def _proxied(proxy: str, settings: dict[str, Any]) -> httpcore.ConnectionPool:
    parsed = httpx.Proxy(proxy)
    address = httpcore.URL(
        scheme=parsed.url.raw_scheme,
        host=parsed.url.raw_host,
        port=parsed.url.port,
        target=parsed.url.raw_path,
    )
    context = settings["ssl_context"] if parsed.url.scheme == "https" else None
    return httpcore.HTTPProxy(proxy_url=address, proxy_auth=parsed.raw_auth, proxy_ssl_context=context, **settings)


def _httpcore_request(request: httpx.Request, seconds: float) -> httpcore.Request:
    assert isinstance(request.stream, httpx.SyncByteStream)
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.stream,
        extensions={"timeout": {"pool": seconds}},
    )
