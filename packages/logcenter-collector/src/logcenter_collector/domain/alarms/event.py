"""What happened to an issue that people may want to be told of, with the facts that a message shows."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import Factory, frozen

from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status


class Trigger(StrEnum):
    """What a rule waits for."""

    NEW_ISSUE = "new_issue"
    REGRESSION = "regression"
    RATE = "rate"
    STATUS = "status"


@frozen(kw_only=True)
class IssueFacts:
    """An issue as it was when the event happened."""

    issue_id: int
    project_id: str
    project_name: str
    source: Source
    level: Level
    status: Status
    environment: str
    version: str | None = None
    error_type: str
    message: str
    place: str | None = None
    """The first application frame as ``file:line``; a pipeline's ``job/step``, a cluster's ``namespace/deployment``."""
    occurrence_count: int
    regression_count: int
    first_seen: datetime
    last_seen: datetime


@frozen(kw_only=True)
class AlarmEvent:
    """One reason to tell people of an issue.

    ``detail`` holds what only its trigger has: of RATE ``occurrences`` and ``minutes`` (so many in so many), of STATUS
    ``from`` (the status before) and ``actor``; the status that was reached is the facts' own.
    """

    trigger: Trigger
    facts: IssueFacts
    at: datetime
    detail: Mapping[str, str | int] = Factory(dict)
