"""The one way out for messages: to checked addresses only, in bounded time, with a bounded answer.

A name is resolved once, and the connection goes to the very address that was checked, so a name that changes its
address between the two gains nothing. Redirects are not followed, and no proxy of the environment is used.
"""

import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from ssl import SSLContext
from time import monotonic
from typing import Any, Final, TypeVar

import httpcore
import httpx
from attrs import Factory, frozen

from logcenter_collector.domain.alarms.addresses import AddressPolicy

SECONDS: Final = 15.0
ANSWER_BYTES: Final = 64 * 1024
_ADDRESSES: Final = 3
"""How many addresses of one name are tried."""

Resolve = Callable[[str, int], Iterable[str]]
T = TypeVar("T")


class UnreachableError(Exception):
    """Nothing was sent. ``permanent``: trying again is useless until somebody changes a setting."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class UnansweredError(Exception):
    """It was sent, at least in part, and no whole answer came: the receiver may have it."""


@frozen(kw_only=True)
class Answer:
    """What a receiver answered; names of headers are in lower case, the body is cut at ``ANSWER_BYTES``."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the system knows them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@frozen(kw_only=True)
class Network:
    """The way out, with what it may reach."""

    policy: AddressPolicy = Factory(AddressPolicy)
    resolve: Resolve = addresses_of
    tls: SSLContext = Factory(httpx.create_ssl_context)
    """Whose certificates are trusted; by default certifi's, or those of SSL_CERT_FILE."""
    seconds: float = SECONDS
    """For all of it: the name, the connection, the request and the answer."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body and return the answer, whatever its status. Raises UnreachableError and UnansweredError."""
        request = _request(url, body, headers)
        with httpcore.ConnectionPool(ssl_context=self.tls, network_backend=_Door(self), retries=0) as pool:
            try:
                with closing(pool.handle_request(request)) as response:
                    return _answer(response)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                raise UnreachableError(f"no connection to {_host(request)}: {_why(error)}") from None
            except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
                raise UnansweredError(f"{_host(request)} did not answer: {_why(error)}") from None


def _request(url: str, body: bytes, headers: Mapping[str, str]) -> httpcore.Request:
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise UnreachableError(f"the address is none: {error}", permanent=True) from None
    if target.scheme not in {"http", "https"} or not target.host:
        raise UnreachableError("the address must begin with http:// or https://", permanent=True)
    sent = {"Host": target.netloc.decode(), "Connection": "close", "Accept-Encoding": "identity", **headers}
    return httpcore.Request(
        "POST",
        httpcore.URL(scheme=target.scheme, host=target.raw_host, port=target.port, target=target.raw_path),
        headers=[*sent.items(), ("Content-Length", str(len(body)))],
        content=body,
    )


def _answer(response: httpcore.Response) -> Answer:
    body = b""
    for part in response.iter_stream():
        body += part
        if len(body) >= ANSWER_BYTES:
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    return Answer(status=response.status, headers=headers, body=body[:ANSWER_BYTES])


def _host(request: httpcore.Request) -> str:
    return request.url.host.decode()


def _why(error: Exception) -> str:
    return "it took too long" if isinstance(error, httpcore.TimeoutException) else str(error) or type(error).__name__


class _Door(httpcore.NetworkBackend):
    """Connects to checked addresses, and gives connections that end in time."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._until = monotonic() + network.seconds
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - one bound for everything
        local_address: str | None = None,
        socket_options: Any = None,  # noqa: ANN401 - as httpcore has it
    ) -> httpcore.NetworkStream:
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._checked(host, port)[:_ADDRESSES]:
            try:
                left = _left(self._until, httpcore.ConnectTimeout)
                stream = self._backend.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Bounded(stream, self._until)
        raise failure or httpcore.ConnectError("the name has no address")

    def _checked(self, host: str, port: int) -> list[str]:
        """Return those addresses of a name that may be connected to."""
        left = _left(self._until, httpcore.ConnectTimeout)
        try:
            found = _within(left, lambda: list(self._network.resolve(host, port)))
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name is not found ({error})") from None
        refusals = {address: self._network.policy.refusal(address) for address in found}
        if found and all(refusals.values()):
            address, kind = next(iter(refusals.items()))
            raise UnreachableError(
                f"{host} is at {address}, which is {kind}; whoever runs the collector may allow it", permanent=True
            )
        return [address for address, kind in refusals.items() if kind is None]


class _Bounded(httpcore.NetworkStream):
    """A connection that ends at a moment, however slowly the other side speaks."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - one bound for everything
        return self._stream.read(max_bytes, _left(self._until, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        self._stream.write(buffer, _left(self._until, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        left = _left(self._until, httpcore.ConnectTimeout)
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore has it
        return self._stream.get_extra_info(info)


def _left(until: float, error: type[httpcore.TimeoutException]) -> float:
    left = until - monotonic()
    if left <= 0:
        raise error
    return left


def _within(seconds: float, call: Callable[[], T]) -> T:
    """Return what a call returns, or raise what it raises; ConnectError when it takes longer.

    The system's resolver knows no bound. It is left to a thread that nobody waits for.
    """
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="alarm-name")
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise httpcore.ConnectError("its name took too long")
    return results[0]
