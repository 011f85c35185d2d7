"""A transport that keeps everything in lists: for tests."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from logcenter_sdk.contract.outcome import Answer, Outcome
from logcenter_sdk.contract.reading import InvalidFieldsError, read
from logcenter_sdk.contract.report import Report
from logcenter_sdk.transports.base import DeliveryError, RefusedError
from logcenter_sdk.transports.bodies import body_of


class MemoryTransport:
    """Keeps what it is given, read back from the bytes that would travel.

    While ``failure`` is set, every call raises it instead. ``requests`` says how many reports came with each request.
    """

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.requests: list[int] = []
        self.projects: list[tuple[str, dict[str, Any]]] = []
        self.failure: DeliveryError | None = None
        self.closed = False

    def send(self, report: Report, *, timeout_seconds: float | None = None) -> Answer:
        """Keep the report and answer that it is new. Raises DeliveryError where it cannot be written as JSON."""
        [answer] = self.send_bodies([body_of(report)], timeout_seconds=timeout_seconds)
        assert isinstance(answer, Answer)
        return answer

    def send_bodies(
        self,
        bodies: Sequence[bytes],
        *,
        timeout_seconds: float | None = None,  # noqa: ARG002 - takes no time
    ) -> list[Answer | DeliveryError]:
        """Keep the reports that are right, and answer as a collector does."""
        if not bodies:
            return []
        self._fail()
        self.requests.append(len(bodies))
        results = [self._keep(body) for body in bodies]
        if len(results) == 1 and isinstance(results[0], DeliveryError):
            raise results[0]
        return results

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

    def _keep(self, body: bytes) -> Answer | DeliveryError:
        try:
            self.reports.append(read(Report, json.loads(body)))
        except InvalidFieldsError as error:
            return RefusedError(str(error), status=400, errors=error.errors)
        except ValueError as error:
            return RefusedError(f"The body is not JSON: {error}", status=400)
        return Answer(Outcome.NEW, len(self.reports))
