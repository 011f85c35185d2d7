"""Reports over HTTP. httpx and cattrs are imported with the first request, so a healthy process never pays for them."""

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.report import Report
from logcenter_sdk.transports.base import (
    DeliveryError,
    DeniedError,
    RefusedError,
    TooLargeError,
    UnavailableError,
    UnexpectedAnswerError,
    UnreachableError,
)

if TYPE_CHECKING:
    import httpx

REPORT_PATH: Final = "/api/v1/logs/report"
BATCH_PATH: Final = "/api/v1/logs/report/batch"
PROJECT_PATH: Final = "/api/v1/projects/"
KEY_HEADER: Final = "X-Log-Center-Key"

_PASSING: Final = frozenset({408, 425, 429})
"""4xx that say "not now" instead of "no"."""
_REFUSALS: Final[Mapping[int, type[RefusedError]]] = {401: DeniedError, 403: DeniedError, 413: TooLargeError}
_PLAIN_BYTES: Final = 1024
"""Up to here a body travels as it is: it fits into one packet anyhow."""
_LONGEST_ANSWER: Final = 8 * 1024 * 1024
"""What a batch may answer at most: 500 problems with all their wrong fields."""
_LONGEST_WAIT_SECONDS: Final = 3600.0


def import_ahead() -> None:
    """Import now what the first request brings otherwise: a busy machine takes a second, and no clock runs yet."""
    # The last is what resolving a host's name imports.
    for module in ("logcenter_sdk.transports.bodies", "logcenter_sdk.transports.deadline", "encodings.idna"):
        import_module(module)


