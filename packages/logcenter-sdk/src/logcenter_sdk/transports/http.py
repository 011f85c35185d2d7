"""Reports over HTTP. httpx and cattrs are imported with the first request, so a healthy process never pays for them."""

import json
from collections.abc import Mapping
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.report import Report
from logcenter_sdk.transports.base import (
    DeliveryError,
    RefusedError,
    UnavailableError,
    UnexpectedAnswerError,
    UnreachableError,
)

if TYPE_CHECKING:
    import httpx

REPORT_PATH: Final = "/api/v1/logs/report"
PROJECT_PATH: Final = "/api/v1/projects/"
KEY_HEADER: Final = "X-Log-Center-Key"

_PASSING: Final = frozenset({408, 425, 429})
"""4xx that say "not now" instead of "no"."""
_LONGEST_ANSWER: Final = 1024 * 1024
_LONGEST_WAIT_SECONDS: Final = 3600.0


def import_ahead() -> None:
    """Import now what the first request brings otherwise: a busy machine takes a second, and no clock runs yet."""
    for module in ("logcenter_sdk.wire", "logcenter_sdk.transports.deadline"):
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
        from logcenter_sdk import wire  # noqa: PLC0415 - brings cattrs

        status, body = self._request("POST", REPORT_PATH, wire.to_wire(report), timeout_seconds)
        try:
            return wire.read_answer(body)
        except ValueError:
            raise UnexpectedAnswerError(f"{self._url} answered, but not as Log Center does", status=status) from None

    def put_project(self, project_id: str, changes: Mapping[str, Any], *, timeout_seconds: float | None = None) -> None:
        """Set a project's fields. Raises DeliveryError."""
        status, body = self._request("PUT", PROJECT_PATH + quote(project_id, safe=""), changes, timeout_seconds)
        if not isinstance(body, dict) or body.get("project_id") != project_id:
            raise UnexpectedAnswerError(f"{self._url} answered, but not as Log Center does", status=status)

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _request(
        self, method: str, path: str, body: Mapping[str, Any], timeout_seconds: float | None
    ) -> tuple[int, object]:
        import httpx  # noqa: PLC0415 - 100 ms that a healthy process never pays

        from logcenter_sdk.wire import to_bytes  # noqa: PLC0415 - brings cattrs

        seconds = self._timeout_seconds if timeout_seconds is None else timeout_seconds
        try:
            content = to_bytes(body)
        except (TypeError, ValueError) as error:
            raise DeliveryError(f"it cannot be written as JSON: {error}") from None
        request = self._open().build_request(
            method,
            self._url + path,
            content=content,
            headers=self._headers,
            extensions={"deadline_seconds": seconds},
        )
        try:
            response = self._open().send(request, stream=True)
            try:
                answer = _read(response)
            finally:
                response.close()
        except httpx.TimeoutException:
            raise UnreachableError(f"no answer from {self._url} within {seconds:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnreachableError(f"cannot reach {self._url}: {str(error) or type(error).__name__}") from None
        return response.status_code, _accept(response.status_code, response.headers, _decode(answer), self._url)

    def _open(self) -> "httpx.Client":
        with self._opening:
            if self._client is None:
                import httpx  # noqa: PLC0415 - see above

                from logcenter_sdk.transports.deadline import DeadlineTransport  # noqa: PLC0415 - brings httpx

                transport = DeadlineTransport(self._proxy, tls=self._url.startswith("https:"))
                self._client = httpx.Client(transport=transport, trust_env=False, follow_redirects=False)
            return self._client


def _read(response: "httpx.Response") -> bytes:
    content = b""
    for part in response.iter_bytes():
        content += part
        if len(content) > _LONGEST_ANSWER:
            break
    return content


def _decode(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _accept(status: int, headers: Mapping[str, str], body: object, url: str) -> object:
    """Return the body of a good answer. Raises DeliveryError for every other."""
    if status in {200, 201}:
        return body
    problem = body if isinstance(body, dict) else {}
    detail = str(problem.get("detail") or problem.get("title") or "no reason given")
    if status in _PASSING or status >= 500:  # noqa: PLR2004 - 5xx
        raise UnavailableError(detail, status=status, retry_after_seconds=_seconds(headers.get("Retry-After")))
    if status >= 400:  # noqa: PLR2004 - 4xx
        from logcenter_sdk.wire import read_field_errors  # noqa: PLC0415 - brings cattrs

        raise RefusedError(detail, status=status, errors=read_field_errors(problem))
    leads_to = f", which leads to {headers['Location']}" if "Location" in headers else ""
    raise UnexpectedAnswerError(f"{url} is not the collector's own address{leads_to}", status=status)


def _seconds(retry_after: str | None) -> float | None:
    """Return the waiting time of a Retry-After header; a date, which the collector never sends, counts as absent."""
    try:
        return min(max(float(retry_after or ""), 0.0), _LONGEST_WAIT_SECONDS)
    except ValueError:
        return None
