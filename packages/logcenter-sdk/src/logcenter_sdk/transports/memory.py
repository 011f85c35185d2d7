"""A transport that keeps everything in lists: for tests."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.report import Report

if TYPE_CHECKING:
    from logcenter_sdk.transports.base import DeliveryError


class MemoryTransport:
    """Keeps what it is given. While ``failure`` is set, every call raises it instead."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.projects: list[tuple[str, dict[str, Any]]] = []
        self.failure: DeliveryError | None = None
        self.closed = False

    def send(self, report: Report, *, timeout_seconds: float | None = None) -> Answer:  # noqa: ARG002 - takes no time
        """Keep the report and answer that it is new."""
        self._fail()
        self.reports.append(report)
        return Answer(Outcome.NEW, len(self.reports))

    def put_project(
        self,
        project_id: str,
        changes: Mapping[str, Any],
        *,
        timeout_seconds: float | None = None,  # noqa: ARG002 - takes no time
    ) -> None:
        """Keep the changes."""
        self._fail()
        self.projects.append((project_id, dict(changes)))

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