class HttpTransport:
    """Sends to one collector, over connections that are kept alive.

    ``timeout_seconds`` bounds a whole request, whatever the server does. Redirects are not followed: they would turn a
    report into a GET, or carry the key to another host.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        token: str | None = None,
        timeout_seconds: float = 3.0,
        proxy: str | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Content-Type": "application/json", "User-Agent": "logcenter-sdk"}
        if key:
            self._headers[KEY_HEADER] = key
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._timeout_seconds = timeout_seconds
        self._proxy = proxy
        self._opening = Lock()
        self._client: httpx.Client | None = None

    def send(self, report: Report, *, timeout_seconds: float | None = None) -> Answer:
        """Send one report and return its answer. Raises DeliveryError."""
        from logcenter_sdk.transports.bodies import body_of  # noqa: PLC0415 - brings cattrs

        return self._send_one(body_of(report), timeout_seconds)

    def send_bodies(
        self, bodies: Sequence[bytes], *, timeout_seconds: float | None = None
    ) -> list[Answer | DeliveryError]:
        """Send encoded reports in one request: one to the route of reports, several to that of batches."""
        if not bodies:
            return []
        if len(bodies) == 1:
            return [self._send_one(bodies[0], timeout_seconds)]
        reply = self._request("POST", BATCH_PATH, b"[" + b",".join(bodies) + b"]", timeout_seconds)
        if not isinstance(reply.body, list) or len(reply.body) != len(bodies):
            raise self._unexpected(reply.status)
        return [self._result(reply, entry) for entry in reply.body]

    def put_project(self, project_id: str, changes: Mapping[str, Any], *, timeout_seconds: float | None = None) -> None:
        """Set a project's fields. Raises DeliveryError."""
        from logcenter_sdk.transports.bodies import written  # noqa: PLC0415 - brings cattrs

        path = PROJECT_PATH + quote(project_id, safe="")
        reply = self._request("PUT", path, written(changes), timeout_seconds)
        if not isinstance(reply.body, dict) or reply.body.get("project_id") != project_id:
            raise self._unexpected(reply.status)

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _send_one(self, body: bytes, timeout_seconds: float | None) -> Answer:
        from logcenter_sdk.wire import read_answer  # noqa: PLC0415 - brings cattrs

        reply = self._request("POST", REPORT_PATH, body, timeout_seconds)
        try:
            return read_answer(reply.body)
        except ValueError:
            raise self._unexpected(reply.status) from None

    def _result(self, reply: "_Reply", entry: object) -> Answer | DeliveryError:
        """Return what an entry of a batch's answer says: an answer, or the problem in its place."""
        from logcenter_sdk.wire import read_answer  # noqa: PLC0415 - brings cattrs

        if isinstance(entry, dict) and isinstance(entry.get("status"), int):
            return _failure(entry["status"], reply.headers, entry, self._url)
        try:
            return read_answer(entry)
        except ValueError:
            return self._unexpected(reply.status)

    def _unexpected(self, status: int) -> UnexpectedAnswerError:
        return UnexpectedAnswerError(f"{self._url} answered, but not as Log Center does", status=status)

    def _request(self, method: str, path: str, body: bytes, timeout_seconds: float | None) -> "_Reply":
        """Send a request and return a good answer. Raises DeliveryError for every other."""
        import httpx  # noqa: PLC0415 - 100 ms that a healthy process never pays

        seconds = self._timeout_seconds if timeout_seconds is None else timeout_seconds
        try:
            reply = self._exchange(method, path, body, seconds)
        except httpx.TimeoutException:
            raise UnreachableError(f"no answer from {self._url} within {seconds:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnreachableError(f"cannot reach {self._url}: {str(error) or type(error).__name__}") from None
        if reply.status not in {200, 201}:
            raise _failure(reply.status, reply.headers, reply.body, self._url)
        return reply

    def _exchange(self, method: str, path: str, body: bytes, seconds: float) -> "_Reply":
        content, encoding = _packed(body)
        request = self._open().build_request(
            method,
            self._url + path,
            content=content,
            headers=self._headers | encoding,
            extensions={"deadline_seconds": seconds},
        )
        response = self._open().send(request, stream=True)
        try:
            return _Reply(response.status_code, response.headers, _decode(_read(response)))
        finally:
            response.close()

    def _open(self) -> "httpx.Client":
        with self._opening:
            if self._client is None:
                import httpx  # noqa: PLC0415 - see above

                from logcenter_sdk.transports.deadline import DeadlineTransport  # noqa: PLC0415 - brings httpx

                transport = DeadlineTransport(self._proxy, tls=self._url.startswith("https:"))
                self._client = httpx.Client(transport=transport, trust_env=False, follow_redirects=False)
            return self._client


class _Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: object


def _packed(body: bytes) -> tuple[bytes, dict[str, str]]:
    """Return a body as it travels, with the header that says so. Level 1 takes half the time of 6 for a tenth more."""
    if len(body) <= _PLAIN_BYTES:
        return body, {}
    return gzip.compress(body, 1, mtime=0), {"Content-Encoding": "gzip"}


def _read(response: "httpx.Response") -> bytes:
    content = bytearray()
    for part in response.iter_bytes():
        content += part
        if len(content) > _LONGEST_ANSWER:
            break
    return bytes(content)


def _decode(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _failure(status: int, headers: Mapping[str, str], body: object, url: str) -> DeliveryError:
    """Return what an answer that is not good means."""
    problem = body if isinstance(body, dict) else {}
    detail = str(problem.get("detail") or problem.get("title") or "no reason given")
    if status in _PASSING or status >= 500:  # noqa: PLR2004 - 5xx
        return UnavailableError(detail, status=status, retry_after_seconds=_seconds(headers.get("Retry-After")))
    if status >= 400:  # noqa: PLR2004 - 4xx
        from logcenter_sdk.wire import read_field_errors  # noqa: PLC0415 - brings cattrs

        return _REFUSALS.get(status, RefusedError)(detail, status=status, errors=read_field_errors(problem))
    leads_to = f", which leads to {headers['Location']}" if "Location" in headers else ""
    return UnexpectedAnswerError(f"{url} is not the collector's own address{leads_to}", status=status)


def _seconds(retry_after: str | None) -> float | None:
    """Return the waiting time of a Retry-After header; a date, which the collector never sends, counts as absent."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)
