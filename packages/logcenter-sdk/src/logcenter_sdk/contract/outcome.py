"""What the collector answers to a report. A 200 is a promise: the report is committed to storage."""

from enum import StrEnum
from typing import Any

from attrs import frozen

from logcenter_sdk.contract.status import Status


class Outcome(StrEnum):
    """What a report did to its issue; the text is the answer's ``message``."""

    NEW = "Log reported"
    DEDUPLICATED = "Log deduplicated"
    REGRESSION = "Regression detected, reopened"


@frozen
class Answer:
    """The answer to one committed report."""

    outcome: Outcome
    issue_id: int
    status: Status = Status.NEW
    """The issue's status after the report."""

    def to_wire(self) -> dict[str, Any]:
        """Return exactly the keys that the contract gives for this outcome."""
        wire: dict[str, Any] = {"message": self.outcome.value, "id": self.issue_id}
        if self.outcome is Outcome.DEDUPLICATED:
            wire["status"] = self.status.value
        return wire
