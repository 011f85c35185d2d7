"""What a transport does, and how it fails. Only the standard library is imported: code that runs at exit reads it.

DeliveryError               a report or a change did not get through
 ├─ UnreachableError        no answer: refused, no such host, no answer in time
 ├─ RefusedError            the collector understood and said no; the same again gets the same answer
 │   ├─ TooLargeError       less of it may be taken
 │   └─ DeniedError         the key or the token is missing or wrong; with another one it may be taken
 ├─ UnavailableError        the collector cannot take it now; later it may
 └─ UnexpectedAnswerError   something answered that is no Log Center
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from logcenter_sdk.contract.outcome import Answer
    from logcenter_sdk.contract.problem import FieldError
    from logcenter_sdk.contract.report import Report


class DeliveryError(Exception):
    """A report or a change did not get through. ``status`` is the HTTP status, None where there was no answer."""

    def __init__(self, detail: str, *, status: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status

    def __str__(self) -> str:
        return self.detail if self.status is None else f"{self.status}: {self.detail}"


class UnreachableError(DeliveryError):
    """There was no answer: connection refused, no such host, or none in time."""


class RefusedError(DeliveryError):
    """A 4xx: sending the same again is pointless. ``errors`` names wrong fields."""

    def __init__(self, detail: str, *, status: int, errors: "tuple[FieldError, ...]" = ()) -> None:
        super().__init__(detail, status=status)
        self.errors = errors

    def __str__(self) -> str:
        named = (f"{error.field} {error.message}" for error in self.errors)
        return "; ".join([super().__str__(), *(text for text in named if text not in self.detail)])


class TooLargeError(RefusedError):
    """413: a smaller report, or fewer of them in one batch, may be taken."""


class DeniedError(RefusedError):
    """401 or 403: the key or the token is missing or wrong."""


class UnavailableError(DeliveryError):
    """408, 425, 429 or 5xx: it may be sent again, after ``retry_after_seconds`` where the collector names a time."""

    def __init__(self, detail: str, *, status: int, retry_after_seconds: float | None = None) -> None:
        super().__init__(detail, status=status)
        self.retry_after_seconds = retry_after_seconds


class UnexpectedAnswerError(DeliveryError):
    """A redirect, or a 200 that is no answer: the URL leads to something else than a collector."""


class Transport(Protocol):
    """Carries reports to a collector; may be used from several threads."""

    def send(self, report: "Report", *, timeout_seconds: float | None = None) -> "Answer":
        """Send one report and return its answer. Raises DeliveryError.

        ``timeout_seconds`` bounds this one request instead of the transport's own bound.
        """
        ...

    def send_bodies(
        self, bodies: Sequence[bytes], *, timeout_seconds: float | None = None
    ) -> "list[Answer | DeliveryError]":
        """Send encoded reports in one request and return what became of each, in their order.

        Raises DeliveryError when the request as a whole failed; with one body that is every failure.
        """
        ...

    def put_project(self, project_id: str, changes: Mapping[str, Any], *, timeout_seconds: float | None = None) -> None:
        """Set a project's fields (``name``, ``repo_url``, ``local_path``, ``description``). Raises DeliveryError."""
        ...

    def close(self) -> None:
        """Give the connections back; a later ``send`` opens new ones."""
        ...
