"""Ask a collector one thing, and tell in plain words why there was no answer."""

import errno
import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import httpcore
import httpx

from logcenter_sdk.config import Config
from logcenter_sdk.release import without_credentials
from logcenter_sdk.transports.deadline import DeadlineTransport
from logcenter_sdk.transports.http import KEY_HEADER

E = TypeVar("E", bound=BaseException)

_LONGEST_ANSWER: Final = 4 * 1024 * 1024
_PROXY_WANTS_A_PASSWORD: Final = 407


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: Any
    """As JSON; None where it is none."""
    asked_at: float
    seconds: float


class NoAnswerError(Exception):
    """There was no answer, or none of the collector's; ``advice`` says what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class Asking:
    """A connection to the collector of a configuration."""

    def __init__(self, config: Config) -> None:
        self._config = config
        transport = DeadlineTransport(config.proxy, tls=config.url.startswith("https:"))
        self._client = httpx.Client(transport=transport, trust_env=False, follow_redirects=False)

    def ask(self, method: str, path: str, content: bytes | None = None) -> Answer:
        """Return the answer, be it good or bad. Raises NoAnswerError."""
        asked_at, began = time.time(), time.monotonic()
        try:
            response = self._send(method, path, content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise explained(error, self._config) from error
        if response.status_code == _PROXY_WANTS_A_PASSWORD:
            raise _proxy_denies(self._config)
        return Answer(response.status_code, response.headers, _json_of(response), asked_at, time.monotonic() - began)

    def _send(self, method: str, path: str, content: bytes | None) -> httpx.Response:
        deadline = {"deadline_seconds": self._config.timeout_seconds}
        return self._client.request(
            method, self._config.url + path, content=content, headers=_headers(self._config), extensions=deadline
        )

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()


def _headers(config: Config) -> dict[str, str]:
    headers = {"User-Agent": "logcenter-sdk", "Content-Type": "application/json"}
    if config.key:
        headers[KEY_HEADER] = config.key
    if config.token:
        headers["Authorization"] = f"Bearer {config.token}"
    return headers


def _json_of(response: httpx.Response) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(response.content[:_LONGEST_ANSWER])
    except (ValueError, RecursionError):
        return None


def explained(error: BaseException, config: Config) -> NoAnswerError:
    """Return why there was no answer: what lies deepest in the chain of errors says it best."""
    chain = tuple(_chain(error))
    if config.proxy and (_first(chain, httpcore.ProxyError) or _is_no_connection(chain)):
        return _proxy_fails(chain, config)
    parts = httpx.URL(config.url)
    return _of_connection(chain, parts.host, config.url) or _of_conversation(chain, config)


def _of_connection(chain: tuple[BaseException, ...], host: str, url: str) -> NoAnswerError | None:
    """Return what is wrong with name, port, way or certificate."""
    if unknown := _first(chain, socket.gaierror):
        return _of_name(unknown, host)
    if _first(chain, ConnectionRefusedError):
        advice = "start the collector, or correct host and port; in a container, localhost is the container itself"
        return NoAnswerError(f"nobody listens at {url} (connection refused)", advice)
    if untrusted := _first(chain, ssl.SSLCertVerificationError):
        advice = "name the file of your own authority in SSL_CERT_FILE, or correct the host's name or this clock"
        return NoAnswerError(f"the certificate of {host} is not trusted: {untrusted.verify_message}", advice)
    if failed := _first(chain, ssl.SSLError):
        advice = "does the port speak TLS? If not, the address begins with http://"
        return NoAnswerError(f"no TLS with {host}: {failed.reason or failed}", advice)
    if any(_errno(each) in {errno.ENETUNREACH, errno.EHOSTUNREACH} for each in chain):
        return NoAnswerError(f"no route to {host}", "check network, VPN and firewall of this machine")
    return None


def _of_name(error: socket.gaierror, host: str) -> NoAnswerError:
    if error.errno == socket.EAI_AGAIN:
        advice = "check the network of this machine, its VPN and its name servers (/etc/resolv.conf)"
        return NoAnswerError(f"nobody answers what address {host} has (DNS)", advice)
    advice = "check the spelling of the address, and whether this machine (or container, or VPN) knows that name"
    return NoAnswerError(f"the name {host} is not known (DNS)", advice)


def _of_conversation(chain: tuple[BaseException, ...], config: Config) -> NoAnswerError:
    if _first(chain, httpx.TimeoutException):
        advice = "a firewall may swallow it, a proxy may be missing, or the collector hangs: look at its log"
        return NoAnswerError(f"no answer from {config.url} within {config.timeout_seconds:g} s", advice)
    advice = "is this the API of a collector (port 8002), and is http:// or https:// right?"
    return NoAnswerError(f"what answers at {config.url} does not speak HTTP: {chain[-1]}", advice)


def _proxy_fails(chain: tuple[BaseException, ...], config: Config) -> NoAnswerError:
    proxy = without_credentials(config.proxy or "")
    if (refusal := _first(chain, httpcore.ProxyError)) is not None:
        if str(_PROXY_WANTS_A_PASSWORD) in str(refusal):
            return _proxy_denies(config)
        return NoAnswerError(f"the proxy {proxy} does not let it through: {refusal}", _PROXY_ADVICE)
    why = _of_connection(chain, httpx.URL(config.proxy or "").host, proxy)
    reason = f": {why.reason}" if why else ""
    return NoAnswerError(f"the proxy {proxy} cannot be reached{reason}", _PROXY_ADVICE)


_PROXY_ADVICE: Final = "correct http_proxy or https_proxy, or name the collector's host in no_proxy"


def _proxy_denies(config: Config) -> NoAnswerError:
    proxy = without_credentials(config.proxy or "")
    return NoAnswerError(f"the proxy {proxy} wants another user or password", _PROXY_ADVICE)


def _is_no_connection(chain: tuple[BaseException, ...]) -> bool:
    return _first(chain, httpcore.ConnectError) is not None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _first(chain: tuple[BaseException, ...], kind: type[E]) -> E | None:
    return next((each for each in chain if isinstance(each, kind)), None)


def _errno(error: BaseException) -> int | None:
    return error.errno if isinstance(error, OSError) else None
